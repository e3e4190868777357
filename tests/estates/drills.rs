//! On every estate with a database that can fail over, a drill is recorded as it really went.

use crate::{estates, program, seeds, until};
use partybox_core::app::{Msg, Overlay};
use partybox_core::operation::Draft;
use partybox_sim::{Estate, Scenario};
use partybox_testkit::rig::Truth;
use std::time::Duration;

/// No drill is longer, milliseconds.
const LONGEST: u64 = 20 * 60_000;
/// The probe asks every so often, milliseconds.
const INTERVAL: u64 = 250;
/// Beside the intervals at both ends: the ways there and back, and the tasks that come back one after the other.
const MORE: i64 = 1_500;

/// Tells one story; gives what the program said that was not so.
fn run(estate: &Estate, seed: u64) -> Vec<String> {
    let mut rig = program(estate, Scenario::Steady, seed);
    rig.state.session.drills.url = Some("http://alb.test/api/health".into());
    rig.state.session.drills.probe.interval = Duration::from_millis(INTERVAL);
    rig.connect(0);
    until(&mut rig, 90_000, |rig| rig.state.all_answered());
    let mut truth = Truth::of(rig.at());
    let mut wrong = Vec::new();
    rig.tell(Msg::Draft(Box::new(Draft::Failover { database: "party-box-db".into() })));
    for _ in 0..30 {
        if matches!(rig.state.screen.overlay, Overlay::Plan(_)) {
            rig.tell(Msg::Confirm);
            let later = rig.at() + 1_000;
            until(&mut rig, later, |_| false);
        }
    }
    let mut kept = None;
    while kept.is_none() && rig.at() < LONGEST {
        if rig.step(LONGEST) {
            truth.look(&rig);
        }
        kept = rig.kept();
    }
    let really = rig.world().drill_truths().first().cloned();
    match (kept, really) {
        (None, _) => wrong.push(format!("no record: {:?}", rig.state.drill.current.map(|it| it.stage))),
        (Some(_), None) => wrong.push("a record of a failover that was not".to_owned()),
        (Some(report), Some(really)) => {
            let span = really
                .api_down_at
                .zip(really.api_first_up_at)
                .map(|(down, up)| (up - down).num_milliseconds());
            let told = report.rto_ms.map(u64::cast_signed);
            let near = span
                .zip(told)
                .is_some_and(|(span, told)| (span - told).abs() <= 2 * INTERVAL.cast_signed() + MORE);
            if !near {
                wrong.push(format!("an RTO of {told:?} ms is told, and it was {span:?}"));
            }
        }
    }
    wrong.extend(truth.wrong().cloned());
    wrong.into_iter().map(|it| format!("{}, seed {seed}: {it}", estate.name())).collect()
}

/// The estates whose database the program finds.
const DRILLED: [&str; 9] =
    ["party-box", "three-zones", "aurora", "endpoints", "nlb", "codedeploy", "ipv6", "shared-vpc", "messy"];

#[test]
fn a_failover_is_recorded_as_it_went_on_every_estate() {
    let mut wrong = Vec::new();
    for estate in estates().filter(|estate| DRILLED.contains(&estate.name())) {
        for seed in 1..=seeds(1) {
            wrong.extend(run(&estate, seed));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
