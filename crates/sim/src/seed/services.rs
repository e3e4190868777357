//! The clusters and their services, running since the last deployment.
use std::collections::VecDeque;

use chrono::TimeDelta;

use super::deployment_configuration::configure_deployments;
use super::history::{self, Past};
use super::{Time, containers, days, edge, network, role, tags};
use crate::behaviour::ecs::task_life;
use crate::estate::{Estate, LaunchPart, ServicePart, WorkloadPart};
use crate::world::World;
use crate::world::ecs::{
    CapacityShare, Cluster, ContainerInstance, Deployment, DeploymentStatus, RolloutState, Runs,
    SchedulerState, Service, ServiceEvent, ServiceId, ServiceLoadBalancer, ServiceNetwork, ServiceRevision,
    ServiceSettings, Workload,
};
use crate::world::elb::TargetState;
use crate::world::script::Role;

/// Past deployments that the account's events and images still contain.
const PAST: u32 = 3;
/// Older deployments that are kept beside these.
const OLDER: u32 = 7;
/// The past deployment that was rolled back, counted from the newest revision.
const ROLLED_BACK: u32 = 5;
/// Days between past deployments.
const DAYS_BETWEEN: i64 = 3;

/// The clusters with their instances, the task definitions, the services and their running tasks.
pub(super) fn fill(world: &mut World, estate: &Estate) {
    for part in &estate.cluster {
        world.ecs.clusters.push(Cluster {
            name: part.name.clone(),
            arn: world.account.arn("ecs", &format!("cluster/{}", part.name)),
            status: "ACTIVE",
            tags: tags(estate, &part.name),
            container_insights: part.insights.as_str(),
            capacity_providers: vec!["FARGATE", "FARGATE_SPOT"],
        });
    }
    instances(world, estate);
    for (place, part) in estate.service.iter().enumerate() {
        for back in (0..=PAST + OLDER).rev() {
            let Some(revision) = part.revision.checked_sub(back).filter(|it| *it > 0) else { continue };
            let at = deployed_at(world.now, part, back) - TimeDelta::seconds(9);
            let definition = containers::task_definition(world, estate, part, revision, at);
            world.ecs.task_definitions.push(definition);
        }
        let service = service(world, estate, part, place == estate.main_service());
        world.ecs.services.push(service);
    }
    let main = estate.main_service();
    for (place, service_id) in world.ecs.service_ids().enumerate() {
        let role = if place == main { Role::Main } else { Role::Other };
        // A daemon is nobody's idea of a service to try things with.
        if world.service(service_id).runs.scheduling == "REPLICA" {
            world.roles.assign(role, service_id);
        }
        run_tasks(world, service_id);
    }
}

/// The container instances: so many in each zone.
fn instances(world: &mut World, estate: &Estate) {
    for part in &estate.instance {
        let cluster = part.cluster.get_ref();
        for (zone, subnet) in network::subnet_ids(estate, false, &[]) {
            for number in 1..=part.per_zone {
                let name = format!("{cluster}-{zone}-{number}");
                let address = world.network.lease(&subnet, 30 + number).map(|it| it.to_string());
                world.ecs.instances.push(ContainerInstance {
                    arn: world.account.arn(
                        "ecs",
                        &format!(
                            "container-instance/{cluster}/{}",
                            estate.digits("container-instance", &name, 32)
                        ),
                    ),
                    cluster_arn: world.account.arn("ecs", &format!("cluster/{cluster}")),
                    instance_id: estate.id("i", &name),
                    zone: zone.clone(),
                    subnet_id: subnet.clone(),
                    private_ip: address.unwrap_or_default(),
                });
            }
        }
    }
}

fn deployed_at(now: Time, part: &ServicePart, back: u32) -> Time {
    let shift = if part.database.is_some() { 0 } else { 41 };
    now - days(DAYS_BETWEEN * i64::from(back) + 3) - TimeDelta::minutes(i64::from(back) * 11 + shift)
}

/// Where the service's tasks are registered: the first group, and the others.
fn load_balancers(estate: &Estate, part: &ServicePart) -> (ServiceLoadBalancer, Vec<ServiceLoadBalancer>) {
    let mut all = part.target_groups.iter().map(|name| {
        let number =
            estate.target_group.iter().find(|each| each.name == *name.get_ref()).map_or(0, |each| each.port);
        let (container_name, container_port) = containers::container_for(part, number);
        ServiceLoadBalancer {
            target_group_arn: edge::target_group_arn(estate, name.get_ref()),
            container_name,
            container_port,
            advanced: None,
        }
    });
    let first = all.next().unwrap_or_else(|| {
        let (container_name, container_port) = containers::container_for(part, 0);
        ServiceLoadBalancer { container_name, container_port, ..ServiceLoadBalancer::default() }
    });
    (first, all.collect())
}

