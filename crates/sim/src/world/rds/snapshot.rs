//! Snapshots that somebody made, and what else takes an instance out of `available` for a while.
use crate::world::Time;

/// A snapshot of an instance that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbSnapshot {
    /// `DBSnapshotIdentifier`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// The instance that it is of.
    pub instance: String,
    /// When it was asked for.
    pub started_at: Time,
    /// When it is complete.
    pub complete_at: Time,
    /// Its tags.
    pub tags: Vec<super::Tag>,
}

/// What is done to an instance, other than a reboot. All times are drawn when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbChange {
    /// It is stopped.
    Stop {
        /// When it stops answering.
        down_at: Time,
        /// When its status is `stopped`.
        until: Time,
        /// When RDS starts it by itself, a week later.
        starts_at: Time,
    },
    /// It is started.
    Start {
        /// When it answers.
        up_at: Time,
        /// When its status is `available`.
        until: Time,
    },
    /// A snapshot of it is made.
    Snapshot {
        /// When its status is `available` again.
        until: Time,
    },
}
