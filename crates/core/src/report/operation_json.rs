//! The JSON lines of `scale`, `redeploy`, `rollback`, `stop` and `watch`. Their shape is documented in
//! `docs/operation-json.md`.

use crate::diagnosis::Rollout;
use crate::operation::{OperationStage, Plan, Tracked, Verdict};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

/// The plan of an operation and its checks.
#[derive(Debug, Serialize)]
pub struct PlanLine {
    event: &'static str,
    title: String,
    account: String,
    region: String,
    resource: String,
    changes: Vec<ChangeField>,
    request: String,
    checks: Vec<CheckField>,
    blocked: bool,
}

#[derive(Debug, Serialize)]
struct ChangeField {
    field: String,
    before: String,
    after: String,
}

#[derive(Debug, Serialize)]
struct CheckField {
    outcome: &'static str,
    text: String,
}

impl PlanLine {
    /// The line of a plan.
    pub fn of(plan: &Plan) -> Self {
        let change = |c: &crate::domain::FieldChange| ChangeField {
            field: c.field.clone(),
            before: c.before.clone(),
            after: c.after.clone(),
        };
        Self {
            event: "plan",
            title: plan.title.clone(),
            account: plan.account.clone(),
            region: plan.region.clone(),
            resource: plan.resource.clone(),
            changes: plan.changes.iter().map(change).collect(),
            request: plan.request.clone(),
            checks: plan
                .checks
                .iter()
                .map(|c| CheckField { outcome: c.outcome.word(), text: c.text.clone() })
                .collect(),
            blocked: plan.blocked(),
        }
    }
}

/// A change of an operation that was sent.
#[derive(Debug, Serialize)]
pub struct OperationLine {
    event: &'static str,
    title: String,
    text: String,
    verdict: Option<&'static str>,
}

impl OperationLine {
    /// The line of an operation; `text` tells its stage.
    pub fn of(tracked: &Tracked, text: &str) -> Self {
        let (event, verdict) = match &tracked.stage {
            OperationStage::Ended(verdict) => ("ended", Some(verdict.word())),
            OperationStage::Sending => ("sending", None),
            OperationStage::Following => ("progress", None),
        };
        Self { event, title: tracked.title.clone(), text: text.to_owned(), verdict }
    }
}

/// A change of a rollout that is watched.
#[derive(Debug, Serialize)]
pub struct RolloutLine {
    at: String,
    rollout: String,
    service: String,
    to: String,
    stage: Option<String>,
    verdict: Option<&'static str>,
    #[serde(rename = "final")]
    is_final: bool,
    weak: bool,
    waits: Vec<String>,
    failures: Vec<FailureField>,
}

#[derive(Debug, Serialize)]
struct FailureField {
    reason: String,
    count: usize,
}

impl RolloutLine {
    /// The line of a rollout. `now` is the server's time.
    pub fn of(rollout: &Rollout, now: DateTime<Utc>) -> Self {
        // Of a success that is not final the word is `draining`.
        let word = |verdict| Verdict::of_rollout(verdict).map_or("draining", |verdict| verdict.word());
        Self {
            at: now.to_rfc3339_opts(SecondsFormat::Secs, true),
            rollout: rollout.id.clone(),
            service: rollout.service.clone(),
            to: rollout.to.name().to_owned(),
            stage: rollout.stage.clone(),
            verdict: rollout.verdict.as_ref().map(word),
            is_final: !rollout.in_flight(),
            weak: rollout.weak,
            waits: rollout.waits.iter().map(|wait| wait.words(now)).collect(),
            failures: rollout
                .failures
                .iter()
                .map(|failure| FailureField { reason: failure.words(), count: failure.count })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The fields of an object; of a list's items as `list[].field`.
    fn field_names(line: &impl Serialize) -> BTreeSet<String> {
        let value = serde_json::to_value(line).expect("plain data");
        let mut names = BTreeSet::new();
        for (name, value) in value.as_object().expect("an object") {
            match value.get(0).and_then(serde_json::Value::as_object) {
                Some(item) => names.extend(item.keys().map(|field| format!("{name}[].{field}"))),
                None => drop(names.insert(name.clone())),
            }
        }
        names
    }

    /// The fields of the table with this head in the document.
    fn documented(head: &str) -> BTreeSet<String> {
        let document = include_str!("../../../../docs/operation-json.md");
        let rows = document.lines().skip_while(|line| !line.starts_with(head)).skip(2);
        let mut names = BTreeSet::new();
        for row in rows.take_while(|line| line.starts_with('|')) {
            let cell = row.split('|').nth(1).expect("a cell");
            let mut list = "";
            for name in cell.split('`').skip(1).step_by(2) {
                // `changes[].field`, `.before`: a field of the same list.
                if let Some(field) = name.strip_prefix('.') {
                    names.insert(format!("{list}.{field}"));
                } else {
                    list = name.split_once('.').map_or(list, |(list, _)| list);
                    names.insert(name.to_owned());
                }
            }
        }
        names
    }

    #[test]
    fn every_field_is_documented_and_every_documented_field_exists() {
        let plan = PlanLine {
            event: "plan",
            title: String::new(),
            account: String::new(),
            region: String::new(),
            resource: String::new(),
            changes: vec![ChangeField { field: String::new(), before: String::new(), after: String::new() }],
            request: String::new(),
            checks: vec![CheckField { outcome: "pass", text: String::new() }],
            blocked: false,
        };
        assert_eq!(field_names(&plan), documented("| field of the plan |"));
        let change =
            OperationLine { event: "sending", title: String::new(), text: String::new(), verdict: None };
        assert_eq!(field_names(&change), documented("| field of a change |"));
        let mut rollout = RolloutLine::of(&Rollout::default(), DateTime::UNIX_EPOCH);
        rollout.failures.push(FailureField { reason: String::new(), count: 1 });
        assert_eq!(field_names(&rollout), documented("| field of the rollout |"));
    }
}
