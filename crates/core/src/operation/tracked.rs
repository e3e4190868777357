//! Operations that were confirmed: sent, followed, ended.

use super::{Accepted, Action};
use crate::diagnosis::{RolloutVerdict, Wait};
use crate::domain::Level;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One operation of this session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tracked {
    /// Number within this session, from 1.
    pub id: u64,
    /// What was sent.
    pub action: Action,
    /// One line, e.g. `scale backend 2 -> 4`.
    pub title: String,
    /// When it was sent: server time.
    pub at: DateTime<Utc>,
    /// When it was sent: monotonic.
    pub sent: Duration,
    /// Its stage.
    pub stage: OperationStage,
    /// What AWS answered, once it accepted.
    pub accepted: Option<Accepted>,
    /// How far it is.
    pub progress: Progress,
}

/// How far an operation is, and what it waits for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// In words, e.g. `3 of 4 running`; empty when only the wait tells something.
    pub text: String,
    /// What its rollout waits for, with its countdown.
    pub wait: Option<Wait>,
}

impl Progress {
    /// In words without a countdown, as one changes all the time.
    pub fn steady_words(&self) -> String {
        let wait = self.wait.clone().map(|wait| Wait { until: None, ..wait });
        // Without its end it has no countdown to make from the time.
        self.join(wait.map(|wait| wait.words(DateTime::UNIX_EPOCH)))
    }

    /// In words with the countdown. `now` is the server's time.
    pub fn words(&self, now: DateTime<Utc>) -> String {
        self.join(self.wait.as_ref().map(|wait| wait.words(now)))
    }

    fn join(&self, wait: Option<String>) -> String {
        match (self.text.is_empty(), wait) {
            (_, None) => self.text.clone(),
            (true, Some(wait)) => wait,
            (false, Some(wait)) => format!("{}; {wait}", self.text),
        }
    }
}

impl From<&str> for Progress {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Progress {
    fn from(text: String) -> Self {
        Self { text, wait: None }
    }
}

/// The stage of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationStage {
    /// The request is on its way.
    Sending,
    /// AWS accepted it; its effects are being followed.
    Following,
    /// It ended.
    Ended(Verdict),
}

/// How an operation or a rollout ended. Never inferred from "stable".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// What was asked for is so.
    Succeeded,
    /// ECS went back to the previous revision.
    RolledBack(String),
    /// It failed; why.
    Failed(String),
    /// Another change took over; which.
    Superseded(String),
    /// Not seen to end in time.
    TimedOut,
    /// Somebody stopped it before its end; why.
    Stopped(String),
    /// It ended with no task wanted: nothing shows that it works.
    ScaledToZero,
    /// AWS accepted it and then did nothing.
    NothingHappened(String),
    /// AWS or the program refused it; why.
    Refused(String),
    /// No answer to the request: it may or may not have been carried out.
    Unclear(String),
}

impl Verdict {
    /// Its severity. What did not come about as asked is at least a warning. Bad is what left the service as
    /// it was, or worse, or was never done.
    pub fn level(&self) -> Level {
        match self {
            Self::Succeeded => Level::Good,
            Self::RolledBack(_) | Self::Failed(_) | Self::Refused(_) => Level::Bad,
            Self::Superseded(_)
            | Self::TimedOut
            | Self::Stopped(_)
            | Self::ScaledToZero
            | Self::NothingHappened(_)
            | Self::Unclear(_) => Level::Warn,
        }
    }

    /// Of a rollout; `None` while its success is not final, as old tasks still drain.
    pub fn of_rollout(verdict: &RolloutVerdict) -> Option<Self> {
        Some(match verdict {
            RolloutVerdict::Draining => return None,
            RolloutVerdict::Succeeded => Self::Succeeded,
            RolloutVerdict::RolledBack(why) => Self::RolledBack(why.clone()),
            RolloutVerdict::Failed(why) => Self::Failed(why.clone()),
            RolloutVerdict::Superseded(by) => Self::Superseded(format!("{by} took over")),
            RolloutVerdict::TimedOut => Self::TimedOut,
            RolloutVerdict::Stopped(why) => Self::Stopped(why.clone()),
            RolloutVerdict::ScaledToZero => Self::ScaledToZero,
        })
    }

    /// One word: stable, for machines and exit codes.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::RolledBack(_) => "rolled-back",
            Self::Failed(_) => "failed",
            Self::Superseded(_) => "superseded",
            Self::TimedOut => "timed-out",
            Self::Stopped(_) => "stopped",
            Self::ScaledToZero => "scaled-to-zero",
            Self::NothingHappened(_) => "nothing-happened",
            Self::Refused(_) => "refused",
            Self::Unclear(_) => "unclear",
        }
    }

    /// Why, or by what.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Succeeded | Self::TimedOut | Self::ScaledToZero => None,
            Self::RolledBack(why)
            | Self::Stopped(why)
            | Self::Failed(why)
            | Self::Superseded(why)
            | Self::NothingHappened(why)
            | Self::Refused(why)
            | Self::Unclear(why) => Some(why),
        }
    }
}
