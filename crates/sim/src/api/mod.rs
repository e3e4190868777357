//! The AWS services, one file each: from an operation's input and the world to its answer.
mod acm;
mod autoscaling;
mod cloudwatch;
mod ec2;
mod ecr;
mod ecs;
mod elbv2;
mod logs;
mod rds;
mod secretsmanager;
mod shared;
mod sts;

use chrono::{DateTime, Utc};

use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::Node;
use crate::world::World;

/// An AWS service that the account answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Acm,
    AutoScaling,
    CloudWatch,
    Ec2,
    Ecr,
    Ecs,
    Elbv2,
    Logs,
    Rds,
    SecretsManager,
    Sts,
}

impl Service {
    /// Finds a service by the prefix of `X-Amz-Target`, which is also its name in rpc-v2-cbor's paths.
    pub(crate) fn from_target(prefix: &str) -> Option<Self> {
        Some(match prefix {
            "AmazonEC2ContainerServiceV20141113" => Self::Ecs,
            "AmazonEC2ContainerRegistry_V20150921" => Self::Ecr,
            "AnyScaleFrontendService" => Self::AutoScaling,
            "CertificateManager" => Self::Acm,
            "GraniteServiceVersion20100801" => Self::CloudWatch,
            "Logs_20140328" => Self::Logs,
            "secretsmanager" => Self::SecretsManager,
            _ => return None,
        })
    }

    /// Finds a service by a form's `Version`, else by the service that the request was signed for.
    pub(crate) fn from_query(version: &str, signed_for: Option<&str>) -> Option<Self> {
        Some(match version {
            "2010-08-01" => Self::CloudWatch,
            "2011-06-15" => Self::Sts,
            "2014-10-31" => Self::Rds,
            "2015-12-01" => Self::Elbv2,
            "2016-11-15" => Self::Ec2,
            _ => match signed_for? {
                "monitoring" => Self::CloudWatch,
                "sts" => Self::Sts,
                "rds" => Self::Rds,
                "elasticloadbalancing" => Self::Elbv2,
                "ec2" => Self::Ec2,
                _ => return None,
            },
        })
    }

    /// The name that requests to the service are signed with.
    pub(crate) const fn signing_name(self) -> &'static str {
        match self {
            Self::Acm => "acm",
            Self::AutoScaling => "application-autoscaling",
            Self::CloudWatch => "monitoring",
            Self::Ec2 => "ec2",
            Self::Ecr => "ecr",
            Self::Ecs => "ecs",
            Self::Elbv2 => "elasticloadbalancing",
            Self::Logs => "logs",
            Self::Rds => "rds",
            Self::SecretsManager => "secretsmanager",
            Self::Sts => "sts",
        }
    }

    /// The XML namespace of the service's answers; empty for services that answer in JSON alone.
    pub(crate) const fn namespace(self) -> &'static str {
        match self {
            Self::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
            Self::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
            Self::Elbv2 => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
            Self::Rds => "http://rds.amazonaws.com/doc/2014-10-31/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::Acm | Self::AutoScaling | Self::Ecr | Self::Ecs | Self::Logs | Self::SecretsManager => "",
        }
    }
}

/// Runs an operation; `None` when the service has none of that name.
pub(crate) fn call(
    service: Service,
    operation: &str,
    world: &mut World,
    input: Input<'_>,
    now: DateTime<Utc>,
) -> Option<Result<Node, ApiError>> {
    match service {
        Service::Acm => acm::call(operation, world, input),
        Service::AutoScaling => autoscaling::call(operation, world, input, now),
        Service::CloudWatch => cloudwatch::call(operation, world, input),
        Service::Ec2 => ec2::call(operation, world, input),
        Service::Ecr => ecr::call(operation, world, input, now),
        Service::Ecs => ecs::call(operation, world, input, now),
        Service::Elbv2 => elbv2::call(operation, world, input),
        Service::Logs => logs::call(operation, world, input),
        Service::Rds => rds::call(operation, world, input, now),
        Service::SecretsManager => secretsmanager::call(operation, world, input, now),
        Service::Sts => sts::call(operation, world),
    }
}
