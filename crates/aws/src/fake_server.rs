//! A loopback HTTP server for tests: it answers as the test says and keeps what it was asked.
#![expect(clippy::disallowed_methods, reason = "a test server waits on real sockets")]

use super::Aws;
use super::client;
use super::http_client::MeteredClient;
use super::request_metrics::{Clock, RequestMetrics};
use aws_config::retry::RetryConfig;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A request that came in.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// `X-Amz-Target`'s operation, or the form's `Action`, or the last part of the path.
    pub(super) operation: String,
    /// The body.
    pub(super) body: String,
    /// Header lines, names in lower case.
    pub(super) headers: Vec<(String, String)>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// Status, content type, body.
    With(u16, &'static str, Vec<u8>),
    /// Close the connection without an answer.
    HangUp,
}

pub(super) fn json(body: &str) -> Reply {
    Reply::With(200, "application/x-amz-json-1.1", body.into())
}

pub(super) fn xml(body: &str) -> Reply {
    Reply::With(200, "text/xml", body.into())
}

pub(super) fn json_error(code: &str) -> Reply {
    let body = format!(r#"{{"__type":"{code}","message":"said the test"}}"#);
    Reply::With(400, "application/x-amz-json-1.1", body.into())
}

pub(super) fn query_error(status: u16, code: &str) -> Reply {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>said the test</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    Reply::With(status, "text/xml", body.into())
}

pub(super) fn html(status: u16) -> Reply {
    Reply::With(status, "text/html", b"<!doctype html><title>Not Found</title>".to_vec())
}

/// The server. Its threads end with the process.
pub(super) struct FakeServer {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl FakeServer {
    /// Answers every request with what `answer` says; `extra` are header lines of every answer.
    pub(super) fn start(
        extra: &'static str,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, extra, &log, answer.as_ref()));
            }
        });
        Self { url, asked }
    }

    /// A connection to it, whose retries do not wait long.
    pub(super) fn aws(&self) -> Aws {
        connect(&self.url)
    }

    /// The operations asked for so far.
    pub(super) fn operations(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.operation).collect()
    }

    /// Everything asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

/// A connection to any URL, whose retries do not wait long.
pub(super) fn connect(url: &str) -> Aws {
    let metrics = Arc::new(RequestMetrics::new(Clock::since(Instant::now())));
    let http = MeteredClient::new(Arc::clone(&metrics));
    let config = client::local(url, "ap-northeast-1", &http).expect("a good URL");
    let retries = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1));
    let config = config.to_builder().retry_config(retries).build();
    Aws::assemble(config, metrics, http, true).expect("a Region is set")
}

fn serve(
    stream: TcpStream,
    extra: &str,
    log: &Mutex<Vec<Asked>>,
    answer: &(dyn Fn(&Asked) -> Reply + Send + Sync),
) {
    let mut writer = stream.try_clone().expect("a second handle");
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read_request(&mut reader) {
        log.lock().expect("not poisoned").push(asked.clone());
        let Reply::With(status, kind, body) = answer(&asked) else { return };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n{extra}\r\n",
            body.len()
        );
        if writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(&body)).is_err() {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let header = |name: &str| headers.iter().find(|h| h.0 == name).map(|h| h.1.clone());
    let length = header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let target = header("x-amz-target").and_then(|t| t.split('.').nth(1).map(str::to_owned));
    let in_form = || {
        let mut pairs = form_urlencoded::parse(body.as_bytes());
        pairs.find(|(name, _)| name == "Action").map(|(_, action)| action.into_owned())
    };
    let operation = target.or_else(in_form).or_else(|| path.rsplit('/').next().map(str::to_owned));
    Some(Asked { operation: operation.unwrap_or_default(), headers, body })
}
