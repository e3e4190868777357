//! Compares what the program shows with what is so, after every message.

use crate::paint::{Change, Screen};
use partybox_core::diagnosis::RolloutVerdict;
use partybox_core::operation::{Accepted, OperationStage, Verdict};
use partybox_sim::world::{DeploymentTruth, DeploymentVerdict, Time};
use partybox_testkit::rig::{Rig, began};
use std::collections::{BTreeMap, BTreeSet};

/// What a watcher should say in the end, in one word.
pub(crate) fn word(verdict: DeploymentVerdict) -> &'static str {
    match verdict {
        DeploymentVerdict::Succeeded => "succeeded",
        DeploymentVerdict::ScaledToZero => "scaled to zero",
        DeploymentVerdict::RolledBack => "rolled back",
        DeploymentVerdict::RollbackFailed | DeploymentVerdict::Failed => "failed",
        DeploymentVerdict::Stopped => "stopped",
        DeploymentVerdict::Superseded => "superseded",
    }
}

/// Milliseconds since the account began.
fn millis(at: Time) -> u64 {
    (at - began()).num_milliseconds().try_into().unwrap_or(0)
}

/// What was seen in one run.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// The first showing of a deployment, by its ARN.
    begun: BTreeMap<String, u64>,
    /// The first showing of a task as RUNNING, by its id.
    running: BTreeMap<String, u64>,
    /// The final verdict of a deployment, and when it was first shown.
    ends: BTreeMap<String, (RolloutVerdict, u64)>,
    /// The deployments of which it was said, before their final verdict, that old tasks still drain.
    drained: BTreeSet<String>,
    /// The first forecast of a deployment's end, by its ARN: (earliest, latest).
    forecasts: BTreeMap<String, (Time, Time)>,
    /// What of it was painted when.
    pub(crate) screen: Screen,
    /// False successes and verdicts taken back.
    pub(crate) wrong: BTreeSet<String>,
}

impl Watch {
    /// Looks at the state as it is now.
    pub(crate) fn look(&mut self, rig: &Rig) {
        let at = rig.at();
        let truths = rig.world().deployment_truths();
        let true_end = |truth: &DeploymentTruth| truth.ended.map(|(_, verdict)| verdict);
        for truth in &truths {
            let state = &rig.state;
            let rollout = state
                .account
                .rollouts
                .find(&truth.arn)
                .or_else(|| state.account.rollouts.find(&truth.deployment));
            let Some(rollout) = rollout else {
                if let Some((verdict, _)) = self.ends.get(&truth.arn) {
                    self.wrong.insert(format!("{} was {} and is forgotten", truth.arn, verdict.word()));
                }
                continue;
            };
            if !self.begun.contains_key(&truth.arn) {
                self.begun.insert(truth.arn.clone(), at);
                self.screen.expect(Change::Began(truth.service.clone(), truth.arn.clone()));
            }
            if let Some(window) = rollout.expected_end() {
                self.forecasts.entry(truth.arn.clone()).or_insert(window);
            }
            let Some(verdict) = &rollout.verdict else {
                if let Some((before, _)) = self.ends.get(&truth.arn) {
                    self.wrong.insert(format!("{} is not {} any more", truth.arn, before.word()));
                }
                continue;
            };
            let success = matches!(verdict, RolloutVerdict::Succeeded | RolloutVerdict::Draining);
            if success && true_end(truth) != Some(DeploymentVerdict::Succeeded) {
                self.wrong.insert(format!("false success of {}: really {:?}", truth.arn, truth.ended));
            }
            if *verdict == RolloutVerdict::Draining {
                self.drained.insert(truth.arn.clone());
            }
            if verdict.is_final() {
                if !self.ends.contains_key(&truth.arn) {
                    self.screen.expect(ending(truth, verdict));
                }
                let (known, _) = self.ends.entry(truth.arn.clone()).or_insert_with(|| (verdict.clone(), at));
                if known != verdict {
                    self.wrong.insert(format!("{} flipped: {known:?} -> {verdict:?}", truth.arn));
                }
            }
        }
        for operation in &rig.state.operations {
            let (Some(Accepted::Redeployed(Some(id))), OperationStage::Ended(verdict)) =
                (&operation.accepted, &operation.stage)
            else {
                continue;
            };
            let truth = truths.iter().find(|it| it.deployment == *id).and_then(true_end).map(word);
            if truth.map(|it| it.replace(' ', "-")).as_deref() != Some(verdict.word()) {
                let text = format!("{} ended as {verdict:?}, really {truth:?}", operation.title);
                if *verdict == Verdict::Succeeded {
                    self.wrong.insert(format!("false success: {text}"))
                } else {
                    self.wrong.insert(text)
                };
            }
        }
        self.look_at_tasks(rig, at, &truths);
    }

