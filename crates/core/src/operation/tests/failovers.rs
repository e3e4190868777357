//! The preflight of a failover, and the failover of a DB cluster: its plan and its verdict.

use super::{at, tracked, with_plan, worst};
use crate::diagnosis::Rollouts;
use crate::domain::samples::{DB, Sample, error, failover_event, group_arn};
use crate::domain::{
    DbEvent, DbEventSource, ErrorKind, Failure, FieldChange, Maintenance, MetricKey, MetricKind, PartyBox,
    Series, Topic,
};
use crate::operation::{Accepted, Action, CheckResult, Plan, Tracked, Verdict, follow, plan};
use std::time::Duration;

const REPLICA: &str = "party-box-db-replica";

/// A healthy Party Box whose replica keeps up.
fn ready() -> Sample {
    let mut sample = Sample::healthy();
    lag(&mut sample, 0.4, -60);
    sample
}

fn lag(sample: &mut Sample, value: f64, seconds: i64) {
    let key = MetricKey::new(MetricKind::DbReplicaLag, REPLICA);
    sample.metrics.insert(key, Series { points: vec![(at(seconds), value)], ..Series::default() });
}

/// The plan of a failover of `id`, five seconds after everything was read.
fn plan(sample: &Sample, id: &str) -> Result<Plan, String> {
    let mut made = Err(String::new());
    with_plan(sample, false, 5, |c| plan::failover(c, id), |plan| made = plan);
    made
}

/// The outcome of the one check that contains some words.
fn outcome(plan: &Plan, words: &str) -> CheckResult {
    let found: Vec<_> = plan.checks.iter().filter(|c| c.text.contains(words)).collect();
    assert_eq!(found.len(), 1, "one check says {words:?}: {:#?}", plan.checks);
    found[0].outcome
}

#[test]
fn a_ready_database_passes_every_check_with_the_age_of_its_evidence() {
    let plan = plan(&ready(), DB).expect("a plan");
    assert_eq!(worst(&plan, CheckResult::Block), [""; 0]);
    assert_eq!(worst(&plan, CheckResult::Warn), ["nothing is probed: the outage will not be measured"]);
    for words in [
        "neither a replica nor a member",
        "Multi-AZ, standby in 1c (read 5s ago)",
        "status is available (read 5s ago)",
        "no modification is pending (read 5s ago)",
        "no maintenance is pending (read 5s ago)",
        "restorable to 2m ago",
        "no failover in the last 24 hours (read 5s ago)",
        "replica party-box-db-replica lags 0s, as of 65s ago",
        "no rollout is in flight (read 5s ago)",
        "no alarm fires (read 5s ago)",
        "backend has 2 healthy targets in 2 zones (read 5s ago)",
        "frontend has 2 healthy targets in 2 zones (read 5s ago)",
    ] {
        assert_eq!(outcome(&plan, words), CheckResult::Pass, "{words}");
    }
}

