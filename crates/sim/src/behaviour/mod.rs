//! The behaviour of the world: how it changes with time, and what requests do.
//!
//! Time passes in whole seconds, so that events do not depend on when somebody looks, but only on the seed,
//! the rules, the timeline and the requests.
mod app_outage;
mod autoscaling;
mod ci_release;
mod clusters;
pub mod dataplane;
pub(crate) mod dns_records;
pub mod ecs;
pub(crate) mod elb;
mod load;
pub mod logs;
pub mod metrics;
mod proxies;
mod rds;
pub mod rds_actions;
pub mod rds_changes;
mod rds_events;
mod script;
mod secrets;
#[cfg(test)]
mod tests;
mod zone_outage;

use chrono::TimeDelta;

pub(crate) use self::load::fill_past_minutes;
pub(crate) use self::rds::FAILOVER_COMPLETED;
use crate::world::{Time, World};

/// Moves the world forward to the last whole second not after `to`. Going back does nothing.
pub fn advance(world: &mut World, to: Time) {
    while world.now.checked_add_signed(TimeDelta::seconds(1)).is_some_and(|next| next <= to) {
        world.now += TimeDelta::seconds(1);
        step(world);
    }
}

/// Advances by one second. The order matters: a change in one service is seen by the next in the same second.
fn step(world: &mut World) {
    script::step(world);
    rds_events::step(world);
    rds::step(world);
    clusters::step(world);
    proxies::step(world);
    elb::step(world);
    zone_outage::step(world);
    ecs::step(world);
    secrets::step(world);
    if load::step(world) {
        autoscaling::each_minute(world);
    }
}
