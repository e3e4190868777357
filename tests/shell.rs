//! The operations from the shell: what they do to the simulated account, what they leave in the audit log, how they exit.

#[expect(dead_code, reason = "the other tests use the rest")]
mod common;

use common::Sim;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A state directory of one test's own.
fn state(name: &str) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shell-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn run(sim: &Sim, state: &Path, args: &[&str]) -> Output {
    sim.command(args).env("XDG_STATE_HOME", state).output().expect("the program runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it exits by itself")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn desired(sim: &Sim, service: &str) -> Value {
    let (status, _) = sim.status();
    let services = status["services"].as_array().expect("services").clone();
    services.into_iter().find(|s| s["name"] == service).expect("the service")["desired"].clone()
}

fn audit(state: &Path) -> Vec<Value> {
    let text = fs::read_to_string(state.join("partybox-top/audit.jsonl")).expect("an audit log");
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

#[test]
fn a_dry_run_prints_the_plan_and_sends_nothing() {
    let (sim, state) = (Sim::start(&["--speed", "20"]), state("dry"));
    let output = run(&sim, &state, &["scale", "backend", "4", "--dry-run"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    for word in ["123456789012", "ap-northeast-1", "desired tasks: 2 -> 4", "desiredCount=4"] {
        assert!(text(&output.stdout).contains(word), "no {word} in\n{}", text(&output.stdout));
    }
    assert_eq!(desired(&sim, "backend"), 2);
    assert!(!state.exists(), "a dry run left a trace");
}

#[test]
fn without_a_terminal_nothing_is_sent_unless_told_to() {
    let (sim, state) = (Sim::start(&["--speed", "20"]), state("ask"));
    let output = run(&sim, &state, &["scale", "backend", "4"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output.stderr).contains("--yes"), "{}", text(&output.stderr));
    assert_eq!(desired(&sim, "backend"), 2);
}

#[test]
fn scale_is_sent_followed_and_audited() {
    let (sim, state) = (Sim::start(&["--speed", "40"]), state("scale"));
    let output = run(&sim, &state, &["scale", "backend", "3", "--yes", "--wait", "--json"]);
    assert_eq!(code(&output), 0, "{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(desired(&sim, "backend"), 3);
    let last = text(&output.stdout).lines().last().map(str::to_owned).expect("a last line");
    let last: Value = serde_json::from_str(&last).expect("a JSON line");
    assert_eq!((&last["event"], &last["verdict"]), (&"ended".into(), &"succeeded".into()));

    let lines = audit(&state);
    let events: Vec<&str> = lines.iter().filter_map(|l| l["event"].as_str()).collect();
    assert_eq!(events, ["sending", "accepted", "ended"]);
    assert!(lines[0]["caller"].as_str().expect("a caller").contains("PartyBoxOnCall"));
    assert_eq!(lines[0]["simulated"], true);
    assert_eq!(lines[2]["verdict"], "succeeded");
    let mode = fs::metadata(state.join("partybox-top/audit.jsonl")).expect("the log").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let shown = run(&sim, &state, &["log"]);
    assert!(text(&shown.stdout).contains("scale backend 2 -> 3"), "{}", text(&shown.stdout));
}

#[test]
fn what_cannot_be_audited_is_not_sent() {
    let sim = Sim::start(&["--speed", "20"]);
    // A file where the state directory should be.
    let state = state("blocked");
    fs::write(&state, "in the way").expect("a file");
    let output = run(&sim, &state, &["scale", "backend", "4", "--yes", "--wait"]);
    assert_eq!(code(&output), 4, "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("audit log"), "{}", text(&output.stdout));
    assert_eq!(desired(&sim, "backend"), 2);
}

#[test]
fn a_check_that_blocks_sends_nothing() {
    let (sim, state) = (Sim::start(&["--speed", "20"]), state("check"));
    let output = run(&sim, &state, &["scale", "backend", "4", "--yes", "--read-only"]);
    assert_eq!(code(&output), 4, "{}", text(&output.stdout));
    assert_eq!(desired(&sim, "backend"), 2);
    let output = run(&sim, &state, &["scale", "nobody", "4", "--yes"]);
    assert_eq!(code(&output), 2, "{}", text(&output.stdout));
}

#[test]
fn watch_exits_with_zero_only_for_success() {
    let (good, bad, state) = (
        Sim::start(&["--speed", "60", "--scenario", "deploy"]),
        Sim::start(&["--speed", "60", "--scenario", "bad-deploy"]),
        state("watch"),
    );
    for (sim, word, wanted) in [(&good, "succeeded", 0), (&bad, "rolled back", 5)] {
        sim.wait("the rollout begins", |status, _| {
            status["services"].as_array().is_some_and(|all| {
                all.iter().any(|s| s["deployments"].as_array().is_some_and(|d| d.len() > 1))
            })
        });
        let output = run(sim, &state, &["watch", "backend"]);
        assert_eq!(code(&output), wanted, "{}{}", text(&output.stdout), text(&output.stderr));
        assert!(text(&output.stdout).contains(word), "{}", text(&output.stdout));
    }
}
