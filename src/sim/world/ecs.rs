//! ECS: clusters, services, deployments and tasks.
use std::collections::VecDeque;

use super::{Tag, Time};

/// How many service events AWS keeps.
pub const EVENTS_KEPT: usize = 100;

/// Everything that the ECS API knows.
#[derive(Debug, Clone, Default)]
pub struct Ecs {
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// The services of all clusters.
    pub services: Vec<Service>,
    /// Every task definition revision, oldest first.
    pub task_definitions: Vec<TaskDefinition>,
}

impl Ecs {
    /// The cluster with this name or ARN. AWS takes either everywhere.
    pub fn cluster(&self, name_or_arn: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|each| each.name == name_or_arn || each.arn == name_or_arn)
    }

    /// The service of a cluster with this name or ARN.
    pub fn service(&self, cluster_arn: &str, name_or_arn: &str) -> Option<&Service> {
        self.services.iter().find(|each| {
            each.cluster_arn == cluster_arn && (each.name == name_or_arn || each.arn == name_or_arn)
        })
    }

    /// The index in `services` of the service of a cluster with this name or ARN.
    pub fn service_index(&self, cluster_arn: &str, name_or_arn: &str) -> Option<usize> {
        self.services.iter().position(|each| {
            each.cluster_arn == cluster_arn && (each.name == name_or_arn || each.arn == name_or_arn)
        })
    }

    /// The task definition named by ARN, `family:revision`, or `family` alone (its newest revision).
    pub fn task_definition(&self, name: &str) -> Option<&TaskDefinition> {
        self.task_definitions.iter().rev().find(|each| {
            each.arn == name || each.family == name || name == format!("{}:{}", each.family, each.revision)
        })
    }

    /// The tasks of every service, running and recently stopped.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.services.iter().flat_map(|each| &each.tasks)
    }
}

/// A cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE`.
    pub status: &'static str,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// `enabled`, `enhanced` or `disabled`.
    pub container_insights: &'static str,
    /// e.g. `FARGATE`, `FARGATE_SPOT`.
    pub capacity_providers: Vec<&'static str>,
}

/// One revision of a task definition (one container each).
#[derive(Debug, Clone)]
pub struct TaskDefinition {
    /// Its ARN.
    pub arn: String,
    /// Its family.
    pub family: String,
    /// Its revision, from 1.
    pub revision: u32,
    /// CPU units (1024 = 1 vCPU).
    pub cpu: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// The role that pulls the image and reads the secrets.
    pub execution_role_arn: String,
    /// The role of the application.
    pub task_role_arn: String,
    /// The container.
    pub container: ContainerDefinition,
    /// When it was registered.
    pub registered_at: Time,
    /// Who registered it.
    pub registered_by: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl TaskDefinition {
    /// `family:revision`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }
}

/// A container of a task definition.
#[derive(Debug, Clone)]
pub struct ContainerDefinition {
    /// Its name.
    pub name: String,
    /// The image with its tag.
    pub image: String,
    /// The port it listens on (tcp).
    pub port: u16,
    /// Plain environment variables: name, value.
    pub environment: Vec<(String, String)>,
    /// Secrets: name of the variable, ARN it comes from.
    pub secrets: Vec<(String, String)>,
    /// The log group of the `awslogs` driver.
    pub log_group: String,
    /// The stream prefix of the `awslogs` driver.
    pub log_prefix: String,
    /// Seconds between SIGTERM and SIGKILL.
    pub stop_timeout: u32,
}

/// A service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its ARN (long form).
    pub arn: String,
    /// Its cluster.
    pub cluster_arn: String,
    /// `ACTIVE`.
    pub status: &'static str,
    /// How many tasks are wanted.
    pub desired_count: u32,
    /// The ARN of the current task definition.
    pub task_definition: String,
    /// Where its tasks are registered.
    pub load_balancer: ServiceLoadBalancer,
    /// Its subnets and groups.
    pub network: ServiceNetwork,
    /// How it rolls.
    pub configuration: DeploymentConfiguration,
    /// Seconds for which health checks cannot stop a new task.
    pub health_check_grace_seconds: u32,
    /// The service-linked role.
    pub role_arn: String,
    /// When it was created.
    pub created_at: Time,
    /// Who created it.
    pub created_by: String,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The deployments that `DescribeServices` lists: the PRIMARY one first.
    pub deployments: Vec<Deployment>,
    /// Its events, newest first, at most [`EVENTS_KEPT`].
    pub events: VecDeque<ServiceEvent>,
    /// Its tasks, oldest first; stopped ones stay for about an hour.
    pub tasks: Vec<Task>,
    /// What `ListServiceDeployments` lists, newest first.
    pub service_deployments: Vec<ServiceDeployment>,
    /// Its service revisions, oldest first.
    pub revisions: Vec<ServiceRevision>,
    /// The scheduler's own memory.
    pub scheduler: SchedulerState,
}

