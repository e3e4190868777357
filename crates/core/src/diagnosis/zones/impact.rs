//! The impact of a zone's outage: what fails in it now, and what stopped or moved shortly before.

use super::Zone;
use crate::diagnosis::{format_span, last_failover, plural, zone_letter};
use crate::domain::{Database, DbEvent, FailoverStep, Level, PartyBox, ServiceNode, Store, sentences};
use chrono::{DateTime, TimeDelta, Utc};

/// How long stopped tasks and moved databases are reported.
const RECENT: TimeDelta = TimeDelta::minutes(30);

/// What is lost in a zone.
pub(super) fn find_impact(
    store: &Store,
    party_box: &PartyBox,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Vec<(Level, String)> {
    let mut list = Vec::new();
    for node in &party_box.services {
        note_sick_targets(node, zone, &mut list);
        note_stopped_tasks(node, zone, now, &mut list);
    }
    for db in &party_box.databases {
        note_database(store, db, zone, now, &mut list);
    }
    list
}

/// Targets of its tasks that fail their checks.
fn note_sick_targets(node: &ServiceNode, zone: &Zone, list: &mut Vec<(Level, String)>) {
    let here = || node.rows.iter().filter(|row| node.task(row).zone.as_deref() == Some(zone.name.as_str()));
    let targets = here().filter_map(|row| row.target.as_ref());
    let sick: Vec<_> = targets.clone().filter(|t| t.fails()).collect();
    if let Some(first) = sick.first() {
        let all = targets.count();
        let level = if sick.len() == all { Level::Bad } else { Level::Warn };
        let why = first.why().unwrap_or("no reason told");
        list.push((
            level,
            format!(
                "{}: {} of {} here unhealthy ({why})",
                node.service().name,
                sick.len(),
                plural(all, "target")
            ),
        ));
    }
}

/// Tasks that stopped in it, other than by a deployment or by somebody's hand.
fn note_stopped_tasks(node: &ServiceNode, zone: &Zone, now: DateTime<Utc>, list: &mut Vec<(Level, String)>) {
    let tasks = node.rows.iter().map(|row| node.task(row)).filter(|task| {
        task.zone.as_deref() == Some(zone.name.as_str())
            && task.last_status == "STOPPED"
            && task.stopped_at.is_some_and(|at| now - at < RECENT)
            && task.failed()
    });
    let (mut count, mut newest, mut reason) = (0, None, None);
    for task in tasks {
        count += 1;
        if task.stopped_at > newest {
            newest = task.stopped_at;
            reason = task.stopped_reason.as_deref();
        }
    }
    if let Some(at) = newest {
        let why = reason.map(|r| format!(": {r}")).unwrap_or_default();
        let told = format!(
            "{}: {} stopped here, last {} ago",
            node.service().name,
            plural(count, "task"),
            format_span(now - at)
        );
        list.push((Level::Warn, format!("{told}{why}")));
    }
}

/// A database whose writer is here and away, or that failed over a short while ago.
fn note_database(
    store: &Store,
    db: &Database,
    zone: &Zone,
    now: DateTime<Utc>,
    list: &mut Vec<(Level, String)>,
) {
    let here = |z: &Option<String>| z.as_deref() == Some(zone.name.as_str());
    let level = db.level();
    if here(&db.zone) && level >= Level::Warn {
        list.push((level, format!("{} ({}) is {}", db.id, db.role(), db.status)));
    }
    let Some((event, step)) = last_failover(store.db_events(), db.fails_over_as()) else { return };
    let ago = now - event.at;
    if ago >= RECENT || step == FailoverStep::Abandoned {
        return;
    }
    let ago = format_span(ago);
    let told = match (step, &db.cluster) {
        (FailoverStep::Begins, _) if here(&db.zone) => {
            let role = if db.cluster.is_some() { db.role() } else { "writer" };
            format!("{}: a failover began {ago} ago; RDS shows its {role} here", db.fails_over_as())
        }
        (FailoverStep::Ends, None) if here(&db.zone) => {
            let whence = db.secondary_zone.as_deref().map_or("?", zone_letter);
            format!("{} failed over {ago} ago: RDS shows its writer here, its standby in {whence}", db.id)
        }
        (FailoverStep::Ends, None) if here(&db.secondary_zone) => {
            let whither = db.zone.as_deref().map_or("?", zone_letter);
            format!("{} failed over {ago} ago: RDS shows its writer in {whither}, its standby here", db.id)
        }
        (FailoverStep::Ends, Some(cluster)) if here(&db.zone) => {
            format!(
                "{cluster} failed over {ago} ago {}: {} here is {}",
                name_new_writer(event),
                db.id,
                db.role()
            )
        }
        _ => return,
    };
    list.push((Level::Warn, told));
}

/// `to NAME`: a cluster's event names the new writer.
fn name_new_writer(event: &DbEvent) -> String {
    sentences::new_writer(&event.message).map_or_else(String::new, |name| format!("to {name}"))
}
