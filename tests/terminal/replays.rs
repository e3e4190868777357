//! Recorded on a terminal, killed at any moment, and shown again on a terminal.

use super::BINARY;
use super::all_well;
use partybox_core::app::Replay;
use partybox_sim::world::rng::Rng;
use partybox_testkit::terminal::{PATIENCE, Screen, signal};
use partybox_top::runtime::{LoadError, RecordingFile};
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

/// A file of a test's own, that is not there yet.
fn fresh(name: &str) -> String {
    let path =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.jsonl", std::process::id()));
    let _ = fs::remove_file(&path);
    path.to_str().expect("a plain path").to_owned()
}

/// A demo, recorded.
fn demo(file: &str) -> Screen {
    BINARY.screen(&["demo", "--scenario", "steady", "--speed", "10", "--record", file], &[], 120, 40)
}

/// Records a short session: the overview, then the services, then it is left.
fn recorded(name: &str) -> String {
    let file = fresh(name);
    let mut screen = demo(&file);
    all_well(&screen);
    screen.send("2");
    screen.wait_for("10.0.2.");
    screen.send("q");
    assert_eq!(screen.end(), 0, "{}", screen.text());
    file
}

/// Loads a recording and plays it to its last message.
fn plays(file: &str) -> Result<usize, LoadError> {
    let recording = RecordingFile::load(file.as_ref())?;
    let messages = recording.messages.len();
    let mut replay = Replay::new(recording.messages, &recording.header.start).expect("messages");
    while replay.index(1000) {}
    replay.seek(replay.length());
    replay.seek(replay.length() / 2);
    replay.seek(replay.length());
    Ok(messages)
}

