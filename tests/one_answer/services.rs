//! What a service does now: its row on the screen and the findings about it.

use crate::account::Watched;
use partybox_core::app::View;
use partybox_core::diagnosis::{Condition, RolloutCondition, Rollouts, Subject, examine, service_condition};
use partybox_core::domain::samples::{Sample, at, deployment, event, group_arn, record, target, task};
use partybox_core::domain::{Hook, Level};
use partybox_tui::Theme;

/// A Party Box whose backend is in a condition, and the word of its row. A new condition does not compile until it has its
/// place here.
fn in_condition(condition: Condition) -> (Sample, &'static str) {
    let mut sample = Sample::healthy();
    let rolling = |sample: &mut Sample, state: &str, failed: u32| {
        let mut new = deployment("ecs-svc/backend-2", "PRIMARY", state);
        new.failed = failed;
        let service = sample.service("backend");
        service.deployments[0].status = "ACTIVE".into();
        service.deployments.insert(0, new);
    };
    let word = match condition {
        Condition::NotActive => {
            sample.service("backend").status = "DRAINING".into();
            "not active"
        }
        Condition::ScaledToZero => {
            let service = sample.service("backend");
            (service.desired, service.running) = (0, 0);
            "scaled to 0"
        }
        Condition::Down => {
            sample.service("backend").running = 0;
            "down"
        }
        Condition::RolloutFailed => {
            rolling(&mut sample, "FAILED", 3);
            "failed"
        }
        Condition::RolloutFailing => {
            rolling(&mut sample, "IN_PROGRESS", 1);
            "failing"
        }
        Condition::RollingOut => {
            rolling(&mut sample, "IN_PROGRESS", 0);
            "rolling"
        }
        Condition::Unhealthy => {
            sample.targets_of("backend")[0].state = "unhealthy".into();
            "unhealthy"
        }
        Condition::FailsOpen => {
            sample.groups.iter_mut().for_each(|group| group.routing_minimum.count = Some(2));
            sample.targets_of("backend")[0].state = "initial".into();
            "fails open"
        }
        Condition::GroupGone => {
            sample.health.remove(&group_arn("backend"));
            sample.groups.retain(|group| group.arn != group_arn("backend"));
            "group gone"
        }
        Condition::PartlyOff => {
            sample.targets_of("backend")[0].state = "unused".into();
            "partly off"
        }
        Condition::NotStarting => {
            let full =
                "(service backend) was unable to place a task. Reason: Capacity is unavailable at this time.";
            let service = sample.service("backend");
            service.running = 1;
            service.events.insert(0, event(5, full));
            sample.tasks_of("backend").truncate(1);
            "stalled"
        }
        Condition::Starting => {
            sample.service("backend").running = 1;
            sample.tasks_of("backend").truncate(1);
            "starting"
        }
        Condition::WarmingUp => {
            sample.targets_of("backend")[0].state = "initial".into();
            "warming up"
        }
        Condition::ScalingIn => {
            sample.service("backend").running = 3;
            sample.tasks_of("backend").push(task("backend", 3, "ecs-svc/backend-1"));
            sample.targets_of("backend").push(target("backend", 3, "healthy"));
            "scaling in"
        }
        Condition::TargetsUnread => {
            sample.health.clear();
            "unread"
        }
        Condition::Steady => "steady",
    };
    (sample, word)
}

#[test]
fn what_a_service_does_is_as_serious_in_its_row_and_in_its_findings() {
    for condition in Condition::ALL {
        let (sample, word) = in_condition(condition);
        let mut watched = Watched::begin(sample);
        let node = watched.state.account.party_box.service("backend").expect("it is there");
        assert_eq!(service_condition(node), condition);
        let rows = watched.rows(View::Services);
        let badge = format!("{} {word} ", Theme::glyph(condition.level()));
        let row = rows.iter().find(|row| row.contains("│ backend  "));
        assert!(row.is_some_and(|row| row.contains(&badge)), "the screen, {condition:?}: {row:?}");
        let worst = watched.found(|subject| *subject == Subject::Service("backend".into()));
        if condition.level() >= Level::Warn {
            assert_eq!(worst, Some(condition.level()), "the finding, {condition:?}");
        } else {
            assert!(worst < Some(Level::Warn), "a finding is worse: {worst:?}, {condition:?}");
        }
    }
}

