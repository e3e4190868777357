//! ECS: the world's resources as its API shows them.
use std::borrow::Cow;

use serde_json::Value;

use super::deployments;
use super::runs::{capacity, has_interfaces, task_set};
use crate::protocol::node::{Node, map};
use crate::world::ecs::{Cluster, Container, Deployment, Service, Task, TaskDefinition, TaskStatus};
use crate::world::{Tag, World};

/// The platform version that `LATEST` means.
pub(super) const PLATFORM_VERSION: &str = "1.4.0";

/// Tags, with ECS's lower-case members.
pub(super) fn tags(tags: &[Tag]) -> Node {
    Node::list(tags.iter().map(|tag| map! { "key": &tag.key, "value": &tag.value }))
}

/// A cluster; `include` are the parts that are left out unless asked for.
pub(super) fn cluster(world: &World, cluster: &Cluster, include: &[&str]) -> Node {
    let services: Vec<&Service> =
        world.ecs.services.iter().filter(|each| each.cluster_arn == cluster.arn).collect();
    let running: u32 = services.iter().map(|each| each.running_count()).sum();
    let pending: u32 = services.iter().map(|each| each.pending_count()).sum();
    let statistic = |name: &str, value: String| map! { "name": name, "value": value };
    let statistics = if include.contains(&"STATISTICS") {
        vec![
            statistic("runningFargateTasksCount", running.to_string()),
            statistic("pendingFargateTasksCount", pending.to_string()),
            statistic("activeFargateServiceCount", services.len().to_string()),
        ]
    } else {
        Vec::new()
    };
    let settings = if include.contains(&"SETTINGS") {
        vec![map! { "name": "containerInsights", "value": cluster.container_insights }]
    } else {
        Vec::new()
    };
    map! {
        "clusterArn": &cluster.arn,
        "clusterName": &cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": running,
        "pendingTasksCount": pending,
        "activeServicesCount": services.len(),
        "statistics": statistics,
        "tags": if include.contains(&"TAGS") { tags(&cluster.tags) } else { Node::List(Vec::new()) },
        "settings": settings,
        "capacityProviders": Node::list(cluster.capacity_providers.iter().copied()),
        "defaultCapacityProviderStrategy": Node::List(Vec::new()),
    }
}

/// A service's `networkConfiguration`.
pub(super) fn network(service: &Service) -> Node {
    map! {
        "awsvpcConfiguration": map! {
            "subnets": Node::list(&service.network.subnets),
            "securityGroups": Node::list(&service.network.security_groups),
            "assignPublicIp": "DISABLED",
        },
    }
}

/// A service's load balancers, as `loadBalancers` shows them.
pub(super) fn load_balancers(service: &Service) -> Node {
    let advanced = service.load_balancer.advanced.as_ref().map(|advanced| {
        map! {
            "alternateTargetGroupArn": &advanced.alternate_target_group_arn,
            "productionListenerRule": &advanced.production_listener_rule,
            "testListenerRule": &advanced.test_listener_rule,
            "roleArn": &advanced.role_arn,
        }
    });
    let own = &service.load_balancer.target_group_arn;
    Node::list(service.load_balancers().map(|each| {
        map! {
            "targetGroupArn": &each.target_group_arn,
            "containerName": &each.container_name,
            "containerPort": each.container_port,
            "advancedConfiguration": advanced.clone().filter(|_| each.target_group_arn == *own),
        }
    }))
}

fn deployment(world: &World, service: &Service, deployment: &Deployment) -> Node {
    map! {
        "id": &deployment.id,
        "status": deployment.status.as_str(),
        "taskDefinition": &deployment.task_definition,
        "desiredCount": deployment.desired_count,
        "pendingCount": service.pending_of(&deployment.id),
        "runningCount": service.running_of(&deployment.id),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        "launchType": service.runs.launch_type,
        "capacityProviderStrategy": (!service.runs.capacity.is_empty()).then(|| capacity(service)),
        "platformVersion": service.runs.on_fargate().then_some(PLATFORM_VERSION),
        "platformFamily": service.runs.on_fargate().then_some("Linux"),
        "networkConfiguration": has_interfaces(world, service).then(|| network(service)),
        "rolloutState": deployment.rollout_state.as_str(),
        "rolloutStateReason": &deployment.rollout_state_reason,
    }
}

