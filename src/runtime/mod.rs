//! The only module that spawns, waits, sends and does I/O.

pub mod audit;
mod clock;
mod drill_recording;
pub mod drill_store;
mod effects;
mod endpoint;
mod headless;
mod input;
mod message_pump;
mod pace;
mod prober;
mod recorder;
mod recording;
mod replay;
mod screen;
mod signals;
mod status_line;
mod sync_backend;
mod terminal;

pub use clock::SessionClock;
pub use endpoint::Endpoint;
pub use headless::Headless;
pub use recorder::{RecordError, Recorder};
pub use recording::{LoadError, RecordingFile};
pub use replay::replay;
pub use screen::{ScreenSetup, run};
pub use signals::wait_for_signal;
pub use status_line::StatusLine;
