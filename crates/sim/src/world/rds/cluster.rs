//! DB clusters: several instances over one volume, one of them the writer.
use super::ClusterFailover;
use crate::world::{Tag, Time};

/// A DB cluster.
#[derive(Debug, Clone)]
pub struct DbCluster {
    /// `DBClusterIdentifier`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// `DbClusterResourceId`: `cluster-` and 26 letters and digits.
    pub resource_id: String,
    /// e.g. `aurora-postgresql`.
    pub engine: &'static str,
    /// e.g. `16.8`.
    pub engine_version: String,
    /// `Status`.
    pub status: ClusterStatus,
    /// The first database's name.
    pub db_name: String,
    /// The master user's name.
    pub master_username: String,
    /// Where clients reach the writer.
    pub endpoint: String,
    /// Where clients reach a reader.
    pub reader_endpoint: String,
    /// The Route 53 zone of the endpoints' names.
    pub hosted_zone_id: String,
    /// Their port.
    pub port: u16,
    /// The zones of its volume.
    pub zones: Vec<String>,
    /// Its instances.
    pub members: Vec<ClusterMember>,
    /// Whether the volume is encrypted.
    pub storage_encrypted: bool,
    /// The key, if so.
    pub kms_key_id: Option<String>,
    /// When it was created.
    pub created_at: Time,
    /// Days that automated backups are kept.
    pub backup_retention_days: u32,
    /// e.g. `17:00-17:30` (UTC).
    pub backup_window: String,
    /// e.g. `sat:18:00-sat:18:30` (UTC).
    pub maintenance_window: String,
    /// How far back point-in-time recovery reaches.
    pub earliest_restorable_time: Time,
    /// How near; moves about every 5 min.
    pub latest_restorable_time: Time,
    /// Whether deletion is refused.
    pub deletion_protection: bool,
    /// Its security groups (active).
    pub security_groups: Vec<String>,
    /// The name of its subnet group.
    pub subnet_group: String,
    /// Its cluster parameter group (in sync).
    pub parameter_group: String,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The failover under way.
    pub operation: Option<ClusterFailover>,
}

impl DbCluster {
    /// The identifier of the member that the API calls the writer.
    pub fn writer(&self) -> Option<&str> {
        self.members.iter().find(|each| each.writer).map(|each| each.instance.as_str())
    }

    /// Whether this instance belongs to it.
    pub fn has(&self, instance: &str) -> bool {
        self.members.iter().any(|each| each.instance.eq_ignore_ascii_case(instance))
    }
}

/// A member of a cluster.
#[derive(Debug, Clone)]
pub struct ClusterMember {
    /// The DB instance identifier.
    pub instance: String,
    /// `IsClusterWriter`.
    pub writer: bool,
    /// `PromotionTier`, 0-15: the lowest is promoted first.
    pub promotion_tier: u32,
}

/// A cluster's `Status`, as far as this account shows it.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html#Aurora.Status>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterStatus {
    /// Ready.
    Available,
    /// A reader is being promoted.
    FailingOver,
}

impl ClusterStatus {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::FailingOver => "failing-over",
        }
    }
}
