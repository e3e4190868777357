//! The service scheduler: keeps the desired tasks running, advances deployments, logs events.
use chrono::TimeDelta;

use super::deployments::Failure;
use super::task_life::{self, TaskEvent};
use super::tasks::{
    Bounds, TaskView, all_well, count, drain_tasks, list_tasks, refuse_placement, view_tasks,
};
use super::{blue_green, deployments, log_draining, log_event, replacement, traffic};
use crate::world::World;
use crate::world::ecs::{RolloutState, ServiceDeploymentStatus, ServiceId, Stage};

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
    let mut draining = Vec::new();
    let mut unstarted = 0;
    for position in 0..world.service(service_id).tasks.len() {
        let Some(event) = task_life::step(world, service_id, position) else { continue };
        let task = &world.service(service_id).tasks[position];
        let started_by = task.started_by.clone();
        let groups: Vec<String> =
            world.service(service_id).groups_of(task).into_iter().map(|(arn, _)| arn).collect();
        match event {
            TaskEvent::Registered => count_in(&mut registered, groups),
            TaskEvent::Draining => {
                count_in(&mut deregistered, groups);
                count_in(&mut draining, [started_by]);
            }
            TaskEvent::PullFailed => {
                let reason = task.stopped_reason.clone().unwrap_or_default();
                unstarted += 1;
                deployments::count_failure(world, service_id, &started_by, Failure::NotPulled);
                log_event(world, service_id, &format!("was unable to place a task. Reason: {reason}."));
            }
            TaskEvent::Crashed => {
                if !groups.is_empty() {
                    count_in(&mut deregistered, groups);
                    count_in(&mut draining, [started_by.clone()]);
                }
                deployments::count_failure(world, service_id, &started_by, Failure::Crashed);
            }
        }
    }
    for (group, count) in registered {
        log_event(world, service_id, &format!("registered {count} targets in (target-group {group})"));
    }
    if unstarted > 0 {
        log_event(world, service_id, &format!("has stopped {unstarted} pending tasks."));
    }
    for (group, count) in deregistered {
        log_event(world, service_id, &format!("deregistered {count} targets in (target-group {group})"));
    }
    for (deployment, count) in draining {
        log_draining(world, service_id, &deployment, count);
    }
    let now = world.now;
    world.service_mut(service_id).tasks.retain(|task| !task_life::is_forgotten(task, now));
}

/// Adds one to the count of each name.
fn count_in(counts: &mut Vec<(String, u32)>, names: impl IntoIterator<Item = String>) {
    for name in names {
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
}

/// One round of the scheduler.
fn schedule_tasks(world: &mut World, service_id: ServiceId) {
    note_health(world, service_id);
    replacement::settle(world, service_id);
    let bounds = Bounds::of(world, service_id);
    replacement::replace_unhealthy(world, service_id, bounds);
    deployments::judge_failures(world, service_id);
    deployments::judge_alarms(world, service_id);
    let view = view_tasks(world, service_id);
    let ready = view.iter().filter(|each| each.primary).all(|each| each.healthy)
        && count(&view, |each| each.primary) == bounds.desired;
    blue_green::step(world, service_id, ready, view.iter().all(|each| each.primary || each.held));
    let view = view_tasks(world, service_id);
    stop_surplus(world, service_id, &view, bounds);
    let view = view_tasks(world, service_id);
    start_missing(world, service_id, &view, bounds);
    replacement::rebalance(world, service_id, bounds);
    deployments::update_counts(world, service_id);
    deployments::complete_deployment(
        world,
        service_id,
        bounds.desired,
        all_well(&view_tasks(world, service_id)),
    );
    report_steady(world, service_id);
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
    let wanted = |each: &TaskView| each.primary && !each.extra;
    let mut surplus = count(view, wanted).saturating_sub(bounds.desired);
    let mut left: Vec<&TaskView> = view.iter().filter(|each| wanted(each)).collect();
    while surplus > 0 {
        // The unhealthy first, then those in the zone with the most, then the youngest.
        let zone = |each: &TaskView| &world.service(service_id).tasks[each.position].zone;
        let beside = |each: &TaskView| left.iter().filter(|other| zone(other) == zone(each)).count();
        let next =
            left.iter().enumerate().max_by_key(|(_, each)| (!each.healthy, beside(each), each.position));
        let Some((place, each)) = next.filter(|(_, each)| !each.healthy || spare > 0) else { break };
        surplus -= 1;
        spare = spare.saturating_sub(u32::from(each.healthy));
        chosen.push(each.position);
        left.remove(place);
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
    let missing = bounds.desired.saturating_sub(count(view, |each| each.primary && !each.extra));
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
        refuse_placement(world, service_id, reason);
    }
}

/// Reports a steady state when it is reached, and again every six hours.
fn report_steady(world: &mut World, service_id: ServiceId) {
    let now = world.now;
    let steady = {
        let service = world.service(service_id);
        let settled = service.deployments.len() == 1
            && service.primary().is_some_and(|it| it.rollout_state == RolloutState::Completed)
            && service.tasks.iter().all(|task| task.is_wanted() || !deployments::holds_up(world, task));
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
