//! The keys, from the same table that resolves them.

use super::context::{Ctx, faint, strong};
use super::theme::Theme;
use super::widgets::panel::{self, Panel};
use super::{format, replay};
use partybox_core::app::keymap::BINDINGS;
use partybox_core::domain::Level;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The title of each group.
fn heading(group: &str) -> &str {
    match group {
        "act" => "act: each shows its plan and asks first",
        "views" => "views",
        "move" => "move",
        "look" => "look",
        other => other,
    }
}

fn lines<'a>(ctx: &Ctx<'a>) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    let mut group = "";
    if ctx.replay.is_some() {
        group = "replay";
        lines.push(Line::from(strong("replay: nothing is ever sent")));
        for (label, does) in replay::help() {
            let key = Span::styled(format!("  {label:<10} "), Theme::strong());
            lines.push(Line::from(vec![key, Span::raw(does)]));
        }
    }
    for binding in BINDINGS.iter().filter(|b| ctx.replay.is_none() || !b.command.asks_aws()) {
        if binding.group != group {
            if !group.is_empty() {
                lines.push(Line::default());
            }
            group = binding.group;
            lines.push(Line::from(strong(heading(group))));
        }
        let key = Span::styled(format!("  {:<10} ", binding.label), Theme::strong());
        lines.push(Line::from(vec![key, Span::raw(binding.help)]));
    }
    if ctx.state.session.read_only && ctx.replay.is_none() {
        lines.insert(1, Line::from(ctx.tinted(Level::Warn, "  ▲ read-only: actions are refused")));
    }
    lines.push(Line::default());
    lines.push(Line::from(strong("signs")));
    let signs = [
        (Level::Good, "as it should be"),
        (Level::Busy, "changing"),
        (Level::Warn, "works, but at risk"),
        (Level::Bad, "broken"),
        (Level::Idle, "not in use, finished"),
        (Level::Unknown, "not known, or too old to trust"),
    ];
    for (level, text) in signs {
        lines.push(Line::from(vec![Span::raw("  "), ctx.badge(level, text)]));
    }
    for (glyph, text) in [
        ("■", "a task that is healthy in its target group"),
        ("▣", "running, not yet healthy"),
        ("□", "pending"),
        ("▒", "draining"),
        ("·", "wanted, not there"),
    ] {
        lines.push(Line::from(vec![Span::raw(format!("  {glyph} ")), faint(text)]));
    }
    lines
}

/// Draws the keys from a line on, in two columns where there is room.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, scroll: u16) {
    let inner = Panel::new("keys").focused(true).key("esc", "close").draw(buf, area, ctx);
    let lines = lines(ctx);
    // The signs on the right need less room than the keys on the left.
    let half = (inner.width / 2).max(inner.width.saturating_sub(52).min(62));
    let height = usize::from(inner.height);
    if half >= 56 && lines.len() > height {
        let right = Rect { x: inner.x + half, width: inner.width - half, ..inner };
        let left = Rect { width: half, ..inner };
        let scroll = usize::from(scroll).min(lines.len().saturating_sub(2 * height));
        panel::lines(buf, left, lines.iter().skip(scroll).take(height).cloned());
        panel::lines(buf, right, lines.into_iter().skip(scroll + height));
        return;
    }
    let most = lines.len().saturating_sub(height);
    let scroll = usize::from(scroll).min(most);
    let rest = format::cells(most - scroll);
    panel::lines(buf, inner, lines.into_iter().skip(scroll));
    if rest > 0 && area.height > 2 {
        let more = format!(" j: {rest} more ");
        buf.set_line(area.x + 2, area.bottom() - 1, &Line::from(faint(more)), area.width.saturating_sub(4));
    }
}
