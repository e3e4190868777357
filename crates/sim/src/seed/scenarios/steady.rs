//! Only the load of the day.
use super::Definition;
use crate::world::rules::Rules;
use crate::world::script::Timeline;

pub(super) const SCENARIO: Definition = Definition {
    name: "steady",
    summary: "nothing happens but the day's load and what you do yourself",
    rules: Rules::DEFAULT,
    timeline: Timeline::EMPTY,
};
