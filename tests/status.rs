//! `partybox-top status`: exit codes, the documented JSON, and what must never be in it.

use partybox_testkit::terminal::{Binary, account_at, free_port, json};
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::Command;

/// The program under test.
const BINARY: Binary = partybox_testkit::binary!();

const DOCUMENT: &str = include_str!("../docs/status-json.md");

/// The text of `status` and its exit code.
fn text(command: &mut Command) -> (String, i32) {
    let output = command.output().expect("the program starts");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    (text, output.status.code().expect("status exits by itself"))
}

fn database(status: &Value) -> &Value {
    status["databases"]
        .as_array()
        .and_then(|all| all.iter().find(|d| d["role"] == "writer"))
        .expect("a writer")
}

#[test]
fn a_healthy_party_box_exits_with_0() {
    let sim = BINARY.sim(&["--speed", "20"]);
    let (status, code) = sim.status();
    assert_eq!((code, &status["health"]), (0, &"healthy".into()), "{status:#}");
    assert_eq!(status["version"], 1);
    assert_eq!((&status["simulated"], &status["incomplete"]), (&true.into(), &false.into()));
    assert_eq!(status["account"], "123456789012");
    assert_eq!((&status["cluster"], &status["region"]), (&"party-box".into(), &"ap-northeast-1".into()));
    let services: Vec<_> =
        status["services"].as_array().expect("services").iter().map(|s| &s["name"]).collect();
    assert_eq!(services, ["backend", "frontend"]);
    for service in status["services"].as_array().expect("services") {
        assert_eq!((&service["running"], &service["healthy_targets"]), (&2.into(), &2.into()), "{service:#}");
    }
    assert_eq!(database(&status)["standby_zone"], "ap-northeast-1c");
    assert_eq!(status["unreadable"], Value::Array(Vec::new()));

    let (text, code) = text(&mut sim.command(&["status"]));
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("healthy: All well"), "{text}");
    for word in ["(simulated)", "party-box-alb", "2/2 running", "party-box-db ", "standby in ap-northeast-1c"]
    {
        assert!(text.contains(word), "no {word} in:\n{text}");
    }
    // Each finding of the JSON is in the text.
    for finding in status["findings"].as_array().expect("findings") {
        let said = finding["text"].as_str().expect("a sentence");
        assert!(text.contains(said), "no {said:?} in:\n{text}");
    }
}

#[test]
fn a_failing_deployment_is_critical_and_degraded_once_it_is_rolled_back() {
    let sim = BINARY.sim(&["--scenario", "bad-deploy", "--speed", "20"]);
    let (status, _) = sim.wait("a failing rollout", |_, code| code == 3);
    assert_eq!(status["health"], "critical");
    assert!(status["headline"].as_str().is_some_and(|text| text.contains("backend")), "{status:#}");
    let (status, _) = sim.wait("a rollout that was rolled back", |_, code| code == 1);
    assert_eq!(status["health"], "degraded");
    let backend = &status["services"][0];
    assert_eq!((&backend["name"], &backend["running"]), (&"backend".into(), &2.into()), "{backend:#}");
    let (text, code) = text(&mut sim.command(&["status"]));
    assert_eq!(code, 1, "{text}");
    assert!(text.starts_with("degraded: "), "{text}");
}

#[test]
fn a_failover_is_critical_while_the_database_is_away_and_not_after() {
    let sim = BINARY.sim(&["--scenario", "failover", "--speed", "20"]);
    let (status, _) = sim.wait("the failover", |_, code| code == 3);
    assert_ne!(database(&status)["status"], "available");
    let (status, _) = sim.wait("its end", |status, code| {
        code != 3
            && database(status)["status"] == "available"
            && database(status)["zone"] == "ap-northeast-1c"
    });
    assert_eq!(database(&status)["standby_zone"], "ap-northeast-1a");
}

#[test]
fn a_rollout_that_goes_well_is_no_alarm() {
    let sim = BINARY.sim(&["--scenario", "deploy", "--speed", "20"]);
    let (status, code) = sim.wait("a rollout", |status, _| status["health"] == "changing");
    assert_eq!(code, 0, "{status:#}");
}

