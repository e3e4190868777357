//! The account's alarms: which concern this Party Box, what they say of it, and what none of them would tell.

mod belonging;
mod paging;
#[cfg(test)]
mod tests;

pub use belonging::{AlarmLink, Concern};

use super::{Finding, Subject, format_span, plural};
use crate::domain::{Alarm, AlarmState, Level, PartyBox, ScalingAlarm, Store, Topic};
use belonging::Estate;
use chrono::{DateTime, TimeDelta, Utc};

/// How long an alarm may be without data before that is told: what counts rarely is so for minutes at a time.
const BLIND: TimeDelta = TimeDelta::minutes(15);

/// All alarms, each with whether and why it concerns this Party Box.
pub fn judge_alarms<'a>(store: &'a Store, party_box: &PartyBox) -> Vec<(&'a Alarm, Concern)> {
    let estate = Estate::of(store, party_box);
    let all = store.alarms();
    all.iter().map(|alarm| (alarm, estate.concern(alarm, all))).collect()
}

/// The alarms that fire and concern this Party Box, and how many others of the Region fire. Autoscaling's own are
/// neither.
pub fn firing_alarms<'a>(store: &'a Store, party_box: &PartyBox) -> (Vec<&'a Alarm>, usize) {
    let mut ours = Vec::new();
    let mut others = 0;
    for (alarm, concern) in judge_alarms(store, party_box) {
        if alarm.fires() && alarm.scaling().is_none() {
            match concern {
                Concern::Ours(_) | Concern::Unclear(_) => ours.push(alarm),
                Concern::Whole(_) | Concern::Beside(_) | Concern::Others => others += 1,
            }
        }
    }
    (ours, others)
}

pub(super) fn examine(store: &Store, party_box: &PartyBox, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    if store.payload(&Topic::Alarms).is_none() {
        return;
    }
    let judged = judge_alarms(store, party_box);
    let before = findings.len();
    let mut others = 0;
    let mut untold: Vec<&str> = Vec::new();
    for (alarm, concern) in &judged {
        let subject = match concern {
            Concern::Ours(belonging) | Concern::Beside(belonging) => belonging.subject().clone(),
            _ => Subject::Whole,
        };
        if alarm.scaling().is_some() {
            if matches!(concern, Concern::Ours(_)) {
                findings.extend(describe_scaling(alarm, subject, party_box, now));
            }
            continue;
        }
        match concern {
            Concern::Ours(belonging) => {
                findings.extend(describe(alarm, belonging, now));
                let parent = |(other, _): &(&Alarm, Concern)| other.names(alarm) && other.tells();
                if !alarm.tells() && !judged.iter().any(parent) {
                    untold.push(&alarm.name);
                }
            }
            Concern::Beside(belonging) if alarm.fires() => {
                let text = format!(
                    "Alarm {} is firing{}, but not for what it watches here ({})",
                    alarm.name,
                    lasting(alarm, now),
                    belonging.words()
                );
                findings.push(Finding::new(Level::Idle, subject, text));
            }
            Concern::Whole(what) if alarm.fires() => {
                let text = format!(
                    "Alarm {} is firing{}: it looks at {what}, so it may be about others",
                    alarm.name,
                    lasting(alarm, now)
                );
                findings.push(Finding::new(Level::Idle, subject, text));
            }
            Concern::Unclear(why) if alarm.fires() => {
                let text = format!(
                    "Alarm {} is firing{}; whether it is about this box is not known: {why}",
                    alarm.name,
                    lasting(alarm, now)
                );
                findings.push(Finding::new(Level::Warn, subject, text));
            }
            Concern::Others if alarm.fires() => others += 1,
            _ => {}
        }
    }
    if others > 0 {
        let further = if findings.len() > before { "further " } else { "" };
        let verb = if others == 1 { "is" } else { "are" };
        let text = format!(
            "{} of this Region {verb} firing, none about this box",
            plural(others, &format!("{further}alarm"))
        );
        findings.push(Finding::new(Level::Idle, Subject::Whole, text));
    }
    if !untold.is_empty() {
        let verb = if untold.len() == 1 { "tells" } else { "tell" };
        let text = format!(
            "{} of this box {verb} nobody: no enabled action ({})",
            plural(untold.len(), "alarm"),
            untold.join(", ")
        );
        findings.push(Finding::new(Level::Idle, Subject::Whole, text));
    }
    findings.extend(paging::examine(&judged, store, party_box));
}

