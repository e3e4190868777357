//! A rollout as counts, with the reasons of what goes wrong in it.

use crate::domain::{Deployment, ServiceNode, TargetHealth, TaskCounts};

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
        let sick = row.targets.iter().find(|it| it.target.as_ref().is_some_and(TargetHealth::fails));
        if let Some((it, target)) = sick.and_then(|it| Some((it, it.target.as_ref()?)))
            && progress.reason.is_none()
        {
            let group = node.groups.get(it.group).filter(|_| node.groups.len() > 1);
            let place = group.map(|group| format!(" in {}", group.name)).unwrap_or_default();
            progress.reason = target.why().map(|why| format!("{why}{place}"));
        } else if task.is_unhealthy() && progress.reason.is_none() {
            progress.reason = Some("container health check fails".to_owned());
        }
    }
    progress
}
