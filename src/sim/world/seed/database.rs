//! The database with its standby, its replica and the last days' events.
use chrono::{NaiveTime, TimeDelta};

use super::{Time, days, network, tags};
use crate::sim::world::World;
use crate::sim::world::rds::{DbEvent, DbInstance, DbStatus, DbSubnetGroup};

const KEY: &str = "arn:aws:kms:ap-northeast-1:123456789012:key/1c9e4f02-73b5-4b0a-9d6e-5f8a2c7b3e10";
const SUBNET_GROUP: &str = "party-box-db";

/// Both instances, their subnet group and their events.
pub(super) fn fill(world: &mut World) {
    let now = world.now;
    let primary = primary(now);
    let replica = replica(&primary);
    let days_back = 7;
    for day in (0..=days_back).rev() {
        let Some(start) = (now.date_naive() - days(day)).and_time(backup_time()).and_utc().into() else {
            continue;
        };
        for (message, after) in [("Backing up DB instance", 0), ("Finished DB instance backup", 193)] {
            let at: Time = start + TimeDelta::seconds(after);
            if at <= now {
                world.rds.events.push(backup_event(&primary, message, at));
            }
        }
    }
    world.rds.instances = vec![primary, replica];
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

/// When the daily backup starts, within the backup window (UTC).
fn backup_time() -> NaiveTime {
    NaiveTime::from_hms_opt(17, 6, 41).unwrap_or_default()
}

fn backup_event(instance: &DbInstance, message: &str, at: Time) -> DbEvent {
    DbEvent {
        source: instance.id.clone(),
        source_type: "db-instance",
        source_arn: instance.arn.clone(),
        message: message.to_owned(),
        categories: vec!["backup"],
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
        endpoint_address: format!("{id}.cq7w2m4x8k1z.ap-northeast-1.rds.amazonaws.com"),
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
        endpoint_address: format!("{id}.cq7w2m4x8k1z.ap-northeast-1.rds.amazonaws.com"),
        created_at: primary.created_at + days(31),
        multi_az: false,
        availability_zone: "ap-northeast-1c".to_owned(),
        secondary_availability_zone: None,
        backup_retention_days: 0,
        latest_restorable_time: None,
        replica_source: Some(primary.id.clone()),
        replicas: Vec::new(),
        tags: tags(id),
        ..primary.clone()
    }
}
