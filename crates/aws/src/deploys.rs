//! ECS's record of deployments: service deployments and service revisions.

use super::Aws;
use super::convert::{call_each, count, to_chrono};
use super::error::IntoCallError;
use aws_sdk_ecs::types;
use partybox_core::domain::{
    Breaker, CallError, DeployAlarms, EarlySuccess, Hook, RevisionImage, RevisionTasks, Rollback,
    ServiceDeployment, ServiceRevision, TrafficSteps, short,
};
use std::cmp::Reverse;

/// `DescribeServiceDeployments` and `DescribeServiceRevisions` take 20 ARNs a call; we keep as many
/// deployments.
const ARNS_A_CALL: usize = 20;
/// What `ListServiceDeployments` gives a page at most. The order of its answer is not documented, so that the
/// newest 20 are chosen here.
const LISTED: i32 = 100;
/// Describe calls under way at once.
const AT_ONCE: usize = 3;

/// `ListServiceDeployments` (one page) + `DescribeServiceDeployments` of the newest 20, newest first.
pub(super) async fn deployments(
    aws: &Aws,
    cluster: &str,
    service: &str,
) -> Result<Vec<ServiceDeployment>, CallError> {
    let call = aws.ecs().list_service_deployments().cluster(cluster).service(service).max_results(LISTED);
    let answer = call.send().await.for_action("ecs:ListServiceDeployments")?;
    let mut listed = answer.service_deployments.unwrap_or_default();
    listed.sort_by_key(|brief| Reverse(brief.created_at.and_then(to_chrono)));
    let arns: Vec<String> =
        listed.into_iter().filter_map(|brief| brief.service_deployment_arn).take(ARNS_A_CALL).collect();
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = described(aws, arns).await?;
    found.sort_by_key(|deployment| Reverse(deployment.created_at));
    Ok(found)
}

/// `DescribeServiceDeployments` of at most 20. What is gone (`failures[]`) is left out.
pub(super) async fn described(aws: &Aws, arns: Vec<String>) -> Result<Vec<ServiceDeployment>, CallError> {
    let call = aws.ecs().describe_service_deployments().set_service_deployment_arns(Some(arns));
    let answer = call.send().await.for_action("ecs:DescribeServiceDeployments")?;
    Ok(answer.service_deployments.unwrap_or_default().into_iter().map(deployment).collect())
}

/// `DescribeServiceRevisions` in twenties, in the order asked for. What is gone (`failures[]`) is left out.
pub(super) async fn revisions(aws: &Aws, arns: &[String]) -> Result<Vec<ServiceRevision>, CallError> {
    let chunks = arns.chunks(ARNS_A_CALL).map(<[String]>::to_vec).collect();
    let answers = call_each(chunks, AT_ONCE, |arns| {
        let call = aws.ecs().describe_service_revisions().set_service_revision_arns(Some(arns));
        async move { call.send().await.for_action("ecs:DescribeServiceRevisions") }
    })
    .await;
    let mut found = Vec::with_capacity(arns.len());
    for answer in answers {
        found.extend(answer?.service_revisions.unwrap_or_default().into_iter().map(revision));
    }
    Ok(found)
}

fn deployment(from: types::ServiceDeployment) -> ServiceDeployment {
    let configuration = from.deployment_configuration;
    let hooks = hooks(
        from.lifecycle_hook_details.unwrap_or_default(),
        configuration.as_ref().and_then(|c| c.lifecycle_hooks.as_deref()).unwrap_or_default(),
        from.lifecycle_stage.as_ref().map(types::ServiceDeploymentLifecycleStage::as_str),
    );
    let setting = configuration.as_ref();
    ServiceDeployment {
        arn: from.service_deployment_arn.unwrap_or_default(),
        service: from.service_arn.as_deref().map(short).unwrap_or_default().to_owned(),
        status: from.status.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        status_reason: from.status_reason,
        stage: from.lifecycle_stage.map(|s| s.as_str().to_owned()),
        strategy: setting.and_then(|c| c.strategy.as_ref()).map(|s| s.as_str().to_owned()),
        created_at: from.created_at.and_then(to_chrono),
        started_at: from.started_at.and_then(to_chrono),
        finished_at: from.finished_at.and_then(to_chrono),
        stopped_at: from.stopped_at.and_then(to_chrono),
        updated_at: from.updated_at.and_then(to_chrono),
        target: from.target_service_revision.map(tasks),
        sources: from.source_service_revisions.unwrap_or_default().into_iter().map(tasks).collect(),
        breaker: from.deployment_circuit_breaker.map(|told| Breaker {
            resets: setting
                .and_then(|c| c.deployment_circuit_breaker.as_ref())
                .and_then(|settings| settings.reset_on_healthy_task),
            ..breaker(told)
        }),
        early: setting
            .and_then(|c| c.early_success_criteria.as_ref())
            .filter(|criteria| criteria.enable)
            .map(|criteria| EarlySuccess {
                healthy_percent: criteria.healthy_percent.map(count),
                cleanup: criteria.source_service_revision_cleanup.as_ref().map(|it| it.as_str().to_owned()),
            }),
        alarms: from.alarms.map(alarms),
        rollback: from.rollback.map(rollback),
        min_healthy_percent: setting.and_then(|c| c.minimum_healthy_percent).map(count),
        max_percent: setting.and_then(|c| c.maximum_percent).map(count),
        steps: setting.and_then(steps),
        bake_minutes: setting.and_then(|c| c.bake_time_in_minutes).map(count),
        hooks,
    }
}

