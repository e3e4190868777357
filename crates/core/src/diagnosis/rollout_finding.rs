//! The finding about a service's rollout: its progress, what it waits for, why it fails, how it ended.

use super::rollout_tracker::placement_event;
use super::task_sets::describe_shift;
use super::{
    FailureGroup, Finding, Rollout, RolloutCondition, RolloutProgress, RolloutVerdict, Rollouts, Subject,
    WaitKind, format_span, rollout_condition, rollout_end, rollout_progress,
};
use crate::domain::{CircuitBreaker, Deployment, Level, Service, ServiceNode, Task, sentences, short};
use chrono::{DateTime, Utc};

/// Things waited for that one sentence names.
const WAITS: usize = 2;

/// Adds the finding about the service's rollout, if there is one.
pub(super) fn describe_rollout(
    node: &ServiceNode,
    rollouts: &Rollouts,
    now: DateTime<Utc>,
) -> Option<Finding> {
    let service = node.service();
    let name = &service.name;
    let rollout = rollouts.newest(name);
    if let Some(primary) = service.primary()
        && primary.rollout_state.as_deref() == Some("FAILED")
        && rollout.is_none_or(|r| r.rolling_back || !r.in_flight() || !r.id.starts_with("arn:"))
    {
        // Without a rollback the older deployment stays in the list beside the failed one, and nothing rolls.
        let reason = primary.rollout_reason.as_deref().unwrap_or("ECS gave no reason");
        let text = format!("{name}: the rollout failed: {reason}");
        return Some(
            service_finding(service, Level::Bad, text).advise("2 shows the tasks and why they stopped"),
        );
    }
    if let Some(primary) = service.primary()
        && let Some(state) = primary.unknown_state()
    {
        let to = short(&primary.task_definition);
        let text =
            format!("{name}: ECS calls the deployment of {to} {state}, which is not known here; look at it");
        return Some(service_finding(service, primary.level(), text).advise("2 shows it"));
    }
    let open = rollout.filter(|r| r.verdict.is_none());
    if let Some(rollout) = rollout
        && rollout.verdict == Some(RolloutVerdict::Draining)
    {
        return Some(describe_draining(service, rollout, now));
    }
    if let Some(shift) = service.shift() {
        return Some(describe_shift(node, shift, open, now));
    }
    if service.is_rolling() || open.is_some() {
        return Some(describe_progress(node, open, now));
    }
    rollout_end::describe_end(service, rollouts, now)
}

fn service_finding(service: &Service, level: Level, text: String) -> Finding {
    Finding::new(level, Subject::Service(service.name.clone()), text)
}

fn describe_draining(service: &Service, rollout: &Rollout, now: DateTime<Utc>) -> Finding {
    let Some(open) = rollout.open else {
        let waits = join_waits(rollout, now, "; ");
        let text = format!("{}: {} is out{waits}", service.name, rollout.to.name());
        return service_finding(service, Level::Busy, text).advise("2 shows old and new side by side");
    };
    // Nothing watches what still comes up: ECS has called the rollout successful.
    let stuck = rollout.waits.iter().find(|w| w.kind == WaitKind::Placement).map(|w| w.words(now));
    let why =
        rollout.failures.first().map(FailureGroup::words).or(stuck).filter(|_| open.healthy < open.wanted);
    let level = if why.is_some() { Level::Warn } else { Level::Busy };
    let why = why.map(|why| format!("; {why}")).unwrap_or_default();
    let text = format!("{}: {} succeeded early: {}{why}", service.name, rollout.to.name(), open.words());
    service_finding(service, level, text).advise("2 shows old and new side by side")
}

/// The first things waited for, with their countdowns, after a separator.
fn join_waits(rollout: &Rollout, now: DateTime<Utc>, lead: &str) -> String {
    let words: Vec<String> = rollout.waits.iter().take(WAITS).map(|w| w.words(now)).collect();
    if words.is_empty() { String::new() } else { format!("{lead}{}", words.join(", ")) }
}

/// What the rollout does and waits for, or why it is failing.
fn describe_progress(node: &ServiceNode, rollout: Option<&Rollout>, now: DateTime<Utc>) -> Finding {
    let service = node.service();
    let name = &service.name;
    let Some(new) = service.primary() else {
        return service_finding(service, Level::Busy, format!("{name} is being deployed"));
    };
    let condition = rollout_condition(node, rollout, now);
    let level = condition.level();
    // The answer may still list the failed one as PRIMARY while ECS goes back from it.
    let own = rollout.and_then(|r| r.deployment.as_deref());
    let back = service.deployments.iter().find(|d| Some(d.id.as_str()) != own);
    let new = back.filter(|_| condition == RolloutCondition::RollingBack).unwrap_or(new);
    let p = rollout_progress(node, new);
    let revision = short(&new.task_definition);
    if condition == RolloutCondition::RollingBack {
        let why = rollout.and_then(|r| r.reason.clone()).map(|r| format!(": {}", r.trim_end_matches('.')));
        let text = format!(
            "{name} is rolling back to {revision}: {} of {} healthy again{}{}",
            p.counts.healthy,
            new.desired,
            why.unwrap_or_default(),
            rollout.map(|r| join_waits(r, now, "; ")).unwrap_or_default()
        );
        return service_finding(service, level, text).advise("2 shows what failed");
    }
    if condition == RolloutCondition::Failing {
        return describe_failing(node, new, &p, rollout, now);
    }
    let since = rollout.map(Rollout::since).or(new.created_at);
    let age = since.map(|t| format!(", {} so far", format_span(now - t))).unwrap_or_default();
    let eta = rollout.and_then(|r| r.eta_words(now)).map(|t| format!("; {t}")).unwrap_or_default();
    let waiting = match rollout.map(|r| join_waits(r, now, "")) {
        Some(text) if !text.is_empty() => text,
        _ => describe_wait(service, new, &p),
    };
    let text = if condition == RolloutCondition::UnknownStatus {
        let status = rollout.map_or("", |r| r.status.as_str());
        format!("{name}: ECS calls the rollout to {revision} {status}, which is not known here; look at it")
    } else {
        format!(
            "{name} is rolling out {revision}: {} of {} new tasks healthy; {waiting}{age}{eta}",
            p.counts.healthy, new.desired,
        )
    };
    let advice = match condition {
        RolloutCondition::Paused => "c continues it, b rolls it back",
        RolloutCondition::HasFailed => "2 shows the tasks that failed and why",
        _ => "2 shows old and new side by side",
    };
    service_finding(service, level, text).advise(advice)
}

