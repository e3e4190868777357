//! The virtual clock: the one place that reads the machine's clock for the world.
#![expect(clippy::disallowed_methods, reason = "this is the simulator's only real clock")]
use std::time::{Duration, Instant};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Virtual time: begins at the real time of day and runs `speed` times as fast.
#[derive(Debug, Clone, Copy)]
pub struct VirtualClock {
    start: DateTime<Utc>,
    speed: f64,
    started: Instant,
}

/// What the machine's own clock shows: signatures are dated by it.
pub fn wall() -> DateTime<Utc> {
    Utc::now()
}

impl VirtualClock {
    /// A clock that starts now, at the real time cut to a whole second. `speed` is in virtual seconds
    /// per real second.
    pub fn start_now(speed: f64) -> Self {
        let now = Utc::now();
        let start = now.duration_trunc(TimeDelta::seconds(1)).unwrap_or(now);
        Self::starting_at(start, speed)
    }

    /// A clock that shows `start` at this moment.
    pub fn starting_at(start: DateTime<Utc>, speed: f64) -> Self {
        Self { start, speed, started: Instant::now() }
    }

    /// The virtual time at which this clock started.
    pub const fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// Virtual seconds per real second.
    pub const fn speed(&self) -> f64 {
        self.speed
    }

    /// The virtual time now.
    pub fn now(&self) -> DateTime<Utc> {
        self.at(self.started.elapsed())
    }

    /// The virtual time after `elapsed` of real time.
    fn at(&self, elapsed: Duration) -> DateTime<Utc> {
        let virtual_elapsed = Duration::try_from_secs_f64(elapsed.as_secs_f64() * self.speed)
            .ok()
            .and_then(|elapsed| TimeDelta::from_std(elapsed).ok())
            .unwrap_or(TimeDelta::MAX);
        self.start.checked_add_signed(virtual_elapsed).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_at_its_speed_and_never_overflows() {
        let clock = VirtualClock::starting_at(DateTime::UNIX_EPOCH, 20.0);
        assert_eq!(clock.at(Duration::from_millis(1500)).timestamp(), 30);
        let absurd = VirtualClock::starting_at(DateTime::UNIX_EPOCH, f64::MAX);
        assert_eq!(absurd.at(Duration::from_secs(1)), DateTime::<Utc>::MAX_UTC);
    }
}
