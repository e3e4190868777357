//! The drill under way, and the earlier ones.

use super::context::Ctx;
use super::widgets::panel::Panel;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget};

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    Panel::new("drill").draw(buf, area, ctx);
}

/// Asks whether to leave a drill that is under way.
pub(super) fn leave(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let inner = Panel::new("leave the drill?").focused(true).key("esc", "stay").draw(buf, area, ctx);
    let lines = [
        "A failover cannot be called back: RDS goes on with it.",
        "Its record up to now is kept.",
        "y leaves, esc stays.",
    ];
    Paragraph::new(lines.map(Line::from).to_vec()).render(inner, buf);
}