/// A Party Box whose backend rolls out so, and the word of its badge. A new condition does not compile until it has its
/// place here.
fn rolling_out(condition: RolloutCondition) -> (Sample, &'static str) {
    let mut sample = Sample::healthy();
    let mut new = deployment("ecs-svc/backend-2", "PRIMARY", "IN_PROGRESS");
    new.created_at = Some(at(0));
    new.updated_at = Some(at(0));
    let mut record = record("2", "IN_PROGRESS", 0);
    let word = match condition {
        RolloutCondition::RollingBack => {
            record.status = "ROLLBACK_IN_PROGRESS".into();
            "rolling back"
        }
        RolloutCondition::Failing => {
            new.failed = 2;
            "failing"
        }
        RolloutCondition::Paused => {
            record.hooks = vec![Hook {
                id: Some("hook".into()),
                kind: "PAUSE".into(),
                stages: vec!["SCALE_UP".into()],
                status: Some("AWAITING_ACTION".into()),
                ..Hook::default()
            }];
            "awaiting your answer"
        }
        RolloutCondition::UnknownStatus => {
            record.status = "HELD_BY_AWS".into();
            "HELD_BY_AWS"
        }
        RolloutCondition::HasFailed => {
            let mut died = task("backend", 9, "ecs-svc/backend-2");
            died.last_status = "STOPPED".into();
            died.desired_status = "STOPPED".into();
            died.stop_code = Some("EssentialContainerExited".into());
            died.stopped_reason = Some("Essential container in task exited".into());
            died.created_at = Some(at(1));
            died.stopped_at = Some(at(2));
            sample.tasks_of("backend").push(died);
            "under way, with failures"
        }
        RolloutCondition::UnderWay => "under way",
    };
    let service = sample.service("backend");
    service.deployments[0].status = "ACTIVE".into();
    service.deployments.insert(0, new);
    sample.records.insert("backend".into(), vec![record]);
    (sample, word)
}

#[test]
fn how_a_rollout_goes_is_as_serious_in_its_badge_and_in_its_finding() {
    for condition in RolloutCondition::ALL {
        let (sample, word) = rolling_out(condition);
        let mut watched = Watched::begin(sample);
        let rows = watched.rows(View::Services);
        let badge = format!("│ {} {word}", Theme::glyph(condition.level()));
        assert!(rows.iter().any(|row| row.contains(&badge)), "{condition:?}:\n{}", rows.join("\n"));
        let findings = &watched.state.account.health.findings;
        let about = |text: &str| text.contains("backend") && text.contains("roll");
        let finding = findings.iter().find(|finding| about(&finding.text));
        assert_eq!(finding.map(|f| f.level), Some(condition.level()), "{condition:?}: {findings:#?}");
    }
}

/// What `deployments[]` alone tells of the backend: the state of its PRIMARY, whose tasks fail or do not, beside an older
/// one or alone; a target that fails; and how long ago ECS went back to it.
fn unfollowed(state: &str, failed: u32, beside: bool, sick: bool, back: Option<i64>) -> Sample {
    let mut sample = Sample::healthy();
    if sick {
        sample.targets_of("backend")[0].state = "unhealthy".into();
    }
    let service = sample.service("backend");
    let primary = &mut service.deployments[0];
    primary.rollout_state = Some(state.into());
    primary.failed = failed;
    let id = primary.id.clone();
    if beside {
        service.deployments.push(deployment("ecs-svc/backend-0", "ACTIVE", "COMPLETED"));
    }
    if let Some(ago) = back {
        let text = format!("(service backend) rolling back to deployment {id}.");
        service.events.insert(0, event(-ago, &text));
    }
    sample
}

#[test]
fn without_a_followed_rollout_the_badge_is_never_milder_than_the_finding() {
    let mut tried = 0;
    for state in ["COMPLETED", "IN_PROGRESS", "FAILED", "HELD_BY_AWS"] {
        for (failed, beside, sick) in
            [(0, false, false), (2, false, false), (0, true, false), (2, true, true), (0, true, true)]
        {
            for back in [None, Some(60), Some(5 * 3600), Some(30 * 3600)] {
                let sample = unfollowed(state, failed, beside, sick, back);
                let mut watched = Watched::begin(sample);
                // As before rollouts are read.
                watched.state.account.rollouts = Rollouts::default();
                let account = &mut watched.state.account;
                account.health = examine(&account.store, &account.party_box, &account.rollouts, at(10));
                let rolls = |text: &str| text.contains("backend") && text.contains("roll");
                let finding = account.health.findings.iter().find(|finding| rolls(&finding.text));
                let finding = finding.map(|finding| (finding.level, finding.text.clone()));
                watched.state.screen.view = View::Services;
                let rows = watched.drawn_rows();
                let after = rows.iter().skip_while(|row| {
                    !row.contains("deployment  backend") && !row.contains("rollout  backend")
                });
                let badge =
                    after.clone().nth(1).expect("a panel of the rollout").trim_start_matches('│').trim();
                let all = [Level::Idle, Level::Good, Level::Unknown, Level::Busy, Level::Warn, Level::Bad];
                let shown = all.into_iter().find(|level| badge.starts_with(Theme::glyph(*level)));
                let what = format!(
                    "{state}, {failed} failed, {beside}, {sick}, back {back:?}: {badge:?}, {finding:?}"
                );
                let shown = shown.unwrap_or_else(|| panic!("no badge: {what}"));
                if let Some((level, _)) = &finding {
                    assert!(shown >= *level, "{what}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 20, "{tried} had a finding");
}
