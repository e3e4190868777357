//! Turns readings into timeline entries: AWS's events, and changes between two readings.

use crate::app::state::{Entry, EventKind, Source, State};
use crate::diagnosis::{Subject, zone_letter};
use crate::domain::{
    Database, DbCluster, DbEvent, Level, Now, Payload, Service, TargetHealth, Topic, sentences,
};
use chrono::{DateTime, TimeDelta, Utc};

/// Adds the entries for a new reading of a topic.
pub(crate) fn add_entries(state: &mut State, topic: &Topic, old: Option<&Payload>, now: Now) {
    let at = state.polling.clock.now(now);
    let entries: Vec<Entry> = match (topic, state.account.store.payload(topic), old) {
        (Topic::Services, Some(Payload::Services(services)), old) => {
            let known = match old {
                Some(Payload::Services(old)) => old.as_slice(),
                _ => &[],
            };
            services.iter().flat_map(|s| service_events(s, known.iter().find(|o| o.name == s.name))).collect()
        }
        (Topic::DbEvents, Some(Payload::DbEvents(events)), _) => events.iter().map(db_event).collect(),
        (Topic::Databases, Some(Payload::Databases(new)), Some(Payload::Databases(old))) => new
            .iter()
            .filter(|db| state.account.party_box.database(&db.id).is_some())
            .flat_map(|db| database_changes(db, old.iter().find(|o| o.id == db.id), at))
            .collect(),
        (Topic::DbClusters, Some(Payload::DbClusters(new)), Some(Payload::DbClusters(old))) => new
            .iter()
            .filter(|cluster| state.account.party_box.cluster(&cluster.id).is_some())
            .flat_map(|cluster| cluster_changes(cluster, old.iter().find(|o| o.id == cluster.id), at))
            .collect(),
        (Topic::TargetHealth(arn), Some(Payload::TargetHealth(new)), Some(Payload::TargetHealth(old))) => {
            let group = state.account.party_box.group(arn);
            let subject = group
                .and_then(|g| g.service.clone())
                .map_or_else(|| Subject::Balancer(arn.clone()), Subject::Service);
            target_changes(new, old, &subject, at)
        }
        _ => Vec::new(),
    };
    state.timeline.add(entries);
}

/// Service events that the last reading did not have.
fn service_events<'a>(service: &'a Service, old: Option<&'a Service>) -> impl Iterator<Item = Entry> + 'a {
    let newest = old.and_then(|o| o.events.first()).map(|e| e.id.as_str());
    service.events.iter().take_while(move |e| Some(e.id.as_str()) != newest).map(|event| Entry {
        at: event.at,
        source: Source::Ecs,
        kind: EventKind::AwsEvent,
        subject: Subject::Service(service.name.clone()),
        level: event.level(),
        text: sentences::without_service(&event.message, &service.name).to_owned(),
    })
}

fn db_event(event: &DbEvent) -> Entry {
    Entry {
        at: event.at,
        source: Source::Rds,
        kind: EventKind::AwsEvent,
        subject: Subject::Database(event.source.clone()),
        level: event.level(),
        text: event.message.clone(),
    }
}

/// What changed on a database between two readings: status and zones. The time is when we saw it.
fn database_changes(new: &Database, old: Option<&Database>, at: DateTime<Utc>) -> Vec<Entry> {
    let Some(old) = old else { return Vec::new() };
    let entry = |level, text| Entry {
        at,
        source: Source::Readings,
        kind: EventKind::Change,
        subject: Subject::Database(new.id.clone()),
        level,
        text,
    };
    let mut entries = Vec::new();
    if new.status != old.status {
        entries.push(entry(new.level(), format!("status {} -> {}", old.status, new.status)));
    }
    let zone = |z: &Option<String>| z.as_deref().map_or("none", zone_letter).to_owned();
    if new.zone != old.zone {
        entries.push(entry(Level::Warn, format!("writer zone {} -> {}", zone(&old.zone), zone(&new.zone))));
    }
    if new.multi_az != old.multi_az {
        let text = if new.multi_az { "Multi-AZ is on now" } else { "Multi-AZ is off now" };
        entries.push(entry(Level::Warn, text.to_owned()));
    }
    entries
}

/// What changed on a DB cluster between two readings: its status and its writer. The time is when we saw it.
fn cluster_changes(new: &DbCluster, old: Option<&DbCluster>, at: DateTime<Utc>) -> Vec<Entry> {
    let Some(old) = old else { return Vec::new() };
    let entry = |level, text| Entry {
        at,
        source: Source::Readings,
        kind: EventKind::Change,
        subject: Subject::Database(new.id.clone()),
        level,
        text,
    };
    let writer = |c: &DbCluster| {
        c.members.iter().find(|m| m.writer).map_or_else(|| "none".to_owned(), |m| m.instance.clone())
    };
    let mut entries = Vec::new();
    if new.status != old.status {
        entries.push(entry(new.level(), format!("status {} -> {}", old.status, new.status)));
    }
    if writer(new) != writer(old) {
        entries.push(entry(Level::Warn, format!("writer {} -> {}", writer(old), writer(new))));
    }
    entries
}

/// Targets whose state changed between two readings.
fn target_changes(
    new: &[TargetHealth],
    old: &[TargetHealth],
    subject: &Subject,
    at: DateTime<Utc>,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for target in new {
        let before = old.iter().find(|o| o.id == target.id && o.port == target.port);
        let Some(before) = before else { continue };
        if before.state != target.state {
            let why = target.description.as_deref().map(|d| format!(": {d}")).unwrap_or_default();
            entries.push(Entry {
                // Whole seconds, so that neighbours on one poll stand together.
                at: at - TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos())),
                source: Source::Readings,
                kind: EventKind::Change,
                subject: subject.clone(),
                level: target.level(),
                text: format!("target {} {} -> {}{why}", target.id, before.state, target.state),
            });
        }
    }
    entries
}
