//! Rollouts on the whole path: read, followed, told; and the keys that act on them.

use super::build::Script;
use crate::app::{KeyCode, Msg, Overlay, Source};
use crate::domain::samples::{at, deployment, error, record, record_arn, revision, target, task};
use crate::domain::{
    CallError, EcrImage, ErrorKind, Hook, Level, LogLine, Query, RevisionTasks, ScalingRange,
    ServiceRevision, Task, Topic,
};
use crate::operation::{Accepted, Action, Draft, OperationStage, Verdict};

const NEW: &str = "ecs-svc/backend-2";

fn revision_arn(number: u32) -> String {
    format!("arn:aws:ecs:ap-northeast-1:123456789012:service-revision/party-box/backend/{number}")
}

/// Version 8 of backend begins to roll out now.
fn begin(script: &mut Script) {
    let now = i64::try_from(script.mono.as_secs()).expect("a short run");
    let account = &mut script.account;
    let mut new = deployment(NEW, "PRIMARY", "IN_PROGRESS");
    new.task_definition = revision("backend", 8);
    new.created_at = Some(at(now));
    let service = account.service("backend");
    service.deployments[0].status = "ACTIVE".into();
    service.deployments.insert(0, new);
    let mut it = record("second", "IN_PROGRESS", now);
    it.target = Some(RevisionTasks { arn: revision_arn(8), ..RevisionTasks::default() });
    account.records.insert("backend".into(), vec![it]);
    account.revisions = vec![ServiceRevision {
        arn: revision_arn(8),
        task_definition: revision("backend", 8),
        ..ServiceRevision::default()
    }];
    let mut definition = account.definitions[&revision("backend", 7)].clone();
    definition.arn = revision("backend", 8);
    definition.containers[0].log_group = Some("/ecs/backend".into());
    definition.containers[0].log_prefix = Some("ecs".into());
    account.definitions.insert(revision("backend", 8), definition);
    for n in [3, 4] {
        account.tasks_of("backend").push(task("backend", n, NEW));
        account.targets_of("backend").push(target("backend", n, "initial"));
    }
}

/// It is out.
fn finish(script: &mut Script, status: &str) {
    let account = &mut script.account;
    account.records.get_mut("backend").expect("there")[0].status = status.into();
    let service = account.service("backend");
    service.deployments.truncate(1);
    service.deployments[0].rollout_state = Some("COMPLETED".into());
    account.tasks_of("backend").drain(..2);
    account.targets_of("backend").drain(..2);
    account.targets_of("backend").iter_mut().for_each(|t| t.state = "healthy".into());
}

#[test]
fn a_rollout_that_somebody_else_began_is_told_once_when_it_ends() {
    let mut script = Script::watching();
    begin(&mut script);
    script.run(60);
    assert_eq!(script.state.account.health.level, Level::Busy, "{}", script.state.account.health.headline);
    assert_eq!(script.told, []);
    finish(&mut script, "SUCCESSFUL");
    script.run(10);
    assert_eq!(script.told, [("backend".to_owned(), "rollout to backend:8 succeeded".to_owned())]);
    let entry = script.state.timeline.entries().iter().find(|e| e.text.contains("succeeded")).expect("told");
    assert_eq!((entry.source, entry.level), (Source::Readings, Level::Good));
    script.run(600);
    assert_eq!(script.told.len(), 1);
}

#[test]
fn while_it_runs_it_is_read_closely_within_a_fifth_of_each_limit() {
    let mut script = Script::watching();
    begin(&mut script);
    script.run(11);
    let start = script.mono;
    script.run(60);
    let count = |topic: &Topic| script.count(start, topic);
    // (topic, requests each, at most every so many seconds, published refill per second)
    let table = [
        (Topic::ServiceDeployments("backend".into()), 2, 2, 20),
        (Topic::Tasks("backend".into()), 3, 3, 20),
        (Topic::Services, 2, 3, 20),
        (Topic::TargetHealth(crate::domain::samples::group_arn("backend")), 1, 3, 10),
    ];
    for (topic, requests, every, refill) in table {
        let polls = count(&topic);
        assert!(polls >= 60 / every - 1, "{topic:?}: {polls}");
        assert!(polls * requests * 5 <= 60 * refill, "{topic:?}: {polls} a minute");
    }
    assert_eq!(count(&Topic::ServiceDeployments("frontend".into())), 1, "the other one is calm");
    assert!(count(&Topic::Revisions("backend".into())) <= 1, "a revision never changes");
}

#[test]
fn a_redeploy_is_followed_by_its_own_record() {
    for (status, verdict) in [
        ("SUCCESSFUL", Verdict::Succeeded),
        ("ROLLBACK_SUCCESSFUL", Verdict::RolledBack("it did not come up".into())),
    ] {
        let mut script = Script::watching();
        script.keys("r\ny");
        begin(&mut script);
        script.acted(Ok(Accepted::Redeployed(Some(NEW.into()))));
        script.run(60);
        assert_eq!(script.state.operations[0].stage, OperationStage::Following);
        finish(&mut script, status);
        let record = &mut script.account.records.get_mut("backend").expect("there")[0];
        record.status_reason = Some("it did not come up".into());
        script.run(10);
        assert_eq!(script.state.operations[0].stage, OperationStage::Ended(verdict), "{status}");
        assert_eq!(script.told.len(), 1);
    }
}

