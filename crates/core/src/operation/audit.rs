//! Records of the audit log. One is written before an operation is sent, others with its outcome.

use super::{Plan, Verdict};
use crate::domain::FieldChange;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Version of the records' shape.
pub const VERSION: u32 = 1;

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// [`VERSION`].
    pub version: u32,
    /// When, the server's clock, RFC 3339.
    pub at: String,
    /// The operation's number within its session; the session is added where it is written.
    pub operation: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: AuditEvent,
}

/// What a record tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum AuditEvent {
    /// About to be sent; on disk before it is.
    Sending {
        /// Who: the caller's ARN.
        caller: String,
        /// 12-digit account.
        account: String,
        /// Region.
        region: String,
        /// Whether the endpoint says that it is a simulator.
        simulated: bool,
        /// Resource ARN.
        resource: String,
        /// One line, e.g. `scale backend 2 -> 4`.
        title: String,
        /// The API calls with their fields.
        request: String,
        /// What changes.
        changes: Vec<FieldChange>,
        /// (pass, warn or block; what was seen).
        checks: Vec<(String, String)>,
    },
    /// AWS accepted it.
    Accepted {
        /// What it answered, in words.
        answer: String,
    },
    /// It ended.
    Ended {
        /// `succeeded`, `rolled-back`, ...
        verdict: String,
        /// Why, where there is a reason.
        reason: Option<String>,
    },
}

impl Record {
    /// A record of a plan that is about to be sent.
    pub fn sending(operation: u64, at: DateTime<Utc>, plan: &Plan, caller: &str, simulated: bool) -> Self {
        let event = AuditEvent::Sending {
            caller: caller.to_owned(),
            account: plan.account.clone(),
            region: plan.region.clone(),
            simulated,
            resource: plan.resource.clone(),
            title: plan.action.title(),
            request: plan.request.clone(),
            changes: plan.changes.clone(),
            checks: plan.checks.iter().map(|c| (c.outcome.word().to_owned(), c.text.clone())).collect(),
        };
        Self::new(operation, at, event)
    }

    /// A record that AWS accepted.
    pub fn accepted(operation: u64, at: DateTime<Utc>, answer: impl Into<String>) -> Self {
        Self::new(operation, at, AuditEvent::Accepted { answer: answer.into() })
    }

    /// A record of how it ended.
    pub fn ended(operation: u64, at: DateTime<Utc>, verdict: &Verdict) -> Self {
        let event = AuditEvent::Ended {
            verdict: verdict.word().to_owned(),
            reason: verdict.reason().filter(|r| !r.is_empty()).map(str::to_owned),
        };
        Self::new(operation, at, event)
    }

    fn new(operation: u64, at: DateTime<Utc>, event: AuditEvent) -> Self {
        Self { version: VERSION, at: at.to_rfc3339_opts(SecondsFormat::Millis, true), operation, event }
    }
}
