//! How rollouts end.

use super::*;
use crate::domain::{Breaker, DeployAlarms, Rollback};
use RolloutVerdict as V;

#[test]
fn a_rollout_succeeds_by_its_own_record_and_once_the_old_tasks_are_gone() {
    let mut watch = Watch::new(&before());
    assert_eq!(watch.look(&rolling(), 3), []);
    let it = watch.it();
    assert_eq!(it.id, record_arn("backend", "second"));
    assert_eq!(it.deployment.as_deref(), Some(NEW), "paired by the moment of its making");
    assert_eq!((it.to.name(), it.to.tag.as_deref()), ("backend:8", Some("v8")));
    assert_eq!(it.to.digest.as_deref(), Some("sha256:backend8"));
    assert_eq!(it.from.as_ref().map(Side::name), Some("backend:7"));
    assert_eq!(it.verdict, None);

    let news = watch.look(&out(), 121);
    assert_eq!(news.len(), 1);
    assert_eq!((&news[0].verdict, news[0].first), (&V::Draining, true));
    assert!(
        news[0].text.contains("rollout to backend:8 succeeded; old tasks still drain"),
        "{}",
        news[0].text
    );
    assert_eq!(watch.look(&out(), 124), [], "told once");

    let news = watch.look(&done(), 400);
    assert_eq!((news[0].verdict.clone(), news[0].first), (V::Succeeded, false));
    assert_eq!(news[0].level, Level::Good);
}

#[test]
fn success_waits_for_readings_that_were_asked_for_after_ecs_said_so() {
    let mut watch = Watch::new(&before());
    watch.look(&rolling(), 3);
    let mut store = done().store(Duration::from_secs(1121), at(121));
    store.slot_mut(&Topic::Services).taken = Some(Duration::from_secs(1118));
    assert_eq!(watch.take(&store, 121), []);
    assert_eq!(watch.verdict(), None);
    watch.look(&done(), 124);
    assert_eq!(watch.verdict(), Some(V::Succeeded));
}

#[test]
fn ecs_says_successful_but_the_readings_disagree_for_a_while() {
    type Change = fn(&mut Sample);
    let table: [(&str, Change); 4] = [
        ("fewer run than wanted", |s| s.service("backend").running = 1),
        ("one is pending", |s| s.service("backend").pending = 1),
        ("a target is not healthy", |s| s.targets_of("backend")[0].state = "unhealthy".into()),
        ("not called completed", |s| {
            s.service("backend").deployments[0].rollout_state = Some("IN_PROGRESS".into());
        }),
    ];
    for (name, change) in table {
        let mut watch = Watch::new(&before());
        watch.look(&rolling(), 3);
        let mut sample = done();
        change(&mut sample);
        watch.look(&sample, 124);
        watch.look(&sample, 127);
        assert_eq!(watch.verdict(), None, "{name}");
        watch.look(&done(), 130);
        assert_eq!(watch.verdict(), Some(V::Succeeded), "{name}");
    }
}

#[test]
fn with_no_task_wanted_nothing_was_proven() {
    for lacking in [false, true] {
        let mut watch = Watch::new(&Sample { lacking, ..before() });
        watch.look(&Sample { lacking, ..rolling() }, 3);
        let mut sample = Sample { lacking, ..done() };
        let service = sample.service("backend");
        (service.desired, service.running) = (0, 0);
        service.deployments[0].desired = 0;
        sample.tasks_of("backend").clear();
        sample.targets_of("backend").clear();
        watch.look(&sample, 130);
        assert_eq!(watch.verdict(), Some(V::ScaledToZero), "lacking: {lacking}");
    }
}

