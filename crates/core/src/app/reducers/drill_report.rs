//! The record of a drill, with what the rest of the state adds: account, timeline, metrics, earlier drills.

use crate::app::state::State;
use crate::diagnosis::Subject;
use crate::domain::{MetricKey, MetricKind, Now};
use crate::operation::drill::report::{
    AccountRef, DrillReport, EventReport, MetricReport, ReportContext, build_report,
};
use chrono::TimeDelta;

/// Entries of the timeline from this long before the probe began are included.
const EVENTS_BEFORE_PROBE: TimeDelta = TimeDelta::minutes(2);
/// Earlier drills that a record is compared with.
const EARLIER: usize = 20;

/// The record of the drill as it stands.
pub fn drill_report(state: &State, now: Now) -> Option<DrillReport> {
    let drill = state.drill.current.as_ref()?;
    let at = state.polling.clock.now(now);
    let began = state.polling.clock.moment(drill.began).unwrap_or(at);
    let session = &state.session;
    let place = AccountRef {
        account: session.account.clone(),
        region: session.region.clone(),
        cluster: session.cluster.clone().unwrap_or_default(),
        caller: state.account.store.identity().map(|i| i.arn.clone()).unwrap_or_default(),
        simulated: state
            .polling
            .meter
            .simulated
            .as_ref()
            .map(|s| format!("{} at speed {}", s.scenario, s.speed)),
    };
    let mut events: Vec<EventReport> = state
        .timeline
        .entries()
        .iter()
        .take_while(|entry| entry.at >= began - EVENTS_BEFORE_PROBE)
        .map(|entry| EventReport {
            ms: (entry.at - began).num_milliseconds(),
            at: entry.at,
            from: entry.source.to_string(),
            subject: match &entry.subject {
                Subject::Service(name) | Subject::Database(name) => name.clone(),
                _ => String::new(),
            },
            level: entry.level,
            text: entry.text.clone(),
        })
        .collect();
    events.reverse();
    let earlier =
        state.drill.history.iter().filter(|past| past.database == drill.database && past.id != drill.id);
    let rest = ReportContext {
        place,
        events,
        metrics: metrics(state, began),
        earlier: earlier.take(EARLIER).cloned().collect(),
    };
    Some(build_report(drill, &state.polling.clock, now.mono, at, rest))
}

/// Connections of the database and errors of the load balancers, since shortly before the probe began.
fn metrics(state: &State, began: chrono::DateTime<chrono::Utc>) -> Vec<MetricReport> {
    let Some(drill) = &state.drill.current else { return Vec::new() };
    let mut wanted = vec![(
        "database connections",
        MetricKey::new(MetricKind::DbConnections, drill.before.writer.clone().unwrap_or_default()),
    )];
    for balancer in &state.account.party_box.balancers {
        let subject = crate::diagnosis::balancer_dimension(&balancer.arn);
        wanted.push(("target 5xx a minute", MetricKey::new(MetricKind::AlbTarget5xx, subject)));
        wanted.push(("load balancer 5xx a minute", MetricKey::new(MetricKind::AlbElb5xx, subject)));
    }
    let series = wanted.into_iter().filter_map(|(name, key)| {
        let points: Vec<(i64, f64)> = state
            .account
            .store
            .series(&key)?
            .points
            .iter()
            .filter(|(at, _)| *at >= began - EVENTS_BEFORE_PROBE)
            .map(|(at, value)| ((*at - began).num_milliseconds(), *value))
            .collect();
        Some(MetricReport { name: name.to_owned(), points })
    });
    series.collect()
}
