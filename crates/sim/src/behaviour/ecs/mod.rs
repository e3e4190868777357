//! The service scheduler of ECS: what it does each second, and the requests of an operator.
//!
//! `scheduler` is the round that keeps the wanted tasks running, `tasks` what it sees of them; `deployments` begins, judges and completes
//! deployments;
//! `blue_green` brings those that shift traffic from stage to stage, `traffic` turns the load balancer's
//! rules for them;
//! `placement` finds a place for a task, `task_life` is a single task's way from its start to its end;
//! `replacement` starts a task before another goes, for its health or its zone; `rollback` ends a deployment that
//! failed.
//! `run_task` are the tasks of no service; `update_service` and `stop` are the operator's own requests.
mod blue_green;
mod deployments;
mod placement;
mod replacement;
mod rollback;
pub mod run_task;
mod scheduler;
pub mod stop;
pub(crate) mod task_life;
mod tasks;
mod traffic;
pub mod update_service;

use chrono::TimeDelta;

use crate::world::ecs::{EVENTS_KEPT, ServiceEvent, ServiceId};
use crate::world::{Time, World};

/// Advances every service and every task by one second.
pub(crate) fn step(world: &mut World) {
    scheduler::step(world);
    run_task::step(world);
}

/// Deploys a task definition as the service's deployment controller would: ECS itself, or `CodeDeploy`.
pub(crate) fn release_definition(world: &mut World, service_id: ServiceId, arn: &str) {
    deployments::begin_deployment(world, service_id, arn);
}

/// Adds a service event, newest first.
pub(crate) fn log_event(world: &mut World, service_id: ServiceId, text: &str) {
    let message = format!("(service {}) {text}", world.service(service_id).name);
    push_event(world, service_id, world.now, message);
}

/// Adds the event about tasks whose targets begin to drain. It names their deployment as a task set and comes
/// some milliseconds after the one about the targets.
fn log_draining(world: &mut World, service_id: ServiceId, deployment: &str, count: u32) {
    let service = &world.service(service_id).name;
    let message =
        format!("(service {service}, taskSet {deployment}) has begun draining connections on {count} tasks.");
    let at = world.now + TimeDelta::milliseconds(world.rng.between(4, 30));
    push_event(world, service_id, at, message);
}

fn push_event(world: &mut World, service_id: ServiceId, created_at: Time, message: String) {
    let id = world.rng.uuid();
    let service = world.service_mut(service_id);
    service.events.push_front(ServiceEvent { id, created_at, message });
    service.events.truncate(EVENTS_KEPT);
}
