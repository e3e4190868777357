//! What leaves the screen.

pub mod drill;
mod exit_status;
pub mod progress;
pub mod status;

pub use exit_status::ExitStatus;
