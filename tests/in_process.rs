//! The AWS room joined to the simulated account without a socket, on a clock that the test turns.

use chrono::TimeDelta;
use partybox_core::domain::{Payload, Query, Service};
use partybox_sim::Scenario;
use partybox_testkit::rig::{Account, began};
use std::sync::Arc;
use std::time::Duration;

/// Lets so many seconds pass.
fn pass(account: &Account, seconds: u64) {
    account.turn_to(account.at() + seconds * 1000);
}

async fn services(account: &Account) -> Arc<Vec<Service>> {
    match account.aws.ask(&Query::Services { cluster: "party-box".into() }).await {
        Ok(Payload::Services(services)) => services,
        other => panic!("{other:?}"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

#[test]
fn a_deploy_is_watched_from_its_start_to_its_end() {
    runtime().block_on(async {
        let account = Account::new(Scenario::Deploy, 7);
        let primary = |services: &[Service]| {
            let backend =
                services.iter().find(|service| service.name == "backend").expect("it is there").clone();
            (backend.primary().expect("a deployment").id.clone(), backend.is_rolling())
        };
        let (old, rolling) = primary(&services(&account).await);
        assert!(!rolling, "it is quiet at first");
        let mut new = None;
        for _ in 0..360 {
            pass(&account, 5);
            let (now, rolling) = primary(&services(&account).await);
            match (&new, rolling) {
                (None, true) => new = Some(now),
                (Some(new), false) => {
                    assert_ne!(*new, old, "the rollout has a deployment of its own");
                    assert_eq!(*new, now, "and that is what runs in the end");
                    return;
                }
                _ => {}
            }
        }
        panic!("within half an hour nothing began and ended: {new:?}");
    });
}

#[test]
fn the_meter_goes_by_the_clock_that_was_given() {
    runtime().block_on(async {
        let account = Account::new(Scenario::Steady, 1);
        pass(&account, 90);
        services(&account).await;
        let meter = account.aws.meter();
        assert_eq!(meter.requests, 2);
        let at = Duration::from_secs(90);
        assert_eq!(meter.server_date, Some((at, began() + TimeDelta::seconds(90))));
    });
}

#[test]
fn the_calls_made_by_hand_go_the_same_way() {
    runtime().block_on(async {
        let account = Account::new(Scenario::Steady, 1);
        let subnet = services(&account).await[0].subnets[0].clone();
        let Ok(Payload::Network(network)) =
            account.aws.ask(&Query::Network { vpc_or_subnet: subnet, named: Vec::new() }).await
        else {
            panic!("no network")
        };
        assert!(!network.subnets.is_empty());
    });
}

#[test]
fn the_same_seed_tells_the_same_story() {
    runtime().block_on(async {
        let (one, two) = (Account::new(Scenario::Deploy, 3), Account::new(Scenario::Deploy, 3));
        for _ in 0..30 {
            pass(&one, 10);
            pass(&two, 10);
            assert_eq!(services(&one).await, services(&two).await);
        }
    });
}
