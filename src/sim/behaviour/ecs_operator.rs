//! What an operator may do to a task or to a deployment under way.
use super::{Refused, deployments, ecs};
use crate::sim::world::ecs::{Rollback, RolloutState, Service, ServiceDeploymentStatus, Task};
use crate::sim::world::{DeploymentVerdict, TruthKind, World};

/// `StopTask` at the world's present moment; the service soon starts another in its place. Returns the index of
/// the service in `Ecs::services` and of the task in its tasks.
///
/// # Errors
/// `ClusterNotFoundException`, `InvalidParameterException` (no such task).
pub fn stop_task(
    world: &mut World,
    cluster: &str,
    task: &str,
    reason: Option<&str>,
) -> Result<(usize, usize), Refused> {
    let cluster = world
        .ecs
        .cluster(cluster)
        .map(|it| it.arn.clone())
        .ok_or_else(|| Refused::new("ClusterNotFoundException", "Cluster not found."))?;
    let mut services = world.ecs.services.iter().enumerate().filter(|(_, each)| each.cluster_arn == cluster);
    let (index, position) = services
        .find_map(|(index, service)| {
            let own = |each: &Task| each.arn == task || each.id == task;
            Some((index, service.tasks.iter().position(own)?))
        })
        .ok_or_else(|| Refused::new("InvalidParameterException", "The referenced task was not found."))?;
    if world.ecs.services[index].tasks[position].is_wanted() {
        ecs::drain(world, index, &[position], reason.unwrap_or("Task stopped by user"));
        let service = &mut world.ecs.services[index];
        service.tasks[position].stop_code = Some("UserInitiated");
        service.scheduler.steady_since = None;
    }
    Ok((index, position))
}

/// `StopServiceDeployment` with `stopType` ROLLBACK at the world's present moment: returns to the revision that was
/// last rolled out successfully.
///
/// # Errors
/// `ServiceDeploymentNotFoundException`, `ConflictException` (it has ended, or there is nothing to return to).
pub fn roll_back_deployment(world: &mut World, arn: &str) -> Result<(), Refused> {
    let now = world.now;
    let has = |each: &Service| each.service_deployments.iter().any(|record| record.arn == arn);
    let index = world.ecs.services.iter().position(has).ok_or_else(|| {
        Refused::new("ServiceDeploymentNotFoundException", "The service deployment was not found.")
    })?;
    let service = &mut world.ecs.services[index];
    let conflict = |message: &str| Refused::new("ConflictException", message);
    let target = deployments::completed_before(service);
    let record = deployments::record(service, arn)
        .filter(|record| record.status == ServiceDeploymentStatus::InProgress)
        .ok_or_else(|| conflict("The service deployment is not in a state that can be stopped."))?;
    let target = target.ok_or_else(|| conflict("There is no earlier service revision to roll back to."))?;
    record.status = ServiceDeploymentStatus::RollbackInProgress;
    record.status_reason = Some("The service deployment was stopped by a user.".to_owned());
    record.updated_at = now;
    record.rollback = Some(Rollback {
        reason: "Service deployment rolled back because it was stopped by a user.".to_owned(),
        started_at: now,
        revision_arn: target.clone(),
    });
    let mut ended = None;
    if let Some(primary) = service.deployments.first_mut() {
        primary.rollout_state = RolloutState::Failed;
        primary.rollout_state_reason = format!("ECS deployment {} was stopped by a user.", primary.id);
        primary.updated_at = now;
        ended = Some((service.name.clone(), primary.id.clone()));
    }
    deployments::roll_back(world, index, &target, arn);
    if let Some(restored) = world.ecs.services[index].deployments.first_mut() {
        restored.rollout_state_reason = format!("ECS deployment {} in progress.", restored.id);
    }
    if let Some((service, deployment)) = ended {
        let verdict = DeploymentVerdict::RolledBack;
        world.note(TruthKind::DeploymentEnded { service, deployment, verdict });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::sim::behaviour::advance;
    use crate::sim::behaviour::ecs_actions::{ServiceChange, update_service};
    use crate::sim::scenario::Scenario;

    fn world() -> World {
        let start = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
        World::new(Scenario::Steady, 3, start)
    }

    fn later(world: &mut World, seconds: i64) {
        let to = world.now + TimeDelta::seconds(seconds);
        advance(world, to);
    }

    #[test]
    fn a_stopped_task_is_replaced_and_counts_as_no_failure() {
        let mut world = world();
        let task = world.ecs.services[0].tasks.iter().find(|each| each.is_running()).expect("one runs");
        let id = task.id.clone();
        let (index, position) =
            stop_task(&mut world, "party-box", &id, Some("it leaks")).expect("is accepted");
        let stopped = &world.ecs.services[index].tasks[position];
        assert_eq!(stopped.stop_code, Some("UserInitiated"));
        assert_eq!(stopped.stopped_reason.as_deref(), Some("it leaks"));
        assert!(!stopped.is_wanted());
        later(&mut world, 600);
        let service = &world.ecs.services[index];
        assert_eq!(service.running_count(), service.desired_count);
        assert!(service.tasks.iter().all(|each| each.id != id || each.stopped_at.is_some()));
        assert_eq!(service.deployments[0].failed_tasks, 0);
        assert!(stop_task(&mut world, "party-box", "nothing", None).is_err());
    }

    #[test]
    fn a_deployment_under_way_rolls_back_and_an_ended_one_cannot() {
        let mut world = world();
        let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
        let index = update_service(&mut world, "party-box", "backend", &change).expect("is accepted");
        let arn = world.ecs.services[index].service_deployments[0].arn.clone();
        later(&mut world, 40);
        roll_back_deployment(&mut world, &arn).expect("is accepted");
        let again = roll_back_deployment(&mut world, &arn).expect_err("it is rolling back already");
        assert_eq!(again.code, "ConflictException");
        later(&mut world, 900);
        let service = &world.ecs.services[index];
        assert_eq!(service.service_deployments[0].status, ServiceDeploymentStatus::RollbackSuccessful);
        assert_eq!(service.deployments.len(), 1);
        assert_eq!(service.running_count(), service.desired_count);
        let unknown = roll_back_deployment(&mut world, "arn:nothing").expect_err("unknown");
        assert_eq!(unknown.code, "ServiceDeploymentNotFoundException");
    }

    #[test]
    fn an_image_that_does_not_exist_never_runs() {
        let mut world = world();
        let mut definition = world.ecs.task_definition("party-box-backend").expect("exists").clone();
        definition.revision += 1;
        definition.arn = world.account.arn("ecs", &format!("task-definition/{}", definition.name()));
        definition.container.image.push_str("-not-pushed");
        let change =
            ServiceChange { task_definition: Some(definition.arn.clone()), ..ServiceChange::default() };
        world.ecs.task_definitions.push(definition);
        let index = update_service(&mut world, "party-box", "backend", &change).expect("is accepted");
        later(&mut world, 60);
        let failed: Vec<_> = world.ecs.services[index]
            .tasks
            .iter()
            .filter(|each| each.stop_code == Some("TaskFailedToStart"))
            .collect();
        assert!(!failed.is_empty());
        for task in failed {
            let reason = task.stopped_reason.as_deref().expect("a reason");
            assert!(reason.starts_with("CannotPullContainerError: "), "{reason}");
            assert_eq!(task.started_at, None);
        }
        later(&mut world, 900);
        let service = &world.ecs.services[index];
        assert_eq!(service.service_deployments[0].status, ServiceDeploymentStatus::RollbackSuccessful);
        assert_eq!(service.running_count(), service.desired_count);
    }
}
