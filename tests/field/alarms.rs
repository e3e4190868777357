//! Cases of alarms: which are ours, and what is said of them.

use crate::kit::{ACCOUNT, REGION, Seen};
use partybox_core::operation::{CheckResult, Draft};
use partybox_testkit::rig::Rewrites;
use serde_json::{Value, json};

/// The account with further alarms.
fn with(metric: Vec<Value>, composite: Vec<Value>) -> Seen {
    Seen::of(Rewrites::default().json("DescribeAlarms", move |answer, _| {
        answer["MetricAlarms"].as_array_mut().expect("alarms").extend(metric.clone());
        answer["CompositeAlarms"] = json!(composite);
    }))
}

/// An alarm in a state that tells somebody, for the last hours.
fn alarm(name: &str, state: &str, more: &Value) -> Value {
    let mut alarm = json!({
        "AlarmName": name,
        "AlarmArn": format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"),
        "ActionsEnabled": true,
        "AlarmActions": [format!("arn:aws:sns:{REGION}:{ACCOUNT}:on-call")],
        "StateValue": state,
        "StateReason": "Threshold Crossed",
        "StateUpdatedTimestamp": 1_700_000_000,
        "StateTransitionedTimestamp": 1_700_000_000,
    });
    let own = alarm.as_object_mut().expect("an object");
    own.extend(more.as_object().expect("an object").clone());
    alarm
}

fn on(namespace: &str, metric: &str, dimensions: &[(&str, &str)]) -> Value {
    let dimensions: Vec<Value> =
        dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    json!({ "Namespace": namespace, "MetricName": metric, "Dimensions": dimensions })
}

const BACKEND: [(&str, &str); 2] = [("ClusterName", "party-box"), ("ServiceName", "backend")];

/// The simulated account has another team's firing alarm, and target tracking's low alarm stands in ALARM there as on
/// every quiet service.
#[test]
fn alarms_of_another_team_and_of_target_tracking_are_no_trouble() {
    let mut seen = Seen::of(Rewrites::default());
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "healthy"), "{}", seen.text());
    seen.says("1 alarm of this Region is firing, none about this box").does_not_say("AlarmLow");
    let plan = seen.plan(Draft::Failover { database: "party-box-db".into() }).expect("a plan");
    let told = plan.checks.iter().find(|check| check.text.contains("alarm")).expect("the alarms' check");
    assert!(told.outcome == CheckResult::Pass, "{told:?}");
    assert!(told.text.starts_with("no alarm fires about this box; 1 other of this Region does"), "{told:?}");
}

#[test]
fn an_alarm_inside_metric_math_is_ours() {
    let query = |id: &str, metric: &Value| json!({ "Id": id, "MetricStat": { "Metric": metric, "Period": 60, "Stat": "Sum" } });
    let math = |service: &str| {
        let own = on("AWS/ECS", "CPUUtilization", &[("ClusterName", "party-box"), ("ServiceName", service)]);
        json!({ "Metrics": [{ "Id": "e1", "Expression": "m1*2", "ReturnData": true }, query("m1", &own)] })
    };
    let seen = with(vec![alarm("share", "ALARM", &math("backend"))], vec![]);
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("Alarm share is firing").says("CPUUtilization of backend");
    let seen = with(vec![alarm("share", "ALARM", &math("worker"))], vec![]);
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("2 alarms of this Region are firing, none about this box");
}

#[test]
fn a_composite_alarm_is_ours_through_its_child() {
    let cpu = on("AWS/ECS", "CPUUtilization", &BACKEND);
    let queue = on("AWS/SQS", "ApproximateAgeOfOldestMessage", &[("QueueName", "x")]);
    let of = |child: &Value, rule: &str| {
        with(vec![alarm("child", "ALARM", child)], vec![alarm("all", "ALARM", &json!({ "AlarmRule": rule }))])
    };
    let seen = of(&cpu, "ALARM(\"child\") AND NOT ALARM(maintenance)");
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("Alarm all is firing").says("through child");
    let seen = of(&queue, "ALARM(child)");
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("3 alarms of this Region are firing, none about this box");
    // It fires for the other of its two children.
    let composite = alarm("all", "ALARM", &json!({ "AlarmRule": "ALARM(ours) OR ALARM(theirs)" }));
    let seen = with(vec![alarm("ours", "OK", &cpu), alarm("theirs", "ALARM", &queue)], vec![composite]);
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("not for what it watches here");
}

#[test]
fn alarms_that_can_say_or_tell_nothing_are_told() {
    let mut silent = alarm("silent", "OK", &on("AWS/ECS", "MemoryUtilization", &BACKEND));
    silent["AlarmActions"] = json!([]);
    let mut disabled = alarm("disabled", "ALARM", &on("AWS/ECS", "MemoryUtilization", &BACKEND));
    disabled["ActionsEnabled"] = json!(false);
    let blind = alarm("blind", "INSUFFICIENT_DATA", &on("AWS/ECS", "MemoryUtilization", &BACKEND));
    let mut wrong = alarm("wrong", "OK", &on("AWS/ECS", "MemoryUtilization", &BACKEND));
    wrong["EvaluationState"] = json!("EVALUATION_ERROR");
    let odd = alarm("odd", "SNOOZED", &on("AWS/ECS", "MemoryUtilization", &BACKEND));
    let seen = with(vec![silent, disabled, blind, wrong, odd], vec![]);
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("2 alarms of this box tell nobody: no enabled action (silent, disabled)")
        .says("Alarm disabled is firing")
        .says("its actions are disabled")
        .says("Alarm blind has had too little data")
        .says("Alarm wrong is not evaluated (EVALUATION_ERROR)")
        .says("Alarm odd is in state SNOOZED");
}

#[test]
fn where_no_alarm_tells_anybody_that_is_said() {
    let none = Rewrites::default().json("DescribeAlarms", |answer, _| answer["MetricAlarms"] = json!([]));
    let seen = Seen::of(none);
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("Nobody would be paged for 5xx answers, unhealthy targets, latency, CPU of the services");
}
