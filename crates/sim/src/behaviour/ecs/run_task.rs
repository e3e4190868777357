//! Tasks that belong to no service: jobs that somebody runs by hand.
use std::net::Ipv4Addr;

use chrono::TimeDelta;

use super::placement::Place;
use super::task_life::{self, NO_ADDRESS, NO_CAPACITY, Origin};
use crate::world::ecs::{ImageFault, Standalone, TaskDefinition, TaskStatus, Workload};
use crate::world::{Time, World};

/// What `RunTask` was asked for.
#[derive(Debug, Clone)]
pub struct Job {
    /// The cluster's ARN and name.
    pub cluster: (String, String),
    /// What runs.
    pub definition: TaskDefinition,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Who started it, in the caller's words.
    pub started_by: String,
    /// Its group: `family:NAME` unless the caller says otherwise.
    pub group: String,
    /// Whether it has a command of its own, and ends when that is done.
    pub ends: bool,
    /// Whether commands may be run in it.
    pub execute_command: bool,
}

/// Starts one task on Fargate. Returns its place in `Ecs::standalone`.
///
/// # Errors
/// Why it cannot be placed, in AWS's words.
pub fn run_task(world: &mut World, job: &Job) -> Result<usize, &'static str> {
    if world.no_capacity_until.is_some_and(|until| world.now < until) {
        return Err(NO_CAPACITY);
    }
    let place = find_place(world, job).ok_or(NO_ADDRESS)?;
    let origin = Origin {
        cluster_arn: job.cluster.0.clone(),
        cluster: job.cluster.1.clone(),
        group: job.group.clone(),
        started_by: job.started_by.clone(),
        target_group_arn: String::new(),
        execute_command: job.execute_command,
        provider: None,
        workload: Workload::Worker,
        database: None,
    };
    let task = task_life::make_task(world, job.definition.clone(), place, origin);
    let security_groups = job.security_groups.clone();
    world.ecs.standalone.push(Standalone { task, security_groups, ends: job.ends });
    Ok(world.ecs.standalone.len() - 1)
}

fn find_place(world: &mut World, job: &Job) -> Option<Place> {
    let wish = u32::try_from(world.rng.between(0, 240)).ok()?;
    let now = world.now;
    let (subnet_id, address): (String, Ipv4Addr) = job.subnets.iter().find_map(|id| {
        let zone = &world.network.subnet(id)?.zone;
        if world.is_lost(zone, now) {
            return None;
        }
        Some((id.clone(), world.network.lease(id, wish)?))
    })?;
    let subnet = world.network.subnet(&subnet_id)?;
    Some(Place {
        zone: subnet.zone.clone(),
        ipv6: subnet.ipv6_of(address),
        ipv6_only: subnet.ipv6_native,
        host: None,
        address,
        subnet_id,
    })
}

/// Stops one, as an operator asked.
pub fn stop_standalone(world: &mut World, place: usize, reason: &str) {
    let ends = TimeDelta::seconds(world.rng.between(1, 4));
    let now = world.now;
    let task = &mut world.ecs.standalone[place].task;
    if !task.is_wanted() {
        return;
    }
    task.desired_status = TaskStatus::Stopped;
    task.stopping_at = Some(now);
    task.stop_code = Some("UserInitiated");
    task.stopped_reason = Some(reason.to_owned());
    task.version += 1;
    task.last_status = if task.is_running() { TaskStatus::Stopping } else { TaskStatus::Deprovisioning };
    task.next_at = Some(now + ends);
}

/// Advances each by one second.
pub(crate) fn step(world: &mut World) {
    for place in 0..world.ecs.standalone.len() {
        if world.ecs.standalone[place].task.next_at.is_some_and(|at| at <= world.now) {
            advance(world, place);
        }
    }
    let now = world.now;
    world.ecs.standalone.retain(|each| !task_life::is_forgotten(&each.task, now));
}

fn advance(world: &mut World, place: usize) {
    let now = world.now;
    let image = {
        let own = &world.ecs.standalone[place].task.container.image;
        world.ecr.resolve(own).map(|image| (image.digest.clone(), image.fault))
    };
    let rng = &mut world.rng;
    let mut after = |low, high| -> Option<Time> { Some(now + TimeDelta::seconds(rng.between(low, high))) };
    let Standalone { task, ends, .. } = &mut world.ecs.standalone[place];
    task.version += 1;
    task.next_at = None;
    match task.last_status {
        TaskStatus::Provisioning => {
            task.last_status = TaskStatus::Pending;
            task.pull_started_at = Some(now);
            task.next_at = after(10, 25);
        }
        TaskStatus::Pending => {
            task.pull_stopped_at = Some(now);
            let Some((digest, fault)) = image else {
                task.next_at = after(6, 12);
                task_life::fail_to_pull(task, now);
                return;
            };
            task.last_status = TaskStatus::Activating;
            task.container.last_status = "RUNNING";
            task.container.image_digest = Some(digest);
            task.fault = fault;
            task.next_at = after(2, 4);
        }
        TaskStatus::Activating => {
            task.last_status = TaskStatus::Running;
            task.started_at = Some(now);
            task.next_at = match (task.fault, *ends) {
                (ImageFault::Crashes, _) => after(3, 8),
                (_, true) => after(15, 40),
                (_, false) => None,
            };
        }
        TaskStatus::Running => {
            task.next_at = after(6, 12);
            task_life::crash(task, now);
            if task.fault != ImageFault::Crashes {
                task.container.exit_code = Some(0);
            }
        }
        TaskStatus::Deactivating | TaskStatus::Stopping => {
            task.last_status = TaskStatus::Deprovisioning;
            task.execution_stopped_at = Some(now);
            task.container.last_status = "STOPPED";
            task.container.exit_code = Some(0);
            task.next_at = after(6, 12);
        }
        TaskStatus::Deprovisioning => {
            task.last_status = TaskStatus::Stopped;
            task.stopped_at = Some(now);
            let (subnet, address) = (task.subnet_id.clone(), task.private_ip.clone());
            world.network.release(&subnet, &address);
        }
        TaskStatus::Stopped => {}
    }
}
