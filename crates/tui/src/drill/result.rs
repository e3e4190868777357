//! The result of a drill: the figures, what is missing, the comparison, the path of the record, what to do.

use super::compare::{Earlier, alike};
use super::status_text;
use super::time::{signed, span, whole};
use crate::context::{Ctx, LABELS, fact, faint, strong};
use crate::format;
use crate::theme::Theme;
use partybox_core::diagnosis::zone_letter;
use partybox_core::domain::Level;
use partybox_core::operation::drill::report::offset;
use partybox_core::operation::drill::{Drill, DrillOutcome};
use ratatui::text::{Line, Span};

/// The figures, the most important first.
pub(super) fn lines<'a>(
    ctx: &Ctx<'a>,
    drill: &'a Drill,
    outcome: &'a DrillOutcome,
    room: u16,
) -> Vec<Line<'a>> {
    let mut lines = vec![next(ctx, outcome)];
    lines.extend(rto(ctx, drill, outcome));
    lines.extend(outage(ctx, drill));
    lines.push(zone(ctx, drill, outcome));
    lines.extend(comparison(ctx, drill, outcome));
    lines.extend(record(ctx, room));
    lines.extend(absent(ctx, drill));
    lines
}

/// The next key to press.
fn next<'a>(ctx: &Ctx<'a>, outcome: &DrillOutcome) -> Line<'a> {
    let (key, does) = match status_text::next(outcome) {
        ("w", _) if ctx.state.drill.copy_to.is_some() => ("F", "drills again; enter tells everything"),
        next => next,
    };
    fact("next", vec![strong(key), Span::raw(format!(" {does}"))])
}

/// The recovery time beside its target, as a bar: the target's end is marked.
fn rto<'a>(ctx: &Ctx<'a>, drill: &Drill, outcome: &DrillOutcome) -> Option<Line<'a>> {
    let rto = drill.rto()?;
    let mut value = vec![strong(span(rto)), faint(format!("  target {}  ", whole(drill.target)))];
    value.extend(bar(
        ctx,
        rto.as_secs_f64(),
        drill.target.as_secs_f64(),
        outcome.level(drill.within_target()),
        24,
    ));
    Some(fact("RTO", value))
}

/// A bar on a scale to the greater of value and target; `│` stands at the target.
pub(super) fn bar<'a>(ctx: &Ctx<'a>, value: f64, target: f64, level: Level, room: u16) -> Vec<Span<'a>> {
    bar_to(ctx, value, target, value.max(target), level, room)
}

/// The same on a given scale.
pub(super) fn bar_to<'a>(
    ctx: &Ctx<'a>,
    value: f64,
    target: f64,
    top: f64,
    level: Level,
    room: u16,
) -> Vec<Span<'a>> {
    let share = |v: f64| columns(v / top.max(0.001), room);
    let (filled, mark) = (share(value).max(1), share(target));
    let cell = |i: u16| match (i < filled, i + 1 == mark) {
        (_, true) => "│",
        (true, false) => "█",
        (false, false) => " ",
    };
    let mut spans: Vec<Span<'a>> = Vec::new();
    for i in 0..filled.max(mark) {
        let glyph = cell(i);
        spans.push(if glyph == "│" {
            Span::styled(glyph, Theme::strong())
        } else {
            ctx.tinted(level, glyph)
        });
    }
    spans
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 times a width: saturating is what is wanted"
)]
fn columns(share: f64, room: u16) -> u16 {
    ((share * f64::from(room)).round() as u16).min(room)
}

