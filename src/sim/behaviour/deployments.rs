//! Deployments: how one begins, fails, is rolled back and completes.
use chrono::TimeDelta;

use super::ecs::tell;
use crate::sim::world::ecs::{
    Breaker, Deployment, DeploymentStatus, Rollback, RolloutState, Service, ServiceDeployment,
    ServiceDeploymentStatus, ServiceRevision,
};
use crate::sim::world::{DeploymentVerdict, TruthKind, World};

/// How many past service deployments and revisions are kept.
const PAST_KEPT: usize = 50;

/// The circuit breaker's threshold: half the desired count, at least 3 and at most 200.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
pub(crate) fn threshold(desired: u32) -> u32 {
    desired.div_ceil(2).clamp(3, 200)
}

/// Begins a deployment of a task definition: it becomes PRIMARY, what was PRIMARY becomes ACTIVE.
pub(crate) fn begin(world: &mut World, index: usize, task_definition: &str) {
    let now = world.now;
    supersede(world, index);
    let Some(revision_arn) = new_revision(world, index, task_definition) else { return };
    let (deployment_id, service_deployment_id) = (world.rng.digits(19), world.rng.hex(21));
    let service = &mut world.ecs.services[index];
    let path = path(service);
    let arn = world.account.arn("ecs", &format!("service-deployment/{path}/{service_deployment_id}"));
    let id = format!("ecs-svc/{deployment_id}");
    let source_revisions = service
        .deployments
        .iter()
        .filter(|each| service.tasks.iter().any(|task| task.is_wanted() && task.started_by == each.id))
        .map(|each| each.revision_arn.clone())
        .collect();
    for older in &mut service.deployments {
        older.status = DeploymentStatus::Active;
    }
    task_definition.clone_into(&mut service.task_definition);
    service.deployments.insert(
        0,
        Deployment {
            status: DeploymentStatus::Primary,
            task_definition: task_definition.to_owned(),
            desired_count: service.desired_count,
            failed_tasks: 0,
            rollout_state: RolloutState::InProgress,
            rollout_state_reason: format!("ECS deployment {id} in progress."),
            created_at: now,
            updated_at: now,
            revision_arn: revision_arn.clone(),
            service_deployment_arn: arn.clone(),
            id: id.clone(),
        },
    );
    let configuration = service.configuration;
    service.service_deployments.insert(
        0,
        ServiceDeployment {
            arn,
            created_at: now,
            started_at: Some(now),
            finished_at: None,
            stopped_at: None,
            updated_at: now,
            status: ServiceDeploymentStatus::InProgress,
            status_reason: None,
            lifecycle_stage: "SCALE_UP",
            target_revision: revision_arn,
            source_revisions,
            rollback: None,
            breaker: Breaker {
                status: if configuration.breaker { "MONITORING" } else { "DISABLED" },
                failure_count: 0,
                threshold: threshold(service.desired_count),
            },
            configuration,
        },
    );
    service.service_deployments.truncate(PAST_KEPT);
    service.scheduler.start_after = None;
    service.scheduler.steady_since = None;
    let service = service.name.clone();
    world.note(TruthKind::DeploymentStarted { service, deployment: id });
}

/// A new service revision; the image's tag is resolved to a digest once and for all.
fn new_revision(world: &mut World, index: usize, task_definition: &str) -> Option<String> {
    let definition = world.ecs.task_definition(task_definition)?;
    let (definition_arn, container) = (definition.arn.clone(), definition.container.clone());
    let image_digest = world.ecr.resolve(&container.image).map(|it| it.digest.clone()).unwrap_or_default();
    let number = world.rng.digits(19);
    let now = world.now;
    let service = &mut world.ecs.services[index];
    let arn = world.account.arn("ecs", &format!("service-revision/{}/{number}", path(service)));
    service.revisions.push(ServiceRevision {
        arn: arn.clone(),
        task_definition: definition_arn,
        container_name: container.name,
        image: container.image,
        image_digest,
        created_at: now,
    });
    if service.revisions.len() > PAST_KEPT + 1 {
        service.revisions.remove(0);
    }
    Some(arn)
}

/// `CLUSTER/SERVICE`.
fn path(service: &Service) -> String {
    let cluster = service.cluster_arn.rsplit('/').next().unwrap_or_default();
    format!("{cluster}/{}", service.name)
}