/// The capacity providers that AWS has machines for.
const PROVIDERS: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];

fn runs(part: &ServicePart) -> Runs {
    let named = |name: &String| PROVIDERS.into_iter().find(|each| each == name);
    let shares = part.providers.iter().filter_map(|(name, weight)| {
        Some(CapacityShare { provider: named(name)?, base: 0, weight: *weight })
    });
    let capacity: Vec<CapacityShare> = shares.collect();
    let launch_type = if part.launch == LaunchPart::Ec2 { "EC2" } else { "FARGATE" };
    Runs {
        controller: if part.is_code_deploy() { "CODE_DEPLOY" } else { "ECS" },
        scheduling: if part.daemon { "DAEMON" } else { "REPLICA" },
        launch_type: capacity.is_empty().then_some(launch_type),
        capacity,
    }
}

fn service(world: &mut World, estate: &Estate, part: &ServicePart, main: bool) -> Service {
    let now = world.now;
    let name = part.name.as_str();
    let (configuration, advanced) = configure_deployments(world, estate, part, main);
    let (mut load_balancer, more_load_balancers) = load_balancers(estate, part);
    load_balancer.advanced = advanced;
    let group = load_balancer.target_group_arn.clone();
    let drains = world.elb.target_group(&group).filter(|_| world.rules.waits_for_drain);
    let drain = drains.map_or(0, |group| group.deregistration_delay);
    let cluster = estate.cluster_of(part);
    let mut older = history::draws(world, name);
    let mut revisions: Vec<ServiceRevision> = Vec::new();
    let mut service_deployments = Vec::new();
    for back in (0..PAST + OLDER).rev() {
        let at = deployed_at(now, part, back);
        let Some(number) = part.revision.checked_sub(back) else { continue };
        let family = containers::family(estate, part);
        let Some(definition) = world.ecs.task_definition(&format!("{family}:{number}")).cloned() else {
            continue;
        };
        let rng = if back < PAST { &mut world.rng } else { &mut older };
        let number = rng.digits(19);
        let seconds = history::usual_seconds(rng, &configuration, drain);
        let id = rng.hex(21);
        // A deployment that was rolled back is not the source of the next.
        let source =
            revisions.iter().rev().find(|each| each.created_at != deployed_at(now, part, ROLLED_BACK));
        let source = source.map(|each| each.arn.clone());
        let path = format!("{cluster}/{name}");
        let revision = history::revision(world, &path, &definition, at, &number, &group);
        let earlier = Past {
            path: &path,
            at,
            revision: &revision,
            source: source.clone(),
            configuration: &configuration,
            seconds,
        };
        let mut deployment = history::succeeded(world, &earlier, &id);
        if let Some(source) = source.filter(|_| back == ROLLED_BACK) {
            history::rolled_back(&mut deployment, &source);
        }
        service_deployments.insert(0, deployment);
        revisions.push(revision);
    }
    let created_at = deployed_at(now, part, 0);
    let cluster_arn = world.account.arn("ecs", &format!("cluster/{cluster}"));
    let daemons = world.ecs.instances.iter().filter(|each| each.cluster_arn == cluster_arn).count();
    let desired = if part.daemon { u32::try_from(daemons).unwrap_or(0) } else { part.tasks };
    let id = format!("ecs-svc/{}", world.rng.digits(19));
    let (task_definition, revision_arn) =
        revisions.last().map(|it| (it.task_definition.clone(), it.arn.clone())).unwrap_or_default();
    Service {
        arn: world.account.arn("ecs", &format!("service/{cluster}/{name}")),
        cluster_arn: world.account.arn("ecs", &format!("cluster/{cluster}")),
        status: "ACTIVE",
        desired_count: desired,
        task_definition: task_definition.clone(),
        load_balancer,
        serving_group_arn: group,
        network: service_network(estate, part),
        runs: runs(part),
        configuration,
        health_check_grace_seconds: if part.target_groups.is_empty() { 0 } else { part.deploy.grace },
        settings: ServiceSettings { rebalancing: !part.daemon, ..ServiceSettings::default() },
        role_arn: role("aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
        created_at: now - days(210),
        created_by: role(&format!("{}-admin", estate.project)),
        tags: tags(estate, &containers::family(estate, part)),
        deployments: vec![Deployment {
            status: DeploymentStatus::Primary,
            task_definition,
            desired_count: desired,
            failed_tasks: 0,
            proven: true,
            rollout_state: RolloutState::Completed,
            rollout_state_reason: format!("ECS deployment {id} completed."),
            created_at,
            updated_at: created_at + TimeDelta::seconds(63),
            revision_arn,
            service_deployment_arn: service_deployments.first().map(|it| it.arn.clone()).unwrap_or_default(),
            id,
        }],
        events: VecDeque::new(),
        tasks: Vec::new(),
        service_deployments,
        revisions,
        scheduler: SchedulerState::default(),
        name: name.to_owned(),
        more_load_balancers,
        workload: match part.workload {
            WorkloadPart::Api => Workload::Api,
            WorkloadPart::Web => Workload::Web,
            WorkloadPart::Worker => Workload::Worker,
        },
        database: part.database.as_ref().map(|name| name.get_ref().clone()),
    }
}

fn service_network(estate: &Estate, part: &ServicePart) -> ServiceNetwork {
    ServiceNetwork {
        subnets: network::subnet_ids(estate, false, &part.zones).into_iter().map(|(_, id)| id).collect(),
        security_groups: part.groups.iter().map(|name| estate.group_id(name.get_ref())).collect(),
    }
}

/// Tasks that have run since the last deployment, their targets, and the events since then.
fn run_tasks(world: &mut World, service_id: ServiceId) {
    let now = world.now;
    let created = world.service(service_id).deployments[0].created_at;
    let wanted = world.service(service_id).desired_count;
    for _ in 0..wanted {
        world.now = created + TimeDelta::seconds(world.rng.between(2, 5));
        // An empty VPC has room for the first tasks.
        let _ = task_life::start_task(world, service_id);
    }
    // Only the times of their start matter here, not the waiting.
    for position in 0..world.service(service_id).tasks.len() {
        while let Some(next) = world.service(service_id).tasks[position].next_at {
            world.now = next;
            task_life::step(world, service_id, position);
        }
        world.service_mut(service_id).tasks[position].was_healthy = true;
    }
    world.now = now;
    let groups: Vec<String> =
        world.service(service_id).load_balancers().map(|each| each.target_group_arn.clone()).collect();
    for arn in groups {
        let Some(group) = world.elb.target_group_mut(&arn) else { continue };
        for target in group.targets.iter_mut().filter(|target| target.state != TargetState::Unused) {
            target.state = TargetState::Healthy;
            target.reason = None;
            target.description = None;
            target.passed = group.health_check.healthy_threshold;
            target.next_check = now + TimeDelta::seconds(world.rng.between(1, 30));
        }
    }
    history(world, service_id, created);
}

fn history(world: &mut World, service_id: ServiceId, created: Time) {
    let now = world.now;
    let service = &mut world.ecs[service_id];
    let name = service.name.clone();
    let group = service.load_balancer.target_group_arn.clone();
    let started: Vec<String> = service.tasks.iter().map(|task| format!("(task {})", task.id)).collect();
    let gone: Vec<String> = (0..started.len()).map(|_| format!("(task {})", world.rng.hex(32))).collect();
    let count = started.len();
    let deployment = service.deployments[0].id.clone();
    let registers = !group.is_empty();
    let by_ecs = !service.runs.by_task_sets();
    let before = world.rng.digits(19);
    let story = [
        (3, true, format!("has started {count} tasks: {}.", started.join(" "))),
        (34, registers, format!("registered {count} targets in (target-group {group})")),
        (44, true, format!("has stopped {count} running tasks: {}.", gone.join(" "))),
        (54, registers, format!("deregistered {count} targets in (target-group {group})")),
        (54, registers, format!("has begun draining connections on {count} tasks.")),
        (63, by_ecs, format!("(deployment {deployment}) deployment completed.")),
    ];
    let mut events: Vec<(Time, String)> = story
        .into_iter()
        .filter(|(_, happened, _)| *happened)
        .map(|(after, _, text)| (created + TimeDelta::seconds(after), text))
        .collect();
    let mut steady = created + TimeDelta::seconds(63);
    while steady <= now {
        service.scheduler.steady_since = Some(steady);
        events.push((steady, "has reached a steady state.".to_owned()));
        steady += TimeDelta::hours(6) + TimeDelta::seconds(world.rng.between(2, 19));
    }
    service.events = events
        .into_iter()
        .rev()
        .map(|(created_at, text)| ServiceEvent {
            id: world.rng.uuid(),
            created_at,
            message: if text.starts_with("has begun draining") {
                format!("(service {name}, taskSet ecs-svc/{before}) {text}")
            } else {
                format!("(service {name}) {text}")
            },
        })
        .collect();
}
