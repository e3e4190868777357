//! Deployments: how one begins, fails, is rolled back and completes.
use chrono::TimeDelta;

use super::rollback::{GiveUp, abort_deployment, end_watches, give_up_deployment, mark_stopped};
use super::{log_event, traffic};
use crate::world::cloudwatch::AlarmState;
use crate::world::ecs::{
    AlarmWatch, Breaker, Deployment, DeploymentStatus, Monitor, RolloutState, Service, ServiceDeployment,
    ServiceDeploymentStatus, ServiceId, ServiceRevision, Stage, Strategy, Task, Threshold,
};
use crate::world::rng::Rng;
use crate::world::{DeploymentVerdict, TruthKind, World};

/// How many past service deployments and revisions are kept.
const PAST_KEPT: usize = 50;

/// Failures in a row after which the scheduler logs an event.
const IMPAIRED_AFTER: u32 = 2;
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
const IMPAIRED: &str = "is unable to consistently start tasks successfully. For more information, see the \
    Troubleshooting section of the Amazon ECS Developer Guide.";

/// The circuit breaker's threshold: by default half the desired count, at least 3 and at most 200; else as
/// configured.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
pub(crate) fn threshold(service: &Service) -> u32 {
    let part = |percent: u32| (service.desired_count * percent).div_ceil(100);
    match service.configuration.threshold {
        Threshold::BoundedPercent(percent) => part(percent).clamp(3, 200),
        Threshold::UnboundedPercent(percent) => part(percent).max(1),
        Threshold::Count(count) => count,
    }
}

/// Seconds after its stop was decided at which a task is as good as gone for a deployment: steady states were
/// seen about nine seconds after the draining began, which is nine to ten after the stop.
const SETTLED_AFTER: TimeDelta = TimeDelta::seconds(16);

/// Whether a task still keeps its service from a steady state.
pub(crate) fn holds_up(world: &World, task: &Task) -> bool {
    let fades = |at| world.rules.waits_for_drain || world.now - at < SETTLED_AFTER;
    task.stopped_at.is_none() && (task.is_wanted() || task.stopping_at.is_none_or(fades))
}

/// Begins a deployment of a task definition: it becomes PRIMARY, what was PRIMARY becomes ACTIVE.
pub(crate) fn begin_deployment(world: &mut World, service_id: ServiceId, task_definition: &str) {
    let now = world.now;
    supersede_deployment(world, service_id);
    let Some(revision_arn) = new_revision(world, service_id, task_definition) else { return };
    let (deployment_id, service_deployment_id) = (world.rng.digits(19), world.rng.hex(21));
    let service = &mut world.ecs[service_id];
    let path = path(service);
    let arn = world.account.arn("ecs", &format!("service-deployment/{path}/{service_deployment_id}"));
    let id = format!("ecs-svc/{deployment_id}");
    let source_revisions: Vec<String> = service
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
            proven: false,
            rollout_state: RolloutState::InProgress,
            rollout_state_reason: format!("ECS deployment {id} in progress."),
            created_at: now,
            updated_at: now,
            revision_arn: revision_arn.clone(),
            service_deployment_arn: arn.clone(),
            id: id.clone(),
        },
    );
    let configuration = service.configuration.clone();
    let lifecycle_stage = match configuration.strategy {
        Strategy::Rolling => Stage::ScaleUp,
        _ if source_revisions.len() > 1 => Stage::ReconcileService,
        _ => Stage::PreScaleUp,
    };
    service.service_deployments.insert(
        0,
        ServiceDeployment {
            arn: arn.clone(),
            created_at: now,
            started_at: None,
            finished_at: None,
            stopped_at: None,
            updated_at: now,
            status: ServiceDeploymentStatus::Pending,
            status_reason: None,
            lifecycle_stage,
            stage_since: now,
            shifted: (0, now),
            hooks: Vec::new(),
            target_revision: revision_arn,
            source_revisions,
            rollback: None,
            breaker: Breaker {
                status: Monitor::begin(configuration.breaker),
                failure_count: 0,
                threshold: threshold(service),
            },
            alarms: AlarmWatch {
                status: Monitor::begin(configuration.alarms.as_ref().is_some_and(|alarms| alarms.enable)),
                triggered: Vec::new(),
            },
            configuration,
        },
    );
    service.service_deployments.truncate(PAST_KEPT);
    service.scheduler.start_after = None;
    service.scheduler.steady_since = None;
    service.scheduler.failures = 0;
    service.scheduler.uneven_since = None;
    service.scheduler.rebalancing = false;
    let service = service.name.clone();
    world.note(TruthKind::DeploymentStarted { service, deployment: id, arn });
}

