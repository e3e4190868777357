//! The operations from the shell: what they do to the simulated account, what they leave in the audit log, how they exit.

use partybox_testkit::terminal::{Binary, Sim};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The program under test.
const BINARY: Binary = partybox_testkit::binary!();

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
    let (sim, state) = (BINARY.sim(&["--speed", "20"]), state("dry"));
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
    let (sim, state) = (BINARY.sim(&["--speed", "20"]), state("ask"));
    let output = run(&sim, &state, &["scale", "backend", "4"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output.stderr).contains("--yes"), "{}", text(&output.stderr));
    assert_eq!(desired(&sim, "backend"), 2);
}

#[test]
fn scale_is_sent_followed_and_audited() {
    let (sim, state) = (BINARY.sim(&["--speed", "40"]), state("scale"));
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
    let sim = BINARY.sim(&["--speed", "20"]);
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
    let (sim, state) = (BINARY.sim(&["--speed", "20"]), state("check"));
    let output = run(&sim, &state, &["scale", "backend", "4", "--yes", "--read-only"]);
    assert_eq!(code(&output), 4, "{}", text(&output.stdout));
    assert_eq!(desired(&sim, "backend"), 2);
    let output = run(&sim, &state, &["scale", "nobody", "4", "--yes"]);
    assert_eq!(code(&output), 2, "{}", text(&output.stdout));
}

#[test]
fn watch_exits_with_zero_only_for_success() {
    let (good, bad, state) = (
        BINARY.sim(&["--speed", "60", "--scenario", "deploy"]),
        BINARY.sim(&["--speed", "60", "--scenario", "bad-deploy"]),
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
        // Into a pipe there are lines alone.
        let bar = text(&output.stdout).contains(['\x1b', '\r']);
        assert!(!bar, "{}", text(&output.stdout));
    }
}

/// The last line that a command printed, which is JSON.
fn last(output: &Output) -> Value {
    let said = text(&output.stdout);
    let line = said.lines().last().unwrap_or_else(|| panic!("nothing was said; {}", text(&output.stderr)));
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// The one container's image of the task definition that the service runs.
fn image(sim: &Sim) -> String {
    let arn = sim.service("backend")["taskDefinition"].take();
    let answer = sim.ecs("DescribeTaskDefinition", json!({ "taskDefinition": arn }));
    answer["taskDefinition"]["containerDefinitions"][0]["image"].as_str().expect("an image").to_owned()
}

#[test]
fn redeploy_takes_a_tag_and_pins_its_digest_and_rollback_goes_back() {
    let (sim, state) = (BINARY.sim(&["--speed", "50"]), state("image"));
    let before = image(&sim);
    let (repository, tag) = before.rsplit_once(':').expect("a tag");
    let mut parts = tag.split('.').map(|part| part.parse::<u32>().expect("a number"));
    let (major, minor) = (parts.next().expect("a version"), parts.next().expect("a version"));
    let older = format!("{major}.{}.0", minor - 1);
    let output = run(&sim, &state, &["redeploy", "backend", "--image", "no-such-tag", "--yes"]);
    assert_eq!(code(&output), 2, "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("no-such-tag"), "{}", text(&output.stderr));
    assert_eq!(image(&sim), before);

    let output = run(&sim, &state, &["redeploy", "backend", "--image", &older, "--yes", "--wait", "--json"]);
    assert_eq!(code(&output), 0, "{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!((&last(&output)["event"], &last(&output)["verdict"]), (&"ended".into(), &"succeeded".into()));
    let after = image(&sim);
    assert!(after.starts_with(&format!("{repository}@sha256:")), "{after}");
    assert_eq!(sim.newest_deployment("backend")["status"], "SUCCESSFUL");

    let output = run(&sim, &state, &["rollback", "backend", "--yes", "--wait", "--json"]);
    assert_eq!(code(&output), 0, "{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(image(&sim), before);
    let words: Vec<Value> = audit(&state).into_iter().map(|mut line| line["event"].take()).collect();
    assert_eq!(words, ["sending", "accepted", "ended", "sending", "accepted", "ended"]);
}

#[test]
fn rollback_stops_a_rollout_in_flight() {
    let (sim, state) = (BINARY.sim(&["--speed", "10"]), state("rollback"));
    let before = sim.service("backend")["taskDefinition"].take();
    let output = run(&sim, &state, &["redeploy", "backend", "--yes"]);
    assert_eq!(code(&output), 0, "{}{}", text(&output.stdout), text(&output.stderr));
    sim.until("the rollout", |sim| sim.newest_deployment("backend"), |it| it["status"] == "IN_PROGRESS");
    let output = run(&sim, &state, &["rollback", "backend", "--yes", "--wait", "--json"]);
    let deployment = sim.newest_deployment("backend");
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL", "{}", text(&output.stdout));
    assert_eq!(code(&output), 0, "{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(sim.service("backend")["taskDefinition"], before);
}

#[test]
fn stop_ends_one_task_by_the_beginning_of_its_id() {
    let (sim, state) = (BINARY.sim(&["--speed", "40"]), state("stop"));
    let before = sim.tasks("backend");
    let wanted = &before[0];
    let output = run(&sim, &state, &["stop", "zzz", "--yes"]);
    assert_eq!(code(&output), 2, "{}", text(&output.stdout));
    let output = run(&sim, &state, &["stop", &wanted[..8], "--dry-run"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("ecs:StopTask"), "{}", text(&output.stdout));
    assert_eq!(sim.tasks("backend").len(), before.len());
    let output = run(&sim, &state, &["stop", &wanted[..8], "--yes", "--wait", "--json"]);
    assert_eq!(code(&output), 0, "{}{}", text(&output.stdout), text(&output.stderr));
    let task = sim.ecs("DescribeTasks", json!({"tasks": [wanted]}))["tasks"][0].take();
    assert_eq!((&task["lastStatus"], &task["stopCode"]), (&"STOPPED".into(), &"UserInitiated".into()));
    let after = sim.tasks("backend");
    assert!(before[1..].iter().all(|id| after.contains(id)) && !after.contains(wanted), "{after:?}");
}
