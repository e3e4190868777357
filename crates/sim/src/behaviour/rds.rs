//! DB instances over time: reboots, failovers, backups, the latest restorable time.
use chrono::{TimeDelta, Timelike};

use super::app_outage::{self, draw_milliseconds, draw_span};
use super::rds_changes;
use super::rds_events::{self, About, publish_event, publish_failover_event};
use crate::world::rds::{DbInstance, DbOperation, DbStatus, DrillKind, DrillTruth, Outage};
use crate::world::rules::FailoverTakes;
use crate::world::{Time, TruthKind, World};

/// The cause of a failover that was requested, in AWS's words.
pub(crate) const REQUESTED: &str = "The user requested a failover of the DB instance.";
/// The cause of a failover that RDS began, in AWS's words.
const HOST_UNHEALTHY: &str = "The primary host of the RDS Multi-AZ instance is unhealthy.";
/// The cause of a failover after the loss of the primary's zone, in AWS's words.
const ZONE_LOST: &str =
    "The primary host of the RDS Multi-AZ instance is unreachable due to loss of network connectivity.";
/// The message of a failover's end: without a full stop, though that of its beginning has one.
pub(crate) const FAILOVER_COMPLETED: &str = "Multi-AZ instance failover completed";
/// The message of a failover that is abandoned (RDS-EVENT-0034).
const ABANDONED: &str =
    "Abandoning user requested failover since a failover recently occurred on the database instance.";
/// Seconds between uploads of transaction logs: point-in-time recovery reaches to about five minutes ago.
const LOGS_SHIPPED_EVERY: i64 = 300;

/// Why an instance reboots or fails over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Somebody asked for a reboot.
    Reboot,
    /// Somebody asked for a failover, and was answered at this moment.
    Asked(Time),
    /// Its host failed.
    HostUnhealthy,
    /// Its zone was lost at this moment.
    ZoneLost(Time),
}

/// Whether a moment lies in the present second: after the second before, and not after now.
pub(crate) fn is_now(world: &World, at: Time) -> bool {
    at <= world.now && world.now - at < TimeDelta::seconds(1)
}

/// Whether RDS would give up a failover: one is under way or ended a short time ago
/// (`Rules::abandon_within`), or there is no standby to fail over to.
pub(crate) fn would_abandon(world: &World, instance: &DbInstance) -> bool {
    instance.operation.as_ref().is_some_and(|operation| operation.failover)
        || instance.last_failover.is_some_and(|at| world.now - at < world.rules.abandon_within)
        || instance.standby_zone().is_some_and(|zone| world.is_lost(zone, world.now))
}

/// Failovers of PostgreSQL instances that were measured by a client every 250 ms: milliseconds without writes,
/// and by how much the end of the writes came before that of the reads.
const MEASURED: [(i64, i64); 14] = [
    (37_000, 4259),
    (33_700, 501),
    (35_200, 1505),
    (16_800, 501),
    (34_500, 501),
    (34_800, 5010),
    (17_900, 0),
    (29_000, 2116),
    (20_500, 1754),
    (18_000, 3260),
    (20_100, 4260),
    (18_000, 2506),
    (18_200, 4768),
    (19_700, 4760),
];

/// Draws how long a requested failover takes: from the end of the reads to the first answer, and by how much
/// writes end before.
fn draw_outage(world: &mut World) -> (TimeDelta, TimeDelta) {
    let last = i64::try_from(MEASURED.len()).unwrap_or(1) - 1;
    let place = usize::try_from(world.rng.between(0, last)).unwrap_or_default();
    let (writes, gap) = MEASURED[place];
    let gap = TimeDelta::milliseconds(gap);
    match world.rules.failover_takes {
        FailoverTakes::Measured => {
            let blur = world.rng.between(-600, 600);
            ((TimeDelta::milliseconds(writes + blur) - gap).max(TimeDelta::seconds(13)), gap)
        }
        FailoverTakes::Between(low, high) => (draw_span(world, low, high), gap),
    }
}

