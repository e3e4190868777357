//! Facts of each topic, one row each: its AWS actions, its rate limit, and what is joined from it.

use super::{ImageId, Query, Topic};
use serde::{Deserialize, Serialize};

/// Facts of a topic that its name alone does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicFacts {
    /// The AWS actions that reading it calls, as IAM names them.
    pub actions: &'static [&'static str],
    /// The rate limit that it counts against.
    pub limit: RateLimit,
    /// What of the Party Box follows from it.
    pub joins: Joins,
}

/// What of the Party Box follows from a reading and is joined anew when one comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joins {
    /// Nothing.
    Nothing,
    /// The one service or target group that the topic names.
    One,
    /// The databases.
    Databases,
    /// All of it.
    All,
}

/// AWS's published rate limits, as far as a reading counts against one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RateLimit {
    /// ECS: clusters and services.
    EcsServices,
    /// ECS: tasks.
    EcsTasks,
    /// ECS: task definitions.
    EcsDefinitions,
    /// ECS: service deployments.
    EcsDeployments,
    /// ECS: service revisions.
    EcsRevisions,
    /// Elastic Load Balancing.
    Elb,
    /// EC2.
    Ec2,
    /// All others together.
    Other,
}

impl RateLimit {
    /// (burst, refill per second): 40 % of the published burst and 20 % of the refill, as others share the
    /// account.
    pub fn share(self) -> (f64, f64) {
        match self {
            Self::EcsServices | Self::EcsTasks | Self::Ec2 => (40.0, 4.0),
            Self::EcsDefinitions | Self::EcsDeployments | Self::EcsRevisions => (20.0, 4.0),
            Self::Elb => (16.0, 2.0),
            Self::Other => (30.0, 4.0),
        }
    }
}

const fn row(limit: RateLimit, joins: Joins, actions: &'static [&'static str]) -> TopicFacts {
    TopicFacts { actions, limit, joins }
}

impl Topic {
    /// One topic of each kind, with made-up names: for what is said of kinds, such as the permissions that
    /// they need.
    pub fn one_of_each() -> Vec<Self> {
        let text = || "x".to_owned();
        let image = ImageId { registry: text(), repository: text(), digest: text() };
        vec![
            Topic::Identity,
            Topic::Clusters,
            Topic::Services,
            Topic::Tasks(text()),
            Topic::TaskDefinition(text()),
            Topic::Scaling,
            Topic::ServiceDeployments(text()),
            Topic::Revisions(text()),
            Topic::Protection(text()),
            Topic::TaskLog(text()),
            Topic::Candidates(text(), text()),
            Topic::TargetGroups,
            Topic::TargetHealth(text()),
            Topic::LoadBalancers,
            Topic::Listeners(text()),
            Topic::Certificates,
            Topic::Databases,
            Topic::DbEvents,
            Topic::Image(image),
            Topic::Repositories,
            Topic::Secrets,
            Topic::Network,
            Topic::Metrics,
            Topic::Alarms,
            Topic::DbClusters,
            Topic::Maintenance(text()),
            Topic::DbProxies,
            Topic::PrefixLists,
            Topic::VpcEndpoints,
        ]
    }

