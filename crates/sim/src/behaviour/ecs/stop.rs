//! What an operator may do to a task or to a deployment under way.
use super::rollback::completed_before;
use super::{record, scheduler};
use crate::protocol::error::ApiError;
use crate::world::World;
use crate::world::ecs::{HookAction, HookStatus, Service, ServiceDeploymentStatus, Task};

/// `StopTask` at the world's present moment; the service soon starts another in its place. Returns the index of
/// the service in `Ecs::services` and of the task in its tasks.
///
/// # Errors
/// `ClusterNotFoundException`, `InvalidParameterException` (no such task).
pub fn stop_task(
    world: &mut World,
    cluster: &str,
    task: &str,
    reason: Option<&str>,
) -> Result<(usize, usize), ApiError> {
    let cluster = world
        .ecs
        .cluster(cluster)
        .map(|it| it.arn.clone())
        .ok_or_else(|| ApiError::new("ClusterNotFoundException", "Cluster not found."))?;
    let mut services = world.ecs.services.iter().enumerate().filter(|(_, each)| each.cluster_arn == cluster);
    let (index, position) = services
        .find_map(|(index, service)| {
            let own = |each: &Task| each.arn == task || each.id == task;
            Some((index, service.tasks.iter().position(own)?))
        })
        .ok_or_else(|| ApiError::new("InvalidParameterException", "The referenced task was not found."))?;
    if world.ecs.services[index].tasks[position].is_wanted() {
        scheduler::drain(world, index, &[position], reason.unwrap_or("Task stopped by user"));
        let service = &mut world.ecs.services[index];
        service.tasks[position].stop_code = Some("UserInitiated");
        service.scheduler.steady_since = None;
    }
    Ok((index, position))
}

/// How `StopServiceDeployment` stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopType {
    /// Return to the revision that was last rolled out successfully.
    Rollback,
    /// Leave everything as it is. The API's model knows it; its documentation names ROLLBACK alone.
    Abort,
}

/// `StopServiceDeployment` at the world's present moment. What was asked for begins a second later.
///
/// # Errors
/// `ServiceDeploymentNotFoundException`, `ConflictException` (it has ended, or there is nothing to return to).
pub fn stop_deployment(world: &mut World, arn: &str, how: StopType) -> Result<(), ApiError> {
    let now = world.now;
    let service = owner(world, arn)?;
    let conflict = |message: &str| ApiError::new("ConflictException", message);
    let target = completed_before(service);
    let record = record(service, arn)
        .filter(|record| record.status.may_be_stopped())
        .ok_or_else(|| conflict("The service deployment is not in a state that can be stopped."))?;
    record.status = match how {
        StopType::Abort => ServiceDeploymentStatus::StopRequested,
        StopType::Rollback if target.is_none() => {
            return Err(conflict("There is no earlier service revision to roll back to."));
        }
        StopType::Rollback => ServiceDeploymentStatus::RollbackRequested,
    };
    let what = if how == StopType::Abort { "stopped" } else { "rolled back" };
    record.status_reason = Some(format!("Service deployment {what} because it was stopped by a user."));
    record.updated_at = now;
    Ok(())
}

/// `ContinueServiceDeployment` at the world's present moment: answers one pause.
///
/// # Errors
/// `ServiceDeploymentNotFoundException`, `InvalidParameterException` (no such hook), `ClientException` (the hook
/// awaits no action any more).
pub fn continue_deployment(
    world: &mut World,
    arn: &str,
    hook_id: &str,
    action: HookAction,
) -> Result<(), ApiError> {
    let now = world.now;
    let service = owner(world, arn)?;
    let unknown = || ApiError::new("InvalidParameterException", "The specified hookId was not found.");
    let record = record(service, arn).ok_or_else(unknown)?;
    let in_progress = record.status == ServiceDeploymentStatus::InProgress;
    let hook = record.hooks.iter_mut().find(|hook| hook.id == hook_id).ok_or_else(unknown)?;
    if hook.status != HookStatus::AwaitingAction || hook.expires_at <= now || !in_progress {
        return Err(ApiError::new("ClientException", "The lifecycle hook is not awaiting an action."));
    }
    hook.status = match action {
        HookAction::Continue => HookStatus::Succeeded,
        HookAction::Rollback => HookStatus::Failed,
    };
    record.updated_at = now;
    Ok(())
}

