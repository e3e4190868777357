//! Plans, confirmations, and what is sent: once, or not at all.

use super::build::Script;
use crate::app::{Fold, KeyCode, Msg, Overlay, Source, Step};
use crate::domain::samples::{DB, deployment, error, failover_event, target};
use crate::domain::{ErrorKind, Level, Topic};
use crate::operation::{Accepted, Action, Draft, OperationStage, Verdict};

fn scale(to: u32) -> Action {
    Action::Scale { cluster: "party-box".into(), service: "backend".into(), from: 2, to }
}

fn stage(script: &Script) -> &OperationStage {
    &script.state.operations[0].stage
}

fn told(script: &Script) -> (Level, &str) {
    let entry = script.state.timeline.entries().iter().find(|e| e.source == Source::Operator).expect("told");
    (entry.level, entry.text.as_str())
}

#[test]
fn a_number_is_typed_confirmed_and_sent_once() {
    for (keys, to) in [
        ("s4\ny", 4),
        ("s12\ny", 12),
        ("s+++-\ny", 4),
        ("skk\ny", 4),
        ("s\u{7f}", 2),
        ("s+9\nY", 9),
        ("syyy5\nxy", 5),
    ] {
        let mut script = Script::watching();
        if keys == "s\u{7f}" {
            script.keys("s");
            script.code(KeyCode::Backspace);
            script.keys("6\ny");
            assert_eq!(script.acts, [(script.acts[0].0, scale(6))]);
            continue;
        }
        script.keys(keys);
        let actions: Vec<&Action> = script.acts.iter().map(|a| &a.1).collect();
        assert_eq!(actions, [&scale(to)], "{keys:?}");
        assert_eq!(script.state.screen.overlay, Overlay::None);
        assert_eq!(*stage(&script), OperationStage::Sending);
        assert_eq!(told(&script).1, format!("scale backend 2 -> {to}: sent"));
    }
}

#[test]
fn what_is_not_confirmed_is_not_sent() {
    for keys in [
        "s4",
        "s4\n",
        "s4\nn",
        "s4\nN",
        "s4\nq",
        "s4\n\x1b",
        "s4\n\x1b\x1b",
        "s4\n\n",
        "sy",
        "s\ny",
        "s9999\ny\x1b",
        "s2\ny",
        "ry",
        "r\nn",
        "r\x1b",
        "r\n",
        "r\n\x1b",
        "F",
        "F\n",
        "Fy",
        "Fparty\n",
        "Fparty-box-db",
        "Fparty-box-db-replica\n",
        "Fparty-box-db\x1b",
    ] {
        let mut script = Script::watching();
        script.keys(keys);
        if keys == "s9999\ny\x1b" {
            assert_eq!(script.acts, [], "ECS runs at most 5000 tasks");
            continue;
        }
        assert_eq!(script.acts, [], "{keys:?}");
        assert_eq!(script.state.operations, [], "{keys:?}");
    }
}

#[test]
fn scaling_to_zero_asks_for_the_name() {
    let mut script = Script::watching();
    script.keys("s0\ny\n");
    assert_eq!(script.acts, []);
    assert!(script.notice().contains("nothing was sent"));
    script.code(KeyCode::Backspace);
    script.keys("backend\n");
    assert_eq!(script.acts[0].1, scale(0));
}

#[test]
fn a_failover_needs_the_exact_name() {
    let mut script = Script::watching();
    script.keys("Fparty-box-d\n");
    assert_eq!(script.acts, []);
    assert!(script.notice().contains("not the name"));
    script.keys("b\n\n\n");
    let meant = Action::Failover { database: DB.into(), zone: Some("ap-northeast-1a".into()) };
    assert_eq!(script.acts.iter().map(|a| &a.1).collect::<Vec<_>>(), [&meant], "once");

    let mut script = Script::watching();
    script.keys("F");
    script.send(Msg::Paste(format!("{DB}\n")));
    assert_eq!(script.acts, [], "a paste alone sends nothing");
    script.keys("\n");
    assert_eq!(script.acts.len(), 1);
}

#[test]
fn a_held_key_sends_once() {
    let mut script = Script::watching();
    script.keys("r\nyyyyyyyy");
    assert_eq!(script.acts.len(), 1);
    assert!(matches!(&script.acts[0].1, Action::Redeploy { primary, .. } if primary == "ecs-svc/backend-1"));
}

