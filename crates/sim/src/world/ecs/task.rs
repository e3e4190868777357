//! A task and its life.
use super::placement::{TaskHost, Workload};
use crate::world::Time;

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

/// A task, and the containers in it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, of which the API shows some")]
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
    /// The target group that it is registered in.
    pub target_group_arn: String,
    /// Whether `ExecuteCommand` was on when it started.
    pub execute_command: bool,
    /// Its container.
    pub container: Container,
    /// The containers beside it: they live and end with it.
    pub sidecars: Vec<Container>,
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
    /// When the present status ends, if that depends on time alone.
    pub next_at: Option<Time>,
    /// The fault of its image.
    pub fault: ImageFault,
    /// Whether its target was healthy at least once.
    pub was_healthy: bool,
    /// How many of `sidecars` its definition lists before the main container.
    pub main_place: usize,
    /// Its IPv6 address, where its subnet has a range.
    pub ipv6: Option<String>,
    /// Whether it has that address alone.
    pub ipv6_only: bool,
    /// Whether it has a network interface of its own.
    pub own_interface: bool,
    /// The port that its main container listens on.
    pub port: u16,
    /// The container instance that it runs on; `None` on Fargate.
    pub host: Option<TaskHost>,
    /// The capacity provider that it was placed by.
    pub provider: Option<String>,
    /// Whether its main container tells its own health.
    pub health_check: bool,
    /// What it does. Never served.
    pub workload: Workload,
    /// The database that it uses. Never served.
    pub database: Option<String>,
    /// When its target is deregistered, once it is being stopped.
    pub deregisters_at: Option<Time>,
    /// The task that goes once this one is healthy: it was unhealthy, or in a zone with too many.
    pub replaces: Option<String>,
    /// Whether the event about its failed health checks was logged.
    pub told_unhealthy: bool,
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

    /// The address by which it is reached: `Target.Id` of a target of type `ip`.
    pub fn address(&self) -> &str {
        match &self.ipv6 {
            Some(address) if self.ipv6_only => address,
            _ => &self.private_ip,
        }
    }

    /// `healthStatus` of its main container, from its own health check.
    pub fn container_health(&self) -> &'static str {
        match self.last_status {
            _ if !self.health_check => "UNKNOWN",
            TaskStatus::Running | TaskStatus::Deactivating if self.fault == ImageFault::Unhealthy => {
                "UNHEALTHY"
            }
            TaskStatus::Running | TaskStatus::Deactivating => "HEALTHY",
            _ => "UNKNOWN",
        }
    }

    /// Whether the scheduler still wants it.
    pub fn is_wanted(&self) -> bool {
        self.desired_status == TaskStatus::Running
    }

    /// Whether its application accepts connections: it was started, and nobody has told it to end.
    pub fn is_listening(&self) -> bool {
        matches!(self.last_status, TaskStatus::Activating | TaskStatus::Running | TaskStatus::Deactivating)
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
    /// Whether it ends well before the main one starts.
    pub first: bool,
}

/// The fault of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageFault {
    /// Nothing.
    #[default]
    None,
    /// It starts, but answers its health check with 503.
    Unhealthy,
    /// It exits with 1 some seconds after its start.
    Crashes,
}