/// ` for 3m`.
fn lasting(alarm: &Alarm, now: DateTime<Utc>) -> String {
    alarm.since.map(|t| format!(" for {}", format_span(now - t))).unwrap_or_default()
}

/// What an alarm of this Party Box says.
fn describe(alarm: &Alarm, belonging: &AlarmLink, now: DateTime<Utc>) -> Vec<Finding> {
    let name = &alarm.name;
    let since = lasting(alarm, now);
    let finding = |level, text: String| Finding::new(level, belonging.subject().clone(), text);
    let mut findings = Vec::new();
    match alarm.state() {
        AlarmState::Firing => {
            let mut text = format!("Alarm {name} is firing{since} ({})", belonging.words());
            if let Some(by) = &alarm.suppressed_by {
                text = format!("{text}; its actions are muted ({by})");
            } else if alarm.actions_enabled == Some(false) {
                text.push_str("; its actions are disabled");
            }
            let finding = finding(Level::Warn, text);
            findings.push(match &alarm.reason {
                Some(reason) if !reason.is_empty() => finding.advise(format!("CloudWatch says: {reason}")),
                _ => finding,
            });
        }
        AlarmState::Blind if alarm.since.is_none_or(|at| now - at > BLIND) => {
            findings.push(finding(
                Level::Idle,
                format!(
                    "Alarm {name} has had too little data{since}: it can say nothing ({})",
                    belonging.words()
                ),
            ));
        }
        AlarmState::Other => {
            findings.push(finding(Level::Warn, format!("Alarm {name} is in state {}{since}", alarm.state)));
        }
        AlarmState::Quiet | AlarmState::Blind => {}
    }
    match alarm.evaluation.as_deref() {
        None | Some("") => {}
        Some("PARTIAL_DATA") => findings.push(finding(
            Level::Idle,
            format!("Alarm {name} sees only a part of its data (PARTIAL_DATA): it may miss something"),
        )),
        Some("EVALUATION_FAILURE") => findings.push(finding(
            Level::Idle,
            format!("Alarm {name} could not be evaluated just now (EVALUATION_FAILURE)"),
        )),
        // `EVALUATION_ERROR`, which somebody must correct, or a word that is not known.
        Some(word) => findings.push(
            finding(Level::Warn, format!("Alarm {name} is not evaluated ({word}): it can say nothing"))
                .advise("its metric or its expression must be corrected"),
        ),
    }
    findings
}

/// Autoscaling's own alarms are told as scaling, where they change something.
fn describe_scaling(
    alarm: &Alarm,
    subject: Subject,
    party_box: &PartyBox,
    now: DateTime<Utc>,
) -> Option<Finding> {
    let node =
        party_box.services.iter().find(|node| subject == Subject::Service(node.service().name.clone()))?;
    let name = subject.name();
    let since = lasting(alarm, now);
    let desired = node.service().desired;
    let (min, max) = node.scaling.as_ref().map(|s| (s.min, s.max))?;
    let text = match (alarm.state(), alarm.scaling()?) {
        (AlarmState::Firing, ScalingAlarm::Out) if desired < max => {
            format!("Autoscaling adds tasks to {name}: it is over its target{since}")
        }
        (AlarmState::Firing, ScalingAlarm::In) if desired > min => {
            format!("Autoscaling takes tasks from {name}, down to {min}: it is well below its target{since}")
        }
        // A service without a running task has no metrics, and its alarms wait for data.
        (AlarmState::Blind, ScalingAlarm::Out)
            if desired > 0 && alarm.since.is_none_or(|at| now - at > BLIND) =>
        {
            format!("Autoscaling of {name} has had too little data{since}: it adds no tasks")
        }
        _ => return None,
    };
    Some(Finding::new(Level::Idle, subject, text))
}
