//! `partybox-top watch SERVICE`: follows the newest rollout of a service to its verdict. It prints a line for
//! each change, and on a terminal a bar below them that is redrawn in place.

use super::{cannot, code, headless, initial, problem, unread};
use crate::cli::Target;
use crate::runtime::StatusLine;
use partybox_core::app::{StartPhase, State};
use partybox_core::diagnosis::{Rollout, Wait, format_span};
use partybox_core::operation::Verdict;
use partybox_core::report::ExitStatus;
use partybox_core::report::operation_json::RolloutLine;
use partybox_core::report::progress::progress;
use std::process::ExitCode;
use std::time::Duration;

/// How long the first readings may take.
const LOOK: Duration = Duration::from_secs(30);

/// How often the status line is redrawn when no reading comes.
const SECOND: Duration = Duration::from_secs(1);

/// Follows the rollout until its verdict or the timeout.
pub fn run(target: Target, service: &str, timeout: Duration, as_json: bool) -> color_eyre::Result<ExitCode> {
    let mut state = initial(&target);
    state.session.read_only = true;
    let mut session = match headless(target, "watch", state)? {
        Ok(session) => session,
        Err(code) => return Ok(code),
    };
    session.until(LOOK, |s| s.session.phase == StartPhase::Choosing || s.all_answered());
    if let Some(sentence) = problem(&session.state).or_else(|| unread(&session.state)) {
        return Ok(cannot(&sentence));
    }
    let newest = |state: &State| state.account.rollouts.newest(service).map(|r| r.id.clone());
    let Some(id) = newest(&session.state) else {
        let sentence = if session.state.account.party_box.service(service).is_none() {
            let names: Vec<&str> =
                session.state.account.party_box.services.iter().map(|n| n.service().name.as_str()).collect();
            format!("there is no service {service}; there are: {}", names.join(", "))
        } else {
            no_rollout(&session.state, service)
        };
        return Ok(cannot(&sentence));
    };
    let end = session.now().mono + timeout;
    let mut out = StatusLine::stdout(!as_json);
    let mut told = String::new();
    loop {
        let now = session.state.polling.clock.now(session.now());
        if let Some(rollout) = session.state.account.rollouts.find(&id) {
            let line = line(rollout);
            if line != told {
                out.line(&said(rollout, &line, now, as_json));
                told = line;
            }
            if let Some(verdict) = rollout.verdict.as_ref().and_then(Verdict::of_rollout) {
                return Ok(code(ExitStatus::from(&verdict)));
            }
            out.show(&progress(rollout, session.state.account.party_box.service(service), now));
        }
        // The status line shows seconds, so it is redrawn each second.
        let mono = session.now().mono;
        let turn = if out.is_on() { end.min(mono + SECOND) } else { end };
        if !session.step(turn) {
            out.clear();
            let why = if session.state.session.quitting {
                "interrupted; the rollout goes on".to_owned()
            } else {
                format!("not seen to end within {}s", timeout.as_secs())
            };
            eprintln!("partybox-top: {why}");
            return Ok(code(ExitStatus::TimedOut));
        }
    }
}

/// Why there is nothing to follow of a service that is there.
fn no_rollout(state: &State, service: &str) -> String {
    match state.account.party_box.service(service).map(|node| node.service().deployed_by()) {
        Some(controller) if !controller.is_ecs() => format!(
            "deployments of {service} are controlled by {}, and none is under way: one task set runs",
            controller.name()
        ),
        _ => format!("ECS shows no rollout of {service}"),
    }
}

/// The text of which each change is printed: counts, waits without their countdown, failures and the verdict.
fn line(rollout: &Rollout) -> String {
    let mut parts = vec![rollout.sentence()];
    if let Some(stage) = rollout.stage.as_ref().filter(|_| rollout.in_flight()) {
        parts.push(stage.clone());
    }
    if rollout.in_flight() {
        parts.extend(rollout.waits.iter().map(|w| Wait { until: None, ..w.clone() }.words(rollout.since())));
        parts.extend(rollout.breaker_words(true));
    }
    parts.extend(rollout.failures.iter().map(|f| format!("{} x{}", f.words(), f.count)));
    parts.join("; ")
}

fn said(rollout: &Rollout, line: &str, now: chrono::DateTime<chrono::Utc>, as_json: bool) -> String {
    if as_json {
        // It is plain data: nothing in it can fail to be written.
        serde_json::to_string(&RolloutLine::of(rollout, now)).unwrap_or_default()
    } else {
        format!("{} {}: {line}", format_span(now - rollout.since()), rollout.service)
    }
}
