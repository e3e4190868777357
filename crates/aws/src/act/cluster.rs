//! The failover of a DB cluster.

use super::super::error::{IntoCallError, refuse};
use super::super::{Aws, rds};
use super::{action_timeouts, mark_not_sent, once, take_mutation_answer};
use aws_config::retry::RetryConfig;
use aws_sdk_ecs::config::retry::RetryPartition;
use partybox_core::domain::{CallError, DbCluster};
use partybox_core::operation::Accepted;

const FAILOVER: &str = "rds:FailoverDBCluster";

/// `FailoverDBCluster`, once the cluster was looked at again: the planned writer must still write.
pub(super) async fn failover(
    aws: &Aws,
    id: &str,
    writer: &str,
    to: Option<&str>,
) -> Result<Accepted, CallError> {
    let cluster = cluster_now(aws, id).await?;
    let now = cluster.members.iter().find(|m| m.writer).map(|m| m.instance.as_str());
    let reader = |id: &str| cluster.members.iter().any(|m| !m.writer && m.instance == id);
    let message = if cluster.status != "available" {
        format!("Not sent: {id} is {}, and only a cluster that is available can fail over.", cluster.status)
    } else if now != Some(writer) {
        format!(
            "Not sent: the writer of {id} is {} now, not {writer} as when this was planned. Look again and plan anew.",
            now.unwrap_or("no member")
        )
    } else if cluster.members.len() < 2 {
        format!("Not sent: {id} has no reader that could become its writer.")
    } else if let Some(to) = to.filter(|to| !reader(to)) {
        format!("Not sent: {to} is no reader of {id}.")
    } else {
        let client = once!(aws_sdk_rds, aws);
        let call = client
            .failover_db_cluster()
            .db_cluster_identifier(id)
            .set_target_db_instance_identifier(to.map(str::to_owned));
        let answer = take_mutation_answer(aws, FAILOVER, call.send().await)?;
        let status = answer.db_cluster.and_then(|cluster| cluster.status);
        return Ok(Accepted::FailoverAccepted(status.unwrap_or_default()));
    };
    Err(refuse(FAILOVER, message))
}

async fn cluster_now(aws: &Aws, id: &str) -> Result<DbCluster, CallError> {
    let call = aws.rds().describe_db_clusters().db_cluster_identifier(id);
    let answer = call.send().await.for_action("rds:DescribeDBClusters").map_err(mark_not_sent)?;
    let mut found = answer.db_clusters.unwrap_or_default().into_iter().map(rds::cluster);
    found
        .find(|cluster| cluster.id == id)
        .ok_or_else(|| refuse(FAILOVER, format!("Not sent: there is no DB cluster {id} any more.")))
}