impl Service {
    /// Tasks whose last status is RUNNING.
    pub fn running_count(&self) -> u32 {
        count(self.tasks.iter().filter(|each| each.is_running()))
    }

    /// Tasks on their way to RUNNING.
    pub fn pending_count(&self) -> u32 {
        count(self.tasks.iter().filter(|each| each.is_pending()))
    }

    /// The tasks that a deployment started.
    pub fn tasks_of<'a>(&'a self, deployment: &'a str) -> impl Iterator<Item = &'a Task> {
        self.tasks.iter().filter(move |each| each.started_by == deployment)
    }

    /// Running tasks of one deployment (`ecs-svc/…`).
    pub fn running_of(&self, deployment: &str) -> u32 {
        count(self.tasks_of(deployment).filter(|each| each.is_running()))
    }

    /// Pending tasks of one deployment (`ecs-svc/…`).
    pub fn pending_of(&self, deployment: &str) -> u32 {
        count(self.tasks_of(deployment).filter(|each| each.is_pending()))
    }

    /// The PRIMARY deployment.
    pub fn primary(&self) -> Option<&Deployment> {
        self.deployments.first()
    }

    /// The revision with this ARN.
    pub fn revision(&self, arn: &str) -> Option<&ServiceRevision> {
        self.revisions.iter().find(|each| each.arn == arn)
    }
}

fn count<'a>(tasks: impl Iterator<Item = &'a Task>) -> u32 {
    u32::try_from(tasks.count()).unwrap_or(u32::MAX)
}

/// Where a service registers its tasks.
#[derive(Debug, Clone)]
pub struct ServiceLoadBalancer {
    /// The target group.
    pub target_group_arn: String,
    /// The container.
    pub container_name: String,
    /// Its port.
    pub container_port: u16,
}

/// A service's `awsvpcConfiguration`. Public addresses are never assigned.
#[derive(Debug, Clone)]
pub struct ServiceNetwork {
    /// Subnet ids, one per zone.
    pub subnets: Vec<String>,
    /// Security group ids.
    pub security_groups: Vec<String>,
}

/// A service's `deploymentConfiguration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeploymentConfiguration {
    /// Healthy tasks to keep, in percent of the desired count, rounded up.
    pub minimum_healthy_percent: u32,
    /// Tasks allowed, in percent of the desired count, rounded down.
    pub maximum_percent: u32,
    /// Whether the circuit breaker is on.
    pub breaker: bool,
    /// Whether the circuit breaker rolls back.
    pub rollback: bool,
}

/// One entry of a service's `deployments[]`.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// `ecs-svc/` and 19 digits.
    pub id: String,
    /// PRIMARY or ACTIVE.
    pub status: DeploymentStatus,
    /// The ARN of its task definition.
    pub task_definition: String,
    /// The tasks it should have.
    pub desired_count: u32,
    /// Consecutive tasks that failed.
    pub failed_tasks: u32,
    /// Where its rollout stands.
    pub rollout_state: RolloutState,
    /// Why, in AWS's words.
    pub rollout_state_reason: String,
    /// When it was created.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// The service revision that it rolls out.
    pub revision_arn: String,
    /// The service deployment that it belongs to.
    pub service_deployment_arn: String,
}

