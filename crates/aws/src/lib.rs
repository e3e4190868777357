//! The only crate that talks to AWS. A [`Query`] becomes calls whose answer is a [`Payload`]; an [`Action`]
//! becomes exactly one request.

mod acm;
mod act;
mod client;
mod cloudwatch;
mod convert;
mod credential_cache;
mod deploys;
mod ec2;
mod ec2_network;
mod ecr;
mod ecr_answers;
mod ecr_candidates;
mod ecr_index;
mod ecr_policy;
mod ecr_repositories;
mod ecs;
mod elb;
mod elb_attributes;
mod error;
mod failure;
#[cfg(test)]
mod fake_server;
mod http_client;
mod json_protocol;
mod logs;
mod paging;
pub mod permissions;
mod plain_text;
mod query_protocol;
mod rds;
mod request_metrics;
mod scaling;
mod secrets;
mod service_endpoint;
mod sigv4_client;
#[cfg(test)]
mod sigv4_client_tests;
mod sts;
#[cfg(test)]
mod tests;
mod xml;

pub use client::{Connect, ConnectError};
pub use error::root_cause;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use credential_cache::CredentialCache;
use http_client::{Handler, MeteredClient};
use json_protocol::JsonService;
use partybox_core::domain::{CallError, Meter, Payload, Query};
use partybox_core::operation::{Accepted, Action};
use query_protocol::QueryService;
use request_metrics::{Clock, RequestMetrics};
use sigv4_client::SigningContext;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A connection to one account and Region. Cheap to clone; clones share clients, connections and the meter.
#[derive(Debug, Clone)]
pub struct Aws {
    shared: Arc<Shared>,
    /// The profile that was asked for by name, if one was.
    profile: Option<Arc<str>>,
    read_only: bool,
}

#[derive(Debug)]
struct Shared {
    config: SdkConfig,
    region: String,
    metrics: Arc<RequestMetrics>,
    groups: elb_attributes::Known,
    signing: SigningContext,
    // Each client is made when first needed, so that a start that asks ECS does not make the others.
    ecs: OnceLock<aws_sdk_ecs::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    ec2: OnceLock<ec2::Ec2>,
    elb: OnceLock<QueryService>,
    rds: OnceLock<QueryService>,
    acm: OnceLock<JsonService>,
    cloudwatch: OnceLock<JsonService>,
    ecr: OnceLock<JsonService>,
    logs: OnceLock<JsonService>,
    scaling: OnceLock<JsonService>,
    secrets: OnceLock<JsonService>,
}

/// Accessors for the clients that are made on first use.
macro_rules! clients {
    ($($name:ident: $client:ty = $make:expr),+ $(,)?) => {
        impl Aws {
            $(fn $name(&self) -> &$client {
                let make: fn(&Shared) -> $client = $make;
                self.shared.$name.get_or_init(|| make(&self.shared))
            })+
        }
    };
}

clients! {
    ecs: aws_sdk_ecs::Client = |shared| aws_sdk_ecs::Client::new(&shared.config),
    sts: aws_sdk_sts::Client = |shared| aws_sdk_sts::Client::new(&shared.config),
    ec2: ec2::Ec2 = |shared| ec2::Ec2::new(&shared.signing),
    elb: QueryService = |shared| QueryService::new(elb::MODEL, &shared.signing),
    rds: QueryService = |shared| QueryService::new(rds::MODEL, &shared.signing),
    acm: JsonService = |shared| JsonService::new(acm::MODEL, &shared.signing),
    cloudwatch: JsonService = |shared| JsonService::new(cloudwatch::MODEL, &shared.signing),
    ecr: JsonService = |shared| JsonService::new(ecr::MODEL, &shared.signing),
    logs: JsonService = |shared| JsonService::new(logs::MODEL, &shared.signing),
    scaling: JsonService = |shared| JsonService::new(scaling::MODEL, &shared.signing),
    secrets: JsonService = |shared| JsonService::new(secrets::MODEL, &shared.signing),
}

impl Aws {
    /// Connects as the AWS environment, the profile files and `connect` say. Sends nothing to the services
    /// yet; may ask the login service for credentials.
    pub async fn connect(connect: Connect) -> Result<Self, ConnectError> {
        let metrics = Arc::new(RequestMetrics::new(Clock::since(connect.epoch)));
        let http = MeteredClient::new(Arc::clone(&metrics));
        client::check_named_endpoint(&connect)?;
        let profile = client::named_profile(&connect).await?;
        let config = Box::pin(client::load(&connect, profile.as_deref(), &http)).await?;
        let explicit = connect.endpoint_url.is_some();
        let aws = Self::assemble(config, metrics, http, explicit)?;
        Ok(Self { profile: profile.map(Arc::from), ..aws })
    }

