//! Findings about readings that failed, and what is unknown because of them.

use super::database_link::is_link_read;
use super::{Finding, Subject, format_span};
use crate::domain::{DatabaseChoice, ErrorKind, Level, PartyBox, Slot, Store, Topic};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Failed polls, one finding per reason.
pub(super) fn examine(store: &Store, findings: &mut Vec<Finding>) {
    let mut unreachable: Option<(u32, String)> = None;
    let mut by_action: BTreeMap<(u8, String), String> = BTreeMap::new();
    let mut credentials: Option<String> = None;
    let mut weak = false;
    let all = store.iter().flat_map(|(topic, slot)| {
        let whole = slot.failure.iter().map(|failure| &failure.error);
        whole
            .map(move |error| (topic, error, true))
            .chain(slot.unread.iter().map(move |it| (topic, &it.error, false)))
    });
    for (topic, error, whole) in all {
        match error.kind {
            ErrorKind::Unsupported if matches!(topic, Topic::ServiceDeployments(_) | Topic::Revisions(_)) => {
                weak = true;
            }
            // What is gone is told as a finding about who names it.
            ErrorKind::NotFound if !whole || is_told_when_gone(topic) => {}
            // Told by name.
            ErrorKind::Denied if !whole && matches!(topic, Topic::Secrets | Topic::Certificates) => {}
            ErrorKind::Unreachable => {
                let count = unreachable.as_ref().map_or(0, |u| u.0) + 1;
                unreachable = Some((count, error.message.clone()));
            }
            ErrorKind::Credentials => credentials = Some(error.message.clone()),
            // Without it the health is unknown, whatever was read before the permission went.
            ErrorKind::Denied if whole && is_vital(topic) => {
                by_action.insert((4, error.action.clone()), error.message.clone());
            }
            ErrorKind::Denied => {
                by_action.insert((0, error.action.clone()), error.message.clone());
            }
            ErrorKind::Throttled => {
                by_action.insert((1, error.action.clone()), error.message.clone());
            }
            _ if whole && is_vital(topic) || blocks_start(store, topic) => {
                by_action.insert((2, error.action.clone()), error.message.clone());
            }
            _ => {
                by_action.insert((3, error.action.clone()), error.message.clone());
            }
        }
    }
    if weak {
        let text = "This endpoint has no service deployments: verdicts of rollouts rest on deployments[] alone and are weaker";
        findings.push(Finding::new(Level::Idle, Subject::Whole, text));
    }
    if let Some(message) = credentials {
        findings.push(
            Finding::new(Level::Bad, Subject::Whole, format!("Credentials are not accepted: {message}"))
                .advise("log in again in another window (aws sso login, aws login); this screen goes on by itself"),
        );
    }
    if let Some((count, message)) = unreachable {
        findings.push(
            Finding::new(
                Level::Unknown,
                Subject::Whole,
                format!("AWS does not answer ({count} readings are getting old): {message}"),
            )
            .advise("still trying; what is shown is the last that was read"),
        );
    }
    for ((kind, action), message) in by_action {
        findings.push(match kind {
            0 => Finding::new(Level::Idle, Subject::Whole, format!("No permission for {action}"))
                .advise("its pane stays empty; the README has the policy that allows it"),
            1 => Finding::new(
                Level::Unknown,
                Subject::Whole,
                format!("AWS throttles {action}; polling more slowly"),
            ),
            2 => Finding::new(Level::Unknown, Subject::Whole, format!("{action} failed: {message}")),
            4 => Finding::new(Level::Unknown, Subject::Whole, denied(&action))
                .advise("the README has the policy that allows it"),
            _ => Finding::new(Level::Idle, Subject::Whole, format!("{action} failed: {message}")),
        });
    }
}

/// What is said where a vital reading is not permitted.
fn denied(action: &str) -> String {
    format!("No permission for {action}: whether all is well cannot be told")
}

/// Whether a finding elsewhere tells that the one thing of this topic is gone; or, of a task's log, that
/// nothing need be told: a task that never wrote has no stream.
fn is_told_when_gone(topic: &Topic) -> bool {
    matches!(topic, Topic::TaskLog(_) | Topic::TargetHealth(_) | Topic::Image(_) | Topic::TaskDefinition(_))
}

