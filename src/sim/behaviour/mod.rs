//! How the world behaves: what time does to it, and what requests may do.
//!
//! Time passes in whole seconds. So the story does not depend on when somebody looks, only on the seed,
//! the scenario and what was asked for.
pub mod dataplane;
pub mod ecs_actions;
pub mod logs;
pub mod metrics;
pub mod rds_actions;

use crate::sim::world::{Time, World};

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
    let _ = (world, to);
}
