//! Real sessions against a real simulated account on loopback.

use super::fresh;
use partybox_core::app::{Key, Msg, Replay, State};
use partybox_core::operation::Draft;
use partybox_sim::{Scenario, SimConfig};
use partybox_top::runtime::{Endpoint, Headless, Recorder, RecordingFile};
use std::time::Duration;

/// Far more than it takes.
const PATIENCE: Duration = Duration::from_mins(2);

#[test]
fn every_state_of_a_session_comes_again() {
    let config = SimConfig { scenario: Scenario::Deploy, speed: 50.0, seed: 3, ..SimConfig::default() };
    let account = partybox_sim::start(config).expect("the account is served");
    let path = fresh("session");
    let mut state = State::default();
    state.screen.notice = Some(("hello".into(), Duration::from_secs(1)));
    let recorder = Recorder::create(&path, "test", &state).expect("a recording begins");
    let endpoint = Endpoint::Simulator { endpoint_url: account.endpoint_url() };
    let mut session = Headless::start(endpoint, state).expect("a session");
    session.record(recorder);
    let mut states: Vec<State> = Vec::new();
    // What somebody does meanwhile, by how many messages came before it.
    let keys = |text: &str| text.chars().map(|c| Msg::Key(Key::char(c))).collect::<Vec<Msg>>();
    let scale = Draft::Scale { service: "frontend".into(), to: 3 };
    let mut script = vec![
        (0, vec![Msg::Resize(100, 30)]),
        (60, keys("2jl/x")),
        (75, vec![Msg::Draft(Box::new(scale)), Msg::Confirm]),
        (90, keys("4?")),
        (110, vec![Msg::Paste("x".into()), Msg::Notice("hm".into())]),
    ];
    while states.len() < 160 {
        if script.first().is_some_and(|(from, _)| *from <= states.len()) {
            for msg in script.remove(0).1 {
                session.handle(msg);
                states.push(session.state.clone());
            }
        }
        assert!(session.step(PATIENCE), "it goes on: {:?}", session.state.session.phase);
        states.push(session.state.clone());
    }
    assert!(!session.state.operations.is_empty(), "something was sent");
    // What had come but was not taken in yet is taken in now.
    session.close();
    let end = session.state.clone();
    drop(session);

    let recording = RecordingFile::load(&path).expect("it loads");
    assert!(recording.messages.len() >= states.len(), "every message is there");
    // After any prefix, on the bare loop.
    let mut state = recording.header.start.state();
    for (i, expected) in states.iter().enumerate() {
        let (now, msg) = recording.messages.get(i).expect("a message");
        partybox_core::app::update(&mut state, msg, now);
        assert!(state == *expected, "after {} messages", i + 1);
    }
    for i in states.len()..recording.messages.len() {
        let (now, msg) = recording.messages.get(i).expect("a message");
        partybox_core::app::update(&mut state, msg, now);
        states.push(state.clone());
    }
    assert!(state == end, "after the last message");
    // And through the replay, which skips about.
    let base = recording.messages.time(0).expect("a first").mono;
    let times: Vec<Duration> = (0..states.len())
        .map(|i| recording.messages.time(i).expect("a time").mono.saturating_sub(base))
        .collect();
    let mut replay = Replay::new(recording.messages, &recording.header.start).expect("messages");
    while replay.index(7) {}
    for i in (0..states.len()).map(|i| i * 61 % states.len()) {
        // Of several in one microsecond, the last.
        let last = times.partition_point(|t| *t <= times[i]) - 1;
        replay.seek(times[i]);
        assert!(*replay.model() == states[last], "at {:?}", times[i]);
    }
}
