//! Tasks that are started before another one goes: for an unhealthy one, and for one in a zone with too many.
use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::deployments::{self, Failure};
use super::tasks::{Bounds, all_well, count, drain_tasks, list_tasks, refuse_placement, view_tasks};
use super::{log_event, task_life};
use crate::world::ecs::{RolloutState, Service, ServiceId, Task};
use crate::world::elb::TargetState;
use crate::world::{TaskHealth, World};

/// How long an uneven spread lasts before ECS acts on it.
const UNEVEN_FOR: TimeDelta = TimeDelta::seconds(30);

/// Stops what was replaced, once its replacement is healthy. "Amazon ECS first starts a replacement task":
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html>
pub(super) fn settle(world: &mut World, service_id: ServiceId) {
    for position in 0..world.service(service_id).tasks.len() {
        let service = world.service(service_id);
        let task = &service.tasks[position];
        let Some(id) = task.replaces.clone().filter(|_| task.is_wanted()) else { continue };
        let healthy = world.task_health(service, task) == TaskHealth::Healthy;
        let old = service.tasks.iter().position(|each| each.id == id && each.is_wanted());
        let recovered =
            old.is_some_and(|place| !service.tasks[place].told_unhealthy && !service.scheduler.rebalancing);
        if let Some(place) = old.filter(|_| healthy && !recovered) {
            let reason = why(world, service_id, place);
            drain_tasks(world, service_id, &[place], &reason);
        }
        if healthy || recovered || old.is_none() {
            world.service_mut(service_id).tasks[position].replaces = None;
        }
    }
}

/// The reason with which a task that was replaced is stopped.
fn why(world: &World, service_id: ServiceId, position: usize) -> String {
    let service = world.service(service_id);
    let task = &service.tasks[position];
    if task.told_unhealthy {
        return failed_checks(sick_target(world, service, task).map(|sick| sick.group));
    }
    let deployment = service.primary().map(|it| it.id.as_str()).unwrap_or_default();
    format!("Scaling activity initiated by (deployment {deployment})")
}

/// The reason with which a task is stopped whose target in this group, or else whose container, is unhealthy.
fn failed_checks(group: Option<String>) -> String {
    match group {
        Some(group) => format!("Task failed ELB health checks in (target-group {group})"),
        None => "Task failed container health checks".to_owned(),
    }
}

/// A task's target that fails its checks.
struct SickTarget {
    /// ARN of the target group.
    group: String,
    port: u16,
    /// What the load balancer says of it.
    why: String,
}

/// The group in which a task's target is unhealthy, the port there, and why; `None` when it is its container that
/// says so.
fn sick_target(world: &World, service: &Service, task: &Task) -> Option<SickTarget> {
    service.groups_of(task).into_iter().find_map(|(arn, port)| {
        let group = world.elb.target_group(&arn)?;
        let target = group.targets.iter().find(|target| target.task_id == task.id)?;
        let why = target.description.clone().unwrap_or_default();
        (target.state == TargetState::Unhealthy).then_some(SickTarget { group: arn, port, why })
    })
}

/// Replaces tasks whose target is unhealthy, once their grace period is over: where there is room for another
/// task, it is started first; where there is none, the unhealthy one is stopped.
pub(super) fn replace_unhealthy(world: &mut World, service_id: ServiceId, bounds: Bounds) {
    let now = world.now;
    let service = world.service(service_id);
    let grace = TimeDelta::seconds(i64::from(service.health_check_grace_seconds));
    let state = |task: &Task| world.task_health(service, task);
    let is_sick = |task: &Task| {
        task.is_wanted()
            && task.started_at.is_some_and(|at| at + grace <= now)
            && state(task) == TaskHealth::Unhealthy
    };
    let tasks = service.tasks.iter().enumerate();
    let sick: Vec<usize> = tasks.clone().filter(|(_, task)| is_sick(task)).map(|(place, _)| place).collect();
    let well: Vec<usize> = tasks
        .filter(|(_, task)| task.told_unhealthy && state(task) == TaskHealth::Healthy)
        .map(|(place, _)| place)
        .collect();
    for place in well {
        world.service_mut(service_id).tasks[place].told_unhealthy = false;
    }
    for &place in &sick {
        tell_unhealthy(world, service_id, place);
    }
    let mut stopped: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut started = Vec::new();
    let mut room = bounds.most.saturating_sub(count(&view_tasks(world, service_id), |_| true));
    for place in sick {
        let service = world.service(service_id);
        let task = &service.tasks[place];
        let replaced = |each: &Task| each.is_wanted() && each.replaces.as_ref() == Some(&task.id);
        if service.tasks.iter().any(replaced) {
            continue;
        }
        let current = service.primary().filter(|it| it.rollout_state != RolloutState::Failed);
        if room == 0 || current.is_none_or(|it| it.id != task.started_by) {
            let reason = failed_checks(sick_target(world, service, task).map(|sick| sick.group));
            stopped.entry(reason).or_default().push(place);
        } else if service.scheduler.start_after.is_none_or(|at| at <= now) {
            let old = task.id.clone();
            match task_life::start_task(world, service_id) {
                Ok(id) => {
                    mark_replacement(world, service_id, &id, old);
                    started.push(id);
                    room -= 1;
                }
                Err(reason) => refuse_placement(world, service_id, reason),
            }
        }
    }
    if !started.is_empty() {
        let count = started.len();
        let text = format!(
            "has started {count} tasks: {}. Amazon ECS replaced {count} tasks due to an unhealthy status.",
            list_tasks(&started)
        );
        log_event(world, service_id, &text);
    }
    for (reason, places) in stopped {
        drain_tasks(world, service_id, &places, &reason);
        let started_by: Vec<String> =
            places.iter().map(|&place| world.service(service_id).tasks[place].started_by.clone()).collect();
        // What is stopped without a replacement is made up for after a pause.
        for id in started_by {
            deployments::count_failure(world, service_id, &id, Failure::Unhealthy);
        }
    }
}

