//! What happens by itself: each scenario's script.
use chrono::TimeDelta;

use super::ci_release::{Pushed, release};
use super::ecs::update_service::{ServiceChange, update_service};
use super::load::factor_for;
use super::rds::{self, Why};
use super::zone_outage;
use crate::scenario::Scenario;
use crate::world::ecs::{ImageFault, RolloutState};
use crate::world::{Script, World};

/// Seconds until a scripted deployment begins.
const DEPLOY_AFTER: i64 = 20;
/// Seconds until the scripted failover begins, or the zone is lost.
const FAILOVER_AFTER: i64 = 30;
/// Seconds between the rise of the load and the colleague who scales in against it.
const COLLEAGUE_SCALES_AFTER: i64 = 600;
/// Requests a second to which `backend` rises: four tasks' work.
const RUSH: f64 = 140.0;

/// The script at the world's beginning.
pub(crate) fn script(world: &World) -> Script {
    let after = match world.scenario {
        Scenario::Steady
        | Scenario::FailoverSlow
        | Scenario::FailoverRefused
        | Scenario::FailoverLostEvents
        | Scenario::FailoverReorderedEvents
        | Scenario::Aurora => None,
        Scenario::Failover | Scenario::AzOutage => Some(FAILOVER_AFTER),
        Scenario::Deploy
        | Scenario::BadDeploy
        | Scenario::BadImage
        | Scenario::CrashLoop
        | Scenario::SlowDrain
        | Scenario::BlueGreen
        | Scenario::Linear
        | Scenario::Canary
        | Scenario::Superseded
        | Scenario::Autoscale
        | Scenario::NoCapacity => Some(DEPLOY_AFTER),
    };
    Script {
        next_at: after.map(|seconds| world.began + TimeDelta::seconds(seconds)),
        sockets_linger: world.scenario == Scenario::SlowDrain,
        ..Script::default()
    }
}

/// Does what the script has for the present second.
pub(crate) fn step(world: &mut World) {
    if world.script.next_at.is_none_or(|at| world.now < at) {
        return;
    }
    world.script.next_at = None;
    match world.scenario {
        Scenario::Steady
        | Scenario::FailoverSlow
        | Scenario::FailoverRefused
        | Scenario::FailoverLostEvents
        | Scenario::FailoverReorderedEvents
        | Scenario::Aurora => {}
        Scenario::Deploy => deploy_next(world),
        Scenario::BadDeploy => release(world, "backend", Pushed::With(ImageFault::Unhealthy)),
        Scenario::BadImage => release(world, "backend", Pushed::Nowhere),
        Scenario::CrashLoop => release(world, "backend", Pushed::With(ImageFault::Crashes)),
        Scenario::SlowDrain | Scenario::BlueGreen | Scenario::Linear | Scenario::Canary => {
            release(world, "backend", Pushed::With(ImageFault::None));
        }
        Scenario::Superseded => supersede(world),
        Scenario::Autoscale => rush(world),
        Scenario::NoCapacity => run_short(world),
        Scenario::Failover => {
            let primary = world.rds.instances.iter().position(|each| each.multi_az);
            if let Some(index) = primary.filter(|&index| world.rds.instances[index].operation.is_none()) {
                rds::begin(world, index, Why::HostUnhealthy);
            }
        }
        Scenario::AzOutage => {
            if let Some(zone) = world.account.zones.first().cloned() {
                zone_outage::lose_zone(world, &zone);
            }
        }
    }
}

fn is_rolling(world: &World, name: Option<&str>) -> bool {
    let mut services = world.ecs.services.iter().filter(|each| name.is_none_or(|name| each.name == name));
    services.any(|service| service.primary().is_some_and(|it| it.rollout_state == RolloutState::InProgress))
}

/// The two services take turns; a deployment never begins while another rolls.
fn deploy_next(world: &mut World) {
    if is_rolling(world, None) {
        world.script.next_at = Some(world.now + TimeDelta::seconds(30));
        return;
    }
    world.script.done += 1;
    let service = if world.script.done.is_multiple_of(2) { "frontend" } else { "backend" };
    release(world, service, Pushed::With(ImageFault::None));
    let pause = TimeDelta::seconds(world.rng.between(360, 480));
    world.script.next_at = Some(world.now + pause);
}

/// A deployment, unless the operator has begun one already; half a minute later a colleague's takes its place.
fn supersede(world: &mut World) {
    world.script.done += 1;
    if world.script.done == 1 {
        if !is_rolling(world, Some("backend")) {
            release(world, "backend", Pushed::With(ImageFault::None));
        }
        let pause = TimeDelta::seconds(world.rng.between(25, 45));
        world.script.next_at = Some(world.now + pause);
    } else {
        release(world, "backend", Pushed::With(ImageFault::None));
    }
}

/// The load rises until target tracking has doubled `backend`; then a colleague scales it to two by hand, and target
/// tracking takes it back.
fn rush(world: &mut World) {
    world.script.done += 1;
    if world.script.done == 1 {
        world.script.rush = Some((world.now, factor_for(world, "backend", RUSH)));
        world.script.next_at = Some(world.now + TimeDelta::seconds(COLLEAGUE_SCALES_AFTER));
        return;
    }
    let change = ServiceChange { desired_count: Some(2), ..ServiceChange::default() };
    let clusters: Vec<String> = world.ecs.clusters.iter().map(|cluster| cluster.arn.clone()).collect();
    for cluster in clusters {
        // The cluster that has no such service refuses, which changes nothing.
        if update_service(world, &cluster, "backend", &change).is_ok() {
            return;
        }
    }
}

/// A deployment for which Fargate has no capacity: for about a minute, or for longer than the circuit breaker waits.
fn run_short(world: &mut World) {
    let seconds =
        if world.rng.between(0, 1) == 0 { world.rng.between(50, 75) } else { world.rng.between(240, 420) };
    world.script.no_capacity_until = Some(world.now + TimeDelta::seconds(seconds));
    release(world, "backend", Pushed::With(ImageFault::None));
}
