//! Calls to services without an SDK crate: signed and sent over the same HTTP client, with the same
//! credentials, endpoint, timeouts and retries as those of the SDK's clients. What a body means is the
//! protocol modules' business.
#![expect(clippy::disallowed_methods, reason = "chance for the wait between two attempts")]

use super::client::{ACTION_TIMEOUT, ATTEMPT_TIMEOUT, CONNECT_TIMEOUT, READ_ATTEMPTS, READ_TIMEOUT};
use super::credential_cache::CredentialCache;
use super::error::{root_cause, unreachable};
use super::failure::AttemptFailure;
use super::http_client::MeteredClient;
use super::request_metrics::RequestMetrics;
use super::service_endpoint::{ServiceNames, service_endpoint};
use aws_config::SdkConfig;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use partybox_core::domain::{CallError, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// A request: its body and the headers of its protocol.
#[derive(Debug)]
pub(super) struct Message<'a> {
    /// The AWS action as IAM names it, e.g. `ec2:DescribeVpcs`.
    pub(super) action: &'a str,
    /// Name in lower case, and value.
    pub(super) headers: &'a [(&'static str, &'a str)],
    /// The body.
    pub(super) body: &'a str,
}

/// What the signed clients of one connection share.
#[derive(Debug, Clone)]
pub(super) struct SigningContext {
    pub(super) config: SdkConfig,
    pub(super) http: MeteredClient,
    pub(super) metrics: Arc<RequestMetrics>,
    pub(super) credentials: Arc<CredentialCache>,
    /// The endpoint was given by the caller, and stands over `AWS_ENDPOINT_URL_<SERVICE>`.
    pub(super) explicit_endpoint: bool,
}

/// A client for one service without an SDK crate.
#[derive(Debug)]
pub(super) struct SigV4Client {
    signing_name: &'static str,
    endpoint: String,
    region: String,
    http: MeteredClient,
    metrics: Arc<RequestMetrics>,
    credentials: Arc<CredentialCache>,
    initial_backoff: Duration,
    retries: RetryBudget,
}

impl SigV4Client {
    /// A client that has sent nothing yet.
    pub(super) fn new(names: ServiceNames, context: &SigningContext) -> Self {
        let config = &context.config;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        Self {
            signing_name: names.signing,
            endpoint: service_endpoint(names, config, &region, context.explicit_endpoint),
            region,
            http: context.http.clone(),
            metrics: Arc::clone(&context.metrics),
            credentials: Arc::clone(&context.credentials),
            initial_backoff: config
                .retry_config()
                .map_or(Duration::from_secs(1), aws_config::retry::RetryConfig::initial_backoff),
            retries: RetryBudget::new(),
        }
    }

    /// Asks, with retries; `parse` makes of an answer what it means.
    pub(super) async fn read<T>(
        &self,
        message: &Message<'_>,
        parse: impl Fn(&str, &HttpResponse, &str) -> Result<T, AttemptFailure>,
    ) -> Result<T, CallError> {
        let attempts = self.read_with_retries(message, parse);
        match tokio::time::timeout(READ_TIMEOUT, attempts).await {
            Ok(answer) => answer,
            Err(_) => Err(unreachable(message.action, "no answer in time")),
        }
    }

    /// Sends a mutation, once, whatever comes back.
    pub(super) async fn send_once<T>(
        &self,
        message: &Message<'_>,
        parse: impl Fn(&str, &HttpResponse, &str) -> Result<T, AttemptFailure>,
    ) -> Result<T, AttemptFailure> {
        let attempt = self.attempt(message, parse);
        let answer = tokio::time::timeout(ACTION_TIMEOUT, attempt).await;
        let answer = answer
            .unwrap_or_else(|_| Err(AttemptFailure::without_answer(message.action, "no answer in time")));
        self.forget_refused_credentials(answer.as_ref().err()).await;
        answer
    }

    async fn read_with_retries<T>(
        &self,
        message: &Message<'_>,
        parse: impl Fn(&str, &HttpResponse, &str) -> Result<T, AttemptFailure>,
    ) -> Result<T, CallError> {
        let mut attempt = 1;
        let mut spent = 0;
        loop {
            let tried = tokio::time::timeout(ATTEMPT_TIMEOUT, self.attempt(message, &parse)).await;
            let timed_out = tried.is_err();
            let failure = match tried {
                Ok(Ok(answer)) => {
                    self.retries.put_back(spent);
                    return Ok(answer);
                }
                Ok(Err(failure)) => failure,
                Err(_) => AttemptFailure::without_answer(message.action, "no answer in time"),
            };
            self.forget_refused_credentials(Some(&failure)).await;
            if !failure.transient || attempt == READ_ATTEMPTS {
                return Err(failure.error);
            }
            let Some(cost) = self.retries.take(timed_out) else { return Err(failure.error) };
            spent = cost;
            tokio::time::sleep(backoff(attempt, self.initial_backoff)).await;
            attempt += 1;
        }
    }

