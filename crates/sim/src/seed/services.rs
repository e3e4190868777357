//! The cluster and its services, running since the last deployment.
use std::collections::VecDeque;

use chrono::TimeDelta;

use super::deployment_configuration::configure_deployments;
use super::history::{self, Past};
use super::{CLUSTER, Time, days, edge, network, role, tags};
use crate::behaviour::ecs::task_life;
use crate::world::World;
use crate::world::ecs::{
    Cluster, ContainerDefinition, Deployment, DeploymentStatus, RolloutState, Runs, SchedulerState, Service,
    ServiceEvent, ServiceId, ServiceLoadBalancer, ServiceNetwork, ServiceRevision, TaskDefinition,
};
use crate::world::elb::TargetState;

/// Past deployments that the default account's events and images still contain.
const PAST: u32 = 3;
/// Older deployments that are kept beside these.
const OLDER: u32 = 7;
/// The past deployment that was rolled back, counted from the newest revision.
const ROLLED_BACK: u32 = 5;
/// Days between past deployments.
const DAYS_BETWEEN: i64 = 3;

/// The differences between the two services.
struct Plan {
    name: &'static str,
    revision: u32,
    task_role: &'static str,
    environment: &'static [(&'static str, &'static str)],
    uses_database: bool,
}

const PLANS: [Plan; 2] = [
    Plan {
        name: "frontend",
        revision: 14,
        task_role: "party-box-frontend-task",
        environment: &[
            ("NODE_ENV", "production"),
            ("PORT", "3000"),
            ("NEXT_PUBLIC_API_BASE", "https://partybox.example.com/api"),
        ],
        uses_database: false,
    },
    Plan {
        name: "backend",
        revision: 23,
        task_role: "party-box-backend-task",
        environment: &[
            ("NODE_ENV", "production"),
            ("PORT", "3000"),
            ("CORS_ORIGIN", "https://partybox.example.com"),
        ],
        uses_database: true,
    },
];

/// The cluster, the task definitions, the services and their running tasks.
pub(super) fn fill(world: &mut World) {
    world.ecs.clusters = vec![Cluster {
        name: CLUSTER.to_owned(),
        arn: world.account.arn("ecs", &format!("cluster/{CLUSTER}")),
        status: "ACTIVE",
        tags: tags(CLUSTER),
        container_insights: "disabled",
        capacity_providers: vec!["FARGATE", "FARGATE_SPOT"],
    }];
    for plan in &PLANS {
        for back in (0..=PAST + OLDER).rev() {
            let definition = task_definition(world, plan, plan.revision - back);
            world.ecs.task_definitions.push(definition);
        }
        let service = service(world, plan);
        world.ecs.services.push(service);
    }
    for service_id in world.ecs.service_ids() {
        run_tasks(world, service_id);
    }
}

fn deployed_at(now: Time, plan: &Plan, back: u32) -> Time {
    let shift = if plan.uses_database { 0 } else { 41 };
    now - days(DAYS_BETWEEN * i64::from(back) + 3) - TimeDelta::minutes(i64::from(back) * 11 + shift)
}

fn task_definition(world: &World, plan: &Plan, revision: u32) -> TaskDefinition {
    let family = format!("party-box-{}", plan.name);
    let registered_at = deployed_at(world.now, plan, plan.revision - revision) - TimeDelta::seconds(9);
    let secrets = if plan.uses_database {
        let secret = world.account.arn("secretsmanager", super::monitoring::SECRET_RESOURCE);
        vec![("DATABASE_URL".to_owned(), format!("{secret}:url::"))]
    } else {
        Vec::new()
    };
    TaskDefinition {
        arn: world.account.arn("ecs", &format!("task-definition/{family}:{revision}")),
        cpu: 256,
        memory: 512,
        network_mode: "awsvpc",
        status: "ACTIVE",
        execution_role_arn: role("party-box-task-execution"),
        task_role_arn: role(plan.task_role),
        container: ContainerDefinition {
            name: plan.name.to_owned(),
            image: format!(
                "{}.dkr.ecr.{}.amazonaws.com/party-box/{}:1.{revision}.0",
                world.account.id, world.account.region, plan.name
            ),
            port: 3000,
            environment: plan
                .environment
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            secrets,
            log_group: format!("/ecs/{family}"),
            log_prefix: "ecs".to_owned(),
            stop_timeout: 30,
        },
        registered: None,
        registered_at,
        registered_by: role("party-box-ci"),
        tags: tags(&family),
        family,
        revision,
    }
}

