//! ECS: service deployments and service revisions.
use super::runs::capacity;
use super::{cluster, invalid, missing, names, render, service as find_service};
use crate::api::shared::{find_all, page_size};
use crate::behaviour::ecs::stop::{StopType, continue_deployment, stop_deployment};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::ecs::{
    DeploymentConfiguration, HookAction, HookDetail, PauseHook, Service, ServiceDeployment, ServiceRevision,
    Stage, Strategy,
};
use crate::world::elb::Action;

type Answer = Result<Node, ApiError>;

/// Every status that the list may be filtered by.
const STATUSES: [&str; 9] = [
    "PENDING",
    "SUCCESSFUL",
    "STOPPED",
    "STOP_REQUESTED",
    "IN_PROGRESS",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
];

/// Runs an operation on deployments; `None` when there is none of that name.
pub(super) fn call(operation: &str, world: &mut World, input: Input<'_>) -> Option<Answer> {
    Some(match operation {
        "ListServiceDeployments" => list_service_deployments(world, input),
        "DescribeServiceDeployments" => describe_service_deployments(world, input),
        "DescribeServiceRevisions" => describe_service_revisions(world, input),
        "StopServiceDeployment" => stop(world, input),
        "ContinueServiceDeployment" => proceed(world, input),
        _ => return None,
    })
}

fn deployment_arn(input: Input<'_>) -> Result<&str, ApiError> {
    input.text("serviceDeploymentArn")?.ok_or_else(|| invalid("serviceDeploymentArn is required."))
}

fn stop(world: &mut World, input: Input<'_>) -> Answer {
    let arn = deployment_arn(input)?;
    let how = match input.text("stopType")?.unwrap_or("ROLLBACK") {
        "ROLLBACK" => StopType::Rollback,
        "ABORT" => StopType::Abort,
        other => return Err(invalid(format!("Unknown stop type: {other}"))),
    };
    stop_deployment(world, arn, how)?;
    Ok(map! { "serviceDeploymentArn": arn })
}

fn proceed(world: &mut World, input: Input<'_>) -> Answer {
    let arn = deployment_arn(input)?;
    let hook = input.text("hookId")?.ok_or_else(|| invalid("hookId is required."))?;
    let action = hook_action(input.text("action")?.unwrap_or("CONTINUE"))?;
    continue_deployment(world, arn, hook, action)?;
    Ok(map! { "serviceDeploymentArn": arn })
}

fn hook_action(name: &str) -> Result<HookAction, ApiError> {
    match name {
        "CONTINUE" => Ok(HookAction::Continue),
        "ROLLBACK" => Ok(HookAction::Rollback),
        other => Err(invalid(format!("Unknown action: {other}"))),
    }
}