#[test]
fn a_blocked_plan_cannot_be_sent_and_is_left_by_n() {
    type Change = fn(&mut Script);
    let table: [(&str, &str, Change); 8] = [
        ("read-only scale", "s4\ny", |s| s.state.session.read_only = true),
        ("read-only redeploy", "r\ny", |s| s.state.session.read_only = true),
        ("read-only failover", "Fparty-box-db\n", |s| s.state.session.read_only = true),
        ("controller", "r\ny", |s| s.account.service("backend").controller = "CODE_DEPLOY".into()),
        ("single", "Fparty-box-db\n", |s| s.account.writer().multi_az = false),
        ("replica", "4jFparty-box-db-replica\n", |_| {}),
        ("status", "Fparty-box-db\n", |s| s.account.writer().status = "modifying".into()),
        ("who", "r\ny", |s| {
            s.faults.push((|t| *t == Topic::Identity, error(ErrorKind::Denied)));
            s.state.account.store.slot_mut(&Topic::Identity).payload = None;
        }),
    ];
    for (name, keys, change) in table {
        let mut script = Script::watching();
        change(&mut script);
        script.run(31);
        script.keys(keys);
        assert!(script.plan().plan.as_ref().is_ok_and(crate::operation::Plan::blocked), "{name}");
        assert_eq!(script.acts, [], "{name}");
        script.keys("n");
        assert_eq!(script.state.screen.overlay, Overlay::None, "{name}");
    }
}

#[test]
fn what_has_become_too_old_is_not_sent_though_nothing_came_to_say_so() {
    let mut script = Script::watching();
    script.keys("s4\n");
    script.hang = true;
    script.mono += std::time::Duration::from_secs(241);
    script.keys("y");
    assert_eq!(script.acts, []);
}

#[test]
fn a_plan_that_changes_under_the_finger_asks_again() {
    // Someone else scales while our question is open.
    let mut script = Script::watching();
    script.keys("s4\n");
    script.account.service("backend").desired = 3;
    script.run(11);
    script.keys("yyy");
    assert_eq!(script.acts, [], "3 -> 4 was never asked");
    script.keys("\ny");
    assert!(matches!(script.acts[..], [(_, Action::Scale { from: 3, to: 4, .. })]));

    // Someone else deploys.
    let mut script = Script::watching();
    script.keys("r\n");
    script.account.service("backend").deployments =
        vec![deployment("ecs-svc/backend-5", "PRIMARY", "COMPLETED")];
    script.run(11);
    script.keys("yyy");
    assert_eq!(script.acts, []);
    assert!(script.notice().contains("changed"), "{}", script.notice());
    script.keys("\ny");
    assert!(
        matches!(&script.acts[..], [(_, Action::Redeploy { primary, .. })] if primary == "ecs-svc/backend-5")
    );

    // The writer moves while its name is typed.
    let mut script = Script::watching();
    script.keys("Fparty-box-db");
    script.account.writer().zone = Some("ap-northeast-1d".into());
    script.run(31);
    script.keys("\n\n");
    assert_eq!(script.acts, [], "what was typed is gone");
    script.keys("party-box-db\n");
    assert!(
        matches!(&script.acts[..], [(_, Action::Failover { zone, .. })] if zone.as_deref() == Some("ap-northeast-1d"))
    );

    // What was blocked becomes possible.
    let mut script = Script::watching();
    script.account.writer().status = "modifying".into();
    script.run(31);
    script.keys("F");
    script.account.writer().status = "available".into();
    script.run(31);
    script.keys("party-box-db\n");
    assert_eq!(script.acts, []);
    script.keys("\nparty-box-db\n");
    assert_eq!(script.acts.len(), 1);
}

#[test]
fn a_service_that_goes_away_takes_its_plan_along() {
    let mut script = Script::watching();
    script.keys("r\n");
    script.account.services.retain(|s| s.name != "backend");
    script.run(11);
    script.keys("y\n");
    assert!(script.plan().plan.is_err());
    assert_eq!(script.acts, []);
}

#[test]
fn a_request_without_an_answer_is_unclear_and_never_sent_again() {
    let mut script = Script::watching();
    script.keys("s4\ny");
    script.acted(Err(error(ErrorKind::Unclear)));
    assert!(matches!(stage(&script), OperationStage::Ended(Verdict::Unclear(_))));
    assert!(told(&script).1.contains("not sent again"), "{}", told(&script).1);
    script.run(1500);
    assert_eq!(script.acts.len(), 1);
}

#[test]
fn a_refusal_is_told_with_its_reason() {
    let kinds = [
        ErrorKind::Refused,
        ErrorKind::Denied,
        ErrorKind::Service,
        ErrorKind::Throttled,
        // The look before sending failed.
        ErrorKind::Unreachable,
        ErrorKind::Unsupported,
    ];
    for kind in kinds {
        let mut script = Script::watching();
        script.keys("r\ny");
        script.acted(Err(error(kind)));
        assert!(matches!(stage(&script), OperationStage::Ended(Verdict::Refused(_))), "{kind:?}");
        assert_eq!(
            told(&script),
            (Level::Bad, "redeploy backend: refused: it did not work; try something else")
        );
    }
}

