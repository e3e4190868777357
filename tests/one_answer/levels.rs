//! How serious a thing is: drills, events of RDS, certificates.

use crate::account::Watched;
use chrono::TimeDelta;
use partybox_core::app::{View, drill_end_entry, drill_report};
use partybox_core::diagnosis::Subject;
use partybox_core::domain::samples::{DB, Sample, at};
use partybox_core::domain::{Certificate, CertificateConcern, DbEvent, FailoverStep, Level};
use partybox_core::domain::{ProbeAnswer, ProbeSettings, ProbeSpec, Probed};
use partybox_core::operation::drill::{Drill, DrillOutcome, DrillSpec, DrillStage, Mode, WriterLocation};
use partybox_core::report::ExitStatus;
use partybox_core::report::drill::{html, lines, markdown};
use std::time::Duration;

/// A drill with an outage of a minute, or with none, against a target.
pub(crate) fn drill(outage: bool, target: u64) -> Drill {
    let second = Duration::from_secs;
    let probe = ProbeSpec {
        url: "https://play.example.com/api/health".into(),
        via: None,
        name: None,
        settings: ProbeSettings { interval: second(1), ..ProbeSettings::default() },
    };
    let spec = DrillSpec { database: DB.into(), mode: Mode::Triggered, probe, target: second(target) };
    let mut drill = Drill::begin(spec, WriterLocation::default(), 1.0, second(10), at(10));
    drill.trigger(1, Vec::new(), second(15));
    drill.accepted = Some(second(15));
    for number in 10..150 {
        let away = outage && (20..80).contains(&number);
        let answer = if away { ProbeAnswer::TimedOut } else { ProbeAnswer::Good(200) };
        drill.probed(Probed { number, sent: second(number), took: Duration::ZERO, answer });
    }
    drill
}

/// Every outcome. A new one does not compile until it has its place here.
fn outcomes() -> Vec<DrillOutcome> {
    let why = || "why".to_owned();
    let next = |outcome: &DrillOutcome| match outcome {
        DrillOutcome::Recovered => Some(DrillOutcome::NoOutageSeen),
        DrillOutcome::NoOutageSeen => Some(DrillOutcome::NothingHappened(why())),
        DrillOutcome::NothingHappened(_) => Some(DrillOutcome::Unconfirmed),
        DrillOutcome::Unconfirmed => Some(DrillOutcome::NotRecovered),
        DrillOutcome::NotRecovered => Some(DrillOutcome::NotSeen),
        DrillOutcome::NotSeen => Some(DrillOutcome::Refused(why())),
        DrillOutcome::Refused(_) => Some(DrillOutcome::Unclear(why())),
        DrillOutcome::Unclear(_) => Some(DrillOutcome::Left),
        DrillOutcome::Left => None,
    };
    std::iter::successors(Some(DrillOutcome::Recovered), next).collect()
}

/// The class of the page's head.
fn tone(level: Level) -> &'static str {
    match level {
        Level::Good => "good",
        Level::Bad => "bad",
        Level::Warn => "warn",
        Level::Idle | Level::Unknown | Level::Busy => "plain",
    }
}

#[test]
fn how_a_drill_ended_is_as_serious_everywhere() {
    let mut watched = Watched::begin(Sample::healthy());
    watched.mono = Duration::from_secs(200);
    for outcome in outcomes() {
        for (outage, target, within) in [(false, 120, None), (true, 120, Some(true)), (true, 30, Some(false))]
        {
            let mut drill = drill(outage, target);
            drill.stage = DrillStage::Ended(outcome.clone());
            assert_eq!(drill.within_target(), within);
            let level = outcome.level(within);
            let what = format!("{outcome:?}, {within:?}");

            let entry = drill_end_entry(&drill, &outcome, watched.now().mono, at(200));
            assert_eq!(entry.level, level, "the timeline, {what}");

            watched.state.drill.current = Some(drill);
            let now = watched.now();
            let report = drill_report(&watched.state, now).expect("a drill");
            assert_eq!(report.level(), level, "the report, {what}");
            assert_eq!(report.past().level(), level, "the list of drills, {what}");
            let page = html(&report);
            assert!(page.contains(&format!("<div class=\"head {}\">", tone(level))), "the page, {what}");
            let json = serde_json::to_value(&report).expect("a report is data");
            assert_eq!(json["outcome"].as_str(), Some(outcome.word().word()));
            assert_eq!(json["within_target"].as_bool(), within);
            for text in [markdown(&report), lines::result_lines(&report).join("\n"), page] {
                assert_eq!(text.contains("over the target"), within == Some(false), "{what}: {text}");
            }
            let code = ExitStatus::of_drill(outcome.word(), within).code();
            assert_eq!(code == 0, level == Level::Good, "the exit code, {what}");

            watched.state.drill.report = Some(Box::new(report));
            let sentence = match (&outcome, within) {
                (DrillOutcome::Recovered, Some(true)) => "recovered within".to_owned(),
                (DrillOutcome::Recovered, Some(false)) => "recovered, but".to_owned(),
                _ => outcome.sentence().split(' ').take(3).collect::<Vec<_>>().join(" "),
            };
            assert_eq!(watched.shown(View::Drill, &sentence), level, "the screen, {what}");
        }
    }
}

