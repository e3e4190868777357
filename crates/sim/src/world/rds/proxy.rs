//! RDS Proxy: a pool of connections between clients and databases.
use crate::world::Time;

/// A proxy.
#[derive(Debug, Clone)]
pub struct DbProxy {
    /// `DBProxyName`.
    pub name: String,
    /// Its ARN, which ends in `db-proxy:prx-…`.
    pub arn: String,
    /// `available`, `modifying`, `incompatible-network`, `insufficient-resource-limits`, `creating`, `deleting`,
    /// `suspended`, ...
    pub status: &'static str,
    /// `POSTGRESQL` or `MYSQL`.
    pub engine_family: &'static str,
    /// Its VPC.
    pub vpc_id: String,
    /// Its security groups: what they admit may connect to it, and its databases admit them.
    pub security_groups: Vec<String>,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// The secret with which it logs in.
    pub secret_arn: String,
    /// Where clients connect.
    pub endpoint: String,
    /// When it was created.
    pub created_at: Time,
    /// The databases behind it.
    pub targets: Vec<ProxyTarget>,
}

/// A database behind a proxy.
#[derive(Debug, Clone)]
pub struct ProxyTarget {
    /// The DB instance identifier.
    pub instance: String,
    /// The cluster, when the proxy follows one.
    pub cluster: Option<String>,
    /// `READ_WRITE`, `READ_ONLY`.
    pub role: &'static str,
    /// `AVAILABLE`, `REGISTERING`, `UNAVAILABLE`.
    pub state: &'static str,
    /// Why it is not available: `UNREACHABLE`, `CONNECTION_FAILED`, `AUTH_FAILURE`, `PENDING_PROXY_CAPACITY`,
    /// `INVALID_REPLICATION_STATE`.
    pub reason: Option<&'static str>,
    /// RDS's sentence about that.
    pub description: Option<String>,
}
