//! The store: the newest reading of each topic, its age and its last error.

use super::{
    Alarm, CallError, Certificate, Cluster, Database, DbCluster, DbEvent, EcrImage, Identity, Image, ImageId,
    Listener, LoadBalancer, LogLine, Maintenance, MetricKey, Network, Payload, Query, Repository, Scaling,
    Secret, Series, Service, ServiceDeployment, ServiceRevision, TargetGroup, TargetHealth, Task,
    TaskDefinition, Topic,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What the store knows of one topic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// The last good payload; kept when a later poll fails.
    pub payload: Option<Payload>,
    /// When it was asked for, on the program's monotonic clock. The content may be older than its arrival,
    /// never older than the question.
    pub taken: Option<Duration>,
    /// When it was asked for: the server's clock.
    pub taken_at: Option<DateTime<Utc>>,
    /// The failure since then, if the last poll failed.
    pub failure: Option<Failure>,
    /// The poll under way: its run number and when it was sent.
    pub in_flight: Option<(u64, Duration)>,
    /// When the next poll is due, monotonic.
    pub due: Duration,
    /// The question last sent; another question about the same topic is due at once.
    pub asked: Option<Query>,
}

/// Why the newest poll of a topic failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong.
    pub error: CallError,
    /// Since when it has been failing, monotonic.
    pub since: Duration,
    /// Failures in a row.
    pub count: u32,
}

/// All slots, by topic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Store {
    #[serde(with = "super::pairs")]
    slots: BTreeMap<Topic, Slot>,
}

