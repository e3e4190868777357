//! What should be read now, and how often: discovery and polling in one, as a pure function of what is known.
//!
//! Each reading names further things (a service names target groups, they name load balancers, ...); asking
//! for everything that is named, again and again, is the discovery.

use crate::app::polling::{MANY_SERVICES, plan_rollouts, seconds};
use crate::app::state::{Overlay, State, View};
use crate::diagnosis::{balancer_dimension, last_failover};
use crate::domain::{
    ATTRIBUTES_A_POLL, DatabaseChoice, FailoverStep, ImageNode, ImageReference, Level, MetricKey, MetricKind,
    Query, Service, Topic, secret_arn,
};
use crate::operation::OperationStage;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Target groups whose health is read in a minute when there are very many: three quarters of what the rate
/// limiter allows, so that other queries about load balancers are not held up.
const HEALTH_A_MINUTE: u64 = 90;

/// One topic to read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Poll {
    /// About what.
    pub(crate) topic: Topic,
    /// The question.
    pub(crate) query: Query,
    /// How often, in the server's time.
    pub(crate) every: Duration,
}

/// Lists everything that should be read now, each at the interval that the situation asks for.
pub(crate) fn list_polls(state: &State, now: DateTime<Utc>) -> Vec<Poll> {
    let mut list = Vec::new();
    let mut want = |topic: Topic, query: Query, every: Duration| list.push(Poll { topic, query, every });
    want(Topic::Identity, Query::Identity, seconds(600));
    let only = state.session.cluster.clone().or_else(|| state.session.cluster_wanted.clone());
    want(Topic::Clusters, Query::Clusters { only }, seconds(120));
    let Some(cluster) = state.session.cluster.clone() else { return list };

    let pace = Pace::of(state, now);
    let many = state.account.party_box.services.len() > MANY_SERVICES;
    let steady = if many { 20 } else { 10 };
    let changing = pace.any_service();
    want(
        Topic::Services,
        Query::Services { cluster: cluster.clone() },
        if changing { seconds(3) } else { seconds(steady) },
    );
    if state.session.databases != DatabaseChoice::Absent {
        databases(state, &pace, &mut want);
    }
    want(Topic::Alarms, Query::Alarms, seconds(60));
    if let Some(all) = state.account.store.services() {
        services(state, &cluster, all, &pace, many, &mut want);
        traffic(state, &pace, many, &mut want);
        images(state, all, &mut want);
        plan_rollouts::add_polls(state, &cluster, all, &pace.services, now, &mut want);
        network(state, all, &mut want);
        // Asked for once it is known what there is to ask for: each series has its price.
        let needed = [Topic::Databases, Topic::TargetGroups, Topic::LoadBalancers, Topic::Network];
        let waiting = |topic| list.iter().any(|w| w.topic == topic) && !state.account.store.answered(&topic);
        if !needed.into_iter().any(waiting) {
            let keys = metrics(state, &cluster, all);
            if !keys.is_empty() {
                list.push(Poll { topic: Topic::Metrics, query: Query::Metrics { keys }, every: seconds(60) });
            }
        }
    }
    list
}

fn databases(state: &State, pace: &Pace, want: &mut impl FnMut(Topic, Query, Duration)) {
    let store = &state.account.store;
    want(Topic::Databases, Query::Databases, if pace.database { seconds(3) } else { seconds(30) });
    // Of all: a cluster's endpoint or secret may be what links its members to the services.
    if store.databases().iter().any(|db| db.cluster.is_some()) {
        want(Topic::DbClusters, Query::DbClusters, if pace.database { seconds(3) } else { seconds(30) });
    }
    maintenance(state, want);
    want(Topic::DbEvents, Query::DbEvents, if pace.database { seconds(5) } else { seconds(60) });
    if store.databases().is_empty() {
        return;
    }
    let vpc = store.network().map(|network| network.vpc.clone());
    if let Some(vpc) = vpc.or_else(|| store.load_balancers().iter().find_map(|balancer| balancer.vpc.clone()))
    {
        let every = if pace.database { seconds(15) } else { seconds(60) };
        want(Topic::DbProxies, Query::DbProxies { vpc }, every);
    }
    let guards: BTreeSet<&String> = store.databases().iter().flat_map(|db| &db.security_groups).collect();
    let groups = store.network().into_iter().flat_map(|network| &network.security_groups);
    let rules = groups.filter(|group| guards.contains(&group.id)).flat_map(|group| &group.inbound);
    let lists: BTreeSet<String> =
        rules.filter(|rule| rule.source.starts_with("pl-")).map(|rule| rule.source.clone()).collect();
    if !lists.is_empty() {
        want(Topic::PrefixLists, Query::PrefixLists { ids: lists.into_iter().collect() }, seconds(600));
    }
}

