//! Passes messages to the state. Each is written to the recordings before: the session's and the drill's.

use super::drill_recording::DrillRecording;
use super::recorder::Recorder;
use partybox_core::app::{self, Effect, Msg, State};
use partybox_core::domain::Now;

/// The recordings of a session.
#[derive(Debug, Default)]
pub(super) struct MessagePump {
    /// The recording of the whole session, if asked for.
    session: Option<Recorder>,
    /// The recording of the current drill.
    drill: DrillRecording,
}

/// The result of handling a message.
#[derive(Debug, Default)]
pub(super) struct PumpOutcome {
    /// What is to be done.
    pub(super) effects: Vec<Effect>,
    /// What went wrong with a recording, in sentences. The session goes on.
    pub(super) troubles: Vec<String>,
}

impl MessagePump {
    /// Makes one, with the recording of the whole session if there is one.
    pub(super) fn new(session: Option<Recorder>) -> Self {
        Self { session, drill: DrillRecording::default() }
    }

    /// Records everything from here on.
    pub(super) fn record(&mut self, recorder: Recorder) {
        self.session = Some(recorder);
    }

    /// Handles a message after it was written to the recordings.
    pub(super) fn take(&mut self, state: &mut State, msg: Msg, now: Now) -> PumpOutcome {
        let mut troubles = Vec::new();
        if let Some(trouble) = self.session.as_mut().and_then(|recorder| recorder.take(&msg, now)) {
            self.session = None;
            troubles.push(trouble);
        }
        troubles.extend(self.drill.take(&msg, now));
        let kept = matches!(msg, Msg::ReportSaved(_));
        let mut effects = app::update(state, msg, now);
        troubles.extend(self.drill.follow(state, &mut effects, now));
        if kept {
            troubles.extend(self.drill.file());
        }
        if self.drill.begun() {
            // The drill's recording has its first message already, and so can be replayed.
            let first = self.session.as_mut().and_then(|recorder| recorder.take(&Msg::Tick, now));
            troubles.extend(first);
            effects.extend(app::update(state, Msg::Tick, now));
        }
        PumpOutcome { effects, troubles }
    }

    /// Whether a drill's report is being written, and its recording waits for it.
    pub(super) fn waits(&self) -> bool {
        self.drill.waits()
    }
}
