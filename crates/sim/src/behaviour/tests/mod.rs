//! The world over time: whole rollouts and failovers.
mod drills;
mod failover_scenarios;
mod observed;
mod rollouts;
mod stops;
mod traffic_shift;

use chrono::{DateTime, TimeDelta};

use crate::behaviour::advance;
use crate::behaviour::dataplane::{Routed, route};
use crate::behaviour::ecs::update_service::{ServiceChange, update_service};
use crate::behaviour::metrics::{self, MetricQuery};
use crate::behaviour::rds_actions::reboot_db_instance;
use crate::world::ecs::{
    DeploymentStatus, Monitor, RolloutState, Service, ServiceDeploymentStatus, TaskStatus,
};
use crate::world::elb::TargetState;
use crate::world::{DeploymentVerdict, Time, TruthKind, World};
use crate::{Scenario, build_account};

const SEEDS: std::ops::Range<u64> = 1..9;

fn start_time() -> Time {
    DateTime::from_timestamp(1_781_000_017, 0).expect("a valid time")
}

fn world(scenario: Scenario, seed: u64) -> World {
    build_account(scenario, seed, start_time())
}

fn pass(world: &mut World, seconds: i64) {
    let to = world.now + TimeDelta::seconds(seconds);
    advance(world, to);
}

fn service<'a>(world: &'a World, name: &str) -> &'a Service {
    world.ecs.services.iter().find(|each| each.name == name).expect("the service")
}

fn healthy(world: &World, name: &str) -> usize {
    let group = &service(world, name).load_balancer.target_group_arn;
    world.elb.target_group(group).expect("the group").count(TargetState::Healthy)
}

fn redeploy(world: &mut World, name: &str) {
    let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
    update_service(world, "party-box", name, &change).expect("accepted");
}

fn scale(world: &mut World, name: &str, desired: u32) {
    let change = ServiceChange { desired_count: Some(desired), ..ServiceChange::default() };
    update_service(world, "party-box", name, &change).expect("accepted");
}

/// The events since the world began, oldest first, without the service's name.
fn told(world: &World, name: &str) -> Vec<String> {
    let prefix = format!("(service {name}");
    let events = service(world, name).events.iter().rev();
    events
        .filter(|event| event.created_at > world.began)
        .map(|event| {
            let rest = event.message.strip_prefix(&prefix).expect("its own name");
            // `(service S) ...` or `(service S, taskSet ecs-svc/D) ...`
            rest.split_once(") ").expect("the end of the name").1.to_owned()
        })
        .collect()
}

/// Asserts that these texts occur in this order.
fn assert_in_order(events: &[String], texts: &[&str]) {
    let mut rest = events.iter();
    for text in texts {
        assert!(rest.any(|event| event.contains(text)), "'{text}' is missing or out of order in {events:#?}");
    }
}

#[test]
fn a_rolling_deployment_completes_and_never_lacks_healthy_targets() {
    for seed in SEEDS {
        let mut world = world(Scenario::Steady, seed);
        let old = service(&world, "backend").deployments[0].id.clone();
        redeploy(&mut world, "backend");
        let mut saw_both = false;
        for _ in 0..400 {
            pass(&mut world, 1);
            assert!(healthy(&world, "backend") >= 2, "seed {seed} at {}", world.now);
            let state = service(&world, "backend");
            assert!(state.tasks.iter().filter(|task| task.is_wanted()).count() <= 4);
            saw_both |= state.deployments.len() == 2;
            if state.deployments.len() == 2 {
                assert_eq!(state.deployments[1].status, DeploymentStatus::Active);
                assert_eq!(state.deployments[1].id, old);
            }
        }
        let state = service(&world, "backend");
        assert!(saw_both);
        assert_eq!(state.deployments.len(), 1);
        let primary = &state.deployments[0];
        assert_ne!(primary.id, old);
        assert_eq!(primary.rollout_state, RolloutState::Completed);
        assert_eq!(primary.rollout_state_reason, format!("ECS deployment {} completed.", primary.id));
        assert_eq!((state.running_count(), state.pending_count()), (2, 0));
        assert_eq!(state.running_of(&primary.id), 2);
        assert_eq!(state.service_deployments[0].status, ServiceDeploymentStatus::Successful);
        assert_in_order(
            &told(&world, "backend"),
            &[
                "has started 2 tasks: (task ",
                "registered ",
                "running tasks: (task ",
                "deregistered ",
                "has begun draining connections on ",
                "deployment completed.",
                "has reached a steady state.",
            ],
        );
        let gone: Vec<_> = state.tasks_of(&old).collect();
        assert!(
            gone.iter()
                .all(|task| task.last_status == TaskStatus::Stopped && task.container.exit_code == Some(0))
        );
    }
}

