//! CloudWatch Logs: the last lines of one task's stream. It is one call, so it is sent by hand: the SDK crate
//! would cost more compile time than the call is worth.

use super::Aws;
use super::json_protocol::JsonModel;
use super::plain_text::plain;
use super::service_endpoint::ServiceNames;
use chrono::DateTime;
use partybox_core::domain::{CallError, LogLine};
use serde::Deserialize;
use serde_json::json;

/// How `CloudWatch` Logs is called and what it speaks.
pub(super) const MODEL: JsonModel = JsonModel {
    names: ServiceNames { id: "CloudWatch Logs", signing: "logs", host: "logs" },
    target: "Logs_20140328",
    content_type: "application/x-amz-json-1.1",
    token: "nextToken",
};
const ACTION: &str = "logs:GetLogEvents";
/// `GetLogEvents` gives at most 10,000 events.
const MOST_LINES: u32 = 10_000;
/// Pages read at most until one has events: a page may be empty although older events exist.
const MOST_PAGES: usize = 3;
/// Characters kept of a line.
const LINE_LENGTH: usize = 500;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    events: Vec<Event>,
    next_backward_token: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Event {
    /// Milliseconds since 1970.
    timestamp: Option<i64>,
    #[serde(default)]
    message: String,
}

/// The last `lines` lines of a stream, oldest first. An event of several lines counts as many.
pub(super) async fn last_lines(
    aws: &Aws,
    group: &str,
    stream: &str,
    lines: u32,
) -> Result<Vec<LogLine>, CallError> {
    let limit = lines.clamp(1, MOST_LINES);
    let mut request =
        json!({ "logGroupName": group, "logStreamName": stream, "startFromHead": false, "limit": limit });
    let mut page = None;
    for _ in 0..MOST_PAGES {
        let read = aws.logs().read::<Page>(ACTION, &request).await?;
        let done = !read.events.is_empty()
            || read.next_backward_token.is_none()
            || read.next_backward_token.as_deref() == request["nextToken"].as_str();
        request["nextToken"] = json!(read.next_backward_token);
        page = Some(read);
        if done {
            break;
        }
    }
    let mut kept: Vec<LogLine> = page
        .map(|page| page.events)
        .unwrap_or_default()
        .into_iter()
        .flat_map(|event| split(&event))
        .collect();
    let surplus = kept.len().saturating_sub(limit as usize);
    kept.drain(..surplus);
    Ok(kept)
}

fn split(event: &Event) -> Vec<LogLine> {
    let Some(at) = event.timestamp.and_then(DateTime::from_timestamp_millis) else { return Vec::new() };
    let texts = event.message.split(['\n', '\r']).map(|line| plain(line, LINE_LENGTH));
    texts.filter(|text| !text.is_empty()).map(|text| LogLine { at, text }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_server::{FakeServer, Reply, html, json, json_error};
    use partybox_core::domain::{ErrorKind, Payload, Query};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn query(lines: u32) -> Query {
        Query::TaskLog { group: "/ecs/party-box/backend".into(), stream: "backend/backend/abc".into(), lines }
    }

    async fn texts(server: &FakeServer, lines: u32) -> Vec<String> {
        match server.aws().ask(&query(lines)).await {
            Ok(Payload::TaskLog(lines)) => lines.into_iter().map(|line| line.text).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn the_end_of_the_stream_is_asked_for_and_lines_are_counted() {
        let server = FakeServer::start("", |_| {
            json(
                r#"{"events":[{"timestamp":1795316580123,"message":"one\n"},{"timestamp":1795316581000,"message":"Error: two\n    at three\r\n"}],"nextBackwardToken":"b/1"}"#,
            )
        });
        assert_eq!(texts(&server, 2).await, ["Error: two", "    at three"]);
        let asked = server.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].operation, "GetLogEvents");
        let body: serde_json::Value = serde_json::from_str(&asked[0].body).expect("JSON");
        assert_eq!(
            body,
            json!({"logGroupName": "/ecs/party-box/backend", "logStreamName": "backend/backend/abc", "startFromHead": false, "limit": 2})
        );
        let signature = &asked[0].headers.iter().find(|h| h.0 == "authorization").expect("signed").1;
        assert!(signature.contains("/ap-northeast-1/logs/aws4_request"), "{signature}");
        assert!(signature.contains("x-amz-target"), "{signature}");
    }

    #[tokio::test]
    async fn an_empty_page_is_not_the_end_while_its_token_moves() {
        let tries = AtomicUsize::new(0);
        let server = FakeServer::start("", move |_| match tries.fetch_add(1, Ordering::SeqCst) {
            0 => json(r#"{"events":[],"nextBackwardToken":"b/1"}"#),
            _ => json(r#"{"events":[{"timestamp":1,"message":"found"}],"nextBackwardToken":"b/2"}"#),
        });
        assert_eq!(texts(&server, 9).await, ["found"]);
        assert!(server.asked()[1].body.contains(r#""nextToken":"b/1""#));
        let server = FakeServer::start("", |_| json(r#"{"events":[],"nextBackwardToken":"b/1"}"#));
        assert!(texts(&server, 9).await.is_empty());
        assert_eq!(server.asked().len(), 2, "the same token again is the end");
    }

    #[tokio::test]
    async fn failures_fall_into_their_kinds() {
        let cases = [
            (json_error("ResourceNotFoundException"), ErrorKind::NotFound, 1),
            (json_error("AccessDeniedException"), ErrorKind::Denied, 1),
            (json_error("ThrottlingException"), ErrorKind::Throttled, 3),
            (html(404), ErrorKind::Unsupported, 1),
            (html(200), ErrorKind::Unsupported, 1),
            // Not "no lines": AWS writes `{}`, and never an error with status 200.
            (json(""), ErrorKind::Unsupported, 1),
            (json(r#"{"__type":"ThrottlingException"}"#), ErrorKind::Unsupported, 1),
            (Reply::HangUp, ErrorKind::Unreachable, 3),
        ];
        for (reply, kind, attempts) in cases {
            let server = FakeServer::start("", move |_| reply.clone());
            let error = server.aws().ask(&query(5)).await.expect_err("it failed");
            assert_eq!((error.kind, server.asked().len()), (kind, attempts), "{}", error.message);
            assert_eq!(error.action, ACTION);
        }
    }
}
