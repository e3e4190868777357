//! ECS: clusters, services, deployments and tasks.
mod deployment;
mod placement;
mod runs;
mod strategy;
mod task;

use std::collections::VecDeque;
use std::ops::{Index, IndexMut};

pub use self::deployment::{
    AlarmWatch, Breaker, Deployment, DeploymentStatus, Rollback, RolloutState, ServiceDeployment,
    ServiceDeploymentStatus, ServiceRevision,
};
pub use self::placement::{ContainerInstance, TaskHost, Workload};
pub use self::runs::{CapacityShare, Runs};
pub use self::strategy::{
    AdvancedConfiguration, DeploymentAlarms, DeploymentConfiguration, HookAction, HookDetail, HookStatus,
    Monitor, PauseHook, Stage, Steps, Strategy, Threshold,
};
pub use self::task::{Container, ImageFault, Task, TaskStatus};
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
    /// The container instances of all clusters.
    pub instances: Vec<ContainerInstance>,
    /// Tasks that belong to no service.
    pub standalone: Vec<Standalone>,
}

/// A task that belongs to no service.
#[derive(Debug, Clone)]
pub struct Standalone {
    /// The task.
    pub task: Task,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Whether it ends by itself when its work is done.
    pub ends: bool,
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

    /// The id of the service of a cluster with this name or ARN.
    pub fn find_service(&self, cluster_arn: &str, name_or_arn: &str) -> Option<ServiceId> {
        let own = |each: &Service| {
            each.cluster_arn == cluster_arn && (each.name == name_or_arn || each.arn == name_or_arn)
        };
        self.services.iter().position(own).map(ServiceId)
    }

    /// The id of every service.
    pub fn service_ids(&self) -> impl Iterator<Item = ServiceId> + use<> {
        (0..self.services.len()).map(ServiceId)
    }

    /// The task definition named by ARN, `family:revision`, or `family` alone (its newest revision).
    pub fn task_definition(&self, name: &str) -> Option<&TaskDefinition> {
        self.task_definitions.iter().rev().find(|each| {
            each.arn == name
                || (each.family == name && each.deregistered_at.is_none())
                || name == format!("{}:{}", each.family, each.revision)
        })
    }

    /// Every task, running and recently stopped.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.services.iter().flat_map(|each| &each.tasks).chain(self.standalone.iter().map(|each| &each.task))
    }
}

/// Identifies a service, in place of a borrow. Services are never removed, so it stays valid for the account
/// that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceId(usize);

impl ServiceId {
    /// The service's index in [`Ecs::services`], and in a minute's metrics.
    pub const fn index(self) -> usize {
        self.0
    }
}

impl Index<ServiceId> for Ecs {
    type Output = Service;

    fn index(&self, id: ServiceId) -> &Service {
        &self.services[id.0]
    }
}

impl IndexMut<ServiceId> for Ecs {
    fn index_mut(&mut self, id: ServiceId) -> &mut Service {
        &mut self.services[id.0]
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

/// One revision of a task definition.
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
    /// `awsvpc`, `bridge` or `host`.
    pub network_mode: &'static str,
    /// `ACTIVE`, `INACTIVE` or `DELETE_IN_PROGRESS`.
    pub status: &'static str,
    /// The role that pulls the image and reads the secrets.
    pub execution_role_arn: String,
    /// The role of the application.
    pub task_role_arn: String,
    /// The main container: the one behind the load balancer.
    pub container: ContainerDefinition,
    /// The other registered members, unchanged; `None` for the account's own revisions.
    pub registered: Option<serde_json::Value>,
    /// When it was registered.
    pub registered_at: Time,
    /// Who registered it.
    pub registered_by: String,
    /// When it was deregistered, if it was.
    pub deregistered_at: Option<Time>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A container beside the main one, as its definition has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Whether another waits for its good end: it runs first and then stays stopped.
    pub first: bool,
}

impl TaskDefinition {
    /// `family:revision`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }

