//! Recordings of a session, and their replay.

mod keymap;
mod player;
mod recording;
mod viewer;

pub use keymap::{Control, REPLAY_KEYS, ReplayKey};
pub use player::Replay;
pub use recording::{Header, InitialState, RecordedMsg, Recording, Repeated};