fn services(
    state: &State,
    cluster: &str,
    all: &[Service],
    pace: &Pace,
    many: bool,
    want: &mut impl FnMut(Topic, Query, Duration),
) {
    let focused = state.selected_service().map(str::to_owned);
    let mut definitions = BTreeSet::new();
    for service in all {
        let every = match (pace.services.contains(&service.name), many) {
            (true, _) => seconds(3),
            (false, false) => seconds(30),
            (false, true) if focused.as_deref() == Some(&service.name) => seconds(15),
            (false, true) => seconds(300),
        };
        want(
            Topic::Tasks(service.name.clone()),
            Query::Tasks { cluster: cluster.to_owned(), service: service.name.clone() },
            every,
        );
        definitions.insert(service.task_definition.clone());
        definitions.extend(service.deployments.iter().map(|d| d.task_definition.clone()));
    }
    definitions.extend(plan_rollouts::definitions(state, focused.as_deref()));
    definitions.remove("");
    // A revision never changes once registered.
    for arn in definitions {
        want(Topic::TaskDefinition(arn.clone()), Query::TaskDefinition { arn }, seconds(86_400));
    }
    if !all.is_empty() {
        let resource_ids = all.iter().map(|s| format!("service/{cluster}/{}", s.name)).collect();
        want(Topic::Scaling, Query::Scaling { resource_ids }, seconds(60));
    }
    let secrets: BTreeSet<String> = all
        .iter()
        .filter_map(|s| state.account.store.task_definition(&s.task_definition))
        .flat_map(|d| d.secret_references().map(str::to_owned))
        .filter(|from| secret_arn(from).is_some())
        .collect();
    if !definitions_read(state, all) {
        as_before(state, Topic::Secrets, want);
    } else if !secrets.is_empty() {
        want(Topic::Secrets, Query::Secrets { arns: secrets.into_iter().collect() }, seconds(300));
    }
}

/// Polls the pending maintenance of the database that is on the screen or whose failover is planned. Rarely,
/// as it rarely changes.
fn maintenance(state: &State, want: &mut impl FnMut(Topic, Query, Duration)) {
    let planned = match &state.screen.overlay {
        Overlay::Plan(panel) => panel.draft.database(),
        _ => None,
    };
    let looked_at = state.selected_database().filter(|_| state.screen.view == View::Database);
    let Some(id) = planned.or(looked_at.map(|db| db.id.as_str())) else { return };
    for (_, arn) in state.account.party_box.rds_resources(id) {
        let resource = arn.to_owned();
        want(Topic::Maintenance(resource.clone()), Query::Maintenance { resource }, seconds(600));
    }
}

/// Whether the newest task definition of each service was read, or cannot be.
fn definitions_read(state: &State, all: &[Service]) -> bool {
    all.iter().all(|s| state.account.store.answered(&Topic::TaskDefinition(s.task_definition.clone())))
}

/// Keeps polling what the old list of names led to while a new list is being read.
fn as_before(state: &State, topic: Topic, want: &mut impl FnMut(Topic, Query, Duration)) {
    if let Some(query) = state.account.store.slot(&topic).and_then(|s| s.asked.clone()) {
        let every = if topic == Topic::Repositories { 600 } else { 300 };
        want(topic, query, seconds(every));
    }
}

