//! ECS: operations that change a service.
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{cluster, deployments, invalid, register, render, run};
use crate::behaviour::ecs::run_task::stop_standalone;
use crate::behaviour::ecs::stop::stop_task;
use crate::behaviour::ecs::update_service::{ServiceChange, update_service};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::ecs::{
    DeploymentAlarms, DeploymentConfiguration, ServiceSettings, Standalone, Steps, Strategy, Threshold,
};

/// The members of `UpdateService` that are carried out. Every other one is refused rather than ignored.
const UPDATED: [&str; 13] = [
    "cluster",
    "service",
    "desiredCount",
    "taskDefinition",
    "deploymentConfiguration",
    "availabilityZoneRebalancing",
    "platformVersion",
    "forceNewDeployment",
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    // Looked at only to be refused where it would change something.
    "deploymentController",
];

/// The members of `deploymentConfiguration` that are carried out.
const CONFIGURED: [&str; 9] = [
    "deploymentCircuitBreaker",
    "maximumPercent",
    "minimumHealthyPercent",
    "alarms",
    "strategy",
    "bakeTimeInMinutes",
    "lifecycleHooks",
    "linearConfiguration",
    "canaryConfiguration",
];

/// The refusal of a member that this account cannot change.
fn unsupported(member: &str) -> ApiError {
    ApiError::new("UnsupportedFeatureException", format!("The simulated account cannot change {member}."))
}

/// Refuses what AWS does not change on such a service, and what is not carried out here.
fn refuse_unsupported(input: Input<'_>) -> Result<(), ApiError> {
    for (member, what) in [("placementStrategy", "strategies"), ("placementConstraints", "constraints")] {
        if !input.list(member)?.is_empty() {
            return Err(invalid(format!("Placement {what} are not supported with FARGATE launch type.")));
        }
    }
    if let Some(controller) = input.part("deploymentController")?
        && controller.text("type")? != Some("ECS")
    {
        return Err(invalid(
            "The deployment controller of a service with a rolling, blue/green, linear or canary deployment \
             strategy cannot be changed.",
        ));
    }
    let known: Vec<&str> = UPDATED.into_iter().chain(["placementStrategy", "placementConstraints"]).collect();
    input.beside(&known).map_or(Ok(()), |member| Err(unsupported(member)))
}

/// The settings that follow from a request.
fn settings(input: Input<'_>, present: &ServiceSettings) -> Result<ServiceSettings, ApiError> {
    let one_of = |member: &'static str, known: &[&str]| -> Result<Option<String>, ApiError> {
        match input.text(member)? {
            Some(value) if !known.contains(&value) => Err(invalid(format!("Invalid {member}: {value}"))),
            value => Ok(value.map(str::to_owned)),
        }
    };
    let platform_version = match input.text("platformVersion")? {
        None => present.platform_version.clone(),
        Some(version) if ["LATEST", "1.4.0", "1.3.0"].contains(&version) => version.to_owned(),
        Some(_) => {
            return Err(ApiError::new(
                "PlatformUnknownException",
                "The specified platform version doesn't exist.",
            ));
        }
    };
    let rebalancing = one_of("availabilityZoneRebalancing", &["ENABLED", "DISABLED"])?;
    let tags = one_of("propagateTags", &["TASK_DEFINITION", "SERVICE", "NONE"])?;
    Ok(ServiceSettings {
        execute_command: input.flag("enableExecuteCommand")?.unwrap_or(present.execute_command),
        platform_version,
        propagate_tags: tags.unwrap_or_else(|| present.propagate_tags.clone()),
        managed_tags: input.flag("enableECSManagedTags")?.unwrap_or(present.managed_tags),
        rebalancing: rebalancing.map_or(present.rebalancing, |value| value == "ENABLED"),
    })
}

/// Runs a write; `None` when there is none of that name.
pub(super) fn call(
    operation: &str,
    world: &mut World,
    input: Input<'_>,
    now: DateTime<Utc>,
) -> Option<Result<Node, ApiError>> {
    Some(match operation {
        "UpdateService" => update(world, input),
        "StopTask" => stop(world, input),
        "RunTask" => run::run(world, input),
        "RegisterTaskDefinition" => register::register(world, input, now),
        "DeregisterTaskDefinition" => register::deregister(world, input, now),
        _ => return None,
    })
}

fn update(world: &mut World, input: Input<'_>) -> Result<Node, ApiError> {
    let cluster = cluster(world, input)?.clone();
    let name = input.text("service")?.ok_or_else(|| invalid("service is required."))?;
    refuse_unsupported(input)?;
    let present = world
        .ecs
        .service(&cluster.arn, name)
        .ok_or_else(|| ApiError::new("ServiceNotFoundException", "Service not found."))?;
    let configuration = match input.part("deploymentConfiguration")? {
        None => None,
        Some(wanted) => Some(configuration(wanted, &present.configuration)?),
    };
    let change = ServiceChange {
        desired_count: count(input, "desiredCount")?,
        task_definition: input.text("taskDefinition")?.map(str::to_owned),
        force_new_deployment: input.flag("forceNewDeployment")?.unwrap_or(false),
        configuration,
        settings: Some(settings(input, &present.settings)?),
        health_check_grace_seconds: count(input, "healthCheckGracePeriodSeconds")?,
    };
    let service_id = update_service(world, &cluster.arn, name, &change)?;
    Ok(map! { "service": render::service(world, world.service(service_id), true) })
}

/// A count that AWS takes; `None` when it was not sent.
pub(super) fn count(input: Input<'_>, member: &str) -> Result<Option<u32>, ApiError> {
    input
        .int(member)?
        .map(|value| {
            u32::try_from(value)
                .ok()
                // AWS keeps services to 5,000 tasks; grace periods may be longer.
                .filter(|value| member != "desiredCount" || *value <= 5000)
                .ok_or_else(|| invalid(format!("{member} is out of range.")))
        })
        .transpose()
}

