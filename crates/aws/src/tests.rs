//! Queries and actions over a real connection, against canned answers.

use super::fake_server::{FakeServer, Reply, connect, html, json, json_error, query_error, xml};
use crate::Aws;
use bytes::Bytes;
use partybox_core::domain::{
    ErrorKind, ImageId, MetricKey, MetricKind, Payload, Query, Rule, Scan, Simulated,
};
use partybox_core::operation::{Accepted, Action};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SERVICE: &str = r#"{"services":[{"serviceName":"backend","status":"ACTIVE","desiredCount":2,"runningCount":2,
  "deploymentController":{"type":"ECS"},
  "deployments":[{"id":"ecs-svc/1","status":"PRIMARY","rolloutState":"COMPLETED"}]}],"failures":[]}"#;

fn scale(from: u32, to: u32) -> Action {
    Action::Scale { cluster: "party-box".into(), service: "backend".into(), from, to }
}

fn redeploy(primary: &str) -> Action {
    Action::Redeploy { cluster: "party-box".into(), service: "backend".into(), primary: primary.into() }
}

fn failover(zone: &str) -> Action {
    Action::Failover { database: "party-box-db".into(), zone: Some(zone.into()) }
}

fn instance(status: &str, multi_az: bool) -> String {
    format!(
        "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>party-box-db</DBInstanceIdentifier><DBInstanceStatus>{status}</DBInstanceStatus><MultiAZ>{multi_az}</MultiAZ><AvailabilityZone>ap-northeast-1a</AvailabilityZone></DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>"
    )
}

#[tokio::test]
async fn scaling_sends_one_request_with_the_count_alone() {
    let server = FakeServer::start("", |asked| match asked.operation.as_str() {
        "DescribeServices" => json(SERVICE),
        _ => json(r#"{"service":{"serviceName":"backend","desiredCount":3}}"#),
    });
    let done = server.aws().act(&scale(2, 3)).await;
    assert_eq!(done, Ok(Accepted::Scaled(3)));
    let asked = server.asked();
    let sent: Vec<_> = asked.iter().filter(|a| a.operation == "UpdateService").collect();
    assert_eq!(sent.len(), 1);
    let body: serde_json::Value = serde_json::from_str(&sent[0].body).expect("JSON");
    assert_eq!(body, serde_json::json!({"cluster": "party-box", "service": "backend", "desiredCount": 3}));
}

#[tokio::test]
async fn scaling_is_refused_when_the_count_has_changed() {
    let server = FakeServer::start("", |_| json(SERVICE));
    let error = server.aws().act(&scale(4, 5)).await.expect_err("2 is not 4");
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.message.contains("now wants 2 tasks, not 4"), "{}", error.message);
    assert_eq!(server.operations(), ["DescribeServices"]);
}

#[tokio::test]
async fn a_redeploy_forces_and_changes_nothing_else() {
    let server = FakeServer::start("", |asked| match asked.operation.as_str() {
        "DescribeServices" => json(SERVICE),
        _ => json(
            r#"{"service":{"serviceName":"backend","deployments":[{"id":"ecs-svc/1","status":"ACTIVE"},{"id":"ecs-svc/2","status":"PRIMARY"}]}}"#,
        ),
    });
    let done = server.aws().act(&redeploy("ecs-svc/1")).await;
    assert_eq!(done, Ok(Accepted::Redeployed(Some("ecs-svc/2".into()))));
    let body: serde_json::Value = serde_json::from_str(&server.asked()[1].body).expect("JSON");
    assert_eq!(
        body,
        serde_json::json!({"cluster": "party-box", "service": "backend", "forceNewDeployment": true})
    );
    let error = server.aws().act(&redeploy("ecs-svc/0")).await.expect_err("another is primary");
    assert_eq!(error.kind, ErrorKind::Refused);
    assert_eq!(server.operations().iter().filter(|o| *o == "UpdateService").count(), 1);
}