/// Logs the event about a task's failed health checks, once.
fn tell_unhealthy(world: &mut World, service_id: ServiceId, position: usize) {
    let service = world.service(service_id);
    let task = &service.tasks[position];
    if task.told_unhealthy {
        return;
    }
    let id = &task.id;
    let text = match sick_target(world, service, task) {
        Some(SickTarget { group, port, why }) => {
            format!("(task {id}) (port {port}) is unhealthy in (target-group {group}) due to (reason {why}).")
        }
        None => format!("(task {id}) failed container health checks."),
    };
    log_event(world, service_id, &text);
    world.service_mut(service_id).tasks[position].told_unhealthy = true;
}

fn mark_replacement(world: &mut World, service_id: ServiceId, id: &str, old: String) {
    let mut tasks = world.service_mut(service_id).tasks.iter_mut();
    if let Some(task) = tasks.find(|task| task.id == id) {
        task.replaces = Some(old);
    }
}

/// Availability Zone rebalancing: while nothing else goes on and one zone has at least two tasks more than
/// another, a task is started in the second before one in the first is stopped.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html>
pub(super) fn rebalance(world: &mut World, service_id: ServiceId, bounds: Bounds) {
    let now = world.now;
    let service = world.service(service_id);
    let view = view_tasks(world, service_id);
    let settled = service.settings.rebalancing
        && service.runs.on_fargate()
        && bounds.most > bounds.desired
        && service.primary().is_some_and(|it| it.rollout_state == RolloutState::Completed)
        && service.tasks.iter().all(|task| task.replaces.is_none())
        && all_well(&view) == Some(bounds.desired);
    if !settled {
        world.service_mut(service_id).scheduler.uneven_since = None;
        return;
    }
    let spread = spread(world, service_id);
    let (Some((short, least)), Some((long, most))) = (spread.last().cloned(), spread.first().cloned()) else {
        return;
    };
    let told = service.scheduler.rebalancing;
    let listed: Vec<String> = spread.iter().map(|(zone, count)| format!("{count} tasks in {zone}")).collect();
    let listed = listed.join(", ");
    if most - least < 2 {
        let scheduler = &mut world.service_mut(service_id).scheduler;
        scheduler.uneven_since = None;
        scheduler.rebalancing = false;
        if told {
            log_event(world, service_id, &format!("is AZ balanced with {listed}."));
        }
        return;
    }
    let since = *world.service_mut(service_id).scheduler.uneven_since.get_or_insert(now);
    if now - since < UNEVEN_FOR {
        return;
    }
    if !told {
        world.service_mut(service_id).scheduler.rebalancing = true;
        log_event(
            world,
            service_id,
            &format!("is not AZ balanced with {listed}. AZ Rebalancing in progress."),
        );
    }
    let service = world.service(service_id);
    let old = service.tasks.iter().rev().find(|task| task.is_wanted() && task.zone == long);
    let Some(old) = old.map(|task| task.id.clone()) else { return };
    match task_life::start_task_in(world, service_id, Some(&short)) {
        Ok(id) => {
            let text = format!(
                "has started 1 tasks in {short} to AZ Rebalance: {}.",
                list_tasks(std::slice::from_ref(&id))
            );
            log_event(world, service_id, &text);
            mark_replacement(world, service_id, &id, old);
        }
        Err(reason) => refuse_placement(world, service_id, reason),
    }
}

/// How many wanted tasks each zone of the service's subnets has, the most first; a lost zone is left out.
fn spread(world: &World, service_id: ServiceId) -> Vec<(String, usize)> {
    let service = world.service(service_id);
    let subnets = service.network.subnets.iter().filter_map(|id| world.network.subnet(id));
    let mut zones: BTreeMap<String, usize> =
        subnets.filter(|it| !world.is_lost(&it.zone, world.now)).map(|it| (it.zone.clone(), 0)).collect();
    for task in service.tasks.iter().filter(|task| task.is_wanted()) {
        if let Some(count) = zones.get_mut(&task.zone) {
            *count += 1;
        }
    }
    let mut spread: Vec<(String, usize)> = zones.into_iter().collect();
    spread.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    spread
}
