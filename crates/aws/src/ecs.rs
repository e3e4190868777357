//! ECS: clusters, services, tasks and task definitions.

use super::Aws;
use super::convert::{call_each, count, to_chrono};
use super::error::IntoCallError;
use super::plain_text::made_plain;
use aws_sdk_ecs::types::{self, AssignPublicIp, DesiredStatus, LogDriver};
use partybox_core::domain::{
    CallError, CapacityShare, CircuitBreaker, Cluster, Container, ContainerDefinition, Deployment, ErrorKind,
    PortBinding, Service, ServiceEvent, TargetLink, Task, TaskDefinition, TaskProtection, TaskSet, short,
};
use std::collections::{BTreeMap, BTreeSet};

/// `DescribeServices` takes 10 services a call.
const SERVICES_A_CALL: usize = 10;
/// `DescribeTasks` and `DescribeClusters` take 100 a call.
const TASKS_A_CALL: usize = 100;
/// Describe calls under way at once.
const AT_ONCE: usize = 3;

/// `ListClusters` + `DescribeClusters`, or the named one alone.
pub(super) async fn clusters(aws: &Aws, only: Option<&str>) -> Result<Vec<Cluster>, CallError> {
    let mut names: Vec<String> = only.map(str::to_owned).into_iter().collect();
    if only.is_none() {
        let mut pages = aws.ecs().list_clusters().max_results(100).into_paginator().items().send();
        while let Some(arn) = pages.next().await {
            names.push(arn.for_action("ecs:ListClusters")?);
        }
    }
    let mut clusters = Vec::with_capacity(names.len());
    for names in names.chunks(TASKS_A_CALL) {
        let call = aws.ecs().describe_clusters().set_clusters(Some(names.to_vec()));
        let answer = call.send().await.for_action("ecs:DescribeClusters")?;
        clusters.extend(answer.clusters.unwrap_or_default().into_iter().map(cluster));
    }
    match only {
        Some(name) if clusters.is_empty() => Err(CallError {
            kind: ErrorKind::NotFound,
            action: "ecs:DescribeClusters".into(),
            code: Some("MISSING".into()),
            message: format!("There is no cluster {name} in {}.", aws.region()),
        }),
        _ => Ok(clusters),
    }
}

fn cluster(from: types::Cluster) -> Cluster {
    Cluster {
        name: from.cluster_name.unwrap_or_default(),
        arn: from.cluster_arn.unwrap_or_default(),
        status: from.status.unwrap_or_default(),
        active_services: count(from.active_services_count),
        running_tasks: count(from.running_tasks_count),
        pending_tasks: count(from.pending_tasks_count),
    }
}

/// `ListServices` + `DescribeServices` in tens, by name. A service that vanished in between (`failures[]`) is
/// left out.
pub(super) async fn services(aws: &Aws, cluster: &str) -> Result<Vec<Service>, CallError> {
    let mut arns = Vec::new();
    let mut pages =
        aws.ecs().list_services().cluster(cluster).max_results(100).into_paginator().items().send();
    while let Some(arn) = pages.next().await {
        arns.push(arn.for_action("ecs:ListServices")?);
    }
    let chunks = arns.chunks(SERVICES_A_CALL).map(<[String]>::to_vec).collect();
    let answers = call_each(chunks, AT_ONCE, |arns| {
        let call = aws.ecs().describe_services().cluster(cluster).set_services(Some(arns));
        async move { call.send().await.for_action("ecs:DescribeServices") }
    })
    .await;
    let mut services = Vec::with_capacity(arns.len());
    for answer in answers {
        services.extend(answer?.services.unwrap_or_default().into_iter().map(service));
    }
    services.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(services)
}

/// One service as it is now; `None` when there is none of that name.
pub(super) async fn one_service(aws: &Aws, cluster: &str, name: &str) -> Result<Option<Service>, CallError> {
    let call = aws.ecs().describe_services().cluster(cluster).services(name);
    let answer = call.send().await.for_action("ecs:DescribeServices")?;
    Ok(answer.services.unwrap_or_default().into_iter().map(service).find(|found| found.name == name))
}

