//! CloudWatch series and alarms.

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
    /// CloudWatch's `StatusCode` when it is not `Complete`: `PartialData`, `Forbidden`, `InternalError`.
    pub problem: Option<String>,
}

fn read_points<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(DateTime<Utc>, f64)>, D::Error> {
    let points: Vec<(DateTime<Utc>, Option<f64>)> = Vec::deserialize(from)?;
    Ok(points.into_iter().filter_map(|(at, value)| Some((at, value?))).collect())
}

impl Series {
    /// The newest value.
    pub fn last(&self) -> Option<f64> {
        self.points.last().map(|p| p.1)
    }
}

/// A CloudWatch alarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Name.
    pub name: String,
    /// `OK`, `ALARM`, `INSUFFICIENT_DATA`.
    pub state: String,
    /// CloudWatch's sentence.
    pub reason: Option<String>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
}
