//! CloudWatch Logs.
use chrono::{DateTime, TimeDelta, Utc};

use super::shared::page_size;
use crate::behaviour::logs::{self, LogEvent, LogGroup, LogStream};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;

type Answer = Result<Node, ApiError>;

/// The most events in one answer.
const MAX_EVENTS: usize = 10_000;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(operation: &str, world: &World, input: Input<'_>) -> Option<Answer> {
    Some(match operation {
        "DescribeLogGroups" => describe_groups(world, input),
        "DescribeLogStreams" => describe_streams(world, input),
        "GetLogEvents" => get_events(world, input),
        "FilterLogEvents" => filter_events(world, input),
        _ => return None,
    })
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

fn no_group() -> ApiError {
    ApiError::new("ResourceNotFoundException", "The specified log group does not exist.")
}

fn no_stream() -> ApiError {
    ApiError::new("ResourceNotFoundException", "The specified log stream does not exist.")
}

fn read_limit(input: Input<'_>, default: usize, most: usize) -> Result<usize, ApiError> {
    page_size(input.int("limit")?, default, 1..=most)
        .map_err(|()| invalid(format!("limit must be between 1 and {most}.")))
}

fn bad_token() -> ApiError {
    invalid("The specified nextToken is invalid.")
}

/// The group's name, from its name or from its ARN.
fn group_name(input: Input<'_>) -> Result<&str, ApiError> {
    let (name, identifier) = (input.text("logGroupName")?, input.text("logGroupIdentifier")?);
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => Ok(identifier
            .split_once(":log-group:")
            .map_or(identifier, |(_, name)| name.trim_end_matches(":*"))),
        _ => Err(invalid("Exactly one of logGroupName and logGroupIdentifier must be given.")),
    }
}

fn describe_groups(world: &World, input: Input<'_>) -> Answer {
    let prefix = input.text("logGroupNamePrefix")?.unwrap_or_default();
    let pattern = input.text("logGroupNamePattern")?.unwrap_or_default();
    let found: Vec<LogGroup> = logs::groups(world)
        .into_iter()
        .filter(|each| each.name.starts_with(prefix) && each.name.contains(pattern))
        .collect();
    let token = input.text("nextToken")?;
    let key = |each: &LogGroup| each.name.clone();
    let (found, next) =
        page(found, read_limit(input, 50, 50)?, token, "groups", key).map_err(|_| bad_token())?;
    let groups = found.iter().map(|each| {
        map! {
            "logGroupName": &each.name,
            "creationTime": each.created_at.timestamp_millis(),
            "retentionInDays": each.retention_days,
            "metricFilterCount": 0,
            "arn": format!("{}:*", each.arn),
            "storedBytes": 0,
            "logGroupClass": "STANDARD",
            "logGroupArn": &each.arn,
        }
    });
    Ok(map! { "logGroups": Node::list(groups), "nextToken": next })
}

fn describe_streams(world: &World, input: Input<'_>) -> Answer {
    let group = group_name(input)?;
    let prefix = input.text("logStreamNamePrefix")?;
    let by_time = match input.text("orderBy")?.unwrap_or("LogStreamName") {
        "LogStreamName" => false,
        "LastEventTime" => true,
        other => return Err(invalid(format!("orderBy cannot be {other}."))),
    };
    if by_time && prefix.is_some() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let mut found = logs::streams(world, group).ok_or_else(no_group)?;
    found.retain(|each| prefix.is_none_or(|prefix| each.name.starts_with(prefix)));
    if by_time {
        found.sort_by_key(|each| each.last_event);
    } else {
        found.sort_by(|a, b| a.name.cmp(&b.name));
    }
    if input.flag("descending")?.unwrap_or(false) {
        found.reverse();
    }
    let token = input.text("nextToken")?;
    let scope = format!("streams {group}");
    let key = |each: &LogStream| each.name.clone();
    let (found, next) =
        page(found, read_limit(input, 50, 50)?, token, &scope, key).map_err(|_| bad_token())?;
    let millis = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp_millis());
    let streams = found.iter().map(|each| {
        map! {
            "logStreamName": &each.name,
            "creationTime": each.created_at.timestamp_millis(),
            "firstEventTimestamp": millis(each.first_event),
            "lastEventTimestamp": millis(each.last_event),
            "lastIngestionTime": millis(each.last_event),
            "uploadSequenceToken": "00000000000000000000000000000000000000000000000000000000",
            "arn": &each.arn,
            // AWS stopped counting a stream's bytes in 2019.
            "storedBytes": 0,
        }
    });
    Ok(map! { "logStreams": Node::list(streams), "nextToken": next })
}

/// The time range of a request, from `startTime` up to, not including, `endTime`, in milliseconds since the
/// epoch.
fn time_range(world: &World, input: Input<'_>) -> Result<(DateTime<Utc>, DateTime<Utc>), ApiError> {
    let time = |member: &str| -> Result<Option<DateTime<Utc>>, ApiError> {
        input
            .int(member)?
            .map(|millis| {
                DateTime::from_timestamp_millis(millis)
                    .ok_or_else(|| invalid(format!("{member} is out of range.")))
            })
            .transpose()
    };
    let start = time("startTime")?.unwrap_or(DateTime::UNIX_EPOCH);
    let end = time("endTime")?.unwrap_or(world.now + TimeDelta::seconds(1));
    Ok((start, end))
}

/// The direction of a token of `GetLogEvents`, and the event from which it continues.
fn place(token: &str) -> Option<(bool, u64)> {
    let (way, number) = token.split_once('/')?;
    let forward = match way {
        "f" => true,
        "b" => false,
        _ => return None,
    };
    Some((forward, number.parse().ok()?))
}

