//! A rollout: one ECS deployment from its trigger to its verdict.

use super::revision_sides::{leaving, rows_of};
use super::{Wait, WaitKind};
use crate::diagnosis::format_span;
use crate::domain::{
    Breaker, DeployAlarms, EarlySuccess, Hook, Level, LogLine, ServiceEvent, ServiceNode, TrafficSteps,
    sentences, short,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// One rollout of a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    /// The service deployment's ARN; `ecs-svc/...` while ECS has not listed it, and for good where the
    /// endpoint has no service deployments.
    pub id: String,
    /// The `ecs-svc/...` id in the service's `deployments[]`, once known: its tasks' `startedBy`.
    pub deployment: Option<String>,
    /// Service name.
    pub service: String,
    /// What it replaces, when known.
    pub from: Option<Side>,
    /// What it brings.
    pub to: Side,
    /// `ROLLING`, `BLUE_GREEN`, `LINEAR`, `CANARY`; empty when not told.
    pub strategy: String,
    /// ECS's status: a service deployment's `status`, or a weak one's `rolloutState`.
    pub status: String,
    /// ECS's sentence for it.
    pub reason: Option<String>,
    /// Lifecycle stage, e.g. `SCALE_UP`.
    pub stage: Option<String>,
    /// Since when it is in that stage, as near as the readings tell.
    pub stage_since: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub created_at: Option<DateTime<Utc>>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended, in ECS's words.
    pub finished_at: Option<DateTime<Utc>>,
    /// When this program first saw it (server time).
    pub first_seen: DateTime<Utc>,
    /// Judged by `deployments[]` alone, as the endpoint tells no service deployments: a weaker verdict.
    pub weak: bool,
    /// ECS goes back to the revision before.
    pub rolling_back: bool,
    /// The circuit breaker as the API counts it; `None` when it does not say.
    pub breaker: Option<Breaker>,
    /// Deployment alarms.
    pub alarms: Option<DeployAlarms>,
    /// The PAUSE hook that awaits an answer now.
    pub hook: Option<Hook>,
    /// All hooks, with where they stand.
    #[serde(default)]
    pub hooks: Vec<Hook>,
    /// When it counts as successful before everything is done.
    #[serde(default)]
    pub early: Option<EarlySuccess>,
    /// What is not done yet although ECS calls it successful, where that is early.
    #[serde(default)]
    pub open: Option<StillOpen>,
    /// Minutes of bake time; 0 = none.
    pub bake_minutes: u32,
    /// How it shifts the production traffic bit by bit, if it does.
    pub steps: Option<TrafficSteps>,
    /// The share of the production traffic that what it brings has, per mille.
    pub traffic: Option<u32>,
    /// Since when, as near as the readings tell.
    pub traffic_since: Option<DateTime<Utc>>,
    /// What it waits for now, the most telling first. Empty once it ended.
    pub waits: Vec<Wait>,
    /// When it will probably end: (earliest, latest), from this service's earlier successful rollouts and its
    /// settings.
    pub eta: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Why its tasks fail, the most frequent reason first.
    pub failures: Vec<FailureGroup>,
    /// How it ended. Once final it never changes.
    pub verdict: Option<RolloutVerdict>,
    /// Tasks that run another image than the revision names: (task id, digest).
    pub other_image: Option<(String, String)>,
    pub(super) memory: Memory,
}

/// What the tracker keeps of a rollout between readings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Readings asked for before this moment (monotonic) tell nothing: it was triggered then.
    pub(super) pinned: Option<Duration>,
    /// When the operator triggered it (server time).
    pub(super) triggered: Option<DateTime<Utc>>,
    /// The PRIMARY before it, when the operator triggered it.
    pub(super) before: Option<String>,
    /// Seen before its end, or begun since this program did: its verdict is news.
    pub(super) live: bool,
    /// Seen in `deployments[]`.
    pub(super) listed: bool,
    /// When the reading that first showed ECS's final status was asked for: (monotonic, server).
    pub(super) word: Option<(Duration, DateTime<Utc>)>,
    /// Failed tasks, by id.
    pub(super) failed: BTreeMap<String, FailedTask>,
}

