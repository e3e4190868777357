//! The layers of a drill, a line each: database and zones, the endpoint's name, targets and tasks, metrics
//! with their age.

use super::time::{between, signed, zero};
use crate::context::{Ctx, faint, strong};
use crate::freshness::Freshness;
use crate::metric;
use crate::widgets::{panel, sparkline};
use partybox_core::diagnosis::{balancer_dimension, zone_letter};
use partybox_core::domain::{Level, MetricKind, Topic, database_level};
use partybox_core::operation::drill::{Drill, DrillStage, LayerSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of the names.
const NAMES: usize = 12;

/// How fresh what is shown is.
pub(super) fn fresh(ctx: &Ctx<'_>) -> Freshness {
    ctx.fresh(&[Topic::Databases, Topic::DbEvents])
}

/// Draws one line for each layer.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, drill: &Drill) {
    let Some(look) = drill.snapshots.last() else {
        panel::lines(buf, area, [Line::from(faint("the database has not been read yet"))]);
        return;
    };
    let mut lines = vec![status(ctx, drill, look), zones(drill, look)];
    lines.push(name(drill));
    lines.push(counts(ctx, look));
    lines.extend(metrics(ctx, drill, area.width));
    panel::lines(buf, area, lines);
    if fresh(ctx).dims() {
        panel::dim(buf, Rect { height: area.height.min(2), ..area });
    }
}

/// The layers in one line, for little room.
pub(super) fn short<'a>(ctx: &Ctx<'a>, drill: &'a Drill) -> Line<'a> {
    let Some(look) = drill.snapshots.last() else {
        return Line::from(faint("the database has not been read yet"));
    };
    let mut spans = vec![ctx.badge(database_level(&look.status), &look.status), Span::raw("  ")];
    spans.extend(swap(drill, look));
    spans.push(Span::raw("  "));
    spans.extend(healthy(ctx, look));
    Line::from(spans)
}

fn label<'a>(text: &str) -> Span<'a> {
    faint(format!("{text:<NAMES$} "))
}

fn status<'a>(ctx: &Ctx<'a>, drill: &'a Drill, look: &'a LayerSnapshot) -> Line<'a> {
    let mut spans = vec![label("database"), ctx.badge(database_level(&look.status), &look.status)];
    let at = |at| signed(between(drill, zero(drill), at));
    match drill.status_left().filter(|_| drill.stage != DrillStage::Baseline) {
        Some((left, None)) => spans.push(faint(format!("  since {}", at(left)))),
        Some((left, Some(back))) => {
            spans.push(faint(format!("  it was not from {} to {}", at(left), at(back))));
        }
        None if drill.stage != DrillStage::Baseline => {
            spans.push(faint("  all the time, as far as was read"));
        }
        None => {}
    }
    Line::from(spans)
}

/// Where the writer and the standby are now, and where they were.
fn zones<'a>(drill: &'a Drill, look: &'a LayerSnapshot) -> Line<'a> {
    let mut spans = vec![label("zones")];
    spans.extend(swap(drill, look));
    if drill.moved().is_none() && drill.confirmed() {
        spans.push(faint("  not moved yet"));
    }
    Line::from(spans)
}

/// `writer 1a → 1c`, or `writer 1a, standby 1c` while nothing has moved.
fn swap<'a>(drill: &'a Drill, look: &'a LayerSnapshot) -> Vec<Span<'a>> {
    let zone = |zone: &'a Option<String>| zone.as_deref().map_or("?", zone_letter);
    let member = |writer: &'a Option<String>| {
        writer.as_deref().filter(|w| *w != drill.database).map(|w| format!(" {w}")).unwrap_or_default()
    };
    let (was, is) = (&drill.before, look);
    if drill.moved().is_some() {
        return vec![
            faint("writer "),
            faint(format!("{}{}", zone(&was.zone), member(&was.writer))),
            strong(format!(" → {}{}", zone(&is.zone), member(&is.writer))),
            faint("  standby "),
            faint(zone(&was.standby)),
            Span::raw(format!(" → {}", zone(&is.standby))),
        ];
    }
    vec![
        faint("writer "),
        Span::raw(format!("{}{}", zone(&is.zone), member(&is.writer))),
        faint("  standby "),
        Span::raw(zone(&is.standby)),
    ]
}

/// What the endpoint's name resolves to, as seen from here.
fn name(drill: &Drill) -> Line<'_> {
    let mut spans = vec![label("endpoint")];
    match drill.names.last() {
        None => spans.push(faint("its name has not been looked up")),
        Some(last) => match &last.answer {
            Err(why) => spans.push(faint(format!("{why}, seen from here"))),
            Ok(all) => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                spans.push(Span::raw(all.join(", ")));
                if let Some(at) = drill.name_changed() {
                    let at = signed(between(drill, zero(drill), at));
                    spans.push(faint(format!("  another one since {at}")));
                }
            }
        },
    }
    Line::from(spans)
}

fn counts<'a>(ctx: &Ctx<'a>, look: &LayerSnapshot) -> Line<'a> {
    let mut spans = vec![label("targets")];
    spans.extend(healthy(ctx, look));
    Line::from(spans)
}

fn healthy<'a>(ctx: &Ctx<'a>, look: &LayerSnapshot) -> Vec<Span<'a>> {
    let of = |(have, of): (usize, usize), word: &str| {
        let level = match have {
            _ if have >= of => Level::Good,
            0 => Level::Bad,
            _ => Level::Warn,
        };
        ctx.tinted(level, format!("{have}/{of} {word}"))
    };
    let tasks = (look.tasks.0 as usize, look.tasks.1 as usize);
    vec![of(look.targets, "healthy"), faint("  tasks "), of(tasks, "running")]
}

/// Connections of the database and errors behind the load balancer: points of a minute, and how old they are.
fn metrics<'a>(ctx: &Ctx<'a>, drill: &Drill, width: u16) -> Vec<Line<'a>> {
    let writer =
        drill.snapshots.last().and_then(|g| g.writer.clone()).unwrap_or_else(|| drill.database.clone());
    let mut wanted = vec![(MetricKind::DbConnections, writer)];
    if let Some(balancer) = ctx.state.account.party_box.balancers.first() {
        let subject = balancer_dimension(&balancer.arn).to_owned();
        wanted.push((MetricKind::AlbTarget5xx, subject.clone()));
        wanted.push((MetricKind::AlbElb5xx, subject));
    }
    let line = |(kind, subject): (MetricKind, String)| {
        let series = ctx.series(kind, &subject);
        let spark = width.saturating_sub(34).min(30);
        Line::from(vec![
            label(metric::label(kind)),
            metric::number(kind, series, 7),
            faint(format!(" {}", sparkline::text(series, spark, metric::top(kind)))),
            faint(format!(" {}", metric::age(series))),
        ])
    };
    wanted.into_iter().map(line).collect()
}
