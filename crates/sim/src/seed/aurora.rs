//! The database as an Aurora PostgreSQL cluster: a writer, a reader, and one volume.
use chrono::TimeDelta;

use super::database::{DOMAIN, KEY, SUBNET_GROUP, host};
use super::{days, network, tags};
use crate::world::World;
use crate::world::rds::{ClusterMember, ClusterStatus, DbCluster, DbEvent, DbInstance, DnsRecord};

const ENGINE: &str = "aurora-postgresql";
const CLUSTER: &str = "party-box-db";
const MEMBERS: [(&str, &str); 2] = [
    ("party-box-db-1", "db-K3V7QHMZ5XWB2TRNLA6CYJDPGE"),
    ("party-box-db-2", "db-T6NBXC4LMJ2ZRWQ7AVYHKGDP5S"),
];

/// The cluster and its instances, made like the instance of the other stories.
pub(super) fn fill(world: &mut World, plain: &DbInstance) {
    let now = world.now;
    let instances: Vec<DbInstance> = (0..MEMBERS.len()).map(|place| instance(plain, place)).collect();
    let cluster = DbCluster {
        id: CLUSTER.to_owned(),
        arn: world.account.arn("rds", &format!("cluster:{CLUSTER}")),
        resource_id: "cluster-QF5ZD2WRN7KXMB4HTJ6VYLCGSA".to_owned(),
        engine: ENGINE,
        engine_version: plain.engine_version.clone(),
        status: ClusterStatus::Available,
        db_name: plain.db_name.clone(),
        master_username: plain.master_username.clone(),
        endpoint: format!("{CLUSTER}.cluster-{DOMAIN}"),
        reader_endpoint: format!("{CLUSTER}.cluster-ro-{DOMAIN}"),
        hosted_zone_id: plain.endpoint_hosted_zone_id.clone(),
        port: plain.port,
        zones: ["a", "c", "d"].map(|zone| format!("{}{zone}", world.account.region)).to_vec(),
        members: instances
            .iter()
            .enumerate()
            .map(|(place, each)| ClusterMember {
                instance: each.id.clone(),
                writer: place == 0,
                promotion_tier: 1,
            })
            .collect(),
        storage_encrypted: true,
        kms_key_id: Some(KEY.to_owned()),
        created_at: plain.created_at,
        backup_retention_days: plain.backup_retention_days,
        backup_window: plain.backup_window.clone(),
        maintenance_window: plain.maintenance_window.clone(),
        earliest_restorable_time: now - days(i64::from(plain.backup_retention_days)),
        latest_restorable_time: now - TimeDelta::seconds(now.timestamp().rem_euclid(300) + 62),
        deletion_protection: true,
        security_groups: vec![network::SG_RDS.to_owned()],
        subnet_group: SUBNET_GROUP.to_owned(),
        parameter_group: "party-box-aurora-postgresql16".to_owned(),
        tags: tags(CLUSTER),
        operation: None,
    };
    let endpoints = [(cluster.endpoint.clone(), 0), (cluster.reader_endpoint.clone(), 1)];
    world.rds.records.extend(endpoints.map(|(name, place)| DnsRecord {
        name,
        address: host(place, 220).1,
        change: None,
    }));
    world.rds.events.push(DbEvent {
        source: cluster.id.clone(),
        source_type: "db-cluster",
        source_arn: cluster.arn.clone(),
        message: "DB cluster created".to_owned(),
        categories: vec!["creation"],
        at: now - days(9),
    });
    world.rds.clusters = vec![cluster];
    world.rds.instances = instances;
}

fn instance(plain: &DbInstance, place: usize) -> DbInstance {
    let (id, resource_id) = MEMBERS[place];
    let (zone, address) = host(place, 220);
    DbInstance {
        id: id.to_owned(),
        arn: format!("arn:aws:rds:ap-northeast-1:123456789012:db:{id}"),
        resource_id: resource_id.to_owned(),
        engine: ENGINE,
        endpoint_address: format!("{id}.{DOMAIN}"),
        // Storage, backups and protection are the cluster's.
        allocated_storage: 1,
        max_allocated_storage: None,
        storage_type: "aurora",
        iops: 0,
        storage_throughput: 0,
        deletion_protection: false,
        latest_restorable_time: None,
        multi_az: false,
        availability_zone: zone.clone(),
        secondary_availability_zone: None,
        primary_zone: zone.clone(),
        addresses: vec![(zone, address)],
        parameter_group: "party-box-aurora-postgresql16".to_owned(),
        cluster: Some(CLUSTER.to_owned()),
        promotion_tier: Some(1),
        replicas: Vec::new(),
        tags: tags(id),
        ..plain.clone()
    }
}
