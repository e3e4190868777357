//! CloudWatch: the points of metrics.
use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::metric_math::{self, Points, Scope};
use super::{bad_token, dimensions, validation};
use crate::behaviour::metrics::{self, MetricQuery};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;

/// Queries in one call of `GetMetricData`.
const MAX_QUERIES: usize = 500;
/// Points in one answer of `GetMetricData`.
const MAX_POINTS: usize = 100_800;
/// Points in one answer of `GetMetricStatistics`.
const MAX_STATISTICS: i64 = 1_440;

/// One query of `GetMetricData` with its points in the order asked for.
struct Series<'a> {
    id: &'a str,
    label: &'a str,
    points: Vec<(DateTime<Utc>, f64)>,
}

pub(super) fn get_metric_data(world: &World, input: Input<'_>) -> Result<Node, ApiError> {
    let (start, end) = time_range(input)?;
    let queries = input.list("MetricDataQueries")?;
    if queries.is_empty() || queries.len() > MAX_QUERIES {
        return Err(validation(format!(
            "The collection MetricDataQueries must have a size between 1 and {MAX_QUERIES}."
        )));
    }
    let descending = match input.text("ScanBy")? {
        None | Some("TimestampDescending") => true,
        Some("TimestampAscending") => false,
        Some(other) => return Err(validation(format!("ScanBy cannot be {other}."))),
    };
    let mut ids: Vec<&str> = Vec::new();
    for query in &queries {
        let id = id(*query)?;
        if ids.contains(&id) {
            return Err(validation(format!("The Id {id} is not unique.")));
        }
        ids.push(id);
    }
    let mut known: BTreeMap<String, Series<'_>> = BTreeMap::new();
    for query in queries.iter().filter(|query| !query.has("Expression")) {
        let series = series(world, *query, start, end)?;
        known.insert(series.id.to_owned(), series);
    }
    evaluate(world, &queries, (start, end), &mut known)?;
    let mut all: Vec<Series<'_>> = Vec::new();
    for query in queries {
        if !query.flag("ReturnData")?.unwrap_or(true) {
            continue;
        }
        if let Some(mut series) = known.remove(id(query)?) {
            if descending {
                series.points.reverse();
            }
            all.push(series);
        }
    }
    answer(input, &all)
}

/// Evaluates the expressions, those first that name none of the others.
fn evaluate<'a>(
    world: &World,
    queries: &[Input<'a>],
    (start, end): (DateTime<Utc>, DateTime<Utc>),
    known: &mut BTreeMap<String, Series<'a>>,
) -> Result<(), ApiError> {
    let mut open: Vec<Input<'a>> = queries.iter().copied().filter(|query| query.has("Expression")).collect();
    let newest = world.now - TimeDelta::minutes(1);
    let minutes = (0..).map(|minute| start + TimeDelta::minutes(minute));
    let grid: Vec<DateTime<Utc>> = minutes.take_while(|at| *at < end && *at <= newest).collect();
    while !open.is_empty() {
        let mut later = Vec::new();
        let before = open.len();
        for query in open {
            let text = query.text("Expression")?.unwrap_or_default();
            let series: BTreeMap<String, Points> =
                known.iter().map(|(id, each)| (id.clone(), each.points.iter().copied().collect())).collect();
            let scope = Scope { series: &series, grid: &grid, period: 60.0 };
            match metric_math::evaluate(text, &scope)? {
                None => later.push(query),
                Some(points) => {
                    let id = id(query)?;
                    let label = query.text("Label")?.unwrap_or(id);
                    known.insert(id.to_owned(), Series { id, label, points: points.into_iter().collect() });
                }
            }
        }
        if later.len() == before {
            return Err(validation("Error in expression: it names an Id that is not there, or itself."));
        }
        open = later;
    }
    Ok(())
}

