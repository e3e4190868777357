//! Deployments that do not simply succeed: one test for each scenario, and one for each way to end one.
use chrono::{DateTime, TimeDelta};

use crate::behaviour::advance;
use crate::behaviour::dataplane::{Routed, route};
use crate::behaviour::ecs::stop::{StopType, continue_deployment, stop_deployment};
use crate::behaviour::ecs::update_service::{ServiceChange, update_service};
use crate::behaviour::logs;
use crate::behaviour::metrics::{self, MetricQuery};
use crate::world::ecs::{
    HookAction, HookDetail, HookStatus, Monitor, RolloutState, Service, ServiceDeployment,
    ServiceDeploymentStatus as Status, Stage, Task,
};
use crate::world::elb::TargetState;
use crate::world::{DeploymentTruth, DeploymentVerdict as Verdict, TruthKind, World};
use crate::{Scenario, build_account};

const SEEDS: std::ops::Range<u64> = 1..9;

pub(super) fn world(scenario: Scenario, seed: u64) -> World {
    build_account(scenario, seed, DateTime::from_timestamp(1_781_000_017, 0).expect("a valid time"))
}

pub(super) fn pass(world: &mut World, seconds: i64) {
    let to = world.now + TimeDelta::seconds(seconds);
    advance(world, to);
}

pub(super) fn backend(world: &World) -> &Service {
    world.ecs.services.iter().find(|each| each.name == "backend").expect("the service")
}

/// The newest service deployment of `backend`.
pub(super) fn newest(world: &World) -> &ServiceDeployment {
    &backend(world).service_deployments[0]
}

/// Passes time until a condition holds; at most `most` seconds.
pub(super) fn until(world: &mut World, most: i64, what: &str, so: impl Fn(&World) -> bool) {
    for _ in 0..most {
        if so(world) {
            return;
        }
        pass(world, 1);
    }
    panic!("{what}: not within {most} s (seed {}): {:#?}", world.seed, told(world));
}

/// Runs the scenario's first deployment to its end and returns its truth.
fn play(world: &mut World, most: i64) -> DeploymentTruth {
    until(world, most, "an end", |world| {
        world.deployment_truths().first().is_some_and(|truth| truth.ended.is_some())
    });
    world.deployment_truths().remove(0)
}

pub(super) fn verdict(truth: &DeploymentTruth) -> Verdict {
    truth.ended.expect("it is over").1
}

/// The events of `backend` since the world began, oldest first.
fn told(world: &World) -> Vec<String> {
    let events = backend(world).events.iter().rev();
    events.filter(|event| event.created_at > world.began).map(|event| event.message.clone()).collect()
}

fn says(world: &World, text: &str) -> usize {
    told(world).iter().filter(|event| event.contains(text)).count()
}

/// The tasks that a deployment started and that failed; what the rollback stopped on its way is not among
/// them.
fn failed_tasks_of<'a>(world: &'a World, truth: &'a DeploymentTruth) -> Vec<&'a Task> {
    let tasks = tasks_of(world, truth);
    tasks.into_iter().filter(|task| task.stop_code != Some("ServiceSchedulerInitiated")).collect()
}

/// The tasks that a deployment started.
fn tasks_of<'a>(world: &'a World, truth: &'a DeploymentTruth) -> Vec<&'a Task> {
    backend(world).tasks_of(&truth.deployment).collect()
}

fn rolled_back_by_the_breaker(world: &World, truth: &DeploymentTruth) {
    assert_eq!(verdict(truth), Verdict::RolledBack);
    let record = newest(world);
    assert_eq!((record.arn.as_str(), record.status), (truth.arn.as_str(), Status::RollbackSuccessful));
    let reason = "Service deployment rolled back because the circuit breaker threshold was exceeded.";
    assert_eq!(record.status_reason.as_deref(), Some(reason));
    let rollback = record.rollback.as_ref().expect("a rollback");
    assert_eq!(rollback.reason, reason);
    assert_eq!(Some(&rollback.revision_arn), record.source_revisions.first());
    assert_eq!(record.breaker.status, Monitor::Triggered);
    assert!(record.breaker.failure_count == 3 && record.breaker.threshold == 3);
    let service = backend(world);
    assert_eq!(service.deployments.len(), 1);
    assert_ne!(service.deployments[0].id, truth.deployment);
    assert_eq!(service.running_count(), service.desired_count);
}

