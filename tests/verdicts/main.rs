//! Every deployment scenario is watched from the first reading to the verdict, which must be the account's own truth:
//! always, and without a false success at any moment. The truth is never served; only this test looks at it.

mod calls;
mod rig;
mod story;
mod watch;

use partybox_top::sim::Scenario;
use rig::Rig;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use story::{Operator, SCENARIOS};
use watch::{Delays, Watch};

/// No story is longer, milliseconds.
const LONGEST: u64 = 45 * 60_000;
/// A verdict must be there so long after the truth, milliseconds.
const PATIENCE: u64 = 6 * 60_000;
/// The program is watched for so long after everything ended, milliseconds: a verdict stands.
const AFTERWARDS: u64 = 30_000;

/// What one run came to.
#[derive(Debug, Default)]
struct Outcome {
    equal: usize,
    total: usize,
    wrong: Vec<String>,
    delays: Delays,
    shares: BTreeMap<&'static str, f64>,
}

/// In some runs readings get lost or fail; nothing is measured there, but the verdicts must be the same.
fn is_faulty(seed: u64) -> bool {
    seed.is_multiple_of(4)
}

fn run(scenario: Scenario, seed: u64) -> Outcome {
    let mut rig = Rig::new(scenario, seed);
    let mut operator = Operator::of(scenario, seed, &mut rig.rng);
    // The polls fall differently in every run; some programs are started while the rollout is under way.
    let connected = rig.between(0, 30_000);
    rig.faulty = is_faulty(seed);
    rig.connect(connected);
    let mut watch = Watch::default();
    let mut over = None;
    while over.is_none_or(|at| rig.at() < at + PATIENCE) && rig.at() < LONGEST {
        if rig.step(LONGEST) {
            watch.look(&rig);
            operator.act(&mut rig);
        }
        let truths = rig.world().deployment_truths();
        let ended = truths.iter().take(operator.deployments).filter(|it| it.ended.is_some()).count();
        if over.is_none() && ended == operator.deployments && operator.done() {
            over = Some(rig.at());
        }
        if over.is_some() && watch.ended(&truths[..operator.deployments]) {
            break;
        }
    }
    let end = rig.at() + AFTERWARDS;
    while rig.at() < end {
        if rig.step(end) {
            watch.look(&rig);
        }
    }
    let mut truths = rig.world().deployment_truths();
    truths.truncate(operator.deployments);
    let equal = watch.judge(&truths);
    if truths.len() < operator.deployments || !operator.done() {
        watch.wrong.insert(format!("the story was not told to its end: {operator:?}"));
    }
    let wrong = watch.wrong.iter().map(|it| format!("{scenario}, seed {seed}: {it}")).collect();
    Outcome {
        equal,
        total: operator.deployments,
        wrong,
        delays: if rig.faulty { Delays::default() } else { watch.delays(&rig, connected) },
        shares: rig.calls().shares(),
    }
}

/// The value below which this share of all lies, in seconds.
fn percentile(values: &mut [u64], percent: usize) -> f64 {
    values.sort_unstable();
    let at = (values.len() * percent).div_ceil(100).max(1) - 1;
    values.get(at).map_or(f64::NAN, |value| std::time::Duration::from_millis(*value).as_secs_f64())
}

fn watch_all(seeds: u64) {
    // Each scenario begins with another seed, so that a single round has something of every kind.
    let jobs: Vec<(Scenario, u64)> = (1..)
        .zip(SCENARIOS)
        .flat_map(|(first, scenario)| (first..first + seeds).map(move |seed| (scenario, seed)))
        .collect();
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).min(8) {
            scope.spawn(|| {
                while let Some((scenario, seed)) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let outcome = run(*scenario, *seed);
                    outcomes.lock().expect("nobody panics with it").push(outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().expect("nobody panicked with it");
    let equal: usize = outcomes.iter().map(|it| it.equal).sum();
    let total: usize = outcomes.iter().map(|it| it.total).sum();
    println!("{equal} of {total} verdicts equal, in {} runs", outcomes.len());
    let (mut starts, mut running, mut verdicts) = (Vec::new(), Vec::new(), Vec::new());
    let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
    let mut wrong = Vec::new();
    for outcome in outcomes {
        starts.extend(outcome.delays.starts);
        running.extend(outcome.delays.running);
        verdicts.extend(outcome.delays.verdicts);
        for (bucket, share) in outcome.shares {
            let known = shares.entry(bucket).or_default();
            *known = known.max(share);
        }
        wrong.extend(outcome.wrong);
    }
    let mut under_way: Vec<u64> = running.iter().chain(&verdicts).copied().collect();
    for (what, values) in [
        ("a deployment began (nothing was rolling)", &mut starts),
        ("a task of a watched rollout runs", &mut running),
        ("a watched rollout ended", &mut verdicts),
        ("the last two together", &mut under_way),
    ] {
        let (half, most) = (percentile(values, 50), percentile(values, 95));
        println!("from change to screen: {what}: p50 {half:.1} s, p95 {most:.1} s, {} changes", values.len());
    }
    for (bucket, share) in &shares {
        println!("busiest minute: {bucket}: {share:.1} % of the published rate");
        assert!(*share < 20.0, "{bucket}: {share} %");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((equal, total > 0), (total, true));
}

/// How many seeds to try each scenario with: `PARTYBOX_SEEDS`, or a few.
fn seeds(few: u64) -> u64 {
    std::env::var("PARTYBOX_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(few)
}

#[test]
fn every_verdict_is_the_truth() {
    watch_all(seeds(1));
}

#[test]
#[ignore = "takes minutes"]
fn every_verdict_is_the_truth_fifty_times() {
    watch_all(seeds(50));
}
