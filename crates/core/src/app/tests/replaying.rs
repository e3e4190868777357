//! A replay: the very states of the session, at any position, whatever its viewer does.

use super::build::Script;
use crate::app::{Control, InitialState, Key, KeyCode, Msg, Overlay, Pane, Recording, Replay, State, View};
use crate::domain::samples::Sample;
use crate::domain::samples::{deployment, target};
use crate::operation::Accepted;
use std::time::Duration;

const REAL: Duration = Duration::from_secs(1000);

/// A session of some minutes in which things happen and keys are pressed; all its states are kept.
fn session() -> Script {
    let mut script = Script::new(Sample::healthy(), None);
    script.tape = Some(Recording::default());
    script.state.screen.size = (0, 0);
    script.send(Msg::Resize(120, 40));
    script.connect();
    script.run(20);
    script.keys("2jl");
    script.account.targets_of("backend")[0] = target("backend", 1, "unhealthy");
    script.run(30);
    script.account.service("backend").deployments = vec![
        deployment("ecs-svc/2", "PRIMARY", "IN_PROGRESS"),
        deployment("ecs-svc/1", "ACTIVE", "COMPLETED"),
    ];
    script.run(40);
    script.keys("hs5");
    script.run(3);
    script.keys("\ny");
    script.account.service("backend").desired = 5;
    script.acted(Ok(Accepted::Scaled(5)));
    script.run(30);
    script.account.writer().status = "rebooting".into();
    script.keys("4/party");
    script.run(45);
    script
}

