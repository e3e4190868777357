//! What a rollout waits for now, and until when.

use super::Rollout;
use super::revision_sides::{coming, count_alive, leaving, rows_of};
use crate::diagnosis::{format_span, plural};
use crate::domain::{
    JudgedBy, Service, ServiceEvent, ServiceNode, Store, TargetGroup, TargetHealth, TaskRow, TrafficSteps,
    sentences,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing that a rollout waits for. Times are the server's, so a countdown is `until - now`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// What.
    pub kind: WaitKind,
    /// How many tasks or targets wait.
    pub count: usize,
    /// Since when the longest of them waits.
    pub since: Option<DateTime<Utc>>,
    /// When the last of them is due, when that can be told.
    pub until: Option<DateTime<Utc>>,
    /// ECS's own words, where it has some.
    pub note: Option<String>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WaitKind {
    /// A PAUSE hook awaits an answer; then it rolls back by itself.
    Hook,
    /// A Lambda function that a stage calls has not answered.
    Function,
    /// ECS finds no place for tasks: capacity, addresses.
    Placement,
    /// Tasks get their network interface and pull their image.
    Start,
    /// Running tasks pass their target group's health checks.
    HealthChecks,
    /// As above, while failures do not count yet.
    Grace,
    /// A part of the traffic was shifted; the next part follows after a pause.
    Step,
    /// Both revisions run, in case the new one shows itself to be bad.
    Bake,
    /// Old targets keep their open connections until the deregistration delay is over.
    Drain,
    /// Old tasks are protected from being stopped.
    Protected,
    /// Old tasks stop.
    OldTasks,
    /// Tasks of the new revision stop, as ECS goes back from it.
    FailedTasks,
}

impl Wait {
    /// The remaining time, if known; zero once it is overdue.
    pub fn left(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        self.until.map(|until| (until - now).max(TimeDelta::zero()))
    }

    /// In words with its countdown: `waiting for health checks of 2, 40s`.
    pub fn words(&self, now: DateTime<Utc>) -> String {
        let what = match self.kind {
            WaitKind::Hook => "paused by its hook: c continues, b rolls back".to_owned(),
            WaitKind::Function => self.note.clone().unwrap_or_else(|| "a hook runs".to_owned()),
            WaitKind::Placement => match &self.note {
                Some(note) => format!("ECS cannot place tasks: {}", sentences::placement_reason(note)),
                None => "ECS cannot place tasks".to_owned(),
            },
            WaitKind::Start => format!("{} starting", self.count),
            WaitKind::HealthChecks => match &self.note {
                Some(groups) => format!("waiting for health checks of {} in {groups}", self.count),
                None => format!("waiting for health checks of {}", self.count),
            },
            WaitKind::Grace => format!("{} within the grace period", self.count),
            WaitKind::Step => format!("{} of the traffic shifted", self.note.as_deref().unwrap_or("part")),
            WaitKind::Bake => "baking".to_owned(),
            WaitKind::Drain => format!("{} draining", plural(self.count, "old target")),
            WaitKind::Protected => match self.until {
                Some(until) => {
                    let tasks = plural(self.count, "old task");
                    format!("{tasks} protected until {} UTC: the rollout waits", until.format("%H:%M"))
                }
                None => format!("{} protected: the rollout waits", plural(self.count, "old task")),
            },
            WaitKind::OldTasks => format!("{} old running or stopping", self.count),
            WaitKind::FailedTasks => format!("{} of the new revision running or stopping", self.count),
        };
        match (self.kind, self.left(now)) {
            (_, None) => what,
            (_, Some(left)) if left.is_zero() => format!("{what}, overdue"),
            (WaitKind::Hook, Some(left)) => {
                let then = match self.note.as_deref() {
                    Some("CONTINUE") => "it goes on by itself",
                    Some("ROLLBACK") | None => "it rolls back by itself",
                    // As AWS says it.
                    Some(other) => other,
                };
                format!("{what}; {} until {then}", format_span(left))
            }
            (WaitKind::Protected, Some(left)) => format!("{what}, {} more", format_span(left)),
            (WaitKind::Step, Some(left)) => format!("{what}, more in about {}", format_span(left)),
            (WaitKind::Drain, Some(left)) => format!("{what}, up to {}", format_span(left)),
            (_, Some(left)) => format!("{what}, about {}", format_span(left)),
        }
    }
}

/// Since when each target drains, as the readings showed it: by target.
pub(super) type Draining = BTreeMap<TargetKey, DateTime<Utc>>;

/// A target: an address registered with a target group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct TargetKey {
    /// Target group ARN.
    pub(super) group: String,
    /// The target's id: its IP address.
    pub(super) id: String,
    /// The port it is registered with.
    pub(super) port: u32,
}