#[tokio::test]
async fn a_failover_is_one_reboot_of_an_available_database_in_its_zone() {
    let server = FakeServer::start("", |asked| match asked.operation.as_str() {
        "DescribeDBInstances" => xml(&instance("available", true)),
        _ => xml(
            "<RebootDBInstanceResponse><RebootDBInstanceResult><DBInstance><DBInstanceStatus>rebooting</DBInstanceStatus></DBInstance></RebootDBInstanceResult></RebootDBInstanceResponse>",
        ),
    });
    let error = server.aws().act(&failover("ap-northeast-1c")).await.expect_err("it is in a");
    assert_eq!(error.kind, ErrorKind::Refused);
    assert_eq!(
        server.aws().act(&failover("ap-northeast-1a")).await,
        Ok(Accepted::FailoverAccepted("rebooting".into()))
    );
    let reboots: Vec<_> = server.asked().into_iter().filter(|a| a.operation == "RebootDBInstance").collect();
    assert_eq!(reboots.len(), 1);
    assert!(reboots[0].body.contains("ForceFailover=true"), "{}", reboots[0].body);
}

#[tokio::test]
async fn a_failover_needs_an_available_database_with_a_standby() {
    for (status, multi_az) in [("rebooting", true), ("available", false)] {
        let server = FakeServer::start("", move |_| xml(&instance(status, multi_az)));
        let error = server.aws().act(&failover("ap-northeast-1a")).await.expect_err("not now");
        assert_eq!(error.kind, ErrorKind::Refused, "{status} {multi_az}");
        assert_eq!(server.operations(), ["DescribeDBInstances"]);
    }
}

