//! What leaves the screen.

pub mod progress;
pub mod status;
