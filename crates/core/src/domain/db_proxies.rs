//! RDS Proxy: what stands between services and a database.

use super::Level;
use serde::{Deserialize, Serialize};

/// A proxy with the databases behind it.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBProxy.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DbProxy {
    /// Its name.
    pub name: String,
    /// `available`, `modifying`, `incompatible-network`, ...
    pub status: String,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its security groups: they admit its clients, and its databases admit them.
    pub security_groups: Vec<String>,
    /// Its endpoint's host.
    pub host: Option<String>,
    /// The secrets with which it logs in, by ARN.
    pub secrets: Vec<String>,
    /// The databases behind it; `None` when they could not be read.
    pub targets: Option<Vec<ProxyTarget>>,
}

impl DbProxy {
    /// The severity of its status.
    pub fn level(&self) -> Level {
        match self.status.as_str() {
            "available" => Level::Good,
            "modifying" | "reactivating" => Level::Busy,
            "creating"
            | "deleting"
            | "incompatible-network"
            | "insufficient-resource-limits"
            | "suspended"
            | "suspending" => Level::Bad,
            _ => Level::Warn,
        }
    }

    /// Whether a database is behind it, by its identifier or its cluster's.
    pub fn leads_to(&self, id: &str, cluster: Option<&str>) -> bool {
        let is = |target: &ProxyTarget| {
            target.resource == id
                || cluster.is_some_and(|c| target.resource == c || target.cluster.as_deref() == Some(c))
        };
        self.targets.iter().flatten().any(is)
    }
}

/// A database behind a proxy.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBProxyTarget.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProxyTarget {
    /// DB instance identifier, or the cluster's.
    pub resource: String,
    /// The cluster that the proxy follows, if it does.
    pub cluster: Option<String>,
    /// `AVAILABLE`, `REGISTERING`, `UNAVAILABLE`; empty for a cluster as a whole, which has no health of its own.
    pub state: String,
    /// `UNREACHABLE`, `CONNECTION_FAILED`, `AUTH_FAILURE`, `PENDING_PROXY_CAPACITY`, ...
    pub reason: Option<String>,
    /// RDS's sentence about that.
    pub description: Option<String>,
}

impl ProxyTarget {
    /// The severity of its health: through a proxy nothing reaches a target that is unavailable to it.
    pub fn level(&self) -> Level {
        match self.state.as_str() {
            "" => Level::Idle,
            "AVAILABLE" => Level::Good,
            "REGISTERING" => Level::Busy,
            "UNAVAILABLE" => Level::Bad,
            _ => Level::Warn,
        }
    }
}