#[test]
fn each_doubt_is_a_warning_of_its_own() {
    type Change = fn(&mut Sample);
    let table: [(&str, Change); 12] = [
        ("does not name the standby's zone", |s| s.writer().secondary_zone = None),
        ("modifications are pending and may be applied: EngineVersion", |s| {
            s.writer().pending = vec!["EngineVersion".into()];
        }),
        ("maintenance is pending: system-update of party-box-db, to be applied 2027-01-16 08:00 UTC", |s| {
            let arn = s.writer().arn.clone();
            let update = Maintenance {
                action: "system-update".into(),
                applied_at: Some(at(86_400)),
                ..Maintenance::default()
            };
            s.maintenance.insert(arn, vec![update]);
        }),
        ("restorable only to 16m ago", |s| s.writer().latest_restorable = Some(at(-16 * 60))),
        ("does not say to which time", |s| s.writer().latest_restorable = None),
        ("a failover 9m ago: RDS may accept this one and then abandon it", |s| {
            s.db_events = vec![failover_event(-9 * 60, "Multi-AZ instance failover completed.")];
        }),
        ("lags 301s, as of 65s ago: it will serve old data for longer", |s| lag(s, 301.0, -60)),
        ("lags 3s, as of 10m ago: too long ago to tell", |s| lag(s, 3.0, -600)),
        ("the lag of replica party-box-db-replica is not known", |s| s.metrics.clear()),
        ("backend is being deployed", |s| {
            let new = crate::domain::samples::deployment("ecs-svc/backend-2", "PRIMARY", "IN_PROGRESS");
            s.service("backend").deployments.insert(0, new);
            s.service("backend").deployments[1].status = "ACTIVE".into();
        }),
        ("firing already: backend-cpu-high", |s| {
            let alarm = |name: &str, state: &str| {
                let of = [("DBInstanceIdentifier", "party-box-db")];
                crate::domain::samples::alarm(name, state, "AWS/RDS", "CPUUtilization", &of)
            };
            s.alarms = vec![alarm("quiet", "OK"), alarm("backend-cpu-high", "ALARM")];
        }),
        ("backend has 1 healthy target in 1 zone", |s| {
            s.health.get_mut(&group_arn("backend")).expect("a group")[0].state = "unhealthy".into();
        }),
    ];
    for (words, change) in table {
        let mut sample = ready();
        change(&mut sample);
        let plan = plan(&sample, DB).expect("a plan");
        assert_eq!(outcome(&plan, words), CheckResult::Warn, "{words}");
        assert!(!plan.blocked(), "{words}");
    }
}

#[test]
fn a_failover_long_ago_is_told_and_passes() {
    let mut sample = ready();
    sample.db_events = vec![failover_event(-11 * 60, "Multi-AZ instance failover completed.")];
    assert_eq!(
        outcome(&plan(&sample, DB).expect("a plan"), "the last failover was 11m ago"),
        CheckResult::Pass
    );
}

#[test]
fn what_was_not_read_is_a_doubt_never_a_pass() {
    let sample = ready();
    let mut store = sample.store(Duration::ZERO, at(0));
    let arn = sample.databases[0].arn.clone();
    let topic = Topic::Maintenance(arn);
    let failure = |kind, action: &str| Failure {
        error: crate::domain::CallError { action: action.into(), ..error(kind) },
        since: Duration::ZERO,
        count: 1,
    };
    let check = |store: &crate::domain::Store, words: &str| {
        let party_box = PartyBox::join(store);
        let rollouts = Rollouts::default();
        let plan = plan::failover(
            plan::PlanContext {
                past: &[],
                simulated: false,
                drill: None,
                store,
                party_box: &party_box,
                rollouts: &rollouts,
                denied: &std::collections::BTreeMap::new(),
                account: None,
                cluster: "party-box",
                region: "ap-northeast-1",
                read_only: false,
                now: at(5),
            },
            DB,
        )
        .expect("a plan");
        assert_eq!(outcome(&plan, words), CheckResult::Warn, "{words}");
    };
    store.slot_mut(&topic).payload = None;
    check(&store, "whether maintenance is pending was not read yet");
    store.slot_mut(&topic).failure =
        Some(failure(ErrorKind::Denied, "rds:DescribePendingMaintenanceActions"));
    check(&store, "no permission for rds:DescribePendingMaintenanceActions");
    store.slot_mut(&Topic::DbEvents).payload = None;
    check(&store, "RDS's events were not read");
    store.slot_mut(&Topic::Alarms).payload = None;
    check(&store, "which alarms fire is not known");
    store.slot_mut(&Topic::TargetHealth(group_arn("backend"))).payload = None;
    check(&store, "the health of the targets of backend is not known");
}

