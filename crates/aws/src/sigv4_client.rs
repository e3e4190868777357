//! The few calls for which an SDK crate would cost more than it gives: signed and sent over the same HTTP client, with
//! the same credentials, endpoint, timeouts and retries. What a body means is the caller's business.
#![expect(clippy::disallowed_methods, reason = "credentials expire by the wall clock")]

use super::client::{ATTEMPT_TIMEOUT, CONNECT_TIMEOUT, READ_ATTEMPTS, READ_TIMEOUT};
use super::error::{innermost, unreachable};
use super::http_client::MeteredClient;
use super::request_metrics::RequestMetrics;
use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_types::service_config::ServiceConfigKey;
use http_body_util::BodyExt;
use partybox_core::domain::{CallError, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

/// Credentials are asked for again after this, and a minute before they expire.
const CREDENTIALS_KEPT: Duration = Duration::from_mins(10);

/// What a service is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    /// In signatures and in public host names, e.g. `ec2`.
    pub(super) signing: &'static str,
    /// In `AWS_ENDPOINT_URL_<SERVICE>` and in profiles, e.g. `EC2`.
    pub(super) id: &'static str,
}

/// A request's body and the headers that are its protocol's own.
#[derive(Debug)]
pub(super) struct Message<'a> {
    /// The AWS action as IAM names it, e.g. `ec2:DescribeVpcs`.
    pub(super) action: &'a str,
    /// Lower case name, value.
    pub(super) headers: &'a [(&'static str, &'a str)],
    /// The body.
    pub(super) body: &'a str,
}

/// A client for one service without an SDK.
#[derive(Debug)]
pub(super) struct SigV4Client {
    names: Names,
    endpoint: String,
    region: String,
    http: MeteredClient,
    metrics: Arc<RequestMetrics>,
    provider: Option<SharedCredentialsProvider>,
    credentials: Mutex<Option<(Credentials, Instant)>>,
}

impl SigV4Client {
    /// `explicit`: the endpoint was given by the caller, and stands over `AWS_ENDPOINT_URL_<SERVICE>`.
    pub(super) fn new(
        names: Names,
        config: &SdkConfig,
        http: MeteredClient,
        metrics: Arc<RequestMetrics>,
        explicit: bool,
    ) -> Self {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let own = if explicit { None } else { own_endpoint(names, config) };
        let endpoint = own
            .or_else(|| config.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| public_endpoint(names, config, &region));
        Self {
            names,
            endpoint,
            region,
            http,
            metrics,
            provider: config.credentials_provider(),
            credentials: Mutex::default(),
        }
    }

    /// Asks, with retries; `understand` makes of an answer what it means.
    pub(super) async fn ask<T>(
        &self,
        message: &Message<'_>,
        understand: impl Fn(&str, &HttpResponse, &str) -> Result<T, Failure>,
    ) -> Result<T, CallError> {
        let tries = self.with_retries(message, understand);
        match tokio::time::timeout(READ_TIMEOUT, tries).await {
            Ok(answer) => answer,
            Err(_) => Err(unreachable(message.action, "no answer in time")),
        }
    }

    async fn with_retries<T>(
        &self,
        message: &Message<'_>,
        understand: impl Fn(&str, &HttpResponse, &str) -> Result<T, Failure>,
    ) -> Result<T, CallError> {
        let mut attempt = 1;
        loop {
            let tried = tokio::time::timeout(ATTEMPT_TIMEOUT, self.once(message, &understand)).await;
            let failure = match tried {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
                Err(_) => {
                    Failure { error: unreachable(message.action, "no answer in time"), transient: true }
                }
            };
            if failure.error.kind == ErrorKind::Credentials {
                // After a new login the next call must not use the old ones.
                *self.credentials.lock().await = None;
            }
            if !failure.transient || attempt == READ_ATTEMPTS {
                return Err(failure.error);
            }
            tokio::time::sleep(backoff(attempt)).await;
            attempt += 1;
        }
    }

    async fn once<T>(
        &self,
        message: &Message<'_>,
        understand: impl Fn(&str, &HttpResponse, &str) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let action = message.action;
        let request = self.signed(message).await.map_err(Failure::last)?;
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
        let sent = self.http.connector(&settings).call(request).await;
        let mut response = sent.map_err(|error| {
            let reason = if error.is_timeout() { "no answer in time".to_owned() } else { innermost(&error) };
            Failure { error: unreachable(action, &reason), transient: true }
        })?;
        let body = response
            .take_body()
            .collect()
            .await
            .map_err(|_| Failure { error: unreachable(action, "the answer broke off"), transient: true })?;
        understand(action, &response, &String::from_utf8_lossy(&body.to_bytes()))
    }

    async fn signed(&self, message: &Message<'_>) -> Result<HttpRequest, CallError> {
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
        let identity = self.credentials(action).await?.into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.names.signing)
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
        .map_err(|error| unsendable(innermost(&error)))?;
        let (signature, _) =
            sign(signable, &parameters).map_err(|error| unsendable(innermost(&error)))?.into_parts();
        signature.apply_to_request_http1x(&mut request);
        HttpRequest::try_from(request).map_err(|error| unsendable(innermost(&error)))
    }

    async fn credentials(&self, action: &str) -> Result<Credentials, CallError> {
        let mut kept = self.credentials.lock().await;
        if let Some((credentials, since)) = kept.as_ref() {
            let soon = SystemTime::now() + Duration::from_mins(1);
            if since.elapsed() < CREDENTIALS_KEPT && credentials.expiry().is_none_or(|at| at > soon) {
                return Ok(credentials.clone());
            }
        }
        let missing = |reason: String| CallError {
            kind: ErrorKind::Credentials,
            action: action.to_owned(),
            code: None,
            message: format!("No credentials: {reason}. Log in again, e.g. `aws sso login`."),
        };
        let provider = self.provider.as_ref().ok_or_else(|| missing("none are configured".into()))?;
        let credentials = provider.provide_credentials().await.map_err(|error| missing(innermost(&error)))?;
        *kept = Some((credentials.clone(), Instant::now()));
        Ok(credentials)
    }
}

/// An attempt that failed, and whether another may succeed.
pub(super) struct Failure {
    /// What went wrong.
    pub(super) error: CallError,
    /// Worth another try.
    pub(super) transient: bool,
}

impl Failure {
    /// One that another try would not mend.
    pub(super) fn last(error: CallError) -> Self {
        Self { error, transient: false }
    }
}

/// A quarter to half a second, then double that: by chance, so that many processes do not come back together.
fn backoff(attempt: u32) -> Duration {
    let half = Duration::from_millis(125) * 2_u32.pow(attempt.min(6));
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    half + half * (nanos % 1000) / 1000
}

/// `AWS_ENDPOINT_URL_<SERVICE>`, or a profile's `services` section.
fn own_endpoint(names: Names, config: &SdkConfig) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id(names.id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    config.service_config()?.load_config(key.build().ok()?)
}

fn public_endpoint(names: Names, config: &SdkConfig, region: &str) -> String {
    let fips = if config.use_fips() == Some(true) { "-fips" } else { "" };
    let domain = match (config.use_dual_stack() == Some(true), region.starts_with("cn-")) {
        (true, true) => "api.amazonwebservices.com.cn",
        (true, false) => "api.aws",
        (false, true) => "amazonaws.com.cn",
        (false, false) => "amazonaws.com",
    };
    let host = names.signing;
    format!("https://{host}{fips}.{region}.{domain}")
}
