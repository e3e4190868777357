//! ECS: operations that change a service.
use chrono::{DateTime, Utc};

use super::{cluster, deployments, invalid, register, render};
use crate::behaviour::ecs::stop::stop_task;
use crate::behaviour::ecs::update_service::{ServiceChange, update_service};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::ecs::{DeploymentAlarms, DeploymentConfiguration};

/// Members that `UpdateService` has on AWS and not here. They are refused rather than ignored.
const UNSUPPORTED: [&str; 7] = [
    "capacityProviderStrategy",
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

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
        "RegisterTaskDefinition" => register::register(world, input, now),
        _ => return None,
    })
}

fn update(world: &mut World, input: Input<'_>) -> Result<Node, ApiError> {
    let cluster = cluster(world, input)?.clone();
    let name = input.text("service")?.ok_or_else(|| invalid("service is required."))?;
    if let Some(member) = UNSUPPORTED.into_iter().find(|member| input.has(member)) {
        return Err(ApiError::new(
            "UnsupportedFeatureException",
            format!("The simulated account cannot change {member}."),
        ));
    }
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
    let (breaker, rollback) = match wanted.part("deploymentCircuitBreaker")? {
        None => (present.breaker, present.rollback),
        Some(breaker) => {
            (breaker.flag("enable")?.unwrap_or(false), breaker.flag("rollback")?.unwrap_or(false))
        }
    };
    Ok(DeploymentConfiguration {
        minimum_healthy_percent,
        maximum_percent,
        breaker,
        rollback,
        strategy: present.strategy,
        steps: present.steps,
        bake_minutes,
        hooks,
        alarms,
    })
}

fn stop(world: &mut World, input: Input<'_>) -> Result<Node, ApiError> {
    let cluster = cluster(world, input)?.arn.clone();
    let task = input.text("task")?.ok_or_else(|| invalid("task is required."))?;
    let (service_id, position) = stop_task(world, &cluster, task, input.text("reason")?)?;
    Ok(map! { "task": render::task(world, &world.service(service_id).tasks[position], false) })
}
