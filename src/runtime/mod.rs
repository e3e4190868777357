//! The only room that spawns, waits, sends and does I/O.

mod headless;
mod input;
mod quiet;
mod screen;
mod terminal;
mod worker;

pub use headless::{Looked, look_once};
pub use screen::{Started, run};
use worker::Outbox;
pub use worker::{Door, Stopwatch, wait_for_signal};
