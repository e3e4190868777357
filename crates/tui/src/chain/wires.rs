//! The lines between the boxes.

use crate::context::{Ctx, faint};
use partybox_core::domain::Level;
use ratatui::buffer::Buffer;
use ratatui::text::Line;

/// The end of a line from the ALB, at a service.
pub(super) struct ServiceEnd {
    /// The row of its box's middle.
    pub(super) row: u16,
    /// Whether the service has no healthy target.
    pub(super) cut_off: bool,
    /// Whether a line goes on from the service to the database.
    pub(super) reaches_database: bool,
}

/// Draws one line in from the ALB and one out to each service; red where the service has no healthy target.
pub(super) fn fan_out(buf: &mut Buffer, x: u16, door: u16, to: &[ServiceEnd], ctx: &Ctx<'_>) {
    let ends: Vec<u16> = to.iter().map(|end| end.row).collect();
    buf.set_line(x, door, &Line::from(faint("─")), 1);
    trunk(buf, x + 1, &[door], &ends);
    for end in to {
        let arrow = if end.cut_off { ctx.tinted(Level::Bad, "─✖▶") } else { faint("──▶") };
        buf.set_line(x + 2, end.row, &Line::from(arrow), 3);
    }
}

/// Draws the lines from several services to one database.
pub(super) fn gather(buf: &mut Buffer, x: u16, from: &[u16], to: u16) {
    for y in from {
        buf.set_line(x, *y, &Line::from(faint("─")), 1);
    }
    if !from.is_empty() {
        trunk(buf, x + 1, from, &[to]);
        buf.set_line(x + 2, to, &Line::from(faint("──▶")), 3);
    }
}

/// The vertical part with its joints, in one column.
fn trunk(buf: &mut Buffer, x: u16, inlets: &[u16], outlets: &[u16]) {
    let all = || inlets.iter().chain(outlets);
    let (Some(top), Some(bottom)) = (all().min(), all().max()) else { return };
    for y in *top..=*bottom {
        joint(buf, x, y, inlets, outlets);
    }
}

/// One cell of a trunk: which of its four sides are connected.
fn joint(buf: &mut Buffer, x: u16, y: u16, inlets: &[u16], outlets: &[u16]) {
    let all = || inlets.iter().chain(outlets);
    let up = all().any(|other| *other < y);
    let down = all().any(|other| *other > y);
    let glyph = match (inlets.contains(&y), outlets.contains(&y), up, down) {
        (true, true, true, true) => "┼",
        (true, true, true, false) => "┴",
        (true, true, false, true) => "┬",
        (true, true, false, false) => "─",
        (true, false, true, true) => "┤",
        (true, false, true, false) => "╯",
        (true, false, false, _) => "╮",
        (false, true, true, true) => "├",
        (false, true, true, false) => "╰",
        (false, true, false, _) => "╭",
        (false, false, _, _) => "│",
    };
    buf.set_line(x, y, &Line::from(faint(glyph)), 1);
}