/// A deployment that is still rolling gives way to a newer one.
fn supersede(world: &mut World, index: usize) {
    let now = world.now;
    let service = &mut world.ecs.services[index];
    let Some(primary) = service.deployments.first() else { return };
    if primary.rollout_state != RolloutState::InProgress {
        return;
    }
    let (id, arn) = (primary.id.clone(), primary.service_deployment_arn.clone());
    if let Some(record) = record(service, &arn) {
        record.status = ServiceDeploymentStatus::Stopped;
        record.status_reason =
            Some("Service deployment stopped because a new service deployment started.".to_owned());
        record.stopped_at = Some(now);
        record.finished_at = Some(now);
        record.updated_at = now;
        if record.breaker.status == "MONITORING" {
            record.breaker.status = "MONITORING_COMPLETE";
        }
    }
    let service = service.name.clone();
    world.note(TruthKind::DeploymentEnded {
        service,
        deployment: id,
        verdict: DeploymentVerdict::Superseded,
    });
}

pub(crate) fn record<'a>(service: &'a mut Service, arn: &str) -> Option<&'a mut ServiceDeployment> {
    service.service_deployments.iter_mut().find(|each| each.arn == arn)
}

/// Ends the row of failures of a deployment.
pub(crate) fn reset_failures(service: &mut Service, id: &str) {
    let Some(deployment) = service.deployments.iter_mut().find(|each| each.id == id) else { return };
    if deployment.rollout_state != RolloutState::InProgress {
        return;
    }
    deployment.failed_tasks = 0;
    let arn = deployment.service_deployment_arn.clone();
    if let Some(record) = record(service, &arn).filter(|record| record.rollback.is_none()) {
        record.breaker.failure_count = 0;
    }
}

/// A task of a deployment failed: one more in its row, and a pause before the next attempt.
pub(crate) fn count_failure(world: &mut World, index: usize, id: &str) {
    let now = world.now;
    let pause = TimeDelta::seconds(world.rng.between(4, 9));
    let service = &mut world.ecs.services[index];
    service.scheduler.start_after = Some(now + pause);
    let Some(deployment) = service.deployments.iter_mut().find(|each| each.id == id) else { return };
    if deployment.rollout_state != RolloutState::InProgress {
        return;
    }
    deployment.failed_tasks += 1;
    deployment.updated_at = now;
    let (failures, arn) = (deployment.failed_tasks, deployment.service_deployment_arn.clone());
    if let Some(record) = record(service, &arn).filter(|record| record.rollback.is_none()) {
        record.breaker.failure_count = failures;
        record.updated_at = now;
    }
}

