//! The answer first: one sentence on how the Party Box is.

use super::context::{Ctx, faint};
use super::format;
use super::theme::Theme;
use crate::domain::Level;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

fn sentence<'a>(ctx: &Ctx<'a>) -> Line<'a> {
    let health = &ctx.state.health;
    let mut spans = vec![ctx.badge(health.level, Theme::word(health.level)), Span::raw("  ")];
    if health.headline.is_empty() {
        spans.push(faint("reading…"));
    } else {
        spans.push(Span::styled(health.headline.as_str(), Theme::strong()));
    }
    let serious = health.findings.iter().filter(|f| f.level >= Level::Warn).count();
    if serious > 0 {
        spans.push(faint(format!("  ({serious} finding{})", if serious == 1 { "" } else { "s" })));
    }
    Line::from(spans)
}

/// Rows that the sentence needs: one, or two when it is long.
pub(super) fn height(ctx: &Ctx<'_>, width: u16) -> u16 {
    if format::cells(sentence(ctx).width()) > width { 2 } else { 1 }
}

/// Draws the sentence, wrapped.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    Paragraph::new(sentence(ctx)).wrap(Wrap { trim: true }).render(area, buf);
}
