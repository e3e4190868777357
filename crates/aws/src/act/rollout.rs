//! Changes to a running rollout: roll back, continue after a hook, stop one task.

use super::super::error::{IntoCallError, refuse};
use super::super::{Aws, deploys, ecs};
use super::ecs_once;
use super::mutation_result::{mark_not_sent, take_mutation_answer};
use aws_sdk_ecs::types::{DeploymentLifecycleHookAction, StopServiceDeploymentStopType};
use partybox_core::domain::{CallError, ServiceDeployment, short};
use partybox_core::operation::Accepted;

const STOP: &str = "ecs:StopServiceDeployment";
const CONTINUE: &str = "ecs:ContinueServiceDeployment";
const STOP_TASK: &str = "ecs:StopTask";

/// The `stoppedReason` that a stopped task gets.
const REASON: &str = "stopped by partybox-top";

/// `StopServiceDeployment` with `stopType` ROLLBACK, which ECS takes only while the deployment is PENDING or
/// `IN_PROGRESS`.
pub(super) async fn stop(aws: &Aws, arn: &str) -> Result<Accepted, CallError> {
    let deployment = deployment_now(aws, arn, STOP).await?;
    if !matches!(deployment.status.as_str(), "PENDING" | "IN_PROGRESS") {
        let message = format!(
            "Not sent: the rollout {} is {} now, and only one that is pending or in progress can be rolled back.",
            deployment.id(),
            deployment.status
        );
        return Err(refuse(STOP, message));
    }
    let call = ecs_once(aws)
        .stop_service_deployment()
        .service_deployment_arn(arn)
        .stop_type(StopServiceDeploymentStopType::Rollback);
    take_mutation_answer(aws, STOP, call.send().await)?;
    Ok(Accepted::Asked)
}

/// `ContinueServiceDeployment` of a hook that waits: continue, or roll back.
pub(super) async fn go_on(aws: &Aws, arn: &str, hook: &str, on: bool) -> Result<Accepted, CallError> {
    let deployment = deployment_now(aws, arn, CONTINUE).await?;
    let status = deployment
        .hooks
        .iter()
        .find(|known| known.id.as_deref() == Some(hook))
        .map(|known| known.status.as_deref().unwrap_or("in no known state"));
    if status != Some("AWAITING_ACTION") {
        let message = format!(
            "Not sent: the rollout {} does not wait at this hook any more ({}).",
            deployment.id(),
            status.unwrap_or("the hook is gone")
        );
        return Err(refuse(CONTINUE, message));
    }
    let action =
        if on { DeploymentLifecycleHookAction::Continue } else { DeploymentLifecycleHookAction::Rollback };
    let call =
        ecs_once(aws).continue_service_deployment().service_deployment_arn(arn).hook_id(hook).action(action);
    take_mutation_answer(aws, CONTINUE, call.send().await)?;
    Ok(Accepted::Asked)
}

/// `StopTask` of a running task of the service.
pub(super) async fn stop_task(
    aws: &Aws,
    cluster: &str,
    service: &str,
    id: &str,
) -> Result<Accepted, CallError> {
    let call = aws.ecs().describe_tasks().cluster(cluster).tasks(id);
    let answer = call.send().await.for_action("ecs:DescribeTasks").map_err(mark_not_sent)?;
    let found = answer.tasks.unwrap_or_default().into_iter().map(ecs::task).find(|task| task.id == short(id));
    let group = format!("service:{service}");
    let message = match found {
        None => format!("Not sent: there is no task {id} any more."),
        Some(task) if !task.group.is_empty() && task.group != group => {
            format!("Not sent: the task {id} is of {}, not of {service}.", task.group)
        }
        Some(task) if task.desired_status != "RUNNING" || task.last_status == "STOPPED" => {
            format!("Not sent: the task {id} is stopping or stopped already ({}).", task.last_status)
        }
        Some(_) => {
            let call = ecs_once(aws).stop_task().cluster(cluster).task(id).reason(REASON);
            take_mutation_answer(aws, STOP_TASK, call.send().await)?;
            return Ok(Accepted::Stopping);
        }
    };
    Err(refuse(STOP_TASK, message))
}

async fn deployment_now(aws: &Aws, arn: &str, action: &str) -> Result<ServiceDeployment, CallError> {
    let found = deploys::described(aws, vec![arn.to_owned()]).await.map_err(mark_not_sent)?;
    found
        .into_iter()
        .find(|deployment| deployment.arn == arn)
        .ok_or_else(|| refuse(action, format!("Not sent: there is no rollout {} any more.", short(arn))))
}
