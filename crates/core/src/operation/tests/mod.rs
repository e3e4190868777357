//! Operations followed to their verdict, reading by reading, with a fixed clock.

use super::*;
use crate::diagnosis::Rollouts;
use crate::domain::samples::{DB, Sample, at, deployment, error, event, failover_event, target};
use crate::domain::{CircuitBreaker, ErrorKind, Failure, FieldChange, PartyBox, Store, Topic};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::time::Duration;

mod failovers;
mod plans;

const OURS: &str = "ecs-svc/backend-2";
const BEFORE: &str = "ecs-svc/backend-1";

/// Accepted at second 0 of the tests' clock, at monotonic 1000 s.
fn tracked(action: Action, accepted: Accepted) -> Tracked {
    Tracked {
        id: 1,
        action,
        title: "it".into(),
        at: at(0),
        sent: Duration::from_secs(1000),
        stage: OperationStage::Following,
        accepted: Some(accepted),
        progress: Progress::default(),
    }
}

fn scaling(to: u32) -> Tracked {
    let action = Action::Scale { cluster: "party-box".into(), service: "backend".into(), from: 2, to };
    tracked(action, Accepted::Scaled(to))
}

fn redeploying() -> Tracked {
    let action =
        Action::Redeploy { cluster: "party-box".into(), service: "backend".into(), primary: BEFORE.into() };
    tracked(action, Accepted::Redeployed(Some(OURS.into())))
}

fn failing_over() -> Tracked {
    let action = Action::Failover { database: DB.into(), zone: Some("ap-northeast-1a".into()) };
    tracked(action, Accepted::FailoverAccepted("rebooting".into()))
}

/// One round: everything is read `seconds` after acceptance.
fn look(tracked: &mut Tracked, sample: &Sample, seconds: u32) -> Option<Verdict> {
    let mono = Duration::from_secs(1000 + u64::from(seconds));
    let now = at(i64::from(seconds));
    followed(tracked, &lacking(sample).store(mono, now), now)
}

/// The same account on an endpoint without service deployments.
fn lacking(sample: &Sample) -> Sample {
    Sample { lacking: true, ..sample.clone() }
}

/// One look at what was read, by a program that has seen nothing else.
fn followed(tracked: &mut Tracked, store: &Store, now: DateTime<Utc>) -> Option<Verdict> {
    let party_box = PartyBox::join(store);
    let mut rollouts = Rollouts::default();
    pin(tracked, &party_box, &mut rollouts);
    for node in &party_box.services {
        rollouts.observe(store, &party_box, &node.service().name, now);
    }
    follow(tracked, store, &party_box, &rollouts, now)
}

/// The rollout of our deployment, half way.
fn rolling() -> Sample {
    let mut sample = Sample::healthy();
    let service = sample.service("backend");
    service.deployments[0].status = "ACTIVE".into();
    service.deployments.insert(0, made(OURS, "PRIMARY", "IN_PROGRESS"));
    sample
}

fn made(id: &str, status: &str, rollout: &str) -> crate::domain::Deployment {
    crate::domain::Deployment {
        created_at: Some(at(1)),
        updated_at: Some(at(1)),
        ..deployment(id, status, rollout)
    }
}

#[test]
fn a_scale_succeeds_once_tasks_and_targets_are_as_many_as_asked() {
    let mut it = scaling(3);
    let mut sample = Sample::healthy();
    assert_eq!(look(&mut it, &sample, 1), None, "AWS may still show the old number");
    sample.service("backend").desired = 3;
    assert_eq!(look(&mut it, &sample, 5), None);
    sample.service("backend").running = 3;
    sample.targets_of("backend").push(target("backend", 3, "initial"));
    assert_eq!(look(&mut it, &sample, 30), None, "a task that serves nothing yet is no success");
    assert_eq!(it.progress.text, "3 of 3 running, 2 healthy");
    sample.targets_of("backend")[2].state = "healthy".into();
    assert_eq!(look(&mut it, &sample, 60), Some(Verdict::Succeeded));
}

#[test]
fn a_scale_down_waits_for_the_drain() {
    let mut it = scaling(1);
    let mut sample = Sample::healthy();
    let service = sample.service("backend");
    (service.desired, service.running) = (1, 1);
    assert_eq!(look(&mut it, &sample, 3), None, "targets not yet told of the leaving one");
    sample.targets_of("backend")[1].state = "unhealthy".into();
    assert_eq!(look(&mut it, &sample, 4), None, "one healthy, and one that has not left yet");
    sample.targets_of("backend")[1].state = "draining".into();
    assert_eq!(look(&mut it, &sample, 6), None);
    sample.targets_of("backend").pop();
    assert_eq!(look(&mut it, &sample, 300), Some(Verdict::Succeeded));
}

