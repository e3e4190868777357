//! The impact of a zone's outage: what fails in it now, and what stopped or moved shortly before.

use super::parts::is_counting;
use super::{PartKind, Zone};
use crate::diagnosis::{format_span, last_failover, plural, zone_letter};
use crate::domain::{
    Database, DbEvent, FailoverStep, Level, PartyBox, ServiceNode, Store, TargetHealth, sentences,
};
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
    let life = Life::of(store, party_box, zone, now);
    for node in &party_box.services {
        note_sick_targets(node, zone, &mut list);
        note_stopped_tasks(node, zone, life, now, &mut list);
    }
    for db in &party_box.databases {
        note_database(store, db, zone, life, now, &mut list);
    }
    list
}

/// What shows whether a zone works now. A loss that is over is not told as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// A target in it is healthy and none is sick, or its NAT gateway counts again.
    Shown,
    /// Targets in it are sick.
    Missing,
    /// Nothing stands in it that could show it.
    Unknown,
}

impl Life {
    fn of(store: &Store, party_box: &PartyBox, zone: &Zone, now: DateTime<Utc>) -> Self {
        let here = |node: &&ServiceNode| !sick_targets(node, zone).is_empty();
        if party_box.services.iter().any(|node| here(&node)) {
            return Self::Missing;
        }
        let mut gateways = zone.of(PartKind::Gateway);
        if zone.healthy > 0 || gateways.any(|nat| is_counting(store, &nat.name, now)) {
            Self::Shown
        } else {
            Self::Unknown
        }
    }

    /// How serious it is that something was lost so long ago.
    fn level(self, ago: TimeDelta) -> Level {
        match self {
            Self::Shown => Level::Idle,
            Self::Unknown if ago > FRESH => Level::Unknown,
            Self::Missing | Self::Unknown => Level::Warn,
        }
    }

    /// What is added to its sentence.
    fn remark(self, ago: TimeDelta) -> &'static str {
        match self.level(ago) {
            Level::Idle => "; the zone works again",
            Level::Unknown => "; nothing here shows whether the zone works again",
            _ => "",
        }
    }
}

/// How long what was lost counts as lost where nothing in the zone shows whether it is back.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// The targets of a service's tasks in a zone that fail their checks.
fn sick_targets<'a>(node: &'a ServiceNode, zone: &Zone) -> Vec<&'a TargetHealth> {
    let here = node.rows.iter().filter(|row| node.task(row).zone.as_deref() == Some(zone.name.as_str()));
    here.filter_map(|row| row.target.as_ref()).filter(|target| target.fails()).collect()
}

/// Targets of its tasks that fail their checks.
fn note_sick_targets(node: &ServiceNode, zone: &Zone, list: &mut Vec<(Level, String)>) {
    let here = || node.rows.iter().filter(|row| node.task(row).zone.as_deref() == Some(zone.name.as_str()));
    let sick = sick_targets(node, zone);
    if let Some(first) = sick.first() {
        let all = here().filter(|row| row.target.is_some()).count();
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
fn note_stopped_tasks(
    node: &ServiceNode,
    zone: &Zone,
    life: Life,
    now: DateTime<Utc>,
    list: &mut Vec<(Level, String)>,
) {
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
        let why = format!("{}{}", why.trim_end_matches('.'), life.remark(now - at));
        list.push((life.level(now - at), format!("{told}{why}")));
    }
}

/// A database whose writer is here and away, or that failed over a short while ago.
fn note_database(
    store: &Store,
    db: &Database,
    zone: &Zone,
    life: Life,
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
    let since = ago;
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
    // One that goes on is a loss now; one that ended is over when the zone is.
    let level = if step == FailoverStep::Ends { life.level(since) } else { Level::Warn };
    list.push((level, told));
}

/// `to NAME`: a cluster's event names the new writer.
fn name_new_writer(event: &DbEvent) -> String {
    sentences::new_writer(&event.message).map_or_else(String::new, |name| format!("to {name}"))
}
