//! Databases: availability, standby, backups, exposure, failovers.

use super::{Finding, Subject, format_span, zone_letter};
use crate::domain::{
    Belonging, ClusterNode, Database, DbEvent, DbProxy, FailoverStep, Level, PartyBox, Store, USUAL_FAILOVER,
    database_status_means,
};
use chrono::{DateTime, TimeDelta, Utc};

pub(super) fn examine(store: &Store, party_box: &PartyBox, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    examine_proxies(store, party_box, findings);
    for db in &party_box.databases {
        // A cluster's failover is reported once, at its writer.
        let told = db.cluster.is_none() || db.writes == Some(true);
        let failover = last_failover(store.db_events(), db.fails_over_as()).filter(|_| told);
        examine_availability(db, failover, now, findings);
        if db.replica_of.is_none() {
            examine_safety(db, now, findings);
        }
        examine_exposure(db, findings);
        for node in party_box.clusters.iter().filter(|_| db.writes == Some(true)) {
            if db.cluster.as_deref() == Some(node.cluster.id.as_str()) {
                examine_cluster(node, findings);
            }
        }
        if let Some(replication) = db.replication.as_ref().filter(|replication| !replication.normal) {
            let why = replication.message.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            let text = format!("Replication of {} is {}{why}", db.id, replication.status);
            findings.push(Finding::new(Level::Warn, Subject::Database(db.id.clone()), text));
        }
    }
}

/// The proxies that lead to the databases, and the health of what is behind them.
fn examine_proxies(store: &Store, party_box: &PartyBox, findings: &mut Vec<Finding>) {
    let ours = |db: &&Database, proxy: &DbProxy| proxy.leads_to(&db.id, db.cluster.as_deref());
    for proxy in store.db_proxies() {
        let through =
            party_box.belongings.values().any(|why| *why == Belonging::Proxy { proxy: proxy.name.clone() });
        let Some(db) = party_box.databases.iter().find(|db| through || ours(db, proxy)) else { continue };
        let mut tell = |level, text| {
            findings.push(Finding::new(level, Subject::Database(db.fails_over_as().to_owned()), text));
        };
        if proxy.level() > Level::Good {
            tell(proxy.level(), format!("RDS Proxy {} is {}", proxy.name, proxy.status));
        }
        let targets = proxy.targets.as_deref().unwrap_or_default();
        // A reader of several that is not reached costs nothing but its share.
        let some = targets.iter().any(|target| target.level() == Level::Good);
        for target in targets.iter().filter(|target| target.level() > Level::Good) {
            let level = if some { target.level().min(Level::Warn) } else { target.level() };
            let why = target.description.as_ref().or(target.reason.as_ref());
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            let state = target.state.to_lowercase();
            tell(level, format!("{} is {state} to RDS Proxy {}{why}", target.resource, proxy.name));
        }
    }
}

/// A cluster as a whole: its status, and whether a reader elsewhere could take over.
fn examine_cluster(node: &ClusterNode, findings: &mut Vec<Finding>) {
    let id = &node.cluster.id;
    let subject = || Subject::Database(id.clone());
    let level = node.cluster.level();
    if level != Level::Good {
        let status = &node.cluster.status;
        let text = format!("{} {id} is {status}: {}", node.kind(), database_status_means(status));
        findings.push(Finding::new(level, subject(), text).advise("4 shows its events"));
    }
    if node.cluster.deletion_protection == Some(false) {
        let text = format!("{id} is not protected from deletion");
        findings.push(Finding::new(Level::Idle, subject(), text));
    }
    let home = node.writer().and_then(|w| w.zone.as_deref());
    let elsewhere = node.readers().any(|m| m.zone.is_some() && m.zone.as_deref() != home);
    if let Some(home) = home.filter(|_| !elsewhere) {
        let home = zone_letter(home);
        let text = match node.candidate() {
            Some(_) => format!("{id} has its writer and all readers in zone {home}"),
            None => format!("{id} has no reader: nothing takes over if zone {home} fails"),
        };
        findings.push(Finding::new(Level::Warn, subject(), text).advise("add a reader in another zone"));
    }
}

/// The newest step of the newest failover of an instance or a cluster. RDS events are best effort: there may
/// be none. Remarks do not count, since RDS reports the cause of a failover after its end. Of two in the same
/// second the later in the list is newer.
pub fn last_failover<'a>(events: &'a [DbEvent], id: &str) -> Option<(&'a DbEvent, FailoverStep)> {
    events
        .iter()
        .filter(|e| e.source == id)
        .filter_map(|e| Some((e, e.failover_step().filter(|step| *step != FailoverStep::Remark)?)))
        .max_by_key(|(e, _)| e.at)
}