fn outage<'a>(ctx: &Ctx<'a>, drill: &'a Drill) -> Vec<Line<'a>> {
    let Some(outage) = &drill.measured.outage else {
        let tally = &drill.measured.since;
        let text = format!(
            "none: {} of {} requests were answered",
            format::count(tally.good),
            format::count(tally.sent)
        );
        return vec![fact("outage", text)];
    };
    let newest = drill.measured.newest;
    let gap = drill.scaled(outage.longest.span(newest));
    let mut lines = vec![fact(
        "outage",
        vec![
            Span::raw(format!("longest gap {}", span(gap))),
            faint(if outage.gaps > 1 { format!(" of {} · ", outage.gaps) } else { " · ".to_owned() }),
            Span::raw(format!("{} bad in all", span(drill.scaled(drill.measured.bad_time)))),
            faint(" · "),
            ctx.tinted(Level::Bad, format!("{} requests lost", format::count(outage.lost))),
        ],
    )];
    let mut times = Vec::new();
    if outage.began_before_probe {
        times.push(ctx.tinted(Level::Warn, "away already when the probe began: no RTO"));
    } else if let Some(trigger) = drill.accepted.or(drill.sent) {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a drill")]
        let after = (offset(drill, outage.first_bad) - offset(drill, trigger)) as f64 / 1000.0;
        times.push(Span::raw(format!(
            "first failure {} after the trigger",
            signed(after).trim_start_matches('+')
        )));
    }
    if !times.is_empty() {
        times.push(faint(" · "));
    }
    match outage.settled {
        Some(settled) => {
            let settled = drill.scaled(settled.saturating_sub(outage.first_bad));
            times.push(Span::raw(format!("settled after {}", span(settled))));
        }
        None => times.push(ctx.tinted(Level::Bad, "still failing at the end")),
    }
    lines.push(fact("times", times));
    lines
}

fn zone<'a>(ctx: &Ctx<'a>, drill: &'a Drill, outcome: &DrillOutcome) -> Line<'a> {
    let zone = |zone: Option<&'a String>| zone.map_or("?", |z| zone_letter(z));
    let before = zone(drill.before.zone.as_ref());
    let last = drill.snapshots.last();
    let value = match drill.moved() {
        Some(_) => vec![
            Span::raw(format!("writer {before}")),
            strong(format!(" → {}", zone(last.and_then(|g| g.zone.as_ref())))),
            Span::raw("  "),
            ctx.badge(Level::Good, "confirmed"),
        ],
        None if matches!(
            outcome,
            DrillOutcome::Refused(_) | DrillOutcome::NothingHappened(_) | DrillOutcome::NotSeen
        ) =>
        {
            vec![Span::raw(format!("writer {before}, as before"))]
        }
        None => vec![
            Span::raw(format!("writer {before}  ")),
            ctx.badge(Level::Unknown, "not confirmed yet, it can lag minutes"),
        ],
    };
    fact("zone", value)
}

fn comparison<'a>(ctx: &Ctx<'a>, drill: &'a Drill, outcome: &DrillOutcome) -> Option<Line<'a>> {
    let rto = drill.rto()?;
    let Some(earlier) = Earlier::of(alike(ctx, &drill.database, &drill.id)) else {
        return Some(fact("earlier", faint("the first drill of this database with a recovery time")));
    };
    let mut value = earlier.trend(ctx, Some((rto, outcome.level(drill.within_target())))).spans;
    value.push(Span::raw(format!("  {}", earlier.words())));
    let count = if earlier.count == 1 { "1 drill".to_owned() } else { format!("{} drills", earlier.count) };
    value.push(faint(format!("  of {count}")));
    Some(fact("earlier", value))
}

/// The path of the record, and how to get a copy. Of a long path the end is shown, as it names the drill.
fn record<'a>(ctx: &Ctx<'a>, room: u16) -> Vec<Line<'a>> {
    let room = room.saturating_sub(format::cells(LABELS) + 1);
    let state = ctx.state;
    let mut lines = match &state.drill.saved {
        None => vec![fact("record", faint("being written…"))],
        Some(Ok(place)) => vec![fact("record", format::fit_end(place, room))],
        Some(Err(why)) => vec![fact("record", ctx.badge(Level::Bad, &format!("not written: {why}")))],
    };
    if let Some(copy) = &state.drill.copy_to {
        lines.push(fact("report", format!("also in {copy}")));
    } else if let Some(story) = &state.drill.report {
        let here = format!(" writes the report to ./drill-{}", story.id);
        lines.push(fact("report", vec![strong("w"), Span::raw(here)]));
    }
    lines
}

/// The evidence that is missing.
fn absent<'a>(ctx: &Ctx<'a>, drill: &Drill) -> Vec<Line<'a>> {
    let absent = drill.absent();
    if absent.is_empty() {
        let text = if drill.measured.outage.is_some() {
            "nothing: all of T0 to T6 were seen"
        } else {
            "nothing else: no request failed, so there is no T1 and no T4"
        };
        return vec![fact("missing", faint(text))];
    }
    let line = |(i, text): (usize, String)| {
        let label = if i == 0 { "missing" } else { "" };
        fact(label, vec![ctx.glyph(Level::Unknown), Span::raw(format!(" {text}"))])
    };
    absent.into_iter().enumerate().map(line).collect()
}