/// A new service revision; the image's tag is resolved to a digest once and for all.
fn new_revision(world: &mut World, service_id: ServiceId, task_definition: &str) -> Option<String> {
    let definition = world.ecs.task_definition(task_definition)?;
    let (definition_arn, container) = (definition.arn.clone(), definition.container.clone());
    let image_digest = world.ecr.resolve(&container.image).map(|it| it.digest.clone()).unwrap_or_default();
    let number = world.rng.digits(19);
    let now = world.now;
    let service = &mut world.ecs[service_id];
    let arn = world.account.arn("ecs", &format!("service-revision/{}/{number}", path(service)));
    let target_group_arn = group_for_new_tasks(service);
    service.revisions.push(ServiceRevision {
        arn: arn.clone(),
        task_definition: definition_arn,
        container_name: container.name,
        image: container.image,
        image_digest,
        target_group_arn,
        created_at: now,
    });
    if service.revisions.len() > PAST_KEPT + 1 {
        service.revisions.remove(0);
    }
    Some(arn)
}

/// The target group for new tasks: the serving one, or in a blue/green deployment the other one.
fn group_for_new_tasks(service: &Service) -> String {
    let own = &service.load_balancer.target_group_arn;
    match &service.load_balancer.advanced {
        Some(advanced)
            if service.configuration.strategy.shifts_traffic() && service.serving_group_arn == *own =>
        {
            advanced.alternate_target_group_arn.clone()
        }
        Some(_) if service.configuration.strategy == Strategy::Rolling => service.serving_group_arn.clone(),
        _ => own.clone(),
    }
}

/// `CLUSTER/SERVICE`.
fn path(service: &Service) -> String {
    let cluster = service.cluster_arn.rsplit('/').next().unwrap_or_default();
    format!("{cluster}/{}", service.name)
}

/// Ends a deployment that is still rolling when a newer one begins.
fn supersede_deployment(world: &mut World, service_id: ServiceId) {
    let now = world.now;
    let service = world.service_mut(service_id);
    let Some(primary) = service.deployments.first() else { return };
    if primary.rollout_state != RolloutState::InProgress {
        return;
    }
    let (id, arn) = (primary.id.clone(), primary.service_deployment_arn.clone());
    if let Some(record) = service.service_deployment_mut(&arn) {
        record.status_reason =
            Some("Service deployment stopped because a new service deployment started.".to_owned());
        end_watches(record);
        mark_stopped(record, now);
    }
    let (service, serving) = (service.name.clone(), service.serving_group_arn.clone());
    // Traffic that was shifted to it goes back, as its tasks are stopped.
    traffic::turn_production_traffic(world, service_id, &serving);
    world.note(TruthKind::DeploymentEnded {
        service,
        deployment: id,
        arn,
        verdict: DeploymentVerdict::Superseded,
    });
}

/// Notes that a task of a deployment is healthy: its failures are forgotten, and those that follow are not
/// evaluated any more, unless the configuration keeps the count (`resetOnHealthyTask` is false).
pub(crate) fn reset_failures(service: &mut Service, id: &str) {
    service.scheduler.failures = 0;
    if !service.configuration.reset_on_healthy {
        return;
    }
    let Some(deployment) = service.deployments.iter_mut().find(|each| each.id == id) else { return };
    if deployment.rollout_state != RolloutState::InProgress {
        return;
    }
    deployment.failed_tasks = 0;
    deployment.proven = true;
    let arn = deployment.service_deployment_arn.clone();
    if let Some(record) = service.service_deployment_mut(&arn).filter(|record| record.rollback.is_none()) {
        record.breaker.failure_count = 0;
    }
}

/// How a task failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There was no place for it.
    NotPlaced,
    /// Its image could not be pulled.
    NotPulled,
    /// Its container ended by itself.
    Crashed,
    /// It failed its health checks.
    Unhealthy,
}

