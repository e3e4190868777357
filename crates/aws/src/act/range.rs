//! The autoscaling registration of a service: its range, and whether it is suspended.

use super::super::Aws;
use super::super::convert::count;
use super::super::error::{IntoCallError, refuse};
use super::super::scaling::suspended;
use super::mutation_result::{mark_not_sent, take_mutation_answer};
use super::{action_timeouts, once};
use aws_config::retry::RetryConfig;
use aws_sdk_applicationautoscaling::config::retry::RetryPartition;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace, SuspendedState};
use partybox_core::domain::{CallError, ScalingRange};
use partybox_core::operation::Accepted;

const ACTION: &str = "application-autoscaling:RegisterScalableTarget";

/// `RegisterScalableTarget` with what differs between `from` and `to`.
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
    let state = (from.suspended != to.suspended).then(|| {
        SuspendedState::builder()
            .dynamic_scaling_in_suspended(to.suspended)
            .dynamic_scaling_out_suspended(to.suspended)
            .scheduled_scaling_suspended(to.suspended)
            .build()
    });
    let call = once!(aws_sdk_applicationautoscaling, aws)
        .register_scalable_target()
        .service_namespace(ServiceNamespace::Ecs)
        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
        .resource_id(resource)
        .set_min_capacity(capacity(from.min, to.min)?)
        .set_max_capacity(capacity(from.max, to.max)?)
        .set_suspended_state(state);
    take_mutation_answer(aws, ACTION, call.send().await)?;
    Ok(Accepted::RangeSet)
}

async fn range_now(aws: &Aws, resource: &str) -> Result<Option<ScalingRange>, CallError> {
    let call = aws
        .scaling()
        .describe_scalable_targets()
        .service_namespace(ServiceNamespace::Ecs)
        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
        .resource_ids(resource);
    let answer = call
        .send()
        .await
        .for_action("application-autoscaling:DescribeScalableTargets")
        .map_err(mark_not_sent)?;
    let targets = answer.scalable_targets.unwrap_or_default();
    let found = targets.iter().find(|target| target.resource_id == resource);
    Ok(found.map(|target| ScalingRange {
        min: count(target.min_capacity),
        max: count(target.max_capacity),
        suspended: suspended(target),
    }))
}
