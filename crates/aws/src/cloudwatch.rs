//! `CloudWatch`: one-minute series and alarms.

use super::Aws;
use super::convert::{to_chrono, to_smithy_time};
use super::error::IntoCallError;
use aws_sdk_cloudwatch::types::{
    AlarmType, Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode,
};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use partybox_core::domain::{Alarm, CallError, MetricKey, MetricKind, Series};

/// `GetMetricData` takes 500 queries a call.
const QUERIES_A_CALL: usize = 500;
/// Seconds a point.
const PERIOD: i32 = 60;
/// How far back, minutes.
const WINDOW_MINUTES: i64 = 60;

/// `GetMetricData` for the last hour by the server's clock, without the minute that is not over yet.
pub(super) async fn metrics(aws: &Aws, keys: &[MetricKey]) -> Result<Vec<(MetricKey, Series)>, CallError> {
    let now = aws.shared.metrics.server_now();
    let end = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
    let start = end - TimeDelta::minutes(WINDOW_MINUTES);
    let mut series: Vec<(MetricKey, Series)> =
        keys.iter().map(|key| (key.clone(), Series::default())).collect();
    for chunk in series.chunks_mut(QUERIES_A_CALL) {
        let queries = chunk.iter().enumerate().map(|(index, (key, _))| query(index, key)).collect();
        let mut pages = aws
            .cloudwatch()
            .get_metric_data()
            .set_metric_data_queries(Some(queries))
            .start_time(to_smithy_time(start))
            .end_time(to_smithy_time(end))
            .scan_by(ScanBy::TimestampAscending)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            for result in page.for_action("cloudwatch:GetMetricData")?.metric_data_results.unwrap_or_default()
            {
                let index = result.id.as_deref().and_then(|id| id.strip_prefix('m')?.parse::<usize>().ok());
                if let Some((_, series)) = index.and_then(|index| chunk.get_mut(index)) {
                    add(series, result, end);
                }
            }
        }
    }
    for (_, series) in &mut series {
        series.points.sort_by_key(|point| point.0);
        series.points.dedup_by_key(|point| point.0);
    }
    Ok(series)
}

/// Adds one page's points; what is no number is no point. The status of the last page counts: `PartialData` before it only means "more follows".
fn add(series: &mut Series, result: MetricDataResult, end: DateTime<Utc>) {
    let times = result.timestamps.unwrap_or_default().into_iter().map(to_chrono);
    let values = result.values.unwrap_or_default();
    let points = times.zip(values).filter_map(|(at, value)| Some((at?, value)));
    series.points.extend(points.filter(|(at, value)| *at < end && value.is_finite()));
    series.problem = result
        .status_code
        .filter(|status| *status != StatusCode::Complete)
        .map(|status| status.as_str().to_owned());
}

fn query(index: usize, key: &MetricKey) -> MetricDataQuery {
    let [namespace, name, stat] = metric_names(key.kind);
    let dimensions = dimensions(key).into_iter().map(|(n, v)| Dimension::builder().name(n).value(v).build());
    let metric =
        Metric::builder().namespace(namespace).metric_name(name).set_dimensions(Some(dimensions.collect()));
    let stat = MetricStat::builder().metric(metric.build()).period(PERIOD).stat(stat);
    MetricDataQuery::builder().id(format!("m{index}")).metric_stat(stat.build()).return_data(true).build()
}

/// Namespace, metric and statistic of a kind.
fn metric_names(kind: MetricKind) -> [&'static str; 3] {
    const ECS: &str = "AWS/ECS";
    const ALB: &str = "AWS/ApplicationELB";
    const RDS: &str = "AWS/RDS";
    match kind {
        MetricKind::ServiceCpu => [ECS, "CPUUtilization", "Average"],
        MetricKind::ServiceMemory => [ECS, "MemoryUtilization", "Average"],
        MetricKind::AlbRequests | MetricKind::TargetRequests => [ALB, "RequestCount", "Sum"],
        MetricKind::AlbTarget5xx => [ALB, "HTTPCode_Target_5XX_Count", "Sum"],
        MetricKind::AlbElb5xx => [ALB, "HTTPCode_ELB_5XX_Count", "Sum"],
        MetricKind::AlbLatencyP50 => [ALB, "TargetResponseTime", "p50"],
        MetricKind::AlbLatencyP99 | MetricKind::TargetLatencyP99 => [ALB, "TargetResponseTime", "p99"],
        MetricKind::AlbConnections => [ALB, "ActiveConnectionCount", "Sum"],
        MetricKind::DbCpu => [RDS, "CPUUtilization", "Average"],
        MetricKind::DbConnections => [RDS, "DatabaseConnections", "Average"],
        MetricKind::DbFreeStorage => [RDS, "FreeStorageSpace", "Average"],
        MetricKind::DbFreeMemory => [RDS, "FreeableMemory", "Average"],
        MetricKind::DbReplicaLag => [RDS, "ReplicaLag", "Average"],
        MetricKind::DbReadLatency => [RDS, "ReadLatency", "Average"],
        MetricKind::DbWriteLatency => [RDS, "WriteLatency", "Average"],
        MetricKind::NatPortErrors => ["AWS/NATGateway", "ErrorPortAllocation", "Sum"],
    }
}

