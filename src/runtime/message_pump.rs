//! Messages on their way into the state: written down before, into the session's recording and the drill's own.

use super::drill_recording::DrillRecording;
use super::recorder::Recorder;
use partybox_core::app::{self, Effect, Msg, State};
use partybox_core::domain::Now;

/// Everything that writes down what is taken in.
#[derive(Debug, Default)]
pub(super) struct MessagePump {
    /// Of the whole session, when somebody wants it.
    session: Option<Recorder>,
    /// Of the drill under way.
    drill: DrillRecording,
}

/// What a message led to.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// What is to be done.
    pub(super) effects: Vec<Effect>,
    /// What went wrong with a recording, in sentences. The session goes on.
    pub(super) troubles: Vec<String>,
}

impl MessagePump {
    /// With the recording of the whole session, when there is one.
    pub(super) fn new(session: Option<Recorder>) -> Self {
        Self { session, drill: DrillRecording::default() }
    }

    /// Writes down everything from here on.
    pub(super) fn record(&mut self, recorder: Recorder) {
        self.session = Some(recorder);
    }

    /// Takes a message in, written down before.
    pub(super) fn take(&mut self, state: &mut State, msg: Msg, now: Now) -> Step {
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
            // The first message of the drill's recording: it is there already, and with it the recording can be replayed.
            let first = self.session.as_mut().and_then(|recorder| recorder.take(&Msg::Tick, now));
            troubles.extend(first);
            effects.extend(app::update(state, Msg::Tick, now));
        }
        Step { effects, troubles }
    }

    /// Whether a drill's report is on its way to the disk, and its recording waits for it.
    pub(super) fn waits(&self) -> bool {
        self.drill.waits()
    }
}
