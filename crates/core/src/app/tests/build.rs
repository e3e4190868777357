//! A script: it plays the runtime. It answers what is asked from a sample account and moves a clock by hand.

use crate::app::{
    Answer, Effect, Key, KeyCode, Msg, Overlay, Pane, PlanPanel, RecordedMsg, Recording, State, View,
    next_deadline, update,
};
use crate::domain::samples::{Sample, at};
use crate::domain::{CallError, Meter, Now, Payload, Query, Topic};
use crate::operation::{Accepted, Action};
use chrono::TimeDelta;
use std::collections::VecDeque;
use std::time::Duration;

/// A question under way.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) topic: Topic,
    pub(super) run: u64,
    pub(super) query: Query,
}

/// Which questions fail, and how.
type Fault = (fn(&Topic) -> bool, CallError);

pub(super) struct Script {
    pub(super) state: State,
    pub(super) account: Sample,
    pub(super) mono: Duration,
    /// Everything that was asked: when and about what.
    pub(super) asked: Vec<(Duration, Topic)>,
    /// Questions not answered yet.
    pub(super) open: VecDeque<Ask>,
    /// Everything that was sent to change something.
    pub(super) acts: Vec<(u64, Action)>,
    /// Notifications: (title, text).
    pub(super) told: Vec<(String, String)>,
    /// How often a tick was due.
    pub(super) ticks: u32,
    pub(super) faults: Vec<Fault>,
    /// Whether questions are left unanswered.
    pub(super) hang: bool,
    /// Everything that was taken in, when somebody wants it; and the state after each.
    pub(super) tape: Option<Recording>,
    pub(super) states: Vec<State>,
}

impl Script {
    /// Not connected yet.
    pub(super) fn new(account: Sample, wanted: Option<&str>) -> Self {
        let mut state = State::default();
        state.screen.size = (120, 40);
        state.session.cluster_wanted = wanted.map(str::to_owned);
        Self {
            state,
            account,
            mono: Duration::from_secs(10),
            asked: Vec::new(),
            open: VecDeque::new(),
            acts: Vec::new(),
            told: Vec::new(),
            ticks: 0,
            faults: Vec::new(),
            hang: false,
            tape: None,
            states: Vec::new(),
        }
    }

    /// A healthy Party Box, connected, everything read.
    pub(super) fn watching() -> Self {
        let mut script = Self::new(Sample::healthy(), None);
        script.connect();
        assert!(script.state.all_answered(), "everything is read at once");
        script
    }

    pub(super) fn connect(&mut self) {
        self.send(Msg::Connected { region: "ap-northeast-1".into(), endpoint: None, profile: None });
        self.settle();
    }

    /// The server's clock runs with ours and begins at the samples' moment.
    pub(super) fn now(&self) -> Now {
        Now { mono: self.mono, wall: at(0) + TimeDelta::from_std(self.mono).expect("a short run") }
    }

    pub(super) fn send(&mut self, msg: Msg) {
        let now = self.now();
        if let Some(tape) = &mut self.tape {
            tape.push(RecordedMsg::new(msg.clone(), now)).expect("in order");
        }
        for effect in update(&mut self.state, msg, now) {
            match effect {
                Effect::Poll { topic, run, query } => {
                    assert!(
                        self.state
                            .account
                            .store
                            .slot(&topic)
                            .is_some_and(|s| s.in_flight == Some((run, now.mono))),
                        "{topic:?} is under way once"
                    );
                    self.asked.push((now.mono, topic.clone()));
                    self.open.push_back(Ask { topic, run, query });
                }
                Effect::SendOperation { id, action, .. } => self.acts.push((id, action)),
                Effect::Notify { title, text } => self.told.push((title, text)),
                Effect::Quit
                | Effect::Record(_)
                | Effect::Probe(_)
                | Effect::ProbeStop
                | Effect::LoadHistory
                | Effect::SaveReport { .. } => {}
            }
        }
        if self.tape.is_some() {
            self.states.push(self.state.clone());
        }
    }

    /// What AWS says to a question, as things stand.
    pub(super) fn say(&self, ask: &Ask) -> Result<Payload, CallError> {
        match self.faults.iter().find(|(hit, _)| hit(&ask.topic)) {
            Some((_, error)) => Err(error.clone()),
            None => self.account.answer(&ask.query),
        }
    }

    pub(super) fn answer(&mut self, ask: &Ask, result: Result<Payload, CallError>) {
        let answer = Answer { topic: ask.topic.clone(), run: ask.run, result, meter: Meter::default() };
        self.send(Msg::Answer(Box::new(answer)));
    }

    /// Answers everything that is open, and what is asked because of the answers.
    pub(super) fn settle(&mut self) {
        while !self.hang {
            let Some(ask) = self.open.pop_front() else { return };
            let result = self.say(&ask);
            self.answer(&ask, result);
        }
    }

    /// Lets time pass: ticks when a deadline is due, answers at once.
    pub(super) fn run(&mut self, seconds: u64) {
        let end = self.mono + Duration::from_secs(seconds);
        loop {
            let due = next_deadline(&self.state, self.now()).unwrap_or(end).min(end);
            self.mono = self.mono.max(due);
            if self.mono >= end {
                return;
            }
            self.ticks += 1;
            assert!(self.ticks < 20_000, "ticks without end");
            self.send(Msg::Tick);
            self.settle();
        }
    }

    pub(super) fn press(&mut self, key: Key) {
        self.send(Msg::Key(key));
    }

    pub(super) fn code(&mut self, code: KeyCode) {
        self.press(Key::plain(code));
    }

    /// Characters, one by one. `\n` is Enter, `\x1b` is Esc, `\t` is Tab.
    pub(super) fn keys(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' => self.code(KeyCode::Enter),
                '\x1b' => self.code(KeyCode::Esc),
                '\t' => self.code(KeyCode::Tab),
                c => self.press(Key::char(c)),
            }
        }
    }

    pub(super) fn acted(&mut self, outcome: Result<Accepted, CallError>) {
        let id = self.acts.last().expect("something was sent").0;
        self.send(Msg::OperationAnswered { id, outcome, meter: Meter::default() });
        self.settle();
    }

    /// How often a topic was asked since a moment.
    pub(super) fn count(&self, since: Duration, topic: &Topic) -> usize {
        self.asked.iter().filter(|(at, t)| *at >= since && t == topic).count()
    }

    pub(super) fn plan(&self) -> &PlanPanel {
        match &self.state.screen.overlay {
            Overlay::Plan(panel) => panel,
            other => panic!("no plan is open but {other:?}"),
        }
    }

    pub(super) fn row(&self, view: View, pane: Pane) -> usize {
        self.state.cursor(view, pane)
    }

    pub(super) fn notice(&self) -> &str {
        self.state.screen.notice.as_ref().map_or("", |n| n.0.as_str())
    }
}