#[test]
fn what_cannot_be_looked_at_exits_with_2_and_says_why() {
    let nowhere = account_at(&format!("http://127.0.0.1:{}", free_port()));
    let sim = BINARY.sim(&[]);
    let without_region: Vec<_> =
        sim.env.iter().filter(|(name, _)| !name.ends_with("_REGION")).cloned().collect();
    let without_keys: Vec<_> = sim.env.iter().filter(|(name, _)| !name.contains("KEY")).cloned().collect();
    for (args, env, words) in [
        (&["--timeout", "8"][..], &nowhere, &["cannot be reached", "127.0.0.1"][..]),
        (&[], &without_region, &["No AWS Region", "--region"]),
        (&[], &without_keys, &["No AWS credentials", "aws sso login"]),
        (&["--cluster", "nowhere"], &sim.env, &["no cluster", "nowhere"]),
        (&["--endpoint-url", "nothing"], &sim.env, &["nothing", "endpoint URL"]),
        (&["--profile", "nobody"], &sim.env, &["no AWS profile", "nobody"]),
    ] {
        let args: Vec<&str> = ["status"].iter().chain(args).copied().collect();
        let (said, code) = text(BINARY.command(&args).envs(env.iter().cloned()));
        assert_eq!(code, 2, "{args:?}: {said}");
        assert!(said.starts_with("unknown: ") && said.lines().count() == 1, "{args:?}: {said}");
        let (status, code) =
            json(BINARY.command(&[&args[..], &["--json"]].concat()).envs(env.iter().cloned()));
        assert_eq!((code, &status["health"]), (2, &"unknown".into()), "{args:?}: {status:#}");
        let headline = status["headline"].as_str().expect("a sentence");
        for word in words {
            assert!(
                said.contains(word) && headline.contains(word),
                "{args:?}: no {word} in: {said}{headline}"
            );
        }
    }
}

#[test]
fn an_endpoint_that_never_answers_costs_the_timeout_and_no_more() {
    // Connections are taken, but nobody ever answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let env = account_at(&format!("http://{}", silent.local_addr().expect("an address")));
    let (status, code) = json(BINARY.command(&["status", "--json", "--timeout", "2"]).envs(env));
    assert_eq!((code, &status["incomplete"]), (2, &true.into()), "{status:#}");
}

#[test]
fn every_field_is_documented_and_every_documented_field_exists() {
    let mut real = BTreeSet::new();
    let steady = BINARY.sim(&[]);
    collect(&steady.status().0, "", &mut real);
    // What failed is there only when something failed.
    let nowhere = account_at(&format!("http://127.0.0.1:{}", free_port()));
    let (status, _) = json(BINARY.command(&["status", "--json", "--timeout", "8"]).envs(nowhere));
    collect(&status, "", &mut real);

    let documented: BTreeSet<String> = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .map(|(field, _)| field.to_owned())
        .collect();
    let undocumented: Vec<_> = real.difference(&documented).collect();
    assert!(undocumented.is_empty(), "not in docs/status-json.md: {undocumented:?}");
    let gone: Vec<_> = documented.difference(&real).collect();
    assert!(gone.is_empty(), "documented, but not in the JSON: {gone:?}");
    assert!(DOCUMENT.contains("`version` is 1."), "the document is of another version");
}

/// The paths of all fields, e.g. `services[].name`. A map's keys are names, not fields.
fn collect(value: &Value, path: &str, fields: &mut BTreeSet<String>) {
    const MAPS: [&str; 3] = ["services[].running_by_zone", "images[].used_by", "images[].findings"];
    match value {
        Value::Object(object) if !MAPS.contains(&path) => {
            for (name, value) in object {
                let field = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(value, &field, fields);
                fields.insert(field);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, &format!("{path}[]"), fields)),
        _ => {}
    }
}

#[test]
fn no_environment_value_of_a_task_definition_gets_out() {
    let sim = BINARY.sim(&[]);
    let (status, _) = sim.status();
    let mut values = BTreeSet::new();
    for service in status["services"].as_array().expect("services") {
        let wanted = serde_json::json!({"taskDefinition": service["task_definition"]});
        let answer = sim.ecs("DescribeTaskDefinition", wanted);
        for container in answer["taskDefinition"]["containerDefinitions"].as_array().expect("containers") {
            let environment = container["environment"].as_array().expect("an environment");
            values.extend(environment.iter().filter_map(|e| e["value"].as_str()).map(str::to_owned));
        }
    }
    // Shorter ones, such as a port, are anywhere by chance.
    values.retain(|value| value.len() > 6);
    assert!(values.len() >= 3, "the simulated services have too few values to look for: {values:?}");

    let mut outputs =
        vec![("the JSON", status.to_string()), ("the text", text(&mut sim.command(&["status"])).0)];
    let mut screen = BINARY.screen(&[], &sim.env, 200, 60);
    screen.wait_for("All well");
    for (key, word) in [
        ("1", "scans"),
        ("2", "10.0.2."),
        ("3", ":3000"),
        ("4", "db.t4g"),
        ("5", "lifecycle"),
        ("6", "10.0.0.0/16"),
    ] {
        screen.send(key);
        outputs.push(("the screen", screen.wait_for(word)));
        // What is selected, with everything that is known of it.
        screen.send("l\r");
        screen.wait("the details", |text| {
            text.lines().last().is_some_and(|line| line.contains("close")) || key == "1"
        });
        outputs.push(("the details", screen.text()));
        screen.send("\x1b");
        screen.wait("the view", |text| text.lines().last().is_some_and(|line| !line.contains("close")));
    }
    let raw = String::from_utf8_lossy(&screen.raw(0)).into_owned();
    outputs.push(("what was written to the terminal", raw));
    for value in &values {
        for (name, output) in &outputs {
            assert!(!output.contains(value.as_str()), "{value} is in {name}:\n{output}");
        }
    }
}