/// The circuit breaker: gives up a deployment whose tasks fail in a row, and rolls back.
pub(crate) fn judge_failures(world: &mut World, index: usize) {
    let now = world.now;
    let service = &mut world.ecs.services[index];
    let configuration = service.configuration;
    let limit = threshold(service.desired_count);
    let Some(primary) = service.deployments.first_mut() else { return };
    let rolling_back = service
        .service_deployments
        .iter()
        .any(|each| each.arn == primary.service_deployment_arn && each.rollback.is_some());
    if !configuration.breaker
        || rolling_back
        || primary.rollout_state != RolloutState::InProgress
        || primary.failed_tasks < limit
    {
        return;
    }
    primary.rollout_state = RolloutState::Failed;
    "ECS deployment circuit breaker: tasks failed to start.".clone_into(&mut primary.rollout_state_reason);
    primary.updated_at = now;
    let (id, arn) = (primary.id.clone(), primary.service_deployment_arn.clone());
    let target = configuration.rollback.then(|| completed_before(service)).flatten();
    if let Some(record) = record(service, &arn) {
        record.breaker.status = "TRIGGERED";
        record.updated_at = now;
        if let Some(revision_arn) = &target {
            record.status = ServiceDeploymentStatus::RollbackInProgress;
            record.rollback = Some(Rollback {
                reason: "Service deployment rolled back because the circuit breaker threshold was exceeded."
                    .to_owned(),
                started_at: now,
                revision_arn: revision_arn.clone(),
            });
        } else {
            record.status = ServiceDeploymentStatus::RollbackFailed;
            record.finished_at = Some(now);
        }
        record.status_reason = Some("Circuit breaker threshold exceeded: tasks failed to start.".to_owned());
    }
    let name = service.name.clone();
    let verdict = if target.is_some() { DeploymentVerdict::RolledBack } else { DeploymentVerdict::Failed };
    tell(world, index, &format!("(deployment {id}) deployment failed: tasks failed to start."));
    world.note(TruthKind::DeploymentEnded { service: name, deployment: id, verdict });
    if let Some(revision_arn) = target {
        roll_back(world, index, &revision_arn, &arn);
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
pub(crate) fn roll_back(world: &mut World, index: usize, revision_arn: &str, service_deployment_arn: &str) {
    let now = world.now;
    let fresh = format!("ecs-svc/{}", world.rng.digits(19));
    let service = &mut world.ecs.services[index];
    let Some(task_definition) = service.revision(revision_arn).map(|it| it.task_definition.clone()) else {
        return;
    };
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
    restored.rollout_state = RolloutState::InProgress;
    restored.rollout_state_reason =
        format!("ECS deployment circuit breaker: rolling back to deploymentId {}.", restored.id);
    restored.updated_at = now;
    service_deployment_arn.clone_into(&mut restored.service_deployment_arn);
    let id = restored.id.clone();
    service.deployments.insert(0, restored);
    service.task_definition = task_definition;
    service.scheduler.start_after = None;
    tell(world, index, &format!("rolling back to deployment {id}."));
}

/// Brings `desiredCount` and the stage of each deployment up to date.
pub(crate) fn set_counts(world: &mut World, index: usize) {
    let now = world.now;
    let service = &mut world.ecs.services[index];
    let desired = service.desired_count;
    let tasks = &service.tasks;
    for deployment in &mut service.deployments {
        let wanted = match deployment.status {
            DeploymentStatus::Primary => desired,
            DeploymentStatus::Active => {
                let own = tasks.iter().filter(|task| task.is_wanted() && task.started_by == deployment.id);
                u32::try_from(own.count()).unwrap_or(u32::MAX)
            }
        };
        if deployment.desired_count != wanted {
            deployment.desired_count = wanted;
            deployment.updated_at = now;
        }
    }
    let Some(primary) = service.deployments.first().filter(|it| it.rollout_state == RolloutState::InProgress)
    else {
        return;
    };
    let all_started = service.tasks_of(&primary.id).filter(|task| task.is_running()).count();
    let stage =
        if u32::try_from(all_started).unwrap_or(u32::MAX) < desired { "SCALE_UP" } else { "CLEAN_UP" };
    let arn = primary.service_deployment_arn.clone();
    if let Some(record) = record(service, &arn).filter(|record| record.lifecycle_stage != stage) {
        record.lifecycle_stage = stage;
        record.updated_at = now;
    }
}

/// Completes the PRIMARY deployment when all of its tasks are healthy and every older one has stopped.
pub(crate) fn complete(world: &mut World, index: usize, desired: u32, all_well: Option<u32>) {
    let now = world.now;
    let service = &mut world.ecs.services[index];
    let Some(primary) = service.deployments.first_mut() else { return };
    let older_left =
        service.tasks.iter().any(|task| task.started_by != primary.id && task.stopped_at.is_none());
    if primary.rollout_state != RolloutState::InProgress || all_well != Some(desired) || older_left {
        return;
    }
    primary.rollout_state = RolloutState::Completed;
    primary.rollout_state_reason = format!("ECS deployment {} completed.", primary.id);
    primary.updated_at = now;
    let (id, arn) = (primary.id.clone(), primary.service_deployment_arn.clone());
    service.deployments.truncate(1);
    let mut rolled_back = false;
    if let Some(record) = record(service, &arn) {
        rolled_back = record.rollback.is_some();
        record.status = if rolled_back {
            ServiceDeploymentStatus::RollbackSuccessful
        } else {
            record.breaker.status =
                if record.configuration.breaker { "MONITORING_COMPLETE" } else { "DISABLED" };
            ServiceDeploymentStatus::Successful
        };
        record.lifecycle_stage = "CLEAN_UP";
        record.finished_at = Some(now);
        record.updated_at = now;
    }
    let name = service.name.clone();
    tell(world, index, &format!("(deployment {id}) deployment completed."));
    if !rolled_back {
        let verdict = DeploymentVerdict::Succeeded;
        world.note(TruthKind::DeploymentEnded { service: name, deployment: id, verdict });
    }
}
