//! The application: one owner of state, one pure `update`. No clock, no I/O, no SDK, no drawing.
//!
//! The folders are floors, each imports from the ones before it: `state` (plain data) < `polling` (what to
//! ask AWS, and when) < `reducers` (what readings, operations and drills change) < `input` (what keys do) <
//! `update` < `replay`.

mod input;
mod polling;
mod reducers;
mod replay;
mod state;
#[cfg(test)]
mod tests;
mod update;

pub use input::keymap;
pub use polling::next_deadline;
pub use reducers::{drill_end_entry, drill_report, drill_spec};
pub use replay::{
    Control, Header, InitialState, REPLAY_KEYS, RecordedMsg, Recording, Repeated, Replay, ReplayKey,
};
pub use state::{
    Account, Answer, ChainItem, Cursor, DrillState, Effect, Entry, EventKind, Fold, Highlights, ImageChoice,
    ImageSource, Key, KeyCode, Msg, Overlay, Pane, PaneRows, PlanPanel, Polling, RulePosition, Schedule,
    Screen, Session, Source, StartPhase, State, Step, TextInput, Timeline, View, WatchedValue, age_label,
};
pub use update::update;
