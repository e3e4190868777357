//! Failures, back-off, lost and late answers: one topic at a time.

use super::build::Script;
use crate::app::Msg;
use crate::domain::samples::{Sample, at, error, group_arn, revision};
use crate::domain::{ErrorKind, Payload, Query, Topic};
use std::time::Duration;

fn alarms(topic: &Topic) -> bool {
    *topic == Topic::Alarms
}

fn gaps(script: &Script, since: Duration, topic: &Topic) -> Vec<u64> {
    let times: Vec<u64> = script
        .asked
        .iter()
        .filter(|(at, t)| *at >= since && t == topic)
        .map(|(at, _)| at.as_secs())
        .collect();
    times.windows(2).map(|w| w[1] - w[0]).collect()
}

#[test]
fn a_failure_keeps_what_was_read_counts_and_recovers() {
    let mut script = Script::watching();
    script.account.alarms = vec![crate::domain::Alarm::default()];
    script.run(61);
    assert_eq!(script.state.account.store.alarms().len(), 1);
    let read = script.state.account.store.slot(&Topic::Alarms).and_then(|s| s.taken);
    script.faults.push((alarms, error(ErrorKind::Unreachable)));
    script.run(70);
    let slot = script.state.account.store.slot(&Topic::Alarms).expect("a slot");
    let failure = slot.failure.as_ref().expect("a failure");
    assert!(failure.count > 2);
    assert_eq!(failure.since, Duration::from_secs(130), "since the first one of the row");
    assert_eq!((script.state.account.store.alarms().len(), slot.taken), (1, read));
    script.faults.clear();
    script.run(10);
    let slot = script.state.account.store.slot(&Topic::Alarms).expect("a slot");
    assert_eq!(slot.failure, None);
    assert!(slot.taken > read);
}

#[test]
fn each_kind_of_failure_is_asked_again_at_its_own_pace() {
    let table: [(ErrorKind, &[u64]); 6] = [
        (ErrorKind::Unreachable, &[1, 2, 4, 8, 8]),
        (ErrorKind::Credentials, &[2, 4, 8, 15, 15]),
        (ErrorKind::Service, &[10, 10, 10, 16, 32, 60]),
        (ErrorKind::Unsupported, &[30, 60, 120, 240]),
        (ErrorKind::Denied, &[600, 600]),
        (ErrorKind::NotFound, &[10, 10, 10, 16]),
    ];
    for (kind, meant) in table {
        let mut script = Script::watching();
        script.faults.push((alarms, error(kind)));
        script.run(60);
        let start = script.mono;
        script.run(1300);
        let gaps = gaps(&script, start, &Topic::Alarms);
        assert!(gaps.starts_with(meant), "{kind:?}: {gaps:?}");
    }
}

#[test]
fn after_a_denial_nothing_is_asked_for_ten_minutes() {
    let mut script = Script::watching();
    script.faults.push((alarms, error(ErrorKind::Denied)));
    script.run(61);
    let start = script.mono;
    script.run(598);
    assert_eq!(script.count(start, &Topic::Alarms), 0);
    script.run(3);
    assert_eq!(script.count(start, &Topic::Alarms), 1);
}

#[test]
fn throttling_halves_the_pace_of_its_limit_and_a_quiet_minute_restores_it() {
    // So many groups that their limit, not their interval, sets the pace.
    let pace = |throttled: bool| {
        let mut script = many(40);
        script.run(120);
        if throttled {
            let first = |t: &Topic| matches!(t, Topic::TargetHealth(arn) if arn.ends_with("svc000/1"));
            script.faults.push((first, error(ErrorKind::Throttled)));
            script.state.account.store.slot_mut(&Topic::TargetHealth(group_arn("svc000"))).due =
                Duration::ZERO;
            script.send(Msg::Tick);
            script.settle();
            script.faults.clear();
            assert!(script.state.polling.schedule.slowed());
        }
        script.account.writer().status = "rebooting".into();
        script.run(31);
        let start = script.mono;
        script.run(20);
        let calls = health_calls(&script, start);
        script.run(90);
        assert!(!script.state.polling.schedule.slowed());
        calls
    };
    let (full, halved) = (pace(false), pace(true));
    assert!((36..=44).contains(&full), "2 a second: {full}");
    assert!((16..=24).contains(&halved), "1 a second: {halved}");
}

fn health_calls(script: &Script, since: Duration) -> usize {
    script.asked.iter().filter(|(at, t)| *at >= since && matches!(t, Topic::TargetHealth(_))).count()
}

/// As many services, each with its target group.
pub(super) fn many(count: usize) -> Script {
    let mut account = Sample::healthy();
    let (model, group) = (account.services[1].clone(), account.groups[1].clone());
    account.services.clear();
    account.groups.clear();
    for n in 0..count {
        let name = format!("svc{n:03}");
        let mut service = model.clone();
        service.name.clone_from(&name);
        service.target_links[0].target_group_arn = group_arn(&name);
        account.services.push(service);
        account.groups.push(crate::domain::TargetGroup {
            arn: group_arn(&name),
            name: name.clone(),
            deregistration_delay: Some(60),
            ..group.clone()
        });
        account.health.insert(
            group_arn(&name),
            (1..=2).map(|i| crate::domain::samples::target("backend", i, "healthy")).collect(),
        );
        let tasks =
            (1..=2).map(|i| crate::domain::samples::task("backend", i, "ecs-svc/backend-1")).collect();
        account.tasks.insert(name, tasks);
    }
    let mut script = Script::new(account, None);
    script.connect();
    script
}

