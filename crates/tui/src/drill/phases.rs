//! T0 to T6: when each was, who says so, what is waited for, why one is missing.

use super::time::{offset, signed};
use crate::context::{Ctx, faint, strong};
use crate::theme::Theme;
use crate::widgets::panel;
use crate::widgets::table;
use partybox_core::domain::Level;
use partybox_core::operation::drill::{Drill, DrillPhase, DrillStage, PhaseState, When};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Rows in one column.
pub(super) const ROWS: u16 = 7;
/// Rows in two columns.
pub(super) const COMPACT_ROWS: u16 = 4;

/// From this width on there is room to tell who says so.
const WIDE: u16 = 56;

/// From this width on there is room for two columns.
const TWO: u16 = 70;

/// Rows of an area that the moments should have when they share it.
pub(super) fn height(area: Rect) -> u16 {
    if area.width >= TWO || area.height < ROWS + 5 { COMPACT_ROWS } else { ROWS }
}

/// Draws the moments: in one column if there are rows for it, else in two, else those up to the awaited one.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, drill: &Drill) {
    let phases = drill.phases();
    let next = next(drill, &phases);
    let lines = |width: u16| {
        let line = |(i, phase)| line(ctx, drill, phase, next == Some(i), width);
        phases.iter().enumerate().map(line).collect::<Vec<_>>()
    };
    if area.height >= ROWS || area.width < TWO - 4 {
        let skip = next.map_or(0, |next| (next + 1).saturating_sub(usize::from(area.height)));
        panel::lines(buf, area, lines(area.width).into_iter().skip(skip));
        return;
    }
    let half = (area.width - 2) / 2;
    let mut lines = lines(half);
    let right = lines.split_off(usize::from(COMPACT_ROWS));
    panel::lines(buf, Rect { width: half, ..area }, lines);
    panel::lines(buf, Rect { x: area.x + half + 2, width: half, ..area }, right);
}

/// All moments, with everything that is known of them.
pub(super) fn all<'a>(ctx: &Ctx<'a>, drill: &Drill) -> Vec<Line<'a>> {
    let phases = drill.phases();
    let next = next(drill, &phases);
    phases.iter().enumerate().map(|(i, phase)| line(ctx, drill, phase, next == Some(i), u16::MAX)).collect()
}

/// The moment that is awaited first.
fn next(drill: &Drill, phases: &[DrillPhase]) -> Option<usize> {
    (drill.stage == DrillStage::Watching)
        .then(|| {
            phases.iter().position(|p| p.state == PhaseState::Waiting && (p.name != "T3" || resolves(drill)))
        })
        .flatten()
}

/// Whether the endpoint's name has an answer where we are.
fn resolves(drill: &Drill) -> bool {
    drill.names.iter().any(|n| n.answer.is_ok())
}

fn line<'a>(ctx: &Ctx<'a>, drill: &Drill, phase: &DrillPhase, next: bool, width: u16) -> Line<'a> {
    let name = Span::styled(phase.name, Theme::strong());
    let what = format!(" {:<23} ", phase.what);
    match &phase.state {
        PhaseState::Seen(when) => {
            let since = offset(drill, &ctx.state.polling.clock, *when);
            let mut spans = vec![ctx.glyph(Level::Good), Span::raw(" "), name, Span::raw(what)];
            spans.push(strong(format!("{:>8}", since.map_or_else(|| "?".to_owned(), signed))));
            if width >= WIDE {
                spans.push(faint(match when {
                    When::Measured(_) => "  measured",
                    When::Reported(_) => "  told    ",
                }));
                let first = drill.measured.outage.as_ref().map(|o| When::Measured(o.first_bad));
                let first = first.and_then(|when| offset(drill, &ctx.state.polling.clock, when));
                if let (true, Some(since), Some(first)) = (phase.name > "T1", since, first) {
                    spans.push(faint(format!("  T1 {}", signed(since - first))));
                }
            }
            Line::from(spans)
        }
        PhaseState::Waiting => {
            let level = if next { Level::Busy } else { Level::Idle };
            let mut spans = vec![ctx.glyph(level), Span::raw(" ")];
            spans.push(if next { name } else { faint(phase.name) });
            spans.push(if next { Span::raw(what) } else { faint(what) });
            let waits = if width >= WIDE {
                waits(drill, phase.name)
            } else if next {
                format!("{:>8}", "awaited")
            } else {
                format!("{:>8}", "-")
            };
            spans.push(faint(waits));
            Line::from(spans)
        }
        PhaseState::Missing(why) => {
            let spans = vec![ctx.glyph(Level::Unknown), Span::raw(" "), name, Span::raw(what)];
            let mut line = Line::from(spans);
            line.push_span(faint(if width >= WIDE {
                (*why).to_owned()
            } else {
                format!("{:>8}", "missing")
            }));
            table::shorten(line, width)
        }
    }
}

/// What an awaited moment waits for.
fn waits(drill: &Drill, name: &str) -> String {
    match name {
        "T0" if drill.stage == DrillStage::Baseline => "once it is confirmed and sent".to_owned(),
        "T0" => "awaits AWS's answer".to_owned(),
        "T1" => "awaits a failed request of the probe".to_owned(),
        "T3" if drill.names.last().is_some() && !resolves(drill) => {
            "its name does not resolve here".to_owned()
        }
        "T3" if drill.probe.name.is_none() => "the endpoint's name is not known".to_owned(),
        "T3" => "awaits another address".to_owned(),
        "T4" => "awaits a good answer".to_owned(),
        "T6" => "awaits another zone, may lag".to_owned(),
        _ => "awaits its event, best effort".to_owned(),
    }
}
