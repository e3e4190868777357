//! The service scheduler: keeps the desired tasks running, advances deployments, logs events.
use chrono::TimeDelta;

use super::task_life::{self, TaskEvent};
use super::{blue_green, deployments, log_event, traffic};
use crate::world::ecs::{RolloutState, Service, ServiceDeploymentStatus, ServiceId, Stage, Strategy, Task};
use crate::world::elb::TargetState;
use crate::world::{TaskHealth, World};

/// Hours after which a steady state is reported again.
const STEADY_EVERY: TimeDelta = TimeDelta::hours(6);
/// The most tasks started at once.
const BATCH: u32 = 10;

/// Advances every service by one second.
pub(crate) fn step(world: &mut World) {
    for service_id in world.ecs.service_ids() {
        deployments::apply_requests(world, service_id);
        run_tasks(world, service_id);
        let now = world.now;
        let service = world.service(service_id);
        // What was requested in this second has not begun yet.
        let pending =
            service.current().is_some_and(|record| record.status == ServiceDeploymentStatus::Pending);
        if !pending && service.scheduler.next_look.is_none_or(|at| at <= now) {
            // The scheduler runs every few seconds.
            let pause = TimeDelta::seconds(world.rng.between(3, 6));
            world.service_mut(service_id).scheduler.next_look = Some(now + pause);
            schedule_tasks(world, service_id);
        }
    }
}

/// Advances the service's tasks.
fn run_tasks(world: &mut World, service_id: ServiceId) {
    let (mut registered, mut deregistered) = (Vec::new(), Vec::new());
    let mut stopped = Vec::new();
    for position in 0..world.service(service_id).tasks.len() {
        let Some(event) = task_life::step(world, service_id, position) else { continue };
        let task = &world.service(service_id).tasks[position];
        let groups: Vec<String> =
            world.service(service_id).groups_of(task).into_iter().map(|(arn, _)| arn).collect();
        match event {
            TaskEvent::Registered => count_groups(&mut registered, groups),
            TaskEvent::Stopped => stopped.push(task.id.clone()),
            TaskEvent::PullFailed => {
                let reason = task.stopped_reason.clone().unwrap_or_default();
                fail_to_start(world, service_id, position);
                log_event(world, service_id, &format!("was unable to place a task. Reason: {reason}."));
            }
            TaskEvent::Crashed => {
                count_groups(&mut deregistered, groups);
                fail_to_start(world, service_id, position);
            }
        }
    }
    for (group, count) in registered {
        log_event(world, service_id, &format!("registered {count} targets in (target-group {group})"));
    }
    for (group, count) in deregistered {
        log_event(world, service_id, &format!("deregistered {count} targets in (target-group {group})"));
    }
    if !stopped.is_empty() {
        log_event(
            world,
            service_id,
            &format!("has stopped {} running tasks: {}.", stopped.len(), list_tasks(&stopped)),
        );
    }
    let now = world.now;
    world.service_mut(service_id).tasks.retain(|task| !task_life::is_forgotten(task, now));
}

/// Adds one to each group's count.
fn count_groups(counts: &mut Vec<(String, u32)>, groups: Vec<String>) {
    for group in groups {
        match counts.iter_mut().find(|(known, _)| *known == group) {
            Some((_, count)) => *count += 1,
            None => counts.push((group, 1)),
        }
    }
}

/// Counts a task that ended before it served.
fn fail_to_start(world: &mut World, service_id: ServiceId, position: usize) {
    let started_by = world.service(service_id).tasks[position].started_by.clone();
    let pause = world.rng.between(4, 9);
    deployments::count_failure(world, service_id, &started_by, pause, false);
}

fn list_tasks(ids: &[String]) -> String {
    let named: Vec<String> = ids.iter().map(|id| format!("(task {id})")).collect();
    named.join(" ")
}

/// The health of a task, as the scheduler counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TaskView {
    position: usize,
    primary: bool,
    healthy: bool,
    /// Has the production traffic of a blue/green service whose new tasks are not ready.
    held: bool,
}

/// The tasks that are to go on running, as the scheduler sees them.
fn view_tasks(world: &World, service_id: ServiceId) -> Vec<TaskView> {
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
            held: holds && (shifted || task.target_group_arn == service.serving_group_arn),
        })
        .collect()
}