    async fn forget_refused_credentials(&self, failure: Option<&AttemptFailure>) {
        if failure.is_some_and(|failure| failure.error.kind == ErrorKind::Credentials) {
            self.credentials.forget().await;
        }
    }

    async fn attempt<T>(
        &self,
        message: &Message<'_>,
        parse: impl Fn(&str, &HttpResponse, &str) -> Result<T, AttemptFailure>,
    ) -> Result<T, AttemptFailure> {
        let action = message.action;
        let request = self.sign(message).await.map_err(AttemptFailure::before_sending)?;
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
        let answer = self.http.connector(&settings).call(request).await;
        let mut response = answer.map_err(|error| AttemptFailure::of_connection(action, &error))?;
        let body = response
            .take_body()
            .collect()
            .await
            .map_err(|_| AttemptFailure::without_answer(action, "the answer broke off"))?
            .to_bytes();
        // Whether it is a web page is seen in the body.
        *response.body_mut() = SdkBody::from(body.clone());
        parse(action, &response, &String::from_utf8_lossy(&body))
    }

    async fn sign(&self, message: &Message<'_>) -> Result<HttpRequest, CallError> {
        let action = message.action;
        let unsendable = |reason: String| CallError {
            kind: ErrorKind::Service,
            action: action.to_owned(),
            code: None,
            message: format!("{action} could not be sent: {reason}."),
        };
        let mut request =
            http::Request::builder().method("POST").uri(format!("{}/", self.endpoint.trim_end_matches('/')));
        for (name, value) in message.headers {
            request = request.header(*name, *value);
        }
        let mut request =
            request.body(SdkBody::from(message.body)).map_err(|error| unsendable(error.to_string()))?;
        let identity = self.credentials.credentials(action).await?.into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.signing_name)
            .time(SystemTime::from(self.metrics.server_now()))
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unsendable(error.to_string()))?
            .into();
        let uri = request.uri().to_string();
        let signable = SignableRequest::new(
            "POST",
            uri,
            message.headers.iter().copied(),
            SignableBody::Bytes(message.body.as_bytes()),
        )
        .map_err(|error| unsendable(root_cause(&error)))?;
        let (signature, _) =
            sign(signable, &parameters).map_err(|error| unsendable(root_cause(&error)))?.into_parts();
        signature.apply_to_request_http1x(&mut request);
        HttpRequest::try_from(request).map_err(|error| unsendable(root_cause(&error)))
    }
}

/// Retries that a client's reads may still make, as the SDK counts them: an endpoint that fails all the time
/// is soon asked once a call. Mutations are sent once and take nothing from it.
#[derive(Debug)]
struct RetryBudget(AtomicU32);

impl RetryBudget {
    const FULL: u32 = 500;
    const COST: u32 = 5;
    const COST_AFTER_TIMEOUT: u32 = 10;

    fn new() -> Self {
        Self(AtomicU32::new(Self::FULL))
    }

    /// Pays for one more attempt; `None` when the budget is spent.
    fn take(&self, timed_out: bool) -> Option<u32> {
        let cost = if timed_out { Self::COST_AFTER_TIMEOUT } else { Self::COST };
        let paid =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok();
        paid.then_some(cost)
    }

    /// A call succeeded: its last retry is paid back; one without a retry adds a little.
    fn put_back(&self, spent: u32) {
        let fill = |left: u32| Some((left + spent.max(1)).min(Self::FULL));
        // Cannot fail: the closure always gives a value.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fill);
    }
}

/// A quarter to half of the configured first wait, then double that: by chance, so that many processes do not
/// come back together.
fn backoff(attempt: u32, initial: Duration) -> Duration {
    let least = initial / 8 * 2_u32.pow(attempt.min(6));
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    least + least * (nanos % 1000) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_end_with_the_budget_and_success_fills_it() {
        let budget = RetryBudget::new();
        let retries = std::iter::from_fn(|| budget.take(false)).count();
        assert_eq!(retries, 100);
        budget.put_back(5);
        assert_eq!(budget.take(true), None);
        assert_eq!(budget.take(false), Some(5));
        (0..2000).for_each(|_| budget.put_back(0));
        assert_eq!(std::iter::from_fn(|| budget.take(true)).count(), 50);
    }

    #[test]
    fn waits_double_and_follow_the_configuration() {
        for (attempt, least) in [(1, 250), (2, 500)] {
            let wait = backoff(attempt, Duration::from_secs(1));
            assert!(
                wait >= Duration::from_millis(least) && wait <= Duration::from_millis(2 * least),
                "{wait:?}"
            );
        }
        assert_eq!(backoff(1, Duration::ZERO), Duration::ZERO);
    }
}
