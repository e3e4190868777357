//! Each finding's trigger, and its absence on a healthy Party Box.

use super::*;
use crate::domain::samples::{Sample, at, deployment, error, event, failover_event, revision, target, task};
use crate::domain::{
    CircuitBreaker, ErrorKind, Failure, MetricKey, MetricKind, Query, Route, RouteTable, Scan, Series, Topic,
};
use std::time::Duration;

pub(super) fn examined(sample: &Sample, seconds: i64) -> Health {
    let now = at(seconds);
    look(&sample.store(Duration::ZERO, now), now)
}

/// Examines what was read.
fn look(store: &Store, now: DateTime<Utc>) -> Health {
    let party_box = PartyBox::join(store);
    let mut rollouts = Rollouts::default();
    for node in &party_box.services {
        rollouts.observe(store, &party_box, &node.service().name, now);
    }
    examine(store, &party_box, &rollouts, now)
}

/// The level of the finding that contains a text.
pub(super) fn level_of(health: &Health, text: &str) -> Option<Level> {
    health.findings.iter().find(|f| f.text.contains(text)).map(|f| f.level)
}

#[test]
fn a_healthy_party_box_is_good_and_says_so() {
    let health = examined(&Sample::healthy(), 0);
    assert_eq!(health.findings, []);
    assert_eq!(health.level, Level::Good);
    assert_eq!(
        health.headline,
        "All well: 2 services running 4 of 4 tasks, 4 of 4 targets healthy; party-box-db available in 1a, standby in 1c"
    );
}

#[test]
fn levels_are_ordered_from_nothing_to_broken() {
    use Level::{Bad, Busy, Good, Idle, Unknown, Warn};
    let order = [Idle, Good, Unknown, Busy, Warn, Bad];
    assert!(order.is_sorted_by(|a, b| a < b));
}

fn stopped(n: u32, reason: &str, code: &str, seconds: i64) -> crate::domain::Task {
    crate::domain::Task {
        last_status: "STOPPED".into(),
        stopped_at: Some(at(seconds)),
        stop_code: Some(code.into()),
        stopped_reason: Some(reason.into()),
        ..task("backend", n, "ecs-svc/backend-1")
    }
}

