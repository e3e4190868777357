//! The autoscaling registration of a service: its range, and whether it is suspended.

use super::super::Aws;
use super::super::convert::count;
use super::super::error::refuse;
use super::super::scaling::{DescribeScalableTargetsOutput, suspended, targets_request};
use super::mutation_result::{mark_not_sent, take_signed_answer};
use partybox_core::domain::{CallError, ScalingRange};
use partybox_core::operation::Accepted;
use serde::de::IgnoredAny;
use serde_json::json;

const ACTION: &str = "application-autoscaling:RegisterScalableTarget";

/// Sends `RegisterScalableTarget` with what differs between `from` and `to`.
pub(super) async fn set(
    aws: &Aws,
    resource: &str,
    from: ScalingRange,
    to: ScalingRange,
) -> Result<Accepted, CallError> {
    let now = range_now(aws, resource).await?;
    let message = match now {
        _ if to.min > to.max => format!("Not sent: the minimum {} is above the maximum {}.", to.min, to.max),
        None => format!("Not sent: {resource} is not registered for autoscaling any more."),
        Some(now) if now != from => format!(
            "Not sent: autoscaling of {resource} is now {now}, not {from} as when this was planned. Look again and plan anew."
        ),
        Some(now) if now == to => format!("Not sent: autoscaling of {resource} is {now} already."),
        Some(_) => return send(aws, resource, from, to).await,
    };
    Err(refuse(ACTION, message))
}

async fn send(
    aws: &Aws,
    resource: &str,
    from: ScalingRange,
    to: ScalingRange,
) -> Result<Accepted, CallError> {
    let capacity = |before: u32, after: u32| match i32::try_from(after) {
        _ if before == after => Ok(None),
        Ok(after) => Ok(Some(after)),
        Err(_) => Err(refuse(ACTION, format!("Not sent: {after} tasks are more than ECS can count."))),
    };
    let mut request = json!({
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": resource,
    });
    if let Some(min) = capacity(from.min, to.min)? {
        request["MinCapacity"] = min.into();
    }
    if let Some(max) = capacity(from.max, to.max)? {
        request["MaxCapacity"] = max.into();
    }
    if from.suspended != to.suspended {
        request["SuspendedState"] = json!({
            "DynamicScalingInSuspended": to.suspended,
            "DynamicScalingOutSuspended": to.suspended,
            "ScheduledScalingSuspended": to.suspended,
        });
    }
    take_signed_answer(aws, aws.scaling().send_once::<IgnoredAny>(ACTION, &request).await)?;
    Ok(Accepted::RangeSet)
}

async fn range_now(aws: &Aws, resource: &str) -> Result<Option<ScalingRange>, CallError> {
    let request = targets_request(&[resource.to_owned()]);
    let action = "application-autoscaling:DescribeScalableTargets";
    let answer = aws.scaling().read::<DescribeScalableTargetsOutput>(action, &request);
    let targets = answer.await.map_err(mark_not_sent)?.scalable_targets.unwrap_or_default();
    let found = targets.iter().find(|target| target.resource_id == resource);
    Ok(found.map(|target| ScalingRange {
        min: count(target.min_capacity),
        max: count(target.max_capacity),
        suspended: suspended(target),
    }))
}
