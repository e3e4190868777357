//! RDS: DB instances and clusters, their events and what happens to them.
mod cluster;
mod failover;
mod proxy;
mod record;
mod snapshot;

use std::net::Ipv4Addr;

pub use self::cluster::{ClusterMember, ClusterStatus, DbCluster};
pub use self::failover::{ClientOutage, ClusterFailover, DbOperation, DrillKind, DrillTruth, Outage};
pub use self::proxy::{DbProxy, ProxyTarget};
pub use self::record::DnsRecord;
pub use self::snapshot::{DbChange, DbSnapshot};
use super::{Tag, Time};

/// Everything that the RDS API knows.
#[derive(Debug, Clone, Default)]
pub struct Rds {
    /// The DB instances.
    pub instances: Vec<DbInstance>,
    /// The DB clusters.
    pub clusters: Vec<DbCluster>,
    /// The events of the last 14 days, in the order in which they became known.
    pub events: Vec<DbEvent>,
    /// Events that happened and become known later: when, and which.
    pub late_events: Vec<(Time, DbEvent)>,
    /// How many events were held back so far.
    pub held_back: u32,
    /// The records of the endpoints' names.
    pub records: Vec<DnsRecord>,
    /// When the application could not use its database. Never served.
    pub client_outages: Vec<ClientOutage>,
    /// Every failover, with all of its times as they were drawn at its beginning. Never served.
    pub drills: Vec<DrillTruth>,
    /// The subnet groups.
    pub subnet_groups: Vec<DbSubnetGroup>,
    /// The proxies.
    pub proxies: Vec<DbProxy>,
    /// The snapshots that somebody made. Those that RDS makes each day follow from the instances.
    pub snapshots: Vec<DbSnapshot>,
}

impl Rds {
    /// The DB instance with this identifier (compared as AWS does: without regard to case) or ARN.
    pub fn instance(&self, id_or_arn: &str) -> Option<&DbInstance> {
        self.instances.iter().find(|each| each.id.eq_ignore_ascii_case(id_or_arn) || each.arn == id_or_arn)
    }

    /// The DB cluster with this identifier or ARN.
    pub fn cluster(&self, id_or_arn: &str) -> Option<&DbCluster> {
        self.clusters.iter().find(|each| each.id.eq_ignore_ascii_case(id_or_arn) || each.arn == id_or_arn)
    }

    /// The cluster that an instance belongs to.
    pub fn cluster_of(&self, instance: &DbInstance) -> Option<&DbCluster> {
        instance.cluster.as_deref().and_then(|id| self.cluster(id))
    }

    /// Whether an instance only reads: a replica, or a member that is not its cluster's writer.
    pub fn is_reader(&self, instance: &DbInstance) -> bool {
        instance.replica_source.is_some()
            || self.cluster_of(instance).is_some_and(|cluster| cluster.writer() != Some(&instance.id))
    }

    /// The subnet group with this name.
    pub fn subnet_group(&self, name: &str) -> Option<&DbSubnetGroup> {
        self.subnet_groups.iter().find(|each| each.name == name)
    }
}

