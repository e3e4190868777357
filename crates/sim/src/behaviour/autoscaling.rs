//! Target tracking and alarms, which evaluate the metrics once a minute.
use chrono::TimeDelta;

use super::metrics::{self, MetricQuery};
use crate::world::cloudwatch::{Alarm, AlarmState};
use crate::world::ecs::{RolloutState, ServiceId};
use crate::world::scaling::ScalingActivity;
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
    let Some(service) = world.ecs.service_ids().find(|id| {
        let own = world.service(*id);
        policy.resource_id == format!("service/{}/{}", own.cluster_name(), own.name)
    }) else {
        return;
    };
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
            set_desired(world, service, target, position, to, 0);
        }
    } else if low && !deploying && !suspended.dynamic_in && cooled(policy.scale_in_cooldown) {
        let to = wanted.clamp(least, most.max(least));
        if to < desired {
            set_desired(world, service, target, position, to, 1);
        }
    }
}

/// The capacity at which the metric would meet its target, rounded up.
fn proportional(desired: u32, metric: f64, target: f64) -> u32 {
    let exact = (f64::from(desired) * metric / target.max(1.0)).ceil();
    (0..=10_000).find(|count| f64::from(*count) >= exact).unwrap_or(desired)
}

fn set_desired(world: &mut World, service: ServiceId, target: usize, policy: usize, to: u32, alarm: usize) {
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
    let policy = &world.scaling.policies[policy];
    let alarm = policy.alarms.get(alarm).map(|it| it.0.as_str()).unwrap_or_default();
    world.scaling.activities.push(ScalingActivity {
        id: world.rng.uuid(),
        resource_id: policy.resource_id.clone(),
        description: format!("Setting desired count to {to}."),
        cause: format!("monitor alarm {alarm} in state ALARM triggered policy {}", policy.name),
        started_at: now,
        ended_at: Some(now),
        status: "Successful",
        status_message: format!(
            "Successfully set desired count to {to}. Change successfully fulfilled by ecs."
        ),
        to,
    });
    let surplus = world.scaling.activities.len().saturating_sub(ACTIVITIES_KEPT);
    world.scaling.activities.drain(..surplus);
    world.note(TruthKind::Scaled { service: name, from, to });
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
