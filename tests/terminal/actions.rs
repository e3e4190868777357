//! Each action, by what it does to the account and not by what the screen says; and all the ways to do nothing.

use super::BINARY;
use super::watching;
use partybox_testkit::terminal::{Screen, Sim};
use serde_json::Value;

const DATABASE: &str = "party-box-db";

fn named<'a>(status: &'a Value, list: &str, key: &str, name: &str) -> &'a Value {
    let found = status[list].as_array().and_then(|all| all.iter().find(|one| one[key] == name));
    found.unwrap_or_else(|| panic!("no {name} among the {list} of {status:#}"))
}

fn desired(status: &Value, service: &str) -> u64 {
    named(status, "services", "name", service)["desired"].as_u64().expect("a number of tasks")
}

/// The id of a service's PRIMARY deployment.
fn primary(status: &Value, service: &str) -> String {
    let service = named(status, "services", "name", service);
    let deployments = service["deployments"].as_array().expect("deployments");
    let primary = deployments.iter().find(|d| d["status"] == "PRIMARY").expect("a PRIMARY deployment");
    primary["id"].as_str().expect("an id").to_owned()
}

fn zones(status: &Value) -> (String, String) {
    let database = named(status, "databases", "id", DATABASE);
    let zone = |key: &str| database[key].as_str().unwrap_or_else(|| panic!("no {key}")).to_owned();
    (zone("zone"), zone("standby_zone"))
}

/// Everything that an action could change.
fn changeable(status: &Value) -> Value {
    let services: Vec<Value> = status["services"]
        .as_array()
        .expect("services")
        .iter()
        .map(|s| serde_json::json!([s["name"], s["desired"], s["running"], s["deployments"]]))
        .collect();
    let databases: Vec<Value> = status["databases"]
        .as_array()
        .expect("databases")
        .iter()
        .map(|d| serde_json::json!([d["id"], d["status"], d["zone"], d["standby_zone"]]))
        .collect();
    serde_json::json!([services, databases])
}

/// Opens the view of services, where backend is the first row.
fn services(screen: &mut Screen) {
    screen.send("2");
    screen.wait_for("10.0.2.");
}

/// Opens the view of databases, where the writer is the first row.
fn databases(screen: &mut Screen) {
    screen.send("4");
    screen.wait_for("db.t4g.medium");
}

/// Types how many tasks are wanted, and goes on to the question.
fn ask_for_tasks(screen: &mut Screen, number: &str) {
    screen.send("s");
    screen.wait_for("tasks wanted");
    screen.send(number);
    screen.wait("the number", |text| text.contains(&format!("tasks wanted: {number}")));
    screen.send("\r");
    screen.wait("the question", |text| !text.contains("tasks wanted"));
}

/// Waits until no plan is open in any of its steps.
fn no_plan(screen: &Screen) {
    const STEPS: [&str; 6] = [
        "tasks wanted",
        "send it once",
        "to confirm, type",
        "forbids it",
        "UpdateService",
        "RebootDBInstance",
    ];
    screen.wait("the plan to close", |text| STEPS.iter().all(|step| !text.contains(step)));
}

#[test]
fn scale_changes_the_number_of_tasks() {
    let sim = BINARY.sim(&["--speed", "20"]);
    let mut screen = watching(&sim, &[], 200, 60);
    let (before, _) = sim.status();
    assert_eq!(desired(&before, "backend"), 2);
    services(&mut screen);
    ask_for_tasks(&mut screen, "4");
    // The plan names account, Region, resource, before and after.
    let text = screen.wait_for("send it once");
    for word in ["123456789012", "ap-northeast-1", "service/party-box/backend", "2 → 4", "desiredCount=4"] {
        assert!(text.contains(word), "no {word} in the plan:\n{text}");
    }
    assert_eq!(desired(&sim.status().0, "backend"), 2, "sent before it was confirmed");
    screen.send("y");
    let (after, _) = sim.wait("4 tasks wanted", |status, _| desired(status, "backend") == 4);
    assert_eq!(desired(&after, "frontend"), 2, "the other service was scaled too");
    assert_eq!(primary(&after, "backend"), primary(&before, "backend"), "scaling made a new deployment");
    sim.wait("4 tasks running", |status, _| named(status, "services", "name", "backend")["running"] == 4);
    screen.send("1");
    screen.wait("the outcome", |text| text.contains("succeeded"));
}

#[test]
fn redeploy_makes_a_new_deployment_and_follows_it() {
    let sim = BINARY.sim(&["--speed", "50"]);
    let mut screen = watching(&sim, &[], 200, 60);
    let (before, _) = sim.status();
    services(&mut screen);
    screen.send("r\r");
    screen.wait_for("send it once");
    assert_eq!(
        primary(&sim.status().0, "backend"),
        primary(&before, "backend"),
        "sent before it was confirmed"
    );
    screen.send("y");
    let old = primary(&before, "backend");
    let (after, _) = sim.wait("a new PRIMARY deployment", |status, _| primary(status, "backend") != old);
    assert_eq!(
        primary(&after, "frontend"),
        primary(&before, "frontend"),
        "the other service was redeployed too"
    );
    assert_eq!(desired(&after, "backend"), 2, "a redeploy changed the number of tasks");
    let new = primary(&after, "backend");
    sim.wait("the rollout's end", |status, _| {
        let service = named(status, "services", "name", "backend");
        primary(status, "backend") == new
            && service["deployments"].as_array().is_some_and(|d| d.len() == 1)
            && service["deployments"][0]["rollout_state"] == "COMPLETED"
    });
    screen.send("1");
    screen.wait("the outcome", |text| text.contains("redeploy backend") && text.contains("succeeded"));
}

