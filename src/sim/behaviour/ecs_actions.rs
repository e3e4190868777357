//! What a request may do to a service.
use super::Refused;
use crate::sim::world::World;
use crate::sim::world::ecs::DeploymentConfiguration;

/// What `UpdateService` may change. `None` leaves a thing as it is.
#[derive(Debug, Clone, Default)]
pub struct ServiceChange {
    /// How many tasks are wanted. Alone, it makes no deployment.
    pub desired_count: Option<u32>,
    /// A task definition: ARN, `family:revision` or family.
    pub task_definition: Option<String>,
    /// Start the same again.
    pub force_new_deployment: bool,
    /// How to roll.
    pub configuration: Option<DeploymentConfiguration>,
    /// Seconds for which health checks cannot stop a new task.
    pub health_check_grace_seconds: Option<u32>,
}

/// `UpdateService` at the world's present moment. Returns the index of the service in `Ecs::services`.
///
/// # Errors
/// `ClusterNotFoundException`, `ServiceNotFoundException`, `InvalidParameterException`,
/// `ClientException` (unknown task definition).
pub fn update_service(
    world: &mut World,
    cluster: &str,
    service: &str,
    change: &ServiceChange,
) -> Result<usize, Refused> {
    let _ = (world, cluster, service, change);
    Err(Refused::new("ServerException", "not yet"))
}