/// `deployments[].status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentStatus {
    /// The newest.
    Primary,
    /// An older one whose tasks still run.
    Active,
}

impl DeploymentStatus {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Active => "ACTIVE",
        }
    }
}

/// `deployments[].rolloutState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolloutState {
    /// Rolling.
    InProgress,
    /// Every new task runs and is healthy; every old one is gone.
    Completed,
    /// The circuit breaker gave it up.
    Failed,
}

impl RolloutState {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

/// A service event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEvent {
    /// A UUID.
    pub id: String,
    /// When.
    pub created_at: Time,
    /// What, in AWS's words.
    pub message: String,
}

/// What `DescribeServiceDeployments` shows.
#[derive(Debug, Clone)]
pub struct ServiceDeployment {
    /// `arn:aws:ecs:…:service-deployment/CLUSTER/SERVICE/ID`.
    pub arn: String,
    /// When it was asked for.
    pub created_at: Time,
    /// When it began.
    pub started_at: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// When it was stopped, if it was.
    pub stopped_at: Option<Time>,
    /// When it last changed.
    pub updated_at: Time,
    /// Where it stands.
    pub status: ServiceDeploymentStatus,
    /// Why, in AWS's words.
    pub status_reason: Option<String>,
    /// The stage it is in.
    pub lifecycle_stage: &'static str,
    /// The revision it rolls out.
    pub target_revision: String,
    /// The revisions it replaces.
    pub source_revisions: Vec<String>,
    /// The rollback, if there is one.
    pub rollback: Option<Rollback>,
    /// The circuit breaker's view.
    pub breaker: Breaker,
    /// The configuration it runs under.
    pub configuration: DeploymentConfiguration,
}

/// A service deployment's rollback.
#[derive(Debug, Clone)]
pub struct Rollback {
    /// Why.
    pub reason: String,
    /// When it began.
    pub started_at: Time,
    /// The revision it returns to.
    pub revision_arn: String,
}

/// `deploymentCircuitBreaker` of a service deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// `TRIGGERED`, `MONITORING`, `MONITORING_COMPLETE` or `DISABLED`.
    pub status: &'static str,
    /// Failures so far.
    pub failure_count: u32,
    /// Failures at which it triggers.
    pub threshold: u32,
}

/// `serviceDeployments[].status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceDeploymentStatus {
    /// Rolling.
    InProgress,
    /// Done.
    Successful,
    /// A newer one took over.
    Stopped,
    /// Rolling back.
    RollbackInProgress,
    /// Rolled back.
    RollbackSuccessful,
    /// The circuit breaker triggered, and rollback is off.
    RollbackFailed,
}

impl ServiceDeploymentStatus {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::Stopped => "STOPPED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }
}

/// What `DescribeServiceRevisions` shows (the rest equals the service's own fields).
#[derive(Debug, Clone)]
pub struct ServiceRevision {
    /// `arn:aws:ecs:…:service-revision/CLUSTER/SERVICE/ID`.
    pub arn: String,
    /// The ARN of its task definition.
    pub task_definition: String,
    /// The container's name.
    pub container_name: String,
    /// The image with its tag.
    pub image: String,
    /// The digest that the tag meant when the revision was created.
    pub image_digest: String,
    /// When it was created.
    pub created_at: Time,
}

/// The life of a task, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskStatus {
    /// The network interface is made.
    Provisioning,
    /// The image is pulled.
    Pending,
    /// The target is registered.
    Activating,
    /// It runs.
    Running,
    /// Its target drains.
    Deactivating,
    /// Its container is stopped.
    Stopping,
    /// Its network interface is given back.
    Deprovisioning,
    /// It is gone; it stays listed for about an hour.
    Stopped,
}

