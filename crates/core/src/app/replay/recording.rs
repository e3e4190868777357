//! A recording: each message of a session with its time. `update` makes the same states from it again.

use crate::app::state::{Answer, Msg, Screen, Session, State};
use crate::domain::{Meter, Now, PartyBox, Topic};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a recording begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`Header::FORMAT`].
    pub format: String,
    /// [`Header::VERSION`].
    pub version: u32,
    /// When the session began: this machine's clock.
    pub started: DateTime<Utc>,
    /// The command that was run, e.g. `demo`.
    pub command: String,
    /// Version of the program that wrote it.
    pub program: String,
    /// The state before the first message.
    pub start: InitialState,
}

impl Header {
    /// Identifies a recording among other files.
    pub const FORMAT: &'static str = "partybox-top recording";
    /// Version of the lines' format. Another version is not read.
    pub const VERSION: u32 = 2;
}

/// The state before the first message. At the beginning of a session it is only what is not empty; later, the
/// whole state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InitialState {
    /// Settings of the session.
    pub session: Session,
    /// A notice, and until when, monotonic.
    pub notice: Option<(String, Duration)>,
    /// The whole state, where the recording begins in the middle of a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Box<State>>,
}

impl InitialState {
    /// From a state that has handled no message yet.
    pub fn of(state: &State) -> Self {
        Self { session: state.session.clone(), notice: state.screen.notice.clone(), whole: None }
    }

    /// From a state in the middle of its session.
    pub fn amid(state: &State) -> Self {
        Self { whole: Some(Box::new(state.clone())), ..Self::of(state) }
    }

    /// Restores the state.
    pub fn state(&self) -> State {
        if let Some(whole) = &self.whole {
            // What is derived from the readings is not recorded.
            let mut state = whole.as_ref().clone();
            state.account.party_box = PartyBox::join_with(&state.account.store, &state.session.databases);
            return state;
        }
        let screen = Screen { notice: self.notice.clone(), ..Screen::default() };
        State { session: self.session.clone(), screen, ..State::default() }
    }
}

/// One message and its time: a line of a recording. Either `msg` or `same` is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedMsg {
    /// Monotonic time of the session, microseconds.
    pub mono_us: u64,
    /// This machine's clock.
    pub wall: DateTime<Utc>,
    /// The message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg: Option<Msg>,
    /// An answer with the same payload as the last recorded one of its topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same: Option<Repeated>,
}

/// An answer whose payload is that of the last recorded answer of its topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repeated {
    /// About what.
    pub topic: Topic,
    /// The run that asked.
    pub run: u64,
    /// The connection's meter at that moment.
    pub meter: Meter,
}

impl RecordedMsg {
    /// A message at a time. Times are whole microseconds, as the runtime's clock gives them.
    pub fn new(msg: Msg, now: Now) -> Self {
        let mono_us = u64::try_from(now.mono.as_micros()).unwrap_or(u64::MAX);
        Self { mono_us, wall: now.wall, msg: Some(msg), same: None }
    }

    /// The time of the message.
    pub fn now(&self) -> Now {
        Now { mono: Duration::from_micros(self.mono_us), wall: self.wall }
    }

    /// Omits the payload when it is that of the last recorded answer of its topic.
    #[must_use]
    pub fn without(self, last: Option<&Answer>) -> Self {
        match self.msg {
            Some(Msg::Answer(answer)) if last.is_some_and(|last| same(last, &answer)) => {
                let Answer { topic, run, meter, .. } = *answer;
                Self { msg: None, same: Some(Repeated { topic, run, meter }), ..self }
            }
            msg => Self { msg, ..self },
        }
    }
}

fn same(one: &Answer, other: &Answer) -> bool {
    matches!((&one.result, &other.result), (Ok(one), Ok(other)) if one == other)
}

/// The messages of a session, in order.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    lines: Vec<RecordedMsg>,
    /// For each line that says `same`: the line that has the payload.
    sources: BTreeMap<usize, usize>,
    /// The newest line with a payload, by topic.
    newest: BTreeMap<Topic, usize>,
}