#[test]
fn the_plan_of_a_cluster_shows_the_writer_moving() {
    let sample = Sample::aurora();
    for id in [DB, "party-box-db-1", "party-box-db-2"] {
        let plan = plan(&sample, id).expect("a plan");
        assert_eq!(worst(&plan, CheckResult::Block), [""; 0], "{id}");
        assert_eq!(worst(&plan, CheckResult::Warn), ["nothing is probed: the outage will not be measured"]);
        assert_eq!(
            plan.changes,
            [
                FieldChange::new("writer", "party-box-db-1 (1a)", "party-box-db-2 (1c)"),
                FieldChange::new("readers", "party-box-db-2 (1c)", "party-box-db-1 (1a)"),
            ]
        );
        assert_eq!(plan.request, "rds:FailoverDBCluster DBClusterIdentifier=party-box-db");
        assert_eq!(plan.resource, sample.db_clusters[0].arn);
        let meant = Action::FailoverCluster { cluster: DB.into(), writer: "party-box-db-1".into(), to: None };
        assert_eq!(plan.action, meant);
        assert_eq!((plan.action.database(), plan.action.call()), (Some(DB), "rds:FailoverDBCluster"));
        assert_eq!(outcome(&plan, "the reader party-box-db-2 (1c) takes over"), CheckResult::Pass);
    }
}

#[test]
fn of_several_readers_the_one_that_is_shown_is_asked_for() {
    let mut sample = Sample::aurora();
    let mut third = sample.databases[1].clone();
    (third.id, third.arn) = ("party-box-db-3".into(), "arn:3".into());
    sample.databases.push(third);
    sample.db_clusters[0].members.push(crate::domain::DbMember {
        instance: "party-box-db-3".into(),
        writer: false,
        promotion_tier: Some(0),
    });
    let plan = plan(&sample, DB).expect("a plan");
    assert_eq!(plan.changes[0].after, "party-box-db-3 (1c)");
    assert!(plan.request.ends_with("TargetDBInstanceIdentifier=party-box-db-3"), "{}", plan.request);
    assert_eq!(plan.action.title(), "fail over party-box-db to party-box-db-3");
}

#[test]
fn a_cluster_that_cannot_fail_over_is_blocked_and_a_weak_one_warned_of() {
    let mut alone = Sample::aurora();
    alone.databases.pop();
    alone.db_clusters[0].members.pop();
    assert_eq!(outcome(&plan(&alone, DB).expect("a plan"), "has no reader"), CheckResult::Block);

    let mut moving = Sample::aurora();
    moving.db_clusters[0].status = "failing-over".into();
    assert_eq!(outcome(&plan(&moving, DB).expect("a plan"), "status is failing-over"), CheckResult::Block);

    let mut beside = Sample::aurora();
    beside.databases[1].zone = Some("ap-northeast-1a".into());
    assert_eq!(outcome(&plan(&beside, DB).expect("a plan"), "in the writer's own zone"), CheckResult::Warn);

    let mut electing = Sample::aurora();
    electing.writes(0);
    assert!(plan(&electing, DB).expect_err("none writes").contains("no member of party-box-db writes"));
}

fn failing_over() -> Tracked {
    let action = Action::FailoverCluster { cluster: DB.into(), writer: "party-box-db-1".into(), to: None };
    tracked(action, Accepted::FailoverAccepted("available".into()))
}

fn told(seconds: i64, message: &str) -> DbEvent {
    DbEvent { of: DbEventSource::Cluster, ..failover_event(seconds, message) }
}

fn look(tracked: &mut Tracked, sample: &Sample, seconds: u32) -> Option<Verdict> {
    let now = at(i64::from(seconds));
    let store = sample.store(Duration::from_secs(1000 + u64::from(seconds)), now);
    follow(tracked, &store, &PartyBox::join(&store), &Rollouts::default(), now)
}

