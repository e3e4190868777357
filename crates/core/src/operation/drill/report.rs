//! The record of a drill: everything that a report needs, as plain data. Its JSON is the report's JSON, whose
//! names are stable and described in `docs/drill-json.md`. Spans are milliseconds of the server's time.

use super::{Drill, DrillOutcome, Mode, OutcomeWord, PhaseState, ProbeCounts, When};
use crate::domain::{Level, ProbeAnswer, ServerClock};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Version of the shape.
pub const VERSION: u32 = 1;
/// Name of the recording's file beside a report.
pub const RECORDING: &str = "recording.jsonl";

/// A drill's record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrillReport {
    /// [`VERSION`].
    pub version: u32,
    /// The drill's id; names its record.
    pub id: String,
    /// Whether it is another's failover.
    pub mode: Mode,
    /// Where: account, Region, ECS cluster, who.
    pub place: AccountRef,
    /// The database.
    pub database: DatabaseReport,
    /// How it ended: a stable word.
    pub outcome: OutcomeWord,
    /// How it ended, for people.
    pub sentence: String,
    /// When the probe began; zero of all `_ms` offsets.
    pub began_at: DateTime<Utc>,
    /// When the record ends.
    pub ended_ms: i64,
    /// The recovery time T4 - T1.
    pub rto_ms: Option<u64>,
    /// The recovery time to reach.
    pub target_rto_ms: u64,
    /// Whether it was reached; `None` without an outage.
    pub within_target: Option<bool>,
    /// From the first failed request to the last moment at which requests still failed.
    pub settled_ms: Option<u64>,
    /// The longest time without a good answer.
    pub longest_gap_ms: Option<u64>,
    /// All time without good answers since the trigger.
    pub bad_ms: u64,
    /// Requests of the probe that were lost in the outage.
    pub requests_lost: u64,
    /// From the trigger to the first failed request.
    pub to_first_failure_ms: Option<i64>,
    /// T0 to T6.
    pub moments: Vec<DrillMoment>,
    /// Evidence that is absent, in words.
    pub absent: Vec<String>,
    /// The probe and its counts.
    pub probe: ProbeReport,
    /// What was checked before.
    pub checks: Vec<CheckReport>,
    /// Everything that happened, oldest first.
    pub events: Vec<EventReport>,
    /// The database's status over time.
    pub status: Vec<Span>,
    /// The endpoint's addresses over time.
    pub names: Vec<Span>,
    /// Healthy targets over time.
    pub targets: Vec<Count>,
    /// Running tasks over time.
    pub tasks: Vec<Count>,
    /// Metrics of that time.
    pub metrics: Vec<MetricReport>,
    /// Earlier drills of this database, newest first.
    pub earlier: Vec<DrillSummary>,
    /// Name of the recording's file beside the report, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<String>,
}

/// Where a drill took place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountRef {
    /// 12-digit account.
    pub account: String,
    /// Region.
    pub region: String,
    /// ECS cluster.
    pub cluster: String,
    /// The caller's ARN.
    pub caller: String,
    /// Scenario and speed, when the endpoint says that it is simulated.
    pub simulated: Option<String>,
}

/// The database of a drill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DatabaseReport {
    /// DB instance identifier, or the cluster's.
    pub id: String,
    /// In words: `Multi-AZ instance`, `Aurora cluster`, ...
    pub kind: String,
    /// ARN.
    pub arn: String,
    /// Engine and version.
    pub engine: String,
    /// The writer's member and zone before.
    pub before: (Option<String>, Option<String>),
    /// The writer's member and zone as last seen.
    pub after: (Option<String>, Option<String>),
    /// Whether the move was seen. The zone's fields can lag several minutes: `false` = not confirmed yet.
    pub moved: bool,
}

/// One of T0 to T6.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrillMoment {
    /// `T0` to `T6`.
    pub name: String,
    /// What happens then.
    pub what: String,
    /// When, since the probe began; `None` when it was not seen.
    pub ms: Option<i64>,
    /// When, the server's time.
    pub at: Option<DateTime<Utc>>,
    /// `measured` here, or `told` by AWS.
    pub source: Option<String>,
    /// Why it was not seen.
    pub missing: Option<String>,
}