#[test]
fn a_scale_is_superseded_timed_out_or_gone() {
    let mut sample = Sample::healthy();
    sample.service("backend").desired = 5;
    assert!(matches!(look(&mut scaling(3), &sample, 3), Some(Verdict::Superseded(why)) if why.contains('5')));

    let back = Sample::healthy();
    assert!(
        matches!(look(&mut scaling(3), &back, 61), Some(Verdict::Superseded(_))),
        "set back to what it was"
    );

    sample.service("backend").desired = 3;
    let mut it = scaling(3);
    assert_eq!(look(&mut it, &sample, 20 * 60), None);
    assert_eq!(look(&mut it, &sample, 20 * 60 + 1), Some(Verdict::TimedOut));

    sample.services.retain(|s| s.name != "backend");
    assert!(matches!(look(&mut scaling(3), &sample, 3), Some(Verdict::Failed(_))));
}

#[test]
fn only_readings_asked_for_after_acceptance_count() {
    let mut done = Sample::healthy();
    done.service("backend").deployments = vec![made(OURS, "PRIMARY", "COMPLETED")];
    let mut it = redeploying();
    let store = lacking(&done).store(Duration::from_millis(999_999), at(0));
    assert_eq!(followed(&mut it, &store, at(1)), None);
    let store = lacking(&done).store(Duration::from_secs(1000), at(0));
    assert_eq!(followed(&mut it, &store, at(1)), Some(Verdict::Succeeded));
}

#[test]
fn a_redeploy_succeeds_only_by_its_own_deployment() {
    let mut it = redeploying();
    assert_eq!(
        look(&mut it, &Sample::healthy(), 2),
        None,
        "the old deployment is stable: that is no success"
    );
    let mut sample = rolling();
    assert_eq!(look(&mut it, &sample, 5), None);
    sample.service("backend").deployments[0].rollout_state = Some("COMPLETED".into());
    assert_eq!(look(&mut it, &sample, 60), None, "the old one still drains");
    sample.service("backend").deployments.pop();
    sample.service("backend").pending = 1;
    assert_eq!(look(&mut it, &sample, 63), None);
    sample.service("backend").pending = 0;
    assert_eq!(look(&mut it, &sample, 66), Some(Verdict::Succeeded));
    assert_eq!(it.stage, OperationStage::Ended(Verdict::Succeeded));
}

#[test]
fn a_stable_service_is_never_taken_for_success() {
    let mut it = redeploying();
    for second in [1, 30, 59] {
        assert_eq!(look(&mut it, &Sample::healthy(), second), None);
    }
    assert!(matches!(look(&mut it, &Sample::healthy(), 61), Some(Verdict::Superseded(_))));
}

fn rolls_back_to(primary: &str, told: bool) -> Sample {
    let mut sample = Sample::healthy();
    let service = sample.service("backend");
    let mut back = made(primary, "PRIMARY", "IN_PROGRESS");
    back.rollout_reason =
        Some(format!("ECS deployment circuit breaker: rolling back to deploymentId {primary}."));
    let mut failed = made(OURS, "ACTIVE", "FAILED");
    failed.rollout_reason = Some("ECS deployment circuit breaker: tasks failed to start.".into());
    service.deployments = vec![back, failed];
    if told {
        let text = format!("(service backend) (deployment {OURS}) deployment failed: tasks failed to start.");
        service.events.insert(0, event(100, &text));
        let text = format!("(service backend) rolling back to deployment {primary}.");
        service.events.insert(0, event(100, &text));
    }
    sample
}

