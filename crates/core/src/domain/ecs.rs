//! Cluster, services, deployments and tasks, in ECS's own words.

use super::sentences::{ServiceEventKind, TroubleKind};
use super::{Address, CapacityShare, Level, TargetHealth, TaskSet, sentences};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An ECS cluster with the counts that `DescribeClusters` gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Short name, e.g. `party-box`.
    pub name: String,
    /// Full ARN.
    pub arn: String,
    /// `ACTIVE`, `PROVISIONING`, ... as ECS says it.
    pub status: String,
    /// Services in the cluster.
    pub active_services: u32,
    /// Tasks running.
    pub running_tasks: u32,
    /// Tasks pending.
    pub pending_tasks: u32,
}

/// An ECS service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Short name, e.g. `backend`.
    pub name: String,
    /// Full ARN.
    pub arn: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks pending.
    pub pending: u32,
    /// `FARGATE`, `EC2`, `EXTERNAL`; absent with a capacity provider.
    pub launch_type: Option<String>,
    /// ARN of the newest task definition asked for.
    pub task_definition: String,
    /// Deployment controller: `ECS`, `CODE_DEPLOY`, `EXTERNAL`.
    pub controller: String,
    /// Deployment strategy, e.g. `ROLLING`; absent on older endpoints.
    pub strategy: Option<String>,
    /// Lower bound of healthy tasks during a deployment, in percent of desired.
    pub min_healthy_percent: Option<u32>,
    /// Upper bound of tasks during a deployment, in percent of desired.
    pub max_percent: Option<u32>,
    /// The deployment circuit breaker, when the answer had one.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Health check grace period, seconds.
    pub grace_seconds: Option<u32>,
    /// When the service was created.
    pub created_at: Option<DateTime<Utc>>,
    /// PRIMARY first, then what it replaces.
    pub deployments: Vec<Deployment>,
    /// Newest first, at most 100 (the API's own limit).
    pub events: Vec<ServiceEvent>,
    /// Subnets of the awsvpc configuration.
    pub subnets: Vec<String>,
    /// Security groups of the awsvpc configuration.
    pub security_groups: Vec<String>,
    /// Whether tasks get a public IP; `None` when not said.
    pub assign_public_ip: Option<bool>,
    /// Where the service registers its tasks.
    pub target_links: Vec<TargetLink>,
    /// `REPLICA` or `DAEMON`; empty when not said.
    #[serde(default)]
    pub scheduling: String,
    /// Its capacity provider strategy; empty where it has a launch type instead.
    #[serde(default)]
    pub capacity: Vec<CapacityShare>,
    /// Its task sets, where `CodeDeploy` or an external controller makes its deployments.
    #[serde(default)]
    pub task_sets: Vec<TaskSet>,
    /// `availabilityZoneRebalancing`: `ENABLED` or `DISABLED`.
    #[serde(default)]
    pub zone_rebalancing: Option<String>,
}

/// The settings of a service's deployment circuit breaker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
// Recordings hold the pair.
#[serde(from = "(bool, bool)", into = "(bool, bool)")]
pub struct CircuitBreaker {
    /// Whether it stops a deployment whose tasks fail again and again.
    pub enable: bool,
    /// Whether it then goes back to the last deployment that completed.
    pub rollback: bool,
}

impl CircuitBreaker {
    /// Whether a deployment that it stops is rolled back.
    pub fn rolls_back(self) -> bool {
        self.enable && self.rollback
    }
}

impl From<(bool, bool)> for CircuitBreaker {
    fn from((enable, rollback): (bool, bool)) -> Self {
        Self { enable, rollback }
    }
}

impl From<CircuitBreaker> for (bool, bool) {
    fn from(breaker: CircuitBreaker) -> Self {
        (breaker.enable, breaker.rollback)
    }
}

impl Service {
    /// The PRIMARY deployment, if the answer had one.
    pub fn primary(&self) -> Option<&Deployment> {
        self.deployments.iter().find(|d| d.status == "PRIMARY")
    }

    /// The event with which ECS went back to the deployment that is PRIMARY now. Its id may be that of the
    /// earlier deployment or a new one, and its rollout state ends as `COMPLETED` like any other: only the
    /// event tells.
    pub fn rollback(&self) -> Option<&ServiceEvent> {
        let primary = self.primary()?;
        self.events.iter().find(|e| sentences::names_rollback(&e.message) && e.names(&primary.id))
    }