#[test]
fn an_old_task_waits_for_its_target_to_drain() {
    let mut world = world(Scenario::Steady, 3);
    let id = service(&world, "backend").tasks[0].id.clone();
    redeploy(&mut world, "backend");
    let (mut deactivating, mut stopping) = (None, None);
    for _ in 0..400 {
        pass(&mut world, 1);
        let task = service(&world, "backend").tasks.iter().find(|task| task.id == id).expect("still listed");
        match task.last_status {
            TaskStatus::Deactivating => deactivating = deactivating.or(Some(world.now)),
            TaskStatus::Stopping => stopping = stopping.or(Some(world.now)),
            _ => {}
        }
    }
    let waited = stopping.expect("stopped") - deactivating.expect("drained");
    assert!((69..=70).contains(&waited.num_seconds()), "the group's deregistration delay, 9 to 10 s late");
}

#[test]
fn a_bad_deployment_trips_the_breaker_and_is_rolled_back() {
    for seed in SEEDS {
        let mut world = world(Scenario::BadDeploy, seed);
        let before = service(&world, "backend").deployments[0].clone();
        let mut failed_seen = false;
        for _ in 0..1500 {
            pass(&mut world, 1);
            assert!(healthy(&world, "backend") >= 2, "seed {seed}: the old tasks stay");
            let state = service(&world, "backend");
            if let Some(failed) = state.deployments.iter().find(|it| it.rollout_state == RolloutState::Failed)
            {
                failed_seen = true;
                assert_eq!(
                    failed.rollout_state_reason,
                    "ECS deployment circuit breaker: tasks failed to start."
                );
                assert!(failed.failed_tasks >= 3);
                assert_eq!(failed.status, DeploymentStatus::Active);
                assert!(state.deployments[0].rollout_state_reason.contains("rolling back to deploymentId"));
            }
        }
        assert!(failed_seen, "seed {seed}");
        let state = service(&world, "backend");
        assert_eq!(state.deployments.len(), 1);
        assert_eq!(state.deployments[0].task_definition, before.task_definition);
        assert_eq!(state.deployments[0].rollout_state, RolloutState::Completed);
        assert_eq!(state.task_definition, before.task_definition);
        let record = &state.service_deployments[0];
        assert_eq!(record.status, ServiceDeploymentStatus::RollbackSuccessful);
        assert_eq!(record.breaker.status, Monitor::Triggered);
        assert_eq!(record.breaker.failure_count, record.breaker.threshold, "never above it");
        assert_in_order(
            &told(&world, "backend"),
            &[
                "is unhealthy in (target-group ",
                "deployment failed: tasks failed to start.",
                "rolling back to deployment ",
                "deployment completed.",
                "has reached a steady state.",
            ],
        );
        let reasons: Vec<_> = state.tasks.iter().filter_map(|task| task.stopped_reason.as_deref()).collect();
        assert!(
            reasons.iter().any(|reason| reason.starts_with("Task failed ELB health checks in (target-group"))
        );
        assert!(world.truth.iter().any(|truth| matches!(
            truth.what,
            TruthKind::DeploymentEnded { verdict: DeploymentVerdict::RolledBack, .. }
        )));
    }
}

#[test]
fn a_newer_deployment_supersedes_one_that_rolls() {
    let mut world = world(Scenario::Steady, 5);
    redeploy(&mut world, "backend");
    pass(&mut world, 30);
    let first = service(&world, "backend").deployments[0].clone();
    redeploy(&mut world, "backend");
    pass(&mut world, 400);
    let state = service(&world, "backend");
    assert_eq!(state.deployments.len(), 1);
    assert_ne!(state.deployments[0].id, first.id);
    assert_eq!(state.service_deployments[1].status, ServiceDeploymentStatus::Stopped);
    assert_eq!(state.service_deployments[0].status, ServiceDeploymentStatus::Successful);
    assert!(state.tasks_of(&first.id).all(|task| task.last_status == TaskStatus::Stopped));
}

