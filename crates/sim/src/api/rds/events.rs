//! RDS's events.
use chrono::{DateTime, TimeDelta, Utc};

use super::{Answer, filters, invalid, paged};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::rds::DbEvent;

/// How far back events reach.
const EVENTS_REACH: TimeDelta = TimeDelta::days(14);
/// The time range of events when the request names none.
const EVENTS_DEFAULT: TimeDelta = TimeDelta::minutes(60);

/// The source types of events.
const SOURCE_TYPES: [&str; 8] = [
    "db-instance",
    "db-parameter-group",
    "db-security-group",
    "db-snapshot",
    "db-cluster",
    "db-cluster-snapshot",
    "custom-engine-version",
    "db-proxy",
];

pub(super) fn describe(world: &World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    filters(input, &[])?;
    let (start, end) = event_span(input, now)?;
    let source = input.text("SourceIdentifier")?.filter(|id| !id.is_empty());
    let kind = input.text("SourceType")?.filter(|kind| !kind.is_empty());
    if kind.is_some_and(|kind| !SOURCE_TYPES.contains(&kind)) {
        return Err(invalid("Invalid value for SourceType."));
    }
    if source.is_some() && kind.is_none() {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "Cannot specify a SourceIdentifier without specifying a SourceType.",
        ));
    }
    let categories = input.texts("EventCategories")?;
    let found: Vec<(usize, &DbEvent)> = world
        .rds
        .events
        .iter()
        .enumerate()
        .filter(|(_, event)| event.at >= start && event.at < end)
        .filter(|(_, event)| kind.is_none_or(|kind| event.source_type == kind))
        .filter(|(_, event)| source.is_none_or(|id| event.source.eq_ignore_ascii_case(id)))
        .filter(|(_, event)| {
            categories.is_empty() || event.categories.iter().any(|own| categories.contains(own))
        })
        .collect();
    let key = |(index, event): &(usize, &DbEvent)| format!("{index} {}", event.at);
    let (found, marker) = paged(input, "Events", found, key)?;
    let events = found.into_iter().map(|(_, event)| {
        map! {
            "SourceIdentifier": &event.source,
            "SourceType": event.source_type,
            "Message": &event.message,
            "EventCategories/EventCategory": Node::list(event.categories.iter().copied()),
            "Date": event.at,
            "SourceArn": &event.source_arn,
        }
    });
    Ok(map! { "Marker": marker, "Events/Event": Node::list(events) })
}

/// The time range of a request: from `StartTime` and `EndTime`, else from `Duration` in minutes, else the
/// last hour.
fn event_span(input: Input<'_>, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), ApiError> {
    let duration = match input.int("Duration")? {
        None => None,
        Some(minutes) => Some(
            TimeDelta::try_minutes(minutes)
                .filter(|span| *span > TimeDelta::zero() && *span <= EVENTS_REACH)
                .ok_or_else(|| invalid("Duration must be between 1 and 20160 minutes."))?,
        ),
    };
    // A second is added so that what has just happened is within the span.
    let end = input.time("EndTime")?.unwrap_or(now + TimeDelta::seconds(1));
    let start = input
        .time("StartTime")?
        .unwrap_or_else(|| end - duration.unwrap_or(EVENTS_DEFAULT) - TimeDelta::seconds(1));
    if start > end {
        return Err(ApiError::new("InvalidParameterCombination", "StartTime must be before EndTime."));
    }
    Ok((start.max(now - EVENTS_REACH), end))
}
