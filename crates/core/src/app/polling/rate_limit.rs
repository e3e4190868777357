//! Rate limits: the remaining share of AWS's published limits.

use crate::app::state::{Bucket, Schedule};
use crate::domain::{RateLimit, Topic};
use std::time::Duration;

impl Schedule {
    /// The bucket of a limit, filled up to now.
    pub(crate) fn bucket(&mut self, limit: RateLimit, now: Duration) -> &mut Bucket {
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

    /// Reacts to throttling: empties the bucket and halves its pace.
    pub(crate) fn throttled(&mut self, topic: &Topic, now: Duration) {
        let bucket = self.bucket(topic.facts().limit, now);
        bucket.tokens = 0.0;
        bucket.pace = (bucket.pace / 2.0).max(0.125);
        bucket.slowed = now;
    }
}
