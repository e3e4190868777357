//! Operations: planned, checked, confirmed, sent once, followed to a verdict.

mod action;
mod plan;
mod tracked;

pub use action::{Accepted, Action};
pub use plan::{Check, Confirm, Outcome, Plan};
pub use tracked::{Stage, Tracked, Verdict};
