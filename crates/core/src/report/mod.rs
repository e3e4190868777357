//! Reports: output for files, shells and scripts.

pub mod drill;
mod exit_status;
pub mod operation_json;
pub mod progress;
pub mod status;

pub use exit_status::ExitStatus;
