//! A sample drill for tests.

use crate::domain::Level;
use crate::operation::drill::report::{
    AccountRef, CheckReport, Count, DatabaseReport, DrillMoment, DrillReport, DrillSummary, EventReport,
    MetricReport, ProbeCountsReport, ProbeReport, ProbeResultReport, RECORDING, ResultState, Span, VERSION,
};
use crate::operation::drill::{Mode, OutcomeWord};
use chrono::{DateTime, TimeDelta, Utc};

fn began() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

/// One of T0 to T6.
pub fn moment(name: &str, what: &str, ms: Option<i64>) -> DrillMoment {
    DrillMoment {
        name: name.to_owned(),
        what: what.to_owned(),
        ms,
        at: ms.map(|ms| began() + TimeDelta::milliseconds(ms)),
        source: ms.map(|_| "measured".to_owned()),
        missing: ms.is_none().then(|| "no such event".to_owned()),
    }
}

/// A value over a span of time.
pub fn span(from_ms: i64, to_ms: i64, text: &str, level: Level) -> Span {
    Span { from_ms, to_ms, text: text.to_owned(), level }
}

fn event(ms: i64, from: &str, level: Level, text: &str) -> EventReport {
    EventReport {
        ms,
        at: began() + TimeDelta::milliseconds(ms),
        from: from.to_owned(),
        subject: "party-box-db".to_owned(),
        level,
        text: text.to_owned(),
    }
}

/// Five good answers, the trigger at 10 s, an outage from 20 s to 83.2 s.
pub fn story() -> DrillReport {
    let results = (0..600).map(|n| {
        let ms = n * 200;
        let bad = (20_000..83_200).contains(&ms);
        ProbeResultReport {
            ms,
            took_ms: if bad { 2000 } else { 12 },
            state: if bad { ResultState::Bad } else { ResultState::Good },
            why: if bad { "timed out".to_owned() } else { String::new() },
        }
    });
    DrillReport {
        version: VERSION,
        recording: Some(RECORDING.to_owned()),
        id: "20270115-080000-party-box-db".to_owned(),
        mode: Mode::Triggered,
        place: AccountRef {
            account: "123456789012".to_owned(),
            region: "ap-northeast-1".to_owned(),
            cluster: "party-box".to_owned(),
            caller: "arn:aws:sts::123456789012:assumed-role/OnCall/kana".to_owned(),
            simulated: None,
        },
        database: DatabaseReport {
            id: "party-box-db".to_owned(),
            kind: "Multi-AZ instance".to_owned(),
            arn: "arn:aws:rds:ap-northeast-1:123456789012:db:party-box-db".to_owned(),
            engine: "postgres 16.4".to_owned(),
            before: (Some("party-box-db".to_owned()), Some("ap-northeast-1a".to_owned())),
            after: (Some("party-box-db".to_owned()), Some("ap-northeast-1c".to_owned())),
            moved: true,
        },
        outcome: OutcomeWord::Recovered,
        sentence: "the service was away and came back".to_owned(),
        began_at: began(),
        ended_ms: 120_000,
        rto_ms: Some(63_200),
        target_rto_ms: 120_000,
        within_target: Some(true),
        settled_ms: Some(63_200),
        longest_gap_ms: Some(63_200),
        bad_ms: 63_200,
        requests_lost: 316,
        to_first_failure_ms: Some(10_000),
        moments: vec![
            moment("T0", "failover accepted", Some(10_000)),
            moment("T1", "first failed request", Some(20_000)),
            moment("T2", "RDS: failover started", Some(22_000)),
            moment("T3", "DNS answer changed", None),
            moment("T4", "first good answer", Some(83_200)),
            moment("T5", "RDS: failover completed", Some(90_000)),
            moment("T6", "writer's zone changed", Some(110_000)),
        ],
        absent: vec!["T3 DNS answer changed: the endpoint's name does not resolve from here".to_owned()],
        probe: ProbeReport {
            url: "https://play.example.com/api/health?token=***".to_owned(),
            interval_ms: 200,
            timeout_ms: 2000,
            expect: "status 200-299".to_owned(),
            rate: 1.0,
            baseline: ProbeCountsReport {
                sent: 50,
                good: 50,
                p50_ms: 12.0,
                p95_ms: 12.0,
                ..ProbeCountsReport::default()
            },
            since: ProbeCountsReport { sent: 550, good: 234, bad: 316, ..ProbeCountsReport::default() },
            results: results.collect(),
        },
        checks: vec![CheckReport { outcome: "pass".to_owned(), text: "Multi-AZ, standby in c".to_owned() }],
        events: vec![
            event(9_000, "you", Level::Busy, "sent"),
            event(22_000, "rds", Level::Warn, "Multi-AZ instance failover started."),
            event(22_500, "rds", Level::Warn, "Multi-AZ instance failover started."),
        ],
        status: vec![
            span(0, 21_000, "available", Level::Good),
            span(21_000, 90_000, "rebooting", Level::Warn),
            span(90_000, 120_000, "available", Level::Good),
        ],
        names: Vec::new(),
        targets: vec![Count { ms: 0, have: 4, of: 4 }, Count { ms: 50_000, have: 2, of: 4 }],
        tasks: vec![Count { ms: 0, have: 4, of: 4 }],
        metrics: vec![MetricReport {
            name: "database connections".to_owned(),
            points: vec![(0, 20.0), (60_000, 0.0)],
        }],
        earlier: vec![DrillSummary {
            id: "before".to_owned(),
            database: "party-box-db".to_owned(),
            at: began() - TimeDelta::days(90),
            outcome: OutcomeWord::Recovered,
            rto_ms: Some(131_000),
            target_rto_ms: 120_000,
            simulated: false,
            mode: Mode::Triggered,
        }],
    }
}
