//! What each zone carries, and what its loss takes.

use super::context::Ctx;
use super::widgets::panel::Panel;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    Panel::new("zones").draw(buf, area, ctx);
}