    fn look_at_tasks(&mut self, rig: &Rig, at: u64, truths: &[DeploymentTruth]) {
        for node in &rig.state.account.party_box.services {
            for task in node.rows.iter().map(|row| node.task(row)) {
                if task.started_at.is_some() && !self.running.contains_key(&task.id) {
                    self.running.insert(task.id.clone(), at);
                    let by = task.started_by.as_deref();
                    if truths.iter().any(|truth| by == Some(truth.deployment.as_str())) {
                        self.screen.expect(Change::Runs(node.service().name.clone(), task.id.clone()));
                    }
                }
            }
        }
    }

    /// Whether each of these has its final verdict.
    pub(crate) fn ended(&self, truths: &[DeploymentTruth]) -> bool {
        truths.iter().all(|truth| self.ends.contains_key(&truth.arn))
    }

    /// Of the deployments that succeeded and of which an end was foreseen: how long each took, and the window at
    /// first sight, seconds since it began.
    pub(crate) fn forecasts(&self, truths: &[DeploymentTruth]) -> Vec<(i64, i64, i64)> {
        let succeeded = truths.iter().filter_map(|truth| {
            let (end, verdict) = truth.ended?;
            let (low, high) = self.forecasts.get(&truth.arn)?;
            let since = |at: Time| (at - truth.started).num_seconds();
            (verdict == DeploymentVerdict::Succeeded).then(|| (since(end), since(*low), since(*high)))
        });
        succeeded.collect()
    }

    /// How many verdicts are what they should be; notes those that are not.
    pub(crate) fn judge(&mut self, truths: &[DeploymentTruth]) -> usize {
        let mut equal = 0;
        for truth in truths {
            let meant = truth.ended.map(|(_, verdict)| word(verdict));
            let shown = self.ends.get(&truth.arn).map(|(verdict, _)| verdict);
            if meant.is_some() && meant == shown.map(RolloutVerdict::word) {
                equal += 1;
            } else {
                self.wrong.insert(format!("{}: really {:?}, shown as {shown:?}", truth.arn, truth.ended));
            }
        }
        equal
    }

    /// From each change to the update and to the frame that showed it.
    pub(crate) fn delays(&mut self, rig: &Rig, connected: u64) -> Delays {
        let world = rig.world();
        let mut delays = Delays::default();
        for truth in world.deployment_truths() {
            let started = millis(truth.started);
            // Before, it was still making its first readings.
            let seen = started > connected + 10_000;
            let Some(begun) = self.begun.get(&truth.arn) else { continue };
            if seen {
                let change = Change::Began(truth.service.clone(), truth.arn.clone());
                delays.starts.add(started, *begun, self.screen.painted.get(&change));
            }
            let tasks = world.ecs.tasks().filter(|task| task.started_by == truth.deployment);
            for task in tasks {
                let Some(running) = task.started_at.map(millis).filter(|it| it > begun) else { continue };
                let Some(shown) = self.running.get(&task.id) else { continue };
                let change = Change::Runs(truth.service.clone(), task.id.clone());
                delays.running.add(running, *shown, self.screen.painted.get(&change));
            }
            if let (Some((ended, _)), Some((verdict, shown))) = (truth.ended, self.ends.get(&truth.arn))
                && millis(ended) > *begun
                // ECS ends a deployment while old targets drain: that is said first, and the end when they are gone.
                && !self.drained.contains(&truth.arn)
            {
                let change = ending(&truth, verdict);
                delays.verdicts.add(millis(ended), *shown, self.screen.painted.get(&change));
            }
        }
        for change in self.screen.missing() {
            self.wrong.insert(format!("never painted: {change:?}"));
        }
        delays
    }
}

fn ending(truth: &DeploymentTruth, verdict: &RolloutVerdict) -> Change {
    Change::Ended(truth.service.clone(), truth.arn.clone(), verdict.word())
}

/// From changes to their showing, milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Series {
    /// To the update after which the state had it.
    pub(crate) known: Vec<u64>,
    /// To the frame that showed it.
    pub(crate) painted: Vec<u64>,
}

impl Series {
    fn add(&mut self, changed: u64, known: u64, painted: Option<&u64>) {
        self.known.push(known.saturating_sub(changed));
        self.painted.extend(painted.map(|at| at.saturating_sub(changed)));
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        self.known.extend(&other.known);
        self.painted.extend(&other.painted);
    }
}

/// From changes to their showing.
#[derive(Debug, Default)]
pub(crate) struct Delays {
    /// A deployment began.
    pub(crate) starts: Series,
    /// A task of a rollout that was being watched reached RUNNING.
    pub(crate) running: Series,
    /// A rollout that was being watched ended.
    pub(crate) verdicts: Series,
}
