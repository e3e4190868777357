//! A plan: what an action would change, before it is sent.

use super::Action;
use crate::domain::Level;
use serde::{Deserialize, Serialize};

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
    /// What changes: (field, before, after).
    pub changes: Vec<(String, String, String)>,
    /// The API call with the fields it will send, e.g. `ecs:UpdateService cluster=party-box service=backend desiredCount=4`.
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
    /// Goes on, but know this.
    Warn,
    /// Not sent.
    Block,
}

impl CheckResult {
    /// The severity with which it is drawn.
    pub fn level(self) -> Level {
        match self {
            Self::Pass => Level::Good,
            Self::Warn => Level::Warn,
            Self::Block => Level::Bad,
        }
    }
}
