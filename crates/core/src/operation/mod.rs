//! Operations: planned, checked, confirmed, sent once, followed to a verdict.

mod action;
pub mod audit;
mod draft;
pub mod drill;
mod follow;
mod follow_cluster;
pub mod plan;
#[cfg(test)]
mod tests;
mod tracked;

pub use action::{Accepted, Action};
pub use draft::{Draft, MAX_TASKS, inverse, last_ended};
pub use follow::{follow, pin};
pub use plan::{Check, CheckResult, Confirm, Plan};
pub use tracked::{OperationStage, Progress, Tracked, Verdict};
