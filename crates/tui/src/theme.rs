//! Colours and glyphs. A state is always glyph + word + colour; text keeps the terminal's own colours.

use partybox_core::domain::Level;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

/// How the screen is drawn: chosen once by the runtime from the terminal and the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Only ASCII: every glyph and border is replaced by its ASCII form.
    pub ascii: bool,
    /// The 16 ANSI colours; without, states differ by glyph, word and weight alone (`NO_COLOR`).
    pub colour: bool,
}

impl Default for Theme {
    fn default() -> Self {
        Self { ascii: false, colour: true }
    }
}

impl Theme {
    /// The glyph of a level.
    pub fn glyph(level: Level) -> &'static str {
        match level {
            Level::Good => "●",
            Level::Busy => "↻",
            Level::Warn => "▲",
            Level::Bad => "✖",
            Level::Idle => "○",
            Level::Unknown => "?",
        }
    }

    /// The word of a level for the Party Box as a whole.
    pub fn word(level: Level) -> &'static str {
        match level {
            Level::Good => "healthy",
            Level::Busy => "changing",
            Level::Warn => "degraded",
            Level::Bad => "critical",
            Level::Idle => "idle",
            Level::Unknown => "unknown",
        }
    }

    /// The style of a level.
    pub fn level(self, level: Level) -> Style {
        let style = match level {
            Level::Bad => Self::strong(),
            Level::Warn if !self.colour => Self::strong(),
            Level::Idle | Level::Unknown => Self::faint(),
            _ => Style::new(),
        };
        match level {
            Level::Good if self.colour => style.fg(Color::Green),
            Level::Busy if self.colour => style.fg(Color::Cyan),
            Level::Warn if self.colour => style.fg(Color::Yellow),
            Level::Bad if self.colour => style.fg(Color::Red),
            _ => style,
        }
    }

    /// The style of labels, borders of panels without focus, what is finished, what is stale. Never bold as
    /// well, as terminals disagree on what bold and dim together are.
    pub fn faint() -> Style {
        Style::new().add_modifier(Modifier::DIM).remove_modifier(Modifier::BOLD)
    }

    /// The style of titles, keys, the current view. Never dim as well.
    pub fn strong() -> Style {
        Style::new().add_modifier(Modifier::BOLD).remove_modifier(Modifier::DIM)
    }

    /// The style of notices, which the program tells of itself for a moment: no state, so no colour.
    pub fn notice() -> Style {
        Self::strong()
    }

    /// The style of plain text, whatever the style below it is.
    pub fn plain() -> Style {
        Style::new().remove_modifier(Modifier::BOLD | Modifier::DIM)
    }

    /// The style of the selection where the keys act.
    pub fn selected() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The style of the selection where the keys do not act, in running text; a table has `CALM` instead.
    pub fn calm() -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }
}

/// The mark before the selected row of a list in which the keys do not act.
pub(super) const CALM: &str = "▌";

/// Replaces each glyph of a drawn frame by its ASCII form, so that no drawing code needs two forms.
pub(super) fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let form = ascii(cell.symbol());
            cell.set_symbol(form);
        }
    }
}

/// The ASCII form of a glyph: as wide as the glyph, so that nothing moves.
fn ascii(symbol: &str) -> &'static str {
    match symbol {
        "─" | "━" | "═" | "╌" | "·" | "—" | "–" | "▁" | "∙" => "-",
        "│" | "┃" | "║" | "▌" => "|",
        "╭" | "╮" | "╰" | "╯" | "├" | "┤" | "┬" | "┴" | "┼" | "┏" | "┓" | "┗" | "┛" | "▣" | "▅" => {
            "+"
        }
        "▶" | "→" | "▸" | "›" => ">",
        "◀" | "←" => "<",
        "●" => "o",
        "↻" | "▒" | "◌" | "…" => "~",
        "▲" => "!",
        "✖" | "×" => "x",
        "○" | "▂" | "□" => ".",
        "■" | "█" | "▇" => "#",
        "▃" => ":",
        "▄" => "=",
        "▆" => "*",
        "↑" | "▴" => "^",
        "↓" => "v",
        "‘" | "’" => "'",
        wide if unicode_width::UnicodeWidthStr::width(wide) == 2 => "??",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_its_own_glyph_also_in_ascii() {
        let levels = [Level::Idle, Level::Good, Level::Unknown, Level::Busy, Level::Warn, Level::Bad];
        let mut seen = std::collections::HashSet::new();
        for level in levels {
            let glyph = Theme::glyph(level);
            let plain = if glyph.is_ascii() { glyph } else { ascii(glyph) };
            assert!(seen.insert(plain), "{level:?} shares {plain}");
            assert!(level == Level::Unknown || plain != "?", "{level:?} has no ASCII form");
        }
    }

    #[test]
    fn without_colour_nothing_is_coloured() {
        let theme = Theme { ascii: false, colour: false };
        for level in [Level::Good, Level::Busy, Level::Warn, Level::Bad] {
            assert_eq!(theme.level(level).fg, None);
        }
        assert!(theme.level(Level::Bad).add_modifier.contains(Modifier::BOLD));
    }
}
