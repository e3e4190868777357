//! The failover of a DB cluster.

use super::super::error::refuse;
use super::super::query_protocol::parameter;
use super::super::{Aws, rds};
use super::mutation_result::{mark_not_sent, take_signed_answer};
use partybox_core::domain::{CallError, DbCluster};
use partybox_core::operation::Accepted;

const FAILOVER: &str = "rds:FailoverDBCluster";

/// Sends `FailoverDBCluster`. The cluster is read once more before: the writer that the plan names must still
/// be the writer.
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
        let mut parameters = vec![parameter("DBClusterIdentifier", id)];
        parameters.extend(to.map(|to| parameter("TargetDBInstanceIdentifier", to)));
        let answer = take_signed_answer(aws, aws.rds().send_once(FAILOVER, &parameters).await)?;
        let status = answer.text_at(&["DBCluster", "Status"]);
        return Ok(Accepted::FailoverAccepted(status));
    };
    Err(refuse(FAILOVER, message))
}

async fn cluster_now(aws: &Aws, id: &str) -> Result<DbCluster, CallError> {
    let parameters = vec![parameter("DBClusterIdentifier", id)];
    let answer = aws.rds().read("rds:DescribeDBClusters", &parameters).await.map_err(mark_not_sent)?;
    let mut found = answer.list("DBClusters").map(rds::cluster);
    found
        .find(|cluster| cluster.id == id)
        .ok_or_else(|| refuse(FAILOVER, format!("Not sent: there is no DB cluster {id} any more.")))
}