    /// The registered containers, each with whether it is the main one.
    fn registered_containers(&self) -> &[serde_json::Value] {
        let registered = self.registered.as_ref().and_then(|it| it.get("containerDefinitions"));
        registered.and_then(serde_json::Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The containers beside the main one.
    pub fn sidecars(&self) -> impl Iterator<Item = Beside> {
        let all = self.registered_containers();
        let awaited = |name: &str| {
            let waits = all.iter().filter_map(|each| each.get("dependsOn")?.as_array()).flatten();
            waits.into_iter().any(|each| {
                let is = |member: &str, words: &[&str]| {
                    each.get(member).and_then(serde_json::Value::as_str).is_some_and(|it| words.contains(&it))
                };
                is("containerName", &[name]) && is("condition", &["SUCCESS", "COMPLETE"])
            })
        };
        all.iter().filter_map(move |container| {
            let text = |member: &str| Some(container.get(member)?.as_str()?.to_owned());
            let name = text("name").filter(|name| *name != self.container.name)?;
            Some(Beside { image: text("image")?, first: awaited(&name), name })
        })
    }

    /// Changes the image of the main container.
    pub(crate) fn set_image(&mut self, image: String) {
        let registered = self.registered.as_mut().and_then(|it| it.get_mut("containerDefinitions"));
        for container in registered.and_then(serde_json::Value::as_array_mut).into_iter().flatten() {
            if container.get("name").and_then(serde_json::Value::as_str) == Some(self.container.name.as_str())
            {
                container["image"] = image.clone().into();
            }
        }
        self.container.image = image;
    }

    /// How many containers stand before the main one.
    pub fn main_place(&self) -> usize {
        let own = |each: &serde_json::Value| {
            each.get("name").and_then(serde_json::Value::as_str) == Some(self.container.name.as_str())
        };
        self.registered_containers().iter().position(own).unwrap_or(0)
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
    /// Whether it has a health check of its own, which `healthStatus` tells.
    pub health_check: bool,
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
    /// The target group that has the production traffic: `load_balancer`'s own, or a blue/green service's
    /// other one.
    pub serving_group_arn: String,
    /// Its subnets and groups. Where its tasks have no interface of their own, the subnets are those of its
    /// instances, and the API does not show them.
    pub network: ServiceNetwork,
    /// Who deploys it, and on what it runs.
    pub runs: Runs,
    /// How it rolls.
    pub configuration: DeploymentConfiguration,
    /// Seconds for which health checks cannot stop a new task.
    pub health_check_grace_seconds: u32,
    /// Its other settings.
    pub settings: ServiceSettings,
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
    /// Where its tasks are registered besides `load_balancer`.
    pub more_load_balancers: Vec<ServiceLoadBalancer>,
    /// What it does. Never served.
    pub workload: Workload,
    /// The database that it uses: an instance's or a cluster's identifier. Never served.
    pub database: Option<String>,
}

impl Service {
    /// Every place where its tasks are registered; none for a service without a load balancer.
    pub fn load_balancers(&self) -> impl Iterator<Item = &ServiceLoadBalancer> {
        std::iter::once(&self.load_balancer)
            .chain(&self.more_load_balancers)
            .filter(|each| !each.target_group_arn.is_empty())
    }

    /// The name of its cluster.
    pub fn cluster_name(&self) -> &str {
        self.cluster_arn.rsplit('/').next().unwrap_or_default()
    }

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

    /// The service deployment with this ARN.
    pub fn service_deployment(&self, arn: &str) -> Option<&ServiceDeployment> {
        self.service_deployments.iter().find(|each| each.arn == arn)
    }

    /// The service deployment with this ARN, to be changed.
    pub fn service_deployment_mut(&mut self, arn: &str) -> Option<&mut ServiceDeployment> {
        self.service_deployments.iter_mut().find(|each| each.arn == arn)
    }

    /// The service deployment that the PRIMARY deployment belongs to.
    pub fn current(&self) -> Option<&ServiceDeployment> {
        self.service_deployment(&self.primary()?.service_deployment_arn)
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
#[derive(Debug, Clone, Default)]
pub struct ServiceLoadBalancer {
    /// The target group; empty for a service without a load balancer.
    pub target_group_arn: String,
    /// The container.
    pub container_name: String,
    /// Its port.
    pub container_port: u16,
    /// The additional settings of a blue/green service.
    pub advanced: Option<AdvancedConfiguration>,
}

/// The settings of a service that `UpdateService` changes without a new deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSettings {
    /// `enableExecuteCommand`; tasks have it as it was at their start.
    pub execute_command: bool,
    /// `platformVersion`: `LATEST` or a number.
    pub platform_version: String,
    /// `propagateTags`: `SERVICE`, `TASK_DEFINITION` or `NONE`.
    pub propagate_tags: String,
    /// `enableECSManagedTags`.
    pub managed_tags: bool,
    /// Whether `availabilityZoneRebalancing` is ENABLED.
    pub rebalancing: bool,
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self {
            execute_command: false,
            platform_version: "LATEST".to_owned(),
            propagate_tags: "SERVICE".to_owned(),
            managed_tags: true,
            rebalancing: true,
        }
    }
}

/// A service's `awsvpcConfiguration`. Public addresses are never assigned.
#[derive(Debug, Clone, Default)]
pub struct ServiceNetwork {
    /// Subnet ids, one per zone.
    pub subnets: Vec<String>,
    /// Security group ids.
    pub security_groups: Vec<String>,
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

/// The scheduler's memory of a service.
#[derive(Debug, Clone, Default)]
pub struct SchedulerState {
    /// When it looks at the service next.
    pub next_look: Option<Time>,
    /// When it may start tasks again after a failure.
    pub start_after: Option<Time>,
    /// The deployment (`ecs-svc/…`) for which the event about tasks that do not start consistently was
    /// logged.
    pub impaired: Option<String>,
    /// Since when the service is in the steady state that was reported.
    pub steady_since: Option<Time>,
    /// Tasks placed so far: zones with as many tasks take turns.
    pub placed: u32,
    /// Failures in a row, by which the pauses between attempts grow.
    pub failures: u32,
    /// Since when its tasks are unevenly spread over the zones, while nothing else goes on.
    pub uneven_since: Option<Time>,
    /// Whether rebalancing was announced and has not ended.
    pub rebalancing: bool,
}