#[test]
fn a_rollback_is_told_whatever_id_it_goes_back_to_and_however_late_it_is_seen() {
    let rolled_back = |v: Option<Verdict>| matches!(v, Some(Verdict::RolledBack(why)) if why.contains("tasks failed to start"));
    for primary in [BEFORE, "ecs-svc/backend-3"] {
        for told in [true, false] {
            let sample = rolls_back_to(primary, told);
            assert!(rolled_back(look(&mut redeploying(), &sample, 103)), "{primary}, told by event: {told}");
        }
        // The next poll comes late: our deployment has left the list, the rollback says COMPLETED.
        let mut late = rolls_back_to(primary, true);
        let service = late.service("backend");
        service.deployments.truncate(1);
        service.deployments[0].rollout_state = Some("COMPLETED".into());
        service.deployments[0].rollout_reason = Some(format!("ECS deployment {primary} completed."));
        assert!(rolled_back(look(&mut redeploying(), &late, 400)), "{primary}, seen late");
        // Late, and the events are missing: only the sentence of the new PRIMARY tells.
        let mut silent = rolls_back_to(primary, false);
        silent.service("backend").deployments.truncate(1);
        assert!(
            matches!(look(&mut redeploying(), &silent, 400), Some(Verdict::RolledBack(_))),
            "{primary}, silent"
        );
    }
}

#[test]
fn a_failed_deployment_waits_for_the_breakers_rollback_then_is_failed() {
    let mut sample = rolling();
    let ours = &mut sample.service("backend").deployments[0];
    ours.rollout_state = Some("FAILED".into());
    ours.updated_at = Some(at(100));
    let mut it = redeploying();
    assert_eq!(look(&mut it, &sample, 101), None, "the rollback begins a moment later");
    assert!(matches!(look(&mut it, &rolls_back_to(BEFORE, true), 104), Some(Verdict::RolledBack(_))));
    assert!(matches!(look(&mut redeploying(), &sample, 221), Some(Verdict::Failed(_))));
    sample.service("backend").circuit_breaker = Some(CircuitBreaker { enable: true, rollback: false });
    assert!(matches!(look(&mut redeploying(), &sample, 101), Some(Verdict::Failed(_))));
}

#[test]
fn a_colleagues_deployment_supersedes_ours_also_when_theirs_is_rolled_back() {
    let theirs = "ecs-svc/backend-9";
    let mut sample = rolling();
    let service = sample.service("backend");
    service.deployments[0].status = "ACTIVE".into();
    service.deployments.insert(0, made(theirs, "PRIMARY", "IN_PROGRESS"));
    assert_eq!(
        look(&mut redeploying(), &sample, 50),
        Some(Verdict::Superseded(format!("{theirs} took over")))
    );

    let mut sample = rolls_back_to(BEFORE, false);
    let service = sample.service("backend");
    service.deployments.truncate(1);
    let text = format!("(service backend) (deployment {theirs}) deployment failed: tasks failed to start.");
    service.events.insert(0, event(90, &text));
    service.events.insert(0, event(90, &format!("(service backend) rolling back to deployment {BEFORE}.")));
    assert!(matches!(look(&mut redeploying(), &sample, 100), Some(Verdict::Superseded(_))));
}

#[test]
fn a_deployment_that_came_and_went_between_two_polls_is_told_by_its_events() {
    let mut sample = Sample::healthy();
    let service = sample.service("backend");
    service.deployments = vec![made("ecs-svc/backend-9", "PRIMARY", "IN_PROGRESS")];
    let text = format!("(service backend) (deployment {OURS}) deployment completed.");
    service.events.insert(0, event(200, &text));
    assert_eq!(look(&mut redeploying(), &sample, 300), Some(Verdict::Succeeded));
}

#[test]
fn an_answer_without_the_new_id_learns_it_from_the_readings() {
    let unnamed = || Tracked { accepted: Some(Accepted::Redeployed(None)), ..redeploying() };
    let mut it = unnamed();
    assert_eq!(look(&mut it, &Sample::healthy(), 1), None);
    assert_eq!(look(&mut it, &rolling(), 4), None);
    assert_eq!(it.accepted, Some(Accepted::Redeployed(Some(OURS.into()))));
    assert!(matches!(look(&mut unnamed(), &Sample::healthy(), 61), Some(Verdict::Unclear(_))));
}

#[test]
fn a_failover_succeeds_by_event_or_by_zone_never_by_being_available() {
    let mut it = failing_over();
    let mut sample = Sample::healthy();
    sample.db_events = vec![failover_event(-3000, "Multi-AZ instance failover completed.")];
    assert_eq!(look(&mut it, &sample, 5), None, "available, and the last drill's event is there");
    sample.writer().status = "rebooting".into();
    sample.db_events.push(failover_event(8, "Multi-AZ instance failover started."));
    assert_eq!(look(&mut it, &sample, 10), None);
    sample.db_events.push(failover_event(70, "Multi-AZ instance failover completed."));
    assert_eq!(look(&mut it, &sample, 71), None, "it still reboots");
    sample.writer().status = "available".into();
    assert_eq!(look(&mut it, &sample, 74), Some(Verdict::Succeeded));

    let mut flipped = Sample::healthy();
    flipped.writer().zone = Some("ap-northeast-1c".into());
    assert_eq!(look(&mut failing_over(), &flipped, 90), Some(Verdict::Succeeded));

    let mut standby = Sample::healthy();
    standby.db_events = vec![failover_event(
        70,
        "Multi-AZ failover to standby complete - DNS propagation may take a few minutes.",
    )];
    assert_eq!(look(&mut failing_over(), &standby, 90), Some(Verdict::Succeeded));
}

