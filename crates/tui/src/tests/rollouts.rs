//! Rollouts on the screen: under way, failing, gone back, held by a hook; and the choice of an image.

use super::fixture::{REGION, ago, clock, list, now, put, target, tg, viewing, with_view};
use super::{Theme, find, frame, panels, shot};
use chrono::TimeDelta;
use partybox_core::app::{self, Effect, ImageChoice, ImageSource, Key, KeyCode, Msg, Overlay, State, View};
use partybox_core::domain::*;
use ratatui::style::Color;
use std::collections::BTreeMap;
use std::sync::Arc;

const SMALL: (u16, u16) = (80, 24);
const USUAL: (u16, u16) = (120, 40);

fn revision(n: u32) -> String {
    format!("arn:aws:ecs:{REGION}:123456789012:service-revision/party-box/backend/{n}")
}

/// ECS's record of the rollout from revision 41 to 42.
fn record() -> ServiceDeployment {
    let tasks = |n, running, pending| RevisionTasks {
        arn: revision(n),
        requested: 2,
        running,
        pending,
        traffic: None,
    };
    ServiceDeployment {
        arn: format!("arn:aws:ecs:{REGION}:123456789012:service-deployment/party-box/backend/Dep42"),
        service: "backend".into(),
        status: "IN_PROGRESS".into(),
        strategy: Some("ROLLING".into()),
        created_at: Some(ago(150)),
        started_at: Some(ago(148)),
        updated_at: Some(ago(10)),
        target: Some(tasks(42, 1, 1)),
        sources: vec![tasks(41, 2, 0)],
        breaker: Some(Breaker {
            status: "MONITORING".into(),
            failures: 0,
            threshold: 3,
            ..Breaker::default()
        }),
        min_healthy_percent: Some(100),
        max_percent: Some(200),
        ..ServiceDeployment::default()
    }
}

/// The services view with a record of the backend's rollout, and the tasks changed.
fn state(record: ServiceDeployment, change: impl FnOnce(&mut State, &mut Vec<Task>)) -> State {
    let mut state = viewing(View::Services);
    put(&mut state, Topic::ServiceDeployments("backend".into()), Payload::ServiceDeployments(vec![record]));
    let made = |n: u32, tag: &str, digest: &str| ServiceRevision {
        arn: revision(n),
        task_definition: super::fixture::definition("backend", n),
        images: vec![RevisionImage {
            container: "backend".into(),
            reference: format!("123456789012.dkr.ecr.{REGION}.amazonaws.com/party-box/backend:{tag}"),
            digest: Some(format!("sha256:{}", digest.repeat(64))),
        }],
        created_at: Some(ago(150)),
    };
    put(
        &mut state,
        Topic::Revisions("backend".into()),
        Payload::Revisions(vec![made(41, "v1.8.3", "8"), made(42, "v1.9.0", "9")]),
    );
    let mut tasks = state.account.store.tasks("backend").map(|t| t.to_vec()).unwrap_or_default();
    change(&mut state, &mut tasks);
    put(&mut state, Topic::Tasks("backend".into()), Payload::Tasks(Arc::new(tasks)));
    state.account.party_box = PartyBox::join(&state.account.store);
    list(&mut state);
    state.account.rollouts.observe(&state.account.store, &state.account.party_box, "backend", clock());
    state
}

fn services(state: &mut State, change: impl FnOnce(&mut Service)) {
    let mut all = state.account.store.services().map(|s| s.to_vec()).unwrap_or_default();
    change(&mut all[0]);
    put(state, Topic::Services, Payload::Services(Arc::new(all)));
}

/// Nothing has failed yet: one new task starts, one answers its first health checks.
fn waiting() -> State {
    state(record(), |state, tasks| {
        tasks.retain(|t| t.last_status != "STOPPED");
        services(state, |s| s.deployments[0].failed = 0);
        let at = tasks.iter_mut().find(|t| t.ip.as_deref() == Some("10.0.2.11")).expect("a new task");
        at.started_at = Some(ago(8));
        let health = vec![
            target("10.0.2.11", 'a', "initial", None),
            target("10.0.2.13", 'a', "healthy", None),
            target("10.0.4.14", 'c', "healthy", None),
        ];
        put(state, Topic::TargetHealth(tg("party-box-backend")), Payload::TargetHealth(health));
    })
}