    /// Its row.
    pub const fn facts(&self) -> TopicFacts {
        use Joins::{All, Databases, Nothing, One};
        use RateLimit::{
            Ec2, EcsDefinitions, EcsDeployments, EcsRevisions, EcsServices, EcsTasks, Elb, Other,
        };
        match self {
            Self::Identity => row(Other, Nothing, &["sts:GetCallerIdentity"]),
            Self::Clusters => row(EcsServices, Nothing, &["ecs:ListClusters", "ecs:DescribeClusters"]),
            Self::Services => row(EcsServices, All, &["ecs:ListServices", "ecs:DescribeServices"]),
            Self::Tasks(_) => row(EcsTasks, One, TASKS),
            Self::TaskDefinition(_) => row(EcsDefinitions, All, &["ecs:DescribeTaskDefinition"]),
            Self::Scaling => row(Other, All, SCALING),
            Self::ServiceDeployments(_) => row(EcsDeployments, Nothing, DEPLOYMENTS),
            Self::Revisions(_) => row(EcsRevisions, Nothing, &["ecs:DescribeServiceRevisions"]),
            Self::Protection(_) => row(EcsTasks, Nothing, &["ecs:GetTaskProtection"]),
            Self::TaskLog(_) => row(Other, Nothing, &["logs:GetLogEvents"]),
            Self::Candidates(..) => row(Other, Nothing, IMAGES),
            Self::TargetGroups => row(Elb, All, TARGET_GROUPS),
            Self::TargetHealth(_) => row(Elb, One, &["elasticloadbalancing:DescribeTargetHealth"]),
            Self::LoadBalancers => row(Elb, All, &["elasticloadbalancing:DescribeLoadBalancers"]),
            Self::Listeners(_) => row(Elb, All, LISTENERS),
            Self::Certificates => row(Other, Nothing, &["acm:DescribeCertificate"]),
            Self::Databases => row(Other, Databases, &["rds:DescribeDBInstances"]),
            Self::DbClusters => row(Other, Databases, &["rds:DescribeDBClusters"]),
            Self::DbEvents => row(Other, Nothing, &["rds:DescribeEvents"]),
            Self::Maintenance(_) => row(Other, Nothing, &["rds:DescribePendingMaintenanceActions"]),
            Self::Image(_) => row(Other, All, IMAGES),
            Self::Repositories => row(Other, Nothing, REPOSITORIES),
            Self::Secrets => row(Other, Databases, &["secretsmanager:DescribeSecret"]),
            Self::Network => row(Ec2, All, NETWORK),
            Self::Metrics => row(Other, Nothing, &["cloudwatch:GetMetricData"]),
            Self::Alarms => row(Other, Nothing, &["cloudwatch:DescribeAlarms"]),
            Self::DbProxies => row(Other, Databases, PROXIES),
            Self::PrefixLists => row(Ec2, Databases, &["ec2:GetManagedPrefixListEntries"]),
            Self::VpcEndpoints => row(Ec2, Nothing, &["ec2:DescribeVpcEndpoints"]),
        }
    }
}

const TASKS: &[&str] = &["ecs:ListTasks", "ecs:DescribeTasks", "ecs:DescribeContainerInstances"];
const SCALING: &[&str] =
    &["application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies"];
const DEPLOYMENTS: &[&str] = &["ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments"];
const IMAGES: &[&str] = &["ecr:DescribeImages", "ecr:DescribeImageScanFindings", "ecr:BatchGetImage"];
const REPOSITORIES: &[&str] =
    &["ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:GetRegistryScanningConfiguration"];
const TARGET_GROUPS: &[&str] =
    &["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroupAttributes"];
const LISTENERS: &[&str] = &[
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeListenerCertificates",
];
const PROXIES: &[&str] = &["rds:DescribeDBProxies", "rds:DescribeDBProxyTargets"];
const NETWORK: &[&str] = &[
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeRouteTables",
    "ec2:DescribeNatGateways",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeSecurityGroups",
];

/// Target groups whose attributes one reading brings: AWS tells those of one group a call.
pub const ATTRIBUTES_A_POLL: usize = 8;

impl Query {
    /// About how many requests it makes.
    pub fn requests(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a handful of requests")]
        let count = |n: usize| n as f64;
        match self {
            Self::Services { .. }
            | Self::Clusters { .. }
            | Self::Scaling { .. }
            | Self::DbProxies { .. }
            | Self::ServiceDeployments { .. } => 2.0,
            Self::Candidates { .. } => 22.0,
            // Two, and of an index one more for what is in it.
            Self::Tasks { .. } | Self::Image { .. } => 3.0,
            // 20 groups a call, and the attributes of a few of them.
            Self::TargetGroups { arns } => count(arns.len().div_ceil(20) + arns.len().min(ATTRIBUTES_A_POLL)),
            Self::Listeners { .. } => 5.0,
            Self::Certificates { arns } | Self::Secrets { arns } => count(arns.len()),
            Self::Repositories { names } => 1.0 + 2.0 * count(names.len()),
            Self::Network { .. } => 6.0,
            Self::PrefixLists { ids } => count(ids.len()),
            _ => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Topic;
    use std::collections::BTreeSet;

    #[test]
    fn the_readme_allows_what_readings_call_and_nothing_else() {
        let readme = include_str!("../../../../README.md");
        let start = readme.find("\"Action\": [").expect("a policy");
        let list = &readme[start..start + readme[start..].find(']').expect("the end of its list")];
        let allowed: BTreeSet<&str> =
            list.split('"').filter(|part| part.contains(':') && !part.contains(' ')).collect();
        let called: BTreeSet<&str> =
            Topic::one_of_each().iter().flat_map(|topic| topic.facts().actions).copied().collect();
        assert_eq!(allowed, called);
    }
}