/// Whether the health cannot be judged without this topic.
pub(super) fn is_vital(topic: &Topic) -> bool {
    matches!(topic, Topic::Services | Topic::Databases | Topic::TargetHealth(_) | Topic::LoadBalancers)
}

/// An answer that is older, seconds, while its topic fails, tells nothing of the present. Vital topics are asked for every
/// few seconds to every minute.
const OLD: i64 = 120;

/// Why the *present* health is unknown: a vital topic that was read before is not answered any more. `None`
/// while all are. A failure that may pass with the next poll (throttled, a broken answer) counts once the last answer
/// is old.
pub(super) fn find_silence(store: &Store, now: DateTime<Utc>) -> Option<(Level, String)> {
    let failed = |(topic, slot): (&Topic, &Slot)| {
        let error = &slot.failure.as_ref().filter(|_| is_vital(topic) && slot.payload.is_some())?.error;
        let why = error.message.trim_end_matches('.');
        let age = slot.taken_at.map_or(TimeDelta::MAX, |taken| now - taken);
        let not_read =
            || (Level::Unknown, format!("{} has no answer for {}: {why}.", error.action, format_span(age)));
        match error.kind {
            ErrorKind::Credentials => Some((Level::Bad, format!("Credentials are not accepted: {why}."))),
            ErrorKind::Unreachable => Some((Level::Unknown, format!("AWS does not answer: {why}."))),
            // What is gone is a state of the account, and told as a finding.
            ErrorKind::NotFound => None,
            ErrorKind::Denied => Some(not_read()),
            _ => (age > TimeDelta::seconds(OLD)).then(not_read),
        }
    };
    store.iter().filter_map(failed).max_by_key(|(level, _)| *level)
}

/// What was never read because it failed, of what "all is well" rests on beside the vital: a word each.
pub(super) fn not_looked_at(store: &Store) -> Vec<&'static str> {
    let word = |topic: &Topic| match topic {
        Topic::Tasks(_) => Some("tasks"),
        Topic::Alarms => Some("alarms"),
        Topic::Metrics => Some("metrics"),
        Topic::Network => Some("network"),
        Topic::Certificates => Some("certificates"),
        Topic::Secrets => Some("secrets"),
        Topic::DbEvents => Some("database events"),
        Topic::DbClusters => Some("database clusters"),
        _ => None,
    };
    let failed = |slot: &Slot| {
        slot.payload.is_none() && slot.failure.as_ref().is_some_and(|it| it.error.kind != ErrorKind::NotFound)
    };
    let mut words: Vec<_> =
        store.iter().filter(|(_, slot)| failed(slot)).filter_map(|(t, _)| word(t)).collect();
    words.dedup();
    words
}

/// Whether the readings that lead to the load balancers and the databases have come. Until then the lists are
/// incomplete, and who may reach whom cannot be judged.
pub(super) fn is_chain_read(store: &Store) -> bool {
    let leads = |topic: &Topic| matches!(topic, Topic::Network | Topic::TargetGroups | Topic::LoadBalancers);
    store.iter().filter(|(topic, _)| leads(topic)).all(|(topic, _)| store.answered(topic))
}

/// Whether this topic's failure stops the start: without the services there is nothing to show.
fn blocks_start(store: &Store, topic: &Topic) -> bool {
    matches!(topic, Topic::Clusters) && store.services().is_none()
}

/// Why the health cannot be called good: a vital topic was not read (the services, the databases, the target
/// health of every group that a service names). `None` when all were.
pub(super) fn find_missing(store: &Store, party_box: &PartyBox) -> Option<String> {
    let known = store.services().is_some()
        && (party_box.choice == DatabaseChoice::Absent || store.payload(&Topic::Databases).is_some())
        && (!party_box.databases.is_empty()
            || is_link_read(store)
            || party_box.choice == DatabaseChoice::Absent)
        && party_box.services.iter().all(|s| s.targets_known)
        && is_chain_read(store);
    if known {
        return None;
    }
    let failed = store.iter().find_map(|(topic, slot)| {
        let failure = slot.failure.as_ref()?;
        (is_vital(topic) && slot.payload.is_none()).then_some(failure)
    });
    Some(match failed {
        Some(failure) if failure.error.kind == ErrorKind::Denied => denied(&failure.error.action),
        Some(failure) => format!("{} failed: {}", failure.error.action, failure.error.message),
        None => "Reading the Party Box...".to_owned(),
    })
}