/// New tasks end with exit code 1 and have said why.
fn failing() -> State {
    let breaker =
        Some(Breaker { status: "MONITORING".into(), failures: 2, threshold: 3, ..Breaker::default() });
    state(ServiceDeployment { breaker, ..record() }, |state, tasks| {
        let stopped = tasks.iter_mut().find(|t| t.last_status == "STOPPED").expect("a stopped task");
        stopped.stopped_reason = Some("Essential container in task exited".into());
        stopped.containers[0].exit_code = Some(1);
        let second = Task { id: "9000beef".into(), stopped_at: Some(ago(90)), ..stopped.clone() };
        let line = |seconds, text: &str| LogLine { at: ago(seconds), text: text.into() };
        let log = vec![
            line(48, "listening on 3000"),
            line(46, "\u{1b}[31mError: connect ECONNREFUSED 10.0.5.10:5432"),
            line(46, "パーティーを始められません"),
        ];
        put(state, Topic::TaskLog(stopped.id.clone()), Payload::TaskLog(log));
        tasks.push(second);
        let event = ServiceEvent {
            id: "e2".into(),
            at: ago(44),
            message: "(service backend) (deployment ecs-svc/42) deployment failed: tasks failed to start."
                .into(),
        };
        services(state, |s| s.events.insert(0, event));
        let arn = super::fixture::definition("backend", 42);
        let mut new = state.account.store.task_definition(&arn).expect("it is read").clone();
        new.cpu = Some(512);
        new.containers[0].environment_names.push("FEATURE_DANCE".into());
        put(state, Topic::TaskDefinition(arn), Payload::TaskDefinition(new));
    })
}

/// The breaker went back to revision 41.
fn rolled_back() -> State {
    let record = ServiceDeployment {
        status: "ROLLBACK_SUCCESSFUL".into(),
        breaker: Some(Breaker {
            status: "TRIGGERED".into(),
            failures: 3,
            threshold: 3,
            ..Breaker::default()
        }),
        rollback: Some(Rollback {
            reason: Some(
                "Service deployment rolled back because the circuit breaker threshold was exceeded.".into(),
            ),
            started_at: Some(ago(60)),
            revision: Some(revision(41)),
        }),
        finished_at: Some(ago(20)),
        ..record()
    };
    state(record, |state, tasks| {
        tasks.retain(|t| t.started_by.as_deref() == Some("ecs-svc/41") || t.last_status == "STOPPED");
        services(state, |s| {
            s.deployments.remove(0);
            s.deployments[0].status = "PRIMARY".into();
            s.running = 2;
        });
    })
}

/// A PAUSE hook holds a blue/green deployment.
fn held() -> State {
    let hook = Hook {
        id: Some("hook-1".into()),
        kind: "PAUSE".into(),
        stages: vec!["POST_TEST_TRAFFIC_SHIFT".into()],
        status: Some("AWAITING_ACTION".into()),
        expires_at: Some(clock() + TimeDelta::hours(20)),
        ..Hook::default()
    };
    let record = ServiceDeployment {
        strategy: Some("BLUE_GREEN".into()),
        stage: Some("POST_TEST_TRAFFIC_SHIFT".into()),
        bake_minutes: Some(5),
        hooks: vec![hook],
        breaker: None,
        alarms: Some(DeployAlarms {
            status: "MONITORING".into(),
            names: vec!["backend-5xx".into()],
            triggered: vec![],
        }),
        ..record()
    };
    state(record, |state, tasks| {
        tasks.retain(|t| matches!(t.last_status.as_str(), "RUNNING"));
        services(state, |s| {
            s.strategy = Some("BLUE_GREEN".into());
            s.deployments[0].failed = 0;
        });
        let healthy = ["10.0.2.11", "10.0.2.13", "10.0.4.14"];
        let health =
            healthy.map(|ip| target(ip, if ip.contains(".2.") { 'a' } else { 'c' }, "healthy", None));
        put(state, Topic::TargetHealth(tg("party-box-backend")), Payload::TargetHealth(health.to_vec()));
    })
}

