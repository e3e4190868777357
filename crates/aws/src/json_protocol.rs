//! AWS's JSON protocol for services without an SDK crate: a call is a `serde` type for the part of its answer
//! that is read, and one [`JsonService::read`].

use super::failure::AttemptFailure;
use super::paging::collect_pages;
use super::service_endpoint::ServiceNames;
use super::sigv4_client::{Message, SigV4Client, SigningContext};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use chrono::{DateTime, Utc};
use partybox_core::domain::{CallError, ErrorKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Pages of one answer at most; more is an error.
const MOST_PAGES: usize = 200;

/// A service that speaks awsJson.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonModel {
    pub(super) names: ServiceNames,
    /// What stands before the operation in `X-Amz-Target`.
    pub(super) target: &'static str,
    /// `application/x-amz-json-1.0` or `-1.1`.
    pub(super) content_type: &'static str,
    /// The member that asks for a further page, and in which an answer names it.
    pub(super) token: &'static str,
}

/// A client for a service that speaks awsJson.
#[derive(Debug)]
pub(super) struct JsonService {
    client: SigV4Client,
    model: JsonModel,
}

impl JsonService {
    /// A client that has sent nothing yet.
    pub(super) fn new(model: JsonModel, context: &SigningContext) -> Self {
        Self { client: SigV4Client::new(model.names, context), model }
    }

    /// Asks for one answer. `action` is as IAM writes it, e.g. `acm:DescribeCertificate`.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        action: &'static str,
        request: &Value,
    ) -> Result<T, CallError> {
        let (target, body) = (self.target(action), request.to_string());
        let headers = self.headers(&target);
        self.client.read(&Message { action, headers: &headers, body: &body }, parse_answer).await
    }

    /// Asks for one page and the token of the next.
    pub(super) async fn read_page<T: DeserializeOwned>(
        &self,
        action: &'static str,
        request: &Value,
    ) -> Result<(T, Option<String>), CallError> {
        let page: Value = self.read(action, request).await?;
        let not_understood = || CallError {
            kind: ErrorKind::Unsupported,
            action: action.to_owned(),
            code: None,
            message: format!("The endpoint's answer to {action} could not be understood (HTTP 200)."),
        };
        let token = match &page[self.model.token] {
            Value::Null => None,
            // The same token again is the end.
            Value::String(token) if token.is_empty() || request[self.model.token] == token.as_str() => None,
            Value::String(token) => Some(token.clone()),
            // There are further pages, and no way to ask for them: a part is not given as the whole.
            _ => return Err(not_understood()),
        };
        let page = serde_json::from_value(page).map_err(|_| not_understood())?;
        Ok((page, token))
    }

    /// Asks for all pages.
    pub(super) async fn read_pages<T: DeserializeOwned>(
        &self,
        action: &'static str,
        request: Value,
    ) -> Result<Vec<T>, CallError> {
        collect_pages(action, MOST_PAGES, |token| {
            let mut request = request.clone();
            if let Some(token) = token {
                request[self.model.token] = token.into();
            }
            async move { self.read_page(action, &request).await }
        })
        .await
    }

    /// Sends a mutation, once.
    pub(super) async fn send_once<T: DeserializeOwned>(
        &self,
        action: &'static str,
        request: &Value,
    ) -> Result<T, AttemptFailure> {
        let (target, body) = (self.target(action), request.to_string());
        let headers = self.headers(&target);
        self.client.send_once(&Message { action, headers: &headers, body: &body }, parse_answer).await
    }

    fn target(&self, action: &str) -> String {
        format!("{}.{}", self.model.target, action.rsplit(':').next().unwrap_or(action))
    }

    fn headers<'a>(&self, target: &'a str) -> [(&'static str, &'a str); 2] {
        [("content-type", self.model.content_type), ("x-amz-target", target)]
    }
}

/// A member of an error's body that is text, under one of the names that the services have for it.
fn said<'a>(body: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| body[*name].as_str())
}

fn parse_answer<T: DeserializeOwned>(
    action: &str,
    response: &HttpResponse,
    body: &str,
) -> Result<T, AttemptFailure> {
    let not_understood = || AttemptFailure::not_understood(action, response);
    if response.status().is_success() {
        // An empty body is no empty answer: AWS writes `{}`. An error that a proxy gives with status 200 is none either.
        let answer: Value = serde_json::from_str(body).map_err(|_| not_understood())?;
        if answer.get("__type").is_some() {
            return Err(not_understood());
        }
        return serde_json::from_value(answer).map_err(|_| not_understood());
    }
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let code = response.headers().get("x-amzn-errortype").or(said(&body, &["__type", "code", "Code"]));
    let message = said(&body, &["message", "Message", "errorMessage"]).unwrap_or_default();
    Err(AttemptFailure::of_answer(action, code, message, response))
}

/// A time as awsJson writes it: seconds since 1970, with a fraction.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct EpochSeconds(f64);

impl EpochSeconds {
    /// To the millisecond, which is all that the services give; `None` when it is outside what a calendar can
    /// hold.
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and a calendar ends long before")]
    pub(super) fn to_chrono(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis((self.0 * 1000.0).round() as i64)
    }
}
