//! Application Auto Scaling: bounds and policies of the services' desired counts.

use super::Aws;
use super::convert::count;
use super::json_protocol::JsonModel;
use super::service_endpoint::ServiceNames;
use partybox_core::domain::{CallError, PolicyKind, Scaling, ScalingPolicy, SuspendedParts};
use serde::Deserialize;
use serde_json::{Value, json};

/// How Application Auto Scaling is called and what it speaks.
pub(super) const MODEL: JsonModel = JsonModel {
    names: ServiceNames {
        id: "Application Auto Scaling",
        signing: "application-autoscaling",
        host: "application-autoscaling",
    },
    target: "AnyScaleFrontendService",
    content_type: "application/x-amz-json-1.1",
    token: "NextToken",
};
/// `DescribeScalableTargets` takes 50 resource ids a call.
const IDS_A_CALL: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeScalableTargetsOutput {
    pub(super) scalable_targets: Option<Vec<ScalableTarget>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScalableTarget {
    #[serde(default)]
    pub(super) resource_id: String,
    #[serde(default)]
    pub(super) min_capacity: i32,
    #[serde(default)]
    pub(super) max_capacity: i32,
    suspended_state: Option<SuspendedState>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "Auto Scaling's own names")]
struct SuspendedState {
    dynamic_scaling_in_suspended: Option<bool>,
    dynamic_scaling_out_suspended: Option<bool>,
    scheduled_scaling_suspended: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeScalingPoliciesOutput {
    scaling_policies: Option<Vec<PolicyAnswer>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyAnswer {
    #[serde(default)]
    policy_name: String,
    #[serde(default)]
    resource_id: String,
    #[serde(default)]
    policy_type: String,
    target_tracking_scaling_policy_configuration: Option<TargetTracking>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TargetTracking {
    #[serde(default)]
    target_value: f64,
    predefined_metric_specification: Option<PredefinedMetric>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PredefinedMetric {
    predefined_metric_type: Option<String>,
}

/// What asks for the registrations of ECS services by their resource ids.
pub(super) fn targets_request(resource_ids: &[String]) -> Value {
    json!({
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceIds": resource_ids,
    })
}

/// The scaling registrations of `service/<cluster>/<service>` ids, each with its policies.
pub(super) async fn scaling(aws: &Aws, resource_ids: &[String]) -> Result<Vec<Scaling>, CallError> {
    let mut targets = Vec::new();
    for ids in resource_ids.chunks(IDS_A_CALL) {
        let request = targets_request(ids);
        let pages: Vec<DescribeScalableTargetsOutput> =
            aws.scaling().read_pages("application-autoscaling:DescribeScalableTargets", request).await?;
        targets.extend(pages.into_iter().filter_map(|page| page.scalable_targets).flatten());
    }
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    // All of the account's ECS policies in one call: a scalable dimension may only be named together with one
    // resource id.
    let request = json!({ "ServiceNamespace": "ecs" });
    let pages: Vec<DescribeScalingPoliciesOutput> =
        aws.scaling().read_pages("application-autoscaling:DescribeScalingPolicies", request).await?;
    let policies: Vec<PolicyAnswer> =
        pages.into_iter().filter_map(|page| page.scaling_policies).flatten().collect();
    Ok(targets.into_iter().map(|target| registration(target, &policies)).collect())
}

/// Whether any kind of scaling is suspended.
pub(super) fn suspended(target: &ScalableTarget) -> bool {
    let parts = suspended_parts(target);
    parts.scale_in || parts.scale_out || parts.scheduled
}

fn suspended_parts(target: &ScalableTarget) -> SuspendedParts {
    let Some(state) = &target.suspended_state else { return SuspendedParts::default() };
    SuspendedParts {
        scale_in: state.dynamic_scaling_in_suspended == Some(true),
        scale_out: state.dynamic_scaling_out_suspended == Some(true),
        scheduled: state.scheduled_scaling_suspended == Some(true),
    }
}

fn registration(target: ScalableTarget, policies: &[PolicyAnswer]) -> Scaling {
    let policies = policies.iter().filter(|policy| policy.resource_id == target.resource_id).map(policy);
    Scaling {
        min: count(target.min_capacity),
        max: count(target.max_capacity),
        suspended: suspended(&target),
        parts: suspended_parts(&target),
        policies: policies.collect(),
        resource_id: target.resource_id,
    }
}

fn policy(from: &PolicyAnswer) -> ScalingPolicy {
    let kind = match &from.target_tracking_scaling_policy_configuration {
        Some(tracking) => PolicyKind::Target {
            metric: tracking
                .predefined_metric_specification
                .as_ref()
                .and_then(|metric| metric.predefined_metric_type.clone()),
            value: tracking.target_value,
        },
        None => match from.policy_type.as_str() {
            "StepScaling" => PolicyKind::Step,
            "PredictiveScaling" => PolicyKind::Predictive,
            other => PolicyKind::Other(other.to_owned()),
        },
    };
    ScalingPolicy { name: from.policy_name.clone(), kind }
}
