//! Why a rollout's tasks fail: each failed task once, repeated reasons folded.

use super::model::FailedTask;
use super::{FailureGroup, Rollout};
use crate::domain::{
    LogLine, Service, ServiceEvent, ServiceNode, Store, Task, TaskRow, is_injected, sentences,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Failed tasks remembered of one rollout.
const KEEP: usize = 60;
/// Log lines kept of one task.
const LINES: usize = 20;
/// ECS events that are shown with a reason.
const EVENTS: usize = 3;
/// An ECS event within this time of a failure belongs to it.
const NEAR: TimeDelta = TimeDelta::seconds(30);

/// Notes the failed tasks that are listed now, and folds all that were.
pub(super) fn note_failures(
    rollout: &mut Rollout,
    node: &ServiceNode,
    store: &Store,
    sick: &BTreeMap<String, String>,
) {
    let own = rollout.deployment.clone();
    let failed = &mut rollout.memory.failed;
    // One that was sick and recovered has not failed.
    failed.retain(|_, f| !f.running);
    for row in node.rows.iter().filter(|row| own.is_some() && node.task(row).started_by == own) {
        let task = node.task(row);
        let Some(seen) = task_failure(task, row, sick) else { continue };
        let log = store.task_log(&task.id).map(last_lines);
        let entry = failed.entry(task.id.clone()).or_default();
        let log = log.unwrap_or_else(|| std::mem::take(&mut entry.log));
        *entry = FailedTask { log, ..seen };
    }
    while failed.len() > KEEP {
        let oldest = failed.iter().min_by_key(|(_, f)| f.at).map(|(id, _)| id.clone());
        let Some(oldest) = oldest else { break };
        failed.remove(&oldest);
    }
    rollout.failures = fold_failures(&rollout.memory.failed, node.service());
}

/// The failure of a task; `None` when it has not failed.
fn task_failure(task: &Task, row: &TaskRow, sick: &BTreeMap<String, String>) -> Option<FailedTask> {
    let target = row.target.as_ref().filter(|t| t.fails());
    let target = target.map(|t| t.why().unwrap_or_default().to_owned());
    let stopping = task.desired_status == "STOPPED" || task.last_status == "STOPPED";
    let stopped = stopping && task.failed();
    let target = target.or_else(|| task.is_unhealthy().then(|| "container health check fails".to_owned()));
    if !stopped && (stopping || target.is_none()) {
        return None;
    }
    let reason = match &task.stopped_reason {
        Some(reason) if stopped => reason.clone(),
        _ => target.clone().filter(|t| !t.is_empty()).unwrap_or_else(|| "unhealthy".to_owned()),
    };
    let exits = task.containers.iter().filter_map(|c| Some((c.name.clone(), c.exit_code?)));
    let mut exits: Vec<(String, i32)> = exits.collect();
    // One that others waited for ended well before the one that did not.
    if exits.iter().any(|(_, code)| *code != 0) {
        exits.retain(|(_, code)| *code != 0);
    }
    // ECS says more of a container that could not start than of its task. The task does not end with what AWS
    // puts in.
    let mut own = task.containers.iter().filter(|c| !is_injected(&c.name));
    let cause = own.find_map(|c| c.reason.clone()).filter(|_| stopped);
    let reason = match cause {
        Some(cause) if !reason.contains(&cause) => format!("{}: {cause}", reason.trim_end_matches('.')),
        _ => reason,
    };
    Some(FailedTask {
        at: task.stopped_at.or(task.stopping_at).or(task.started_at),
        stop_code: task.stop_code.clone().filter(|_| stopped),
        reason,
        exits: if stopped { exits } else { Vec::new() },
        target: if stopped { sick.get(&task.id).cloned() } else { None },
        running: !stopped,
        task_definition: task.task_definition.clone(),
        log: Vec::new(),
    })
}

fn last_lines(lines: &[LogLine]) -> Vec<LogLine> {
    lines[lines.len().saturating_sub(LINES)..].to_vec()
}

fn fold_failures(failed: &BTreeMap<String, FailedTask>, service: &Service) -> Vec<FailureGroup> {
    let mut newest: Vec<(&String, &FailedTask)> = failed.iter().collect();
    newest.sort_by_key(|(id, f)| (std::cmp::Reverse(f.at), id.as_str()));
    let mut groups: Vec<(String, FailureGroup)> = Vec::new();
    for (id, f) in newest {
        let code = f.exits.iter().map(|(_, code)| *code).find(|code| *code != 0);
        let key = format!("{:?} {} {code:?} {}", f.stop_code, reason_shape(&f.reason), f.running);
        let at = groups.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            let group = FailureGroup {
                reason: f.reason.clone(),
                stop_code: f.stop_code.clone(),
                exits: f.exits.clone(),
                last: f.at.filter(|_| !f.running),
                ..FailureGroup::default()
            };
            groups.push((key, group));
            groups.len() - 1
        });
        let group = &mut groups[at].1;
        group.count += 1;
        group.tasks.push(id.clone());
        if group.target.is_none() {
            group.target.clone_from(&f.target);
        }
        if group.log.is_empty() {
            group.log.clone_from(&f.log);
        }
    }
    let mut groups: Vec<FailureGroup> = groups.into_iter().map(|(_, group)| group).collect();
    for group in &mut groups {
        // An event that names one of its tasks belongs to it, whatever its time; others by their time.
        let about = |text: &str| group.tasks.iter().any(|id| text.contains(id.as_str()));
        let near = |at: DateTime<Utc>| group.last.is_some_and(|last| (at - last).abs() < NEAR);
        let fits =
            |e: &&ServiceEvent| about(&e.message) || (near(e.at) && sentences::names_trouble(&e.message));
        group.events = service.events.iter().filter(fits).take(EVENTS).cloned().collect();
    }
    groups.sort_by_key(|g| std::cmp::Reverse((g.count, g.last)));
    groups
}

/// A reason without what differs from task to task: ids, addresses, ports and request numbers.
fn reason_shape(reason: &str) -> String {
    let differs = |word: &str| {
        let core = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let digits = core.chars().filter(char::is_ascii_digit).count();
        let hex = core.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '-' | '.' | ':'));
        // HTTP codes, as in `[503]`, tell reasons apart.
        digits > 0 && hex && core.len() > 3
    };
    let words = reason.split_whitespace().map(|word| {
        let last = word.rsplit('/').next().unwrap_or(word);
        if differs(last) { "#" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::reason_shape;

    #[test]
    fn a_reason_keeps_its_shape_without_ids_and_addresses() {
        let of = |id: &str| {
            format!("Task failed ELB health checks in (target-group arn:aws:x/{id}) at 10.0.2.{}", id.len())
        };
        assert_eq!(reason_shape(&of("0123abcd")), reason_shape(&of("fedc98765")));
        assert_ne!(
            reason_shape("answered [503]"),
            reason_shape("answered [500]"),
            "codes tell reasons apart"
        );
        assert_ne!(reason_shape("image v1 is missing"), reason_shape("image is missing"));
    }
}
