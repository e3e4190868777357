//! Application Auto Scaling: targets, policies and activities.
use super::Time;

/// Everything that the Application Auto Scaling API knows.
#[derive(Debug, Clone, Default)]
pub struct Scaling {
    /// The scalable targets.
    pub targets: Vec<ScalableTarget>,
    /// Their policies.
    pub policies: Vec<ScalingPolicy>,
    /// The activities, oldest first.
    pub activities: Vec<ScalingActivity>,
}

/// The service namespace of every resource here.
pub const NAMESPACE: &str = "ecs";
/// The scalable dimension of every resource here.
pub const DIMENSION: &str = "ecs:service:DesiredCount";

/// A service that scales.
#[derive(Debug, Clone)]
pub struct ScalableTarget {
    /// `service/CLUSTER/SERVICE`.
    pub resource_id: String,
    /// Its ARN.
    pub arn: String,
    /// The fewest tasks.
    pub min_capacity: u32,
    /// The most tasks.
    pub max_capacity: u32,
    /// The service-linked role.
    pub role_arn: String,
    /// When it was registered.
    pub created_at: Time,
    /// What is switched off for now.
    pub suspended: Suspended,
    /// The policy's memory.
    pub state: TrackingState,
}

/// `SuspendedState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Suspended {
    /// No policy scales in.
    pub dynamic_in: bool,
    /// No policy scales out.
    pub dynamic_out: bool,
    /// No scheduled action runs.
    pub scheduled: bool,
}

/// The memory of target tracking about a service.
#[derive(Debug, Clone, Default)]
pub struct TrackingState {
    /// The last change to the desired count by the policy.
    pub last_scaled: Option<Time>,
    /// When the capacity last changed, whoever changed it.
    pub capacity_since: Option<Time>,
    /// The desired count seen last.
    pub seen_desired: u32,
}

/// A target tracking policy on the average CPU of a service.
#[derive(Debug, Clone)]
pub struct ScalingPolicy {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `service/CLUSTER/SERVICE`.
    pub resource_id: String,
    /// Percent of CPU (`ECSServiceAverageCPUUtilization`).
    pub target_value: f64,
    /// Seconds after a scale-out before the next.
    pub scale_out_cooldown: u32,
    /// Seconds after a change before a scale-in.
    pub scale_in_cooldown: u32,
    /// When it was created.
    pub created_at: Time,
    /// The alarms AWS made for it: name, ARN.
    pub alarms: Vec<(String, String)>,
}

/// A scaling activity.
#[derive(Debug, Clone)]
pub struct ScalingActivity {
    /// A UUID.
    pub id: String,
    /// `service/CLUSTER/SERVICE`.
    pub resource_id: String,
    /// e.g. `Setting desired count to 3.`
    pub description: String,
    /// Which alarm, in AWS's words.
    pub cause: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// `Successful`, `InProgress`.
    pub status: &'static str,
    /// e.g. `Successfully set desired count to 3. Change successfully fulfilled by ecs.`
    pub status_message: String,
    /// The desired count that it set.
    pub to: u32,
}