#[test]
fn a_cluster_has_failed_over_once_another_member_writes_and_it_is_available() {
    let mut it = failing_over();
    let mut sample = Sample::aurora();
    assert_eq!(look(&mut it, &sample, 2), None, "available, as before");
    sample.db_clusters[0].status = "failing-over".into();
    sample.db_events = vec![told(5, "Started cross AZ failover to DB instance: party-box-db-2")];
    assert_eq!(look(&mut it, &sample, 10), None);
    sample.db_events.push(told(30, "Completed failover to DB instance: party-box-db-2"));
    assert_eq!(look(&mut it, &sample, 31), None, "told, but the writer is as before");
    sample.writes(2);
    assert_eq!(look(&mut it, &sample, 34), None, "moved, but not available yet");
    assert_eq!(it.progress.text, "failing-over, party-box-db-2 in 1c writes now");
    sample.db_clusters[0].status = "available".into();
    assert_eq!(look(&mut it, &sample, 37), Some(Verdict::Succeeded));

    let mut silent = Sample::aurora();
    silent.writes(2);
    assert_eq!(look(&mut failing_over(), &silent, 40), Some(Verdict::Succeeded), "without a single event");
}

#[test]
fn a_clusters_failover_may_come_to_nothing_fail_or_never_be_seen_to_end() {
    let mut sample = Sample::aurora();
    let mut it = failing_over();
    assert_eq!(look(&mut it, &sample, 600), None);
    assert!(
        matches!(look(&mut it, &sample, 601), Some(Verdict::NothingHappened(why)) if why.contains("party-box-db-1 still writes"))
    );

    sample.db_events = vec![told(5, "Started cross AZ failover to DB instance: party-box-db-2")];
    let mut begun = failing_over();
    assert_eq!(look(&mut begun, &sample, 1200), None, "it began: more than nothing");
    assert_eq!(look(&mut begun, &sample, 1201), Some(Verdict::TimedOut));

    let text = "Cluster failover failed, check the health of your cluster instances and try again.";
    sample.db_events.push(told(50, text));
    assert_eq!(look(&mut failing_over(), &sample, 60), Some(Verdict::Failed(text.into())));

    sample.db_clusters.clear();
    assert!(
        matches!(look(&mut failing_over(), &sample, 60), Some(Verdict::Failed(why)) if why.contains("gone"))
    );
}

#[test]
fn the_last_measured_recovery_of_this_database_is_told() {
    use crate::operation::drill::report::DrillSummary;
    use crate::operation::drill::{Mode, OutcomeWord};
    let past = |database: &str, rto_ms: Option<u64>, simulated: bool| DrillSummary {
        id: "1".into(),
        database: database.into(),
        at: at(-86_400),
        outcome: OutcomeWord::Recovered,
        rto_ms,
        target_rto_ms: 120_000,
        simulated,
        mode: Mode::Triggered,
    };
    let sample = ready();
    let store = sample.store(Duration::ZERO, at(0));
    let (party_box, rollouts) = (PartyBox::join(&store), Rollouts::default());
    let table = [
        (vec![], None),
        // The newest that has a time; another database's and a simulated account's say nothing of this one.
        (
            vec![past(DB, None, false), past(DB, Some(23_400), false), past(DB, Some(99_000), false)],
            Some("23.4 s"),
        ),
        (vec![past("other", Some(9_000), false), past(DB, Some(9_000), true)], None),
    ];
    for (past, told) in table {
        let plan = plan::failover(
            plan::PlanContext {
                past: &past,
                simulated: false,
                drill: None,
                store: &store,
                party_box: &party_box,
                rollouts: &rollouts,
                denied: &std::collections::BTreeMap::new(),
                account: None,
                cluster: "party-box",
                region: "ap-northeast-1",
                read_only: false,
                now: at(5),
            },
            DB,
        )
        .expect("a plan");
        let found = plan.consequences.iter().find(|it| it.contains("its last drill"));
        assert_eq!(found.is_some(), told.is_some(), "{:?}", plan.consequences);
        assert!(found.zip(told).is_none_or(|(found, told)| found.contains(told)), "{found:?}");
    }
}
