//! Takes in the answers to polls, and what the connection itself reports.

use crate::app::polling;
use crate::app::reducers::{highlights, start, timeline_from_readings};
use crate::app::state::{Answer, State};
use crate::domain::{ErrorKind, Failure, Meter, Now, Topic};
use std::time::Duration;

/// Takes in what the connection reports: the server's clock and the number of requests.
pub(crate) fn learn(state: &mut State, meter: &Meter, now: Now) {
    state.polling.clock.learn(meter);
    state.polling.meter = meter.clone();
    state.polling.requests.push_back((now.mono, meter.requests));
    let minute = now.mono.saturating_sub(Duration::from_mins(1));
    while state.polling.requests.len() > 2 && state.polling.requests[0].0 < minute {
        state.polling.requests.pop_front();
    }
}

/// Stores an answer and joins what depends on it. Returns whether it was accepted.
pub(crate) fn take_answer(state: &mut State, answer: Answer, now: Now) -> bool {
    let Answer { topic, run, result, .. } = answer;
    let every = state.polling.schedule.every(&topic).unwrap_or(Duration::from_secs(30));
    let Some((known, asked)) = state.account.store.slot(&topic).and_then(|s| s.in_flight) else {
        return false;
    };
    if known != run {
        return false;
    }
    let wall = now.wall - now.mono.saturating_sub(asked);
    let asked_at = state.polling.clock.now(Now { mono: asked, wall });
    let slot = state.account.store.slot_mut(&topic);
    slot.in_flight = None;
    match result {
        Ok(payload) => {
            slot.failure = None;
            slot.taken = Some(asked);
            slot.taken_at = Some(asked_at);
            // Marked as due while it was under way: what it brings may be older than the mark.
            slot.due = if slot.due < asked { Duration::ZERO } else { asked + every };
            let (payload, unread) = payload.split();
            slot.unread = unread;
            let old = slot.payload.replace(payload);
            if state.session.account.is_empty()
                && let Some(identity) = state.account.store.identity()
            {
                state.session.account.clone_from(&identity.account);
            }
            timeline_from_readings::add_entries(state, &topic, old.as_ref(), now);
            highlights::add_highlights(state, &topic, old.as_ref(), now);
            state.account.party_box.rejoin(&state.account.store, &topic, &state.session.databases);
        }
        Err(error) => {
            let (since, count) = match &slot.failure {
                Some(failure) => (failure.since, failure.count + 1),
                None => (asked, 1),
            };
            slot.due = now.mono + polling::backoff(&error, count, every);
            if error.kind == ErrorKind::Throttled {
                state.polling.schedule.throttled(&topic, now.mono);
            }
            let gone = error.kind == ErrorKind::NotFound;
            state.account.store.slot_mut(&topic).failure = Some(Failure { error, since, count });
            // What will not be read is told of the image itself: it is not being read for ever.
            if gone || matches!(topic, Topic::Image(_)) {
                state.account.party_box.rejoin(&state.account.store, &topic, &state.session.databases);
            }
        }
    }
    start::enter(state, &topic);
    true
}
