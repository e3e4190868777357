//! Whole requests in each protocol against a world, without a socket.
use std::collections::HashSet;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Request, Response, cbor, handle};
use crate::world::World;
use crate::{Scenario, build_account};

const ECS: &str = "AmazonEC2ContainerServiceV20141113";
const METRICS: &str = "GraniteServiceVersion20100801";

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("in range")
}

fn world() -> World {
    build_account(Scenario::Steady, 7, start())
}

fn signed(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=key/20260101/ap-northeast-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=00"
    )
}

fn post(path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request {
    let mut request = http::Request::builder().method("POST").uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).expect("a request")
}

fn json_request(target: &str, body: &str) -> Request {
    let headers = [("x-amz-target", target), ("authorization", &signed("ecs"))];
    post("/", &headers, body.to_owned())
}

fn form_request(service: &str, body: &str) -> Request {
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let headers = [("content-type", kind), ("authorization", &signed(service))];
    post("/", &headers, body.to_owned())
}

fn cbor_request(operation: &str, body: Vec<u8>) -> Request {
    let path = format!("/service/{METRICS}/operation/{operation}");
    let headers = [("smithy-protocol", "rpc-v2-cbor"), ("authorization", &signed("monitoring"))];
    post(&path, &headers, body)
}

fn ask(world: &mut World, operation: &str, body: &Value) -> (u16, Value) {
    let request = json_request(&format!("{ECS}.{operation}"), &body.to_string());
    let response = handle(world, &request, start());
    let body = serde_json::from_slice(response.body()).expect("JSON");
    (response.status().as_u16(), body)
}

