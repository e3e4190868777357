//! Recordings: what a real session wrote is read again, and makes the very same states.

mod drills;
mod files;
mod sessions;

use partybox_core::app::{Answer, Key, KeyCode, Msg, RecordedMsg, State};
use partybox_core::domain::{CallError, ErrorKind, Meter, Now, Payload, Topic};
use partybox_testkit::terminal::Binary;
use partybox_top::runtime::Recorder;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// The program under test.
const BINARY: Binary = partybox_testkit::binary!();

/// A file of a test's own, that is not there yet.
fn fresh(name: &str) -> PathBuf {
    let path =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.jsonl", std::process::id()));
    let _ = fs::remove_file(&path);
    path
}

fn now(milliseconds: u64) -> Now {
    let wall = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let mono = Duration::from_millis(milliseconds);
    Now { mono, wall: wall + mono }
}

/// A few small messages of several kinds: one reading among them that brought the same twice.
fn few() -> Vec<Msg> {
    let answer = |run, result| {
        let meter = Meter { requests: run, ..Meter::default() };
        Msg::Answer(Box::new(Answer { topic: Topic::Alarms, run, result, meter }))
    };
    let failed = CallError {
        kind: ErrorKind::Throttled,
        action: "cloudwatch:DescribeAlarms".into(),
        code: None,
        message: "Rate exceeded; \u{1f980}\n".into(),
    };
    vec![
        Msg::Resize(80, 24),
        Msg::Connected { region: "ap-northeast-1".into(), endpoint: None, profile: None },
        answer(1, Ok(Payload::Alarms(vec![]))),
        Msg::Key(Key::plain(KeyCode::Down)),
        answer(2, Err(failed)),
        answer(3, Ok(Payload::Alarms(vec![]))),
        Msg::Tick,
        Msg::Quit,
    ]
}

/// Records these messages, a second apart, and gives the file and what it should hold.
fn record(name: &str, messages: Vec<Msg>) -> (PathBuf, Vec<(Now, Msg)>) {
    let path = fresh(name);
    let mut recorder = Recorder::create(&path, "test", &State::default()).expect("a recording begins");
    let mut expected = Vec::new();
    for (second, msg) in (0..).zip(messages) {
        let now = now(second * 1000);
        assert_eq!(recorder.take(&msg, now), None);
        assert_eq!(RecordedMsg::new(msg.clone(), now).now(), now, "times survive");
        expected.push((now, msg));
    }
    drop(recorder);
    (path, expected)
}
