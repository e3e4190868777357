//! What rollouts wait for, how long they will take, and why their tasks fail.

use super::*;
use crate::domain::{Breaker, Hook, LogLine, Task};

fn words(sample: &Sample, second: i64) -> Vec<String> {
    let mut watch = Watch::new(&before());
    watch.look(sample, second);
    watch.it().waits.iter().map(|w| w.words(at(second))).collect()
}

#[test]
fn health_checks_count_down_from_when_the_task_ran() {
    let mut sample = rolling();
    for group in &mut sample.groups {
        (group.check_interval, group.healthy_threshold) = (30, 3);
    }
    for task in sample.tasks_of("backend").iter_mut().skip(2) {
        task.started_at = Some(at(20));
    }
    assert_eq!(words(&sample, 50), ["waiting for health checks of 2, overdue"]);
    assert_eq!(
        words(&sample, 25),
        ["waiting for health checks of 2, about 25s"],
        "one check makes a new one healthy"
    );
    sample.service("backend").grace_seconds = Some(120);
    sample.targets_of("backend")[2].state = "unhealthy".into();
    assert_eq!(words(&sample, 50), ["2 within the grace period, about 90s"]);
}

#[test]
fn starting_tasks_count_down_by_what_others_took() {
    let mut sample = rolling();
    for (i, task) in sample.tasks_of("backend").iter_mut().enumerate() {
        if i < 2 {
            task.started_at = task.created_at.map(|t| t + TimeDelta::seconds(40));
        } else {
            task.last_status = "PENDING".into();
            task.created_at = Some(at(5));
        }
    }
    assert_eq!(words(&sample, 15), ["2 starting, about 30s"]);
}

#[test]
fn draining_targets_count_down_from_when_they_were_deregistered() {
    let mut sample = out();
    sample.groups[1].deregistration_delay = Some(300);
    assert_eq!(words(&sample, 160), ["2 old targets draining, up to 4m"]);
    // Their tasks are not read: then from when they were first seen to drain.
    sample.tasks_of("backend").drain(..2);
    let mut watch = Watch::new(&before());
    watch.look(&sample, 120);
    watch.look(&sample, 180);
    assert_eq!(watch.it().waits[0].left(at(180)), Some(TimeDelta::seconds(240)));
}

#[test]
fn bake_time_and_hooks_count_down() {
    let mut sample = rolling();
    sample.targets_of("backend").iter_mut().for_each(|t| t.state = "healthy".into());
    let record = record_of(&mut sample);
    record.stage = Some("BAKE_TIME".into());
    record.updated_at = Some(at(100));
    record.bake_minutes = Some(10);
    assert_eq!(words(&sample, 160), ["baking, about 9m"]);
    let record = record_of(&mut sample);
    record.stage = Some("POST_TEST_TRAFFIC_SHIFT".into());
    record.hooks = vec![Hook {
        id: Some("hook-1".into()),
        kind: "PAUSE".into(),
        status: Some("AWAITING_ACTION".into()),
        expires_at: Some(at(7360)),
        ..Hook::default()
    }];
    let words = words(&sample, 160);
    assert_eq!(words, ["paused by its hook: c continues, b rolls back; 2h until it rolls back by itself"]);
}

#[test]
fn no_place_for_tasks_is_told_in_ecs_words() {
    let mut sample = rolling();
    sample.tasks_of("backend").truncate(2);
    sample.targets_of("backend").truncate(2);
    let text = "(service backend) was unable to place a task. Reason: Capacity is unavailable at this time.";
    sample.service("backend").events.insert(0, event(30, text));
    assert_eq!(words(&sample, 60)[0], "ECS cannot place tasks: capacity is unavailable at this time");
    assert!(!words(&sample, 600).iter().any(|w| w.contains("cannot place")), "that was long ago");
}

#[test]
fn a_late_reading_does_not_set_the_stage_back() {
    let mut watch = Watch::new(&before());
    let mut sample = rolling();
    for (stage, meant) in [
        ("PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"),
        ("SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT"),
        ("CLEAN_UP", "CLEAN_UP"),
    ] {
        record_of(&mut sample).stage = Some(stage.into());
        watch.look(&sample, 10);
        assert_eq!(watch.it().stage.as_deref(), Some(meant));
    }
}

