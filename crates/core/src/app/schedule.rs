//! When to ask: intervals, back-off and a share of each published rate limit. Pure: deadlines come out as data.

use super::{Effect, State, age, drills, wants};
use crate::domain::{CallError, ErrorKind, Now, Query, ServerClock, Topic};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A poll that has not come back by then is taken for lost and asked again; its late answer is dropped.
const LOST: Duration = Duration::from_mins(1);
/// On a simulated clock that runs fast, never poll one topic faster than this.
const FASTEST: Duration = Duration::from_millis(500);

/// A share of one published rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Bucket {
    tokens: f64,
    filled: Duration,
    /// 1, or less after throttling: halved each time, back to 1 after a quiet minute.
    pace: f64,
    slowed: Duration,
}

/// Which published limit a query counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Limit {
    EcsServices,
    EcsTasks,
    EcsDefinitions,
    EcsDeployments,
    EcsRevisions,
    Elb,
    Ec2,
    Other,
}

impl Limit {
    /// (burst, refill per second): 40 % of the published burst and 20 % of the refill, as others share the account.
    fn share(self) -> (f64, f64) {
        match self {
            Self::EcsServices | Self::EcsTasks | Self::Ec2 => (40.0, 4.0),
            Self::EcsDefinitions | Self::EcsDeployments | Self::EcsRevisions => (20.0, 4.0),
            Self::Elb => (16.0, 2.0),
            Self::Other => (30.0, 4.0),
        }
    }

    fn of(topic: &Topic) -> Self {
        match topic {
            Topic::Services | Topic::Clusters => Self::EcsServices,
            Topic::Tasks(_) => Self::EcsTasks,
            Topic::TaskDefinition(_) => Self::EcsDefinitions,
            Topic::ServiceDeployments(_) => Self::EcsDeployments,
            Topic::Revisions(_) => Self::EcsRevisions,
            Topic::TargetGroups | Topic::TargetHealth(_) | Topic::LoadBalancers | Topic::Listeners(_) => {
                Self::Elb
            }
            Topic::Network => Self::Ec2,
            _ => Self::Other,
        }
    }
}

/// About how many requests a query makes.
fn cost(query: &Query) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a handful of requests")]
    let count = |n: usize| n as f64;
    match query {
        Query::Services { .. }
        | Query::Clusters { .. }
        | Query::Scaling { .. }
        | Query::Image { .. }
        | Query::ServiceDeployments { .. } => 2.0,
        Query::Candidates { .. } => 21.0,
        Query::Tasks { .. } => 3.0,
        // 20 groups a call, and the attributes of a few of them.
        Query::TargetGroups { arns } => count(arns.len().div_ceil(20) + arns.len().min(8)),
        Query::Listeners { .. } => 5.0,
        Query::Certificates { arns } | Query::Secrets { arns } => count(arns.len()),
        Query::Repositories { names } => 1.0 + count(names.len()),
        Query::Network { .. } => 6.0,
        _ => 1.0,
    }
}

/// The limiter's memory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    buckets: BTreeMap<Limit, Bucket>,
    /// How often each topic is wanted now, monotonic time.
    #[serde(with = "crate::domain::pairs")]
    every: BTreeMap<Topic, Duration>,
    /// The first moment at which a waiting poll may go.
    next: Option<Duration>,
}

impl Schedule {
    /// How often a topic is read now (our time); `None` when it is not read.
    pub fn every(&self, topic: &Topic) -> Option<Duration> {
        self.every.get(topic).copied()
    }

    /// All topics that are wanted now.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.every.keys()
    }

    fn bucket(&mut self, limit: Limit, now: Duration) -> &mut Bucket {
        let (burst, refill) = limit.share();
        let bucket = self.buckets.entry(limit).or_insert(Bucket {
            tokens: burst,
            filled: now,
            pace: 1.0,
            slowed: now,
        });
        if bucket.pace < 1.0 && now.saturating_sub(bucket.slowed) > Duration::from_mins(1) {
            bucket.pace = 1.0;
        }
        let passed = now.saturating_sub(bucket.filled).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * refill * bucket.pace).min(burst);
        bucket.filled = now;
        bucket
    }

    /// AWS said slow down: empty the bucket and halve its pace.
    pub(crate) fn throttled(&mut self, topic: &Topic, now: Duration) {
        let bucket = self.bucket(Limit::of(topic), now);
        bucket.tokens = 0.0;
        bucket.pace = (bucket.pace / 2.0).max(0.125);
        bucket.slowed = now;
    }

    /// Whether any bucket has been slowed down by throttling.
    pub fn slowed(&self) -> bool {
        self.buckets.values().any(|b| b.pace < 1.0)
    }
}

