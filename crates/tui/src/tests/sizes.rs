//! No size panics, and the answer is there as long as a few columns are.

use super::fixture::{crowd, in_phase, rolling, steady, viewing, with_overlay, with_view};
use super::{Theme, frame, panels, shot};
use partybox_core::app::{Overlay, StartPhase, State, View};
use ratatui::buffer::Cell;

#[test]
fn no_size_panics() {
    let mut states: Vec<State> = View::ALL.map(viewing).to_vec();
    states.push(State::default());
    states.push(in_phase(rolling(), StartPhase::Choosing));
    states.push(in_phase(State::default(), StartPhase::Watching));
    states.push(with_overlay(rolling(), Overlay::Help(3)));
    states.push(with_overlay(rolling(), Overlay::Detail(2)));
    states.extend(super::rollouts::each());
    for state in &states {
        for width in [1, 2, 3, 7, 20, 21, 40, 59, 60, 61, 79, 80, 99, 100, 109, 120, 159, 160, 200, 220] {
            for height in [1, 2, 3, 4, 5, 8, 14, 15, 16, 24, 30, 33, 40, 60, 70] {
                frame(state, (width, height), Theme::default());
            }
        }
    }
}

#[test]
fn a_tiny_terminal_still_has_the_answer() {
    insta::assert_snapshot!("tiny_40x10", shot(&rolling(), (40, 10)));
    assert!(shot(&rolling(), (20, 5)).contains("✖ critical"));
    assert!(shot(&rolling(), (12, 1)).contains("✖ critical"));
}

#[test]
fn ascii_frames_have_nothing_else() {
    let theme = Theme { ascii: true, colour: false };
    for view in View::ALL {
        let buffer = frame(&viewing(view), (120, 40), theme);
        let full = frame(&viewing(view), (120, 40), Theme::default());
        for (plain, cell) in buffer.content.iter().zip(&full.content) {
            let wide = unicode_width::UnicodeWidthStr::width(cell.symbol()) == 2;
            assert!(plain.symbol() != "?" || cell.symbol() == "?" || wide, "{} has no form", cell.symbol());
        }
        let odd: Vec<&str> = buffer.content.iter().map(Cell::symbol).filter(|s| !s.is_ascii()).collect();
        assert!(odd.is_empty(), "{view:?}: {odd:?}");
    }
    insta::assert_snapshot!("overview_ascii_120x40", super::text(&frame(&rolling(), (120, 40), theme)));
}

#[test]
fn a_large_cluster_shows_what_is_selected() {
    let state = crowd(100, 50);
    let shown = shot(&state, (120, 40));
    assert!(shown.contains("room-099") && !shown.contains("room-050"), "{shown}");
    let parts = ["100 services", "services", "scans of what runs"];
    insta::assert_snapshot!("overview_crowd_120x40", panels(&state, (120, 40), &parts));
    let state = with_view(state, View::Services);
    let shown = shot(&state, (120, 40));
    assert!(shown.contains("services  100") && shown.contains("room-099"), "{shown}");
}

#[test]
fn a_quiet_party_box_says_so() {
    for (columns, rows) in [(120, 40), (80, 24)] {
        let shown = shot(&steady(), (columns, rows));
        assert!(
            shown.contains("● healthy  all 4 tasks are healthy behind party-box-alb; party-box-db"),
            "{shown}"
        );
        insta::assert_snapshot!(
            format!("overview_steady_{columns}x{rows}"),
            panels(&steady(), (columns, rows), &["services", "findings", "events"])
        );
    }
}
