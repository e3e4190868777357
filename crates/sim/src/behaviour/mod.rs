//! How the world behaves: what time does to it, and what requests may do.
//!
//! Time passes in whole seconds. So the story does not depend on when somebody looks, only on the seed,
//! the scenario and what was asked for.
mod app_outage;
mod autoscaling;
mod blue_green;
mod clusters;
pub mod dataplane;
mod deployments;
#[cfg(test)]
mod drill_stories;
#[cfg(test)]
mod drill_tests;
mod ecs;
pub mod ecs_actions;
pub mod ecs_operator;
mod elb;
mod load;
pub mod logs;
pub mod metrics;
mod names;
mod rds;
pub mod rds_actions;
mod rds_events;
mod release;
mod rollback;
#[cfg(test)]
mod rollout_tests;
mod scenario;
#[cfg(test)]
mod shift_tests;
pub(crate) mod task_life;
#[cfg(test)]
mod tests;
mod zone;

use chrono::TimeDelta;

pub(crate) use self::load::remember;
pub(crate) use self::names::lookup;
pub use self::names::resolve;
pub(crate) use self::scenario::script;
use crate::world::{Time, World};

/// A request that AWS would refuse: the error's code (as in its service model) and message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refused {
    /// e.g. `ServiceNotFoundException`, `InvalidDBInstanceState`.
    pub code: &'static str,
    /// In AWS's words.
    pub message: String,
}

impl Refused {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Moves the world forward to the last whole second not after `to`. Going back does nothing.
pub fn advance(world: &mut World, to: Time) {
    while world.now.checked_add_signed(TimeDelta::seconds(1)).is_some_and(|next| next <= to) {
        world.now += TimeDelta::seconds(1);
        step(world);
    }
}

/// One second. The order matters: what happens in one room is seen by the next in the same second.
fn step(world: &mut World) {
    scenario::step(world);
    rds_events::step(world);
    rds::step(world);
    clusters::step(world);
    elb::step(world);
    zone::step(world);
    ecs::step(world);
    if load::step(world) {
        autoscaling::each_minute(world);
    }
}
