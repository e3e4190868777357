//! Application Auto Scaling: policies and scheduled actions are put.
use chrono::{DateTime, Utc};

use super::{Answer, invalid, is_ecs};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::cloudwatch::AlarmState;
use crate::world::scaling::{DIMENSION, NAMESPACE, ScalingPolicy, ScheduledAction};
use crate::world::schedule::Schedule;

/// The scalable target that the input names, by its resource id.
fn target<'a>(world: &World, input: Input<'a>) -> Result<&'a str, ApiError> {
    let ecs = is_ecs(input)?;
    let id = input.text("ResourceId")?.ok_or_else(|| invalid("ResourceId must not be null"))?;
    let dimension =
        input.text("ScalableDimension")?.ok_or_else(|| invalid("ScalableDimension must not be null"))?;
    let known = ecs && dimension == DIMENSION && world.scaling.targets.iter().any(|it| it.resource_id == id);
    if known {
        return Ok(id);
    }
    Err(ApiError::new(
        "ObjectNotFoundException",
        format!(
            "No scalable target registered for service namespace: {}, resource ID: {id}, scalable dimension: \
             {dimension}",
            input.text("ServiceNamespace")?.unwrap_or(NAMESPACE)
        ),
    ))
}

/// The name under a member, which must be there.
fn name<'a>(input: Input<'a>, member: &str) -> Result<&'a str, ApiError> {
    let name = input.text(member)?.filter(|name| !name.is_empty());
    name.ok_or_else(|| invalid(format!("{member} must not be null")))
}

/// `PutScalingPolicy`: target tracking on the average CPU, which is what this account carries out. Anything else is
/// refused.
pub(super) fn put_policy(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let policy_name = name(input, "PolicyName")?;
    let id = target(world, input)?;
    let place = world.scaling.policies.iter().position(|it| it.resource_id == id && it.name == policy_name);
    // A policy is a step scaling one unless it says otherwise; a known one keeps its kind.
    let kind = input.text("PolicyType")?;
    if kind != Some("TargetTrackingScaling") && !(kind.is_none() && place.is_some()) {
        return Err(invalid(format!(
            "The simulated account carries out TargetTrackingScaling and no policy of type {}.",
            kind.unwrap_or("StepScaling")
        )));
    }
    let Some(wanted) = input.part("TargetTrackingScalingPolicyConfiguration")? else {
        return Err(invalid("TargetTrackingScalingPolicyConfiguration must not be null"));
    };
    let metric = match wanted.part("PredefinedMetricSpecification")? {
        Some(metric) => metric.text("PredefinedMetricType")?,
        None => None,
    };
    if metric != Some("ECSServiceAverageCPUUtilization") {
        return Err(invalid(format!(
            "The simulated account tracks ECSServiceAverageCPUUtilization and not {}.",
            metric.unwrap_or("a customized metric")
        )));
    }
    if wanted.flag("DisableScaleIn")? == Some(true) {
        return Err(invalid("The simulated account cannot disable scaling in."));
    }
    let value = wanted.number("TargetValue")?.ok_or_else(|| invalid("TargetValue must not be null"))?;
    if !(value > 0.0 && value <= 100.0) {
        return Err(invalid("TargetValue must be between 0 and 100 for ECSServiceAverageCPUUtilization."));
    }
    let seconds = |member: &str| -> Result<u32, ApiError> {
        // Five minutes unless it is said.
        let asked = wanted.int(member)?.unwrap_or(300);
        u32::try_from(asked).map_err(|_| invalid(format!("{member} must be 0 or more.")))
    };
    let (scale_out, scale_in) = (seconds("ScaleOutCooldown")?, seconds("ScaleInCooldown")?);
    let (arn, alarms, created_at) = if let Some(place) = place {
        let known = &world.scaling.policies[place];
        (known.arn.clone(), known.alarms.clone(), known.created_at)
    } else {
        let number = world.rng.uuid();
        let place = format!("scalingPolicy:{number}:resource/ecs/{id}:policyName/{policy_name}");
        let arn = world.account.arn("autoscaling", &place);
        let alarms = ["AlarmHigh", "AlarmLow"].map(|kind| {
            let name = format!("TargetTracking-{id}-{kind}-{}", world.rng.uuid());
            let arn = world.account.arn("cloudwatch", &format!("alarm:{name}"));
            (name, arn)
        });
        (arn, alarms.to_vec(), now)
    };
    let policy = ScalingPolicy {
        name: policy_name.to_owned(),
        arn,
        resource_id: id.to_owned(),
        target_value: value,
        scale_out_cooldown: scale_out,
        scale_in_cooldown: scale_in,
        created_at,
        alarms,
    };
    // The alarms are those of the policy's new target; what they say of the old one counts no longer.
    let names: Vec<String> = policy.alarms.iter().map(|(name, _)| name.clone()).collect();
    world.cloudwatch.alarms.retain(|alarm| !names.contains(&alarm.name));
    world.cloudwatch.alarms.extend(policy.tracking_alarms([AlarmState::InsufficientData; 2], now));
    let shown = policy.alarms.iter().map(|(name, arn)| map! { "AlarmName": name, "AlarmARN": arn });
    let answer = map! { "PolicyARN": &policy.arn, "Alarms": Node::list(shown) };
    match place {
        Some(place) => world.scaling.policies[place] = policy,
        None => world.scaling.policies.push(policy),
    }
    Ok(answer)
}

