//! The life of one task: from its network interface to its end.
use chrono::TimeDelta;

use super::placement::{Place, find_place};
use crate::behaviour::elb;
use crate::world::ecs::{
    Beside, Container, ImageFault, ServiceId, Task, TaskDefinition, TaskStatus, Workload,
};
use crate::world::elb::TargetState;
use crate::world::rng::{Rng, stream_of};
use crate::world::{Account, Time, World};

/// How long a stopped task stays listed.
const STOPPED_KEPT: TimeDelta = TimeDelta::hours(1);

/// What a step of a task's life changes for its service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TaskEvent {
    /// Its target was registered.
    Registered,
    /// It is being stopped, and its target begins to drain.
    Draining,
    /// Its image could not be pulled.
    PullFailed,
    /// Its container exited by itself.
    Crashed,
}

/// Fargate has nothing left to run a task on.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
pub(crate) const NO_CAPACITY: &str = "Capacity is unavailable at this time. Please try again later or in a different \
    availability zone.";
/// Every subnet of the service is full (the error is EC2's own).
pub(crate) const NO_ADDRESS: &str = "InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free \
    addresses to satisfy the request.";

/// Starts one task of the PRIMARY deployment in the zone with the fewest of them; a full subnet, or one whose
/// zone is lost, gives its turn to the next. The images come through the VPC's endpoints: a lost NAT gateway
/// does not keep them away.
///
/// # Errors
/// Why it cannot be placed, in AWS's words.
pub(crate) fn start_task(world: &mut World, service_id: ServiceId) -> Result<String, &'static str> {
    start_task_in(world, service_id, None)
}

/// The same, in this zone if one is named.
///
/// # Errors
/// Why it cannot be placed, in AWS's words.
pub(crate) fn start_task_in(
    world: &mut World,
    service_id: ServiceId,
    zone: Option<&str>,
) -> Result<String, &'static str> {
    if world.no_capacity_until.is_some_and(|until| world.now < until) {
        return Err(NO_CAPACITY);
    }
    place_task(world, service_id, zone).ok_or(NO_ADDRESS)
}

fn place_task(world: &mut World, service_id: ServiceId, only_in: Option<&str>) -> Option<String> {
    let service = world.service(service_id);
    let deployment = service.deployments.first()?;
    let name = deployment.task_definition.clone();
    let started_by = deployment.id.clone();
    let target_group_arn = service.revision(&deployment.revision_arn)?.target_group_arn.clone();
    let provider = service.runs.provider(service.scheduler.placed).map(str::to_owned);
    let (workload, database) = (service.workload, service.database.clone());
    let definition = world.ecs.task_definition(&name)?.clone();
    let place = find_place(world, service_id, &definition, only_in)?;
    let service = &mut world.ecs[service_id];
    service.scheduler.placed = service.scheduler.placed.wrapping_add(1);
    let origin = Origin {
        cluster_arn: service.cluster_arn.clone(),
        cluster: service.cluster_name().to_owned(),
        group: format!("service:{}", service.name),
        started_by,
        target_group_arn,
        execute_command: service.settings.execute_command,
        provider,
        workload,
        database,
    };
    let task = make_task(world, definition, place, origin);
    let id = task.id.clone();
    world.service_mut(service_id).tasks.push(task);
    Some(id)
}

/// Whose a new task is.
pub(super) struct Origin {
    pub(super) cluster_arn: String,
    pub(super) cluster: String,
    pub(super) group: String,
    pub(super) started_by: String,
    pub(super) target_group_arn: String,
    pub(super) execute_command: bool,
    pub(super) provider: Option<String>,
    pub(super) workload: Workload,
    pub(super) database: Option<String>,
}

/// A new task at its place.
pub(super) fn make_task(world: &mut World, definition: TaskDefinition, place: Place, origin: Origin) -> Task {
    let now = world.now;
    let Place { subnet_id, zone, address, ipv6, ipv6_only, host } = place;
    let Origin { cluster_arn, cluster, group, started_by, target_group_arn, execute_command, .. } = origin;
    let Origin { provider, workload, database, .. } = origin;
    let rng = &mut world.rng;
    let id = rng.hex(32);
    let sidecars = definition.sidecars().map(|each| sidecar(&world.account, &cluster, &id, each)).collect();
    let main_place = definition.main_place();
    Task {
        arn: world.account.arn("ecs", &format!("task/{cluster}/{id}")),
        task_definition_arn: definition.arn,
        family: definition.family,
        group,
        started_by,
        last_status: TaskStatus::Provisioning,
        desired_status: TaskStatus::Running,
        zone,
        subnet_id,
        attachment_id: rng.uuid(),
        eni_id: format!("eni-{}", rng.hex(17)),
        mac_address: mac(&rng.hex(10)),
        private_ip: address.to_string(),
        cpu: definition.cpu,
        memory: definition.memory,
        target_group_arn,
        execute_command,
        sidecars,
        container: Container {
            arn: world.account.arn("ecs", &format!("container/{cluster}/{id}/{}", rng.uuid())),
            name: definition.container.name,
            image: definition.container.image,
            image_digest: None,
            runtime_id: None,
            last_status: "PENDING",
            exit_code: None,
            first: false,
        },
        main_place,
        own_interface: definition.network_mode == "awsvpc",
        port: definition.container.port,
        ipv6,
        ipv6_only,
        host,
        provider,
        health_check: definition.container.health_check,
        workload,
        database,
        cluster_arn,
        created_at: now,
        pull_started_at: None,
        pull_stopped_at: None,
        started_at: None,
        stopping_at: None,
        execution_stopped_at: None,
        stopped_at: None,
        stop_code: None,
        stopped_reason: None,
        version: 1,
        next_at: Some(now + TimeDelta::seconds(rng.between(8, 12))),
        fault: ImageFault::None,
        was_healthy: false,
        deregisters_at: None,
        replaces: None,
        told_unhealthy: false,
        id,
    }
}

