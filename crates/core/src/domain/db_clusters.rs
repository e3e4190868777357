//! DB clusters joined with their members: who writes, in which zone, and who would be promoted.

use super::{Database, DbCluster, Store};
use std::cmp::Reverse;

/// A DB cluster with what its members' own readings tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterNode {
    /// The cluster.
    pub cluster: DbCluster,
    /// Its members: the writer first, then in the order of promotion.
    pub members: Vec<MemberNode>,
}

/// A member of a DB cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberNode {
    /// DB instance identifier.
    pub id: String,
    /// Whether it writes.
    pub writer: bool,
    /// Which reader is promoted first: the lowest number, 0-15.
    pub tier: Option<u32>,
    /// Its zone; unlike a Multi-AZ instance's it does not change with a failover.
    pub zone: Option<String>,
    /// Its own status; empty when the instance was not read.
    pub status: String,
}

impl ClusterNode {
    /// `Aurora cluster` or `Multi-AZ DB cluster`.
    pub fn kind(&self) -> &'static str {
        if self.cluster.engine.starts_with("aurora") { "Aurora cluster" } else { "Multi-AZ DB cluster" }
    }

    /// The member that writes.
    pub fn writer(&self) -> Option<&MemberNode> {
        self.members.iter().find(|m| m.writer)
    }

    /// The members that read.
    pub fn readers(&self) -> impl Iterator<Item = &MemberNode> {
        self.members.iter().filter(|m| !m.writer)
    }

    /// The reader that a failover would most likely promote: Aurora takes the lowest tier, and the largest
    /// within it, which is not told here; a Multi-AZ DB cluster takes the one with the newest data.
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html>
    pub fn candidate(&self) -> Option<&MemberNode> {
        self.readers().next()
    }

    /// How long its failover usually takes, in words: under 35 s for a Multi-AZ DB cluster, under 60 s for
    /// Aurora.
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverDBCluster.html>
    pub fn usual(&self) -> &'static str {
        if self.cluster.engine.starts_with("aurora") { "under 60 s" } else { "under 35 s" }
    }
}

/// The clusters of these databases; each member learns whether it writes, and readers step behind the
/// writers.
pub(super) fn join(store: &Store, databases: &mut [Database]) -> Vec<ClusterNode> {
    let mut found = Vec::new();
    for cluster in store.db_clusters() {
        if !databases.iter().any(|db| db.cluster.as_deref() == Some(cluster.id.as_str())) {
            continue;
        }
        let mut members: Vec<MemberNode> = cluster
            .members
            .iter()
            .map(|member| {
                let instance = databases.iter().find(|db| db.id == member.instance);
                MemberNode {
                    id: member.instance.clone(),
                    writer: member.writer,
                    tier: member.promotion_tier,
                    zone: instance.and_then(|db| db.zone.clone()),
                    status: instance.map(|db| db.status.clone()).unwrap_or_default(),
                }
            })
            .collect();
        // One that is not available is not promoted.
        members.sort_by_key(|m| {
            (Reverse(m.writer), m.status != "available", m.tier.unwrap_or(15), m.id.clone())
        });
        found.push(ClusterNode { cluster: cluster.clone(), members });
    }
    found.sort_by(|a, b| a.cluster.id.cmp(&b.cluster.id));
    for db in databases.iter_mut() {
        let cluster = found.iter().find(|c| db.cluster.as_deref() == Some(c.cluster.id.as_str()));
        db.writes = cluster.and_then(|c| c.members.iter().find(|m| m.id == db.id)).map(|m| m.writer);
    }
    databases.sort_by_key(|db| (db.replica_of.is_some() || db.writes == Some(false), db.id.clone()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DbMember, Payload, Topic};

    fn store(writer: &str) -> Store {
        let instance = |id: &str, zone: &str, status: &str| Database {
            id: id.into(),
            zone: Some(zone.into()),
            status: status.into(),
            cluster: Some("db".into()),
            ..Database::default()
        };
        let member = |id: &str, tier| DbMember {
            instance: id.into(),
            writer: id == writer,
            promotion_tier: Some(tier),
        };
        let cluster = DbCluster {
            id: "db".into(),
            engine: "aurora-postgresql".into(),
            members: vec![member("db-1", 1), member("db-2", 1), member("db-3", 0)],
            ..DbCluster::default()
        };
        let mut store = Store::default();
        store.slot_mut(&Topic::DbClusters).payload = Some(Payload::DbClusters(vec![
            DbCluster { id: "other".into(), ..DbCluster::default() },
            cluster,
        ]));
        store.slot_mut(&Topic::Databases).payload = Some(Payload::Databases(vec![
            instance("db-1", "1a", "available"),
            instance("db-2", "1c", "available"),
            instance("db-3", "1d", "rebooting"),
        ]));
        store
    }

    #[test]
    fn members_learn_who_writes_and_stand_in_the_order_of_promotion() {
        let store = store("db-2");
        let mut databases = store.databases().to_vec();
        let clusters = join(&store, &mut databases);
        assert_eq!(clusters.len(), 1, "the other cluster has no member here");
        let order: Vec<&str> = clusters[0].members.iter().map(|m| m.id.as_str()).collect();
        assert_eq!(order, ["db-2", "db-1", "db-3"], "the writer, then the available reader");
        assert_eq!(clusters[0].writer().and_then(|m| m.zone.as_deref()), Some("1c"));
        assert_eq!(clusters[0].candidate().map(|m| m.id.as_str()), Some("db-1"));
        assert_eq!(clusters[0].kind(), "Aurora cluster");
        let roles: Vec<_> = databases.iter().map(|db| (db.id.as_str(), db.role())).collect();
        assert_eq!(roles, [("db-2", "writer"), ("db-1", "reader"), ("db-3", "reader")]);
    }

    #[test]
    fn a_member_of_a_cluster_that_was_not_read_is_a_member() {
        let mut databases = store("db-1").databases().to_vec();
        assert!(join(&Store::default(), &mut databases).is_empty());
        assert_eq!(databases[0].role(), "member");
    }
}
