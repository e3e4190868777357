//! A replay says at every size that it is one.

use super::text;
use crate::{Theme, draw_replay};
use partybox_core::app::{Answer, Control, InitialState, Key, Msg, RecordedMsg, Recording, Replay};
use partybox_core::domain::samples::{Sample, at};
use partybox_core::domain::{Meter, Now, Query, Topic};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::Duration;

/// A cluster is found, and then three minutes of waiting for answers.
fn replay() -> Replay {
    let found = Sample::healthy().answer(&Query::Clusters { only: None });
    // The first question of every session.
    let found = Answer { topic: Topic::Clusters, run: 1, result: found, meter: Meter::default() };
    let mut tape = Recording::default();
    for (seconds, msg) in [
        (0, Msg::Resize(100, 30)),
        (1, Msg::Connected { region: "ap-northeast-1".into(), endpoint: None, profile: None }),
        (2, Msg::Answer(Box::new(found))),
        (180, Msg::Tick),
    ] {
        let mono = Duration::from_secs(seconds);
        tape.push(RecordedMsg::new(msg, Now { mono, wall: at(0) + mono })).expect("in order");
    }
    Replay::new(tape, &InitialState::default()).expect("messages")
}

fn shot(replay: &Replay, size: (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a test backend");
    terminal.draw(|frame| draw_replay(frame, replay, &Theme::default())).expect("drawing into memory");
    text(terminal.backend().buffer())
}

#[test]
fn it_says_so_at_every_size() {
    let replay = replay();
    for size in [(200, 60), (120, 40), (80, 24), (60, 15), (40, 10), (30, 3), (30, 1)] {
        assert!(shot(&replay, size).contains("REPLAY"), "{size:?}:\n{}", shot(&replay, size));
    }
}

#[test]
fn where_it_stands_fits_into_80_columns() {
    let mut replay = replay();
    replay.seek(Duration::from_secs(130));
    replay.set_speed(0.25);
    replay.control(Control::Pause);
    let shown = shot(&replay, (80, 24));
    let time = (at(0) + Duration::from_secs(130)).format("%Y-%m-%d  %H:%M:%SZ").to_string();
    for part in
        [" REPLAY ", time.as_str(), "02:10/03:00", "x0.25", "PAUSED", "space play", "[ ] event", "q quit"]
    {
        assert!(shown.contains(part), "{part}:\n{shown}");
    }
    replay.press(Key::char('F'), Duration::ZERO);
    assert!(shot(&replay, (80, 24)).contains("a replay sends nothing"));
}

#[test]
fn its_help_has_its_keys_and_none_that_act() {
    let mut replay = replay();
    replay.seek(Duration::from_secs(3));
    replay.press(Key::char('?'), Duration::ZERO);
    let shown = shot(&replay, (120, 60));
    for part in ["nothing is ever sent", "10 seconds back", "to the next event", "previous row"] {
        assert!(shown.contains(part), "{part}:\n{shown}");
    }
    assert!(!shown.contains("roll back"), "{shown}");
}
