//! EC2 without its SDK, which alone would take longer to compile than all the others: the handful of reads is
//! sent by hand in EC2's query protocol.

use super::error::from_code;
use super::http_client::MeteredClient;
use super::request_metrics::RequestMetrics;
use super::sigv4_client::{Failure, Message, Names, SigV4Client};
use super::xml::Node;
use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use form_urlencoded::Serializer;
use partybox_core::domain::{CallError, ErrorKind};
use std::sync::Arc;

/// The API version that every request names.
const VERSION: &str = "2016-11-15";
/// An answer with more pages than this is not ours to read.
const MOST_PAGES: usize = 50;

/// A client for EC2's query protocol.
#[derive(Debug)]
pub(super) struct Ec2(SigV4Client);

impl Ec2 {
    /// `explicit`: the endpoint was given by the caller, and stands over `AWS_ENDPOINT_URL_EC2`.
    pub(super) fn new(
        config: &SdkConfig,
        http: MeteredClient,
        metrics: Arc<RequestMetrics>,
        explicit: bool,
    ) -> Self {
        Self(SigV4Client::new(Names { signing: "ec2", id: "EC2" }, config, http, metrics, explicit))
    }

    /// Calls an action; follows `nextToken`; gives the pages' root elements.
    pub(super) async fn pages(
        &self,
        action: &'static str,
        parameters: &[(&str, &str)],
    ) -> Result<Vec<Node>, CallError> {
        let mut pages = Vec::new();
        let mut token: Option<String> = None;
        while pages.len() < MOST_PAGES {
            let page = self.call(action, parameters, token.as_deref()).await?;
            token = page.at(&["nextToken"]).map(str::to_owned);
            pages.push(page);
            if token.is_none() {
                break;
            }
        }
        Ok(pages)
    }

    async fn call(
        &self,
        action: &'static str,
        parameters: &[(&str, &str)],
        token: Option<&str>,
    ) -> Result<Node, CallError> {
        let mut form = Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Version", VERSION);
        form.extend_pairs(parameters);
        if let Some(token) = token {
            form.append_pair("NextToken", token);
        }
        let body = form.finish();
        let action = format!("ec2:{action}");
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        self.0.ask(&Message { action: &action, headers: &headers, body: &body }, understand).await
    }
}

/// The root element of an answer, or the error in it: `<Response><Errors><Error><Code/><Message/>`.
fn understand(action: &str, response: &HttpResponse, body: &str) -> Result<Node, Failure> {
    let status = response.status().as_u16();
    let root = Node::parse(body);
    if response.status().is_success() {
        return root.filter(|root| root.name.ends_with("Response")).ok_or_else(|| {
            Failure::last(CallError {
                kind: ErrorKind::Unsupported,
                action: action.to_owned(),
                code: None,
                message: format!(
                    "The endpoint's answer to {action} could not be understood (HTTP {status})."
                ),
            })
        });
    }
    let error = root.as_ref().and_then(|root| {
        let error =
            root.child("Errors").and_then(|errors| errors.child("Error")).or_else(|| root.child("Error"))?;
        // A denial's message is an encoded blob that helps nobody.
        let message = error.at(&["Message"]).unwrap_or_default().split(" Encoded authorization").next();
        Some(from_code(action, error.at(&["Code"])?, message.unwrap_or_default(), status))
    });
    let error = error.unwrap_or_else(|| CallError {
        kind: if status == 429 { ErrorKind::Throttled } else { ErrorKind::Unsupported },
        action: action.to_owned(),
        code: None,
        message: format!("The endpoint does not answer {action} as EC2 does (HTTP {status})."),
    });
    let transient = error.kind == ErrorKind::Throttled || (error.code.is_some() && status >= 500);
    Err(Failure { error, transient })
}