/// The pause hooks in a request's deployment configuration.
pub(super) fn pause_hooks(hooks: &[Input<'_>]) -> Result<Vec<PauseHook>, ApiError> {
    hooks.iter().map(|hook| pause_hook(*hook)).collect()
}

fn pause_hook(hook: Input<'_>) -> Result<PauseHook, ApiError> {
    if hook.text("targetType")? != Some("PAUSE") {
        return Err(ApiError::new(
            "UnsupportedFeatureException",
            "The simulated account has lifecycle hooks of type PAUSE only.",
        ));
    }
    let mut stages = Vec::new();
    for name in hook.texts("lifecycleStages")? {
        let stage = Stage::ALL.into_iter().find(|each| each.as_str() == name);
        // AWS names the stages at which a deployment can pause.
        let pausable = matches!(
            stage,
            Some(
                Stage::ReconcileService
                    | Stage::PreScaleUp
                    | Stage::PostScaleUp
                    | Stage::PostTestTrafficShift
                    | Stage::PostProductionTrafficShift
            )
        );
        stages.extend(stage.filter(|_| pausable));
        if !pausable {
            return Err(invalid(format!("A pause hook cannot be configured at {name}.")));
        }
    }
    if stages.is_empty() {
        return Err(invalid("lifecycleStages cannot be empty."));
    }
    let timeout = hook.part("timeoutConfiguration")?;
    let minutes = timeout.map(|it| it.int("timeoutInMinutes")).transpose()?.flatten().unwrap_or(1440);
    let timeout_minutes = u32::try_from(minutes)
        .ok()
        .filter(|minutes| (1..=20_160).contains(minutes))
        .ok_or_else(|| invalid("timeoutInMinutes must be between 1 and 20160."))?;
    let action = timeout.map(|it| it.text("action")).transpose()?.flatten().unwrap_or("ROLLBACK");
    Ok(PauseHook { stages, timeout_minutes, action: hook_action(action)? })
}

fn list_service_deployments(world: &World, input: Input<'_>) -> Answer {
    let cluster = cluster(world, input)?;
    let name = input.text("service")?.ok_or_else(|| invalid("service is required."))?;
    let service = find_service(world, cluster, name)?;
    let statuses = input.texts("status")?;
    if let Some(unknown) = statuses.iter().find(|each| !STATUSES.contains(each)) {
        return Err(invalid(format!("Unknown service deployment status: {unknown}")));
    }
    let created = input.part("createdAt")?;
    let (after, before) = match created {
        Some(range) => (range.time("after")?, range.time("before")?),
        None => (None, None),
    };
    let found = service
        .service_deployments
        .iter()
        // What CodeDeploy or an external controller does is no service deployment.
        .filter(|_| !service.runs.by_task_sets())
        .filter(|each| statuses.is_empty() || statuses.contains(&each.status.as_str()))
        .filter(|each| after.is_none_or(|time| each.created_at > time))
        .filter(|each| before.is_none_or(|time| each.created_at < time))
        .collect();
    let size = page_size(input.int("maxResults")?, 20, 1..=100)
        .map_err(|()| invalid("maxResults must be between 1 and 100."))?;
    let key = |each: &&ServiceDeployment| each.arn.clone();
    let token = input.text("nextToken")?;
    let (found, next) =
        page(found, size, token, "serviceDeployments", key).map_err(|_| invalid("Invalid token."))?;
    Ok(map! {
        "serviceDeployments":
            Node::list(found.into_iter().map(|each| service_deployment_brief(service, each))),
        "nextToken": next,
    })
}

fn describe_service_deployments(world: &World, input: Input<'_>) -> Answer {
    let wanted = names(input, "serviceDeploymentArns", 20)?;
    let (found, failed) = find_all(&wanted, |arn| {
        world.ecs.services.iter().find_map(|service| {
            let mut deployments = service.service_deployments.iter();
            Some((service, deployments.find(|each| each.arn == arn)?))
        })
    });
    Ok(map! {
        "serviceDeployments": Node::list(
            found.into_iter().map(|(service, each)| service_deployment(world, service, each)),
        ),
        "failures": Node::list(failed.into_iter().map(|arn| missing(arn.to_owned()))),
    })
}

fn describe_service_revisions(world: &World, input: Input<'_>) -> Answer {
    let wanted = names(input, "serviceRevisionArns", 20)?;
    let (found, failed) = find_all(&wanted, |arn| {
        let mut services = world.ecs.services.iter();
        services.find_map(|service| Some((service, service.revision(arn)?)))
    });
    Ok(map! {
        "serviceRevisions": Node::list(
            found.into_iter().map(|(service, each)| service_revision(service, each)),
        ),
        "failures": Node::list(failed.into_iter().map(|arn| missing(arn.to_owned()))),
    })
}

/// A `deploymentConfiguration`.
pub(super) fn configuration(configuration: &DeploymentConfiguration) -> Node {
    let hooks = configuration.hooks.iter().map(|hook| {
        map! {
            "targetType": "PAUSE",
            "lifecycleStages": Node::list(hook.stages.iter().map(|stage| stage.as_str())),
            "timeoutConfiguration": map! {
                "timeoutInMinutes": hook.timeout_minutes,
                "action": hook.action.as_str(),
            },
        }
    });
    let alarms = configuration.alarms.as_ref().map(|alarms| {
        map! {
            "alarmNames": Node::list(&alarms.names),
            "enable": alarms.enable,
            "rollback": alarms.rollback,
        }
    });
    let steps = |of: Strategy| configuration.steps.filter(|_| configuration.strategy == of);
    let linear = steps(Strategy::Linear).map(|steps| {
        map! { "stepPercent": f64::from(steps.percent), "stepBakeTimeInMinutes": steps.bake_minutes }
    });
    let canary = steps(Strategy::Canary).map(|steps| {
        map! { "canaryPercent": f64::from(steps.percent), "canaryBakeTimeInMinutes": steps.bake_minutes }
    });
    let (kind, value) = configuration.threshold.parts();
    map! {
        "deploymentCircuitBreaker": map! {
            "enable": configuration.breaker,
            "rollback": configuration.rollback,
            "thresholdConfiguration": map! { "type": kind, "value": value },
            "resetOnHealthyTask": configuration.reset_on_healthy,
        },
        "maximumPercent": configuration.maximum_percent,
        "minimumHealthyPercent": configuration.minimum_healthy_percent,
        "alarms": alarms,
        "strategy": configuration.strategy.as_str(),
        "linearConfiguration": linear,
        "canaryConfiguration": canary,
        "bakeTimeInMinutes": configuration.bake_minutes,
        "lifecycleHooks": (!configuration.hooks.is_empty()).then(|| Node::list(hooks)),
    }
}

fn hook_detail(hook: &HookDetail) -> Node {
    map! {
        "hookId": &hook.id,
        "targetType": "PAUSE",
        "status": hook.status.as_str(),
        "expiresAt": hook.expires_at,
        "timeoutAction": hook.timeout_action.as_str(),
    }
}

/// The percentage of a rule's traffic that a target group gets.
fn weight(world: &World, rule: &str, group: &str) -> f64 {
    let action = world.elb.rules.iter().find(|each| each.arn == rule).map(|rule| &rule.action);
    match action {
        Some(Action::Split { target_groups }) => {
            target_groups.iter().find(|(arn, _)| arn == group).map_or(0.0, |(_, weight)| f64::from(*weight))
        }
        _ => 0.0,
    }
}

/// A service deployment as `ListServiceDeployments` shows it.
fn service_deployment_brief(service: &Service, each: &ServiceDeployment) -> Node {
    map! {
        "serviceDeploymentArn": &each.arn,
        "serviceArn": &service.arn,
        "clusterArn": &service.cluster_arn,
        "startedAt": each.started_at,
        "createdAt": each.created_at,
        "finishedAt": each.finished_at,
        "targetServiceRevisionArn": &each.target_revision,
        "status": each.status.as_str(),
        "statusReason": each.status_reason.as_ref(),
    }
}

/// A service deployment as `DescribeServiceDeployments` shows it.
fn service_deployment(world: &World, service: &Service, each: &ServiceDeployment) -> Node {
    let revision = |arn: &String| {
        // The counts are those of the revision's tasks, whichever deployment started them.
        let mut requested = 0;
        let mut running = 0;
        let mut pending = 0;
        for own in service.deployments.iter().filter(|own| own.revision_arn == *arn) {
            requested += own.desired_count;
            running += service.running_of(&own.id);
            pending += service.pending_of(&own.id);
        }
        let weights = service
            .load_balancer
            .advanced
            .as_ref()
            .filter(|_| !each.status.is_over())
            .zip(service.revision(arn))
            .map(|(advanced, revision)| {
                let of = |rule: &str| weight(world, rule, &revision.target_group_arn);
                (of(&advanced.test_listener_rule), of(&advanced.production_listener_rule))
            });
        map! {
            "arn": arn,
            "requestedTaskCount": requested,
            "runningTaskCount": running,
            "pendingTaskCount": pending,
            "requestedTestTrafficWeight": weights.map(|(test, _)| test),
            "requestedProductionTrafficWeight": weights.map(|(_, production)| production),
        }
    };
    let alarm_names = each.configuration.alarms.as_ref().map(|alarms| &alarms.names);
    let rollback = each.rollback.as_ref().map(|rollback| {
        map! {
            "reason": &rollback.reason,
            "startedAt": rollback.started_at,
            "serviceRevisionArn": &rollback.revision_arn,
        }
    });
    map! {
        "serviceDeploymentArn": &each.arn,
        "serviceArn": &service.arn,
        "clusterArn": &service.cluster_arn,
        "createdAt": each.created_at,
        "startedAt": each.started_at,
        "finishedAt": each.finished_at,
        "stoppedAt": each.stopped_at,
        "updatedAt": each.updated_at,
        "sourceServiceRevisions": Node::list(each.source_revisions.iter().map(revision)),
        "targetServiceRevision": revision(&each.target_revision),
        "status": each.status.as_str(),
        "statusReason": each.status_reason.as_ref(),
        "lifecycleStage": each.lifecycle_stage.as_str(),
        "lifecycleHookDetails": Node::list(each.hooks.iter().map(hook_detail)),
        "deploymentConfiguration": configuration(&each.configuration),
        "rollback": rollback,
        "deploymentCircuitBreaker": map! {
            "status": each.breaker.status.as_str(),
            "failureCount": each.breaker.failure_count,
            "threshold": each.breaker.threshold,
        },
        "alarms": map! {
            "status": each.alarms.status.as_str(),
            "alarmNames": alarm_names.map(Node::list),
            "triggeredAlarmNames": Some(&each.alarms.triggered).filter(|it| !it.is_empty()).map(Node::list),
        },
    }
}

/// A service revision: what one deployment rolled out.
fn service_revision(service: &Service, revision: &ServiceRevision) -> Node {
    map! {
        "serviceRevisionArn": &revision.arn,
        "serviceArn": &service.arn,
        "clusterArn": &service.cluster_arn,
        "taskDefinition": &revision.task_definition,
        "launchType": service.runs.launch_type,
        "capacityProviderStrategy": (!service.runs.capacity.is_empty()).then(|| capacity(service)),
        "platformVersion": service.runs.on_fargate().then_some(render::PLATFORM_VERSION),
        "platformFamily": service.runs.on_fargate().then_some("Linux"),
        "loadBalancers": render::load_balancers(service),
        "resolvedConfiguration": map! {
            "loadBalancers": Node::list((!revision.target_group_arn.is_empty()).then(|| map! {
                "targetGroupArn": &revision.target_group_arn,
                "productionListenerRule": service
                    .load_balancer
                    .advanced
                    .as_ref()
                    .map(|advanced| &advanced.production_listener_rule),
            })),
        },
        "networkConfiguration": render::network(service),
        "containerImages": Node::list([map! {
            "containerName": &revision.container_name,
            // Without an image of that tag there is no digest.
            "imageDigest": Some(&revision.image_digest).filter(|digest| !digest.is_empty()),
            "image": &revision.image,
        }]),
        "guardDutyEnabled": false,
        "createdAt": revision.created_at,
    }
}
