//! A rollout as counts, with the reasons of what goes wrong in it.

use crate::domain::{Deployment, ServiceNode, TaskCounts};

/// How far a deployment of a service is, and what its tasks say of their trouble.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RolloutProgress {
    /// Its tasks, counted by how far they are.
    pub counts: TaskCounts,
    /// The newest target reason of an unhealthy one.
    pub reason: Option<String>,
    /// The newest stop reason of a task that ended, or is on its way there.
    pub stop_reason: Option<String>,
}

/// Looks at the tasks of one deployment.
pub fn rollout_progress(node: &ServiceNode, deployment: &Deployment) -> RolloutProgress {
    let counts = node.by_deployment.get(&deployment.id).cloned().unwrap_or_default();
    let mut progress = RolloutProgress { counts, ..RolloutProgress::default() };
    // The rows come newest first.
    for row in &node.rows {
        let task = node.task(row);
        if task.started_by.as_deref() != Some(deployment.id.as_str()) {
            continue;
        }
        if progress.stop_reason.is_none() {
            progress.stop_reason.clone_from(&task.stopped_reason);
        }
        if let Some(target) = row.target.as_ref().filter(|t| t.fails())
            && progress.reason.is_none()
        {
            progress.reason = target.why().map(str::to_owned);
        }
    }
    progress
}
