//! CloudWatch: metrics of the account's own.
use chrono::{DateTime, Utc};

use super::{dimensions, validation};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::Node;
use crate::world::World;
use crate::world::cloudwatch::{CustomMetric, MINUTES_KEPT, Stat};

/// Metrics of one call.
const MAX_METRICS: usize = 1000;

/// One datum, as it is stored.
struct Datum {
    name: String,
    dimensions: Vec<(String, String)>,
    at: DateTime<Utc>,
    stat: Stat,
}

/// Takes points of metrics; they can be read at once, by the minute.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
pub(super) fn put(world: &mut World, input: Input<'_>) -> Result<Node, ApiError> {
    let namespace = input
        .text("Namespace")?
        .filter(|name| !name.is_empty())
        .ok_or_else(|| ApiError::new("MissingParameter", "The parameter Namespace is required."))?;
    if namespace.starts_with("AWS/") {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("The value {namespace} for parameter Namespace is invalid: it must not begin with AWS/."),
        ));
    }
    let data = input.list("MetricData")?;
    if data.is_empty() || data.len() > MAX_METRICS {
        return Err(validation(format!("MetricData must have between 1 and {MAX_METRICS} members.")));
    }
    // All are read before the first is stored: a bad one leaves nothing behind.
    let data: Vec<Datum> = data.into_iter().map(|each| datum(each, world.now)).collect::<Result<_, _>>()?;
    for each in data {
        store(world, namespace, each);
    }
    Ok(Node::empty())
}

fn datum(input: Input<'_>, now: DateTime<Utc>) -> Result<Datum, ApiError> {
    let missing = |member: &str| {
        ApiError::new("MissingParameter", format!("The parameter MetricData.member.N.{member} is required."))
    };
    let name = input.text("MetricName")?.ok_or_else(|| missing("MetricName"))?;
    let mut stat = Stat::default();
    let values = input.numbers("Values")?;
    if let Some(set) = input.part("StatisticValues")? {
        let number = |member: &str| set.number(member)?.ok_or_else(|| missing(member));
        stat = Stat {
            count: number("SampleCount")?,
            sum: number("Sum")?,
            min: number("Minimum")?,
            max: number("Maximum")?,
        };
    } else if values.is_empty() {
        stat.add(input.number("Value")?.ok_or_else(|| missing("Value"))?);
    } else {
        let counts = input.numbers("Counts")?;
        for (place, value) in values.into_iter().enumerate() {
            let count = counts.get(place).copied().unwrap_or(1.0);
            stat.merge(&Stat { count, sum: value * count, min: value, max: value });
        }
    }
    let mut dimensions: Vec<(String, String)> = dimensions(input)?
        .into_iter()
        .map(|(name, value)| Ok((name, value.ok_or_else(|| missing("Dimensions.member.N.Value"))?)))
        .collect::<Result<_, ApiError>>()?;
    dimensions.sort();
    Ok(Datum { name: name.to_owned(), dimensions, at: input.time("Timestamp")?.unwrap_or(now), stat })
}

fn store(world: &mut World, namespace: &str, datum: Datum) {
    let Datum { name, dimensions, at, stat } = datum;
    let all = &mut world.cloudwatch.custom;
    let known = all
        .iter()
        .position(|own| own.namespace == namespace && own.name == name && own.dimensions == dimensions);
    let place = known.unwrap_or_else(|| {
        all.push(CustomMetric { namespace: namespace.to_owned(), name, dimensions, minutes: Vec::new() });
        all.len() - 1
    });
    let minutes = &mut all[place].minutes;
    let index = at.timestamp().div_euclid(60);
    match minutes.binary_search_by_key(&index, |(own, _)| *own) {
        Ok(found) => minutes[found].1.merge(&stat),
        Err(found) => minutes.insert(found, (index, stat)),
    }
    let surplus = minutes.len().saturating_sub(MINUTES_KEPT);
    minutes.drain(..surplus);
}