impl Failure {
    /// Seconds until the next attempt, after so many failures in a row. "The time between subsequent restart
    /// attempts is incrementally increased", at most to 27 minutes; one account's breaker of three took about
    /// twelve minutes over an image that was not there, and about ten over health checks.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html>
    fn pause(self, in_a_row: u32, rng: &mut Rng) -> i64 {
        const MOST: i64 = 27 * 60;
        let count = i64::from(in_a_row.max(1));
        match self {
            Self::NotPlaced => rng.between(40, 50),
            Self::Crashed => rng.between(4, 9),
            Self::NotPulled => (count * count * rng.between(140, 160)).min(MOST),
            Self::Unhealthy => (count * rng.between(140, 160)).min(MOST),
        }
    }
}

/// Counts a failed task of a deployment, and pauses before the next attempt.
pub(crate) fn count_failure(world: &mut World, service_id: ServiceId, id: &str, failure: Failure) {
    let now = world.now;
    let World { ecs, rng, .. } = &mut *world;
    let service = &mut ecs[service_id];
    service.scheduler.failures += 1;
    let next = now + TimeDelta::seconds(failure.pause(service.scheduler.failures, rng));
    service.scheduler.start_after = service.scheduler.start_after.max(Some(next));
    let limit = threshold(service);
    let Some(deployment) = service.deployments.iter_mut().find(|each| each.id == id) else { return };
    if deployment.rollout_state != RolloutState::InProgress || deployment.proven {
        return;
    }
    deployment.failed_tasks += 1;
    deployment.updated_at = now;
    let (failures, arn) = (deployment.failed_tasks, deployment.service_deployment_arn.clone());
    if let Some(record) = service.service_deployment_mut(&arn).filter(|record| record.rollback.is_none()) {
        record.breaker.failure_count = failures.min(limit);
        record.updated_at = now;
    }
    if failure != Failure::Unhealthy
        && failures >= IMPAIRED_AFTER
        && service.scheduler.impaired.as_deref() != Some(id)
    {
        service.scheduler.impaired = Some(id.to_owned());
        log_event(world, service_id, IMPAIRED);
    }
}

/// The circuit breaker: gives up a deployment whose tasks fail in a row.
pub(crate) fn judge_failures(world: &mut World, service_id: ServiceId) {
    let service = world.service_mut(service_id);
    let configuration = service.configuration.clone();
    let limit = threshold(service);
    let failed = service.primary().is_some_and(|primary| primary.failed_tasks >= limit);
    if !configuration.breaker || !failed || !may_fail(service) {
        return;
    }
    let arn = service.primary().map(|primary| primary.service_deployment_arn.clone()).unwrap_or_default();
    if let Some(record) = service.service_deployment_mut(&arn) {
        record.breaker.status = Monitor::Triggered;
    }
    let what = if configuration.rollback { "rolled back" } else { "stopped" };
    let why = GiveUp {
        status_reason: format!(
            "Service deployment {what} because the circuit breaker threshold was exceeded."
        ),
        rollout_reason: "ECS deployment circuit breaker: tasks failed to start.".to_owned(),
        event: Some("tasks failed to start.".to_owned()),
        by_breaker: true,
        rollback: configuration.rollback,
    };
    give_up_deployment(world, service_id, &why);
}

/// The deployment alarms: one of them in ALARM ends the deployment.
pub(crate) fn judge_alarms(world: &mut World, service_id: ServiceId) {
    let service = world.service(service_id);
    let Some(alarms) = service.configuration.alarms.clone().filter(|alarms| alarms.enable) else { return };
    if !may_fail(service) {
        return;
    }
    let in_alarm = world.cloudwatch.alarms.iter().filter(|alarm| alarm.state == AlarmState::Alarm);
    let triggered: Vec<String> =
        in_alarm.filter(|alarm| alarms.names.contains(&alarm.name)).map(|alarm| alarm.name.clone()).collect();
    if triggered.is_empty() {
        return;
    }
    let service = world.service_mut(service_id);
    let arn = service.primary().map(|primary| primary.service_deployment_arn.clone()).unwrap_or_default();
    if let Some(record) = service.service_deployment_mut(&arn) {
        record.alarms.status = Monitor::Triggered;
        record.alarms.triggered = triggered;
    }
    let what = if alarms.rollback { "rolled back" } else { "stopped" };
    let why = GiveUp {
        status_reason: format!("Service deployment {what} because a deployment alarm was triggered."),
        rollout_reason: "ECS deployment failed: alarm detected.".to_owned(),
        event: Some("alarm detected.".to_owned()),
        by_breaker: false,
        rollback: alarms.rollback,
    };
    give_up_deployment(world, service_id, &why);
}

