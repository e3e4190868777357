//! ECS: `RegisterTaskDefinition`.
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::render;
use super::write::count;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::ecs::{ContainerDefinition, TaskDefinition};
use crate::world::{Tag, World};

/// Seconds between SIGTERM and SIGKILL when none were registered.
const STOP_TIMEOUT: u32 = 30;

fn client(message: impl Into<String>) -> ApiError {
    ApiError::new("ClientException", message)
}

/// Registers the next revision of a family, or the first of a new one. Descriptions repeat everything that
/// was sent. Only one of its containers is simulated; the others appear beside it.
pub(super) fn register(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Result<Node, ApiError> {
    let family = input.text("family")?.unwrap_or_default();
    let fits = |each: char| each.is_ascii_alphanumeric() || each == '-' || each == '_';
    if family.is_empty() {
        return Err(client("Family should not be null or empty."));
    }
    if family.len() > 255 || !family.chars().all(fits) {
        return Err(client(
            "Family contains invalid characters. Only up to 255 letters (uppercase and lowercase), numbers, \
             underscores, and hyphens are allowed.",
        ));
    }
    let containers = input.list("containerDefinitions")?;
    if containers.is_empty() {
        return Err(client("Container list cannot be empty."));
    }
    let mut names: Vec<&str> = Vec::new();
    for container in &containers {
        let name = required(*container, "name")?;
        required(*container, "image")?;
        if names.contains(&name) {
            return Err(client("Container names should be unique."));
        }
        names.push(name);
    }
    let all_optional = containers
        .iter()
        .map(|container| container.flag("essential"))
        .collect::<Result<Vec<_>, ApiError>>()?
        .into_iter()
        .all(|essential| essential == Some(false));
    if all_optional {
        return Err(client("At least one container should be essential."));
    }
    let (cpu, memory) = sizes(input)?;
    let earlier = world.ecs.task_definitions.iter().filter(|each| each.family == family);
    let revision = earlier.map(|each| each.revision).max().unwrap_or(0) + 1;
    let container = containers[main_container(world, &containers)?];
    let text =
        |member: &str| -> Result<String, ApiError> { Ok(input.text(member)?.unwrap_or_default().to_owned()) };
    let next = TaskDefinition {
        arn: world.account.arn("ecs", &format!("task-definition/{family}:{revision}")),
        family: family.to_owned(),
        revision,
        cpu,
        memory,
        network_mode: network_mode(input)?,
        status: "ACTIVE",
        execution_role_arn: text("executionRoleArn")?,
        task_role_arn: text("taskRoleArn")?,
        container: container_definition(container)?,
        registered: Some(kept(input)),
        registered_at: now,
        registered_by: world.account.caller_arn.clone(),
        deregistered_at: None,
        tags: tags(input)?,
    };
    let answer = map! {
        "taskDefinition": render::task_definition(&next),
        "tags": render::tags(&next.tags),
    };
    world.ecs.task_definitions.push(next);
    Ok(answer)
}

/// `DeregisterTaskDefinition`: tasks and services that have it go on; nothing new can have it.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html>
pub(super) fn deregister(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Result<Node, ApiError> {
    let name = input.text("taskDefinition")?.unwrap_or_default();
    // A family alone would leave open which revision is meant.
    if !name.rsplit('/').next().unwrap_or_default().contains(':') {
        return Err(client(format!("revision must not be null: {name}")));
    }
    let mut all = world.ecs.task_definitions.iter_mut();
    let found = all.find(|each| each.arn == name || name == format!("{}:{}", each.family, each.revision));
    let found = found.ok_or_else(|| client("Unable to describe task definition."))?;
    found.status = "INACTIVE";
    found.deregistered_at.get_or_insert(now);
    Ok(map! { "taskDefinition": render::task_definition(found) })
}

/// How its containers reach the network; `bridge` where the request does not say.
fn network_mode(input: Input<'_>) -> Result<&'static str, ApiError> {
    Ok(match input.text("networkMode")?.unwrap_or("bridge") {
        "awsvpc" => "awsvpc",
        "bridge" => "bridge",
        "host" => "host",
        "none" => "none",
        other => return Err(client(format!("Invalid network mode: {other}"))),
    })
}

fn required<'a>(container: Input<'a>, member: &str) -> Result<&'a str, ApiError> {
    container
        .text(member)?
        .filter(|text| !text.is_empty())
        .ok_or_else(|| client(format!("Container.{member} should not be null or empty.")))
}

/// The container behind a service's load balancer, else the first that is essential.
fn main_container(world: &World, containers: &[Input<'_>]) -> Result<usize, ApiError> {
    for (place, container) in containers.iter().enumerate() {
        let name = container.text("name")?;
        let served = |each: &str| name == Some(each);
        if world.ecs.services.iter().any(|service| served(&service.load_balancer.container_name)) {
            return Ok(place);
        }
    }
    for (place, container) in containers.iter().enumerate() {
        if container.flag("essential")? != Some(false) {
            return Ok(place);
        }
    }
    Ok(0)
}

/// Task sizes that Fargate has.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size>
fn sizes(input: Input<'_>) -> Result<(u32, u32), ApiError> {
    let none = || client("No Fargate configuration exists for given values.");
    let (Some(cpu), Some(memory)) = (count(input, "cpu")?, count(input, "memory")?) else {
        return Err(client("Fargate requires that 'cpu' and 'memory' be defined at the task level."));
    };
    // CPU units; least and most memory in MiB, and the step between two sizes.
    let (least, most, step) = match cpu {
        256 if memory == 512 => (512, 512, 1),
        256 => (1024, 2048, 1024),
        512 => (1024, 4096, 1024),
        1024 => (2048, 8192, 1024),
        2048 => (4096, 16_384, 1024),
        4096 => (8192, 30_720, 1024),
        8192 => (16_384, 61_440, 4096),
        16_384 => (32_768, 122_880, 8192),
        _ => return Err(none()),
    };
    if (least..=most).contains(&memory) && memory.is_multiple_of(step) {
        Ok((cpu, memory))
    } else {
        Err(none())
    }
}

fn container_definition(container: Input<'_>) -> Result<ContainerDefinition, ApiError> {
    let ports = container.list("portMappings")?;
    let port = ports.first().map(|port| port.int("containerPort")).transpose()?.flatten();
    let log = container.part("logConfiguration")?;
    let options = log.map(|log| log.part("options")).transpose()?.flatten();
    let option = |member: &str| -> Result<String, ApiError> {
        let value = options.map(|options| options.text(member)).transpose()?.flatten();
        Ok(value.unwrap_or_default().to_owned())
    };
    Ok(ContainerDefinition {
        name: required(container, "name")?.to_owned(),
        image: required(container, "image")?.to_owned(),
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(0),
        environment: pairs(container, "environment", "value")?,
        secrets: pairs(container, "secrets", "valueFrom")?,
        log_group: option("awslogs-group")?,
        log_prefix: option("awslogs-stream-prefix")?,
        stop_timeout: count(container, "stopTimeout")?.unwrap_or(STOP_TIMEOUT),
        health_check: container.has("healthCheck"),
    })
}

fn pairs(container: Input<'_>, member: &str, value: &str) -> Result<Vec<(String, String)>, ApiError> {
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

fn tags(input: Input<'_>) -> Result<Vec<Tag>, ApiError> {
    input
        .list("tags")?
        .into_iter()
        .map(|tag| {
            let text = |member: &str| -> Result<String, ApiError> {
                Ok(tag.text(member)?.unwrap_or_default().to_owned())
            };
            Ok(Tag { key: text("key")?, value: text("value")? })
        })
        .collect()
}

/// The request, with the members that AWS adds to every container when they are missing.
fn kept(input: Input<'_>) -> Value {
    let mut kept = input.raw().clone();
    let containers = kept.get_mut("containerDefinitions").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
        for list in ["environment", "mountPoints", "volumesFrom", "portMappings", "systemControls"] {
            container.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        }
        container.entry("cpu").or_insert_with(|| 0.into());
        container.entry("essential").or_insert(Value::Bool(true));
        let ports = container.get_mut("portMappings").and_then(Value::as_array_mut);
        for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
            if let Some(own) = port.get("containerPort").cloned() {
                port.entry("hostPort").or_insert(own);
            }
            port.entry("protocol").or_insert_with(|| "tcp".into());
        }
    }
    kept
}