/// The probe of a drill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// URL, without its credentials and the values of its query.
    pub url: String,
    /// From one request to the next, milliseconds of ours.
    pub interval_ms: u64,
    /// Each request's own timeout, milliseconds of ours.
    pub timeout_ms: u64,
    /// What a good answer is, in words.
    pub expect: String,
    /// The server's seconds per second of ours: 1 on AWS.
    pub rate: f64,
    /// Before the trigger.
    pub baseline: ProbeCountsReport,
    /// Since the trigger.
    pub since: ProbeCountsReport,
    /// Each result: when sent, milliseconds since the probe began; how long it took; how it went.
    pub results: Vec<ProbeResultReport>,
}

/// Requests, counted. Times are milliseconds of ours.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in Tally")]
pub struct ProbeCountsReport {
    pub sent: u64,
    pub good: u64,
    pub slow: u64,
    pub bad: u64,
    pub p50_ms: f64,
    pub p95_ms: f64,
}

/// One result of the probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeResultReport {
    /// When it was sent, since the probe began.
    pub ms: i64,
    /// How long it took, milliseconds of ours.
    pub took_ms: u64,
    /// `good`, `slow` or `bad`.
    pub state: ResultState,
    /// Why it is bad; empty when it is not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// How a request went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultState {
    /// A good answer.
    Good,
    /// A good answer that took long.
    Slow,
    /// A bad answer, or none.
    Bad,
}

/// A check of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// `pass`, `warn` or `block`.
    pub outcome: String,
    /// What was seen.
    pub text: String,
}

/// An entry of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventReport {
    /// When, since the probe began; negative before.
    pub ms: i64,
    /// When, the server's time.
    pub at: DateTime<Utc>,
    /// `rds`, `ecs`, `probe`, `dns`, `seen`, `you`.
    pub from: String,
    /// About what.
    pub subject: String,
    /// How serious.
    pub level: Level,
    /// The sentence.
    pub text: String,
}

/// A value over a span of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// From, since the probe began.
    pub from_ms: i64,
    /// To.
    pub to_ms: i64,
    /// The value.
    pub text: String,
    /// How it is drawn.
    pub level: Level,
}

/// A number of all, from a moment on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Count {
    /// From when, since the probe began.
    pub ms: i64,
    /// How many.
    pub have: u64,
    /// Of how many.
    pub of: u64,
}

/// A metric over the time of the drill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricReport {
    /// Its name for people, with its unit, e.g. `database connections`.
    pub name: String,
    /// (milliseconds since the probe began, value), oldest first.
    pub points: Vec<(i64, f64)>,
}

/// A drill of the past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrillSummary {
    /// Its id.
    pub id: String,
    /// DB instance identifier, or the cluster's.
    pub database: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How it ended: the stable word.
    pub outcome: OutcomeWord,
    /// Its recovery time.
    pub rto_ms: Option<u64>,
    /// The recovery time to reach.
    pub target_rto_ms: u64,
    /// Whether it was simulated.
    pub simulated: bool,
    /// Whether it is another's failover that was recorded.
    pub mode: Mode,
}

impl DrillSummary {
    /// How serious its outcome is.
    pub fn level(&self) -> Level {
        self.outcome.level(self.rto_ms.map(|rto| rto <= self.target_rto_ms))
    }
}

impl DrillReport {
    /// How serious its outcome is.
    pub fn level(&self) -> Level {
        self.outcome.level(self.within_target)
    }

    /// What a list of drills shows of it.
    pub fn past(&self) -> DrillSummary {
        DrillSummary {
            id: self.id.clone(),
            database: self.database.id.clone(),
            at: self.began_at,
            outcome: self.outcome,
            rto_ms: self.rto_ms,
            target_rto_ms: self.target_rto_ms,
            simulated: self.place.simulated.is_some(),
            mode: self.mode,
        }
    }
}