#[test]
fn an_answer_of_another_run_is_dropped() {
    let mut script = Script::watching();
    script.hang = true;
    script.run(11);
    let ask = script.open.iter().find(|a| a.topic == Topic::Services).expect("asked").clone();
    let before = script.state.account.store.slot(&Topic::Services).cloned();
    let stray = super::build::Ask { run: ask.run + 1000, ..ask.clone() };
    script.answer(&stray, Ok(Payload::Services(std::sync::Arc::default())));
    assert_eq!(script.state.account.store.slot(&Topic::Services).cloned(), before);
    let good = script.say(&ask);
    script.answer(&ask, good.clone());
    assert_ne!(script.state.account.store.slot(&Topic::Services).cloned(), before);
    // A second time it is an answer to nothing.
    let after = script.state.account.store.slot(&Topic::Services).cloned();
    script.answer(&ask, Ok(Payload::Services(std::sync::Arc::default())));
    assert_eq!(script.state.account.store.slot(&Topic::Services).cloned(), after);
    script.answer(&super::build::Ask { topic: Topic::Tasks("nobody".into()), ..ask }, good);
    assert_eq!(script.state.account.store.slot(&Topic::Tasks("nobody".into())), None);
}

#[test]
fn a_lost_poll_is_asked_again_after_a_minute_whatever_its_interval() {
    let mut script = Script::new(Sample::healthy(), Some("party-box"));
    script.hang = true;
    script.connect();
    let lost = script.open.clone();
    assert_eq!(lost.len(), 2, "identity every ten minutes, clusters every two");
    script.run(59);
    assert_eq!(script.open.len(), 2, "nothing is asked twice while it is under way");
    script.run(2);
    assert_eq!(script.open.len(), 4);
    let identity = lost.iter().find(|a| a.topic == Topic::Identity).expect("asked");
    let late = script.say(identity);
    script.answer(identity, late);
    assert_eq!(script.state.account.store.identity(), None, "too late: another run is under way");
    script.open.drain(..2);
    script.hang = false;
    script.settle();
    assert!(script.state.all_answered());
}

#[test]
fn a_changed_question_is_asked_at_once() {
    let mut script = Script::watching();
    let scaling = |s: &Script| s.count(Duration::ZERO, &Topic::Scaling);
    assert_eq!(scaling(&script), 1);
    let mut third = script.account.services[0].clone();
    third.name = "worker".into();
    script.account.services.push(third);
    script.run(11);
    assert_eq!(scaling(&script), 2, "long before its minute is over");
    assert!(matches!(
        &script.state.account.store.slot(&Topic::Scaling).and_then(|s| s.asked.clone()),
        Some(Query::Scaling { resource_ids }) if resource_ids.len() == 3
    ));
}

#[test]
fn refresh_asks_for_all_but_what_never_changes_also_what_is_under_way() {
    let mut script = Script::watching();
    script.run(3);
    let start = script.mono;
    script.press(crate::app::Key::ctrl('r'));
    assert_eq!(script.count(start, &Topic::Network), 1);
    assert_eq!(script.count(start, &Topic::TaskDefinition(revision("backend", 7))), 0);
    script.press(crate::app::Key::ctrl('r'));
    script.settle();
    assert_eq!(script.count(start, &Topic::Network), 2, "the first was asked before the second wish");
}

#[test]
fn what_is_gone_is_forgotten_and_secrets_outlive_a_new_revision() {
    let mut script = Script::watching();
    script.account.services.remove(0);
    script.run(11);
    assert_eq!(script.state.account.store.slot(&Topic::Tasks("frontend".into())), None);
    assert_eq!(script.state.account.party_box.services.len(), 1);

    let arn = revision("backend", 8);
    script.account.service("backend").task_definition.clone_from(&arn);
    script.faults.push((|t| matches!(t, Topic::TaskDefinition(_)), error(ErrorKind::Throttled)));
    script.hang = true;
    script.run(11);
    script.hang = false;
    let services = script.open.iter().position(|a| a.topic == Topic::Services).expect("asked");
    let ask = script.open.remove(services).expect("there");
    let result = script.say(&ask);
    script.answer(&ask, result);
    assert_eq!(script.state.account.store.secrets().len(), 1, "while the new revision is being read");
}

#[test]
fn what_is_forgotten_leaves_the_lists_in_the_same_step() {
    let mut script = Script::watching();
    assert_eq!(script.state.screen.rows.rules.len(), 3);
    script.run(20);
    script.account.groups.iter_mut().for_each(|g| g.load_balancers.clear());
    script.hang = true;
    script.press(crate::app::Key::ctrl('r'));
    let ask = script.open.iter().find(|a| a.topic == Topic::TargetGroups).expect("asked").clone();
    let result = script.say(&ask);
    script.answer(&ask, result);
    assert!(!script.state.account.store.iter().any(|(t, _)| matches!(t, Topic::Listeners(_))));
    assert_eq!(script.state.screen.rows.rules, []);
}

#[test]
fn ages_are_told_from_when_it_was_asked() {
    let mut script = Script::watching();
    script.hang = true;
    script.run(11);
    let asked = script.asked.iter().rev().find(|(_, t)| *t == Topic::Services).expect("asked").0;
    script.run(20);
    let ask = script.open.iter().find(|a| a.topic == Topic::Services).expect("asked").clone();
    let result = script.say(&ask);
    script.answer(&ask, result);
    let slot = script.state.account.store.slot(&Topic::Services).expect("read");
    assert_eq!(slot.taken, Some(asked));
    assert_eq!(slot.taken_at, Some(at(i64::try_from(asked.as_secs()).expect("small"))));
}