#[test]
fn a_failover_may_be_abandoned_or_never_seen_to_end() {
    let mut sample = Sample::healthy();
    let text =
        "Abandoning user requested failover since a failover recently occurred on the database instance.";
    sample.db_events = vec![failover_event(2, text)];
    assert_eq!(look(&mut failing_over(), &sample, 5), Some(Verdict::NothingHappened(text.into())));

    let mut it = failing_over();
    assert_eq!(look(&mut it, &Sample::healthy(), 20 * 60), None);
    assert_eq!(look(&mut it, &Sample::healthy(), 20 * 60 + 1), Some(Verdict::TimedOut));
    sample.db_events = vec![failover_event(1300, "Multi-AZ instance failover completed.")];
    assert_eq!(look(&mut it, &sample, 1301), None, "a verdict is never taken back");
    assert_eq!(it.stage, OperationStage::Ended(Verdict::TimedOut));
}

#[test]
fn time_runs_out_though_nothing_can_be_read() {
    let mut store = Sample::healthy().store(Duration::from_secs(1), at(-999));
    let slot = store.slot_mut(&Topic::Services);
    slot.failure = Some(Failure { error: error(ErrorKind::Unreachable), since: Duration::ZERO, count: 9 });
    let mut it = scaling(3);
    assert_eq!(followed(&mut it, &store, at(1200)), None);
    assert_eq!(followed(&mut it, &store, at(1201)), Some(Verdict::TimedOut));
}

/// The worst checks of a plan.
fn worst(plan: &Plan, outcome: CheckResult) -> Vec<&str> {
    plan.checks.iter().filter(|c| c.outcome == outcome).map(|c| c.text.as_str()).collect()
}

