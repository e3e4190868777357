//! ECS: read operations.
mod deployments;
mod register;
mod render;
mod run;
mod runs;
mod write;

use chrono::{DateTime, Utc};

use super::shared::{find_all, page_size};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::ecs::{Cluster, Service, Task, TaskHost, TaskStatus};

type Answer = Result<Node, ApiError>;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(
    operation: &str,
    world: &mut World,
    input: Input<'_>,
    now: DateTime<Utc>,
) -> Option<Answer> {
    write::call(operation, world, input, now)
        .or_else(|| deployments::call(operation, world, input))
        .or_else(|| read(operation, world, input))
}

fn read(operation: &str, world: &World, input: Input<'_>) -> Option<Answer> {
    Some(match operation {
        "ListClusters" => list_clusters(world, input),
        "DescribeClusters" => describe_clusters(world, input),
        "ListServices" => list_services(world, input),
        "DescribeServices" => describe_services(world, input),
        "ListTasks" => list_tasks(world, input),
        "DescribeTasks" => describe_tasks(world, input),
        "ListTaskDefinitions" => list_task_definitions(world, input),
        "DescribeTaskDefinition" => describe_task_definition(world, input),
        "ListTagsForResource" => list_tags(world, input),
        _ => return None,
    })
}

/// An error in a parameter, with ECS's message.
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

/// The cluster that the input names; `default` when it names none.
pub(super) fn cluster<'a>(world: &'a World, input: Input<'_>) -> Result<&'a Cluster, ApiError> {
    world
        .ecs
        .cluster(input.text("cluster")?.unwrap_or("default"))
        .ok_or_else(|| ApiError::new("ClusterNotFoundException", "Cluster not found."))
}

/// The service of a cluster with this name or ARN.
pub(super) fn service<'a>(world: &'a World, cluster: &Cluster, name: &str) -> Result<&'a Service, ApiError> {
    world
        .ecs
        .service(&cluster.arn, name)
        .ok_or_else(|| ApiError::new("ServiceNotFoundException", "Service not found."))
}

/// One page of ARNs under `member`.
fn arn_page(arns: Vec<String>, input: Input<'_>, member: &'static str, default: usize) -> Answer {
    let size = page_size(input.int("maxResults")?, default, 1..=100)
        .map_err(|()| invalid("maxResults must be between 1 and 100."))?;
    let (arns, next) = page(arns, size, input.text("nextToken")?, member, Clone::clone)
        .map_err(|_| invalid("Invalid token."))?;
    Ok(Node::Map(vec![(member.into(), Node::list(arns)), ("nextToken".into(), next.into())]))
}

/// The names under `member`, of which there must be one to `most`.
pub(super) fn names<'a>(input: Input<'a>, member: &str, most: usize) -> Result<Vec<&'a str>, ApiError> {
    let names = input.texts(member)?;
    if names.is_empty() {
        return Err(invalid(format!("{member} cannot be empty.")));
    }
    if names.len() > most {
        return Err(invalid(format!("{member} can have at most {most} items.")));
    }
    Ok(names)
}

fn wants(input: Input<'_>, what: &str) -> Result<bool, ApiError> {
    Ok(input.texts("include")?.contains(&what))
}

/// The entry of `failures` for something that does not exist.
pub(super) fn missing(arn: String) -> Node {
    map! { "arn": arn, "reason": "MISSING" }
}

fn list_clusters(world: &World, input: Input<'_>) -> Answer {
    let arns = world.ecs.clusters.iter().map(|each| each.arn.clone());
    arn_page(arns.collect(), input, "clusterArns", 100)
}

fn describe_clusters(world: &World, input: Input<'_>) -> Answer {
    let mut wanted = input.texts("clusters")?;
    if wanted.is_empty() {
        wanted.push("default");
    }
    if wanted.len() > 100 {
        return Err(invalid("clusters can have at most 100 items."));
    }
    let include = input.texts("include")?;
    let (found, failed) = find_all(&wanted, |name| world.ecs.cluster(name));
    let failures = failed.into_iter().map(|name| {
        if name.starts_with("arn:") {
            missing(name.to_owned())
        } else {
            missing(world.account.arn("ecs", &format!("cluster/{name}")))
        }
    });
    Ok(map! {
        "clusters": Node::list(found.into_iter().map(|each| render::cluster(world, each, &include))),
        "failures": Node::list(failures),
    })
}

fn list_services(world: &World, input: Input<'_>) -> Answer {
    let cluster = cluster(world, input)?;
    let (launch_type, scheduling) = (input.text("launchType")?, input.text("schedulingStrategy")?);
    let fits = |each: &Service| {
        launch_type.is_none_or(|wanted| each.runs.launch_type == Some(wanted))
            && scheduling.is_none_or(|wanted| each.runs.scheduling == wanted)
    };
    let mut arns: Vec<String> = world
        .ecs
        .services
        .iter()
        .filter(|each| each.cluster_arn == cluster.arn && fits(each))
        .map(|each| each.arn.clone())
        .collect();
    arns.sort_unstable();
    arn_page(arns, input, "serviceArns", 10)
}

