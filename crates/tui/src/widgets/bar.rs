//! Tasks as a bar: one glyph per task, by how far it is.

use crate::context::{Ctx, faint};
use partybox_core::domain::{Level, TaskCounts};
use ratatui::text::Span;

/// The stages of a task in the order in which they are drawn: name, glyph, level.
const STAGES: [(&str, &str, Level); 6] = [
    ("healthy", "■", Level::Good),
    ("running", "▣", Level::Busy),
    ("pending", "□", Level::Busy),
    ("unhealthy", "✖", Level::Bad),
    ("draining", "▒", Level::Idle),
    ("stopping", "○", Level::Idle),
];

fn counts(tasks: &TaskCounts) -> [u32; 6] {
    [tasks.healthy, tasks.running, tasks.pending, tasks.unhealthy, tasks.draining, tasks.stopping]
}

/// A bar with one glyph per running task; with more tasks than room, each stage in proportion (but never less
/// than one glyph). Missing ones, up to the desired count, are dots.
pub(crate) fn tasks<'a>(ctx: &Ctx<'a>, tasks: &TaskCounts, desired: u32, room: u16) -> Vec<Span<'a>> {
    let counts = counts(tasks);
    let total: u32 = counts.iter().sum();
    let room = u32::from(room);
    let shown = |n: u32| {
        if total <= room || n == 0 { n } else { (n * room / total).max(1) }
    };
    let mut left = room;
    let mut spans = Vec::new();
    for ((_, glyph, level), n) in STAGES.iter().zip(counts) {
        let n = shown(n).min(left);
        left -= n;
        if n > 0 {
            spans.push(ctx.tinted(*level, glyph.repeat(n as usize)));
        }
    }
    let serving = tasks.healthy + tasks.running + tasks.pending + tasks.unhealthy;
    let missing = desired.saturating_sub(serving).min(left);
    if missing > 0 && total <= room {
        spans.push(faint("·".repeat(missing as usize)));
    }
    spans
}

/// The counts in words, without those that are 0: `2 healthy  1 pending`.
pub(crate) fn words<'a>(ctx: &Ctx<'a>, tasks: &TaskCounts) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    for ((word, glyph, level), n) in STAGES.iter().zip(counts(tasks)) {
        if n > 0 {
            if !spans.is_empty() {
                spans.push(Span::raw("  "));
            }
            spans.push(ctx.tinted(*level, *glyph));
            spans.push(Span::raw(format!(" {n} {word}")));
        }
    }
    if tasks.stopped > 0 {
        spans.push(faint(format!("{}{} stopped", if spans.is_empty() { "" } else { "  " }, tasks.stopped)));
    }
    if spans.is_empty() {
        spans.push(faint("no tasks"));
    }
    spans
}