    /// Connects to an endpoint that checks no signature, such as the simulator: with fixed example keys, and
    /// without a look at the environment or the profile files.
    pub fn local(endpoint_url: &str, region: &str, epoch: Instant) -> Result<Self, ConnectError> {
        let metrics = Arc::new(RequestMetrics::new(Clock::since(epoch)));
        let http = MeteredClient::new(Arc::clone(&metrics));
        let config = client::local(endpoint_url, region, &http)?;
        Self::assemble(config, metrics, http, true)
    }

    /// Connects to `handler`, which answers every request in this process: no socket, no thread, no wait.
    /// Times in the meter are `elapsed`'s, so that a test can control the clock (also tokio's paused one).
    /// With fixed example keys.
    #[doc(hidden)]
    pub fn in_process(
        handler: impl Fn(http::Request<bytes::Bytes>) -> http::Response<bytes::Bytes> + Send + Sync + 'static,
        elapsed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Result<Self, ConnectError> {
        let metrics = Arc::new(RequestMetrics::new(Clock::given(elapsed)));
        let http = MeteredClient::inside(Arc::clone(&metrics), Handler::new(handler));
        let config = client::local("http://in-process", "ap-northeast-1", &http)?;
        // Retries wait by the test's clock, not by the machine's.
        let retries = RetryConfig::standard()
            .with_max_attempts(client::READ_ATTEMPTS)
            .with_initial_backoff(Duration::ZERO);
        let config = config.to_builder().retry_config(retries).build();
        Self::assemble(config, metrics, http, true)
    }

    fn assemble(
        config: SdkConfig,
        metrics: Arc<RequestMetrics>,
        http: MeteredClient,
        explicit: bool,
    ) -> Result<Self, ConnectError> {
        let region = config.region().map(ToString::to_string).ok_or(ConnectError::NoRegion)?;
        let signing = SigningContext {
            credentials: Arc::new(CredentialCache::new(&config)),
            config: config.clone(),
            http,
            metrics: Arc::clone(&metrics),
            explicit_endpoint: explicit,
        };
        let shared = Shared {
            config,
            region,
            metrics,
            groups: elb_attributes::Known::default(),
            signing,
            ecs: OnceLock::new(),
            sts: OnceLock::new(),
            ec2: OnceLock::new(),
            elb: OnceLock::new(),
            rds: OnceLock::new(),
            acm: OnceLock::new(),
            cloudwatch: OnceLock::new(),
            ecr: OnceLock::new(),
            logs: OnceLock::new(),
            scaling: OnceLock::new(),
            secrets: OnceLock::new(),
        };
        Ok(Self { shared: Arc::new(shared), profile: None, read_only: false })
    }

    /// The same connection, but [`Aws::act`] refuses everything.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The Region.
    pub fn region(&self) -> &str {
        &self.shared.region
    }

    /// The profile that `--profile` or `AWS_PROFILE` names, if one does.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// The endpoint that stands for every service, when one is set.
    pub fn endpoint(&self) -> Option<String> {
        self.shared.config.endpoint_url().map(str::to_owned)
    }

    /// Counters and clock so far: requests (also of credential providers), throttled answers, the server's
    /// time.
    pub fn meter(&self) -> Meter {
        self.shared.metrics.read()
    }

    /// Sends a query. Reads are retried (3 attempts, 5 s each, 12 s a call); a query may be several calls.
    pub async fn ask(&self, query: &Query) -> Result<Payload, CallError> {
        // Boxed: the SDK's futures are large, and only one of these is ever needed.
        let answer = match query {
            Query::Identity => Box::pin(sts::identity(self)).await.map(Payload::Identity),
            Query::Clusters { only } => {
                Box::pin(ecs::clusters(self, only.as_deref())).await.map(Payload::Clusters)
            }
            Query::Services { cluster } => {
                Box::pin(ecs::services(self, cluster)).await.map(|s| Payload::Services(Arc::new(s)))
            }
            Query::Tasks { cluster, service } => {
                Box::pin(ecs::tasks(self, cluster, service)).await.map(|t| Payload::Tasks(Arc::new(t)))
            }
            Query::TaskDefinition { arn } => {
                Box::pin(ecs::task_definition(self, arn)).await.map(Payload::TaskDefinition)
            }
            Query::Scaling { resource_ids } => {
                Box::pin(scaling::scaling(self, resource_ids)).await.map(Payload::Scaling)
            }
            Query::ServiceDeployments { cluster, service } => {
                Box::pin(deploys::deployments(self, cluster, service)).await.map(Payload::ServiceDeployments)
            }
            Query::Revisions { arns } => {
                Box::pin(deploys::revisions(self, arns)).await.map(Payload::Revisions)
            }
            Query::Protection { cluster, tasks } => {
                Box::pin(ecs::protection(self, cluster, tasks)).await.map(Payload::Protection)
            }
            Query::TaskLog { group, stream, lines } => {
                Box::pin(logs::last_lines(self, group, stream, *lines)).await.map(Payload::TaskLog)
            }
            Query::Candidates { registry, repository, architecture } => {
                Box::pin(ecr_candidates::candidates(self, registry, repository, architecture.as_deref()))
                    .await
                    .map(Payload::Candidates)
            }
            Query::TargetGroups { arns } => Box::pin(elb::target_groups(self, arns))
                .await
                .map(|(list, unread)| Payload::TargetGroups(list).lacking(unread)),
            Query::TargetHealth { arn } => {
                Box::pin(elb::target_health(self, arn)).await.map(Payload::TargetHealth)
            }
            Query::LoadBalancers { arns } => Box::pin(elb::load_balancers(self, arns))
                .await
                .map(|(list, unread)| Payload::LoadBalancers(list).lacking(unread)),
            Query::Listeners { load_balancer } => Box::pin(elb::listeners(self, load_balancer))
                .await
                .map(|(list, unread)| Payload::Listeners(list).lacking(unread)),
            Query::Certificates { arns } => Box::pin(acm::certificates(self, arns))
                .await
                .map(|(list, unread)| Payload::Certificates(list).lacking(unread)),
            Query::Databases => Box::pin(rds::databases(self)).await.map(Payload::Databases),
            Query::DbClusters => Box::pin(rds::clusters(self)).await.map(Payload::DbClusters),
            Query::DbEvents => Box::pin(rds::events(self)).await.map(Payload::DbEvents),
            Query::Maintenance { resource } => {
                Box::pin(rds::maintenance(self, resource)).await.map(Payload::Maintenance)
            }
            Query::Image { id, architecture } => {
                Box::pin(ecr::image(self, id, architecture.as_deref())).await.map(Payload::Image)
            }
            Query::Repositories { names } => Box::pin(ecr_repositories::repositories(self, names))
                .await
                .map(|(list, unread)| Payload::Repositories(list).lacking(unread)),
            Query::Secrets { arns } => Box::pin(secrets::secrets(self, arns))
                .await
                .map(|(list, unread)| Payload::Secrets(list).lacking(unread)),
            Query::Network { vpc_or_subnet, named } => {
                Box::pin(ec2_network::network(self, vpc_or_subnet, named)).await.map(Payload::Network)
            }
            Query::Metrics { keys } => Box::pin(cloudwatch::metrics(self, keys)).await.map(Payload::Metrics),
            Query::Alarms => Box::pin(cloudwatch::alarms(self)).await.map(Payload::Alarms),
            Query::DbProxies { vpc } => Box::pin(rds::proxies(self, vpc)).await.map(Payload::DbProxies),
            Query::PrefixLists { ids } => {
                Box::pin(ec2_network::prefix_lists(self, ids)).await.map(Payload::PrefixLists)
            }
            Query::VpcEndpoints { vpc } => {
                Box::pin(ec2_network::endpoints(self, vpc)).await.map(Payload::VpcEndpoints)
            }
        };
        answer.map_err(|error| self.name_endpoint(error))
    }

    /// Carries out an action. It reads once more what the plan was made from, refuses when that has changed,
    /// then sends exactly one changing request, which is never retried.
    pub async fn act(&self, action: &Action) -> Result<Accepted, CallError> {
        Box::pin(act::act(self, action)).await.map_err(|error| self.name_endpoint(error))
    }

    fn name_endpoint(&self, error: CallError) -> CallError {
        error::name_endpoint(error, self.shared.config.endpoint_url(), &self.shared.region)
    }
}
