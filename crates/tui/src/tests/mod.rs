//! Frames: each view at the sizes that matter, and the styles that carry meaning.

mod drill_states;
mod drills;
mod fixture;

mod overlays;
mod parts;
mod replays;
mod rollouts;
mod sizes;
mod states;

use super::{Theme, draw};
use fixture::{now, viewing};
use partybox_core::app::{State, View};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

/// Draws one frame of a size.
fn frame(state: &State, size: (u16, u16), theme: Theme) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a test backend");
    terminal.draw(|frame| draw(frame, state, now(), &theme)).expect("drawing into memory");
    terminal.backend().buffer().clone()
}

/// A frame as text, without the padding at the right.
fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let mut out = String::new();
    for row in buffer.content.chunks(width) {
        let mut line = String::new();
        let mut skip = 0;
        for cell in row {
            if skip == 0 {
                line.push_str(cell.symbol());
                skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            } else {
                skip -= 1;
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn shot(state: &State, size: (u16, u16)) -> String {
    text(&frame(state, size, Theme::default()))
}

/// Where the panel with this title is: its border and what it encloses.
fn place(buffer: &Buffer, title: &str) -> Rect {
    let area = buffer.area;
    let symbol = |x: u16, y: u16| buffer.cell((x, y)).map_or("", Cell::symbol);
    let begins = |x: u16, y: u16| {
        let wanted = format!("╭ {title} ");
        wanted.chars().zip(x..).all(|(c, x)| symbol(x, y).chars().eq([c]))
    };
    let corner = (0..area.height).flat_map(|y| (0..area.width).map(move |x| (x, y)));
    let found = corner.into_iter().find(|(x, y)| begins(*x, *y)).and_then(|(x, y)| {
        let right = (x..area.width).find(|right| symbol(*right, y) == "╮")?;
        let bottom = (y..area.height).find(|bottom| symbol(x, *bottom) == "╰")?;
        Some(Rect::new(x, y, right + 1 - x, bottom + 1 - y))
    });
    found.unwrap_or_else(|| panic!("no panel {title:?} in the frame:\n{}", text(buffer)))
}

/// A part of a frame.
fn cut(buffer: &Buffer, area: Rect) -> Buffer {
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    let (left, right) = (usize::from(area.left()), usize::from(area.right()));
    let rows = rows.skip(usize::from(area.top())).take(usize::from(area.height));
    Buffer { area, content: rows.flat_map(|row| row[left..right].to_vec()).collect() }
}

/// Some panels of a frame, by their titles, one below the other. A snapshot of these is not rewritten by a
/// change of the header or of another panel.
fn panels(state: &State, size: (u16, u16), titles: &[&str]) -> String {
    let buffer = frame(state, size, Theme::default());
    titles.iter().map(|title| text(&cut(&buffer, place(&buffer, title)))).collect()
}

/// The one frame of each view and size that is kept as a whole.
#[test]
fn every_view_at_three_sizes() {
    for view in View::ALL {
        let state = viewing(view);
        for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
            insta::assert_snapshot!(
                format!("{}_{columns}x{rows}", view.name()),
                shot(&state, (columns, rows))
            );
        }
    }
}

/// The first cell of a text in a frame.
fn find<'a>(buffer: &'a Buffer, wanted: &str) -> &'a Cell {
    let width = usize::from(buffer.area.width);
    for row in buffer.content.chunks(width) {
        let symbols: Vec<&str> = row.iter().map(Cell::symbol).collect();
        for start in 0..width {
            let mut line = String::new();
            for symbol in &symbols[start..] {
                line.push_str(symbol);
                if line == wanted {
                    return &row[start];
                }
                if !wanted.starts_with(&line) {
                    break;
                }
            }
        }
    }
    panic!("{wanted:?} is not in the frame:\n{}", text(buffer));
}
