//! Preflight checks, and those that many plans need.

use super::PlanContext;
use crate::diagnosis::{format_span, plural};
use crate::domain::{CircuitBreaker, Level, Service, Topic};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// One preflight check with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Pass, warn or block.
    pub outcome: CheckResult,
    /// What was looked at and what was seen.
    pub text: String,
}

/// A check's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CheckResult {
    /// As it should be.
    Pass,
    /// It can be sent, but the operator should know this.
    Warn,
    /// It cannot be sent.
    Block,
}

impl CheckResult {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pass, Self::Warn, Self::Block];

    /// The word for it, the same on the screen, in the shell, in the audit log and in every JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }

    /// The severity with which it is drawn.
    pub fn level(self) -> Level {
        match self {
            Self::Pass => Level::Good,
            Self::Warn => Level::Warn,
            Self::Block => Level::Bad,
        }
    }
}

/// Readings older than this (server time) are a warning; four times that blocks.
const FRESH: TimeDelta = TimeDelta::seconds(60);

/// How long a denial is shown; permissions change.
const DENIED: TimeDelta = TimeDelta::minutes(30);

/// Checks that every plan needs.
pub(super) fn common(ctx: PlanContext<'_>, topic: &Topic, call: &'static str) -> Vec<Check> {
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
        Some(age) if age < FRESH => pass(format!("read {} ago", format_span(age))),
        Some(age) if age < FRESH * 4 => warn(format!("what is shown was read {} ago", format_span(age))),
        Some(age) => block(format!("what is shown was read {} ago: too old to act on", format_span(age))),
        None => block("not read yet"),
    });
    if let Some(age) = ctx.denied.get(call).map(|at| ctx.now - *at)
        && age < DENIED
    {
        checks.push(warn(format!("{call} was denied {} ago: you may lack the permission", format_span(age))));
    }
    checks
}

/// How old the evidence of a topic is: ` (read 12s ago)`.
pub(super) fn age(ctx: PlanContext<'_>, topic: &Topic) -> String {
    let taken = ctx.store.slot(topic).and_then(|s| s.taken_at);
    taken.map_or_else(String::new, |at| format!(" (read {} ago)", format_span(ctx.now - at)))
}

/// Checks of every plan that makes a new deployment.
pub(super) fn rollout_checks(ctx: PlanContext<'_>, service: &Service) -> Vec<Check> {
    let mut checks = vec![controller(service), in_flight(service, "this one would supersede it")];
    checks.push(match service.circuit_breaker {
        Some(CircuitBreaker { enable: true, rollback: true }) => {
            pass("the circuit breaker is on and rolls back")
        }
        Some(CircuitBreaker { enable: true, rollback: false }) => {
            warn("the circuit breaker is on but does not roll back")
        }
        _ => warn("no circuit breaker: a failing rollout goes on until stopped"),
    });
    // A daemon starts no task beside another.
    let most = service.desired.saturating_mul(service.max_percent.unwrap_or(200)) / 100;
    if !service.is_daemon() {
        checks.push(room(ctx, service, most.saturating_sub(service.desired)));
    }
    checks
}

pub(super) fn controller(service: &Service) -> Check {
    match service.deployed_elsewhere() {
        None => pass("deployments are controlled by ECS"),
        Some(why) => block(why),
    }
}

pub(super) fn in_flight(service: &Service, meaning: &str) -> Check {
    if service.is_rolling() {
        warn(format!("a rollout of {} is in flight: {meaning}", service.name))
    } else {
        pass("no rollout in flight")
    }
}

/// New tasks need room: addresses in the service's subnets where each has its own, and instances that fit where
/// the machines are the account's own.
pub(super) fn room(ctx: PlanContext<'_>, service: &Service, tasks: u32) -> Check {
    if service.has_own_addresses() {
        return addresses(ctx, service, tasks);
    }
    let more = plural(tasks as usize, "more task");
    warn(format!("whether its instances have room for {more} (CPU, memory, ports) is not read"))
}

fn addresses(ctx: PlanContext<'_>, service: &Service, tasks: u32) -> Check {
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

pub(super) fn pass(text: impl Into<String>) -> Check {
    Check { outcome: CheckResult::Pass, text: text.into() }
}

pub(super) fn warn(text: impl Into<String>) -> Check {
    Check { outcome: CheckResult::Warn, text: text.into() }
}

pub(super) fn block(text: impl Into<String>) -> Check {
    Check { outcome: CheckResult::Block, text: text.into() }
}
