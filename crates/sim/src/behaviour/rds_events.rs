//! RDS events: published at once and in order, unless the account's rules say otherwise.
//! "Amazon RDS emits events on a best effort basis":
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/working-with-events.html>
use chrono::TimeDelta;

use crate::world::rds::DbEvent;
use crate::world::rules::EventFaults;
use crate::world::{Time, World};

/// RDS keeps events for 14 days.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(14);

/// The source of an event.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About {
    /// A DB instance, by its index.
    Instance(usize),
    /// A DB cluster, by its index.
    Cluster(usize),
}

/// Whether this account loses events about failovers.
pub(crate) fn loses_events(world: &World) -> bool {
    world.rules.event_faults == EventFaults::Lost
}

/// Publishes an event that happened at `at`.
pub(crate) fn publish_event(
    world: &mut World,
    about: About,
    message: impl Into<String>,
    category: &'static str,
    at: Time,
) {
    let event = event(world, about, message.into(), category, at);
    world.rds.events.push(event);
}

/// Publishes an event of a failover. By the account's rules it may get lost, or come late and out of order.
pub(crate) fn publish_failover_event(
    world: &mut World,
    about: About,
    message: impl Into<String>,
    category: &'static str,
    at: Time,
) {
    if loses_events(world) {
        return;
    }
    if world.rules.event_faults != EventFaults::Reordered {
        return publish_event(world, about, message, category, at);
    }
    let event = event(world, about, message.into(), category, at);
    // Short and long delays alternate, so that the last event comes before a middle one. Those with long
    // delays come twice.
    let long = !world.rds.held_back.is_multiple_of(2);
    world.rds.held_back += 1;
    let (low, high) = if long { (86, 104) } else { (20, 36) };
    let shown = at + milliseconds(world, low, high);
    if long {
        let again = shown + milliseconds(world, 4, 10);
        world.rds.late_events.push((again, event.clone()));
    }
    world.rds.late_events.push((shown, event));
}

fn milliseconds(world: &mut World, low: i64, high: i64) -> TimeDelta {
    TimeDelta::milliseconds(world.rng.between(low * 1000, high * 1000))
}

/// Publishes an event later.
pub(crate) fn publish_event_later(
    world: &mut World,
    about: About,
    message: &str,
    category: &'static str,
    at: Time,
) {
    let event = event(world, about, message.to_owned(), category, at);
    world.rds.late_events.push((at, event));
}

fn event(world: &World, about: About, message: String, category: &'static str, at: Time) -> DbEvent {
    let (source, source_type, source_arn) = match about {
        About::Instance(index) => {
            let instance = &world.rds.instances[index];
            (instance.id.clone(), "db-instance", instance.arn.clone())
        }
        About::Cluster(index) => {
            let cluster = &world.rds.clusters[index];
            (cluster.id.clone(), "db-cluster", cluster.arn.clone())
        }
    };
    DbEvent { source, source_type, source_arn, message, categories: vec![category], at }
}

/// Publishes late events that are due, and drops old ones.
pub(crate) fn step(world: &mut World) {
    let now = world.now;
    world.rds.events.retain(|event| now - event.at <= EVENTS_KEPT);
    if world.rds.late_events.iter().all(|(at, _)| *at > now) {
        return;
    }
    let late = std::mem::take(&mut world.rds.late_events);
    let (mut due, waiting): (Vec<_>, Vec<_>) = late.into_iter().partition(|(at, _)| *at <= now);
    due.sort_by_key(|(at, _)| *at);
    world.rds.late_events = waiting;
    world.rds.events.extend(due.into_iter().map(|(_, event)| event));
}