#[test]
fn the_end_is_foreseen_from_earlier_rollouts_of_the_same_strategy() {
    let mut sample = rolling();
    let list = sample.records.get_mut("backend").expect("there");
    for (n, took, strategy) in [(1, 150, "ROLLING"), (2, 300, "ROLLING"), (3, 9000, "BLUE_GREEN")] {
        let mut it = record(&format!("old-{n}"), "SUCCESSFUL", -86_400 * (n + 1));
        it.finished_at = it.created_at.map(|t| t + TimeDelta::seconds(took));
        it.strategy = Some(strategy.into());
        list.push(it);
    }
    let mut watch = Watch::new(&before());
    watch.look(&sample, 30);
    assert_eq!(watch.it().expected_end(), Some((at(75), at(450))));
    assert_eq!(watch.it().eta_words(at(-50)).as_deref(), Some("ends in 2m-8m"));
    assert_eq!(watch.it().eta_words(at(350)).as_deref(), Some("ends within 100s"));
    assert_eq!(watch.it().eta_words(at(451)).as_deref(), Some("longer than expected"));
}

fn dead(n: u32, code: i32, reason: &str, second: i64) -> Task {
    let mut it = Task {
        last_status: "STOPPED".into(),
        desired_status: "STOPPED".into(),
        stop_code: Some("EssentialContainerExited".into()),
        stopped_reason: Some(reason.into()),
        stopped_at: Some(at(second)),
        ..task("backend", n, NEW)
    };
    it.containers[0].exit_code = Some(code);
    it
}

#[test]
fn repeated_reasons_are_folded_with_log_and_events_and_outlive_their_tasks() {
    let mut sample = rolling();
    sample.tasks_of("backend").truncate(2);
    sample.targets_of("backend").truncate(2);
    for (n, code, second) in [(5, 1, 20), (6, 1, 40), (7, 137, 50)] {
        sample.tasks_of("backend").push(dead(n, code, "Essential container in task exited", second));
    }
    // The scheduler's own wish is no failure, nor is an old task's end.
    let mut wished = dead(8, 0, "Scaling activity initiated by (deployment x)", 60);
    wished.stop_code = Some("ServiceSchedulerInitiated".into());
    sample.tasks_of("backend").push(wished);
    let mut other = dead(9, 1, "Essential container in task exited", 61);
    other.started_by = Some(OLD.into());
    sample.tasks_of("backend").push(other);
    let text = "(service backend) has stopped 1 running tasks: (task backend-6).";
    sample.service("backend").events.insert(0, event(41, text));

    let mut watch = Watch::new(&before());
    watch.look(&sample, 62);
    let wanted = watch.rollouts.log_wanted(Some("backend"), at(62));
    let ids: Vec<&str> = wanted.iter().map(|w| w.task.as_str()).collect();
    assert_eq!(ids, ["backend-6", "backend-7"], "the newest of each reason");
    assert_eq!(wanted[0].container.as_deref(), Some("app"));

    let mut store = sample.store(Duration::from_secs(1063), at(63));
    let line = LogLine { at: at(39), text: "Error: P1001 cannot reach the database".into() };
    let slot = store.slot_mut(&Topic::TaskLog("backend-6".into()));
    slot.payload = Some(crate::domain::Payload::TaskLog(vec![line.clone()]));
    watch.take(&store, 63);

    sample.tasks_of("backend").truncate(2);
    watch.look(&sample, 66);
    let groups = &watch.it().failures;
    let told: Vec<(usize, String)> = groups.iter().map(|g| (g.count, g.words())).collect();
    assert_eq!(
        told,
        [
            (2, "Essential container in task exited (app: exit code 1)".to_owned()),
            (1, "Essential container in task exited (app: exit code 137)".to_owned()),
        ]
    );
    assert_eq!(groups[0].log, [line]);
    assert_eq!(groups[0].events.len(), 1);
    assert_eq!((groups[0].last, groups[0].tasks.len()), (Some(at(40)), 2));
}