fn choosing() -> State {
    let mut state = waiting();
    let image = |digest: &str, tags: &[&str], seconds, scan| EcrImage {
        digest: format!("sha256:{}", digest.repeat(64)),
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
        pushed_at: Some(ago(seconds)),
        size_bytes: Some(187_432_960),
        scan,
        ..EcrImage::default()
    };
    let done = |status: &str, critical| Scan::Done {
        status: status.into(),
        at: Some(ago(100)),
        counts: BTreeMap::from([("CRITICAL".to_owned(), critical), ("LOW".to_owned(), 14)]),
        findings: vec![],
    };
    let images = vec![
        image("a", &["v1.9.1", "latest"], 600, Scan::Never),
        image("9", &["v1.9.0"], 9000, done("COMPLETE", 0)),
        image("8", &["v1.8.3"], 200_000, done("COMPLETE", 1)),
        image("7", &[], 300_000, done("IN_PROGRESS", 0)),
    ];
    let repository = "party-box/backend".to_owned();
    put(
        &mut state,
        Topic::Candidates("123456789012".into(), repository.clone()),
        Payload::Candidates(images),
    );
    state.screen.overlay = Overlay::Choose(Box::new(ImageChoice {
        service: "backend".into(),
        source: Some(ImageSource {
            container: "backend".into(),
            registry: "123456789012".into(),
            reference: format!("123456789012.dkr.ecr.{REGION}.amazonaws.com/{repository}"),
            repository,
            architecture: None,
        }),
        chosen: Some(format!("sha256:{}", "8".repeat(64))),
        ..ImageChoice::default()
    }));
    state
}

/// Linear: half of the traffic is shifted.
fn shifting() -> State {
    let record = ServiceDeployment {
        strategy: Some("LINEAR".into()),
        stage: Some("PRODUCTION_TRAFFIC_SHIFT".into()),
        steps: Some(TrafficSteps { permille: 250, minutes: 3 }),
        bake_minutes: Some(5),
        updated_at: Some(ago(80)),
        ..record()
    };
    let to = record.target.clone().map(|to| RevisionTasks { traffic: Some(500), ..to });
    state(ServiceDeployment { target: to, ..record }, |state, tasks| {
        tasks.retain(|task| task.last_status == "RUNNING");
        let health = ["10.0.2.11", "10.0.2.13", "10.0.4.14"].map(|ip| target(ip, 'a', "healthy", None));
        put(state, Topic::TargetHealth(tg("party-box-backend")), Payload::TargetHealth(health.to_vec()));
    })
}

/// Every state of a rollout, and the choice of an image.
pub(super) fn each() -> Vec<State> {
    let views = [waiting(), failing(), rolled_back(), held(), shifting()];
    let overviews = views.clone().map(|state| with_view(state, View::Overview));
    views.into_iter().chain(overviews).chain([choosing()]).collect()
}

/// The plan that keys open, by what the program itself makes of them.
fn planned(mut state: State, keys: &str) -> State {
    for c in keys.chars() {
        let key = if c == '\n' { Key::plain(KeyCode::Enter) } else { Key::char(c) };
        let effects = app::update(&mut state, Msg::Key(key), now());
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::SendOperation { .. })), "it was sent");
    }
    state
}

#[test]
fn plans_of_deploys_tasks_and_ranges() {
    let plans = [
        ("range", planned(waiting(), "a3-12p\n"), "RegisterScalableTarget"),
        ("stop_task", planned(waiting(), "lx"), "StopTask"),
        ("deploy", planned(choosing(), "j\n"), "RegisterTaskDefinition"),
        ("stop_rollout", planned(waiting(), "b"), "StopServiceDeployment"),
        ("continue", planned(held(), "c"), "ContinueServiceDeployment"),
    ];
    for (name, state, call) in plans {
        let shown = shot(&state, USUAL);
        assert!(shown.contains(call), "{name}: {shown}");
        insta::assert_snapshot!(format!("plan_{name}_120x40"), panels(&state, USUAL, &["plan"]));
        insta::assert_snapshot!(format!("plan_{name}_80x24"), panels(&state, SMALL, &["plan"]));
    }
}