#[test]
fn a_rollback_never_looks_green() {
    for lacking in [false, true] {
        // Seen while it goes back, or only after.
        for seen in [true, false] {
            let of = |sample: Sample| Sample { lacking, ..sample };
            let mut watch = Watch::new(&of(before()));
            watch.look(&of(rolling()), 3);
            if seen {
                watch.look(&of(going_back()), 63);
                assert!(watch.it().rolling_back);
                assert_ne!(watch.verdict(), Some(V::Succeeded));
            }
            watch.look(&of(back()), 160);
            let verdict = watch.verdict();
            assert!(matches!(verdict, Some(V::RolledBack(_))), "lacking {lacking}, seen {seen}: {verdict:?}");
            for rollout in watch.rollouts.iter().filter(|r| r.created_at >= Some(at(0))) {
                assert_ne!(rollout.verdict, Some(V::Succeeded), "{}", rollout.id);
            }
            // Somebody who looks for the first time now sees no success of today either.
            let mut late = Watch { rollouts: Rollouts::default() };
            assert_eq!(late.look(&of(back()), 170), []);
            assert!(
                late.rollouts.iter().all(|r| r.created_at < Some(at(0)) || r.verdict != Some(V::Succeeded))
            );
        }
    }
}

#[test]
fn each_final_word_of_ecs_has_its_verdict() {
    let table = [
        ("ROLLBACK_FAILED", V::Failed("no revision to go back to".into()), Level::Bad),
        ("ROLLBACK_SUCCESSFUL", V::RolledBack("no revision to go back to".into()), Level::Warn),
    ];
    for (status, meant, level) in table {
        let mut watch = Watch::new(&before());
        watch.look(&rolling(), 3);
        let mut sample = rolling();
        record_of(&mut sample).status = status.into();
        record_of(&mut sample).status_reason = Some("no revision to go back to".into());
        let news = watch.look(&sample, 60);
        assert_eq!((news[0].verdict.clone(), news[0].level), (meant, level), "{status}");
    }
    for status in ["PENDING", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "DREAMING"] {
        let mut watch = Watch::new(&before());
        let mut sample = rolling();
        record_of(&mut sample).status = status.into();
        assert_eq!(watch.look(&sample, 3600), [], "{status}");
    }
}

#[test]
fn superseded_names_who_took_over_also_when_they_are_listed_late() {
    for lacking in [false, true] {
        let mut watch = Watch::new(&Sample { lacking, ..before() });
        watch.look(&Sample { lacking, ..rolling() }, 3);
        if !lacking {
            let mut early = taken_over();
            early.records.get_mut("backend").expect("there").remove(0);
            early.service("backend").deployments.remove(0);
            watch.look(&early, 41);
            assert_eq!(watch.verdict(), None, "who stopped it is not listed yet");
        }
        watch.look(&Sample { lacking, ..taken_over() }, 44);
        let by = if lacking { "ecs-svc/backend-9".to_owned() } else { record_arn("backend", "third") };
        assert_eq!(watch.verdict(), Some(V::Superseded(by)));
    }
}

#[test]
fn stopped_by_somebody_and_nothing_took_over() {
    let mut watch = Watch::new(&before());
    let mut sample = rolling();
    watch.look(&sample, 3);
    let record = record_of(&mut sample);
    record.status = "STOPPED".into();
    record.stopped_at = Some(at(40));
    record.status_reason = Some("Stopped by a user.".into());
    watch.look(&sample, 42);
    assert_eq!(watch.verdict(), None, "another may be listed in a moment");
    watch.look(&sample, 60);
    assert_eq!(watch.verdict(), Some(V::Stopped("Stopped by a user.".into())));
}

#[test]
fn given_up_without_a_rollback_it_failed() {
    let breaker = Breaker { status: "TRIGGERED".into(), failures: 3, threshold: 3, ..Breaker::default() };
    let alarms =
        DeployAlarms { status: "TRIGGERED".into(), names: vec!["5xx".into()], triggered: vec!["5xx".into()] };
    for (breaker, alarms) in [(Some(breaker), None), (None, Some(alarms))] {
        let mut watch = Watch::new(&before());
        let mut sample = rolling();
        watch.look(&sample, 3);
        let record = record_of(&mut sample);
        (record.breaker, record.alarms) = (breaker, alarms);
        record.status = "STOPPED".into();
        record.stopped_at = Some(at(40));
        record.status_reason = Some("Stopped because it was given up.".into());
        watch.look(&sample, 42);
        assert_eq!(watch.verdict(), Some(V::Failed("Stopped because it was given up.".into())));
    }
}