fn traffic(state: &State, pace: &Pace, many: bool, want: &mut impl FnMut(Topic, Query, Duration)) {
    let Some(all) = state.account.store.services() else { return };
    let arns: BTreeSet<String> = all.iter().flat_map(Service::target_groups).map(str::to_owned).collect();
    let quiet = seconds(60.max(arns.len() as u64 * 60 / HEALTH_A_MINUTE));
    // Services may share a group: it is read at the pace of the one that changes.
    let mut groups: BTreeMap<String, Duration> = BTreeMap::new();
    for service in all.iter() {
        let changing = pace.services.contains(&service.name) || pace.database;
        for arn in service.target_groups() {
            let every = match (changing, many) {
                (true, false) => seconds(3),
                (true, true) => seconds(5),
                (false, false) => seconds(15),
                (false, true) => quiet,
            };
            groups.entry(arn.to_owned()).and_modify(|known| *known = every.min(*known)).or_insert(every);
        }
    }
    for (arn, every) in groups {
        want(Topic::TargetHealth(arn.clone()), Query::TargetHealth { arn }, every);
    }
    if !arns.is_empty() {
        // Of many groups, a poll reads the attributes of a few: until all are known, the next one follows
        // soon.
        let unread =
            state.account.store.target_groups().iter().any(|group| group.deregistration_delay.is_none());
        let every = if unread && arns.len() > ATTRIBUTES_A_POLL { seconds(30) } else { seconds(300) };
        want(Topic::TargetGroups, Query::TargetGroups { arns: arns.into_iter().collect() }, every);
    }
    let balancers: BTreeSet<String> =
        state.account.store.target_groups().iter().flat_map(|g| g.load_balancers.iter().cloned()).collect();
    // While traffic is turned from one group to another, the rules tell which of the two serves.
    let turned = all.iter().any(|service| {
        let pair = service.target_groups().nth(service.target_links.len()).is_some();
        pair && pace.services.contains(&service.name)
    });
    let every = if turned && !many { seconds(15) } else { seconds(300) };
    for arn in &balancers {
        want(Topic::Listeners(arn.clone()), Query::Listeners { load_balancer: arn.clone() }, every);
    }
    let certificates: BTreeSet<String> = balancers
        .iter()
        .filter_map(|arn| state.account.store.listeners(arn))
        .flatten()
        .flat_map(|l| l.certificates.iter().cloned())
        .collect();
    if !balancers.iter().all(|arn| state.account.store.answered(&Topic::Listeners(arn.clone()))) {
        as_before(state, Topic::Certificates, want);
    } else if !certificates.is_empty() {
        want(
            Topic::Certificates,
            Query::Certificates { arns: certificates.into_iter().collect() },
            seconds(300),
        );
    }
    if !balancers.is_empty() {
        want(
            Topic::LoadBalancers,
            Query::LoadBalancers { arns: balancers.into_iter().collect() },
            seconds(60),
        );
    }
}

fn images(state: &State, all: &[Service], want: &mut impl FnMut(Topic, Query, Duration)) {
    let mut repositories: BTreeSet<(String, String)> = BTreeSet::new();
    for node in state.account.party_box.images.iter().filter(|node| node.is_asked()) {
        let ImageNode { id, architecture, scan, .. } = node.clone();
        let every = if scan.is_some_and(|scan| scan.is_under_way()) { 30 } else { 600 };
        want(Topic::Image(id.clone()), Query::Image { id, architecture }, seconds(every));
    }
    for service in all {
        // The Region of an ARN: `arn:aws:ecs:REGION:...`. Another Region's ECR is not asked.
        let region = service.arn.split(':').nth(3).unwrap_or_default();
        if let Some(definition) = state.account.store.task_definition(&service.task_definition) {
            let references = definition.containers.iter().map(|c| ImageReference::parse(&c.image));
            repositories.extend(references.filter_map(|r| {
                let ecr = r.ecr.filter(|ecr| region.is_empty() || ecr.region == region)?;
                Some((ecr.account, r.repository))
            }));
        }
    }
    if !definitions_read(state, all) {
        as_before(state, Topic::Repositories, want);
    } else if !repositories.is_empty() {
        want(
            Topic::Repositories,
            Query::Repositories { names: repositories.into_iter().collect() },
            seconds(600),
        );
    }
}

