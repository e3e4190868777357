//! What real accounts were seen to do where AWS's documentation reads otherwise or says nothing, held over whole
//! stories.
use chrono::TimeDelta;

use super::{SEEDS, assert_in_order, healthy, pass, redeploy, scale, service, told, world};
use crate::behaviour::dataplane::{Routed, route};
use crate::behaviour::ecs::stop::stop_task;
use crate::behaviour::rds_actions::reboot_db_instance;
use crate::world::ecs::{ImageFault, RolloutState, TaskStatus};
use crate::world::elb::{TargetGroup, TargetState};
use crate::world::{Time, World};
use crate::{Scenario, Served, serve};

fn group<'a>(world: &'a World, name: &str) -> &'a TargetGroup {
    world.elb.target_group(&service(world, name).serving_group_arn).expect("its group")
}

/// When an event with this text first came, in the service's own events since the beginning.
fn when(world: &World, name: &str, text: &str) -> Time {
    let mut events = service(world, name).events.iter().rev();
    let found = events.find(|event| event.created_at > world.began && event.message.contains(text));
    found.unwrap_or_else(|| panic!("'{text}' in {:#?}", told(world, name))).created_at
}

#[test]
fn a_new_target_is_healthy_after_one_passed_check() {
    let mut fastest = i64::MAX;
    for seed in SEEDS {
        let mut world = world(Scenario::Steady, seed);
        scale(&mut world, "backend", 4);
        for _ in 0..90 {
            pass(&mut world, 1);
            for target in &group(&world, "backend").targets {
                let age = (world.now - target.registered_at).num_seconds();
                if target.state == TargetState::Healthy
                    && target.registered_at > world.began
                    && target.passed == 1
                {
                    fastest = fastest.min(age);
                }
                assert!(target.state != TargetState::Initial || age < 9, "one check is enough");
            }
        }
        assert_eq!(healthy(&world, "backend"), 4);
    }
    assert!((1..=3).contains(&fastest), "{fastest} s");
}

#[test]
fn a_target_that_was_unhealthy_must_pass_as_often_as_its_threshold_says() {
    let mut world = world(Scenario::Steady, 2);
    world.ecs.services[1].health_check_grace_seconds = 3600;
    let fault = |world: &mut World, fault| {
        for task in &mut world.ecs.services[1].tasks {
            task.fault = fault;
        }
    };
    fault(&mut world, ImageFault::Unhealthy);
    for task in &mut world.ecs.services[1].tasks {
        task.started_at = Some(world.began);
    }
    pass(&mut world, 70);
    assert_eq!(group(&world, "backend").count(TargetState::Unhealthy), 2);
    fault(&mut world, ImageFault::None);
    pass(&mut world, 29);
    assert_eq!(group(&world, "backend").count(TargetState::Healthy), 0, "one passed check is not two");
    pass(&mut world, 35);
    assert_eq!(group(&world, "backend").count(TargetState::Healthy), 2);
}

#[test]
fn old_tasks_are_stopped_then_deregistered_then_said_to_drain_and_the_steady_state_comes_before_they_are_gone()
 {
    for seed in SEEDS {
        let mut world = world(Scenario::Steady, seed);
        let old = service(&world, "backend").deployments[0].id.clone();
        redeploy(&mut world, "backend");
        pass(&mut world, 400);
        let [stopped, deregistered, draining, steady] =
            ["has stopped ", "deregistered ", "has begun draining", "has reached a steady state."]
                .map(|text| when(&world, "backend", text));
        assert!((9..=10).contains(&(deregistered - stopped).num_seconds()), "seed {seed}");
        let behind = (draining - deregistered).num_milliseconds();
        assert!((1..100).contains(&behind), "seed {seed}: {behind} ms");
        let prefix = format!("(service backend, taskSet {old}) has begun draining connections on ");
        let mut own = service(&world, "backend").events.iter();
        let last = own.find(|event| event.message.starts_with(&prefix)).expect("the old task set drains");
        let settled = (steady - last.created_at).num_seconds();
        assert!((4..=14).contains(&settled), "seed {seed}: {settled} s after the draining began");
    }
    // The targets drain on after the deployment is complete.
    let mut world = world(Scenario::Steady, 1);
    redeploy(&mut world, "backend");
    let mut seen = false;
    for _ in 0..400 {
        pass(&mut world, 1);
        let primary = &service(&world, "backend").deployments[0];
        seen |= primary.rollout_state == RolloutState::Completed
            && group(&world, "backend").count(TargetState::Draining) == 2;
    }
    assert!(seen);
}