#[test]
fn a_scale_is_followed_to_its_end_from_the_very_next_reading() {
    let mut script = Script::watching();
    script.keys("s3\ny");
    let service = script.account.service("backend");
    (service.desired, service.running) = (3, 3);
    script.account.targets_of("backend").push(target("backend", 3, "healthy"));
    script.run(4);
    assert_eq!(*stage(&script), OperationStage::Sending, "not accepted yet: what is read tells nothing");
    script.acted(Ok(Accepted::Scaled(3)));
    assert_eq!(*stage(&script), OperationStage::Ended(Verdict::Succeeded));
    assert_eq!(told(&script), (Level::Good, "scale backend 2 -> 3: succeeded after 4s"));
}

#[test]
fn a_second_answer_to_the_same_request_changes_nothing() {
    let mut script = Script::watching();
    script.keys("r\ny");
    script.acted(Err(error(ErrorKind::Refused)));
    let ended = stage(&script).clone();
    script.acted(Ok(Accepted::Redeployed(None)));
    assert_eq!(*stage(&script), ended);
}

#[test]
fn a_redeploy_is_told_as_rolled_back() {
    let mut script = Script::watching();
    script.account.lacking = true;
    script.keys("r\ny");
    script.acted(Ok(Accepted::Redeployed(Some("ecs-svc/backend-2".into()))));
    let service = script.account.service("backend");
    service.deployments.insert(0, deployment("ecs-svc/backend-2", "PRIMARY", "IN_PROGRESS"));
    service.deployments[1].status = "ACTIVE".into();
    script.run(30);
    assert_eq!(*stage(&script), OperationStage::Following);
    let service = script.account.service("backend");
    service.deployments.swap(0, 1);
    service.deployments[0].status = "PRIMARY".into();
    service.deployments[0].rollout_state = Some("IN_PROGRESS".into());
    service.deployments[1].status = "ACTIVE".into();
    service.deployments[1].rollout_state = Some("FAILED".into());
    let rolling_back = "(service backend) rolling back to deployment ecs-svc/backend-1.";
    service.events.insert(0, crate::domain::samples::event(40, rolling_back));
    script.run(4);
    assert!(matches!(stage(&script), OperationStage::Ended(Verdict::RolledBack(_))), "{:?}", stage(&script));
    assert_eq!(told(&script).0, Level::Bad);
}

#[test]
fn a_failover_is_followed_by_its_events() {
    let mut script = Script::watching();
    script.keys("Fparty-box-db\n");
    script.acted(Ok(Accepted::FailoverAccepted("rebooting".into())));
    script.account.writer().status = "rebooting".into();
    script.account.db_events = vec![failover_event(15, "Multi-AZ instance failover started.")];
    script.run(60);
    assert_eq!(*stage(&script), OperationStage::Following);
    assert_eq!(script.state.account.health.level, Level::Bad);
    script.account.writer().status = "available".into();
    script.account.db_events.push(failover_event(75, "Multi-AZ instance failover completed."));
    script.account.db_events.push(failover_event(75, "The user requested a failover of the DB instance."));
    script.run(10);
    assert_eq!(*stage(&script), OperationStage::Ended(Verdict::Succeeded));
    assert_eq!(script.state.account.health.level, Level::Good, "{}", script.state.account.health.headline);
}

#[test]
fn a_plan_scrolls_where_nothing_is_typed_and_by_pages_always() {
    let mut script = Script::watching();
    script.keys("2s4\n");
    let shown = |script: &Script| script.plan().fold;
    script.keys("j");
    assert_eq!(shown(&script), Fold::From(0), "everything, from its top");
    script.keys("jj");
    script.code(KeyCode::Up);
    assert_eq!(shown(&script), Fold::From(1));
    script.code(KeyCode::PageDown);
    script.code(KeyCode::PageUp);
    script.code(KeyCode::PageUp);
    assert_eq!(shown(&script), Fold::Brief);
    // While the number is typed, lines are steps of it.
    script.keys("\x1bk");
    script.code(KeyCode::Up);
    assert_eq!(shown(&script), Fold::Brief);
    script.code(KeyCode::PageDown);
    assert_eq!(shown(&script), Fold::From(0));
    assert!(matches!(&script.plan().draft, Draft::Scale { to: 6, .. }));
    // A name takes every letter.
    script.keys("\x1b4F");
    script.keys("jk");
    script.code(KeyCode::PageDown);
    assert!(matches!(&script.plan().step, Step::Confirming { typed } if typed.text == "jk"));
    assert_eq!(shown(&script), Fold::From(0));
    script.keys("\x1b");
    assert!(script.acts.is_empty(), "nothing was sent");
}

#[test]
fn a_scrolled_plan_can_be_sent() {
    let mut script = Script::watching();
    script.keys("2s4\n");
    script.code(KeyCode::PageDown);
    script.keys("y");
    assert_eq!(script.acts.len(), 1);
}
