//! Every failover scenario is drilled by the real program: what it reports must be what really happened in the account.
//! The truth is never served; only this test looks at it.

mod judge;

use judge::judge;
use partybox_core::app::{Msg, Overlay};
use partybox_core::operation::{self, drill::report::DrillReport};
use partybox_sim::Scenario;
use partybox_testkit::rig::{Rig, began};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The stories with a failover: by itself, or asked for.
const SCENARIOS: &[(Scenario, &str)] = &[
    (Scenario::Steady, "party-box-db"),
    (Scenario::Failover, "party-box-db"),
    (Scenario::FailoverSlow, "party-box-db"),
    (Scenario::FailoverRefused, "party-box-db"),
    (Scenario::FailoverLostEvents, "party-box-db"),
    (Scenario::FailoverReorderedEvents, "party-box-db"),
    (Scenario::Aurora, "party-box-db"),
    (Scenario::AzOutage, "party-box-db"),
];

/// No drill is longer, milliseconds.
const LONGEST: u64 = 40 * 60_000;

/// What one run came to.
struct Run {
    name: &'static str,
    /// The program's RTO less the truth's, milliseconds.
    off: Option<i64>,
    outcome: String,
    wrong: Vec<String>,
}

/// Whether the failover comes by itself: then it is only observed.
fn by_itself(scenario: Scenario) -> bool {
    matches!(scenario, Scenario::Failover | Scenario::AzOutage)
}

fn run(scenario: Scenario, database: &str, seed: u64) -> Run {
    let mut rig = Rig::new(scenario, seed);
    rig.faulty = seed.is_multiple_of(4);
    rig.state.session.drills.url = Some("http://alb.test/api/health".into());
    // Not each at the same pace.
    let interval = [200, 250, 333, 500][usize::try_from(seed % 4).expect("small")];
    rig.state.session.drills.probe.interval = Duration::from_millis(interval);
    let connected = rig.between(0, 8_000);
    rig.connect(connected);
    let known = |rig: &Rig| rig.state.all_answered();
    until(&mut rig, 60_000, known);
    if by_itself(scenario) {
        // It is refused until the database has been read.
        while rig.state.drill.current.is_none() && rig.at() < 120_000 {
            rig.tell(Msg::Observe(database.into()));
            let later = rig.at() + 500;
            until(&mut rig, later, |_| false);
        }
    } else {
        rig.tell(Msg::Draft(Box::new(operation::Draft::Failover { database: database.into() })));
        let baseline = rig.at() + rig.between(3_000, 9_000);
        until(&mut rig, baseline, |_| false);
        // A reading that got lost may be too old just then: a moment later it is there again.
        for _ in 0..30 {
            if matches!(rig.state.screen.overlay, Overlay::Plan(_)) {
                rig.tell(Msg::Confirm);
                let later = rig.at() + 1_000;
                until(&mut rig, later, |_| false);
            }
        }
    }
    let mut kept: Option<DrillReport> = None;
    while kept.is_none() && rig.at() < LONGEST {
        rig.step(LONGEST);
        kept = rig.kept();
    }
    let name = scenario.name();
    let Some(story) = kept else {
        let wrong = vec![format!(
            "{name}, seed {seed}: no record was written: {:?}",
            rig.state.drill.current.map(|d| d.stage)
        )];
        return Run { name, off: None, outcome: String::new(), wrong };
    };
    let truths = rig.world().drill_truths();
    let drill = rig.state.drill.current.clone().expect("a drill");
    let (off, wrong) = judge(&drill, &story, truths.first(), began(), rig.faulty);
    let ended = drill.outcome().map_or("none", |o| o.word().word()).to_owned();
    let told = wrong.into_iter().map(|it| format!("{name}, seed {seed}: {it}"));
    Run { name, off, outcome: ended, wrong: told.collect() }
}

fn until(rig: &mut Rig, end: u64, fits: impl Fn(&Rig) -> bool) {
    while rig.at() < end && !fits(rig) {
        rig.step(end);
    }
}

fn drill_all(seeds: u64) {
    let jobs: Vec<(Scenario, &str, u64)> = (1..)
        .zip(SCENARIOS)
        .flat_map(|(first, (scenario, database))| {
            (first..first + seeds).map(move |seed| (*scenario, *database, seed))
        })
        .collect();
    let (next, runs) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).min(8) {
            scope.spawn(|| {
                while let Some((scenario, database, seed)) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let outcome = run(*scenario, database, *seed);
                    runs.lock().expect("nobody panics with it").push(outcome);
                }
            });
        }
    });
    let runs = runs.into_inner().expect("nobody panicked with it");
    let mut table: BTreeMap<&str, (Vec<i64>, BTreeMap<String, usize>)> = BTreeMap::new();
    for run in &runs {
        let row = table.entry(run.name).or_default();
        row.0.extend(run.off);
        *row.1.entry(run.outcome.clone()).or_default() += 1;
    }
    for (name, (off, outcomes)) in &table {
        let span = off
            .iter()
            .min()
            .zip(off.iter().max())
            .map(|(low, high)| format!("RTO off by {low} to {high} ms"));
        println!("{name}: {outcomes:?} {}", span.unwrap_or_default());
    }
    let wrong: Vec<&str> = runs.iter().flat_map(|run| &run.wrong).map(String::as_str).collect();
    println!("{} drills, {} statements that the truth contradicts", runs.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many seeds to try each scenario with: `PARTYBOX_SEEDS`, or a few.
fn seeds(few: u64) -> u64 {
    std::env::var("PARTYBOX_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(few)
}

#[test]
fn every_drill_reports_the_truth() {
    drill_all(seeds(1));
}