#[test]
fn each_state_of_a_rollout_in_two_sizes() {
    let states = [
        ("waiting", waiting(), "rollout"),
        ("failing", failing(), "rollout"),
        ("rolled_back", rolled_back(), "deployment"),
        ("held", held(), "rollout"),
        ("shifting", shifting(), "rollout"),
    ];
    for (name, state, title) in states {
        insta::assert_snapshot!(format!("{name}_80x24"), panels(&state, SMALL, &[title, "tasks"]));
        insta::assert_snapshot!(format!("{name}_120x40"), panels(&state, USUAL, &[title, "tasks"]));
        let overview = with_view(state, View::Overview);
        insta::assert_snapshot!(format!("{name}_overview_120x40"), panels(&overview, USUAL, &[title]));
    }
}

#[test]
fn little_room_keeps_the_verdict_what_it_waits_for_and_the_reason() {
    let shown = shot(&waiting(), SMALL);
    assert!(shown.contains("under way") && shown.contains("1 starting"), "{shown}");
    assert!(shown.contains("waiting for health checks of 1"), "{shown}");
    let shown = shot(&failing(), SMALL);
    assert!(
        shown.contains("✖ 2 tasks  Essential container in task exited (backend: exit code 1)"),
        "{shown}"
    );
    assert!(shot(&rolled_back(), SMALL).contains("▲ rolled back"));
    let shown = shot(&held(), SMALL);
    assert!(shown.contains("c continues, b rolls back") && shown.contains("20h until"), "{shown}");
}

#[test]
fn a_rollback_and_a_held_rollout_are_warnings() {
    let buffer = frame(&rolled_back(), USUAL, Theme::default());
    assert_eq!(find(&buffer, "▲ rolled back").fg, Color::Yellow);
    let buffer = frame(&held(), USUAL, Theme::default());
    assert_eq!(find(&buffer, "▲ awaiting your answer").fg, Color::Yellow);
    let shown = shot(&held(), USUAL);
    assert!(shown.contains("c continue") && shown.contains("blue/green"), "{shown}");
}

#[test]
fn a_failing_task_is_told_with_its_last_log_lines_and_no_escape() {
    let shown = shot(&failing(), USUAL);
    for wanted in ["Error: connect ECONNREFUSED", "2 of 3 failures", "パーティー", "variable FEATURE_DANCE"]
    {
        assert!(shown.contains(wanted), "{wanted} is missing:\n{shown}");
    }
    assert!(!shown.contains('\u{1b}') && !shown.contains("[31m"), "{shown}");
}

#[test]
fn a_verdict_without_service_deployments_says_that_it_is_weaker() {
    let mut state = viewing(View::Services);
    let topic = Topic::ServiceDeployments("backend".into());
    super::fixture::fail(&mut state, &topic, ErrorKind::Unsupported, "ecs:ListServiceDeployments", "unknown");
    state.account.rollouts.observe(&state.account.store, &state.account.party_box, "backend", clock());
    assert!(shot(&state, USUAL).contains("▲ a weaker verdict"), "{}", shot(&state, USUAL));
}

#[test]
fn images_to_choose_from_show_their_scans() {
    let state = choosing();
    let shown = shot(&state, USUAL);
    for wanted in ["now v1.9.0", "never scanned", "C1 H0 M0 L14", "in progress", "untagged"] {
        assert!(shown.contains(wanted), "{wanted} is missing:\n{shown}");
    }
    insta::assert_snapshot!("choosing_image_80x24", panels(&state, SMALL, &["choose"]));
    insta::assert_snapshot!("choosing_image_120x40", panels(&state, USUAL, &["choose"]));
}
