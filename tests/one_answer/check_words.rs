//! The word of a check before an operation.

use crate::account::Watched;
use crate::levels::drill;
use partybox_core::app::{Msg, Overlay, drill_report};
use partybox_core::domain::samples::{Sample, at};
use partybox_core::operation::audit::Record;
use partybox_core::operation::{Check, CheckResult, Draft};
use partybox_core::report::drill::{html, markdown};
use partybox_core::report::operation_json::PlanLine;
use partybox_top::commands::operate::plan_lines;

#[test]
fn a_check_has_one_word_everywhere() {
    for outcome in CheckResult::ALL {
        let check = Check { outcome, text: "a made check".into() };
        let word = outcome.word();
        let mut watched = Watched::begin(Sample::healthy());
        watched.send(Msg::Draft(Box::new(Draft::Scale { service: "backend".into(), to: 3 })));
        let Overlay::Plan(panel) = &mut watched.state.screen.overlay else { panic!("no plan") };
        let plan = panel.plan.as_mut().expect("a plan");
        plan.checks = vec![check.clone()];
        let plan = plan.clone();

        let line = plan_lines(&plan).into_iter().find(|line| line.contains("a made check"));
        assert_eq!(line.as_deref().and_then(|line| line.split_whitespace().next()), Some(word), "the shell");
        let json = serde_json::to_value(PlanLine::of(&plan)).expect("plain data");
        assert_eq!(json["checks"][0]["outcome"], word, "the shell's JSON");
        let record = serde_json::to_value(Record::sending(1, at(0), &plan, "me", false)).expect("data");
        assert_eq!(record["checks"][0][0], word, "the audit log");

        // Drawn as it is: a message would plan anew.
        let badge = format!("{word:<5} a made check");
        assert_eq!(watched.drawn(&badge), outcome.level(), "the panel of the plan");

        let mut drill = drill(true, 120);
        drill.checks = vec![check];
        watched.state.drill.current = Some(drill);
        let report = drill_report(&watched.state, watched.now()).expect("a drill");
        assert_eq!(report.checks[0].outcome, word, "the drill's JSON");
        for text in [html(&report), markdown(&report)] {
            let line = text.lines().find(|line| line.contains("a made check"));
            assert!(line.is_some_and(|line| line.contains(word)), "the drill's report: {line:?}");
        }
    }
}
