//! The recording of a drill: from its baseline until its report is written, and then beside the report.
//!
//! Meanwhile it is a file with a dot before its name in the folder of the records. A program that is killed leaves it
//! there, as far as it came: it can be replayed, and `partybox-top drills` names it.

use super::drill_store;
use super::recorder::Recorder;
use partybox_core::app::{Effect, Msg, State};
use partybox_core::domain::Now;
use partybox_core::operation::drill::DrillStage;
use partybox_core::operation::drill::report::{DrillReport, RECORDING};
use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;

/// The recording of the drill under way, and those that wait for their report. Dropped before the failover was sent, it takes its file with it.
#[derive(Debug, Default)]
pub(super) struct DrillRecording {
    running: Option<Running>,
    /// The newest recording that is complete: the drill's id, and where it lies.
    complete: Option<(String, PathBuf)>,
    /// Reports on their way to the disk, each with the folder that gets a copy, in their order.
    reports: VecDeque<(Box<DrillReport>, Option<String>)>,
    /// Whether one has just begun.
    begun: bool,
}

/// A recording under way.
#[derive(Debug)]
struct Running {
    /// The drill's id.
    id: String,
    recorder: Recorder,
    path: PathBuf,
    /// Whether there is more than a baseline to it.
    sent: bool,
}

impl DrillRecording {
    /// Notes a message that is about to be taken in. A sentence when it cannot go on.
    pub(super) fn take(&mut self, msg: &Msg, now: Now) -> Option<String> {
        let trouble = self.running.as_mut()?.recorder.take(msg, now)?;
        // What was written until now stays where it is.
        self.running = None;
        Some(trouble)
    }

    /// Looks at what a message led to: a baseline begins, it is given up, a report is written. A sentence when a recording
    /// cannot begin.
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

    /// Whether a recording began since this was asked last: its first message, a tick at this moment, is written.
    pub(super) fn begun(&mut self) -> bool {
        std::mem::take(&mut self.begun)
    }

    /// Whether a report is on its way to the disk.
    pub(super) fn waits(&self) -> bool {
        !self.reports.is_empty()
    }

    /// A report was written, or not: its recording is complete, and goes beside it. A sentence when it cannot.
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
            // Its report is on its way: what is written now is all of it.
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

    /// Nothing was sent: there is nothing to keep.
    fn give_up(&mut self) {
        if let Some(Running { recorder, path, .. }) = self.running.take_if(|running| !running.sent) {
            drop(recorder);
            // What cannot be removed is named by `drills`.
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for DrillRecording {
    fn drop(&mut self) {
        self.give_up();
    }
}
