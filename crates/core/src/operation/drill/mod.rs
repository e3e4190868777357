//! A drill: a failover with a probe beside it, and what every layer showed meanwhile. It is pure: its state
//! depends only on the messages it gets.

mod follow;
mod measure;
mod outcome;
mod phases;
pub mod report;
mod snapshot;
#[cfg(test)]
mod tests;
mod wait;

pub use follow::DrillInput;
pub use measure::{Gap, Measured, OutageSeen, ProbeCounts, measure};
pub use outcome::{DrillOutcome, OutcomeWord};
pub use phases::{DrillPhase, PhaseState, When};
pub use snapshot::{LayerSnapshot, WriterLocation, place};
pub use wait::DrillWait;

use super::Check;
use crate::domain::{ProbeAnswer, ProbeSpec, Probed, Resolved};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A drill, from its baseline to its outcome.
/// It takes in results of the probe and readings of the account. The recovery time depends on the probe
/// alone.
///
/// ```
/// use partybox_core::domain::{ProbeAnswer, ProbeSettings, ProbeSpec, Probed};
/// use partybox_core::operation::drill::{Drill, DrillSpec, Mode, WriterLocation};
/// use std::time::Duration;
///
/// let second = Duration::from_secs;
/// let probe = ProbeSpec {
///     url: "https://play.example.com/api/health".into(),
///     via: None,
///     name: None,
///     settings: ProbeSettings { interval: second(1), ..ProbeSettings::default() },
/// };
/// let spec = DrillSpec { database: "party-box-db".into(), mode: Mode::Triggered, probe, target: second(120)
/// }; let at = chrono::DateTime::UNIX_EPOCH; let mut drill = Drill::begin(spec, WriterLocation::default(),
/// 1.0, second(0), at); drill.trigger(1, Vec::new(), second(5)); for number in 0..90 {     let away =
/// (10..70).contains(&number);     let answer = if away { ProbeAnswer::TimedOut } else {
/// ProbeAnswer::Good(200) };     drill.probed(Probed { number, sent: second(number), took: Duration::ZERO,
/// answer }); } assert_eq!(drill.rto(), Some(second(60))); assert_eq!(drill.within_target(), Some(true));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drill {
    /// `<date>-<time>-<database>`, the server's time: names its record.
    pub id: String,
    /// DB instance identifier, or the cluster's.
    pub database: String,
    /// Whether we trigger the failover or wait for somebody else's.
    pub mode: Mode,
    /// How it is probed.
    pub probe: ProbeSpec,
    /// The recovery time to reach, in the server's time.
    pub target: Duration,
    /// The server's seconds per second of ours.
    pub rate: f64,
    /// When the probe began, monotonic.
    pub began: Duration,
    /// When the failover was sent, monotonic.
    pub sent: Option<Duration>,
    /// The operation's number, once it was sent.
    pub operation: Option<u64>,
    /// T0: when AWS accepted it, monotonic.
    pub accepted: Option<Duration>,
    /// The checks of the plan that was sent.
    pub checks: Vec<Check>,
    /// Where the writer was before.
    pub before: WriterLocation,
    /// The probe's results, in the order of sending.
    pub probes: Vec<Probed>,
    /// What they come to.
    pub measured: Measured,
    /// Answers of the name's look-up: the first, and each that differs from the one before.
    pub names: Vec<Resolved>,
    /// What the readings showed: the first, and each that differs from the one before.
    #[serde(rename = "glances")]
    pub snapshots: Vec<LayerSnapshot>,
    /// What RDS's events told, the server's time.
    #[serde(rename = "told")]
    pub rds_events: RdsEvents,
    /// Its stage.
    pub stage: DrillStage,
}

/// Who triggers the failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// We do, after a plan and its confirmation.
    Triggered,
    /// Somebody else; it is only recorded.
    Observed,
}

/// What RDS's events told of the failover. Events are best effort: each may be missing, late, or told twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RdsEvents {
    /// T2: "failover started".
    pub started: Option<DateTime<Utc>>,
    /// T5: "failover completed".
    pub completed: Option<DateTime<Utc>>,
    /// "Abandoning user requested failover ...": when, and RDS's words.
    pub abandoned: Option<(DateTime<Utc>, String)>,
}