/// One event of each kind with its severity. A new step of a failover does not compile until it has its row here.
fn db_events() -> Vec<(&'static str, &'static str, Level)> {
    let step = |step| match step {
        FailoverStep::Begins => ("Multi-AZ instance failover started.", "failover", Level::Bad),
        FailoverStep::Ends => ("Multi-AZ instance failover completed", "failover", Level::Good),
        FailoverStep::Abandoned => (
            "Abandoning user requested failover since a failover recently occurred.",
            "failover",
            Level::Warn,
        ),
        FailoverStep::Remark => {
            ("The user requested a failover of the DB instance.", "failover", Level::Idle)
        }
    };
    let steps =
        [FailoverStep::Begins, FailoverStep::Ends, FailoverStep::Abandoned, FailoverStep::Remark].map(step);
    let others = [
        ("DB instance restarted", "availability", Level::Warn),
        ("Recovery of the DB instance has started.", "recovery", Level::Warn),
        ("The DB instance has failed.", "failure", Level::Bad),
        ("The storage is exhausted.", "low storage", Level::Bad),
        ("Backing up DB instance", "backup", Level::Idle),
    ];
    steps.into_iter().chain(others).collect()
}

#[test]
fn an_event_of_rds_is_as_serious_everywhere() {
    let mut sample = Sample::healthy();
    sample.db_events = (0..)
        .zip(db_events())
        .map(|(n, (message, category, _))| DbEvent {
            source: DB.into(),
            at: at(-100 + n),
            message: message.into(),
            categories: vec![category.into()],
            ..DbEvent::default()
        })
        .collect();
    let mut watched = Watched::begin(sample);
    watched.state.drill.current = Some(drill(false, 120));
    let report = drill_report(&watched.state, watched.now()).expect("a drill");
    let page = html(&report);
    for (message, _, level) in db_events() {
        let entry = watched.state.timeline.entries().iter().find(|entry| entry.text == message);
        assert_eq!(entry.map(|entry| entry.level), Some(level), "the timeline, {message}");
        let event = report.events.iter().find(|event| event.text == message);
        assert_eq!(event.map(|event| event.level), Some(level), "the report, {message}");
        let row = page.lines().find(|line| line.starts_with("<tr id=\"e") && line.contains(message));
        let class = format!("class=\"{}\"", tone(level));
        assert!(row.is_some_and(|row| row.contains(&class)), "the page, {message}: {row:?}");
        assert_eq!(watched.row_of(View::Database, message), level, "the database view, {message}");
    }
}

#[test]
fn a_certificate_is_as_serious_everywhere() {
    let concern = |concern| match concern {
        CertificateConcern::Elsewhere(_) => ("", 60, None, Level::Idle, "kept in IAM: not read"),
        CertificateConcern::NotIssued => ("PENDING_VALIDATION", 60, None, Level::Bad, "pending validation"),
        CertificateConcern::Expired(_) => ("ISSUED", -1, None, Level::Bad, "expired"),
        CertificateConcern::Ends(left) if left.num_days() < 7 => {
            ("ISSUED", left.num_days(), None, Level::Bad, "5d left")
        }
        CertificateConcern::Ends(left) => ("ISSUED", left.num_days(), None, Level::Warn, "20d left"),
        CertificateConcern::Renewal => ("ISSUED", 60, Some("FAILED"), Level::Warn, "60d left"),
    };
    let concerns = [
        CertificateConcern::NotIssued,
        CertificateConcern::Elsewhere("IAM".into()),
        CertificateConcern::Expired(TimeDelta::days(1)),
        CertificateConcern::Ends(TimeDelta::days(5)),
        CertificateConcern::Ends(TimeDelta::days(20)),
        CertificateConcern::Renewal,
    ];
    let others = [
        ("ISSUED", 60, None, Level::Good, "60d left"),
        ("ISSUED", 60, Some("SUCCESS"), Level::Good, "60d left"),
        ("ISSUED", 60, Some("PENDING_AUTO_RENEWAL"), Level::Good, "60d left"),
        ("ISSUED", 60, Some("PENDING_VALIDATION"), Level::Warn, "60d left"),
        ("ISSUED", 5, Some("FAILED"), Level::Bad, "5d left"),
        ("REVOKED", 60, None, Level::Bad, "revoked"),
    ];
    for (status, days, renewal, level, word) in concerns.map(concern).into_iter().chain(others) {
        let mut sample = Sample::healthy();
        sample.certificates = vec![Certificate {
            arn: sample.listeners[0].certificates[0].clone(),
            domain: "party.example".into(),
            status: status.into(),
            kind: "AMAZON_ISSUED".into(),
            not_after: Some(at(0) + TimeDelta::days(days) + TimeDelta::hours(1)),
            renewal: renewal.map(str::to_owned),
            kept_in: status.is_empty().then(|| "IAM".to_owned()),
        }];
        if days < 0 {
            sample.certificates[0].not_after = Some(at(0) - TimeDelta::days(1));
        }
        let mut watched = Watched::begin(sample);
        let what = format!("{status}, {days} days, {renewal:?}");
        let worst = watched.found(|subject| matches!(subject, Subject::Certificate(_)));
        assert_eq!(worst.unwrap_or(Level::Good), level, "the finding, {what}");
        assert_eq!(watched.shown(View::Traffic, word), level, "the traffic view, {what}");
    }
}
