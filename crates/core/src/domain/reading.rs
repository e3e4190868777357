//! Readings: topics, queries, payloads and errors of polls.

use super::{
    Alarm, Certificate, Cluster, Database, DbCluster, DbEvent, DbProxy, EcrImage, Image, ImageId, Listener,
    LoadBalancer, LogLine, Maintenance, MetricKey, Network, PrefixList, Repository, Scaling, Secret, Series,
    Service, ServiceDeployment, ServiceRevision, TargetGroup, TargetHealth, Task, TaskDefinition,
    TaskProtection, VpcEndpoint,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What a reading is about. The store keeps the newest reading of each topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Topic {
    /// Who we are (STS).
    Identity,
    /// The account's clusters.
    Clusters,
    /// The cluster's services.
    Services,
    /// A service's tasks, running and lately stopped. By service name.
    Tasks(String),
    /// A task definition. By ARN.
    TaskDefinition(String),
    /// The services' autoscaling registrations.
    Scaling,
    /// A service's newest deployments (at most 20), newest first. By service name.
    ServiceDeployments(String),
    /// The service revisions that those deployments name. By service name.
    Revisions(String),
    /// Which tasks of a service are protected from being stopped, while a rollout waits for old ones to stop. By
    /// service name.
    Protection(String),
    /// The last log lines of a task that failed, from its own stream. By task id.
    TaskLog(String),
    /// The newest images of a repository, while one is being chosen. By (registry, repository).
    Candidates(String, String),
    /// Target groups that the services use.
    TargetGroups,
    /// Health of a target group's targets. By target group ARN.
    TargetHealth(String),
    /// Load balancers of those target groups.
    LoadBalancers,
    /// A load balancer's listeners and rules. By load balancer ARN.
    Listeners(String),
    /// The listeners' certificates.
    Certificates,
    /// All databases of the account; the Party Box is of those that the services can reach.
    Databases,
    /// The DB clusters whose members those databases are.
    DbClusters,
    /// RDS events.
    DbEvents,
    /// What RDS wants to do to a DB instance or cluster. By its ARN.
    Maintenance(String),
    /// A running image and its scan.
    Image(ImageId),
    /// The repositories of the running images.
    Repositories,
    /// Secrets that the task definitions name.
    Secrets,
    /// The VPC.
    Network,
    /// CloudWatch series.
    Metrics,
    /// CloudWatch alarms.
    Alarms,
    /// The RDS Proxies of the services' VPC.
    DbProxies,
    /// Prefix lists that the databases' security groups admit.
    PrefixLists,
    /// The VPC's endpoints.
    VpcEndpoints,
}

/// A question for AWS, with everything that the `aws` crate needs to ask it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Query {
    /// sts `GetCallerIdentity`.
    Identity,
    /// ecs `ListClusters` + `DescribeClusters`; or `DescribeClusters` of the one named.
    Clusters {
        /// Only this cluster, when named.
        only: Option<String>,
    },
    /// ecs `ListServices` + `DescribeServices` (tens).
    Services {
        /// Cluster name.
        cluster: String,
    },
    /// ecs `ListTasks` (RUNNING and STOPPED) + `DescribeTasks` (hundreds).
    Tasks {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
    },
    /// ecs `DescribeTaskDefinition`.
    TaskDefinition {
        /// Its ARN.
        arn: String,
    },
    /// application-autoscaling `DescribeScalableTargets` + `DescribeScalingPolicies`.
    Scaling {
        /// `service/<cluster>/<service>` of each service.
        resource_ids: Vec<String>,
    },
    /// ecs `ListServiceDeployments` (newest 20) + `DescribeServiceDeployments`.
    ServiceDeployments {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
    },
    /// ecs `DescribeServiceRevisions` (twenties).
    Revisions {
        /// Their ARNs.
        arns: Vec<String>,
    },
    /// ecs `GetTaskProtection` of at most 100 tasks.
    Protection {
        /// Cluster name or ARN.
        cluster: String,
        /// Task ids.
        tasks: Vec<String>,
    },
    /// logs `GetLogEvents` of one stream, the last lines.
    TaskLog {
        /// Log group.
        group: String,
        /// Stream: `<prefix>/<container>/<task id>`.
        stream: String,
        /// How many lines.
        lines: u32,
    },
    /// ecr `DescribeImages` (newest 20 tagged) + `DescribeImageScanFindings` of each; of indexes,
    /// `BatchGetImage` tells what is in them.
    Candidates {
        /// Registry account.
        registry: String,
        /// Repository.
        repository: String,
        /// CPU architecture of the tasks, which an index is resolved for; `None` = not known.
        #[serde(default)]
        architecture: Option<String>,
    },
    /// elasticloadbalancing `DescribeTargetGroups` + `DescribeTargetGroupAttributes`.
    TargetGroups {
        /// Their ARNs.
        arns: Vec<String>,
    },
    /// elasticloadbalancing `DescribeTargetHealth`.
    TargetHealth {
        /// The target group's ARN.
        arn: String,
    },
    /// elasticloadbalancing `DescribeLoadBalancers`.
    LoadBalancers {
        /// Their ARNs.
        arns: Vec<String>,
    },
    /// elasticloadbalancing `DescribeListeners` + `DescribeRules` + `DescribeListenerCertificates`.
    Listeners {
        /// The load balancer's ARN.
        load_balancer: String,
    },
    /// acm `DescribeCertificate` each.
    Certificates {
        /// Their ARNs.
        arns: Vec<String>,
    },
    /// rds `DescribeDBInstances`: all of the account; `PartyBox` keeps those that admit the services.
    Databases,
    /// rds `DescribeDBClusters`.
    DbClusters,
    /// rds `DescribeEvents` of DB instances and clusters of the last 24 hours.
    DbEvents,
    /// rds `DescribePendingMaintenanceActions` of one resource.
    Maintenance {
        /// ARN of the DB instance or cluster.
        resource: String,
    },
    /// ecr `DescribeImages` + `DescribeImageScanFindings` by digest; of an index, `BatchGetImage` tells what is
    /// in it.
    Image {
        /// Which.
        id: ImageId,
        /// CPU architecture of the tasks, which an index is resolved for; `None` = not known.
        #[serde(default)]
        architecture: Option<String>,
    },
    /// ecr `DescribeRepositories` + `GetLifecyclePolicy` + `GetRegistryScanningConfiguration`.
    Repositories {
        /// (registry account, name).
        names: Vec<(String, String)>,
    },
    /// secretsmanager `DescribeSecret` each.
    Secrets {
        /// Their ARNs.
        arns: Vec<String>,
    },
    /// ec2 `DescribeVpcs`, Subnets, `RouteTables`, `NatGateways`, `InternetGateways`, `SecurityGroups`.
    Network {
        /// The VPC's id; or, when not known yet, a subnet in it.
        vpc_or_subnet: String,
        /// Subnets and security groups that the services name.
        #[serde(default)]
        named: Vec<String>,
    },
    /// cloudwatch `GetMetricData`, the last hour in minutes.
    Metrics {
        /// Which series.
        keys: Vec<MetricKey>,
    },
    /// cloudwatch `DescribeAlarms`.
    Alarms,
    /// rds `DescribeDBProxies` + `DescribeDBProxyTargets` of each.
    DbProxies {
        /// Only those of this VPC.
        vpc: String,
    },
    /// ec2 `GetManagedPrefixListEntries` of each.
    PrefixLists {
        /// Their ids.
        ids: Vec<String>,
    },
    /// ec2 `DescribeVpcEndpoints`.
    VpcEndpoints {
        /// The VPC's id.
        vpc: String,
    },
}

