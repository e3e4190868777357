//! The inverse of an operation.

use super::{Action, OperationStage, Tracked, Verdict};
use crate::domain::ScalingRange;

/// What would take an operation back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inverse {
    /// Scale the service to what it was.
    Scale {
        /// Service name.
        service: String,
        /// Desired count before.
        to: u32,
    },
    /// Roll the service back: stop the rollout if it is in flight, else go to the revision before.
    RollBack {
        /// Service name.
        service: String,
    },
    /// Deploy a task definition.
    Revert {
        /// Service name.
        service: String,
        /// Task definition ARN before.
        to: String,
    },
    /// Set the autoscaling range as it was.
    Range {
        /// Service name.
        service: String,
        /// Before.
        to: ScalingRange,
    },
    /// There is none; why.
    None(&'static str),
}

/// The operation that `undo` is about: the newest that ended and may have changed something.
pub fn last_ended(operations: &[Tracked]) -> Option<&Tracked> {
    operations.iter().find(
        |t| matches!(&t.stage, OperationStage::Ended(verdict) if !matches!(verdict, Verdict::Refused(_))),
    )
}

/// The inverse of an operation that has ended.
pub fn inverse(tracked: &Tracked) -> Inverse {
    if matches!(&tracked.stage, OperationStage::Ended(Verdict::RolledBack(_))) {
        return Inverse::None("ECS has rolled it back already");
    }
    match &tracked.action {
        Action::Scale { service, from, .. } => Inverse::Scale { service: service.clone(), to: *from },
        Action::Deploy { service, from, .. } => {
            Inverse::Revert { service: service.clone(), to: from.clone() }
        }
        Action::Revert { service, .. } => Inverse::RollBack { service: service.clone() },
        Action::Range { service, from, .. } => Inverse::Range { service: service.clone(), to: *from },
        Action::Redeploy { .. } => {
            Inverse::None("a forced redeploy kept its task definition: r chooses an earlier image")
        }
        Action::StopRollout { .. } | Action::Continue { go_on: false, .. } => {
            Inverse::None("a rollback is not taken back: r deploys again")
        }
        Action::Continue { .. } => Inverse::None("a hook is answered once: b rolls back"),
        Action::StopTask { .. } => Inverse::None("a stopped task does not come back: ECS started another"),
        Action::Failover { .. } | Action::FailoverCluster { .. } => {
            Inverse::None("a failover is not taken back: F fails over again")
        }
    }
}