/// What a rollout that succeeded early has still to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillOpen {
    /// New tasks that are healthy.
    pub healthy: u32,
    /// Tasks wanted.
    pub wanted: u32,
    /// Old tasks that have not stopped.
    pub old: u32,
}

impl StillOpen {
    /// `2 of 4 new tasks healthy, 2 old still running`.
    pub fn words(self) -> String {
        let old = if self.old == 0 { String::new() } else { format!(", {} old still running", self.old) };
        format!("{} of {} new tasks healthy{old}", self.healthy, self.wanted)
    }
}

/// A revision of a service on one side of a rollout.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Service revision ARN, when ECS tells.
    pub revision: Option<String>,
    /// Task definition ARN; empty when not known yet.
    pub task_definition: String,
    /// Image tag that the task definition names.
    pub tag: Option<String>,
    /// Image digest, as the revision or the tasks have it.
    pub digest: Option<String>,
}

impl Side {
    /// `backend:8`, or `a new revision` while that is not known.
    pub fn name(&self) -> &str {
        if self.task_definition.is_empty() { "a new revision" } else { short(&self.task_definition) }
    }
}

/// A task of a rollout that failed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct FailedTask {
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) stop_code: Option<String>,
    pub(super) reason: String,
    pub(super) exits: Vec<(String, i32)>,
    pub(super) target: Option<String>,
    pub(super) running: bool,
    pub(super) task_definition: String,
    pub(super) log: Vec<LogLine>,
}

/// Tasks that failed for the same reason.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FailureGroup {
    /// The reason, of the newest of them: ECS's `stoppedReason`, or what the target group says of a sick one.
    pub reason: String,
    /// Stop code, e.g. `EssentialContainerExited`; `None` while they still run.
    pub stop_code: Option<String>,
    /// (container, exit code) of containers that ended, of the newest.
    pub exits: Vec<(String, i32)>,
    /// What the target group said last of one of them.
    pub target: Option<String>,
    /// How many tasks.
    pub count: usize,
    /// When the newest stopped.
    pub last: Option<DateTime<Utc>>,
    /// Task ids, newest first.
    pub tasks: Vec<String>,
    /// The last lines of the newest one's own log stream that were read, oldest first.
    pub log: Vec<LogLine>,
    /// ECS's events that go with it, newest first, at most 3.
    pub events: Vec<ServiceEvent>,
}

impl FailureGroup {
    /// One line: `exited (exit code 1)`.
    pub fn words(&self) -> String {
        let exit = self.exits.iter().find(|(_, code)| *code != 0).or(self.exits.first());
        let mut text = self.reason.trim_end_matches('.').to_owned();
        if let Some((container, code)) = exit
            && !sentences::names_exit_code(&text)
        {
            text = format!("{text} ({container}: exit code {code})");
        }
        if let Some(target) = &self.target
            && !text.contains(target.as_str())
        {
            text = format!("{text} ({target})");
        }
        text
    }
}

/// How a rollout ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RolloutVerdict {
    /// ECS says successful of this very deployment, and what was read agrees.
    Succeeded,
    /// Successful, but old tasks still run or drain. Not final: it becomes [`Self::Succeeded`].
    Draining,
    /// ECS went back to the revision before; why.
    RolledBack(String),
    /// It failed and was not rolled back; why.
    Failed(String),
    /// Another deployment took over; which.
    Superseded(String),
    /// Never seen to end.
    TimedOut,
    /// Somebody stopped it, and nothing took over; why.
    Stopped(String),
    /// It ended with no task wanted: nothing was proven.
    ScaledToZero,
}

impl RolloutVerdict {
    /// Whether it stands for good.
    pub fn is_final(&self) -> bool {
        *self != Self::Draining
    }

