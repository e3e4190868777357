//! The answers' time at a load balancer against its own recent past.

use super::lasting;
use crate::diagnosis::{Finding, Subject, balancer_dimension};
use crate::domain::{Level, LoadBalancer, MetricKind, Store};
use chrono::{DateTime, Utc};

/// How many times the median of the hour before makes a jump.
const FACTOR: f64 = 3.0;
/// What nobody notices is no finding, seconds.
const NOTICED: f64 = 0.3;
/// Complete minutes in a row.
const MINUTES: u32 = 3;
/// Fewer requests a minute have no percentile worth a word: the 99th of a few is the slowest of them.
const REQUESTS: f64 = 60.0;

pub(super) fn examine(
    store: &Store,
    balancer: &LoadBalancer,
    now: DateTime<Utc>,
    findings: &mut Vec<Finding>,
) {
    let of = |kind| store.timed(kind, balancer_dimension(&balancer.arn), now);
    let (p99, requests) = (of(MetricKind::AlbLatencyP99), of(MetricKind::AlbRequests));
    // The hour before the minutes that are compared with it, and itself while it lasts for less than half of it.
    let Some((newest, _)) = p99.fresh() else { return };
    let Some(usual) = p99.median_before(newest - chrono::TimeDelta::minutes(i64::from(MINUTES) - 1)) else {
        return;
    };
    let line = (usual * FACTOR).max(NOTICED);
    let Some(run) = p99.run(|value| value >= line).filter(|run| run.minutes >= MINUTES) else { return };
    let busy = requests.run(|value| value >= REQUESTS).is_some_and(|r| r.minutes >= MINUTES);
    if !busy {
        return;
    }
    let name = &balancer.name;
    let text = format!(
        "{name} answers slowly: p99 {} {}, usually {} in the hour before",
        duration(run.value),
        lasting(&p99, &run),
        duration(usual)
    );
    findings
        .push(Finding::new(Level::Warn, Subject::Balancer(name.clone()), text).advise("3 shows the targets"));
}

/// `120 ms`, `2.4 s`.
fn duration(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.1} s") }
}