#[test]
fn scaling_makes_no_deployment_and_scaling_in_drains_first() {
    let mut world = world(Scenario::Steady, 2);
    let deployment = service(&world, "backend").deployments[0].id.clone();
    scale(&mut world, "backend", 4);
    pass(&mut world, 120);
    assert_eq!(service(&world, "backend").running_count(), 4);
    assert_eq!(healthy(&world, "backend"), 4);
    assert_eq!(service(&world, "backend").deployments[0].id, deployment);
    scale(&mut world, "backend", 2);
    pass(&mut world, 17);
    let group =
        world.elb.target_group(&service(&world, "backend").load_balancer.target_group_arn).expect("group");
    assert_eq!((group.count(TargetState::Draining), group.count(TargetState::Healthy)), (2, 2));
    let target = group.targets.iter().find(|it| it.state == TargetState::Draining).expect("draining");
    assert_eq!(target.reason, Some("Target.DeregistrationInProgress"));
    assert_eq!(service(&world, "backend").running_count(), 2);
    pass(&mut world, 120);
    assert_eq!(service(&world, "backend").deployments.len(), 1);
    assert_eq!(told(&world, "backend").last().map(String::as_str), Some("has reached a steady state."));
    scale(&mut world, "backend", 0);
    pass(&mut world, 200);
    assert_eq!(service(&world, "backend").running_count(), 0);
    assert_eq!(route(&world, "/api/health", 0, world.now, false), Routed::NoTarget);
}

#[test]
fn addresses_are_given_back() {
    let mut world = world(Scenario::Steady, 2);
    let free = |world: &World| -> Vec<u32> {
        world.network.subnets.iter().map(|subnet| world.network.available_addresses(subnet)).collect()
    };
    let before = free(&world);
    scale(&mut world, "frontend", 6);
    pass(&mut world, 10);
    assert_eq!(before.iter().sum::<u32>() - free(&world).iter().sum::<u32>(), 4);
    scale(&mut world, "frontend", 2);
    pass(&mut world, 200);
    assert_eq!(before.iter().sum::<u32>(), free(&world).iter().sum::<u32>());
}

#[test]
fn target_tracking_scales_out_under_load_and_back_in() {
    let mut world = world(Scenario::Steady, 7);
    world.load_factor = 9.0;
    pass(&mut world, 420);
    let scaled = service(&world, "backend").desired_count;
    assert!(scaled > 2, "{scaled}");
    let activity = world.scaling.activities.last().expect("an activity");
    assert!(activity.description.starts_with("Setting desired count to "));
    assert!(activity.started_at > world.began);
    world.load_factor = 0.2;
    pass(&mut world, 3 * 3600);
    assert_eq!(service(&world, "backend").desired_count, 2);
}

#[test]
fn nothing_scales_by_itself_in_a_quiet_day() {
    let mut world = world(Scenario::Steady, 11);
    pass(&mut world, 24 * 3600);
    assert!(world.truth.is_empty(), "{:?}", world.truth);
    assert!(service(&world, "backend").events.len() <= 100);
}

/// The whole state of a world as text, to compare two of them.
fn whole(world: &World) -> String {
    format!("{world:?}")
}

#[test]
fn the_story_does_not_depend_on_when_somebody_looks() {
    for seed in SEEDS {
        for scenario in Scenario::all() {
            let mut steps = world(*scenario, seed);
            let mut leap = world(*scenario, seed);
            let end = steps.began + TimeDelta::seconds(700);
            let mut pause = 1;
            while steps.now < end {
                // Irregular, now with a fraction of a second and now without, as requests come.
                pause = pause % 37 + 5;
                let step = if pause % 2 == 0 {
                    TimeDelta::seconds(pause)
                } else {
                    TimeDelta::milliseconds(pause * 317)
                };
                let to = (steps.now + step).min(end);
                advance(&mut steps, to);
            }
            advance(&mut leap, end);
            assert_eq!(steps.now, leap.now);
            assert!(whole(&steps) == whole(&leap), "seed {seed}, {scenario}");
        }
    }
    assert!(whole(&world(Scenario::Steady, 1)) != whole(&world(Scenario::Steady, 2)));
}