fn series(sample: &mut Sample, kind: MetricKind, subject: &str, value: f64) {
    let points = vec![(at(-60), value)];
    sample.metrics.insert(MetricKey::new(kind, subject), Series { points, ..Series::default() });
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one row per finding")]
fn each_trigger_makes_its_finding() {
    use Level::{Bad, Busy, Idle, Warn};
    type Change = fn(&mut Sample);
    let table: Vec<(Level, &str, Change)> = vec![
        (Warn, "The cluster has no services", |s| s.services.clear()),
        (Warn, "backend is DRAINING", |s| s.service("backend").status = "DRAINING".into()),
        (Warn, "backend is scaled to zero", |s| {
            let it = s.service("backend");
            (it.desired, it.running) = (0, 0);
        }),
        (Bad, "backend has no running task; 2 wanted", |s| s.service("backend").running = 0),
        (Busy, "backend runs 1 of 2 tasks; 1 on their way", |s| {
            let it = s.service("backend");
            (it.running, it.pending) = (1, 1);
        }),
        (Bad, "No healthy target for backend (2 registered)", |s| {
            s.targets_of("backend").iter_mut().for_each(|t| t.state = "unhealthy".into());
        }),
        (Warn, "1 of 2 targets of backend unhealthy: it answers 503", |s| {
            let it = &mut s.targets_of("backend")[0];
            it.state = "unhealthy".into();
            it.description = Some("it answers 503".into());
        }),
        (Warn, "2 tasks of backend stopped, last 30s ago: exited (exit code 137)", |s| {
            for n in [8, 9] {
                let mut dead = stopped(n, "exited", "EssentialContainerExited", -30);
                dead.containers[0].exit_code = Some(137);
                s.tasks_of("backend").push(dead);
            }
        }),
        (Warn, "outside its autoscaling range 3-6", |s| s.scaling[1].min = 3),
        (Warn, "All 2 tasks of backend run in zone 1a", |s| {
            s.tasks_of("backend").iter_mut().for_each(|t| t.zone = Some("ap-northeast-1a".into()));
        }),
        (Warn, "Tasks of backend get public IP", |s| s.service("backend").assign_public_ip = Some(true)),
        (Idle, "DATABASE_URL of backend is a plain environment variable", |s| {
            let it = s.definitions.get_mut(&revision("backend", 7)).expect("defined");
            it.containers[0].environment_names.push("DATABASE_URL".into());
        }),
        (Busy, "party-box-db is modifying", |s| s.writer().status = "modifying".into()),
        (Bad, "party-box-db is rebooting", |s| s.writer().status = "rebooting".into()),
        (Bad, "party-box-db is storage-full", |s| s.writer().status = "storage-full".into()),
        (Warn, "party-box-db is levitating", |s| s.writer().status = "levitating".into()),
        (Warn, "party-box-db is not Multi-AZ", |s| s.writer().multi_az = false),
        (Warn, "no automatic backups", |s| s.writer().backup_days = 0),
        (Warn, "only be restored to 22m ago", |s| s.writer().latest_restorable = Some(at(-22 * 60))),
        (Idle, "changes waiting", |s| s.writer().pending.push("class".into())),
        (Idle, "not protected from deletion", |s| s.writer().deletion_protection = false),
        (Warn, "has a public address", |s| s.writer().public = true),
        (Warn, "is not encrypted", |s| s.writer().encrypted = false),
        (Warn, "managed secret of party-box-db is impaired", |s| {
            s.writer().managed_secret = Some(("arn".into(), "impaired".into()));
        }),
        (Warn, "party-box-db-replica lags 400s", |s| {
            series(s, MetricKind::DbReplicaLag, "party-box-db-replica", 400.0);
        }),
        (Bad, "party-box-alb is failed", |s| s.balancer.state = "failed".into()),
        (Busy, "party-box-alb is provisioning", |s| s.balancer.state = "provisioning".into()),
        (Bad, "5.0% of requests failed in 60s up to 0s ago (3 from targets, 2 from", |s| {
            for (kind, value) in [
                (MetricKind::AlbRequests, 100.0),
                (MetricKind::AlbTarget5xx, 3.0),
                (MetricKind::AlbElb5xx, 2.0),
            ] {
                series(s, kind, "app/party-box/1", value);
            }
        }),
        (Warn, "1.0% of requests failed", |s| {
            series(s, MetricKind::AlbRequests, "app/party-box/1", 100.0);
            series(s, MetricKind::AlbTarget5xx, "app/party-box/1", 1.0);
        }),
        (Bad, "certificate of party.example is EXPIRED", |s| s.certificates[0].status = "EXPIRED".into()),
        (Warn, "ends in 29 days; imported", |s| {
            s.certificates[0].not_after = Some(at(29 * 86_400 + 5));
            s.certificates[0].kind = "IMPORTED".into();
        }),
        (Bad, "ends in 6 days", |s| s.certificates[0].not_after = Some(at(6 * 86_400 + 5))),
        (Warn, "Renewal of the certificate of party.example is FAILED", |s| {
            s.certificates[0].renewal = Some("FAILED".into());
        }),
        (Warn, "Alarm backend-cpu is firing for 3m (CPUUtilization of backend)", |s| {
            s.alarms[2].state = "ALARM".into();
        }),
        (Idle, "party-box/backend:v7 runs and was never scanned", |s| s.image.scan = Scan::Never),
        (Warn, "party-box/backend:v7 runs with 2 critical", |s| found(s, "CRITICAL", 2)),
        (Idle, "party-box/backend:v7 runs with 3 high", |s| found(s, "HIGH", 3)),
        (Warn, "Security group sg-rds admits tcp 5432 from 10.0.0.0/8", |s| {
            let mut wide = s.network.security_groups[2].inbound[0].clone();
            wide.source = "10.0.0.0/8".into();
            s.network.security_groups[2].inbound.push(wide);
        }),
        (Warn, "Security group sg-ecs admits everything from sg-alb", |s| {
            s.network.security_groups[1].inbound[0].protocol = "-1".into();
        }),
        (Warn, "Security group sg-alb admits tcp 8080 from 0.0.0.0/0", |s| {
            let it = &mut s.network.security_groups[0].inbound[0];
            (it.from_port, it.to_port) = (Some(8080), Some(8080));
        }),
        (Warn, "NAT gateway nat-1 is failed: no address", |s| nat(s, "failed")),
        (Idle, "The only NAT gateway is in 1a", |s| nat(s, "available")),
        (Bad, "Route 0.0.0.0/0 of rtb-1 leads nowhere (nat-9 is gone)", |s| {
            s.network.route_tables.push(RouteTable {
                id: "rtb-1".into(),
                routes: vec![Route {
                    destination: "0.0.0.0/0".into(),
                    target: "nat-9".into(),
                    state: "blackhole".into(),
                }],
                ..RouteTable::default()
            });
        }),
        (Bad, "party-box/db is scheduled for deletion", |s| s.secrets[0].deleted_at = Some(at(0))),
        (Warn, "Rotation of party-box/db is 2h overdue", |s| s.secrets[0].next_rotation = Some(at(-7200))),
        (Idle, "Secret party-box/db is not rotated", |s| s.secrets[0].rotation = None),
    ];
    for (level, text, change) in table {
        let mut sample = Sample::healthy();
        change(&mut sample);
        let health = examined(&sample, 0);
        assert_eq!(level_of(&health, text), Some(level), "{text}: {:#?}", health.findings);
        let meant = if level == Idle { Level::Good } else { level };
        assert!(health.level >= meant, "{text}: {:?}", health.level);
        assert_eq!(health.headline.starts_with("All well"), health.level == Level::Good, "{text}");
        assert!(health.findings.is_sorted_by(|a, b| a.level >= b.level), "worst first: {text}");
    }
}

fn found(sample: &mut Sample, severity: &str, count: u32) {
    let Scan::Done { counts, .. } = &mut sample.image.scan else { return };
    counts.insert(severity.into(), count);
}

fn nat(sample: &mut Sample, state: &str) {
    sample.network.nat_gateways.push(crate::domain::NatGateway {
        id: "nat-1".into(),
        state: state.into(),
        subnet: "subnet-a".into(),
        failure: (state == "failed").then(|| "no address".into()),
        ..crate::domain::NatGateway::default()
    });
}

#[test]
fn old_deaths_and_ordinary_ends_are_no_findings() {
    let mut sample = Sample::healthy();
    sample.tasks_of("backend").extend([
        stopped(8, "exited", "EssentialContainerExited", -601),
        stopped(9, "Scaling activity initiated by deployment", "ServiceSchedulerInitiated", -5),
    ]);
    assert_eq!(examined(&sample, 0).findings, []);
}

/// Deployment 2 of backend rolls out beside deployment 1; `n` of its two tasks have a target in a state.
fn rollout(states: [&str; 2]) -> Sample {
    let mut sample = Sample::healthy();
    let it = sample.service("backend");
    it.deployments[0].status = "ACTIVE".into();
    let mut new = deployment("ecs-svc/backend-2", "PRIMARY", "IN_PROGRESS");
    new.task_definition = revision("backend", 8);
    new.created_at = Some(at(-60));
    it.deployments.insert(0, new);
    for (n, state) in [3, 4].into_iter().zip(states) {
        sample.tasks_of("backend").push(task("backend", n, "ecs-svc/backend-2"));
        let mut it = target("backend", n, state);
        it.description = Some("Health checks failed with these codes: [503]".into());
        sample.targets_of("backend").push(it);
    }
    sample
}

#[test]
fn a_rollout_says_how_far_it_is_and_what_it_waits_for() {
    let health = examined(&rollout(["healthy", "initial"]), 0);
    assert_eq!(health.level, Level::Busy);
    assert_eq!(
        health.headline,
        "backend is rolling out backend:8: 1 of 2 new tasks healthy; waiting for health checks of 1, 60s so far"
    );
}

#[test]
fn a_failing_rollout_names_count_reason_and_breaker() {
    let mut sample = rollout(["unhealthy", "unhealthy"]);
    sample.service("backend").deployments[0].failed = 2;
    let health = examined(&sample, 0);
    assert_eq!(health.level, Level::Bad);
    assert_eq!(
        health.headline,
        "backend rollout to backend:8 is failing: 2 of 2 new tasks unhealthy (Health checks failed with these codes: \
         [503]); 2 failed in a row, the circuit breaker will roll back"
    );
    for (breaker, words) in [
        (Some(CircuitBreaker { enable: true, rollback: false }), "will stop it"),
        (None, "no circuit breaker will stop it"),
    ] {
        sample.service("backend").circuit_breaker = breaker;
        assert!(examined(&sample, 0).headline.contains(words), "{words}");
    }
    sample.targets_of("backend").truncate(2);
    sample.tasks_of("backend").truncate(2);
    let dead = stopped(9, "CannotPullContainerError", "TaskFailedToStart", -20);
    sample
        .tasks_of("backend")
        .push(crate::domain::Task { started_by: Some("ecs-svc/backend-2".into()), ..dead });
    assert!(examined(&sample, 0).headline.contains("is failing: CannotPullContainerError; 2 failed"));
    // The target that failed its check is gone; what it answered stands in the events.
    let told = "(service backend) (port 3000) is unhealthy in (target-group tg) due to (reason Health checks failed with these codes: [503]).";
    sample.service("backend").events.insert(0, event(-5, told));
    assert!(examined(&sample, 0).headline.contains("is failing: CannotPullContainerError; 2"));
    let died = sample.tasks_of("backend").last_mut().expect("the one just added");
    died.stopped_reason = Some("Task failed ELB health checks in (target-group tg)".into());
    let headline = examined(&sample, 0).headline;
    assert!(headline.contains("is failing: Health checks failed with these codes: [503]; 2"), "{headline}");
}

#[test]
fn a_good_deployment_on_top_of_a_failed_one_is_not_called_failing() {
    let mut sample = rollout(["initial", "initial"]);
    sample.service("backend").deployments[1].rollout_state = Some("FAILED".into());
    assert_eq!(examined(&sample, 0).level, Level::Busy);
}

#[test]
fn a_failed_rollout_without_rollback_is_bad_though_the_old_one_still_stands_beside_it() {
    let mut sample = rollout(["healthy", "healthy"]);
    let it = &mut sample.service("backend").deployments[0];
    it.rollout_state = Some("FAILED".into());
    it.rollout_reason = Some("tasks failed to start.".into());
    let health = examined(&sample, 0);
    assert_eq!(level_of(&health, "backend: the rollout failed: tasks failed to start."), Some(Level::Bad));
}

#[test]
fn a_rollback_stays_a_warning_for_a_day_though_completed() {
    // The id gone back to is that of the earlier deployment, a day old, or a new one.
    for back in ["ecs-svc/backend-1", "ecs-svc/backend-3"] {
        let mut sample = rollout(["healthy", "healthy"]);
        let it = sample.service("backend");
        it.deployments[0] = deployment(back, "PRIMARY", "IN_PROGRESS");
        it.events.insert(0, event(0, &format!("(service backend) rolling back to deployment {back}.")));
        let health = examined(&sample, 10);
        assert_eq!(level_of(&health, "backend is rolling back to backend:7"), Some(Level::Bad), "{back}");

        let it = sample.service("backend");
        it.deployments = vec![deployment(back, "PRIMARY", "COMPLETED")];
        it.events
            .insert(0, event(200, &format!("(service backend) (deployment {back}) deployment completed.")));
        let text = "backend was rolled back to backend:7";
        assert_eq!(level_of(&examined(&sample, 86_400), text), Some(Level::Warn), "{back}");
        assert_eq!(level_of(&examined(&sample, 86_401), text), None, "{back}");

        // A later deployment of a colleague that came up ends the warning.
        sample.service("backend").deployments = vec![deployment("ecs-svc/backend-4", "PRIMARY", "COMPLETED")];
        assert_eq!(level_of(&examined(&sample, 400), text), None, "{back}");
    }
}

#[test]
fn a_failover_is_bad_while_under_way_and_a_note_after() {
    let started = failover_event(0, "Multi-AZ instance failover started.");
    let cause = failover_event(80, "The user requested a failover of the DB instance.");
    let mut sample = Sample::healthy();
    sample.db_events = vec![started.clone()];
    let text = "Multi-AZ instance failover started (40s ago)";
    assert_eq!(level_of(&examined(&sample, 40), text), Some(Level::Bad));
    sample.writer().status = "rebooting".into();
    let health = examined(&sample, 40);
    assert_eq!(health.level, Level::Bad);
    assert!(health.headline.contains("a failover is under way since 40s"), "{}", health.headline);

    sample.writer().status = "available".into();
    for end in [
        "Multi-AZ instance failover completed.",
        "Multi-AZ failover to standby complete - DNS propagation may take a few minutes.",
    ] {
        sample.db_events = vec![started.clone(), failover_event(80, end), cause.clone()];
        let health = examined(&sample, 100);
        assert_eq!(
            level_of(&health, "failed over 20s ago; RDS shows it in 1a, which may"),
            Some(Level::Idle),
            "{end}"
        );
        assert_eq!(health.level, Level::Good, "{end}: {:?}", health.findings);
        let settled = examined(&sample, 80 + 10 * 60);
        assert_eq!(
            level_of(&settled, "failed over 10m ago; the writer is in 1a"),
            Some(Level::Idle),
            "{end}"
        );
    }
    let abandoned = "Abandoning user requested failover since a failover recently occurred.";
    sample.db_events = vec![failover_event(0, abandoned)];
    assert_eq!(examined(&sample, 10).findings, [], "nothing failed over");
}

fn failed(sample: &Sample, topic: &Topic, kind: ErrorKind, keep: bool) -> Health {
    let mut store = sample.store(Duration::ZERO, at(0));
    let slot = store.slot_mut(topic);
    if !keep {
        slot.payload = None;
    }
    slot.failure = Some(Failure { error: error(kind), since: Duration::ZERO, count: 1 });
    look(&store, at(0))
}

#[test]
fn what_is_vital_and_not_read_is_unknown_never_good() {
    let sample = Sample::healthy();
    let group = crate::domain::samples::group_arn("backend");
    for topic in [Topic::Services, Topic::Databases, Topic::TargetHealth(group)] {
        let mut store = sample.store(Duration::ZERO, at(0));
        store.slot_mut(&topic).payload = None;
        let health = look(&store, at(0));
        assert_eq!(health.level, Level::Unknown, "{topic:?}");
        assert_eq!(health.headline, "Reading the Party Box...", "{topic:?}");
        // Denied: there is no point in waiting, and it says what is missing.
        let health = failed(&sample, &topic, ErrorKind::Denied, false);
        assert_eq!(health.level, Level::Unknown, "{topic:?}");
        assert!(
            health.headline.contains("No permission for ecs:Something"),
            "{topic:?}: {}",
            health.headline
        );
    }
    let health = look(&Store::default(), at(0));
    assert_eq!((health.level, health.headline.as_str()), (Level::Unknown, "Reading the Party Box..."));
    // The databases and load balancers that belong are found through these: not read yet is not "all".
    for topic in [Topic::Network, Topic::TargetGroups, Topic::LoadBalancers] {
        let mut store = sample.store(Duration::ZERO, at(0));
        store.slot_mut(&topic).payload = None;
        let health = look(&store, at(0));
        assert_eq!(health.headline, "Reading the Party Box...", "{topic:?}");
    }
}

#[test]
fn failures_are_as_grave_as_what_they_hide() {
    let sample = Sample::healthy();
    let table = [
        (Topic::Services, ErrorKind::Unreachable, Level::Unknown, Level::Unknown, "AWS does not answer (1"),
        (Topic::Alarms, ErrorKind::Unreachable, Level::Unknown, Level::Unknown, "AWS does not answer (1"),
        (Topic::Services, ErrorKind::Credentials, Level::Bad, Level::Bad, "Credentials are not accepted"),
        (Topic::Services, ErrorKind::Throttled, Level::Unknown, Level::Unknown, "AWS throttles"),
        (Topic::Services, ErrorKind::Service, Level::Unknown, Level::Unknown, "ecs:Something failed"),
        (Topic::Alarms, ErrorKind::Service, Level::Idle, Level::Good, "ecs:Something failed"),
        (Topic::Alarms, ErrorKind::Denied, Level::Idle, Level::Good, "No permission for ecs:Something"),
    ];
    for (topic, kind, level, whole, text) in table {
        let health = failed(&sample, &topic, kind, true);
        assert_eq!(level_of(&health, text), Some(level), "{topic:?} {kind:?}");
        assert_eq!(health.level, whole, "{topic:?} {kind:?}");
    }
}

#[test]
fn what_was_known_before_aws_fell_silent_is_told_as_the_past() {
    let sample = Sample::healthy();
    let health = failed(&sample, &Topic::Services, ErrorKind::Unreachable, true);
    assert!(health.headline.starts_with("AWS does not answer: "), "{}", health.headline);
    assert!(health.headline.ends_with("Last known: all was well"), "{}", health.headline);
    // A permission that was taken away in the midst of it is no different, at once; what may pass with the next poll is
    // waited for.
    let health = failed(&sample, &Topic::Databases, ErrorKind::Denied, true);
    assert!(health.headline.ends_with("Last known: all was well"), "{}", health.headline);
    assert_eq!(health.level, Level::Unknown);
    for (age, told) in [(0, false), (121, true)] {
        let mut store = sample.store(Duration::ZERO, at(0));
        let failure = Failure { error: error(ErrorKind::Throttled), since: Duration::ZERO, count: 9 };
        store.slot_mut(&Topic::LoadBalancers).failure = Some(failure);
        let health = look(&store, at(age));
        assert_eq!((health.headline.contains("has no answer for"), health.level), (told, Level::Unknown));
    }
    // An alarm list that cannot be read hides nothing vital.
    let health = failed(&sample, &Topic::Alarms, ErrorKind::Unreachable, true);
    assert!(!health.headline.contains("Last known"), "{}", health.headline);
}

#[test]
fn what_was_never_read_is_named_where_all_seems_well() {
    let sample = Sample::healthy();
    for (kind, named) in [(ErrorKind::Denied, true), (ErrorKind::Service, true), (ErrorKind::NotFound, false)]
    {
        let health = failed(&sample, &Topic::Alarms, kind, false);
        assert_eq!(health.headline.starts_with("All well as far as it could be read (not: alarms): "), named);
    }
}

#[test]
fn at_the_door_a_failing_cluster_list_is_told() {
    let mut store = Store::default();
    let slot = store.slot_mut(&Topic::Clusters);
    slot.asked = Some(Query::Clusters { only: None });
    slot.failure = Some(Failure { error: error(ErrorKind::Service), since: Duration::ZERO, count: 1 });
    let health = look(&store, at(0));
    assert!(health.headline.contains("ecs:Something failed"), "{}", health.headline);
}

#[test]
fn spans_and_zones_are_short() {
    for (seconds, text) in [(-5, "0s"), (119, "119s"), (120, "2m"), (7200, "2h"), (172_800, "2d")] {
        assert_eq!(format_span(TimeDelta::seconds(seconds)), text);
    }
    assert_eq!(zone_letter("ap-northeast-1a"), "1a");
    assert_eq!((plural(1, "task"), plural(2, "task")), ("1 task".into(), "2 tasks".into()));
}

#[test]
fn a_clusters_members_are_protected_by_their_cluster() {
    let mut sample = Sample::aurora();
    for db in &mut sample.databases {
        db.deletion_protection = false;
    }
    let told = |sample: &Sample| {
        let health = examined(sample, 0);
        health.findings.iter().filter(|f| f.text.contains("protected from deletion")).count()
    };
    assert_eq!(told(&sample), 0, "it is not told");
    sample.db_clusters[0].deletion_protection = Some(true);
    assert_eq!(told(&sample), 0);
    sample.db_clusters[0].deletion_protection = Some(false);
    assert_eq!(told(&sample), 1, "once, of the cluster");
}