    /// The ARNs of all target groups that its tasks may be registered in, each once.
    pub fn target_groups(&self) -> impl Iterator<Item = &str> {
        let links = || self.target_links.iter().chain(self.task_sets.iter().flat_map(|set| &set.links));
        let all = move || links().flat_map(TargetLink::groups);
        all()
            .enumerate()
            .filter(move |(i, arn)| all().position(|a| a == *arn) == Some(*i))
            .map(|(_, arn)| arn)
    }

    /// Whether its tasks may be registered in a target group.
    pub fn registers_in(&self, arn: &str) -> bool {
        self.target_groups().any(|own| own == arn)
    }

    /// Whether its new tasks may be in a target group that nothing names: the traffic is shifted to another
    /// group, and the service does not say to which.
    pub fn registers_elsewhere(&self, strategy: &str) -> bool {
        let shifts = matches!(strategy, "BLUE_GREEN" | "LINEAR" | "CANARY");
        shifts && self.target_links.iter().any(|link| link.alternate.is_none())
    }

    /// Whether a deployment is under way: more than one in the list or more than one task set, or the primary
    /// says so.
    pub fn is_rolling(&self) -> bool {
        self.shift().is_some()
            || self.deployments.len() > 1
            || self.primary().is_some_and(|d| d.rollout_state.as_deref() == Some("IN_PROGRESS"))
    }
}

/// A service's registration in a target group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetLink {
    /// The target group's ARN.
    pub target_group_arn: String,
    /// `advancedConfiguration.alternateTargetGroupArn`: blue/green, linear and canary deployments register
    /// the new tasks in the one of the two groups that does not serve, and then turn the traffic to it.
    /// Either may be empty between deployments.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AdvancedConfiguration.html>
    #[serde(default)]
    pub alternate: Option<String>,
    /// `advancedConfiguration.productionListenerRule`: the rule that sends production traffic to one of the
    /// two, or the listener of a Network Load Balancer.
    #[serde(default)]
    pub production_rule: Option<String>,
    /// `advancedConfiguration.testListenerRule`: the rule or listener of test traffic.
    #[serde(default)]
    pub test_rule: Option<String>,
    /// The container whose port is registered.
    pub container: String,
    /// The container's port.
    pub port: u32,
}

impl TargetLink {
    /// The target group, and the alternate one where there is one.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.target_group_arn.as_str()).chain(self.alternate.as_deref())
    }
}

/// One entry of a service's `deployments[]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// `ecs-svc/<digits>`.
    pub id: String,
    /// `PRIMARY`, `ACTIVE` (being replaced) or `INACTIVE`.
    pub status: String,
    /// `IN_PROGRESS`, `COMPLETED`, `FAILED`; absent for other controllers.
    pub rollout_state: Option<String>,
    /// ECS's own sentence for the rollout state.
    pub rollout_reason: Option<String>,
    /// Task definition ARN.
    pub task_definition: String,
    /// Tasks wanted by this deployment.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks pending.
    pub pending: u32,
    /// Consecutive failures; resets once a task runs.
    pub failed: u32,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Deployment {
    /// Its rollout state when it is none that this program knows.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html>
    pub fn unknown_state(&self) -> Option<&str> {
        let known = |state: &&str| !matches!(*state, "IN_PROGRESS" | "COMPLETED" | "FAILED");
        self.rollout_state.as_deref().filter(known)
    }

    /// The severity of its rollout state. One whose tasks fail is bad while it goes on, as it does not get
    /// better by itself.
    pub fn level(&self) -> Level {
        match self.rollout_state.as_deref() {
            Some("COMPLETED") => Level::Good,
            Some("FAILED") => Level::Bad,
            Some("IN_PROGRESS") if self.failed > 0 => Level::Bad,
            Some("IN_PROGRESS") => Level::Busy,
            None => Level::Unknown,
            Some(_) => Level::Warn,
        }
    }
}

/// One service event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// Unique id.
    pub id: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// ECS's sentence.
    pub message: String,
}

impl ServiceEvent {
    /// How serious it is, from its wording.
    pub fn level(&self) -> Level {
        sentences::service_event_level(&self.message)
    }