/// A service with its deployments, or task sets, and events.
pub(super) fn service(world: &World, service: &Service, with_tags: bool) -> Node {
    let runs = &service.runs;
    let by_sets = runs.by_task_sets();
    let deployments = service.deployments.iter().filter(|_| !by_sets);
    let sets =
        by_sets.then(|| Node::list(service.deployments.iter().map(|each| task_set(world, service, each))));
    let primary = service.primary();
    let revisions = service.deployments.iter().map(|each| {
        map! {
            "arn": &each.revision_arn,
            "requestedTaskCount": each.desired_count,
            "runningTaskCount": service.running_of(&each.id),
            "pendingTaskCount": service.pending_of(&each.id),
        }
    });
    let events = service.events.iter().map(|event| {
        map! { "id": &event.id, "createdAt": event.created_at, "message": &event.message }
    });
    map! {
        "serviceArn": &service.arn,
        "serviceName": &service.name,
        "clusterArn": &service.cluster_arn,
        "loadBalancers": load_balancers(service),
        "serviceRegistries": Node::List(Vec::new()),
        "status": service.status,
        "desiredCount": service.desired_count,
        "runningCount": service.running_count(),
        "pendingCount": service.pending_count(),
        "launchType": runs.launch_type,
        "capacityProviderStrategy": (!runs.capacity.is_empty()).then(|| capacity(service)),
        "platformVersion": runs.on_fargate().then_some(&service.settings.platform_version),
        "platformFamily": runs.on_fargate().then_some("Linux"),
        "taskDefinition": &service.task_definition,
        "deploymentConfiguration": deployments::configuration(&service.configuration),
        "taskSets": sets,
        "deployments": Node::list(deployments.map(|each| deployment(world, service, each))),
        "roleArn": &service.role_arn,
        "events": Node::list(events),
        "createdAt": service.created_at,
        "currentServiceDeployment": primary.filter(|_| !by_sets).map(|each| &each.service_deployment_arn),
        "currentServiceRevisions": Node::list(revisions.filter(|_| !by_sets)),
        "placementConstraints": Node::List(Vec::new()),
        "placementStrategy": Node::List(Vec::new()),
        "networkConfiguration": has_interfaces(world, service).then(|| network(service)),
        "healthCheckGracePeriodSeconds": service.health_check_grace_seconds,
        "schedulingStrategy": runs.scheduling,
        "deploymentController": map! { "type": runs.controller },
        "tags": with_tags.then(|| tags(&service.tags)),
        "createdBy": &service.created_by,
        "enableECSManagedTags": service.settings.managed_tags,
        "propagateTags": &service.settings.propagate_tags,
        "enableExecuteCommand": service.settings.execute_command,
        "availabilityZoneRebalancing": if service.settings.rebalancing { "ENABLED" } else { "DISABLED" },
    }
}

/// Whether a task has a network interface of its own.
fn has_interface(task: &Task) -> bool {
    task.host.is_none() || task.own_interface
}

/// A container of a task. Sidecars start and end with the main one; what it waits for has ended well before.
fn container(task: &Task, container: &Container, attached: bool) -> Node {
    let main = &task.container;
    let beside = main.name != container.name;
    let failed = !beside && task.stop_code == Some("TaskFailedToStart");
    let shares = task.host.is_some() && !has_interface(task);
    let interfaces = (attached && !shares).then(|| {
        map! {
            "attachmentId": &task.attachment_id,
            "privateIpv4Address": Some(&task.private_ip).filter(|_| !task.ipv6_only),
            "ipv6Address": task.ipv6.as_ref(),
        }
    });
    let ended = container.first && main.last_status != "PENDING";
    let bindings =
        task.host.as_ref().filter(|host| shares && !beside && host.port > 0 && main.last_status == "RUNNING");
    let bindings = bindings.map(|host| {
        map! {
            "bindIP": "0.0.0.0",
            "containerPort": task.port,
            "hostPort": host.port,
            "protocol": "tcp",
        }
    });
    map! {
        "containerArn": &container.arn,
        "taskArn": &task.arn,
        "name": &container.name,
        "image": &container.image,
        "imageDigest": container.image_digest.as_ref(),
        "runtimeId": container.runtime_id.as_ref(),
        "lastStatus": if ended { "STOPPED" } else { main.last_status },
        "exitCode": if ended { Some(0) } else if beside { main.exit_code.map(|_| 0) } else { main.exit_code },
        "reason": task.stopped_reason.as_ref().filter(|_| failed),
        "networkBindings": Node::list(bindings),
        "networkInterfaces": Node::list(interfaces),
        "healthStatus": if beside { "UNKNOWN" } else { task.container_health() },
        "cpu": "0",
    }
}

