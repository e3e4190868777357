//! RDS's events about failovers appear late and out of order, some twice.
use super::Definition;
use crate::world::rules::{EventFaults, Rules};
use crate::world::script::Timeline;

pub(super) const SCENARIO: Definition = Definition {
    name: "failover-reordered-events",
    summary: "the events of your failover come late, out of order, twice",
    rules: Rules { event_faults: EventFaults::Reordered, ..Rules::DEFAULT },
    timeline: Timeline::EMPTY,
};