/// Whether the PRIMARY deployment may still fail: it is rolling, and not a rollback.
fn may_fail(service: &Service) -> bool {
    service.primary().is_some_and(|primary| primary.rollout_state == RolloutState::InProgress)
        && service.current().is_none_or(|record| record.rollback.is_none())
}

/// Applies requests: a deployment begins a moment after its request, and so does its end.
pub(crate) fn apply_requests(world: &mut World, service_id: ServiceId) {
    let now = world.now;
    let service = world.service_mut(service_id);
    let Some(arn) = service.primary().map(|primary| primary.service_deployment_arn.clone()) else { return };
    let Some(record) = service.service_deployment_mut(&arn).filter(|record| record.updated_at < now) else {
        return;
    };
    match record.status {
        ServiceDeploymentStatus::Pending => {
            record.status = ServiceDeploymentStatus::InProgress;
            record.started_at = Some(now);
            record.stage_since = now;
            record.updated_at = now;
        }
        ServiceDeploymentStatus::StopRequested => abort_deployment(world, service_id),
        ServiceDeploymentStatus::RollbackRequested => {
            let reason = record.status_reason.clone().unwrap_or_default();
            let id = service.primary().map(|primary| primary.id.clone()).unwrap_or_default();
            let why = GiveUp {
                status_reason: reason,
                rollout_reason: format!("ECS deployment {id} was stopped by a user."),
                event: None,
                by_breaker: false,
                rollback: true,
            };
            give_up_deployment(world, service_id, &why);
        }
        _ => {}
    }
}

/// Brings `desiredCount` and the stage of each deployment up to date.
pub(crate) fn update_counts(world: &mut World, service_id: ServiceId) {
    let now = world.now;
    let service = world.service_mut(service_id);
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
    let all_started = u32::try_from(all_started).unwrap_or(u32::MAX) >= desired;
    let stage = if all_started { Stage::CleanUp } else { Stage::ScaleUp };
    let arn = primary.service_deployment_arn.clone();
    let rolls = |record: &&mut ServiceDeployment| {
        record.rollback.is_some() || record.configuration.strategy == Strategy::Rolling
    };
    let Some(record) = service.service_deployment_mut(&arn).filter(rolls) else { return };
    if record.lifecycle_stage != stage {
        record.lifecycle_stage = stage;
        record.stage_since = now;
        record.updated_at = now;
    }
}

/// Completes the PRIMARY deployment when all of its tasks are healthy and no older one is left.
pub(crate) fn complete_deployment(
    world: &mut World,
    service_id: ServiceId,
    desired: u32,
    all_well: Option<u32>,
) {
    let now = world.now;
    let service = world.service(service_id);
    let primary = service.primary().map(|it| it.id.as_str());
    let older_left =
        service.tasks.iter().any(|task| Some(task.started_by.as_str()) != primary && holds_up(world, task));
    let service = world.service_mut(service_id);
    let early = traffic::shift_stage(service).is_some_and(|stage| stage < Stage::CleanUp)
        // A rollback is visible as such before it is complete.
        || service.current().and_then(|it| it.rollback.as_ref()).is_some_and(|back| back.started_at >= now);
    let Some(primary) = service.deployments.first_mut() else { return };
    if early || primary.rollout_state != RolloutState::InProgress || all_well != Some(desired) || older_left {
        return;
    }
    primary.rollout_state = RolloutState::Completed;
    primary.rollout_state_reason = format!("ECS deployment {} completed.", primary.id);
    primary.updated_at = now;
    let (id, arn) = (primary.id.clone(), primary.service_deployment_arn.clone());
    service.deployments.truncate(1);
    let mut verdict =
        if desired == 0 { DeploymentVerdict::ScaledToZero } else { DeploymentVerdict::Succeeded };
    if let Some(record) = service.service_deployment_mut(&arn) {
        end_watches(record);
        record.status = if record.rollback.is_some() {
            verdict = DeploymentVerdict::RolledBack;
            ServiceDeploymentStatus::RollbackSuccessful
        } else {
            ServiceDeploymentStatus::Successful
        };
        record.lifecycle_stage = Stage::CleanUp;
        record.finished_at = Some(now);
        record.updated_at = now;
    }
    let service = service.name.clone();
    log_event(world, service_id, &format!("(deployment {id}) deployment completed."));
    world.note(TruthKind::DeploymentEnded { service, deployment: id, arn, verdict });
}
