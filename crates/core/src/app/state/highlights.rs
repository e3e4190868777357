//! The values that have just changed. They are drawn bright, so that a change is noticed.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A value on the screen that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WatchedValue {
    /// Running tasks of a service, by its name.
    Running,
    /// Desired tasks of a service, by its name.
    Desired,
    /// Pending tasks of a service, by its name.
    Pending,
    /// Healthy and registered targets of a service, by its name.
    Healthy,
    /// The newest deployment of a service and its rollout state, by the service's name.
    Rollout,
    /// The state of a target, by its address.
    Target,
    /// The status of a database, by its identifier.
    DbStatus,
    /// The zones of a database, by its identifier.
    DbZones,
}

/// The values that have just changed, each with the monotonic time at which it stops being bright.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Highlights {
    until: BTreeMap<WatchedValue, BTreeMap<String, Duration>>,
}

impl Highlights {
    /// Whether a value changed a moment ago. `mono`: monotonic time.
    pub fn is_recent(&self, value: WatchedValue, of: &str, mono: Duration) -> bool {
        self.until.get(&value).and_then(|all| all.get(of)).is_some_and(|until| *until > mono)
    }

    /// When the next value stops being bright, monotonic.
    pub(crate) fn next_end(&self) -> Option<Duration> {
        self.until.values().flat_map(BTreeMap::values).min().copied()
    }

    /// Drops those whose time has passed.
    pub(crate) fn expire(&mut self, mono: Duration) {
        self.until.retain(|_, all| {
            all.retain(|_, until| *until > mono);
            !all.is_empty()
        });
    }

    /// Marks a value as changed, bright until `until` (monotonic).
    pub(crate) fn mark(&mut self, value: WatchedValue, of: &str, until: Duration) {
        self.until.entry(value).or_default().insert(of.to_owned(), until);
    }
}
