//! A drill in one sentence, and what to do next.

use super::time::{span, whole};
use crate::context::Ctx;
use partybox_core::domain::{Level, ProbeAnswer};
use partybox_core::operation::drill::{
    Drill, EVENTS_WITHIN, MOVED_WITHIN, Mode, Outcome, SETTLED, SHOWS_WITHIN, Stage,
};
use partybox_core::operation::{Stage as Sent, Verdict};
use std::time::Duration;

/// Where a drill stands, or how it ended.
pub(super) fn sentence(ctx: &Ctx<'_>, drill: &Drill) -> (Level, String) {
    match &drill.stage {
        Stage::Baseline => baseline(drill),
        Stage::Watching => watching(ctx, drill),
        Stage::Ended(outcome) => ended(drill, outcome),
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
    match (outage.back, outage.settled) {
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
    let waits = match drill.told.completed {
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
    if let Some((_, words)) = drill.told.abandoned.as_ref().filter(|_| !drill.confirmed()) {
        return (Level::Warn, format!("RDS gave it up: {words} (still watching for an outage)"));
    }
    if drill.confirmed() {
        let what = if drill.told.completed.is_some() { "has failed over" } else { "is failing over" };
        return (Level::Busy, format!("the database {what}; no request has failed so far"));
    }
    if drill.mode == Mode::Observed {
        return (Level::Busy, "watching: no failover and no outage so far".to_owned());
    }
    let operation = drill.operation.and_then(|id| ctx.state.operations.iter().find(|o| o.id == id));
    if let Some(Sent::Ended(Verdict::Unclear(_))) = operation.map(|o| &o.stage) {
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

fn ended(drill: &Drill, outcome: &Outcome) -> (Level, String) {
    let text = match (drill.rto(), outcome) {
        (Some(rto), Outcome::Recovered) => {
            let target = whole(drill.target);
            return match rto.checked_sub(drill.target).filter(|over| !over.is_zero()) {
                None => (Level::Good, format!("recovered within the target of {target}")),
                Some(over) => {
                    (Level::Warn, format!("recovered, but {} over the target of {target}", span(over)))
                }
            };
        }
        _ => outcome.sentence(),
    };
    (level(drill, outcome), text)
}

/// How good an outcome is.
pub(super) fn level(drill: &Drill, outcome: &Outcome) -> Level {
    match outcome {
        Outcome::Recovered if drill.within_target() == Some(false) => Level::Warn,
        Outcome::Recovered | Outcome::NoOutageSeen => Level::Good,
        Outcome::NotRecovered | Outcome::Refused(_) => Level::Bad,
        Outcome::NotSeen | Outcome::Left => Level::Idle,
        Outcome::NothingHappened(_) | Outcome::Unconfirmed | Outcome::Unclear(_) => Level::Warn,
    }
}

/// What stands in the place of the recovery time when there is none: two words below the dashes.
pub(super) fn without_rto(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::NoOutageSeen => "no outage seen",
        Outcome::NotRecovered => "away, not back",
        _ => "no RTO",
    }
}

/// What to do next: a key, and why.
pub(super) fn next(outcome: &Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Recovered => ("w", "writes the report here too; enter tells everything"),
        Outcome::NoOutageSeen => ("enter", "shows what was probed: does it need the database?"),
        Outcome::NothingHappened(_) => ("F", "tries again, best 10 minutes after the last failover"),
        Outcome::Unconfirmed => ("4", "shows RDS's events, some come late; 2 shows deploys"),
        Outcome::NotRecovered => ("4", "shows the database; if that is available, 2 and r redeploy"),
        Outcome::NotSeen => ("F", "fails it over from here"),
        Outcome::Refused(_) => ("4", "shows the database's state; F plans it anew"),
        Outcome::Unclear(_) => ("4", "shows RDS's events: look there before F sends another"),
        Outcome::Left => ("F", "drills again; what was seen until then is kept"),
    }
}
