//! CloudWatch: an alarm's state set by hand, and what alarms did.
use super::{bad_token, validation};
use crate::api::shared::page_size;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::cloudwatch::{AlarmChange, AlarmState};

/// Sets an alarm's state for the time until it is evaluated again.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html>
pub(super) fn set(world: &mut World, input: Input<'_>) -> Result<Node, ApiError> {
    let required = |member: &str| -> Result<&str, ApiError> {
        input.text(member)?.ok_or_else(|| validation(format!("The parameter {member} is required.")))
    };
    let name = required("AlarmName")?;
    let asked = required("StateValue")?;
    let reason = required("StateReason")?;
    let state = AlarmState::of(asked).ok_or_else(|| {
        validation(format!("StateValue must be one of OK, ALARM and INSUFFICIENT_DATA, not {asked}."))
    })?;
    let position = world.cloudwatch.alarms.iter().position(|alarm| alarm.name == name);
    let Some(position) = position else {
        return Err(ApiError::new("ResourceNotFound", format!("Unknown alarm name {name}.")));
    };
    world.cloudwatch.set_alarm(position, state, reason.to_owned(), world.now);
    Ok(Node::empty())
}

/// What alarms did, newest first unless it is asked for otherwise.
pub(super) fn describe_history(world: &World, input: Input<'_>) -> Result<Node, ApiError> {
    let name = input.text("AlarmName")?;
    let kind = input.text("HistoryItemType")?;
    let (start, end) = (input.time("StartDate")?, input.time("EndDate")?);
    let mut found: Vec<&AlarmChange> = world
        .cloudwatch
        .history
        .iter()
        .filter(|_| kind.is_none_or(|kind| kind == "StateUpdate"))
        .filter(|each| name.is_none_or(|name| each.alarm == name))
        .filter(|each| start.is_none_or(|at| each.at >= at) && end.is_none_or(|at| each.at <= at))
        .collect();
    match input.text("ScanBy")? {
        None | Some("TimestampDescending") => found.reverse(),
        Some("TimestampAscending") => {}
        Some(other) => return Err(validation(format!("ScanBy cannot be {other}."))),
    }
    let size = page_size(input.int("MaxRecords")?, 50, 1..=100)
        .map_err(|()| validation("MaxRecords must be between 1 and 100."))?;
    let key = |each: &&AlarmChange| format!("{} {}", each.alarm, each.at);
    let (found, next) =
        page(found, size, input.text("NextToken")?, "DescribeAlarmHistory", key).map_err(|_| bad_token())?;
    let items = found.into_iter().map(|each| {
        let (from, to) = (each.from.as_str(), each.to.as_str());
        let data = serde_json::json!({
            "version": "1.0",
            "oldState": { "stateValue": from },
            "newState": { "stateValue": to, "stateReason": each.reason },
        });
        map! {
            "AlarmName": &each.alarm,
            "AlarmType": "MetricAlarm",
            "Timestamp": each.at,
            "HistoryItemType": "StateUpdate",
            "HistorySummary": format!("Alarm updated from {from} to {to}"),
            "HistoryData": data.to_string(),
        }
    });
    Ok(map! { "AlarmHistoryItems": Node::list(items), "NextToken": next })
}