fn network(state: &State, all: &[Service], want: &mut impl FnMut(Topic, Query, Duration)) {
    let subnet = all.iter().flat_map(|s| s.subnets.iter()).min();
    if let Some(subnet) = subnet {
        let named = all.iter().flat_map(|s| s.subnets.iter().chain(&s.security_groups)).cloned();
        let named: BTreeSet<String> = named.collect();
        let query = Query::Network { vpc_or_subnet: subnet.clone(), named: named.into_iter().collect() };
        want(Topic::Network, query, seconds(300));
    } else if let Some(vpc) = state.account.store.load_balancers().iter().find_map(|b| b.vpc.clone()) {
        want(Topic::Network, Query::Network { vpc_or_subnet: vpc, named: Vec::new() }, seconds(300));
    }
    if let Some(network) = state.account.store.network() {
        want(Topic::VpcEndpoints, Query::VpcEndpoints { vpc: network.vpc.clone() }, seconds(300));
    }
}

/// The series of all known resources.
fn metrics(state: &State, cluster: &str, all: &[Service]) -> Vec<MetricKey> {
    let mut keys = Vec::new();
    for service in all {
        let subject = format!("{cluster}/{}", service.name);
        for kind in [MetricKind::ServiceCpu, MetricKind::ServiceMemory] {
            keys.push(MetricKey::new(kind, subject.clone()));
        }
    }
    // CloudWatch has the requests of an application load balancer alone; those of others are not read.
    for balancer in state.account.party_box.balancers.iter().filter(|b| b.is_application()) {
        let subject = balancer_dimension(&balancer.arn);
        for kind in [
            MetricKind::AlbRequests,
            MetricKind::AlbTarget5xx,
            MetricKind::AlbElb5xx,
            MetricKind::AlbLatencyP50,
            MetricKind::AlbLatencyP99,
            MetricKind::AlbConnections,
        ] {
            keys.push(MetricKey::new(kind, subject));
        }
        for node in
            state.account.party_box.groups.iter().filter(|g| g.group.load_balancers.contains(&balancer.arn))
        {
            let group = node.group.arn.rsplit(':').next().unwrap_or_default();
            for kind in [MetricKind::TargetRequests, MetricKind::TargetLatencyP99] {
                keys.push(MetricKey::new(kind, format!("{subject} {group}")));
            }
        }
    }
    for db in &state.account.party_box.databases {
        for kind in [
            MetricKind::DbCpu,
            MetricKind::DbConnections,
            MetricKind::DbFreeStorage,
            MetricKind::DbFreeMemory,
            MetricKind::DbReadLatency,
            MetricKind::DbWriteLatency,
        ] {
            keys.push(MetricKey::new(kind, db.id.clone()));
        }
        if db.replica_of.is_some() {
            keys.push(MetricKey::new(MetricKind::DbReplicaLag, db.id.clone()));
        }
    }
    for nat in state.account.store.network().into_iter().flat_map(|n| n.nat_gateways.iter()) {
        keys.push(MetricKey::new(MetricKind::NatPortErrors, nat.id.clone()));
    }
    keys
}

/// What is changing now and is therefore read more often.
struct Pace {
    services: BTreeSet<String>,
    database: bool,
}

impl Pace {
    fn of(state: &State, now: DateTime<Utc>) -> Self {
        let mut services: BTreeSet<String> = state
            .account
            .party_box
            .services
            .iter()
            .filter(|n| {
                let s = n.service();
                s.is_rolling() || s.pending > 0 || s.running != s.desired || n.draining > 0
            })
            .map(|n| n.service().name.clone())
            .collect();
        let mut database = state.account.party_box.databases.iter().any(|db| {
            db.level() >= Level::Warn
                || last_failover(state.account.store.db_events(), db.fails_over_as()).is_some_and(
                    |(e, step)| step != FailoverStep::Abandoned && now - e.at < TimeDelta::minutes(5),
                )
        });
        database |= state.account.party_box.clusters.iter().any(|c| c.cluster.level() >= Level::Warn);
        let open = state.account.rollouts.iter().filter(|r| r.in_flight());
        services.extend(open.map(|r| r.service.clone()));
        for tracked in state.operations.iter().filter(|t| !matches!(t.stage, OperationStage::Ended(_))) {
            services.extend(tracked.action.service().map(str::to_owned));
            database |= tracked.action.database().is_some();
        }
        Self { services, database }
    }

    fn any_service(&self) -> bool {
        !self.services.is_empty() || self.database
    }
}
