//! RDS instances and their events, in RDS's own words.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A DB instance. Passwords, also pending ones, are dropped on arrival.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "as RDS tells them")]
pub struct Database {
    /// Identifier, e.g. `party-box-db`.
    pub id: String,
    /// Full ARN.
    pub arn: String,
    /// Free text from RDS: `available`, `rebooting`, ...
    pub status: String,
    /// `postgres`.
    pub engine: String,
    /// Engine version.
    pub version: String,
    /// Instance class, e.g. `db.t4g.medium`.
    pub class: String,
    /// Endpoint host.
    pub host: Option<String>,
    /// Endpoint port.
    pub port: Option<u32>,
    /// Whether a standby exists in another zone.
    pub multi_az: bool,
    /// Zone of the writer. Can lag several minutes behind a failover.
    pub zone: Option<String>,
    /// Zone of the standby.
    pub secondary_zone: Option<String>,
    /// Set on a read replica: its source.
    pub replica_of: Option<String>,
    /// Read replicas of this instance.
    pub replicas: Vec<String>,
    /// Set on a member of a Multi-AZ DB cluster or Aurora cluster.
    pub cluster: Option<String>,
    /// Allocated storage, GiB.
    pub storage_gib: Option<u32>,
    /// Storage type, e.g. `gp3`.
    pub storage_type: Option<String>,
    /// Whether storage is encrypted.
    pub encrypted: bool,
    /// Whether it has a public address.
    pub public: bool,
    /// Whether it is protected from deletion.
    pub deletion_protection: bool,
    /// Days of automatic backups; 0 = none.
    pub backup_days: u32,
    /// Daily backup window, UTC, e.g. `17:00-17:30`.
    pub backup_window: Option<String>,
    /// Newest point to which it can be restored.
    pub latest_restorable: Option<DateTime<Utc>>,
    /// Names of settings waiting to be applied.
    pub pending: Vec<String>,
    /// Security groups.
    pub security_groups: Vec<String>,
    /// Subnets of the DB subnet group: (subnet, zone).
    pub subnets: Vec<(String, String)>,
    /// The VPC.
    pub vpc: Option<String>,
    /// Secret managed by RDS: (ARN, status).
    pub managed_secret: Option<(String, String)>,
}

impl Database {
    /// `writer`, `replica` or `member` of a DB cluster.
    pub fn role(&self) -> &'static str {
        if self.replica_of.is_some() {
            "replica"
        } else if self.cluster.is_some() {
            "member"
        } else {
            "writer"
        }
    }
}

/// A DB cluster: Aurora, or Multi-AZ with readable standbys. It fails over as a whole.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbCluster {
    /// Identifier.
    pub id: String,
    /// Full ARN.
    pub arn: String,
    /// Free text from RDS: `available`, `failing-over`, ...
    pub status: String,
    /// `aurora-postgresql`, `postgres`, ...
    pub engine: String,
    /// Engine version.
    pub version: String,
    /// The writer's endpoint.
    pub host: Option<String>,
    /// The readers' endpoint.
    pub reader_host: Option<String>,
    /// Endpoint port.
    pub port: Option<u32>,
    /// Its members.
    pub members: Vec<DbMember>,
    /// Newest point to which it can be restored.
    pub latest_restorable: Option<DateTime<Utc>>,
    /// Names of settings waiting to be applied.
    pub pending: Vec<String>,
    /// Security groups.
    pub security_groups: Vec<String>,
}

/// An instance of a DB cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbMember {
    /// DB instance identifier.
    pub instance: String,
    /// Whether it writes.
    pub writer: bool,
    /// Which reader is promoted first: the lowest number.
    pub promotion_tier: Option<u32>,
}

/// One RDS event. RDS gives no id: time and text identify it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbEvent {
    /// DB instance identifier.
    pub source: String,
    /// When.
    pub at: DateTime<Utc>,
    /// RDS's sentence.
    pub message: String,
    /// `failover`, `availability`, `backup`, ...
    pub categories: Vec<String>,
}

/// What an event of the category `failover` says. RDS tells it only in its sentence:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailoverStep {
    /// `Multi-AZ instance failover started.`
    Begins,
    /// `Multi-AZ instance failover completed.`, `Multi-AZ failover to standby complete - ...`, `Recovered from partial
    /// failover.`
    Ends,
    /// `Abandoning user requested failover since a failover recently occurred.`: accepted, then dropped.
    Abandoned,
    /// Anything else, such as its cause, which RDS tells after the end.
    Remark,
}

impl DbEvent {
    /// What the event says of a failover; `None` when it is about something else.
    pub fn failover_step(&self) -> Option<FailoverStep> {
        if !self.categories.iter().any(|c| c == "failover") {
            return None;
        }
        Some(if self.message.starts_with("Abandoning") {
            FailoverStep::Abandoned
        } else if self.message.contains("complete") || self.message.starts_with("Recovered") {
            FailoverStep::Ends
        } else if self.message.contains("started") {
            FailoverStep::Begins
        } else {
            FailoverStep::Remark
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failover_sentences_are_told_apart() {
        let step = |category: &str, message: &str| {
            DbEvent { categories: vec![category.into()], message: message.into(), ..DbEvent::default() }
                .failover_step()
        };
        for (message, meant) in [
            ("Multi-AZ instance failover started.", FailoverStep::Begins),
            ("Multi-AZ instance failover completed.", FailoverStep::Ends),
            (
                "Multi-AZ failover to standby complete - DNS propagation may take a few minutes.",
                FailoverStep::Ends,
            ),
            ("Recovered from partial failover.", FailoverStep::Ends),
            (
                "Abandoning user requested failover since a failover recently occurred on the database instance.",
                FailoverStep::Abandoned,
            ),
            ("The user requested a failover of the DB instance.", FailoverStep::Remark),
        ] {
            assert_eq!(step("failover", message), Some(meant), "{message}");
        }
        assert_eq!(step("backup", "Finished DB instance backup: completed"), None);
    }
}