/// The id of a query.
fn id(query: Input<'_>) -> Result<&str, ApiError> {
    let id = query.text("Id")?.unwrap_or_default();
    let mut characters = id.chars();
    let starts_well = characters.next().is_some_and(|first| first.is_ascii_lowercase());
    if !starts_well || !characters.all(|each| each.is_ascii_alphanumeric() || each == '_') {
        return Err(validation(format!(
            "The value {id} for parameter MetricDataQueries.member.N.Id is not matching the expected pattern \
             ^[a-z][a-zA-Z0-9_]*$."
        )));
    }
    Ok(id)
}

/// The series, cut into pages by the number of their points.
fn answer(input: Input<'_>, all: &[Series<'_>]) -> Result<Node, ApiError> {
    let most = match input.int("MaxDatapoints")? {
        None => MAX_POINTS,
        Some(asked) => usize::try_from(asked)
            .ok()
            .filter(|asked| (1..=MAX_POINTS).contains(asked))
            .ok_or_else(|| validation("MaxDatapoints must be between 1 and 100800."))?,
    };
    let token = input.text("NextToken")?;
    let places = all
        .iter()
        .enumerate()
        .flat_map(|(index, each)| (0..each.points.len()).map(move |point| (index, point)))
        .collect();
    let key =
        |(index, point): &(usize, usize)| format!("{} {}", all[*index].id, all[*index].points[*point].0);
    let (places, next) = page(places, most, token, "GetMetricData", key).map_err(|_| bad_token())?;
    let mut shown: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    if token.is_none() {
        // A series without points is answered once, on the first page.
        let empty = all.iter().enumerate().filter(|(_, each)| each.points.is_empty());
        shown.extend(empty.map(|(index, _)| (index, Vec::new())));
    }
    for (index, point) in places {
        shown.entry(index).or_default().push(point);
    }
    let results = shown.into_iter().map(|(index, points)| {
        let each = &all[index];
        let whole = points.last().is_none_or(|last| last + 1 == each.points.len());
        map! {
            "Id": each.id,
            "Label": each.label,
            "Timestamps": Node::list(points.iter().map(|point| each.points[*point].0)),
            "Values": Node::list(points.iter().map(|point| each.points[*point].1)),
            "StatusCode": if whole { "Complete" } else { "PartialData" },
        }
    });
    Ok(map! {
        "MetricDataResults": Node::list(results),
        "NextToken": next,
        "Messages": Node::List(Vec::new()),
    })
}

fn series<'a>(
    world: &World,
    query: Input<'a>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Result<Series<'a>, ApiError> {
    let id = id(query)?;
    let Some(what) = query.part("MetricStat")? else {
        return Err(validation("Either MetricStat or Expression must be given."));
    };
    let metric =
        what.part("Metric")?.ok_or_else(|| validation("The parameter MetricStat.Metric is required."))?;
    let name = metric.text("MetricName")?.unwrap_or_default();
    let statistic =
        what.text("Stat")?.ok_or_else(|| validation("The parameter MetricStat.Stat is required."))?;
    if !is_statistic(statistic) {
        return Err(validation(format!("The value {statistic} for parameter Stat is not supported.")));
    }
    let dimensions = exact(metric)?;
    let points = metrics::published(
        world,
        &MetricQuery {
            namespace: metric.text("Namespace")?.unwrap_or_default(),
            name,
            dimensions: &dimensions,
            statistic,
            period: period(what)?,
            start,
            end,
        },
    );
    Ok(Series { id, label: query.text("Label")?.unwrap_or(name), points })
}

/// The dimensions of a query that names one metric exactly.
fn exact(metric: Input<'_>) -> Result<Vec<(String, String)>, ApiError> {
    dimensions(metric)?
        .into_iter()
        .map(|(name, value)| {
            let missing = || validation("The parameter Dimensions.member.N.Value is required.");
            Ok((name, value.ok_or_else(missing)?))
        })
        .collect()
}

fn is_statistic(name: &str) -> bool {
    matches!(name, "Average" | "Sum" | "Minimum" | "Maximum" | "SampleCount") || is_percentile(name)
}

fn is_percentile(name: &str) -> bool {
    name.strip_prefix('p')
        .and_then(|number| number.parse::<f64>().ok())
        .is_some_and(|number| (0.0..=100.0).contains(&number))
}

