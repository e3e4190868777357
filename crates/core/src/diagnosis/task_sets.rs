//! The finding about task sets of which one takes the other's place.

use super::{Finding, Rollout, RolloutCondition, Subject, format_span, rollout_condition};
use crate::domain::{ServiceNode, Shift, short};
use chrono::{DateTime, Utc};

/// What the controller does, how far it is, and what is wrong with the new set.
pub(super) fn describe_shift(
    node: &ServiceNode,
    shift: Shift<'_>,
    rollout: Option<&Rollout>,
    now: DateTime<Utc>,
) -> Finding {
    let service = node.service();
    let Shift { new, old } = shift;
    let (to, from) = (short(&new.task_definition), short(&old.task_definition));
    let controller = service.deployed_by();
    let who = controller.name();
    let condition = rollout_condition(node, rollout, now);
    let counts = node.by_deployment.get(&new.id);
    let mut text = if shift.goes_back() {
        format!("{}: {who} goes back to {from}; {} of {to} end", service.name, new.running + new.pending)
    } else if shift.is_shifted() {
        format!(
            "{}: {who} shifted to {to}, {} of {} running; {} of {from} stay for now",
            service.name, new.running, new.desired, old.running
        )
    } else {
        format!(
            "{}: {who} shifts to {to}, {} of {} running; {from} serves with {}",
            service.name, new.running, new.desired, old.running
        )
    };
    let sick = counts.map_or(0, |counts| counts.unhealthy);
    if sick > 0 {
        text = format!("{text}; {sick} of the new unhealthy");
    }
    if let Some(failure) = rollout.and_then(|r| r.failures.first()) {
        text = format!("{text}; {} failed: {}", failure.count, failure.words());
    }
    if let Some(at) = new.created_at {
        text = format!("{text}, {} so far", format_span(now - at));
    }
    let advice = match condition {
        RolloutCondition::Failing | RolloutCondition::HasFailed => {
            "2 shows why its tasks fail; stop it there"
        }
        _ => "2 shows old and new side by side; it is stopped and continued there",
    };
    Finding::new(condition.level(), Subject::Service(service.name.clone()), text).advise(advice)
}
