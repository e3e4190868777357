//! Blue/green, linear and canary deployments: their stages, pauses, and traffic shifts.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-linear.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html>
use chrono::TimeDelta;

use super::rollback::{GiveUp, give_up_deployment};
use super::traffic::{shifting_deployment, turn_production_traffic, turn_rule, turn_test_traffic};
use crate::world::World;
use crate::world::ecs::{
    HookAction, HookDetail, HookStatus, ServiceDeploymentStatus, ServiceId, Stage, Strategy,
};

/// Seconds that a stage takes at least; the load balancer's rules need a moment to be everywhere.
const fn least_seconds(stage: Stage) -> i64 {
    match stage {
        Stage::TestTrafficShift => 10,
        Stage::ProductionTrafficShift => 15,
        _ => 4,
    }
}

/// The state of a deployment at the end of its stage.
enum Gate {
    Open,
    Closed,
    /// A pause ended with a rollback, with this status.
    Back(HookStatus),
}

/// Brings the deployment to its next stage when it is ready for it. `healthy` tells whether all new tasks
/// are;
/// `cleared`, whether nothing is left of an interrupted deployment.
pub(crate) fn step(world: &mut World, service_id: ServiceId, healthy: bool, cleared: bool) {
    let now = world.now;
    let service = world.service(service_id);
    let Some(record) =
        shifting_deployment(service).filter(|it| it.status == ServiceDeploymentStatus::InProgress)
    else {
        return;
    };
    let (stage, arn) = (record.lifecycle_stage, record.arn.clone());
    if stage == Stage::ProductionTrafficShift && record.shifted.0 < 100 {
        shift_next_step(world, service_id, &arn);
        return;
    }
    // The listener rules take a moment to be effective after the last step.
    let since = record.stage_since.max(record.shifted.1);
    let rested = now - since >= TimeDelta::seconds(least_seconds(stage));
    let baked = now - record.stage_since >= TimeDelta::minutes(i64::from(record.configuration.bake_minutes));
    let ready = match stage {
        Stage::ReconcileService => cleared,
        Stage::ScaleUp => healthy,
        Stage::BakeTime => baked,
        Stage::CleanUp => false,
        _ => rested,
    };
    if !ready {
        return;
    }
    match check_gate(world, service_id, &arn, stage) {
        Gate::Closed => {}
        Gate::Back(status) => {
            let how = if status == HookStatus::TimedOut { "timed out" } else { "failed" };
            let reason =
                format!("Service deployment rolled back because {} lifecycle hook(s) {how}.", stage.as_str());
            let why = GiveUp {
                rollout_reason: reason.clone(),
                event: Some(reason.clone()),
                status_reason: reason,
                by_breaker: false,
                rollback: true,
            };
            give_up_deployment(world, service_id, &why);
        }
        Gate::Open => enter_stage(world, service_id, &arn, stage.next()),
    }
}

fn enter_stage(world: &mut World, service_id: ServiceId, arn: &str, stage: Stage) {
    let now = world.now;
    let service = world.service_mut(service_id);
    if let Some(record) = service.service_deployment_mut(arn) {
        record.lifecycle_stage = stage;
        record.stage_since = now;
        record.updated_at = now;
    }
    let group = service
        .primary()
        .and_then(|primary| service.revision(&primary.revision_arn))
        .map(|revision| revision.target_group_arn.clone());
    let Some(group) = group else { return };
    match stage {
        Stage::TestTrafficShift => turn_test_traffic(world, service_id, &group),
        Stage::ProductionTrafficShift => shift_traffic(world, service_id, arn, &group),
        _ => {}
    }
}

/// The next step, once the pause after the one before is over. None follows the step to 100 %.
fn shift_next_step(world: &mut World, service_id: ServiceId, arn: &str) {
    let now = world.now;
    let service = world.service(service_id);
    let record = service.service_deployments.iter().find(|it| it.arn == arn);
    let Some((steps, since)) = record.and_then(|it| Some((it.configuration.steps?, it.shifted.1))) else {
        return;
    };
    let group = service
        .primary()
        .and_then(|primary| service.revision(&primary.revision_arn))
        .map(|revision| revision.target_group_arn.clone());
    if let Some(group) = group.filter(|_| now - since >= TimeDelta::minutes(i64::from(steps.bake_minutes))) {
        shift_traffic(world, service_id, arn, &group);
    }
}

/// Shifts as much more of the production traffic to a target group as the strategy shifts at once.
fn shift_traffic(world: &mut World, service_id: ServiceId, arn: &str, group: &str) {
    let now = world.now;
    let Some(record) = world.service_mut(service_id).service_deployment_mut(arn) else { return };
    let percent = match (record.configuration.strategy, record.configuration.steps) {
        (Strategy::Linear, Some(steps)) => (record.shifted.0 + steps.percent).min(100),
        (Strategy::Canary, Some(steps)) if record.shifted.0 == 0 => steps.percent.min(100),
        _ => 100,
    };
    record.shifted = (percent, now);
    record.updated_at = now;
    if percent == 100 {
        turn_production_traffic(world, service_id, group);
    } else if let Some(advanced) = world.service(service_id).load_balancer.advanced.clone() {
        turn_rule(world, &advanced.production_listener_rule, group, percent);
    }
}

/// Opens the pauses at the end of a stage, and checks whether they were answered.
fn check_gate(world: &mut World, service_id: ServiceId, arn: &str, stage: Stage) -> Gate {
    let now = world.now;
    let World { ecs, rng, .. } = world;
    let Some(record) = ecs[service_id].service_deployment_mut(arn) else { return Gate::Closed };
    let hooks = record.configuration.hooks.iter().filter(|hook| hook.stages.contains(&stage));
    if record.hooks.iter().all(|known| known.stage != stage) {
        let opened: Vec<HookDetail> = hooks
            .map(|hook| HookDetail {
                id: format!("ecs-pause-{}", rng.hex(43)),
                stage,
                status: HookStatus::AwaitingAction,
                expires_at: now + TimeDelta::minutes(i64::from(hook.timeout_minutes)),
                timeout_action: hook.action,
            })
            .collect();
        if opened.is_empty() {
            return Gate::Open;
        }
        record.hooks.extend(opened);
        record.updated_at = now;
    }
    let mut gate = Gate::Open;
    for hook in record.hooks.iter_mut().filter(|hook| hook.stage == stage) {
        if hook.status == HookStatus::AwaitingAction && hook.expires_at <= now {
            hook.status = HookStatus::TimedOut;
            record.updated_at = now;
        }
        match (hook.status, hook.timeout_action) {
            (HookStatus::Failed, _) | (HookStatus::TimedOut, HookAction::Rollback) => {
                return Gate::Back(hook.status);
            }
            (HookStatus::AwaitingAction, _) => gate = Gate::Closed,
            (HookStatus::Succeeded | HookStatus::TimedOut, _) => {}
        }
    }
    gate
}
