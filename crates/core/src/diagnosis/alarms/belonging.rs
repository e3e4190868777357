//! Which alarms concern a Party Box: by the dimensions of their metrics, also inside metric math and queries, by
//! the children of a composite alarm, and last by the names that a service's deployments watch.

use crate::diagnosis::{Subject, balancer_dimension};
use crate::domain::{Alarm, AlarmMetric, PartyBox, Query, ServiceNode, Store, Topic, short};
use std::collections::{BTreeMap, BTreeSet};

/// Why an alarm concerns this Party Box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlarmLink {
    /// A metric that it looks at is of something of this Party Box.
    Dimension {
        /// The dimension, e.g. `ServiceName`.
        name: String,
        /// Its value.
        value: String,
        /// What that is.
        subject: Subject,
        /// The metric.
        metric: String,
    },
    /// It is composed of one that does.
    Child {
        /// That alarm.
        alarm: String,
        /// What that one is about.
        subject: Subject,
    },
    /// The deployments of this service watch it.
    Named {
        /// The service.
        subject: Subject,
    },
}

impl AlarmLink {
    /// What it is about.
    pub fn subject(&self) -> &Subject {
        match self {
            Self::Dimension { subject, .. } | Self::Child { subject, .. } | Self::Named { subject } => {
                subject
            }
        }
    }

    /// The reason in words: `CPUUtilization of backend`, `through backend-cpu-high`.
    pub fn words(&self) -> String {
        match self {
            Self::Dimension { value, subject, metric, .. } => {
                let name = if subject.name().is_empty() { value.as_str() } else { subject.name() };
                if metric.is_empty() { name.to_owned() } else { format!("{metric} of {name}") }
            }
            Self::Child { alarm, .. } => format!("through {alarm}"),
            Self::Named { subject } => format!("deployments of {} watch it", subject.name()),
        }
    }
}

/// Whether an alarm concerns this Party Box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// Yes.
    Ours(AlarmLink),
    /// It has a part that does, but it fires because of others: a composite alarm, one of whose children of other
    /// things fires while none of ours does.
    Beside(AlarmLink),
    /// It looks at everything of a kind in the Region.
    Whole(String),
    /// What it looks at could not be compared, because a reading is missing.
    Unclear(String),
    /// No.
    Others,
}

/// The names under which CloudWatch knows the parts of a Party Box.
pub(super) struct Estate {
    /// The account that is watched.
    account: Option<String>,
    /// The cluster's name; `None` while the services are not read.
    cluster: Option<String>,
    services: BTreeSet<String>,
    families: BTreeMap<String, String>,
    balancers: BTreeMap<String, String>,
    balancers_read: bool,
    groups: BTreeMap<String, Subject>,
    databases: BTreeSet<String>,
    gateways: BTreeSet<String>,
    repositories: BTreeSet<String>,
    log_groups: BTreeMap<String, String>,
    certificates: BTreeMap<String, String>,
    /// Alarm name or ARN -> service whose deployments watch it.
    watched: BTreeMap<String, String>,
}