    /// One word or two.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Draining => "succeeded, draining",
            Self::RolledBack(_) => "rolled back",
            Self::Failed(_) => "failed",
            Self::Superseded(_) => "superseded",
            Self::TimedOut => "timed out",
            Self::Stopped(_) => "stopped",
            Self::ScaledToZero => "scaled to zero",
        }
    }

    /// How serious it is.
    pub fn level(&self) -> Level {
        match self {
            Self::Succeeded => Level::Good,
            Self::Draining => Level::Busy,
            Self::Failed(_) => Level::Bad,
            // What ran before runs again.
            Self::RolledBack(_)
            | Self::Superseded(_)
            | Self::TimedOut
            | Self::Stopped(_)
            | Self::ScaledToZero => Level::Warn,
        }
    }

    /// A sentence's end: `rolled back (tasks failed to start)`.
    pub fn words(&self) -> String {
        match self {
            Self::RolledBack(why) | Self::Failed(why) | Self::Stopped(why) if !why.is_empty() => {
                format!("{} ({})", self.word(), why.trim_end_matches('.'))
            }
            Self::Superseded(by) => format!("superseded by {}", short(by)),
            Self::Draining => "succeeded; old tasks still drain".to_owned(),
            Self::TimedOut => "not seen to end".to_owned(),
            Self::ScaledToZero => "scaled to zero: no task shows that it works".to_owned(),
            _ => self.word().to_owned(),
        }
    }
}

/// `ends in 2m-4m`: both in the unit of the later one.
fn between(low: TimeDelta, high: TimeDelta) -> String {
    let late = format_span(high);
    let early = match late.chars().last() {
        Some('s') => low.num_seconds(),
        Some('m') => low.num_minutes(),
        Some('h') => low.num_hours(),
        _ => low.num_days(),
    };
    let unit = late.trim_start_matches(|c: char| c.is_ascii_digit());
    let early = format!("{early}{unit}");
    if early == late {
        format!("ends in about {late}")
    } else if early.starts_with('0') {
        format!("ends within {late}")
    } else {
        format!("ends in {early}-{late}")
    }
}

impl Rollout {
    /// How it ended, in words: the verdict's, or what is still open where it succeeded early.
    pub fn verdict_words(&self) -> Option<String> {
        let verdict = self.verdict.as_ref()?;
        Some(match self.open {
            Some(open) => format!("succeeded early: {}", open.words()),
            None => verdict.words(),
        })
    }

    /// The time within which it will probably end: (earliest, latest).
    pub fn expected_end(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.eta
    }

    /// Whether it has not ended for good.
    pub fn in_flight(&self) -> bool {
        !self.verdict.as_ref().is_some_and(RolloutVerdict::is_final)
    }

    /// Whether ECS reports the end and the other readings do not confirm it yet.
    pub fn unconfirmed(&self) -> bool {
        self.verdict.is_none() && self.memory.word.is_some()
    }

    /// Whether it may be stopped: ECS accepts that in PENDING and `IN_PROGRESS` only.
    pub fn can_stop(&self) -> bool {
        self.id.starts_with("arn:")
            && self.verdict.is_none()
            && matches!(self.status.as_str(), "PENDING" | "IN_PROGRESS")
    }

    /// The ids of the old tasks that run on while the rollout waits for nothing but their end.
    pub fn held_by<'a>(&'a self, node: &'a ServiceNode) -> impl Iterator<Item = String> + 'a {
        let held = |wait: &Wait| matches!(wait.kind, WaitKind::OldTasks | WaitKind::Protected);
        let waits = !self.rolling_back && !self.waits.is_empty() && self.waits.iter().all(held);
        rows_of(self, node, leaving(self))
            .map(|row| node.task(row))
            .filter(move |task| waits && task.last_status == "RUNNING" && task.desired_status != "STOPPED")
            .map(|task| task.id.clone())
    }

    /// Whether it is about one deployment: its ARN or its `ecs-svc/...` id.
    pub fn is(&self, id: &str) -> bool {
        self.id == id || self.deployment.as_deref() == Some(id)
    }