/// One round of the scheduler.
fn schedule_tasks(world: &mut World, service_id: ServiceId) {
    note_health(world, service_id);
    stop_unhealthy(world, service_id);
    deployments::judge_failures(world, service_id);
    deployments::judge_alarms(world, service_id);
    let view = view_tasks(world, service_id);
    let bounds = Bounds::of(world, service_id);
    let ready = view.iter().filter(|each| each.primary).all(|each| each.healthy)
        && count(&view, |each| each.primary) == bounds.desired;
    blue_green::step(world, service_id, ready, view.iter().all(|each| each.primary || each.held));
    let view = view_tasks(world, service_id);
    stop_surplus(world, service_id, &view, bounds);
    let view = view_tasks(world, service_id);
    start_missing(world, service_id, &view, bounds);
    deployments::update_counts(world, service_id);
    deployments::complete_deployment(
        world,
        service_id,
        bounds.desired,
        all_well(&view_tasks(world, service_id)),
    );
    report_steady(world, service_id);
}

/// The number of primary tasks, if all are healthy and there are no others.
fn all_well(view: &[TaskView]) -> Option<u32> {
    let well = view.iter().all(|each| each.primary && each.healthy);
    if well { u32::try_from(view.len()).ok() } else { None }
}

/// The bounds that the deployment configuration sets.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    desired: u32,
    /// The least number of healthy tasks, rounded up.
    least: u32,
    /// The greatest number of tasks, rounded down.
    most: u32,
}

