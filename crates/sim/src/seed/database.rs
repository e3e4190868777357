//! The databases with their standbys, replicas and proxies, and the last days' events.
use std::net::Ipv4Addr;

use chrono::{NaiveTime, TimeDelta};

use super::{Time, aurora, days, monitoring, network, tags};
use crate::behaviour::FAILOVER_COMPLETED;
use crate::estate::zone as zone_name;
use crate::estate::{ACCOUNT, DatabasePart, EnginePart, Estate, ProxyPart, REGION};
use crate::world::World;
use crate::world::rds::{
    ClientOutage, DbEvent, DbInstance, DbProxy, DbStatus, DbSubnetGroup, DnsRecord, Outage, ProxyTarget,
};

/// The domain that the endpoints' names share.
pub(super) const DOMAIN: &str = "cq7w2m4x8k1z.ap-northeast-1.rds.amazonaws.com";
/// The first host's number in each subnet; further databases count on from here.
const FIRST_HOST: u8 = 210;

/// The key of every encrypted database.
pub(super) fn key(estate: &Estate) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{}", estate.uuid("key", "database"))
}

/// `DbiResourceId` or `DbClusterResourceId`: a prefix and 26 letters and digits.
pub(super) fn resource_id(estate: &Estate, prefix: &str, name: &str) -> String {
    let derived = || estate.digits(prefix, &format!("{name} resource"), 26).to_uppercase();
    format!("{prefix}-{}", estate.given(prefix, name).map_or_else(derived, str::to_owned))
}

/// The name of the databases' subnet group.
pub(super) fn subnet_group(estate: &Estate) -> String {
    format!("{}-db", estate.project)
}

/// The address of a database's host in a zone, in the private subnet there.
pub(super) fn host(estate: &Estate, zone: usize, number: u8) -> (String, Ipv4Addr) {
    let letter = &estate.zones[zone % estate.zones.len()];
    let parts = network::subnet_parts(estate);
    let subnet = parts.iter().find(|each| !each.public && each.zone.get_ref() == letter);
    let base = subnet.and_then(|each| each.cidr.split('/').next()?.parse::<Ipv4Addr>().ok());
    let [a, b, c, _] = base.unwrap_or(Ipv4Addr::new(10, 0, 0, 0)).octets();
    (zone_name(letter), Ipv4Addr::new(a, b, c, number))
}

/// The instances and clusters, their subnet group, proxies and events.
pub(super) fn fill(world: &mut World, estate: &Estate) {
    let now = world.now;
    let mut number = FIRST_HOST;
    for part in &estate.database {
        let primary = primary(estate, part, number, now);
        if part.engine == EnginePart::AuroraPostgresql {
            aurora::fill(world, estate, part, &primary);
        } else {
            backups(world, &primary);
            let replicas: Vec<DbInstance> = (1..)
                .zip(&part.replicas)
                .map(|(more, id)| replica(estate, &primary, id, number + more))
                .collect();
            world.rds.instances.push(primary);
            world.rds.instances.extend(replicas);
        }
        number += 20;
    }
    for instance in &world.rds.instances {
        let address = instance.address_in(&instance.primary_zone);
        let name = instance.endpoint_address.clone();
        world.rds.records.extend(address.map(|address| DnsRecord { name, address, change: None }));
        world.network.fixed.extend(instance.addresses.iter().map(|(_, address)| *address));
    }
    if let Some(ago) = world.rules.last_failover_ago {
        add_past_failover(world, ago);
    }
    if !estate.database.is_empty() {
        let name = subnet_group(estate);
        world.rds.subnet_groups = vec![DbSubnetGroup {
            arn: world.account.arn("rds", &format!("subgrp:{name}")),
            name,
            description: "Private subnets of the Party Box".to_owned(),
            vpc_id: network::vpc(estate),
            subnets: network::subnet_ids(estate, false, &[])
                .into_iter()
                .map(|(zone, id)| (id, zone))
                .collect(),
        }];
    }
    world.rds.proxies = estate.proxy.iter().map(|part| proxy(world, estate, part)).collect();
}

/// A proxy before a database.
fn proxy(world: &World, estate: &Estate, part: &ProxyPart) -> DbProxy {
    let database = part.database.get_ref();
    let cluster = world.rds.cluster(database);
    let members: Vec<(&str, bool)> = match cluster {
        Some(cluster) => cluster.members.iter().map(|each| (each.instance.as_str(), each.writer)).collect(),
        None => vec![(database.as_str(), true)],
    };
    let targets = members.into_iter().map(|(instance, writer)| ProxyTarget {
        instance: instance.to_owned(),
        cluster: cluster.map(|each| each.id.clone()),
        role: if writer { "READ_WRITE" } else { "READ_ONLY" },
        state: "AVAILABLE",
        reason: None,
        description: None,
    });
    DbProxy {
        name: part.name.clone(),
        arn: world.account.arn("rds", &format!("db-proxy:prx-0{}", estate.digits("proxy", &part.name, 16))),
        status: "available",
        engine_family: "POSTGRESQL",
        vpc_id: network::vpc(estate),
        security_groups: part.groups.iter().map(|name| estate.group_id(name.get_ref())).collect(),
        subnets: network::subnet_ids(estate, false, &[]).into_iter().map(|(_, id)| id).collect(),
        secret_arn: monitoring::secret_reference(world, estate, part.secret.get_ref()),
        endpoint: format!("{}.proxy-{DOMAIN}", part.name),
        created_at: world.now - days(190),
        targets: targets.collect(),
    }
}

