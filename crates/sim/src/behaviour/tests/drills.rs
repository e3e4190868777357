//! Failovers as a probe sees them, to the millisecond, compared with the world's own record.
use bytes::Bytes;
use chrono::{DateTime, TimeDelta};
use http::StatusCode;

use crate::behaviour::advance;
use crate::behaviour::dataplane::{Routed, route};
use crate::behaviour::rds_actions::reboot_db_instance;
use crate::world::rds::{DbStatus, DrillKind, DrillTruth};
use crate::world::{Time, World};
use crate::{Scenario, build_account};
use crate::{Served, serve};

pub(super) const SEEDS: std::ops::Range<u64> = 1..9;
/// How often the probe asks.
const INTERVAL: TimeDelta = TimeDelta::milliseconds(130);

pub(super) fn world(scenario: Scenario, seed: u64) -> World {
    let start = DateTime::from_timestamp(1_781_000_017, 0).expect("a valid time");
    build_account(scenario, seed, start)
}

pub(super) fn pass(world: &mut World, seconds: i64) {
    let to = world.now + TimeDelta::seconds(seconds);
    advance(world, to);
}

pub(super) fn fail_over(world: &mut World) {
    let at = world.now + TimeDelta::milliseconds(417);
    reboot_db_instance(world, "party-box-db", true, at).expect("accepted");
}

/// The result of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    Good,
    Refused,
    Hung,
}

pub(super) fn ask(world: &mut World, path: &str, at: Time) -> Met {
    let request = http::Request::get(path).body(Bytes::new()).expect("a request");
    match serve(world, &request, at) {
        Served::Answer(answer) if answer.status() == StatusCode::OK => Met::Good,
        Served::Answer(answer) => {
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            Met::Refused
        }
        Served::Hangs => Met::Hung,
    }
}

/// Asks `/api/health` for some seconds, in strict intervals.
pub(super) fn probe(world: &mut World, seconds: i64) -> Vec<(Time, Met)> {
    let (mut at, end) = (world.now, world.now + TimeDelta::seconds(seconds));
    let mut seen = Vec::new();
    while at < end {
        seen.push((at, ask(world, "/api/health", at)));
        at += INTERVAL;
    }
    seen
}

pub(super) fn only_drill(world: &World) -> DrillTruth {
    let mut drills = world.drill_truths();
    assert_eq!(drills.len(), 1, "{drills:#?}");
    drills.remove(0)
}

/// Asserts that the probe agrees with the truth: bad from the first moment on, mixed while tasks are still
/// missing, good after it.
pub(super) fn assert_as_truth(seen: &[(Time, Met)], truth: &DrillTruth) {
    let down = truth.api_down_at.expect("down");
    let (first, all) = (truth.api_first_up_at.expect("up"), truth.api_all_up_at.expect("all up"));
    assert!(down < first && first <= all, "{truth:?}");
    for (at, met) in seen {
        if *at < down || *at >= all {
            assert_eq!(*met, Met::Good, "{at} {truth:?}");
        } else if *at < first {
            assert_ne!(*met, Met::Good, "{at} {truth:?}");
        }
    }
    let good = |(_, met): &&(Time, Met)| *met == Met::Good;
    let (first_bad, _) = seen.iter().find(|each| !good(each)).expect("an outage");
    assert!(*first_bad - down < INTERVAL, "{first_bad} {truth:?}");
    let (first_good, _) = seen.iter().filter(|(at, _)| *at >= down).find(good).expect("an end");
    assert!(*first_good - first < INTERVAL * 2, "{first_good} {truth:?}");
}

#[test]
fn a_probe_sees_exactly_the_outage_that_there_was() {
    let mut fractions = 0;
    for scenario in [Scenario::Steady, Scenario::FailoverLostEvents, Scenario::FailoverReorderedEvents] {
        for seed in SEEDS {
            let mut world = world(scenario, seed);
            fail_over(&mut world);
            let seen = probe(&mut world, 240);
            let truth = only_drill(&world);
            assert_eq!((truth.kind, truth.database.as_str()), (DrillKind::Failover, "party-box-db"));
            assert_as_truth(&seen, &truth);
            assert_eq!(truth.api_first_up_at, truth.api_all_up_at, "all tasks ask one resolver");
            let (down, up) = (truth.api_down_at.expect("down"), truth.api_all_up_at.expect("up"));
            let away = (up - down).num_seconds();
            assert!((13..=41).contains(&away), "seed {seed}: {away} s");
            fractions +=
                i32::from(down.timestamp_subsec_millis() > 0) + i32::from(up.timestamp_subsec_millis() > 0);
            // It hangs for about eight seconds, then it is refused.
            let hung = seen.iter().filter(|(_, met)| *met == Met::Hung).map(|(at, _)| *at);
            let last = hung.max().expect("requests that hang");
            assert!((7_400..8_500).contains(&(last - down).num_milliseconds()), "{last} {truth:?}");
            assert!(seen.iter().any(|(_, met)| *met == Met::Refused));
            let accepted = truth.accepted_at.expect("accepted");
            assert!(accepted < down, "the answer comes before the outage");
        }
    }
    assert!(fractions > 40, "moments are not whole seconds");
}

