//! The deployments of the past weeks, which `ListServiceDeployments` still lists.
use chrono::TimeDelta;

use super::{Time, fixed_hex};
use crate::world::World;
use crate::world::ecs::{
    AlarmWatch, Breaker, DeploymentConfiguration, Monitor, Rollback, ServiceDeployment,
    ServiceDeploymentStatus, ServiceRevision, Stage, Strategy, TaskDefinition,
};
use crate::world::rng::{Rng, stream_of};

/// A past deployment.
pub(super) struct Past<'a> {
    /// `CLUSTER/SERVICE`.
    pub(super) path: &'a str,
    /// When it began.
    pub(super) at: Time,
    /// What it rolled out.
    pub(super) revision: &'a ServiceRevision,
    /// What it replaced.
    pub(super) source: Option<String>,
    /// How.
    pub(super) configuration: &'a DeploymentConfiguration,
    /// Seconds that it took.
    pub(super) seconds: i64,
}

/// A revision of a past deployment.
pub(super) fn revision(
    world: &World,
    path: &str,
    definition: &TaskDefinition,
    at: Time,
    number: &str,
    group: &str,
) -> ServiceRevision {
    let image = definition.container.image.clone();
    // Images older than the repository keeps are known by their digest alone.
    let digest = world.ecr.resolve(&image).map(|it| it.digest.clone());
    ServiceRevision {
        arn: world.account.arn("ecs", &format!("service-revision/{path}/{number}")),
        task_definition: definition.arn.clone(),
        container_name: definition.container.name.clone(),
        image_digest: digest.unwrap_or_else(|| format!("sha256:{}", fixed_hex(&image, 64))),
        image,
        target_group_arn: group.to_owned(),
        created_at: at,
    }
}

/// A past deployment that succeeded, with this id.
pub(super) fn succeeded(world: &World, past: &Past<'_>, id: &str) -> ServiceDeployment {
    let finished = past.at + TimeDelta::seconds(past.seconds);
    let configuration = past.configuration.clone();
    ServiceDeployment {
        arn: world.account.arn("ecs", &format!("service-deployment/{}/{id}", past.path)),
        created_at: past.at,
        started_at: Some(past.at),
        finished_at: Some(finished),
        stopped_at: None,
        updated_at: finished,
        status: ServiceDeploymentStatus::Successful,
        status_reason: None,
        lifecycle_stage: Stage::CleanUp,
        stage_since: finished,
        shifted: (100, finished),
        hooks: Vec::new(),
        target_revision: past.revision.arn.clone(),
        source_revisions: past.source.iter().cloned().collect(),
        rollback: None,
        breaker: Breaker {
            status: Monitor::begin(configuration.breaker).over(),
            failure_count: 0,
            threshold: 3,
        },
        alarms: AlarmWatch {
            status: Monitor::begin(configuration.alarms.as_ref().is_some_and(|alarms| alarms.enable)).over(),
            triggered: Vec::new(),
        },
        configuration,
    }
}

/// Turns a past deployment into one that the circuit breaker rolled back.
pub(super) fn rolled_back(deployment: &mut ServiceDeployment, to: &str) {
    let reason = "Service deployment rolled back because the circuit breaker threshold was exceeded.";
    let started_at = deployment.created_at + TimeDelta::seconds(214);
    deployment.status = ServiceDeploymentStatus::RollbackSuccessful;
    deployment.status_reason = Some(reason.to_owned());
    deployment.breaker.status = Monitor::Triggered;
    deployment.breaker.failure_count = 4;
    deployment.rollback =
        Some(Rollback { reason: reason.to_owned(), started_at, revision_arn: to.to_owned() });
}

/// A random sequence for the history alone, so that its length does not change later draws.
pub(super) fn draws(world: &World, service: &str) -> Rng {
    Rng::new(world.seed ^ stream_of(&format!("history of {service}")))
}

/// The usual duration of a deployment without failures: the tasks' start, a health check, the end of the old
/// tasks with the seconds for which it waits for their draining, and the waits of a blue/green one.
pub(super) fn usual_seconds(rng: &mut Rng, configuration: &DeploymentConfiguration, drain: u32) -> i64 {
    let waits = match configuration.strategy {
        Strategy::Rolling => 0,
        // Somebody had a look at the test traffic before continuing.
        Strategy::BlueGreen => i64::from(configuration.bake_minutes) * 60 + 60 + rng.between(45, 400),
        Strategy::Linear | Strategy::Canary => {
            let paused = configuration.steps.map_or(0, |steps| match configuration.strategy {
                Strategy::Linear => (100_u32.div_ceil(steps.percent.max(1)) - 1) * steps.bake_minutes,
                _ => steps.bake_minutes,
            });
            i64::from(configuration.bake_minutes + paused) * 60 + 60 + rng.between(0, 20)
        }
    };
    rng.between(48, 72) + i64::from(drain) + waits
}