/// The daily backups' events.
fn backups(world: &mut World, instance: &DbInstance) {
    let now = world.now;
    for day in (0..=7).rev() {
        let start: Time = (now.date_naive() - days(day)).and_time(backup_time()).and_utc();
        for (message, after) in [("Backing up DB instance", 0), ("Finished DB Instance backup", 193)] {
            let at = start + TimeDelta::seconds(after);
            if at <= now {
                world.rds.events.push(event(instance, message, "backup", at));
            }
        }
    }
}

/// Adds a failover that completed this long before the beginning, so that RDS abandons the next.
fn add_past_failover(world: &mut World, ago: TimeDelta) {
    let complete = world.now - ago;
    let before = |milliseconds| complete - TimeDelta::milliseconds(milliseconds);
    let (down, up) = (before(51_420), before(19_310));
    let Some(instance) = world.rds.instances.first_mut() else { return };
    instance.last_failover = Some(complete);
    instance.last_outage = Some(Outage { from: down, until: Some(up) });
    let told = [
        ("Multi-AZ instance failover started.", "failover", before(51_350)),
        ("DB instance restarted", "availability", before(23_480)),
        (FAILOVER_COMPLETED, "failover", complete),
        ("The user requested a failover of the DB instance.", "failover", complete),
    ];
    let events = told.map(|(message, category, at)| event(instance, message, category, at));
    let database = instance.id.clone();
    world.rds.client_outages.push(ClientOutage {
        database,
        writes_down_at: down - TimeDelta::milliseconds(2_106),
        down_at: down,
        refused_at: down + TimeDelta::seconds(8),
        back_at: before(18_470),
        straggler: None,
    });
    // A backup may have been told since then.
    world.rds.events.extend(events);
    world.rds.events.sort_by_key(|event| event.at);
}

/// When the daily backup starts, within the backup window (UTC).
fn backup_time() -> NaiveTime {
    NaiveTime::from_hms_opt(17, 6, 41).unwrap_or_default()
}

fn event(instance: &DbInstance, message: &str, category: &'static str, at: Time) -> DbEvent {
    DbEvent {
        source: instance.id.clone(),
        source_type: "db-instance",
        source_arn: instance.arn.clone(),
        message: message.to_owned(),
        categories: vec![category],
        at,
    }
}

fn primary(estate: &Estate, part: &DatabasePart, number: u8, now: Time) -> DbInstance {
    let id = part.name.as_str();
    let name = estate.project.replace('-', "");
    let standby = part.multi_az && estate.zones.len() > 1;
    let hosts = [0, 1].map(|zone| host(estate, zone, number));
    DbInstance {
        id: id.to_owned(),
        arn: format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:{id}"),
        resource_id: resource_id(estate, "db", id),
        class: "db.t4g.medium".to_owned(),
        engine: "postgres",
        engine_version: "16.8".to_owned(),
        status: DbStatus::Available,
        db_name: name.clone(),
        master_username: name,
        endpoint_address: format!("{id}.{DOMAIN}"),
        endpoint_hosted_zone_id: "Z24O6O9L7SGTNB".to_owned(),
        port: 5432,
        allocated_storage: 100,
        max_allocated_storage: Some(500),
        storage_type: "gp3",
        iops: 3000,
        storage_throughput: 125,
        storage_encrypted: true,
        kms_key_id: Some(key(estate)),
        created_at: now - days(209),
        multi_az: standby,
        availability_zone: hosts[0].0.clone(),
        secondary_availability_zone: standby.then(|| hosts[1].0.clone()),
        primary_zone: hosts[0].0.clone(),
        addresses: if standby { hosts.to_vec() } else { hosts[..1].to_vec() },
        backup_retention_days: 7,
        backup_window: "17:00-17:30".to_owned(),
        maintenance_window: "sat:18:00-sat:18:30".to_owned(),
        latest_restorable_time: Some(now - TimeDelta::seconds(now.timestamp().rem_euclid(300) + 62)),
        publicly_accessible: false,
        deletion_protection: true,
        auto_minor_version_upgrade: true,
        performance_insights: true,
        ca_certificate: "rds-ca-rsa2048-g1",
        security_groups: part.groups.iter().map(|name| estate.group_id(name.get_ref())).collect(),
        subnet_group: subnet_group(estate),
        parameter_group: format!("{}-postgres16", estate.project),
        cluster: None,
        promotion_tier: None,
        replica_source: None,
        replicas: part.replicas.clone(),
        tags: tags(estate, id),
        operation: None,
        change: None,
        last_failover: None,
        swap_zones_at: None,
        last_outage: None,
    }
}

fn replica(estate: &Estate, primary: &DbInstance, id: &str, number: u8) -> DbInstance {
    let (zone, address) = host(estate, 1, number);
    DbInstance {
        id: id.to_owned(),
        arn: format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:{id}"),
        resource_id: resource_id(estate, "db", id),
        endpoint_address: format!("{id}.{DOMAIN}"),
        created_at: primary.created_at + days(31),
        multi_az: false,
        availability_zone: zone.clone(),
        secondary_availability_zone: None,
        primary_zone: zone.clone(),
        addresses: vec![(zone, address)],
        backup_retention_days: 0,
        latest_restorable_time: None,
        replica_source: Some(primary.id.clone()),
        replicas: Vec::new(),
        tags: tags(estate, id),
        ..primary.clone()
    }
}
