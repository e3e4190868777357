//! Plans: what an action would change, made from the newest readings with preflight checks before it is sent.
//! One file per action.

mod allowed;
mod check;
mod containers;
mod deploy;
mod failover;
mod failover_cluster;
mod preflight;
mod redeploy;
mod rollback;
mod scale;
mod scaling_range;
mod stop_task;

pub use check::{Check, CheckResult};
pub use containers::images_of_revision;
pub use deploy::deploy;
pub use failover::failover;
pub use redeploy::redeploy;
pub use rollback::{proceed, revert, roll_back};
pub use scale::scale;
pub use scaling_range::range;
pub use stop_task::stop_task;

use super::Action;
use super::drill::Drill;
use crate::diagnosis::{Rollouts, plural};
use crate::domain::{FieldChange, PartyBox, Service, ServiceNode, Store};
use crate::operation::drill::report::DrillSummary;
use allowed::{counted_with, refused, replaceable};
use check::{age, block, common, controller, in_flight, pass, rollout_checks, room, warn};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything the confirmation shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What would be sent.
    pub action: Action,
    /// One line, e.g. `Scale backend`.
    pub title: String,
    /// 12-digit account.
    pub account: String,
    /// Region.
    pub region: String,
    /// The resource's ARN or name.
    pub resource: String,
    /// What changes.
    pub changes: Vec<FieldChange>,
    /// The API call with the fields it will send, e.g. `ecs:UpdateService cluster=party-box service=backend
    /// desiredCount=4`.
    pub request: String,
    /// What will happen, in sentences.
    pub consequences: Vec<String>,
    /// Preflight checks.
    pub checks: Vec<Check>,
    /// How it is confirmed.
    pub confirm: Confirm,
}

impl Plan {
    /// Whether a check forbids it.
    pub fn blocked(&self) -> bool {
        self.checks.iter().any(|c| c.outcome == CheckResult::Block)
    }
}

/// How a plan is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirm {
    /// `y`.
    Yes,
    /// The name must be typed.
    Type(String),
}

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct PlanContext<'a> {
    /// Readings.
    pub store: &'a Store,
    /// Readings, joined.
    pub party_box: &'a PartyBox,
    /// Rollouts followed.
    pub rollouts: &'a Rollouts,
    /// Cluster name.
    pub cluster: &'a str,
    /// Region.
    pub region: &'a str,
    /// The account of this session's first answer, 12 digits: another one now means other credentials.
    pub account: Option<&'a str>,
    /// Earlier drills of this machine, newest first.
    pub past: &'a [DrillSummary],
    /// Whether the account is a simulated one: its drills say nothing of a real one.
    pub simulated: bool,
    /// The drill whose baseline is being taken, if one is.
    pub drill: Option<&'a Drill>,
    /// AWS actions that were denied, and when (server time).
    pub denied: &'a BTreeMap<String, DateTime<Utc>>,
    /// Whether every action is refused.
    pub read_only: bool,
    /// The server's time.
    pub now: DateTime<Utc>,
}

/// What every rolling deployment does to the tasks.
fn replaced(service: &Service) -> String {
    if service.is_daemon() {
        return format!(
            "the task on each of its {} is stopped, then started anew: at least {}% stay",
            plural(service.desired as usize, "instance"),
            service.min_healthy_percent.unwrap_or(0)
        );
    }
    format!(
        "{} replaced step by step, at least {}% healthy; open WebSockets drain, then close",
        plural(service.desired as usize, "task"),
        service.min_healthy_percent.unwrap_or(100)
    )
}

/// A plan about a service, without what is particular to its action.
fn blank(ctx: PlanContext<'_>, service: &Service, title: String, action: Action) -> Plan {
    Plan {
        action,
        title,
        account: account(ctx),
        region: ctx.region.to_owned(),
        resource: service.arn.clone(),
        changes: Vec::new(),
        request: String::new(),
        consequences: Vec::new(),
        checks: Vec::new(),
        confirm: Confirm::Yes,
    }
}

fn node<'a>(ctx: PlanContext<'a>, service: &str) -> Result<&'a ServiceNode, String> {
    ctx.party_box.service(service).ok_or_else(|| format!("{service} is not in the cluster any more"))
}

fn account(ctx: PlanContext<'_>) -> String {
    ctx.store.identity().map_or_else(|| "unknown".to_owned(), |i| i.account.clone())
}
