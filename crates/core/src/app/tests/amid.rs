//! A recording that begins in the middle of a session: it holds the whole state, which is restored.

use super::build::Script;
use crate::app::{InitialState, Key, Msg, Overlay, Recording, State, View, update};
use crate::domain::samples::{DB, Sample, at, deployment, error, failover_event, record, target};
use crate::domain::{
    CallError, ErrorKind, Meter, MetricKey, MetricKind, Payload, ProbeAnswer, Probed, Query, Resolved,
    Series, Simulated, Topic,
};
use crate::operation::Accepted;
use std::time::Duration;

fn written(state: &State) -> String {
    serde_json::to_string(&InitialState::amid(state)).expect("it is written")
}

fn read(text: &str) -> State {
    serde_json::from_str::<InitialState>(text).expect("it is read").state()
}

fn probe(script: &mut Script, number: u64, answer: ProbeAnswer) {
    let (sent, took) = (script.mono, Duration::from_micros(4_321));
    script.send(Msg::Probed(Box::new(Probed { number, sent, took, answer })));
    script.mono += Duration::from_millis(200);
}

/// A session with something in every part of the state; all its states are kept.
fn session() -> Script {
    let mut script = Script::new(Sample::healthy(), None);
    script.tape = Some(Recording::default());
    script.connect();
    script.run(10);
    script.faults.push((|topic| matches!(topic, Topic::Secrets), error(ErrorKind::Denied)));
    script.account.targets_of("backend")[0] = target("backend", 1, "draining");
    script.account.service("backend").deployments = vec![
        deployment("ecs-svc/2", "PRIMARY", "IN_PROGRESS"),
        deployment("ecs-svc/1", "ACTIVE", "COMPLETED"),
    ];
    script.account.records.insert("backend".into(), vec![record("2", "IN_PROGRESS", 3)]);
    script.run(40);
    script.keys("2s4\n");
    script.send(Msg::Choose("backend".into()));
    script.settle();
    script.keys("\x1b7j/a\n");
    script.run(10);
    script.keys("2s4\ny");
    if !script.acts.is_empty() {
        let action = "ecs:UpdateService".to_owned();
        script.acted(Err(CallError { action, ..error(ErrorKind::Denied) }));
    }
    script.keys("\x1b\x1b4?");
    script.keys("\x1bF");
    let simulated = Some(Simulated { speed: 20.0 / 3.0, scenario: "steady".into() });
    let server_date = Some((script.mono, script.now().wall));
    script.state.polling.clock.learn(&Meter { server_date, simulated, ..Meter::default() });
    for number in 0..10 {
        probe(&mut script, number, ProbeAnswer::Good(200));
    }
    script.keys(&format!("{DB}\n"));
    script.acted(Ok(Accepted::FailoverAccepted("rebooting".into())));
    let names = |last| Ok(vec![[10, 0, 2, last].into()]);
    script.send(Msg::Resolved(Box::new(Resolved { at: script.mono, answer: names(7) })));
    for number in 10..20 {
        probe(&mut script, number, ProbeAnswer::Failed("connection refused".into()));
    }
    script.send(Msg::Resolved(Box::new(Resolved { at: script.mono, answer: names(9) })));
    script.account.writer().status = "rebooting".into();
    script.account.db_events.push(failover_event(60, "Multi-AZ instance failover started."));
    script.run(20);
    script.account.writer().status = "available".into();
    for number in 20..30 {
        probe(&mut script, number, ProbeAnswer::Good(200));
    }
    script.run(5);
    script
}

#[test]
fn every_state_comes_again() {
    let script = session();
    let last = script.states.last().expect("states");
    // What a state is made of was there at some time.
    let some = |what: &str, is: fn(&State) -> bool| assert!(script.states.iter().any(is), "never {what}");
    some("a plan", |s| matches!(&s.screen.overlay, Overlay::Plan(p) if p.plan.is_ok()));
    some("an image to choose", |s| matches!(s.screen.overlay, Overlay::Choose(_)));
    some("zones", |s| !s.account.zones.is_empty());
    some("something bright", |s| s.account.highlights.next_end().is_some());
    some("a denied action", |s| !s.account.denied.is_empty());
    some("a failure", |s| s.account.store.failure(&Topic::Secrets).is_some());
    some("a rollout", |s| s.account.rollouts.counts_down(at(60)));
    some("an outage", |s| s.drill.current.as_ref().is_some_and(|d| d.measured.outage.is_some()));
    assert!(
        last.screen.view == View::Drill
            && !last.screen.cursors.is_empty()
            && last.timeline.entries().len() > 5
    );
    for (i, state) in script.states.iter().enumerate() {
        assert!(read(&written(state)) == *state, "after {} messages", i + 1);
    }
}

#[test]
fn what_follows_is_the_same_from_any_beginning() {
    let script = session();
    let tape = script.tape.as_ref().expect("recorded");
    // After what the script taught the clock by hand.
    let from = script.states.iter().position(|s| s.polling.clock.rate() > 1.0).expect("a simulated clock");
    for begin in (from..script.states.len() - 1).step_by(7) {
        let mut state = read(&written(&script.states[begin]));
        for index in begin + 1..tape.len() {
            let (now, msg) = tape.get(index).expect("a message");
            update(&mut state, msg, now);
            assert!(state == script.states[index], "from {begin}, after {index}");
        }
    }
}

#[test]
fn a_token_of_the_probed_url_is_not_written_down() {
    let mut script = Script::new(Sample::healthy(), None);
    script.state.session.drills.url = Some("https://ops:p4ss@play.example.com/api?key=t0ken#fr4g".into());
    script.connect();
    script.keys("F");
    probe(&mut script, 0, ProbeAnswer::Good(200));
    assert!(
        script.state.drill.current.as_ref().is_some_and(|drill| drill.probe.url.contains("t0ken")),
        "it is asked"
    );
    script.press(Key::char('x'));
    for text in
        [written(&script.state), serde_json::to_string(&InitialState::of(&script.state)).expect("written")]
    {
        assert!(text.contains("https://***@play.example.com/api?key=***#***"), "{text}");
        for secret in ["ops", "p4ss", "t0ken", "fr4g"] {
            assert!(
                !text.contains(&format!("{secret}@")) && !text.contains(&format!("={secret}")),
                "{secret}"
            );
        }
        assert!(!text.contains("p4ss") && !text.contains("t0ken") && !text.contains("fr4g"));
    }
}

#[test]
fn what_is_no_number_is_a_missing_point_when_it_is_read() {
    let mut script = Script::watching();
    let key = MetricKey::new(MetricKind::AlbRequests, "app/x/1");
    let points =
        vec![(at(0), f64::NAN), (at(60), 3.0), (at(120), f64::INFINITY), (at(180), f64::NEG_INFINITY)];
    let series = vec![(key.clone(), Series { points, ..Series::default() })];
    let asked = Query::Metrics { keys: vec![key.clone()] };
    let slot = script.state.account.store.slot_mut(&Topic::Metrics);
    slot.payload = Some(Payload::Metrics(series));
    slot.asked = Some(asked);
    let state = read(&written(&script.state));
    assert_eq!(state.account.store.series(&key).expect("it is there").points, [(at(60), 3.0)]);
}