/// Lists everything that it waits for, the most important first.
pub(super) fn list_waits(
    rollout: &Rollout,
    node: &ServiceNode,
    store: &Store,
    draining: &Draining,
    now: DateTime<Utc>,
) -> Vec<Wait> {
    let service = node.service();
    let mut list = Vec::new();
    if let Some(hook) = &rollout.hook {
        list.push(Wait {
            kind: WaitKind::Hook,
            count: 1,
            since: rollout.stage_since,
            until: hook.expires_at,
            note: hook.timeout_action.clone(),
        });
    }
    list.extend(wait_for_placement(service, rollout, node, now));
    list.extend(wait_for_start(rollout, node));
    list.extend(wait_for_checks(rollout, node, store, now));
    list.extend(wait_for_function(rollout));
    list.extend(wait_for_step(rollout));
    if rollout.stage.as_deref() == Some("BAKE_TIME") {
        let until =
            rollout.stage_since.map(|since| since + TimeDelta::minutes(i64::from(rollout.bake_minutes)));
        list.push(Wait { kind: WaitKind::Bake, count: 1, since: rollout.stage_since, until, note: None });
    }
    list.extend(wait_for_drain(service, store, draining));
    // Old tasks stop by themselves as new ones come up: told once nothing else is waited for.
    if list.is_empty() {
        list.extend(wait_for_protected(rollout, node, store, now));
        list.extend(wait_for_leaving_tasks(rollout, node));
    }
    list
}

/// The wait for a Lambda function that a stage of the rollout calls.
fn wait_for_function(rollout: &Rollout) -> Option<Wait> {
    let runs = |hook: &&crate::domain::Hook| {
        hook.kind == "AWS_LAMBDA" && hook.status.as_deref() == Some("IN_PROGRESS")
    };
    let hook = rollout.hooks.iter().find(runs)?;
    Some(Wait {
        kind: WaitKind::Function,
        count: 1,
        since: rollout.stage_since,
        until: None,
        note: hook.words(),
    })
}

/// The wait between two steps of a linear or canary deployment.
fn wait_for_step(rollout: &Rollout) -> Option<Wait> {
    let steps = rollout.steps.filter(|_| rollout.stage.as_deref() == Some("PRODUCTION_TRAFFIC_SHIFT"))?;
    let shifted = rollout.traffic.filter(|share| (1..1000).contains(share) && !rollout.rolling_back)?;
    let since = rollout.traffic_since;
    Some(Wait {
        kind: WaitKind::Step,
        count: 1,
        since,
        until: since.map(|since| since + TimeDelta::minutes(i64::from(steps.minutes))),
        note: Some(TrafficSteps::percent(shifted)),
    })
}

/// The wait for placement: an event of the last minutes says so, and fewer tasks exist than are wanted.
fn wait_for_placement(
    service: &Service,
    rollout: &Rollout,
    node: &ServiceNode,
    now: DateTime<Utc>,
) -> Option<Wait> {
    let there = rows_of(rollout, node, coming(rollout)).filter(|row| {
        let status = node.task(row).last_status.as_str();
        matches!(status, "PROVISIONING" | "PENDING" | "ACTIVATING" | "RUNNING")
    });
    let there = u32::try_from(there.count()).unwrap_or(u32::MAX);
    if there >= service.desired {
        return None;
    }
    let event = placement_event(service, rollout, now)?;
    let text = sentences::without_service(&event.message, &service.name);
    Some(Wait {
        kind: WaitKind::Placement,
        count: usize::try_from(service.desired - there).unwrap_or(usize::MAX),
        since: Some(event.at),
        until: None,
        note: Some(text.to_owned()),
    })
}

/// The event of the last minutes that says why no task of a rollout finds a place: one with a reason before one
/// that only says that tasks do not start.
pub(in crate::diagnosis) fn placement_event<'a>(
    service: &'a Service,
    rollout: &Rollout,
    now: DateTime<Utc>,
) -> Option<&'a ServiceEvent> {
    let begun = rollout.since();
    let recent = |e: &&ServiceEvent| e.at >= begun && now - e.at < TimeDelta::minutes(5);
    let told = || service.events.iter().filter(recent).filter(|e| sentences::names_no_placement(&e.message));
    told().find(|e| sentences::has_placement_reason(&e.message)).or_else(|| told().next())
}

/// The wait for tasks to start. The earlier start times of the service's tasks give the estimate.
fn wait_for_start(rollout: &Rollout, node: &ServiceNode) -> Option<Wait> {
    let tasks = || node.rows.iter().map(|row| node.task(row));
    let up: Vec<_> = rows_of(rollout, node, coming(rollout))
        .map(|row| node.task(row))
        .filter(|t| matches!(t.last_status.as_str(), "PROVISIONING" | "PENDING" | "ACTIVATING"))
        .collect();
    if up.is_empty() {
        return None;
    }
    let mut took: Vec<TimeDelta> = tasks().filter_map(|t| Some(t.started_at? - t.created_at?)).collect();
    took.sort();
    let typical = took.get(took.len() / 2).copied();
    let created = up.iter().filter_map(|t| t.created_at);
    Some(Wait {
        kind: WaitKind::Start,
        count: up.len(),
        since: created.clone().min(),
        until: created.max().zip(typical).map(|(at, typical)| at + typical),
        note: None,
    })
}

