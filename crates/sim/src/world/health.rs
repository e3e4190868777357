//! A task's health, as its service counts it.
use super::World;
use super::ecs::{Service, Task};
use super::elb::TargetState;

/// A task's health: by its targets in every group, and by its container's own check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskHealth {
    /// Not known yet.
    Starting,
    /// It runs, and nothing says otherwise.
    Healthy,
    /// A target group or its own check says that it is not.
    Unhealthy,
}

impl Service {
    /// Every target group that a task is registered in, with the port of the container there.
    pub fn groups_of(&self, task: &Task) -> Vec<(String, u16)> {
        // The first group is the task's own: a deployment that shifts traffic has another one than the service.
        let first = (task.target_group_arn.clone(), self.load_balancer.container_port);
        let more = self.more_load_balancers.iter();
        let more = more.map(|each| (each.target_group_arn.clone(), each.container_port));
        std::iter::once(first).chain(more).filter(|(arn, _)| !arn.is_empty()).collect()
    }
}

impl World {
    /// The health of a task of a service, as the service counts it.
    pub fn task_health(&self, service: &Service, task: &Task) -> TaskHealth {
        let state = |arn: &str| self.elb.target_group(arn).and_then(|group| group.state_of(&task.id));
        let states: Vec<Option<TargetState>> =
            service.groups_of(task).iter().map(|(arn, _)| state(arn)).collect();
        if task.container_health() == "UNHEALTHY" || states.contains(&Some(TargetState::Unhealthy)) {
            return TaskHealth::Unhealthy;
        }
        // A target that gets no traffic is not checked, and nothing waits for it.
        let good =
            |state: &Option<TargetState>| matches!(state, Some(TargetState::Healthy | TargetState::Unused));
        if task.is_running() && states.iter().all(good) { TaskHealth::Healthy } else { TaskHealth::Starting }
    }
}
