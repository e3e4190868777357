//! `CloudWatch`: one-minute series and alarms.

use super::Aws;
use super::json_protocol::{EpochSeconds, JsonModel};
use super::service_endpoint::ServiceNames;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use partybox_core::domain::{Alarm, AlarmMetric, CallError, MetricKey, MetricKind, NOT_ANSWERED, Series};
use serde::Deserialize;
use serde_json::{Value, json};

/// How `CloudWatch` is called and what it speaks.
pub(super) const MODEL: JsonModel = JsonModel {
    names: ServiceNames { id: "CloudWatch", signing: "monitoring", host: "monitoring" },
    target: "GraniteServiceVersion20100801",
    content_type: "application/x-amz-json-1.0",
    token: "NextToken",
};
/// `GetMetricData` takes 500 queries a call.
const QUERIES_A_CALL: usize = 500;
/// The period of a point, seconds.
const PERIOD: u32 = 60;
/// The length of a series, minutes.
const WINDOW_MINUTES: i64 = 60;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetMetricDataOutput {
    metric_data_results: Option<Vec<MetricDataResult>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDataResult {
    id: Option<String>,
    timestamps: Option<Vec<EpochSeconds>>,
    values: Option<Vec<MetricValue>>,
    status_code: Option<String>,
}

/// A number; JSON has no other way to write those that are none than their names.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum MetricValue {
    Number(f64),
    NoNumber(serde::de::IgnoredAny),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeAlarmsOutput {
    metric_alarms: Option<Vec<AlarmDetail>>,
    composite_alarms: Option<Vec<AlarmDetail>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AlarmDetail {
    alarm_name: Option<String>,
    alarm_arn: Option<String>,
    alarm_rule: Option<String>,
    actions_enabled: Option<bool>,
    actions_suppressed_by: Option<String>,
    alarm_actions: Option<Vec<String>>,
    state_value: Option<String>,
    state_reason: Option<String>,
    state_transitioned_timestamp: Option<EpochSeconds>,
    state_updated_timestamp: Option<EpochSeconds>,
    evaluation_state: Option<String>,
    treat_missing_data: Option<String>,
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Option<Vec<Dimension>>,
    metrics: Option<Vec<MetricDataQuery>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MetricDataQuery {
    account_id: Option<String>,
    expression: Option<String>,
    metric_stat: Option<MetricStat>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MetricStat {
    metric: Option<Metric>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Metric {
    namespace: Option<String>,
    #[serde(rename = "MetricName")]
    name: Option<String>,
    dimensions: Option<Vec<Dimension>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Dimension {
    name: String,
    value: String,
}

/// `GetMetricData` for the last hour by the server's clock, without the current minute, which is incomplete.
pub(super) async fn metrics(aws: &Aws, keys: &[MetricKey]) -> Result<Vec<(MetricKey, Series)>, CallError> {
    let now = aws.shared.metrics.server_now();
    let end = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
    let start = end - TimeDelta::minutes(WINDOW_MINUTES);
    let mut series: Vec<(MetricKey, Series)> =
        keys.iter().map(|key| (key.clone(), unanswered(end))).collect();
    for chunk in series.chunks_mut(QUERIES_A_CALL) {
        let queries: Vec<Value> =
            chunk.iter().enumerate().map(|(index, (key, _))| query(index, key)).collect();
        let request = json!({
            "MetricDataQueries": queries,
            "StartTime": start.timestamp(),
            "EndTime": end.timestamp(),
            "ScanBy": "TimestampAscending",
        });
        let pages: Vec<GetMetricDataOutput> =
            aws.cloudwatch().read_pages("cloudwatch:GetMetricData", request).await?;
        for page in pages {
            for result in page.metric_data_results.unwrap_or_default() {
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

/// A series before its answer: what is not answered is not zero.
fn unanswered(end: DateTime<Utc>) -> Series {
    Series { problem: Some(NOT_ANSWERED.to_owned()), until: Some(end), ..Series::default() }
}

/// Adds one page's points. A point that is not a number is left out. The status of the last page counts:
/// `PartialData` before it only means that more follows.
fn add(series: &mut Series, result: MetricDataResult, end: DateTime<Utc>) {
    let times = result.timestamps.unwrap_or_default().into_iter().map(EpochSeconds::to_chrono);
    let values = result.values.unwrap_or_default();
    let points = times.zip(values).filter_map(|(at, value)| match value {
        MetricValue::Number(value) => Some((at?, value)),
        MetricValue::NoNumber(_) => None,
    });
    series.points.extend(points.filter(|(at, value)| *at < end && value.is_finite()));
    series.problem = result.status_code.filter(|status| status != "Complete");
}

fn query(index: usize, key: &MetricKey) -> Value {
    let [namespace, name, stat] = metric_names(key.kind);
    let dimensions: Vec<Value> =
        dimensions(key).into_iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let metric = json!({ "Namespace": namespace, "MetricName": name, "Dimensions": dimensions });
    json!({
        "Id": format!("m{index}"),
        "MetricStat": { "Metric": metric, "Period": PERIOD, "Stat": stat },
        "ReturnData": true,
    })
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

/// The dimensions of a metric: the parts of its subject under the names of its kind.
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
    let request = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100 });
    let pages: Vec<DescribeAlarmsOutput> =
        aws.cloudwatch().read_pages("cloudwatch:DescribeAlarms", request).await?;
    let alarms = pages.into_iter().flat_map(|page| {
        let metric = page.metric_alarms.unwrap_or_default();
        metric.into_iter().chain(page.composite_alarms.unwrap_or_default())
    });
    Ok(alarms.map(alarm).collect())
}

fn alarm(from: AlarmDetail) -> Alarm {
    let own = Metric { namespace: from.namespace, name: from.metric_name, dimensions: from.dimensions };
    let mut metrics = Vec::new();
    if own.name.is_some() {
        metrics.push(alarm_metric(own, None));
    }
    let mut expressions = Vec::new();
    // Metric math: each query is a metric or an expression over the others.
    for query in from.metrics.unwrap_or_default() {
        if let Some(metric) = query.metric_stat.and_then(|stat| stat.metric) {
            metrics.push(alarm_metric(metric, query.account_id));
        }
        expressions.extend(query.expression);
    }
    Alarm {
        name: from.alarm_name.unwrap_or_default(),
        arn: from.alarm_arn.unwrap_or_default(),
        state: from.state_value.unwrap_or_default(),
        reason: from.state_reason,
        since: from
            .state_transitioned_timestamp
            .or(from.state_updated_timestamp)
            .and_then(EpochSeconds::to_chrono),
        evaluation: from.evaluation_state,
        missing_data: from.treat_missing_data,
        metrics,
        expressions,
        rule: from.alarm_rule,
        actions_enabled: from.actions_enabled,
        actions: from.alarm_actions.unwrap_or_default(),
        suppressed_by: from.actions_suppressed_by,
    }
}

fn alarm_metric(metric: Metric, account: Option<String>) -> AlarmMetric {
    AlarmMetric {
        namespace: metric.namespace.unwrap_or_default(),
        name: metric.name.unwrap_or_default(),
        dimensions: metric.dimensions.unwrap_or_default().into_iter().map(|d| (d.name, d.value)).collect(),
        account,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(status: &str, seconds: &[i64]) -> MetricDataResult {
        let values = vec![1.0; seconds.len()];
        let answer = json!({ "Id": "m0", "StatusCode": status, "Timestamps": seconds, "Values": values });
        serde_json::from_value(answer).expect("a result")
    }

    #[test]
    fn a_minute_that_is_not_over_is_dropped_and_the_last_status_counts() {
        let end = DateTime::from_timestamp(600, 0).expect("a time");
        let mut series = Series::default();
        add(&mut series, result("PartialData", &[480]), end);
        assert_eq!(series.problem.as_deref(), Some("PartialData"));
        add(&mut series, result("Complete", &[540, 600]), end);
        assert_eq!(series.problem, None);
        assert_eq!(series.points.iter().map(|p| p.0.timestamp()).collect::<Vec<_>>(), [480, 540]);
    }

    #[test]
    fn what_is_no_number_is_no_point() {
        let end = DateTime::from_timestamp(600, 0).expect("a time");
        let mut told = result("Complete", &[420, 480, 540]);
        told.values = serde_json::from_str(r#"["NaN", 1.0, "Infinity"]"#).ok();
        let mut series = Series::default();
        add(&mut series, told, end);
        assert_eq!(series.points.iter().map(|p| p.0.timestamp()).collect::<Vec<_>>(), [480]);
    }

    #[test]
    fn what_an_alarm_looks_at_is_read_also_inside_metric_math() {
        let told = json!({
            "AlarmName": "share", "AlarmArn": "arn:x", "StateValue": "ALARM", "ActionsEnabled": false,
            "AlarmActions": ["arn:sns"], "EvaluationState": "PARTIAL_DATA", "TreatMissingData": "ignore",
            "StateTransitionedTimestamp": 60, "StateUpdatedTimestamp": 120,
            "Metrics": [
                { "Id": "e1", "Expression": "m1/m2*100" },
                { "Id": "m1", "AccountId": "2", "MetricStat": { "Metric": { "Namespace": "AWS/ECS",
                  "MetricName": "CPUUtilization", "Dimensions": [{ "Name": "ClusterName", "Value": "c" }] } } },
            ],
        });
        let read = alarm(serde_json::from_value(told).expect("an alarm"));
        assert_eq!(read.expressions, ["m1/m2*100"]);
        assert_eq!(read.metrics.len(), 1);
        let metric = &read.metrics[0];
        assert_eq!((metric.dimension("ClusterName"), metric.account.as_deref()), (Some("c"), Some("2")));
        assert_eq!((read.actions_enabled, read.evaluation.as_deref()), (Some(false), Some("PARTIAL_DATA")));
        assert_eq!(read.since.map(|at| at.timestamp()), Some(60));
        let composite =
            json!({ "AlarmName": "all", "AlarmRule": "ALARM(share)", "ActionsSuppressedBy": "Alarm" });
        let read = alarm(serde_json::from_value(composite).expect("an alarm"));
        assert_eq!((read.children().contains(&"share"), read.metrics.len()), (true, 0));
        assert_eq!(read.suppressed_by.as_deref(), Some("Alarm"));
    }

    #[test]
    fn a_series_is_unknown_until_it_is_answered() {
        let end = DateTime::from_timestamp(600, 0).expect("a time");
        let mut series = unanswered(end);
        assert_eq!(series.unknown(), Some(NOT_ANSWERED));
        add(&mut series, result("Complete", &[]), end);
        assert_eq!((series.unknown(), series.until), (None, Some(end)));
        add(&mut series, result("Forbidden", &[]), end);
        assert_eq!(series.unknown(), Some("Forbidden"));
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
