//! How a rollout that has not ended goes in one word, and how serious that is.

use super::{Rollout, rollout_progress};
use crate::domain::{Level, ServiceNode, sentences};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a rollback is reported.
const RECENT: TimeDelta = TimeDelta::hours(1);

/// How a rollout goes that has not ended; of several that hold the most telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolloutCondition {
    /// ECS goes back to the revision before.
    RollingBack,
    /// Its tasks fail now: ECS or the circuit breaker counts failures, or targets are unhealthy.
    Failing,
    /// A hook holds it until somebody answers.
    Paused,
    /// Some of its tasks failed, and none is counted any more: others took their place.
    HasFailed,
    /// Nothing is wrong with it.
    UnderWay,
}

impl RolloutCondition {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::RollingBack, Self::Failing, Self::Paused, Self::HasFailed, Self::UnderWay];

    /// How serious it is.
    pub fn level(self) -> Level {
        match self {
            Self::RollingBack | Self::Failing => Level::Bad,
            Self::Paused | Self::HasFailed => Level::Warn,
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
    if counted > 0 || new.is_some_and(|d| d.failed > 0 || rollout_progress(node, d).counts.unhealthy > 0) {
        return RolloutCondition::Failing;
    }
    match rollout {
        Some(rollout) if rollout.hook.is_some() => RolloutCondition::Paused,
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
