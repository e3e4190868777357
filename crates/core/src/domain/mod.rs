//! The domain: plain types in AWS's terms, without I/O.
//!
//! Statuses stay the strings that AWS sent, so that an unknown one is shown as it is.

mod alarms;
mod belonging;
mod cidr;
mod containers;
mod database;
mod db_clusters;
mod db_proxies;
mod db_status;
mod deploys;
mod drill_settings;
mod ecs;
mod field_change;
mod group_health;
mod group_traffic;
mod image_reference;
mod images;
mod level;
mod metrics;
mod network;
pub mod pairs;
mod party_box;
mod probe;
mod reading;
mod repositories;
mod runners;
mod running_images;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
mod scaling;
mod secrets;
pub mod sentences;
mod series;
mod store;
mod targets;
mod task_counts;
mod time;
mod topics;
mod traffic;

pub use alarms::{Alarm, AlarmMetric, AlarmState, ScalingAlarm};
pub use belonging::{Belonging, DatabaseChoice, families_in_vpc};
pub use cidr::range_contains;
pub use containers::{ContainerReason, ServiceContainer, is_injected};
pub use database::{
    Database, DbCluster, DbEvent, DbEventSource, DbMember, FailoverStep, Maintenance, Replication,
};
pub use db_clusters::{ClusterNode, MemberNode};
pub use db_proxies::{DbProxy, ProxyTarget};
pub use db_status::{DB_STATUSES, DbStatus, Serves, database_level, database_status_means, db_status};
pub use deploys::{
    Breaker, DeployAlarms, EarlySuccess, EcrImage, Hook, LogLine, RevisionImage, RevisionTasks, Rollback,
    ServiceDeployment, ServiceRevision, TrafficSteps,
};
pub use drill_settings::{DrillOptions, DrillSettings, PROMISED_FAILOVER, ProbeSettings, USUAL_FAILOVER};
pub use ecs::{
    CircuitBreaker, Cluster, Container, ContainerDefinition, Deployment, PortBinding, Service, ServiceEvent,
    TargetLink, Task, TaskDefinition, TaskLife, TaskProtection, short,
};
pub use field_change::FieldChange;
pub use group_health::{GroupHealth, TaskTarget, name_of as target_group_name};
pub use image_reference::{EcrRegistry, ImageReference};
pub use images::{Image, ImageId, IndexedImage, PullBlock, Scan, ScanState, Vulnerability, severity_level};
pub use level::Level;
pub use metrics::{MetricKey, MetricKind, NOT_ANSWERED, Series};
pub use network::{
    InboundRule, NatGateway, Network, PrefixList, Route, RouteTable, SecurityGroup, Subnet, VpcEndpoint,
    WayOut,
};
pub use party_box::{GroupNode, JudgedBy, Late, PartyBox, ServiceNode, TaskRow};
pub use probe::{Expect, ProbeAnswer, ProbeSpec, Probed, Resolved, redacted};
pub use reading::{CallError, ErrorKind, Identity, Meter, Payload, Query, Simulated, Topic, Unread};
pub use repositories::{RegistryScans, Repository, ScanTrigger, passes_scan_filter};
pub use runners::{CapacityShare, Controller, Shift, TaskSet};
pub use running_images::ImageNode;
pub use scaling::{PolicyKind, Scaling, ScalingPolicy, ScalingRange, SuspendedParts};
pub use secrets::{Secret, names_credential, secret_arn};
pub use series::{LATE, Latest, Run, Timed};
pub use store::{Failure, Slot, Store};
pub use targets::{Address, Anomaly, HealthMinimum, Override, TargetGroup, TargetHealth};
pub use task_counts::TaskCounts;
pub use time::{EVENT_SLACK, Now, ServerClock};
pub use topics::{ATTRIBUTES_A_POLL, Joins, RateLimit, TopicFacts};
pub use traffic::{Certificate, CertificateConcern, Listener, LoadBalancer, Rule, RuleAction, RuleCondition};