#[test]
fn the_deploy_scenario_goes_on_with_both_services() {
    let mut world = world(Scenario::Deploy, 1);
    pass(&mut world, 1800);
    let started: Vec<&str> = world
        .truth
        .iter()
        .filter_map(|it| match &it.what {
            TruthKind::DeploymentStarted { service, .. } => Some(service.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(started[..4], ["backend", "frontend", "backend", "frontend"]);
    let times = started.iter().filter(|name| **name == "backend").count();
    let image = &service(&world, "backend").revisions.last().expect("a revision").image;
    assert!(image.ends_with(&format!(":1.{}.0", 23 + times)), "{image} after {times} deployments");
}

fn points(
    world: &World,
    namespace: &str,
    name: &str,
    dimensions: &[(&str, &str)],
    statistic: &str,
) -> Vec<(Time, f64)> {
    let dimensions: Vec<(String, String)> =
        dimensions.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let query = MetricQuery {
        namespace,
        name,
        dimensions: &dimensions,
        statistic,
        period: 60,
        start: world.now - TimeDelta::hours(3),
        end: world.now,
    };
    metrics::query(world, &query)
}

#[test]
fn there_are_three_hours_of_metrics_at_the_start() {
    let world = world(Scenario::Steady, 1);
    let service = [("ClusterName", "party-box"), ("ServiceName", "backend")];
    let cpu = points(&world, "AWS/ECS", "CPUUtilization", &service, "Average");
    assert!((179..=181).contains(&cpu.len()), "{}", cpu.len());
    assert!(cpu.iter().all(|(_, value)| (1.0..70.0).contains(value)));
    assert!(cpu.windows(2).all(|pair| pair[1].0 - pair[0].0 == TimeDelta::minutes(1)));
    for metric in metrics::list(&world) {
        assert!(metrics::unit(metric.name).is_some(), "{}", metric.name);
    }
}

#[test]
fn errors_are_absent_until_there_are_some() {
    let mut world = world(Scenario::Steady, 1);
    let balancer = world.elb.load_balancers[0].dimension().to_owned();
    let own = [("LoadBalancer", balancer.as_str())];
    let count = |world: &World, name| points(world, "AWS/ApplicationELB", name, &own, "Sum").len();
    assert_eq!(count(&world, "HTTPCode_Target_5XX_Count"), 0, "absent, not 0");
    assert!(count(&world, "RequestCount") > 170);
    let now = world.now;
    reboot_db_instance(&mut world, "party-box-db", true, now).expect("accepted");
    pass(&mut world, 180);
    assert!(count(&world, "HTTPCode_Target_5XX_Count") > 0);
    let database = [("DBInstanceIdentifier", "party-box-db")];
    let least = points(&world, "AWS/RDS", "DatabaseConnections", &database, "Minimum");
    assert!(least.iter().any(|(_, value)| *value < 0.5), "connections drop to zero");
    scale(&mut world, "frontend", 0);
    scale(&mut world, "backend", 0);
    pass(&mut world, 300);
    let newest =
        points(&world, "AWS/ApplicationELB", "RequestCount", &own, "Sum").pop().expect("older points").0;
    assert!(world.now - newest > TimeDelta::minutes(1), "no target, no requests");
}

#[test]
fn percentiles_are_ordered() {
    let world = world(Scenario::Steady, 1);
    let balancer = world.elb.load_balancers[0].dimension().to_owned();
    let own = [("LoadBalancer", balancer.as_str())];
    let newest = |statistic| {
        points(&world, "AWS/ApplicationELB", "TargetResponseTime", &own, statistic).pop().expect("a point").1
    };
    assert!(newest("Minimum") < newest("p50"));
    assert!(newest("p50") < newest("p99") && newest("p99") < newest("Maximum"));
    assert!(newest("p99") < 1.0, "seconds, not milliseconds");
}
