//! A failover is accepted and then given up: there was another shortly before.
use chrono::TimeDelta;

use super::Definition;
use crate::world::rules::Rules;
use crate::world::script::Timeline;

pub(super) const SCENARIO: Definition = Definition {
    name: "failover-refused",
    summary: "the failover that you start is accepted, then abandoned",
    rules: Rules {
        last_failover_ago: Some(TimeDelta::minutes(4)),
        // So long that nobody waits it out.
        abandon_within: TimeDelta::hours(1),
        ..Rules::DEFAULT
    },
    timeline: Timeline::EMPTY,
};