fn service(world: &mut World, plan: &Plan) -> Service {
    let now = world.now;
    let name = plan.name;
    let (configuration, advanced) = configure_deployments(world, name);
    let drain =
        world.elb.target_group(&edge::target_group_arn(name)).map_or(0, |group| group.deregistration_delay);
    let mut older = history::draws(world, name);
    let mut revisions: Vec<ServiceRevision> = Vec::new();
    let mut service_deployments = Vec::new();
    for back in (0..PAST + OLDER).rev() {
        let at = deployed_at(now, plan, back);
        let Some(definition) =
            world.ecs.task_definition(&format!("party-box-{name}:{}", plan.revision - back)).cloned()
        else {
            continue;
        };
        let rng = if back < PAST { &mut world.rng } else { &mut older };
        let number = rng.digits(19);
        let seconds = history::usual_seconds(rng, &configuration, drain);
        let id = rng.hex(21);
        // A deployment that was rolled back is not the source of the next.
        let source =
            revisions.iter().rev().find(|each| each.created_at != deployed_at(now, plan, ROLLED_BACK));
        let source = source.map(|each| each.arn.clone());
        let revision = history::revision(world, name, &definition, at, &number);
        let past = Past {
            service: name,
            at,
            revision: &revision,
            source: source.clone(),
            configuration: &configuration,
            seconds,
        };
        let mut deployment = history::succeeded(world, &past, &id);
        if let Some(source) = source.filter(|_| back == ROLLED_BACK) {
            history::rolled_back(&mut deployment, &source);
        }
        service_deployments.insert(0, deployment);
        revisions.push(revision);
    }
    let created_at = deployed_at(now, plan, 0);
    let id = format!("ecs-svc/{}", world.rng.digits(19));
    let (task_definition, revision_arn) =
        revisions.last().map(|it| (it.task_definition.clone(), it.arn.clone())).unwrap_or_default();
    Service {
        arn: world.account.arn("ecs", &format!("service/{CLUSTER}/{name}")),
        cluster_arn: world.account.arn("ecs", &format!("cluster/{CLUSTER}")),
        status: "ACTIVE",
        desired_count: 2,
        task_definition: task_definition.clone(),
        load_balancer: ServiceLoadBalancer {
            target_group_arn: edge::target_group_arn(name),
            container_name: name.to_owned(),
            container_port: 3000,
            advanced,
        },
        serving_group_arn: edge::target_group_arn(name),
        network: ServiceNetwork {
            subnets: network::PRIVATE.iter().map(|id| (*id).to_owned()).collect(),
            security_groups: vec![network::SG_ECS.to_owned()],
        },
        runs: Runs::default(),
        configuration,
        health_check_grace_seconds: 30,
        role_arn: role("aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
        created_at: now - days(210),
        created_by: role("party-box-admin"),
        tags: tags(&format!("party-box-{name}")),
        deployments: vec![Deployment {
            status: DeploymentStatus::Primary,
            task_definition,
            desired_count: 2,
            failed_tasks: 0,
            rollout_state: RolloutState::Completed,
            rollout_state_reason: format!("ECS deployment {id} completed."),
            created_at,
            updated_at: created_at + TimeDelta::seconds(171),
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
    let arn = world.service(service_id).load_balancer.target_group_arn.clone();
    if let Some(group) = world.elb.target_group_mut(&arn) {
        for target in &mut group.targets {
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
    let story = [
        (3, format!("has started {count} tasks: {}.", started.join(" "))),
        (34, format!("registered {count} targets in (target-group {group})")),
        (79, format!("has begun draining connections on {count} tasks.")),
        (79, format!("deregistered {count} targets in (target-group {group})")),
        (142, format!("has stopped {count} running tasks: {}.", gone.join(" "))),
        (168, format!("(deployment {deployment}) deployment completed.")),
    ];
    let mut events: Vec<(Time, String)> =
        story.into_iter().map(|(after, text)| (created + TimeDelta::seconds(after), text)).collect();
    let mut steady = created + TimeDelta::seconds(171);
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
            message: format!("(service {name}) {text}"),
        })
        .collect();
}
