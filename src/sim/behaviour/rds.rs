//! The database over time: reboots, failovers, backups, how far recovery reaches.
use chrono::{TimeDelta, Timelike};

use crate::sim::world::rds::{DbEvent, DbInstance, DbOperation, DbStatus, Outage};
use crate::sim::world::{Time, TruthKind, World};

/// Why an operator's failover happened, in AWS's words.
pub(crate) const REQUESTED: &str = "The user requested a failover of the DB instance.";
/// Why a failover happened by itself, in AWS's words.
pub(crate) const HOST_UNHEALTHY: &str = "The primary host of the RDS Multi-AZ instance is unhealthy.";
/// For how long after a failover another is abandoned.
const TOO_SOON: TimeDelta = TimeDelta::minutes(5);
/// RDS keeps events for 14 days.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(14);
/// Point-in-time recovery reaches to about five minutes ago: logs are shipped that often.
const LOGS_SHIPPED_EVERY: i64 = 300;

/// Whether a failover is under way or has ended less than five minutes ago.
pub(crate) fn failed_over_recently(instance: &DbInstance, now: Time) -> bool {
    instance.operation.as_ref().is_some_and(|operation| operation.failover)
        || instance.last_failover.is_some_and(|at| now - at < TOO_SOON)
}

/// Accepts a reboot and draws its times.
pub(crate) fn begin(world: &mut World, index: usize, failover: bool, cause: &'static str) {
    let now = world.now;
    let rng = &mut world.rng;
    let mut later = |from: Time, low, high| from + TimeDelta::seconds(rng.between(low, high));
    let rebooting_at = later(now, 3, 7);
    let down_at = later(rebooting_at, 1, 4);
    // "Failover times are typically 60-120 seconds"; a plain reboot of a small instance is shorter.
    let up_at = if failover { later(down_at, 60, 100) } else { later(down_at, 15, 28) };
    let complete_at = later(up_at, 3, 9);
    let swap_at = later(complete_at, 30, 180);
    if let Some(instance) = world.rds.instances.get_mut(index) {
        instance.operation = Some(DbOperation {
            failover,
            cause,
            accepted_at: now,
            rebooting_at,
            down_at,
            up_at,
            complete_at,
            swap_at,
        });
    }
}

/// Accepts a failover that will not happen.
pub(crate) fn abandon(world: &mut World, index: usize) {
    let message =
        "Abandoning user requested failover since a failover recently occurred on the database instance.";
    tell(world, index, message, &["failover"]);
    let database = world.rds.instances[index].id.clone();
    world.note(TruthKind::FailoverAbandoned { database });
}

fn tell(world: &mut World, index: usize, message: &str, categories: &[&'static str]) {
    let now = world.now;
    let instance = &world.rds.instances[index];
    let event = DbEvent {
        source: instance.id.clone(),
        source_type: "db-instance",
        source_arn: instance.arn.clone(),
        message: message.to_owned(),
        categories: categories.to_vec(),
        at: now,
    };
    world.rds.events.push(event);
    world.rds.events.retain(|event| now - event.at <= EVENTS_KEPT);
}

/// Lets every database live through the present second.
pub(crate) fn step(world: &mut World) {
    for index in 0..world.rds.instances.len() {
        recover_point(world, index);
        back_up(world, index);
        operate(world, index);
    }
}

/// The latest restorable time moves in jumps.
fn recover_point(world: &mut World, index: usize) {
    let now = world.now;
    if now.timestamp() % LOGS_SHIPPED_EVERY == 0
        && let Some(latest) = &mut world.rds.instances[index].latest_restorable_time
    {
        *latest = now - TimeDelta::seconds(62);
    }
}

/// The daily automated backup. With a standby it does not disturb the primary, so the status stays.
fn back_up(world: &mut World, index: usize) {
    if world.rds.instances[index].backup_retention_days == 0 {
        return;
    }
    let time = world.now.time();
    match (time.hour(), time.minute(), time.second()) {
        (17, 6, 41) => tell(world, index, "Backing up DB instance", &["backup"]),
        (17, 9, 54) => tell(world, index, "Finished DB instance backup", &["backup"]),
        _ => {}
    }
}

/// The reboot under way. Its times are whole seconds after the request, so each is met exactly once.
fn operate(world: &mut World, index: usize) {
    let now = world.now;
    if world.rds.instances[index].swap_zones_at == Some(now) {
        swap_zones(world, index);
    }
    let Some(operation) = world.rds.instances[index].operation.clone() else { return };
    let database = world.rds.instances[index].id.clone();
    if now == operation.rebooting_at {
        world.rds.instances[index].status = DbStatus::Rebooting;
    }
    if now == operation.down_at {
        world.rds.instances[index].last_outage = Some(Outage { from: now, until: None });
        world.note(TruthKind::DatabaseDown { database: database.clone() });
        if operation.failover {
            tell(world, index, "Multi-AZ instance failover started.", &["failover"]);
        } else {
            tell(world, index, "DB instance shutdown", &["availability"]);
        }
    }
    if now == operation.up_at {
        world.rds.instances[index].last_outage = Some(Outage { from: operation.down_at, until: Some(now) });
        world.note(TruthKind::DatabaseUp { database });
        tell(world, index, "DB instance restarted", &["availability"]);
    }
    if now == operation.complete_at {
        let instance = &mut world.rds.instances[index];
        instance.status = DbStatus::Available;
        instance.operation = None;
        if operation.failover {
            instance.last_failover = Some(now);
            instance.swap_zones_at = Some(operation.swap_at);
            tell(world, index, "Multi-AZ instance failover completed.", &["failover"]);
            tell(world, index, operation.cause, &["failover"]);
        }
    }
}

/// The zones' fields follow the failover some minutes late.
fn swap_zones(world: &mut World, index: usize) {
    let instance = &mut world.rds.instances[index];
    instance.swap_zones_at = None;
    if let Some(secondary) = &mut instance.secondary_availability_zone {
        std::mem::swap(secondary, &mut instance.availability_zone);
    }
    let database = instance.id.clone();
    world.note(TruthKind::ZonesSwapped { database });
}
