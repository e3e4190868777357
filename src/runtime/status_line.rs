//! A last line on a terminal that is redrawn in place, with ordinary lines above it.

use std::io::{self, IsTerminal, Write};
use unicode_width::UnicodeWidthChar;

/// Standard output or standard error with a status line at its end. Without a terminal there are only the
/// ordinary lines.
#[derive(Debug)]
pub struct StatusLine {
    stream: Stream,
    terminal: bool,
    shown: String,
}

/// Where a status line is written.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Out,
    Err,
}

impl StatusLine {
    /// On standard output. `wanted` = whether the caller wants a status line at all.
    pub fn stdout(wanted: bool) -> Self {
        Self::new(Stream::Out, wanted && io::stdout().is_terminal())
    }

    /// On standard error.
    pub fn stderr() -> Self {
        Self::new(Stream::Err, io::stderr().is_terminal())
    }

    fn new(stream: Stream, terminal: bool) -> Self {
        // A terminal that cannot move its cursor would show each state as a line of its own.
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        Self { stream, terminal: terminal && !dumb, shown: String::new() }
    }

    /// Whether there is a status line.
    pub fn is_on(&self) -> bool {
        self.terminal
    }

    /// Prints an ordinary line above the status line.
    pub fn line(&mut self, text: &str) {
        // In one write, so that no terminal shows the state between.
        if self.shown.is_empty() {
            self.write(&format!("{text}\n"));
        } else {
            self.write(&format!("{ERASE}{text}\n{}", self.shown));
        }
    }

    /// Shows the status line, cut to the terminal's width.
    pub fn show(&mut self, text: &str) {
        if !self.terminal {
            return;
        }
        let columns = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        // One column stays free: some terminals wrap when the last one is filled.
        let text = cut(text, columns.saturating_sub(1));
        if text != self.shown {
            self.write(&format!("{ERASE}{text}"));
            self.shown = text;
        }
    }

    /// Removes the status line.
    pub fn clear(&mut self) {
        if !std::mem::take(&mut self.shown).is_empty() {
            self.write(ERASE);
        }
    }

    fn write(&self, text: &str) {
        let mut stream: Box<dyn Write> = match self.stream {
            Stream::Out => Box::new(io::stdout().lock()),
            Stream::Err => Box::new(io::stderr().lock()),
        };
        // The stream may be closed by its reader: that is no error.
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Moves to the first column and erases the rest of the line.
const ERASE: &str = "\r\x1b[K";

/// The beginning of a text that takes at most this many columns. Control characters are left out.
fn cut(text: &str, columns: usize) -> String {
    let mut left = columns;
    let wide = |c: char| c.width().unwrap_or(0);
    text.chars()
        .filter(|c| !c.is_control())
        .take_while(|c| {
            let fits = wide(*c) <= left;
            left = left.saturating_sub(wide(*c));
            fits
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_by_columns_and_holds_no_control_characters() {
        assert_eq!(cut("abcdef", 4), "abcd");
        assert_eq!(cut("a\x1b[Kb\nc", 80), "a[Kbc");
        assert_eq!(cut("負荷分散", 5), "負荷");
        assert_eq!(cut("負荷", 4), "負荷");
        assert_eq!(cut("abc", 0), "");
    }
}