fn text(response: &Response) -> &str {
    std::str::from_utf8(response.body()).expect("text")
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[test]
fn every_answer_is_dated_in_virtual_time_and_has_an_id() {
    let response = handle(&mut world(), &json_request(&format!("{ECS}.ListClusters"), "{}"), start());
    assert_eq!(header(&response, "date"), "Mon, 21 Sep 2026 14:13:20 GMT");
    assert_eq!(header(&response, "x-amzn-requestid").len(), 36);
    assert_eq!(header(&response, "content-type"), "application/x-amz-json-1.1");
}

#[test]
fn unknown_operations_get_each_protocols_own_error() {
    let mut world = world();
    let response = handle(&mut world, &json_request(&format!("{ECS}.Nothing"), "{}"), start());
    assert_eq!(response.status(), 400);
    assert!(text(&response).contains(r#""__type":"UnknownOperationException""#));

    let response = handle(&mut world, &form_request("rds", "Action=Nothing&Version=2014-10-31"), start());
    assert_eq!(response.status(), 400);
    let body = text(&response);
    assert!(
        body.starts_with("<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code>"),
        "{body}"
    );

    let response = handle(&mut world, &form_request("ec2", "Action=Nothing&Version=2016-11-15"), start());
    assert_eq!(response.status(), 400);
    let body = text(&response);
    assert!(body.contains("<Response><Errors><Error><Code>InvalidAction</Code>"), "{body}");
    assert!(body.contains("<RequestID>"), "{body}");

    let response = handle(&mut world, &cbor_request("Nothing", Vec::new()), start());
    assert_eq!(response.status(), 400);
    assert_eq!(header(&response, "smithy-protocol"), "rpc-v2-cbor");
    assert_eq!(header(&response, "x-amzn-query-error"), "UnknownOperationException;Sender");
    let body = cbor::parse(response.body()).expect("CBOR");
    assert_eq!(body["__type"], "UnknownOperationException");
}

#[test]
fn a_form_goes_to_the_service_it_was_signed_for_when_its_version_is_unknown() {
    let request = form_request("sts", "Action=GetCallerIdentity&Version=1999-01-01");
    let response = handle(&mut world(), &request, start());
    assert!(text(&response).contains("<Account>123456789012</Account>"), "{}", text(&response));
}

#[test]
fn unsigned_and_badly_signed_requests_are_refused() {
    let mut world = world();
    let target = format!("{ECS}.ListClusters");
    let unsigned = post("/", &[("x-amz-target", &target)], "{}");
    let response = handle(&mut world, &unsigned, start());
    assert_eq!(response.status(), 403);
    assert!(text(&response).contains("MissingAuthenticationToken"));
    let headers = [("x-amz-target", target.as_str()), ("authorization", "Bearer abc")];
    let response = handle(&mut world, &post("/", &headers, "{}"), start());
    assert_eq!(response.status(), 400);
    assert!(text(&response).contains("IncompleteSignature"));
}

#[test]
fn a_service_that_is_not_there_is_a_failure_and_not_an_error() {
    let mut world = world();
    let body = json!({"cluster": "party-box", "services": ["backend", "nobody"]});
    let (status, answer) = ask(&mut world, "DescribeServices", &body);
    assert_eq!(status, 200);
    assert_eq!(answer["services"][0]["serviceName"], "backend");
    assert_eq!(
        answer["failures"],
        json!([{
            "arn": "arn:aws:ecs:ap-northeast-1:123456789012:service/party-box/nobody",
            "reason": "MISSING",
        }])
    );
}

#[test]
fn limits_and_missing_things_are_errors() {
    let mut world = world();
    let eleven: Vec<String> = (0..11).map(|number| format!("s{number}")).collect();
    for (operation, body, code) in [
        ("DescribeServices", json!({"cluster": "nowhere", "services": ["a"]}), "ClusterNotFoundException"),
        ("DescribeServices", json!({"services": ["a"]}), "ClusterNotFoundException"),
        (
            "DescribeServices",
            json!({"cluster": "party-box", "services": eleven}),
            "InvalidParameterException",
        ),
        ("DescribeServices", json!({"cluster": "party-box"}), "InvalidParameterException"),
        ("DescribeServices", json!({"cluster": 5}), "SerializationException"),
        ("ListTasks", json!({"cluster": "party-box", "maxResults": 101}), "InvalidParameterException"),
        ("ListTasks", json!({"cluster": "party-box", "nextToken": "x"}), "InvalidParameterException"),
        ("ListTasks", json!({"cluster": "party-box", "serviceName": "x"}), "ServiceNotFoundException"),
        ("DescribeTaskDefinition", json!({"taskDefinition": "x:1"}), "ClientException"),
        (
            "UpdateService",
            json!({"cluster": "party-box", "service": "backend", "desiredCount": -1}),
            "InvalidParameterException",
        ),
        (
            "UpdateService",
            json!({"cluster": "party-box", "service": "backend", "networkConfiguration": {}}),
            "UnsupportedFeatureException",
        ),
    ] {
        let (status, answer) = ask(&mut world, operation, &body);
        assert_eq!((status, answer["__type"].as_str()), (400, Some(code)), "{operation} {body}");
    }
}

#[test]
fn two_hundred_and_fifty_tasks_come_in_three_pages() {
    let mut world = world();
    let service = &mut world.ecs.services[0];
    let template = service.tasks.iter().find(|task| task.is_running()).expect("a running task").clone();
    service.tasks.clear();
    for number in 0..250 {
        let mut task = template.clone();
        task.id = format!("{number:032x}");
        task.arn = template.arn.replace(&template.id, &task.id);
        service.tasks.push(task);
    }
    let name = service.name.clone();
    let mut seen = HashSet::new();
    let mut sizes = Vec::new();
    let mut body = json!({"cluster": "party-box", "serviceName": name});
    loop {
        let (status, answer) = ask(&mut world, "ListTasks", &body);
        assert_eq!(status, 200, "{answer}");
        let arns = answer["taskArns"].as_array().expect("a list");
        sizes.push(arns.len());
        seen.extend(arns.iter().map(ToString::to_string));
        match answer.get("nextToken") {
            Some(token) => body["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!((sizes, seen.len()), (vec![100, 100, 50], 250));
}

#[test]
fn query_answers_are_wrapped_and_errors_carry_their_status() {
    let mut world = world();
    let request = form_request(
        "rds",
        "Action=DescribeDBInstances&Version=2014-10-31&DBInstanceIdentifier=party-box-db",
    );
    let response = handle(&mut world, &request, start());
    let body = text(&response);
    assert!(
        body.starts_with(
            "<DescribeDBInstancesResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\
             <DescribeDBInstancesResult>"
        ),
        "{body}"
    );
    assert!(body.contains("<DBInstances><DBInstance><DBInstanceIdentifier>party-box-db</"), "{body}");

    let request =
        form_request("rds", "Action=DescribeDBInstances&Version=2014-10-31&DBInstanceIdentifier=nothing");
    let response = handle(&mut world, &request, start());
    assert_eq!(response.status(), 404);
    assert!(text(&response).contains("<Code>DBInstanceNotFound</Code>"), "{}", text(&response));
}

#[test]
fn network_filters_choose() {
    let mut world = world();
    let request = form_request(
        "ec2",
        "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=cidr-block&Filter.1.Value.1=10.0.2.0%2F24",
    );
    let response = handle(&mut world, &request, start());
    assert_eq!(text(&response).matches("<subnetId>").count(), 1, "{}", text(&response));
    let request = form_request(
        "ec2",
        "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=nonsense&Filter.1.Value.1=x",
    );
    let response = handle(&mut world, &request, start());
    assert!(text(&response).contains("<Code>InvalidParameterValue</Code>"), "{}", text(&response));
}

#[test]
fn metric_data_comes_in_pages_of_points_in_cbor() {
    let mut world = world();
    let now = start().timestamp();
    let query = |id: &str, service: &str| {
        json!({
            "Id": id,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/ECS",
                    "MetricName": "CPUUtilization",
                    "Dimensions": [
                        {"Name": "ClusterName", "Value": "party-box"},
                        {"Name": "ServiceName", "Value": service},
                    ],
                },
                "Period": 60,
                "Stat": "Average",
            },
        })
    };
    let mut body = json!({
        "MetricDataQueries": [query("a", "backend"), query("b", "frontend"), query("c", "nobody")],
        "StartTime": now - 3600,
        "EndTime": now,
        "MaxDatapoints": 70,
    });
    let mut points = 0;
    let mut states = Vec::new();
    loop {
        let request = cbor_request("GetMetricData", to_cbor(&body));
        let response = handle(&mut world, &request, start());
        let answer = cbor::parse(response.body()).expect("CBOR");
        assert_eq!(response.status(), 200, "{answer}");
        for result in answer["MetricDataResults"].as_array().expect("a list") {
            points += result["Values"].as_array().expect("values").len();
            states.push(format!("{} {}", result["Id"], result["StatusCode"]).replace('"', ""));
        }
        match answer.get("NextToken") {
            Some(token) => body["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(states, ["a Complete", "b PartialData", "c Complete", "b Complete"]);
    assert!((115..=122).contains(&points), "{points}");
}

/// What a client would send; timestamps must carry tag 1.
fn to_cbor(value: &Value) -> Vec<u8> {
    fn write(encoder: &mut aws_smithy_cbor::Encoder, name: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                encoder.map(members.len());
                for (key, value) in members {
                    encoder.str(key);
                    write(encoder, key, value);
                }
            }
            Value::Array(items) => {
                encoder.array(items.len());
                for item in items {
                    write(encoder, name, item);
                }
            }
            Value::Number(number) if name.ends_with("Time") => {
                let seconds = number.as_i64().expect("whole seconds");
                encoder.timestamp(&aws_smithy_types::DateTime::from_secs(seconds));
            }
            Value::Number(number) => {
                encoder.long(number.as_i64().expect("a whole number"));
            }
            Value::String(text) => {
                encoder.str(text);
            }
            Value::Bool(_) | Value::Null => unreachable!("not in these requests"),
        }
    }
    let mut encoder = aws_smithy_cbor::Encoder::new(Vec::new());
    write(&mut encoder, "", value);
    encoder.into_writer()
}

#[test]
fn nonsense_is_answered_and_survived() {
    let mut world = world();
    for request in [
        json_request(&format!("{ECS}.DescribeServices"), "\u{0}"),
        json_request(&format!("{ECS}.DescribeServices"), &"[".repeat(100_000)),
        json_request("", "{}"),
        json_request(&format!("{ECS}."), "{}"),
        form_request("rds", ""),
        form_request("rds", "Action=DescribeDBInstances&Version=2014-10-31&MaxRecords=999999999999999999999"),
        form_request("rds", "Action=DescribeEvents&Version=2014-10-31&Duration=-9223372036854775808"),
        form_request("rds", "Action=DescribeEvents&Version=2014-10-31&Filters.Filter.1=x"),
        form_request("elasticloadbalancing", "Action=DescribeRules&Version=2015-12-01&RuleArns=x"),
        form_request("ec2", "Action=DescribeVpcs&Version=2016-11-15&Filter=x"),
        cbor_request("GetMetricData", vec![0xbf, 0xff, 0xff]),
        cbor_request("GetMetricData", vec![0x9f; 50_000]),
        post("/service/", &[], ""),
        post("/service/x/operation/", &[], ""),
    ] {
        let response = handle(&mut world, &request, start());
        let status = response.status().as_u16();
        assert!((400..=503).contains(&status), "{} {status} {}", request.uri(), text_of(&response));
    }
}

fn text_of(response: &Response) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}