impl Estate {
    pub(super) fn of(store: &Store, party_box: &PartyBox) -> Self {
        let services = || party_box.services.iter().map(ServiceNode::service);
        let asked = match store.slot(&Topic::Services).and_then(|slot| slot.asked.as_ref()) {
            Some(Query::Services { cluster }) => Some(short(cluster).to_owned()),
            _ => None,
        };
        // `arn:...:service/CLUSTER/NAME`; the oldest form has no cluster.
        let of_arn = |arn: &str| Some(arn.rsplit_once(":service/")?.1.split_once('/')?.0.to_owned());
        let mut families = BTreeMap::new();
        let mut log_groups = BTreeMap::new();
        let mut watched = BTreeMap::new();
        for service in services() {
            let family = short(&service.task_definition).split(':').next().unwrap_or_default();
            families.insert(family.to_owned(), service.name.clone());
            if let Some(definition) = store.task_definition(&service.task_definition) {
                let groups = definition.containers.iter().filter_map(|c| c.log_group.clone());
                log_groups.extend(groups.map(|group| (group, service.name.clone())));
            }
            let deployments = store.deployments(&service.name).unwrap_or_default();
            let names = deployments.iter().filter_map(|d| d.alarms.as_ref()).flat_map(|a| &a.names);
            watched.extend(names.map(|name| (name.clone(), service.name.clone())));
        }
        let mut balancers: BTreeMap<String, String> = party_box
            .balancers
            .iter()
            .map(|b| (balancer_dimension(&b.arn).to_owned(), b.name.clone()))
            .collect();
        let mut groups = BTreeMap::new();
        for node in &party_box.groups {
            let dimension = node.group.arn.rsplit(':').next().unwrap_or_default().to_owned();
            let subject = node
                .service
                .clone()
                .map_or_else(|| Subject::Balancer(node.group.name.clone()), Subject::Service);
            groups.insert(dimension, subject);
            for arn in &node.group.load_balancers {
                let dimension = balancer_dimension(arn);
                let name = dimension.split('/').nth(1).unwrap_or(dimension);
                balancers.entry(dimension.to_owned()).or_insert_with(|| name.to_owned());
            }
        }
        // Registered in a group that was not read yet.
        for service in services() {
            for arn in service.target_groups() {
                let dimension = arn.rsplit(':').next().unwrap_or_default().to_owned();
                groups.entry(dimension).or_insert_with(|| Subject::Service(service.name.clone()));
            }
        }
        let registered = services().any(|service| !service.target_links.is_empty());
        let clusters = party_box.clusters.iter().map(|node| node.cluster.id.clone());
        let members = party_box.databases.iter().filter_map(|db| db.cluster.clone());
        Self {
            account: store.identity().map(|identity| identity.account.clone()),
            cluster: asked.or_else(|| services().find_map(|service| of_arn(&service.arn))),
            services: services().map(|service| service.name.clone()).collect(),
            families,
            balancers_read: !balancers.is_empty() || !registered,
            balancers,
            groups,
            databases: party_box
                .databases
                .iter()
                .map(|db| db.id.clone())
                .chain(clusters)
                .chain(members)
                .collect(),
            gateways: store
                .network()
                .into_iter()
                .flat_map(|n| n.nat_gateways.iter().map(|g| g.id.clone()))
                .collect(),
            repositories: party_box.images.iter().map(|image| image.id.repository.clone()).collect(),
            log_groups,
            certificates: store.certificates().iter().map(|c| (c.arn.clone(), c.domain.clone())).collect(),
            watched,
        }
    }

    /// Whether an alarm concerns this Party Box, and why.
    pub(super) fn concern(&self, alarm: &Alarm, all: &[Alarm]) -> Concern {
        self.concern_within(alarm, all, 0)
    }

    fn concern_within(&self, alarm: &Alarm, all: &[Alarm], depth: usize) -> Concern {
        let mut concerns: Vec<Concern> = alarm.metrics.iter().map(|metric| self.of_metric(metric)).collect();
        concerns.extend(alarm.expressions.iter().filter_map(|text| self.of_query(text)));
        // A composite alarm may be made of composite ones; a circle of them is cut.
        if alarm.rule.is_some() && depth < 8 {
            concerns.extend(self.of_children(alarm, all, depth));
        }
        let rank = |concern: &Concern| match concern {
            Concern::Ours(_) => 0,
            Concern::Beside(_) => 1,
            Concern::Unclear(_) => 2,
            Concern::Whole(_) => 3,
            Concern::Others => 4,
        };
        let best = concerns.into_iter().min_by_key(rank).unwrap_or(Concern::Others);
        if matches!(best, Concern::Ours(_) | Concern::Beside(_)) {
            return best;
        }
        let named = self.watched.get(&alarm.name).or_else(|| self.watched.get(&alarm.arn));
        match named {
            Some(service) => Concern::Ours(AlarmLink::Named { subject: Subject::Service(service.clone()) }),
            None => best,
        }
    }

    fn of_children(&self, alarm: &Alarm, all: &[Alarm], depth: usize) -> Option<Concern> {
        let children: Vec<(&Alarm, Concern)> = all
            .iter()
            .filter(|other| other.name != alarm.name && alarm.names(other))
            .map(|child| (child, self.concern_within(child, all, depth + 1)))
            .collect();
        let ours = |concern: &Concern| match concern {
            Concern::Ours(belonging) => Some(belonging.subject().clone()),
            _ => None,
        };
        let mine: Vec<(&Alarm, Subject)> =
            children.iter().filter_map(|(child, concern)| Some((*child, ours(concern)?))).collect();
        let fires = mine.iter().find(|(child, _)| child.fires());
        let Some((child, subject)) = fires.or(mine.first()) else {
            return children
                .into_iter()
                .map(|(_, concern)| concern)
                .find(|c| matches!(c, Concern::Unclear(_)));
        };
        let belonging = AlarmLink::Child { alarm: child.name.clone(), subject: subject.clone() };
        let others = children.iter().any(|(child, concern)| ours(concern).is_none() && child.fires());
        let beside = alarm.fires() && fires.is_none() && others;
        Some(if beside { Concern::Beside(belonging) } else { Concern::Ours(belonging) })
    }

