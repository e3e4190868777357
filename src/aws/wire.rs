//! The one HTTP client: every request of every service and of the credential providers goes through it.

use super::meter::Counters;
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
use http_body_util::BodyExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

type Timeouts = (Option<Duration>, Option<Duration>);

/// A connection pool for each pair of timeouts that somebody asks for, all counted by one meter.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    counters: Arc<Counters>,
    pools: Arc<Mutex<HashMap<Timeouts, SharedHttpConnector>>>,
}

impl Wire {
    /// A client that has no connection yet.
    pub(super) fn new(counters: Arc<Counters>) -> Self {
        Self { counters, pools: Arc::default() }
    }

    /// The connector for these timeouts.
    pub(super) fn connector(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools
            .entry((settings.connect_timeout(), settings.read_timeout()))
            .or_insert_with(|| {
                SharedHttpConnector::new(Metered(Arc::new(Pool {
                    counters: Arc::clone(&self.counters),
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
impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.connector(settings)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("hyper", Some("1.x".into())))
    }
}

#[derive(Debug)]
struct Pool {
    counters: Arc<Counters>,
    settings: HttpConnectorSettings,
    plain: OnceLock<Connector>,
    tls: OnceLock<Connector>,
}

impl Pool {
    /// For http://: never through a proxy, as such an endpoint is on this machine or next to it.
    fn plain(&self) -> &Connector {
        self.plain.get_or_init(|| {
            ConnectorBuilder::default().connector_settings(self.settings.clone()).build_http()
        })
    }

    /// For https://: with the machine's CA certificates and `HTTPS_PROXY`.
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
        let secure = request.uri().starts_with("https:");
        if secure && pool.tls.get().is_none() {
            // Reading and parsing the CA certificates takes milliseconds: not on the thread that takes keys.
            let pool = Arc::clone(&pool);
            tokio::task::spawn_blocking(move || {
                pool.tls();
            })
            .await
            .map_err(|error| ConnectorError::other(error.into(), None))?;
        }
        pool.counters.sent();
        let connector = if secure { pool.tls() } else { pool.plain() };
        let mut response = connector.call(request).await?;
        let status = response.status().as_u16();
        if status < 400 {
            pool.counters.answered(&response, &[]);
            return Ok(response);
        }
        // Errors are short: read them here, so that throttling is counted even when the SDK retries it away.
        let body = response.take_body().collect().await.map_err(ConnectorError::io)?.to_bytes();
        pool.counters.answered(&response, &body);
        *response.body_mut() = SdkBody::from(body);
        Ok(response)
    }
}

impl HttpConnector for Metered {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}