fn mac(digits: &str) -> String {
    let pairs: Vec<String> =
        (0..digits.len() / 2).map(|pair| digits[pair * 2..pair * 2 + 2].to_owned()).collect();
    format!("06:{}", pairs.join(":"))
}

fn sidecar(account: &Account, cluster: &str, task: &str, beside: Beside) -> Container {
    let Beside { name, image, first } = beside;
    let own = fixed_id(&format!("{task} {name}"));
    Container {
        arn: account.arn("ecs", &format!("container/{cluster}/{task}/{own}")),
        runtime_id: None,
        image_digest: None,
        last_status: "PENDING",
        exit_code: None,
        name,
        image,
        first,
    }
}

/// A UUID derived from a name.
fn fixed_id(name: &str) -> String {
    Rng::new(stream_of(name)).uuid()
}

/// Begins to stop a task. Its target drains first, from `until_drain` seconds later on: ECS was seen to stop
/// tasks, and 9 to 10 seconds later to deregister their targets. Returns whether it had a target.
pub(crate) fn begin_stop(
    world: &mut World,
    service_id: ServiceId,
    position: usize,
    reason: &str,
    until_drain: i64,
) -> bool {
    let now = world.now;
    let service = &mut world.ecs[service_id];
    let groups = service.groups_of(&service.tasks[position]);
    let task = &mut service.tasks[position];
    if !task.is_wanted() {
        return false;
    }
    let registered = |(group, _): &(String, u16)| {
        let state = world.elb.target_group(group).and_then(|group| group.state_of(&task.id));
        state.is_some_and(|state| state != TargetState::Draining)
    };
    let draining = groups.iter().any(registered);
    task.desired_status = TaskStatus::Stopped;
    task.replaces = None;
    task.stopping_at = Some(now);
    task.stop_code = Some("ServiceSchedulerInitiated");
    task.stopped_reason = Some(reason.to_owned());
    task.version += 1;
    if draining {
        task.last_status = TaskStatus::Deactivating;
        task.deregisters_at = Some(now + TimeDelta::seconds(until_drain));
        task.next_at = None;
    } else {
        task.last_status = TaskStatus::Deprovisioning;
        task.container.last_status = "STOPPED";
        task.execution_stopped_at = Some(now);
        task.next_at = Some(now + TimeDelta::seconds(world.rng.between(6, 12)));
    }
    draining
}

/// Stops a task as an operator asked: its container is told to end at once (SIGTERM) and is killed after its
/// stop timeout, while its target is deregistered only some seconds later; requests that still go there fail.
pub(crate) fn stop_at_once(world: &mut World, service_id: ServiceId, position: usize, reason: &str) {
    let lingers = world.rules.sockets_linger;
    let until_drain = world.rng.between(2, 6);
    let quick = world.rng.between(1, 4);
    begin_stop(world, service_id, position, reason, until_drain);
    let now = world.now;
    let name = world.service(service_id).tasks[position].task_definition_arn.clone();
    let timeout = world.ecs.task_definition(&name).map_or(30, |it| i64::from(it.container.stop_timeout));
    let task = &mut world.service_mut(service_id).tasks[position];
    task.stop_code = Some("UserInitiated");
    if task.last_status == TaskStatus::Deactivating {
        task.last_status = TaskStatus::Stopping;
        let ends = if lingers { timeout } else { quick.min(timeout) };
        task.next_at = Some(now + TimeDelta::seconds(ends));
    }
}

