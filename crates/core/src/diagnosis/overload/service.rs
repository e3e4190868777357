//! Services: CPU and memory against the target of autoscaling and against their size.

use super::lasting;
use crate::diagnosis::{Finding, Subject, format_span};
use crate::domain::{Level, MetricKind, Payload, Run, Scaling, ServiceNode, Store, Timed, Topic, sentences};
use chrono::{DateTime, TimeDelta, Utc};

/// Where a task has nothing left, percent of what it reserved.
const FULL: f64 = 90.0;
/// Above this two minutes are enough.
const BRIM: f64 = 95.0;
/// Complete minutes in a row above a line that make an overload. Target tracking waits for as many.
const MINUTES: u32 = 3;
/// Minutes above its target after which autoscaling should have added tasks: three for its alarm, two to start one.
const FOLLOWS: u32 = 6;
/// How long the end of tasks may explain the load of those that are left.
const SCALED_IN: TimeDelta = TimeDelta::minutes(15);

/// A reserved quantity.
struct Quantity {
    kind: MetricKind,
    name: &'static str,
    /// The predefined metric by which target tracking follows it.
    predefined: &'static str,
}

const QUANTITIES: [Quantity; 2] = [
    Quantity { kind: MetricKind::ServiceCpu, name: "CPU", predefined: "ECSServiceAverageCPUUtilization" },
    Quantity {
        kind: MetricKind::ServiceMemory,
        name: "memory",
        predefined: "ECSServiceAverageMemoryUtilization",
    },
];

pub(super) fn examine(store: &Store, node: &ServiceNode, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let name = &node.service().name;
    for quantity in &QUANTITIES {
        let Some(subject) = subject_of(store, quantity.kind, name) else { continue };
        let timed = store.timed(quantity.kind, &subject, now);
        findings.extend(overload(node, quantity, &timed, now));
    }
    findings.extend(node.scaling.as_ref().and_then(|scaling| describe_bounds(name, scaling)));
}

/// The subject of a service's series, `CLUSTER/SERVICE`.
fn subject_of(store: &Store, kind: MetricKind, service: &str) -> Option<String> {
    let Some(Payload::Metrics(all)) = store.payload(&Topic::Metrics) else { return None };
    all.iter()
        .map(|(key, _)| key)
        .find(|key| key.kind == kind && key.subject.rsplit('/').next() == Some(service))
        .map(|key| key.subject.clone())
}

fn overload(
    node: &ServiceNode,
    quantity: &Quantity,
    timed: &Timed<'_>,
    now: DateTime<Utc>,
) -> Option<Finding> {
    let service = node.service();
    let scaling = node.scaling.as_ref().filter(|s| !s.policies.is_empty());
    let target = scaling.and_then(|s| s.target(quantity.predefined));
    let left = stopped_lately(node, now);
    let full = timed.run(|value| value >= FULL).filter(|run| {
        let brim = timed.run(|value| value >= BRIM).is_some_and(|run| run.minutes >= 2);
        run.minutes >= MINUTES || brim || left.is_some()
    });
    let over = target.and_then(|target| timed.run(|value| value > target));
    let at_maximum = scaling.is_some_and(|s| service.desired >= s.max);
    let paused = scaling.is_some_and(|s| s.parts.scale_out);
    let (run, level) = match (full, over) {
        // The longer of the two tells since when.
        (Some(full), over) => (over.filter(|run| run.minutes > full.minutes).unwrap_or(full), Level::Warn),
        (None, Some(over)) if over.minutes >= 2 && at_maximum => (over, Level::Warn),
        (None, Some(over)) if over.minutes >= MINUTES && (paused || over.minutes >= FOLLOWS) => {
            (over, Level::Warn)
        }
        // Autoscaling is about to follow.
        (None, Some(over)) if over.minutes >= MINUTES => (over, Level::Busy),
        (None, _) => return None,
    };
    let name = &service.name;
    let state = if level == Level::Busy { "is over its target" } else { "is overloaded" };
    let line = match target {
        Some(target) => format!("target {target:.0} %"),
        None => format!("nearly full at {FULL:.0} %"),
    };
    let mut text =
        format!("{name} {state}: {} at {:.0} % ({line}) {}", quantity.name, run.value, lasting(timed, &run));
    if let Some((count, at)) = left {
        text = format!("{text}; {count} of its tasks stopped {} ago", format_span(now - at));
    }
    text = format!("{text}; {}", relief(service.desired, scaling, &run));
    Some(Finding::new(level, Subject::Service(name.clone()), text).advise("s scales it"))
}

/// What will be done about it without anybody.
fn relief(desired: u32, scaling: Option<&Scaling>, run: &Run) -> String {
    match scaling {
        None => "no autoscaling adds tasks".to_owned(),
        Some(s) if s.parts.scale_out => "scaling out is suspended".to_owned(),
        Some(s) if desired >= s.max => format!("autoscaling is at its maximum of {}", s.max),
        Some(s) if run.minutes < FOLLOWS => format!("autoscaling may go up to {}", s.max),
        Some(s) => format!("autoscaling has not followed ({desired} of at most {})", s.max),
    }
}

/// Tasks that the scheduler stopped lately while no deployment is under way: somebody or something scaled it in.
fn stopped_lately(node: &ServiceNode, now: DateTime<Utc>) -> Option<(u32, DateTime<Utc>)> {
    let service = node.service();
    if service.is_rolling() {
        return None;
    }
    let lately = service.events.iter().take_while(|event| now - event.at <= SCALED_IN);
    let mut stops = lately.filter_map(|event| Some((sentences::stopped_tasks(&event.message)?, event.at)));
    stops.next()
}

/// Bounds that leave autoscaling nothing to do, and what is suspended.
fn describe_bounds(name: &str, scaling: &Scaling) -> Option<Finding> {
    let parts = scaling.parts;
    let text = if scaling.max == 0 {
        format!("Autoscaling holds {name} at no task at all: its minimum and maximum are 0")
    } else if scaling.min == scaling.max {
        format!("Autoscaling of {name} cannot follow the load: its minimum and maximum are {}", scaling.max)
    } else {
        let named = [
            (parts.scale_out, "scaling out"),
            (parts.scale_in, "scaling in"),
            (parts.scheduled, "schedules"),
        ];
        let off: Vec<&str> = named.into_iter().filter_map(|(off, word)| off.then_some(word)).collect();
        if off.is_empty() {
            return None;
        }
        format!("Autoscaling of {name} is suspended: {}", off.join(", "))
    };
    Some(Finding::new(Level::Idle, Subject::Service(name.to_owned()), text))
}