fn get_events(world: &World, input: Input<'_>) -> Answer {
    let group = group_name(input)?;
    let stream = input.text("logStreamName")?.ok_or_else(|| invalid("logStreamName must not be null."))?;
    logs::streams(world, group).ok_or_else(no_group)?;
    let (start, end) = time_range(world, input)?;
    let mut events = logs::events(world, group, stream, start, end).ok_or_else(no_stream)?;
    let limit = read_limit(input, MAX_EVENTS, MAX_EVENTS)?;
    let token = input.text("nextToken")?;
    let from = token.map(|token| place(token).ok_or_else(bad_token)).transpose()?;
    let from_head = input.flag("startFromHead")?.unwrap_or(false);
    match from {
        Some((true, after)) => events.retain(|each| each.sequence > after),
        Some((false, before)) => events.retain(|each| each.sequence < before),
        None => {}
    }
    let forward = from.map_or(from_head, |(forward, _)| forward);
    if forward {
        events.truncate(limit);
    } else {
        events.drain(..events.len().saturating_sub(limit));
    }
    // At an end of the stream the token that led there comes back, which is how clients notice.
    let stay = from.map_or(0, |(_, at)| at);
    let last = events.last().map_or(stay, |each| each.sequence);
    let first = events.first().map_or(stay, |each| each.sequence);
    Ok(map! {
        "events": Node::list(events.iter().map(|each| {
            map! {
                "timestamp": each.at.timestamp_millis(),
                "message": &each.message,
                "ingestionTime": each.at.timestamp_millis(),
            }
        })),
        "nextForwardToken": format!("f/{last:056}"),
        "nextBackwardToken": format!("b/{first:056}"),
    })
}

fn filter_events(world: &World, input: Input<'_>) -> Answer {
    let group = group_name(input)?;
    let names = input.texts("logStreamNames")?;
    let prefix = input.text("logStreamNamePrefix")?;
    if !names.is_empty() && prefix.is_some() {
        return Err(invalid("logStreamNames and logStreamNamePrefix are mutually exclusive."));
    }
    let streams = logs::streams(world, group).ok_or_else(no_group)?;
    let pattern = Pattern::parse(input.text("filterPattern")?.unwrap_or_default())?;
    let (start, end) = time_range(world, input)?;
    let mut found: Vec<(String, LogEvent)> = Vec::new();
    for stream in streams {
        let name = stream.name;
        let wanted = (names.is_empty() || names.contains(&name.as_str()))
            && prefix.is_none_or(|prefix| name.starts_with(prefix));
        if wanted {
            let events = logs::events(world, group, &name, start, end).unwrap_or_default();
            let fitting = events.into_iter().filter(|each| pattern.fits(&each.message));
            found.extend(fitting.map(|each| (name.clone(), each)));
        }
    }
    found.sort_by_key(|(_, each)| each.at);
    let scope = format!("filter {group}");
    let key = |(stream, each): &(String, LogEvent)| format!("{stream} {}", each.sequence);
    let limit = read_limit(input, MAX_EVENTS, MAX_EVENTS)?;
    let (found, next) = page(found, limit, input.text("nextToken")?, &scope, key).map_err(|_| bad_token())?;
    let events = found.iter().map(|(stream, each)| {
        map! {
            "logStreamName": stream,
            "timestamp": each.at.timestamp_millis(),
            "message": &each.message,
            "ingestionTime": each.at.timestamp_millis(),
            "eventId": format!("{:020}{:036}", each.at.timestamp_millis(), each.sequence),
        }
    });
    Ok(map! {
        "events": Node::list(events),
        "searchedLogStreams": Node::List(Vec::new()),
        "nextToken": next,
    })
}

/// A filter pattern of plain terms: all of them, at least one of those with `?`, none of those with `-`.
#[derive(Default)]
struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let text = text.trim();
        if text.starts_with(['{', '[', '%']) {
            return Err(invalid("The simulated account filters by terms and phrases only."));
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (sign, body) = match rest.split_at_checked(1) {
                Some((sign @ ("?" | "-"), body)) => (sign, body),
                _ => ("", rest),
            };
            let (term, after) = match body.strip_prefix('"') {
                Some(quoted) => quoted
                    .split_once('"')
                    .ok_or_else(|| invalid("Invalid character(s) in term: unbalanced quotes."))?,
                None => body.split_once(char::is_whitespace).unwrap_or((body, "")),
            };
            let terms = match sign {
                "?" => &mut pattern.any,
                "-" => &mut pattern.none,
                _ => &mut pattern.all,
            };
            terms.push(term.to_owned());
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    fn fits(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        self.all.iter().all(has)
            && (self.any.is_empty() || self.any.iter().any(has))
            && !self.none.iter().any(has)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_fit_terms_and_phrases() {
        for (pattern, message, expected) in [
            ("", "anything", true),
            ("ERROR", "an ERROR here", true),
            ("ERROR", "an error here", false),
            ("ERROR db", "db ERROR", true),
            ("\"db ERROR\"", "ERROR db", false),
            ("?WARN ?ERROR", "WARN", true),
            ("?WARN ?ERROR", "INFO", false),
            ("GET -health", "GET /health", false),
        ] {
            let fits = Pattern::parse(pattern).expect("a pattern of terms").fits(message);
            assert_eq!(fits, expected, "{pattern} / {message}");
        }
        assert!(Pattern::parse("{ $.level = 50 }").is_err());
        assert!(Pattern::parse("\"open").is_err());
    }
}
