//! Requests that change a database.
use super::clusters;
use super::rds::{self, Why};
use crate::protocol::error::ApiError;
use crate::world::rds::{ClusterStatus, DbStatus};
use crate::world::{Time, World};

/// `RebootDBInstance`, answered at `at` within the world's present second. Returns the index in
/// `Rds::instances`.
///
/// A second failover within five minutes is accepted, as AWS does, and then abandoned with an event.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidDBInstanceState`.
pub fn reboot_db_instance(
    world: &mut World,
    id: &str,
    force_failover: bool,
    at: Time,
) -> Result<usize, ApiError> {
    let index = world
        .rds
        .instances
        .iter()
        .position(|each| each.id.eq_ignore_ascii_case(id))
        .ok_or_else(|| no_instance(id))?;
    let instance = &world.rds.instances[index];
    if instance.status != DbStatus::Available || (instance.operation.is_some() && !force_failover) {
        return Err(ApiError::new("InvalidDBInstanceState", "Database instance is not in available state."));
    }
    if force_failover && !instance.multi_az {
        return Err(ApiError::new(
            "InvalidDBInstanceState",
            "Cannot force failover because the DB instance is not a Multi-AZ deployment.",
        ));
    }
    if force_failover && rds::would_abandon(world, instance) {
        rds::abandon_failover(world, index, at);
    } else {
        rds::begin_reboot(world, index, if force_failover { Why::Asked(at) } else { Why::Reboot });
    }
    Ok(index)
}

/// `FailoverDBCluster`, answered at `at` within the world's present second: to the named member, else to the
/// reader with the lowest promotion tier. Returns the index in `Rds::clusters`.
///
/// # Errors
/// `DBClusterNotFoundFault`, `DBInstanceNotFound`, `InvalidDBClusterStateFault`, `InvalidDBInstanceState`.
pub fn failover_db_cluster(
    world: &mut World,
    id: &str,
    target: Option<&str>,
    at: Time,
) -> Result<usize, ApiError> {
    let known = world.rds.clusters.iter().position(|each| each.id.eq_ignore_ascii_case(id) || each.arn == id);
    let index = known.ok_or_else(|| {
        ApiError::new("DBClusterNotFoundFault", format!("DBCluster {id} not found.")).with_status(404)
    })?;
    let cluster = &world.rds.clusters[index];
    if cluster.status != ClusterStatus::Available || cluster.operation.is_some() {
        let message = format!("Cluster {} is not in available state.", cluster.id);
        return Err(ApiError::new("InvalidDBClusterStateFault", message));
    }
    let to = match target {
        None => clusters::promotion_candidate(world, cluster).ok_or_else(|| {
            let message = format!("Cluster {} has no reader that could be promoted.", cluster.id);
            ApiError::new("InvalidDBClusterStateFault", message)
        })?,
        Some(target) => {
            let instance = world.rds.instance(target).ok_or_else(|| no_instance(target))?;
            let refuse = |why: &str| {
                let message = format!("Cannot failover to DB instance {}: {why}.", instance.id);
                Err(ApiError::new("InvalidDBInstanceState", message))
            };
            if !cluster.has(&instance.id) {
                return refuse(&format!("it is not a member of cluster {}", cluster.id));
            }
            if cluster.writer() == Some(&instance.id) {
                return refuse("it is already the writer");
            }
            if instance.status != DbStatus::Available || instance.operation.is_some() {
                return refuse("it is not in available state");
            }
            instance.id.clone()
        }
    };
    let writer = cluster.writer().and_then(|id| world.rds.instance(id));
    if writer.is_some_and(|writer| writer.status != DbStatus::Available || writer.operation.is_some()) {
        let message = "The writer of the cluster is not in available state.";
        return Err(ApiError::new("InvalidDBInstanceState", message));
    }
    clusters::begin_failover(world, index, to, at);
    Ok(index)
}

fn no_instance(id: &str) -> ApiError {
    ApiError::new("DBInstanceNotFound", format!("DBInstance {id} not found.")).with_status(404)
}
