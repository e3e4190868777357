//! A failover takes as long as the documentation says, and one task comes back later than the others.
use super::Definition;
use crate::world::rules::{FailoverTakes, Rules};
use crate::world::script::Timeline;

pub(super) const SCENARIO: Definition = Definition {
    name: "failover-slow",
    summary: "your failover takes the documented 60-120 s; one task is back late",
    rules: Rules { failover_takes: FailoverTakes::Between(60, 120), straggler: true, ..Rules::DEFAULT },
    timeline: Timeline::EMPTY,
};
