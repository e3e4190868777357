//! The vocabulary: plain types in AWS's own words, with no behaviour that needs the outside.
//!
//! Statuses stay the strings that AWS sent, so that one we never heard of is shown as it is.

mod database;
mod ecs;
mod images;
mod metrics;
mod network;
mod reading;
mod secrets;
mod traffic;

pub use database::{Database, DbEvent};
pub use ecs::{
    Cluster, Container, ContainerDefinition, Deployment, Scaling, Service, ServiceEvent, TargetLink, Task,
    TaskDefinition, short,
};
pub use images::{Finding, Image, ImageId, Repository, Scan, parse_ecr};
pub use metrics::{Alarm, MetricKey, MetricKind, Series};
pub use network::{InboundRule, NatGateway, Network, Route, RouteTable, SecurityGroup, Subnet};
pub use reading::{CallError, ErrorKind, Identity, Meter, Payload, Query, Simulated, Topic};
pub use secrets::Secret;
pub use traffic::{Certificate, Listener, LoadBalancer, Rule, RuleAction, TargetGroup, TargetHealth};