/// What came back for a [`Query`]. Shared, so that a view over 5,000 tasks copies nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Payload {
    /// Who we are.
    Identity(Identity),
    /// Clusters.
    Clusters(Vec<Cluster>),
    /// Services.
    #[serde(with = "shared")]
    Services(Arc<Vec<Service>>),
    /// Tasks.
    #[serde(with = "shared")]
    Tasks(Arc<Vec<Task>>),
    /// A task definition.
    TaskDefinition(TaskDefinition),
    /// Autoscaling registrations.
    Scaling(Vec<Scaling>),
    /// A service's deployments, newest first.
    ServiceDeployments(Vec<ServiceDeployment>),
    /// Service revisions.
    Revisions(Vec<ServiceRevision>),
    /// Protected tasks.
    Protection(Vec<TaskProtection>),
    /// Log lines, oldest first.
    TaskLog(Vec<LogLine>),
    /// Images to choose from, newest first.
    Candidates(Vec<EcrImage>),
    /// Target groups.
    TargetGroups(Vec<TargetGroup>),
    /// Health of one group's targets.
    TargetHealth(Vec<TargetHealth>),
    /// Load balancers.
    LoadBalancers(Vec<LoadBalancer>),
    /// Listeners with rules.
    Listeners(Vec<Listener>),
    /// Certificates.
    Certificates(Vec<Certificate>),
    /// Databases.
    Databases(Vec<Database>),
    /// DB clusters.
    DbClusters(Vec<DbCluster>),
    /// RDS events, newest last.
    DbEvents(Vec<DbEvent>),
    /// Pending maintenance of a DB instance or cluster.
    Maintenance(Vec<Maintenance>),
    /// An image.
    Image(Image),
    /// Repositories.
    Repositories(Vec<Repository>),
    /// Secrets.
    Secrets(Vec<Secret>),
    /// The VPC.
    Network(Network),
    /// Series.
    Metrics(Vec<(MetricKey, Series)>),
    /// Alarms.
    Alarms(Vec<Alarm>),
    /// Proxies.
    DbProxies(Vec<DbProxy>),
    /// Prefix lists.
    PrefixLists(Vec<PrefixList>),
    /// VPC endpoints.
    VpcEndpoints(Vec<VpcEndpoint>),
    /// An answer about many things of which some could not be read. The store keeps the two apart: see
    /// [`crate::domain::Store::gone`].
    Partly(Box<Payload>, Vec<Unread>),
}

