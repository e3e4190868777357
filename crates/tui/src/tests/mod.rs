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
use fixture::{now, rolling, viewing};
use partybox_core::app::{State, View};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};

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

#[test]
fn every_view_at_80x24_and_120x40() {
    for view in View::ALL {
        let state = viewing(view);
        insta::assert_snapshot!(format!("{}_80x24", view.name()), shot(&state, (80, 24)));
        insta::assert_snapshot!(format!("{}_120x40", view.name()), shot(&state, (120, 40)));
    }
}

#[test]
fn a_wide_terminal_shows_details_beside() {
    insta::assert_snapshot!("overview_200x60", shot(&rolling(), (200, 60)));
    insta::assert_snapshot!("services_200x60", shot(&viewing(View::Services), (200, 60)));
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
