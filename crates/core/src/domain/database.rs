//! RDS instances and their events, in RDS's own words.

use super::{Level, database_level, sentences};
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
    /// Whether that cluster says that this member writes. `DescribeDBInstances` does not tell it: it is
    /// joined from the cluster, once that is read.
    pub writes: Option<bool>,
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
    /// Of a read replica: whether its replication works, RDS's word for it, and why it does not.
    #[serde(default)]
    pub replication: Option<Replication>,
    /// How far what its status tells of has come, in percent, where RDS says so.
    #[serde(default)]
    pub progress: Option<String>,
}

/// How the replication of a read replica is.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstanceStatusInfo.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replication {
    /// Whether it works.
    pub normal: bool,
    /// `replicating`, `error`, `stopped`, `terminated`, ...
    pub status: String,
    /// Why it does not work.
    pub message: Option<String>,
}

impl Database {
    /// The severity of its status.
    pub fn level(&self) -> Level {
        database_level(&self.status)
    }

    /// `writer`, `replica`; of a DB cluster's members `writer`, `reader`, or `member` while the cluster is
    /// not read.
    pub fn role(&self) -> &'static str {
        match (&self.replica_of, &self.cluster, self.writes) {
            (Some(_), ..) => "replica",
            (None, None, _) | (None, Some(_), Some(true)) => "writer",
            (None, Some(_), Some(false)) => "reader",
            (None, Some(_), None) => "member",
        }
    }

    /// What fails over: the cluster that it is a member of, else itself. RDS tells of a failover under this
    /// name.
    pub fn fails_over_as(&self) -> &str {
        self.cluster.as_deref().unwrap_or(&self.id)
    }

    /// Whether an RDS event is about it, or about the cluster that it is a member of.
    pub fn is_told_of(&self, event: &DbEvent) -> bool {
        match event.of {
            DbEventSource::Instance => event.source == self.id,
            DbEventSource::Cluster => self.cluster.as_deref() == Some(event.source.as_str()),
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
    /// ARN of the secret that RDS manages for it.
    #[serde(default)]
    pub managed_secret: Option<String>,
    /// Whether it is protected from deletion, and its members' storage with it; `None`: not told.
    #[serde(default)]
    pub deletion_protection: Option<bool>,
}

impl DbCluster {
    /// The severity of its status.
    pub fn level(&self) -> Level {
        database_level(&self.status)
    }
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

/// An action that RDS wants to take on a resource, such as an update of its operating system.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PendingMaintenanceAction.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// `system-update`, `db-upgrade`, `hardware-maintenance`, `ca-certificate-rotation`, ...
    pub action: String,
    /// What it is about, in RDS's words.
    pub description: Option<String>,
    /// When it will be applied as things stand (`CurrentApplyDate`), else from when on RDS may apply it by
    /// itself.
    pub applied_at: Option<DateTime<Utc>>,
}

/// What kind of thing an RDS event is about: its `SourceType`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DbEventSource {
    /// `db-instance`.
    #[default]
    Instance,
    /// `db-cluster`.
    Cluster,
}

/// One RDS event. RDS gives no id: time and text identify it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbEvent {
    /// What kind of thing it is about.
    pub of: DbEventSource,
    /// DB instance identifier, or the cluster's.
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
    /// `Multi-AZ instance failover started.`; of a cluster `Started cross AZ failover to DB instance: NAME`,
    /// `Started same AZ failover to DB instance: NAME`.
    Begins,
    /// `Multi-AZ instance failover completed.`, `Multi-AZ failover to standby complete - ...`, `Recovered
    /// from partial failover.`; of a cluster `Completed failover to DB instance: NAME`, also seen as
    /// `Completed customer initiated failover to DB instance: NAME`.
    Ends,
    /// `Abandoning user requested failover since a failover recently occurred.`: accepted, then dropped. Of a
    /// cluster
    /// `Cluster failover failed, check the health of your cluster instances and try again.`
    Abandoned,
    /// Anything else, such as its cause, which RDS tells after the end.
    Remark,
}

impl DbEvent {
    /// How serious it is: of a failover by its step, else by its category. That a failover has ended is good
    /// news, that one begins means that requests fail now, and its cause, which RDS tells afterwards, is a
    /// note. The category of low storage covers one that is used up, with which nothing can be written.
    pub fn level(&self) -> Level {
        let is = |category: &str| self.categories.iter().any(|c| c == category);
        match self.failover_step() {
            Some(FailoverStep::Ends) => Level::Good,
            Some(FailoverStep::Begins) => Level::Bad,
            Some(FailoverStep::Abandoned) => Level::Warn,
            None if is("failure") || is("low storage") => Level::Bad,
            None if is("availability") || is("recovery") => Level::Warn,
            Some(FailoverStep::Remark) | None => Level::Idle,
        }
    }

    /// What the event says of a failover; `None` when it is about something else.
    pub fn failover_step(&self) -> Option<FailoverStep> {
        if !self.categories.iter().any(|c| c == "failover") {
            return None;
        }
        Some(sentences::failover_step(&self.message))
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
            ("Started cross AZ failover to DB instance: party-box-db-2", FailoverStep::Begins),
            ("Started same AZ failover to DB instance: party-box-db-2", FailoverStep::Begins),
            ("Completed failover to DB instance: party-box-db-2", FailoverStep::Ends),
            ("Completed customer initiated failover to DB instance: party-box-db-2", FailoverStep::Ends),
            (
                "Cluster failover failed, check the health of your cluster instances and try again.",
                FailoverStep::Abandoned,
            ),
            ("Promoting previous primary again: party-box-db-1", FailoverStep::Remark),
        ] {
            assert_eq!(step("failover", message), Some(meant), "{message}");
        }
        assert_eq!(step("backup", "Finished DB instance backup: completed"), None);
    }
}
