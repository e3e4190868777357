//! Deployments, as both of ECS's APIs show them, and the revisions that they roll out.
use super::strategy::{DeploymentConfiguration, HookDetail, Monitor, Stage};
use crate::world::Time;

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
    /// Whether a task of it was healthy: failures are counted no more.
    pub proven: bool,
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
    /// Every new task runs and is healthy; every old one has been stopped, though its target may drain on.
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
    pub lifecycle_stage: Stage,
    /// When it came to that stage.
    pub stage_since: Time,
    /// The percentage of production traffic that has been shifted to the new tasks, and when that was last
    /// changed.
    pub shifted: (u32, Time),
    /// Its pauses, oldest first.
    pub hooks: Vec<HookDetail>,
    /// The revision it rolls out.
    pub target_revision: String,
    /// The revisions it replaces.
    pub source_revisions: Vec<String>,
    /// The rollback, if there is one.
    pub rollback: Option<Rollback>,
    /// The circuit breaker's view.
    pub breaker: Breaker,
    /// The deployment alarms' view.
    pub alarms: AlarmWatch,
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
    /// Where it stands.
    pub status: Monitor,
    /// Failures so far.
    pub failure_count: u32,
    /// Failures at which it triggers.
    pub threshold: u32,
}

/// `alarms` of a service deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmWatch {
    /// Where it stands.
    pub status: Monitor,
    /// The alarms that ended the deployment.
    pub triggered: Vec<String>,
}

/// `serviceDeployments[].status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceDeploymentStatus {
    /// Asked for.
    Pending,
    /// Rolling.
    InProgress,
    /// Done.
    Successful,
    /// Somebody asked for it to stop where it is.
    StopRequested,
    /// Stopped: by somebody, by a newer one, or because it failed and rollback is off.
    Stopped,
    /// Somebody asked for it to be rolled back.
    RollbackRequested,
    /// Rolling back.
    RollbackInProgress,
    /// Rolled back.
    RollbackSuccessful,
    /// There was nothing to roll back to.
    RollbackFailed,
}

impl ServiceDeploymentStatus {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::StopRequested => "STOP_REQUESTED",
            Self::Stopped => "STOPPED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    /// Whether `StopServiceDeployment` may still stop it.
    pub const fn may_be_stopped(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }

    /// Whether nothing more will change.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed)
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
    /// The target group that its tasks are registered in.
    pub target_group_arn: String,
    /// When it was created.
    pub created_at: Time,
}
