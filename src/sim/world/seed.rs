//! The default account, with its history.
use super::rng::Rng;
use super::{Account, Script, Time, World, cloudwatch, ecr, ecs, elb, network, rds, scaling};
use crate::sim::scenario::Scenario;

/// The whole account at `now`.
pub(super) fn world(scenario: Scenario, seed: u64, now: Time) -> World {
    World {
        now,
        began: now,
        seed,
        scenario,
        rng: Rng::new(seed),
        load_factor: 1.0,
        account: account(),
        ecs: ecs::Ecs::default(),
        elb: elb::Elb::default(),
        rds: rds::Rds::default(),
        ecr: ecr::Ecr::default(),
        network: network::Network::default(),
        certificates: Vec::new(),
        secrets: Vec::new(),
        scaling: scaling::Scaling::default(),
        cloudwatch: cloudwatch::CloudWatch::default(),
        truth: Vec::new(),
        script: Script::default(),
    }
}

fn account() -> Account {
    Account {
        id: "123456789012".to_owned(),
        region: "ap-northeast-1".to_owned(),
        zones: vec!["ap-northeast-1a".to_owned(), "ap-northeast-1c".to_owned()],
        caller_arn: "arn:aws:sts::123456789012:assumed-role/PartyBoxOnCall/simulated".to_owned(),
        caller_user_id: "AROASIMULATEDPARTYBOX:simulated".to_owned(),
    }
}