fn with_plan(
    sample: &Sample,
    read_only: bool,
    age: u32,
    make: impl Fn(plan::PlanContext<'_>) -> Result<Plan, String>,
    look: impl FnOnce(Result<Plan, String>),
) {
    let store = sample.store(Duration::ZERO, at(0));
    let party_box = PartyBox::join(&store);
    let mut rollouts = Rollouts::default();
    rollouts.observe(&store, &party_box, "backend", at(0));
    look(make(plan::PlanContext {
        store: &store,
        party_box: &party_box,
        rollouts: &rollouts,
        past: &[],
        simulated: false,
        drill: None,
        denied: &BTreeMap::new(),
        account: Some("123456789012"),
        cluster: "party-box",
        region: "ap-northeast-1",
        read_only,
        now: at(i64::from(age)),
    }));
}

#[test]
fn a_healthy_party_box_blocks_nothing() {
    let sample = Sample::healthy();
    with_plan(
        &sample,
        false,
        5,
        |c| plan::scale(c, "backend", 4),
        |plan| {
            let plan = plan.expect("a plan");
            assert!(!plan.blocked());
            assert_eq!(plan.changes, [FieldChange::new("desired tasks", "2", "4")]);
            assert_eq!((plan.account.as_str(), plan.region.as_str()), ("123456789012", "ap-northeast-1"));
            assert!(plan.request.ends_with("desiredCount=4"));
            assert_eq!(worst(&plan, CheckResult::Warn), [""; 0]);
        },
    );
    with_plan(
        &sample,
        false,
        5,
        |c| plan::redeploy(c, "backend"),
        |plan| {
            assert!(!plan.expect("a plan").blocked());
        },
    );
    with_plan(
        &sample,
        false,
        5,
        |c| plan::failover(c, DB),
        |plan| {
            let plan = plan.expect("a plan");
            assert!(!plan.blocked());
            assert_eq!(plan.confirm, Confirm::Type(DB.into()));
            assert_eq!(plan.changes[0], FieldChange::new("writer zone", "1a", "1c"));
        },
    );
}

#[test]
fn what_cannot_work_is_blocked_with_its_reason() {
    type Make = fn(plan::PlanContext<'_>) -> Result<Plan, String>;
    type Change = fn(&mut Sample);
    let scale: Make = |c| plan::scale(c, "backend", 4);
    let redeploy: Make = |c| plan::redeploy(c, "backend");
    let failover: Make = |c| plan::failover(c, DB);
    let replica: Make = |c| plan::failover(c, "party-box-db-replica");
    let table: [(&str, Make, Change, bool, u32); 9] = [
        ("--read-only", scale, |_| {}, true, 5),
        ("--read-only", failover, |_| {}, true, 5),
        ("too old", scale, |_| {}, false, 241),
        ("too old", failover, |_| {}, false, 241),
        (
            "controlled by CodeDeploy",
            redeploy,
            |s| s.service("backend").controller = "CODE_DEPLOY".into(),
            false,
            5,
        ),
        ("not Multi-AZ", failover, |s| s.writer().multi_az = false, false, 5),
        ("status is backing-up", failover, |s| s.writer().status = "backing-up".into(), false, 5),
        ("read replica of party-box-db", replica, |_| {}, false, 5),
        ("member of cluster c1", failover, |s| s.writer().cluster = Some("c1".into()), false, 5),
    ];
    for (reason, make, change, read_only, age) in table {
        let mut sample = Sample::healthy();
        change(&mut sample);
        with_plan(&sample, read_only, age, make, |plan| {
            let plan = plan.expect("a plan");
            assert!(plan.blocked(), "{reason}");
            assert!(
                worst(&plan, CheckResult::Block).iter().any(|t| t.contains(reason)),
                "{reason}: {:?}",
                plan.checks
            );
        });
    }
}

#[test]
fn what_is_risky_is_warned_of() {
    type Make = fn(plan::PlanContext<'_>) -> Result<Plan, String>;
    type Change = fn(&mut Sample);
    let up: Make = |c| plan::scale(c, "backend", 9);
    let down: Make = |c| plan::scale(c, "backend", 1);
    let redeploy: Make = |c| plan::redeploy(c, "backend");
    let failover: Make = |c| plan::failover(c, DB);
    let table: [(&str, Make, Change, u32); 9] = [
        ("next scale-in drops it to 6", up, |_| {}, 5),
        ("next scale-out jumps to 2", down, |_| {}, 5),
        (
            "only 3 free addresses",
            up,
            |s| {
                s.network.subnets[0].free_addresses = 3;
                s.network.subnets[1].free_addresses = 0;
            },
            5,
        ),
        ("read 61s ago", redeploy, |_| {}, 61),
        ("no circuit breaker", redeploy, |s| s.service("backend").circuit_breaker = None, 5),
        (
            "rollout of backend is in flight",
            redeploy,
            |s| {
                s.service("backend").deployments[0].rollout_state = Some("IN_PROGRESS".into());
            },
            5,
        ),
        (
            "a failover 65s ago",
            failover,
            |s| {
                s.db_events = vec![failover_event(-60, "Multi-AZ instance failover completed.")];
            },
            5,
        ),
        (
            "backend has 1 healthy target in 1 zone",
            failover,
            |s| {
                s.targets_of("backend").pop();
            },
            5,
        ),
        ("restorable only to 16m ago", failover, |s| s.writer().latest_restorable = Some(at(-16 * 60)), 5),
    ];
    for (reason, make, change, age) in table {
        let mut sample = Sample::healthy();
        change(&mut sample);
        with_plan(&sample, false, age, make, |plan| {
            let plan = plan.expect("a plan");
            assert!(
                worst(&plan, CheckResult::Warn).iter().any(|t| t.contains(reason)),
                "{reason}: {:?}",
                plan.checks
            );
            assert!(!plan.blocked(), "{reason}");
        });
    }
}

#[test]
fn nothing_to_do_makes_no_plan() {
    let sample = Sample::healthy();
    with_plan(
        &sample,
        false,
        5,
        |c| plan::scale(c, "backend", 2),
        |p| assert!(p.is_err_and(|e| e.contains("already"))),
    );
    with_plan(&sample, false, 5, |c| plan::scale(c, "nobody", 2), |p| assert!(p.is_err()));
    with_plan(
        &sample,
        false,
        5,
        |c| plan::scale(c, "backend", 0),
        |p| {
            assert_eq!(p.expect("a plan").confirm, Confirm::Type("backend".into()));
        },
    );
}
