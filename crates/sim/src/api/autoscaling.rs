//! Application Auto Scaling.
mod write;

use chrono::{DateTime, Utc};

use super::shared::page_size;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::ecs::Service;
use crate::world::scaling::{
    DIMENSION, NAMESPACE, ScalableTarget, ScalingActivity, ScalingPolicy, ScheduledAction, Suspended,
    TrackingState,
};

type Answer = Result<Node, ApiError>;

/// The namespaces of the service. All but `ecs` are empty here.
const NAMESPACES: [&str; 15] = [
    "ecs",
    "elasticmapreduce",
    "ec2",
    "appstream",
    "dynamodb",
    "rds",
    "sagemaker",
    "custom-resource",
    "comprehend",
    "lambda",
    "cassandra",
    "kafka",
    "elasticache",
    "neptune",
    "workspaces",
];

/// The service-linked role with which Application Auto Scaling changes ECS services.
const SERVICE_ROLE: &str = "aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService";

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(
    operation: &str,
    world: &mut World,
    input: Input<'_>,
    now: DateTime<Utc>,
) -> Option<Answer> {
    Some(match operation {
        "DescribeScalableTargets" => targets(world, input),
        "DescribeScalingPolicies" => policies(world, input),
        "DescribeScalingActivities" => activities(world, input),
        "RegisterScalableTarget" => register(world, input),
        "DescribeScheduledActions" => scheduled_actions(world, input),
        "PutScalingPolicy" => write::put_policy(world, input, now),
        "PutScheduledAction" => write::put_scheduled(world, input, now),
        "DeleteScheduledAction" => write::delete_scheduled(world, input),
        _ => return None,
    })
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

/// Whether the namespace and dimension that are asked for are those of ECS services.
fn is_ecs(input: Input<'_>) -> Result<bool, ApiError> {
    let namespace =
        input.text("ServiceNamespace")?.ok_or_else(|| invalid("ServiceNamespace must not be null"))?;
    if !NAMESPACES.contains(&namespace) {
        return Err(invalid(format!("Unknown service namespace: {namespace}")));
    }
    let dimension = input.text("ScalableDimension")?;
    if dimension.is_some() && !input.has("ResourceId") && !input.has("ResourceIds") {
        return Err(invalid("ScalableDimension must be used with a resource ID."));
    }
    Ok(namespace == NAMESPACE && dimension.is_none_or(|each| each == DIMENSION))
}

/// One page under `member`.
fn paged<T>(
    input: Input<'_>,
    member: &'static str,
    things: Vec<&T>,
    key: impl Fn(&&T) -> String,
    render: impl Fn(&T) -> Node,
) -> Answer {
    let size = page_size(input.int("MaxResults")?, 50, 1..=50)
        .map_err(|()| invalid("MaxResults must be between 1 and 50."))?;
    let (things, next) = page(things, size, input.text("NextToken")?, member, key)
        .map_err(|_| ApiError::new("InvalidNextTokenException", "The next token is not valid."))?;
    Ok(Node::Map(vec![
        (member.into(), Node::list(things.into_iter().map(render))),
        ("NextToken".into(), next.into()),
    ]))
}

fn targets(world: &World, input: Input<'_>) -> Answer {
    let ecs = is_ecs(input)?;
    let ids = input.texts("ResourceIds")?;
    let found = world
        .scaling
        .targets
        .iter()
        .filter(|each| ecs && (ids.is_empty() || ids.contains(&each.resource_id.as_str())))
        .collect();
    paged(
        input,
        "ScalableTargets",
        found,
        |each: &&ScalableTarget| each.resource_id.clone(),
        |each| {
            map! {
                "ServiceNamespace": NAMESPACE,
                "ResourceId": &each.resource_id,
                "ScalableDimension": DIMENSION,
                "MinCapacity": each.min_capacity,
                "MaxCapacity": each.max_capacity,
                "RoleARN": &each.role_arn,
                "CreationTime": each.created_at,
                "SuspendedState": map! {
                    "DynamicScalingInSuspended": each.suspended.dynamic_in,
                    "DynamicScalingOutSuspended": each.suspended.dynamic_out,
                    "ScheduledScalingSuspended": each.suspended.scheduled,
                },
                "ScalableTargetARN": &each.arn,
            }
        },
    )
}

/// Registers a scalable target, or changes one: what is not sent stays as it is.
/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html>
fn register(world: &mut World, input: Input<'_>) -> Answer {
    if !is_ecs(input)? {
        return Err(invalid("The simulated account scales ECS services only."));
    }
    let id = input.text("ResourceId")?.ok_or_else(|| invalid("ResourceId must not be null"))?;
    if input.text("ScalableDimension")?.is_none() {
        return Err(invalid("ScalableDimension must not be null"));
    }
    let known = |each: &Service| {
        let cluster = each.cluster_arn.rsplit('/').next().unwrap_or_default();
        id.strip_prefix("service/") == Some(&format!("{cluster}/{}", each.name))
    };
    let Some(service) = world.ecs.services.iter().find(|each| known(each)) else {
        return Err(invalid(format!("ECS service doesn't exist: {id}")));
    };
    let desired = service.desired_count;
    let capacity = |member: &str| -> Result<Option<u32>, ApiError> {
        let wrong = || invalid(format!("{member} must be 0 or more."));
        input.int(member)?.map(|value| u32::try_from(value).map_err(|_| wrong())).transpose()
    };
    let (min, max) = (capacity("MinCapacity")?, capacity("MaxCapacity")?);
    let place = world.scaling.targets.iter().position(|each| each.resource_id == id);
    let present = place.map(|place| &world.scaling.targets[place]);
    let min = min.or_else(|| present.map(|each| each.min_capacity));
    let max = max.or_else(|| present.map(|each| each.max_capacity));
    let (Some(min), Some(max)) = (min, max) else {
        return Err(invalid("MinCapacity and MaxCapacity are required to register a scalable target."));
    };
    if min > max {
        return Err(invalid("Maximum capacity cannot be less than minimum capacity"));
    }
    let mut suspended = present.map(|each| each.suspended).unwrap_or_default();
    if let Some(wanted) = input.part("SuspendedState")? {
        let flag =
            |member: &str, last: bool| -> Result<bool, ApiError> { Ok(wanted.flag(member)?.unwrap_or(last)) };
        suspended = Suspended {
            dynamic_in: flag("DynamicScalingInSuspended", suspended.dynamic_in)?,
            dynamic_out: flag("DynamicScalingOutSuspended", suspended.dynamic_out)?,
            scheduled: flag("ScheduledScalingSuspended", suspended.scheduled)?,
        };
    }
    let place = place.unwrap_or_else(|| {
        let number = world.rng.hex(34);
        world.scaling.targets.push(ScalableTarget {
            resource_id: id.to_owned(),
            arn: world.account.arn("application-autoscaling", &format!("scalable-target/{number}")),
            min_capacity: min,
            max_capacity: max,
            role_arn: format!("arn:aws:iam::{}:role/{SERVICE_ROLE}", world.account.id),
            created_at: world.now,
            suspended,
            state: TrackingState { seen_desired: desired, ..TrackingState::default() },
        });
        world.scaling.targets.len() - 1
    });
    let target = &mut world.scaling.targets[place];
    (target.min_capacity, target.max_capacity, target.suspended) = (min, max, suspended);
    Ok(map! { "ScalableTargetARN": &target.arn })
}

fn policies(world: &World, input: Input<'_>) -> Answer {
    let ecs = is_ecs(input)?;
    let id = input.text("ResourceId")?;
    let names = input.texts("PolicyNames")?;
    let found = world
        .scaling
        .policies
        .iter()
        .filter(|each| ecs && id.is_none_or(|id| each.resource_id == id))
        .filter(|each| names.is_empty() || names.contains(&each.name.as_str()))
        .collect();
    paged(
        input,
        "ScalingPolicies",
        found,
        |each: &&ScalingPolicy| each.arn.clone(),
        |each| {
            let alarms = each.alarms.iter().map(|(name, arn)| map! { "AlarmName": name, "AlarmARN": arn });
            map! {
                "PolicyARN": &each.arn,
                "PolicyName": &each.name,
                "ServiceNamespace": NAMESPACE,
                "ResourceId": &each.resource_id,
                "ScalableDimension": DIMENSION,
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": map! {
                    "TargetValue": each.target_value,
                    "PredefinedMetricSpecification":
                        map! { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
                    "ScaleOutCooldown": each.scale_out_cooldown,
                    "ScaleInCooldown": each.scale_in_cooldown,
                    "DisableScaleIn": false,
                },
                "Alarms": Node::list(alarms),
                "CreationTime": each.created_at,
            }
        },
    )
}

fn activities(world: &World, input: Input<'_>) -> Answer {
    let ecs = is_ecs(input)?;
    let id = input.text("ResourceId")?;
    let found = world
        .scaling
        .activities
        .iter()
        .rev()
        .filter(|each| ecs && id.is_none_or(|id| each.resource_id == id))
        .collect();
    paged(
        input,
        "ScalingActivities",
        found,
        |each: &&ScalingActivity| each.id.clone(),
        |each| {
            map! {
                "ActivityId": &each.id,
                "ServiceNamespace": NAMESPACE,
                "ResourceId": &each.resource_id,
                "ScalableDimension": DIMENSION,
                "Description": &each.description,
                "Cause": &each.cause,
                "StartTime": each.started_at,
                "EndTime": each.ended_at,
                "StatusCode": each.status,
                "StatusMessage": &each.status_message,
            }
        },
    )
}

fn scheduled_actions(world: &World, input: Input<'_>) -> Answer {
    let ecs = is_ecs(input)?;
    let id = input.text("ResourceId")?;
    let names = input.texts("ScheduledActionNames")?;
    let found = world
        .scaling
        .scheduled
        .iter()
        .filter(|each| ecs && id.is_none_or(|id| each.resource_id == id))
        .filter(|each| names.is_empty() || names.contains(&each.name.as_str()))
        .collect();
    paged(
        input,
        "ScheduledActions",
        found,
        |each: &&ScheduledAction| each.arn.clone(),
        |each| {
            map! {
                "ScheduledActionName": &each.name,
                "ScheduledActionARN": &each.arn,
                "ServiceNamespace": NAMESPACE,
                "Schedule": &each.expression,
                "ResourceId": &each.resource_id,
                "ScalableDimension": DIMENSION,
                "StartTime": each.from,
                "EndTime": each.until,
                "ScalableTargetAction": map! {
                    "MinCapacity": each.min_capacity,
                    "MaxCapacity": each.max_capacity,
                },
                "CreationTime": each.created_at,
            }
        },
    )
}