    /// What it tells, from its wording.
    pub fn kind(&self) -> ServiceEventKind {
        sentences::service_event_kind(&self.message)
    }

    /// Whether the sentence names a deployment, e.g. `(service web) (deployment ecs-svc/123) deployment
    /// completed.`
    pub fn names(&self, deployment: &str) -> bool {
        self.message.match_indices(deployment).any(|(at, found)| {
            !self.message[at + found.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
        })
    }
}

/// One task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The last part of the ARN.
    pub id: String,
    /// Full ARN.
    pub arn: String,
    /// `service:NAME` or another group.
    pub group: String,
    /// Task definition ARN.
    pub task_definition: String,
    /// `PROVISIONING` ... `STOPPED`, as ECS says it.
    pub last_status: String,
    /// `RUNNING` or `STOPPED`.
    pub desired_status: String,
    /// Container health: `HEALTHY`, `UNHEALTHY`, `UNKNOWN`.
    pub health: String,
    /// Deployment id (`ecs-svc/...`) or another starter.
    pub started_by: Option<String>,
    /// Private IPv4 address of the task's network interface.
    pub ip: Option<String>,
    /// IPv6 address of that interface: the only one of a task in an IPv6-only subnet.
    #[serde(default)]
    pub ipv6: Option<String>,
    /// Its containers' ports and the host's that lead to them; the host's are chosen when it starts, in the
    /// network modes `bridge` and `host`.
    #[serde(default)]
    pub ports: Vec<PortBinding>,
    /// EC2 id of the instance that it runs on, by which target groups of the type `instance` know it.
    #[serde(default)]
    pub ec2_instance: Option<String>,
    /// Subnet of that interface.
    pub subnet: Option<String>,
    /// Availability Zone.
    pub zone: Option<String>,
    /// CPU units (1024 = 1 vCPU).
    pub cpu: Option<u32>,
    /// Memory, MiB.
    pub memory: Option<u32>,
    /// When it was asked for.
    pub created_at: Option<DateTime<Utc>>,
    /// When it reached RUNNING.
    pub started_at: Option<DateTime<Utc>>,
    /// When it began to stop.
    pub stopping_at: Option<DateTime<Utc>>,
    /// When it had stopped.
    pub stopped_at: Option<DateTime<Utc>>,
    /// Why it stopped, as a code.
    pub stop_code: Option<String>,
    /// Why it stopped, as a sentence.
    pub stopped_reason: Option<String>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// `FARGATE`, `EC2`, `EXTERNAL`, `MANAGED_INSTANCES`; absent when not said.
    #[serde(default)]
    pub launch_type: Option<String>,
    /// The capacity provider that it runs on, e.g. `FARGATE_SPOT`.
    #[serde(default)]
    pub capacity_provider: Option<String>,
    /// Fargate's platform version and family, e.g. `1.4.0 Linux`.
    #[serde(default)]
    pub platform: Option<String>,
    /// The last part of its container instance's ARN; absent on Fargate.
    #[serde(default)]
    pub instance: Option<String>,
    /// `CONNECTED` or `DISCONNECTED`: whether ECS hears of it.
    #[serde(default)]
    pub connectivity: Option<String>,
    /// CPU architecture that it runs on, `x86_64` or `arm64` (its attribute `ecs.cpu-architecture`).
    #[serde(default)]
    pub architecture: Option<String>,
}

/// A container's port and the host's that leads to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortBinding {
    /// The container's.
    pub container: u32,
    /// The host's.
    pub host: u32,
}

