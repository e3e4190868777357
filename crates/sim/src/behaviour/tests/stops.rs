//! Tasks and deployments that an operator stops.
use chrono::{DateTime, TimeDelta};

use crate::behaviour::advance;
use crate::behaviour::ecs::stop::{StopType, stop_deployment, stop_task};
use crate::behaviour::ecs::update_service::{ServiceChange, update_service};
use crate::world::World;
use crate::world::ecs::ServiceDeploymentStatus;
use crate::{Scenario, build_account};

fn world() -> World {
    let start = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
    build_account(Scenario::Steady, 3, start)
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
    let (service_id, position) =
        stop_task(&mut world, "party-box", &id, Some("it leaks")).expect("is accepted");
    let stopped = &world.service(service_id).tasks[position];
    assert_eq!(stopped.stop_code, Some("UserInitiated"));
    assert_eq!(stopped.stopped_reason.as_deref(), Some("it leaks"));
    assert!(!stopped.is_wanted());
    later(&mut world, 600);
    let service = world.service(service_id);
    assert_eq!(service.running_count(), service.desired_count);
    assert!(service.tasks.iter().all(|each| each.id != id || each.stopped_at.is_some()));
    assert_eq!(service.deployments[0].failed_tasks, 0);
    assert!(stop_task(&mut world, "party-box", "nothing", None).is_err());
}

#[test]
fn a_deployment_under_way_rolls_back_and_an_ended_one_cannot() {
    let mut world = world();
    let change = ServiceChange { force_new_deployment: true, ..ServiceChange::default() };
    let service_id = update_service(&mut world, "party-box", "backend", &change).expect("is accepted");
    let arn = world.service(service_id).service_deployments[0].arn.clone();
    later(&mut world, 40);
    stop_deployment(&mut world, &arn, StopType::Rollback).expect("is accepted");
    let again =
        stop_deployment(&mut world, &arn, StopType::Rollback).expect_err("it is rolling back already");
    assert_eq!(again.code, "ConflictException");
    later(&mut world, 900);
    let service = world.service(service_id);
    assert_eq!(service.service_deployments[0].status, ServiceDeploymentStatus::RollbackSuccessful);
    assert_eq!(service.deployments.len(), 1);
    assert_eq!(service.running_count(), service.desired_count);
    let unknown = stop_deployment(&mut world, "arn:nothing", StopType::Rollback).expect_err("unknown");
    assert_eq!(unknown.code, "ServiceDeploymentNotFoundException");
}

#[test]
fn an_image_that_does_not_exist_never_runs() {
    let mut world = world();
    let mut definition = world.ecs.task_definition("party-box-backend").expect("exists").clone();
    definition.revision += 1;
    definition.arn = world.account.arn("ecs", &format!("task-definition/{}", definition.name()));
    definition.container.image.push_str("-not-pushed");
    let change = ServiceChange { task_definition: Some(definition.arn.clone()), ..ServiceChange::default() };
    world.ecs.task_definitions.push(definition);
    let service_id = update_service(&mut world, "party-box", "backend", &change).expect("is accepted");
    later(&mut world, 60);
    let failed: Vec<_> = world
        .service(service_id)
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
    let service = world.service(service_id);
    assert_eq!(service.service_deployments[0].status, ServiceDeploymentStatus::RollbackSuccessful);
    assert_eq!(service.running_count(), service.desired_count);
}
