//! Every deployment scenario is watched from the first reading to the verdict, which must be the account's own truth:
//! always, and without a false success at any moment. The truth is never served; only this test looks at it.

mod paint;
mod story;
mod targets;
mod truth;
mod watch;

use partybox_sim::Scenario;
use partybox_sim::world::DeploymentVerdict;
use partybox_testkit::rig::{Rig, Truth};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use story::{Operator, SCENARIOS};
use watch::{Delays, Series, Watch};

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
    /// How the deployments really ended.
    ends: Vec<DeploymentVerdict>,
    wrong: Vec<String>,
    delays: Delays,
    /// The longest time for which something was wrong and nothing was said, milliseconds; how often was looked.
    silence: (u64, usize),
    /// How long each success took, and within what it was foreseen at first sight, seconds.
    forecasts: Vec<(i64, i64, i64)>,
    shares: BTreeMap<&'static str, f64>,
}

/// In some runs readings get lost or fail; nothing is measured there, but the verdicts must be the same.
fn is_faulty(seed: u64) -> bool {
    seed.is_multiple_of(4)
}

/// Goes to the next message or frame.
fn step(rig: &mut Rig, watch: &mut Watch, truth: &mut Truth, end: u64, operator: Option<&mut Operator>) {
    if rig.step(watch.screen.due().map_or(end, |due| due.clamp(rig.at(), end))) {
        watch.screen.message();
        watch.look(rig);
        truth.look(rig);
        if let Some(operator) = operator {
            operator.act(rig);
        }
    }
    watch.screen.frame(rig);
}

fn run(scenario: Scenario, seed: u64) -> Outcome {
    let mut rig = Rig::new(scenario, seed);
    story::prepare(&mut rig.world(), scenario, seed);
    let mut operator = Operator::of(scenario, seed, &mut rig.rng);
    // The polls fall differently in every run; some programs are started while the rollout is under way.
    let connected = rig.between(0, 30_000);
    rig.faulty = is_faulty(seed);
    rig.connect(connected);
    let mut watch = Watch::default();
    let mut truth = Truth::of(connected);
    let mut over = None;
    while over.is_none_or(|at| rig.at() < at + PATIENCE) && rig.at() < LONGEST {
        step(&mut rig, &mut watch, &mut truth, LONGEST, Some(&mut operator));
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
        step(&mut rig, &mut watch, &mut truth, end, None);
    }
    let mut truths = rig.world().deployment_truths();
    truths.truncate(operator.deployments);
    let equal = watch.judge(&truths);
    if truths.len() < operator.deployments || !operator.done() {
        watch.wrong.insert(format!("the story was not told to its end: {operator:?}"));
    }
    let delays = if rig.faulty { Delays::default() } else { watch.delays(&rig, connected) };
    let silence = (truth.longest(), truth.looks);
    let forecasts = watch.forecasts(&truths);
    let wrong =
        watch.wrong.iter().chain(truth.wrong()).map(|it| format!("{scenario}, seed {seed}: {it}")).collect();
    let ends = truths.iter().filter_map(|it| it.ended.map(|(_, verdict)| verdict)).collect();
    Outcome {
        equal,
        total: operator.deployments,
        ends,
        delays,
        silence,
        forecasts,
        wrong,
        shares: rig.calls().shares(),
    }
}

/// The value below which this share of all lies, in seconds.
fn percentile(values: &mut [u64], percent: usize) -> f64 {
    values.sort_unstable();
    let at = (values.len() * percent).div_ceil(100).max(1) - 1;
    values.get(at).map_or(f64::NAN, |value| std::time::Duration::from_millis(*value).as_secs_f64())
}

/// Says how long changes took; gives the p50 and the p95 to the frame that showed them, in seconds.
fn print(what: &str, series: &mut Series) -> (f64, f64) {
    let [known, painted] =
        [&mut series.known, &mut series.painted].map(|it| (percentile(it, 50), percentile(it, 95)));
    println!(
        "from change to paint: {what}: p50 {:.2} s, p95 {:.2} s (to the state: {:.2} s, {:.2} s), {} changes",
        painted.0,
        painted.1,
        known.0,
        known.1,
        series.painted.len()
    );
    painted
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
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for end in outcomes.iter().flat_map(|it| &it.ends) {
        *ends.entry(watch::word(*end)).or_default() += 1;
    }
    println!("how they ended: {ends:?}");
    let looks: usize = outcomes.iter().map(|it| it.silence.1).sum();
    let longest = outcomes.iter().map(|it| it.silence.0).max().unwrap_or(0);
    println!("looked {looks} times while nothing served: silent for {longest} ms at most");
    let foreseen: Vec<_> = outcomes.iter().flat_map(|it| it.forecasts.clone()).collect();
    let fits = foreseen.iter().filter(|(took, low, high)| (low..=high).contains(&took)).count();
    println!("the end lies within the first forecast in {fits} of {} successes", foreseen.len());
    println!("took, earliest, latest (s): {foreseen:?}");
    let mut delays = Delays::default();
    let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
    let mut wrong = Vec::new();
    for outcome in outcomes {
        delays.starts.extend(&outcome.delays.starts);
        delays.running.extend(&outcome.delays.running);
        delays.verdicts.extend(&outcome.delays.verdicts);
        for (bucket, share) in outcome.shares {
            let known = shares.entry(bucket).or_default();
            *known = known.max(share);
        }
        wrong.extend(outcome.wrong);
    }
    let mut under_way = Series::default();
    under_way.extend(&delays.running);
    under_way.extend(&delays.verdicts);
    let changes = under_way.painted.len();
    print("a deployment began (nothing was rolling)", &mut delays.starts);
    print("a task of a watched rollout runs", &mut delays.running);
    print("a watched rollout ended", &mut delays.verdicts);
    let (half, most) = print("the last two together", &mut under_way);
    for (bucket, share) in &shares {
        println!("busiest minute: {bucket}: {share:.1} % of the published rate");
        assert!(*share < 20.0, "{bucket}: {share} %");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(changes, under_way.known.len(), "some were never painted");
    // Of virtual time, at speed 1: how busy this machine is does not matter.
    assert!(changes > 0 && half < 2.0 && most < 4.0, "p50 {half} s, p95 {most} s to the painted change");
    assert_eq!((equal, total > 0), (total, true));
    // 90 % of them, and none of nothing.
    assert!(!foreseen.is_empty() && fits * 10 >= foreseen.len() * 9, "{fits} of {}", foreseen.len());
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
