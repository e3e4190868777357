//! The condition of a service in one word: what it is doing, and how serious that is.

use super::keeps_from_starting;
use crate::domain::{GroupHealth, JudgedBy, Level, ServiceNode};

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
    /// Some targets are healthy, and so few that the load balancer sends requests to the others too.
    FailsOpen,
    /// A target group that it names does not exist.
    GroupGone,
    /// Tasks fail their checks.
    Unhealthy,
    /// Some of its targets or tasks get no requests, or fewer, although they run.
    PartlyOff,
    /// Fewer tasks run than are wanted, or a rollout goes on, and ECS says why no more start.
    NotStarting,
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
    pub const ALL: [Self; 16] = [
        Self::NotActive,
        Self::ScaledToZero,
        Self::Down,
        Self::RolloutFailed,
        Self::RolloutFailing,
        Self::RollingOut,
        Self::FailsOpen,
        Self::GroupGone,
        Self::Unhealthy,
        Self::PartlyOff,
        Self::NotStarting,
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
            Self::Down | Self::RolloutFailed | Self::RolloutFailing | Self::FailsOpen => Level::Bad,
            Self::NotActive
            | Self::ScaledToZero
            | Self::Unhealthy
            | Self::PartlyOff
            | Self::GroupGone
            | Self::NotStarting => Level::Warn,
            Self::RollingOut | Self::Starting | Self::WarmingUp | Self::ScalingIn => Level::Busy,
            Self::TargetsUnread => Level::Unknown,
            Self::Steady => Level::Good,
        }
    }
}

/// The condition of a service; of several that hold the most telling. In no target group may it be down.
pub fn service_condition(node: &ServiceNode) -> Condition {
    let service = node.service();
    let failed = service.deployments.iter().any(|d| d.rollout_state.as_deref() == Some("FAILED"));
    let failing = service.primary().is_some_and(|d| d.failed > 0) || node.counts.unhealthy > 0;
    let groups = || node.groups.iter().filter(|group| group.known && !group.gone);
    if service.desired == 0 && service.running == 0 {
        return Condition::ScaledToZero;
    }
    let unserved = match node.judged_by() {
        JudgedBy::Targets => groups().any(GroupHealth::serves_nobody),
        JudgedBy::Containers => node.counts.unhealthy > 0 && node.counts.healthy == 0,
        JudgedBy::Running => false,
    };
    if service.desired > 0 && (service.running == 0 || unserved) {
        return Condition::Down;
    }
    let partly_off = groups().any(|g| g.unused > 0 || g.shifted > 0 || g.anomalous > 0 || g.unknown > 0)
        || node.rows.iter().any(|row| row.late.is_some());
    let warming = match node.judged_by() {
        JudgedBy::Targets => groups().any(|group| group.healthy < service.desired),
        JudgedBy::Containers => node.tasks_known && node.counts.healthy < service.desired,
        JudgedBy::Running => false,
    };
    match (service.is_rolling(), failing) {
        _ if failed => Condition::RolloutFailed,
        (true, true) => Condition::RolloutFailing,
        _ if groups().any(GroupHealth::fails_open) => Condition::FailsOpen,
        _ if node.groups.iter().any(|group| group.gone) => Condition::GroupGone,
        (false, true) if service.running >= service.desired => Condition::Unhealthy,
        _ if keeps_from_starting(node).is_some() => Condition::NotStarting,
        _ if partly_off && !failing => Condition::PartlyOff,
        (true, false) => Condition::RollingOut,
        (false, true) => Condition::Unhealthy,
        _ if service.status != "ACTIVE" => Condition::NotActive,
        _ if service.running < service.desired => Condition::Starting,
        _ if warming => Condition::WarmingUp,
        _ if service.running > service.desired => Condition::ScalingIn,
        _ if !node.targets_known => Condition::TargetsUnread,
        _ => Condition::Steady,
    }
}
