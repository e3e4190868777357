//! CloudWatch over the wire: metrics of the account's own, alarms set by hand, metric math, and minutes that come late.
use bytes::Bytes;
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use crate::handle;
use crate::world::{Time, World};
use crate::{Scenario, build_account};

struct Account {
    world: World,
    now: Time,
}

impl Account {
    fn new() -> Self {
        let now = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
        Self { world: build_account(Scenario::Steady, 7, now), now }
    }

    fn send(&mut self, operation: &str, body: &Value) -> (u16, Value) {
        let authorization = "AWS4-HMAC-SHA256 Credential=key/20260101/ap-northeast-1/monitoring/aws4_request, \
                             SignedHeaders=host, Signature=00";
        let request = http::Request::builder()
            .method("POST")
            .uri("/")
            .header("x-amz-target", format!("GraniteServiceVersion20100801.{operation}"))
            .header("authorization", authorization)
            .body(Bytes::from(body.to_string()))
            .expect("a request");
        let response = handle(&mut self.world, &request, self.now);
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
    }

    fn ask(&mut self, operation: &str, body: &Value) -> Value {
        let (status, answer) = self.send(operation, body);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// Values of an id over the last minutes up to now.
    fn values(&mut self, queries: &Value, id: &str) -> Vec<f64> {
        let (start, end) = (self.now.timestamp() - 600, self.now.timestamp());
        let body = json!({ "StartTime": start, "EndTime": end, "MetricDataQueries": queries });
        let answer = self.ask("GetMetricData", &body);
        let results = answer["MetricDataResults"].as_array().expect("results");
        let found = results.iter().find(|each| each["Id"] == id).expect("the id");
        found["Values"].as_array().expect("values").iter().filter_map(Value::as_f64).collect()
    }
}

fn query(id: &str, namespace: &str, name: &str, dimensions: &Value) -> Value {
    let metric = json!({ "Namespace": namespace, "MetricName": name, "Dimensions": dimensions });
    json!({ "Id": id, "MetricStat": { "Metric": metric, "Period": 60, "Stat": "Sum" } })
}

#[test]
fn what_is_put_is_listed_read_and_reckoned_with() {
    let mut account = Account::new();
    let dimensions = json!([{ "Name": "Queue", "Value": "x" }]);
    let data = json!([{ "MetricName": "Depth", "Dimensions": dimensions, "Value": 7.0 },
                      { "MetricName": "Depth", "Dimensions": dimensions, "Values": [1.0, 2.0], "Counts": [2.0, 1.0] }]);
    account.ask("PutMetricData", &json!({ "Namespace": "Shop", "MetricData": data }));
    let listed = account.ask("ListMetrics", &json!({ "Namespace": "Shop" }));
    assert_eq!(listed["Metrics"][0]["MetricName"], "Depth");
    account.now += TimeDelta::seconds(60);
    let queries = json!([
        { "Id": "e2", "Expression": "e1+1" },
        { "Id": "e1", "Expression": "m1*2" },
        query("m1", "Shop", "Depth", &dimensions),
    ]);
    assert_eq!(account.values(&queries, "m1"), [11.0]);
    assert_eq!(account.values(&queries, "e2"), [23.0]);
    let (status, _) = account.send("PutMetricData", &json!({ "Namespace": "AWS/ECS", "MetricData": data }));
    assert_eq!(status, 400, "the namespaces of AWS are its own");
    let circle =
        json!({ "StartTime": 0, "EndTime": 60, "MetricDataQueries": [{ "Id": "e1", "Expression": "e1" }] });
    assert_eq!(account.send("GetMetricData", &circle).0, 400);
}

#[test]
fn an_alarm_that_is_set_by_hand_is_remembered_and_evaluated_again() {
    let mut account = Account::new();
    let alarm = "party-box-backend-cpu-high";
    let body = json!({ "AlarmName": alarm, "StateValue": "ALARM", "StateReason": "a test of the pager" });
    account.ask("SetAlarmState", &body);
    let state = |account: &mut Account| {
        let answer = account.ask("DescribeAlarms", &json!({ "AlarmNames": [alarm] }));
        answer["MetricAlarms"][0]["StateValue"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state(&mut account), "ALARM");
    account.now += TimeDelta::minutes(2);
    assert_eq!(state(&mut account), "OK", "the next evaluation sets it right");
    let history = account.ask("DescribeAlarmHistory", &json!({ "AlarmName": alarm }));
    let summaries: Vec<&Value> = history["AlarmHistoryItems"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| &item["HistorySummary"])
        .collect();
    assert_eq!(summaries, ["Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM"]);
    let body = json!({ "AlarmName": "none", "StateValue": "ALARM", "StateReason": "-" });
    assert_eq!(account.send("SetAlarmState", &body).0, 400);
}

#[test]
fn target_trackings_own_alarms_are_listed_and_the_low_one_fires_on_a_quiet_service() {
    let mut account = Account::new();
    let answer = account.ask("DescribeAlarms", &json!({ "AlarmNamePrefix": "TargetTracking-" }));
    let alarms = answer["MetricAlarms"].as_array().expect("alarms");
    let states: Vec<(bool, &Value)> = alarms
        .iter()
        .map(|alarm| {
            (alarm["AlarmName"].as_str().expect("a name").contains("-AlarmLow-"), &alarm["StateValue"])
        })
        .collect();
    assert_eq!(states.len(), 4, "two of each service");
    assert!(states.iter().all(|(low, state)| **state == if *low { "ALARM" } else { "OK" }), "{states:?}");
}

#[test]
fn the_running_minute_is_not_served_and_the_newest_comes_late() {
    let mut account = Account::new();
    let cluster = json!([{ "Name": "ClusterName", "Value": "party-box" }]);
    let queries = json!([query("m1", "AWS/ECS", "CPUUtilization", &cluster)]);
    let minute = account.now.timestamp().div_euclid(60) * 60;
    let mut seen = Vec::new();
    for second in [60, 65, 110, 119] {
        account.now = DateTime::from_timestamp(minute + 60 + second, 0).expect("in range");
        let (start, end) = (minute + 60, minute + 240);
        let body = json!({ "StartTime": start, "EndTime": end, "MetricDataQueries": queries });
        let answer = account.ask("GetMetricData", &body);
        seen.push(answer["MetricDataResults"][0]["Values"].as_array().expect("values").len());
    }
    assert_eq!(
        seen,
        [0, 0, 1, 1],
        "the minute that ended is there after at most 45 s, the running one never"
    );
}
