//! Drills in the state: the baseline while the plan is open, the trigger, the observations, the end, the
//! record.

use crate::app::reducers::drill_report::drill_report;
use crate::app::state::{Effect, Entry, EventKind, Overlay, Pane, Source, State, View};
use crate::diagnosis::{Subject, format_span};
use crate::domain::{Level, Now, ProbeSpec, Probed, Resolved};
use crate::operation::Check;
use crate::operation::drill::{Drill, DrillInput, DrillOutcome, DrillSpec, DrillStage, Mode, place};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// The path of the application's health check that includes the database.
const PATH: &str = "/api/health";

/// Watches a database for a failover that somebody else triggers.
pub(crate) fn watch(state: &mut State, database: &str, now: Now) -> Vec<Effect> {
    match drill_spec(state, database, Mode::Observed) {
        Ok(spec) => begin(state, spec, now),
        Err(why) => {
            state.notify(why, now);
            Vec::new()
        }
    }
}

/// The specification of a drill of this database.
pub fn drill_spec(state: &State, database: &str, mode: Mode) -> Result<DrillSpec, String> {
    let settings = &state.session.drills;
    let database = state.account.party_box.failover_subject(database).to_owned();
    let place = place(&state.account.party_box, &database)
        .ok_or_else(|| format!("{database} is not a database of this Party Box"))?;
    let (url, via) = match &settings.url {
        Some(url) => (url.clone(), None),
        None => {
            default_url(state).ok_or("no load balancer is known to probe through; name a URL with --probe")?
        }
    };
    Ok(DrillSpec {
        database,
        mode,
        probe: ProbeSpec { url, via, name: place.host, settings: settings.probe.clone() },
        target: settings.target,
    })
}

/// The default probe URL, `https://<domain of the certificate>/api/health`, and the host to connect to: the
/// load balancer, whatever the domain resolves to. The load balancer's own name is in no certificate. In a
/// simulated account it answers at the endpoint of the API.
fn default_url(state: &State) -> Option<(String, Option<String>)> {
    if state.polling.meter.simulated.is_some() {
        return Some((format!("{}{PATH}", state.session.endpoint.as_deref()?.trim_end_matches('/')), None));
    }
    let balancer = state.account.party_box.balancers.first()?;
    let listener = state
        .account
        .store
        .listeners(&balancer.arn)
        .and_then(|all| all.iter().find(|l| l.protocol.eq_ignore_ascii_case("HTTPS")));
    let Some(listener) = listener else {
        return Some((format!("http://{}{PATH}", balancer.dns_name), None));
    };
    let certificate =
        state.account.store.certificates().iter().find(|c| listener.certificates.contains(&c.arn));
    Some(match certificate {
        // A wildcard stands for any one label.
        Some(certificate) => {
            let domain = certificate.domain.replacen("*.", "www.", 1);
            (format!("https://{domain}{PATH}"), Some(balancer.dns_name.clone()))
        }
        None => (format!("https://{}{PATH}", balancer.dns_name), None),
    })
}

/// Begins a drill with its baseline. It replaces one that has ended or was not sent yet.
fn begin(state: &mut State, order: DrillSpec, now: Now) -> Vec<Effect> {
    if state.drill.current.as_ref().is_some_and(|drill| drill.stage == DrillStage::Watching) {
        return Vec::new();
    }
    let before = place(&state.account.party_box, &order.database).unwrap_or_default();
    let probe = order.probe.clone();
    let database = order.database.clone();
    let mode = order.mode;
    let drill =
        Drill::begin(order, before, state.polling.clock.rate(), now.mono, state.polling.clock.now(now));
    state.drill.current = Some(drill);
    state.drill.saved = None;
    state.drill.report = None;
    state.drill.copy_to = None;
    state.screen.cursors.remove(&(View::Drill, Pane::Main));
    if mode == Mode::Observed {
        let at = state.polling.clock.now(now);
        log_event(state, EventKind::Drill, at, Level::Busy, format!("watching for a failover of {database}"));
    }
    observe(state, now);
    vec![Effect::Probe(Box::new(probe)), Effect::LoadHistory]
}