/// Builds the record of a drill, with what only the application knows: account, events and metrics, earlier
/// drills.
pub fn build_report(
    drill: &Drill,
    clock: &ServerClock,
    mono: Duration,
    now: DateTime<Utc>,
    rest: ReportContext,
) -> DrillReport {
    let began_at = clock.moment(drill.began).unwrap_or(now - to_delta(mono.saturating_sub(drill.began)));
    let builder = ReportBuilder { drill, began_at, end: offset(drill, mono) };
    let outage = drill.measured.outage.as_ref();
    // Of an outage that had begun before, only the end was seen.
    let whole = outage.filter(|outage| !outage.began_before_probe);
    let millis = |span: Duration| drill.scaled(span).as_millis().try_into().unwrap_or(u64::MAX);
    DrillReport {
        version: VERSION,
        id: drill.id.clone(),
        mode: drill.mode,
        place: rest.place,
        database: builder.database(),
        outcome: drill.outcome().map_or(OutcomeWord::UnderWay, DrillOutcome::word),
        sentence: drill
            .outcome()
            .map_or_else(|| "the drill is under way".to_owned(), super::DrillOutcome::sentence),
        began_at,
        ended_ms: builder.end,
        rto_ms: drill.rto().map(|rto| rto.as_millis().try_into().unwrap_or(u64::MAX)),
        target_rto_ms: drill.target.as_millis().try_into().unwrap_or(u64::MAX),
        within_target: drill.within_target(),
        settled_ms: whole.and_then(|o| Some(millis(o.settled?.saturating_sub(o.first_bad)))),
        longest_gap_ms: outage.map(|o| millis(o.longest.span(drill.measured.newest))),
        bad_ms: millis(drill.measured.bad_time),
        requests_lost: outage.map_or(0, |o| o.lost),
        to_first_failure_ms: whole
            .and_then(|o| Some(offset(drill, o.first_bad) - offset(drill, drill.accepted.or(drill.sent)?))),
        moments: builder.moments(clock),
        absent: drill.absent(),
        probe: builder.probe(),
        checks: drill.checks.iter().map(check).collect(),
        events: rest.events,
        status: builder.status(),
        names: builder.names(),
        targets: builder.counts(|g| (g.targets.0 as u64, g.targets.1 as u64)),
        tasks: builder.counts(|g| (u64::from(g.tasks.0), u64::from(g.tasks.1))),
        metrics: rest.metrics,
        earlier: rest.earlier,
        recording: None,
    }
}

/// The parts of a record that do not come from the drill itself.
#[derive(Debug, Clone, Default)]
pub struct ReportContext {
    /// Where it took place.
    pub place: AccountRef,
    /// The timeline of that time, oldest first.
    pub events: Vec<EventReport>,
    /// Metrics of that time.
    pub metrics: Vec<MetricReport>,
    /// Earlier drills of this database, newest first.
    pub earlier: Vec<DrillSummary>,
}

/// A monotonic moment as milliseconds of the server's time since the probe began.
pub fn offset(drill: &Drill, mono: Duration) -> i64 {
    let later = drill.scaled(mono.saturating_sub(drill.began)).as_millis();
    let earlier = drill.scaled(drill.began.saturating_sub(mono)).as_millis();
    i64::try_from(later).unwrap_or(i64::MAX) - i64::try_from(earlier).unwrap_or(i64::MAX)
}

fn to_delta(span: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(span).unwrap_or_default()
}

fn check(check: &crate::operation::Check) -> CheckReport {
    CheckReport { outcome: check.outcome.word().to_owned(), text: check.text.clone() }
}

/// A value from a moment on, monotonic.
struct Shown {
    at: Duration,
    text: String,
    level: Level,
}

struct ReportBuilder<'a> {
    drill: &'a Drill,
    began_at: DateTime<Utc>,
    end: i64,
}