#[test]
fn an_image_that_was_never_pushed_is_rolled_back() {
    for seed in SEEDS {
        let mut world = world(Scenario::BadImage, seed);
        let truth = play(&mut world, 1000);
        rolled_back_by_the_breaker(&world, &truth);
        let took = (truth.ended.expect("over").0 - truth.started).num_seconds();
        assert!((600..=840).contains(&took), "about twelve minutes, throttled: {took} s");
        assert!(says(&world, " pending tasks.") > 0);
        let tasks = failed_tasks_of(&world, &truth);
        assert!(tasks.len() >= 3);
        for task in tasks {
            let reason = task.stopped_reason.as_deref().expect("a reason");
            assert!(
                reason
                    .starts_with("CannotPullContainerError: pull image manifest has been retried 7 time(s)"),
                "{reason}"
            );
            assert!(reason.ends_with("party-box/backend:1.24.0: not found"), "{reason}");
            assert_eq!((task.stop_code, task.container.exit_code), (Some("TaskFailedToStart"), None));
            assert_eq!((task.started_at, task.pull_stopped_at.is_some()), (None, true));
        }
        assert!(says(&world, "was unable to place a task. Reason: CannotPullContainerError: ") >= 3);
        assert_eq!(says(&world, "is unable to consistently start tasks successfully."), 1);
        assert_eq!(says(&world, "registered "), 0, "nothing of it was ever a target");
    }
}

#[test]
fn containers_that_crash_say_why_in_their_own_streams() {
    for seed in SEEDS {
        let mut world = world(Scenario::CrashLoop, seed);
        let truth = play(&mut world, 400);
        rolled_back_by_the_breaker(&world, &truth);
        let tasks = failed_tasks_of(&world, &truth);
        assert!(tasks.len() >= 3);
        for task in tasks {
            assert_eq!(task.stop_code, Some("EssentialContainerExited"));
            assert_eq!(task.stopped_reason.as_deref(), Some("Essential container in task exited"));
            assert_eq!(task.container.exit_code, Some(1));
            let (started, exited) =
                (task.started_at.expect("it ran"), task.execution_stopped_at.expect("it ended"));
            assert!((3..=8).contains(&(exited - started).num_seconds()));
            let stream = format!("ecs/backend/{}", task.id);
            let group = "/ecs/party-box-backend";
            let lines = logs::events(&world, group, &stream, world.began, world.now).expect("its stream");
            assert!(
                lines.iter().any(|line| line.message.contains("PrismaClientInitializationError")),
                "{lines:#?}"
            );
            assert!(lines.iter().all(|line| line.at <= exited));
            assert!(!lines.iter().any(|line| line.message.contains("SIGTERM")), "nobody stopped it");
            assert!(lines.windows(2).all(|pair| pair[0].sequence < pair[1].sequence), "{lines:#?}");
        }
        assert!(says(&world, "deregistered ") > 0);
    }
}

#[test]
fn a_slow_drain_takes_its_whole_delay_and_its_sockets_fade() {
    let connections = |world: &World| {
        let own = vec![("LoadBalancer".to_owned(), world.elb.load_balancers[0].dimension().to_owned())];
        let query = MetricQuery {
            namespace: "AWS/ApplicationELB",
            name: "ActiveConnectionCount",
            dimensions: &own,
            statistic: "Average",
            period: 60,
            start: world.now - TimeDelta::minutes(2),
            end: world.now,
        };
        metrics::query(world, &query).first().expect("a whole minute").1
    };
    for seed in SEEDS {
        let mut world = world(Scenario::SlowDrain, seed);
        let group = backend(&world).load_balancer.target_group_arn.clone();
        let draining =
            |world: &World| world.elb.target_group(&group).expect("it").count(TargetState::Draining);
        until(&mut world, 200, "draining", |world| draining(world) == 2);
        let (began, before) = (world.now, connections(&world));
        pass(&mut world, 280);
        assert_eq!(draining(&world), 2, "until the very end of the delay");
        let late = connections(&world);
        assert!(late < before * 0.9, "seed {seed}: {before} -> {late}");
        assert_eq!(newest(&world).status, Status::InProgress);
        assert_eq!(newest(&world).lifecycle_stage, Stage::CleanUp);
        let truth = play(&mut world, 200);
        assert_eq!(verdict(&truth), Verdict::Succeeded);
        assert!((truth.ended.expect("over").0 - began).num_seconds() >= 300);
        pass(&mut world, 180);
        assert!(connections(&world) > late, "everybody is back");
    }
}

