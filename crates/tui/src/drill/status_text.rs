//! A drill in one sentence, and what to do next.

use super::time::{span, whole};
use crate::context::Ctx;
use partybox_core::domain::{Level, ProbeAnswer};
use partybox_core::operation::drill::{Drill, DrillOutcome, DrillStage, DrillWait};
use std::time::Duration;

/// Where a drill stands, or how it ended.
pub(super) fn sentence(ctx: &Ctx<'_>, drill: &Drill) -> (Level, String) {
    let operation = drill.operation.and_then(|id| ctx.state.operations.iter().find(|o| o.id == id));
    match (&drill.stage, drill.waiting_for(operation, ctx.now.mono, ctx.server)) {
        (DrillStage::Ended(outcome), _) => ended(drill, outcome),
        (_, Some(wait)) => (wait.level(), waiting(ctx, drill, wait)),
        // What it waited for is over since the last message; the next one ends it.
        (_, None) => (Level::Busy, "ending".to_owned()),
    }
}

/// What it waits for, with what was measured so far.
fn waiting(ctx: &Ctx<'_>, drill: &Drill, wait: DrillWait) -> String {
    let ago = |at: Option<Duration>| drill.scaled(ctx.now.mono.saturating_sub(at.unwrap_or(ctx.now.mono)));
    let outage = drill.measured.outage.as_ref();
    let why = || drill.failing().map_or_else(|| "no answer".to_owned(), ProbeAnswer::words);
    let back = || drill.rto().map_or_else(|| "back".to_owned(), |rto| format!("back after {}", span(rto)));
    match wait {
        DrillWait::Return => format!("AWAY for {}: {}", span(ago(outage.map(|o| o.first_bad))), why()),
        DrillWait::LastFailure => {
            let since = span(ago(outage.and_then(|o| o.recovered_at)));
            format!("back {since} ago, but failing again: {}", why())
        }
        DrillWait::Settling { .. } => format!("{}, {}", back(), wait.words()),
        DrillWait::Completion { .. } | DrillWait::Move { .. } | DrillWait::Available { .. } => {
            format!("{}; {}", back(), wait.words())
        }
        DrillWait::OutageAfterAbandoning { .. } => {
            let words = drill.rds_events.abandoned.as_ref().map_or("", |(_, words)| words);
            format!("RDS gave it up: {words} (still watching for an outage)")
        }
        DrillWait::FailoverEnd | DrillWait::LateOutage { .. } => {
            let over = drill.rds_events.completed.is_some() || matches!(wait, DrillWait::LateOutage { .. });
            let what = if over { "has failed over" } else { "is failing over" };
            format!("the database {what}; no request has failed so far")
        }
        DrillWait::FirstEffect => {
            format!("accepted {} ago, {}", whole(ago(drill.accepted)), wait.words())
        }
        DrillWait::Answer => format!("sent {} ago, {}", whole(ago(drill.sent)), wait.words()),
        DrillWait::UnclearEffect => {
            "no answer from AWS: it may or may not have been carried out; watching for its effect".to_owned()
        }
        DrillWait::Observed => "watching: no failover and no outage so far".to_owned(),
        DrillWait::FirstProbe => format!("baseline: {}", wait.words()),
        DrillWait::GoodProbe => format!("baseline: the probe fails ({})", why()),
        DrillWait::Confirmation => {
            let good = drill.measured.since.good;
            format!("baseline: {good} good answers; nothing has been sent to AWS yet")
        }
    }
}

fn ended(drill: &Drill, outcome: &DrillOutcome) -> (Level, String) {
    let text = match (drill.rto(), outcome) {
        (Some(rto), DrillOutcome::Recovered) => {
            let target = whole(drill.target);
            match rto.checked_sub(drill.target).filter(|over| !over.is_zero()) {
                None => format!("recovered within the target of {target}"),
                Some(over) => format!("recovered, but {} over the target of {target}", span(over)),
            }
        }
        _ => outcome.sentence(),
    };
    (outcome.level(drill.within_target()), text)
}

/// What stands in the place of the recovery time when there is none: two words below the dashes.
pub(super) fn without_rto(outcome: &DrillOutcome) -> &'static str {
    match outcome {
        DrillOutcome::NoOutageSeen => "no outage seen",
        DrillOutcome::NotRecovered => "away, not back",
        _ => "no RTO",
    }
}

/// What to do next: a key, and why.
pub(super) fn next(outcome: &DrillOutcome) -> (&'static str, &'static str) {
    match outcome {
        DrillOutcome::Recovered => ("w", "writes the report here too; enter tells everything"),
        DrillOutcome::NoOutageSeen => ("enter", "shows what was probed: does it need the database?"),
        DrillOutcome::NothingHappened(_) => ("F", "tries again, best 10 minutes after the last failover"),
        DrillOutcome::Unconfirmed => ("4", "shows RDS's events, some come late; 2 shows deploys"),
        DrillOutcome::NotRecovered => ("4", "shows the database; if that is available, 2 and r redeploy"),
        DrillOutcome::NotSeen => ("F", "fails it over from here"),
        DrillOutcome::Refused(_) => ("4", "shows the database's state; F plans it anew"),
        DrillOutcome::Unclear(_) => ("4", "shows RDS's events: look there before F sends another"),
        DrillOutcome::Left => ("F", "drills again; what was seen until then is kept"),
    }
}
