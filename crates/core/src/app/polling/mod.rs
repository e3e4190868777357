//! What to ask AWS and when: the plan, the rate limits, the deadlines.

mod deadline;
mod plan;
mod plan_rollouts;
mod rate_limit;
mod scheduler;

pub use deadline::next_deadline;
pub(crate) use scheduler::{backoff, refresh, run};

use std::time::Duration;

/// Above this many services only the selected one's tasks are read often.
const MANY_SERVICES: usize = 20;

/// On a simulated clock that runs fast, never poll one topic faster than this.
const FASTEST: Duration = Duration::from_millis(500);

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}
