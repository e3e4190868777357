//! What a replay adds to the screen: where it stands, in the header, and its keys.

use super::context::Ctx;
use super::header::{Piece, Reversed as _};
use partybox_core::app::{REPLAY_KEYS, Replay};
use partybox_core::domain::Level;
use ratatui::text::Span;
use std::time::Duration;

/// The pieces of the header that say where the replay stands.
pub(super) fn pieces<'a>(ctx: &Ctx<'a>, replay: &Replay) -> Vec<Piece<'a>> {
    let speed = replay.speed();
    let wall = replay.now().wall;
    let place = format!("{}/{}", clock(replay.position()), clock(replay.length()));
    let mut pieces = vec![
        Piece { order: 0, span: ctx.tinted(Level::Warn, " REPLAY ").style_reversed() },
        Piece { order: 2, span: Span::raw(wall.format("%Y-%m-%d").to_string()) },
        Piece { order: 0, span: Span::raw(wall.format("%H:%M:%SZ").to_string()) },
        Piece { order: 0, span: Span::raw(place) },
        Piece { order: 0, span: Span::raw(format!("x{speed}")) },
    ];
    if replay.paused() {
        pieces.push(Piece { order: 0, span: ctx.tinted(Level::Warn, "PAUSED") });
    }
    pieces
}

/// `02:13`, or `1:02:13` from an hour on.
fn clock(span: Duration) -> String {
    let all = span.as_secs();
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// The keys of the footer, the most needed first.
pub(super) fn hints(replay: &Replay) -> Vec<(&'static str, &'static str)> {
    let mut hints = vec![("space", if replay.paused() { "play" } else { "pause" })];
    if replay.looks_around() {
        hints.push(("esc", "follow"));
    }
    hints.extend([
        ("[ ]", "event"),
        (", .", "10 s"),
        ("- +", "speed"),
        ("?", "help"),
        ("q", "quit"),
        ("< >", "start, end"),
    ]);
    hints
}

/// The keys of the help: (key, what it does).
pub(super) fn help() -> impl Iterator<Item = (&'static str, &'static str)> {
    let keys = REPLAY_KEYS.iter().map(|row| (row.label, row.help));
    keys.chain([("esc", "follow the recorded screen again; any key below looks elsewhere")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_minutes_and_seconds() {
        assert_eq!(clock(Duration::from_millis(133_999)), "02:13");
        assert_eq!(clock(Duration::from_secs(3600 + 62)), "1:01:02");
    }
}