fn paused(world: &World) -> Option<&HookDetail> {
    newest(world).hooks.iter().find(|hook| hook.status == HookStatus::AwaitingAction)
}

/// The tasks' deployments behind a path, as players reach them.
fn served_by(world: &World) -> Vec<String> {
    let mut found: Vec<String> = (0..8)
        .filter_map(|turn| match route(world, "/api/health", turn, world.now, false) {
            Routed::Task { task_id, .. } => {
                let task = backend(world).tasks.iter().find(|task| task.id == task_id)?;
                Some(task.started_by.clone())
            }
            Routed::NoTarget | Routed::Fixed(_) => None,
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn a_blue_green_deployment_pauses_shifts_bakes_and_cleans_up() {
    for seed in SEEDS {
        let mut world = world(Scenario::BlueGreen, seed);
        let old = backend(&world).deployments[0].id.clone();
        until(&mut world, 300, "the pause", |world| paused(world).is_some());
        let hook = paused(&world).expect("it").clone();
        let (arn, new) = (newest(&world).arn.clone(), backend(&world).deployments[0].id.clone());
        assert!(hook.id.starts_with("ecs-pause-") && hook.id.len() == 53, "{}", hook.id);
        assert_eq!(newest(&world).lifecycle_stage, Stage::PostTestTrafficShift);
        assert_eq!(served_by(&world), [old.as_str()], "players stay where they are");
        pass(&mut world, 120);
        assert_eq!(backend(&world).running_of(&old), 2, "both stand whole while it waits");
        assert_eq!(backend(&world).running_of(&new), 2);
        assert_eq!(newest(&world).status, Status::InProgress);
        let wrong = continue_deployment(&mut world, &arn, "ecs-pause-none", HookAction::Continue)
            .expect_err("no such");
        assert_eq!(wrong.code, "InvalidParameterException");
        continue_deployment(&mut world, &arn, &hook.id, HookAction::Continue).expect("accepted");
        let again =
            continue_deployment(&mut world, &arn, &hook.id, HookAction::Rollback).expect_err("answered");
        assert_eq!(again.code, "ClientException");
        let mut stages = vec![newest(&world).lifecycle_stage];
        let mut baked = 0;
        while newest(&world).status == Status::InProgress {
            pass(&mut world, 1);
            let stage = newest(&world).lifecycle_stage;
            if stages.last() != Some(&stage) {
                stages.push(stage);
            }
            if stage == Stage::BakeTime {
                baked += 1;
                assert_eq!(served_by(&world), [new.as_str()]);
                assert_eq!(backend(&world).running_of(&old), 2, "the way back stays open");
            }
        }
        assert_eq!(
            stages,
            [
                Stage::PostTestTrafficShift,
                Stage::ProductionTrafficShift,
                Stage::PostProductionTrafficShift,
                Stage::BakeTime,
                Stage::CleanUp
            ]
        );
        assert!((300..=310).contains(&baked), "{baked}");
        assert_eq!(newest(&world).status, Status::Successful);
        assert_eq!(newest(&world).alarms.status, Monitor::Complete);
        let truth = world.deployment_truths().remove(0);
        assert_eq!(verdict(&truth), Verdict::Succeeded);
        let service = backend(&world);
        assert_ne!(service.serving_group_arn, service.load_balancer.target_group_arn);
        assert_eq!(service.running_count(), 2);
        // The next one comes back to the first group.
        let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
        update_service(&mut world, "party-box", "backend", &change).expect("accepted");
        until(&mut world, 300, "the second pause", |world| paused(world).is_some());
        let revision = backend(&world).revision(&newest(&world).target_revision).expect("it");
        assert_eq!(revision.target_group_arn, backend(&world).load_balancer.target_group_arn);
    }
}

#[test]
fn a_pause_rolls_back_when_told_to_and_when_nobody_answers() {
    for answered in [true, false] {
        let mut world = world(Scenario::BlueGreen, 3);
        let old = backend(&world).deployments[0].id.clone();
        until(&mut world, 300, "the pause", |world| paused(world).is_some());
        let (hook, arn) = (paused(&world).expect("it").clone(), newest(&world).arn.clone());
        if answered {
            continue_deployment(&mut world, &arn, &hook.id, HookAction::Rollback).expect("accepted");
        } else {
            assert_eq!((hook.expires_at - world.now).num_minutes(), 15);
        }
        let truth = play(&mut world, 1200);
        assert_eq!(verdict(&truth), Verdict::RolledBack);
        let record = newest(&world);
        assert_eq!(record.status, Status::RollbackSuccessful);
        let status = if answered { HookStatus::Failed } else { HookStatus::TimedOut };
        assert_eq!(record.hooks[0].status, status);
        assert_eq!(record.breaker.status, Monitor::Complete, "it was not the circuit breaker");
        assert!(record.status_reason.as_deref().expect("a reason").contains("POST_TEST_TRAFFIC_SHIFT"));
        assert_eq!(served_by(&world), [old.as_str()]);
        assert_eq!(backend(&world).running_of(&truth.deployment), 0);
        assert_eq!(backend(&world).deployments[0].id, old);
    }
}

#[test]
fn a_blue_green_rollback_during_the_bake_turns_the_traffic_back_at_once() {
    let mut world = world(Scenario::BlueGreen, 5);
    let old = backend(&world).deployments[0].id.clone();
    until(&mut world, 300, "the pause", |world| paused(world).is_some());
    let (hook, arn) = (paused(&world).expect("it").clone(), newest(&world).arn.clone());
    continue_deployment(&mut world, &arn, &hook.id, HookAction::Continue).expect("accepted");
    until(&mut world, 120, "the bake", |world| newest(world).lifecycle_stage == Stage::BakeTime);
    stop_deployment(&mut world, &arn, StopType::Rollback).expect("accepted");
    assert_eq!(newest(&world).status, Status::RollbackRequested);
    pass(&mut world, 2);
    assert_eq!(newest(&world).status, Status::RollbackInProgress);
    assert_eq!(served_by(&world), [old]);
    assert_eq!(verdict(&play(&mut world, 300)), Verdict::RolledBack);
}

#[test]
fn a_newer_blue_green_deployment_clears_the_interrupted_one_away_first() {
    // Interrupted once before the traffic turned, and once after.
    for shifted in [false, true] {
        let mut world = world(Scenario::BlueGreen, 4);
        until(&mut world, 300, "the pause", |world| paused(world).is_some());
        if shifted {
            let (hook, arn) = (paused(&world).expect("it").id.clone(), newest(&world).arn.clone());
            continue_deployment(&mut world, &arn, &hook, HookAction::Continue).expect("accepted");
            until(&mut world, 120, "the bake", |world| newest(world).lifecycle_stage == Stage::BakeTime);
        }
        let serving = served_by(&world);
        let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
        update_service(&mut world, "party-box", "backend", &change).expect("accepted");
        assert_eq!(newest(&world).lifecycle_stage, Stage::ReconcileService);
        until(&mut world, 300, "the second pause", |world| paused(world).is_some());
        assert_eq!(served_by(&world), serving, "players noticed nothing");
        let (hook, arn) = (paused(&world).expect("it").id.clone(), newest(&world).arn.clone());
        continue_deployment(&mut world, &arn, &hook, HookAction::Continue).expect("accepted");
        until(&mut world, 600, "an end", |world| newest(world).status.is_over());
        let verdicts: Vec<Verdict> = world.deployment_truths().iter().map(verdict).collect();
        assert_eq!(verdicts, [Verdict::Superseded, Verdict::Succeeded]);
        assert_eq!((backend(&world).running_count(), backend(&world).deployments.len()), (2, 1));
    }
}

#[test]
fn a_deployment_alarm_rolls_back() {
    let mut world = world(Scenario::BlueGreen, 2);
    until(&mut world, 300, "the pause", |world| paused(world).is_some());
    let alarm = world.cloudwatch.alarms.iter_mut().find(|alarm| alarm.name == "party-box-alb-5xx");
    alarm.expect("the alarm").state = crate::world::cloudwatch::AlarmState::Alarm;
    let truth = play(&mut world, 300);
    assert_eq!(verdict(&truth), Verdict::RolledBack);
    let watch = &newest(&world).alarms;
    assert_eq!((watch.status, watch.triggered.len()), (Monitor::Triggered, 1));
    assert_eq!(says(&world, "deployment failed: alarm detected."), 1);
}

#[test]
fn a_colleagues_deployment_takes_over() {
    for seed in SEEDS {
        let mut world = world(Scenario::Superseded, seed);
        let first = play(&mut world, 200);
        assert_eq!(verdict(&first), Verdict::Superseded);
        assert!((25..=45).contains(&(world.now - first.started).num_seconds()));
        until(&mut world, 400, "both ends", |world| {
            world.deployment_truths().iter().all(|truth| truth.ended.is_some())
        });
        let truths = world.deployment_truths();
        assert_eq!(truths.len(), 2);
        assert_eq!(verdict(&truths[1]), Verdict::Succeeded);
        let records = &backend(&world).service_deployments;
        assert_eq!((records[0].status, records[1].status), (Status::Successful, Status::Stopped));
        assert!(records[1].stopped_at.is_some() && records[1].rollback.is_none());
        assert!(backend(&world).task_definition.ends_with(":25"));
    }
}

#[test]
fn the_operators_own_deployment_is_the_one_that_is_superseded() {
    let mut world = world(Scenario::Superseded, 1);
    pass(&mut world, 10);
    let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
    update_service(&mut world, "party-box", "backend", &change).expect("accepted");
    let own = newest(&world).arn.clone();
    let truth = play(&mut world, 200);
    assert_eq!((truth.arn, world.deployment_truths().len()), (own, 2));
}

#[test]
fn target_tracking_undoes_what_is_scaled_by_hand() {
    for seed in SEEDS {
        let mut world = world(Scenario::Autoscale, seed);
        until(&mut world, 600, "a scale-out", |world| backend(world).desired_count >= 4);
        until(&mut world, 300, "the colleague", |world| backend(world).desired_count == 2);
        assert_eq!((world.now - world.began).num_seconds(), 620);
        until(&mut world, 600, "the answer", |world| backend(world).desired_count >= 4);
        let scaled = world
            .truth
            .iter()
            .filter(|truth| matches!(&truth.what, TruthKind::Scaled { service, .. } if service == "backend"));
        assert!(scaled.count() >= 2);
        assert!(backend(&world).desired_count <= 10);
        assert!(world.deployment_truths().is_empty(), "scaling makes no deployment");
    }
}

#[test]
fn suspended_scaling_leaves_the_count_alone() {
    let mut world = world(Scenario::Autoscale, 1);
    for target in &mut world.scaling.targets {
        target.suspended.dynamic_out = true;
    }
    pass(&mut world, 600);
    assert_eq!(backend(&world).desired_count, 2);
}

#[test]
fn without_capacity_a_deployment_waits_and_then_goes_on_or_back() {
    let mut seen = [0, 0];
    for seed in 1..21 {
        let mut world = world(Scenario::NoCapacity, seed);
        until(&mut world, 60, "a refusal", |world| {
            says(world, "was unable to place a task. Reason: Capacity is unavailable at this time.") > 0
        });
        assert_eq!(newest(&world).status, Status::InProgress);
        assert_eq!(tasks_of(&world, &world.deployment_truths()[0]).len(), 0);
        let short = world.no_capacity_until.expect("a shortage") - world.began;
        let truth = play(&mut world, 900);
        if short.num_seconds() <= 20 + 75 {
            seen[0] += 1;
            assert_eq!(verdict(&truth), Verdict::Succeeded, "seed {seed}");
        } else {
            seen[1] += 1;
            rolled_back_by_the_breaker(&world, &truth);
        }
    }
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

#[test]
fn a_full_vpc_is_told_and_not_silent() {
    let mut world = world(Scenario::Steady, 1);
    for subnet in &mut world.network.subnets {
        subnet.other_addresses = 250;
    }
    let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
    update_service(&mut world, "party-box", "backend", &change).expect("accepted");
    let truth = play(&mut world, 400);
    rolled_back_by_the_breaker(&world, &truth);
    assert!(says(&world, "InsufficientFreeAddressesInSubnet") >= 3);
}

#[test]
fn a_deployment_is_pending_first_and_can_be_aborted() {
    let mut world = world(Scenario::Steady, 4);
    let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
    update_service(&mut world, "party-box", "backend", &change).expect("accepted");
    let arn = newest(&world).arn.clone();
    assert_eq!((newest(&world).status, newest(&world).started_at), (Status::Pending, None));
    pass(&mut world, 1);
    assert_eq!((newest(&world).status, newest(&world).started_at), (Status::InProgress, Some(world.now)));
    pass(&mut world, 40);
    stop_deployment(&mut world, &arn, StopType::Abort).expect("accepted");
    assert_eq!(newest(&world).status, Status::StopRequested);
    pass(&mut world, 2);
    assert_eq!(newest(&world).status, Status::Stopped);
    assert_eq!(verdict(&world.deployment_truths()[0]), Verdict::Stopped);
    pass(&mut world, 600);
    let service = backend(&world);
    assert_eq!(service.deployments.len(), 2, "both revisions stay");
    assert_eq!(service.deployments[0].rollout_state, RolloutState::Failed);
    assert!(service.running_count() >= 2);
    // The next deployment clears up.
    update_service(&mut world, "party-box", "backend", &change).expect("accepted");
    pass(&mut world, 600);
    assert_eq!((backend(&world).deployments.len(), backend(&world).running_count()), (1, 2));
    assert_eq!(verdict(&world.deployment_truths()[1]), Verdict::Succeeded);
}

#[test]
fn without_rollback_a_failed_deployment_is_stopped_where_it_is() {
    let mut world = world(Scenario::CrashLoop, 6);
    world.ecs.services[1].configuration.rollback = false;
    let truth = play(&mut world, 400);
    assert_eq!(verdict(&truth), Verdict::Failed);
    assert_eq!(newest(&world).status, Status::Stopped);
    assert_eq!(newest(&world).breaker.status, Monitor::Triggered);
    assert!(newest(&world).stopped_at.is_some() && newest(&world).rollback.is_none());
    pass(&mut world, 300);
    let old = &backend(&world).deployments[1];
    assert_eq!(backend(&world).running_of(&old.id), 2, "the old tasks serve on");
}

#[test]
fn with_nothing_to_return_to_a_rollback_fails() {
    let mut world = world(Scenario::CrashLoop, 6);
    world.ecs.services[1].service_deployments.clear();
    let truth = play(&mut world, 400);
    assert_eq!(verdict(&truth), Verdict::RollbackFailed);
    assert_eq!(newest(&world).status, Status::RollbackFailed);
    let reason = newest(&world).status_reason.as_deref();
    assert_eq!(reason, Some("No rollback candidate was found to run the rollback."));
}

#[test]
fn scaling_to_zero_in_a_deployment_proves_nothing() {
    let mut world = world(Scenario::Steady, 2);
    let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
    update_service(&mut world, "party-box", "backend", &change).expect("accepted");
    pass(&mut world, 20);
    let change = ServiceChange { desired_count: Some(0), ..ServiceChange::default() };
    update_service(&mut world, "party-box", "backend", &change).expect("accepted");
    assert_eq!(verdict(&play(&mut world, 300)), Verdict::ScaledToZero);
    assert_eq!(newest(&world).status, Status::Successful, "that is what AWS says");
}

#[test]
fn the_past_weeks_have_deployments_to_learn_from() {
    for scenario in [Scenario::Steady, Scenario::SlowDrain, Scenario::BlueGreen] {
        let world = world(scenario, 1);
        let records = &backend(&world).service_deployments;
        assert_eq!(records.len(), 10);
        assert!(records.windows(2).all(|pair| pair[0].created_at > pair[1].created_at));
        let lasted = |record: &ServiceDeployment| {
            (record.finished_at.expect("over") - record.created_at).num_seconds()
        };
        let expected = match scenario {
            Scenario::SlowDrain => 348..=372,
            Scenario::BlueGreen => 453..=832,
            _ => 48..=72,
        };
        for record in records.iter().filter(|record| record.status == Status::Successful) {
            assert!(expected.contains(&lasted(record)), "{scenario}: {}", lasted(record));
        }
        let back: Vec<_> = records.iter().filter(|it| it.status == Status::RollbackSuccessful).collect();
        assert_eq!(back.len(), 1);
        assert!(records.iter().all(|it| backend(&world).revision(&it.target_revision).is_some()));
        assert!(world.began - records[9].created_at > TimeDelta::weeks(3));
    }
}
