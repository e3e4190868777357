//! Targets: registration, health checks, draining.
use chrono::TimeDelta;

use crate::world::ecs::{ImageFault, Task};
use crate::world::elb::{Elb, Target, TargetGroup, TargetState};
use crate::world::{Time, World};

/// Seconds until a registered target is known to every node of the load balancer: targets were seen healthy
/// one second after their registration.
const REGISTRATION_SECONDS: i64 = 1;

/// ELB's own sentence about a target in a zone that its load balancers do not serve.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html>
const ZONE_NOT_ENABLED: &str = "Target is in an Availability Zone that is not enabled for the load balancer";

/// Registers a task in a group. Its first check comes after `first_check` seconds.
pub(crate) fn register_target(
    elb: &mut Elb,
    group: &str,
    task: &Task,
    port: u16,
    now: Time,
    first_check: i64,
) {
    let Elb { target_groups, load_balancers, .. } = elb;
    let Some(group) = target_groups.iter_mut().find(|each| each.arn == group) else { return };
    let mut balancers =
        load_balancers.iter().filter(|each| group.load_balancer_arns.contains(&each.arn)).peekable();
    let served = balancers.peek().is_none()
        || balancers.any(|each| each.zones.iter().any(|(zone, _)| *zone == task.zone));
    let (id, port) = match &task.host {
        Some(host) if group.target_type == "instance" => (host.instance_id.clone(), host.port),
        _ => (task.address().to_owned(), port),
    };
    let (state, reason, description) = if served {
        (TargetState::Initial, "Elb.RegistrationInProgress", "Target registration is in progress")
    } else {
        (TargetState::Unused, "Target.NotInUse", ZONE_NOT_ENABLED)
    };
    group.targets.push(Target {
        task_id: task.id.clone(),
        ip: id,
        port,
        zone: task.zone.clone(),
        state,
        reason: Some(reason),
        description: Some(description.to_owned()),
        registered_at: now,
        next_check: now + TimeDelta::seconds(first_check),
        passed: 0,
        failed: 0,
        drained_at: None,
    });
}

/// Begins to drain a task's target. Returns whether there was one.
pub(crate) fn deregister_target(elb: &mut Elb, group: &str, task_id: &str, now: Time) -> bool {
    let Some(group) = elb.target_group_mut(group) else { return false };
    let delay = TimeDelta::seconds(i64::from(group.deregistration_delay));
    let Some(target) = group.targets.iter_mut().find(|each| each.task_id == task_id) else { return false };
    target.state = TargetState::Draining;
    target.reason = Some("Target.DeregistrationInProgress");
    target.description = Some("Target deregistration is in progress".to_owned());
    target.drained_at = Some(now + delay);
    true
}

/// Begins to drain the targets of a group at an address, or at one port of it. ECS takes no notice: the tasks run on.
pub(crate) fn deregister_address(group: &mut TargetGroup, id: &str, port: Option<u16>, now: Time) {
    let delay = TimeDelta::seconds(i64::from(group.deregistration_delay));
    let named =
        group.targets.iter_mut().filter(|each| each.ip == id && port.is_none_or(|port| each.port == port));
    for target in named.filter(|each| each.drained_at.is_none()) {
        target.state = TargetState::Draining;
        target.reason = Some("Target.DeregistrationInProgress");
        target.description = Some("Target deregistration is in progress".to_owned());
        target.drained_at = Some(now + delay);
    }
}

/// Advances every target by one second.
pub(crate) fn step(world: &mut World) {
    let now = world.now;
    for group in &mut world.elb.target_groups {
        group.targets.retain(|target| target.drained_at.is_none_or(|end| now < end));
        let due = group
            .targets
            .iter()
            .any(|target| target.next_check <= now || target.reason == Some("Elb.RegistrationInProgress"));
        if !due {
            continue;
        }
        let loss = world.zone_loss.as_ref().filter(|loss| loss.lasts(now));
        let answers: Vec<Check> = group
            .targets
            .iter()
            .map(|target| {
                if loss.is_some_and(|loss| loss.zone == target.zone) {
                    return Check::TimesOut;
                }
                let task = world.ecs.tasks().find(|task| task.id == target.task_id);
                if task.is_some_and(passes_health_check) { Check::Passes } else { Check::Fails }
            })
            .collect();
        check_targets(group, &answers, now);
    }
}

/// Whether the application inside answers its health check with 200. It does not ask the database.
pub(crate) fn passes_health_check(task: &Task) -> bool {
    task.is_listening() && task.fault == ImageFault::None
}

/// The result of a health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Passes,
    Fails,
    TimesOut,
}

fn check_targets(group: &mut TargetGroup, answers: &[Check], now: Time) {
    let settings = &group.health_check;
    for (target, answer) in group.targets.iter_mut().zip(answers) {
        if matches!(target.state, TargetState::Draining | TargetState::Unused) {
            continue;
        }
        let known_for = (now - target.registered_at).num_seconds();
        if target.reason == Some("Elb.RegistrationInProgress") && known_for >= REGISTRATION_SECONDS {
            target.reason = Some("Elb.InitialHealthChecking");
            target.description = Some("Initial health checks in progress".to_owned());
        }
        if target.next_check > now {
            continue;
        }
        target.next_check = now + TimeDelta::seconds(i64::from(settings.interval));
        if *answer == Check::Passes {
            target.passed += 1;
            target.failed = 0;
            // "After your target is registered, it must pass one health check to be considered healthy":
            // the threshold is for those that come back.
            // <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>
            if target.state == TargetState::Initial || target.passed >= settings.healthy_threshold {
                target.state = TargetState::Healthy;
                target.reason = None;
                target.description = None;
            }
        } else {
            target.failed += 1;
            target.passed = 0;
            if target.failed >= settings.unhealthy_threshold {
                let (reason, description) = match answer {
                    Check::TimesOut => ("Target.Timeout", "Request timed out"),
                    Check::Passes | Check::Fails => {
                        ("Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]")
                    }
                };
                target.state = TargetState::Unhealthy;
                target.reason = Some(reason);
                target.description = Some(description.to_owned());
            }
        }
    }
}
