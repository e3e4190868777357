//! The only room that spawns, waits, sends and does I/O.

pub mod audit;
mod headless;
mod input;
<<<<<<< HEAD
mod prober;
=======
mod live;
>>>>>>> left3
mod quiet;
pub mod records;
mod screen;
mod terminal;
mod worker;

pub use headless::Headless;
pub use live::Live;
pub use screen::{Started, run};
use worker::Outbox;
pub use worker::{Door, Stopwatch, wait_for_signal};
