//! CloudWatch series.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

/// Which metric. The dimension values are in [`MetricKey::subject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MetricKind {
    /// AWS/ECS `CPUUtilization`, average percent. Subject: `cluster/service`.
    ServiceCpu,
    /// AWS/ECS `MemoryUtilization`, average percent. Subject: `cluster/service`.
    ServiceMemory,
    /// AWS/ApplicationELB `RequestCount`, sum per minute. Subject: `app/name/id`.
    AlbRequests,
    /// `HTTPCode_Target_5XX_Count`, sum per minute. Subject: `app/name/id`.
    AlbTarget5xx,
    /// `HTTPCode_ELB_5XX_Count`, sum per minute. Subject: `app/name/id`.
    AlbElb5xx,
    /// `TargetResponseTime` p50, seconds. Subject: `app/name/id`.
    AlbLatencyP50,
    /// `TargetResponseTime` p99, seconds. Subject: `app/name/id`.
    AlbLatencyP99,
    /// `ActiveConnectionCount`, sum per minute. Subject: `app/name/id`.
    AlbConnections,
    /// `RequestCount`, sum per minute. Subject: `app/name/id targetgroup/name/id`.
    TargetRequests,
    /// `TargetResponseTime` p99, seconds. Subject: `app/name/id targetgroup/name/id`.
    TargetLatencyP99,
    /// AWS/RDS `CPUUtilization`, percent. Subject: instance id.
    DbCpu,
    /// `DatabaseConnections`, average. Subject: instance id.
    DbConnections,
    /// `FreeStorageSpace`, bytes. Subject: instance id.
    DbFreeStorage,
    /// `FreeableMemory`, bytes. Subject: instance id.
    DbFreeMemory,
    /// `ReplicaLag`, seconds. Subject: instance id.
    DbReplicaLag,
    /// `ReadLatency`, seconds. Subject: instance id.
    DbReadLatency,
    /// `WriteLatency`, seconds. Subject: instance id.
    DbWriteLatency,
    /// AWS/NATGateway `ErrorPortAllocation`, sum. Subject: NAT gateway id.
    NatPortErrors,
}

/// One metric of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricKey {
    /// Which metric.
    pub kind: MetricKind,
    /// Of what; see the kind for its form.
    pub subject: String,
}

impl MetricKind {
    /// Whether a load balancer leaves the minutes out in which there was nothing to count: "reported if there is
    /// a nonzero value".
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html>
    pub fn is_sparse(self) -> bool {
        matches!(
            self,
            Self::AlbRequests
                | Self::TargetRequests
                | Self::AlbTarget5xx
                | Self::AlbElb5xx
                | Self::AlbConnections
        )
    }

    /// Whether it is a load balancer's.
    pub fn is_balancers(self) -> bool {
        self.is_sparse() || matches!(self, Self::AlbLatencyP50 | Self::AlbLatencyP99 | Self::TargetLatencyP99)
    }
}

impl MetricKey {
    /// A key for a kind and a subject.
    pub fn new(kind: MetricKind, subject: impl Into<String>) -> Self {
        Self { kind, subject: subject.into() }
    }
}

/// One-minute points, oldest first. A missing minute is missing, never 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// (start of the minute, value). What is no number is written as `null`, and is missing when it is read
    /// again.
    #[serde(deserialize_with = "read_points")]
    pub points: Vec<(DateTime<Utc>, f64)>,
    /// CloudWatch's `StatusCode` when it is not `Complete`: `PartialData`, `Forbidden`, `InternalError`; or
    /// [`NOT_ANSWERED`].
    pub problem: Option<String>,
    /// The beginning of the first minute that was not asked for: the one that was running then.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
}

/// The problem of a series that was asked for and is not in the answer.
pub const NOT_ANSWERED: &str = "not answered";

fn read_points<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(DateTime<Utc>, f64)>, D::Error> {
    let points: Vec<(DateTime<Utc>, Option<f64>)> = Vec::deserialize(from)?;
    Ok(points.into_iter().filter_map(|(at, value)| Some((at, value?))).collect())
}

impl Series {
    /// Why its points are not what there was. `PartialData` has points, and more may follow.
    pub fn unknown(&self) -> Option<&str> {
        self.problem.as_deref().filter(|problem| *problem != "PartialData")
    }
}