impl Task {
    /// Its IP addresses.
    pub fn addresses(&self) -> impl Iterator<Item = Address<'_>> {
        self.ip.iter().chain(&self.ipv6).map(|ip| Address::new(ip))
    }

    /// Its address for people: IPv4, else IPv6, else the instance with its port.
    pub fn address(&self) -> Option<String> {
        let ip = self.ip.clone().or_else(|| self.ipv6.clone());
        let instance = || self.ec2_instance.as_deref().or(self.instance.as_deref());
        ip.or_else(|| match (instance()?, self.ports.first()) {
            (instance, Some(ports)) => Some(format!("{instance}:{}", ports.host)),
            (instance, None) => Some(instance.to_owned()),
        })
    }

    /// The host's port that leads to a container's.
    pub fn host_port(&self, container: u32) -> Option<u32> {
        self.ports.iter().find(|ports| ports.container == container).map(|ports| ports.host)
    }

    /// Whether a target is at one of its addresses.
    pub fn is_at(&self, target: &TargetHealth) -> bool {
        let place = target.address();
        self.addresses().any(|own| own == place)
            || self.ec2_instance.as_deref() == Some(target.id.as_str())
                && self.ports.iter().any(|ports| ports.host == target.port)
    }

    /// Whether its containers' own health check fails: ECS will replace it.
    pub fn is_unhealthy(&self) -> bool {
        self.last_status == "RUNNING" && self.health == "UNHEALTHY"
    }

    /// Whether it ended by its own fault or by its machine's, not because somebody wanted it to.
    pub fn failed(&self) -> bool {
        match self.stop_code.as_deref() {
            Some(
                "TaskFailedToStart"
                | "EssentialContainerExited"
                | "SpotInterruption"
                | "InfrastructureHealth"
                | "TerminationNotice",
            ) => true,
            // The scheduler stops what fails its health checks.
            Some("ServiceSchedulerInitiated" | "UserInitiated") => {
                self.stopped_reason.as_deref().is_some_and(sentences::names_failed_health_check)
            }
            // Without a code, or with one that is not known here, its sentence tells.
            _ => self.is_over() && self.trouble().is_some(),
        }
    }

    /// Of which kind what ended it is, where something was wrong.
    pub fn trouble(&self) -> Option<TroubleKind> {
        let containers = self.containers.iter().filter_map(|container| container.reason.as_deref());
        match self.stop_code.as_deref() {
            Some("SpotInterruption" | "TerminationNotice") => Some(TroubleKind::SpotTaken),
            Some("InfrastructureHealth") => Some(TroubleKind::Machine),
            _ => sentences::stop_trouble(self.stopped_reason.as_deref().unwrap_or_default(), containers),
        }
    }

    /// How far it is in its life.
    pub fn life(&self) -> TaskLife {
        match self.last_status.as_str() {
            "PROVISIONING" | "PENDING" | "ACTIVATING" => TaskLife::Starting,
            "RUNNING" => TaskLife::Running,
            "DEACTIVATING" | "STOPPING" | "DEPROVISIONING" => TaskLife::Ending,
            "STOPPED" | "DELETED" => TaskLife::Over,
            _ => TaskLife::Unknown,
        }
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.life() == TaskLife::Over
    }

    /// The severity of its `lastStatus` and of its containers' health. One that stopped is bad when it failed, and else finished; a word
    /// that is not known is to be looked at, as is a running one whose instance is not heard of.
    pub fn level(&self) -> Level {
        match self.life() {
            TaskLife::Running if self.is_unhealthy() => Level::Bad,
            TaskLife::Running if self.is_out_of_touch() => Level::Warn,
            TaskLife::Running => Level::Good,
            TaskLife::Starting | TaskLife::Ending => Level::Busy,
            TaskLife::Over if self.failed() => Level::Bad,
            TaskLife::Over => Level::Idle,
            TaskLife::Unknown => Level::Warn,
        }
    }
}

/// How far a task is.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskLife {
    /// On its way to RUNNING.
    Starting,
    /// Its containers run.
    Running,
    /// On its way to STOPPED.
    Ending,
    /// Stopped, or deleted since.
    Over,
    /// In a state that is not known here.
    Unknown,
}

/// A task that ECS may not stop for now: neither a rollout nor scaling in ends it.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskProtection {
    /// The task's id.
    pub task: String,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
}

/// One container of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Name in the task definition.
    pub name: String,
    /// Image reference as the task definition has it.
    pub image: String,
    /// The digest that really runs, `sha256:...`.
    pub digest: Option<String>,
    /// `PENDING`, `RUNNING`, `STOPPED`.
    pub last_status: String,
    /// Exit code once stopped.
    pub exit_code: Option<i32>,
    /// Why it stopped.
    pub reason: Option<String>,
}

