//! The state of a part, from what AWS says of it: a level and one word.

use super::format;
use chrono::{DateTime, Utc};
use partybox_core::diagnosis::failed;
use partybox_core::domain::{
    Certificate, Database, Deployment, Level, LoadBalancer, Scan, ServiceNode, Task, TaskRow, database_level,
    target_level, task_level,
};

/// Days before the end of a certificate at which ACM has long renewed it: fewer is a warning.
const CERTIFICATE_DAYS: i64 = 30;

/// A service's state.
pub(super) fn service(node: &ServiceNode) -> (Level, &'static str) {
    let service = node.service();
    let failed = service.deployments.iter().any(|d| d.rollout_state.as_deref() == Some("FAILED"));
    let failing = service.primary().is_some_and(|d| d.failed > 0) || node.counts.unhealthy > 0;
    let has_targets = !service.target_links.is_empty() && node.targets_known;
    if service.desired == 0 && service.running == 0 {
        return (Level::Idle, "scaled to 0");
    }
    if service.desired > 0 && (service.running == 0 || (has_targets && node.healthy == 0)) {
        return (Level::Bad, "down");
    }
    match (service.is_rolling(), failed || failing) {
        (_, true) if failed => (Level::Bad, "failed"),
        (true, true) => (Level::Bad, "failing"),
        (true, false) => (Level::Busy, "rolling"),
        (false, true) => (Level::Warn, "unhealthy"),
        _ if service.running < service.desired => (Level::Busy, "starting"),
        _ if has_targets && node.healthy < service.desired => (Level::Busy, "warming up"),
        _ if service.running > service.desired => (Level::Busy, "scaling in"),
        _ if !node.targets_known => (Level::Unknown, "unread"),
        _ => (Level::Good, "steady"),
    }
}

/// A deployment's state.
pub(super) fn deployment(deployment: &Deployment) -> (Level, &str) {
    match deployment.rollout_state.as_deref() {
        Some("COMPLETED") => (Level::Good, "completed"),
        Some("FAILED") => (Level::Bad, "failed"),
        Some("IN_PROGRESS") if deployment.failed > 0 => (Level::Bad, "in progress, failing"),
        Some("IN_PROGRESS") => (Level::Busy, "in progress"),
        Some(other) => (Level::Unknown, other),
        None => (Level::Unknown, "not reported"),
    }
}

/// A load balancer's state, in ELBv2's word.
pub(super) fn balancer(balancer: &LoadBalancer) -> (Level, &str) {
    let level = match balancer.state.as_str() {
        "active" => Level::Good,
        "provisioning" => Level::Busy,
        "active_impaired" => Level::Warn,
        "failed" => Level::Bad,
        _ => Level::Unknown,
    };
    (level, &balancer.state)
}

/// A database's state, in RDS's word.
pub(super) fn database(database: &Database) -> (Level, &str) {
    (database_level(&database.status), &database.status)
}

/// A task's own state, in ECS's word.
pub(super) fn task(task: &Task) -> (Level, String) {
    let level = match task_level(&task.last_status, task.stop_code.as_deref()) {
        Level::Idle if task.last_status == "STOPPED" && failed(task) => Level::Bad,
        level => level,
    };
    (level, task.last_status.to_lowercase())
}

/// A task's target's state.
pub(super) fn target_of(row: &TaskRow) -> Option<(Level, &str)> {
    row.target.as_ref().map(|t| (target_level(&t.state), t.state.as_str()))
}

/// A certificate's state and the days that are left.
pub(super) fn certificate(certificate: &Certificate, now: DateTime<Utc>) -> (Level, String) {
    let days = certificate.not_after.map(|end| (end - now).num_days());
    let renewal = certificate.renewal.as_deref().unwrap_or_default();
    match (certificate.status.as_str(), days) {
        ("ISSUED", Some(days)) if days < 0 => (Level::Bad, "expired".into()),
        ("ISSUED", Some(days)) if days < CERTIFICATE_DAYS || renewal == "FAILED" => {
            (Level::Warn, format!("{days}d left"))
        }
        ("ISSUED", Some(days)) => (Level::Good, format!("{days}d left")),
        ("ISSUED", None) => (Level::Good, "issued".into()),
        ("EXPIRED" | "REVOKED" | "FAILED", _) => (Level::Bad, certificate.status.to_lowercase()),
        (other, _) => (Level::Warn, other.to_lowercase().replace('_', " ")),
    }
}

/// What a scan found, worst first: the level that the running image deserves.
pub(super) fn scan(scan: Option<&Scan>) -> (Level, String) {
    match scan {
        None => (Level::Unknown, "reading…".into()),
        Some(Scan::Never) => (Level::Unknown, "never scanned".into()),
        Some(Scan::Unreadable(why)) => (Level::Unknown, why.clone()),
        Some(Scan::Done { status, .. }) if !matches!(status.as_str(), "COMPLETE" | "ACTIVE") => {
            (Level::Unknown, status.to_lowercase().replace('_', " "))
        }
        Some(Scan::Done { counts, .. }) => {
            let of = |severity| counts.get(severity).copied().unwrap_or(0);
            if of("CRITICAL") > 0 {
                (Level::Bad, "critical".into())
            } else if of("HIGH") > 0 {
                (Level::Warn, "high".into())
            } else {
                (Level::Good, "scanned".into())
            }
        }
    }
}

/// The level of a severity word of ECR.
pub(super) fn severity(word: &str) -> Level {
    match word {
        "CRITICAL" => Level::Bad,
        "HIGH" => Level::Warn,
        _ => Level::Idle,
    }
}

/// The zones of a database in words: `1a writer · 1c standby`.
pub(super) fn database_zones(database: &Database) -> String {
    let zone = database.zone.as_deref().map_or("?", format::zone);
    if database.cluster.is_some() {
        return format!("{zone} {}", database.role());
    }
    match (&database.secondary_zone, database.multi_az) {
        (Some(standby), _) => format!("{zone} {} · {} standby", database.role(), format::zone(standby)),
        (None, true) => format!("{zone} {} · standby ?", database.role()),
        (None, false) if database.replica_of.is_some() => format!("{zone} replica"),
        (None, false) => format!("{zone} {} · no standby", database.role()),
    }
}