/// A DB instance.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "the API's own independent switches")]
pub struct DbInstance {
    /// `DBInstanceIdentifier`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// `DbiResourceId`: `db-` and 26 letters and digits.
    pub resource_id: String,
    /// e.g. `db.t4g.medium`.
    pub class: String,
    /// `postgres` or `aurora-postgresql`.
    pub engine: &'static str,
    /// e.g. `16.4`.
    pub engine_version: String,
    /// `DBInstanceStatus`.
    pub status: DbStatus,
    /// The first database's name.
    pub db_name: String,
    /// The master user's name.
    pub master_username: String,
    /// Where clients connect.
    pub endpoint_address: String,
    /// The Route 53 zone of the endpoint's name.
    pub endpoint_hosted_zone_id: String,
    /// Its port.
    pub port: u16,
    /// GiB.
    pub allocated_storage: u32,
    /// GiB up to which storage grows by itself.
    pub max_allocated_storage: Option<u32>,
    /// `gp3`.
    pub storage_type: &'static str,
    /// Input/output operations a second.
    pub iops: u32,
    /// MiB a second.
    pub storage_throughput: u32,
    /// Whether the storage is encrypted.
    pub storage_encrypted: bool,
    /// The key, if so.
    pub kms_key_id: Option<String>,
    /// When it was created.
    pub created_at: Time,
    /// Whether a standby exists in another zone.
    pub multi_az: bool,
    /// The primary's zone, as the API shows it: late after a failover.
    pub availability_zone: String,
    /// The standby's zone, likewise.
    pub secondary_availability_zone: Option<String>,
    /// The primary's zone as it really is. Never served.
    pub primary_zone: String,
    /// The zones in which it has a host, and the address of each.
    pub addresses: Vec<(String, Ipv4Addr)>,
    /// Days that automated backups are kept.
    pub backup_retention_days: u32,
    /// e.g. `17:00-17:30` (UTC).
    pub backup_window: String,
    /// e.g. `sat:18:00-sat:18:30` (UTC).
    pub maintenance_window: String,
    /// How far point-in-time recovery reaches; moves about every 5 min. `None` for a replica without backups.
    pub latest_restorable_time: Option<Time>,
    /// Whether it has a public address.
    pub publicly_accessible: bool,
    /// Whether deletion is refused.
    pub deletion_protection: bool,
    /// Whether minor versions are applied by themselves.
    pub auto_minor_version_upgrade: bool,
    /// Whether Performance Insights is on.
    pub performance_insights: bool,
    /// Its certificate authority.
    pub ca_certificate: &'static str,
    /// Its security groups (active).
    pub security_groups: Vec<String>,
    /// The name of its subnet group.
    pub subnet_group: String,
    /// Its parameter group (in sync).
    pub parameter_group: String,
    /// The cluster that it belongs to.
    pub cluster: Option<String>,
    /// `PromotionTier` of a cluster's member.
    pub promotion_tier: Option<u32>,
    /// The instance that it replicates, if it is a replica.
    pub replica_source: Option<String>,
    /// Its replicas.
    pub replicas: Vec<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The reboot or failover under way.
    pub operation: Option<DbOperation>,
    /// What else is being done to it.
    pub change: Option<DbChange>,
    /// When the last failover completed.
    pub last_failover: Option<Time>,
    /// When the zones' fields will be swapped.
    pub swap_zones_at: Option<Time>,
    /// The last time the database stopped answering, and when it answered again.
    pub last_outage: Option<Outage>,
}

impl DbInstance {
    /// Whether it answers queries at `at`.
    pub fn is_up(&self, at: Time) -> bool {
        self.last_outage
            .is_none_or(|outage| at < outage.from || outage.until.is_some_and(|until| at >= until))
    }

    /// The zone of its standby, as it really is.
    pub fn standby_zone(&self) -> Option<&str> {
        let other = self.addresses.iter().find(|(zone, _)| *zone != self.primary_zone);
        other.map(|(zone, _)| zone.as_str()).filter(|_| self.multi_az)
    }

    /// The address of its host in a zone.
    pub fn address_in(&self, zone: &str) -> Option<Ipv4Addr> {
        self.addresses.iter().find(|(own, _)| own == zone).map(|(_, address)| *address)
    }
}

/// `DBInstanceStatus`, as far as this account shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbStatus {
    /// Ready.
    Available,
    /// Rebooting, with or without a failover.
    Rebooting,
    /// A snapshot is being made.
    BackingUp,
    /// On its way down.
    Stopping,
    /// Not there until it is started.
    Stopped,
    /// On its way up.
    Starting,
}

impl DbStatus {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Rebooting => "rebooting",
            Self::BackingUp => "backing-up",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Starting => "starting",
        }
    }
}

/// An RDS event. The API gives it no id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbEvent {
    /// The DB instance or DB cluster identifier.
    pub source: String,
    /// `db-instance` or `db-cluster`.
    pub source_type: &'static str,
    /// The source's ARN.
    pub source_arn: String,
    /// In AWS's words.
    pub message: String,
    /// e.g. `failover`, `availability`, `backup`.
    pub categories: Vec<&'static str>,
    /// When.
    pub at: Time,
}

/// A DB subnet group.
#[derive(Debug, Clone)]
pub struct DbSubnetGroup {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What it is for.
    pub description: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Subnet id and zone.
    pub subnets: Vec<(String, String)>,
}
