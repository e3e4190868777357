//! Services: rollouts, missing tasks, sick targets, tasks that died.

use super::{Finding, Subject, progress, rollout::Progress, span, zone_letter};
use crate::domain::{Deployment, Level, PartyBox, Service, ServiceNode, Store, Task, short};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Stopped tasks are told of for this long.
const RECENT: TimeDelta = TimeDelta::minutes(10);

pub(super) fn examine(store: &Store, party_box: &PartyBox, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    if let Some(all) = store.services()
        && all.is_empty()
    {
        findings.push(Finding::new(Level::Warn, Subject::Whole, "The cluster has no services"));
    }
    for node in &party_box.services {
        one(node, now, findings);
        plain_secrets(store, node.service(), findings);
    }
}

fn one(node: &ServiceNode, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let service = node.service();
    let name = &service.name;
    let subject = || Subject::Service(name.clone());
    if service.status != "ACTIVE" {
        findings.push(Finding::new(Level::Warn, subject(), format!("{name} is {}", service.status)));
    }
    let rolling = service.is_rolling();
    // Without a rollback the older deployment stays in the list beside the failed one, and nothing rolls.
    if let Some(primary) = service.primary()
        && primary.rollout_state.as_deref() == Some("FAILED")
    {
        let reason = primary.rollout_reason.as_deref().unwrap_or("ECS gave no reason");
        findings.push(
            Finding::new(Level::Bad, subject(), format!("{name}: the rollout failed: {reason}"))
                .advise("2 shows the tasks and why they stopped"),
        );
    } else if rolling {
        findings.push(rolling_finding(node, now));
    } else if let Some(finding) = rolled_back(service, now) {
        findings.push(finding);
    }
    if service.desired == 0 && service.running == 0 {
        findings.push(
            Finding::new(Level::Warn, subject(), format!("{name} is scaled to zero: nothing serves it"))
                .advise("s scales it up"),
        );
    } else if service.running == 0 {
        findings.push(
            Finding::new(
                Level::Bad,
                subject(),
                format!("{name} has no running task; {} wanted", service.desired),
            )
            .advise("2 shows why tasks stop"),
        );
    } else if service.running < service.desired && !rolling {
        findings.push(Finding::new(
            Level::Busy,
            subject(),
            format!(
                "{name} runs {} of {} tasks; {} on their way",
                service.running, service.desired, service.pending
            ),
        ));
    }
    targets(node, rolling, findings);
    died(node, now, findings);
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
    if service.assign_public_ip == Some(true) {
        findings.push(Finding::new(
            Level::Warn,
            subject(),
            format!("Tasks of {name} get public IP addresses"),
        ));
    }
}

/// What the rollout does and waits for, or why it is failing.
fn rolling_finding(node: &ServiceNode, now: DateTime<Utc>) -> Finding {
    let service = node.service();
    let name = &service.name;
    let subject = Subject::Service(name.clone());
    let Some(new) = service.primary() else {
        return Finding::new(Level::Busy, subject, format!("{name} is being deployed"));
    };
    let p = progress(node, new);
    let revision = revision(&new.task_definition);
    let by_reason = new.rollout_reason.as_deref().is_some_and(|r| r.contains("rolling back"));
    let by_event = service.rollback().is_some_and(|e| now - e.at < TimeDelta::hours(1));
    if by_reason || by_event {
        return Finding::new(
            Level::Bad,
            subject,
            format!(
                "{name} is rolling back to {revision}: {} of {} healthy again",
                p.counts.healthy, new.desired
            ),
        )
        .advise("2 shows what failed");
    }
    if new.failed > 0 || p.counts.unhealthy > 0 {
        let why = match (&p.reason, &p.stop_reason) {
            (reason, _) if p.counts.unhealthy > 0 => {
                let reason = reason.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
                format!(
                    "{} of {} new tasks unhealthy{reason}",
                    p.counts.unhealthy,
                    p.counts.unhealthy + p.counts.healthy
                )
            }
            (_, Some(reason)) => {
                // `Task failed ELB health checks`: what they answered says more.
                let check = failed_check(service, new).filter(|_| reason.contains("health check"));
                check.unwrap_or(reason).to_owned()
            }
            _ => "new tasks do not stay up".to_owned(),
        };
        let end = match service.circuit_breaker {
            _ if new.failed == 0 => String::new(),
            Some((true, true)) => {
                format!("; {} failed in a row, the circuit breaker will roll back", new.failed)
            }
            Some((true, false)) => {
                format!("; {} failed in a row, the circuit breaker will stop it", new.failed)
            }
            _ => format!("; {} failed in a row, and no circuit breaker will stop it", new.failed),
        };
        let text = format!("{name} rollout to {revision} is failing: {why}{end}");
        return Finding::new(Level::Bad, subject, text).advise("2 shows the tasks and why they stopped");
    }
    let age = new.created_at.map(|t| format!(", {} so far", span(now - t))).unwrap_or_default();
    Finding::new(
        Level::Busy,
        subject,
        format!(
            "{name} is rolling out {revision}: {} of {} new tasks healthy; {}{age}",
            p.counts.healthy,
            new.desired,
            waiting(service, new, &p)
        ),
    )
    .advise("2 shows old and new side by side")
}

