//! CloudWatch metrics, computed from the facts of each minute.
use crate::sim::world::{Time, World};

/// A metric that exists in this account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricId {
    /// e.g. `AWS/ECS`.
    pub namespace: &'static str,
    /// e.g. `CPUUtilization`.
    pub name: &'static str,
    /// Dimension names and values.
    pub dimensions: Vec<(&'static str, String)>,
}

/// A request for one series.
#[derive(Debug, Clone)]
pub struct MetricQuery<'a> {
    /// e.g. `AWS/ECS`.
    pub namespace: &'a str,
    /// e.g. `CPUUtilization`.
    pub name: &'a str,
    /// Dimension names and values, in any order.
    pub dimensions: &'a [(String, String)],
    /// `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p99` or `p99.9`.
    pub statistic: &'a str,
    /// Seconds; a multiple of 60.
    pub period: u32,
    /// Points at or after this.
    pub start: Time,
    /// Points before this.
    pub end: Time,
}

/// Every metric that exists, for `ListMetrics`.
pub fn list(world: &World) -> Vec<MetricId> {
    let _ = world;
    Vec::new()
}

/// The points of a series, oldest first, with the beginning of each period. Empty when the metric does not
/// exist or had nothing to say. The newest minute is there, and incomplete.
pub fn query(world: &World, query: &MetricQuery<'_>) -> Vec<(Time, f64)> {
    let _ = (world, query);
    Vec::new()
}

/// The unit of a metric, e.g. `Percent`; `None` for an unknown name.
pub fn unit(name: &str) -> Option<&'static str> {
    let _ = name;
    None
}