#[test]
fn another_deployment_may_take_over_from_the_way_back() {
    let mut watch = Watch::new(&before());
    watch.look(&rolling(), 3);
    let mut sample = taken_over();
    let breaker =
        Some(Breaker { status: "TRIGGERED".into(), failures: 3, threshold: 3, ..Breaker::default() });
    for record in
        sample.records.get_mut("backend").expect("there").iter_mut().filter(|r| r.status == "STOPPED")
    {
        record.breaker = breaker.clone();
        record.rollback = Some(Rollback { started_at: Some(at(30)), ..Rollback::default() });
    }
    watch.look(&sample, 42);
    assert_eq!(watch.verdict(), Some(V::Superseded(record_arn("backend", "third"))));
}

#[test]
fn without_an_end_it_times_out_after_the_longest_hook() {
    let mut watch = Watch::new(&before());
    watch.look(&rolling(), 3);
    watch.look(&rolling(), 36 * 3600);
    assert_eq!(watch.verdict(), None);
    watch.look(&rolling(), 36 * 3600 + 1);
    assert_eq!(watch.verdict(), Some(V::TimedOut));
    watch.look(&done(), 36 * 3600 + 10);
    assert_eq!(watch.verdict(), Some(V::TimedOut), "a verdict is never taken back");
}

#[test]
fn a_deployment_that_is_not_recorded_yet_is_followed_and_then_found_in_the_records() {
    let mut watch = Watch::new(&before());
    let mut early = rolling();
    early.records.get_mut("backend").expect("there").remove(0);
    watch.look(&early, 1);
    assert_eq!((watch.it().id.as_str(), watch.it().weak), (NEW, false));
    watch.look(&rolling(), 4);
    assert_eq!(watch.it().id, record_arn("backend", "second"));
    assert_eq!(watch.rollouts.iter().filter(|r| r.is(NEW)).count(), 1);

    // It never is: then deployments[] must do, and it says so.
    let mut watch = Watch::new(&before());
    watch.look(&early, 1);
    watch.look(&early, 62);
    assert!(watch.it().weak);
    let mut end = done();
    end.records = early.records.clone();
    let news = watch.look(&end, 130);
    assert_eq!(news[0].verdict, V::Succeeded);
    assert!(news[0].text.contains("deployments[] alone"), "{}", news[0].text);
}

#[test]
fn what_was_triggered_is_followed_from_the_answer_on() {
    let mut watch = Watch::new(&before());
    watch.rollouts.pin(NEW, "backend", OLD, at(0), Duration::from_secs(1000));
    watch.look(&before(), 1);
    assert_eq!(watch.verdict(), None, "the old one is stable: that is no success");
    // It came and went between two readings.
    watch.look(&done(), 200);
    assert_eq!(
        (watch.it().id.clone(), watch.verdict()),
        (record_arn("backend", "second"), Some(V::Succeeded))
    );
}

#[test]
fn the_next_one_having_begun_ecs_word_stands() {
    let mut watch = Watch::new(&before());
    watch.look(&rolling(), 3);
    let mut sample = done();
    let service = sample.service("backend");
    service.deployments[0].status = "ACTIVE".into();
    service.deployments.insert(0, made("ecs-svc/backend-9", "PRIMARY", "IN_PROGRESS", 9, 130));
    watch.look(&sample, 133);
    assert_eq!(watch.verdict(), Some(V::Succeeded));
}

#[test]
fn only_the_newest_few_are_remembered() {
    let mut sample = before();
    let list = sample.records.get_mut("backend").expect("there");
    list.extend((1..20).map(|n| record(&format!("old-{n}"), "SUCCESSFUL", -86_400 * (n + 1))));
    let watch = Watch::new(&sample);
    assert_eq!(watch.rollouts.of("backend").len(), 5);
    assert_eq!(watch.rollouts.newest("backend").map(|r| r.id.clone()), Some(record_arn("backend", "first")));
}
