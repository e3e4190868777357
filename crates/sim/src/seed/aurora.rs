//! The database as an Aurora PostgreSQL cluster: a writer, a reader, and one volume.
use chrono::TimeDelta;

use super::database::{DOMAIN, host, key, resource_id, subnet_group};
use super::{days, tags};
use crate::estate::{ACCOUNT, DatabasePart, Estate, REGION};
use crate::world::World;
use crate::world::rds::{ClusterMember, ClusterStatus, DbCluster, DbEvent, DbInstance, DnsRecord};

const ENGINE: &str = "aurora-postgresql";
/// The number of the members' hosts in their subnets, above that of an instance.
const ABOVE: u8 = 10;

/// The cluster and its instances, made like a plain instance.
pub(super) fn fill(world: &mut World, estate: &Estate, part: &DatabasePart, plain: &DbInstance) {
    let now = world.now;
    let id = part.name.as_str();
    let number = plain.addresses.first().map_or(0, |(_, address)| address.octets()[3]) + ABOVE;
    let places = 0..usize::try_from(part.instances).unwrap_or(1).max(1);
    let instances: Vec<DbInstance> = places.map(|place| instance(estate, plain, place, number)).collect();
    let cluster = DbCluster {
        id: id.to_owned(),
        arn: world.account.arn("rds", &format!("cluster:{id}")),
        resource_id: resource_id(estate, "cluster", id),
        engine: ENGINE,
        engine_version: plain.engine_version.clone(),
        status: ClusterStatus::Available,
        db_name: plain.db_name.clone(),
        master_username: plain.master_username.clone(),
        endpoint: format!("{id}.cluster-{DOMAIN}"),
        reader_endpoint: format!("{id}.cluster-ro-{DOMAIN}"),
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
        kms_key_id: Some(key(estate)),
        created_at: plain.created_at,
        backup_retention_days: plain.backup_retention_days,
        backup_window: plain.backup_window.clone(),
        maintenance_window: plain.maintenance_window.clone(),
        earliest_restorable_time: now - days(i64::from(plain.backup_retention_days)),
        latest_restorable_time: now - TimeDelta::seconds(now.timestamp().rem_euclid(300) + 62),
        deletion_protection: true,
        security_groups: plain.security_groups.clone(),
        subnet_group: subnet_group(estate),
        parameter_group: parameter_group(estate),
        tags: tags(estate, id),
        operation: None,
    };
    // The reader endpoint of a cluster without readers leads to its writer.
    let reader = usize::from(instances.len() > 1);
    let endpoints = [(cluster.endpoint.clone(), 0), (cluster.reader_endpoint.clone(), reader)];
    world.rds.records.extend(endpoints.map(|(name, place)| DnsRecord {
        name,
        address: host(estate, place, number).1,
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
    world.rds.clusters.push(cluster);
    world.rds.instances.extend(instances);
}

fn parameter_group(estate: &Estate) -> String {
    format!("{}-aurora-postgresql16", estate.project)
}

fn instance(estate: &Estate, plain: &DbInstance, place: usize, number: u8) -> DbInstance {
    let id = format!("{}-{}", plain.id, place + 1);
    let (zone, address) = host(estate, place, number);
    DbInstance {
        id: id.clone(),
        arn: format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:{id}"),
        resource_id: resource_id(estate, "db", &id),
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
        parameter_group: parameter_group(estate),
        cluster: Some(plain.id.clone()),
        promotion_tier: Some(1),
        replicas: Vec::new(),
        tags: tags(estate, &id),
        ..plain.clone()
    }
}
