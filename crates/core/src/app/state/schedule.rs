//! When each topic is read next, and what is left of the rate limits.

use crate::domain::{RateLimit, Topic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A share of one published rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    /// Requests that may go now.
    pub(crate) tokens: f64,
    /// When it was filled last, monotonic.
    pub(crate) filled: Duration,
    /// 1, or less after throttling: halved each time, back to 1 after a quiet minute.
    pub(crate) pace: f64,
    /// When AWS throttled last, monotonic.
    pub(crate) slowed: Duration,
}

/// How often each topic is read, and what is left of the rate limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// A bucket for each limit that was used.
    pub(crate) buckets: BTreeMap<RateLimit, Bucket>,
    /// How often each topic is wanted now, monotonic time.
    #[serde(with = "crate::domain::pairs")]
    pub(crate) every: BTreeMap<Topic, Duration>,
    /// The first moment at which a waiting poll may go.
    pub(crate) next: Option<Duration>,
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

    /// Whether any bucket has been slowed down by throttling.
    pub fn slowed(&self) -> bool {
        self.buckets.values().any(|b| b.pace < 1.0)
    }

    /// Looks again at this moment (monotonic) at the latest.
    pub(crate) fn wake(&mut self, at: Duration) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}