#[test]
fn an_unhealthy_task_is_replaced_before_it_is_stopped() {
    for seed in SEEDS {
        let mut world = world(Scenario::Steady, seed);
        pass(&mut world, 60);
        let sick = service(&world, "backend").tasks[0].id.clone();
        world.ecs.services[1].tasks[0].fault = ImageFault::Unhealthy;
        let mut most = 0;
        for _ in 0..300 {
            pass(&mut world, 1);
            let wanted = service(&world, "backend").tasks.iter().filter(|task| task.is_wanted()).count();
            assert!((2..=3).contains(&wanted), "seed {seed}: {wanted} of 2");
            most = most.max(wanted);
            assert!(service(&world, "backend").running_count() >= 2, "seed {seed}: never 1 of 2");
        }
        assert_eq!(most, 3);
        let events = told(&world, "backend");
        assert_in_order(
            &events,
            &[
                &format!("(task {sick}) (port 3000) is unhealthy in (target-group "),
                "has started 1 tasks: (task ",
                "registered 1 targets",
                &format!("has stopped 1 running tasks: (task {sick})."),
                "deregistered 1 targets",
                "has begun draining connections on 1 tasks.",
                "has reached a steady state.",
            ],
        );
        let replaced =
            events.iter().filter(|text| text.ends_with("replaced 1 tasks due to an unhealthy status."));
        assert_eq!(replaced.count(), 1);
        assert_eq!(events.iter().filter(|text| text.contains("is unhealthy in")).count(), 1, "told once");
        assert_eq!(healthy(&world, "backend"), 2);
    }
}

#[test]
fn where_there_is_no_room_the_unhealthy_task_goes_first() {
    let mut world = world(Scenario::Steady, 3);
    world.ecs.services[1].configuration.maximum_percent = 100;
    world.ecs.services[1].configuration.minimum_healthy_percent = 50;
    pass(&mut world, 60);
    world.ecs.services[1].tasks[0].fault = ImageFault::Unhealthy;
    let mut least = 2;
    for _ in 0..400 {
        pass(&mut world, 1);
        let wanted = service(&world, "backend").tasks.iter().filter(|task| task.is_wanted()).count();
        least = least.min(wanted);
        assert!(wanted <= 2);
    }
    assert_eq!((least, healthy(&world, "backend")), (1, 2));
}

#[test]
fn a_stopped_task_ends_at_once_and_some_requests_to_it_fail() {
    let mut failures = 0;
    for seed in SEEDS {
        let mut world = world(Scenario::Steady, seed);
        pass(&mut world, 30);
        let id = service(&world, "backend").tasks[0].id.clone();
        stop_task(&mut world, "party-box", &id, None).expect("accepted");
        let stopped_at = world.now;
        let mut ended = None;
        for _ in 0..60 {
            pass(&mut world, 1);
            let request = http::Request::get("/api/health").body(bytes::Bytes::new()).expect("a request");
            let now = world.now;
            for _ in 0..2 {
                let Served::Answer(answer) = serve(&mut world, &request, now) else {
                    panic!("nothing hangs")
                };
                failures += u32::from(answer.status() == http::StatusCode::BAD_GATEWAY);
                assert!(answer.status() == http::StatusCode::OK || now - stopped_at < TimeDelta::seconds(7));
            }
            let task = service(&world, "backend").tasks.iter().find(|task| task.id == id).expect("listed");
            if task.last_status >= TaskStatus::Deprovisioning {
                ended = ended.or(Some(world.now));
            }
        }
        assert!((ended.expect("ended") - stopped_at).num_seconds() <= 30, "the stop timeout at the latest");
        let events = told(&world, "backend");
        assert_in_order(&events, &["deregistered 1 targets", "has begun draining connections on 1 tasks."]);
    }
    assert!(failures > 0, "for some seconds");
}