/// The stage of a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DrillStage {
    /// The probe runs, nothing was sent.
    Baseline,
    /// The failover is sent or awaited; everything is being watched.
    Watching,
    /// It ended.
    Ended(DrillOutcome),
}

/// The specification of a drill.
#[derive(Debug, Clone, PartialEq)]
pub struct DrillSpec {
    /// DB instance identifier, or the cluster's.
    pub database: String,
    /// Whether we trigger it.
    pub mode: Mode,
    /// How it is probed.
    pub probe: ProbeSpec,
    /// The recovery time to reach.
    pub target: Duration,
}

impl Drill {
    /// Begins with the baseline; an observed one is on watch at once.
    pub fn begin(
        order: DrillSpec,
        before: WriterLocation,
        rate: f64,
        mono: Duration,
        at: DateTime<Utc>,
    ) -> Self {
        let DrillSpec { database, mode, probe, target } = order;
        Self {
            id: format!("{}-{database}", at.format("%Y%m%d-%H%M%S")),
            database,
            mode,
            probe,
            target,
            rate,
            began: mono,
            sent: None,
            operation: None,
            accepted: None,
            checks: Vec::new(),
            before,
            probes: Vec::new(),
            measured: Measured::default(),
            names: Vec::new(),
            snapshots: Vec::new(),
            rds_events: RdsEvents::default(),
            stage: match mode {
                Mode::Triggered => DrillStage::Baseline,
                Mode::Observed => DrillStage::Watching,
            },
        }
    }

    /// The failover is being sent.
    pub fn trigger(&mut self, operation: u64, checks: Vec<Check>, mono: Duration) {
        self.operation = Some(operation);
        self.checks = checks;
        self.sent = Some(mono);
        self.stage = DrillStage::Watching;
        self.remeasure();
    }

    /// A result of the probe. Results come out of order; the same twice changes nothing.
    pub fn probed(&mut self, result: Probed) {
        let at = self.probes.partition_point(|known| known.number < result.number);
        if self.probes.get(at).is_some_and(|known| known.number == result.number) || self.ended() {
            return;
        }
        self.probes.insert(at, result);
        self.remeasure();
    }

    /// An answer to the look-up of the endpoint's name.
    pub fn resolved(&mut self, answer: Resolved) {
        if !self.ended() && self.names.last().is_none_or(|last| last.answer != answer.answer) {
            self.names.push(answer);
        }
    }

    fn remeasure(&mut self) {
        self.measured = measure(&self.probes, self.sent, self.rate);
    }

    /// Whether it ended.
    pub fn ended(&self) -> bool {
        matches!(self.stage, DrillStage::Ended(_))
    }

    /// How it ended.
    pub fn outcome(&self) -> Option<&DrillOutcome> {
        match &self.stage {
            DrillStage::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// A span of ours in the server's time: the same on AWS, longer on a simulated endpoint that runs fast.
    pub fn scaled(&self, span: Duration) -> Duration {
        span.mul_f64(self.rate)
    }

    /// The recovery time T4 - T1, in the server's time: from the first failed request to the first good
    /// answer after the longest gap. `None` also for an outage that had begun before the probe: how long it
    /// was, nobody saw.
    pub fn rto(&self) -> Option<Duration> {
        let outage = self.measured.outage.as_ref().filter(|outage| !outage.began_before_probe)?;
        Some(self.scaled(outage.recovered_at?.saturating_sub(outage.first_bad)))
    }

    /// Whether the recovery time is within the target.
    pub fn within_target(&self) -> Option<bool> {
        Some(self.rto()? <= self.target)
    }

    /// The reason of the newest failed request, while nothing good came after it.
    pub fn failing(&self) -> Option<&ProbeAnswer> {
        let last = self.probes.iter().rev().find(|r| r.answer != ProbeAnswer::NotSent)?;
        (!last.good()).then_some(&last.answer)
    }
}
