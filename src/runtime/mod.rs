//! The only room that spawns, waits, sends and does I/O.

mod headless;
mod input;
mod quiet;
mod screen;
mod terminal;
mod worker;

pub use headless::{Looked, look_once};
pub use screen::{Started, run};
pub use worker::{Door, Outbox, Stopwatch, wait_for_signal};
