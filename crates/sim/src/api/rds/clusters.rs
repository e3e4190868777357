//! RDS's DB clusters.
use chrono::{DateTime, Utc};

use super::{Answer, filters, paged, required, tags};
use crate::behaviour::rds_actions;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::rds::DbCluster;

pub(super) fn describe(world: &World, input: Input<'_>) -> Answer {
    let filters =
        filters(input, &["clone-group-id", "db-cluster-id", "db-cluster-resource-id", "domain", "engine"])?;
    let fits = |each: &&DbCluster| {
        filters.iter().all(|(name, values)| {
            values.iter().any(|value| match *name {
                "db-cluster-id" => each.id == *value || each.arn == *value,
                "db-cluster-resource-id" => each.resource_id == *value,
                "engine" => each.engine == *value,
                _ => false,
            })
        })
    };
    let found = match input.text("DBClusterIdentifier")?.filter(|id| !id.is_empty()) {
        Some(id) => vec![world.rds.cluster(id).ok_or_else(|| no_cluster(id))?],
        None => world.rds.clusters.iter().filter(fits).collect(),
    };
    let (found, marker) = paged(input, "DBClusters", found, |each| each.id.clone())?;
    Ok(map! {
        "Marker": marker,
        "DBClusters/DBCluster": Node::list(found.into_iter().map(cluster)),
    })
}

pub(super) fn failover(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let id = required(input, "DBClusterIdentifier")?;
    let target = input.text("TargetDBInstanceIdentifier")?.filter(|id| !id.is_empty());
    let index = rds_actions::failover_db_cluster(world, id, target, now)?;
    Ok(map! { "DBCluster": cluster(&world.rds.clusters[index]) })
}

fn no_cluster(id: &str) -> ApiError {
    ApiError::new("DBClusterNotFoundFault", format!("DBCluster {id} not found.")).with_status(404)
}

fn cluster(each: &DbCluster) -> Node {
    let groups = each.security_groups.iter().map(|id| map! { "VpcSecurityGroupId": id, "Status": "active" });
    let members = each.members.iter().map(|member| {
        map! {
            "DBInstanceIdentifier": &member.instance,
            "IsClusterWriter": member.writer,
            "DBClusterParameterGroupStatus": "in-sync",
            "PromotionTier": member.promotion_tier,
        }
    });
    map! {
        "AllocatedStorage": 1,
        "AvailabilityZones/AvailabilityZone": Node::list(&each.zones),
        "BackupRetentionPeriod": each.backup_retention_days,
        "DatabaseName": &each.db_name,
        "DBClusterIdentifier": &each.id,
        "DBClusterParameterGroup": &each.parameter_group,
        "DBSubnetGroup": &each.subnet_group,
        "Status": each.status.as_str(),
        "EarliestRestorableTime": each.earliest_restorable_time,
        "Endpoint": &each.endpoint,
        "ReaderEndpoint": &each.reader_endpoint,
        "MultiAZ": each.members.len() > 1,
        "Engine": each.engine,
        "EngineVersion": &each.engine_version,
        "LatestRestorableTime": each.latest_restorable_time,
        "Port": each.port,
        "MasterUsername": &each.master_username,
        "PreferredBackupWindow": &each.backup_window,
        "PreferredMaintenanceWindow": &each.maintenance_window,
        "ReadReplicaIdentifiers/ReadReplicaIdentifier": Node::List(Vec::new()),
        "DBClusterMembers/DBClusterMember": Node::list(members),
        "VpcSecurityGroups/VpcSecurityGroupMembership": Node::list(groups),
        "HostedZoneId": &each.hosted_zone_id,
        "StorageEncrypted": each.storage_encrypted,
        "KmsKeyId": each.kms_key_id.as_ref(),
        "DbClusterResourceId": &each.resource_id,
        "DBClusterArn": &each.arn,
        "AssociatedRoles/DBClusterRole": Node::List(Vec::new()),
        "IAMDatabaseAuthenticationEnabled": false,
        "ClusterCreateTime": each.created_at,
        "EngineMode": "provisioned",
        "DeletionProtection": each.deletion_protection,
        "HttpEndpointEnabled": false,
        "ActivityStreamStatus": "stopped",
        "CopyTagsToSnapshot": true,
        "CrossAccountClone": false,
        "DomainMemberships/DomainMembership": Node::List(Vec::new()),
        "TagList/Tag": tags(&each.tags),
        "AutoMinorVersionUpgrade": true,
        "NetworkType": "IPV4",
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
    }
}