impl ReportBuilder<'_> {
    fn database(&self) -> DatabaseReport {
        let before = &self.drill.before;
        let last = self.drill.snapshots.last();
        DatabaseReport {
            id: self.drill.database.clone(),
            kind: before.kind.clone(),
            arn: before.arn.clone(),
            engine: before.engine.clone(),
            before: (before.writer.clone(), before.zone.clone()),
            after: last.map_or((None, None), |g| (g.writer.clone(), g.zone.clone())),
            moved: self.drill.moved().is_some(),
        }
    }

    fn moments(&self, clock: &ServerClock) -> Vec<DrillMoment> {
        let moment = |phase: super::DrillPhase| {
            let (seen, missing) = match phase.state {
                PhaseState::Seen(when) => (Some(when), None),
                PhaseState::Missing(why) => (None, Some(why.to_owned())),
                PhaseState::Waiting => (None, Some("not yet".to_owned())),
            };
            DrillMoment {
                name: phase.name.to_owned(),
                what: phase.what.to_owned(),
                ms: seen.map(|when| match when {
                    When::Measured(mono) => offset(self.drill, mono),
                    When::Reported(at) => (at - self.began_at).num_milliseconds(),
                }),
                at: seen.and_then(|when| when.at(clock)),
                source: seen.map(|when| match when {
                    When::Measured(_) => "measured".to_owned(),
                    When::Reported(_) => "told".to_owned(),
                }),
                missing,
            }
        };
        self.drill.phases().into_iter().map(moment).collect()
    }

    fn probe(&self) -> ProbeReport {
        let spec = &self.drill.probe;
        let measured = &self.drill.measured;
        let sent = self.drill.probes.iter().filter(|r| r.answer != ProbeAnswer::NotSent);
        let results = sent.map(|r| ProbeResultReport {
            ms: offset(self.drill, r.sent),
            took_ms: r.took.as_millis().try_into().unwrap_or(u64::MAX),
            state: match (r.good(), r.took > measured.slow_from) {
                (true, false) => ResultState::Good,
                (true, true) => ResultState::Slow,
                (false, _) => ResultState::Bad,
            },
            why: if r.good() { String::new() } else { r.answer.words() },
        });
        ProbeReport {
            url: spec.shown_url(),
            interval_ms: spec.settings.interval.as_millis().try_into().unwrap_or(u64::MAX),
            timeout_ms: spec.settings.timeout.as_millis().try_into().unwrap_or(u64::MAX),
            expect: spec.settings.expect.words(),
            rate: self.drill.rate,
            baseline: tally(&measured.baseline),
            since: tally(&measured.since),
            results: results.collect(),
        }
    }

    /// Values that hold until the next one.
    fn spans(&self, values: impl Iterator<Item = Shown>) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for Shown { at, text, level } in values {
            let from_ms = offset(self.drill, at).max(0);
            if let Some(last) = spans.last_mut() {
                if last.text == text {
                    continue;
                }
                last.to_ms = from_ms;
            }
            spans.push(Span { from_ms, to_ms: self.end, text, level });
        }
        spans
    }

    fn status(&self) -> Vec<Span> {
        let snapshots = self.drill.snapshots.iter();
        self.spans(snapshots.map(|g| Shown {
            at: g.at,
            text: g.status.clone(),
            level: crate::domain::database_level(&g.status),
        }))
    }

    fn names(&self) -> Vec<Span> {
        self.spans(self.drill.names.iter().map(|n| match &n.answer {
            Ok(addresses) => {
                let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                Shown { at: n.at, text: all.join(" "), level: Level::Good }
            }
            Err(why) => Shown { at: n.at, text: why.clone(), level: Level::Idle },
        }))
    }

    fn counts(&self, of: impl Fn(&super::LayerSnapshot) -> (u64, u64)) -> Vec<Count> {
        let mut counts: Vec<Count> = Vec::new();
        for glance in &self.drill.snapshots {
            let (have, all) = of(glance);
            if counts.last().is_none_or(|last| (last.have, last.of) != (have, all)) {
                counts.push(Count { ms: offset(self.drill, glance.at).max(0), have, of: all });
            }
        }
        counts
    }
}

fn tally(tally: &ProbeCounts) -> ProbeCountsReport {
    let millis = |span: Duration| (span.as_secs_f64() * 1e6).round() / 1e3;
    ProbeCountsReport {
        sent: tally.sent,
        good: tally.good,
        slow: tally.slow,
        bad: tally.bad,
        p50_ms: millis(tally.p50),
        p95_ms: millis(tally.p95),
    }
}
