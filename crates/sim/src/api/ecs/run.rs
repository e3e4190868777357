//! ECS: `RunTask`.
use super::{cluster, invalid, render};
use crate::behaviour::ecs::run_task::{Job, run_task};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;

/// The members that are carried out, or looked at. Every other one is refused rather than ignored.
const TAKEN: [&str; 12] = [
    "cluster",
    "taskDefinition",
    "count",
    "launchType",
    "platformVersion",
    "networkConfiguration",
    "startedBy",
    "group",
    "overrides",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "clientToken",
];

/// `RunTask` on Fargate: one to ten tasks that belong to no service. One whose container is given a command ends when
/// that is done; another runs until it is stopped.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html>
pub(super) fn run(world: &mut World, input: Input<'_>) -> Result<Node, ApiError> {
    if let Some(member) = input.beside(&TAKEN) {
        return Err(ApiError::new(
            "UnsupportedFeatureException",
            format!("The simulated account cannot run a task with {member}."),
        ));
    }
    let own = cluster(world, input)?;
    let own = (own.arn.clone(), own.name.clone());
    let name = input.text("taskDefinition")?.ok_or_else(|| invalid("taskDefinition is required."))?;
    let definition = world.ecs.task_definition(name).cloned();
    let definition =
        definition.ok_or_else(|| ApiError::new("ClientException", "TaskDefinition not found."))?;
    if definition.deregistered_at.is_some() {
        return Err(ApiError::new("ClientException", "TaskDefinition is inactive"));
    }
    let count = input.int("count")?.unwrap_or(1);
    if !(1..=10).contains(&count) {
        return Err(invalid("Count should be greater than 0 and at most 10."));
    }
    if input.text("launchType")? != Some("FARGATE") {
        return Err(invalid("No Container Instances were found in your cluster."));
    }
    let network = match input.part("networkConfiguration")? {
        Some(network) => network.part("awsvpcConfiguration")?,
        None => None,
    };
    let network = network.ok_or_else(|| {
        invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    })?;
    let subnets: Vec<String> = network.texts("subnets")?.into_iter().map(str::to_owned).collect();
    if subnets.is_empty() {
        return Err(invalid("subnets can not be empty."));
    }
    if let Some(subnet) = subnets.iter().find(|id| world.network.subnet(id).is_none()) {
        return Err(invalid(format!(
            "Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' does not exist \
             (ErrorCode: InvalidSubnetID.NotFound)"
        )));
    }
    let mut ends = false;
    if let Some(overrides) = input.part("overrides")? {
        for each in overrides.list("containerOverrides")? {
            let name = each.text("name")?.unwrap_or_default();
            let known = name == definition.container.name || definition.sidecars().any(|it| it.name == name);
            if !known {
                return Err(invalid(format!(
                    "Override for container named {name} is not a container in the TaskDefinition."
                )));
            }
            ends |= !each.texts("command")?.is_empty();
        }
    }
    let group = input.text("group")?.map_or_else(|| format!("family:{}", definition.family), str::to_owned);
    let job = Job {
        cluster: own,
        subnets,
        security_groups: network.texts("securityGroups")?.into_iter().map(str::to_owned).collect(),
        started_by: input.text("startedBy")?.unwrap_or_default().to_owned(),
        group,
        ends,
        execute_command: input.flag("enableExecuteCommand")?.unwrap_or(false),
        definition,
    };
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for _ in 0..count {
        match run_task(world, &job) {
            Ok(place) => tasks.push(render::task(world, &world.ecs.standalone[place].task, false)),
            Err(reason) => failures.push(map! { "reason": reason }),
        }
    }
    Ok(map! { "tasks": tasks, "failures": failures })
}