/// A task definition revision. Environment *values* are never kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// Full ARN.
    pub arn: String,
    /// Family name.
    pub family: String,
    /// Revision number.
    pub revision: u32,
    /// CPU units, as text in the API.
    pub cpu: Option<u32>,
    /// Memory, MiB.
    pub memory: Option<u32>,
    /// Its containers.
    pub containers: Vec<ContainerDefinition>,
    /// CPU architecture that it asks for, `X86_64` or `ARM64`; `None` = not said, which is `X86_64`.
    #[serde(default)]
    pub architecture: Option<String>,
    /// `awsvpc`, `bridge`, `host` or `none`; absent where ECS's default holds: bridge.
    #[serde(default)]
    pub network_mode: Option<String>,
    /// `ACTIVE`, `INACTIVE` or `DELETE_IN_PROGRESS`; empty when not said.
    #[serde(default)]
    pub status: String,
}

impl TaskDefinition {
    /// Whether it is withdrawn: what runs goes on, also the service, but nobody can start it anew elsewhere,
    /// and it may be deleted.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html>
    pub fn is_withdrawn(&self) -> bool {
        !matches!(self.status.as_str(), "" | "ACTIVE")
    }
}

/// A container in a task definition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerDefinition {
    /// Name.
    pub name: String,
    /// Image reference.
    pub image: String,
    /// Names of the environment variables; values are dropped on arrival.
    pub environment_names: Vec<String>,
    /// Secrets: (variable name, where it comes from: an ARN).
    pub secrets: Vec<(String, String)>,
    /// Whether ECS runs a health check in it.
    #[serde(default)]
    pub health_check: bool,
    /// Container port, if one is mapped.
    pub port: Option<u32>,
    /// CloudWatch log group, with the awslogs driver.
    pub log_group: Option<String>,
    /// Stream prefix, with the awslogs driver.
    pub log_prefix: Option<String>,
    /// Whether its restart policy is on: ECS starts it again inside its task, and the task does not stop.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html>
    #[serde(default)]
    pub restarts: bool,
    /// `enabled` or `disabled`: whether all tasks of a deployment run the digest that its tag had at the
    /// beginning; `None` when not told, which means that they do.
    #[serde(default)]
    pub version_consistency: Option<String>,
    /// Hosts of RDS that values of environment variables name; the values are dropped on arrival.
    #[serde(default)]
    pub database_hosts: Vec<String>,
    /// The secret with the login of a private registry: `repositoryCredentials`.
    #[serde(default)]
    pub registry_secret: Option<String>,
    /// Secrets of the log driver: `secretOptions`.
    #[serde(default)]
    pub log_secrets: Vec<String>,
    /// Files with environment variables, by ARN in S3.
    #[serde(default)]
    pub environment_files: Vec<String>,
    /// Whether the task ends with it; `None` = not said, which is yes.
    #[serde(default)]
    pub essential: Option<bool>,
    /// What it waits for before it starts: (container, condition), e.g. (`migrate`, `SUCCESS`).
    #[serde(default)]
    pub depends_on: Vec<(String, String)>,
}

impl ContainerDefinition {
    /// Whether the task ends with it.
    pub fn is_essential(&self) -> bool {
        self.essential != Some(false)
    }
}

impl TaskDefinition {
    /// Where its containers' secrets come from: `valueFrom`s.
    pub fn secrets_of_containers(&self) -> impl Iterator<Item = &str> {
        self.containers.iter().flat_map(|container| container.secrets.iter().map(|(_, from)| from.as_str()))
    }

    /// Everything that must be found in a store of secrets before a task of it starts: of the containers, the
    /// registries and the log drivers.
    pub fn secret_references(&self) -> impl Iterator<Item = &str> {
        let others = self.containers.iter().flat_map(|c| c.registry_secret.iter().chain(&c.log_secrets));
        self.secrets_of_containers().chain(others.map(String::as_str))
    }
}

/// The last part of an ARN or path: `arn:...:task/party-box/abc` -> `abc`.
pub fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_names_whole_ids_only() {
        let event = |message: &str| ServiceEvent { message: message.into(), ..ServiceEvent::default() };
        let failed =
            event("(service web) (deployment ecs-svc/123) deployment failed: tasks failed to start.");
        assert!(failed.names("ecs-svc/123"));
        assert!(!failed.names("ecs-svc/12"));
        assert!(event("(service web) rolling back to deployment ecs-svc/9.").names("ecs-svc/9"));
    }
}
