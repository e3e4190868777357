//! What can be done to a Party Box: the requests that change something.

/// One change, with what was read before it. Each is sent once and never retried.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// rds `RebootDBInstance` with `ForceFailover`.
    Failover {
        /// DB instance identifier.
        database: String,
        /// Zone of the writer that the plan was made from; the send is refused when it has changed.
        zone: Option<String>,
    },
}

/// What AWS answered to an accepted [`Action`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// The new desired count.
    Scaled(u32),
    /// The id of the new PRIMARY deployment (`ecs-svc/...`), as far as the answer had it.
    Redeployed(Option<String>),
    /// The status RDS answered with.
    FailoverAccepted(String),
}
