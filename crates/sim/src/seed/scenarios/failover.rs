//! The database fails over to its standby by itself.
use super::Definition;
use crate::world::rules::Rules;
use crate::world::script::{Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "failover",
    summary: "the database fails over to its standby after 30 s",
    rules: Rules::DEFAULT,
    timeline: Timeline::once(30, &[Step::FailDatabaseHost]),
};