/// Whether a question names further things to ask for, and there are few of its kind: the health of hundreds of target
/// groups would else keep the load balancers unknown for minutes.
fn leads_on(topic: &Topic) -> bool {
    matches!(topic, Topic::TargetGroups | Topic::LoadBalancers | Topic::Listeners(_))
}

/// Our time between two polls that are `every` apart on the server's clock.
fn paced(every: Duration, clock: &ServerClock) -> Duration {
    let rate = clock.rate().max(1.0);
    every.div_f64(rate).max(FASTEST.min(every))
}

/// How long to wait after a failure: doubling, within what the kind of failure deserves.
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

/// Sends what is due and within the limits; remembers when to look again. Says also whether readings were forgotten,
/// because nothing names what they are about any more.
pub(crate) fn run(state: &mut State, now: Now) -> (Vec<Effect>, bool) {
    if state.session.region.is_empty() || state.session.quitting {
        return (Vec::new(), false);
    }
    let wants = wants::wants(state, state.polling.clock.now(now));
    let mut schedule = std::mem::take(&mut state.polling.schedule);
    schedule.next = None;
    schedule.every.clear();
    let mut ready = Vec::new();
    for want in wants {
        let every = paced(want.every, &state.polling.clock);
        // One name in two pages of a list is still one thing to ask about.
        if schedule.every.insert(want.topic.clone(), every).is_some() {
            continue;
        }
        let slot = state.account.store.slot_mut(&want.topic);
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
        let changed = slot.asked.as_ref().is_some_and(|asked| *asked != want.query);
        if changed {
            slot.due = Duration::ZERO;
        }
        if slot.due > now.mono {
            schedule.wake(slot.due);
        } else {
            ready.push((slot.due, !leads_on(&want.topic), every, want));
        }
    }
    // What names further things goes first: that is little and seldom. Of the others who waits longest, so that under a
    // tight limit nobody starves; among equals the pressing one.
    ready.sort_by_key(|(due, last, every, _)| (*last, *due, *every));
    let mut effects = Vec::new();
    let mut full = BTreeSet::new();
    for (.., every, want) in ready {
        let limit = Limit::of(&want.topic);
        // Whoever waits for tokens is not overtaken by a cheaper question.
        if full.contains(&limit) {
            continue;
        }
        let (burst, refill) = limit.share();
        let bucket = schedule.bucket(limit, now.mono);
        let cost = cost(&want.query);
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
        let slot = state.account.store.slot_mut(&want.topic);
        slot.in_flight = Some((state.session.last_run, now.mono));
        slot.due = now.mono + every;
        slot.asked = Some(want.query.clone());
        effects.push(Effect::Poll { topic: want.topic, run: state.session.last_run, query: want.query });
    }
    let wanted = &schedule.every;
    let forgot = state.account.store.retain(|topic| wanted.contains_key(topic));
    state.polling.schedule = schedule;
    (effects, forgot)
}

impl Schedule {
    fn wake(&mut self, at: Duration) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}

/// Everything is due now.
pub(crate) fn refresh(state: &mut State) {
    let topics: Vec<Topic> = state.account.store.iter().map(|(t, _)| t.clone()).collect();
    for topic in topics {
        // A revision never changes: asking again brings nothing.
        if !matches!(topic, Topic::TaskDefinition(_) | Topic::Revisions(_)) {
            expire(state, &topic);
        }
    }
}

/// One topic is due now.
pub(crate) fn expire(state: &mut State, topic: &Topic) {
    state.account.store.slot_mut(topic).due = Duration::ZERO;
}

/// When `update` should be called with a tick, monotonic, though nothing comes in: a poll is due, a notice ends, a
/// changed value stops being bright, or the age in the header changes its label.
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
        let wait = age::until_next(age).div_f64(state.polling.clock.rate().max(0.001));
        // Rounded up: a fast clock's label must not be waited for by a wait of nothing.
        sooner(now.mono + wait.max(Duration::from_millis(1)));
    }
    if state.account.rollouts.counts_down(state.polling.clock.now(now)) {
        // A second of the server's, but no more than a few frames a second of ours.
        sooner(now.mono + Duration::from_secs(1).div_f64(state.polling.clock.rate().max(1.0)).max(FASTEST));
    }
    if let Some(at) = drills::next_deadline(state, now) {
        sooner(at);
    }
    next.map(|at| at.max(now.mono))
}
