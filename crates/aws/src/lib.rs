//! The only crate that talks to AWS: a [`Query`] becomes calls and a [`Payload`], an [`Action`] exactly one request.

mod acm;
mod act;
mod client;
mod cloudwatch;
mod convert;
mod deploys;
mod ec2;
mod ec2_network;
mod ecr;
mod ecr_candidates;
mod ecr_policy;
mod ecs;
mod elb;
mod elb_attributes;
mod error;
#[cfg(test)]
mod fake_server;
mod http_client;
mod logs;
pub mod permissions;
mod rds;
mod request_metrics;
mod scaling;
mod secrets;
mod sigv4_client;
mod sts;
#[cfg(test)]
mod tests;
mod xml;

pub use client::{Connect, ConnectError};
pub use error::innermost;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use http_client::{Handler, MeteredClient};
use partybox_core::domain::{CallError, Meter, Payload, Query};
use partybox_core::operation::{Accepted, Action};
use request_metrics::{Clock, RequestMetrics};
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
    ec2: ec2::Ec2,
    logs: logs::Logs,
    groups: elb_attributes::Known,
    // Each client is made when first needed: a start that asks ECS pays for ECS alone.
    ecs: OnceLock<aws_sdk_ecs::Client>,
    elb: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    rds: OnceLock<aws_sdk_rds::Client>,
    ecr: OnceLock<aws_sdk_ecr::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    scaling: OnceLock<aws_sdk_applicationautoscaling::Client>,
    acm: OnceLock<aws_sdk_acm::Client>,
    secrets: OnceLock<aws_sdk_secretsmanager::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
}

/// Accessors for the clients that are made on first use.
macro_rules! clients {
    ($($name:ident: $krate:ident),+ $(,)?) => {
        impl Aws {
            $(fn $name(&self) -> &$krate::Client {
                self.shared.$name.get_or_init(|| $krate::Client::new(&self.shared.config))
            })+
        }
    };
}

clients! {
    ecs: aws_sdk_ecs,
    elb: aws_sdk_elasticloadbalancingv2,
    rds: aws_sdk_rds,
    ecr: aws_sdk_ecr,
    cloudwatch: aws_sdk_cloudwatch,
    scaling: aws_sdk_applicationautoscaling,
    acm: aws_sdk_acm,
    secrets: aws_sdk_secretsmanager,
    sts: aws_sdk_sts,
}

impl Aws {
    /// Connects as the AWS environment, the profile files and `connect` say. Sends nothing to the services yet;
    /// may ask the login service for credentials.
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

    /// Connects to `handler`, which answers every request in this process: no socket, no thread, no wait. Times in
    /// the meter are `elapsed`'s, so that a test can turn its own clock (or tokio's, paused). With fixed example keys.
    #[doc(hidden)]
    pub fn in_process(
        handler: impl Fn(http::Request<bytes::Bytes>) -> http::Response<bytes::Bytes> + Send + Sync + 'static,
        elapsed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Result<Self, ConnectError> {
        let metrics = Arc::new(RequestMetrics::new(Clock::given(elapsed)));
        let http = MeteredClient::inside(Arc::clone(&metrics), Handler::new(handler));
        let config = client::local("http://in-process", "ap-northeast-1", &http)?;
        // Whatever clock the test turns, the machine's is not waited for.
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
        let ec2 = ec2::Ec2::new(&config, http.clone(), Arc::clone(&metrics), explicit);
        let logs = logs::Logs::new(&config, http, Arc::clone(&metrics), explicit);
        let shared = Shared {
            config,
            region,
            metrics,
            ec2,
            logs,
            groups: elb_attributes::Known::default(),
            ecs: OnceLock::new(),
            elb: OnceLock::new(),
            rds: OnceLock::new(),
            ecr: OnceLock::new(),
            cloudwatch: OnceLock::new(),
            scaling: OnceLock::new(),
            acm: OnceLock::new(),
            secrets: OnceLock::new(),
            sts: OnceLock::new(),
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

    /// Requests (those of credential providers too), throttling and the server's clock so far.
    pub fn meter(&self) -> Meter {
        self.shared.metrics.read()
    }

    /// Asks. Reads are retried (3 attempts, 5 s each, 12 s a call); a query may be several calls.
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
            Query::TaskLog { group, stream, lines } => {
                Box::pin(logs::last_lines(self, group, stream, *lines)).await.map(Payload::TaskLog)
            }
            Query::Candidates { registry, repository } => {
                Box::pin(ecr_candidates::candidates(self, registry, repository))
                    .await
                    .map(Payload::Candidates)
            }
            Query::TargetGroups { arns } => {
                Box::pin(elb::target_groups(self, arns)).await.map(Payload::TargetGroups)
            }
            Query::TargetHealth { arn } => {
                Box::pin(elb::target_health(self, arn)).await.map(Payload::TargetHealth)
            }
            Query::LoadBalancers { arns } => {
                Box::pin(elb::load_balancers(self, arns)).await.map(Payload::LoadBalancers)
            }
            Query::Listeners { load_balancer } => {
                Box::pin(elb::listeners(self, load_balancer)).await.map(Payload::Listeners)
            }
            Query::Certificates { arns } => {
                Box::pin(acm::certificates(self, arns)).await.map(Payload::Certificates)
            }
            Query::Databases => Box::pin(rds::databases(self)).await.map(Payload::Databases),
            Query::DbClusters => Box::pin(rds::clusters(self)).await.map(Payload::DbClusters),
            Query::DbEvents => Box::pin(rds::events(self)).await.map(Payload::DbEvents),
            Query::Maintenance { resource } => {
                Box::pin(rds::maintenance(self, resource)).await.map(Payload::Maintenance)
            }
            Query::Image { id } => Box::pin(ecr::image(self, id)).await.map(Payload::Image),
            Query::Repositories { names } => {
                Box::pin(ecr::repositories(self, names)).await.map(Payload::Repositories)
            }
            Query::Secrets { arns } => Box::pin(secrets::secrets(self, arns)).await.map(Payload::Secrets),
            Query::Network { vpc_or_subnet } => {
                Box::pin(ec2_network::network(self, vpc_or_subnet)).await.map(Payload::Network)
            }
            Query::Metrics { keys } => Box::pin(cloudwatch::metrics(self, keys)).await.map(Payload::Metrics),
            Query::Alarms => Box::pin(cloudwatch::alarms(self)).await.map(Payload::Alarms),
        };
        answer.map_err(|error| self.name_endpoint(error))
    }

    /// Does it: looks once more, refuses when what the plan was made from has changed, then sends exactly one
    /// changing request, which is never retried.
    pub async fn act(&self, action: &Action) -> Result<Accepted, CallError> {
        Box::pin(act::act(self, action)).await.map_err(|error| self.name_endpoint(error))
    }

    fn name_endpoint(&self, error: CallError) -> CallError {
        error::name_endpoint(error, self.shared.config.endpoint_url(), &self.shared.region)
    }
}
