//! The one HTTP client: every request of every service and of the credential providers goes through it.

use super::plain_text::plain_body;
use super::request_metrics::RequestMetrics;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

type Timeouts = (Option<Duration>, Option<Duration>);

/// Answers requests without a network.
#[derive(Clone)]
pub(super) struct Handler(Arc<dyn Fn(http::Request<Bytes>) -> http::Response<Bytes> + Send + Sync>);

impl Handler {
    pub(super) fn new(
        answer: impl Fn(http::Request<Bytes>) -> http::Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(answer))
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}

/// An HTTP client with one connection pool for each pair of timeouts, all counted by one meter.
#[derive(Debug, Clone)]
pub(super) struct MeteredClient {
    metrics: Arc<RequestMetrics>,
    inside: Option<Handler>,
    pools: Arc<Mutex<HashMap<Timeouts, SharedHttpConnector>>>,
}

impl MeteredClient {
    /// A client that has no connection yet.
    pub(super) fn new(metrics: Arc<RequestMetrics>) -> Self {
        Self { metrics, inside: None, pools: Arc::default() }
    }

    /// A client whose every request is answered by `handler`, at once.
    pub(super) fn inside(metrics: Arc<RequestMetrics>, handler: Handler) -> Self {
        Self { metrics, inside: Some(handler), pools: Arc::default() }
    }

    /// The connector for these timeouts.
    pub(super) fn connector(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools
            .entry((settings.connect_timeout(), settings.read_timeout()))
            .or_insert_with(|| {
                SharedHttpConnector::new(Metered(Arc::new(Pool {
                    metrics: Arc::clone(&self.metrics),
                    inside: self.inside.clone(),
                    settings: settings.clone(),
                    plain: OnceLock::new(),
                    tls: OnceLock::new(),
                })))
            })
            .clone()
    }
}

// `validate_base_client_config` stays the empty default: the stock client reads the machine's CA certificates
// there, which an http:// endpoint never needs.
impl HttpClient for MeteredClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.connector(settings)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("hyper", Some("1.x".into())))
    }
}

#[derive(Debug)]
struct Pool {
    metrics: Arc<RequestMetrics>,
    inside: Option<Handler>,
    settings: HttpConnectorSettings,
    plain: OnceLock<Connector>,
    tls: OnceLock<Connector>,
}

impl Pool {
    /// The connector for http://. It never uses a proxy, since such an endpoint is on this machine or next to
    /// it.
    fn plain(&self) -> &Connector {
        self.plain.get_or_init(|| {
            ConnectorBuilder::default().connector_settings(self.settings.clone()).build_http()
        })
    }

    /// The connector for https://, with the machine's CA certificates and `HTTPS_PROXY`.
    fn tls(&self) -> &Connector {
        self.tls.get_or_init(|| {
            Connector::builder()
                .connector_settings(self.settings.clone())
                .proxy_config(ProxyConfig::from_env())
                .tls_provider(tls::Provider::rustls(CryptoMode::Ring))
                .build()
        })
    }
}

#[derive(Debug, Clone)]
struct Metered(Arc<Pool>);

impl Metered {
    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let pool = self.0;
        let is_json = speaks_json(&request);
        let mut response = match &pool.inside {
            Some(handler) => {
                pool.metrics.sent();
                answered_inside(handler, request).await?
            }
            None => over_the_network(&pool, request).await?,
        };
        let failed = response.status().as_u16() >= 400;
        if !failed && !is_json {
            pool.metrics.answered(&response, &[]);
            return Ok(response);
        }
        // Errors are short: they are read here, so that throttling is counted even when the SDK retries it away.
        let body = response.take_body().collect().await.map_err(ConnectorError::io)?.to_bytes();
        pool.metrics.answered(&response, if failed { &body } else { &[] });
        let plain = if is_json { plain_body(&body) } else { None };
        *response.body_mut() = plain.map_or_else(|| SdkBody::from(body), SdkBody::from);
        Ok(response)
    }
}

/// Whether the answer is JSON whose texts are made plain here, at the door. XML is made plain in `xml.rs`, where its
/// character references are resolved. Not here: log events, which `logs.rs` splits into lines first, and task
/// definitions, as a new revision is registered from the answer and must have its values to the letter; `ecs.rs` makes
/// plain what is read of one.
fn speaks_json(request: &HttpRequest) -> bool {
    let target = request.headers().get("x-amz-target");
    let later = |target: &str| {
        target.starts_with(super::logs::MODEL.target) || target.ends_with(".DescribeTaskDefinition")
    };
    target.is_some_and(|target| !later(target))
}

async fn over_the_network(pool: &Arc<Pool>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let secure = request.uri().starts_with("https:");
    if secure && pool.tls.get().is_none() {
        // Reading and parsing the CA certificates takes milliseconds, so it does not run on the thread that
        // handles keys.
        let pool = Arc::clone(pool);
        tokio::task::spawn_blocking(move || {
            pool.tls();
        })
        .await
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    }
    pool.metrics.sent();
    let connector = if secure { pool.tls() } else { pool.plain() };
    connector.call(request).await
}

async fn answered_inside(handler: &Handler, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let broken = |error: aws_smithy_runtime_api::http::HttpError| ConnectorError::other(error.into(), None);
    let (head, body) = request.try_into_http1x().map_err(broken)?.into_parts();
    let body = body.collect().await.map_err(ConnectorError::io)?.to_bytes();
    let answer = (handler.0)(http::Request::from_parts(head, body));
    HttpResponse::try_from(answer.map(SdkBody::from)).map_err(broken)
}

impl HttpConnector for Metered {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}