fn replay(script: &Script) -> Replay {
    Replay::new(script.tape.clone().expect("recorded"), &InitialState::default()).expect("it holds messages")
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn every_state_comes_again_forward_and_back() {
    let script = session();
    assert!(script.states.len() > 200, "a session of {} messages", script.states.len());
    let tape = script.tape.clone().expect("recorded");
    let mut replay = replay(&script);
    let base = tape.time(0).expect("a first").mono;
    // Of those at one time, the last.
    let mut expected: Vec<(Duration, &State)> = Vec::new();
    for (i, state) in script.states.iter().enumerate() {
        let at = tape.time(i).expect("recorded").mono.saturating_sub(base);
        match expected.last_mut() {
            Some(last) if last.0 == at => last.1 = state,
            _ => expected.push((at, state)),
        }
    }
    let check = |replay: &mut Replay, (at, state): &(Duration, &State)| {
        replay.seek(*at);
        assert!(replay.model() == *state, "at {at:?}");
        assert!(replay.state() == *state, "and that is what is shown");
    };
    for one in &expected {
        check(&mut replay, one);
    }
    // Back from the start each time, and then with states kept on the way.
    expected.iter().rev().step_by(41).for_each(|e| check(&mut replay, e));
    while replay.index(50) {}
    expected.iter().rev().step_by(5).for_each(|e| check(&mut replay, e));
    (0..expected.len()).step_by(7).for_each(|i| check(&mut replay, &expected[i * 37 % expected.len()]));
}

#[test]
fn it_runs_with_its_viewers_time_and_pauses_at_its_end() {
    let script = session();
    let mut replay = replay(&script);
    let length = replay.length();
    assert!(length > seconds(150), "{length:?}");
    replay.pass(seconds(3));
    assert_eq!(replay.position(), seconds(3));
    for (keys, speed) in [("+", 2.0), ("+=", 8.0), ("---", 1.0), ("-----", 0.25), ("++++++++++++", 64.0)] {
        keys.chars().for_each(|c| assert!(replay.press(Key::char(c), REAL)));
        assert!((replay.speed() - speed).abs() < 1e-9, "{keys}: {}", replay.speed());
    }
    replay.set_speed(2.0);
    replay.pass(seconds(2));
    assert_eq!(replay.position(), seconds(7));
    replay.press(Key::char(' '), REAL);
    assert!(replay.paused());
    assert_eq!(replay.wait(REAL), None, "nothing changes by itself");
    replay.pass(seconds(9));
    assert_eq!(replay.position(), seconds(7));
    for (key, at) in
        [('.', seconds(17)), (',', seconds(7)), (',', seconds(0)), ('>', length), ('<', seconds(0))]
    {
        replay.press(Key::char(key), REAL);
        assert_eq!(replay.position(), at, "{key}");
    }
    replay.press(Key::char(' '), REAL);
    replay.press(Key::char(' '), REAL);
    assert!(replay.paused());
    replay.press(Key::char(' '), REAL);
    replay.pass(seconds(10_000));
    assert_eq!((replay.position(), replay.paused()), (length, true));
    assert!(replay.model() == script.states.last().expect("states"), "the last message was taken in");
    replay.press(Key::char(' '), REAL);
    assert_eq!((replay.position(), replay.paused()), (seconds(0), false), "it begins anew");
}

#[test]
fn events_are_jumped_to() {
    let script = session();
    let mut replay = replay(&script);
    replay.press(Key::char(' '), REAL);
    let mut seen = vec![replay.position()];
    while replay.position() < replay.length() {
        let before = replay.model().timeline.clone();
        let operations = replay.model().operations.len();
        replay.control(Control::Next);
        let changed = replay.model().timeline != before || replay.model().operations.len() != operations;
        assert!(
            changed || replay.position() == replay.length(),
            "nothing happened at {:?}",
            replay.position()
        );
        assert!(replay.position() > *seen.last().expect("some"));
        seen.push(replay.position());
    }
    assert!(seen.len() > 4, "{seen:?}");
    for at in seen.iter().rev().skip(1) {
        replay.control(Control::Previous);
        assert_eq!(replay.position(), *at);
    }
    // While it runs, one who is just past an event means the one before it.
    replay.seek(seen[2] + Duration::from_millis(200));
    replay.press(Key::char(' '), REAL);
    replay.control(Control::Previous);
    assert_eq!(replay.position(), seen[1]);
}

#[test]
fn nothing_is_sent_and_no_plan_is_opened() {
    let script = session();
    let mut replay = replay(&script);
    replay.seek(seconds(15));
    for key in "srbcaxuF".chars().map(Key::char).chain([Key::ctrl('r')]) {
        replay.expire(REAL + seconds(100));
        assert_eq!(replay.notice(), None);
        assert!(replay.press(key, REAL));
        assert_eq!(replay.notice(), Some("a replay sends nothing"), "{key:?}");
        assert_eq!(replay.state().screen.overlay, Overlay::None);
        assert!(!replay.looks_around(), "{key:?} is not a way to look around");
    }
    // Also while the recorded operator has a plan open: its keys are theirs.
    let mut at = seconds(0);
    while !matches!(replay.state().screen.overlay, Overlay::Plan(_)) {
        at += Duration::from_millis(10);
        assert!(at < replay.length(), "a plan was open");
        replay.seek(at);
    }
    // Messages at one time are taken in together: the plan may be sent at the very time at which it opened.
    let (operations, model) = (replay.model().operations.len(), replay.model().clone());
    for key in [Key::char('y'), Key::plain(KeyCode::Enter), Key::char('y')] {
        replay.press(key, REAL);
    }
    assert_eq!(replay.model().operations.len(), operations);
    assert!(*replay.model() == model, "the viewer's keys do not reach the recorded session");
}

#[test]
fn a_viewer_looks_around_and_comes_back() {
    let script = session();
    let mut replay = replay(&script);
    replay.resize(100, 30);
    replay.seek(seconds(15));
    assert_eq!((replay.state().screen.view, replay.looks_around()), (View::Overview, false));
    replay.press(Key::char('6'), REAL);
    assert_eq!((replay.state().screen.view, replay.looks_around()), (View::Network, true));
    assert_eq!(replay.state().screen.size, (100, 30), "the size is the viewer's own");
    replay.press(Key::char('2'), REAL);
    replay.press(Key::plain(KeyCode::Down), REAL);
    let chosen = replay.state().selected_service().expect("a service").to_owned();
    replay.press(Key::plain(KeyCode::Right), REAL);
    // The recorded operator goes through other views; the viewer's stays as it is, with the readings of the
    // moment.
    let positions = [60, 100, 165, 20, 0, 120];
    for at in positions {
        replay.seek(seconds(at));
        assert_eq!(
            (replay.state().screen.view, replay.state().screen.pane),
            (View::Services, Pane::Detail),
            "{at}"
        );
        assert!(replay.state().screen.filter.text.is_empty(), "{at}");
        if at > 0 {
            assert_eq!(replay.state().selected_service(), Some(chosen.as_str()), "{at}");
        }
        assert!(replay.state().account.store == replay.model().account.store, "{at}");
    }
    // Space and the like are text while a filter is typed.
    for c in "/a q".chars() {
        assert!(replay.press(Key::char(c), REAL));
    }
    assert_eq!(replay.state().screen.filter.text, "a q");
    replay.paste("z".into());
    assert_eq!(replay.state().screen.filter.text, "a qz");
    replay.press(Key::plain(KeyCode::Esc), REAL);
    assert!(replay.looks_around());
    replay.press(Key::plain(KeyCode::Esc), REAL);
    assert!(!replay.looks_around(), "Esc follows again");
    assert!(replay.state() == replay.model());
    // The help is no way to look elsewhere.
    replay.press(Key::char('?'), REAL);
    assert_eq!(replay.state().screen.overlay, Overlay::Help(0));
    replay.press(Key::plain(KeyCode::Esc), REAL);
    assert!(!replay.looks_around());
    assert!(!replay.press(Key::char('q'), REAL), "q leaves");
}

#[test]
fn a_moment_of_the_wall_clock_has_its_position() {
    let script = session();
    let mut replay = replay(&script);
    let (first, last) = replay.span().expect("messages");
    assert_eq!(replay.position_of(first), Some(seconds(0)));
    assert_eq!(replay.position_of(last), Some(replay.length()));
    let at = first + chrono::TimeDelta::milliseconds(61_250);
    let position = replay.position_of(at).expect("within");
    assert_eq!(position, Duration::from_millis(61_250));
    replay.seek(position);
    assert_eq!(replay.now().wall, at);
    assert_eq!(replay.position_of(first - chrono::TimeDelta::seconds(1)), None);
    assert_eq!(replay.position_of(last + chrono::TimeDelta::seconds(1)), None);
}
