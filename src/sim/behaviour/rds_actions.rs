//! What a request may do to a database.
use super::{Refused, rds};
use crate::sim::world::World;
use crate::sim::world::rds::DbStatus;

/// `RebootDBInstance` at the world's present moment. Returns the index in `Rds::instances`.
///
/// A second failover within five minutes is accepted, as AWS does, and then abandoned with an event.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidDBInstanceState`.
pub fn reboot_db_instance(world: &mut World, id: &str, force_failover: bool) -> Result<usize, Refused> {
    let index = world
        .rds
        .instances
        .iter()
        .position(|each| each.id.eq_ignore_ascii_case(id))
        .ok_or_else(|| Refused::new("DBInstanceNotFound", format!("DBInstance {id} not found.")))?;
    let instance = &world.rds.instances[index];
    if instance.status != DbStatus::Available || (instance.operation.is_some() && !force_failover) {
        return Err(Refused::new("InvalidDBInstanceState", "Database instance is not in available state."));
    }
    if force_failover && !instance.multi_az {
        return Err(Refused::new(
            "InvalidDBInstanceState",
            "Cannot force failover because the DB instance is not a Multi-AZ deployment.",
        ));
    }
    if force_failover && rds::failed_over_recently(instance, world.now) {
        rds::abandon(world, index);
    } else {
        rds::begin(world, index, force_failover, rds::REQUESTED);
    }
    Ok(index)
}