impl Recording {
    /// Adds a line. The error says why it cannot stand there.
    pub fn push(&mut self, line: RecordedMsg) -> Result<(), String> {
        let at = self.lines.len();
        if self.lines.last().is_some_and(|last| last.mono_us > line.mono_us) {
            return Err("it is earlier than the line before it".to_owned());
        }
        match (&line.msg, &line.same) {
            (Some(Msg::Answer(answer)), None) => {
                if answer.result.is_ok() {
                    self.newest.insert(answer.topic.clone(), at);
                }
            }
            (Some(_), None) => {}
            (None, Some(same)) => match self.newest.get(&same.topic) {
                Some(source) => drop(self.sources.insert(at, *source)),
                None => return Err(format!("no earlier reading of {:?} is there", same.topic)),
            },
            _ => return Err("it holds no message".to_owned()),
        }
        self.lines.push(line);
        Ok(())
    }

    /// The number of messages.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The time of a message.
    pub fn time(&self, index: usize) -> Option<Now> {
        self.lines.get(index).map(RecordedMsg::now)
    }

    /// A message with its time.
    pub fn get(&self, index: usize) -> Option<(Now, Msg)> {
        let line = self.lines.get(index)?;
        let msg = match (&line.msg, &line.same) {
            (Some(msg), _) => msg.clone(),
            (None, Some(Repeated { topic, run, meter })) => {
                let source = self.lines.get(*self.sources.get(&index)?)?;
                let Some(Msg::Answer(answer)) = &source.msg else { return None };
                let result = answer.result.clone();
                Msg::Answer(Box::new(Answer {
                    topic: topic.clone(),
                    run: *run,
                    result,
                    meter: meter.clone(),
                }))
            }
            (None, None) => return None,
        };
        Some((line.now(), msg))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ErrorKind;
    use crate::domain::Payload;
    use crate::domain::samples::{at, error};

    fn answer(run: u64, result: Result<Payload, crate::domain::CallError>) -> Answer {
        Answer { topic: Topic::Alarms, run, result, meter: Meter { requests: run, ..Meter::default() } }
    }

    fn taken(msg: Msg, mono: u64) -> RecordedMsg {
        RecordedMsg::new(msg, Now { mono: Duration::from_micros(mono), wall: at(0) })
    }

    #[test]
    fn a_reading_that_brought_the_same_is_short_and_comes_back_whole() {
        let first = answer(1, Ok(Payload::Alarms(vec![])));
        let second = answer(2, Ok(Payload::Alarms(vec![])));
        let failed = answer(3, Err(error(ErrorKind::Throttled)));
        let msg = |a: &Answer| Msg::Answer(Box::new(a.clone()));
        let short = taken(msg(&second), 5).without(Some(&first));
        assert!(short.msg.is_none() && short.same.is_some(), "{short:?}");
        assert!(taken(msg(&failed), 6).without(Some(&failed)).same.is_none(), "a failure is always written");
        assert!(taken(msg(&second), 6).without(None).same.is_none());

        let mut recording = Recording::default();
        for line in [taken(msg(&first), 1), taken(msg(&failed), 2), short] {
            recording.push(line).expect("in order");
        }
        assert_eq!(recording.get(0).expect("there").1, msg(&first));
        assert_eq!(recording.get(1).expect("there").1, msg(&failed));
        assert_eq!(recording.get(2).expect("there").1, msg(&second));
        assert_eq!(recording.get(3), None);
    }

    #[test]
    fn what_cannot_stand_there_is_refused() {
        let mut recording = Recording::default();
        recording.push(taken(Msg::Tick, 5)).expect("the first");
        assert!(recording.push(taken(Msg::Tick, 4)).is_err(), "time runs backwards");
        let same = Repeated { topic: Topic::Alarms, run: 1, meter: Meter::default() };
        let orphan = RecordedMsg { msg: None, same: Some(same), ..taken(Msg::Tick, 6) };
        assert!(recording.push(orphan).is_err(), "same as what?");
        assert!(recording.push(RecordedMsg { msg: None, ..taken(Msg::Tick, 6) }).is_err(), "nothing");
    }
}
