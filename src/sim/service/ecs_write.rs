//! ECS: what changes a service.
use chrono::{DateTime, Utc};

use super::ecs::{cluster, invalid};
use super::ecs_render as render;
use crate::sim::behaviour::ecs_actions::{ServiceChange, update_service};
use crate::sim::behaviour::ecs_operator::{roll_back_deployment, stop_task};
use crate::sim::wire::error::Fault;
use crate::sim::wire::input::Input;
use crate::sim::wire::node::{Node, map};
use crate::sim::world::World;
use crate::sim::world::ecs::{DeploymentConfiguration, TaskDefinition};

/// What `UpdateService` can change on AWS and cannot here: refused rather than quietly dropped.
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
) -> Option<Result<Node, Fault>> {
    Some(match operation {
        "UpdateService" => update(world, input),
        "StopTask" => stop(world, input),
        "StopServiceDeployment" => stop_deployment(world, input),
        "ContinueServiceDeployment" => continue_deployment(world, input),
        "RegisterTaskDefinition" => register(world, input, now),
        _ => return None,
    })
}

fn update(world: &mut World, input: Input<'_>) -> Result<Node, Fault> {
    let cluster = cluster(world, input)?.clone();
    let name = input.text("service")?.ok_or_else(|| invalid("service is required."))?;
    if let Some(member) = UNSUPPORTED.into_iter().find(|member| input.has(member)) {
        return Err(Fault::new(
            "UnsupportedFeatureException",
            format!("The simulated account cannot change {member}."),
        ));
    }
    let present = world
        .ecs
        .service(&cluster.arn, name)
        .ok_or_else(|| Fault::new("ServiceNotFoundException", "Service not found."))?;
    let configuration = match input.part("deploymentConfiguration")? {
        None => None,
        Some(wanted) => Some(configuration(wanted, present.configuration)?),
    };
    let change = ServiceChange {
        desired_count: count(input, "desiredCount")?,
        task_definition: input.text("taskDefinition")?.map(str::to_owned),
        force_new_deployment: input.flag("forceNewDeployment")?.unwrap_or(false),
        configuration,
        health_check_grace_seconds: count(input, "healthCheckGracePeriodSeconds")?,
    };
    let index = update_service(world, &cluster.arn, name, &change)?;
    Ok(map! { "service": render::service(&world.ecs.services[index], true) })
}

fn count(input: Input<'_>, member: &str) -> Result<Option<u32>, Fault> {
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
    present: DeploymentConfiguration,
) -> Result<DeploymentConfiguration, Fault> {
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
    if wanted.text("strategy")?.is_some_and(|strategy| strategy != "ROLLING") {
        return Err(Fault::new(
            "UnsupportedFeatureException",
            "The simulated account deploys with the ROLLING strategy only.",
        ));
    }
    let (breaker, rollback) = match wanted.part("deploymentCircuitBreaker")? {
        None => (present.breaker, present.rollback),
        Some(breaker) => {
            (breaker.flag("enable")?.unwrap_or(false), breaker.flag("rollback")?.unwrap_or(false))
        }
    };
    Ok(DeploymentConfiguration { minimum_healthy_percent, maximum_percent, breaker, rollback })
}

fn stop(world: &mut World, input: Input<'_>) -> Result<Node, Fault> {
    let cluster = cluster(world, input)?.arn.clone();
    let task = input.text("task")?.ok_or_else(|| invalid("task is required."))?;
    let (index, position) = stop_task(world, &cluster, task, input.text("reason")?)?;
    Ok(map! { "task": render::task(world, &world.ecs.services[index].tasks[position], false) })
}

fn stop_deployment(world: &mut World, input: Input<'_>) -> Result<Node, Fault> {
    let arn = deployment_arn(input)?;
    match input.text("stopType")?.unwrap_or("ROLLBACK") {
        "ROLLBACK" => roll_back_deployment(world, arn)?,
        "ABORT" => {
            return Err(Fault::new(
                "UnsupportedFeatureException",
                "The simulated account stops deployments with stopType ROLLBACK only.",
            ));
        }
        other => return Err(invalid(format!("Unknown stop type: {other}"))),
    }
    Ok(map! { "serviceDeploymentArn": arn })
}

/// No deployment here has lifecycle hooks, so none ever waits to be continued.
fn continue_deployment(world: &World, input: Input<'_>) -> Result<Node, Fault> {
    let arn = deployment_arn(input)?;
    let mut services = world.ecs.services.iter();
    let known = services.any(|each| each.service_deployments.iter().any(|own| own.arn == arn));
    Err(if known {
        Fault::new("ClientException", "The service deployment has no lifecycle hook that awaits an action.")
    } else {
        Fault::new("ServiceDeploymentNotFoundException", "The service deployment was not found.")
    })
}

fn deployment_arn(input: Input<'_>) -> Result<&str, Fault> {
    input.text("serviceDeploymentArn")?.ok_or_else(|| invalid("serviceDeploymentArn is required."))
}

/// Registers the next revision of a family that exists, with what usually changes in one: the image,
/// the sizes and the environment. Everything else is as in the revision before.
fn register(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Result<Node, Fault> {
    let client = |message: &str| Fault::new("ClientException", message.to_owned());
    let family = input.text("family")?.ok_or_else(|| client("Family should not be null or empty."))?;
    let containers = input.list("containerDefinitions")?;
    let [container] = containers.as_slice() else {
        return Err(client("The simulated account runs tasks of exactly one container."));
    };
    let last = world
        .ecs
        .task_definition(family)
        .filter(|last| last.family == family)
        .ok_or_else(|| client("The simulated account registers revisions of existing families only."))?;
    let image =
        container.text("image")?.ok_or_else(|| client("Container.image should not be null or empty."))?;
    let mut next = TaskDefinition { revision: last.revision + 1, registered_at: now, ..last.clone() };
    next.arn = world.account.arn("ecs", &format!("task-definition/{}", next.name()));
    next.registered_by.clone_from(&world.account.caller_arn);
    image.clone_into(&mut next.container.image);
    let parse = |member: &str, last: u32| -> Result<u32, Fault> { Ok(count(input, member)?.unwrap_or(last)) };
    (next.cpu, next.memory) = (parse("cpu", next.cpu)?, parse("memory", next.memory)?);
    if container.has("environment") {
        next.container.environment = pairs(*container, "environment", "value")?;
    }
    if container.has("secrets") {
        next.container.secrets = pairs(*container, "secrets", "valueFrom")?;
    }
    let answer = map! { "taskDefinition": render::task_definition(&next) };
    world.ecs.task_definitions.push(next);
    Ok(answer)
}

fn pairs(container: Input<'_>, member: &str, value: &str) -> Result<Vec<(String, String)>, Fault> {
    container
        .list(member)?
        .into_iter()
        .map(|pair| {
            let name = pair.text("name")?.unwrap_or_default();
            let value = pair.text(value)?.unwrap_or_default();
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}
