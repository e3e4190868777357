//! Calls without an SDK over a real connection: what is retried, what is counted, and what a mutation's
//! answer leaves open.

use crate::fake_server::{FakeServer, Reply, html, json, json_error, query_error, xml};
use partybox_core::domain::{ErrorKind, Payload, Query};
use partybox_core::operation::Action;
use std::sync::atomic::{AtomicUsize, Ordering};

const INSTANCE: &str = "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>db</DBInstanceIdentifier><DBInstanceStatus>available</DBInstanceStatus><MultiAZ>true</MultiAZ></DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>";

#[tokio::test]
async fn a_read_is_tried_again_and_every_attempt_is_counted() {
    let tries = AtomicUsize::new(0);
    let server = FakeServer::start("", move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => query_error(400, "Throttling"),
        1 => query_error(503, "ServiceUnavailable"),
        _ => xml(INSTANCE),
    });
    let aws = server.aws();
    let answer = aws.ask(&Query::Databases).await;
    assert!(matches!(answer, Ok(Payload::Databases(found)) if found[0].id == "db"));
    let meter = aws.meter();
    assert_eq!((meter.requests, meter.throttles), (3, 1));
}

#[tokio::test]
async fn a_read_is_tried_thrice_only_where_that_may_help() {
    let cases = [
        (json_error("ThrottlingException"), ErrorKind::Throttled, 3),
        (
            Reply::With(500, "application/x-amz-json-1.1", br#"{"__type":"InternalError"}"#.to_vec()),
            ErrorKind::Service,
            3,
        ),
        (Reply::HangUp, ErrorKind::Unreachable, 3),
        (html(502), ErrorKind::Unsupported, 3),
        (json_error("AccessDeniedException"), ErrorKind::Denied, 1),
        (json_error("ExpiredTokenException"), ErrorKind::Credentials, 1),
        (Reply::With(501, "text/plain", Vec::new()), ErrorKind::Unsupported, 1),
        (json("half an ans"), ErrorKind::Unsupported, 1),
    ];
    for (reply, kind, attempts) in cases {
        let said = format!("{reply:?}");
        let server = FakeServer::start("", move |_| reply.clone());
        let error = server.aws().ask(&Query::Alarms).await.expect_err("it failed");
        assert_eq!((error.kind, server.asked().len()), (kind, attempts), "{said}: {}", error.message);
        assert_eq!(error.action, "cloudwatch:DescribeAlarms");
    }
}

#[tokio::test]
async fn pages_follow_their_markers_until_one_comes_again() {
    let server = FakeServer::start("", |_| {
        xml(
            "<DescribeEventsResponse><DescribeEventsResult><Marker>m</Marker><Events><Event><SourceType>db-instance</SourceType><Date>2026-11-22T03:04:05.678Z</Date></Event></Events></DescribeEventsResult></DescribeEventsResponse>",
        )
    });
    let Ok(Payload::DbEvents(events)) = server.aws().ask(&Query::DbEvents).await else { panic!("no events") };
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].at.to_rfc3339(), "2026-11-22T03:04:05.678+00:00");
    let asked = server.asked();
    assert!(!asked[0].body.contains("Marker=") && asked[1].body.contains("Marker=m"), "{}", asked[1].body);
    assert!(
        asked[0].body.starts_with("Action=DescribeEvents&Version=2014-10-31&Duration=1440"),
        "{}",
        asked[0].body
    );
}

#[tokio::test]
async fn pages_without_an_end_are_an_error_and_never_a_part_given_as_the_whole() {
    let page = AtomicUsize::new(0);
    let server = FakeServer::start("", move |asked| {
        let next = page.fetch_add(1, Ordering::SeqCst);
        if asked.operation == "DescribeAlarms" {
            return json(&format!(r#"{{"MetricAlarms":[],"NextToken":"{next}"}}"#));
        }
        xml(&format!(
            "<DescribeDBInstancesResponse><DescribeDBInstancesResult><Marker>{next}</Marker></DescribeDBInstancesResult></DescribeDBInstancesResponse>"
        ))
    });
    for query in [Query::Databases, Query::Alarms] {
        let before = server.asked().len();
        let error = server.aws().ask(&query).await.expect_err("there is no end");
        assert_eq!(
            (error.kind, server.asked().len() - before),
            (ErrorKind::Service, 200),
            "{}",
            error.message
        );
    }
}

#[tokio::test]
async fn a_mutation_is_sent_once_and_its_answer_read_with_care() {
    let open = [
        Reply::HangUp,
        query_error(500, "InternalFailure"),
        query_error(400, "InternalFailure"),
        query_error(503, "Whatever"),
        html(200),
        html(404),
        html(502),
        xml("<RebootDBInstanceResponse>"),
        xml("<html></html>"),
    ];
    let refused = [
        (query_error(403, "AccessDenied"), ErrorKind::Denied),
        (query_error(400, "InvalidDBInstanceState"), ErrorKind::Service),
        (query_error(404, "DBInstanceNotFound"), ErrorKind::NotFound),
        (query_error(400, "Throttling"), ErrorKind::Throttled),
        (query_error(503, "RequestLimitExceeded"), ErrorKind::Throttled),
        (query_error(400, "InvalidAction"), ErrorKind::Unsupported),
        (query_error(501, "NotImplemented"), ErrorKind::Unsupported),
    ];
    let open = open.into_iter().map(|reply| (reply, ErrorKind::Unclear));
    for (reply, kind) in open.chain(refused) {
        let said = format!("{reply:?}");
        let server = FakeServer::start("", move |asked| match asked.operation.as_str() {
            "DescribeDBInstances" => xml(INSTANCE),
            _ => reply.clone(),
        });
        let action = Action::Failover { database: "db".into(), zone: None };
        let error = server.aws().act(&action).await.expect_err("it failed");
        assert_eq!(error.kind, kind, "{said}: {}", error.message);
        let marks = error.message.matches("may or may not").count();
        assert_eq!(marks, usize::from(kind == ErrorKind::Unclear), "{}", error.message);
        assert_eq!(server.operations(), ["DescribeDBInstances", "RebootDBInstance"], "{said}");
    }
}
