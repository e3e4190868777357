//! Two clocks: the monotonic one for what we measure ourselves, the server's for ages and countdowns.

use super::Meter;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Tolerance between an event's time and the `Date` of an answer: events after a moment are searched from
/// this long before it.
pub const EVENT_SLACK: TimeDelta = TimeDelta::seconds(5);

/// The time at which the runtime received a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Since the program started; never jumps.
    pub mono: Duration,
    /// This machine's wall clock; used only until a server has told its own.
    pub wall: DateTime<Utc>,
}

/// The server's clock, learned from the `Date` headers of its answers.
///
/// ```
/// use partybox_core::domain::{Meter, Now, ServerClock};
/// use std::time::Duration;
///
/// let local = chrono::DateTime::from_timestamp(1_000_000, 0).unwrap();
/// let server = chrono::DateTime::from_timestamp(1_000_420, 0).unwrap();
/// let mut clock = ServerClock::default();
/// let at = |seconds| Now { mono: Duration::from_secs(seconds), wall: local };
/// assert_eq!(clock.now(at(10)), local, "until a server has told its time, this machine's must do");
/// clock.learn(&Meter { server_date: Some((Duration::from_secs(10), server)), ..Meter::default() });
/// assert_eq!(clock.now(at(15)), server + Duration::from_secs(5));
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ServerClock {
    /// Server time at monotonic zero.
    zero: Option<DateTime<Utc>>,
    /// Server seconds per second: 1, or the simulator's speed.
    rate: Option<f64>,
}

impl ServerClock {
    /// Server seconds per second of ours: 1 on AWS, the speed on a simulated endpoint.
    pub fn rate(&self) -> f64 {
        self.rate.unwrap_or(1.0)
    }

    /// Learns from an answer's headers. `Date` is cut to whole seconds, so of the samples that agree the
    /// latest is nearest to the truth; a sample more than 2 s (at the server's rate) away resets the clock.
    #[expect(clippy::float_cmp, reason = "the same header gives the same number")]
    pub fn learn(&mut self, meter: &Meter) {
        let rate = meter.simulated.as_ref().map_or(1.0, |s| s.speed);
        let Some((mono, date)) = meter.server_date else { return };
        let zero = date - scaled(mono, rate);
        let slack = TimeDelta::milliseconds(to_millis(2.0_f64.max(2.0 * rate)));
        self.zero = match self.zero {
            Some(old) if self.rate() == rate && (old - zero).abs() < slack => Some(old.max(zero)),
            _ => Some(zero),
        };
        self.rate = Some(rate);
    }

    /// The server's time now.
    pub fn now(&self, now: Now) -> DateTime<Utc> {
        match self.zero {
            Some(zero) => zero + scaled(now.mono, self.rate()),
            None => now.wall,
        }
    }

    /// The server's time at a monotonic moment; `None` until the server has told its time.
    pub fn moment(&self, mono: Duration) -> Option<DateTime<Utc>> {
        Some(self.zero? + scaled(mono, self.rate()))
    }

    /// How long ago, in server time, a monotonic moment was.
    pub fn since(&self, moment: Duration, now: Now) -> Duration {
        now.mono.saturating_sub(moment).mul_f64(self.rate())
    }
}

fn scaled(span: Duration, rate: f64) -> TimeDelta {
    TimeDelta::milliseconds(to_millis(span.as_secs_f64() * rate))
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a program's run fit i64 by far")]
fn to_millis(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Simulated;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a valid time")
    }

    fn meter(mono_ms: u64, date: i64, speed: Option<f64>) -> Meter {
        Meter {
            server_date: Some((Duration::from_millis(mono_ms), at(date))),
            simulated: speed.map(|speed| Simulated { speed, scenario: "steady".into() }),
            ..Meter::default()
        }
    }

    fn now(mono_ms: u64) -> Now {
        Now { mono: Duration::from_millis(mono_ms), wall: at(-9_999) }
    }

    #[test]
    fn follows_the_server_not_the_laptop() {
        let mut clock = ServerClock::default();
        assert_eq!(clock.now(now(0)), at(-9_999));
        clock.learn(&meter(500, 100, None));
        assert_eq!(clock.now(now(1_500)), at(101));
    }

    #[test]
    fn of_truncated_samples_the_latest_wins() {
        let mut clock = ServerClock::default();
        clock.learn(&meter(0, 100, None)); // truly 100.9
        clock.learn(&meter(200, 101, None)); // truly 101.1
        assert_eq!(clock.now(now(1_200)), at(102));
        clock.learn(&meter(2_000, 102, None)); // truly 102.9: adds nothing
        assert_eq!(clock.now(now(1_200)), at(102));
    }

    #[test]
    fn runs_at_the_simulators_speed_and_resets_after_a_jump() {
        let mut clock = ServerClock::default();
        clock.learn(&meter(0, 0, Some(20.0)));
        assert_eq!(clock.now(now(1_000)), at(20));
        assert_eq!(clock.since(Duration::from_millis(500), now(1_000)), Duration::from_secs(10));
        clock.learn(&meter(1_000, 5_000, Some(20.0)));
        assert_eq!(clock.now(now(1_000)), at(5_000));
        clock.learn(&meter(2_000, 1_000, Some(20.0)));
        assert_eq!(clock.now(now(2_000)), at(1_000));
    }
}