impl TaskStatus {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }

    /// The status of the task's network interface attachment at this point.
    pub const fn attachment(self) -> &'static str {
        match self {
            Self::Provisioning => "PRECREATED",
            Self::Stopped => "DELETED",
            _ => "ATTACHED",
        }
    }
}

/// A task: one container on Fargate.
#[derive(Debug, Clone)]
pub struct Task {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its cluster.
    pub cluster_arn: String,
    /// The ARN of its task definition.
    pub task_definition_arn: String,
    /// `family:revision`'s family.
    pub family: String,
    /// `service:NAME`.
    pub group: String,
    /// The deployment that started it, `ecs-svc/…`.
    pub started_by: String,
    /// Where its life stands.
    pub last_status: TaskStatus,
    /// Where the scheduler wants it: RUNNING or STOPPED.
    pub desired_status: TaskStatus,
    /// Its zone.
    pub zone: String,
    /// Its subnet.
    pub subnet_id: String,
    /// The id of its network interface attachment (a UUID).
    pub attachment_id: String,
    /// Its network interface, `eni-…`.
    pub eni_id: String,
    /// Its MAC address.
    pub mac_address: String,
    /// Its private address; DNS names follow from it.
    pub private_ip: String,
    /// CPU units.
    pub cpu: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// Its container.
    pub container: Container,
    /// When it was created.
    pub created_at: Time,
    /// When the image pull began.
    pub pull_started_at: Option<Time>,
    /// When the image pull ended.
    pub pull_stopped_at: Option<Time>,
    /// When it became RUNNING.
    pub started_at: Option<Time>,
    /// When stopping was decided.
    pub stopping_at: Option<Time>,
    /// When the container exited.
    pub execution_stopped_at: Option<Time>,
    /// When it became STOPPED.
    pub stopped_at: Option<Time>,
    /// e.g. `ServiceSchedulerInitiated`.
    pub stop_code: Option<&'static str>,
    /// Why it was stopped, in AWS's words.
    pub stopped_reason: Option<String>,
    /// Rises with every change.
    pub version: u64,
    /// When the present status gives way to the next, if time alone decides.
    pub next_at: Option<Time>,
    /// What is wrong with what runs inside.
    pub fault: ImageFault,
    /// Whether its target was healthy at least once.
    pub was_healthy: bool,
}

impl Task {
    /// Whether it counts as running.
    pub fn is_running(&self) -> bool {
        self.last_status == TaskStatus::Running
    }

    /// Whether it counts as pending.
    pub fn is_pending(&self) -> bool {
        self.last_status < TaskStatus::Running && self.desired_status == TaskStatus::Running
    }

    /// Whether the scheduler still wants it.
    pub fn is_wanted(&self) -> bool {
        self.desired_status == TaskStatus::Running
    }
}

/// The container of a task.
#[derive(Debug, Clone)]
pub struct Container {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The image with its tag.
    pub image: String,
    /// The digest that was pulled; known once the pull is over.
    pub image_digest: Option<String>,
    /// The runtime's id; known once it started.
    pub runtime_id: Option<String>,
    /// PENDING, RUNNING or STOPPED.
    pub last_status: &'static str,
    /// Its exit code, once it exited.
    pub exit_code: Option<i32>,
}

/// What is wrong with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageFault {
    /// Nothing.
    #[default]
    None,
    /// It starts, but answers its health check with 503.
    Unhealthy,
}

/// What the scheduler remembers about a service from second to second.
#[derive(Debug, Clone, Default)]
pub struct SchedulerState {
    /// When it looks at the service next.
    pub next_look: Option<Time>,
    /// When it may start tasks again after a failure.
    pub start_after: Option<Time>,
    /// Whether a steady state was reported for the present situation.
    pub steady_since: Option<Time>,
    /// How many tasks were ever placed: zones take turns.
    pub placed: u32,
}
