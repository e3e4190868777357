//! Earlier drills of this machine: their recovery times as bars, and how to begin a new one.

use super::compare::Earlier;
use super::result::bar_to;
use super::time::{span, whole};
use crate::context::{Ctx, fact, faint, strong};
use crate::detail::Details;
use crate::format;
use crate::widgets::panel::{self, Panel};
use crate::widgets::table::{Column, Mark, Table};
use partybox_core::app::Pane;
use partybox_core::operation::drill::Mode;
use partybox_core::operation::drill::report::DrillSummary;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use std::time::Duration;

/// Columns of the bars, with little room and with enough.
const BARS: (u16, u16) = (22, 36);
/// From this width on the bars have enough room, in columns.
const ENOUGH: u16 = 110;

fn columns(bar: u16) -> [Column; 7] {
    [
        Column::new("age", 4).right(),
        Column::new("database", 14).grow(1),
        Column::new("outcome", 16),
        Column::new("RTO", 8).right(),
        Column::new("target", 6).right().drop(2),
        Column::new("", bar).drop(1),
        Column::new("", 10).drop(3),
    ]
}

/// Draws the list, what it comes to, and how a drill goes.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let past = &ctx.state.drill.history;
    if past.is_empty() {
        let inner = panel(ctx, 0).draw(buf, area, ctx);
        let mut lines =
            vec![Line::from(strong("no drill has been recorded on this machine")), Line::default()];
        lines.extend(how(ctx));
        panel::lines(buf, inner, lines);
        return;
    }
    let how = how(ctx);
    let below = format::cells(how.len()) + 2;
    let below = if area.height >= below + 8 { below } else { 0 };
    let [list, foot] = Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(area);
    let inner = panel(ctx, past.len()).draw(buf, list, ctx);
    let summary = u16::from(inner.height > 5);
    let [head, rows] = Layout::vertical([Constraint::Length(2 * summary), Constraint::Fill(1)]).areas(inner);
    panel::lines(buf, head, [summed(ctx)]);
    let top = past.iter().map(|p| p.rto_ms.unwrap_or(0).max(p.target_rto_ms)).max().unwrap_or(1);
    let selected = ctx.row(Pane::Main, past.len());
    let bar = if rows.width >= ENOUGH { BARS.1 } else { BARS.0 };
    let columns = columns(bar);
    let table = Table { columns: &columns, rows: past.len(), selected, mark: Mark::Calm, dim: false };
    table.draw(buf, rows, |i| past.get(i).map_or_else(Vec::new, |one| row(ctx, one, top, bar)));
    if below > 0 {
        let inner = Panel::new("a drill").draw(buf, foot, ctx);
        panel::lines(buf, inner, how);
    }
}

fn panel<'a>(ctx: &Ctx<'a>, count: usize) -> Panel<'a> {
    Panel::new("drills").and(faint(format::count(count as u64))).focused(ctx.focused(Pane::Main)).act(
        ctx,
        "F",
        "begin a drill",
    )
}

/// Best, median and last recovery time of the drills of the selected one's database.
fn summed<'a>(ctx: &Ctx<'a>) -> Line<'a> {
    let Some(chosen) =
        ctx.row(Pane::Main, ctx.state.drill.history.len()).map(|i| &ctx.state.drill.history[i])
    else {
        return Line::default();
    };
    let alike = |p: &&DrillSummary| p.database == chosen.database && p.simulated == chosen.simulated;
    let Some(earlier) = Earlier::of(ctx.state.drill.history.iter().filter(alike)) else {
        return Line::from(faint(format!("{}: no recovery time yet", chosen.database)));
    };
    let mut spans = vec![strong(chosen.database.as_str()), Span::raw("  ")];
    spans.extend(earlier.trend(ctx, None).spans);
    spans.push(Span::raw(format!("  {}", earlier.words())));
    spans.push(faint(format!("  of {}", earlier.count)));
    Line::from(spans)
}

fn row<'a>(ctx: &Ctx<'a>, past: &'a DrillSummary, top: u64, wide: u16) -> Vec<Line<'a>> {
    let target = Duration::from_millis(past.target_rto_ms);
    let rto = past.rto_ms.map(Duration::from_millis);
    let level = past.level();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a drill")]
    let bar = past.rto_ms.map_or_else(Vec::new, |ms| {
        bar_to(ctx, ms as f64, past.target_rto_ms as f64, top as f64, level, wide)
    });
    let notes = match (past.simulated, past.mode) {
        (true, _) => "simulated",
        (false, Mode::Observed) => "observed",
        (false, Mode::Triggered) => "",
    };
    vec![
        Line::from(ctx.age(Some(past.at))),
        Line::from(past.database.as_str()),
        Line::from(ctx.badge(level, &past.outcome.spaced())),
        Line::from(rto.map_or_else(|| "-".to_owned(), span)),
        Line::from(whole(target)),
        Line::from(bar),
        Line::from(faint(notes)),
    ]
}

/// How a drill goes, step by step.
fn how<'a>(ctx: &Ctx<'a>) -> Vec<Line<'a>> {
    if ctx.state.session.read_only {
        return vec![Line::from(faint("read-only: a failover cannot be triggered from here"))];
    }
    let step = |key: &'a str, text: &'a str| {
        Line::from(vec![Span::raw("  "), strong(format!("{key:<7}")), faint(text)])
    };
    vec![
        Line::from(faint("A drill fails a database over and measures how long the service is away:")),
        step("F", "opens the plan; a probe through the load balancer starts beside it"),
        step("name", "typed in full and sent with enter, it triggers the failover, once"),
        step("", "every layer is watched until the service is back: T0 to T6"),
        step("enter", "tells everything; w writes the report where you are"),
    ]
}

/// Details of the selected drill.
pub(super) fn details<'a>(ctx: &Ctx<'a>) -> Option<Details<'a>> {
    let past = ctx.state.drill.history.get(ctx.row(Pane::Main, ctx.state.drill.history.len())?)?;
    let target = Duration::from_millis(past.target_rto_ms);
    let rto = past.rto_ms.map(Duration::from_millis);
    let lines = vec![
        fact("database", past.database.as_str()),
        fact("when", ctx.moment(past.at)),
        fact("outcome", past.outcome.spaced()),
        fact("RTO", rto.map_or_else(|| "none".to_owned(), span)),
        fact("target", whole(target)),
        fact("triggered", if past.mode == Mode::Observed { "by somebody else" } else { "from here" }),
        fact("simulated", if past.simulated { "yes" } else { "no" }),
        fact("record", past.id.as_str()),
        Line::default(),
        Line::from(faint("its report lies in the state directory, in drills/ under this name")),
    ];
    Some((Span::raw("drill"), lines))
}
