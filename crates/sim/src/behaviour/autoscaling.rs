//! Target tracking and alarms, which evaluate the metrics once a minute.
use chrono::TimeDelta;

use super::metrics::{self, MetricQuery};
use crate::world::cloudwatch::{Alarm, AlarmState};
use crate::world::ecs::{RolloutState, ServiceId};
use crate::world::scaling::{ScalingActivity, ScalingPolicy};
use crate::world::{TruthKind, World};

/// Activities that are kept.
const ACTIVITIES_KEPT: usize = 200;

/// Called after each whole minute.
pub(crate) fn each_minute(world: &mut World) {
    for position in 0..world.cloudwatch.alarms.len() {
        evaluate_alarm(world, position);
    }
    for position in 0..world.scaling.policies.len() {
        track_target(world, position);
    }
    for position in 0..world.scaling.scheduled.len() {
        run_scheduled(world, position);
    }
}

/// Runs a scheduled action if it is due: the bounds change, and the desired count with them where it lies outside.
/// The words are those of the documentation's examples:
/// <https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html>
fn run_scheduled(world: &mut World, position: usize) {
    let now = world.now;
    let action = world.scaling.scheduled[position].clone();
    let since = action.from.unwrap_or(action.created_at);
    if action.from.is_some_and(|from| now < from)
        || action.until.is_some_and(|until| now > until)
        || !action.schedule.is_due(now, since)
    {
        return;
    }
    let Some(target) = world.scaling.targets.iter().position(|it| it.resource_id == action.resource_id)
    else {
        return;
    };
    let bounds = &mut world.scaling.targets[target];
    if bounds.suspended.scheduled {
        return;
    }
    let (old_min, old_max) = (bounds.min_capacity, bounds.max_capacity);
    bounds.min_capacity = action.min_capacity.unwrap_or(old_min);
    bounds.max_capacity = action.max_capacity.unwrap_or(old_max).max(bounds.min_capacity);
    let (min, max) = (bounds.min_capacity, bounds.max_capacity);
    let set = match (action.min_capacity, action.max_capacity) {
        (Some(_), None) => format!("min capacity to {min}"),
        (None, Some(_)) => format!("max capacity to {max}"),
        _ => format!("min capacity to {min} and max capacity to {max}"),
    };
    let service = service_of(world, &action.resource_id);
    let desired = service.map(|id| world.service(id).desired_count);
    record(
        world,
        &action.resource_id,
        format!("Setting {set}"),
        format!("scheduled action name {} was triggered", action.name),
        format!("Successfully set {set}"),
        desired.unwrap_or(min),
    );
    let (Some(service), Some(desired)) = (service, desired) else { return };
    let to = desired.clamp(min, max);
    let which = if to > desired { "minimum" } else { "maximum" };
    if to != desired {
        set_desired(world, service, target, to, format!("{which} capacity was set to {to}"));
    }
}

/// The service of a scalable target.
fn service_of(world: &World, resource_id: &str) -> Option<ServiceId> {
    world.ecs.service_ids().find(|id| {
        let own = world.service(*id);
        resource_id == format!("service/{}/{}", own.cluster_name(), own.name)
    })
}

/// The averages of a service's last minutes, newest first; a minute without samples is `None`.
fn averages(world: &World, service: ServiceId) -> impl Iterator<Item = Option<f64>> {
    world.cloudwatch.minutes.iter().rev().map(move |minute| {
        let cpu = minute.services.get(service.index())?.cpu;
        cpu.average()
    })
}

fn track_target(world: &mut World, position: usize) {
    let now = world.now;
    let policy = world.scaling.policies[position].clone();
    let Some(target) = world.scaling.targets.iter().position(|it| it.resource_id == policy.resource_id)
    else {
        return;
    };
    let Some(service) = service_of(world, &policy.resource_id) else { return };
    let desired = world.service(service).desired_count;
    let state = &mut world.scaling.targets[target].state;
    if state.seen_desired != desired {
        state.seen_desired = desired;
        state.capacity_since = Some(now);
    }
    let since_change = state.capacity_since.map(|at| now - at);
    let since_scaled = state.last_scaled.map(|at| now - at);
    let (least, most) = {
        let bounds = &world.scaling.targets[target];
        (bounds.min_capacity, bounds.max_capacity)
    };
    let cooled =
        |seconds: u32| since_scaled.is_none_or(|since| since >= TimeDelta::seconds(i64::from(seconds)));
    // The policy's own alarms tell: the high one and the low one.
    let fires = |way: usize| {
        let name = policy.alarms.get(way).map(|(name, _)| name.as_str());
        name.and_then(|name| world.cloudwatch.alarm_state(name)) == Some(AlarmState::Alarm)
    };
    let high = fires(0);
    // Fifteen minutes with the present capacity: averages of another capacity do not count.
    let low = fires(1) && since_change.is_none_or(|since| since >= TimeDelta::minutes(15));
    let Some(newest) = averages(world, service).next().flatten() else { return };
    let wanted = proportional(desired, newest, policy.target_value);
    let deploying = world
        .service(service)
        .primary()
        .is_some_and(|primary| primary.rollout_state == RolloutState::InProgress);
    let suspended = world.scaling.targets[target].suspended;
    if high && !suspended.dynamic_out && cooled(policy.scale_out_cooldown) {
        let to = wanted.max(desired + 1).clamp(least, most.max(least));
        if to > desired {
            set_desired(world, service, target, to, cause(&policy, 0));
        }
    } else if low && !deploying && !suspended.dynamic_in && cooled(policy.scale_in_cooldown) {
        let to = wanted.clamp(least, most.max(least));
        if to < desired {
            set_desired(world, service, target, to, cause(&policy, 1));
        }
    }
}