fn describe_failing(
    node: &ServiceNode,
    new: &Deployment,
    p: &RolloutProgress,
    rollout: Option<&Rollout>,
    now: DateTime<Utc>,
) -> Finding {
    let service = node.service();
    let event = rollout.and_then(|r| placement_event(service, r, now));
    let unplaced_reason = || {
        let told = sentences::without_service(&event?.message, &service.name);
        Some(sentences::placement_reason(told))
    };
    // Tasks that ECS tries anew right now change nothing in that none has started.
    let own = |task: &Task| task.started_by.as_deref() == Some(new.id.as_str());
    let ran = node.rows.iter().map(|row| node.task(row)).any(|task| own(task) && task.started_at.is_some());
    let started = ran || p.counts.running + p.counts.healthy + p.counts.unhealthy + p.counts.draining > 0;
    let unplaced = rollout.is_some_and(|r| r.waits.iter().any(|w| w.kind == WaitKind::Placement));
    let with_reason = event.is_some_and(|event| sentences::has_placement_reason(&event.message));
    let no_place = unplaced_reason().filter(|_| with_reason && (unplaced || !started)).map(|reason| {
        let what = if started { "not every new task starts" } else { "no new task starts" };
        format!("{what}: {reason}")
    });
    let stopped = rollout.and_then(|r| r.failures.iter().find(|f| f.stop_code.is_some()));
    let why = match (&p.reason, stopped, &p.stop_reason) {
        (reason, ..) if p.counts.unhealthy > 0 => {
            let reason = reason.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
            format!(
                "{} of {} new tasks unhealthy{reason}",
                p.counts.unhealthy,
                p.counts.unhealthy + p.counts.healthy
            )
        }
        // What keeps a task from starting comes before what those did that started.
        _ if no_place.is_some() => no_place.unwrap_or_default(),
        // `Task failed ELB health checks`: what they answered says more.
        (.., Some(reason)) if sentences::names_health_check(reason) => {
            find_failed_check(service, new).unwrap_or(reason).to_owned()
        }
        (_, Some(group), _) if group.count > 1 => format!("{} tasks: {}", group.count, group.words()),
        (_, Some(group), _) => group.words(),
        (.., Some(reason)) => reason.clone(),
        _ if started => "new tasks do not stay up".to_owned(),
        _ => match unplaced_reason() {
            Some(reason) => format!("no new task starts: {reason}"),
            None => "new tasks do not come up".to_owned(),
        },
    };
    let rolls_back = service.circuit_breaker.is_none_or(|breaker| breaker.rollback);
    let end = match (rollout.and_then(|r| r.breaker_words(rolls_back)), service.circuit_breaker) {
        (Some(words), _) => format!("; {words}"),
        _ if new.failed == 0 => String::new(),
        (None, Some(CircuitBreaker { enable: true, rollback: true })) => {
            format!("; {} failed in a row, the circuit breaker will roll back", new.failed)
        }
        (None, Some(CircuitBreaker { enable: true, rollback: false })) => {
            format!("; {} failed in a row, the circuit breaker will stop it", new.failed)
        }
        _ => format!("; {} failed in a row, and no circuit breaker will stop it", new.failed),
    };
    let revision = short(&new.task_definition);
    let text = format!("{} rollout to {revision} is failing: {why}{end}", service.name);
    service_finding(service, RolloutCondition::Failing.level(), text)
        .advise("2 shows the tasks and why they stopped; b rolls back now")
}

/// What a rollout waits for, by its counts alone.
fn describe_wait(service: &Service, new: &Deployment, p: &RolloutProgress) -> String {
    if p.counts.pending > 0 {
        return format!("{} starting", p.counts.pending);
    }
    if p.counts.running > 0 {
        return format!("waiting for health checks of {}", p.counts.running);
    }
    let old: u32 = service.deployments.iter().filter(|d| d.id != new.id).map(|d| d.running).sum();
    if old > 0 { format!("{old} old running or draining") } else { "finishing".to_owned() }
}

/// What the load balancer's check of a new task saw: its target is gone by now, but ECS told of it.
fn find_failed_check<'a>(service: &'a Service, new: &Deployment) -> Option<&'a str> {
    let since = new.created_at?;
    let told = service.events.iter().take_while(|e| e.at >= since);
    told.into_iter().find_map(|e| sentences::failed_check(&e.message))
}