/// A task of a service.
pub(super) fn task(world: &World, task: &Task, with_tags: bool) -> Node {
    let attached = task.last_status > TaskStatus::Provisioning;
    let region = &world.account.region;
    let dashed = task.private_ip.replace('.', "-");
    let detail = |name: &str, value: &str| map! { "name": name, "value": value };
    let mut details = vec![detail("subnetId", &task.subnet_id)];
    if attached {
        details.extend([detail("networkInterfaceId", &task.eni_id), detail("macAddress", &task.mac_address)]);
        if !task.ipv6_only {
            details.extend([
                detail("privateDnsName", &format!("ip-{dashed}.{region}.compute.internal")),
                detail("privateIPv4Address", &task.private_ip),
            ]);
        }
        details.extend(task.ipv6.as_ref().map(|address| detail("ipv6Address", address)));
    }
    // In the order of the definition.
    let (before, after) = task.sidecars.split_at(task.main_place.min(task.sidecars.len()));
    let all: Vec<&Container> = before.iter().chain([&task.container]).chain(after).collect();
    let containers: Vec<Node> = all.iter().map(|each| container(task, each, attached)).collect();
    let names = all.iter().map(|each| map! { "name": &each.name });
    let name = task.group.strip_prefix("service:").unwrap_or_default();
    let service = world.ecs.service(&task.cluster_arn, name);
    let service_tags = || tags(service.map_or(&[], |each| &each.tags));
    let runs = service.map(|each| each.runs.clone()).unwrap_or_default();
    let fargate = runs.on_fargate();
    let interface = has_interface(task);
    map! {
        "attachments": Node::list(interface.then(|| map! {
            "id": &task.attachment_id,
            "type": "ElasticNetworkInterface",
            "status": task.last_status.attachment(),
            "details": details,
        })),
        "attributes": Node::list([map! { "name": "ecs.cpu-architecture", "value": "x86_64" }]),
        "availabilityZone": &task.zone,
        "clusterArn": &task.cluster_arn,
        "connectivity": attached.then_some("CONNECTED"),
        "connectivityAt": task.pull_started_at,
        "containers": containers,
        "cpu": task.cpu.to_string(),
        "createdAt": task.created_at,
        "desiredStatus": task.desired_status.as_str(),
        "enableExecuteCommand": task.execute_command,
        "executionStoppedAt": task.execution_stopped_at,
        "group": &task.group,
        "healthStatus": task.container_health(),
        "lastStatus": task.last_status.as_str(),
        "launchType": runs.launch_type.or(fargate.then_some("FARGATE")).or(Some("EC2")),
        "capacityProviderName": task.provider.as_ref(),
        "containerInstanceArn": task.host.as_ref().map(|host| &host.arn),
        "memory": task.memory.to_string(),
        "overrides": map! {
            "containerOverrides": Node::list(names),
            "inferenceAcceleratorOverrides": Node::List(Vec::new()),
        },
        "platformVersion": fargate.then_some(PLATFORM_VERSION),
        "platformFamily": fargate.then_some("Linux"),
        "pullStartedAt": task.pull_started_at,
        "pullStoppedAt": task.pull_stopped_at,
        "startedAt": task.started_at,
        "startedBy": &task.started_by,
        "stopCode": task.stop_code,
        "stoppedAt": task.stopped_at,
        "stoppedReason": task.stopped_reason.as_ref(),
        "stoppingAt": task.stopping_at,
        "tags": if with_tags { service_tags() } else { Node::List(Vec::new()) },
        "taskArn": &task.arn,
        "taskDefinitionArn": &task.task_definition_arn,
        "version": task.version,
        "ephemeralStorage": map! { "sizeInGiB": 20 },
        "fargateEphemeralStorage": map! { "sizeInGiB": 20 },
    }
}

