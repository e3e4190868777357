//! What readings, operations, rollouts and drills change in the state.

pub(crate) mod drill;
mod drill_report;
pub(crate) mod highlights;
pub(crate) mod image_picker;
pub(crate) mod operations;
pub(crate) mod readings;
pub(crate) mod rollouts;
pub(crate) mod rows;
pub(crate) mod start;
pub(crate) mod timeline_from_readings;

pub use drill::{drill_end_entry, drill_spec};
pub use drill_report::drill_report;
