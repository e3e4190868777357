//! EC2 without its SDK, which alone would take longer to compile than all the others: the handful of reads is
//! signed and sent over the same HTTP client, with the same credentials, endpoint, timeouts and retries.
#![expect(clippy::disallowed_methods, reason = "credentials expire by the wall clock")]

use super::client::{ATTEMPT_TIMEOUT, CONNECT_TIMEOUT, READ_ATTEMPTS, READ_TIMEOUT};
use super::error::{from_code, innermost, unreachable};
use super::meter::Counters;
use super::wire::Wire;
use super::xml::Node;
use crate::domain::{CallError, ErrorKind};
use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_types::service_config::ServiceConfigKey;
use form_urlencoded::Serializer;
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

/// The API version that every request names.
const VERSION: &str = "2016-11-15";
/// Credentials are asked for again after this, and a minute before they expire.
const CREDENTIALS_KEPT: Duration = Duration::from_mins(10);
/// An answer with more pages than this is not ours to read.
const MOST_PAGES: usize = 50;

/// A client for EC2's query protocol.
#[derive(Debug)]
pub(super) struct Ec2 {
    endpoint: String,
    region: String,
    wire: Wire,
    counters: Arc<Counters>,
    provider: Option<SharedCredentialsProvider>,
    credentials: Mutex<Option<(Credentials, Instant)>>,
}

impl Ec2 {
    /// `explicit`: the endpoint was given by the caller, and stands over `AWS_ENDPOINT_URL_EC2`.
    pub(super) fn new(config: &SdkConfig, wire: Wire, counters: Arc<Counters>, explicit: bool) -> Self {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let own = if explicit { None } else { own_endpoint(config) };
        let endpoint = own
            .or_else(|| config.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| public_endpoint(config, &region));
        Self {
            endpoint,
            region,
            wire,
            counters,
            provider: config.credentials_provider(),
            credentials: Mutex::default(),
        }
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
        let tries = self.with_retries(&action, &body);
        match tokio::time::timeout(READ_TIMEOUT, tries).await {
            Ok(answer) => answer,
            Err(_) => Err(unreachable(&action, "no answer in time")),
        }
    }

    async fn with_retries(&self, action: &str, body: &str) -> Result<Node, CallError> {
        let mut attempt = 1;
        loop {
            let tried = tokio::time::timeout(ATTEMPT_TIMEOUT, self.once(action, body)).await;
            let failure = match tried {
                Ok(Ok(node)) => return Ok(node),
                Ok(Err(failure)) => failure,
                Err(_) => Failure { error: unreachable(action, "no answer in time"), transient: true },
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

    async fn once(&self, action: &str, body: &str) -> Result<Node, Failure> {
        let request = self.signed(action, body).await.map_err(Failure::last)?;
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
        let sent = self.wire.connector(&settings).call(request).await;
        let mut response = sent.map_err(|error| {
            let reason = if error.is_timeout() { "no answer in time".to_owned() } else { innermost(&error) };
            Failure { error: unreachable(action, &reason), transient: true }
        })?;
        let body = response
            .take_body()
            .collect()
            .await
            .map_err(|_| Failure { error: unreachable(action, "the answer broke off"), transient: true })?;
        let body = body.to_bytes();
        understand(action, &response, &String::from_utf8_lossy(&body))
    }

    async fn signed(&self, action: &str, body: &str) -> Result<HttpRequest, CallError> {
        let unsendable = |reason: String| CallError {
            kind: ErrorKind::Service,
            action: action.to_owned(),
            code: None,
            message: format!("{action} could not be sent: {reason}."),
        };
        let mut request = http::Request::builder()
            .method("POST")
            .uri(format!("{}/", self.endpoint.trim_end_matches('/')))
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(SdkBody::from(body))
            .map_err(|error| unsendable(error.to_string()))?;
        let identity = self.credentials(action).await?.into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("ec2")
            .time(SystemTime::from(self.counters.server_now()))
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unsendable(error.to_string()))?
            .into();
        let uri = request.uri().to_string();
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        let signable =
            SignableRequest::new("POST", uri, headers.into_iter(), SignableBody::Bytes(body.as_bytes()))
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
struct Failure {
    error: CallError,
    transient: bool,
}

impl Failure {
    fn last(error: CallError) -> Self {
        Self { error, transient: false }
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

/// A quarter to half a second, then double that: by chance, so that many processes do not come back together.
fn backoff(attempt: u32) -> Duration {
    let half = Duration::from_millis(125) * 2_u32.pow(attempt.min(6));
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    half + half * (nanos % 1000) / 1000
}

/// `AWS_ENDPOINT_URL_EC2`, or a profile's `services` section.
fn own_endpoint(config: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id("EC2").env("AWS_ENDPOINT_URL").profile("endpoint_url");
    config.service_config()?.load_config(key.build().ok()?)
}

fn public_endpoint(config: &SdkConfig, region: &str) -> String {
    let fips = if config.use_fips() == Some(true) { "-fips" } else { "" };
    let domain = match (config.use_dual_stack() == Some(true), region.starts_with("cn-")) {
        (true, true) => "api.amazonwebservices.com.cn",
        (true, false) => "api.aws",
        (false, true) => "amazonaws.com.cn",
        (false, false) => "amazonaws.com",
    };
    format!("https://ec2{fips}.{region}.{domain}")
}
