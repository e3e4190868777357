//! Overload: what is told, and what is not.

use crate::diagnosis::Health;
use crate::diagnosis::tests::{examined, level_of};
use crate::domain::samples::{Sample, at, event};
use crate::domain::{Level, MetricKey, MetricKind, ScalingPolicy, Series, SuspendedParts};

const BACKEND: &str = "party-box/backend";
const ALB: &str = "app/party-box/1";

/// The values of minutes in a row; `None` has no point.
type Minutes = Vec<Option<f64>>;

/// A series whose newest value is that of the minute that ended last; `None` is a minute without a point.
fn put(sample: &mut Sample, kind: MetricKind, subject: &str, values: &[Option<f64>]) {
    let first = -60 * i64::try_from(values.len()).expect("a few");
    let points = values.iter().zip(0_i64..).filter_map(|(value, i)| Some((at(first + 60 * i), (*value)?)));
    let series = Series { points: points.collect(), until: Some(at(0)), ..Series::default() };
    sample.metrics.insert(MetricKey::new(kind, subject), series);
}

fn put_all(sample: &mut Sample, kind: MetricKind, subject: &str, values: impl IntoIterator<Item = f64>) {
    let values: Vec<Option<f64>> = values.into_iter().map(Some).collect();
    put(sample, kind, subject, &values);
}

/// A backend that scales from 2 to `max` by CPU at 70 %.
fn scaled(max: u32, suspended: bool) -> Sample {
    let mut sample = Sample::healthy();
    let scaling =
        sample.scaling.iter_mut().find(|s| s.resource_id.ends_with("/backend")).expect("registered");
    (scaling.max, scaling.suspended) = (max, suspended);
    scaling.min = scaling.min.min(max);
    scaling.parts = SuspendedParts { scale_out: suspended, ..SuspendedParts::default() };
    scaling.policies = vec![ScalingPolicy::tracking("cpu", Some("ECSServiceAverageCPUUtilization"), 70.0)];
    sample
}

#[test]
fn a_services_load_is_judged_by_its_complete_minutes() {
    const N: Option<f64> = None;
    let v = Some;
    let fixed = || {
        let mut sample = Sample::healthy();
        sample.scaling.clear();
        sample
    };
    let wide = || scaled(10, false);
    // (the service, its CPU, level, text)
    let table: Vec<(Sample, Minutes, Option<Level>, &str)> = vec![
        (
            fixed(),
            vec![v(50.0), v(91.0), v(92.0), v(93.0)],
            Some(Level::Warn),
            "CPU at 93 % (nearly full at 90 %) for 3m",
        ),
        (fixed(), vec![v(91.0), v(92.0), v(93.0)], Some(Level::Warn), "no autoscaling adds tasks"),
        (fixed(), vec![v(50.0), v(96.0), v(97.0)], Some(Level::Warn), "CPU at 97 %"),
        (fixed(), vec![v(50.0), v(50.0), v(92.0)], None, ""),
        (fixed(), vec![v(92.0), v(92.0), v(92.0), v(89.0)], None, ""),
        (fixed(), vec![v(92.0), N, v(92.0), v(92.0)], Some(Level::Warn), "CPU at 92 %"),
        (fixed(), vec![v(75.0); 9], None, ""),
        (wide(), vec![v(75.0), v(75.0)], None, ""),
        (
            wide(),
            vec![v(50.0), v(75.0), v(75.0), v(75.0)],
            Some(Level::Busy),
            "is over its target: CPU at 75 % (target 70 %) for 3m",
        ),
        (wide(), vec![v(75.0); 3], Some(Level::Busy), "autoscaling may go up to 10"),
        (wide(), vec![v(75.0); 6], Some(Level::Warn), "autoscaling has not followed (2 of at most 10)"),
        (wide(), vec![v(70.0); 9], None, ""),
        (scaled(2, false), vec![v(75.0); 2], Some(Level::Warn), "autoscaling is at its maximum of 2"),
        (scaled(10, true), vec![v(75.0); 3], Some(Level::Warn), "scaling out is suspended"),
        // Too old to tell: not a pass, and not a finding of now.
        (fixed(), vec![v(99.0), v(99.0), v(99.0), N, N, N, N, N, N, N], None, ""),
    ];
    for (mut sample, values, level, text) in table {
        put(&mut sample, MetricKind::ServiceCpu, BACKEND, &values);
        let health = examined(&sample, 0);
        match level {
            Some(level) => assert_eq!(level_of(&health, text), Some(level), "{text}: {:#?}", health.findings),
            None => assert!(health.level == Level::Good, "{values:?}: {:?}", health.findings),
        }
        assert_eq!(health.headline.starts_with("All well"), level.is_none(), "{}", health.headline);
        put(&mut sample, MetricKind::ServiceCpu, BACKEND, &[]);
        put(&mut sample, MetricKind::ServiceMemory, BACKEND, &values);
        if level == Some(Level::Warn) && values.iter().flatten().all(|v| *v > 90.0) {
            assert_eq!(level_of(&examined(&sample, 0), "memory at"), Some(Level::Warn));
        }
    }
}

