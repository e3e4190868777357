//! The program's clock. Only this, the meter of the AWS crate and the simulator read the time.

use chrono::SubsecRound;
use partybox_core::domain::Now;
use std::time::{Duration, Instant};

/// The monotonic clock of a session and the machine's wall clock, read together.
#[derive(Debug, Clone, Copy)]
pub struct SessionClock(Instant);

impl SessionClock {
    /// Starts the clock at this moment.
    #[expect(clippy::disallowed_methods, reason = "this is the program's clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The instant from which its monotonic times count.
    pub(super) fn epoch(self) -> Instant {
        self.0
    }

    /// The time of a message, in whole microseconds: a recording stores no more, and its replay must get the
    /// same time.
    #[expect(clippy::disallowed_methods, reason = "this is the program's clock")]
    pub fn now(self) -> Now {
        let mono = Duration::from_micros(u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX));
        Now { mono, wall: chrono::Utc::now().trunc_subsecs(6) }
    }
}

/// The id of this run of the program in the audit log: `<unix seconds>-<pid>`.
#[expect(clippy::disallowed_methods, reason = "this is the program's clock")]
pub(super) fn session_id() -> String {
    format!("{}-{}", chrono::Utc::now().timestamp(), std::process::id())
}