#[test]
fn an_endpoint_without_service_deployments_gives_a_weaker_verdict_and_says_so() {
    let mut script = Script::watching();
    script.account.lacking = true;
    script.state.account.store.slot_mut(&Topic::ServiceDeployments("backend".into())).payload = None;
    begin(&mut script);
    script.run(70);
    finish(&mut script, "SUCCESSFUL");
    script.run(10);
    assert!(script.told[0].1.contains("deployments[] alone"), "{:?}", script.told);
    assert!(
        script
            .state
            .account
            .health
            .findings
            .iter()
            .any(|f| f.text.contains("are weaker") && f.level == Level::Idle)
    );
}

#[test]
fn the_log_of_a_failed_task_is_read_from_its_own_stream() {
    let mut script = Script::watching();
    begin(&mut script);
    let mut dead = Task {
        last_status: "STOPPED".into(),
        desired_status: "STOPPED".into(),
        stop_code: Some("EssentialContainerExited".into()),
        stopped_reason: Some("Essential container in task exited".into()),
        stopped_at: Some(at(12)),
        task_definition: revision("backend", 8),
        ..task("backend", 9, NEW)
    };
    dead.containers[0].exit_code = Some(1);
    script.account.tasks_of("backend").push(dead);
    let line = LogLine { at: at(11), text: "cannot reach the database".into() };
    script.account.logs.insert("ecs/app/backend-9".into(), vec![line.clone()]);
    script.run(30);
    let slot = script.state.account.store.slot(&Topic::TaskLog("backend-9".into())).expect("asked");
    assert!(
        matches!(&slot.asked, Some(Query::TaskLog { group, stream, .. }) if group == "/ecs/backend" && stream == "ecs/app/backend-9")
    );
    let rollout = script.state.account.rollouts.newest("backend").expect("followed");
    assert_eq!(rollout.failures[0].log, [line]);
}

fn candidates() -> Vec<EcrImage> {
    ["sha256:new", "sha256:older"]
        .map(|digest| EcrImage { digest: digest.into(), ..EcrImage::default() })
        .into()
}

#[test]
fn another_image_is_chosen_read_and_deployed_by_its_digest() {
    let mut script = Script::watching();
    script.account.candidates = candidates();
    let asked = |s: &Script| s.asked.iter().any(|(_, t)| matches!(t, Topic::Candidates(..)));
    script.run(20);
    assert!(!asked(&script), "only while one is chosen");
    script.keys("r");
    script.settle();
    assert!(asked(&script));
    script.keys("jj");
    // A newer one is pushed: the choice stays on its image.
    let pushed = EcrImage { digest: "sha256:newest".into(), ..EcrImage::default() };
    script.account.candidates.insert(0, pushed);
    script.run(61);
    script.keys("\n");
    assert!(script.plan().plan.is_ok(), "{:?}", script.plan().plan);
    script.keys("y");
    assert!(
        matches!(&script.acts[..], [(_, Action::Deploy { image, container, .. })]
            if image.ends_with("/party-box/backend@sha256:older") && container == "app"),
        "{:?}",
        script.acts
    );
}

#[test]
fn the_first_row_forces_a_new_deployment_and_esc_leaves() {
    let mut script = Script::watching();
    script.account.candidates = candidates();
    script.keys("r");
    script.settle();
    script.keys("jk\ny");
    assert!(matches!(script.acts[..], [(_, Action::Redeploy { .. })]));
    for keys in ["r\x1b", "rq", "rj\x1b", "ryyy\x1b"] {
        let mut script = Script::watching();
        script.keys(keys);
        assert_eq!((script.state.screen.overlay.clone(), script.acts.len()), (Overlay::None, 0), "{keys:?}");
    }
}

#[test]
fn b_stops_what_is_in_flight_and_c_answers_a_hook() {
    let mut script = Script::watching();
    script.keys("b");
    assert!(script.plan().plan.is_err(), "nothing is known to go back to");
    script.keys("\x1b");
    begin(&mut script);
    script.run(11);
    script.keys("by");
    let arn = record_arn("backend", "second");
    assert!(matches!(&script.acts[..], [(_, Action::StopRollout { deployment, .. })] if *deployment == arn));

    let mut script = Script::watching();
    begin(&mut script);
    script.keys("c");
    assert!(script.plan().plan.is_err());
    script.keys("\x1b");
    let hook = Hook { id: Some("h".into()), status: Some("AWAITING_ACTION".into()), ..Hook::default() };
    script.account.records.get_mut("backend").expect("there")[0].hooks = vec![hook];
    script.run(11);
    assert_eq!(script.state.account.health.level, Level::Warn, "{}", script.state.account.health.headline);
    script.keys("cyby");
    let sent: Vec<bool> =
        script.acts.iter().map(|(_, a)| matches!(a, Action::Continue { go_on: true, .. })).collect();
    assert_eq!(sent, [true, false]);
}

