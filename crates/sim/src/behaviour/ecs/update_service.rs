//! `UpdateService`.
use super::deployments;
use crate::protocol::error::ApiError;
use crate::world::World;
use crate::world::ecs::{DeploymentConfiguration, Runs, ServiceId, ServiceSettings};

/// The changes of an `UpdateService` request. `None` leaves a setting as it is.
#[derive(Debug, Clone, Default)]
pub struct ServiceChange {
    /// How many tasks are wanted. Alone, it makes no deployment.
    pub desired_count: Option<u32>,
    /// A task definition: ARN, `family:revision` or family.
    pub task_definition: Option<String>,
    /// Whether to start a new deployment without any other change.
    pub force_new_deployment: bool,
    /// The deployment configuration.
    pub configuration: Option<DeploymentConfiguration>,
    /// The settings beside.
    pub settings: Option<ServiceSettings>,
    /// Seconds for which health checks cannot stop a new task.
    pub health_check_grace_seconds: Option<u32>,
}

/// The greatest desired count of a service (an AWS quota).
const MOST_TASKS: u32 = 5_000;

/// `UpdateService` at the world's present moment. Returns the service.
///
/// # Errors
/// `ClusterNotFoundException`, `ServiceNotFoundException`, `InvalidParameterException`,
/// `ClientException` (unknown task definition).
pub fn update_service(
    world: &mut World,
    cluster: &str,
    service: &str,
    change: &ServiceChange,
) -> Result<ServiceId, ApiError> {
    let cluster = world
        .ecs
        .cluster(cluster)
        .ok_or_else(|| ApiError::new("ClusterNotFoundException", "Cluster not found."))?;
    let service_id = world
        .ecs
        .find_service(&cluster.arn.clone(), service)
        .ok_or_else(|| ApiError::new("ServiceNotFoundException", "Service not found."))?;
    refuse(&world.service(service_id).runs, change)?;
    let definition = match &change.task_definition {
        None => None,
        Some(name) => {
            let found = world
                .ecs
                .task_definition(name)
                .ok_or_else(|| ApiError::new("ClientException", "Unable to describe task definition."))?;
            if found.deregistered_at.is_some() {
                return Err(ApiError::new("ClientException", "TaskDefinition is inactive"));
            }
            let wanted = &world.service(service_id).load_balancer.container_name;
            if found.container.name != *wanted {
                return Err(ApiError::new(
                    "InvalidParameterException",
                    format!("The container {wanted} does not exist in the task definition."),
                ));
            }
            Some(found.arn.clone())
        }
    };
    if change.desired_count.is_some_and(|desired| desired > MOST_TASKS) {
        return Err(ApiError::new(
            "InvalidParameterException",
            "desiredCount exceeds the limit of 5000 tasks.",
        ));
    }
    if let Some(configuration) = &change.configuration
        && configuration.maximum_percent.max(configuration.minimum_healthy_percent) > 200_000
    {
        return Err(ApiError::new("InvalidParameterException", "Invalid deployment configuration."));
    }
    let state = &mut world.ecs[service_id];
    if let Some(desired) = change.desired_count
        && desired != state.desired_count
    {
        state.desired_count = desired;
        state.scheduler.steady_since = None;
        if let Some(primary) = state.deployments.first_mut() {
            primary.desired_count = desired;
            primary.updated_at = world.now;
        }
    }
    if let Some(configuration) = &change.configuration {
        state.configuration.clone_from(configuration);
    }
    if let Some(grace) = change.health_check_grace_seconds {
        state.health_check_grace_seconds = grace;
    }
    let mut anew = change.force_new_deployment;
    if let Some(settings) = &change.settings {
        // Another platform version is rolled out; the others concern new tasks alone.
        anew |= settings.platform_version != state.settings.platform_version;
        state.settings.clone_from(settings);
    }
    let current = state.task_definition.clone();
    match definition {
        Some(definition) if anew || definition != current => {
            deployments::begin_deployment(world, service_id, &definition);
        }
        _ if anew => deployments::begin_deployment(world, service_id, &current),
        _ => {}
    }
    Ok(service_id)
}

/// What AWS does not let `UpdateService` change, by who deploys the service and how its tasks are counted.
/// The words are AWS's own: fabfuel/ecs-deploy#59 (daemon), kayac/ecspresso#103 (`CodeDeploy`).
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html>
fn refuse(runs: &Runs, change: &ServiceChange) -> Result<(), ApiError> {
    let refused = |text: String| Err(ApiError::new("InvalidParameterException", text));
    let controller = runs.controller;
    if runs.scheduling == "DAEMON" && change.desired_count.is_some() {
        return refused(
            "The daemon scheduling strategy does not support a desired count for services. Remove the desired count \
             value and try again"
                .to_owned(),
        );
    }
    if !runs.by_task_sets() {
        return Ok(());
    }
    let way = if controller == "CODE_DEPLOY" {
        "Use AWS CodeDeploy to trigger a new deployment."
    } else {
        "Create a new task set to trigger a new deployment."
    };
    if change.task_definition.is_some() {
        return refused(format!(
            "Unable to update task definition on services with a {controller} deployment controller. {way}"
        ));
    }
    if change.force_new_deployment {
        return refused(format!(
            "Cannot force a new deployment on services with a {controller} deployment controller. {way}"
        ));
    }
    Ok(())
}
