//! The recording of a drill, from its baseline until its report is written. It is then moved beside the
//! report.
//!
//! Meanwhile it is a hidden file in the folder of the records. When the program is killed it stays there, as
//! far as it was written: it can be replayed, and `partybox-top drills` names it.

use super::drill_store;
use super::recorder::Recorder;
use partybox_core::app::{Effect, Msg, State};
use partybox_core::domain::Now;
use partybox_core::operation::drill::DrillStage;
use partybox_core::operation::drill::report::{DrillReport, RECORDING};
use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;

/// The recording of the current drill, and those that wait for their report. Dropped before the failover was
/// sent, it removes its file.
#[derive(Debug, Default)]
pub(super) struct DrillRecording {
    running: Option<Running>,
    /// The newest complete recording: the drill's id, and its file.
    complete: Option<(String, PathBuf)>,
    /// Reports that are being written, each with the folder for a copy, oldest first.
    reports: VecDeque<(Box<DrillReport>, Option<String>)>,
    /// Whether a recording has just begun.
    begun: bool,
}

/// A recording under way.
#[derive(Debug)]
struct Running {
    /// The drill's id.
    id: String,
    recorder: Recorder,
    path: PathBuf,
    /// Whether the failover was sent; until then there is only a baseline.
    sent: bool,
}

impl DrillRecording {
    /// Records a message before it is handled. Returns a sentence when it cannot go on.
    pub(super) fn take(&mut self, msg: &Msg, now: Now) -> Option<String> {
        let trouble = self.running.as_mut()?.recorder.take(msg, now)?;
        // The part that is written stays.
        self.running = None;
        Some(trouble)
    }

    /// Follows the effects of a message: a baseline begins, it is given up, a report is written. Returns a
    /// sentence when a recording cannot begin.
    pub(super) fn follow(&mut self, state: &State, effects: &mut [Effect], now: Now) -> Option<String> {
        let mut trouble = None;
        for effect in effects {
            match effect {
                Effect::Probe(_) => trouble = self.begin(state, now),
                Effect::ProbeStop if state.drill.current.is_none() => self.give_up(),
                Effect::SaveReport { story, folder } => {
                    if self.has(&story.id) {
                        story.recording = Some(RECORDING.to_owned());
                    }
                    self.reports.push_back((story.clone(), folder.clone()));
                }
                _ => {}
            }
        }
        if let (Some(running), Some(drill)) = (&mut self.running, &state.drill.current) {
            running.sent |= drill.id == running.id && drill.stage != DrillStage::Baseline;
        }
        trouble
    }

    /// Whether a recording began since the last call: its first message, a tick at this moment, is written.
    pub(super) fn begun(&mut self) -> bool {
        std::mem::take(&mut self.begun)
    }

    /// Whether a report is being written.
    pub(super) fn waits(&self) -> bool {
        !self.reports.is_empty()
    }

    /// Takes the answer that a report was written, or not: its recording is complete and is moved beside it.
    /// Returns a sentence when it cannot be.
    pub(super) fn file(&mut self) -> Option<String> {
        let (story, copy) = self.reports.pop_front()?;
        if let Some(running) = self.running.take_if(|running| running.id == story.id) {
            self.complete = Some((running.id, running.path));
        }
        let (_, path) = self.complete.as_mut().filter(|(id, _)| *id == story.id)?;
        match drill_store::file_recording(&story, copy.as_deref(), path) {
            Ok(place) => {
                *path = place;
                None
            }
            Err(error) => Some(format!(
                "the drill's recording stays at {}, not beside its report: {error}",
                path.display()
            )),
        }
    }

    fn has(&self, id: &str) -> bool {
        self.running.as_ref().is_some_and(|running| running.id == id)
            || self.complete.as_ref().is_some_and(|(known, _)| known == id)
    }

    fn begin(&mut self, state: &State, now: Now) -> Option<String> {
        match self.running.take() {
            // Its report is being written, so its recording is complete.
            Some(before) if self.reports.iter().any(|(story, _)| story.id == before.id) => {
                self.complete = Some((before.id, before.path));
            }
            before => self.running = before,
        }
        self.give_up();
        let id = state.drill.current.as_ref()?.id.clone();
        let begun = drill_store::new_recording(&id).map_err(|error| error.to_string()).and_then(|path| {
            let recorder = Recorder::amid(&path, "drill", state, now).map_err(|error| error.to_string())?;
            Ok((path, recorder))
        });
        match begun {
            Ok((path, recorder)) => {
                self.running = Some(Running { id, recorder, path, sent: false });
                self.begun = true;
                None
            }
            Err(why) => Some(format!("the drill is not recorded: {why}")),
        }
    }

    /// Ends a recording whose failover was not sent, and removes it.
    fn give_up(&mut self) {
        if let Some(Running { recorder, path, .. }) = self.running.take_if(|running| !running.sent) {
            drop(recorder);
            // A file that cannot be removed is named by `partybox-top drills`.
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for DrillRecording {
    fn drop(&mut self) {
        self.give_up();
    }
}
