//! What leaves the screen.

pub mod drill;
pub mod status;
