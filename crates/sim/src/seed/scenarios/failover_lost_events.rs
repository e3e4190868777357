//! RDS's events about failovers never appear.
use super::Definition;
use crate::world::rules::{EventFaults, Rules};
use crate::world::script::Timeline;

pub(super) const SCENARIO: Definition = Definition {
    name: "failover-lost-events",
    summary: "the failover that you start works, without any RDS event",
    rules: Rules { event_faults: EventFaults::Lost, ..Rules::DEFAULT },
    timeline: Timeline::EMPTY,
};