#[test]
fn failures_after_a_healthy_task_are_not_counted() {
    let mut world = world(Scenario::Steady, 4);
    redeploy(&mut world, "backend");
    // One of the two new tasks never becomes healthy, nor does any that takes its place.
    let mut one = None;
    for _ in 0..900 {
        pass(&mut world, 1);
        let primary = service(&world, "backend").deployments[0].id.clone();
        for task in world.ecs.services[1].tasks.iter_mut().filter(|task| task.started_by == primary) {
            let well = one.get_or_insert_with(|| task.id.clone());
            if task.id != *well {
                task.fault = ImageFault::Unhealthy;
            }
        }
        assert_eq!(service(&world, "backend").deployments[0].failed_tasks, 0);
    }
    assert_eq!(service(&world, "backend").deployments[0].rollout_state, RolloutState::InProgress);
}

#[test]
fn tasks_in_one_zone_are_spread_again_by_starting_before_stopping() {
    for seed in SEEDS {
        let mut world = world(Scenario::AzOutage, seed);
        pass(&mut world, 30 + 15 * 60 + 30);
        let zones = |world: &World| {
            let tasks = service(world, "backend").tasks.iter().filter(|task| task.is_wanted());
            let mut zones: Vec<String> = tasks.map(|task| task.zone.clone()).collect();
            zones.sort();
            zones
        };
        for _ in 0..240 {
            pass(&mut world, 1);
            assert!(service(&world, "backend").running_count() >= 2, "seed {seed}");
        }
        assert_eq!(zones(&world), ["ap-northeast-1a", "ap-northeast-1c"], "seed {seed}");
        assert_in_order(
            &told(&world, "backend"),
            &[
                "is not AZ balanced with 2 tasks in ap-northeast-1c, 0 tasks in ap-northeast-1a. AZ Rebalancing \
                 in progress.",
                "has started 1 tasks in ap-northeast-1a to AZ Rebalance: (task ",
                "has stopped 1 running tasks",
                "is AZ balanced with 1 tasks in ap-northeast-1a, 1 tasks in ap-northeast-1c.",
            ],
        );
    }
    let mut world = world(Scenario::AzOutage, 1);
    world.ecs.services[1].settings.rebalancing = false;
    pass(&mut world, 25 * 60);
    assert!(told(&world, "backend").iter().all(|text| !text.contains("AZ balanced")));
}

#[test]
fn a_failover_takes_as_long_as_those_that_were_measured() {
    let mut seen = Vec::new();
    for seed in 1..40 {
        let mut world = world(Scenario::Steady, seed);
        let now = world.now;
        reboot_db_instance(&mut world, "party-box-db", true, now).expect("accepted");
        let operation = world.rds.instances[0].operation.clone().expect("one");
        let writes = world.rds.client_outages.last().expect("one").writes_down_at;
        let seconds = |from: Time, to: Time| (to - from).as_seconds_f64();
        seen.push(seconds(writes, operation.up_at));
        assert!((0.0..=5.1).contains(&seconds(writes, operation.down_at)), "writes stop 0-5 s before reads");
        assert!((3.0..=5.0).contains(&seconds(operation.restarted_at, operation.up_at)));
        assert!((3.0..=42.0).contains(&seconds(operation.up_at, operation.complete_at)));
        assert!((11.0..=22.0).contains(&seconds(operation.complete_at, operation.available_at)));
        assert!((60.0..=540.0).contains(&seconds(now, operation.swap_at)));
    }
    assert!(seen.iter().all(|seconds| (13.0..=40.0).contains(seconds)), "{seen:?}");
    assert!(seen.iter().any(|it| *it < 20.0) && seen.iter().any(|it| *it > 33.0), "{seen:?}");
}

#[test]
fn what_writes_fails_before_what_reads() {
    let mut world = world(Scenario::Steady, 1);
    let now = world.now;
    reboot_db_instance(&mut world, "party-box-db", true, now).expect("accepted");
    let truth = world.rds.drills[0].clone();
    let (writes, reads) = (truth.writes_down_at.expect("one"), truth.api_down_at.expect("one"));
    assert!(writes < reads, "in this seed");
    let at = writes + (reads - writes) / 2;
    let reach = |writes| match route(&world, "/api/rooms", 0, at, writes) {
        Routed::Task { database, .. } => format!("{database:?}"),
        Routed::NoTarget | Routed::Fixed(_) => panic!("there are targets"),
    };
    assert_eq!((reach(true), reach(false)), ("Hangs".to_owned(), "Up".to_owned()));
}
