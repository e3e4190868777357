//! On every estate a rollout is followed to the verdict that is the account's own truth.

use crate::{estates, program, seeds};
use partybox_core::diagnosis::RolloutVerdict;
use partybox_sim::world::{DeploymentTruth, DeploymentVerdict};
use partybox_sim::{Estate, Scenario};
use partybox_testkit::rig::{Rig, Truth};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A good release, one whose tasks fail their checks, one that exits, and one that was never pushed.
const SCENARIOS: [Scenario; 4] =
    [Scenario::Deploy, Scenario::BadDeploy, Scenario::CrashLoop, Scenario::BadImage];

/// No rollout takes longer, milliseconds.
const LONGEST: u64 = 45 * 60_000;
/// A verdict must be there so long after the truth, milliseconds.
const PATIENCE: u64 = 3 * 60_000;

/// What the program says of a deployment, if it is final.
fn said(rig: &Rig, truth: &DeploymentTruth) -> Option<RolloutVerdict> {
    let rollouts = &rig.state.account.rollouts;
    let rollout = rollouts.find(&truth.arn).or_else(|| rollouts.find(&truth.deployment))?;
    rollout.verdict.clone().filter(RolloutVerdict::is_final)
}

fn fits(verdict: &RolloutVerdict, truth: DeploymentVerdict) -> bool {
    match truth {
        DeploymentVerdict::Succeeded => *verdict == RolloutVerdict::Succeeded,
        DeploymentVerdict::RolledBack => matches!(verdict, RolloutVerdict::RolledBack { .. }),
        _ => !matches!(verdict, RolloutVerdict::Succeeded),
    }
}

/// Tells one story; gives what the program said that was not so.
fn run(estate: &Estate, scenario: Scenario, seed: u64) -> Vec<String> {
    let mut rig = program(estate, scenario, seed);
    let connected = rig.between(0, 10_000);
    rig.connect(connected);
    let mut truth = Truth::of(rig.at());
    let mut over = None;
    let mut wrong = Vec::new();
    while rig.at() < over.map_or(LONGEST, |at| at + PATIENCE) {
        if !rig.step(LONGEST) {
            continue;
        }
        truth.look(&rig);
        let Some(first) = rig.world().deployment_truths().first().cloned() else { continue };
        let verdict = said(&rig, &first);
        match (verdict, first.ended) {
            (Some(RolloutVerdict::Succeeded), None) => {
                wrong.push("a success is told before the end".to_owned());
                break;
            }
            (Some(verdict), Some((_, end))) => {
                if !fits(&verdict, end) {
                    wrong.push(format!("{verdict:?} is told, and it is {end:?}"));
                }
                break;
            }
            (None, Some(_)) if over.is_none() => over = Some(rig.at()),
            _ => {}
        }
        if over.is_some_and(|at| rig.at() >= at + PATIENCE - 1_000) {
            wrong.push(format!("no verdict is told, and it is {:?}", first.ended));
            break;
        }
    }
    if rig.world().deployment_truths().first().is_none_or(|first| first.ended.is_none()) {
        wrong.push("the rollout did not end".to_owned());
    }
    wrong.extend(truth.wrong().cloned());
    wrong.into_iter().map(|it| format!("{}, {scenario}, seed {seed}: {it}", estate.name())).collect()
}

#[test]
fn a_rollout_is_followed_to_its_end_on_every_estate() {
    let pairs = estates().flat_map(|estate| SCENARIOS.map(|scenario| (estate.clone(), scenario)));
    let sensible = pairs.filter(|(estate, scenario)| {
        // The timeout by which CodeDeploy itself ends a release that never gets healthy is not modelled: it does not end.
        let endless = estate.name() == "codedeploy" && *scenario == Scenario::BadDeploy;
        scenario.refusal(estate).is_none() && !endless
    });
    let jobs: Vec<_> = sensible
        .flat_map(|(estate, scenario)| (1..=seeds(1)).map(move |seed| (estate.clone(), scenario, seed)))
        .collect();
    assert!(jobs.len() > 30, "every estate has its rollouts");
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).min(8) {
            scope.spawn(|| {
                while let Some((estate, scenario, seed)) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let found = run(estate, *scenario, *seed);
                    wrong.lock().expect("nobody panics with it").extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panicked with it");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
