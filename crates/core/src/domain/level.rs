//! How bad something is. Ordered: the worst is the greatest.

use serde::{Deserialize, Serialize};

/// A state's severity; drawn as glyph, word and colour.
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

/// The severity of a task's `lastStatus`.
pub fn task_level(last_status: &str, stop_code: Option<&str>) -> Level {
    match last_status {
        "RUNNING" => Level::Good,
        "PROVISIONING" | "PENDING" | "ACTIVATING" | "DEACTIVATING" | "STOPPING" | "DEPROVISIONING" => {
            Level::Busy
        }
        "STOPPED" => match stop_code {
            Some("TaskFailedToStart" | "EssentialContainerExited") => Level::Bad,
            _ => Level::Idle,
        },
        _ => Level::Unknown,
    }
}

/// The severity of a target's state.
pub fn target_level(state: &str) -> Level {
    match state {
        "healthy" => Level::Good,
        "initial" | "draining" => Level::Busy,
        "unused" => Level::Idle,
        "unhealthy" | "unavailable" | "unhealthy.draining" => Level::Bad,
        _ => Level::Unknown,
    }
}

/// The severity of an RDS `DBInstanceStatus`, or of a cluster's `Status`: free strings.
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
        "rebooting"
        | "failing-over"
        | "promoting"
        | "resetting-master-credentials"
        | "deleting"
        | "stopping"
        | "stopped" => Level::Warn,
        s if s.starts_with("incompatible-") || s.starts_with("inaccessible-") => Level::Bad,
        "failed" | "storage-full" | "restore-error" | "insufficient-capacity" => Level::Bad,
        _ => Level::Unknown,
    }
}
