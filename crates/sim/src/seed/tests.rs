//! Accounts of other estates than the Party Box, over time.
use chrono::{DateTime, TimeDelta};

use super::{Scenario, build_estate};
use crate::behaviour::{advance, metrics};
use crate::estate::Estate;
use crate::world::elb::TargetState;
use crate::world::{TaskHealth, Time, World};

fn began() -> Time {
    DateTime::from_timestamp(1_790_000_000, 0).expect("in range")
}

fn world(name: &str, scenario: Scenario) -> World {
    let estate = Estate::load(name).expect("a built-in estate");
    build_estate(&estate, scenario, 3, began()).expect("it makes sense there")
}

#[test]
fn every_estate_stays_quiet_for_an_hour() {
    for name in Estate::names() {
        let mut world = world(name, Scenario::Steady);
        advance(&mut world, began() + TimeDelta::hours(1));
        for service in &world.ecs.services {
            let well =
                service.tasks.iter().filter(|task| world.task_health(service, task) == TaskHealth::Healthy);
            assert_eq!(u32::try_from(well.count()), Ok(service.desired_count), "{name}: {}", service.name);
        }
        assert_eq!(world.truth, Vec::new(), "{name}");
    }
}

#[test]
fn a_scenario_that_makes_no_sense_on_an_estate_is_refused_with_a_sentence() {
    for (name, scenario, told) in [
        ("aurora", Scenario::Failover, "its first database is no Multi-AZ instance"),
        ("nlb", Scenario::BlueGreen, "its load balancer has no rules to shift traffic by"),
        ("codedeploy", Scenario::Canary, "CodeDeploy deploys the service there, not ECS"),
        ("ec2-bridge", Scenario::NoCapacity, "the service that is deployed does not run on Fargate"),
    ] {
        let estate = Estate::load(name).expect("a built-in estate");
        let error = build_estate(&estate, scenario, 1, began()).expect_err("no sense");
        assert!(error.ends_with(told), "{error}");
    }
}

#[test]
fn tasks_on_instances_have_ports_of_them_and_an_agent_runs_on_each() {
    let world = world("ec2-bridge", Scenario::Steady);
    let of = |name: &str| world.ecs.services.iter().find(|each| each.name == name).expect("a service");
    let group = world.elb.target_group(&of("backend").serving_group_arn).expect("its group");
    for target in &group.targets {
        assert!(target.ip.starts_with("i-") && target.port >= 32_768, "{target:?}");
    }
    let mut homes: Vec<&str> =
        of("node-agent").tasks.iter().filter_map(|task| Some(task.host.as_ref()?.arn.as_str())).collect();
    homes.sort_unstable();
    homes.dedup();
    assert_eq!(homes.len(), world.ecs.instances.len());
}

#[test]
fn a_target_in_a_zone_that_is_not_enabled_is_unused_and_nothing_waits_for_it() {
    let mut world = world("messy", Scenario::Deploy);
    let unused = |world: &World| {
        let groups = world.elb.target_groups.iter();
        groups.map(|group| group.count(TargetState::Unused)).sum::<usize>()
    };
    assert_eq!(unused(&world), 1);
    advance(&mut world, began() + TimeDelta::minutes(20));
    assert!(world.deployment_truths().iter().filter(|truth| truth.ended.is_some()).count() >= 2);
    assert_eq!(unused(&world), 1);
}

#[test]
fn a_network_load_balancer_has_flows_and_no_requests() {
    let world = world("nlb", Scenario::Steady);
    let all = metrics::list(&world);
    let of = |name: &str| -> Vec<&'static str> {
        all.iter().filter(|each| each.name == name).map(|each| each.namespace).collect()
    };
    assert_eq!(of("NewFlowCount"), ["AWS/NetworkELB"]);
    assert_eq!(of("HealthyHostCount"), ["AWS/NetworkELB"]);
    assert!(of("RequestCount").is_empty());
}

#[test]
fn a_proxy_follows_the_writer_of_its_database() {
    let mut world = world("proxy", Scenario::Failover);
    let state = |world: &World| world.rds.proxies[0].targets[0].state;
    assert_eq!(state(&world), "AVAILABLE");
    let mut seen = Vec::new();
    for second in 1..300 {
        advance(&mut world, began() + TimeDelta::seconds(second));
        if seen.last() != Some(&state(&world)) {
            seen.push(state(&world));
        }
    }
    assert_eq!(seen, ["AVAILABLE", "UNAVAILABLE", "AVAILABLE"]);
}