/// Advances a task by one second.
pub(crate) fn step(world: &mut World, service_id: ServiceId, position: usize) -> Option<TaskEvent> {
    let now = world.now;
    let service = &mut world.ecs[service_id];
    let groups = service.groups_of(&service.tasks[position]);
    let task = &mut service.tasks[position];
    if task.deregisters_at.is_some_and(|at| at <= now) {
        task.deregisters_at = None;
        task.version += 1;
        let mut drains = false;
        for (group, _) in &groups {
            drains |= elb::deregister_target(&mut world.elb, group, &task.id, now);
        }
        if drains {
            return Some(TaskEvent::Draining);
        }
    }
    let gone = |(group, _): &(String, u16)| {
        world.elb.target_group(group).is_none_or(|group| group.state_of(&task.id).is_none())
    };
    let drained = task.last_status == TaskStatus::Deactivating
        && task.deregisters_at.is_none()
        && groups.iter().all(gone);
    if !drained && task.next_at.is_none_or(|next| now < next) {
        return None;
    }
    task.version += 1;
    task.next_at = None;
    let rng = &mut world.rng;
    let mut after = |low, high| Some(now + TimeDelta::seconds(rng.between(low, high)));
    match task.last_status {
        TaskStatus::Provisioning => {
            task.last_status = TaskStatus::Pending;
            task.pull_started_at = Some(now);
            task.next_at = after(10, 25);
        }
        TaskStatus::Pending => {
            task.pull_stopped_at = Some(now);
            // The tag is resolved as it was when the deployment's revision was made.
            let revision = service.deployments.iter().find(|each| each.id == task.started_by);
            let digest = revision
                .and_then(|deployment| {
                    service.revisions.iter().find(|each| each.arn == deployment.revision_arn)
                })
                .map(|revision| revision.image_digest.clone());
            let pulled = digest.as_deref().and_then(|digest| world.ecr.by_digest(digest));
            let Some(image) = pulled else {
                task.next_at = after(6, 12);
                fail_to_pull(task, now);
                return Some(TaskEvent::PullFailed);
            };
            task.last_status = TaskStatus::Activating;
            task.next_at = after(2, 4);
            task.container.last_status = "RUNNING";
            task.container.runtime_id =
                Some(format!("{}-{}", task.id, rng.between(100_000_000, 4_000_000_000)));
            task.fault = image.fault;
            task.container.image_digest = digest;
            // Seen: healthy 1 to 3 seconds after the registration, at the earliest.
            let check = rng.between(1, 8);
            for (group, port) in &groups {
                elb::register_target(&mut world.elb, group, task, *port, now, check);
            }
            return Some(TaskEvent::Registered);
        }
        TaskStatus::Activating => {
            task.last_status = TaskStatus::Running;
            task.started_at = Some(now);
            if task.fault == ImageFault::Crashes {
                task.next_at = after(3, 8);
            }
        }
        TaskStatus::Running => {
            task.next_at = after(6, 12);
            crash(task, now);
            for (group, _) in &groups {
                elb::deregister_target(&mut world.elb, group, &task.id, now);
            }
            return Some(TaskEvent::Crashed);
        }
        TaskStatus::Stopped => {}
        TaskStatus::Deactivating => {
            task.last_status = TaskStatus::Stopping;
            task.next_at = after(1, 4);
        }
        TaskStatus::Stopping => {
            task.last_status = TaskStatus::Deprovisioning;
            task.execution_stopped_at = Some(now);
            task.container.last_status = "STOPPED";
            // 137: killed when the stop timeout was over.
            let killed = world.rules.sockets_linger && task.stop_code == Some("UserInitiated");
            task.container.exit_code = Some(if killed { 137 } else { 0 });
            task.next_at = after(6, 12);
        }
        TaskStatus::Deprovisioning => {
            task.last_status = TaskStatus::Stopped;
            task.stopped_at = Some(now);
            let (subnet, address) = (task.subnet_id.clone(), task.private_ip.clone());
            // The address of an instance stays its own.
            let lent = world.ecs.instances.iter().all(|each| each.private_ip != address);
            if lent {
                world.network.release(&subnet, &address);
            }
        }
    }
    None
}

/// Ends a task whose container exits by itself. Its target does not drain first.
pub(super) fn crash(task: &mut Task, now: Time) {
    task.desired_status = TaskStatus::Stopped;
    task.last_status = TaskStatus::Deprovisioning;
    task.stopping_at = Some(now);
    task.execution_stopped_at = Some(now);
    task.stop_code = Some("EssentialContainerExited");
    task.stopped_reason = Some("Essential container in task exited".to_owned());
    task.container.last_status = "STOPPED";
    task.container.exit_code = Some(1);
}

/// Ends a task whose image is not in its repository.
pub(super) fn fail_to_pull(task: &mut Task, now: Time) {
    task.desired_status = TaskStatus::Stopped;
    task.last_status = TaskStatus::Deprovisioning;
    task.stopping_at = Some(now);
    task.stop_code = Some("TaskFailedToStart");
    task.stopped_reason = Some(format!(
        "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {}: {}: \
         not found",
        task.container.image, task.container.image
    ));
    task.container.last_status = "STOPPED";
}

/// Whether a task was stopped so long ago that it is no longer listed.
pub(crate) fn is_forgotten(task: &Task, now: Time) -> bool {
    task.stopped_at.is_some_and(|at| now - at > STOPPED_KEPT)
}
