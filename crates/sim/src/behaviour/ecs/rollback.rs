//! How a deployment fails or is stopped, and how a service returns to the earlier revision.
use super::{log_event, traffic};
use crate::world::ecs::{
    Deployment, DeploymentStatus, HookStatus, Rollback, RolloutState, Service, ServiceDeployment,
    ServiceDeploymentStatus, ServiceId,
};
use crate::world::{DeploymentVerdict, Time, TruthKind, World};

/// Why a deployment fails, with the text for each place that shows it.
#[derive(Debug, Clone)]
pub(crate) struct GiveUp {
    /// `statusReason` of the service deployment, and the reason of its rollback.
    pub(crate) status_reason: String,
    /// `rolloutStateReason` of the deployment that is given up.
    pub(crate) rollout_reason: String,
    /// What the service's event says after `deployment failed: `; `None` for no event.
    pub(crate) event: Option<String>,
    /// Whether the restored deployment's reason names the circuit breaker.
    pub(crate) by_breaker: bool,
    /// Whether to roll back.
    pub(crate) rollback: bool,
}

/// Fails the PRIMARY deployment: rolls it back, or leaves everything as it is.
pub(crate) fn give_up_deployment(world: &mut World, service_id: ServiceId, why: &GiveUp) {
    let now = world.now;
    let service = world.service_mut(service_id);
    let target = why.rollback.then(|| completed_before(service)).flatten();
    let Some(primary) = service.deployments.first_mut() else { return };
    primary.rollout_state = RolloutState::Failed;
    primary.rollout_state_reason.clone_from(&why.rollout_reason);
    primary.updated_at = now;
    let (id, arn) = (primary.id.clone(), primary.service_deployment_arn.clone());
    let mut verdict = None;
    if let Some(record) = service.service_deployment_mut(&arn) {
        record.updated_at = now;
        record.status_reason = Some(why.status_reason.clone());
        end_watches(record);
        if let Some(revision_arn) = &target {
            record.status = ServiceDeploymentStatus::RollbackInProgress;
            record.rollback = Some(Rollback {
                reason: why.status_reason.clone(),
                started_at: now,
                revision_arn: revision_arn.clone(),
            });
        } else if why.rollback {
            record.status = ServiceDeploymentStatus::RollbackFailed;
            record.status_reason = Some("No rollback candidate was found to run the rollback.".to_owned());
            record.finished_at = Some(now);
            verdict = Some(DeploymentVerdict::RollbackFailed);
        } else {
            // AWS's documentation of `stoppedAt`: a failed deployment without the rollback option is stopped.
            mark_stopped(record, now);
            verdict = Some(DeploymentVerdict::Failed);
        }
    }
    let name = service.name.clone();
    if let Some(event) = &why.event {
        log_event(world, service_id, &format!("(deployment {id}) deployment failed: {event}"));
    }
    if let Some(verdict) = verdict {
        world.note(TruthKind::DeploymentEnded { service: name, deployment: id, arn, verdict });
    } else if let Some(revision_arn) = target {
        world.note(TruthKind::RollbackStarted { service: name, arn: arn.clone() });
        roll_back(world, service_id, &revision_arn, &arn, why.by_breaker);
    }
}

/// Stops the PRIMARY deployment where it is. It starts and stops no more tasks.
pub(crate) fn abort_deployment(world: &mut World, service_id: ServiceId) {
    let now = world.now;
    let service = world.service_mut(service_id);
    let name = service.name.clone();
    let Some(primary) = service.deployments.first_mut() else { return };
    primary.rollout_state = RolloutState::Failed;
    primary.rollout_state_reason = format!("ECS deployment {} was stopped by a user.", primary.id);
    primary.updated_at = now;
    let (deployment, arn) = (primary.id.clone(), primary.service_deployment_arn.clone());
    if let Some(record) = service.service_deployment_mut(&arn) {
        end_watches(record);
        mark_stopped(record, now);
    }
    let verdict = DeploymentVerdict::Stopped;
    world.note(TruthKind::DeploymentEnded { service: name, deployment, arn, verdict });
}

/// Marks a service deployment as stopped.
pub(crate) fn mark_stopped(record: &mut ServiceDeployment, now: Time) {
    record.status = ServiceDeploymentStatus::Stopped;
    record.stopped_at = Some(now);
    record.finished_at = Some(now);
    record.updated_at = now;
}

/// Ends the monitoring by circuit breaker and alarms, and every open pause.
pub(crate) fn end_watches(record: &mut ServiceDeployment) {
    record.breaker.status = record.breaker.status.over();
    record.alarms.status = record.alarms.status.over();
    for hook in record.hooks.iter_mut().filter(|hook| hook.status == HookStatus::AwaitingAction) {
        hook.status = HookStatus::Failed;
    }
}

/// The newest revision whose deployment succeeded.
pub(crate) fn completed_before(service: &Service) -> Option<String> {
    service
        .service_deployments
        .iter()
        .find_map(|each| match each.status {
            ServiceDeploymentStatus::Successful => Some(each.target_revision.clone()),
            ServiceDeploymentStatus::RollbackSuccessful => {
                each.rollback.as_ref().map(|rollback| rollback.revision_arn.clone())
            }
            _ => None,
        })
        .filter(|arn| service.revision(arn).is_some())
}

/// Returns to the last completed revision. Its deployment becomes PRIMARY again with the tasks that it still
/// has; if it has already left the list, a new one is made.
fn roll_back(
    world: &mut World,
    service_id: ServiceId,
    revision_arn: &str,
    service_deployment_arn: &str,
    breaker: bool,
) {
    let now = world.now;
    let fresh = format!("ecs-svc/{}", world.rng.digits(19));
    let service = world.service_mut(service_id);
    let Some(revision) = service.revision(revision_arn) else { return };
    let (task_definition, group) = (revision.task_definition.clone(), revision.target_group_arn.clone());
    for each in &mut service.deployments {
        each.status = DeploymentStatus::Active;
        each.desired_count = 0;
    }
    let kept = service
        .deployments
        .iter()
        .position(|each| each.revision_arn == revision_arn && each.rollout_state == RolloutState::Completed);
    let mut restored = match kept {
        Some(position) => service.deployments.remove(position),
        None => Deployment {
            id: fresh,
            status: DeploymentStatus::Primary,
            task_definition: task_definition.clone(),
            desired_count: 0,
            failed_tasks: 0,
            proven: false,
            rollout_state: RolloutState::InProgress,
            rollout_state_reason: String::new(),
            created_at: now,
            updated_at: now,
            revision_arn: revision_arn.to_owned(),
            service_deployment_arn: String::new(),
        },
    };
    restored.status = DeploymentStatus::Primary;
    restored.desired_count = service.desired_count;
    restored.failed_tasks = 0;
    restored.proven = false;
    restored.rollout_state = RolloutState::InProgress;
    restored.rollout_state_reason = if breaker {
        format!("ECS deployment circuit breaker: rolling back to deploymentId {}.", restored.id)
    } else {
        format!("ECS deployment {} in progress.", restored.id)
    };
    restored.updated_at = now;
    service_deployment_arn.clone_into(&mut restored.service_deployment_arn);
    let id = restored.id.clone();
    service.deployments.insert(0, restored);
    service.task_definition = task_definition;
    service.scheduler.start_after = None;
    service.scheduler.failures = 0;
    traffic::turn_production_traffic(world, service_id, &group);
    log_event(world, service_id, &format!("rolling back to deployment {id}."));
}