/// The period in seconds. Metrics here have one point a minute, so a shorter one finds the same points.
fn period(input: Input<'_>) -> Result<u32, ApiError> {
    let period = input
        .int("Period")?
        .ok_or_else(|| ApiError::new("MissingParameter", "The parameter Period is required."))?;
    match period {
        1 | 5 | 10 | 20 | 30 => Ok(60),
        60..=86_400 if period % 60 == 0 => {
            u32::try_from(period).map_err(|_| validation("Period is out of range."))
        }
        _ => Err(ApiError::new(
            "InvalidParameterValue",
            "The parameter Period must be 1, 5, 10, 20, 30, or any multiple of 60.",
        )),
    }
}

/// The time range of a request: `StartTime`, rounded down to its minute as CloudWatch does, and `EndTime`.
fn time_range(input: Input<'_>) -> Result<(DateTime<Utc>, DateTime<Utc>), ApiError> {
    let time = |member: &str| -> Result<DateTime<Utc>, ApiError> {
        let missing = || ApiError::new("MissingParameter", format!("The parameter {member} is required."));
        input.time(member)?.ok_or_else(missing)
    };
    let (start, end) = (time("StartTime")?, time("EndTime")?);
    if start >= end {
        return Err(validation("The parameter StartTime must be less than the parameter EndTime."));
    }
    let minute = start
        .duration_trunc(TimeDelta::minutes(1))
        .map_err(|_| validation("The parameter StartTime is out of range."))?;
    Ok((minute, end))
}

pub(super) fn get_metric_statistics(world: &World, input: Input<'_>) -> Result<Node, ApiError> {
    let (start, end) = time_range(input)?;
    let period = period(input)?;
    if (end - start).num_seconds() / i64::from(period) > MAX_STATISTICS {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            format!(
                "You have requested more than {MAX_STATISTICS} datapoints. Use a longer Period or a shorter span."
            ),
        ));
    }
    let plain = input.texts("Statistics")?;
    let extended = input.texts("ExtendedStatistics")?;
    if plain.is_empty() && extended.is_empty() {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ));
    }
    let unknown = plain
        .iter()
        .find(|name| !is_statistic(name) || is_percentile(name))
        .or_else(|| extended.iter().find(|name| !is_percentile(name)));
    if let Some(name) = unknown {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("The value {name} for parameter Statistics is not supported."),
        ));
    }
    let name = input.text("MetricName")?.unwrap_or_default();
    let namespace = input.text("Namespace")?.unwrap_or_default();
    let dimensions = exact(input)?;
    let mut points: BTreeMap<DateTime<Utc>, Vec<(&str, f64)>> = BTreeMap::new();
    for statistic in plain.iter().chain(&extended) {
        let query = MetricQuery { namespace, name, dimensions: &dimensions, statistic, period, start, end };
        for (at, value) in metrics::published(world, &query) {
            points.entry(at).or_default().push((*statistic, value));
        }
    }
    let unit = metrics::unit(name).unwrap_or("None");
    let points = points.into_iter().map(|(at, values)| datapoint(at, &values, unit));
    Ok(map! { "Label": name, "Datapoints": Node::list(points) })
}

fn datapoint(at: DateTime<Utc>, values: &[(&str, f64)], unit: &str) -> Node {
    let pair = |(name, value): &(&str, f64)| (Cow::Owned((*name).to_owned()), Node::Float(*value));
    let (percentiles, plain): (Vec<_>, Vec<_>) = values.iter().partition(|(name, _)| is_percentile(name));
    let mut members: Vec<(Cow<'static, str>, Node)> =
        vec![("Timestamp".into(), at.into()), ("Unit".into(), unit.into())];
    members.extend(plain.iter().map(pair));
    if !percentiles.is_empty() {
        let entries = percentiles.iter().map(pair).collect();
        members.push(("ExtendedStatistics/entry".into(), Node::Map(entries)));
    }
    Node::Map(members)
}
