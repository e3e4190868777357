//! A drill as lines of text for a shell: its state, its events, and its result.

use super::text::{format_span, moment};
use crate::app::Entry;
use crate::diagnosis::Subject;
use crate::operation::drill::report::DrillReport;
use crate::operation::drill::{Drill, DrillWait, PhaseState};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// A span of time as it is written everywhere in a report, e.g. `63.2 s`.
pub fn format_time(time: Duration) -> String {
    format_span(time.as_millis().try_into().unwrap_or(u64::MAX))
}

/// An entry of the timeline, its time counted from `zero`: `   +63.2 s  rds   failover completed`.
pub fn event_line(entry: &Entry, zero: DateTime<Utc>) -> String {
    let subject = match &entry.subject {
        Subject::Service(name) | Subject::Database(name) if !entry.text.contains(name) => format!("{name}: "),
        _ => String::new(),
    };
    let since = moment((entry.at - zero).num_milliseconds());
    format!("{since:>10}  {:<5} {subject}{}", entry.source, entry.text)
}

/// How a drill stands now (`mono`, monotonic) and what it waits for ([`Drill::waiting_for`]), in one line.
pub fn status_line(drill: &Drill, wait: Option<DrillWait>, mono: Duration) -> String {
    let since = drill.scaled(mono.saturating_sub(drill.sent.unwrap_or(drill.began))).as_secs();
    let seen: Vec<&str> =
        drill.phases().iter().filter(|p| matches!(p.state, PhaseState::Seen(_))).map(|p| p.name).collect();
    let probe = match (&drill.measured.outage, drill.rto()) {
        (Some(_), Some(rto)) => format!("back after {}", format_time(rto)),
        (Some(outage), None) => {
            format!("away for {} s", drill.scaled(mono.saturating_sub(outage.first_bad)).as_secs())
        }
        (None, _) => "no request failed".to_owned(),
    };
    let status = drill.snapshots.last().map_or("", |snapshot| snapshot.status.as_str());
    let counts = &drill.measured.since;
    let wait = wait.map_or_else(String::new, |wait| format!("  {}", wait.words()));
    format!(
        "{:02}:{:02}  {probe}  good {} slow {} lost {}  {status}  seen: {}{wait}",
        since / 60,
        since % 60,
        counts.good,
        counts.slow,
        counts.bad,
        seen.join(" ")
    )
}

/// The result in a few lines.
pub fn result_lines(report: &DrillReport) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", report.database.id, report.sentence)];
    if let Some(rto) = report.rto_ms {
        let how = if report.within_target == Some(true) { "within" } else { "over" };
        lines.push(format!(
            "RTO {}, {how} the target of {}",
            format_span(rto),
            format_span(report.target_rto_ms)
        ));
    }
    if let Some(gap) = report.longest_gap_ms {
        lines.push(format!(
            "longest gap {}, {} without good answers in all, {} requests lost",
            format_span(gap),
            format_span(report.bad_ms),
            report.requests_lost
        ));
    }
    lines.extend(report.absent.iter().map(|absent| format!("not seen: {absent}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::super::samples::story;
    use super::*;
    use crate::app::{EventKind, Source};
    use crate::domain::Level;

    #[test]
    fn an_event_is_counted_from_the_trigger_and_named_once() {
        let zero = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let entry = |ms, text: &str| Entry {
            at: zero + chrono::TimeDelta::milliseconds(ms),
            source: Source::Rds,
            kind: EventKind::AwsEvent,
            subject: Subject::Database("db".into()),
            level: Level::Idle,
            text: text.into(),
        };
        assert_eq!(event_line(&entry(63_240, "failover done"), zero), "   +63.2 s  rds   db: failover done");
        assert_eq!(event_line(&entry(-1_500, "db reboots"), zero), "    -1.5 s  rds   db reboots");
    }

    #[test]
    fn the_result_says_how_long_against_what() {
        let report = DrillReport {
            rto_ms: Some(63_240),
            target_rto_ms: 60_000,
            within_target: Some(false),
            ..story()
        };
        assert_eq!(result_lines(&report)[1], "RTO 63.2 s, over the target of 60 s");
    }
}
