//! The scheduler: when to poll, by interval and back-off, within a share of each published rate limit. It is
//! pure: deadlines come out as data.

use crate::app::polling::{FASTEST, plan};
use crate::app::state::{Effect, State};
use crate::domain::{CallError, ErrorKind, Now, ServerClock, Topic};
use std::collections::BTreeSet;
use std::time::Duration;

/// A poll without an answer for this long is taken for lost and sent again. Its late answer is dropped.
const LOST: Duration = Duration::from_mins(1);

/// Whether an answer names further resources to ask for and there are few queries of its kind. They go first:
/// the health of hundreds of target groups would otherwise keep the load balancers unknown for minutes.
fn leads_on(topic: &Topic) -> bool {
    matches!(topic, Topic::TargetGroups | Topic::LoadBalancers | Topic::Listeners(_))
}

/// The interval on this machine's clock for an interval on the server's clock.
fn paced(every: Duration, clock: &ServerClock) -> Duration {
    let rate = clock.rate().max(1.0);
    every.div_f64(rate).max(FASTEST.min(every))
}

/// How long to wait after a failure: it doubles, within bounds that depend on the kind of failure.
pub(crate) fn backoff(error: &CallError, count: u32, every: Duration) -> Duration {
    let doubled =
        |first: u64, most: u64| Duration::from_secs((first << count.saturating_sub(1).min(10)).min(most));
    match error.kind {
        ErrorKind::Denied => Duration::from_mins(10),
        ErrorKind::Unsupported => doubled(30, 600),
        ErrorKind::Unreachable => doubled(1, 8),
        ErrorKind::Credentials => doubled(2, 15),
        ErrorKind::Throttled => doubled(2, 32),
        _ => doubled(2, 60).max(every.min(Duration::from_secs(10))),
    }
}

/// Sends the polls that are due and within the limits, and notes the next deadline. Returns also whether
/// readings were dropped because nothing refers to their subject any more.
pub(crate) fn run(state: &mut State, now: Now) -> (Vec<Effect>, bool) {
    if state.session.region.is_empty() || state.session.quitting {
        return (Vec::new(), false);
    }
    let polls = plan::list_polls(state, state.polling.clock.now(now));
    let mut schedule = std::mem::take(&mut state.polling.schedule);
    schedule.next = None;
    schedule.every.clear();
    let mut ready = Vec::new();
    for poll in polls {
        let every = paced(poll.every, &state.polling.clock);
        // One name in two pages of a list is still one thing to ask about.
        if schedule.every.insert(poll.topic.clone(), every).is_some() {
            continue;
        }
        let slot = state.account.store.slot_mut(&poll.topic);
        if let Some((_, since)) = slot.in_flight {
            let lost = since + LOST;
            if now.mono < lost {
                schedule.wake(lost);
                continue;
            }
            slot.in_flight = None;
            slot.due = Duration::ZERO;
        }
        // A faster pace takes effect now, not after the old interval.
        if slot.failure.is_none()
            && let Some(taken) = slot.taken
        {
            slot.due = slot.due.min(taken + every);
        }
        let changed = slot.asked.as_ref().is_some_and(|asked| *asked != poll.query);
        if changed {
            slot.due = Duration::ZERO;
        }
        if slot.due > now.mono {
            schedule.wake(slot.due);
        } else {
            ready.push((slot.due, !leads_on(&poll.topic), every, poll));
        }
    }
    // What names further things goes first: that is little and seldom. Of the others who waits longest, so
    // that under a tight limit nobody starves; among equals the pressing one.
    ready.sort_by_key(|(due, last, every, _)| (*last, *due, *every));
    let mut effects = Vec::new();
    let mut full = BTreeSet::new();
    for (.., every, poll) in ready {
        let limit = poll.topic.facts().limit;
        // Polls of a limit go in order: a cheaper one must not use the tokens that an earlier one waits for.
        if full.contains(&limit) {
            continue;
        }
        let (burst, refill) = limit.share();
        let bucket = schedule.bucket(limit, now.mono);
        let cost = poll.query.requests();
        let needed = cost.min(burst);
        if bucket.tokens < needed {
            let wait = (needed - bucket.tokens) / (refill * bucket.pace);
            schedule.wake(now.mono + Duration::from_secs_f64(wait) + Duration::from_millis(1));
            full.insert(limit);
            continue;
        }
        // A question that costs more than a full bucket is paid for afterwards.
        bucket.tokens -= cost;
        schedule.wake(now.mono + LOST);
        state.session.last_run += 1;
        let slot = state.account.store.slot_mut(&poll.topic);
        slot.in_flight = Some((state.session.last_run, now.mono));
        slot.due = now.mono + every;
        slot.asked = Some(poll.query.clone());
        effects.push(Effect::Poll { topic: poll.topic, run: state.session.last_run, query: poll.query });
    }
    let wanted = &schedule.every;
    let forgot = state.account.store.retain(|topic| wanted.contains_key(topic));
    state.polling.schedule = schedule;
    (effects, forgot)
}

/// Makes every poll due now.
pub(crate) fn refresh(state: &mut State) {
    let topics: Vec<Topic> = state.account.store.iter().map(|(t, _)| t.clone()).collect();
    for topic in topics {
        // A revision never changes: asking again brings nothing.
        if !matches!(topic, Topic::TaskDefinition(_) | Topic::Revisions(_)) {
            state.account.store.expire(&topic);
        }
    }
}
