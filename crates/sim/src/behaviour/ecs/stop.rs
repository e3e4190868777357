//! Requests that stop a task or change a deployment under way.
use super::rollback::completed_before;
use super::task_life;
use crate::protocol::error::ApiError;
use crate::world::World;
use crate::world::ecs::{HookAction, HookStatus, Service, ServiceDeploymentStatus, ServiceId, Task};

/// `StopTask` at the world's present moment: the container is told to end at once, and the service soon starts
/// another task in its place. Returns the service and the index of the task in its tasks.
///
/// # Errors
/// `ClusterNotFoundException`, `InvalidParameterException` (no such task).
pub fn stop_task(
    world: &mut World,
    cluster: &str,
    task: &str,
    reason: Option<&str>,
) -> Result<(ServiceId, usize), ApiError> {
    let cluster = world
        .ecs
        .cluster(cluster)
        .map(|it| it.arn.clone())
        .ok_or_else(|| ApiError::new("ClusterNotFoundException", "Cluster not found."))?;
    let mut services = world.ecs.service_ids().filter(|id| world.service(*id).cluster_arn == cluster);
    let (service_id, position) = services
        .find_map(|service_id| {
            let own = |each: &Task| each.arn == task || each.id == task;
            Some((service_id, world.service(service_id).tasks.iter().position(own)?))
        })
        .ok_or_else(|| ApiError::new("InvalidParameterException", "The referenced task was not found."))?;
    if world.service(service_id).tasks[position].is_wanted() {
        task_life::stop_at_once(world, service_id, position, reason.unwrap_or("Task stopped by user"));
        world.service_mut(service_id).scheduler.steady_since = None;
    }
    Ok((service_id, position))
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
/// `ServiceDeploymentNotFoundException`, `ConflictException` (it has ended, or there is nothing to return
/// to).
pub fn stop_deployment(world: &mut World, arn: &str, how: StopType) -> Result<(), ApiError> {
    let now = world.now;
    let service = owner(world, arn)?;
    let conflict = |message: &str| ApiError::new("ConflictException", message);
    let target = completed_before(service);
    let record = service
        .service_deployment_mut(arn)
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
/// `ServiceDeploymentNotFoundException`, `InvalidParameterException` (no such hook), `ClientException` (the
/// hook awaits no action any more).
pub fn continue_deployment(
    world: &mut World,
    arn: &str,
    hook_id: &str,
    action: HookAction,
) -> Result<(), ApiError> {
    let now = world.now;
    let service = owner(world, arn)?;
    let unknown = || ApiError::new("InvalidParameterException", "The specified hookId was not found.");
    let record = service.service_deployment_mut(arn).ok_or_else(unknown)?;
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
