//! The rules of an account, as data. The behaviour reads them and knows no scenario.
use chrono::TimeDelta;

use super::ecs::{Steps, Strategy};

/// The rules of one account. [`Rules::DEFAULT`] are those of an ordinary day; a scenario names what it
/// changes.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The layout of the database.
    pub database: DatabaseLayout,
    /// How long before the beginning the database's last failover was over; `None` when there was none.
    pub last_failover_ago: Option<TimeDelta>,
    /// For how long a Multi-AZ instance is down in a failover.
    pub failover_takes: FailoverTakes,
    /// For how long after a failover RDS accepts another and then abandons it.
    pub abandon_within: TimeDelta,
    /// The faults of RDS's events about failovers.
    pub event_faults: EventFaults,
    /// Whether one task's connection pool comes back some seconds after the others' when the database is
    /// back.
    pub straggler: bool,
    /// How deployments of the main service shift the traffic.
    pub rollout: RolloutRules,
    /// `deregistration_delay.timeout_seconds` of the main service's target groups, when it is not the estate's.
    pub drain_seconds: Option<u32>,
    /// Whether players' sockets stay open on a draining task for as long as they may.
    pub sockets_linger: bool,
    /// Whether a deployment is complete only when the last old task has stopped, as ECS's documentation reads.
    /// Real accounts reach it some seconds after the draining began.
    pub waits_for_drain: bool,
}

impl Rules {
    /// An ordinary day: rolling deployments, events at once and in order.
    pub const DEFAULT: Self = Self {
        database: DatabaseLayout::AsDescribed,
        last_failover_ago: None,
        failover_takes: FailoverTakes::Measured,
        abandon_within: TimeDelta::minutes(5),
        event_faults: EventFaults::None,
        straggler: false,
        rollout: RolloutRules::ROLLING,
        drain_seconds: None,
        sockets_linger: false,
        waits_for_drain: false,
    };
}

/// For how long a Multi-AZ instance is down in a failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailoverTakes {
    /// As failovers of PostgreSQL instances were measured: 15 to 39 seconds.
    Measured,
    /// Seconds, from and to. The documentation says "typically 60-120 seconds":
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html>
    Between(i64, i64),
}

/// The layout of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseLayout {
    /// As the estate has it.
    AsDescribed,
    /// An Aurora PostgreSQL cluster of a writer and a reader in place of the instance.
    AuroraCluster,
}

/// The faults of RDS's events about failovers: "Amazon RDS emits events on a best effort basis".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventFaults {
    /// They appear at once and in order.
    None,
    /// They never appear.
    Lost,
    /// They appear late and out of order, some twice.
    Reordered,
}

/// How deployments of the main service are configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RolloutRules {
    /// How the traffic is shifted.
    pub strategy: Strategy,
    /// The steps of a linear or canary deployment.
    pub steps: Option<Steps>,
    /// Minutes for which both revisions run once all traffic has been shifted.
    pub bake_minutes: u32,
    /// Minutes until an unanswered pause after the test traffic's shift rolls back; `None` for no pause.
    pub pause_minutes: Option<u32>,
}

impl RolloutRules {
    /// New tasks take the places of old ones.
    pub const ROLLING: Self =
        Self { strategy: Strategy::Rolling, steps: None, bake_minutes: 0, pause_minutes: None };
}
