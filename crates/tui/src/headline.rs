//! The headline: one sentence on how the Party Box is, above every view.

use super::context::{Ctx, faint, strong};
use super::format;
use super::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

fn sentence<'a>(ctx: &Ctx<'a>) -> Line<'a> {
    let health = &ctx.state.account.health;
    let mut spans = vec![ctx.badge(health.level, Theme::word(health.level)), Span::raw("  ")];
    if health.headline.is_empty() {
        spans.push(faint("reading…"));
    } else {
        spans.push(strong(format::brief(&health.headline)));
    }
    Line::from(spans)
}

/// Rows that the sentence needs, up to three.
pub(super) fn height(ctx: &Ctx<'_>, width: u16) -> u16 {
    let wide = format::cells(sentence(ctx).width());
    // Wrapping at words leaves about half a word at the end of each row.
    if wide <= width { 1 } else { wide.div_ceil(width.saturating_sub(6).max(1)).clamp(2, 3) }
}

/// Draws the sentence, wrapped.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    Paragraph::new(sentence(ctx)).wrap(Wrap { trim: true }).render(area, buf);
}