fn configuration(
    wanted: Input<'_>,
    present: &DeploymentConfiguration,
) -> Result<DeploymentConfiguration, ApiError> {
    let minimum_healthy_percent =
        count(wanted, "minimumHealthyPercent")?.unwrap_or(present.minimum_healthy_percent);
    let maximum_percent = count(wanted, "maximumPercent")?.unwrap_or(present.maximum_percent);
    if minimum_healthy_percent > 100 || maximum_percent < 100 {
        return Err(invalid("minimumHealthyPercent must be at most 100 and maximumPercent at least 100."));
    }
    if minimum_healthy_percent == 100 && maximum_percent == 100 {
        return Err(invalid(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ));
    }
    if let Some(member) = wanted.beside(&CONFIGURED) {
        return Err(unsupported(&format!("deploymentConfiguration.{member}")));
    }
    for (member, prefix) in [("linearConfiguration", "step"), ("canaryConfiguration", "canary")] {
        let Some(steps) = wanted.part(member)? else { continue };
        let own = present.steps.filter(|_| {
            let linear = present.strategy == Strategy::Linear;
            linear == (prefix == "step") && present.strategy.shifts_traffic()
        });
        // The percentage is a number with a fraction in AWS's model.
        let number = |name: &str| steps.raw().get(format!("{prefix}{name}")).and_then(Value::as_f64);
        let is = |wanted: Option<f64>, own: u32| wanted.is_none_or(|it| (it - f64::from(own)).abs() < 0.05);
        let same = |own: Steps| {
            is(number("Percent"), own.percent) && is(number("BakeTimeInMinutes"), own.bake_minutes)
        };
        if !own.is_some_and(same) {
            return Err(unsupported(&format!("deploymentConfiguration.{member}")));
        }
    }
    if wanted.text("strategy")?.is_some_and(|strategy| strategy != present.strategy.as_str()) {
        return Err(ApiError::new(
            "UnsupportedFeatureException",
            "The simulated account cannot change a service's deployment strategy.",
        ));
    }
    let bake_minutes = count(wanted, "bakeTimeInMinutes")?.unwrap_or(present.bake_minutes);
    if bake_minutes > 1440 {
        return Err(invalid("bakeTimeInMinutes must be between 0 and 1440."));
    }
    let hooks = if wanted.has("lifecycleHooks") {
        deployments::pause_hooks(&wanted.list("lifecycleHooks")?)?
    } else {
        present.hooks.clone()
    };
    let alarms = match wanted.part("alarms")? {
        None => present.alarms.clone(),
        Some(alarms) => Some(DeploymentAlarms {
            names: alarms.texts("alarmNames")?.into_iter().map(str::to_owned).collect(),
            enable: alarms.flag("enable")?.unwrap_or(false),
            rollback: alarms.flag("rollback")?.unwrap_or(false),
        }),
    };
    let mut next = DeploymentConfiguration { ..present.clone() };
    if let Some(breaker) = wanted.part("deploymentCircuitBreaker")? {
        let known = ["enable", "rollback", "thresholdConfiguration", "resetOnHealthyTask"];
        if let Some(member) = breaker.beside(&known) {
            return Err(unsupported(&format!("deploymentCircuitBreaker.{member}")));
        }
        next.breaker = breaker.flag("enable")?.unwrap_or(false);
        next.rollback = breaker.flag("rollback")?.unwrap_or(false);
        next.reset_on_healthy = breaker.flag("resetOnHealthyTask")?.unwrap_or(true);
        next.threshold = match breaker.part("thresholdConfiguration")? {
            None => Threshold::BoundedPercent(50),
            Some(wanted) => threshold(wanted)?,
        };
    }
    Ok(DeploymentConfiguration {
        minimum_healthy_percent,
        maximum_percent,
        strategy: present.strategy,
        steps: present.steps,
        bake_minutes,
        hooks,
        alarms,
        ..next
    })
}

fn threshold(wanted: Input<'_>) -> Result<Threshold, ApiError> {
    let value = count(wanted, "value")?.filter(|value| *value > 0);
    let value = value.ok_or_else(|| invalid("thresholdConfiguration.value must be at least 1."))?;
    match wanted.text("type")?.unwrap_or("BOUNDED_PERCENT") {
        "COUNT" => Ok(Threshold::Count(value)),
        kind if value > 100 => Err(invalid(format!("value must be at most 100 for the type {kind}."))),
        "BOUNDED_PERCENT" => Ok(Threshold::BoundedPercent(value)),
        "UNBOUNDED_PERCENT" => Ok(Threshold::UnboundedPercent(value)),
        other => Err(invalid(format!("Unknown threshold type: {other}"))),
    }
}

fn stop(world: &mut World, input: Input<'_>) -> Result<Node, ApiError> {
    let cluster = cluster(world, input)?.arn.clone();
    let task = input.text("task")?.ok_or_else(|| invalid("task is required."))?;
    let alone = |each: &Standalone| {
        each.task.cluster_arn == cluster && (each.task.arn == task || each.task.id == task)
    };
    if let Some(place) = world.ecs.standalone.iter().position(alone) {
        stop_standalone(world, place, input.text("reason")?.unwrap_or("Task stopped by user"));
        return Ok(map! { "task": render::task(world, &world.ecs.standalone[place].task, false) });
    }
    let (service_id, position) = stop_task(world, &cluster, task, input.text("reason")?)?;
    Ok(map! { "task": render::task(world, &world.service(service_id).tasks[position], false) })
}
