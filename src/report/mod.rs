//! What leaves the screen.

pub mod status;
