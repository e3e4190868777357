//! Findings about services: rollouts, missing tasks, failing targets, failed tasks.

use super::{
    Condition, Finding, Rollouts, Subject, format_span, rollout_finding, running, service_condition,
    service_facts, targets, zone_letter,
};
use crate::domain::{Level, PartyBox, Service, ServiceNode, Store, TargetHealth, TaskRow, names_credential};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// How long stopped tasks are reported.
const RECENT: TimeDelta = TimeDelta::minutes(10);

pub(super) fn examine(
    store: &Store,
    party_box: &PartyBox,
    rollouts: &Rollouts,
    now: DateTime<Utc>,
    findings: &mut Vec<Finding>,
) {
    if let Some(all) = store.services()
        && all.is_empty()
    {
        findings.push(Finding::new(Level::Warn, Subject::Whole, "The cluster has no services"));
    }
    for node in &party_box.services {
        examine_service(node, party_box, rollouts, now, findings);
        running::examine_runner(store, node, findings);
        examine_plain_secrets(store, node.service(), findings);
        service_facts::examine(store, node, now, findings);
    }
}

fn examine_service(
    node: &ServiceNode,
    party_box: &PartyBox,
    rollouts: &Rollouts,
    now: DateTime<Utc>,
    findings: &mut Vec<Finding>,
) {
    let service = node.service();
    let name = &service.name;
    let subject = || Subject::Service(name.clone());
    if service.status != "ACTIVE" {
        let text = format!("{name} is {}", service.status);
        findings.push(Finding::new(Condition::NotActive.level(), subject(), text));
    }
    let rolling = service.is_rolling();
    findings.extend(rollout_finding::describe_rollout(node, rollouts, now));
    running::examine_lack(node, service_condition(node), findings);
    targets::examine(node, party_box, rolling, findings);
    examine_stopped_tasks(node, now, findings);
    if let Some(scaling) = &node.scaling
        && !(scaling.min..=scaling.max).contains(&service.desired)
    {
        findings.push(
            Finding::new(
                Level::Warn,
                subject(),
                format!(
                    "{name} wants {} tasks, outside its autoscaling range {}-{}: autoscaling will undo it",
                    service.desired, scaling.min, scaling.max
                ),
            )
            .advise("s scales it back into the range"),
        );
    }
    if !rolling && service.running >= 2 && node.zones.len() == 1 {
        let zone = node.zones.keys().next().map_or("", |z| zone_letter(z));
        findings.push(Finding::new(
            Level::Warn,
            subject(),
            format!(
                "All {} tasks of {name} run in zone {zone}: its loss would take the service down",
                service.running
            ),
        ));
    }
    if !rolling && node.zones.len() > 1 {
        examine_zones_of_targets(node, findings);
    }
    if service.assign_public_ip == Some(true) {
        findings.push(Finding::new(
            Level::Warn,
            subject(),
            format!("Tasks of {name} get public IP addresses"),
        ));
    }
}

/// Whether all healthy targets of a group stand in one zone, although the tasks do not.
fn examine_zones_of_targets(node: &ServiceNode, findings: &mut Vec<Finding>) {
    let name = &node.service().name;
    for (index, group) in node.groups.iter().enumerate().filter(|(_, group)| group.healthy >= 2) {
        let serves = |row: &&TaskRow| {
            let here = row.targets.iter().filter(|it| it.group == index);
            here.filter_map(|it| it.target.as_ref()).any(TargetHealth::serves)
        };
        let zones: BTreeSet<&str> =
            node.rows.iter().filter(serves).filter_map(|row| node.task(row).zone.as_deref()).collect();
        let (1, Some(zone)) = (zones.len(), zones.first()) else { continue };
        let of = if node.groups.len() > 1 { format!("{name} in {}", group.name) } else { name.clone() };
        let text = format!(
            "All {} healthy targets of {of} are in zone {}: its loss would take the service down",
            group.healthy,
            zone_letter(zone)
        );
        findings.push(
            Finding::new(Level::Warn, Subject::Service(name.clone()), text).advise("7 shows the zones"),
        );
    }
}

/// Tasks that failed lately, the same reason folded with its count.
fn examine_stopped_tasks(node: &ServiceNode, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let mut reasons: BTreeMap<String, (u32, DateTime<Utc>)> = BTreeMap::new();
    for row in node.rows.iter().rev() {
        let task = node.task(row);
        if !task.is_over() {
            break; // the stopped ones come last
        }
        let Some(at) = task.stopped_at else { continue };
        let reason = task.stopped_reason.clone().unwrap_or_default();
        if now - at > RECENT || !task.failed() {
            continue;
        }
        let exit = task.containers.iter().find_map(|c| c.exit_code.filter(|code| *code != 0));
        let reason = match exit {
            Some(code) => format!("{reason} (exit code {code})"),
            None => reason,
        };
        let entry = reasons.entry(reason).or_insert((0, at));
        entry.0 += 1;
        entry.1 = entry.1.max(at);
    }
    let name = &node.service().name;
    for (reason, (count, at)) in reasons {
        findings.push(Finding::new(
            Level::Warn,
            Subject::Service(name.clone()),
            format!(
                "{} of {name} stopped, last {} ago: {reason}",
                super::plural(count as usize, "task"),
                format_span(now - at)
            ),
        ));
    }
}

/// Finding for connection settings in plain environment variables: they belong in Secrets Manager.
fn examine_plain_secrets(store: &Store, service: &Service, findings: &mut Vec<Finding>) {
    let Some(definition) = store.task_definition(&service.task_definition) else { return };
    for name in definition.containers.iter().flat_map(|c| &c.environment_names) {
        if names_credential(name) {
            findings.push(
                Finding::new(
                    Level::Idle,
                    Subject::Service(service.name.clone()),
                    format!("{name} of {} is a plain environment variable", service.name),
                )
                .advise("put it into Secrets Manager and name it under secrets"),
            );
        }
    }
}