/// Running tasks whose target is not healthy yet. A new target is healthy after *one* passed check, so within an
/// interval of its registration; the healthy threshold is for those that come back from unhealthy.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>
fn wait_for_checks(rollout: &Rollout, node: &ServiceNode, store: &Store, now: DateTime<Utc>) -> Option<Wait> {
    let service = node.service();
    // The new tasks may be registered in a group that is not read: a task without a target says nothing then.
    let elsewhere = service.registers_elsewhere(&rollout.strategy);
    let waits = |row: &TaskRow| match node.judged_by() {
        JudgedBy::Running => false,
        JudgedBy::Containers => node.task(row).health != "HEALTHY",
        JudgedBy::Targets => match &row.target {
            Some(target) => row.unregistered > 0 || !target.serves() && !target.drains(),
            None => !elsewhere,
        },
    };
    let waiting: Vec<_> = rows_of(rollout, node, coming(rollout))
        .filter(|row| node.task(row).last_status == "RUNNING" && waits(row))
        .collect();
    if waiting.is_empty() {
        return None;
    }
    let span = target_groups_of(service, store)
        .map(|g| TimeDelta::seconds(i64::from(g.check_interval)))
        .max()
        .filter(|span| !span.is_zero());
    let started = waiting.iter().filter_map(|row| node.task(row).started_at);
    let newest = started.clone().max();
    let grace = newest
        .zip(service.grace_seconds)
        .map(|(at, grace)| at + TimeDelta::seconds(i64::from(grace)))
        .filter(|until| *until > now);
    let sick = waiting.iter().any(|row| row.target.as_ref().is_some_and(TargetHealth::fails));
    Some(Wait {
        kind: if sick && grace.is_some() { WaitKind::Grace } else { WaitKind::HealthChecks },
        count: waiting.len(),
        since: started.min(),
        until: if sick { grace } else { newest.zip(span).map(|(at, span)| at + span) },
        note: name_waiting_groups(node, &waiting),
    })
}

/// The target groups that the tasks wait for, where the service has several.
fn name_waiting_groups(node: &ServiceNode, waiting: &[&TaskRow]) -> Option<String> {
    if node.groups.len() < 2 {
        return None;
    }
    let lacks = |index: usize| {
        let mut here = waiting.iter().flat_map(|row| row.targets.iter().filter(move |it| it.group == index));
        here.any(|it| !it.target.as_ref().is_some_and(|t| t.serves() || t.drains()))
    };
    let groups = node.groups.iter().enumerate().filter(|(index, _)| lacks(*index));
    let names: Vec<&str> = groups.map(|(_, group)| group.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

fn target_groups_of<'a>(service: &'a Service, store: &'a Store) -> impl Iterator<Item = &'a TargetGroup> {
    store.target_groups().iter().filter(|g| service.registers_in(&g.arn))
}

/// Old targets that keep their connections for up to the deregistration delay (AWS's default: 300 s).
fn wait_for_drain(service: &Service, store: &Store, draining: &Draining) -> Option<Wait> {
    let mut wait = Wait { kind: WaitKind::Drain, count: 0, since: None, until: None, note: None };
    for arn in service.target_groups() {
        let delay = store
            .target_groups()
            .iter()
            .find(|g| g.arn == arn)
            .and_then(|g| g.deregistration_delay)
            .unwrap_or(300);
        for (_, since) in draining.iter().filter(|(target, _)| target.group == arn) {
            let until = *since + TimeDelta::seconds(i64::from(delay));
            wait.count += 1;
            wait.since = Some(wait.since.map_or(*since, |s| s.min(*since)));
            wait.until = Some(wait.until.map_or(until, |u| u.max(until)));
        }
    }
    (wait.count > 0).then_some(wait)
}

/// Old tasks that ECS may not stop yet, as somebody or they themselves asked for.
fn wait_for_protected(
    rollout: &Rollout,
    node: &ServiceNode,
    store: &Store,
    now: DateTime<Utc>,
) -> Option<Wait> {
    let listed = store.protection(&rollout.service);
    let ends: Vec<Option<DateTime<Utc>>> = rows_of(rollout, node, leaving(rollout))
        .map(|row| node.task(row))
        .filter(|task| task.last_status == "RUNNING" && task.desired_status != "STOPPED")
        .filter_map(|task| listed.iter().find(|it| it.task == task.id).map(|it| it.until))
        .filter(|until| until.is_none_or(|until| until > now))
        .collect();
    (!ends.is_empty()).then(|| Wait {
        kind: WaitKind::Protected,
        count: ends.len(),
        since: None,
        // One without an end is protected until further notice.
        until: if ends.contains(&None) { None } else { ends.iter().copied().flatten().max() },
        note: None,
    })
}

/// Tasks of the side that goes away which have not stopped and do not drain.
fn wait_for_leaving_tasks(rollout: &Rollout, node: &ServiceNode) -> Option<Wait> {
    let count = count_alive(rollout, node, leaving(rollout)).saturating_sub(node.draining as usize);
    let kind = if rollout.rolling_back { WaitKind::FailedTasks } else { WaitKind::OldTasks };
    (count > 0).then_some(Wait { kind, count, since: None, until: None, note: None })
}
