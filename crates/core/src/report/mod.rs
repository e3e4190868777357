//! Reports: output for files, shells and scripts.

pub mod drill;
mod exit_status;
pub mod progress;
pub mod status;

pub use exit_status::ExitStatus;
