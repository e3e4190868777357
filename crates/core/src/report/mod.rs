//! What leaves the screen.

pub mod drill;
pub mod progress;
pub mod status;
