//! The default account: a Party Box, with some weeks of history.
mod aurora;
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
use crate::world::rng::{Rng, stream_of};
use crate::world::script::Script;
use crate::world::{Account, Tag, Time, World, cloudwatch, ecr, ecs, elb, rds, scaling};

/// The cluster's name.
const CLUSTER: &str = "party-box";

/// Builds the default account at `now`, with some weeks of history behind it and what the scenario changes in
/// it.
pub fn build_account(scenario: Scenario, seed: u64, now: Time) -> World {
    let mut world = World {
        now,
        began: now,
        seed,
        rules: scenario.rules(),
        rng: Rng::new(seed),
        load_factor: 1.0,
        account: account(),
        ecs: ecs::Ecs::default(),
        elb: elb::Elb::default(),
        rds: rds::Rds::default(),
        ecr: ecr::Ecr::default(),
        network: network::network(now),
        certificates: Vec::new(),
        secrets: Vec::new(),
        scaling: scaling::Scaling::default(),
        cloudwatch: cloudwatch::CloudWatch::default(),
        truth: Vec::new(),
        zone_loss: None,
        no_capacity_until: None,
        load_rise: None,
        script: Script::new(scenario.timeline(), now),
    };
    images::fill(&mut world);
    edge::fill(&mut world);
    services::fill(&mut world);
    database::fill(&mut world);
    monitoring::fill(&mut world);
    behaviour::fill_past_minutes(&mut world);
    world
}

fn account() -> Account {
    Account {
        id: "123456789012".to_owned(),
        region: "ap-northeast-1".to_owned(),
        zones: vec!["ap-northeast-1a".to_owned(), "ap-northeast-1c".to_owned()],
        caller_arn: "arn:aws:sts::123456789012:assumed-role/PartyBoxOnCall/simulated".to_owned(),
        caller_user_id: "AROAPARTYBOXONCALL23:simulated".to_owned(),
    }
}

/// The tags of every resource of this Party Box.
fn tags(name: &str) -> Vec<Tag> {
    vec![Tag::new("Name", name), Tag::new("Project", CLUSTER), Tag::new("Environment", "production")]
}

/// Hexadecimal digits derived from a name, whatever the seed.
fn fixed_hex(name: &str, length: usize) -> String {
    Rng::new(stream_of(name)).hex(length)
}

fn days(count: i64) -> TimeDelta {
    TimeDelta::days(count)
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{name}")
}
