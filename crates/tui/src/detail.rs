//! The panel with the details of the selected row, in full words and absolute times. Its lines come from the
//! view's own `details`.

use super::context::{Ctx, faint};
use super::format;
use super::widgets::panel::Panel;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

/// The details of a selected row: the title of the panel, and its lines.
pub(super) type Details<'a> = (Span<'a>, Vec<Line<'a>>);

/// Draws the details of the selected row, from a line on.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, scroll: u16) {
    let (title, lines) = content(ctx);
    text_panel(
        buf,
        area,
        ctx,
        Panel::new("details").and(title).focused(true).key("esc", "close"),
        lines,
        scroll,
    );
}

/// Draws the details of the selected row beside the lists.
pub(super) fn beside(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let (title, lines) = content(ctx);
    text_panel(buf, area, ctx, Panel::new("selected").and(title), lines, 0);
}

fn text_panel(
    buf: &mut Buffer,
    area: Rect,
    ctx: &Ctx<'_>,
    panel: Panel<'_>,
    lines: Vec<Line<'_>>,
    scroll: u16,
) {
    let inner = panel.draw(buf, area, ctx);
    let most = format::cells(lines.len()).saturating_sub(1);
    let lines: Vec<Line<'_>> = lines.into_iter().map(format::breakable).collect();
    Paragraph::new(lines).wrap(Wrap { trim: false }).scroll((scroll.min(most), 0)).render(inner, buf);
}

fn content<'a>(ctx: &Ctx<'a>) -> Details<'a> {
    let view = super::view_parts(ctx.state.screen.view);
    (view.details)(ctx, ctx.state.screen.pane).unwrap_or_else(|| (faint("nothing selected"), Vec::new()))
}