/// Begins a reboot and draws its times.
pub(crate) fn begin_reboot(world: &mut World, index: usize, why: Why) {
    let status = world.rds.instances[index].status;
    if matches!(status, DbStatus::Stopping | DbStatus::Stopped | DbStatus::Starting) {
        // There is no host that could fail.
        return;
    }
    let now = world.now;
    let failover = why != Why::Reboot;
    // A failover was seen to start 15 to 17 s after its request, in other accounts sooner. The status says
    // `rebooting` in the very answer, when somebody asked.
    let (rebooting_at, down_at) = match why {
        Why::ZoneLost(at) => (now + draw_span(world, 7, 19), at),
        Why::HostUnhealthy => (now + draw_span(world, 3, 7), now + draw_span(world, 7, 11)),
        Why::Asked(_) => (now, now + draw_span(world, 6, 17)),
        Why::Reboot => (now, now + draw_span(world, 4, 11)),
    };
    let (outage, gap) = draw_outage(world);
    // A plain reboot of a small instance is shorter than a failover.
    let up_at = match why {
        Why::Reboot => down_at + draw_span(world, 8, 14),
        // The loss must be detected first, which the load balancer does in less than a minute.
        Why::ZoneLost(_) => down_at + draw_span(world, 66, 106),
        Why::Asked(_) | Why::HostUnhealthy => down_at + outage,
    };
    let writes_down_at = match why {
        Why::Asked(_) | Why::HostUnhealthy => (down_at - gap).max(now),
        Why::Reboot | Why::ZoneLost(_) => down_at,
    };
    // Reads end at the very moment of the event about the beginning.
    let started_at = rebooting_at.max(down_at + draw_milliseconds(world, 0, 150));
    // Clients get through about four seconds after the event about the restart.
    let restarted_at = (up_at - draw_milliseconds(world, 3000, 5000)).max(started_at);
    // The record follows the new primary, a little ahead of the first answer.
    let dns_at = failover.then(|| up_at - draw_milliseconds(world, 0, 5000));
    let instance = &world.rds.instances[index];
    let id = instance.id.clone();
    let used_as = world.rds.cluster_of(instance).filter(|cluster| cluster.writer() == Some(&id));
    let used_as = used_as.map_or_else(|| id.clone(), |cluster| cluster.id.clone());
    let back = app_outage::begin_outage(world, &used_as, (writes_down_at, down_at), up_at, dns_at);
    // The completion is told 3 to 42 s after the first answer, and the status follows 11 to 22 s later.
    let complete_at = if failover { up_at + draw_span(world, 3, 42) } else { up_at };
    let available_at = complete_at + draw_span(world, 11, 22);
    // The zones' fields change one to nine minutes after the request.
    let swap_at = (now + draw_span(world, 60, 540)).max(up_at + TimeDelta::seconds(1));
    if failover {
        // What the failover before has not shown yet is shown now.
        if world.rds.instances[index].swap_zones_at.is_some() {
            swap_zones(world, index, now);
        }
        world.rds.instances[index].swap_zones_at = Some(swap_at);
    }
    if let Some(dns_at) = dns_at {
        move_record(world, index, dns_at);
        let told = !rds_events::loses_events(world);
        let (accepted_at, zone_lost_at) = match why {
            Why::Asked(at) => (Some(at), None),
            Why::ZoneLost(at) => (None, Some(at)),
            Why::Reboot | Why::HostUnhealthy => (None, None),
        };
        world.rds.drills.push(DrillTruth {
            database: id,
            kind: DrillKind::Failover,
            accepted_at,
            writes_down_at: back.map(|_| writes_down_at),
            api_down_at: back.map(|_| down_at),
            api_first_up_at: back.map(|back| back.first),
            api_all_up_at: back.map(|back| back.all),
            started_event_at: told.then_some(started_at),
            completed_event_at: told.then_some(complete_at),
            dns_changed_at: Some(dns_at),
            zones_swapped_at: Some(swap_at),
            zone_lost_at,
            ..DrillTruth::default()
        });
    }
    let cause = match why {
        Why::Reboot | Why::Asked(_) => REQUESTED,
        Why::HostUnhealthy => HOST_UNHEALTHY,
        Why::ZoneLost(_) => ZONE_LOST,
    };
    let instance = &mut world.rds.instances[index];
    if rebooting_at == now {
        instance.status = DbStatus::Rebooting;
    }
    instance.operation = Some(DbOperation {
        failover,
        cause,
        rebooting_at,
        down_at,
        started_at,
        restarted_at,
        up_at,
        complete_at,
        available_at,
        swap_at,
    });
}

/// Points the endpoint's name at the standby, from `at` on.
fn move_record(world: &mut World, index: usize, at: Time) {
    let now = world.now;
    let instance = &world.rds.instances[index];
    let Some(address) = instance.standby_zone().and_then(|zone| instance.address_in(zone)) else { return };
    let name = instance.endpoint_address.clone();
    if let Some(record) = world.rds.records.iter_mut().find(|record| record.name == name) {
        record.change(now, at, address);
    }
}

