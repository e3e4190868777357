//! What a service does now: its row on the screen and the findings about it.

use crate::account::Watched;
use partybox_core::app::View;
use partybox_core::diagnosis::{Condition, Subject, service_condition};
use partybox_core::domain::Level;
use partybox_core::domain::samples::{Sample, deployment, target, task};
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
