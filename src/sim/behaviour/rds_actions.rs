//! What a request may do to a database.
use super::Refused;
use crate::sim::world::World;

/// `RebootDBInstance` at the world's present moment. Returns the index in `Rds::instances`.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidDBInstanceState`, `InvalidParameterCombination`.
pub fn reboot_db_instance(world: &mut World, id: &str, force_failover: bool) -> Result<usize, Refused> {
    let _ = (world, id, force_failover);
    Err(Refused::new("InternalFailure", "not yet"))
}