#[test]
fn a_sick_target_is_a_reason_while_it_is_sick_and_is_remembered_with_the_stopped_task() {
    let mut sample = rolling();
    let sick = &mut sample.targets_of("backend")[2];
    sick.state = "unhealthy".into();
    sick.description = Some("Health checks failed with these codes: [503]".into());
    let mut watch = Watch::new(&before());
    watch.look(&sample, 60);
    assert_eq!(watch.it().failures[0].words(), "Health checks failed with these codes: [503]");
    assert_eq!(watch.it().failures[0].stop_code, None);

    let mut stopped = sample.clone();
    stopped.targets_of("backend").remove(2);
    let it = &mut stopped.tasks_of("backend")[2];
    it.last_status = "STOPPED".into();
    it.stop_code = Some("ServiceSchedulerInitiated".into());
    it.stopped_reason = Some("Task failed ELB health checks in (target-group backend)".into());
    watch.look(&stopped, 90);
    assert_eq!(
        watch.it().failures[0].words(),
        "Task failed ELB health checks in (target-group backend) (Health checks failed with these codes: [503])"
    );

    sample.targets_of("backend")[2].state = "healthy".into();
    let mut watch = Watch::new(&before());
    watch.look(&sample, 60);
    assert_eq!(watch.it().failures, [], "it recovered");
}

#[test]
fn the_breaker_is_told_as_the_api_counts_it() {
    let mut sample = rolling();
    let breaker = |status: &str, failures| Breaker {
        status: status.into(),
        failures,
        threshold: 10,
        ..Breaker::default()
    };
    for (breaker, words) in [
        (breaker("MONITORING", 3), Some("3 of 10 failures before it rolls back")),
        (breaker("MONITORING", 0), None),
        (breaker("DISABLED", 3), None),
    ] {
        record_of(&mut sample).breaker = Some(breaker);
        let mut watch = Watch::new(&before());
        watch.look(&sample, 60);
        assert_eq!(watch.it().breaker_words(true).as_deref(), words);
    }
}

/// The sentence about backend's rollout after a look.
fn sentence(sample: &Sample, second: i64) -> (Level, String) {
    let mut watch = Watch::new(&before());
    watch.look(&rolling(), 3);
    watch.look(sample, second);
    let store = sample.store(Duration::ZERO, at(second));
    let party_box = PartyBox::join(&store);
    let health = crate::diagnosis::examine(&store, &party_box, &watch.rollouts, at(second));
    let backend = crate::diagnosis::Subject::Service("backend".into());
    let found = health.findings.into_iter().find(|f| f.subject == backend).expect("a sentence");
    (found.level, found.text)
}

#[test]
fn the_sentence_says_what_it_waits_for_why_it_fails_and_how_it_ended() {
    let mut failing = rolling();
    failing.tasks_of("backend").truncate(2);
    failing.targets_of("backend").truncate(2);
    for n in [5, 6] {
        failing.tasks_of("backend").push(dead(n, 1, "Essential container in task exited", 40));
    }
    record_of(&mut failing).breaker =
        Some(Breaker { status: "MONITORING".into(), failures: 2, threshold: 3, ..Breaker::default() });
    assert_eq!(
        sentence(&failing, 60),
        (
            Level::Bad,
            "backend rollout to backend:8 is failing: 2 tasks: Essential container in task exited (app: exit code 1); \
             2 of 3 failures before it rolls back"
                .to_owned()
        )
    );
    let (level, text) = sentence(&out(), 160);
    assert_eq!(
        (level, text.as_str()),
        (Level::Busy, "backend: backend:8 is out; 2 old targets draining, up to 4m")
    );
    let (level, text) = sentence(&going_back(), 70);
    assert_eq!(level, Level::Bad);
    assert!(text.starts_with("backend is rolling back to backend:7"), "{text}");
    let end = "The circuit breaker threshold was exceeded; 2 of the new revision running or stopping";
    assert!(text.ends_with(end), "{text}");
    let (level, text) = sentence(&back(), 160);
    assert_eq!(level, Level::Warn);
    assert!(text.starts_with("backend was rolled back 0s ago; v8 does not run: The circuit"), "{text}");
}

