//! How a rollout that has not ended goes in one word, and how serious that is.

use super::rollout_end::RECENT;
use super::{Rollout, WaitKind, rollout_progress};
use crate::domain::{Level, ServiceNode, sentences};
use chrono::{DateTime, Utc};

/// How a rollout goes that has not ended; of several that hold the most telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolloutCondition {
    /// ECS goes back to the revision before.
    RollingBack,
    /// Its tasks fail now, or none can be placed: ECS or the circuit breaker counts failures, targets are
    /// unhealthy, or an event of the last minutes says that there is no place.
    Failing,
    /// A hook holds it until somebody answers.
    Paused,
    /// ECS calls it by a status that this program does not know.
    UnknownStatus,
    /// Some of its tasks failed, and none is counted any more: others took their place.
    HasFailed,
    /// Nothing is wrong with it.
    UnderWay,
}

impl RolloutCondition {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RollingBack,
        Self::Failing,
        Self::Paused,
        Self::UnknownStatus,
        Self::HasFailed,
        Self::UnderWay,
    ];

    /// How serious it is.
    pub fn level(self) -> Level {
        match self {
            Self::RollingBack | Self::Failing => Level::Bad,
            Self::Paused | Self::UnknownStatus | Self::HasFailed => Level::Warn,
            Self::UnderWay => Level::Busy,
        }
    }
}

/// The condition of what a service rolls out; `rollout`: what is followed of it, if anything.
pub fn rollout_condition(
    node: &ServiceNode,
    rollout: Option<&Rollout>,
    now: DateTime<Utc>,
) -> RolloutCondition {
    if rollout.is_some_and(|r| r.rolling_back) || is_going_back(node, now) {
        return RolloutCondition::RollingBack;
    }
    let service = node.service();
    let own = rollout.and_then(|r| r.deployment.as_deref());
    let new = service.deployments.iter().find(|d| Some(d.id.as_str()) == own).or_else(|| service.primary());
    let counted = rollout.and_then(|r| r.breaker.as_ref()).map_or(0, |b| b.failures);
    let unplaced = rollout.is_some_and(|r| r.waits.iter().any(|w| w.kind == WaitKind::Placement));
    let failing = |counts: &crate::domain::TaskCounts, failed: u32, wanted: u32| {
        // ECS may stop counting once a new task was healthy, and then the number stands as it was: with every
        // new task healthy nothing fails now.
        counts.unhealthy > 0 || ((failed > 0 || counted > 0) && (counts.healthy < wanted || wanted == 0))
    };
    let fails = new.map_or(counted > 0, |d| failing(&rollout_progress(node, d).counts, d.failed, d.desired));
    // Where task sets run the tasks there is no deployment to count.
    let sick = own.and_then(|id| node.by_deployment.get(id)).map_or(0, |counts| counts.unhealthy);
    if unplaced || fails || sick > 0 {
        return RolloutCondition::Failing;
    }
    match rollout {
        Some(rollout) if rollout.hook.is_some() => RolloutCondition::Paused,
        Some(rollout) if !rollout.has_known_status() => RolloutCondition::UnknownStatus,
        Some(rollout) if !rollout.failures.is_empty() => RolloutCondition::HasFailed,
        _ => RolloutCondition::UnderWay,
    }
}

/// Whether the PRIMARY is what ECS goes back to.
fn is_going_back(node: &ServiceNode, now: DateTime<Utc>) -> bool {
    let service = node.service();
    service.primary().and_then(|p| p.rollout_reason.as_deref()).is_some_and(sentences::names_rollback)
        || service.rollback().is_some_and(|e| now - e.at < RECENT)
}
