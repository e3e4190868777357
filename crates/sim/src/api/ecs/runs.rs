//! ECS: who deploys a service and on what it runs, as the API shows it.
use super::render::{PLATFORM_VERSION, network};
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::ecs::{CapacityShare, Deployment, RolloutState, Service};

/// Whether a service's tasks have interfaces of their own.
pub(super) fn has_interfaces(world: &World, service: &Service) -> bool {
    world.ecs.task_definition(&service.task_definition).is_none_or(|it| it.network_mode == "awsvpc")
}

/// A service's capacity provider strategy.
pub(super) fn capacity(service: &Service) -> Node {
    let share = |share: &CapacityShare| {
        map! { "capacityProvider": share.provider, "base": share.base, "weight": share.weight }
    };
    Node::list(service.runs.capacity.iter().map(share))
}

/// The same deployment as `CodeDeploy` or an external controller has it: a task set. That which serves is
/// PRIMARY: the older one until the traffic is turned to the newer, or that runs all its tasks.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html>
pub(super) fn task_set(world: &World, service: &Service, deployment: &Deployment) -> Node {
    let newest = service.primary().is_some_and(|primary| primary.id == deployment.id);
    let shifting = service.deployments.len() > 1
        && service.primary().is_some_and(|primary| primary.rollout_state == RolloutState::InProgress);
    let group = service.revision(&deployment.revision_arn).map(|revision| &revision.target_group_arn);
    let serves = if service.load_balancer.advanced.is_some() {
        // CodeDeploy makes the green set primary when it turns the listener to it.
        group == Some(&service.serving_group_arn)
    } else {
        newest != shifting
    };
    let (running, pending) = (service.running_of(&deployment.id), service.pending_of(&deployment.id));
    let steady = running >= deployment.desired_count && pending == 0;
    let number = deployment.id.rsplit('/').next().unwrap_or_default();
    let (_, name) = service.arn.split_once(":service/").unwrap_or_default();
    let prefix = service.arn.split(":service/").next().unwrap_or_default();
    let by = if service.runs.controller == "CODE_DEPLOY" { "CODE_DEPLOY" } else { "deployer" };
    map! {
        "id": &deployment.id,
        "taskSetArn": format!("{prefix}:task-set/{name}/{}", deployment.id),
        "serviceArn": &service.arn,
        "clusterArn": &service.cluster_arn,
        "startedBy": by,
        "externalId": format!("d-{}", number.get(..9).unwrap_or(number)),
        "status": if serves { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": &deployment.task_definition,
        "computedDesiredCount": deployment.desired_count,
        "pendingCount": pending,
        "runningCount": running,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        "launchType": service.runs.launch_type,
        "capacityProviderStrategy": capacity(service),
        "platformVersion": service.runs.on_fargate().then_some(PLATFORM_VERSION),
        "platformFamily": "Linux",
        "networkConfiguration": has_interfaces(world, service).then(|| network(service)),
        "loadBalancers": Node::list(group.filter(|arn| !arn.is_empty()).map(|arn| map! {
            "targetGroupArn": arn,
            "containerName": &service.load_balancer.container_name,
            "containerPort": service.load_balancer.container_port,
        })),
        "serviceRegistries": Node::List(Vec::new()),
        "scale": map! { "value": 100.0, "unit": "PERCENT" },
        "stabilityStatus": if steady { "STEADY_STATE" } else { "STABILIZING" },
        "stabilityStatusAt": deployment.updated_at,
        "tags": Node::List(Vec::new()),
    }
}