/// Starts the probe when the plan of a failover opens, so that there is a baseline, and stops it when the
/// plan is closed without being sent.
pub(crate) fn probe_beside_plan(state: &mut State, now: Now) -> Vec<Effect> {
    let open = match &state.screen.overlay {
        Overlay::Plan(panel) => panel.draft.database().map(str::to_owned),
        _ => None,
    };
    let baseline =
        state.drill.current.as_ref().filter(|d| d.stage == DrillStage::Baseline).map(|d| d.database.clone());
    match (open, baseline) {
        (Some(database), known) if known.as_ref() != Some(&database) => {
            match drill_spec(state, &database, Mode::Triggered) {
                Ok(spec) => begin(state, spec, now),
                // The plan itself says what is wrong.
                Err(_) => Vec::new(),
            }
        }
        (None, Some(_)) => {
            state.drill.current = None;
            vec![Effect::ProbeStop]
        }
        _ => Vec::new(),
    }
}

/// Marks the failover as sent: from here on it is a drill.
pub(crate) fn triggered(state: &mut State, operation: u64, checks: &[Check], now: Now) {
    if let Some(drill) = state.drill.current.as_mut().filter(|drill| drill.stage == DrillStage::Baseline) {
        drill.trigger(operation, checks.to_vec(), now.mono);
        state.screen.view = View::Drill;
        state.screen.pane = Pane::Main;
    }
}

/// Takes in a result of the probe. Returns whether an open plan should show it: at the first result, when
/// requests begin or cease to fail, and otherwise once a second.
pub(crate) fn take_probe(state: &mut State, result: Probed, now: Now) -> bool {
    let Some(drill) = &mut state.drill.current else { return false };
    let was = drill.measured.outage.clone();
    let told = (drill.measured.newest.as_secs(), drill.failing().is_some());
    drill.probed(result);
    if drill.stage == DrillStage::Baseline {
        let news = (drill.measured.newest.as_secs(), drill.failing().is_some());
        return drill.probes.len() == 1 || news != told;
    }
    if drill.stage != DrillStage::Watching {
        return false;
    }
    let is = drill.measured.outage.clone();
    let rto = drill.rto();
    let why = drill.failing().map(crate::domain::ProbeAnswer::words);
    match (was, is) {
        (None, Some(is)) => {
            let why = why.unwrap_or_default();
            // A timeout is known seconds after the request was sent.
            let at = state.polling.clock.moment(is.first_bad).unwrap_or_else(|| state.polling.clock.now(now));
            log_event(state, EventKind::FirstFailure, at, Level::Bad, format!("first failed request: {why}"));
        }
        (Some(was), Some(is)) if is.first_bad < was.first_bad && was.recovered_at.is_none() => {
            // An earlier one has timed out only now.
            if let Some(at) = state.polling.clock.moment(is.first_bad) {
                state.timeline.redate(at, |entry| entry.kind == EventKind::FirstFailure);
            }
        }
        (Some(was), Some(is)) if was.recovered_at.is_none() && is.recovered_at.is_some() => {
            let rto = rto.map_or_else(String::new, |rto| {
                format!(", {:.1}s after the first failure", rto.as_secs_f64())
            });
            let at = is.recovered_at.and_then(|back| state.polling.clock.moment(back));
            let at = at.unwrap_or_else(|| state.polling.clock.now(now));
            log_event(state, EventKind::FirstAnswer, at, Level::Good, format!("first good answer{rto}"));
        }
        _ => {}
    }
    false
}

/// Takes in an answer to the look-up of the endpoint's name.
pub(crate) fn take_name(state: &mut State, answer: Resolved, now: Now) {
    let Some(drill) = &mut state.drill.current else { return };
    let known = drill.names.len();
    drill.resolved(answer);
    if known > 0
        && drill.names.len() > known
        && let Some(last) = drill.names.last()
    {
        let text = match &last.answer {
            Ok(all) => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                format!("the endpoint's name is {} now", all.join(", "))
            }
            Err(why) => format!("the endpoint's name: {why}"),
        };
        let at = state.polling.clock.now(now);
        log_event(state, EventKind::NameChange, at, Level::Warn, text);
    }
}

/// Updates the drill from the readings. At its end the probe stops and the record is written.
pub(crate) fn observe(state: &mut State, now: Now) -> Vec<Effect> {
    let Some(drill) = &mut state.drill.current else { return Vec::new() };
    let operation = drill.operation.and_then(|id| state.operations.iter().find(|o| o.id == id));
    let outcome = drill.observe(DrillInput {
        store: &state.account.store,
        party_box: &state.account.party_box,
        clock: &state.polling.clock,
        operation,
        mono: now.mono,
        now: state.polling.clock.now(now),
    });
    outcome.map_or_else(Vec::new, |outcome| finish_drill(state, &outcome, now))
}

