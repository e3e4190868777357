//! The calls that were made, by the rate limit that AWS publishes for them.

use bytes::Bytes;
use std::collections::BTreeMap;

/// Requests per bucket and minute.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    /// When the program was started, milliseconds.
    pub(super) began: u64,
    minutes: BTreeMap<(&'static str, u64), u32>,
}

/// (bucket, refill per second) by operation:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>,
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/throttling.html>,
/// <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>
fn bucket(operation: &str, version: &str) -> Option<&'static str> {
    match (operation, version) {
        ("DescribeServices" | "ListServices", _) => Some("ECS services"),
        ("DescribeTasks" | "ListTasks", _) => Some("ECS tasks"),
        ("DescribeServiceDeployments" | "ListServiceDeployments", _) => Some("ECS service deployments"),
        ("DescribeServiceRevisions", _) => Some("ECS service revisions"),
        ("DescribeClusters" | "ListClusters", _) => Some("ECS clusters"),
        ("DescribeTaskDefinition", _) => Some("ECS task definitions"),
        (name, "2015-12-01") if name.starts_with("Describe") => Some("ELBv2 describe"),
        (name, "2016-11-15") if name.starts_with("Describe") => Some("EC2 describe"),
        _ => None,
    }
}

/// Calls a minute that a bucket refills by.
fn refill(bucket: &str) -> f64 {
    if bucket == "ELBv2 describe" { 600.0 } else { 1200.0 }
}

impl Calls {
    pub(super) fn count(&mut self, request: &http::Request<Bytes>, at: u64) {
        let target = request.headers().get("x-amz-target").and_then(|it| it.to_str().ok());
        let found = if let Some((_, operation)) = target.and_then(|it| it.rsplit_once('.')) {
            bucket(operation, "")
        } else {
            let form = String::from_utf8_lossy(request.body());
            let query = request.uri().query().unwrap_or_default();
            let text = |name: &str| {
                let pairs = form.split('&').chain(query.split('&'));
                pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, it)| it)
            };
            bucket(text("Action").unwrap_or_default(), text("Version").unwrap_or_default())
        };
        if let Some(bucket) = found {
            *self.minutes.entry((bucket, (at - self.began) / 60_000)).or_default() += 1;
        }
    }

    /// The busiest minute of each bucket: percent of what it refills by.
    pub fn shares(&self) -> BTreeMap<&'static str, f64> {
        let mut most = BTreeMap::new();
        for ((bucket, _), count) in &self.minutes {
            let share = f64::from(*count) * 100.0 / refill(bucket);
            let known: &mut f64 = most.entry(*bucket).or_default();
            *known = known.max(share);
        }
        most
    }
}
