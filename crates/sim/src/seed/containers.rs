//! Task definitions: their containers, as the estate's file has them.
use serde_json::{Value, json};

use super::{Time, monitoring, role, tags};
use crate::estate::{ContainerPart, Estate, ModePart, REGION, ServicePart};
use crate::world::World;
use crate::world::ecs::{ContainerDefinition, TaskDefinition};

/// The port of a container that names none.
const PORT: u16 = 3000;
/// Seconds between SIGTERM and SIGKILL.
const STOP_TIMEOUT: u32 = 30;

/// The family of a service's task definitions.
pub(super) fn family(estate: &Estate, part: &ServicePart) -> String {
    format!("{}-{}", estate.project, part.name)
}

/// The containers of a service: those of the file, or one that has the service's name.
fn containers(part: &ServicePart) -> Vec<ContainerPart> {
    if part.container.is_empty() { vec![ContainerPart::plain(&part.name)] } else { part.container.clone() }
}

/// Whether a container is the one behind the load balancer: the first essential one with a port, else the first
/// essential one.
fn main_place(containers: &[ContainerPart]) -> usize {
    let with_port = containers.iter().position(|each| each.essential && each.port.is_some());
    with_port.or_else(|| containers.iter().position(|each| each.essential)).unwrap_or(0)
}

/// The container that a target group's requests go to, and its port: the one that listens on the group's port, else
/// the main one.
pub(super) fn container_for(part: &ServicePart, group_port: u16) -> (String, u16) {
    let all = containers(part);
    let main = &all[main_place(&all)];
    let found = all.iter().find(|each| each.port == Some(group_port)).unwrap_or(main);
    (found.name.clone(), found.port.unwrap_or(PORT))
}

/// One revision of a service's task definition.
pub(super) fn task_definition(
    world: &World,
    estate: &Estate,
    part: &ServicePart,
    revision: u32,
    registered_at: Time,
) -> TaskDefinition {
    let family = family(estate, part);
    let all = containers(part);
    let place = main_place(&all);
    let made: Vec<ContainerDefinition> = all
        .iter()
        .enumerate()
        .map(|(at, each)| container(world, estate, part, each, (at == place).then_some(revision)))
        .collect();
    let network_mode = match part.network_mode {
        ModePart::Awsvpc => "awsvpc",
        ModePart::Bridge => "bridge",
        ModePart::Host => "host",
    };
    // What one plain container does not say is kept as it would have been registered.
    let plain = all.len() == 1 && network_mode == "awsvpc" && !all[0].health_check && all[0].port.is_some();
    let rendered = all.iter().zip(&made).map(|(part, made)| rendered(part, made, network_mode));
    let registered = (!plain).then(|| json!({ "containerDefinitions": rendered.collect::<Vec<Value>>() }));
    TaskDefinition {
        arn: world.account.arn("ecs", &format!("task-definition/{family}:{revision}")),
        cpu: 256,
        memory: 512,
        execution_role_arn: role(&format!("{}-task-execution", estate.project)),
        task_role_arn: role(&format!("{family}-task")),
        container: made[place].clone(),
        registered,
        registered_at,
        registered_by: role(&format!("{}-ci", estate.project)),
        deregistered_at: None,
        tags: tags(estate, &family),
        family,
        revision,
        network_mode,
        status: "ACTIVE",
    }
}

fn container(
    world: &World,
    estate: &Estate,
    service: &ServicePart,
    part: &ContainerPart,
    revision: Option<u32>,
) -> ContainerDefinition {
    let family = family(estate, service);
    let name = part.repository.as_ref().map(|name| name.get_ref().clone());
    let name = name.unwrap_or_else(|| format!("{}/{}", estate.project, service.name));
    let all = world.ecr.repositories.iter().chain(&world.ecr.elsewhere);
    let repository = all.clone().find(|each| each.name == name);
    let newest = || {
        let tags = repository.and_then(|it| it.images.iter().rev().find_map(|image| image.tags.first()));
        tags.cloned().unwrap_or_else(|| "latest".to_owned())
    };
    let tag = match (&part.tag, revision) {
        (Some(tag), _) => tag.clone(),
        (None, Some(revision)) => format!("1.{revision}.0"),
        (None, None) => newest(),
    };
    let uri = repository.map_or(name, |it| it.uri.clone());
    ContainerDefinition {
        name: part.name.clone(),
        image: format!("{uri}:{tag}"),
        port: part.port.unwrap_or(PORT),
        environment: part.environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        secrets: part
            .secrets
            .iter()
            .map(|(name, from)| (name.clone(), monitoring::secret_reference(world, estate, from.get_ref())))
            .collect(),
        log_group: format!("/ecs/{family}"),
        log_prefix: "ecs".to_owned(),
        stop_timeout: STOP_TIMEOUT,
        health_check: part.health_check,
    }
}

/// A container as `RegisterTaskDefinition` would have taken it.
fn rendered(part: &ContainerPart, made: &ContainerDefinition, network: &str) -> Value {
    let pairs = |pairs: &[(String, String)], value: &str| -> Vec<Value> {
        pairs.iter().map(|(name, text)| json!({ "name": name, value: text })).collect()
    };
    // In the mode bridge, 0 asks for any free port of the instance.
    let host = |port: u16| if network == "bridge" { 0 } else { port };
    let ports =
        part.port.map(|port| json!({ "containerPort": port, "hostPort": host(port), "protocol": "tcp" }));
    let mut container = json!({
        "name": made.name,
        "image": made.image,
        "cpu": 0,
        "portMappings": ports.into_iter().collect::<Vec<_>>(),
        "essential": part.essential,
        "environment": pairs(&made.environment, "value"),
        "mountPoints": [],
        "volumesFrom": [],
        "secrets": pairs(&made.secrets, "valueFrom"),
        "stopTimeout": made.stop_timeout,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": made.log_group,
                "awslogs-region": REGION,
                "awslogs-stream-prefix": made.log_prefix,
            },
        },
        "systemControls": [],
    });
    let awaits =
        part.after.iter().map(|name| json!({ "containerName": name.get_ref(), "condition": "SUCCESS" }));
    if !part.after.is_empty() {
        container["dependsOn"] = awaits.collect();
    }
    if part.health_check {
        container["healthCheck"] = json!({
            "command": ["CMD-SHELL", "wget -q -O /dev/null http://localhost/health || exit 1"],
            "interval": 30,
            "timeout": 5,
            "retries": 3,
        });
    }
    container
}
