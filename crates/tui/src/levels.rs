//! The state of a part in one word, with the level that `domain` and `diagnosis` give it.

use chrono::{DateTime, Utc};
use partybox_core::diagnosis::{Condition, format_span, service_condition, zone_letter};
use partybox_core::domain::{
    Certificate, CertificateConcern, Database, Deployment, ImageNode, Late, Level, LoadBalancer, Scan,
    ServiceNode, Task, TaskRow,
};

/// A service's state.
pub(super) fn service(node: &ServiceNode) -> (Level, &'static str) {
    let condition = service_condition(node);
    (condition.level(), condition_word(condition))
}

fn condition_word(condition: Condition) -> &'static str {
    match condition {
        Condition::NotActive => "not active",
        Condition::ScaledToZero => "scaled to 0",
        Condition::Down => "down",
        Condition::RolloutFailed => "failed",
        Condition::RolloutFailing => "failing",
        Condition::RollingOut => "rolling",
        Condition::FailsOpen => "fails open",
        Condition::GroupGone => "group gone",
        Condition::Unhealthy => "unhealthy",
        Condition::PartlyOff => "partly off",
        Condition::NotStarting => "stalled",
        Condition::Starting => "starting",
        Condition::WarmingUp => "warming up",
        Condition::ScalingIn => "scaling in",
        Condition::TargetsUnread => "unread",
        Condition::Steady => "steady",
    }
}

/// A deployment's state.
pub(super) fn deployment(deployment: &Deployment) -> (Level, &str) {
    let word = match deployment.rollout_state.as_deref() {
        Some("COMPLETED") => "completed",
        Some("FAILED") => "failed",
        Some("IN_PROGRESS") if deployment.failed > 0 => "in progress, failing",
        Some("IN_PROGRESS") => "in progress",
        Some(other) => other,
        None => "not reported",
    };
    (deployment.level(), word)
}

/// A load balancer's state, in ELBv2's word.
pub(super) fn balancer(balancer: &LoadBalancer) -> (Level, &str) {
    (balancer.level(), &balancer.state)
}

/// A database's state, in RDS's word.
pub(super) fn database(database: &Database) -> (Level, &str) {
    (database.level(), &database.status)
}

/// A task's own state, in ECS's word.
pub(super) fn task(task: &Task) -> (Level, String) {
    (task.level(), task.last_status.to_lowercase())
}

/// The state of a task's targets: the worst of them, or that a target group does not know it.
pub(super) fn target_of(row: &TaskRow) -> Option<(Level, String)> {
    let level = if row.late == Some(Late::Unregistered) { Level::Warn } else { Level::Idle };
    match &row.target {
        Some(target) if row.unregistered == 0 || target.level() > level => {
            Some((target.level(), target.word()))
        }
        Some(_) => Some((level, format!("{} lacking", row.unregistered))),
        None if row.unregistered > 0 => Some((level, "no target".to_owned())),
        None => None,
    }
}

/// A certificate's state and the days that are left.
pub(super) fn certificate(certificate: &Certificate, now: DateTime<Utc>) -> (Level, String) {
    let word = match certificate.concerns(now).first() {
        Some(CertificateConcern::NotIssued) => certificate.status.to_lowercase().replace('_', " "),
        Some(CertificateConcern::Elsewhere(place)) => {
            format!("kept in {place}: not read, its end is not known")
        }
        Some(CertificateConcern::Expired(ago)) => format!("expired {} ago", format_span(*ago)),
        _ => certificate.not_after.map_or_else(
            || "issued".to_owned(),
            |end| match (end - now).num_days() {
                0 => format!("{} left", format_span(end - now)),
                days => format!("{days}d left"),
            },
        ),
    };
    (certificate.level(now), word)
}

/// What a scan found: the level that the running image deserves.
pub(super) fn scan(scan: Option<&Scan>) -> (Level, String) {
    match scan {
        None => (Level::Unknown, "reading…".into()),
        Some(scan) => (scan.level(), scan.word()),
    }
}

/// The state of a running image: that it cannot be pulled any more, else its scan.
pub(super) fn image(node: &ImageNode) -> (Level, String) {
    match node.pull_block {
        Some(why) => (Level::Bad, why.word().to_owned()),
        None => scan(node.scan.as_ref()),
    }
}

/// The zones of a database in words: `1a writer · 1c standby`.
pub(super) fn database_zones(database: &Database) -> String {
    let zone = database.zone.as_deref().map_or("?", zone_letter);
    if database.cluster.is_some() {
        return format!("{zone} {}", database.role());
    }
    match (&database.secondary_zone, database.multi_az) {
        (Some(standby), _) => format!("{zone} {} · {} standby", database.role(), zone_letter(standby)),
        (None, true) => format!("{zone} {} · standby ?", database.role()),
        (None, false) if database.replica_of.is_some() => format!("{zone} replica"),
        (None, false) => format!("{zone} {} · no standby", database.role()),
    }
}
