//! Both sides of the wire against programs that nobody here wrote: the simulator against boto3 and the AWS CLI, and this
//! program's reading against moto's server.
//!
//! They need Python with boto3, the AWS CLI, ecs-deploy and moto, and Node with the AWS SDK for JavaScript: `.ci/run` installs
//! them and runs these with `--ignored`. When asked for without their tools they fail.

use partybox_testkit::terminal::{Binary, PATIENCE, account_at, free_port, json};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// The program under test.
const BINARY: Binary = partybox_testkit::binary!();

/// Names the Python that has the clients.
const PYTHON: &str = "PARTYBOX_PYTHON";

/// The interpreter; the other tools lie beside it.
fn python() -> PathBuf {
    let Some(path) = std::env::var_os(PYTHON).map(PathBuf::from) else {
        panic!(
            "{PYTHON} is not set: it must name a Python with boto3, awscli and moto[server]; .ci/run makes one"
        )
    };
    assert!(path.is_file(), "{PYTHON} names {}, which is no file", path.display());
    path
}

/// Names the folder that the JavaScript clients are installed in.
const NODE: &str = "PARTYBOX_NODE";

/// A program of the interpreter's environment.
fn tool(name: &str) -> PathBuf {
    let path = python().with_file_name(name);
    assert!(
        path.is_file(),
        "there is no {}: install it into the environment that {PYTHON} names",
        path.display()
    );
    path
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Runs a script at an account; gives what it printed.
fn run(env: &[(String, String)], name: &str, args: &[&Path]) -> String {
    run_by(&python(), env, name, args)
}

/// The same by another interpreter.
fn run_by(interpreter: &Path, env: &[(String, String)], name: &str, args: &[&Path]) -> String {
    let output = Command::new(interpreter)
        .arg(script(name))
        .args(args)
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_PAGER", "")
        .envs(env.iter().cloned())
        .env("AWS_DEFAULT_REGION", "ap-northeast-1")
        .stdin(Stdio::null())
        .output()
        .expect("the interpreter starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
#[ignore = "needs Python: .ci/run runs it"]
fn boto3_reads_every_resource_of_the_simulator() {
    let sim = BINARY.sim(&["--scenario", "steady"]);
    let said = run(&sim.env, "read_everything.py", &[]);
    assert!(said.contains("read everything"), "{said}");
}

#[test]
#[ignore = "needs Python: .ci/run runs it"]
fn the_aws_cli_waits_for_a_rollout_and_a_failover_of_the_simulator() {
    let sim = BINARY.sim(&["--scenario", "steady", "--speed", "30"]);
    let said = run(&sim.env, "waiters.py", &[&tool("aws")]);
    assert!(said.contains("waiters:"), "{said}");
}

#[test]
#[ignore = "needs Node: .ci/run runs it"]
fn the_aws_sdk_for_javascript_waits_for_what_the_simulator_does() {
    let Some(folder) = std::env::var_os(NODE).map(PathBuf::from) else {
        panic!(
            "{NODE} is not set: it must name a folder with the packages of tests/clients/package.json; .ci/run makes one"
        )
    };
    assert!(folder.join("node_modules").is_dir(), "{} has no node_modules", folder.display());
    let sim = BINARY.sim(&["--scenario", "steady", "--speed", "30"]);
    let said = run_by(Path::new("node"), &sim.env, "sdk.mjs", &[&folder]);
    assert!(said.contains("sdk: every waiter ended as documented"), "{said}");
}

#[test]
#[ignore = "needs Python: .ci/run runs it"]
fn ecs_deploy_deploys_scales_and_runs_on_the_simulator() {
    let sim = BINARY.sim(&["--scenario", "steady", "--speed", "30"]);
    let said = run(&sim.env, "ecs_deploy.py", &[&tool("ecs")]);
    assert!(said.contains("ecs-deploy: deployed with deregistration, scaled and run"), "{said}");
}

#[test]
#[ignore = "needs Python: .ci/run runs it"]
fn boto3_watches_failovers_of_an_instance_and_of_a_cluster() {
    for scenario in ["failover", "aurora"] {
        let sim = BINARY.sim(&["--scenario", scenario, "--speed", "10"]);
        let said = run(&sim.env, "drills.py", &[Path::new(scenario)]);
        assert!(said.contains("drills:"), "{said}");
    }
}

#[test]
#[ignore = "needs Python: .ci/run runs it"]
fn boto3_plays_every_deployment_scenario_of_the_simulator_to_its_end() {
    // It starts an account for each by itself.
    let said = run(&[], "deployments.py", &[Path::new(BINARY.path)]);
    for story in ["operator", "blue_green", "superseded", "no_capacity"] {
        assert!(said.contains(&format!("{story}: as documented")), "{said}");
    }
}

/// Whether an HTTP server answers there. That a connection stands says little: on loopback one may meet itself.
fn answers(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.write_all(b"GET /moto-api/ HTTP/1.0\r\n\r\n")?;
        let mut start = [0; 5];
        stream.read_exact(&mut start)?;
        std::io::Result::Ok(start == *b"HTTP/")
    };
    ask().unwrap_or(false)
}

/// moto's server on a port of its own.
struct Moto {
    process: Child,
    env: Vec<(String, String)>,
}

impl Moto {
    #[expect(clippy::disallowed_methods, reason = "a real process is waited for")]
    fn start() -> Self {
        let port = free_port();
        let mut process = Command::new(tool("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto's server starts");
        let end = Instant::now() + PATIENCE;
        while !answers(port) {
            if let Some(status) = process.try_wait().expect("the server can be waited for") {
                panic!("moto's server ended: {status}");
            }
            assert!(Instant::now() < end, "moto's server does not listen");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        Self { process, env: account_at(&format!("http://127.0.0.1:{port}")) }
    }

    fn status(&self, args: &[&str]) -> (Value, i32) {
        json(BINARY.command(&[&["status", "--json"], args].concat()).envs(self.env.iter().cloned()))
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "needs Python: .ci/run runs it"]
fn status_reads_what_was_built_in_moto() {
    let moto = Moto::start();
    let built = run(&moto.env, "provision_moto.py", &[]);
    let built: Value = serde_json::from_str(&built).expect("one JSON object");

    // There are two clusters: without a name nobody guesses.
    let (status, code) = moto.status(&[]);
    assert_eq!(code, 2, "{status:#}");
    let headline = status["headline"].as_str().expect("a sentence");
    assert!(headline.contains("several clusters") && headline.contains("--cluster"), "{headline}");

    let (status, _) = moto.status(&["--cluster", "party-box"]);
    assert_eq!(status["cluster"], built["cluster"]);
    assert_eq!((&status["simulated"], &status["incomplete"]), (&false.into(), &false.into()), "{status:#}");
    services(&status, &built);

    let balancer = &status["load_balancers"][0];
    assert_eq!(balancer["name"], built["load_balancer"]["name"], "{balancer:#}");
    assert_eq!(balancer["dns_name"], built["load_balancer"]["dns_name"]);
    assert_eq!(balancer["zones"], built["zones"]);
    assert_eq!(status["load_balancers"].as_array().map(Vec::len), Some(1));

    // One of the account's two databases admits the services.
    let databases = status["databases"].as_array().expect("databases");
    let ids: Vec<&Value> = databases.iter().map(|d| &d["id"]).collect();
    assert_eq!(ids, [&built["database"]], "{databases:#?}");
    let database = &databases[0];
    let facts =
        ["status", "role", "engine", "engine_version", "multi_az", "backup_days", "encrypted", "public"];
    let facts: Vec<Value> = facts.iter().map(|fact| database[fact].clone()).collect();
    let expected = serde_json::json!(["available", "writer", "postgres", "16.4", true, 7, true, false]);
    assert_eq!(Value::Array(facts), expected, "{database:#}");

    let unreadable = status["unreadable"].as_array().expect("a list");
    let mut actions: Vec<_> = unreadable.iter().filter_map(|u| u["action"].as_str()).collect();
    actions.sort_unstable();
    actions.dedup();
    // moto does not know service deployments: the verdicts then rest on the services' own deployments.
    assert_eq!(actions, ["ecs:ListServiceDeployments"], "{unreadable:#?}");
    assert_eq!(status["health"], "critical", "moto runs no tasks, which must be noticed: {status:#}");

    let said = status.to_string();
    for text in [
        "Secret party-box/database is not rotated",
        "DATABASE_URL of backend is a plain environment variable",
    ] {
        assert!(said.contains(text), "no finding {text:?} in {status:#}");
    }
    for value in built["must_not_be_shown"].as_array().expect("a list") {
        assert!(!said.contains(value.as_str().expect("text")), "{value} is in {status:#}");
    }
    screen(&moto, &built);
}

fn services(status: &Value, built: &Value) {
    let services = status["services"].as_array().expect("services");
    assert_eq!(services.len(), 2, "{services:#?}");
    for service in services {
        let name = service["name"].as_str().expect("a name");
        let expected = &built["services"][name];
        assert_eq!(service["desired"], expected["desired"], "{service:#}");
        assert_eq!(service["task_definition"], expected["task_definition"], "{service:#}");
        assert_eq!(service["registered_targets"], built["targets"][name], "{service:#}");
        // moto finds every target healthy.
        assert_eq!(service["healthy_targets"], built["targets"][name], "{service:#}");
        assert_eq!(service["deployments"][0]["status"], "PRIMARY", "{service:#}");
    }
}

/// What the JSON has no field for: rules, certificate and network, as the screen shows them.
fn screen(moto: &Moto, built: &Value) {
    let mut screen = BINARY.screen(&[], &moto.env, 200, 60);
    // The cluster is chosen among the two.
    let text = screen.wait("the choice", |text| text.contains("party-box") && text.contains("another"));
    assert!(text.contains("active"), "{text}");
    let chosen = text.lines().position(|line| line.contains("party-box"));
    let other = text.lines().position(|line| line.contains("another"));
    screen.send(if chosen < other { "\r" } else { "j\r" });
    let mut texts = Vec::new();
    for (key, words) in [
        (
            "3",
            &[
                "/api/*",
                "/socket.io/*",
                "10.0.2.21:3000",
                "10.0.4.22:3000",
                "10.0.2.11:3000",
                "partybox.example.com",
                "redirect",
            ][..],
        ),
        ("4", &["party-box-db", "db.t4g.medium"]),
        (
            "6",
            &[
                "10.0.0.0/16",
                "10.0.1.0/24",
                "10.0.4.0/24",
                "party-box-ecs",
                "tcp 5432",
                "tcp 3000",
                "internet gateway",
                "NAT gateway",
            ],
        ),
    ] {
        screen.send(key);
        texts.push(
            screen.wait(&format!("{words:?} in view {key}"), |text| {
                words.iter().all(|word| text.contains(word))
            }),
        );
    }
    for value in built["must_not_be_shown"].as_array().expect("a list") {
        let value = value.as_str().expect("text");
        assert!(texts.iter().all(|text| !text.contains(value)), "{value} is on the screen");
    }
    screen.send("q");
    assert_eq!(screen.end(), 0);
}