    /// Whether ECS's status is one that this program knows: a service deployment's `status`, or a weak one's
    /// `rolloutState`. Nothing is known of one that was triggered and is not listed yet.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>
    pub fn has_known_status(&self) -> bool {
        matches!(
            self.status.as_str(),
            "" | "PENDING"
                | "IN_PROGRESS"
                | "SUCCESSFUL"
                | "STOP_REQUESTED"
                | "STOPPED"
                | "ROLLBACK_REQUESTED"
                | "ROLLBACK_IN_PROGRESS"
                | "ROLLBACK_SUCCESSFUL"
                | "ROLLBACK_FAILED"
                | "COMPLETED"
                | "FAILED"
        )
    }

    /// When it ended, as precisely as is known.
    pub fn ended_at(&self) -> DateTime<Utc> {
        let seen = self.memory.word.filter(|_| self.memory.live).map(|(_, at)| at);
        self.finished_at.or(seen).or(self.created_at).unwrap_or(self.first_seen)
    }

    /// What a rollback took away: the tag, or the revision where the tag is the same; `None` when both are.
    pub fn lost_words(&self) -> Option<String> {
        let from = self.from.as_ref();
        let tag = self.to.tag.as_ref().filter(|tag| from.is_none_or(|from| from.tag.as_ref() != Some(tag)));
        let new = !self.to.task_definition.is_empty()
            && from.is_none_or(|from| from.task_definition != self.to.task_definition);
        tag.cloned().or_else(|| new.then(|| self.to.name().to_owned()))
    }

    /// `alarm party-box-5xx`, of those that fired.
    pub fn alarm_words(&self) -> Option<String> {
        let fired = &self.alarms.as_ref()?.triggered;
        (!fired.is_empty()).then(|| format!("alarm {}", fired.join(", ")))
    }

    /// When it began, as precisely as is known.
    pub fn since(&self) -> DateTime<Utc> {
        self.started_at.or(self.created_at).unwrap_or(self.first_seen)
    }

    /// `backend: rollout to backend:8 rolled back (tasks failed to start)`.
    pub fn sentence(&self) -> String {
        let verdict = self.verdict_words().unwrap_or_else(|| "under way".to_owned());
        // In a narrow column the verdict must not be what is cut off: `party-box-backend:8` of `backend` is
        // `backend:8`.
        let name = self.to.name();
        let short = name.rfind(&self.service).filter(|at| *at == 0 || name[..*at].ends_with('-'));
        format!("rollout to {} {verdict}", &name[short.unwrap_or(0)..])
    }

    /// `3 of 10 failures before it rolls back`; `None` while no failure was counted or no breaker watches.
    pub fn breaker_words(&self, rolls_back: bool) -> Option<String> {
        let breaker = self.breaker.as_ref()?;
        if breaker.failures == 0 || breaker.threshold == 0 || breaker.status == "DISABLED" {
            return None;
        }
        if breaker.status == "MONITORING_COMPLETE" {
            return Some("the circuit breaker does not watch it any more".to_owned());
        }
        let end = if rolls_back { "before it rolls back" } else { "before the circuit breaker stops it" };
        let resets = breaker.reset_words().map(|words| format!("; {words}")).unwrap_or_default();
        Some(format!("{} of {} failures {end}{resets}", breaker.failures, breaker.threshold))
    }

    /// `ends in 2m-4m, as earlier ones did`; `None` when nothing is known or it takes longer than any before.
    pub fn eta_words(&self, now: DateTime<Utc>) -> Option<String> {
        let (low, high) = self.eta?;
        if high <= now {
            return Some("longer than expected".to_owned());
        }
        Some(if low <= now {
            format!("ends within {}", format_span(high - now))
        } else {
            between(low - now, high - now)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_times_is_told_in_one_unit() {
        let words = |low, high| between(TimeDelta::seconds(low), TimeDelta::seconds(high));
        assert_eq!(words(30, 90), "ends in 30s-90s");
        assert_eq!(words(105, 120), "ends in 1m-2m");
        assert_eq!(words(45, 130), "ends within 2m");
        assert_eq!(words(125, 170), "ends in about 2m");
        assert_eq!(words(110 * 60, 125 * 60), "ends in 1h-2h");
    }
}
