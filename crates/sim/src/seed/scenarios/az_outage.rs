//! A whole zone is lost: its tasks, its targets, its NAT gateway and the database's primary.
use super::Definition;
use crate::world::rules::Rules;
use crate::world::script::{Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "az-outage",
    summary: "zone a is lost after 30 s, with tasks and database; back after 15 min",
    rules: Rules::DEFAULT,
    timeline: Timeline::once(30, &[Step::LoseZone]),
};
