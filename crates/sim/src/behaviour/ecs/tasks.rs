//! A service's tasks as its scheduler sees them, and how it stops them.
use super::deployments::{self, Failure};
use super::{log_event, task_life, traffic};
use crate::world::ecs::{ServiceId, Stage, Strategy};
use crate::world::{TaskHealth, World};

/// Tasks as an event lists them.
pub(super) fn list_tasks(ids: &[String]) -> String {
    let named: Vec<String> = ids.iter().map(|id| format!("(task {id})")).collect();
    named.join(" ")
}

/// The health of a task, as the scheduler counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one task")]
pub(super) struct TaskView {
    pub(super) position: usize,
    pub(super) primary: bool,
    pub(super) healthy: bool,
    /// Beside the desired ones until the task that it replaces goes.
    pub(super) extra: bool,
    /// Has the production traffic of a blue/green service whose new tasks are not ready.
    pub(super) held: bool,
}

/// The tasks that are to go on running, as the scheduler sees them.
pub(super) fn view_tasks(world: &World, service_id: ServiceId) -> Vec<TaskView> {
    let service = world.service(service_id);
    let primary = service.deployments.first().map(|it| it.id.as_str());
    let holds = traffic::shift_stage(service).is_some_and(|stage| stage < Stage::CleanUp);
    // Until the old tasks go, both sets are kept: the old one has the traffic or may get it back.
    let shifted = traffic::shift_stage(service).is_some_and(|stage| stage >= Stage::ProductionTrafficShift);
    service
        .tasks
        .iter()
        .enumerate()
        .filter(|(_, task)| task.is_wanted())
        .map(|(position, task)| TaskView {
            position,
            primary: primary == Some(task.started_by.as_str()),
            healthy: world.task_health(service, task) == TaskHealth::Healthy,
            extra: task.replaces.is_some(),
            held: holds && (shifted || task.target_group_arn == service.serving_group_arn),
        })
        .collect()
}

/// The number of primary tasks, if all are healthy and there are no others.
pub(super) fn all_well(view: &[TaskView]) -> Option<u32> {
    let well = view.iter().all(|each| each.primary && each.healthy);
    if well { u32::try_from(view.len()).ok() } else { None }
}

/// The bounds that the deployment configuration sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) desired: u32,
    /// The least number of healthy tasks, rounded up.
    pub(super) least: u32,
    /// The greatest number of tasks, rounded down.
    pub(super) most: u32,
}

impl Bounds {
    pub(super) fn of(world: &World, service_id: ServiceId) -> Self {
        let service = world.service(service_id);
        let desired = service.desired_count;
        let least = (desired * service.configuration.minimum_healthy_percent).div_ceil(100);
        let most = match service.configuration.strategy {
            Strategy::Rolling => desired * service.configuration.maximum_percent / 100,
            // All new tasks stand beside all old ones.
            _ => u32::MAX,
        };
        Self { desired, least, most }
    }
}

/// How many of them fit.
pub(super) fn count(view: &[TaskView], which: impl Fn(&TaskView) -> bool) -> u32 {
    u32::try_from(view.iter().filter(|each| which(each)).count()).unwrap_or(u32::MAX)
}

/// Stops these tasks. What drains is told some seconds later, when it begins.
pub(super) fn drain_tasks(world: &mut World, service_id: ServiceId, positions: &[usize], reason: &str) {
    let until_drain = world.rng.between(9, 10);
    let (mut running, mut pending) = (Vec::new(), 0);
    for &position in positions {
        let task = &world.service(service_id).tasks[position];
        let (id, ran) = (task.id.clone(), task.is_running());
        task_life::begin_stop(world, service_id, position, reason, until_drain);
        if ran {
            running.push(id);
        } else {
            pending += 1;
        }
    }
    if !running.is_empty() {
        let text = format!("has stopped {} running tasks: {}.", running.len(), list_tasks(&running));
        log_event(world, service_id, &text);
    }
    if pending > 0 {
        log_event(world, service_id, &format!("has stopped {pending} pending tasks."));
    }
}

/// Tells that a task found no place, and counts it as a failure.
pub(super) fn refuse_placement(world: &mut World, service_id: ServiceId, reason: &str) {
    log_event(world, service_id, &format!("was unable to place a task. Reason: {reason}"));
    let deployment = world.service(service_id).primary().map(|it| it.id.clone()).unwrap_or_default();
    deployments::count_failure(world, service_id, &deployment, Failure::NotPlaced);
}