impl Payload {
    /// The same, with what could not be read of it. Without any it is the payload itself.
    #[must_use]
    pub fn lacking(self, unread: Vec<Unread>) -> Self {
        if unread.is_empty() { self } else { Self::Partly(Box::new(self), unread) }
    }

    /// What was read, and what of it could not be.
    pub fn split(self) -> (Self, Vec<Unread>) {
        match self {
            Self::Partly(payload, unread) => (*payload, unread),
            whole => (whole, Vec::new()),
        }
    }
}

/// One of the things of a reading that could not be read while others were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// By the name with which it was asked for: mostly an ARN.
    pub name: String,
    /// Why. [`ErrorKind::NotFound`]: what something else names does not exist.
    pub error: CallError,
}

/// A shared list is written as the list that it is.
mod shared {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        list: &Arc<Vec<T>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        list.as_slice().serialize(to)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<Vec<T>>, D::Error> {
        Vec::deserialize(from).map(Arc::new)
    }
}

/// The caller, from `GetCallerIdentity`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// 12 digits.
    pub account: String,
    /// Full ARN of the caller.
    pub arn: String,
}

impl Identity {
    /// The role or user name in the ARN: `assumed-role/NAME/session` -> `NAME`, `user/NAME` -> `NAME`.
    pub fn role(&self) -> &str {
        let mut parts = self.arn.rsplit(':').next().unwrap_or("").split('/');
        let kind = parts.next().unwrap_or("");
        parts.next().unwrap_or(kind)
    }
}

/// Why a call failed, as far as it changes what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorKind {
    /// No permission: names the action.
    Denied,
    /// Credentials expired or missing.
    Credentials,
    /// Slow down.
    Throttled,
    /// No answer: refused, reset, DNS, timed out.
    Unreachable,
    /// What was asked for does not exist.
    NotFound,
    /// The endpoint does not know the operation, or answered something that is no answer (HTML, ...).
    Unsupported,
    /// Anything else that the service said.
    Service,
    /// The program refused it before it was sent (read-only, state changed under the plan).
    Refused,
    /// A change was sent, and nothing says whether it was carried out: no answer, a broken one, or HTTP 5xx.
    Unclear,
}

impl ErrorKind {
    /// All.
    pub const ALL: [Self; 9] = [
        Self::Denied,
        Self::Credentials,
        Self::Throttled,
        Self::Unreachable,
        Self::NotFound,
        Self::Unsupported,
        Self::Service,
        Self::Refused,
        Self::Unclear,
    ];
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallError {
    /// What kind.
    pub kind: ErrorKind,
    /// The AWS action, e.g. `ecs:DescribeServices`.
    pub action: String,
    /// The service's error code, when there was one.
    pub code: Option<String>,
    /// A sentence for people.
    pub message: String,
}

/// What the connection itself reports beside the answers: the number of requests, the server's clock, and
/// whether the endpoint is a simulator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Meter {
    /// HTTP requests sent since start.
    pub requests: u64,
    /// Throttling answers since start.
    pub throttles: u64,
    /// The newest `Date` header, with the monotonic time at which it came.
    pub server_date: Option<(Duration, DateTime<Utc>)>,
    /// Speed and scenario, when the endpoint says that it is simulated.
    pub simulated: Option<Simulated>,
}

/// What a simulated endpoint reports in the header `x-partybox-sim`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Simulated {
    /// Virtual seconds per second.
    pub speed: f64,
    /// Scenario name.
    pub scenario: String,
}