/// The steps of a deployment, with AWS's defaults for what is not set.
fn steps(from: &types::DeploymentConfiguration) -> Option<TrafficSteps> {
    match from.strategy.as_ref()? {
        types::DeploymentStrategy::Linear => {
            let it = from.linear_configuration.as_ref();
            Some(TrafficSteps {
                permille: permille(it.and_then(|it| it.step_percent).unwrap_or(10.0)),
                minutes: count(it.and_then(|it| it.step_bake_time_in_minutes).unwrap_or(6)),
            })
        }
        types::DeploymentStrategy::Canary => {
            let it = from.canary_configuration.as_ref();
            Some(TrafficSteps {
                permille: permille(it.and_then(|it| it.canary_percent).unwrap_or(5.0)),
                minutes: count(it.and_then(|it| it.canary_bake_time_in_minutes).unwrap_or(10)),
            })
        }
        _ => None,
    }
}

/// A percentage in tenths of a percent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
fn permille(percent: f64) -> u32 {
    (percent.clamp(0.0, 100.0) * 10.0).round() as u32
}

fn tasks(from: types::ServiceRevisionSummary) -> RevisionTasks {
    RevisionTasks {
        arn: from.arn.unwrap_or_default(),
        requested: count(from.requested_task_count),
        running: count(from.running_task_count),
        pending: count(from.pending_task_count),
        traffic: from.requested_production_traffic_weight.map(permille),
    }
}

fn breaker(from: types::ServiceDeploymentCircuitBreaker) -> Breaker {
    Breaker {
        status: monitors(from.status),
        failures: count(from.failure_count),
        threshold: count(from.threshold),
        resets: None,
    }
}

fn alarms(from: types::ServiceDeploymentAlarms) -> DeployAlarms {
    DeployAlarms {
        status: monitors(from.status),
        names: from.alarm_names.unwrap_or_default(),
        triggered: from.triggered_alarm_names.unwrap_or_default(),
    }
}

fn monitors(status: Option<types::ServiceDeploymentRollbackMonitorsStatus>) -> String {
    status.map(|s| s.as_str().to_owned()).unwrap_or_default()
}

fn rollback(from: types::Rollback) -> Rollback {
    Rollback {
        reason: from.reason,
        started_at: from.started_at.and_then(to_chrono),
        revision: from.service_revision_arn,
    }
}

/// The hooks that run or ran, each with the stages of the configured hook that it belongs to, then those that
/// are only configured so far. The answer has no such link. A Lambda hook is found by its function. A PAUSE
/// hook is found by its kind; when there are several, by the deployment's current stage, else by its
/// position.
fn hooks(
    details: Vec<types::DeploymentLifecycleHookDetail>,
    configured: &[types::DeploymentLifecycleHook],
    stage: Option<&str>,
) -> Vec<Hook> {
    let mut taken = vec![false; configured.len()];
    let mut hooks: Vec<Hook> = details
        .into_iter()
        .map(|detail| {
            let alike = |hook: &types::DeploymentLifecycleHook| {
                hook.target_type == detail.target_type && hook.hook_target_arn == detail.target_arn
            };
            let alike: Vec<usize> = (0..configured.len()).filter(|i| alike(&configured[*i])).collect();
            let waits = matches!(
                detail.status,
                Some(
                    types::DeploymentLifecycleHookStatus::AwaitingAction
                        | types::DeploymentLifecycleHookStatus::InProgress
                )
            );
            let here =
                |i: &&usize| waits && stages(&configured[**i]).iter().any(|s| Some(s.as_str()) == stage);
            let own = match alike.as_slice() {
                [] => None,
                [only] => Some(*only),
                several => {
                    several.iter().find(here).or_else(|| several.iter().find(|i| !taken[**i])).copied()
                }
            };
            if let Some(own) = own {
                taken[own] = true;
            }
            Hook {
                id: detail.hook_id,
                kind: detail.target_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
                stages: own.map(|own| stages(&configured[own])).unwrap_or_default(),
                status: detail.status.map(|status| status.as_str().to_owned()),
                expires_at: detail.expires_at.and_then(to_chrono),
                function: detail.target_arn.as_deref().map(function_name),
                timeout_action: detail.timeout_action.map(|action| action.as_str().to_owned()),
            }
        })
        .collect();
    hooks.extend(configured.iter().zip(taken).filter(|(_, taken)| !taken).map(|(hook, _)| Hook {
        id: None,
        kind: hook.target_type.as_ref().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        stages: stages(hook),
        status: None,
        expires_at: None,
        function: hook.hook_target_arn.as_deref().map(function_name),
        timeout_action: None,
    }));
    hooks
}

/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME` or `...:NAME:ALIAS` -> `NAME`.
fn function_name(arn: &str) -> String {
    let (_, rest) = arn.split_once(":function:").unwrap_or(("", arn));
    rest.split(':').next().unwrap_or(rest).to_owned()
}

fn stages(hook: &types::DeploymentLifecycleHook) -> Vec<String> {
    hook.lifecycle_stages().iter().map(|stage| stage.as_str().to_owned()).collect()
}

fn revision(from: types::ServiceRevision) -> ServiceRevision {
    let images = from.container_images.unwrap_or_default();
    ServiceRevision {
        arn: from.service_revision_arn.unwrap_or_default(),
        task_definition: from.task_definition.unwrap_or_default(),
        images: images
            .into_iter()
            .map(|image| RevisionImage {
                container: image.container_name.unwrap_or_default(),
                reference: image.image.unwrap_or_default(),
                digest: image.image_digest,
            })
            .collect(),
        created_at: from.created_at.and_then(to_chrono),
    }
}

#[cfg(test)]
#[path = "deploys_tests.rs"]
mod tests;