/// The capacity at which the metric would meet its target, rounded up.
fn proportional(desired: u32, metric: f64, target: f64) -> u32 {
    let exact = (f64::from(desired) * metric / target.max(1.0)).ceil();
    (0..=10_000).find(|count| f64::from(*count) >= exact).unwrap_or(desired)
}

/// The cause of an activity by target tracking.
fn cause(policy: &ScalingPolicy, alarm: usize) -> String {
    let alarm = policy.alarms.get(alarm).map(|it| it.0.as_str()).unwrap_or_default();
    format!("monitor alarm {alarm} in state ALARM triggered policy {}", policy.name)
}

fn set_desired(world: &mut World, service: ServiceId, target: usize, to: u32, cause: String) {
    let now = world.now;
    let from = world.service(service).desired_count;
    let state = world.service_mut(service);
    state.desired_count = to;
    state.scheduler.steady_since = None;
    if let Some(primary) = state.deployments.first_mut() {
        primary.desired_count = to;
        primary.updated_at = now;
    }
    let name = state.name.clone();
    let tracking = &mut world.scaling.targets[target].state;
    tracking.last_scaled = Some(now);
    tracking.capacity_since = Some(now);
    tracking.seen_desired = to;
    let resource_id = world.scaling.targets[target].resource_id.clone();
    record(
        world,
        &resource_id,
        format!("Setting desired count to {to}."),
        cause,
        format!("Successfully set desired count to {to}. Change successfully fulfilled by ecs."),
        to,
    );
    world.note(TruthKind::Scaled { service: name, from, to });
}

/// Records an activity that succeeded at once.
fn record(
    world: &mut World,
    resource_id: &str,
    description: String,
    cause: String,
    status_message: String,
    to: u32,
) {
    let now = world.now;
    world.scaling.activities.push(ScalingActivity {
        id: world.rng.uuid(),
        resource_id: resource_id.to_owned(),
        description,
        cause,
        started_at: now,
        ended_at: Some(now),
        status: "Successful",
        status_message,
        to,
    });
    let surplus = world.scaling.activities.len().saturating_sub(ACTIVITIES_KEPT);
    world.scaling.activities.drain(..surplus);
}

/// Brings an alarm's state up to date.
fn evaluate_alarm(world: &mut World, position: usize) {
    let alarm = &world.cloudwatch.alarms[position];
    if alarm.elsewhere {
        return;
    }
    let periods = alarm.evaluation_periods;
    let end = world.now - TimeDelta::seconds(world.now.timestamp().rem_euclid(60));
    let start = end - TimeDelta::seconds(i64::from(periods * alarm.period));
    let points = metrics::query(
        world,
        &MetricQuery {
            namespace: alarm.namespace,
            name: alarm.metric,
            dimensions: &alarm.dimensions,
            statistic: alarm.statistic,
            period: alarm.period,
            start,
            end,
        },
    );
    let (state, reason) = judge_alarm(alarm, &points);
    if alarm.state != state {
        world.cloudwatch.set_alarm(position, state, reason, world.now);
    }
}

fn judge_alarm(alarm: &Alarm, points: &[(crate::world::Time, f64)]) -> (AlarmState, String) {
    let periods = usize::try_from(alarm.evaluation_periods).unwrap_or(1);
    let breaching =
        points.iter().filter(|(_, value)| alarm.comparison.breaches(*value, alarm.threshold)).count();
    let words = alarm.comparison.words();
    let threshold = format!("{:.1}", alarm.threshold);
    if breaching >= periods {
        let verb = if breaching == 1 { "datapoint was" } else { "datapoints were" };
        return (
            AlarmState::Alarm,
            format!("Threshold Crossed: {breaching} {verb} {words} the threshold ({threshold})."),
        );
    }
    if points.is_empty() && alarm.treat_missing == "missing" {
        return (
            AlarmState::InsufficientData,
            format!("Insufficient Data: {periods} datapoints were unknown."),
        );
    }
    (
        AlarmState::Ok,
        format!(
            "Threshold Crossed: {} datapoints were not {words} the threshold ({threshold}).",
            periods - breaching
        ),
    )
}
