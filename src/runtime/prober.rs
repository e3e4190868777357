//! The probe of a drill. It sends requests at their own pace, each with its own timeout, and none waits for
//! another. It runs in the thread that talks to AWS, so that a blocked terminal does not stop it.

use super::SessionClock;
use bytes::Bytes;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use http::{Request, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::TokioExecutor;
use partybox_core::app::Msg;
use partybox_core::domain::{Expect, ProbeAnswer, ProbeSpec, Probed, Resolved};
use std::cell::Cell;
use std::error::Error;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tower_service::Service;

/// Requests that may wait for their answers at the same time.
const WAITING: usize = 64;
/// Bytes that are read of an answer.
const BODY: usize = 64 * 1024;
/// The interval at which the endpoint's name is looked up.
const LOOK_UP: Duration = Duration::from_secs(1);

/// A running probe. It ends when this is dropped.
pub(super) struct Prober {
    tasks: [AbortHandle; 2],
}

impl Drop for Prober {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Prober {
    /// Starts the probe. It needs a `LocalSet`.
    pub(super) fn start(spec: ProbeSpec, clock: SessionClock, sender: Sender<Msg>) -> Self {
        let requests = tokio::task::spawn_local(ask(spec.clone(), clock, sender.clone()));
        let names = tokio::task::spawn_local(look_up(spec, clock, sender));
        Self { tasks: [requests.abort_handle(), names.abort_handle()] }
    }
}

type Http = Client<HttpsConnector<HttpConnector<Via>>, Empty<Bytes>>;

async fn ask(spec: ProbeSpec, clock: SessionClock, sender: Sender<Msg>) {
    // The system's certificates are read from disk, so that the calls to AWS do not wait for that.
    let own = spec.clone();
    let client = match tokio::task::spawn_blocking(move || client(&own)).await {
        Ok(client) => client,
        Err(error) => Err(format!("the probe did not start: {error}")),
    };
    let spec = Rc::new(spec);
    let waiting = Rc::new(Cell::new(0_usize));
    let end = clock.now().mono + spec.settings.max_duration;
    let mut pace = interval(spec.settings.interval.max(Duration::from_millis(10)));
    // After a pause of this machine, go on at the usual pace instead of making up for it.
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0.. {
        pace.tick().await;
        let sent = clock.now().mono;
        if sent >= end {
            return;
        }
        let tell = move |answer: ProbeAnswer| {
            let took = clock.now().mono.saturating_sub(sent);
            Msg::Probed(Box::new(Probed { number, sent, took, answer }))
        };
        let client = match &client {
            Ok(client) => client.clone(),
            Err(why) => {
                let _ = sender.send(tell(ProbeAnswer::Failed(why.clone())));
                continue;
            }
        };
        if waiting.get() >= WAITING {
            let _ = sender.send(tell(ProbeAnswer::NotSent));
            continue;
        }
        waiting.set(waiting.get() + 1);
        let (spec, sender, waiting) = (Rc::clone(&spec), sender.clone(), Rc::clone(&waiting));
        tokio::task::spawn_local(async move {
            let answer =
                timeout(spec.settings.timeout, request(&client, &spec.url, &spec.settings.expect)).await;
            let _ = sender.send(tell(answer.unwrap_or(ProbeAnswer::TimedOut)));
            waiting.set(waiting.get().saturating_sub(1));
        });
    }
}

fn client(spec: &ProbeSpec) -> Result<Http, String> {
    let mut http =
        HttpConnector::new_with_resolver(Via { host: spec.via.clone(), names: GaiResolver::new() });
    http.enforce_http(false);
    http.set_connect_timeout(Some(spec.settings.timeout));
    let tls = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| format!("the system's certificates cannot be read: {error}"))?;
    let https = tls.https_or_http().enable_http1().wrap_connector(http);
    Ok(Client::builder(TokioExecutor::new()).build(https))
}

async fn request(client: &Http, url: &str, expect: &Expect) -> ProbeAnswer {
    let request = Request::get(url)
        .header(header::USER_AGENT, concat!("partybox-top/", env!("CARGO_PKG_VERSION")))
        .header(header::CACHE_CONTROL, "no-cache")
        .body(Empty::new());
    let request = match request {
        Ok(request) => request,
        Err(error) => return ProbeAnswer::Failed(format!("no good URL: {error}")),
    };
    let answer = match client.request(request).await {
        Ok(answer) => answer,
        Err(error) => return ProbeAnswer::Failed(reason(&error)),
    };
    let status = answer.status().as_u16();
    match Limited::new(answer.into_body(), BODY).collect().await {
        Ok(body) => expect.judge(status, &String::from_utf8_lossy(&body.to_bytes())),
        // The answer is longer than what is read of it, so its text cannot be checked.
        Err(error) if error.is::<http_body_util::LengthLimitError>() => expect.judge(status, ""),
        Err(error) => ProbeAnswer::Failed(reason(error.as_ref())),
    }
}

/// Why a request failed, in a few words without a capital letter, for the middle of a sentence.
fn reason(error: &(dyn Error + 'static)) -> String {
    partybox_aws::root_cause(error).to_lowercase()
}

/// A resolver that looks names up as usual, or always returns the load balancer's name, whatever the URL
/// says.
#[derive(Clone)]
struct Via {
    host: Option<String>,
    names: GaiResolver,
}

impl Service<Name> for Via {
    type Response = <GaiResolver as Service<Name>>::Response;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.names.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let wanted = self.host.as_ref().and_then(|host| host.parse().ok());
        Box::pin(self.names.call(wanted.unwrap_or(name)))
    }
}

/// Looks the database endpoint's name up at each interval and reports changes.
async fn look_up(spec: ProbeSpec, clock: SessionClock, sender: Sender<Msg>) {
    let Some(name) = &spec.name else { return };
    let end = clock.now().mono + spec.settings.max_duration;
    let resolver = resolver(&spec);
    let mut pace = interval(LOOK_UP.min(spec.settings.interval * 5));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = None;
    while clock.now().mono < end {
        pace.tick().await;
        let answer = match &resolver {
            Ok(resolver) => addresses(resolver, name).await,
            Err(why) => Err(why.clone()),
        };
        if last.as_ref() != Some(&answer) {
            last = Some(answer.clone());
            let _ = sender.send(Msg::Resolved(Box::new(Resolved { at: clock.now().mono, answer })));
        }
    }
}

fn resolver(spec: &ProbeSpec) -> Result<TokioResolver, String> {
    let builder = match spec.settings.dns {
        Some(server) => {
            let mut asked = NameServerConfig::udp(server.ip());
            for connection in &mut asked.connections {
                connection.port = server.port();
            }
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![asked]);
            Ok(TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()))
        }
        None => TokioResolver::builder_tokio(),
    };
    let mut builder = builder.map_err(|error| format!("no resolver: {error}"))?;
    let options = builder.options_mut();
    // Nothing is cached, so that each answer is the server's own. Waiting longer than for a request is of no
    // use.
    options.cache_size = 0;
    options.timeout = spec.settings.timeout;
    options.attempts = 1;
    builder.build().map_err(|error| format!("no resolver: {error}"))
}

async fn addresses(resolver: &TokioResolver, name: &str) -> Result<Vec<IpAddr>, String> {
    match resolver.lookup_ip(format!("{}.", name.trim_end_matches('.'))).await {
        Ok(found) => {
            let mut all: Vec<IpAddr> = found.iter().collect();
            all.sort_unstable();
            Ok(all)
        }
        Err(error) if error.is_nx_domain() || error.is_no_records_found() => {
            Err("does not resolve".to_owned())
        }
        Err(_) => Err("no answer from DNS".to_owned()),
    }
}
