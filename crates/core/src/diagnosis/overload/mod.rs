//! Overload, judged by the readings themselves and not only by the account's alarms: services, databases and the
//! answers' time. Each rule looks at complete minutes in a row; a missing reading is not a pass, and is told.

mod database;
mod latency;
mod service;
#[cfg(test)]
mod tests;

use super::{Finding, Subject, format_span};
use crate::domain::{Level, MetricKind, PartyBox, Payload, Run, Store, Timed, Topic};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

pub(super) fn examine(store: &Store, party_box: &PartyBox, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    for node in &party_box.services {
        service::examine(store, node, now, findings);
    }
    for db in &party_box.databases {
        database::examine(store, db, now, findings);
    }
    for balancer in &party_box.balancers {
        latency::examine(store, balancer, now, findings);
    }
    findings.extend(describe_unanswered(store));
}

/// `for 6m (as of 60s ago)`: how long it has lasted, and how old the newest minute is.
fn lasting(timed: &Timed<'_>, run: &Run) -> String {
    let span = format_span(run.newest - run.since + chrono::TimeDelta::minutes(1));
    format!("for {span} (as of {} ago)", format_span(timed.age(run.newest)))
}

/// The series that CloudWatch did not answer, one finding per reason: what they would show is not known. Those of
/// the errors have a finding of their own.
fn describe_unanswered(store: &Store) -> Option<Finding> {
    let Some(Payload::Metrics(all)) = store.payload(&Topic::Metrics) else { return None };
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, series) in all {
        let own = matches!(key.kind, MetricKind::AlbTarget5xx | MetricKind::AlbElb5xx);
        if let Some(why) = series.unknown().filter(|_| !own) {
            *reasons.entry(why).or_default() += 1;
        }
    }
    if reasons.is_empty() {
        return None;
    }
    let parts: Vec<String> = reasons.iter().map(|(why, count)| format!("{count} {why}")).collect();
    let text = format!("CloudWatch did not answer some of the metrics: {}", parts.join(", "));
    let finding = Finding::new(Level::Idle, Subject::Whole, text);
    Some(finding.advise("whether there is overload is not known where they are missing"))
}
