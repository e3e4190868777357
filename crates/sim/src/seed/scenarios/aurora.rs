//! The database is an Aurora cluster of two instances.
use super::Definition;
use crate::world::rules::{DatabaseLayout, Rules};
use crate::world::script::Timeline;

pub(super) const SCENARIO: Definition = Definition {
    name: "aurora",
    summary: "the database is an Aurora cluster: a failover moves its writer",
    rules: Rules { database: DatabaseLayout::AuroraCluster, ..Rules::DEFAULT },
    timeline: Timeline::EMPTY,
};