#[tokio::test]
async fn a_change_is_never_sent_twice() {
    for failure in [
        Reply::HangUp,
        Reply::With(500, "application/x-amz-json-1.1", br#"{"__type":"ServerException"}"#.to_vec()),
        json_error("ThrottlingException"),
    ] {
        let server = FakeServer::start("", move |asked| match asked.operation.as_str() {
            "DescribeServices" => json(SERVICE),
            _ => failure.clone(),
        });
        server.aws().act(&scale(2, 3)).await.expect_err("it failed");
        assert_eq!(server.operations(), ["DescribeServices", "UpdateService"]);
    }
}

#[tokio::test]
async fn without_an_answer_nobody_knows_whether_it_happened() {
    let outcome = async |reply: Reply| {
        let server = FakeServer::start("", move |asked| match asked.operation.as_str() {
            "DescribeServices" => json(SERVICE),
            _ => reply.clone(),
        });
        server.aws().act(&scale(2, 3)).await.expect_err("it failed")
    };
    let coded = |status: u16, code: &str| {
        let body = format!(r#"{{"__type":"{code}"}}"#);
        Reply::With(status, "application/x-amz-json-1.1", body.into())
    };
    let open = [
        Reply::HangUp,
        json_error("ServerException"),
        coded(500, "ServerException"),
        coded(503, "WhateverException"),
        coded(500, ""),
        html(200),
        html(404),
        html(502),
        json("half an ans"),
    ];
    for reply in open {
        let error = outcome(reply.clone()).await;
        assert_eq!(error.kind, ErrorKind::Unclear, "{reply:?}: {}", error.message);
        assert_eq!(error.message.matches("may or may not").count(), 1, "{}", error.message);
    }
    let refused = [
        (json_error("InvalidParameterException"), ErrorKind::Service),
        (json_error("AccessDeniedException"), ErrorKind::Denied),
        (json_error("UnknownOperationException"), ErrorKind::Unsupported),
        (coded(501, "NotImplemented"), ErrorKind::Unsupported),
        (json_error("ThrottlingException"), ErrorKind::Throttled),
        (coded(503, "RequestLimitExceeded"), ErrorKind::Throttled),
    ];
    for (reply, kind) in refused {
        let error = outcome(reply.clone()).await;
        assert_eq!(error.kind, kind, "{reply:?}: {}", error.message);
        assert!(!error.message.contains("may or may not"), "{}", error.message);
    }
}

#[tokio::test]
async fn when_the_look_before_fails_nothing_was_sent() {
    for reply in
        [Reply::HangUp, json_error("AccessDeniedException"), html(502), json_error("ServerException")]
    {
        let server = FakeServer::start("", move |_| reply.clone());
        let error = server.aws().act(&scale(2, 3)).await.expect_err("it failed");
        assert_ne!(error.kind, ErrorKind::Unclear, "{}", error.message);
        assert!(error.message.contains("nothing was sent"), "{}", error.message);
        assert!(server.operations().iter().all(|it| it == "DescribeServices"), "{:?}", server.operations());
    }
}

#[tokio::test]
async fn read_only_sends_nothing_at_all() {
    let server = FakeServer::start("", |_| json(SERVICE));
    let error = server.aws().read_only().act(&scale(2, 3)).await.expect_err("read-only");
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(server.operations().is_empty());
}

#[tokio::test]
async fn a_read_is_tried_again() {
    let tries = AtomicUsize::new(0);
    let server = FakeServer::start("", move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::HangUp,
        1 => json_error("ThrottlingException"),
        _ => json(r#"{"clusters":[{"clusterName":"party-box","status":"ACTIVE"}]}"#),
    });
    let aws = server.aws();
    let answer = aws.ask(&Query::Clusters { only: Some("party-box".into()) }).await;
    assert!(matches!(answer, Ok(Payload::Clusters(clusters)) if clusters[0].name == "party-box"));
    let meter = aws.meter();
    assert_eq!((meter.requests, meter.throttles), (3, 1));
}

#[tokio::test]
async fn errors_are_told_apart_in_every_protocol() {
    let clusters = Query::Clusters { only: Some("x".into()) };
    let network = Query::Network { vpc_or_subnet: "vpc-1".into(), named: Vec::new() };
    let ec2_error = |code: &str| {
        let body = format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>m</Message></Error></Errors></Response>"
        );
        Reply::With(403, "text/xml", body.into_bytes())
    };
    let cases = [
        (&clusters, json_error("AccessDeniedException"), ErrorKind::Denied),
        (&clusters, json_error("ExpiredTokenException"), ErrorKind::Credentials),
        (&clusters, json_error("com.amazonaws.ecs#ClusterNotFoundException"), ErrorKind::NotFound),
        (&clusters, json_error("InvalidParameterException"), ErrorKind::Service),
        (&clusters, json_error("UnknownOperationException"), ErrorKind::Unsupported),
        (&clusters, html(404), ErrorKind::Unsupported),
        (&clusters, html(200), ErrorKind::Unsupported),
        (&clusters, Reply::With(400, "text/plain", vec![]), ErrorKind::Unsupported),
        (&Query::Databases, query_error(403, "AccessDenied"), ErrorKind::Denied),
        (&Query::Databases, query_error(403, "ExpiredToken"), ErrorKind::Credentials),
        (&Query::Databases, query_error(400, "Throttling"), ErrorKind::Throttled),
        (&Query::Databases, query_error(404, "DBInstanceNotFound"), ErrorKind::NotFound),
        (&Query::Databases, html(500), ErrorKind::Unsupported),
        (&Query::Alarms, html(404), ErrorKind::Unsupported),
        (&network, ec2_error("UnauthorizedOperation"), ErrorKind::Denied),
        (&network, ec2_error("AuthFailure"), ErrorKind::Credentials),
        (&network, ec2_error("InvalidVpcID.NotFound"), ErrorKind::NotFound),
        (&network, html(404), ErrorKind::Unsupported),
        (&network, xml("<html></html>"), ErrorKind::Unsupported),
    ];
    for (query, reply, kind) in cases {
        let told = format!("{query:?} {reply:?}");
        let server = FakeServer::start("", move |_| reply.clone());
        let error = server.aws().ask(query).await.expect_err("an error");
        assert_eq!(error.kind, kind, "{told}: {error:?}");
        assert!(error.action.contains(':') && error.message.ends_with(|c| c != ' '), "{error:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_said_with_the_place() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let aws = connect(&format!("http://{free}"));
    let error = aws.ask(&Query::Identity).await.expect_err("nobody listens");
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert_eq!(error.message, format!("http://{free} cannot be reached: Connection refused."));
    let error = aws.act(&scale(1, 2)).await.expect_err("nobody listens");
    assert!(error.message.contains("nothing was sent"), "{}", error.message);
}

#[tokio::test]
async fn the_meter_hears_the_clock_and_the_simulator() {
    let extra = "date: Sun, 22 Nov 2026 03:04:05 GMT\r\nx-partybox-sim: speed=20; scenario=deploy\r\n";
    let server = FakeServer::start(extra, |_| {
        xml(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/oncall/me</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        )
    });
    let aws = server.aws();
    assert_eq!(aws.meter().server_date, None);
    let Ok(Payload::Identity(identity)) = aws.ask(&Query::Identity).await else { panic!("no identity") };
    assert_eq!((identity.account.as_str(), identity.role()), ("123456789012", "oncall"));
    let meter = aws.meter();
    assert_eq!((meter.requests, meter.throttles), (1, 0));
    assert_eq!(meter.server_date.map(|d| d.1.to_rfc3339()).as_deref(), Some("2026-11-22T03:04:05+00:00"));
    assert_eq!(meter.simulated, Some(Simulated { speed: 20.0, scenario: "deploy".into() }));
}

#[tokio::test]
async fn the_network_is_read_page_by_page_and_signed() {
    let server = FakeServer::start("", |asked| {
        let list = |name: &str, items: &str| xml(&format!("<XResponse><{name}>{items}</{name}></XResponse>"));
        match asked.operation.as_str() {
            "DescribeVpcs" => {
                list("vpcSet", "<item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock></item>")
            }
            "DescribeSubnets" if asked.body.contains("Filter.1.Name=subnet-id") => {
                list("subnetSet", "<item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item>")
            }
            "DescribeSubnets" if asked.body.contains("NextToken=more") => list(
                "subnetSet",
                "<item><subnetId>subnet-1</subnetId><availabilityZone>a</availabilityZone><availableIpAddressCount>250</availableIpAddressCount></item>",
            ),
            "DescribeSubnets" => xml(
                "<XResponse><subnetSet><item><subnetId>subnet-2</subnetId><availabilityZone>c</availabilityZone></item></subnetSet><nextToken>more</nextToken></XResponse>",
            ),
            "DescribeRouteTables" => list(
                "routeTableSet",
                "<item><routeTableId>rtb-1</routeTableId><associationSet><item><main>true</main></item></associationSet><routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-1</natGatewayId><state>blackhole</state></item></routeSet></item>",
            ),
            "DescribeNatGateways" => list(
                "natGatewaySet",
                "<item><natGatewayId>nat-1</natGatewayId><state>failed</state><failureCode>X</failureCode></item>",
            ),
            "DescribeInternetGateways" => list(
                "internetGatewaySet",
                "<item><internetGatewayId>igw-1</internetGatewayId><attachmentSet><item><state>available</state></item></attachmentSet></item>",
            ),
            _ => list("securityGroupInfo", ""),
        }
    });
    let query = Query::Network { vpc_or_subnet: "subnet-1".into(), named: Vec::new() };
    let Ok(Payload::Network(network)) = server.aws().ask(&query).await else { panic!("no network") };
    assert_eq!((network.vpc.as_str(), network.cidr.as_str()), ("vpc-1", "10.0.0.0/16"));
    let subnets: Vec<_> = network.subnets.iter().map(|s| (s.id.as_str(), s.free_addresses)).collect();
    assert_eq!(subnets, [("subnet-1", 250), ("subnet-2", 0)]);
    let table = network.route_table("subnet-1").expect("the main table");
    assert_eq!((table.routes[0].target.as_str(), table.routes[0].state.as_str()), ("nat-1", "blackhole"));
    assert_eq!(network.nat_gateways[0].failure.as_deref(), Some("X"));
    assert_eq!(network.internet_gateways, [("igw-1".to_owned(), "available".to_owned())]);
    for asked in server.asked() {
        let authorization = asked.headers.iter().find(|h| h.0 == "authorization").map(|h| h.1.as_str());
        assert!(
            authorization.is_some_and(|a| a.contains("/ap-northeast-1/ec2/aws4_request")),
            "{authorization:?}"
        );
    }
}

#[tokio::test]
async fn rules_are_sorted_by_number_with_the_default_last() {
    let server = FakeServer::start("", |asked| match asked.operation.as_str() {
        "DescribeListeners" => xml(
            "<DescribeListenersResponse><DescribeListenersResult><Listeners><member><ListenerArn>l-1</ListenerArn><Port>443</Port><Protocol>HTTPS</Protocol><Certificates><member><CertificateArn>c-1</CertificateArn></member></Certificates></member></Listeners></DescribeListenersResult></DescribeListenersResponse>",
        ),
        "DescribeRules" => xml(
            "<DescribeRulesResponse><DescribeRulesResult><Rules><member><Priority>default</Priority></member><member><Priority>100</Priority></member><member><Priority>20</Priority></member></Rules></DescribeRulesResult></DescribeRulesResponse>",
        ),
        _ => query_error(403, "AccessDenied"),
    });
    let query = Query::Listeners { load_balancer: "lb".into() };
    let (payload, unread) = server.aws().ask(&query).await.expect("an answer").split();
    let Payload::Listeners(listeners) = payload else { panic!("no listeners") };
    assert_eq!(unread.len(), 1, "the certificates that may not be looked at are told: {unread:?}");
    let order: Vec<_> = listeners[0].rules.iter().map(|rule: &Rule| rule.priority).collect();
    assert_eq!(order, [Some(20), Some(100), None]);
    assert_eq!(listeners[0].certificates, ["c-1"]);
}

#[tokio::test]
async fn tasks_of_other_groups_are_left_out_and_each_comes_once() {
    let server = FakeServer::start("", |asked| match asked.operation.as_str() {
        "ListTasks" => {
            json(r#"{"taskArns":["arn:aws:ecs:r:1:task/party-box/t1","arn:aws:ecs:r:1:task/party-box/t2"]}"#)
        }
        _ => json(
            r#"{"tasks":[{"taskArn":"arn:aws:ecs:r:1:task/party-box/t1","group":"service:backend","attachments":[{"type":"ElasticNetworkInterface","details":[{"name":"privateIPv4Address","value":"10.0.2.7"}]}]},
              {"taskArn":"arn:aws:ecs:r:1:task/party-box/t2","group":"service:frontend"}],"failures":[{"arn":"x","reason":"MISSING"}]}"#,
        ),
    });
    let query = Query::Tasks { cluster: "party-box".into(), service: "backend".into() };
    let Ok(Payload::Tasks(tasks)) = server.aws().ask(&query).await else { panic!("no tasks") };
    let seen: Vec<_> = tasks.iter().map(|t| (t.id.as_str(), t.ip.as_deref())).collect();
    assert_eq!(seen, [("t1", Some("10.0.2.7"))]);
    assert_eq!(server.operations(), ["ListTasks", "ListTasks", "DescribeTasks"]);
}

#[tokio::test]
async fn an_image_without_a_scan_is_never_scanned_not_clean() {
    for (code, scan) in [("ScanNotFoundException", Some(Scan::Never)), ("AccessDeniedException", None)] {
        let server = FakeServer::start("", move |asked| match asked.operation.as_str() {
            "DescribeImages" => json(r#"{"imageDetails":[{"imageTags":["v1"],"imageSizeInBytes":5}]}"#),
            _ => json_error(code),
        });
        let query = Query::Image {
            id: ImageId { digest: "sha256:1".into(), repository: "r".into(), ..ImageId::default() },
            architecture: None,
        };
        let Ok(Payload::Image(image)) = server.aws().ask(&query).await else { panic!("no image") };
        assert_eq!(image.tags, ["v1"]);
        match scan {
            Some(scan) => assert_eq!(image.scan, scan),
            None => assert!(
                matches!(image.scan, Scan::Unreadable(why) if why.contains("DescribeImageScanFindings"))
            ),
        }
    }
}

#[tokio::test]
async fn series_are_asked_for_by_the_servers_clock() {
    let extra = "date: Sun, 22 Nov 2026 03:04:05 GMT\r\n";
    let server = FakeServer::start(extra, |asked| {
        if asked.operation == "GetCallerIdentity" {
            return xml("<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>");
        }
        let request: serde_json::Value = serde_json::from_str(&asked.body).expect("JSON");
        assert_eq!(
            (&request["StartTime"], &request["EndTime"]),
            (&1_795_313_040.into(), &1_795_316_640.into())
        );
        json(
            r#"{"MetricDataResults":[{"Id":"m1","StatusCode":"Complete","Timestamps":[1795316580],"Values":[41.5]}]}"#,
        )
    });
    let aws = server.aws();
    aws.ask(&Query::Identity).await.expect("to hear the clock");
    let keys = vec![
        MetricKey::new(MetricKind::DbCpu, "party-box-db"),
        MetricKey::new(MetricKind::ServiceCpu, "party-box/backend"),
    ];
    let Ok(Payload::Metrics(series)) = aws.ask(&Query::Metrics { keys }).await else { panic!("no series") };
    assert!(series[0].1.points.is_empty(), "a missing series stays missing");
    assert_eq!(series[1].1.points.last().map(|p| p.1), Some(41.5));
    assert_eq!(series[1].1.points[0].0.to_rfc3339(), "2026-11-22T03:03:00+00:00");
}

#[tokio::test]
async fn a_handler_in_the_process_answers_retries_and_changes_too() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let handler = move |request: http::Request<Bytes>| {
        let operation = request.headers()["x-amz-target"].to_str().expect("text").to_owned();
        let operation = operation.rsplit('.').next().unwrap_or_default().to_owned();
        let mut log = log.lock().expect("not poisoned");
        log.push((operation.clone(), request.into_body()));
        let (status, body) = match (log.len(), operation.as_str()) {
            (1 | 2, _) => (500, r#"{"__type":"ServerException"}"#),
            (_, "DescribeServices") => (200, SERVICE),
            _ => (200, r#"{"service":{"desiredCount":3}}"#),
        };
        let answer = http::Response::builder().status(status).header("date", "Sun, 22 Nov 2026 03:04:05 GMT");
        answer.body(Bytes::from_static(body.as_bytes())).expect("an answer")
    };
    let aws = Aws::in_process(handler, || Duration::from_secs(77)).expect("a good endpoint");
    assert_eq!(aws.act(&scale(2, 3)).await, Ok(Accepted::Scaled(3)));
    let asked = asked.lock().expect("not poisoned");
    let operations: Vec<_> = asked.iter().map(|(operation, _)| operation.as_str()).collect();
    assert_eq!(operations, ["DescribeServices", "DescribeServices", "DescribeServices", "UpdateService"]);
    assert!(asked[3].1.ends_with(br#""desiredCount":3}"#), "{:?}", asked[3].1);
    let meter = aws.meter();
    assert_eq!((meter.requests, meter.server_date.map(|d| d.0)), (4, Some(Duration::from_secs(77))));
}

#[tokio::test]
async fn what_is_read_of_a_task_definition_steers_no_terminal() {
    let server = FakeServer::start("", |_| {
        json(
            r#"{"taskDefinition":{"taskDefinitionArn":"a","family":"back\u001b[2Jend","containerDefinitions":[
          {"name":"we\u202eb","image":"repo\n/web:1","environment":[{"name":"A\u009b31mB","value":"kept\u001bnowhere"}]}]}}"#,
        )
    });
    let read = server.aws().ask(&Query::TaskDefinition { arn: "a".into() }).await;
    let Ok(Payload::TaskDefinition(definition)) = read else { panic!("{read:?}") };
    let container = &definition.containers[0];
    assert_eq!((definition.family.as_str(), container.name.as_str()), ("backend", "web"));
    assert_eq!(
        (container.image.as_str(), container.environment_names.as_slice()),
        ("repo /web:1", ["AB".to_owned()].as_slice())
    );
}
