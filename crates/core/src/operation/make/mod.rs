//! Makes plans from the newest readings, with their preflight checks. One file per action.

mod deploy;
mod failover;
mod failover_cluster;
mod preflight;
mod range;
mod redeploy;
mod rollback;
mod scale;
mod task;

pub use deploy::deploy;
pub use failover::failover;
pub use range::range;
pub use redeploy::redeploy;
pub use rollback::{proceed, revert, roll_back};
pub use scale::scale;
pub use task::stop_task;

use super::drill::Drill;
use super::{Action, Check, CheckResult, Confirm, Plan};
use crate::diagnosis::{Rollouts, plural, span};
use crate::domain::{PartyBox, Service, ServiceNode, Store, Topic};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
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
    /// The drill whose baseline is being taken, if one is.
    pub drill: Option<&'a Drill>,
    /// AWS actions that were denied, and when (server time).
    pub denied: &'a BTreeMap<String, DateTime<Utc>>,
    /// Whether every action is refused.
    pub read_only: bool,
    /// The server's time.
    pub now: DateTime<Utc>,
}

/// Readings older than this (server time) are warned of; four times that blocks.
const FRESH: TimeDelta = TimeDelta::seconds(60);

/// A denial is told of for so long; permissions change.
const DENIED: TimeDelta = TimeDelta::minutes(30);

/// Checks that every plan needs.
fn common(ctx: Context<'_>, topic: &Topic, call: &'static str) -> Vec<Check> {
    let mut checks = Vec::new();
    if ctx.read_only {
        checks.push(block("started with --read-only: nothing is sent"));
    }
    checks.push(match ctx.store.identity() {
        Some(identity) if ctx.account.is_some_and(|account| account != identity.account) => block(format!(
            "you are in account {} now, and this session began in {}: start anew",
            identity.account,
            ctx.account.unwrap_or_default()
        )),
        Some(identity) => pass(format!("you are {} in account {}", identity.role(), identity.account)),
        None => block("who you are is not known yet: no account to name in the confirmation"),
    });
    let slot = ctx.store.slot(topic);
    checks.push(match slot.and_then(|s| s.taken_at).map(|t| ctx.now - t) {
        Some(age) if age < FRESH => pass(format!("read {} ago", span(age))),
        Some(age) if age < FRESH * 4 => warn(format!("what is shown was read {} ago", span(age))),
        Some(age) => block(format!("what is shown was read {} ago: too old to act on", span(age))),
        None => block("not read yet"),
    });
    if let Some(age) = ctx.denied.get(call).map(|at| ctx.now - *at)
        && age < DENIED
    {
        checks.push(warn(format!("{call} was denied {} ago: you may lack the permission", span(age))));
    }
    checks
}

/// How old the evidence of a topic is: ` (read 12s ago)`.
fn age(ctx: Context<'_>, topic: &Topic) -> String {
    let taken = ctx.store.slot(topic).and_then(|s| s.taken_at);
    taken.map_or_else(String::new, |at| format!(" (read {} ago)", span(ctx.now - at)))
}

/// Checks of every plan that makes a new deployment.
fn rollout_checks(ctx: Context<'_>, service: &Service) -> Vec<Check> {
    let mut checks = vec![controller(service), in_flight(service, "this one would supersede it")];
    checks.push(match service.circuit_breaker {
        Some((true, true)) => pass("the circuit breaker is on and rolls back"),
        Some((true, false)) => warn("the circuit breaker is on but does not roll back"),
        _ => warn("no circuit breaker: a failing rollout goes on until stopped"),
    });
    let most = service.desired.saturating_mul(service.max_percent.unwrap_or(200)) / 100;
    checks.push(addresses(ctx, service, most.saturating_sub(service.desired)));
    checks
}

fn controller(service: &Service) -> Check {
    if service.controller == "ECS" || service.controller.is_empty() {
        pass("deployments are controlled by ECS")
    } else {
        let (name, controller) = (&service.name, &service.controller);
        block(format!("deployments of {name} are controlled by {controller}: deploy it there"))
    }
}

/// What every rolling deployment does to the tasks.
fn replaced(service: &Service) -> String {
    format!(
        "{} replaced step by step, at least {}% healthy; open WebSockets drain, then close",
        plural(service.desired as usize, "task"),
        service.min_healthy_percent.unwrap_or(100)
    )
}

/// A plan about a service, without what is particular to its action.
fn blank(ctx: Context<'_>, service: &Service, title: String, action: Action) -> Plan {
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

fn in_flight(service: &Service, meaning: &str) -> Check {
    if service.is_rolling() {
        warn(format!("a rollout of {} is in flight: {meaning}", service.name))
    } else {
        pass("no rollout in flight")
    }
}

/// New tasks need addresses in the service's subnets.
fn addresses(ctx: Context<'_>, service: &Service, tasks: u32) -> Check {
    let Some(network) = ctx.store.network() else {
        return warn("free addresses of the subnets are not known");
    };
    let free: u32 =
        network.subnets.iter().filter(|s| service.subnets.contains(&s.id)).map(|s| s.free_addresses).sum();
    let age = age(ctx, &Topic::Network);
    let more = plural(tasks as usize, "more task");
    if free >= tasks {
        pass(format!("{free} free addresses in its subnets for {more}{age}"))
    } else {
        warn(format!("only {free} free addresses in its subnets for {more}{age}"))
    }
}

fn node<'a>(ctx: Context<'a>, service: &str) -> Result<&'a ServiceNode, String> {
    ctx.party_box.service(service).ok_or_else(|| format!("{service} is not in the cluster any more"))
}

fn account(ctx: Context<'_>) -> String {
    ctx.store.identity().map_or_else(|| "unknown".to_owned(), |i| i.account.clone())
}

fn pass(text: impl Into<String>) -> Check {
    Check { outcome: CheckResult::Pass, text: text.into() }
}

fn warn(text: impl Into<String>) -> Check {
    Check { outcome: CheckResult::Warn, text: text.into() }
}

fn block(text: impl Into<String>) -> Check {
    Check { outcome: CheckResult::Block, text: text.into() }
}