fn describe_services(world: &World, input: Input<'_>) -> Answer {
    let cluster = cluster(world, input)?;
    let wanted = names(input, "services", 10)?;
    let with_tags = wants(input, "TAGS")?;
    let (found, failed) = find_all(&wanted, |name| world.ecs.service(&cluster.arn, name));
    let failures = failed.into_iter().map(|name| {
        if name.starts_with("arn:") {
            missing(name.to_owned())
        } else {
            let resource = format!("service/{}/{name}", cluster.name);
            missing(world.account.arn("ecs", &resource))
        }
    });
    Ok(map! {
        "services": Node::list(found.into_iter().map(|each| render::service(world, each, with_tags))),
        "failures": Node::list(failures),
    })
}

fn list_tasks(world: &World, input: Input<'_>) -> Answer {
    let cluster = cluster(world, input)?;
    let desired = match input.text("desiredStatus")?.unwrap_or("RUNNING") {
        "RUNNING" => Some(TaskStatus::Running),
        "STOPPED" => Some(TaskStatus::Stopped),
        // AWS accepts this filter and never lists anything under it.
        "PENDING" => None,
        other => return Err(invalid(format!("Unknown desired status: {other}"))),
    };
    let group = match input.text("serviceName")? {
        None => None,
        Some(name) => Some(format!("service:{}", service(world, cluster, name)?.name)),
    };
    let family = input.text("family")?;
    let started_by = input.text("startedBy")?;
    let (instance, launch_type) = (input.text("containerInstance")?, input.text("launchType")?);
    let fits = |task: &Task| {
        let kind = if task.host.is_some() { "EC2" } else { "FARGATE" };
        let own = |host: &TaskHost| {
            instance.is_none_or(|id| host.arn == id || host.arn.ends_with(&format!("/{id}")))
        };
        launch_type.is_none_or(|wanted| wanted == kind) && task.host.as_ref().map_or(instance.is_none(), own)
    };
    let arns = world
        .ecs
        .tasks()
        .filter(|task| task.cluster_arn == cluster.arn && fits(task))
        .filter(|task| Some(task.desired_status) == desired)
        .filter(|task| group.as_ref().is_none_or(|group| task.group == *group))
        .filter(|task| family.is_none_or(|family| task.family == family))
        .filter(|task| started_by.is_none_or(|id| task.started_by == id))
        .map(|task| task.arn.clone())
        .collect();
    arn_page(arns, input, "taskArns", 100)
}

fn describe_tasks(world: &World, input: Input<'_>) -> Answer {
    let cluster = cluster(world, input)?;
    let wanted = names(input, "tasks", 100)?;
    let with_tags = wants(input, "TAGS")?;
    let (found, failed) = find_all(&wanted, |name| {
        world
            .ecs
            .tasks()
            .find(|task| task.cluster_arn == cluster.arn && (task.arn == name || task.id == name))
    });
    let failures = failed.into_iter().map(|name| {
        if name.starts_with("arn:") {
            missing(name.to_owned())
        } else {
            missing(world.account.arn("ecs", &format!("task/{}/{name}", cluster.name)))
        }
    });
    Ok(map! {
        "tasks": Node::list(found.into_iter().map(|each| render::task(world, each, with_tags))),
        "failures": Node::list(failures),
    })
}

fn list_task_definitions(world: &World, input: Input<'_>) -> Answer {
    let family = input.text("familyPrefix")?;
    let status = input.text("status")?.unwrap_or("ACTIVE");
    if !["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"].contains(&status) {
        return Err(invalid(format!("Invalid status: {status}")));
    }
    let mut definitions: Vec<_> = world
        .ecs
        .task_definitions
        .iter()
        .filter(|each| each.status == status && family.is_none_or(|family| each.family == family))
        .collect();
    definitions.sort_by(|a, b| (&a.family, a.revision).cmp(&(&b.family, b.revision)));
    if input.text("sort")? == Some("DESC") {
        definitions.reverse();
    }
    let arns = definitions.into_iter().map(|each| each.arn.clone()).collect();
    arn_page(arns, input, "taskDefinitionArns", 100)
}

fn describe_task_definition(world: &World, input: Input<'_>) -> Answer {
    let name = input.text("taskDefinition")?.ok_or_else(|| invalid("taskDefinition is required."))?;
    let definition = world
        .ecs
        .task_definition(name)
        .ok_or_else(|| ApiError::new("ClientException", "Unable to describe task definition."))?;
    Ok(map! {
        "taskDefinition": render::task_definition(definition),
        "tags": wants(input, "TAGS")?.then(|| render::tags(&definition.tags)),
    })
}

fn list_tags(world: &World, input: Input<'_>) -> Answer {
    let arn = input.text("resourceArn")?.ok_or_else(|| invalid("resourceArn is required."))?;
    let ecs = &world.ecs;
    let tags = ecs
        .clusters
        .iter()
        .find(|each| each.arn == arn)
        .map(|each| &each.tags)
        .or_else(|| Some(&ecs.services.iter().find(|each| each.arn == arn)?.tags))
        .or_else(|| Some(&ecs.task_definitions.iter().find(|each| each.arn == arn)?.tags))
        .ok_or_else(|| invalid("The specified resource was not found."))?;
    Ok(map! { "tags": render::tags(tags) })
}