/// The service that a service deployment belongs to.
fn owner<'a>(world: &'a mut World, arn: &str) -> Result<&'a mut Service, ApiError> {
    let mut services = world.ecs.services.iter_mut();
    services.find(|each| each.service_deployment(arn).is_some()).ok_or_else(|| {
        ApiError::new("ServiceDeploymentNotFoundException", "The service deployment was not found.")
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::behaviour::advance;
    use crate::behaviour::ecs::update_service::{ServiceChange, update_service};
    use crate::{Scenario, build_account};

    fn world() -> World {
        let start = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
        build_account(Scenario::Steady, 3, start)
    }

    fn later(world: &mut World, seconds: i64) {
        let to = world.now + TimeDelta::seconds(seconds);
        advance(world, to);
    }

    #[test]
    fn a_stopped_task_is_replaced_and_counts_as_no_failure() {
        let mut world = world();
        let task = world.ecs.services[0].tasks.iter().find(|each| each.is_running()).expect("one runs");
        let id = task.id.clone();
        let (index, position) =
            stop_task(&mut world, "party-box", &id, Some("it leaks")).expect("is accepted");
        let stopped = &world.ecs.services[index].tasks[position];
        assert_eq!(stopped.stop_code, Some("UserInitiated"));
        assert_eq!(stopped.stopped_reason.as_deref(), Some("it leaks"));
        assert!(!stopped.is_wanted());
        later(&mut world, 600);
        let service = &world.ecs.services[index];
        assert_eq!(service.running_count(), service.desired_count);
        assert!(service.tasks.iter().all(|each| each.id != id || each.stopped_at.is_some()));
        assert_eq!(service.deployments[0].failed_tasks, 0);
        assert!(stop_task(&mut world, "party-box", "nothing", None).is_err());
    }

    #[test]
    fn a_deployment_under_way_rolls_back_and_an_ended_one_cannot() {
        let mut world = world();
        let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
        let index = update_service(&mut world, "party-box", "backend", &change).expect("is accepted");
        let arn = world.ecs.services[index].service_deployments[0].arn.clone();
        later(&mut world, 40);
        stop_deployment(&mut world, &arn, StopType::Rollback).expect("is accepted");
        let again =
            stop_deployment(&mut world, &arn, StopType::Rollback).expect_err("it is rolling back already");
        assert_eq!(again.code, "ConflictException");
        later(&mut world, 900);
        let service = &world.ecs.services[index];
        assert_eq!(service.service_deployments[0].status, ServiceDeploymentStatus::RollbackSuccessful);
        assert_eq!(service.deployments.len(), 1);
        assert_eq!(service.running_count(), service.desired_count);
        let unknown = stop_deployment(&mut world, "arn:nothing", StopType::Rollback).expect_err("unknown");
        assert_eq!(unknown.code, "ServiceDeploymentNotFoundException");
    }

    #[test]
    fn an_image_that_does_not_exist_never_runs() {
        let mut world = world();
        let mut definition = world.ecs.task_definition("party-box-backend").expect("exists").clone();
        definition.revision += 1;
        definition.arn = world.account.arn("ecs", &format!("task-definition/{}", definition.name()));
        definition.container.image.push_str("-not-pushed");
        let change =
            ServiceChange { task_definition: Some(definition.arn.clone()), ..ServiceChange::default() };
        world.ecs.task_definitions.push(definition);
        let index = update_service(&mut world, "party-box", "backend", &change).expect("is accepted");
        later(&mut world, 60);
        let failed: Vec<_> = world.ecs.services[index]
            .tasks
            .iter()
            .filter(|each| each.stop_code == Some("TaskFailedToStart"))
            .collect();
        assert!(!failed.is_empty());
        for task in failed {
            let reason = task.stopped_reason.as_deref().expect("a reason");
            assert!(reason.starts_with("CannotPullContainerError: "), "{reason}");
            assert_eq!(task.started_at, None);
        }
        later(&mut world, 900);
        let service = &world.ecs.services[index];
        assert_eq!(service.service_deployments[0].status, ServiceDeploymentStatus::RollbackSuccessful);
        assert_eq!(service.running_count(), service.desired_count);
    }
}