/// `PutScheduledAction`: what is not sent of a known one stays as it is.
pub(super) fn put_scheduled(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let action = name(input, "ScheduledActionName")?;
    let id = target(world, input)?;
    let place = world.scaling.scheduled.iter().position(|it| it.resource_id == id && it.name == action);
    let present = place.map(|place| world.scaling.scheduled[place].clone());
    if let Some(zone) = input.text("Timezone")?.filter(|zone| !matches!(*zone, "UTC" | "Etc/UTC")) {
        return Err(invalid(format!("The simulated account keeps schedules in UTC, not in {zone}.")));
    }
    let expression = match (input.text("Schedule")?, &present) {
        (Some(expression), _) => expression.to_owned(),
        (None, Some(present)) => present.expression.clone(),
        (None, None) => return Err(invalid("Schedule must not be null")),
    };
    let schedule = Schedule::parse(&expression)
        .ok_or_else(|| invalid(format!("Invalid schedule expression: {expression}")))?;
    if matches!(schedule, Schedule::At(at) if at <= now) {
        return Err(invalid("The time of the schedule must be in the future."));
    }
    let bounds = match input.part("ScalableTargetAction")? {
        Some(bounds) => {
            let capacity = |member: &str| -> Result<Option<u32>, ApiError> {
                let wrong = || invalid(format!("{member} must be 0 or more."));
                bounds.int(member)?.map(|value| u32::try_from(value).map_err(|_| wrong())).transpose()
            };
            (capacity("MinCapacity")?, capacity("MaxCapacity")?)
        }
        None => present.as_ref().map_or((None, None), |it| (it.min_capacity, it.max_capacity)),
    };
    match bounds {
        (None, None) => return Err(invalid("At least one of MinCapacity and MaxCapacity must be given.")),
        (Some(min), Some(max)) if min > max => {
            return Err(invalid("Maximum capacity cannot be less than minimum capacity"));
        }
        _ => {}
    }
    let arn = present.as_ref().map_or_else(
        || {
            let number = world.rng.uuid();
            let place = format!("scheduledAction:{number}:resource/ecs/{id}:scheduledActionName/{action}");
            world.account.arn("autoscaling", &place)
        },
        |present| present.arn.clone(),
    );
    let made = ScheduledAction {
        name: action.to_owned(),
        arn,
        resource_id: id.to_owned(),
        expression,
        schedule,
        from: input.time("StartTime")?.or(present.as_ref().and_then(|it| it.from)),
        until: input.time("EndTime")?.or(present.as_ref().and_then(|it| it.until)),
        min_capacity: bounds.0,
        max_capacity: bounds.1,
        created_at: present.map_or(now, |it| it.created_at),
    };
    match place {
        Some(place) => world.scaling.scheduled[place] = made,
        None => world.scaling.scheduled.push(made),
    }
    Ok(Node::empty())
}

/// `DeleteScheduledAction`.
pub(super) fn delete_scheduled(world: &mut World, input: Input<'_>) -> Answer {
    let action = name(input, "ScheduledActionName")?;
    let id = target(world, input)?;
    let place = world.scaling.scheduled.iter().position(|it| it.resource_id == id && it.name == action);
    let place = place.ok_or_else(|| {
        ApiError::new("ObjectNotFoundException", format!("No scheduled action found for name: {action}"))
    })?;
    world.scaling.scheduled.remove(place);
    Ok(Node::empty())
}
