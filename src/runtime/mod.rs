//! The only room that spawns, waits, sends and does I/O.

pub mod audit;
mod drill_recording;
mod headless;
mod input;
mod intake;
mod live;
mod prober;
mod quiet;
mod recorder;
mod recording;
pub mod records;
mod replay;
mod screen;
mod terminal;
mod worker;

pub use headless::Headless;
pub use live::Live;
pub use recorder::{RecordError, Recorder};
pub use recording::{LoadError, Recording};
pub use replay::replay;
pub use screen::{Started, run};
use worker::Outbox;
pub use worker::{Door, Stopwatch, wait_for_signal};
