//! A task and its life.
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
    /// The target group that it is registered in.
    pub target_group_arn: String,
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
