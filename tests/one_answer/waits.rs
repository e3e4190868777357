//! What a drill waits for: its end, the screen and the shell's line.

use crate::account::Watched;
use crate::levels::drill;
use partybox_core::app::View;
use partybox_core::domain::samples::{DB, Sample, at};
use partybox_core::domain::{ProbeAnswer, Probed};
use partybox_core::operation::drill::{
    Drill, DrillInput, DrillStage, DrillWait, LayerSnapshot, Mode, measure,
};
use partybox_core::operation::{Action, OperationStage, Tracked, Verdict};
use partybox_core::report::drill::lines::status_line;
use std::mem::discriminant;
use std::time::Duration;

fn operation(stage: OperationStage) -> Tracked {
    Tracked {
        id: 1,
        action: Action::Failover { database: DB.into(), zone: None },
        title: "fail over party-box-db".into(),
        at: at(15),
        sent: Duration::from_secs(15),
        stage,
        accepted: None,
        progress: "accepted".into(),
    }
}

/// A drill whose probe sent a request each second from 10 s on, until a moment; those of some spans failed.
fn probed(until: u64, bad: &[(u64, u64)]) -> Drill {
    let mut drill = drill(false, 120);
    drill.probes.clear();
    for number in 10..until {
        let away = bad.iter().any(|(from, to)| (*from..*to).contains(&number));
        let answer = if away { ProbeAnswer::TimedOut } else { ProbeAnswer::Good(200) };
        drill.probed(Probed { number, sent: Duration::from_secs(number), took: Duration::ZERO, answer });
    }
    drill
}

fn status(seconds: u64, status: &str) -> LayerSnapshot {
    LayerSnapshot {
        at: Duration::from_secs(seconds),
        status: status.into(),
        writer: None,
        zone: None,
        standby: None,
        targets: (4, 4),
        tasks: (4, 4),
    }
}

/// A drill that waits for this, the second at which it does, what is on the screen, and its operation. A new kind of wait
/// does not compile until it has its place here.
fn waiting(wait: DrillWait) -> (Drill, u64, &'static str, OperationStage) {
    let outage: &[(u64, u64)] = &[(20, 80)];
    let following = OperationStage::Following;
    let baseline = |mut drill: Drill| {
        (drill.stage, drill.sent, drill.accepted) = (DrillStage::Baseline, None, None);
        drill.measured = measure(&drill.probes, None, 1.0);
        drill
    };
    match wait {
        DrillWait::FirstProbe => (baseline(probed(10, &[])), 15, "baseline: waiting", following),
        DrillWait::GoodProbe => (baseline(probed(15, &[(10, 15)])), 15, "baseline: the probe", following),
        DrillWait::Confirmation => (baseline(probed(15, &[])), 15, "baseline:", following),
        DrillWait::Answer => {
            let mut drill = probed(18, &[]);
            drill.accepted = None;
            (drill, 18, "sent", OperationStage::Sending)
        }
        DrillWait::FirstEffect => (probed(18, &[]), 18, "accepted", following),
        DrillWait::UnclearEffect => {
            let mut drill = probed(18, &[]);
            drill.accepted = None;
            (drill, 18, "no answer from AWS", OperationStage::Ended(Verdict::Unclear("timed out".into())))
        }
        DrillWait::Observed => {
            let mut drill = probed(18, &[]);
            (drill.mode, drill.sent, drill.accepted, drill.operation) = (Mode::Observed, None, None, None);
            (drill, 18, "watching:", following)
        }
        DrillWait::OutageAfterAbandoning { .. } => {
            let mut drill = probed(30, &[]);
            drill.rds_events.abandoned = Some((at(25), "Abandoning it.".into()));
            (drill, 30, "RDS gave it up", following)
        }
        DrillWait::FailoverEnd => {
            let mut drill = probed(30, &[]);
            drill.rds_events.started = Some(at(25));
            (drill, 30, "the database is failing over", following)
        }
        DrillWait::LateOutage { .. } => {
            let mut drill = probed(30, &[]);
            drill.rds_events.completed = Some(at(25));
            (drill, 30, "the database has failed over", following)
        }
        DrillWait::Return => (probed(60, outage), 60, "AWAY for", following),
        DrillWait::LastFailure => (probed(90, &[(20, 80), (85, 90)]), 90, "back ", following),
        DrillWait::Settling { .. } => (probed(90, outage), 90, "back after", following),
        DrillWait::Completion { .. } => (probed(120, outage), 120, "back after", following),
        DrillWait::Move { .. } => {
            let mut drill = probed(120, outage);
            drill.rds_events.completed = Some(at(110));
            (drill, 120, "back after", following)
        }
        DrillWait::Available { .. } => {
            let mut drill = probed(200, outage);
            drill.rds_events.completed = Some(at(110));
            drill.snapshots.push(status(30, "rebooting"));
            (drill, 200, "back after", following)
        }
    }
}

#[test]
fn what_a_drill_waits_for_is_the_same_on_screen_in_the_shell_and_for_its_end() {
    for sample in DrillWait::SAMPLES {
        let (mut drill, seconds, shown, stage) = waiting(sample);
        let mut watched = Watched::begin(Sample::healthy());
        watched.mono = Duration::from_secs(seconds);
        let operation = operation(stage);
        let now = watched.now();
        let wait = drill.waiting_for(Some(&operation), now.mono, now.wall).expect("it waits");
        assert_eq!(discriminant(&wait), discriminant(&sample), "{wait:?} is not {sample:?}");

        let line = status_line(&drill, Some(wait), now.mono);
        assert!(line.ends_with(&wait.words()), "the shell, {line}");

        watched.state.operations = vec![operation.clone()];
        watched.state.screen.view = View::Drill;
        watched.state.drill.current = Some(drill.clone());
        assert_eq!(watched.drawn(shown), wait.level(), "the screen, {sample:?}");

        // Its end agrees: it does not come while something is waited for.
        let account = &watched.state.account;
        let input = DrillInput {
            store: &account.store,
            party_box: &account.party_box,
            clock: &watched.state.polling.clock,
            operation: Some(&operation),
            mono: now.mono,
            now: now.wall,
        };
        assert_eq!(drill.observe(input), None, "{sample:?}");
    }
}
