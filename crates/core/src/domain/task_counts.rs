//! Tasks counted by how far they are: what a rollout's bar shows.

use super::{JudgedBy, Task, TaskLife, TaskRow};

/// The tasks of one deployment, or of a whole service, by how far they are. Each task is counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// On their way to RUNNING.
    pub pending: u32,
    /// RUNNING, but not (yet) healthy in their target group.
    pub running: u32,
    /// RUNNING and healthy in every target group; by their containers' checks where the service has none; just
    /// RUNNING without either.
    pub healthy: u32,
    /// RUNNING and unhealthy in their target group.
    pub unhealthy: u32,
    /// RUNNING and draining in their target group.
    pub draining: u32,
    /// On their way to STOPPED.
    pub stopping: u32,
    /// STOPPED, as far as ECS still lists them (about an hour).
    pub stopped: u32,
    /// Image tag of the first of them.
    pub tag: Option<String>,
    /// Digest that the first of them really runs.
    pub digest: Option<String>,
}

impl TaskCounts {
    /// Counts one task. `judged`: what says that a task of its service is healthy.
    pub fn add(&mut self, task: &Task, row: &TaskRow, judged: JudgedBy) {
        let field = match task.life() {
            // What is not known to run is not counted as running.
            TaskLife::Unknown if task.desired_status == "STOPPED" => &mut self.stopping,
            TaskLife::Starting | TaskLife::Unknown => &mut self.pending,
            TaskLife::Running if judged != JudgedBy::Targets => match task.health.as_str() {
                "UNHEALTHY" => &mut self.unhealthy,
                "HEALTHY" => &mut self.healthy,
                // Its first check is yet to come, or there is none.
                _ if judged == JudgedBy::Containers => &mut self.running,
                _ => &mut self.healthy,
            },
            TaskLife::Running => match &row.target {
                _ if row.serves() => &mut self.healthy,
                Some(target) if target.fails() => &mut self.unhealthy,
                Some(target) if target.drains() => &mut self.draining,
                _ => &mut self.running,
            },
            TaskLife::Over => &mut self.stopped,
            TaskLife::Ending => &mut self.stopping,
        };
        *field += 1;
        if self.tag.is_none() {
            self.tag.clone_from(&row.tag);
        }
        if self.digest.is_none() {
            self.digest.clone_from(&row.digest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_task_without_a_target_is_healthy_only_where_there_are_no_groups() {
        let task = Task { last_status: "RUNNING".into(), ..Task::default() };
        let row = TaskRow::default();
        let mut counts = TaskCounts::default();
        counts.add(&task, &row, JudgedBy::Targets);
        counts.add(&task, &row, JudgedBy::Running);
        counts.add(&task, &row, JudgedBy::Containers);
        assert_eq!((counts.running, counts.healthy), (2, 1));
        let sick = Task { health: "UNHEALTHY".into(), ..task };
        counts.add(&sick, &row, JudgedBy::Containers);
        assert_eq!((counts.unhealthy, counts.healthy), (1, 1));
    }
}
