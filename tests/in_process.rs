//! The AWS room joined to the simulated account without a socket, on a clock that the test turns.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use partybox_aws::Aws;
use partybox_core::domain::{Payload, Query, Service};
use partybox_sim::Scenario;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A simulated account and the clock that it shares with the client.
struct Account {
    aws: Aws,
    began: DateTime<Utc>,
    seconds: Arc<AtomicU64>,
}

impl Account {
    fn new(scenario: Scenario, seed: u64) -> Self {
        let began = DateTime::from_timestamp(1_795_000_000, 0).expect("a time");
        let seconds = Arc::new(AtomicU64::new(0));
        let world = Mutex::new(partybox_sim::build_account(scenario, seed, began));
        let (served, metered) = (Arc::clone(&seconds), Arc::clone(&seconds));
        let handler = move |request: http::Request<Bytes>| {
            let now = began + TimeDelta::seconds(served.load(Ordering::SeqCst).cast_signed());
            partybox_sim::handle(&mut world.lock().unwrap_or_else(PoisonError::into_inner), &request, now)
        };
        let elapsed = move || Duration::from_secs(metered.load(Ordering::SeqCst));
        let aws = Aws::in_process(handler, elapsed).expect("a good endpoint");
        Self { aws, began, seconds }
    }

    fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn services(&self) -> Arc<Vec<Service>> {
        match self.aws.ask(&Query::Services { cluster: "party-box".into() }).await {
            Ok(Payload::Services(services)) => services,
            other => panic!("{other:?}"),
        }
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
        let (old, rolling) = primary(&account.services().await);
        assert!(!rolling, "it is quiet at first");
        let mut new = None;
        for _ in 0..360 {
            account.pass(5);
            let (now, rolling) = primary(&account.services().await);
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
        account.pass(90);
        account.services().await;
        let meter = account.aws.meter();
        assert_eq!(meter.requests, 2);
        let at = Duration::from_secs(90);
        assert_eq!(meter.server_date, Some((at, account.began + TimeDelta::seconds(90))));
    });
}

#[test]
fn the_calls_made_by_hand_go_the_same_way() {
    runtime().block_on(async {
        let account = Account::new(Scenario::Steady, 1);
        let subnet = account.services().await[0].subnets[0].clone();
        let Ok(Payload::Network(network)) = account.aws.ask(&Query::Network { vpc_or_subnet: subnet }).await
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
            one.pass(10);
            two.pass(10);
            assert_eq!(one.services().await, two.services().await);
        }
    });
}
