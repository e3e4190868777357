//! CloudWatch: alarms and the list of metrics. The data itself is in `metric_data` and `put_metric_data`.
mod alarm_state;
mod metric_data;
mod metric_math;
mod put_metric_data;

use super::shared::page_size;
use crate::behaviour::metrics;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::cloudwatch::Alarm;

type Answer = Result<Node, ApiError>;

/// A metric that `ListMetrics` names.
#[derive(Debug)]
struct ListedMetric {
    namespace: String,
    name: String,
    dimensions: Vec<(String, String)>,
}

/// Metrics on one page of `ListMetrics`.
const LIST_PAGE: usize = 500;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(operation: &str, world: &mut World, input: Input<'_>) -> Option<Answer> {
    Some(match operation {
        "GetMetricData" => metric_data::get_metric_data(world, input),
        "GetMetricStatistics" => metric_data::get_metric_statistics(world, input),
        "ListMetrics" => list_metrics(world, input),
        "DescribeAlarms" => describe_alarms(world, input),
        "DescribeAlarmsForMetric" => describe_alarms_for_metric(world, input),
        "DescribeAlarmHistory" => alarm_state::describe_history(world, input),
        "SetAlarmState" => alarm_state::set(world, input),
        "PutMetricData" => put_metric_data::put(world, input),
        _ => return None,
    })
}

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

pub(super) fn bad_token() -> ApiError {
    ApiError::new("InvalidNextToken", "The next token specified is invalid.")
}

/// The names and values of the member `Dimensions`; a filter may leave a value out.
pub(super) fn dimensions(input: Input<'_>) -> Result<Vec<(String, Option<String>)>, ApiError> {
    input
        .list("Dimensions")?
        .into_iter()
        .map(|each| {
            let name = each
                .text("Name")?
                .ok_or_else(|| validation("The parameter Dimensions.member.N.Name is required."))?;
            Ok((name.to_owned(), each.text("Value")?.map(str::to_owned)))
        })
        .collect()
}

fn list_metrics(world: &World, input: Input<'_>) -> Answer {
    let namespace = input.text("Namespace")?;
    let name = input.text("MetricName")?;
    let wanted = dimensions(input)?;
    let own = |(name, value): (&'static str, String)| (name.to_owned(), value);
    let ours = metrics::list(world).into_iter().map(|each| {
        let dimensions = each.dimensions.into_iter().map(own).collect();
        ListedMetric { namespace: each.namespace.to_owned(), name: each.name.to_owned(), dimensions }
    });
    let put = world.cloudwatch.custom.iter();
    let put = put.map(|each| ListedMetric {
        namespace: each.namespace.clone(),
        name: each.name.clone(),
        dimensions: each.dimensions.clone(),
    });
    let found: Vec<ListedMetric> = ours
        .chain(put)
        .filter(|each| namespace.is_none_or(|namespace| each.namespace == namespace))
        .filter(|each| name.is_none_or(|name| each.name == name))
        .filter(|each| {
            wanted.iter().all(|(name, value)| {
                each.dimensions.iter().any(|(own, own_value)| {
                    own == name && value.as_ref().is_none_or(|value| own_value == value)
                })
            })
        })
        .collect();
    let key = |each: &ListedMetric| format!("{each:?}");
    let (found, next) =
        page(found, LIST_PAGE, input.text("NextToken")?, "ListMetrics", key).map_err(|_| bad_token())?;
    let listed = found.iter().map(|ListedMetric { namespace, name, dimensions }| {
        let dimensions = dimensions.iter().map(|(name, value)| map! { "Name": name, "Value": value });
        map! {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": Node::list(dimensions),
        }
    });
    Ok(map! { "Metrics": Node::list(listed), "NextToken": next })
}

fn describe_alarms(world: &World, input: Input<'_>) -> Answer {
    let names = input.texts("AlarmNames")?;
    let prefix = input.text("AlarmNamePrefix")?;
    if !names.is_empty() && prefix.is_some() {
        return Err(validation("AlarmNamePrefix and AlarmNames are mutually exclusive."));
    }
    let state = input.text("StateValue")?;
    let action = input.text("ActionPrefix")?;
    // Composite alarms are listed only when they are asked for by type, and there are none.
    let types = input.texts("AlarmTypes")?;
    let metric = types.is_empty() || types.contains(&"MetricAlarm");
    let mut found: Vec<&Alarm> = world
        .cloudwatch
        .alarms
        .iter()
        .filter(|_| metric)
        .filter(|each| names.is_empty() || names.contains(&each.name.as_str()))
        .filter(|each| prefix.is_none_or(|prefix| each.name.starts_with(prefix)))
        .filter(|each| state.is_none_or(|state| each.state.as_str() == state))
        .filter(|each| action.is_none_or(|prefix| each.actions.iter().any(|own| own.starts_with(prefix))))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let size = page_size(input.int("MaxRecords")?, 50, 1..=100)
        .map_err(|()| validation("MaxRecords must be between 1 and 100."))?;
    let key = |each: &&Alarm| each.name.clone();
    let (found, next) =
        page(found, size, input.text("NextToken")?, "DescribeAlarms", key).map_err(|_| bad_token())?;
    Ok(map! {
        "CompositeAlarms": Node::List(Vec::new()),
        "MetricAlarms": Node::list(found.into_iter().map(alarm)),
        "NextToken": next,
    })
}

fn describe_alarms_for_metric(world: &World, input: Input<'_>) -> Answer {
    let required = |member: &str| -> Result<&str, ApiError> {
        let missing = || ApiError::new("MissingParameter", format!("The parameter {member} is required."));
        input.text(member)?.ok_or_else(missing)
    };
    let (namespace, name) = (required("Namespace")?, required("MetricName")?);
    let wanted = dimensions(input)?;
    let found = world.cloudwatch.alarms.iter().filter(|each| {
        each.namespace == namespace
            && each.metric == name
            && each.dimensions.len() == wanted.len()
            && wanted.iter().all(|(name, value)| {
                each.dimensions
                    .iter()
                    .any(|(own, own_value)| own == name && value.as_ref() == Some(own_value))
            })
    });
    Ok(map! { "MetricAlarms": Node::list(found.map(alarm)) })
}

fn alarm(each: &Alarm) -> Node {
    let dimensions = each.dimensions.iter().map(|(name, value)| map! { "Name": name, "Value": value });
    map! {
        "AlarmName": &each.name,
        "AlarmArn": &each.arn,
        "AlarmDescription": &each.description,
        "AlarmConfigurationUpdatedTimestamp": each.configured_at,
        "ActionsEnabled": true,
        "OKActions": Node::List(Vec::new()),
        "AlarmActions": Node::list(&each.actions),
        "InsufficientDataActions": Node::List(Vec::new()),
        "StateValue": each.state.as_str(),
        "StateReason": &each.state_reason,
        "StateUpdatedTimestamp": each.state_updated_at,
        "MetricName": each.metric,
        "Namespace": each.namespace,
        "Statistic": each.statistic,
        "Dimensions": Node::list(dimensions),
        "Period": each.period,
        "EvaluationPeriods": each.evaluation_periods,
        "DatapointsToAlarm": each.evaluation_periods,
        "Threshold": each.threshold,
        "ComparisonOperator": each.comparison.as_str(),
        "TreatMissingData": each.treat_missing,
        "StateTransitionedTimestamp": each.state_transitioned_at,
    }
}
