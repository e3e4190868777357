//! A drill in one sentence, and what to do next.

use super::time::{span, whole};
use crate::context::Ctx;
use partybox_core::domain::{Level, ProbeAnswer};
use partybox_core::operation::drill::{
    Drill, DrillOutcome, DrillStage, EVENTS_WITHIN, MOVED_WITHIN, Mode, SETTLED, SHOWS_WITHIN,
};
use partybox_core::operation::{OperationStage, Verdict};
use std::time::Duration;

/// Where a drill stands, or how it ended.
pub(super) fn sentence(ctx: &Ctx<'_>, drill: &Drill) -> (Level, String) {
    match &drill.stage {
        DrillStage::Baseline => baseline(drill),
        DrillStage::Watching => watching(ctx, drill),
        DrillStage::Ended(outcome) => ended(drill, outcome),
    }
}

fn baseline(drill: &Drill) -> (Level, String) {
    let tally = &drill.measured.since;
    match (tally.good, drill.failing()) {
        (0, None) => (Level::Busy, "baseline: waiting for the probe's first answer".to_owned()),
        (_, Some(why)) => (Level::Bad, format!("baseline: the probe fails ({})", why.words())),
        (good, None) => {
            (Level::Good, format!("baseline: {good} good answers; nothing has been sent to AWS yet"))
        }
    }
}

fn watching(ctx: &Ctx<'_>, drill: &Drill) -> (Level, String) {
    let since = |at: Duration| drill.scaled(ctx.now.mono.saturating_sub(at));
    let Some(outage) = &drill.measured.outage else { return quiet(ctx, drill) };
    match (outage.recovered_at, outage.settled) {
        (None, _) => {
            let why = drill.failing().map_or_else(|| "no answer".to_owned(), ProbeAnswer::words);
            (Level::Bad, format!("AWAY for {}: {why}", span(since(outage.first_bad))))
        }
        (Some(back), None) => {
            let why = drill.failing().map_or_else(|| "no answer".to_owned(), ProbeAnswer::words);
            (Level::Warn, format!("back {} ago, but failing again: {why}", span(since(back))))
        }
        (Some(_), Some(settled)) => after(ctx, drill, settled),
    }
}

/// Nothing failed any more since a moment.
fn after(ctx: &Ctx<'_>, drill: &Drill, settled: Duration) -> (Level, String) {
    let since = drill.scaled(ctx.now.mono.saturating_sub(settled));
    let rto = drill.rto().map_or_else(String::new, |rto| format!(" after {}", span(rto)));
    if since < SETTLED {
        return (Level::Good, format!("back{rto}, settling: {} of {}", since.as_secs(), whole(SETTLED)));
    }
    let waits = match drill.rds_events.completed {
        Some(told) if drill.moved().is_none() => {
            let over = (ctx.server - told).to_std().unwrap_or_default();
            let left = MOVED_WITHIN.saturating_sub(over);
            format!("waiting for the writer's zone to change, {} more at most", whole(left))
        }
        None => {
            let left = EVENTS_WITHIN.saturating_sub(since);
            format!("RDS has not said yet that it completed, waiting {} more at most", whole(left))
        }
        _ => "waiting for the status to be available".to_owned(),
    };
    (Level::Good, format!("back{rto}; {waits}"))
}

/// Under way, and no request has failed.
fn quiet(ctx: &Ctx<'_>, drill: &Drill) -> (Level, String) {
    let ago = |at: Duration| drill.scaled(ctx.now.mono.saturating_sub(at));
    if let Some((_, words)) = drill.rds_events.abandoned.as_ref().filter(|_| !drill.confirmed()) {
        return (Level::Warn, format!("RDS gave it up: {words} (still watching for an outage)"));
    }
    if drill.confirmed() {
        let what = if drill.rds_events.completed.is_some() { "has failed over" } else { "is failing over" };
        return (Level::Busy, format!("the database {what}; no request has failed so far"));
    }
    if drill.mode == Mode::Observed {
        return (Level::Busy, "watching: no failover and no outage so far".to_owned());
    }
    let operation = drill.operation.and_then(|id| ctx.state.operations.iter().find(|o| o.id == id));
    if let Some(OperationStage::Ended(Verdict::Unclear(_))) = operation.map(|o| &o.stage) {
        let text = "no answer from AWS: it may or may not have been carried out; watching for its effect";
        return (Level::Warn, text.to_owned());
    }
    match (drill.accepted, drill.sent) {
        (Some(at), _) => (
            Level::Busy,
            format!(
                "accepted {} ago, waiting for its first effect ({} at most)",
                whole(ago(at)),
                whole(SHOWS_WITHIN)
            ),
        ),
        (None, Some(at)) => (Level::Busy, format!("sent {} ago, waiting for AWS's answer", whole(ago(at)))),
        (None, None) => (Level::Busy, "watching".to_owned()),
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
