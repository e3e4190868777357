//! Drills from the shell, on the simulated account: what they print, what they leave, how they exit.

use partybox_testkit::terminal::{Binary, Sim, signal};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program under test.
const BINARY: Binary = partybox_testkit::binary!();

/// A folder of one test's own; a state directory and reports come into it.
fn folder(name: &str) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("drills-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn command(sim: &Sim, folder: &Path, args: &[&str]) -> Command {
    let mut command = sim.command(args);
    command.env("XDG_STATE_HOME", folder.join("state"));
    command
}

/// A drill with a short baseline; what it printed, and its exit code.
fn drill(sim: &Sim, folder: &Path, args: &[&str]) -> (Output, i32) {
    let args: Vec<&str> = ["drill"].iter().chain(args).copied().collect();
    let output = command(sim, folder, &args).output().expect("the program runs");
    let code = output.status.code().expect("it exits by itself");
    (output, code)
}

/// How many files are below a folder.
fn files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|e| if e.path().is_dir() { files(&e.path()) } else { 1 }).sum()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Exactly one JSON document.
fn story(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", text(&output.stdout), text(&output.stderr)))
}

const SHORT: [&str; 4] = ["--baseline", "1s", "--probe-interval", "50ms"];

#[test]
fn within_the_target_it_exits_with_zero_and_over_it_with_one() {
    let folder = folder("measured");
    let reports = folder.join("reports");
    let reports = reports.to_str().expect("a path in UTF-8");
    let mut times = Vec::new();
    for (target, code) in [("10m", 0), ("1s", 1)] {
        let sim = BINARY.sim(&["--speed", "40"]);
        let more = ["party-box-db", "--yes", "--json", "--report", reports, "--target-rto", target];
        let args: Vec<&str> = more.into_iter().chain(SHORT).collect();
        let (output, got) = drill(&sim, &folder, &args);
        assert_eq!(got, code, "{}{}", text(&output.stdout), text(&output.stderr));
        let story = story(&output);
        assert_eq!(story["outcome"], "recovered", "{}", text(&output.stderr));
        assert_eq!(story["within_target"], code == 0);
        let rto = story["rto_ms"].as_u64().expect("a recovery time");
        // 15 to 39 s, and what the application's pool takes on top.
        assert!((12_000..120_000).contains(&rto), "{rto}");
        assert_eq!(story["version"], 1);
        assert_eq!(story["place"]["account"], "123456789012");
        assert!(story["place"]["simulated"].as_str().expect("it says so").contains("speed 40"));
        let moments: Vec<&str> =
            story["moments"].as_array().expect("moments").iter().filter_map(|m| m["name"].as_str()).collect();
        assert_eq!(moments, ["T0", "T1", "T2", "T3", "T4", "T5", "T6"]);
        for list in ["checks", "events", "status", "targets", "tasks"] {
            assert!(!story[list].as_array().expect(list).is_empty(), "{list}");
        }
        let told = text(&output.stderr);
        let page = told.lines().find_map(|line| line.strip_prefix("report: ")).expect("it says where");
        assert!(page.starts_with(reports), "{page}");
        let place = Path::new(page).parent().expect("a folder");
        let file = |name: &str| fs::read_to_string(place.join(name)).expect(name);
        assert_eq!(file("report.json"), text(&output.stdout), "to the byte");
        assert!(file("report.html").contains("SIMULATED: scenario steady at speed 40"));
        assert!(file("report.md").contains("Recovery time (RTO): "));
        // What happens is told beside the document, a line each.
        let told = text(&output.stderr);
        for words in
            ["probing for a baseline", "accepted by AWS", "first failed request", "first good answer"]
        {
            assert!(told.contains(words), "no {words} in\n{told}");
        }
        times.push(rto);
    }
    let listed = BINARY
        .command(&["drills", "--json"])
        .env("XDG_STATE_HOME", folder.join("state"))
        .output()
        .expect("the program runs");
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let mut listed: Vec<u64> =
        listed["drills"].as_array().expect("drills").iter().filter_map(|d| d["rto_ms"].as_u64()).collect();
    listed.sort_unstable();
    times.sort_unstable();
    assert_eq!(listed, times, "the state directory has them too");
    let shown = BINARY
        .command(&["drills"])
        .env("XDG_STATE_HOME", folder.join("state"))
        .output()
        .expect("the program runs");
    assert!(text(&shown.stdout).contains("2 drills with a recovery time"), "{}", text(&shown.stdout));
    assert!(text(&shown.stdout).contains(" over"), "{}", text(&shown.stdout));
}