#[test]
fn failover_moves_the_writer_once_the_name_is_typed() {
    let sim = BINARY.sim(&["--speed", "50"]);
    let mut screen = watching(&sim, &[], 200, 60);
    let (before, _) = sim.status();
    let (writer, standby) = zones(&before);
    databases(&mut screen);
    screen.send("F");
    screen.wait_for("to confirm, type");
    // Not the name: it is not sent, and says so.
    screen.send("party-box\r");
    screen.wait_for("nothing was sent");
    assert_eq!(zones(&sim.status().0), (writer.clone(), standby.clone()));
    screen.send("-db\r");
    no_plan(&screen);
    let (after, _) =
        sim.wait("the zones' swap", |status, _| zones(status) == (standby.clone(), writer.clone()));
    assert_eq!(named(&after, "databases", "id", DATABASE)["role"], "writer");
    assert_eq!(primary(&after, "backend"), primary(&before, "backend"));
    screen.send("1");
    screen.wait("the outcome", |text| text.contains("fail over party-box-db") && text.contains("succeeded"));
}

/// Once the program has ended it can send nothing more: what is as before then has not been touched.
fn unchanged_after(sim: &Sim, mut screen: Screen, before: &Value) {
    screen.send("1");
    screen.wait_for("/socket.io/*");
    assert!(!screen.text().contains("accepted by AWS"), "{}", screen.text());
    screen.send("q");
    assert_eq!(screen.end(), 0);
    assert_eq!(changeable(&sim.status().0), changeable(before));
}

#[test]
fn escape_n_and_a_wrong_name_change_nothing() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &[], 160, 50);
    let (before, _) = sim.status();
    services(&mut screen);
    // Escape at the number.
    screen.send("s");
    screen.wait_for("tasks wanted");
    screen.send("7");
    screen.wait_for("tasks wanted: 7");
    screen.send("\x1b");
    no_plan(&screen);
    // Escape at the question: back to the number, then out.
    ask_for_tasks(&mut screen, "5");
    screen.send("\x1b");
    screen.wait_for("tasks wanted");
    screen.send("\x1b");
    no_plan(&screen);
    // No.
    ask_for_tasks(&mut screen, "3");
    screen.send("n");
    no_plan(&screen);
    // Enter is no yes.
    screen.send("r\r");
    screen.wait_for("send it once");
    screen.send("\r ");
    screen.send("n");
    no_plan(&screen);
    screen.send("r\r");
    screen.wait_for("send it once");
    screen.send("\x1b");
    no_plan(&screen);
    databases(&mut screen);
    for wrong in ["\r", "y\r", "PARTY-BOX-DB\r", "party-box-db-replica-1\r"] {
        // Another notice first: what this round is told must not be what the one before was.
        screen.send("\x12");
        screen.wait_for("asking AWS for everything");
        screen.send("F");
        screen.wait_for("to confirm, type");
        screen.send(wrong);
        screen.wait_for("nothing was sent");
        screen.send("\x1b");
        no_plan(&screen);
    }
    unchanged_after(&sim, screen, &before);
}

#[test]
fn scaling_to_nothing_asks_for_the_name() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &[], 160, 50);
    let (before, _) = sim.status();
    services(&mut screen);
    ask_for_tasks(&mut screen, "0");
    screen.wait_for("to confirm, type");
    screen.send("y\r");
    screen.wait_for("nothing was sent");
    screen.send("\x1b");
    screen.wait_for("tasks wanted");
    screen.send("\x1b");
    no_plan(&screen);
    unchanged_after(&sim, screen, &before);
}

#[test]
fn read_only_changes_nothing() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &["--read-only"], 160, 50);
    let (before, _) = sim.status();
    screen
        .wait("the header's word", |text| text.lines().next().is_some_and(|line| line.contains("READ-ONLY")));
    services(&mut screen);
    ask_for_tasks(&mut screen, "5");
    screen.wait_for("--read-only");
    screen.send("y");
    screen.send("\r");
    screen.send("\x1b");
    screen.wait_for("tasks wanted");
    screen.send("\x1b");
    no_plan(&screen);
    screen.send("r\r");
    screen.wait_for("--read-only");
    screen.send("y");
    screen.send("\x1b");
    no_plan(&screen);
    databases(&mut screen);
    screen.send("F");
    screen.wait_for("--read-only");
    screen.send("party-box-db\r");
    screen.send("\x1b");
    no_plan(&screen);
    unchanged_after(&sim, screen, &before);
}