#[test]
fn one_full_minute_is_enough_after_tasks_were_taken_away() {
    let mut sample = scaled(10, false);
    put_all(&mut sample, MetricKind::ServiceCpu, BACKEND, [50.0, 92.0]);
    assert_eq!(examined(&sample, 0).level, Level::Good);
    let told = "(service backend) has stopped 2 running tasks: (task a) (task b).";
    sample.service("backend").events.insert(0, event(-90, told));
    let health = examined(&sample, 0);
    assert_eq!(
        level_of(&health, "2 of its tasks stopped 90s ago"),
        Some(Level::Warn),
        "{:#?}",
        health.findings
    );
}

#[test]
fn bounds_that_leave_autoscaling_nothing_to_do_are_told() {
    let table = [
        (2, false, "cannot follow the load: its minimum and maximum are 2"),
        (0, false, "no task at all: its minimum and maximum are 0"),
        (10, true, "is suspended: scaling out"),
    ];
    for (max, suspended, text) in table {
        assert_eq!(level_of(&examined(&scaled(max, suspended), 0), text), Some(Level::Idle), "{text}");
    }
}

#[test]
fn a_databases_load_is_judged_likewise() {
    const GIB: f64 = 1_073_741_824.0;
    let id = "party-box-db";
    let with = |kind, subject: &str, values: &[Option<f64>]| {
        let mut sample = Sample::healthy();
        sample.writer().class = "db.t4g.micro".into();
        sample.writer().storage_gib = Some(100);
        put(&mut sample, kind, subject, values);
        examined(&sample, 0)
    };
    let all = |value: f64, minutes: usize| vec![Some(value); minutes];
    let table: Vec<(Health, Option<&str>)> = vec![
        (with(MetricKind::DbCpu, id, &all(95.0, 5)), Some("party-box-db is overloaded: CPU at 95 % for 5m")),
        (with(MetricKind::DbCpu, id, &all(95.0, 4)), None),
        (with(MetricKind::DbConnections, id, &all(100.0, 2)), Some("100 connections for 2m")),
        (with(MetricKind::DbConnections, id, &all(60.0, 9)), None),
        (with(MetricKind::DbFreeStorage, id, &all(9.0 * GIB, 1)), Some("9.0 GiB of 100 GiB storage left")),
        (with(MetricKind::DbFreeStorage, id, &all(11.0 * GIB, 1)), None),
        (
            with(
                MetricKind::DbReplicaLag,
                "party-box-db-replica",
                &[Some(1.0), None, None, None, None, None, None, None],
            ),
            Some("not known: CloudWatch has no lag since 7m ago"),
        ),
    ];
    for (health, text) in table {
        match text {
            Some(text) => {
                assert_eq!(level_of(&health, text), Some(Level::Warn), "{text}: {:?}", health.findings);
            }
            None => assert_eq!(health.level, Level::Good, "{:?}", health.findings),
        }
    }
}

#[test]
fn a_jump_of_the_answers_time_is_told_where_there_are_requests() {
    let with = |usual: f64, now: f64, minutes: usize, requests: f64| {
        let mut sample = Sample::healthy();
        let times = vec![usual; 60 - minutes].into_iter().chain(vec![now; minutes]);
        put_all(&mut sample, MetricKind::AlbLatencyP99, ALB, times);
        put_all(&mut sample, MetricKind::AlbRequests, ALB, vec![requests; 60]);
        examined(&sample, 0)
    };
    let told = with(0.12, 1.9, 4, 900.0);
    let text =
        "party-box-alb answers slowly: p99 1.9 s for 4m (as of 0s ago), usually 120 ms in the hour before";
    assert_eq!(level_of(&told, text), Some(Level::Warn), "{:?}", told.findings);
    for (usual, now, minutes, requests) in
        [(0.12, 1.9, 2, 900.0), (0.12, 1.9, 4, 20.0), (0.05, 0.2, 4, 900.0), (1.0, 1.9, 4, 900.0)]
    {
        let health = with(usual, now, minutes, requests);
        assert_eq!(health.level, Level::Good, "{usual} {now} {minutes} {requests}: {:?}", health.findings);
    }
}

#[test]
fn what_cloudwatch_did_not_answer_is_told() {
    let unanswered = |kind, problem: &str| {
        let mut sample = Sample::healthy();
        let series = Series { problem: Some(problem.into()), until: Some(at(0)), ..Series::default() };
        sample.metrics.insert(MetricKey::new(kind, ALB), series);
        examined(&sample, 0)
    };
    for problem in ["Forbidden", "InternalError", "not answered"] {
        let health = unanswered(MetricKind::AlbTarget5xx, problem);
        assert_eq!(level_of(&health, &format!("its 5xx is {problem}")), Some(Level::Warn));
        let health = unanswered(MetricKind::AlbLatencyP99, problem);
        assert_eq!(level_of(&health, &format!("some of the metrics: 1 {problem}")), Some(Level::Idle));
    }
    assert_eq!(unanswered(MetricKind::AlbTarget5xx, "PartialData").level, Level::Good);
}
