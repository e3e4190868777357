//! Facts of a service's settings that explain what is seen, or what cannot be seen: notes.

use super::{Finding, Subject, format_span};
use crate::domain::{Level, Service, ServiceNode, Store, sentences};
use chrono::{DateTime, TimeDelta, Utc};

/// ECS evens out one task after the other; a rebalancing that was begun longer ago is not under way any more.
const REBALANCES: TimeDelta = TimeDelta::minutes(30);

/// Adds the notes about a service.
pub(super) fn examine(store: &Store, node: &ServiceNode, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let service = node.service();
    let found = |level, text: String| Finding::new(level, Subject::Service(service.name.clone()), text);
    if let Some(since) = rebalances_since(service, now) {
        let text = format!(
            "ECS evens out the tasks of {} over its zones since {}: single tasks start and stop for that",
            service.name,
            format_span(now - since)
        );
        findings.push(found(Level::Idle, text).advise("7 shows the zones"));
    }
    let Some(definition) = store.task_definition(&service.task_definition) else { return };
    for container in &definition.containers {
        let name = &container.name;
        if container.restarts {
            let down = |row: &&crate::domain::TaskRow| {
                let task = node.task(row);
                let own = task.containers.iter().find(|c| c.name == *name);
                task.last_status == "RUNNING" && own.is_some_and(|c| c.last_status != "RUNNING")
            };
            let down = node.rows.iter().filter(down).count();
            if down > 0 {
                let text = format!(
                    "{name} does not run in {} of {}, which run on: its restart policy starts it again",
                    super::plural(down, "task"),
                    service.name
                );
                findings.push(found(Level::Warn, text).advise("2 shows the tasks; its log says why it ends"));
            }
            let text = format!(
                "{name} of {} is restarted inside its task: a crash loop stops no task and is not visible here \
                 (RestartCount, with enhanced Container Insights)",
                service.name
            );
            findings.push(found(Level::Idle, text));
        }
        if container.version_consistency.as_deref() == Some("disabled") && !container.image.contains('@') {
            let text = format!(
                "{name} of {}: each task takes what its tag names just then (version consistency is off)",
                service.name
            );
            findings.push(found(Level::Idle, text).advise("2 shows the digests that run"));
        }
    }
}

/// Since when ECS evens out a service's tasks over the zones, if it does now.
fn rebalances_since(service: &Service, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let told =
        |event: &crate::domain::ServiceEvent| Some((event.at, sentences::zone_rebalancing(&event.message)?));
    let (at, begun) = service.events.iter().find_map(told)?;
    (begun && now - at < REBALANCES).then_some(at)
}