/// A service as the domain's type.
pub(super) fn service(from: types::Service) -> Service {
    let configuration = from.deployment_configuration;
    let strategy = configuration.as_ref().and_then(|c| c.strategy.as_ref()).map(|s| s.as_str().to_owned());
    let min_percent = configuration.as_ref().and_then(|c| c.minimum_healthy_percent).map(count);
    let max_percent = configuration.as_ref().and_then(|c| c.maximum_percent).map(count);
    let breaker = configuration
        .and_then(|c| c.deployment_circuit_breaker)
        .map(|b| CircuitBreaker { enable: b.enable, rollback: b.rollback });
    let task_sets: Vec<TaskSet> = from.task_sets.unwrap_or_default().into_iter().map(task_set).collect();
    // Where task sets run the tasks, the service itself may name no network and no load balancer: those of
    // the set that serves are its own.
    let serving = task_sets.iter().find(|set| set.is_primary()).or(task_sets.first());
    let vpc = from.network_configuration.and_then(|n| n.awsvpc_configuration);
    let assign_public_ip =
        vpc.as_ref().and_then(|v| v.assign_public_ip.as_ref()).map(|a| *a == AssignPublicIp::Enabled);
    let (subnets, security_groups) = match vpc {
        Some(v) => (v.subnets, v.security_groups.unwrap_or_default()),
        None => serving.map(|s| (s.subnets.clone(), s.security_groups.clone())).unwrap_or_default(),
    };
    let mut target_links: Vec<TargetLink> =
        from.load_balancers.unwrap_or_default().into_iter().filter_map(link).collect();
    if target_links.is_empty() {
        target_links = serving.map(|set| set.links.clone()).unwrap_or_default();
    }
    let task_definition = from.task_definition.filter(|arn| !arn.is_empty());
    let task_definition =
        task_definition.or_else(|| serving.map(|set| set.task_definition.clone())).unwrap_or_default();
    let mut deployments: Vec<Deployment> =
        from.deployments.unwrap_or_default().into_iter().map(deployment).collect();
    // The sort is stable: the deployments behind PRIMARY keep the order of the answer.
    deployments.sort_by_key(|d| d.status != "PRIMARY");
    Service {
        name: from.service_name.unwrap_or_default(),
        arn: from.service_arn.unwrap_or_default(),
        status: from.status.unwrap_or_default(),
        desired: count(from.desired_count),
        running: count(from.running_count),
        pending: count(from.pending_count),
        launch_type: from.launch_type.map(|l| l.as_str().to_owned()),
        task_definition,
        controller: from.deployment_controller.map_or_else(|| "ECS".into(), |c| c.r#type.as_str().to_owned()),
        strategy,
        min_healthy_percent: min_percent,
        max_percent,
        circuit_breaker: breaker,
        grace_seconds: from.health_check_grace_period_seconds.map(count),
        created_at: from.created_at.and_then(to_chrono),
        deployments,
        events: from.events.unwrap_or_default().into_iter().filter_map(event).collect(),
        subnets,
        security_groups,
        assign_public_ip,
        target_links,
        scheduling: from.scheduling_strategy.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        capacity: from.capacity_provider_strategy.unwrap_or_default().into_iter().map(share).collect(),
        task_sets,
        zone_rebalancing: from.availability_zone_rebalancing.map(|it| it.as_str().to_owned()),
    }
}

fn share(from: types::CapacityProviderStrategyItem) -> CapacityShare {
    CapacityShare { provider: from.capacity_provider, base: count(from.base), weight: count(from.weight) }
}

fn task_set(from: types::TaskSet) -> TaskSet {
    let vpc = from.network_configuration.and_then(|n| n.awsvpc_configuration);
    let (subnets, security_groups) =
        vpc.map(|v| (v.subnets, v.security_groups.unwrap_or_default())).unwrap_or_default();
    TaskSet {
        id: from.id.unwrap_or_default(),
        status: from.status.unwrap_or_default(),
        task_definition: from.task_definition.unwrap_or_default(),
        desired: count(from.computed_desired_count),
        running: count(from.running_count),
        pending: count(from.pending_count),
        stability: from.stability_status.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        scale_percent: from.scale.map(|scale| scale.value),
        external_id: from.external_id,
        started_by: from.started_by,
        links: from.load_balancers.unwrap_or_default().into_iter().filter_map(link).collect(),
        subnets,
        security_groups,
        created_at: from.created_at.and_then(to_chrono),
        updated_at: from.updated_at.and_then(to_chrono),
    }
}

fn deployment(from: types::Deployment) -> Deployment {
    Deployment {
        id: from.id.unwrap_or_default(),
        status: from.status.unwrap_or_default(),
        rollout_state: from.rollout_state.map(|s| s.as_str().to_owned()),
        rollout_reason: from.rollout_state_reason,
        task_definition: from.task_definition.unwrap_or_default(),
        desired: count(from.desired_count),
        running: count(from.running_count),
        pending: count(from.pending_count),
        failed: count(from.failed_tasks),
        created_at: from.created_at.and_then(to_chrono),
        updated_at: from.updated_at.and_then(to_chrono),
    }
}

fn event(from: types::ServiceEvent) -> Option<ServiceEvent> {
    Some(ServiceEvent {
        at: from.created_at.and_then(to_chrono)?,
        id: from.id.unwrap_or_default(),
        message: from.message.unwrap_or_default(),
    })
}

/// The target group of a load balancer entry. A classic load balancer has none and is left out.
fn link(from: types::LoadBalancer) -> Option<TargetLink> {
    let arn = from.target_group_arn?;
    let (alternate, production_rule, test_rule) =
        from.advanced_configuration.map_or_else(Default::default, |a| {
            (a.alternate_target_group_arn, a.production_listener_rule, a.test_listener_rule)
        });
    Some(TargetLink {
        target_group_arn: arn,
        alternate,
        production_rule,
        test_rule,
        container: from.container_name.unwrap_or_default(),
        port: from.container_port.map_or(0, count),
    })
}

/// `ListTasks` (RUNNING, then STOPPED: about the last hour) + `DescribeTasks` in hundreds.
pub(super) async fn tasks(aws: &Aws, cluster: &str, service: &str) -> Result<Vec<Task>, CallError> {
    let (running, stopped) = tokio::try_join!(
        task_arns(aws, cluster, service, DesiredStatus::Running),
        task_arns(aws, cluster, service, DesiredStatus::Stopped)
    )?;
    let mut arns = running;
    arns.extend(stopped);
    // A task that stops between the two lists is in both.
    arns.sort_unstable();
    arns.dedup();
    let chunks = arns.chunks(TASKS_A_CALL).map(<[String]>::to_vec).collect();
    let answers = call_each(chunks, AT_ONCE, |arns| {
        let call = aws.ecs().describe_tasks().cluster(cluster).set_tasks(Some(arns));
        async move { call.send().await.for_action("ecs:DescribeTasks") }
    })
    .await;
    let group = format!("service:{service}");
    let mut tasks = Vec::with_capacity(arns.len());
    for answer in answers {
        let described = answer?.tasks.unwrap_or_default().into_iter().map(task);
        // An endpoint that ignores `serviceName` lists the whole cluster.
        tasks.extend(described.filter(|task| task.group.is_empty() || task.group == group));
    }
    name_instances(aws, cluster, &mut tasks).await;
    Ok(tasks)
}

/// Gives the tasks that run on container instances the EC2 ids of those, by which target groups know them:
/// `DescribeContainerInstances` in hundreds, none for Fargate. Without permission the ids stay unknown, and
/// targets are found by their port alone, where it is theirs alone.
async fn name_instances(aws: &Aws, cluster: &str, tasks: &mut [Task]) {
    let living = tasks.iter().filter(|task| task.last_status != "STOPPED" && !task.ports.is_empty());
    let names: BTreeSet<String> = living.filter_map(|task| task.instance.clone()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for names in names.chunks(TASKS_A_CALL) {
        let call = aws.ecs().describe_container_instances().cluster(cluster);
        let answer = call.set_container_instances(Some(names.to_vec())).send().await;
        let Ok(answer) = answer.for_action("ecs:DescribeContainerInstances") else { return };
        let told = answer.container_instances.unwrap_or_default().into_iter();
        ids.extend(
            told.filter_map(|it| Some((short(&it.container_instance_arn?).to_owned(), it.ec2_instance_id?))),
        );
    }
    for task in tasks {
        task.ec2_instance = task.instance.as_ref().and_then(|name| ids.get(name)).cloned();
    }
}

/// `GetTaskProtection` of at most 100 tasks: those that are protected. What is gone (`failures[]`) is left out.
pub(super) async fn protection(
    aws: &Aws,
    cluster: &str,
    tasks: &[String],
) -> Result<Vec<TaskProtection>, CallError> {
    let call = aws.ecs().get_task_protection().cluster(cluster).set_tasks(Some(tasks.to_vec()));
    let answer = call.send().await.for_action("ecs:GetTaskProtection")?;
    let listed = answer.protected_tasks.unwrap_or_default().into_iter();
    let protected = listed.filter(|task| task.protection_enabled).map(|task| TaskProtection {
        task: task.task_arn.as_deref().map(short).unwrap_or_default().to_owned(),
        until: task.expiration_date.and_then(to_chrono),
    });
    Ok(protected.collect())
}

async fn task_arns(
    aws: &Aws,
    cluster: &str,
    service: &str,
    status: DesiredStatus,
) -> Result<Vec<String>, CallError> {
    let mut arns = Vec::new();
    let call = aws.ecs().list_tasks().cluster(cluster).service_name(service).desired_status(status);
    let mut pages = call.max_results(100).into_paginator().items().send();
    while let Some(arn) = pages.next().await {
        arns.push(arn.for_action("ecs:ListTasks")?);
    }
    Ok(arns)
}

/// A task as the domain's type.
pub(super) fn task(from: types::Task) -> Task {
    let (mut ip, mut ipv6, mut subnet) = (None, None, None);
    for attachment in from.attachments.unwrap_or_default() {
        if attachment.r#type.as_deref() != Some("ElasticNetworkInterface") {
            continue;
        }
        for detail in attachment.details.unwrap_or_default() {
            match detail.name.as_deref() {
                Some("privateIPv4Address") => ip = detail.value,
                Some("ipv6Address") => ipv6 = detail.value,
                Some("subnetId") => subnet = detail.value,
                _ => {}
            }
        }
    }
    let containers = from.containers.unwrap_or_default();
    // The containers know their interface too; some answers have it there alone.
    for interface in containers.iter().flat_map(types::Container::network_interfaces) {
        ip = ip.or_else(|| interface.private_ipv4_address.clone());
        ipv6 = ipv6.or_else(|| interface.ipv6_address.clone());
    }
    let bindings = containers.iter().flat_map(types::Container::network_bindings);
    let ports = bindings.filter_map(|binding| {
        Some(PortBinding { container: count(binding.container_port?), host: count(binding.host_port?) })
    });
    let arn = from.task_arn.unwrap_or_default();
    let mut attributes = from.attributes.unwrap_or_default().into_iter();
    let architecture = attributes.find(|a| a.name == "ecs.cpu-architecture").and_then(|a| a.value);
    Task {
        id: short(&arn).to_owned(),
        arn,
        group: from.group.unwrap_or_default(),
        task_definition: from.task_definition_arn.unwrap_or_default(),
        last_status: from.last_status.unwrap_or_default(),
        desired_status: from.desired_status.unwrap_or_default(),
        health: from.health_status.map_or_else(|| "UNKNOWN".into(), |h| h.as_str().to_owned()),
        started_by: from.started_by,
        ip,
        ipv6,
        ports: ports.collect(),
        ec2_instance: None,
        subnet,
        zone: from.availability_zone,
        cpu: from.cpu.as_deref().and_then(cpu_units),
        memory: from.memory.as_deref().and_then(mebibytes),
        created_at: from.created_at.and_then(to_chrono),
        started_at: from.started_at.and_then(to_chrono),
        stopping_at: from.stopping_at.and_then(to_chrono),
        stopped_at: from.stopped_at.and_then(to_chrono),
        stop_code: from.stop_code.map(|c| c.as_str().to_owned()),
        stopped_reason: from.stopped_reason,
        containers: containers.into_iter().map(container).collect(),
        launch_type: from.launch_type.map(|l| l.as_str().to_owned()),
        capacity_provider: from.capacity_provider_name,
        platform: platform(from.platform_version, from.platform_family),
        instance: from.container_instance_arn.map(|arn| short(&arn).to_owned()),
        connectivity: from.connectivity.map(|c| c.as_str().to_owned()),
        architecture,
    }
}

/// `1.4.0 Linux`.
fn platform(version: Option<String>, family: Option<String>) -> Option<String> {
    let words: Vec<String> = version.into_iter().chain(family).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn container(from: types::Container) -> Container {
    Container {
        name: from.name.unwrap_or_default(),
        image: from.image.unwrap_or_default(),
        digest: from.image_digest,
        last_status: from.last_status.unwrap_or_default(),
        exit_code: from.exit_code,
        reason: from.reason,
    }
}

/// `DescribeTaskDefinition`. Values of environment variables are dropped here.
pub(super) async fn task_definition(aws: &Aws, arn: &str) -> Result<TaskDefinition, CallError> {
    let call = aws.ecs().describe_task_definition().task_definition(arn);
    let answer = call.send().await.for_action("ecs:DescribeTaskDefinition").map_err(|error| {
        // ECS has no code of its own for one that does not exist: `ClientException: Unable to describe task
        // definition.` (hashicorp/terraform-provider-aws#8158).
        let gone =
            error.kind == ErrorKind::Service && error.message.contains("Unable to describe task definition");
        if gone { CallError { kind: ErrorKind::NotFound, ..error } } else { error }
    })?;
    // The answer itself comes to the letter, as `http_client.rs` says.
    Ok(made_plain(answer.task_definition.map(definition).unwrap_or_default()))
}

fn definition(from: types::TaskDefinition) -> TaskDefinition {
    TaskDefinition {
        arn: from.task_definition_arn.unwrap_or_default(),
        family: from.family.unwrap_or_default(),
        revision: count(from.revision),
        cpu: from.cpu.as_deref().and_then(cpu_units),
        memory: from.memory.as_deref().and_then(mebibytes),
        containers: from
            .container_definitions
            .unwrap_or_default()
            .into_iter()
            .map(container_definition)
            .collect(),
        network_mode: from.network_mode.map(|mode| mode.as_str().to_owned()),
        status: from.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        architecture: from
            .runtime_platform
            .and_then(|platform| platform.cpu_architecture)
            .map(|architecture| architecture.as_str().to_owned()),
    }
}

fn container_definition(from: types::ContainerDefinition) -> ContainerDefinition {
    let environment = from.environment.unwrap_or_default();
    let values = environment.iter().filter_map(|variable| variable.value.as_deref());
    let database_hosts = values.flat_map(database_hosts).collect::<BTreeSet<_>>();
    let log_secrets = from.log_configuration.as_ref().and_then(|logs| logs.secret_options.as_ref());
    let log_secrets = log_secrets.into_iter().flatten().map(|secret| secret.value_from.clone()).collect();
    let files = from.environment_files.unwrap_or_default();
    let mut logs = from
        .log_configuration
        .filter(|logs| logs.log_driver == LogDriver::Awslogs)
        .and_then(|logs| logs.options)
        .unwrap_or_default();
    ContainerDefinition {
        name: from.name.unwrap_or_default(),
        image: from.image.unwrap_or_default(),
        environment_names: environment.into_iter().filter_map(|v| v.name).collect(),
        secrets: from.secrets.unwrap_or_default().into_iter().map(|s| (s.name, s.value_from)).collect(),
        health_check: from.health_check.is_some(),
        port: from.port_mappings.unwrap_or_default().first().and_then(|p| p.container_port).map(count),
        log_group: logs.remove("awslogs-group"),
        log_prefix: logs.remove("awslogs-stream-prefix"),
        restarts: from.restart_policy.is_some_and(|policy| policy.enabled),
        version_consistency: from.version_consistency.map(|it| it.as_str().to_owned()),
        database_hosts: database_hosts.into_iter().collect(),
        registry_secret: from.repository_credentials.map(|credentials| credentials.credentials_parameter),
        log_secrets,
        environment_files: files.into_iter().map(|file| file.value).collect(),
        essential: from.essential,
        depends_on: from
            .depends_on
            .unwrap_or_default()
            .into_iter()
            .map(|on| (on.container_name, on.condition.as_str().to_owned()))
            .collect(),
    }
}

/// The hosts of RDS that a value names, in whatever it is written: a host, a URL, a JDBC string. Nothing else of the
/// value is kept.
fn database_hosts(value: &str) -> impl Iterator<Item = String> {
    const ENDINGS: [&str; 6] = [
        ".rds.amazonaws.com",
        ".rds.amazonaws.com.cn",
        ".docdb.amazonaws.com",
        ".docdb.amazonaws.com.cn",
        ".neptune.amazonaws.com",
        ".neptune.amazonaws.com.cn",
    ];
    let words = value.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-');
    let hosts = words.map(|word| word.trim_matches('.').to_ascii_lowercase());
    hosts.filter(|host| ENDINGS.iter().any(|ending| host.ends_with(ending)))
}

/// A task definition's CPU in CPU units: it may be written as `256` or as `.25 vCPU`.
fn cpu_units(text: &str) -> Option<u32> {
    scaled(text, &["vcpu"], 1024.0)
}

/// A task definition's memory in MiB: it may be written as `512` or as `0.5 GB`.
fn mebibytes(text: &str) -> Option<u32> {
    scaled(text, &["gb"], 1024.0)
}

fn scaled(text: &str, units: &[&str], factor: f64) -> Option<u32> {
    let text = text.trim();
    if let Ok(plain) = text.parse() {
        return Some(plain);
    }
    let lower = text.to_ascii_lowercase();
    let number: f64 = units.iter().find_map(|unit| lower.strip_suffix(unit))?.trim().parse().ok()?;
    let value = (number * factor).round();
    // A task's whole vCPUs and GBs are far below 2^32.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    let whole = (0.0..=1e9).contains(&value).then_some(value as u32);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::KeyValuePair;

    #[test]
    fn sizes_come_in_units_or_in_words() {
        assert_eq!(cpu_units("256"), Some(256));
        assert_eq!(cpu_units(".25 vCPU"), Some(256));
        assert_eq!(mebibytes("512"), Some(512));
        assert_eq!(mebibytes("0.5GB"), Some(512));
        assert_eq!(mebibytes("much"), None);
    }

    #[test]
    fn values_of_variables_are_dropped() {
        let variable =
            KeyValuePair::builder().name("DATABASE_URL").value("postgres://u:hunter2@h/db").build();
        let from = types::ContainerDefinition::builder().name("backend").environment(variable).build();
        let kept = container_definition(from);
        assert_eq!(kept.environment_names, ["DATABASE_URL"]);
        assert!(!format!("{kept:?}").contains("hunter2"));
    }

    #[test]
    fn of_a_value_only_the_database_host_is_kept() {
        let host = "db.cluster-abc.ap-northeast-1.rds.amazonaws.com";
        for value in [
            format!("postgres://u:hunter2@{host}:5432/db?sslmode=require"),
            format!("jdbc:postgresql://{}:5432/db?user=u&password=hunter2", host.to_uppercase()),
            format!("{{\"host\":\"{host}\",\"password\":\"hunter2\"}}"),
            format!("{host}."),
        ] {
            let variable = KeyValuePair::builder().name("X").value(&value).build();
            let kept =
                container_definition(types::ContainerDefinition::builder().environment(variable).build());
            assert_eq!(kept.database_hosts, [host], "{value}");
            assert!(!format!("{kept:?}").contains("hunter2"));
        }
        let other = KeyValuePair::builder().name("X").value("https://rds.amazonaws.com.example.org").build();
        let kept = container_definition(types::ContainerDefinition::builder().environment(other).build());
        assert!(kept.database_hosts.is_empty());
    }

    #[test]
    fn the_primary_deployment_stands_first() {
        let of = |id: &str, status: &str| types::Deployment::builder().id(id).status(status).build();
        let from = types::Service::builder()
            .service_name("backend")
            .deployments(of("old", "ACTIVE"))
            .deployments(of("older", "INACTIVE"))
            .deployments(of("new", "PRIMARY"))
            .build();
        let ids: Vec<String> = service(from).deployments.into_iter().map(|d| d.id).collect();
        assert_eq!(ids, ["new", "old", "older"]);
    }
}
