//! What a person does to deployments, tasks and autoscaling, judged by what the account then says.

use super::BINARY;
use super::watching;
use partybox_testkit::terminal::{ScalingRange, Screen, Sim};
use serde_json::{Value, json};

/// Opens the view of services, where backend is the first row.
fn services(screen: &mut Screen) {
    screen.send("2");
    screen.wait_for("10.0.2.");
}

/// Confirms the plan that is open. One that a newer reading changed meanwhile asks to be looked at again first.
fn confirm(screen: &mut Screen) {
    let asks = "send it once";
    let shown = screen.wait("a question", |text| text.contains(asks) || text.contains("enter go on"));
    if !shown.contains(asks) {
        screen.send("\r");
        screen.wait_for(asks);
    }
    screen.send("y");
}

/// Presses a key until the plan that it opens sends this call: what the screen has not read yet it cannot plan for.
fn plan_for(screen: &mut Screen, key: &str, call: &str, still: impl Fn() -> bool) {
    loop {
        screen.send(key);
        let plan = screen
            .wait("a plan, or why there is none", |text| text.contains("plan ─") || text.contains("plan  "));
        if plan.contains(call) {
            return;
        }
        assert!(still(), "too late; the screen shows:\n{plan}");
        screen.send("\x1b");
        screen.wait("it to close", |text| !text.contains("esc cancel"));
    }
}

/// Waits until the operation of this title has ended well.
fn succeeded(screen: &mut Screen, title: &str) {
    screen.send("1");
    screen.wait(&format!("{title} to succeed"), |text| {
        text.lines().any(|line| line.contains(title) && line.contains("succeeded"))
    });
}

fn desired(service: &Value) -> u64 {
    service["desiredCount"].as_u64().expect("a number of tasks")
}

fn definition(sim: &Sim, arn: &Value) -> Value {
    sim.ecs("DescribeTaskDefinition", json!({ "taskDefinition": arn }))["taskDefinition"].take()
}

/// The ARN of the task definition that a service's PRIMARY deployment runs.
fn primary(service: &Value) -> Value {
    let deployments = service["deployments"].as_array().expect("deployments");
    let primary = deployments.iter().find(|it| it["status"] == "PRIMARY").expect("a PRIMARY deployment");
    primary["taskDefinition"].clone()
}

#[test]
fn another_image_becomes_a_revision_that_differs_in_it_alone() {
    let sim = BINARY.sim(&["--speed", "40"]);
    let mut screen = watching(&sim, &[], 200, 60);
    let before = definition(&sim, &primary(&sim.service("backend")));
    services(&mut screen);
    screen.send("r");
    // The first row is the same revision once more; below it stand the images, and the newest runs already.
    screen.wait("the images", |text| {
        text.lines().filter(|line| line.contains("never") || line.contains("C0")).count() > 2
    });
    screen.send("jj\r");
    let plan = screen.wait_for("send it once");
    assert!(plan.contains("RegisterTaskDefinition"), "{plan}");
    screen.send("y");
    let family = before["family"].as_str().expect("a family");
    let service = sim.until(
        "another revision",
        |sim| sim.service("backend"),
        |it| primary(it) != before["taskDefinitionArn"],
    );
    let mut after = definition(&sim, &primary(&service));
    assert_eq!(after["revision"].as_u64(), before["revision"].as_u64().map(|it| it + 1));
    let image = after["containerDefinitions"][0]["image"].take();
    let image = image.as_str().expect("an image");
    let (old, new) = (before["containerDefinitions"][0]["image"].as_str().expect("an image"), image);
    assert!(new.contains("@sha256:") && new != old, "{old} -> {new}");
    let mut expected = before.clone();
    for name in ["taskDefinitionArn", "revision", "registeredAt", "registeredBy"] {
        expected[name] = after[name].clone();
    }
    expected["containerDefinitions"][0]["image"] = Value::Null;
    assert_eq!(after, expected, "{family} changed in more than its image");
    sim.until("its success", |sim| sim.newest_deployment("backend"), |it| it["status"] == "SUCCESSFUL");
    succeeded(&mut screen, "deploy ");
}

#[test]
fn a_rollout_in_flight_is_rolled_back() {
    let sim = BINARY.sim(&["--speed", "20"]);
    let mut screen = watching(&sim, &[], 200, 60);
    services(&mut screen);
    screen.send("r\r");
    confirm(&mut screen);
    sim.until("the rollout", |sim| sim.newest_deployment("backend"), |it| it["status"] == "IN_PROGRESS");
    let rolls = || sim.newest_deployment("backend")["status"] == "IN_PROGRESS";
    plan_for(&mut screen, "b", "StopServiceDeployment", rolls);
    assert!(rolls(), "sent before it was confirmed");
    confirm(&mut screen);
    let back = sim.until(
        "the way back",
        |sim| sim.newest_deployment("backend"),
        |it| it["status"] == "ROLLBACK_SUCCESSFUL",
    );
    assert!(back["rollback"].is_object(), "{back:#}");
    screen.send("1");
    screen.wait("the verdict", |text| {
        text.lines().any(|line| line.contains("redeploy backend") && line.contains("rolled back"))
    });
}

