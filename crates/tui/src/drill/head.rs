//! The head of the drill view: the stopwatch or the recovery time in large digits, beside it one sentence.

use super::status_text;
use super::time::{between, millis, stopwatch, whole, zero, zero_name};
use crate::context::{Ctx, faint, strong};
use crate::format;
use crate::theme::Theme;
use crate::widgets::{digits, panel};
use partybox_core::domain::Level;
use partybox_core::operation::drill::{Drill, DrillOutcome, DrillStage};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};
use std::time::Duration;

/// Rows of the head.
pub(super) const ROWS: u16 = digits::ROWS;

/// Columns for the digits, so that the sentence does not move as they grow: `123.4`.
const DIGITS: u16 = 19;

/// Draws the head.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, drill: &Drill) {
    let (number, style) = number(ctx, drill);
    let wide = digits::width(&number);
    let column = DIGITS.max(wide + 2);
    if area.width < column + 30 {
        text(buf, area, ctx, drill);
        return;
    }
    digits::draw(buf, area, &number, style, ctx.theme.ascii);
    // The unit stands at the foot of the digits.
    if area.height >= ROWS && !number.contains([':', '-']) {
        buf.set_line(area.x + wide + 1, area.y + ROWS - 1, &Line::from(faint("s")), 1);
    }
    let beside = Rect { x: area.x + column + 1, width: area.width - column - 1, ..area };
    text(buf, beside, ctx, drill);
}

/// The large number: the stopwatch while it goes, then the recovery time.
fn number(ctx: &Ctx<'_>, drill: &Drill) -> (String, Style) {
    if let DrillStage::Ended(outcome) = &drill.stage {
        let shown = match (drill.rto(), outcome) {
            (Some(rto), _) => Some(rto),
            (None, DrillOutcome::NotRecovered) => Some(drill.scaled(drill.measured.bad_time)),
            (None, _) => None,
        };
        let style = ctx.theme.level(outcome.level(drill.within_target()));
        return (shown.map_or_else(|| "--.-".to_owned(), stopwatch), style);
    }
    let away = drill.measured.outage.as_ref().is_some_and(|o| o.recovered_at.is_none());
    let away = away && drill.stage == DrillStage::Watching;
    let style = if away { ctx.theme.level(Level::Bad) } else { Theme::strong() };
    let since = between(drill, zero(drill), ctx.now.mono).max(0.0);
    (stopwatch(Duration::from_secs_f64(since)), style)
}

/// The sentence, then what the number is and the counts.
fn text(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, drill: &Drill) {
    if area.is_empty() {
        return;
    }
    let (level, words) = status_text::sentence(ctx, drill);
    let line = Line::from(vec![ctx.badge(level, ""), strong(words)]);
    // A long sentence is worth more than the counts. Wrapping at words leaves about half a word at each end.
    let rows = format::cells(line.width()).div_ceil(area.width.saturating_sub(5).max(1));
    let counted = area.height > 1 && (rows < area.height || area.height < ROWS);
    let rows = area.height - u16::from(counted);
    Paragraph::new(line).wrap(Wrap { trim: true }).render(Rect { height: rows, ..area }, buf);
    if counted {
        let foot = Rect { y: area.y + rows, height: 1, ..area };
        panel::lines(buf, foot, [counts(ctx, drill, area.width)]);
    }
}

/// The counts in one line, the least needed left out first:
/// `since T0 · target 120 s · 42 lost · half within 3 ms`.
fn counts<'a>(ctx: &Ctx<'a>, drill: &'a Drill, room: u16) -> Line<'a> {
    let what = match drill.outcome() {
        Some(_) if drill.rto().is_some() => "recovery time, T4 - T1",
        Some(outcome) => status_text::without_rto(outcome),
        None => zero_name(drill),
    };
    let (since, before) = (&drill.measured.since, &drill.measured.baseline);
    let usual = if before.good > 0 { before } else { since };
    let mut parts = vec![vec![faint(what)], vec![faint("target "), Span::raw(whole(drill.target))]];
    if drill.stage != DrillStage::Baseline {
        let lost = format!("{} of {} lost", format::count(since.bad), format::count(since.sent));
        let lost = if since.bad > 0 { ctx.tinted(Level::Bad, lost) } else { Span::raw(lost) };
        parts.push(vec![lost]);
    }
    if usual.good > 0 {
        parts.push(vec![
            faint("usually "),
            Span::raw(millis(usual.p50)),
            faint(" p95 "),
            Span::raw(millis(usual.p95)),
        ]);
    }
    parts.push(vec![faint(format!("every {}", millis(drill.probe.settings.interval)))]);
    let join = |parts: &[Vec<Span<'a>>]| Line::from(parts.join(&faint(" · ")));
    while parts.len() > 1 && format::cells(join(&parts).width()) > room {
        parts.pop();
    }
    join(&parts)
}
