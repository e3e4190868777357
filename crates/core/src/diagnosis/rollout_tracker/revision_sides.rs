//! Which side of a rollout a task is on. Old and new are told apart by the revision, also while ECS goes back:
//! a failed task of the new revision that still stops is not an old one.

use super::Rollout;
use crate::domain::{ServiceNode, Task, TaskRow};

/// A side of a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RevisionSide {
    /// What it replaces.
    Old,
    /// What it brings.
    New,
}

/// The side of a task; `None` while the rollout's own deployment is not known.
fn side_of(rollout: &Rollout, task: &Task) -> Option<RevisionSide> {
    let own = rollout.deployment.as_deref()?;
    let definition = rollout.to.task_definition.as_str();
    // Only where the two differ does the task definition tell the side.
    let differs = rollout.from.as_ref().is_some_and(|from| {
        !from.task_definition.is_empty() && !definition.is_empty() && from.task_definition != definition
    });
    let new = task.started_by.as_deref() == Some(own) || (differs && task.task_definition == definition);
    Some(if new { RevisionSide::New } else { RevisionSide::Old })
}

/// The side that comes up: the new one, and on the way back the old one.
pub(super) fn coming(rollout: &Rollout) -> RevisionSide {
    if rollout.rolling_back { RevisionSide::Old } else { RevisionSide::New }
}

/// The side that goes away.
pub(super) fn leaving(rollout: &Rollout) -> RevisionSide {
    if rollout.rolling_back { RevisionSide::New } else { RevisionSide::Old }
}

/// The tasks of one side.
pub(super) fn rows_of<'a>(
    rollout: &'a Rollout,
    node: &'a ServiceNode,
    side: RevisionSide,
) -> impl Iterator<Item = &'a TaskRow> {
    node.rows.iter().filter(move |row| side_of(rollout, node.task(row)) == Some(side))
}

/// How many tasks of one side have not stopped.
pub(super) fn count_alive(rollout: &Rollout, node: &ServiceNode, side: RevisionSide) -> usize {
    rows_of(rollout, node, side).filter(|row| node.task(row).last_status != "STOPPED").count()
}