/// What the load balancer's check of a new task saw: its target is gone by now, but ECS told of it.
fn failed_check<'a>(service: &'a Service, new: &Deployment) -> Option<&'a str> {
    let since = new.created_at?;
    let told = service.events.iter().take_while(|e| e.at >= since);
    let mut reasons =
        told.filter_map(|e| e.message.split_once(" is unhealthy in ")?.1.split_once("(reason "));
    reasons.next().map(|(_, reason)| reason.trim_end_matches(['.', ')']))
}

/// What a rollout waits for.
fn waiting(service: &Service, new: &Deployment, p: &Progress) -> String {
    if p.counts.pending > 0 {
        return format!("{} starting", p.counts.pending);
    }
    if p.counts.running > 0 {
        return format!("waiting for health checks of {}", p.counts.running);
    }
    let old: u32 = service.deployments.iter().filter(|d| d.id != new.id).map(|d| d.running).sum();
    if old > 0 { format!("{old} old running or draining") } else { "finishing".to_owned() }
}

/// The last path part of a task definition ARN.
fn revision(arn: &str) -> &str {
    short(arn)
}

/// A rollback that has ended shows COMPLETED: the event list still tells.
fn rolled_back(service: &Service, now: DateTime<Utc>) -> Option<Finding> {
    let primary = service.primary()?;
    let by_reason = primary.rollout_reason.as_deref().is_some_and(|r| r.contains("rolling back"));
    // The deployment that ECS went back to may be weeks old: the event's time counts, not its own.
    let since = match service.rollback() {
        Some(event) => event.at,
        None if by_reason => primary.updated_at.or(primary.created_at)?,
        None => return None,
    };
    if now - since > TimeDelta::hours(1) {
        return None;
    }
    Some(
        Finding::new(
            Level::Warn,
            Subject::Service(service.name.clone()),
            format!(
                "{} rolled back to {} {} ago: the newer revision did not come up",
                service.name,
                revision(&primary.task_definition),
                span(now - since)
            ),
        )
        .advise("2 shows why its tasks stopped"),
    )
}

fn targets(node: &ServiceNode, rolling: bool, findings: &mut Vec<Finding>) {
    let service = node.service();
    if !node.targets_known || service.target_links.is_empty() {
        return;
    }
    let name = &service.name;
    let subject = Subject::Service(name.clone());
    if node.healthy == 0 && service.running > 0 {
        findings.push(Finding::new(
            Level::Bad,
            subject,
            format!(
                "No healthy target for {name} ({} registered): the load balancer sends requests to all of them",
                node.registered
            ),
        ));
        return;
    }
    let mut sick: BTreeMap<String, u32> = BTreeMap::new();
    for row in &node.rows {
        if let Some(target) = &row.target
            && target.state == "unhealthy"
        {
            let why = target.description.clone().or(target.reason.clone()).unwrap_or_default();
            *sick.entry(why).or_default() += 1;
        }
    }
    if rolling {
        return; // the rollout's own sentence tells of them
    }
    for (why, count) in sick {
        findings.push(Finding::new(
            Level::Warn,
            subject.clone(),
            format!("{count} of {} targets of {name} unhealthy: {why}", node.registered),
        ));
    }
}

/// Whether a task ended, or is ending, because something is wrong with it: not because somebody scaled or deployed.
pub fn failed(task: &Task) -> bool {
    let reason = task.stopped_reason.as_deref().unwrap_or_default();
    match task.stop_code.as_deref() {
        Some(
            "TaskFailedToStart" | "EssentialContainerExited" | "SpotInterruption" | "InfrastructureHealth",
        ) => true,
        _ => reason.contains("failed") && reason.contains("health check"),
    }
}

/// Tasks that failed lately, the same reason folded with its count.
fn died(node: &ServiceNode, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let mut reasons: BTreeMap<String, (u32, DateTime<Utc>)> = BTreeMap::new();
    for row in node.rows.iter().rev() {
        let task = node.task(row);
        if task.last_status != "STOPPED" {
            break; // the stopped ones come last
        }
        let Some(at) = task.stopped_at else { continue };
        let reason = task.stopped_reason.clone().unwrap_or_default();
        if now - at > RECENT || !failed(task) {
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
                span(now - at)
            ),
        ));
    }
}

/// Connection settings in plain environment variables belong into Secrets Manager.
fn plain_secrets(store: &Store, service: &Service, findings: &mut Vec<Finding>) {
    let Some(definition) = store.task_definition(&service.task_definition) else { return };
    for name in definition.containers.iter().flat_map(|c| &c.environment_names) {
        let upper = name.to_ascii_uppercase();
        if ["DATABASE_URL", "PASSWORD", "SECRET_KEY", "API_KEY"].iter().any(|w| upper.contains(w)) {
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