#[test]
fn the_status_lags_and_the_zones_follow_late() {
    for seed in SEEDS {
        let mut world = world(Scenario::Steady, seed);
        fail_over(&mut world);
        let status = |world: &World| world.rds.instances[0].status;
        assert_eq!(status(&world), DbStatus::Rebooting, "already in the answer");
        let zones = |world: &World| {
            let instance = &world.rds.instances[0];
            (instance.availability_zone.clone(), instance.secondary_availability_zone.clone())
        };
        let (primary, standby) = zones(&world);
        let (mut available_again, mut swapped) = (None, None);
        for _ in 0..560 {
            let before = status(&world);
            pass(&mut world, 1);
            if (before, status(&world)) == (DbStatus::Rebooting, DbStatus::Available) {
                available_again = Some(world.now);
            }
            if zones(&world).0 != primary {
                swapped = swapped.or(Some(world.now));
            }
        }
        assert_eq!(zones(&world), (standby.expect("a standby"), Some(primary)));
        let truth = only_drill(&world);
        let within = |seen: Option<Time>, truth: Option<Time>| {
            let late = seen.expect("seen") - truth.expect("true");
            assert!(late >= TimeDelta::zero() && late < TimeDelta::seconds(1), "seed {seed}: {late}");
        };
        let late = available_again.expect("over") - truth.completed_event_at.expect("told");
        assert!((11..=23).contains(&late.num_seconds()), "seed {seed}: {late}");
        within(swapped, truth.zones_swapped_at);
        let late = (truth.zones_swapped_at.expect("true") - truth.accepted_at.expect("asked")).num_seconds();
        assert!((59..=541).contains(&late), "seed {seed}: {late} s");
    }
}

#[test]
fn a_failover_hurts_the_api_but_no_health_check() {
    let mut world = world(Scenario::Steady, 4);
    fail_over(&mut world);
    for _ in 0..240 {
        pass(&mut world, 1);
        for path in ["/health", "/", "/socket.io/?transport=polling"] {
            let now = world.now;
            assert_eq!(ask(&mut world, path, now), Met::Good, "{path} does not ask the database");
        }
        let healthy = |target: &&crate::world::elb::Target| target.reason.is_none();
        assert!(
            world.elb.target_groups.iter().all(|group| group.targets.iter().filter(healthy).count() == 2)
        );
    }
}

#[test]
fn a_plain_reboot_changes_no_address_and_is_no_drill() {
    let mut world = world(Scenario::Steady, 5);
    let now = world.now;
    reboot_db_instance(&mut world, "party-box-db", false, now).expect("accepted");
    let before = world.rds.records.clone();
    let seen = probe(&mut world, 90);
    assert!(seen.iter().any(|(_, met)| *met != Met::Good));
    assert_eq!(seen.last().expect("probes").1, Met::Good);
    assert_eq!(world.rds.records, before);
    assert_eq!(world.drill_truths(), []);
}

#[test]
fn targets_take_turns_whatever_else_is_asked() {
    let mut world = world(Scenario::Steady, 2);
    let task = |world: &mut World, at: Time| {
        let request = http::Request::get("/api/health").body(Bytes::new()).expect("a request");
        let Served::Answer(answer) = serve(world, &request, at) else { panic!("nothing hangs") };
        let body: serde_json::Value = serde_json::from_slice(answer.body()).expect("JSON");
        body["task"].as_str().expect("its task").to_owned()
    };
    // Every other millisecond of the clock, and pages of the other service between: neither may favour a
    // target.
    let mut met = Vec::new();
    for step in 0..20 {
        let at = world.now + TimeDelta::milliseconds(step * 200 % 1000);
        met.push(task(&mut world, at));
        ask(&mut world, "/", at);
    }
    assert!(met.windows(2).all(|pair| pair[0] != pair[1]), "{met:?}");
    let Routed::Task { reachable, sound, .. } = route(&world, "/api/health", 0, world.now, false) else {
        panic!("there are targets");
    };
    assert!(reachable && sound);
}