#[test]
fn a_task_is_stopped_only_where_it_is_seen_to_be_selected() {
    let mut script = Script::watching();
    script.keys("x2x");
    assert_eq!(script.state.screen.overlay, Overlay::None);
    assert!(script.notice().contains("select a task"), "{}", script.notice());
    script.keys("ljxy");
    let id = script.state.services_view_node().map(|n| n.task(&n.rows[1]).id.clone()).expect("a task");
    assert!(matches!(&script.acts[..], [(_, Action::StopTask { task, .. })] if *task == id));
}

#[test]
fn a_range_is_typed_suspended_or_reached_from_the_number_of_tasks() {
    let range = |min, max, suspended| Some(ScalingRange { min, max, suspended });
    let table: [(&str, Option<ScalingRange>); 8] = [
        ("a3-9\ny", range(3, 9, false)),
        ("ap\ny", range(2, 6, true)),
        ("s12m\ny", range(2, 12, false)),
        ("s1m\ny", range(1, 6, false)),
        ("s9p\ny", range(2, 6, true)),
        ("a9-3\ny", None),
        ("a\ny", None),
        ("a3-9\n\x1b\x1b", None),
    ];
    for (keys, meant) in table {
        let mut script = Script::watching();
        script.keys(keys);
        let sent = script.acts.iter().map(|(_, a)| match a {
            Action::Range { from: ScalingRange { min: 2, max: 6, suspended: false }, to, .. } => *to,
            other => panic!("{keys:?}: {other:?}"),
        });
        assert_eq!(sent.collect::<Vec<_>>(), meant.into_iter().collect::<Vec<_>>(), "{keys:?}");
    }
    let mut script = Script::watching();
    script.account.scaling.clear();
    script.run(61);
    script.keys("a");
    assert!(script.notice().contains("not registered"));
}

#[test]
fn u_offers_the_inverse_of_what_ended_last() {
    let mut script = Script::watching();
    script.keys("u");
    assert!(script.notice().contains("nothing was done"));
    script.keys("s3\ny");
    let service = script.account.service("backend");
    (service.desired, service.running) = (3, 3);
    script.account.targets_of("backend").push(target("backend", 3, "healthy"));
    script.acted(Ok(Accepted::Scaled(3)));
    script.run(20);
    assert!(matches!(script.state.operations[0].stage, OperationStage::Ended(Verdict::Succeeded)));
    script.keys("uy");
    assert!(matches!(script.acts[1].1, Action::Scale { from: 3, to: 2, .. }), "{:?}", script.acts);

    let mut script = Script::watching();
    script.keys("Fparty-box-db\n");
    script.acted(Err(error(ErrorKind::Unclear)));
    script.keys("u");
    assert!(script.notice().contains("not taken back"), "{}", script.notice());
    assert_eq!(script.state.screen.overlay, Overlay::None);
}

#[test]
fn a_denied_action_is_remembered_in_the_next_plan() {
    let mut script = Script::watching();
    script.keys("s3\ny");
    // Another call was denied, the look before: that says nothing of this one.
    script.acted(Err(error(ErrorKind::Denied)));
    script.keys("s3\n");
    let plan = script.plan().plan.as_ref().expect("a plan");
    assert!(!plan.checks.iter().any(|c| c.text.contains("was denied")), "{:?}", plan.checks);
    script.keys("y");
    script.acted(Err(CallError { action: "ecs:UpdateService".into(), ..error(ErrorKind::Denied) }));
    script.keys("r\n");
    let plan = script.plan().plan.as_ref().expect("a plan");
    assert!(plan.checks.iter().any(|c| c.text.contains("ecs:UpdateService was denied")), "{:?}", plan.checks);
}

#[test]
fn a_countdown_is_shown_second_by_second() {
    let mut script = Script::watching();
    begin(&mut script);
    for group in &mut script.account.groups {
        (group.check_interval, group.healthy_threshold) = (30, 5);
    }
    for task in script.account.tasks_of("backend") {
        task.started_at = Some(at(20));
    }
    script.state.account.store.slot_mut(&Topic::TargetGroups).due = std::time::Duration::ZERO;
    script.send(Msg::Tick);
    script.settle();
    script.run(30);
    script.hang = true;
    let before = script.state.account.health.headline.clone();
    assert!(before.contains("waiting for health checks of 2, about"), "{before}");
    script.run(3);
    assert_ne!(script.state.account.health.headline, before);
}

#[test]
fn a_plan_that_turns_from_stopping_into_going_back_asks_again() {
    let mut script = Script::watching();
    begin(&mut script);
    script.run(11);
    script.keys("b");
    assert!(matches!(&script.plan().draft, Draft::RollBack { service } if service == "backend"));
    finish(&mut script, "SUCCESSFUL");
    script.run(10);
    script.keys("yy");
    assert_eq!(script.acts, [], "the rollout that was asked about has ended");
    script.code(KeyCode::Esc);
}
