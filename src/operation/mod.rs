//! Operations: planned, checked, confirmed, sent once, followed to a verdict.

mod action;

pub use action::{Accepted, Action};