    /// Whether a metric is of something of this Party Box. The most exact dimension decides: a target group of
    /// another service behind a shared load balancer is another's.
    fn of_metric(&self, metric: &AlarmMetric) -> Concern {
        if let (Some(theirs), Some(own)) = (&metric.account, &self.account)
            && theirs != own
        {
            return Concern::Others;
        }
        let has = |name: &str| metric.dimension(name);
        let cluster = has("ClusterName");
        let ours = |name: &str, value: &str, subject: Subject| {
            Concern::Ours(AlarmLink::Dimension {
                name: name.to_owned(),
                value: value.to_owned(),
                subject,
                metric: metric.name.clone(),
            })
        };
        if let Some(cluster) = cluster {
            match &self.cluster {
                None => return Concern::Unclear("the services were not read".into()),
                Some(own) if own != cluster => return Concern::Others,
                Some(_) => {}
            }
            if let Some(service) = has("ServiceName") {
                return if self.services.contains(service) {
                    ours("ServiceName", service, Subject::Service(service.to_owned()))
                } else {
                    Concern::Others
                };
            }
            if let Some(family) = has("TaskDefinitionFamily") {
                return match self.families.get(family) {
                    Some(service) => ours("TaskDefinitionFamily", family, Subject::Service(service.clone())),
                    None => Concern::Others,
                };
            }
            return ours("ClusterName", cluster, Subject::Whole);
        }
        if let Some(group) = has("TargetGroup") {
            return match self.groups.get(group) {
                Some(subject) => ours("TargetGroup", group, subject.clone()),
                None => self.others_balancer(),
            };
        }
        if let Some(balancer) = has("LoadBalancer") {
            return match self.balancers.get(balancer) {
                Some(name) => ours("LoadBalancer", balancer, Subject::Balancer(name.clone())),
                None => self.others_balancer(),
            };
        }
        for name in ["DBInstanceIdentifier", "DBClusterIdentifier"] {
            if let Some(id) = has(name) {
                return if self.databases.contains(id) {
                    ours(name, id, Subject::Database(id.to_owned()))
                } else {
                    Concern::Others
                };
            }
        }
        self.of_lesser(&has, ours)
    }

    /// The parts whose metrics are watched less often.
    fn of_lesser<'a>(
        &self,
        has: &dyn Fn(&str) -> Option<&'a str>,
        ours: impl Fn(&str, &str, Subject) -> Concern,
    ) -> Concern {
        if let Some(id) = has("NatGatewayId").filter(|id| self.gateways.contains(*id)) {
            return ours("NatGatewayId", id, Subject::Network);
        }
        if let Some(name) = has("RepositoryName").filter(|name| self.repositories.contains(*name)) {
            return ours("RepositoryName", name, Subject::Image(name.to_owned()));
        }
        if let Some((name, service)) =
            has("LogGroupName").and_then(|name| self.log_groups.get_key_value(name))
        {
            return ours("LogGroupName", name, Subject::Service(service.clone()));
        }
        if let Some((arn, domain)) =
            has("CertificateArn").and_then(|arn| self.certificates.get_key_value(arn))
        {
            return ours("CertificateArn", arn, Subject::Certificate(domain.clone()));
        }
        Concern::Others
    }

    /// A load balancer or target group that is not known as ours.
    fn others_balancer(&self) -> Concern {
        if self.balancers_read {
            Concern::Others
        } else {
            Concern::Unclear("the load balancers were not read".into())
        }
    }

    /// A query over metrics: `SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/ECS", ClusterName) WHERE ClusterName =
    /// 'party-box'`. Without a condition it looks at everything of its namespace.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html>
    fn of_query(&self, text: &str) -> Option<Concern> {
        let upper = text.to_ascii_uppercase();
        if !upper.trim_start().starts_with("SELECT") {
            return None;
        }
        let namespace = text.split('"').nth(1).unwrap_or("every namespace").to_owned();
        let dimensions: Vec<(String, String)> = text
            .split(['\''])
            .collect::<Vec<_>>()
            .chunks_exact(2)
            .filter_map(|pair| {
                let [before, value] = pair else { return None };
                let name = before.trim_end().strip_suffix('=')?.trim_end();
                let name = name.rsplit(|c: char| !c.is_alphanumeric() && c != '_').find(|w| !w.is_empty())?;
                Some((name.to_owned(), (*value).to_owned()))
            })
            .collect();
        let metric = text.split(['(', ')']).nth(1).unwrap_or_default().trim().to_owned();
        let known = ["AWS/ECS", "ECS/", "AWS/ApplicationELB", "AWS/NetworkELB", "AWS/RDS", "AWS/NATGateway"];
        if dimensions.is_empty() {
            let near = known.iter().any(|own| namespace.starts_with(own));
            return Some(if near { Concern::Whole(format!("all of {namespace}")) } else { Concern::Others });
        }
        Some(self.of_metric(&AlarmMetric { namespace, name: metric, dimensions, account: None }))
    }
}
