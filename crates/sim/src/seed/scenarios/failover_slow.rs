//! A failover takes five minutes, and one task comes back later than the others.
use super::Definition;
use crate::world::rules::Rules;
use crate::world::script::Timeline;

pub(super) const SCENARIO: Definition = Definition {
    name: "failover-slow",
    summary: "the failover that you start takes 5 min; one task is back late",
    rules: Rules { failover_takes: (285, 315), straggler: true, ..Rules::DEFAULT },
    timeline: Timeline::EMPTY,
};