#[test]
fn a_rollout_at_its_hook_is_continued() {
    let sim = BINARY.sim(&["--speed", "20", "--scenario", "blue-green"]);
    let mut screen = BINARY.screen(&[], &sim.env, 200, 60);
    services(&mut screen);
    let hook = |it: &Value, status: &str| {
        it["lifecycleHookDetails"]
            .as_array()
            .is_some_and(|all| all.iter().any(|hook| hook["status"] == status))
    };
    sim.until("the hook", |sim| sim.newest_deployment("backend"), |it| hook(it, "AWAITING_ACTION"));
    let waits = || hook(&sim.newest_deployment("backend"), "AWAITING_ACTION");
    plan_for(&mut screen, "c", "ContinueServiceDeployment", waits);
    assert!(waits(), "sent before it was confirmed");
    confirm(&mut screen);
    sim.until("the hook's end", |sim| sim.newest_deployment("backend"), |it| hook(it, "SUCCEEDED"));
    sim.until("its success", |sim| sim.newest_deployment("backend"), |it| it["status"] == "SUCCESSFUL");
    succeeded(&mut screen, "continue the rollout of backend");
}

/// An autoscaling range that is followed.
fn active(min: u64, max: u64) -> ScalingRange {
    ScalingRange { min, max, suspended: false }
}

/// An autoscaling range whose scaling is suspended.
fn suspended(min: u64, max: u64) -> ScalingRange {
    ScalingRange { min, max, suspended: true }
}

#[test]
fn the_autoscaling_range_is_moved_suspended_and_taken_back() {
    let sim = BINARY.sim(&["--speed", "20"]);
    let mut screen = watching(&sim, &[], 200, 60);
    let (before, frontend) = (sim.range("backend"), sim.range("frontend"));
    assert_eq!(before, active(2, 10));
    services(&mut screen);
    screen.send("a1-8\r");
    confirm(&mut screen);
    sim.until("1-8", |sim| sim.range("backend"), |it| *it == active(1, 8));
    succeeded(&mut screen, "autoscaling of backend: 1-8");
    screen.send("u");
    confirm(&mut screen);
    sim.until("2-10 again", |sim| sim.range("backend"), |it| *it == before);
    services(&mut screen);
    screen.send("\x1b2ap\r");
    confirm(&mut screen);
    sim.until("suspension", |sim| sim.range("backend"), |it| *it == suspended(2, 10));
    assert_eq!(sim.range("frontend"), frontend, "the other service's range was changed too");
    assert_eq!(desired(&sim.service("backend")), 2);
}

#[test]
fn the_scale_panel_leads_to_the_range_and_to_suspension() {
    let sim = BINARY.sim(&["--speed", "20"]);
    let mut screen = watching(&sim, &[], 200, 60);
    services(&mut screen);
    screen.send("s");
    screen.wait_for("tasks wanted");
    screen.send("12m\r");
    confirm(&mut screen);
    sim.until("2-12", |sim| sim.range("backend"), |it| *it == active(2, 12));
    screen.send("\x1b2s");
    screen.wait_for("tasks wanted");
    screen.send("5p\r");
    confirm(&mut screen);
    sim.until("suspension", |sim| sim.range("backend"), |it| *it == suspended(2, 12));
    assert_eq!(desired(&sim.service("backend")), 2, "the number of tasks was changed too");
}

#[test]
fn the_selected_task_is_stopped_and_no_other() {
    let sim = BINARY.sim(&["--speed", "20"]);
    let mut screen = watching(&sim, &[], 200, 60);
    let before = sim.tasks("backend");
    services(&mut screen);
    screen.send("lx");
    let plan = screen.wait_for("send it once");
    let chosen: Vec<&String> = before.iter().filter(|id| plan.contains(id.as_str())).collect();
    let &[chosen] = chosen.as_slice() else { panic!("{chosen:?} are in the plan:\n{plan}") };
    assert_eq!(sim.tasks("backend").len(), 2, "sent before it was confirmed");
    screen.send("y");
    let task = |sim: &Sim| sim.ecs("DescribeTasks", json!({"tasks": [chosen]}))["tasks"][0].take();
    let stopped = sim.until("its end", task, |it| it["lastStatus"] == "STOPPED");
    assert_eq!(stopped["stopCode"], "UserInitiated");
    let after = sim.until("another one", |sim| sim.tasks("backend"), |it| it.len() == 2);
    assert!(!after.contains(chosen), "{after:?}");
    assert!(before.iter().filter(|id| *id != chosen).all(|id| after.contains(id)), "{before:?} -> {after:?}");
    succeeded(&mut screen, "stop task");
}

#[test]
fn undo_scales_back_once() {
    let sim = BINARY.sim(&["--speed", "20"]);
    let mut screen = watching(&sim, &[], 200, 60);
    services(&mut screen);
    screen.send("s");
    screen.wait_for("tasks wanted");
    screen.send("4\r");
    confirm(&mut screen);
    sim.until("4 tasks", |sim| sim.service("backend"), |it| desired(it) == 4 && it["runningCount"] == 4);
    succeeded(&mut screen, "scale backend 2 -> 4");
    screen.send("u");
    let plan = screen.wait_for("send it once");
    assert!(plan.contains("4 → 2") && plan.contains("desiredCount=2"), "{plan}");
    assert_eq!(desired(&sim.service("backend")), 4, "sent before it was confirmed");
    screen.send("y");
    sim.until("2 tasks", |sim| sim.service("backend"), |it| desired(it) == 2 && it["runningCount"] == 2);
}