/// The container of one of the account's own task definitions.
fn own_containers(definition: &TaskDefinition) -> Node {
    let container = &definition.container;
    let pair = |name: &'static str, value: &str| (Cow::Borrowed(name), Node::from(value));
    let region = definition.arn.split(':').nth(3).unwrap_or_default();
    let options = Node::Map(vec![
        pair("awslogs-group", &container.log_group),
        pair("awslogs-region", region),
        pair("awslogs-stream-prefix", &container.log_prefix),
    ]);
    let environment = container.environment.iter().map(|(name, value)| map! { "name": name, "value": value });
    let secrets = container.secrets.iter().map(|(name, from)| map! { "name": name, "valueFrom": from });
    Node::list([map! {
        "name": &container.name,
        "image": &container.image,
        "cpu": 0,
        "portMappings": Node::list([map! {
            "containerPort": container.port,
            "hostPort": container.port,
            "protocol": "tcp",
        }]),
        "essential": true,
        "environment": Node::list(environment),
        "mountPoints": Node::List(Vec::new()),
        "volumesFrom": Node::List(Vec::new()),
        "secrets": Node::list(secrets),
        "stopTimeout": container.stop_timeout,
        "logConfiguration": map! { "logDriver": "awslogs", "options": options },
        "systemControls": Node::List(Vec::new()),
    }])
}

/// A task definition. Secrets appear as where they come from, never as values.
pub(super) fn task_definition(definition: &TaskDefinition) -> Node {
    let registered =
        |member: &str| definition.registered.as_ref().and_then(|it| it.get(member)).map(verbatim);
    let role = |arn: &str| Some(arn.to_owned()).filter(|arn| !arn.is_empty());
    let empty = || Node::List(Vec::new());
    map! {
        "taskDefinitionArn": &definition.arn,
        "containerDefinitions":
            registered("containerDefinitions").unwrap_or_else(|| own_containers(definition)),
        "family": &definition.family,
        "taskRoleArn": role(&definition.task_role_arn),
        "executionRoleArn": role(&definition.execution_role_arn),
        "networkMode": definition.network_mode,
        "revision": definition.revision,
        "volumes": registered("volumes").unwrap_or_else(empty),
        "status": definition.status,
        "placementConstraints": empty(),
        "compatibilities": Node::list(["EC2", "FARGATE"]),
        "runtimePlatform": registered("runtimePlatform").unwrap_or_else(
            || map! { "cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX" },
        ),
        "requiresCompatibilities": Node::list([if definition.network_mode == "awsvpc" { "FARGATE" } else { "EC2" }]),
        "cpu": definition.cpu.to_string(),
        "memory": definition.memory.to_string(),
        "ephemeralStorage": registered("ephemeralStorage"),
        "registeredAt": definition.registered_at,
        "deregisteredAt": definition.deregistered_at,
        "registeredBy": &definition.registered_by,
    }
}

/// A value of a request, returned unchanged.
fn verbatim(value: &Value) -> Node {
    match value {
        Value::Null => Node::Absent,
        Value::Bool(flag) => Node::Bool(*flag),
        Value::Number(number) => number.as_i64().map_or_else(|| Node::from(number.as_f64()), Node::Int),
        Value::String(text) => Node::Text(text.clone()),
        Value::Array(items) => Node::List(items.iter().map(verbatim).collect()),
        Value::Object(members) => {
            Node::Map(members.iter().map(|(key, value)| (Cow::Owned(key.clone()), verbatim(value))).collect())
        }
    }
}
