//! The inverse of an operation.

use super::{Action, Draft, OperationStage, Tracked, Verdict};

/// The operation that `undo` is about: the newest that ended and may have changed something.
pub fn last_ended(operations: &[Tracked]) -> Option<&Tracked> {
    operations.iter().find(
        |t| matches!(&t.stage, OperationStage::Ended(verdict) if !matches!(verdict, Verdict::Refused(_))),
    )
}

/// What would take an operation back that has ended; else why nothing does.
pub fn inverse(tracked: &Tracked) -> Result<Draft, &'static str> {
    if matches!(&tracked.stage, OperationStage::Ended(Verdict::RolledBack(_))) {
        return Err("ECS has rolled it back already");
    }
    match &tracked.action {
        Action::Scale { service, from, .. } => Ok(Draft::Scale { service: service.clone(), to: *from }),
        Action::Deploy { service, from, .. } => {
            Ok(Draft::Revert { service: service.clone(), to: from.clone() })
        }
        Action::Revert { service, .. } => Ok(Draft::RollBack { service: service.clone() }),
        Action::Range { service, from, .. } => Ok(Draft::Range { service: service.clone(), range: *from }),
        Action::Redeploy { .. } => {
            Err("a forced redeploy kept its task definition: r chooses an earlier image")
        }
        Action::StopRollout { .. } | Action::Continue { go_on: false, .. } => {
            Err("a rollback is not taken back: r deploys again")
        }
        Action::Continue { .. } => Err("a hook is answered once: b rolls back"),
        Action::StopTask { .. } => Err("a stopped task does not come back: ECS started another"),
        Action::Failover { .. } | Action::FailoverCluster { .. } => {
            Err("a failover is not taken back: F fails over again")
        }
    }
}
