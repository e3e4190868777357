//! Actions: the requests that change something.

use crate::domain::{ScalingRange, Topic, short};
use serde::{Deserialize, Serialize};

/// A request that changes something, with the values that its plan was made from. Each is sent once and never
/// retried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// ecs `UpdateService` with `desiredCount` only.
    Scale {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// Desired count that the plan was made from; the send is refused when it has changed.
        from: u32,
        /// Desired count wanted.
        to: u32,
    },
    /// ecs `UpdateService` with `forceNewDeployment` only.
    Redeploy {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// PRIMARY deployment id that the plan was made from; the send is refused when it has changed.
        primary: String,
    },
    /// ecs `RegisterTaskDefinition` with the current definition and one image changed, then `UpdateService`
    /// with that
    /// `taskDefinition` only.
    Deploy {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// PRIMARY deployment id that the plan was made from.
        primary: String,
        /// Task definition ARN that the plan was made from; its copy differs in the image alone.
        from: String,
        /// Container whose image changes.
        container: String,
        /// The image, pinned: `<registry>/<repository>@sha256:...`.
        image: String,
    },
    /// ecs `UpdateService` with the `taskDefinition` of an earlier revision only: the way back after a
    /// rollout has ended.
    Revert {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// PRIMARY deployment id that the plan was made from.
        primary: String,
        /// Task definition ARN to go back to.
        to: String,
    },
    /// ecs `StopServiceDeployment` with `stopType` ROLLBACK: the way back while a rollout is in flight.
    StopRollout {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// Service deployment ARN; the send is refused unless it is PENDING or `IN_PROGRESS`.
        deployment: String,
    },
    /// ecs `ContinueServiceDeployment` of a PAUSE hook.
    Continue {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// Service deployment ARN.
        deployment: String,
        /// The hook's id; the send is refused unless it awaits action.
        hook: String,
        /// Go on, or roll back.
        go_on: bool,
    },
    /// ecs `StopTask`.
    StopTask {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// Task id; the send is refused when it is stopping already.
        task: String,
    },
    /// application-autoscaling `RegisterScalableTarget`: moves the range, or suspends scaling; only what
    /// changes is sent.
    Range {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// The range that the plan was made from; the send is refused when it has changed.
        from: ScalingRange,
        /// The range wanted.
        to: ScalingRange,
    },
    /// rds `RebootDBInstance` with `ForceFailover`.
    Failover {
        /// DB instance identifier.
        database: String,
        /// Zone of the writer that the plan was made from; the send is refused when it has changed.
        zone: Option<String>,
    },
    /// rds `FailoverDBCluster`: a reader of an Aurora cluster or of a Multi-AZ DB cluster becomes the writer.
    FailoverCluster {
        /// DB cluster identifier.
        cluster: String,
        /// The member that writes as the plan was made; the send is refused when another does.
        writer: String,
        /// The member to promote, `TargetDBInstanceIdentifier`; `None` leaves the choice to RDS.
        to: Option<String>,
    },
}

