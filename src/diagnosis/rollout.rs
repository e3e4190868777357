//! A rollout as counts: the new deployment beside what it replaces.

use crate::domain::{Deployment, ServiceNode};

/// How far a deployment of a service is, counted from its tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// On their way up: PROVISIONING, PENDING, ACTIVATING.
    pub starting: u32,
    /// RUNNING but not healthy in the target group (yet).
    pub running: u32,
    /// RUNNING and healthy.
    pub healthy: u32,
    /// Of the running: the target says `unhealthy`.
    pub unhealthy: u32,
    /// On their way down; their connections drain.
    pub draining: u32,
    /// Stopped, of those ECS still lists.
    pub stopped: u32,
    /// The newest target reason of an unhealthy one.
    pub reason: Option<String>,
    /// The newest stop reason of a task that ended by itself or failed its checks.
    pub stop_reason: Option<String>,
}

/// Counts the tasks of one deployment. A task without any target group counts as healthy once it runs.
pub fn progress(node: &ServiceNode, deployment: &Deployment) -> Progress {
    let mut p = Progress::default();
    let balanced = !node.service().target_links.is_empty();
    for row in &node.rows {
        let task = node.task(row);
        if task.started_by.as_deref() != Some(deployment.id.as_str()) {
            continue;
        }
        let target = row.target.as_ref().map(|t| t.state.as_str());
        match task.last_status.as_str() {
            "STOPPED" => {
                p.stopped += 1;
                if p.stop_reason.is_none() {
                    p.stop_reason.clone_from(&task.stopped_reason);
                }
            }
            "DEACTIVATING" | "STOPPING" | "DEPROVISIONING" => p.draining += 1,
            "RUNNING" => match target {
                Some("draining" | "unhealthy.draining") => p.draining += 1,
                Some("healthy") => p.healthy += 1,
                None if !balanced => p.healthy += 1,
                Some("unhealthy") => {
                    p.running += 1;
                    p.unhealthy += 1;
                    p.reason = row.target.as_ref().and_then(|t| t.description.clone().or(t.reason.clone()));
                }
                _ => p.running += 1,
            },
            _ => p.starting += 1,
        }
    }
    p
}
