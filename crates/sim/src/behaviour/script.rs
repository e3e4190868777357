//! Runs the steps of the account's timeline when they are due.
use chrono::TimeDelta;

use super::ci_release::release_service;
use super::ecs::update_service::{ServiceChange, update_service};
use super::load::load_factor_for;
use super::rds::{self, Why};
use super::zone_outage::lose_zone;
use crate::world::ecs::{RolloutState, ServiceId};
use crate::world::script::Step;
use crate::world::{LoadRise, World};

/// Seconds between checks of a step that waits for the end of a rollout.
const LOOK_AGAIN: i64 = 30;

/// Runs every step that is due in the present second.
pub(crate) fn step(world: &mut World) {
    while world.script.next_at.is_some_and(|at| at <= world.now) {
        match world.script.next_step() {
            Some(step) => take_step(world, step),
            None => world.script.next_at = None,
        }
    }
}

fn take_step(world: &mut World, step: Step) {
    match step {
        Step::Wait(seconds) => wait(world, seconds),
        Step::WaitBetween(low, high) => {
            let seconds = world.rng.between(low, high);
            wait(world, seconds);
        }
        Step::AwaitNoRollout => {
            if is_rolling(world, None) {
                world.script.position -= 1;
                wait(world, LOOK_AGAIN);
            }
        }
        Step::Release { service, image } => release_service(world, service, image),
        Step::ReleaseUnlessRolling { service, image } => {
            if !is_rolling(world, world.roles.player(service)) {
                release_service(world, service, image);
            }
        }
        Step::RaiseLoad { service, requests } => {
            let Some(service_id) = world.roles.player(service) else { return };
            let factor = load_factor_for(world, world.service(service_id), requests);
            world.load_rise = Some(LoadRise { since: world.now, factor });
        }
        Step::Scale { service, desired_count } => {
            let change = ServiceChange { desired_count: Some(desired_count), ..ServiceChange::default() };
            let Some(service_id) = world.roles.player(service) else { return };
            let own = world.service(service_id);
            let (cluster, name) = (own.cluster_arn.clone(), own.arn.clone());
            // A service that nobody may scale stays as it is.
            let _ = update_service(world, &cluster, &name, &change);
        }
        Step::ExhaustCapacity { spans } => exhaust_capacity(world, spans),
        Step::FailDatabaseHost => fail_database_host(world),
        Step::LoseZone => {
            if let Some(zone) = world.account.zones.first().cloned() {
                lose_zone(world, &zone);
            }
        }
    }
}

fn wait(world: &mut World, seconds: i64) {
    world.script.next_at = Some(world.now + TimeDelta::seconds(seconds));
}

fn is_rolling(world: &World, only: Option<ServiceId>) -> bool {
    let mut services = world.ecs.service_ids().filter(|each| only.is_none_or(|only| *each == only));
    services.any(|service| {
        world.service(service).primary().is_some_and(|it| it.rollout_state == RolloutState::InProgress)
    })
}

fn exhaust_capacity(world: &mut World, spans: &[(i64, i64)]) {
    let Some(last) = i64::try_from(spans.len()).ok().and_then(|count| count.checked_sub(1)) else { return };
    let place = usize::try_from(world.rng.between(0, last)).unwrap_or_default();
    let Some((low, high)) = spans.get(place) else { return };
    let seconds = world.rng.between(*low, *high);
    world.no_capacity_until = Some(world.now + TimeDelta::seconds(seconds));
}

fn fail_database_host(world: &mut World) {
    let primary = world.rds.instances.iter().position(|each| each.multi_az);
    if let Some(index) = primary.filter(|&index| world.rds.instances[index].operation.is_none()) {
        rds::begin_reboot(world, index, Why::HostUnhealthy);
    }
}