#[test]
fn no_new_task_starts_is_told_with_its_reason_before_what_tasks_did() {
    let mut sample = rolling();
    sample.tasks_of("backend").truncate(2);
    sample.targets_of("backend").truncate(2);
    let text = "(service backend) was unable to place a task. Reason: Capacity is unavailable at this time. Please try \
                again later.";
    sample.service("backend").events.insert(0, event(30, text));
    let reason = "is failing: no new task starts: capacity is unavailable at this time";
    let (level, text) = sentence(&sample, 60);
    assert_eq!((level, text.contains(reason)), (Level::Bad, true), "{text}");
    // One of two came up: the other has no place.
    sample.tasks_of("backend").push(task("backend", 3, NEW));
    assert!(sentence(&sample, 60).1.contains("not every new task starts: capacity"));
    sample.tasks_of("backend").pop();
    sample.service("backend").deployments[0].failed = 2;
    let text = sentence(&sample, 60).1;
    assert!(text.contains(reason), "{text}");
}

/// Old and new are told apart by the revision: what the failed revision leaves behind is not old.
#[test]
fn on_the_way_back_the_tasks_that_go_are_those_of_the_new_revision() {
    let mut sample = going_back();
    for task in sample.tasks_of("backend").iter_mut().skip(2) {
        task.last_status = "DEACTIVATING".into();
        task.desired_status = "STOPPED".into();
    }
    sample.targets_of("backend").truncate(2);
    assert_eq!(words(&sample, 70), ["2 of the new revision running or stopping"]);
    // An earlier attempt of the same revision under another deployment's id is of the new one too.
    for task in sample.tasks_of("backend").iter_mut().skip(2) {
        task.started_by = Some("ecs-svc/backend-0".into());
        task.task_definition = revision("backend", 8);
    }
    assert_eq!(words(&sample, 70), ["2 of the new revision running or stopping"]);
    // What comes up is the old one.
    sample.tasks_of("backend")[0].last_status = "PENDING".into();
    assert_eq!(words(&sample, 70), ["1 starting"]);
}

#[test]
fn a_rollback_is_told_until_it_is_noted_and_its_own_completion_is_no_good_news() {
    let mut watch = Watch::new(&before());
    watch.look(&rolling(), 3);
    let mut sample = back();
    watch.look(&sample, 160);
    let hour = 5000;
    watch.look(&sample, hour);
    let told = |watch: &Watch, sample: &Sample, second: i64| {
        let store = sample.store(Duration::ZERO, at(second));
        crate::diagnosis::examine(&store, &PartyBox::join(&store), &watch.rollouts, at(second))
    };
    let health = told(&watch, &sample, hour);
    let of = |health: &crate::diagnosis::Health| {
        let found = health.findings.iter().find(|f| f.text.starts_with("backend was rolled back "));
        found.map(|f| (f.level, f.text.clone()))
    };
    let (level, text) = of(&health).expect("told");
    assert_eq!(level, Level::Warn);
    assert!(text.starts_with("backend was rolled back 80m ago; v8 does not run"), "{text}");
    let level = |watch: &Watch, sample: &mut Sample, index: usize| {
        let service = sample.service("backend").clone();
        crate::diagnosis::event_level(&service, &service.events[index], &watch.rollouts)
    };
    assert_eq!(level(&watch, &mut sample, 0), Level::Warn, "its own completion");
    let steady = event(155, "(service backend) has reached a steady state.");
    sample.service("backend").events.insert(0, steady);
    assert_eq!(level(&watch, &mut sample, 1), Level::Warn);

    let mut noted = Watch { rollouts: watch.rollouts.clone() };
    noted.rollouts.note("backend", at(hour));
    let health = told(&noted, &sample, hour);
    let (level_now, text) = of(&health).expect("told as a note");
    assert!(level_now == Level::Idle && text.ends_with("(noted)"), "{level_now:?} {text}");

    // The next one that succeeds ends it.
    let mut next = record("third", "SUCCESSFUL", 6000);
    next.finished_at = Some(at(6100));
    sample.records.get_mut("backend").expect("there").insert(0, next);
    sample.service("backend").deployments = vec![made("ecs-svc/backend-9", "PRIMARY", "COMPLETED", 9, 6000)];
    let done = event(6100, "(service backend) (deployment ecs-svc/backend-9) deployment completed.");
    sample.service("backend").events.insert(0, done);
    watch.look(&sample, 6200);
    assert_eq!(of(&told(&watch, &sample, 6200)), None);
    assert_eq!(level(&watch, &mut sample, 0), Level::Good);
}
