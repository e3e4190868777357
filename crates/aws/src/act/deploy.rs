//! Deploys another revision to a service: a new one that differs in one image, or an earlier one.

use super::super::Aws;
use super::super::error::refuse;
use super::mutation_result::{mark_not_sent, take_mutation_answer};
use super::register::{copy_with_image, definition_as_it_is, register};
use super::{SCALE, ecs_once, new_primary, still_primary};
use partybox_core::domain::{CallError, short};
use partybox_core::operation::Accepted;

/// The revision to register.
pub(super) struct Revision<'a> {
    /// Task definition ARN that is copied.
    pub(super) from: &'a str,
    /// The container whose image changes.
    pub(super) container: &'a str,
    /// The image that it gets.
    pub(super) image: &'a str,
}

/// `RegisterTaskDefinition` of the copy, then `UpdateService` with it.
pub(super) async fn deploy(
    aws: &Aws,
    cluster: &str,
    name: &str,
    primary: &str,
    revision: &Revision<'_>,
) -> Result<Accepted, CallError> {
    still_primary(aws, cluster, name, primary).await?;
    let from = definition_as_it_is(aws, revision.from).await.map_err(mark_not_sent)?;
    let copy = copy_with_image(from, revision.container, revision.image).map_err(|why| {
        refuse("ecs:RegisterTaskDefinition", format!("Not sent: {} {why}.", short(revision.from)))
    })?;
    let registered = register(aws, copy).await?;
    match update(aws, cluster, name, primary, &registered).await {
        Ok(deployment) => Ok(Accepted::Deployed { deployment, registered: Some(registered) }),
        Err(mut error) => {
            // The error names the revision, since it exists now and no service uses it.
            error.message =
                format!("{} ({} was registered)", error.message.trim_end_matches('.'), short(&registered));
            Err(error)
        }
    }
}

/// Sends `UpdateService` with an earlier revision.
pub(super) async fn revert(
    aws: &Aws,
    cluster: &str,
    name: &str,
    primary: &str,
    to: &str,
) -> Result<Accepted, CallError> {
    let service = still_primary(aws, cluster, name, primary).await?;
    if service.primary().is_some_and(|deployment| deployment.task_definition == to) {
        let message = format!("Not sent: {} is what {name} deploys already.", short(to));
        return Err(refuse(SCALE, message));
    }
    let deployment = update(aws, cluster, name, primary, to).await?;
    Ok(Accepted::Deployed { deployment, registered: None })
}

/// Changes the task definition and nothing else. Returns the new PRIMARY deployment's id when the answer
/// shows it.
async fn update(
    aws: &Aws,
    cluster: &str,
    name: &str,
    primary: &str,
    definition: &str,
) -> Result<Option<String>, CallError> {
    let call = ecs_once(aws).update_service().cluster(cluster).service(name).task_definition(definition);
    let answer = take_mutation_answer(aws, SCALE, call.send().await)?;
    Ok(answer.service.and_then(|service| new_primary(service, primary)))
}
