//! The outage of an application while its database is away.
use chrono::TimeDelta;

use crate::world::ecs::Service;
use crate::world::rds::ClientOutage;
use crate::world::{Time, World};

/// How long queries hang after a host is lost, before connections are refused, milliseconds.
const HANGS: (i64, i64) = (7_600, 8_400);
/// How long a resolver's cache holds the old address at most: the record's time to live, milliseconds.
const CACHED: i64 = 5_000;
/// The longest pause of the application's pool before it connects again, milliseconds.
const POOL_WAITS: i64 = 2_000;
/// How much later than the others a straggler recovers, milliseconds.
const STRAGGLES: (i64, i64) = (4_000, 12_000);
/// How long outages are kept: as long as metrics and logs look back.
const KEPT: TimeDelta = TimeDelta::hours(4);

/// Draws a span between two bounds in seconds, to the millisecond.
pub(crate) fn draw_span(world: &mut World, low: i64, high: i64) -> TimeDelta {
    TimeDelta::milliseconds(world.rng.between(low * 1000, high * 1000))
}

/// Draws a span between two bounds in milliseconds.
pub(crate) fn draw_milliseconds(world: &mut World, low: i64, high: i64) -> TimeDelta {
    TimeDelta::milliseconds(world.rng.between(low, high))
}

/// When the application serves its database again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recovery {
    /// The first task, and in most stories all of them.
    pub(crate) first: Time,
    /// The last task.
    pub(crate) all: Time,
}

/// Draws when the application recovers from the absence of its database. `None` if it does not use this one.
///
/// The tasks ask one resolver, that of their VPC, so they learn a changed address at the same moment;
/// node-postgres connects when it is asked something, so no task waits for its own turn. What writes fails a
/// little before what reads does.
pub(crate) fn begin_outage(
    world: &mut World,
    database: &str,
    (writes_down_at, down_at): (Time, Time),
    up_at: Time,
    dns_at: Option<Time>,
) -> Option<Recovery> {
    let users = |service: &Service| service.database.as_deref() == Some(database);
    if !world.ecs.services.iter().any(users) {
        return None;
    }
    let mut milliseconds = |low, high| TimeDelta::milliseconds(world.rng.between(low, high));
    let refused_at = down_at + milliseconds(HANGS.0, HANGS.1);
    let known_at = dns_at.map_or(up_at, |at| at + milliseconds(0, CACHED));
    let back_at = up_at.max(known_at) + milliseconds(0, POOL_WAITS);
    let straggler = if world.rules.straggler { straggler(world, database, back_at) } else { None };
    let all = straggler.as_ref().map_or(back_at, |(_, at)| *at);
    let now = world.now;
    world.rds.client_outages.retain(|outage| now - outage.back_at <= KEPT);
    let database = database.to_owned();
    world.rds.client_outages.push(ClientOutage {
        database,
        writes_down_at,
        down_at,
        refused_at,
        back_at,
        straggler,
    });
    Some(Recovery { first: back_at, all })
}

/// Picks one task that uses the database and whose pool takes longer.
fn straggler(world: &mut World, database: &str, back_at: Time) -> Option<(String, Time)> {
    let uses = |service: &&Service| service.database.as_deref() == Some(database);
    let service = world.ecs.services.iter().find(uses)?;
    let running: Vec<&str> =
        service.tasks.iter().filter(|task| task.is_running()).map(|task| task.id.as_str()).collect();
    let last = i64::try_from(running.len()).ok()?.checked_sub(1).filter(|last| *last >= 0)?;
    let place = usize::try_from(world.rng.between(0, last)).ok()?;
    let id = running.get(place).copied()?.to_owned();
    let later = TimeDelta::milliseconds(world.rng.between(STRAGGLES.0, STRAGGLES.1));
    Some((id, back_at + later))
}
