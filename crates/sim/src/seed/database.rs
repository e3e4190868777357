//! The database with its standby, its replica and the last days' events.
use std::net::Ipv4Addr;

use chrono::{NaiveTime, TimeDelta};

use super::{Time, aurora, days, network, tags};
use crate::world::World;
use crate::world::rds::{ClientOutage, DbEvent, DbInstance, DbStatus, DbSubnetGroup, DnsRecord, Outage};
use crate::world::rules::DatabaseLayout;

pub(super) const KEY: &str =
    "arn:aws:kms:ap-northeast-1:123456789012:key/1c9e4f02-73b5-4b0a-9d6e-5f8a2c7b3e10";
pub(super) const SUBNET_GROUP: &str = "party-box-db";

/// The domain that the endpoints' names share.
pub(super) const DOMAIN: &str = "cq7w2m4x8k1z.ap-northeast-1.rds.amazonaws.com";
/// The two zones, each with the octet of its database subnet's addresses.
const ZONES: [(&str, u8); 2] = [("ap-northeast-1a", 2), ("ap-northeast-1c", 4)];

/// The address of a database's host in a zone, in the private subnet there.
pub(super) fn host(zone: usize, number: u8) -> (String, Ipv4Addr) {
    let (zone, third) = ZONES[zone % ZONES.len()];
    (zone.to_owned(), Ipv4Addr::new(10, 0, third, number))
}

/// The instances, the cluster if the rules ask for one, their subnet group and their events.
pub(super) fn fill(world: &mut World) {
    let now = world.now;
    let primary = primary(now);
    if world.rules.database == DatabaseLayout::AuroraCluster {
        aurora::fill(world, &primary);
    } else {
        backups(world, &primary);
        let replica = replica(&primary);
        world.rds.instances = vec![primary, replica];
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
    world.rds.subnet_groups = vec![DbSubnetGroup {
        name: SUBNET_GROUP.to_owned(),
        arn: world.account.arn("rds", &format!("subgrp:{SUBNET_GROUP}")),
        description: "Private subnets of the Party Box".to_owned(),
        vpc_id: network::VPC.to_owned(),
        subnets: vec![
            (network::PRIVATE[0].to_owned(), "ap-northeast-1a".to_owned()),
            (network::PRIVATE[1].to_owned(), "ap-northeast-1c".to_owned()),
        ],
    }];
}

/// The daily backups' events.
fn backups(world: &mut World, instance: &DbInstance) {
    let now = world.now;
    for day in (0..=7).rev() {
        let start: Time = (now.date_naive() - days(day)).and_time(backup_time()).and_utc();
        for (message, after) in [("Backing up DB instance", 0), ("Finished DB instance backup", 193)] {
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
    let (down, up) = (before(86_420), before(5_310));
    let instance = &mut world.rds.instances[0];
    instance.last_failover = Some(complete);
    instance.last_outage = Some(Outage { from: down, until: Some(up) });
    let told = [
        ("Multi-AZ instance failover started.", "failover", before(85_900)),
        ("DB instance restarted", "availability", up),
        ("Multi-AZ instance failover completed.", "failover", complete),
        ("The user requested a failover of the DB instance.", "failover", complete),
    ];
    let events = told.map(|(message, category, at)| event(instance, message, category, at));
    let database = instance.id.clone();
    world.rds.client_outages.push(ClientOutage {
        database,
        down_at: down,
        refused_at: down + TimeDelta::seconds(8),
        back_at: before(1_870),
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

fn primary(now: Time) -> DbInstance {
    let id = "party-box-db";
    DbInstance {
        id: id.to_owned(),
        arn: format!("arn:aws:rds:ap-northeast-1:123456789012:db:{id}"),
        resource_id: "db-K3QX7WZ2M5TBNV4RJ6YHDLCPSE".to_owned(),
        class: "db.t4g.medium".to_owned(),
        engine: "postgres",
        engine_version: "16.8".to_owned(),
        status: DbStatus::Available,
        db_name: "partybox".to_owned(),
        master_username: "partybox".to_owned(),
        endpoint_address: format!("{id}.{DOMAIN}"),
        endpoint_hosted_zone_id: "Z24O6O9L7SGTNB".to_owned(),
        port: 5432,
        allocated_storage: 100,
        max_allocated_storage: Some(500),
        storage_type: "gp3",
        iops: 3000,
        storage_throughput: 125,
        storage_encrypted: true,
        kms_key_id: Some(KEY.to_owned()),
        created_at: now - days(209),
        multi_az: true,
        availability_zone: "ap-northeast-1a".to_owned(),
        secondary_availability_zone: Some("ap-northeast-1c".to_owned()),
        primary_zone: "ap-northeast-1a".to_owned(),
        addresses: vec![host(0, 210), host(1, 210)],
        backup_retention_days: 7,
        backup_window: "17:00-17:30".to_owned(),
        maintenance_window: "sat:18:00-sat:18:30".to_owned(),
        latest_restorable_time: Some(now - TimeDelta::seconds(now.timestamp().rem_euclid(300) + 62)),
        publicly_accessible: false,
        deletion_protection: true,
        auto_minor_version_upgrade: true,
        performance_insights: true,
        ca_certificate: "rds-ca-rsa2048-g1",
        security_groups: vec![network::SG_RDS.to_owned()],
        subnet_group: SUBNET_GROUP.to_owned(),
        parameter_group: "party-box-postgres16".to_owned(),
        cluster: None,
        promotion_tier: None,
        replica_source: None,
        replicas: vec!["party-box-db-replica-1".to_owned()],
        tags: tags(id),
        operation: None,
        last_failover: None,
        swap_zones_at: None,
        last_outage: None,
    }
}

fn replica(primary: &DbInstance) -> DbInstance {
    let id = "party-box-db-replica-1";
    DbInstance {
        id: id.to_owned(),
        arn: format!("arn:aws:rds:ap-northeast-1:123456789012:db:{id}"),
        resource_id: "db-W5RJ2CPXQ7ZKM4NTB6VYHDLGSA".to_owned(),
        endpoint_address: format!("{id}.{DOMAIN}"),
        created_at: primary.created_at + days(31),
        multi_az: false,
        availability_zone: "ap-northeast-1c".to_owned(),
        secondary_availability_zone: None,
        primary_zone: "ap-northeast-1c".to_owned(),
        addresses: vec![host(1, 211)],
        backup_retention_days: 0,
        latest_restorable_time: None,
        replica_source: Some(primary.id.clone()),
        replicas: Vec::new(),
        tags: tags(id),
        ..primary.clone()
    }
}