/// Ends the drill because the operator leaves. The record is kept.
pub(crate) fn leave(state: &mut State, now: Now) -> Vec<Effect> {
    let Some(drill) = &mut state.drill.current else { return Vec::new() };
    if drill.stage == DrillStage::Baseline {
        state.drill.current = None;
        return vec![Effect::ProbeStop];
    }
    drill.end(true).map_or_else(Vec::new, |outcome| finish_drill(state, &outcome, now))
}

/// The entry of the timeline for the end of a drill (`mono`: now, monotonic; `at`: the server's time).
pub fn drill_end_entry(drill: &Drill, outcome: &DrillOutcome, mono: Duration, at: DateTime<Utc>) -> Entry {
    let took = drill.scaled(mono.saturating_sub(drill.began));
    let took = format_span(chrono::TimeDelta::from_std(took).unwrap_or_default());
    Entry {
        at,
        source: Source::Operator,
        kind: EventKind::Drill,
        subject: Subject::Database(drill.database.clone()),
        level: outcome.level(drill.within_target()),
        text: format!("drill ended after {took}: {}", describe_end(drill, outcome)),
    }
}

/// How it ended, with its recovery time.
fn describe_end(drill: &Drill, outcome: &DrillOutcome) -> String {
    match drill.rto() {
        Some(rto) => format!("{}: RTO {:.1}s", outcome.sentence(), rto.as_secs_f64()),
        None => outcome.sentence(),
    }
}

fn finish_drill(state: &mut State, outcome: &DrillOutcome, now: Now) -> Vec<Effect> {
    let Some(drill) = &state.drill.current else { return Vec::new() };
    let text = describe_end(drill, outcome);
    let title = format!("drill of {}", drill.database);
    let entry = drill_end_entry(drill, outcome, now.mono, state.polling.clock.now(now));
    state.timeline.add([entry]);
    state.drill.report = drill_report(state, now).map(Box::new);
    let folder = state.session.drills.copy_to.clone();
    state.drill.copy_to.clone_from(&folder);
    let keep = state.drill.report.clone().map(|story| Effect::SaveReport { story, folder });
    [Effect::ProbeStop, Effect::Notify { title, text }].into_iter().chain(keep).collect()
}

/// Also writes the report of the ended drill to the current directory.
pub(crate) fn copy(state: &mut State) -> Result<Effect, &'static str> {
    if state.drill.is_under_way() {
        return Err("the report is written once the drill has ended");
    }
    let story = state.drill.report.clone().ok_or("no drill ended in this session (F begins one); the reports of earlier ones are kept: partybox-top drills names them")?;
    let folder = format!("./drill-{}", story.id);
    state.drill.copy_to = Some(folder.clone());
    Ok(Effect::SaveReport { story, folder: Some(folder) })
}

/// Takes in whether the report was saved. A copy that failed does not affect the record that was saved
/// before.
pub(crate) fn take_saved(state: &mut State, outcome: Result<String, String>, now: Now) -> Vec<Effect> {
    match (&state.drill.saved, outcome) {
        (Some(Ok(_)), Err(why)) => {
            state.drill.copy_to = None;
            state.notify(format!("the report was not written: {why}"), now);
        }
        (known, outcome) => {
            let again = known.is_some();
            if outcome.is_err() {
                state.drill.copy_to = None;
            }
            state.drill.saved = Some(outcome);
            if again && let Some(folder) = &state.drill.copy_to {
                let text = format!("the report was written to {folder}");
                state.notify(text, now);
            }
        }
    }
    vec![Effect::LoadHistory]
}

/// Adds an event of the drill to the timeline.
fn log_event(state: &mut State, kind: EventKind, at: DateTime<Utc>, level: Level, text: String) {
    let Some(drill) = &state.drill.current else { return };
    let source = match kind {
        EventKind::FirstFailure | EventKind::FirstAnswer => Source::Probe,
        EventKind::NameChange => Source::Dns,
        _ => Source::Operator,
    };
    let subject = Subject::Database(drill.database.clone());
    state.timeline.add([Entry { at, source, kind, subject, level, text }]);
}