macro_rules! list {
    ($(#[$doc:meta])* $name:ident, $topic:expr, $variant:ident, $item:ty) => {
        $(#[$doc])*
        pub fn $name(&self) -> &[$item] {
            match self.payload(&$topic) {
                Some(Payload::$variant(list)) => list,
                _ => &[],
            }
        }
    };
}

impl Store {
    /// The slot of a topic, if it was ever asked for.
    pub fn slot(&self, topic: &Topic) -> Option<&Slot> {
        self.slots.get(topic)
    }

    /// The slot of a topic, made when absent.
    pub fn slot_mut(&mut self, topic: &Topic) -> &mut Slot {
        self.slots.entry(topic.clone()).or_default()
    }

    /// Makes the next poll of a topic due at once.
    pub fn expire(&mut self, topic: &Topic) {
        self.slot_mut(topic).due = Duration::ZERO;
    }

    /// All slots.
    pub fn iter(&self) -> impl Iterator<Item = (&Topic, &Slot)> {
        self.slots.iter()
    }

    /// Forgets the topics that are no longer wanted. Says whether there were any.
    pub fn retain(&mut self, keep: impl Fn(&Topic) -> bool) -> bool {
        let before = self.slots.len();
        self.slots.retain(|topic, _| keep(topic));
        self.slots.len() < before
    }

    /// The last good payload of a topic.
    pub fn payload(&self, topic: &Topic) -> Option<&Payload> {
        self.slots.get(topic)?.payload.as_ref()
    }

    /// The failure of a topic, if its newest poll failed.
    pub fn failure(&self, topic: &Topic) -> Option<&Failure> {
        self.slots.get(topic)?.failure.as_ref()
    }

    /// Whether a topic has an answer, good or bad.
    pub fn answered(&self, topic: &Topic) -> bool {
        self.slots.get(topic).is_some_and(|s| s.payload.is_some() || s.failure.is_some())
    }

    list!(
        /// The account's clusters.
        clusters, Topic::Clusters, Clusters, Cluster
    );
    list!(
        /// Autoscaling registrations.
        scaling, Topic::Scaling, Scaling, Scaling
    );
    list!(
        /// Target groups.
        target_groups, Topic::TargetGroups, TargetGroups, TargetGroup
    );
    list!(
        /// Load balancers.
        load_balancers, Topic::LoadBalancers, LoadBalancers, LoadBalancer
    );
    list!(
        /// Certificates of the listeners.
        certificates, Topic::Certificates, Certificates, Certificate
    );
    list!(
        /// All databases of the account, also those that are not the Party Box's.
        databases, Topic::Databases, Databases, Database
    );
    list!(
        /// All DB clusters of the account.
        db_clusters, Topic::DbClusters, DbClusters, DbCluster
    );
    list!(
        /// RDS events, newest last.
        db_events, Topic::DbEvents, DbEvents, DbEvent
    );
    list!(
        /// Repositories of the running images.
        repositories, Topic::Repositories, Repositories, Repository
    );
    list!(
        /// Secrets of the task definitions.
        secrets, Topic::Secrets, Secrets, Secret
    );
    list!(
        /// Alarms.
        alarms, Topic::Alarms, Alarms, Alarm
    );

    /// The cluster's services.
    pub fn services(&self) -> Option<&Arc<Vec<Service>>> {
        match self.payload(&Topic::Services)? {
            Payload::Services(services) => Some(services),
            _ => None,
        }
    }

    /// A service's tasks.
    pub fn tasks(&self, service: &str) -> Option<&Arc<Vec<Task>>> {
        match self.payload(&Topic::Tasks(service.to_owned()))? {
            Payload::Tasks(tasks) => Some(tasks),
            _ => None,
        }
    }

    /// Who we are.
    pub fn identity(&self) -> Option<&Identity> {
        match self.payload(&Topic::Identity)? {
            Payload::Identity(identity) => Some(identity),
            _ => None,
        }
    }

    /// A task definition.
    pub fn task_definition(&self, arn: &str) -> Option<&TaskDefinition> {
        match self.payload(&Topic::TaskDefinition(arn.to_owned()))? {
            Payload::TaskDefinition(definition) => Some(definition),
            _ => None,
        }
    }

    /// A service's deployments, newest first; `None` when they were never read.
    pub fn deployments(&self, service: &str) -> Option<&[ServiceDeployment]> {
        match self.payload(&Topic::ServiceDeployments(service.to_owned()))? {
            Payload::ServiceDeployments(list) => Some(list),
            _ => None,
        }
    }

    /// A service revision that one of a service's deployments names.
    pub fn revision(&self, service: &str, arn: &str) -> Option<&ServiceRevision> {
        match self.payload(&Topic::Revisions(service.to_owned()))? {
            Payload::Revisions(list) => list.iter().find(|r| r.arn == arn),
            _ => None,
        }
    }

    /// The last log lines of a failed task.
    pub fn task_log(&self, task: &str) -> Option<&[LogLine]> {
        match self.payload(&Topic::TaskLog(task.to_owned()))? {
            Payload::TaskLog(lines) => Some(lines),
            _ => None,
        }
    }

    /// The images of a repository that could be deployed.
    pub fn candidates(&self, registry: &str, repository: &str) -> Option<&[EcrImage]> {
        match self.payload(&Topic::Candidates(registry.to_owned(), repository.to_owned()))? {
            Payload::Candidates(list) => Some(list),
            _ => None,
        }
    }

    /// Health of a target group's targets.
    pub fn target_health(&self, arn: &str) -> Option<&[TargetHealth]> {
        match self.payload(&Topic::TargetHealth(arn.to_owned()))? {
            Payload::TargetHealth(targets) => Some(targets),
            _ => None,
        }
    }

    /// A load balancer's listeners.
    pub fn listeners(&self, arn: &str) -> Option<&[Listener]> {
        match self.payload(&Topic::Listeners(arn.to_owned()))? {
            Payload::Listeners(listeners) => Some(listeners),
            _ => None,
        }
    }

    /// An image with its scan.
    pub fn image(&self, id: &ImageId) -> Option<&Image> {
        match self.payload(&Topic::Image(id.clone()))? {
            Payload::Image(image) => Some(image),
            _ => None,
        }
    }

    /// The VPC.
    pub fn network(&self) -> Option<&Network> {
        match self.payload(&Topic::Network)? {
            Payload::Network(network) => Some(network),
            _ => None,
        }
    }

    /// Pending maintenance of a DB instance or cluster; `None` when it was never read.
    pub fn maintenance(&self, arn: &str) -> Option<&[Maintenance]> {
        match self.payload(&Topic::Maintenance(arn.to_owned()))? {
            Payload::Maintenance(list) => Some(list),
            _ => None,
        }
    }

    /// A CloudWatch series.
    pub fn series(&self, key: &MetricKey) -> Option<&Series> {
        match self.payload(&Topic::Metrics)? {
            Payload::Metrics(all) => all.iter().find(|(k, _)| k == key).map(|(_, s)| s),
            _ => None,
        }
    }
}
