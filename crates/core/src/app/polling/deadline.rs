//! Deadlines: when the state must be updated although no message comes.

use crate::app::polling::FASTEST;
use crate::app::state::{State, age_label};
use crate::domain::Now;
use std::time::Duration;

/// The longest time between two updates while a drill runs.
const DRILL_LOOK: Duration = Duration::from_millis(250);

/// When `update` should be called with a tick, monotonic, though nothing comes in: a poll is due, a notice
/// ends, a changed value stops being bright, or the age in the header changes its label.
pub fn next_deadline(state: &State, now: Now) -> Option<Duration> {
    let mut next = state.polling.schedule.next;
    let mut sooner = |at: Duration| next = Some(next.map_or(at, |n: Duration| n.min(at)));
    if let Some((_, until)) = &state.screen.notice {
        sooner(*until);
    }
    if let Some(end) = state.account.highlights.next_end() {
        sooner(end);
    }
    if let Some(taken) = state.oldest_vital() {
        let age = state.polling.clock.since(taken, now);
        let wait = age_label::until_next(age).div_f64(state.polling.clock.rate().max(0.001));
        // Rounded up: a fast clock's label must not be waited for by a wait of nothing.
        sooner(now.mono + wait.max(Duration::from_millis(1)));
    }
    if state.account.rollouts.counts_down(state.polling.clock.now(now)) {
        // A second of the server's, but no more than a few frames a second of ours.
        sooner(now.mono + Duration::from_secs(1).div_f64(state.polling.clock.rate().max(1.0)).max(FASTEST));
    }
    if let Some(at) = next_drill_look(state, now) {
        sooner(at);
    }
    next.map(|at| at.max(now.mono))
}

/// When a running drill must be checked although no message comes, monotonic: an outcome may depend on time
/// alone.
fn next_drill_look(state: &State, now: Now) -> Option<Duration> {
    state.drill.is_under_way().then(|| {
        now.mono + Duration::from_secs(1).div_f64(state.polling.clock.rate().max(1.0)).max(DRILL_LOOK)
    })
}