/// The subject's parts as the dimensions of its kind.
fn dimensions(key: &MetricKey) -> Vec<(&'static str, &str)> {
    let subject = key.subject.as_str();
    match key.kind {
        MetricKind::ServiceCpu | MetricKind::ServiceMemory => {
            let (cluster, service) = subject.split_once('/').unwrap_or((subject, ""));
            vec![("ClusterName", cluster), ("ServiceName", service)]
        }
        MetricKind::TargetRequests | MetricKind::TargetLatencyP99 => {
            let (balancer, group) = subject.split_once(' ').unwrap_or((subject, ""));
            vec![("LoadBalancer", balancer), ("TargetGroup", group)]
        }
        MetricKind::AlbRequests
        | MetricKind::AlbTarget5xx
        | MetricKind::AlbElb5xx
        | MetricKind::AlbLatencyP50
        | MetricKind::AlbLatencyP99
        | MetricKind::AlbConnections => vec![("LoadBalancer", subject)],
        MetricKind::DbCpu
        | MetricKind::DbConnections
        | MetricKind::DbFreeStorage
        | MetricKind::DbFreeMemory
        | MetricKind::DbReplicaLag
        | MetricKind::DbReadLatency
        | MetricKind::DbWriteLatency => vec![("DBInstanceIdentifier", subject)],
        MetricKind::NatPortErrors => vec![("NatGatewayId", subject)],
    }
}

/// `DescribeAlarms`, metric and composite: the latter come only when asked for by type.
pub(super) async fn alarms(aws: &Aws) -> Result<Vec<Alarm>, CallError> {
    let mut alarms = Vec::new();
    let mut pages = aws
        .cloudwatch()
        .describe_alarms()
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .max_records(100)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.for_action("cloudwatch:DescribeAlarms")?;
        alarms.extend(page.metric_alarms.unwrap_or_default().into_iter().map(|from| Alarm {
            name: from.alarm_name.unwrap_or_default(),
            state: from.state_value.map(|s| s.as_str().to_owned()).unwrap_or_default(),
            reason: from.state_reason,
            since: from.state_transitioned_timestamp.or(from.state_updated_timestamp).and_then(to_chrono),
        }));
        alarms.extend(page.composite_alarms.unwrap_or_default().into_iter().map(|from| Alarm {
            name: from.alarm_name.unwrap_or_default(),
            state: from.state_value.map(|s| s.as_str().to_owned()).unwrap_or_default(),
            reason: from.state_reason,
            since: from.state_transitioned_timestamp.or(from.state_updated_timestamp).and_then(to_chrono),
        }));
    }
    Ok(alarms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(status: StatusCode, seconds: &[i64]) -> MetricDataResult {
        let times = seconds.iter().map(|s| aws_smithy_types::DateTime::from_secs(*s)).collect();
        MetricDataResult::builder()
            .id("m0")
            .status_code(status)
            .set_timestamps(Some(times))
            .set_values(Some(vec![1.0; seconds.len()]))
            .build()
    }

    #[test]
    fn a_minute_that_is_not_over_is_dropped_and_the_last_status_counts() {
        let end = DateTime::from_timestamp(600, 0).expect("a time");
        let mut series = Series::default();
        add(&mut series, result(StatusCode::PartialData, &[480]), end);
        assert_eq!(series.problem.as_deref(), Some("PartialData"));
        add(&mut series, result(StatusCode::Complete, &[540, 600]), end);
        assert_eq!(series.problem, None);
        assert_eq!(series.points.iter().map(|p| p.0.timestamp()).collect::<Vec<_>>(), [480, 540]);
    }

    #[test]
    fn what_is_no_number_is_no_point() {
        let end = DateTime::from_timestamp(600, 0).expect("a time");
        let mut told = result(StatusCode::Complete, &[420, 480, 540]);
        told.values = Some(vec![f64::NAN, 1.0, f64::INFINITY]);
        let mut series = Series::default();
        add(&mut series, told, end);
        assert_eq!(series.points.iter().map(|p| p.0.timestamp()).collect::<Vec<_>>(), [480]);
    }

    #[test]
    fn a_subject_becomes_dimensions() {
        let of = |kind, subject: &str| {
            let key = MetricKey::new(kind, subject);
            dimensions(&key).into_iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            of(MetricKind::ServiceCpu, "party-box/backend"),
            "ClusterName=party-box ServiceName=backend"
        );
        assert_eq!(
            of(MetricKind::TargetRequests, "app/a/1 targetgroup/b/2"),
            "LoadBalancer=app/a/1 TargetGroup=targetgroup/b/2"
        );
        assert_eq!(of(MetricKind::DbCpu, "party-box-db"), "DBInstanceIdentifier=party-box-db");
    }
}
