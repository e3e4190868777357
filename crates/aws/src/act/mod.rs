//! The requests that change something. Each first reads again what its plan was made from, then sends one
//! request without a retry: none of these calls takes an idempotency token, so a second attempt could do the
//! change twice.

mod cluster;
#[cfg(test)]
mod cluster_tests;
mod deploy;
mod mutation_result;
mod range;
mod register;
mod rollout;
#[cfg(test)]
mod tests;

use super::client::action_timeouts;
use super::convert::count;
use super::error::refuse;
use super::query_protocol::parameter;
use super::{Aws, ecs, rds};
use aws_config::retry::RetryConfig;
use aws_sdk_ecs::config::retry::RetryPartition;
use mutation_result::{mark_not_sent, take_mutation_answer, take_signed_answer};
use partybox_core::domain::{CallError, Database, Service};
use partybox_core::operation::{Accepted, Action};

const SCALE: &str = "ecs:UpdateService";
const FAILOVER: &str = "rds:RebootDBInstance";

/// Carries out an action: checks its preconditions against AWS, then sends its one request. An error says why
/// it was not sent.
pub(super) async fn act(aws: &Aws, action: &Action) -> Result<Accepted, CallError> {
    if aws.read_only {
        let message = "This session is read-only: nothing is changed.".to_owned();
        return Err(refuse(action.call(), message));
    }
    match action {
        Action::Scale { cluster, service, from, to } => scale(aws, cluster, service, *from, *to).await,
        Action::Redeploy { cluster, service, primary } => redeploy(aws, cluster, service, primary).await,
        Action::Deploy { cluster, service, primary, from, container, image } => {
            let revision = deploy::Revision { from, container, image };
            deploy::deploy(aws, cluster, service, primary, &revision).await
        }
        Action::Revert { cluster, service, primary, to } => {
            deploy::revert(aws, cluster, service, primary, to).await
        }
        Action::StopRollout { deployment, .. } => rollout::stop(aws, deployment).await,
        Action::Continue { deployment, hook, go_on, .. } => {
            rollout::go_on(aws, deployment, hook, *go_on).await
        }
        Action::StopTask { cluster, service, task } => rollout::stop_task(aws, cluster, service, task).await,
        Action::Range { cluster, service, from, to } => {
            range::set(aws, &format!("service/{cluster}/{service}"), *from, *to).await
        }
        Action::Failover { database, zone } => failover(aws, database, zone.as_deref()).await,
        Action::FailoverCluster { cluster, writer, to } => {
            cluster::failover(aws, cluster, writer, to.as_deref()).await
        }
    }
}

async fn scale(aws: &Aws, cluster: &str, name: &str, from: u32, to: u32) -> Result<Accepted, CallError> {
    let service = service_now(aws, cluster, name).await?;
    if let Some(why) = service.fixed_count() {
        return Err(refuse(SCALE, format!("Not sent: {why}.")));
    }
    if service.desired != from {
        let now = service.desired;
        let message = format!(
            "Not sent: {name} now wants {now} tasks, not {from} as when this was planned. Look again and plan anew."
        );
        return Err(refuse(SCALE, message));
    }
    let desired = i32::try_from(to)
        .map_err(|_| refuse(SCALE, format!("Not sent: {to} tasks are more than ECS can count.")))?;
    let call = ecs_once(aws).update_service().cluster(cluster).service(name).desired_count(desired);
    let answer = take_mutation_answer(aws, SCALE, call.send().await)?;
    Ok(Accepted::Scaled(answer.service.map_or(to, |service| count(service.desired_count))))
}

async fn redeploy(aws: &Aws, cluster: &str, name: &str, primary: &str) -> Result<Accepted, CallError> {
    still_primary(aws, cluster, name, primary).await?;
    let call = ecs_once(aws).update_service().cluster(cluster).service(name).force_new_deployment(true);
    let answer = take_mutation_answer(aws, SCALE, call.send().await)?;
    Ok(Accepted::Redeployed(answer.service.and_then(|service| new_primary(service, primary))))
}

/// Reads the service again. It must be one whose deployments ECS makes, and the deployment that the plan was
/// made from must still be the newest.
async fn still_primary(aws: &Aws, cluster: &str, name: &str, primary: &str) -> Result<Service, CallError> {
    let service = service_now(aws, cluster, name).await?;
    if let Some(why) = service.deployed_elsewhere() {
        return Err(refuse(SCALE, format!("Not sent to {name}: {why}.")));
    }
    let now = service.primary().map(|deployment| deployment.id.as_str());
    if now != Some(primary) {
        let now = now.unwrap_or("none");
        let message = format!(
            "Not sent: another deployment of {name} has begun since this was planned ({now} instead of {primary}). Look again and plan anew."
        );
        return Err(refuse(SCALE, message));
    }
    Ok(service)
}

/// The id of the deployment that an answer to `UpdateService` made. An answer that still shows the old one
/// means only that the new one is not listed yet.
fn new_primary(answer: aws_sdk_ecs::types::Service, old: &str) -> Option<String> {
    let service = ecs::service(answer);
    service.primary().map(|deployment| deployment.id.clone()).filter(|id| id != old)
}

async fn failover(aws: &Aws, id: &str, zone: Option<&str>) -> Result<Accepted, CallError> {
    let database = database_now(aws, id).await?;
    let message = if database.status != "available" {
        format!("Not sent: {id} is {}, and only a database that is available can fail over.", database.status)
    } else if !database.multi_az {
        format!("Not sent: {id} has no standby in another zone (Multi-AZ is off).")
    } else if zone.is_some() && database.zone.as_deref() != zone {
        format!(
            "Not sent: the writer of {id} is now in {}, not in {} as when this was planned. Look again and plan anew.",
            database.zone.as_deref().unwrap_or("an unknown zone"),
            zone.unwrap_or_default()
        )
    } else {
        let parameters = vec![parameter("DBInstanceIdentifier", id), parameter("ForceFailover", &true)];
        let answer = take_signed_answer(aws, aws.rds().send_once(FAILOVER, &parameters).await)?;
        let status = answer.text_at(&["DBInstance", "DBInstanceStatus"]);
        return Ok(Accepted::FailoverAccepted(status));
    };
    Err(refuse(FAILOVER, message))
}

/// A client whose calls are made once. It has a retry partition of its own, so that retried reads cannot use
/// up its retry budget.
fn ecs_once(aws: &Aws) -> aws_sdk_ecs::Client {
    let config = aws_sdk_ecs::config::Builder::from(&aws.shared.config)
        .retry_config(RetryConfig::disabled())
        .retry_partition(RetryPartition::new("partybox-top-actions"))
        .timeout_config(action_timeouts())
        .build();
    aws_sdk_ecs::Client::from_conf(config)
}

async fn service_now(aws: &Aws, cluster: &str, name: &str) -> Result<Service, CallError> {
    let found = ecs::one_service(aws, cluster, name).await.map_err(mark_not_sent)?;
    found.filter(|service| service.status == "ACTIVE" || service.status.is_empty()).ok_or_else(|| {
        refuse(SCALE, format!("Not sent: there is no active service {name} in {cluster} any more."))
    })
}

async fn database_now(aws: &Aws, id: &str) -> Result<Database, CallError> {
    let parameters = vec![parameter("DBInstanceIdentifier", id)];
    let answer = aws.rds().read("rds:DescribeDBInstances", &parameters).await.map_err(mark_not_sent)?;
    let mut found = answer.list("DBInstances").map(rds::database);
    found
        .find(|database| database.id == id)
        .ok_or_else(|| refuse(FAILOVER, format!("Not sent: there is no database {id} any more.")))
}
