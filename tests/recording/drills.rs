//! The recording of a drill: beside its report at its end, and where it was killed, as far as it came.

use super::BINARY;
use partybox_core::app::{Control, Replay, View};
use partybox_sim::world::rng::Rng;
use partybox_testkit::terminal::{Sim, signal};
use partybox_top::runtime::RecordingFile;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// What was told longer ago than this when the program was killed must be in the recording.
const LOST: Duration = Duration::from_secs(1);
/// Drills that are killed side by side.
const LANES: usize = 6;

/// A state directory of one test's own.
fn fresh(name: &str) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("recorded-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn drill(sim: &Sim, state: &Path, more: &[&str]) -> Command {
    let args = ["drill", "party-box-db", "--yes", "--baseline", "1s", "--probe-interval", "100ms"];
    let mut command = sim.command(&[&args, more].concat());
    command.env("XDG_STATE_HOME", state);
    command
}

/// The files below a folder whose names end so.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path, end) } else { vec![path] })
        .filter(|path| path.to_str().is_some_and(|name| name.ends_with(end)))
        .collect()
}

/// Loads a recording and plays it to its last message.
fn played(file: &Path) -> Replay {
    let recording = RecordingFile::load(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(recording.header.command, "drill");
    let mode = fs::metadata(file).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    let mut replay = Replay::new(recording.messages, &recording.header.start).expect("messages");
    while replay.index(1000) {}
    replay.seek(replay.length());
    replay
}

#[test]
fn at_its_end_it_lies_beside_the_report_and_shows_the_drill_again() {
    let (sim, state) = (BINARY.sim(&["--speed", "20"]), fresh("whole"));
    let reports = state.join("reports");
    let url = format!("{}/api/health?key=s3cret", sim.var("PARTYBOX_ALB_URL"));
    let args =
        ["--json", "--target-rto", "10m", "--probe", &url, "--report", reports.to_str().expect("UTF-8")];
    let output = drill(&sim, &state, &args).output().expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    let story: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(story["recording"], "recording.jsonl");
    let id = story["id"].as_str().expect("an id");
    let own = state.join("partybox-top/drills").join(id).join("recording.jsonl");
    let copy = reports.join(id).join("recording.jsonl");
    assert_eq!(fs::read(&own).expect("beside the report"), fs::read(&copy).expect("and beside its copy"));
    assert!(told.contains(&format!("replay it: partybox-top replay {}", copy.display())), "{told}");
    assert_eq!(files(&state, ".recording"), Vec::<PathBuf>::new(), "nothing is left elsewhere");
    let text = fs::read_to_string(&own).expect("it is text");
    assert!(text.contains("/api/health?key=***") && !text.contains("s3cret"), "the token is nowhere");
    for name in ["report.md", "report.html"] {
        let report = fs::read_to_string(own.with_file_name(name)).expect(name);
        assert!(report.contains("replay recording.jsonl"), "{name}");
    }

    let mut replay = played(&own);
    let model = replay.model();
    assert_eq!(model.screen.view, View::Drill);
    let shown = model.drill.report.as_ref().expect("it ended");
    assert_eq!(Some(shown.rto_ms.expect("a recovery time")), story["rto_ms"].as_u64());
    let phases = |replay: &Replay| replay.model().drill.current.as_ref().expect("a drill").phases();
    let all = phases(&replay);
    // From its start to its end by its moments: the phases fill in, one after the other.
    replay.control(Control::Start);
    replay.control(Control::Pause);
    let (mut stops, mut seen) = (Vec::new(), Vec::new());
    while replay.position() < replay.length() {
        replay.control(Control::Next);
        stops.push(replay.position());
        let known = phases(&replay).iter().zip(&all).filter(|(now, end)| now.state == end.state).count();
        seen.push(known);
    }
    assert!(stops.len() > 3, "{stops:?}");
    assert!(seen.is_sorted(), "{seen:?}");
    assert!(seen[0] < all.len() && *seen.last().expect("stops") == all.len(), "{seen:?}");
    replay.control(Control::Previous);
    assert!(replay.position() < replay.length());
}

#[test]
fn a_baseline_that_leads_to_nothing_leaves_no_recording() {
    let (sim, state) = (BINARY.sim(&["--speed", "20"]), fresh("baseline"));
    let output = drill(&sim, &state, &["--dry-run"]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(files(&state, ""), Vec::<PathBuf>::new());
}

/// A drill that was killed.
struct Killed {
    /// How much was played.
    length: Duration,
    /// Whether the failover had been sent.
    sent: bool,
    /// Whether it had ended before.
    ended: bool,
}

/// Kills a drill so long after its baseline began, and plays what it left.
#[expect(
    clippy::disallowed_methods,
    reason = "what was told just before the kill is told apart from the rest"
)]
fn kill(number: usize, moment: Duration) -> Killed {
    let (sim, state) = (BINARY.sim(&["--speed", "20"]), fresh(&format!("killed-{number}")));
    let mut child =
        drill(&sim, &state, &[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let pipe = child.stderr.take().expect("it is piped");
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send((Instant::now(), line)).is_err() {
                return;
            }
        }
    });
    let mut told = Vec::new();
    while told.last().is_none_or(|(_, line): &(Instant, String)| !line.contains("probing for a baseline")) {
        told.push(lines.recv().unwrap_or_else(|_| panic!("it ended: {told:?}")));
    }
    let end = Instant::now() + moment;
    while let Ok(line) = lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
        told.push(line);
    }
    signal(child.id(), "KILL");
    let killed = Instant::now();
    child.wait().expect("it is gone");

    // Under way, or already beside its report.
    let left = [files(&state, ".recording"), files(&state, "recording.jsonl")].concat();
    assert_eq!(left.len(), 1, "after {moment:?}: {left:?}, {told:?}");
    let ended = left[0].ends_with("recording.jsonl");
    let replay = played(&left[0]);
    let known: Vec<&str> = replay.model().timeline.entries().iter().map(|e| e.text.as_str()).collect();
    // What it had told by then was also written down by then.
    let marks = told.iter().filter(|(at, line)| killed.duration_since(*at) > LOST && line.contains(" s  "));
    for (_, mark) in marks {
        assert!(known.iter().any(|text| mark.ends_with(text)), "{mark} is not among {known:?}");
    }
    let listed =
        BINARY.command(&["drills"]).env("XDG_STATE_HOME", &state).output().expect("the program runs");
    let listed = String::from_utf8(listed.stdout).expect("text");
    let named = format!("cut off: replay it with: partybox-top replay {}", left[0].display());
    assert_eq!(listed.contains(&named), !ended, "{listed}");
    let sent = replay.model().drill.current.as_ref().is_some_and(|drill| drill.sent.is_some());
    fs::remove_dir_all(&state).expect("it was there");
    Killed { length: replay.length(), sent, ended }
}

/// `PARTYBOX_KILLS=100` kills more often.
#[test]
fn killed_at_any_moment_it_can_be_played_to_that_moment() {
    let kills = std::env::var("PARTYBOX_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    let next = AtomicUsize::new(0);
    let lane = || {
        let mut all = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= kills {
                return all;
            }
            let mut rng = Rng::new(u64::from(std::process::id()) * 1000 + number as u64);
            let moment = Duration::from_millis(rng.between(0, 10_000).cast_unsigned());
            all.push(kill(number, moment));
        }
    };
    let all: Vec<Killed> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
        lanes.into_iter().flat_map(|lane| lane.join().expect("no drill fails")).collect()
    });
    assert_eq!(all.len(), kills);
    let count = |is: fn(&Killed) -> bool| all.iter().filter(|killed| is(killed)).count();
    println!(
        "{kills} killed, all played to their last message: {} in the baseline, {} after the failover was sent, {} had \
         ended; {:?} played in all",
        count(|k| !k.sent),
        count(|k| k.sent && !k.ended),
        count(|k| k.ended),
        all.iter().map(|k| k.length).sum::<Duration>()
    );
}
