//! The service scheduler of ECS: what it does each second, and the requests of an operator.
//!
//! `scheduler` is the round that keeps the wanted tasks running; `deployments` begins, judges and completes
//! deployments;
//! `blue_green` brings those that shift traffic from stage to stage, `traffic` turns the load balancer's
//! rules for them;
//! `rollback` ends one that failed; `placement` finds a place for a task, `task_life` is a single task's way from its start to its end.
//! `update_service` and `stop` are the operator's own requests.
mod blue_green;
mod deployments;
mod placement;
mod rollback;
mod scheduler;
pub mod stop;
pub(crate) mod task_life;
mod traffic;
pub mod update_service;

pub(crate) use self::scheduler::step;
use crate::world::World;
use crate::world::ecs::{EVENTS_KEPT, ServiceEvent, ServiceId};

/// Deploys a task definition as the service's deployment controller would: ECS itself, or `CodeDeploy`.
pub(crate) fn release_definition(world: &mut World, service_id: ServiceId, arn: &str) {
    deployments::begin_deployment(world, service_id, arn);
}

/// Adds a service event, newest first.
pub(crate) fn log_event(world: &mut World, service_id: ServiceId, text: &str) {
    let id = world.rng.uuid();
    let created_at = world.now;
    let service = world.service_mut(service_id);
    let message = format!("(service {}) {text}", service.name);
    service.events.push_front(ServiceEvent { id, created_at, message });
    service.events.truncate(EVENTS_KEPT);
}