/// RDS's field for the zone was seen to change up to so long after a failover was asked for.
const LATE_ZONE: TimeDelta = TimeDelta::minutes(9);

fn examine_availability(
    db: &Database,
    failover: Option<(&DbEvent, FailoverStep)>,
    now: DateTime<Utc>,
    findings: &mut Vec<Finding>,
) {
    let subject = || Subject::Database(db.id.clone());
    let level = db.level();
    let newest = |wanted: FailoverStep, within: TimeDelta| {
        failover.filter(|(e, step)| *step == wanted && now - e.at < within).map(|(e, _)| e)
    };
    let under_way = newest(FailoverStep::Begins, TimeDelta::minutes(10));
    if level != Level::Good {
        let text = if let Some(event) = under_way {
            format!(
                "{} is {}: a failover is under way since {}; requests that need it fail until it ends",
                db.id,
                db.status,
                format_span(now - event.at)
            )
        } else {
            let progress = db.progress.as_deref().map(|done| format!(", {done} % done")).unwrap_or_default();
            format!("{} is {}{progress}: {}", db.id, db.status, database_status_means(&db.status))
        };
        findings.push(Finding::new(level, subject(), text).advise("4 shows its events"));
        return;
    }
    if let Some(event) = under_way {
        findings.push(
            Finding::new(
                Level::Bad,
                subject(),
                format!(
                    "{}: {} ({} ago)",
                    db.id,
                    event.message.trim_end_matches('.'),
                    format_span(now - event.at)
                ),
            )
            .advise(format!("usually over in {USUAL_FAILOVER} (AWS promises 60-120 s); 4 shows its events")),
        );
    } else if let Some(event) = newest(FailoverStep::Ends, TimeDelta::minutes(30)) {
        let zone = db.zone.as_deref().map_or("an unknown zone", zone_letter);
        // RDS names the new zone minutes after its own event.
        let place = if now - event.at < LATE_ZONE {
            format!("RDS shows it in {zone}, which may still be the zone before")
        } else {
            format!("the writer is in {zone}")
        };
        let text = format!("{} failed over {} ago; {place}", db.id, format_span(now - event.at));
        findings.push(Finding::new(Level::Idle, subject(), text));
    }
}

fn examine_safety(db: &Database, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let subject = || Subject::Database(db.id.clone());
    let id = &db.id;
    if !db.multi_az && db.cluster.is_none() {
        findings.push(Finding::new(
            Level::Warn,
            subject(),
            format!("{id} is not Multi-AZ: no standby takes over if its zone fails"),
        ));
    }
    if db.backup_days == 0 {
        findings.push(Finding::new(Level::Warn, subject(), format!("{id} has no automatic backups")));
    }
    if let Some(restorable) = db.latest_restorable.filter(|t| now - *t > TimeDelta::minutes(20)) {
        findings.push(Finding::new(
            Level::Warn,
            subject(),
            format!(
                "{id} can only be restored to {} ago; usually it is 5 minutes",
                format_span(now - restorable)
            ),
        ));
    }
    if !db.pending.is_empty() {
        findings.push(Finding::new(
            Level::Idle,
            subject(),
            format!("{id} has changes waiting for its maintenance window: {}", db.pending.join(", ")),
        ));
    }
    // A member's cluster has the protection: of Aurora an instance of it cannot be protected itself.
    // <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteInstance.html>
    if !db.deletion_protection && db.cluster.is_none() {
        findings.push(Finding::new(Level::Idle, subject(), format!("{id} is not protected from deletion")));
    }
}

fn examine_exposure(db: &Database, findings: &mut Vec<Finding>) {
    let subject = || Subject::Database(db.id.clone());
    if db.public {
        findings.push(Finding::new(Level::Warn, subject(), format!("{} has a public address", db.id)));
    }
    if !db.encrypted {
        findings.push(Finding::new(Level::Warn, subject(), format!("Storage of {} is not encrypted", db.id)));
    }
    if let Some((_, status)) = &db.managed_secret
        && status == "impaired"
    {
        findings.push(Finding::new(
            Level::Warn,
            subject(),
            format!("The managed secret of {} is impaired", db.id),
        ));
    }
}
