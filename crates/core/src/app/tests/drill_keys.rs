//! The screen around a drill: the plan beside its baseline, the timeline's first failure, the report on
//! request.

use super::build::Script;
use crate::app::{Effect, Key, Msg, State, View, update};
use crate::domain::samples::DB;
use crate::domain::{Meter, ProbeAnswer, Probed};
use crate::operation::Accepted;
use std::time::Duration;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A result, taken in when it was there.
fn probe(script: &mut Script, number: u64, sent: u64, took: u64, answer: ProbeAnswer) {
    script.mono = ms(sent + took);
    script.send(Msg::Probed(Box::new(Probed { number, sent: ms(sent), took: ms(took), answer })));
}

/// What the open plan says of the probe.
fn said(script: &Script) -> String {
    let plan = script.plan().plan.as_ref().expect("a plan");
    plan.checks.iter().find(|c| c.text.contains("the probe of")).map(|c| c.text.clone()).unwrap_or_default()
}

fn effects(script: &mut Script, key: char) -> Vec<Effect> {
    let now = script.now();
    update(&mut script.state, Msg::Key(Key::char(key)), now)
}

/// A failover was sent and accepted at second 20; the probe is good up to then.
fn drilling() -> Script {
    let mut script = Script::watching();
    script.mono = ms(15_000);
    script.keys("F");
    let meter = Meter { server_date: Some((script.mono, script.now().wall)), ..Meter::default() };
    script.state.polling.clock.learn(&meter);
    for number in 0..20 {
        probe(&mut script, number, 15_000 + number * 200, 5, ProbeAnswer::Good(200));
    }
    script.mono = ms(20_000);
    script.keys(&format!("{DB}\n"));
    script.acted(Ok(Accepted::FailoverAccepted("rebooting".into())));
    assert_eq!(script.state.screen.view, View::Drill);
    script
}

#[test]
fn the_plan_tells_of_its_baseline_once_a_second() {
    let mut script = Script::watching();
    script.mono = ms(15_000);
    script.keys("F");
    assert!(said(&script).contains("no answer yet"), "{}", said(&script));
    probe(&mut script, 0, 15_100, 5, ProbeAnswer::Good(200));
    assert!(said(&script).contains("1 answers"), "the first is told at once: {}", said(&script));
    for number in 1..4 {
        probe(&mut script, number, 15_100 + number * 200, 5, ProbeAnswer::Good(200));
        assert!(said(&script).contains("1 answers"), "the others wait: {}", said(&script));
    }
    probe(&mut script, 4, 16_000, 5, ProbeAnswer::Good(200));
    assert!(said(&script).contains("5 answers"), "{}", said(&script));
    probe(&mut script, 5, 16_200, 5, ProbeAnswer::WrongStatus(503));
    assert!(said(&script).contains("fails now (HTTP 503)"), "trouble does not wait: {}", said(&script));
}

#[test]
fn the_first_failure_is_told_when_it_was_sent() {
    let mut script = drilling();
    let first = |state: &State| {
        let mut all = state.timeline.entries().iter().filter(|e| e.text.starts_with("first failed request"));
        let at = all.next().map(|e| e.at);
        assert!(all.next().is_none(), "it is told once");
        at
    };
    probe(&mut script, 21, 21_400, 5, ProbeAnswer::WrongStatus(503));
    assert_eq!(first(&script.state), script.state.polling.clock.moment(ms(21_400)));
    // One that was sent before it has hung until now.
    probe(&mut script, 20, 21_200, 2_000, ProbeAnswer::TimedOut);
    assert_eq!(first(&script.state), script.state.polling.clock.moment(ms(21_200)));
}

#[test]
fn the_report_is_written_here_on_request() {
    let mut script = drilling();
    assert_eq!(effects(&mut script, 'w'), [], "not while it goes on");
    assert!(script.notice().contains("once the drill has ended"), "{}", script.notice());
    // Left: it has ended, and the record is kept.
    script.keys("q");
    let left = effects(&mut script, 'y');
    let kept = left.iter().find_map(|e| match e {
        Effect::SaveReport { story, folder } => Some((story.id.clone(), folder.clone())),
        _ => None,
    });
    let (id, folder) = kept.expect("the record is kept");
    assert_eq!(folder, None);
    script.state.session.quitting = false;
    script.state.screen.overlay = crate::app::Overlay::None;
    script.send(Msg::ReportSaved(Ok("/state/drills/1".into())));
    match effects(&mut script, 'w').as_slice() {
        [Effect::SaveReport { story, folder }] => {
            assert_eq!((&story.id, folder.as_deref()), (&id, Some(format!("./drill-{id}").as_str())));
        }
        other => panic!("{other:?}"),
    }
    script.send(Msg::ReportSaved(Err("./drill: read-only file system".into())));
    assert_eq!(script.state.drill.saved, Some(Ok("/state/drills/1".into())), "the record still lies there");
    assert_eq!(script.state.drill.copy_to, None);
    assert!(script.notice().contains("read-only file system"), "{}", script.notice());
    script.keys("2");
    assert_eq!(effects(&mut script, 'w'), [], "only in the drill view");
}

#[test]
fn showing_the_view_reads_the_earlier_drills() {
    let mut script = Script::watching();
    assert_eq!(effects(&mut script, '8'), [Effect::LoadHistory]);
    assert_eq!(effects(&mut script, '8'), [], "it is shown already");
    let now = script.now();
    let again = update(&mut script.state, Msg::ReportSaved(Ok("/state/drills/1".into())), now);
    assert!(again.contains(&Effect::LoadHistory), "a new record is one of them: {again:?}");
}

#[test]
fn a_new_drill_begins_anew() {
    let mut script = drilling();
    script.keys("q");
    effects(&mut script, 'y');
    script.state.session.quitting = false;
    script.state.screen.overlay = crate::app::Overlay::None;
    script.send(Msg::ReportSaved(Ok("/state/drills/1".into())));
    assert!(script.state.drill.report.is_some() && script.state.drill.saved.is_some());
    script.keys("F");
    assert_eq!((&script.state.drill.saved, &script.state.drill.report), (&None, &None));
    assert!(
        script.state.drill.current.as_ref().is_some_and(|drill| !drill.ended()),
        "its baseline has begun"
    );
}
