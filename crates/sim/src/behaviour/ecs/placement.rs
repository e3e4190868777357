//! Where a task is placed: a subnet with a free address, or a container instance.
use std::net::Ipv4Addr;

use crate::world::World;
use crate::world::ecs::{ContainerInstance, ServiceId, Task, TaskDefinition, TaskHost};
use crate::world::rng::Rng;

/// The place of a task.
pub(super) struct Place {
    pub(super) subnet_id: String,
    pub(super) zone: String,
    pub(super) address: Ipv4Addr,
    pub(super) ipv6: Option<String>,
    pub(super) ipv6_only: bool,
    pub(super) host: Option<TaskHost>,
}

/// A service's subnets, in the order in which the next task tries them: those whose zone has the fewest wanted
/// tasks of the PRIMARY deployment first, and among them in turn.
fn subnets_in_turn(world: &World, service_id: ServiceId) -> Vec<String> {
    let service = world.service(service_id);
    let subnets = &service.network.subnets;
    let turn = usize::try_from(service.scheduler.placed).unwrap_or_default();
    let mut ordered: Vec<&String> =
        (0..subnets.len()).filter_map(|step| subnets.get((turn + step) % subnets.len())).collect();
    let primary = service.primary().map(|it| it.id.as_str());
    let used = |subnet: &String| {
        let zone = world.network.subnet(subnet).map(|it| it.zone.as_str());
        let own = |task: &&Task| {
            task.is_wanted() && Some(task.started_by.as_str()) == primary && Some(task.zone.as_str()) == zone
        };
        service.tasks.iter().filter(own).count()
    };
    ordered.sort_by_key(|subnet| used(subnet));
    ordered.into_iter().cloned().collect()
}

/// Finds a place for the next task of a service, in one zone if it is named: the zone with the fewest comes first; a
/// full subnet, or one whose zone is lost, gives its turn to the next. `None` when there is none.
pub(super) fn find_place(
    world: &mut World,
    service_id: ServiceId,
    definition: &TaskDefinition,
    only_in: Option<&str>,
) -> Option<Place> {
    let on_fargate = world.service(service_id).runs.on_fargate();
    let mut subnets = subnets_in_turn(world, service_id);
    let wish = u32::try_from(world.rng.between(0, 240)).ok()?;
    let instance = if on_fargate { None } else { Some(free_instance(world, service_id)?) };
    let own_interface = definition.network_mode == "awsvpc";
    if let Some(instance) = &instance {
        subnets = vec![instance.subnet_id.clone()];
    }
    let (subnet_id, address) = match &instance {
        Some(instance) if !own_interface => (instance.subnet_id.clone(), instance.private_ip.parse().ok()?),
        _ => subnets.iter().find_map(|subnet| {
            let zone = &world.network.subnet(subnet)?.zone;
            if world.is_lost(zone, world.now) || only_in.is_some_and(|only| only != zone) {
                return None;
            }
            Some((subnet.clone(), world.network.lease(subnet, wish)?))
        })?,
    };
    let subnet = world.network.subnet(&subnet_id)?;
    let zone = subnet.zone.clone();
    let (ipv6, ipv6_only) = (subnet.ipv6_of(address).filter(|_| own_interface), subnet.ipv6_native);
    let host = instance.map(|instance| TaskHost {
        port: host_port(&mut world.rng, definition),
        arn: instance.arn,
        instance_id: instance.instance_id,
    });
    Some(Place { subnet_id, zone, address, ipv6, ipv6_only, host })
}

/// The instance that the next task runs on: spread over the zones, then over the instances, or for a daemon one that
/// has none of its tasks; none in a lost zone.
fn free_instance(world: &World, service_id: ServiceId) -> Option<ContainerInstance> {
    let service = world.service(service_id);
    let of = |instance: &ContainerInstance| {
        let here = |task: &&Task| task.host.as_ref().is_some_and(|host| host.arn == instance.arn);
        service.tasks.iter().filter(|task| task.stopped_at.is_none()).filter(here).count()
    };
    let in_zone =
        |zone: &str| service.tasks.iter().filter(|task| task.is_wanted() && task.zone == zone).count();
    let daemon = service.runs.scheduling == "DAEMON";
    world
        .ecs
        .instances
        .iter()
        .filter(|each| each.cluster_arn == service.cluster_arn && !world.is_lost(&each.zone, world.now))
        .filter(|each| !daemon || of(each) == 0)
        .min_by_key(|each| (in_zone(&each.zone), of(each)))
        .cloned()
}

/// The port of the instance that leads to the main container: any free one in the mode bridge, its own in the mode
/// host. <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html>
fn host_port(rng: &mut Rng, definition: &TaskDefinition) -> u16 {
    match definition.network_mode {
        "bridge" => u16::try_from(rng.between(32_768, 60_999)).unwrap_or(u16::MAX),
        _ => definition.container.port,
    }
}
