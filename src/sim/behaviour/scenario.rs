//! What happens by itself: each scenario's script.
use chrono::TimeDelta;

use super::ecs_actions::{ServiceChange, update_service};
use super::rds;
use crate::sim::scenario::Scenario;
use crate::sim::world::ecr::Image;
use crate::sim::world::ecs::{ImageFault, RolloutState};
use crate::sim::world::{Script, World};

/// Seconds until a scripted deployment begins.
const DEPLOY_AFTER: i64 = 20;
/// Seconds until the scripted failover begins.
const FAILOVER_AFTER: i64 = 30;

/// The script at the world's beginning.
pub(crate) fn script(world: &World) -> Script {
    let after = match world.scenario {
        Scenario::Steady => None,
        Scenario::Deploy | Scenario::BadDeploy => Some(DEPLOY_AFTER),
        Scenario::Failover => Some(FAILOVER_AFTER),
    };
    Script { next_at: after.map(|seconds| world.began + TimeDelta::seconds(seconds)), done: 0 }
}

/// Does what the script has for the present second.
pub(crate) fn step(world: &mut World) {
    if world.script.next_at.is_none_or(|at| world.now < at) {
        return;
    }
    world.script.next_at = None;
    match world.scenario {
        Scenario::Steady => {}
        Scenario::Deploy => deploy_next(world),
        Scenario::BadDeploy => release(world, "backend", ImageFault::Unhealthy),
        Scenario::Failover => {
            let primary = world.rds.instances.iter().position(|each| each.multi_az);
            if let Some(index) = primary.filter(|&index| world.rds.instances[index].operation.is_none()) {
                rds::begin(world, index, true, rds::HOST_UNHEALTHY);
            }
        }
    }
}

/// The two services take turns; a deployment never begins while another rolls.
fn deploy_next(world: &mut World) {
    let rolling = world
        .ecs
        .services
        .iter()
        .any(|service| service.primary().is_some_and(|it| it.rollout_state == RolloutState::InProgress));
    if rolling {
        world.script.next_at = Some(world.now + TimeDelta::seconds(30));
        return;
    }
    world.script.done += 1;
    let service = if world.script.done.is_multiple_of(2) { "frontend" } else { "backend" };
    release(world, service, ImageFault::None);
    let pause = TimeDelta::seconds(world.rng.between(360, 480));
    world.script.next_at = Some(world.now + pause);
}

/// What a team's pipeline does: push an image, register a revision with it, update the service.
pub(crate) fn release(world: &mut World, service: &str, fault: ImageFault) {
    let now = world.now;
    let family = format!("party-box-{service}");
    let Some(mut definition) = world.ecs.task_definition(&family).cloned() else { return };
    definition.revision += 1;
    definition.arn = world.account.arn("ecs", &format!("task-definition/{family}:{}", definition.revision));
    definition.registered_at = now;
    let tag = format!("1.{}.0", definition.revision);
    let digest = format!("sha256:{}", world.rng.hex(64));
    let Some(repository) =
        world.ecr.repositories.iter_mut().find(|each| each.name == format!("party-box/{service}"))
    else {
        return;
    };
    definition.container.image = format!("{}:{tag}", repository.uri);
    let newest = repository.images.iter().rev().find(|each| !each.tags.is_empty());
    let (size_bytes, findings) = newest.map(|it| (it.size_bytes, it.findings.clone())).unwrap_or_default();
    repository.images.push(Image {
        digest,
        tags: vec![tag],
        pushed_at: now - TimeDelta::seconds(75),
        last_pulled_at: None,
        size_bytes: size_bytes + 318_204,
        scanned_at: Some(now - TimeDelta::seconds(40)),
        findings,
        fault,
    });
    let change = ServiceChange { task_definition: Some(definition.arn.clone()), ..ServiceChange::default() };
    world.ecs.task_definitions.push(definition);
    let clusters: Vec<String> = world.ecs.clusters.iter().map(|cluster| cluster.arn.clone()).collect();
    for cluster in clusters {
        // A service that is not in this cluster is in the other one.
        if update_service(world, &cluster, service, &change).is_ok() {
            return;
        }
    }
}