impl Action {
    /// The service that it changes, if it is one.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::Scale { service, .. }
            | Self::Redeploy { service, .. }
            | Self::Deploy { service, .. }
            | Self::Revert { service, .. }
            | Self::StopRollout { service, .. }
            | Self::Continue { service, .. }
            | Self::StopTask { service, .. }
            | Self::Range { service, .. } => Some(service),
            Self::Failover { .. } | Self::FailoverCluster { .. } => None,
        }
    }

    /// The database that it changes, if it is one: the DB instance, or the cluster.
    pub fn database(&self) -> Option<&str> {
        match self {
            Self::Failover { database, .. } => Some(database),
            Self::FailoverCluster { cluster, .. } => Some(cluster),
            _ => None,
        }
    }

    /// The AWS action that is sent, as IAM names it.
    pub fn call(&self) -> &'static str {
        match self {
            Self::Scale { .. } | Self::Redeploy { .. } | Self::Deploy { .. } | Self::Revert { .. } => {
                "ecs:UpdateService"
            }
            Self::StopRollout { .. } => "ecs:StopServiceDeployment",
            Self::Continue { .. } => "ecs:ContinueServiceDeployment",
            Self::StopTask { .. } => "ecs:StopTask",
            Self::Range { .. } => "application-autoscaling:RegisterScalableTarget",
            Self::Failover { .. } => "rds:RebootDBInstance",
            Self::FailoverCluster { .. } => "rds:FailoverDBCluster",
        }
    }

    /// The readings that show its effect first.
    pub fn shown_by(&self) -> Vec<Topic> {
        match (self, self.service()) {
            (Self::Range { .. }, _) => vec![Topic::Scaling],
            (Self::Scale { .. }, _) => vec![Topic::Services],
            (Self::FailoverCluster { .. }, _) => {
                vec![Topic::Databases, Topic::DbClusters, Topic::DbEvents]
            }
            (Self::Failover { .. }, _) | (_, None) => vec![Topic::Databases, Topic::DbEvents],
            (_, Some(service)) => {
                let name = service.to_owned();
                vec![Topic::Services, Topic::Tasks(name.clone()), Topic::ServiceDeployments(name)]
            }
        }
    }

    /// One line, e.g. `scale backend 2 -> 4`.
    pub fn title(&self) -> String {
        match self {
            Self::Scale { service, from, to, .. } => format!("scale {service} {from} -> {to}"),
            Self::Redeploy { service, .. } => format!("redeploy {service}"),
            Self::Deploy { service, image, .. } => {
                // Twelve digits of a digest tell images apart, as everywhere on the screen.
                let image = short(image);
                let end = image.find("sha256:").map_or(image.len(), |at| (at + 7 + 12).min(image.len()));
                format!("deploy {} to {service}", &image[..end])
            }
            Self::Revert { service, to, .. } => format!("go back to {} of {service}", short(to)),
            Self::StopRollout { service, .. } => format!("roll {service} back"),
            Self::Continue { service, go_on: true, .. } => format!("continue the rollout of {service}"),
            Self::Continue { service, .. } => format!("roll {service} back at its hook"),
            Self::StopTask { service, task, .. } => {
                format!("stop task {} of {service}", task.get(..8).unwrap_or(task))
            }
            Self::Range { service, to, .. } => format!("autoscaling of {service}: {to}"),
            Self::Failover { database, .. } => format!("fail over {database}"),
            Self::FailoverCluster { cluster, to: None, .. } => format!("fail over {cluster}"),
            Self::FailoverCluster { cluster, to: Some(to), .. } => format!("fail over {cluster} to {to}"),
        }
    }
}

/// What AWS answered to an accepted [`Action`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Accepted {
    /// The new desired count.
    Scaled(u32),
    /// The id of the new PRIMARY deployment (`ecs-svc/...`), as far as the answer had it.
    Redeployed(Option<String>),
    /// The new PRIMARY deployment id, and the task definition ARN that was registered for it, if one was.
    Deployed {
        /// `ecs-svc/...`, as far as the answer had it.
        deployment: Option<String>,
        /// The new revision.
        registered: Option<String>,
    },
    /// The rollout was asked to go back, or its hook to continue.
    Asked,
    /// The task is being stopped.
    Stopping,
    /// The autoscaling registration was changed.
    RangeSet,
    /// The status RDS answered with.
    FailoverAccepted(String),
}

impl Accepted {
    /// What AWS answered, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Scaled(to) => format!("desired count is {to}"),
            Self::Redeployed(id) => format!("new deployment {}", id.as_deref().unwrap_or("not named")),
            Self::Deployed { deployment, registered } => format!(
                "new deployment {}{}",
                deployment.as_deref().unwrap_or("not named"),
                registered.as_deref().map(|r| format!(", registered {}", short(r))).unwrap_or_default()
            ),
            Self::Asked => "asked".to_owned(),
            Self::Stopping => "stopping".to_owned(),
            Self::RangeSet => "range set".to_owned(),
            Self::FailoverAccepted(status) => format!("status {status}"),
        }
    }
}
