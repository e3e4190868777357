//! Snapshots of the layers around a database, as the readings show them.

use crate::domain::{ClusterNode, PartyBox};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where a database's writer is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriterLocation {
    /// In words: `Multi-AZ instance`, `Aurora cluster`, ...
    pub kind: String,
    /// ARN of the instance or cluster.
    pub arn: String,
    /// Engine and version, e.g. `postgres 16.4`.
    pub engine: String,
    /// The endpoint's name, where it is known.
    pub host: Option<String>,
    /// `available`, `rebooting`, ...: as RDS says.
    pub status: String,
    /// The member that writes: the instance itself, or the cluster's writer.
    pub writer: Option<String>,
    /// The writer's zone.
    pub zone: Option<String>,
    /// The standby's zone; in a cluster, the next reader's.
    pub standby: Option<String>,
}

/// The layers around a database at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSnapshot {
    /// When the reading was taken, monotonic.
    pub at: Duration,
    /// The database's status.
    pub status: String,
    /// The member that writes.
    pub writer: Option<String>,
    /// The writer's zone.
    pub zone: Option<String>,
    /// The standby's zone.
    pub standby: Option<String>,
    /// Targets of the services: healthy, all that are registered.
    pub targets: (usize, usize),
    /// Tasks of the services: running, wanted.
    pub tasks: (u32, u32),
}

/// Where a database is: a DB cluster by its identifier or a member's, else a DB instance by its own.
pub fn place(party_box: &PartyBox, database: &str) -> Option<WriterLocation> {
    if let Some(node) = party_box.cluster(database) {
        return Some(cluster_place(node));
    }
    let db = party_box.database(database)?;
    Some(WriterLocation {
        kind: if db.multi_az { "Multi-AZ instance" } else { "DB instance" }.to_owned(),
        arn: db.arn.clone(),
        engine: format!("{} {}", db.engine, db.version),
        host: db.host.clone(),
        status: db.status.clone(),
        writer: Some(db.id.clone()),
        zone: db.zone.clone(),
        standby: db.secondary_zone.clone(),
    })
}

fn cluster_place(node: &ClusterNode) -> WriterLocation {
    let cluster = &node.cluster;
    WriterLocation {
        kind: node.kind().to_owned(),
        arn: cluster.arn.clone(),
        engine: format!("{} {}", cluster.engine, cluster.version),
        host: cluster.host.clone(),
        status: cluster.status.clone(),
        writer: node.writer().map(|m| m.id.clone()),
        zone: node.writer().and_then(|m| m.zone.clone()),
        standby: node.candidate().and_then(|m| m.zone.clone()),
    }
}

/// Takes a snapshot of the layers around a database.
pub(super) fn snapshot(party_box: &PartyBox, database: &str, at: Duration) -> Option<LayerSnapshot> {
    let place = place(party_box, database)?;
    let mut snapshot = LayerSnapshot {
        at,
        status: place.status,
        writer: place.writer,
        zone: place.zone,
        standby: place.standby,
        ..LayerSnapshot::default()
    };
    for group in &party_box.groups {
        snapshot.targets.0 += group.targets.iter().filter(|t| t.serves()).count();
        snapshot.targets.1 += group.targets.len();
    }
    for node in &party_box.services {
        snapshot.tasks.0 += node.service().running;
        snapshot.tasks.1 += node.service().desired;
    }
    Some(snapshot)
}

impl LayerSnapshot {
    /// Whether it shows the same as another, whenever that was.
    pub fn same(&self, other: &Self) -> bool {
        Self { at: other.at, ..self.clone() } == *other
    }
}
