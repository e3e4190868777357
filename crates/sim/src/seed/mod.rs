//! The account at its beginning: what its estate describes, with some weeks of history.
mod aurora;
mod containers;
mod database;
mod deployment_configuration;
mod edge;
mod history;
mod images;
mod monitoring;
mod network;
mod scenarios;
mod services;

use chrono::TimeDelta;

pub use self::scenarios::{Scenario, UnknownScenario};
use crate::behaviour;
use crate::estate::Estate;
use crate::estate::zone as zone_name;
use crate::estate::{ACCOUNT, EnginePart, REGION};
use crate::world::rng::{Rng, stream_of};
use crate::world::rules::DatabaseLayout;
use crate::world::script::Script;
use crate::world::{Account, Roles, Tag, Time, World, cloudwatch, ecr, ecs, elb, rds, scaling};

/// Builds the Party Box at `now`, with some weeks of history behind it and what the scenario changes in it.
pub fn build_account(scenario: Scenario, seed: u64, now: Time) -> World {
    build(&Estate::party_box(), scenario, seed, now)
}

/// Builds the account that an estate describes, likewise.
///
/// # Errors
/// The scenario makes no sense on this estate; the sentence says why.
pub fn build_estate(estate: &Estate, scenario: Scenario, seed: u64, now: Time) -> Result<World, String> {
    match scenario.refusal(estate) {
        Some(why) => Err(format!("the scenario '{scenario}' makes no sense on '{}': {why}", estate.name)),
        None => Ok(build(estate, scenario, seed, now)),
    }
}

fn build(estate: &Estate, scenario: Scenario, seed: u64, now: Time) -> World {
    let changed = with_layout(estate, scenario.rules().database);
    let estate = &changed;
    let mut world = World {
        now,
        began: now,
        seed,
        rules: scenario.rules(),
        rng: Rng::new(seed),
        load_factor: 1.0,
        account: account(estate),
        ecs: ecs::Ecs::default(),
        elb: elb::Elb::default(),
        rds: rds::Rds::default(),
        ecr: ecr::Ecr::default(),
        network: network::network(estate, now),
        certificates: Vec::new(),
        secrets: Vec::new(),
        scaling: scaling::Scaling::default(),
        cloudwatch: cloudwatch::CloudWatch::default(),
        truth: Vec::new(),
        zone_loss: None,
        no_capacity_until: None,
        load_rise: None,
        script: Script::new(scenario.timeline(), now),
        roles: Roles::default(),
    };
    images::fill(&mut world, estate);
    edge::fill(&mut world, estate);
    services::fill(&mut world, estate);
    database::fill(&mut world, estate);
    monitoring::fill(&mut world, estate);
    behaviour::fill_past_minutes(&mut world);
    world
}

/// The estate with the database that the rules ask for.
fn with_layout(estate: &Estate, layout: DatabaseLayout) -> Estate {
    let mut estate = estate.clone();
    if layout == DatabaseLayout::AuroraCluster
        && let Some(part) = estate.database.first_mut()
    {
        part.engine = EnginePart::AuroraPostgresql;
        part.replicas.clear();
    }
    estate
}

fn account(estate: &Estate) -> Account {
    Account {
        id: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        zones: estate.zones.iter().map(|letter| zone_name(letter)).collect(),
        caller_arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/PartyBoxOnCall/simulated"),
        caller_user_id: "AROAPARTYBOXONCALL23:simulated".to_owned(),
    }
}

/// The tags of every resource of an estate.
fn tags(estate: &Estate, name: &str) -> Vec<Tag> {
    vec![Tag::new("Name", name), Tag::new("Project", &estate.project), Tag::new("Environment", "production")]
}

/// Hexadecimal digits derived from a name, whatever the seed.
fn fixed_hex(name: &str, length: usize) -> String {
    Rng::new(stream_of(name)).hex(length)
}

fn days(count: i64) -> TimeDelta {
    TimeDelta::days(count)
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

#[cfg(test)]
mod tests;
