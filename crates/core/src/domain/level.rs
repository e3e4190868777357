//! The severity of a status. Each type has its own in a method `level`, here or in `diagnosis`, and no other
//! layer judges again: screen, timeline, report and status would disagree.

use serde::{Deserialize, Serialize};

/// The severity of a state. Ordered: the worst is the greatest.
///
/// It has words in four places: the screen's theme (`tui::theme`), a zone's state (`tui::zones`), `status`
/// (`report::status`) and a drill's report (`report::drill::text`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not in use, finished, or nothing to say.
    Idle,
    /// As it should be.
    Good,
    /// Not known, or too old to trust.
    #[default]
    Unknown,
    /// Changing, on its way.
    Busy,
    /// Works, but at risk or degraded.
    Warn,
    /// Broken.
    Bad,
}

/// The severity of an RDS `DBInstanceStatus`, or of a cluster's `Status`: free strings. One that does not
/// answer, or will not in a moment, is bad also where somebody wants it so: the requests that need it fail
/// all the same.
pub fn database_level(status: &str) -> Level {
    match status {
        "available" => Level::Good,
        "backing-up"
        | "configuring-enhanced-monitoring"
        | "configuring-iam-database-auth"
        | "configuring-log-exports"
        | "creating"
        | "maintenance"
        | "modifying"
        | "renaming"
        | "starting"
        | "storage-optimization"
        | "storage-config-upgrade"
        | "upgrading"
        | "converting-to-vpc"
        | "moving-to-vpc" => Level::Busy,
        "promoting" | "resetting-master-credentials" => Level::Warn,
        "rebooting" | "failing-over" | "deleting" | "stopping" | "stopped" => Level::Bad,
        s if s.starts_with("incompatible-") || s.starts_with("inaccessible-") => Level::Bad,
        "failed" | "storage-full" | "restore-error" | "insufficient-capacity" => Level::Bad,
        _ => Level::Unknown,
    }
}
