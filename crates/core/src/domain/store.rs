//! The store: the newest reading of each topic, its age and its last error.

use super::{
    Alarm, CallError, Certificate, Cluster, Database, DbCluster, DbEvent, DbProxy, EcrImage, ErrorKind,
    Identity, Image, ImageId, Listener, LoadBalancer, LogLine, Maintenance, MetricKey, Network, Payload,
    Query, Repository, Scaling, Secret, Series, Service, ServiceDeployment, ServiceRevision, TargetGroup,
    TargetHealth, Task, TaskDefinition, TaskProtection, Topic, Unread, VpcEndpoint,
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
    /// What that answer could not tell of the things it was asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
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

    /// The things of a topic that do not exist, although something names them, by the name with which they
    /// were asked for: a service names a target group, a task definition a secret, a listener a certificate.
    /// This is a state of the account, not a failure to read it: it is told as a finding about who names it
    /// (`diagnosis`), and never as unreadable.
    ///
    /// For a topic about many things (`Secrets`, `Certificates`, `TargetGroups`, ...) those that the newest
    /// answer lacks: `crates/aws` tells them with [`Payload::lacking`]. For a topic about one thing
    /// (`TargetHealth`, `TaskDefinition`, ...) use [`Store::is_gone`].
    pub fn gone(&self, topic: &Topic) -> impl Iterator<Item = &str> {
        let unread = self.unread(topic).iter();
        unread.filter(|it| it.error.kind == ErrorKind::NotFound).map(|it| it.name.as_str())
    }

    /// Whether the one thing that a topic is about does not exist: its newest poll was answered with
    /// [`ErrorKind::NotFound`]. An earlier answer, which the slot still holds, tells of what was.
    pub fn is_gone(&self, topic: &Topic) -> bool {
        self.failure(topic).is_some_and(|failure| failure.error.kind == ErrorKind::NotFound)
    }

    /// What the newest answer of a topic could not tell of the things it was asked about, also those that are
    /// gone.
    pub fn unread(&self, topic: &Topic) -> &[Unread] {
        self.slots.get(topic).map_or(&[], |slot| &slot.unread)
    }

    /// Everything that could not be read: whole topics and single things. What is gone is not among it.
    pub fn unreadable(&self) -> impl Iterator<Item = (&Topic, &CallError)> {
        let all = self.slots.iter().flat_map(|(topic, slot)| {
            let whole = slot.failure.iter().map(|failure| &failure.error);
            whole.chain(slot.unread.iter().map(|it| &it.error)).map(move |error| (topic, error))
        });
        all.filter(|(_, error)| error.kind != ErrorKind::NotFound)
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
    list!(
        /// RDS Proxies of the services' VPC.
        db_proxies, Topic::DbProxies, DbProxies, DbProxy
    );

    /// The VPC's endpoints; `None` when they were never read.
    pub fn vpc_endpoints(&self) -> Option<&[VpcEndpoint]> {
        match self.payload(&Topic::VpcEndpoints)? {
            Payload::VpcEndpoints(endpoints) => Some(endpoints),
            _ => None,
        }
    }

    /// The address ranges of a prefix list; `None` when they were not read.
    pub fn prefix_list(&self, id: &str) -> Option<&[String]> {
        match self.payload(&Topic::PrefixLists)? {
            Payload::PrefixLists(lists) => {
                lists.iter().find(|list| list.id == id).map(|list| list.ranges.as_slice())
            }
            _ => None,
        }
    }

    /// Which tasks of a service are protected from being stopped.
    pub fn protection(&self, service: &str) -> &[TaskProtection] {
        match self.payload(&Topic::Protection(service.to_owned())) {
            Some(Payload::Protection(list)) => list,
            _ => &[],
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_not_unreadable() {
        let error =
            |kind| CallError { kind, action: "s:Describe".into(), code: None, message: String::new() };
        let mut store = Store::default();
        let unread = |name: &str, kind| Unread { name: name.into(), error: error(kind) };
        store.slot_mut(&Topic::Secrets).unread =
            vec![unread("gone", ErrorKind::NotFound), unread("denied", ErrorKind::Denied)];
        let group = Topic::TargetHealth("arn".into());
        store.slot_mut(&group).failure =
            Some(Failure { error: error(ErrorKind::NotFound), since: Duration::ZERO, count: 1 });
        assert_eq!(store.gone(&Topic::Secrets).collect::<Vec<_>>(), ["gone"]);
        assert!(store.is_gone(&group) && !store.is_gone(&Topic::Secrets));
        let unreadable: Vec<_> = store.unreadable().map(|(topic, error)| (topic, error.kind)).collect();
        assert_eq!(unreadable, [(&Topic::Secrets, ErrorKind::Denied)]);
    }
}
