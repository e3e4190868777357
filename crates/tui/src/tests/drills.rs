//! The drill view in every state: under way, ended in each way, none.

use super::drill_states::{Spec, all, drilling, earlier, ended};
use super::fixture::with_overlay;
use super::{Theme, cut, find, frame, panels, place, shot, text};
use partybox_core::app::{Overlay, State, View};
use partybox_core::operation::drill::{DrillOutcome, DrillStage};
use ratatui::buffer::Cell;
use ratatui::style::Color;

const SMALL: (u16, u16) = (80, 24);
const USUAL: (u16, u16) = (120, 40);
const LARGE: (u16, u16) = (200, 60);

/// The titles of the panels that tell of a state.
fn titles(state: &State) -> &'static [&'static str] {
    match &state.drill.current {
        Some(drill) if matches!(drill.stage, DrillStage::Ended(_)) => &["drill ended", "result", "T0 to T6"],
        Some(drill) if drill.stage == DrillStage::Baseline => &["baseline", "T0 to T6", "layers"],
        Some(_) => &["drill", "T0 to T6", "layers"],
        None => &["drills"],
    }
}

#[test]
fn every_state_in_its_panels() {
    for (name, state) in all() {
        insta::assert_snapshot!(name, panels(&state, USUAL, titles(&state)));
    }
}

#[test]
fn in_little_and_in_much_room_the_picture_fills_what_there_is() {
    let recovered = ended(&Spec { since: 120_000, ..Spec::default() }, DrillOutcome::Recovered);
    for (name, state) in [("away", drilling(&Spec::default())), ("recovered", recovered)] {
        let titles = titles(&state);
        let few = if name == "away" { &titles[..1] } else { &titles[..2] };
        insta::assert_snapshot!(format!("{name}_80x24"), panels(&state, SMALL, few));
        insta::assert_snapshot!(format!("{name}_200x60"), panels(&state, LARGE, titles));
    }
}

#[test]
fn what_a_drill_came_to_stands_at_every_size() {
    for (name, state) in all() {
        let usual = panels(&state, USUAL, &titles(&state)[..1]);
        let first = usual.lines().nth(1).expect("a line in the panel");
        let said: String = first.trim_matches(['│', ' ']).chars().rev().take_while(|c| *c != '┓').collect();
        let said: String = said.chars().rev().collect();
        let said: String = said.trim_start().chars().take(24).collect();
        assert!(said.len() >= 12, "{name}: {said}");
        for size in [SMALL, LARGE] {
            let shown = shot(&state, size);
            assert!(shown.contains(said.trim_end()), "{name} at {size:?} does not say {said:?}:\n{shown}");
        }
    }
}

#[test]
fn no_size_panics_and_everything_has_an_ascii_form() {
    let plain = Theme { ascii: true, colour: false };
    for (name, state) in all() {
        for overlay in [Overlay::None, Overlay::Leave, Overlay::Detail(2)] {
            let state = with_overlay(state.clone(), overlay);
            for size in
                [(1, 1), (20, 5), (59, 14), (60, 15), (79, 24), (100, 31), (110, 33), (179, 60), (220, 70)]
            {
                frame(&state, size, Theme::default());
            }
            let buffer = frame(&state, USUAL, plain);
            let odd: Vec<&str> = buffer.content.iter().map(Cell::symbol).filter(|s| !s.is_ascii()).collect();
            assert!(odd.is_empty(), "{name}: {odd:?}");
        }
    }
    let away = drilling(&Spec::default());
    let drill = place(&frame(&away, SMALL, Theme::default()), "drill");
    insta::assert_snapshot!("away_ascii_80x24", text(&cut(&frame(&away, SMALL, plain), drill)));
}

#[test]
fn good_slow_and_bad_differ_by_glyph_and_by_colour() {
    let state = ended(&Spec { since: 120_000, ..Spec::default() }, DrillOutcome::Recovered);
    let buffer = frame(&state, SMALL, Theme::default());
    assert_eq!(find(&buffer, "█").fg, Color::Red);
    assert_eq!(find(&buffer, "▄").fg, Color::Yellow);
    assert_eq!(find(&buffer, "▁").fg, Color::Green);
    let plain = text(&frame(&state, SMALL, Theme { ascii: true, colour: false }));
    let row = plain.lines().find(|l| l.contains("probe")).expect("the strip").to_owned();
    for glyph in ["-", "=", "#"] {
        assert!(row.contains(glyph), "{glyph} is missing: {row}");
    }
}

#[test]
fn marks_stand_above_what_they_mark() {
    let shown = shot(&drilling(&Spec::default()), USUAL);
    let column = |row: &str, wanted: char| row.chars().position(|c| c == wanted);
    let marks = shown.lines().find(|l| l.starts_with("│ T ")).expect("the marks");
    let probe = shown.lines().find(|l| l.contains("probe  ") && l.contains('█')).expect("the strip");
    assert_eq!(column(marks, '1'), column(probe, '█'), "{marks}\n{probe}");
}

#[test]
fn other_views_tell_that_a_drill_is_under_way() {
    let mut state = drilling(&Spec::default());
    for view in View::ALL {
        state.screen.view = view;
        let shown = shot(&state, USUAL);
        let line = shown.lines().nth(2).expect("a line below the tabs").to_owned();
        assert_eq!(line.starts_with("✖ drill: AWAY for 39.8 s"), view != View::Drill, "{view:?}: {line}");
    }
    state.screen.view = View::Overview;
    let shown = shot(&state, SMALL);
    assert_eq!(shown.lines().nth(2), Some("✖ drill: AWAY for 39.8 s: HTTP 503  8 shows it"), "{shown}");
    assert!(shot(&state, (40, 10)).contains("drill: AWAY"), "also in a tiny terminal");
}

#[test]
fn leaving_is_asked_beside_the_drill() {
    let state = with_overlay(drilling(&Spec::default()), Overlay::Leave);
    let both = ["drill", "leave the drill?"];
    insta::assert_snapshot!("leave_80x24", panels(&state, SMALL, &both));
    insta::assert_snapshot!("leave_120x40", panels(&state, USUAL, &both[1..]));
    place(&frame(&state, USUAL, Theme::default()), "drill");
    assert!(shot(&state, (40, 12)).contains("leave the drill?"), "also in a tiny terminal");
}

#[test]
fn everything_is_told_on_request() {
    let recovered = ended(&Spec { since: 120_000, ..Spec::default() }, DrillOutcome::Recovered);
    let state = with_overlay(recovered, Overlay::Detail(0));
    let shown = shot(&state, (120, 60));
    for wanted in ["drills/", "./drill-", "checked before", "each up to 2,000 ms", "T6 writer's zone changed"]
    {
        assert!(shown.contains(wanted), "{wanted} is missing:\n{shown}");
    }
    insta::assert_snapshot!("details_120x40", panels(&state, USUAL, &["details"]));
    let state = with_overlay(earlier(6), Overlay::Detail(0));
    assert!(shot(&state, USUAL).contains("20270601-090000-party-box-db"));
}

#[test]
fn a_record_that_could_not_be_written_says_so() {
    let mut state = ended(&Spec { since: 120_000, ..Spec::default() }, DrillOutcome::Recovered);
    state.drill.saved = Some(Err("the state directory: no space left on device".into()));
    assert!(shot(&state, USUAL).contains("✖ not written: the state directory: no space left"));
    state.drill.copy_to = Some("./drill-x".into());
    assert!(shot(&state, USUAL).contains("also in ./drill-x"));
}
