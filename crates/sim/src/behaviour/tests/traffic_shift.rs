//! Linear and canary deployments: the traffic's steps, and what reverts them.
use super::rollouts::{backend, newest, pass, until, verdict, world};
use crate::Scenario;
use crate::behaviour::ecs::stop::{StopType, stop_deployment};
use crate::behaviour::ecs::update_service::{ServiceChange, update_service};
use crate::world::ecs::{ServiceDeploymentStatus as Status, Stage};
use crate::world::elb::Action;
use crate::world::{DeploymentVerdict as Verdict, World};

/// The percentage of production traffic that the newest revision has, by the load balancer's rule.
fn share(world: &World) -> u32 {
    let service = backend(world);
    let group = &service.revision(&newest(world).target_revision).expect("it").target_group_arn;
    let rule = &service.load_balancer.advanced.as_ref().expect("two groups").production_listener_rule;
    let action = &world.elb.rules.iter().find(|it| it.arn == *rule).expect("the rule").action;
    let Action::Split { target_groups } = action else { panic!("{action:?}") };
    assert_eq!(target_groups.iter().map(|(_, weight)| weight).sum::<u32>(), 100);
    target_groups.iter().find(|(arn, _)| arn == group).expect("the group").1
}

#[test]
fn linear_and_canary_deployments_shift_the_traffic_step_by_step() {
    // (percent, seconds that it stays so at least and at most)
    let steps = |scenario| match scenario {
        Scenario::Linear => vec![(25, 60..=65), (50, 60..=65), (75, 60..=65)],
        _ => vec![(10, 240..=245)],
    };
    for (scenario, seed) in [(Scenario::Linear, 1), (Scenario::Canary, 2), (Scenario::Linear, 3)] {
        let mut world = world(scenario, seed);
        let old = backend(&world).deployments[0].id.clone();
        until(&mut world, 300, "the first step", |world| {
            newest(world).lifecycle_stage == Stage::ProductionTrafficShift
        });
        let mut seen: Vec<(u32, i64)> = Vec::new();
        while newest(&world).status == Status::InProgress {
            let now = share(&world);
            match seen.last_mut() {
                Some((share, seconds)) if *share == now => *seconds += 1,
                _ => seen.push((now, 1)),
            }
            if now < 100 {
                assert_eq!(newest(&world).lifecycle_stage, Stage::ProductionTrafficShift);
                assert_eq!(backend(&world).running_of(&old), 2, "the old ones still have traffic");
            }
            pass(&mut world, 1);
        }
        assert_eq!(seen.pop().map(|(share, _)| share), Some(100));
        for ((share, seconds), (meant, span)) in seen.iter().zip(steps(scenario)) {
            assert!(*share == meant && span.contains(seconds), "{scenario}: {seen:?}");
        }
        assert_eq!(seen.len(), steps(scenario).len(), "{seen:?}");
        assert_eq!(verdict(&world.deployment_truths()[0]), Verdict::Succeeded);
    }
}

#[test]
fn a_rollback_or_a_newer_deployment_amid_the_steps_gives_the_traffic_back() {
    for stop in [true, false] {
        let mut world = world(Scenario::Linear, 4);
        let own = backend(&world).serving_group_arn.clone();
        until(&mut world, 600, "half of it", |world| newest(world).shifted.0 == 50);
        if stop {
            let arn = newest(&world).arn.clone();
            stop_deployment(&mut world, &arn, StopType::Rollback).expect("accepted");
            until(&mut world, 10, "the way back", |world| newest(world).rollback.is_some());
        } else {
            let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
            update_service(&mut world, "party-box", "backend", &change).expect("accepted");
        }
        assert_eq!(share(&world), 0);
        assert_eq!(backend(&world).serving_group_arn, own);
        let first = |world: &World| world.deployment_truths()[0].clone();
        until(&mut world, 900, "its end", |world| first(world).ended.is_some());
        let meant = if stop { Verdict::RolledBack } else { Verdict::Superseded };
        assert_eq!(verdict(&first(&world)), meant);
        if !stop {
            until(&mut world, 900, "the next one's end", |world| newest(world).status == Status::Successful);
        }
    }
}
