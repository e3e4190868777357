//! Drills in every state, for frames.

use super::fixture::{REGION, ago, clock, list, steady, with_view};
use chrono::{DateTime, TimeDelta, Utc};
use partybox_core::app::{Entry, EventKind, Source, State, View};
use partybox_core::diagnosis::Subject;
use partybox_core::domain::*;
use partybox_core::operation::drill::report::DrillSummary;
use partybox_core::operation::drill::*;
use partybox_core::operation::{Action, OperationStage, Tracked, Verdict};
use std::time::Duration;

/// The database of all these drills.
pub(super) const DB: &str = "party-box-db";
/// The program's time in all frames.
const NOW: Duration = Duration::from_mins(10);
/// The probe begins so long before T0.
const BASELINE: Duration = Duration::from_secs(12);

/// What a drill is made of. Times are milliseconds since T0.
pub(super) struct Spec {
    /// How long ago T0 was.
    pub(super) since: u64,
    /// Requests that are sent from then to then fail.
    pub(super) away: Option<(u64, u64)>,
    /// Whether RDS's events came and the zone changed.
    pub(super) shown: bool,
    /// Whether it was triggered from here.
    pub(super) mode: Mode,
}

impl Default for Spec {
    fn default() -> Self {
        Self { since: 42_000, away: Some((2_100, 75_900)), shown: true, mode: Mode::Triggered }
    }
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn zero(spec: &Spec) -> Duration {
    NOW.saturating_sub(ms(spec.since))
}

fn zone(letter: char) -> String {
    format!("{REGION}{letter}")
}

fn probe_spec() -> ProbeSpec {
    ProbeSpec {
        url: "https://party-box.example.jp/api/health".into(),
        via: Some("party-box-alb-1234567890.ap-northeast-1.elb.amazonaws.com".into()),
        name: Some("party-box-db.c9akciq32.ap-northeast-1.rds.amazonaws.com".into()),
        settings: ProbeSettings::default(),
    }
}

/// A probe each 200 ms: good, slow for a moment after the outage; the outage's first requests hang.
fn probes(spec: &Spec, began: Duration) -> Vec<Probed> {
    let zero = zero(spec);
    let one = |number: u64| {
        let sent = began + ms(number * 200);
        let after = u64::try_from(sent.saturating_sub(zero).as_millis()).expect("a short drill");
        let bad = spec.away.is_some_and(|(from, to)| sent >= zero && (from..to).contains(&after));
        let hangs = bad && spec.away.is_some_and(|(from, _)| after < from + 3_000);
        let slow = !bad && spec.away.is_some_and(|(_, to)| (to..to + 1_500).contains(&after));
        let (took, answer) = match (hangs, bad, slow) {
            (true, ..) => (2000, ProbeAnswer::TimedOut),
            (_, true, _) => (8, ProbeAnswer::WrongStatus(503)),
            (.., true) => (740, ProbeAnswer::Good(200)),
            _ => (30 + number * 7 % 25, ProbeAnswer::Good(200)),
        };
        Probed { number, sent, took: ms(took), answer }
    };
    (0..100_000).map(one).take_while(|p| p.sent < NOW).filter(|p| p.received() <= NOW).collect()
}

/// A Party Box in the drill view, with a drill that is under way.
pub(super) fn drilling(spec: &Spec) -> State {
    let mut state = steady();
    state.screen.view = View::Drill;
    state.polling.clock.learn(&Meter { server_date: Some((NOW, clock())), ..Meter::default() });
    let zero = zero(spec);
    let began = zero.saturating_sub(BASELINE);
    let order =
        DrillSpec { database: DB.into(), mode: spec.mode, probe: probe_spec(), target: PROMISED_FAILOVER };
    let before = place(&state.account.party_box, DB).expect("the database is known");
    let at = state.polling.clock.moment(began).expect("the server has told its time");
    let mut drill = Drill::begin(order, before, 1.0, began, at);
    if spec.mode == Mode::Triggered {
        let check = partybox_core::operation::Check {
            outcome: partybox_core::operation::CheckResult::Pass,
            text: "Multi-AZ, standby in 1c".into(),
        };
        drill.trigger(7, vec![check], zero.saturating_sub(ms(300)));
        drill.accepted = Some(zero);
        state.operations = vec![operation(OperationStage::Following)];
    }
    for result in probes(spec, began) {
        drill.probed(result);
    }
    let address = |last: u8| Ok(vec![std::net::IpAddr::from([10, 0, 2, last])]);
    drill.resolved(Resolved { at: began, answer: address(15) });
    let look = |after: u64, status: &str, writer, standby, healthy| LayerSnapshot {
        at: zero + ms(after),
        status: status.into(),
        writer: Some(DB.into()),
        zone: Some(zone(writer)),
        standby: Some(zone(standby)),
        targets: (healthy, 4),
        tasks: (4, 4),
    };
    drill.snapshots.push(LayerSnapshot { at: began, ..look(0, "available", 'a', 'c', 4) });
    let mut told = vec![(-300, Source::Operator, Level::Busy, "fail over party-box-db: sent")];
    if spec.shown {
        for (after, look) in [
            (3_000, look(3_000, "rebooting", 'a', 'c', 4)),
            (30_000, look(30_000, "rebooting", 'a', 'c', 2)),
            (84_000, look(84_000, "rebooting", 'a', 'c', 4)),
            (90_000, look(90_000, "available", 'a', 'c', 4)),
            (96_000, look(96_000, "available", 'c', 'a', 4)),
        ] {
            if after < spec.since {
                drill.snapshots.push(look);
            }
        }
        if spec.since > 31_000 {
            drill.resolved(Resolved { at: zero + ms(31_000), answer: address(27) });
        }
        let moment = |after: i64| {
            clock() - TimeDelta::from_std(ms(spec.since)).expect("short") + TimeDelta::milliseconds(after)
        };
        drill.rds_events.started = (spec.since > 5_000).then(|| moment(5_000));
        drill.rds_events.completed = (spec.since > 78_000).then(|| moment(78_000));
        told.extend([
            (3_000, Source::Readings, Level::Warn, "status available -> rebooting"),
            (5_000, Source::Rds, Level::Bad, "Multi-AZ instance failover started."),
            (31_000, Source::Dns, Level::Warn, "the endpoint's name is 10.0.2.27 now"),
            (78_000, Source::Rds, Level::Warn, "Multi-AZ instance failover completed"),
            (96_000, Source::Readings, Level::Good, "writer 1a -> 1c, standby 1c -> 1a"),
        ]);
    }
    if let Some((from, to)) = spec.away {
        let (from, to) = (i64::try_from(from).expect("short"), i64::try_from(to).expect("short"));
        told.push((from, Source::Probe, Level::Bad, "first failed request: timed out"));
        told.push((to, Source::Probe, Level::Good, "first good answer, 73.8s after the first failure"));
    }
    tell(&mut state, spec, &told);
    state.drill.current = Some(drill);
    show_events(&mut state);
    state
}

fn operation(stage: OperationStage) -> Tracked {
    Tracked {
        id: 7,
        action: Action::Failover { database: DB.into(), zone: Some(zone('a')) },
        title: "fail over party-box-db".into(),
        at: ago(42),
        sent: Duration::from_secs(558),
        stage,
        accepted: None,
        progress: "accepted".into(),
    }
}

fn tell(state: &mut State, spec: &Spec, told: &[(i64, Source, Level, &str)]) {
    let zero: DateTime<Utc> = clock() - TimeDelta::from_std(ms(spec.since)).expect("short");
    let entries = told.iter().map(|(after, source, level, text)| Entry {
        at: zero + TimeDelta::milliseconds(*after),
        source: *source,
        kind: EventKind::Change,
        subject: Subject::Database(DB.into()),
        level: *level,
        text: (*text).into(),
    });
    let known: Vec<Entry> = entries.filter(|e| e.at <= clock()).collect();
    state.timeline.add(known);
}

/// The timeline since the drill began.
fn show_events(state: &mut State) {
    list(state);
    let began =
        state.drill.current.as_ref().and_then(|d| state.polling.clock.moment(d.began)).expect("a drill");
    let entries = state.timeline.entries();
    state.screen.rows.drill_events = (0..entries.len()).filter(|i| entries[*i].at >= began).collect();
}

/// A drill that ended so.
pub(super) fn ended(spec: &Spec, outcome: DrillOutcome) -> State {
    let mut state = drilling(spec);
    if let Some(drill) = &mut state.drill.current {
        if matches!(outcome, DrillOutcome::Refused(_) | DrillOutcome::Unclear(_)) {
            drill.accepted = None;
        }
        drill.stage = DrillStage::Ended(outcome);
    }
    state.operations = vec![operation(OperationStage::Ended(Verdict::Succeeded))];
    state.drill.history = past(6);
    let id = state.drill.current.as_ref().map(|d| d.id.clone()).unwrap_or_default();
    state.drill.saved = Some(Ok(format!("/home/yui/.local/state/partybox-top/drills/{id}")));
    state.drill.report = state.drill.current.as_ref().map(|drill| {
        Box::new(report::build_report(
            drill,
            &state.polling.clock,
            NOW,
            clock(),
            report::ReportContext::default(),
        ))
    });
    state
}

/// Nothing was sent yet.
pub(super) fn baseline() -> State {
    let mut state = drilling(&Spec { since: 0, away: None, shown: false, ..Spec::default() });
    if let Some(drill) = &mut state.drill.current {
        *drill = Drill {
            sent: None,
            accepted: None,
            operation: None,
            stage: DrillStage::Baseline,
            ..drill.clone()
        };
        drill.measured = measure(&drill.probes, None, 1.0);
    }
    state.operations.clear();
    state.screen.rows.drill_events.clear();
    state
}

/// Earlier drills, newest first; one of them without a recovery time, one over the target.
pub(super) fn past(count: usize) -> Vec<DrillSummary> {
    let rtos = [Some(70_400), Some(131_900), None, Some(61_200), Some(88_000), Some(66_500)];
    let one = |(i, rto_ms): (usize, Option<u64>)| DrillSummary {
        id: format!("20270{}01-090000-{DB}", 6 - i % 6),
        database: if i == 4 { "パーティー-db".into() } else { DB.into() },
        at: ago(2_600_000 * (i64::try_from(i).expect("few") + 1)),
        outcome: if rto_ms.is_some() { OutcomeWord::Recovered } else { OutcomeWord::NoOutageSeen },
        rto_ms,
        target_rto_ms: 120_000,
        simulated: true,
        mode: if i == 3 { Mode::Observed } else { Mode::Triggered },
    };
    rtos.into_iter().cycle().take(count).enumerate().map(one).collect()
}

/// The drill view without a drill.
pub(super) fn earlier(count: usize) -> State {
    let mut state = with_view(steady(), View::Drill);
    state.drill.history = past(count);
    state.screen.rows.past_drills = count;
    state
}

/// Every state of the drill view, by name.
pub(super) fn all() -> Vec<(&'static str, State)> {
    let spec = |since, away, shown| Spec { since, away, shown, mode: Mode::Triggered };
    let away = Some((2_100, 75_900));
    let done = 120_000;
    let quiet = || spec(done, None, false);
    let why = |text: &str| text.to_owned();
    vec![
        ("baseline", baseline()),
        ("sent", drilling(&spec(2_000, None, false))),
        ("away", drilling(&Spec::default())),
        ("settling", drilling(&spec(84_500, away, true))),
        ("watching", drilling(&Spec { mode: Mode::Observed, ..spec(9_000, None, false) })),
        ("recovered", ended(&spec(done, away, true), DrillOutcome::Recovered)),
        ("over", ended(&spec(200_000, Some((2_100, 155_300)), true), DrillOutcome::Recovered)),
        ("no_outage", ended(&spec(done, None, true), DrillOutcome::NoOutageSeen)),
        (
            "nothing",
            ended(
                &quiet(),
                DrillOutcome::NothingHappened(why(
                    "Abandoning user requested failover since a failover recently occurred",
                )),
            ),
        ),
        ("unconfirmed", ended(&spec(done, away, false), DrillOutcome::Unconfirmed)),
        ("not_recovered", ended(&spec(done, Some((2_100, 999_000)), true), DrillOutcome::NotRecovered)),
        ("not_seen", ended(&Spec { mode: Mode::Observed, ..quiet() }, DrillOutcome::NotSeen)),
        (
            "refused",
            ended(&quiet(), DrillOutcome::Refused(why("the instance is not in the available state"))),
        ),
        (
            "unclear",
            ended(&quiet(), DrillOutcome::Unclear(why("no answer within 30 s; it is not sent again"))),
        ),
        ("left", ended(&Spec::default(), DrillOutcome::Left)),
        ("earlier", earlier(6)),
        ("none", earlier(0)),
    ]
}
