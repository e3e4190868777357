//! Shares of AWS's published rate limits: which one a question counts against, and how much of it it takes.

use crate::app::state::{Bucket, Limit, Schedule};
use crate::domain::{Query, Topic};
use std::time::Duration;

impl Limit {
    /// (burst, refill per second): 40 % of the published burst and 20 % of the refill, as others share the account.
    pub(crate) fn share(self) -> (f64, f64) {
        match self {
            Self::EcsServices | Self::EcsTasks | Self::Ec2 => (40.0, 4.0),
            Self::EcsDefinitions | Self::EcsDeployments | Self::EcsRevisions => (20.0, 4.0),
            Self::Elb => (16.0, 2.0),
            Self::Other => (30.0, 4.0),
        }
    }

    /// The limit that reading a topic counts against.
    pub(crate) fn of(topic: &Topic) -> Self {
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
pub(crate) fn cost(query: &Query) -> f64 {
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

impl Schedule {
    /// The bucket of a limit, filled up to now.
    pub(crate) fn bucket(&mut self, limit: Limit, now: Duration) -> &mut Bucket {
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
}