/// Accepts a failover, at `accepted_at`, that will be abandoned. The event follows some seconds later.
pub(crate) fn abandon_failover(world: &mut World, index: usize, accepted_at: Time) {
    let at = accepted_at + draw_span(world, 4, 12);
    let told = !rds_events::loses_events(world);
    if told {
        rds_events::publish_event_later(world, About::Instance(index), ABANDONED, "failover", at);
    }
    let database = world.rds.instances[index].id.clone();
    world.rds.drills.push(DrillTruth {
        database: database.clone(),
        kind: DrillKind::Abandoned,
        accepted_at: Some(accepted_at),
        abandoned_event_at: told.then_some(at),
        ..DrillTruth::default()
    });
    world.note(TruthKind::FailoverAbandoned { database });
}

/// Advances every instance by one second.
pub(crate) fn step(world: &mut World) {
    for index in 0..world.rds.instances.len() {
        recover_point(world, index);
        back_up(world, index);
        run_operation(world, index);
        rds_changes::step(world, index);
    }
}

/// Advances the latest restorable time, which moves in steps.
fn recover_point(world: &mut World, index: usize) {
    let now = world.now;
    if now.timestamp() % LOGS_SHIPPED_EVERY == 0
        && world.rds.instances[index].status != DbStatus::Stopped
        && let Some(latest) = &mut world.rds.instances[index].latest_restorable_time
    {
        *latest = now - TimeDelta::seconds(62);
    }
}

/// Runs the daily automated backup. With a standby it does not affect the primary, so the status stays. A
/// cluster is backed up as a whole, without events of its instances.
fn back_up(world: &mut World, index: usize) {
    let instance = &world.rds.instances[index];
    if instance.backup_retention_days == 0 || instance.cluster.is_some() {
        return;
    }
    let (now, time) = (world.now, world.now.time());
    match (time.hour(), time.minute(), time.second()) {
        (17, 6, 41) => publish_event(world, About::Instance(index), "Backing up DB instance", "backup", now),
        (17, 9, 54) => {
            publish_event(world, About::Instance(index), "Finished DB Instance backup", "backup", now);
        }
        _ => {}
    }
}

/// Runs a reboot. Each of its moments lies in one second, so each takes effect exactly once.
fn run_operation(world: &mut World, index: usize) {
    if let Some(at) = world.rds.instances[index].swap_zones_at.filter(|at| is_now(world, *at)) {
        swap_zones(world, index, at);
    }
    let Some(operation) = world.rds.instances[index].operation.clone() else { return };
    let about = About::Instance(index);
    let database = world.rds.instances[index].id.clone();
    let DbOperation { down_at, restarted_at, up_at, started_at, complete_at, .. } = operation;
    if is_now(world, operation.rebooting_at) {
        world.rds.instances[index].status = DbStatus::Rebooting;
    }
    if is_now(world, down_at) {
        world.rds.instances[index].last_outage = Some(Outage { from: down_at, until: None });
        world.note_at(down_at, TruthKind::DatabaseDown { database: database.clone() });
        if !operation.failover {
            publish_event(world, about, "DB instance shutdown", "availability", down_at);
        }
    }
    if operation.failover && is_now(world, started_at) {
        publish_failover_event(world, about, "Multi-AZ instance failover started.", "failover", started_at);
    }
    if is_now(world, restarted_at) {
        let message = "DB instance restarted";
        if operation.failover {
            publish_failover_event(world, about, message, "availability", restarted_at);
        } else {
            publish_event(world, about, message, "availability", restarted_at);
        }
    }
    if is_now(world, up_at) {
        let instance = &mut world.rds.instances[index];
        instance.last_outage = Some(Outage { from: down_at, until: Some(up_at) });
        if let Some(zone) = instance.standby_zone().filter(|_| operation.failover).map(str::to_owned) {
            instance.primary_zone = zone;
        }
        world.note_at(up_at, TruthKind::DatabaseUp { database });
    }
    if operation.failover && is_now(world, complete_at) {
        world.rds.instances[index].last_failover = Some(complete_at);
        publish_failover_event(world, about, FAILOVER_COMPLETED, "failover", complete_at);
        publish_failover_event(world, about, operation.cause, "failover", complete_at);
    }
    if is_now(world, operation.available_at) {
        let instance = &mut world.rds.instances[index];
        instance.status = DbStatus::Available;
        instance.operation = None;
    }
}

/// Swaps the zones' fields, some minutes after the failover.
fn swap_zones(world: &mut World, index: usize, at: Time) {
    let instance = &mut world.rds.instances[index];
    instance.swap_zones_at = None;
    if let Some(secondary) = &mut instance.secondary_availability_zone {
        std::mem::swap(secondary, &mut instance.availability_zone);
    }
    let database = instance.id.clone();
    world.note_at(at, TruthKind::ZonesSwapped { database });
}
