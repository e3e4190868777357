//! Application Auto Scaling: bounds and policies of the services' desired counts.

use super::Aws;
use super::convert::count;
use super::error::IntoCallError;
use aws_sdk_applicationautoscaling::types::{
    ScalableDimension, ScalableTarget, ScalingPolicy, ServiceNamespace,
};
use partybox_core::domain::{CallError, Scaling};

/// `DescribeScalableTargets` takes 50 resource ids a call.
const IDS_A_CALL: usize = 50;

/// Registrations of `service/<cluster>/<service>` ids, each with its policies.
pub(super) async fn scaling(aws: &Aws, resource_ids: &[String]) -> Result<Vec<Scaling>, CallError> {
    let mut targets = Vec::new();
    for ids in resource_ids.chunks(IDS_A_CALL) {
        let mut pages = aws
            .scaling()
            .describe_scalable_targets()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .set_resource_ids(Some(ids.to_vec()))
            .into_paginator()
            .items()
            .send();
        while let Some(target) = pages.next().await {
            targets.push(target.for_action("application-autoscaling:DescribeScalableTargets")?);
        }
    }
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    // All of the account's ECS policies in one go: a scalable dimension may only be named together with one resource id.
    let mut policies = Vec::new();
    let mut pages = aws
        .scaling()
        .describe_scaling_policies()
        .service_namespace(ServiceNamespace::Ecs)
        .into_paginator()
        .items()
        .send();
    while let Some(policy) = pages.next().await {
        policies.push(policy.for_action("application-autoscaling:DescribeScalingPolicies")?);
    }
    Ok(targets.into_iter().map(|target| registration(target, &policies)).collect())
}

/// Whether any kind of scaling is suspended.
pub(super) fn suspended(target: &ScalableTarget) -> bool {
    target.suspended_state.as_ref().is_some_and(|state| {
        [
            state.dynamic_scaling_in_suspended,
            state.dynamic_scaling_out_suspended,
            state.scheduled_scaling_suspended,
        ]
        .contains(&Some(true))
    })
}

fn registration(target: ScalableTarget, policies: &[ScalingPolicy]) -> Scaling {
    let suspended = suspended(&target);
    let policies = policies
        .iter()
        .filter(|policy| policy.resource_id == target.resource_id)
        .map(|policy| {
            let tracking = policy.target_tracking_scaling_policy_configuration.as_ref();
            (policy.policy_name.clone(), tracking.map(|t| t.target_value))
        })
        .collect();
    Scaling {
        min: count(target.min_capacity),
        max: count(target.max_capacity),
        resource_id: target.resource_id,
        suspended,
        policies,
    }
}