/// `PARTYBOX_KILLS=100` kills more often.
#[test]
fn killed_at_any_moment_it_can_be_played_to_that_moment() {
    let kills = std::env::var("PARTYBOX_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let mut rng = Rng::new(u64::from(std::process::id()));
    let (mut messages, mut empty) = (0, 0);
    for kill in 0..kills {
        let file = fresh(&format!("killed-{kill}"));
        let screen = demo(&file);
        screen.wait_for_bytes(0, PATIENCE).expect("a first frame");
        let moment = Duration::from_millis(rng.between(0, 3000).cast_unsigned());
        // Whatever is shown: the moment is what counts.
        let _ = screen.wait_at_most(moment, |_| false);
        signal(screen.pid(), "KILL");
        drop(screen);
        match plays(&file) {
            Ok(n) => messages += n,
            // Killed before the first message was on its way.
            Err(LoadError::Empty(_)) if moment < Duration::from_secs(1) => empty += 1,
            Err(error) => panic!("killed after {moment:?}: {error}"),
        }
        fs::remove_file(&file).expect("it was there");
    }
    println!("{kills} killed: {messages} messages played, {empty} recordings empty");
    assert!(messages > 0);
}

#[test]
fn what_was_done_a_second_ago_survives_a_kill() {
    let file = fresh("survives");
    let mut screen = demo(&file);
    all_well(&screen);
    screen.send("6");
    screen.wait_for("subnets");
    let _ = screen.wait_at_most(Duration::from_secs(1), |_| false);
    signal(screen.pid(), "KILL");
    drop(screen);
    let mut replay = BINARY.screen(&["replay", &file], &[], 120, 40);
    replay.send(">");
    replay.wait("the view that was open", |text| text.contains("PAUSED") && text.contains("subnets"));
    replay.send("q");
    assert_eq!(replay.end(), 0);
}

#[test]
fn a_replay_shows_where_it_stands_and_sends_nothing() {
    let file = recorded("shown");
    // Whoever connects here would have asked AWS for something.
    let aws = TcpListener::bind("127.0.0.1:0").expect("a port");
    aws.set_nonblocking(true).expect("a listener");
    let url = format!("http://{}", aws.local_addr().expect("an address"));
    let env = partybox_testkit::terminal::account_at(&url);
    let mut screen = BINARY.screen(&["replay", &file, "--speed", "0.25"], &env, 120, 40);
    screen.wait("a replay", |text| text.contains("REPLAY") && text.contains("x0.25"));
    screen.send(">");
    let end = screen.wait("its end", |text| text.contains("PAUSED") && text.contains("10.0.2."));
    let header = end.lines().next().expect("a header");
    let (position, length) = header
        .split_whitespace()
        .find_map(|word| word.split_once('/').filter(|_| word.starts_with(|c: char| c.is_ascii_digit())))
        .unwrap_or_else(|| panic!("no position in {header}"));
    assert_eq!(position, length, "{header}");
    for key in ["s", "r", "b", "x", "F", "\x12"] {
        screen.send("?");
        screen.wait_for("nothing is ever sent");
        screen.send("\x1b");
        screen.wait("no help", |text| !text.contains("nothing is ever sent"));
        screen.send(key);
        screen.wait_for("a replay sends nothing");
    }
    // The recorded view is the services; the viewer goes elsewhere and comes back.
    screen.send("4");
    screen
        .wait("the viewer's own view", |text| text.contains("db.t4g.medium") && text.contains("esc follow"));
    screen.send("\x1b");
    screen.wait("the recorded view", |text| text.contains("10.0.2.") && !text.contains("esc follow"));
    screen.send("<");
    screen.wait("its start", |text| text.contains("00:00/") && !text.contains("10.0.2."));
    assert!(aws.accept().is_err(), "nobody was asked");
    screen.send("q");
    assert_eq!(screen.end(), 0);
    assert!(screen.restored() && screen.cooked(), "the terminal is given back");
}

#[test]
fn a_paused_replay_writes_nothing() {
    let file = recorded("paused");
    let mut screen = BINARY.screen(&["replay", &file, "--at", "0"], &[], 80, 24);
    screen.wait_for("REPLAY");
    screen.send(" ");
    screen.wait_for("PAUSED");
    let bytes = screen.bytes();
    assert_eq!(screen.wait_for_bytes(bytes, Duration::from_secs(2)), None, "{}", screen.text());
    screen.send(" ");
    screen.wait("it goes on", |text| !text.contains("PAUSED"));
    // At its end it pauses by itself.
    screen.send("+++++");
    screen.wait_for("PAUSED");
    signal(screen.pid(), "TERM");
    assert_eq!(screen.end(), 0);
    assert!(screen.restored() && screen.cooked(), "the terminal is given back");
}

#[test]
fn what_cannot_be_replayed_or_recorded_is_told() {
    let file = recorded("refused");
    let foreign = fresh("foreign");
    fs::write(&foreign, "hello\n").expect("it is written");
    for (args, says) in [
        (vec!["replay", "/nowhere/at/all"], "cannot read /nowhere/at/all"),
        (vec!["replay", &foreign], "is no recording"),
        (vec!["replay", &file, "--at", "9h"], "--at lies outside"),
        (vec!["replay", &file, "--at", "2020-01-01T00:00:00Z"], "--at lies outside"),
        (vec!["replay", &file, "--at", "noon"], "a moment looks like"),
        (vec!["replay", &file, "--speed", "1000"], "between 0.25 and 64"),
        (vec!["replay", &file, "--record", "x"], "leave --record away"),
        (vec!["demo", "--record", &file], "overwrites nothing"),
    ] {
        let mut screen = BINARY.screen(&args, &[], 100, 30);
        assert_eq!(screen.end(), 2, "{args:?}: {}", screen.text());
        // The terminal breaks long lines.
        assert!(screen.text().replace('\n', "").contains(says), "{args:?}: {}", screen.text());
    }
    let output = BINARY.command(&["replay", &file]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_session() {
    let file = fresh("full");
    // No file may grow beyond 32 KiB here; what is written beyond is an error, not a signal.
    let script = format!(
        "trap '' XFSZ; ulimit -f 64; exec {} demo --scenario steady --speed 10 --record {file}",
        BINARY.path
    );
    let mut screen = BINARY.screen_of("sh", &["-c", &script], &[], 120, 40);
    screen.wait("it is told", |text| text.contains("ends here:"));
    all_well(&screen);
    screen.send("6");
    screen.wait_for("subnets");
    screen.send("q");
    assert_eq!(screen.end(), 0);
    assert!(plays(&file).expect("what was written is good") > 0);
}
