//! A number in large digits, three rows high, to be read from across the room.

use crate::format;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Rows of a digit.
pub(crate) const ROWS: u16 = 3;

/// `0` to `9` from the lines of the box-drawing characters.
const LINES: [[&str; 3]; 10] = [
    ["┏━┓", "┃ ┃", "┗━┛"],
    ["╺┓ ", " ┃ ", "╺┻╸"],
    ["╺━┓", "┏━┛", "┗━╸"],
    ["╺━┓", "╺━┫", "╺━┛"],
    ["╻ ╻", "┗━┫", "  ╹"],
    ["┏━╸", "┗━┓", "╺━┛"],
    ["┏━╸", "┣━┓", "┗━┛"],
    ["╺━┓", "  ┃", "  ╹"],
    ["┏━┓", "┣━┫", "┗━┛"],
    ["┏━┓", "┗━┫", "╺━┛"],
];

/// The digits in ASCII. Replacing the lines one by one would leave digits that nobody can read.
const ASCII: [[&str; 3]; 10] = [
    [" _ ", "| |", "|_|"],
    ["   ", "  |", "  |"],
    [" _ ", " _|", "|_ "],
    [" _ ", " _|", " _|"],
    ["   ", "|_|", "  |"],
    [" _ ", "|_ ", " _|"],
    [" _ ", "|_ ", "|_|"],
    [" _ ", "  |", "  |"],
    [" _ ", "|_|", "|_|"],
    [" _ ", "|_|", " _|"],
];

fn glyph(c: char, ascii: bool) -> [&'static str; 3] {
    let font = if ascii { &ASCII } else { &LINES };
    match (c, c.to_digit(10).and_then(|d| font.get(d as usize))) {
        (_, Some(rows)) => *rows,
        (':', _) => [" ", ":", " "],
        ('.', _) => [" ", " ", "."],
        ('-', _) if ascii => ["   ", " _ ", "   "],
        ('-', _) => ["   ", "╺━╸", "   "],
        _ => [" ", " ", " "],
    }
}

/// The rows of a text of digits, `.`, `:` and `-`.
fn rows(text: &str, ascii: bool) -> [String; 3] {
    let mut rows = [String::new(), String::new(), String::new()];
    for (i, c) in text.chars().enumerate() {
        for (row, part) in rows.iter_mut().zip(glyph(c, ascii)) {
            if i > 0 {
                row.push(' ');
            }
            row.push_str(part);
        }
    }
    rows
}

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> u16 {
    let wide = text.chars().map(|c| format::width(glyph(c, false)[0]) + 1).sum::<u16>();
    wide.saturating_sub(1)
}

/// Draws a text of digits, `.`, `:` and `-`.
pub(crate) fn draw(buf: &mut Buffer, area: Rect, text: &str, style: Style, ascii: bool) {
    for (y, row) in (area.top()..area.bottom()).zip(rows(text, ascii)) {
        buf.set_line(area.x, y, &Line::from(Span::styled(row, style)), area.width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_as_wide_as_it_says() {
        for text in ["0123456789", "12:34", "73.8", "--.-", ""] {
            for ascii in [false, true] {
                for row in rows(text, ascii) {
                    assert_eq!(format::width(&row), width(text), "{text:?}: {row:?}");
                    assert!(!ascii || row.is_ascii(), "{row:?}");
                }
            }
        }
        assert_eq!(rows("14", true), ["       ", "  | |_|", "  |   |"]);
    }

    #[test]
    fn no_two_digits_look_alike() {
        for font in [&LINES, &ASCII] {
            let unlike: std::collections::HashSet<_> = font.iter().collect();
            assert_eq!(unlike.len(), 10);
        }
    }
}
