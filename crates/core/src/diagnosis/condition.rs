//! The condition of a service in one word: what it is doing, and how serious that is.

use crate::domain::{Level, ServiceNode};

/// What a service does now, by its counts, its deployments and its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// ECS calls it by another status than `ACTIVE`: it is being deleted.
    NotActive,
    /// No task is wanted, and none runs.
    ScaledToZero,
    /// Tasks are wanted, and none serves.
    Down,
    /// A deployment failed and was not rolled back.
    RolloutFailed,
    /// A deployment is under way whose tasks fail.
    RolloutFailing,
    /// A deployment is under way.
    RollingOut,
    /// Tasks fail their checks.
    Unhealthy,
    /// Fewer tasks run than are wanted.
    Starting,
    /// Tasks run that have not passed their checks yet.
    WarmingUp,
    /// More tasks run than are wanted.
    ScalingIn,
    /// Its targets were not read.
    TargetsUnread,
    /// As it should be.
    Steady,
}

impl Condition {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::NotActive,
        Self::ScaledToZero,
        Self::Down,
        Self::RolloutFailed,
        Self::RolloutFailing,
        Self::RollingOut,
        Self::Unhealthy,
        Self::Starting,
        Self::WarmingUp,
        Self::ScalingIn,
        Self::TargetsUnread,
        Self::Steady,
    ];

    /// Its severity. Zero tasks are a warning also where somebody meant it: requests find no task, and no
    /// reading tells a deliberate zero from a forgotten one.
    pub fn level(self) -> Level {
        match self {
            Self::Down | Self::RolloutFailed | Self::RolloutFailing => Level::Bad,
            Self::NotActive | Self::ScaledToZero | Self::Unhealthy => Level::Warn,
            Self::RollingOut | Self::Starting | Self::WarmingUp | Self::ScalingIn => Level::Busy,
            Self::TargetsUnread => Level::Unknown,
            Self::Steady => Level::Good,
        }
    }
}

/// The condition of a service; of several that hold the most telling.
pub fn service_condition(node: &ServiceNode) -> Condition {
    let service = node.service();
    let failed = service.deployments.iter().any(|d| d.rollout_state.as_deref() == Some("FAILED"));
    let failing = service.primary().is_some_and(|d| d.failed > 0) || node.counts.unhealthy > 0;
    let has_targets = !service.target_links.is_empty() && node.targets_known;
    if service.desired == 0 && service.running == 0 {
        return Condition::ScaledToZero;
    }
    if service.desired > 0 && (service.running == 0 || (has_targets && node.healthy == 0)) {
        return Condition::Down;
    }
    match (service.is_rolling(), failing) {
        _ if failed => Condition::RolloutFailed,
        (true, true) => Condition::RolloutFailing,
        (true, false) => Condition::RollingOut,
        (false, true) => Condition::Unhealthy,
        _ if service.status != "ACTIVE" => Condition::NotActive,
        _ if service.running < service.desired => Condition::Starting,
        _ if has_targets && node.healthy < service.desired => Condition::WarmingUp,
        _ if service.running > service.desired => Condition::ScalingIn,
        _ if !node.targets_known => Condition::TargetsUnread,
        _ => Condition::Steady,
    }
}