#[test]
fn what_cannot_begin_sends_nothing_and_leaves_nothing() {
    let (sim, folder) = (BINARY.sim(&["--speed", "20"]), folder("nothing"));
    let cases: [(&[&str], i32, &str); 6] = [
        (&["party-box-db", "--dry-run"], 0, "pass  the probe of"),
        (&["party-box-db"], 2, "--yes"),
        (&["party-box-db", "--yes", "--expect-body", "never"], 2, "HTTP 200 without the expected text"),
        (&["party-box-db", "--yes", "--read-only"], 4, "a check forbids it"),
        (&["party-box-db-replica-1", "--yes"], 4, "a check forbids it"),
        (&["nobody", "--yes"], 2, "nobody is not a database"),
    ];
    for (args, code, words) in cases {
        let args: Vec<&str> = args.iter().copied().chain(SHORT).collect();
        let (output, got) = drill(&sim, &folder, &args);
        assert_eq!(got, code, "{args:?}: {}", text(&output.stderr));
        let told = text(&output.stderr) + &text(&output.stdout);
        assert!(told.contains(words), "{args:?}: {told}");
        assert_eq!(files(&folder.join("state")), 0, "{args:?} left a trace");
    }
    let (status, _) = sim.status();
    assert_eq!(status["databases"][0]["status"], "available", "{status:#}");
}

#[test]
fn a_failover_of_somebody_else_is_recorded() {
    let (sim, folder) = (BINARY.sim(&["--speed", "15", "--scenario", "failover"]), folder("observe"));
    let (output, code) =
        drill(&sim, &folder, &["party-box-db", "--observe", "--json", "--probe-interval", "50ms"]);
    assert_eq!(code, 0, "{}{}", text(&output.stdout), text(&output.stderr));
    let story = story(&output);
    assert_eq!((&story["mode"], &story["outcome"]), (&"observed".into(), &"recovered".into()));
    assert!(!folder.join("state/partybox-top/audit.jsonl").exists(), "nothing was sent");
    let quiet = BINARY.sim(&["--speed", "20"]);
    let (output, code) = drill(&quiet, &folder, &["party-box-db", "--observe", "--for", "1s"]);
    assert_eq!(code, 7, "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_failover_that_is_abandoned_is_no_success() {
    let (sim, folder) =
        (BINARY.sim(&["--speed", "40", "--scenario", "failover-refused"]), folder("abandoned"));
    let args: Vec<&str> = ["party-box-db", "--yes", "--json"].into_iter().chain(SHORT).collect();
    let (output, code) = drill(&sim, &folder, &args);
    assert_eq!(code, 8, "{}{}", text(&output.stdout), text(&output.stderr));
    let story = story(&output);
    assert_eq!((&story["outcome"], &story["rto_ms"]), (&"nothing-happened".into(), &Value::Null));
}

#[test]
fn a_signal_leaves_the_drill_and_keeps_the_record() {
    let (sim, folder) = (BINARY.sim(&["--speed", "2"]), folder("left"));
    let args: Vec<&str> = ["drill", "party-box-db", "--yes", "--json"].into_iter().chain(SHORT).collect();
    let mut child = command(&sim, &folder, &args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("accepted by AWS")), "it was never accepted");
    signal(child.id(), "TERM");
    let rest: Vec<String> = lines.collect();
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(8), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("The failover itself goes on")), "{rest:?}");
    let story = story(&output);
    assert_eq!(story["outcome"], "left");
    let kept = folder.join("state/partybox-top/drills").join(story["id"].as_str().expect("an id"));
    let kept = fs::read_to_string(kept.join("report.json")).expect("the record is kept");
    assert_eq!(serde_json::from_str::<Value>(&kept).expect("JSON"), story);
}

#[test]
fn settings_come_from_the_file_and_flags_stand_above_it() {
    let (sim, folder) = (BINARY.sim(&["--speed", "20"]), folder("settings"));
    let file = folder.join("config.toml");
    let path = file.to_str().expect("a path in UTF-8");
    let look = |args: &[&str]| {
        let args: Vec<&str> = ["drill", "party-box-db", "--dry-run", "--config", path, "--baseline", "1s"]
            .iter()
            .chain(args)
            .copied()
            .collect();
        let output = command(&sim, &folder, &args).output().expect("the program runs");
        (output.status.code(), text(&output.stderr) + &text(&output.stdout))
    };
    fs::write(&file, "[probe]\nintervall = \"1s\"\n").expect("a file");
    let (code, told) = look(&[]);
    assert_eq!(code, Some(2), "{told}");
    let wanted = format!("{path}:2: unknown key `intervall` in [probe]: did you mean `interval`?");
    assert!(told.contains(&wanted), "{told}");

    fs::write(&file, "[probe]\nurl = \"http://127.0.0.1:1/?key=s3cret\"\n").expect("a file");
    let (code, told) = look(&[]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("http://127.0.0.1:1/?key=***") && !told.contains("s3cret"), "{told}");
    let url = format!("{}/api/health?key=s3cret", sim.var("PARTYBOX_ALB_URL"));
    let (code, told) = look(&["--probe", &url]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("/api/health?key=*** is good") && !told.contains("s3cret"), "{told}");

    // The same where a file is named by nobody: the usual place.
    let usual = folder.join("partybox-top");
    fs::create_dir(&usual).expect("a folder");
    fs::write(usual.join("config.toml"), "cluster = \"nowhere\"\n").expect("a file");
    let output =
        command(&sim, &folder, &["status"]).env("XDG_CONFIG_HOME", &folder).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("nowhere"), "{}", text(&output.stdout));
    let named = command(&sim, &folder, &["status", "--cluster", "party-box"])
        .env("XDG_CONFIG_HOME", &folder)
        .output()
        .expect("it runs");
    assert_ne!(named.status.code(), Some(2), "{}", text(&named.stdout));
}
