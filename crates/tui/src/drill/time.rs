//! Moments of a drill as offsets in the server's time, and how spans are written.

use chrono::TimeDelta;
use partybox_core::domain::ServerClock;
use partybox_core::operation::drill::{Drill, When};
use std::time::Duration;

/// Zero of all offsets, monotonic: T0, or when it was sent, or when the probe began.
pub(super) fn zero(drill: &Drill) -> Duration {
    drill.accepted.or(drill.sent).unwrap_or(drill.began)
}

/// What [`zero`] is, in words.
pub(super) fn zero_name(drill: &Drill) -> &'static str {
    match (drill.accepted, drill.sent) {
        (Some(_), _) => "since T0",
        (None, Some(_)) => "since it was sent",
        (None, None) if drill.stage == partybox_core::operation::drill::DrillStage::Baseline => "of baseline",
        (None, None) => "on watch",
    }
}

/// Seconds of the server's time from one monotonic moment to another; negative when it was before.
pub(super) fn between(drill: &Drill, from: Duration, to: Duration) -> f64 {
    let later = drill.scaled(to.saturating_sub(from)).as_secs_f64();
    later - drill.scaled(from.saturating_sub(to)).as_secs_f64()
}

/// A moment in seconds since [`zero`]. `None` when the server has not told its time.
pub(super) fn offset(drill: &Drill, clock: &ServerClock, when: When) -> Option<f64> {
    match when {
        When::Measured(mono) => Some(between(drill, zero(drill), mono)),
        When::Reported(at) => Some(seconds(at - clock.moment(zero(drill))?)),
    }
}

/// A signed span in seconds.
pub(super) fn seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64()
}

/// A span: `12.4 s`, from ten minutes on `12m 04s`.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs_f64();
    if seconds < 600.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{}m {:02}s", span.as_secs() / 60, span.as_secs() % 60)
    }
}

/// A span in whole seconds: `120 s`.
pub(super) fn whole(span: Duration) -> String {
    format!("{} s", span.as_secs())
}

/// A span for the large digits: `12.4`, from 1000 s on `20:34`.
pub(super) fn stopwatch(span: Duration) -> String {
    let seconds = span.as_secs_f64();
    if seconds < 999.95 {
        format!("{seconds:.1}")
    } else {
        format!("{}:{:02}", span.as_secs() / 60, span.as_secs() % 60)
    }
}

/// A duration in milliseconds, thousands apart: `3 ms`, `1,240 ms`.
pub(super) fn millis(span: Duration) -> String {
    format!("{} ms", crate::format::count(span.as_millis().try_into().unwrap_or(u64::MAX)))
}

/// An offset with its sign: `+2.1 s`, `-0.4 s`.
pub(super) fn signed(seconds: f64) -> String {
    // There is no -0.0.
    let seconds = if seconds.abs() < 0.05 { 0.0 } else { seconds };
    if seconds.abs() < 600.0 {
        format!("{seconds:+.1} s")
    } else {
        let sign = if seconds < 0.0 { '-' } else { '+' };
        let whole = Duration::from_secs_f64(seconds.abs()).as_secs();
        format!("{sign}{}m {:02}s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short_and_signed() {
        assert_eq!(span(Duration::from_millis(73_849)), "73.8 s");
        assert_eq!(span(Duration::from_secs(724)), "12m 04s");
        assert_eq!(stopwatch(Duration::from_millis(999_900)), "999.9");
        assert_eq!(stopwatch(Duration::from_secs(1234)), "20:34");
        assert_eq!(signed(2.06), "+2.1 s");
        assert_eq!(signed(-0.01), "+0.0 s");
        assert_eq!(signed(-724.0), "-12m 04s");
    }
}