impl Bounds {
    fn of(world: &World, service_id: ServiceId) -> Self {
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

/// Resets a deployment's count of failures once a task of it is healthy.
fn note_health(world: &mut World, service_id: ServiceId) {
    for each in view_tasks(world, service_id) {
        let service = world.service_mut(service_id);
        let task = &mut service.tasks[each.position];
        if each.healthy && !task.was_healthy {
            task.was_healthy = true;
            let started_by = task.started_by.clone();
            deployments::reset_failures(service, &started_by);
        }
    }
}

/// Stops tasks whose target is unhealthy, once their grace period is over.
fn stop_unhealthy(world: &mut World, service_id: ServiceId) {
    let now = world.now;
    let service = world.service(service_id);
    let grace = TimeDelta::seconds(i64::from(service.health_check_grace_seconds));
    let sick: Vec<usize> = service
        .tasks
        .iter()
        .enumerate()
        .filter(|(_, task)| task.is_wanted() && task.started_at.is_some_and(|at| at + grace <= now))
        .filter(|(_, task)| world.task_health(service, task) == TaskHealth::Unhealthy)
        .map(|(position, _)| position)
        .collect();
    if sick.is_empty() {
        return;
    }
    let mut reasons = Vec::new();
    for &position in &sick {
        let service = world.service(service_id);
        let task = &service.tasks[position];
        let (event, reason) = match sick_target(world, service, task) {
            Some((group, port, why)) => (
                format!("(port {port}) is unhealthy in (target-group {group}) due to (reason {why})."),
                format!("Task failed ELB health checks in (target-group {group})"),
            ),
            None => (
                format!("(task {}) failed container health checks.", task.id),
                "Task failed container health checks".to_owned(),
            ),
        };
        reasons.push(reason);
        let started_by = task.started_by.clone();
        log_event(world, service_id, &event);
        let pause = world.rng.between(4, 9);
        deployments::count_failure(world, service_id, &started_by, pause, true);
    }
    for reason in reasons.iter().collect::<std::collections::BTreeSet<_>>() {
        let own: Vec<usize> =
            sick.iter().zip(&reasons).filter(|(_, of)| *of == reason).map(|(&place, _)| place).collect();
        drain_tasks(world, service_id, &own, reason);
    }
}

/// The group in which a task's target is unhealthy, the port there, and why; `None` when it is its container that
/// says so.
fn sick_target(world: &World, service: &Service, task: &Task) -> Option<(String, u16, String)> {
    service.groups_of(task).into_iter().find_map(|(arn, port)| {
        let group = world.elb.target_group(&arn)?;
        let target = group.targets.iter().find(|target| target.task_id == task.id)?;
        let why = target.description.clone().unwrap_or_default();
        (target.state == TargetState::Unhealthy).then_some((arn, port, why))
    })
}

/// Stops surplus tasks: those of older deployments, and those above the desired count.
fn stop_surplus(world: &mut World, service_id: ServiceId, view: &[TaskView], bounds: Bounds) {
    let primary_failed =
        world.service(service_id).primary().is_some_and(|it| it.rollout_state == RolloutState::Failed);
    let healthy = count(view, |each| each.healthy);
    let mut spare = healthy.saturating_sub(bounds.least);
    let mut chosen: Vec<usize> = Vec::new();
    // A deployment that was given up, without a rollback, leaves the older tasks alone.
    if !primary_failed {
        for each in view.iter().filter(|each| !each.primary && !each.held) {
            if !each.healthy {
                chosen.push(each.position);
            } else if spare > 0 {
                spare -= 1;
                chosen.push(each.position);
            }
        }
    }
    let mut surplus = count(view, |each| each.primary).saturating_sub(bounds.desired);
    // The unhealthy first, then the youngest.
    let mut primary: Vec<&TaskView> = view.iter().filter(|each| each.primary).collect();
    primary.sort_by_key(|each| (each.healthy, std::cmp::Reverse(each.position)));
    for each in primary {
        if surplus == 0 || (each.healthy && spare == 0) {
            break;
        }
        surplus -= 1;
        spare = spare.saturating_sub(u32::from(each.healthy));
        chosen.push(each.position);
    }
    if !chosen.is_empty() {
        let deployment = world.service(service_id).primary().map(|it| it.id.clone()).unwrap_or_default();
        drain_tasks(
            world,
            service_id,
            &chosen,
            &format!("Scaling activity initiated by (deployment {deployment})"),
        );
    }
}

fn count(view: &[TaskView], which: impl Fn(&TaskView) -> bool) -> u32 {
    u32::try_from(view.iter().filter(|each| which(each)).count()).unwrap_or(u32::MAX)
}

/// Stops these tasks and tells which targets drain.
pub(crate) fn drain_tasks(world: &mut World, service_id: ServiceId, positions: &[usize], reason: &str) {
    let mut draining = Vec::new();
    let mut tasks = 0_u32;
    for &position in positions {
        let service = world.service(service_id);
        let groups = service.groups_of(&service.tasks[position]);
        if task_life::begin_stop(world, service_id, position, reason) {
            tasks += 1;
            count_groups(&mut draining, groups.into_iter().map(|(group, _)| group).collect());
        }
    }
    if tasks > 0 {
        log_event(world, service_id, &format!("has begun draining connections on {tasks} tasks."));
    }
    for (group, count) in draining {
        log_event(world, service_id, &format!("deregistered {count} targets in (target-group {group})"));
    }
}

/// Starts missing tasks, within the upper bound.
fn start_missing(world: &mut World, service_id: ServiceId, view: &[TaskView], bounds: Bounds) {
    let now = world.now;
    let service = world.service(service_id);
    if service.primary().is_none_or(|it| it.rollout_state == RolloutState::Failed)
        || service.scheduler.start_after.is_some_and(|at| now < at)
        || traffic::shift_stage(service).is_some_and(|stage| stage < Stage::ScaleUp)
    {
        return;
    }
    let missing = bounds.desired.saturating_sub(count(view, |each| each.primary));
    let room = bounds.most.saturating_sub(count(view, |_| true));
    let mut started: Vec<String> = Vec::new();
    let mut refused = None;
    for _ in 0..missing.min(room).min(BATCH) {
        match task_life::start_task(world, service_id) {
            Ok(id) => started.push(id),
            Err(reason) => {
                refused = Some(reason);
                break;
            }
        }
    }
    if !started.is_empty() {
        log_event(
            world,
            service_id,
            &format!("has started {} tasks: {}.", started.len(), list_tasks(&started)),
        );
    }
    if let Some(reason) = refused {
        log_event(world, service_id, &format!("was unable to place a task. Reason: {reason}"));
        let deployment = world.service(service_id).primary().map(|it| it.id.clone()).unwrap_or_default();
        let pause = world.rng.between(40, 50);
        deployments::count_failure(world, service_id, &deployment, pause, false);
    }
}

/// Reports a steady state when it is reached, and again every six hours.
fn report_steady(world: &mut World, service_id: ServiceId) {
    let now = world.now;
    let steady = {
        let service = world.service(service_id);
        let settled = service.deployments.len() == 1
            && service.primary().is_some_and(|it| it.rollout_state == RolloutState::Completed)
            && service.tasks.iter().all(|task| task.is_wanted() || task.stopped_at.is_some());
        settled && all_well(&view_tasks(world, service_id)) == Some(service.desired_count)
    };
    let since = world.service(service_id).scheduler.steady_since;
    let report = steady && since.is_none_or(|since| now - since >= STEADY_EVERY);
    if report {
        log_event(world, service_id, "has reached a steady state.");
    }
    world.service_mut(service_id).scheduler.steady_since =
        if report { Some(now) } else { since.filter(|_| steady) };
}
