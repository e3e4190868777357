//! A small healthy Party Box for tests: what AWS would answer, to be changed by the test and asked by query.

#![expect(missing_docs, reason = "AWS's own field names")]
#![expect(clippy::missing_panics_doc, reason = "a test's own sample is always whole")]

use super::{
    Alarm, AlarmMetric, CallError, Certificate, CircuitBreaker, Cluster, Container, ContainerDefinition,
    Database, DbCluster, DbEvent, DbEventSource, DbMember, DbProxy, Deployment, EcrImage, ErrorKind, Failure,
    Identity, Image, ImageId, InboundRule, Listener, LoadBalancer, LogLine, Maintenance, MetricKey, Network,
    Payload, PrefixList, Query, Rule, RuleAction, Scaling, Scan, Secret, SecurityGroup, Series, Service,
    ServiceDeployment, ServiceEvent, ServiceRevision, Store, Subnet, TargetGroup, TargetHealth, TargetLink,
    Task, TaskDefinition, TaskProtection, Topic, VpcEndpoint,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The fixed moment at which tests begin.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time") + TimeDelta::seconds(seconds)
}

/// What the account holds.
#[derive(Debug, Clone)]
pub struct Sample {
    pub clusters: Vec<Cluster>,
    pub services: Vec<Service>,
    pub tasks: BTreeMap<String, Vec<Task>>,
    pub definitions: BTreeMap<String, TaskDefinition>,
    pub scaling: Vec<Scaling>,
    pub health: BTreeMap<String, Vec<TargetHealth>>,
    pub groups: Vec<TargetGroup>,
    pub balancer: LoadBalancer,
    pub listeners: Vec<Listener>,
    pub certificates: Vec<Certificate>,
    pub databases: Vec<Database>,
    pub db_clusters: Vec<DbCluster>,
    pub db_events: Vec<DbEvent>,
    /// Pending maintenance, by ARN.
    pub maintenance: BTreeMap<String, Vec<Maintenance>>,
    pub image: Image,
    pub secrets: Vec<Secret>,
    pub network: Network,
    pub metrics: BTreeMap<MetricKey, Series>,
    pub alarms: Vec<Alarm>,
    /// Service deployments, newest first, by service.
    pub records: BTreeMap<String, Vec<ServiceDeployment>>,
    pub revisions: Vec<ServiceRevision>,
    /// Log lines by stream.
    pub logs: BTreeMap<String, Vec<LogLine>>,
    pub candidates: Vec<EcrImage>,
    /// Tasks that are protected from being stopped.
    pub protection: Vec<TaskProtection>,
    pub proxies: Vec<DbProxy>,
    pub prefix_lists: Vec<PrefixList>,
    pub endpoints: Vec<VpcEndpoint>,
    /// The endpoint has no service deployments.
    pub lacking: bool,
}

pub const DB: &str = "party-box-db";
const REGISTRY: &str = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com";
const SECRET: &str = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:party-box/db";

pub fn group_arn(service: &str) -> String {
    format!("arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/{service}/1")
}

pub fn revision(service: &str, number: u32) -> String {
    format!("arn:aws:ecs:ap-northeast-1:123456789012:task-definition/{service}:{number}")
}

/// A deployment in a state, wanting two tasks and having them.
pub fn deployment(id: &str, status: &str, rollout: &str) -> Deployment {
    Deployment {
        id: id.into(),
        status: status.into(),
        rollout_state: Some(rollout.into()),
        rollout_reason: Some(format!("ECS deployment {id} {}.", rollout.to_lowercase())),
        task_definition: revision("backend", 7),
        desired: 2,
        running: 2,
        created_at: Some(at(-86_400)),
        updated_at: Some(at(-86_000)),
        ..Deployment::default()
    }
}

/// A service deployment's ARN.
pub fn record_arn(service: &str, id: &str) -> String {
    format!("arn:aws:ecs:ap-northeast-1:123456789012:service-deployment/party-box/{service}/{id}")
}

/// ECS's record of a rollout of backend, `seconds` after the beginning.
pub fn record(id: &str, status: &str, seconds: i64) -> ServiceDeployment {
    ServiceDeployment {
        arn: record_arn("backend", id),
        service: "backend".into(),
        status: status.into(),
        stage: Some("SCALE_UP".into()),
        strategy: Some("ROLLING".into()),
        created_at: Some(at(seconds)),
        started_at: Some(at(seconds)),
        updated_at: Some(at(seconds)),
        ..ServiceDeployment::default()
    }
}

/// A service event, `seconds` after the beginning.
pub fn event(seconds: i64, message: &str) -> ServiceEvent {
    ServiceEvent { id: format!("e{seconds}-{message}"), at: at(seconds), message: message.into() }
}

/// An RDS event of the failover category.
pub fn failover_event(seconds: i64, message: &str) -> DbEvent {
    DbEvent {
        of: DbEventSource::Instance,
        source: DB.into(),
        at: at(seconds),
        message: message.into(),
        categories: vec!["failover".into()],
    }
}

/// A running task of a service; `n` gives its address and zone.
pub fn task(service: &str, n: u32, started_by: &str) -> Task {
    let host = if service == "backend" { n } else { 100 + n };
    Task {
        id: format!("{service}-{n}"),
        arn: format!("arn:aws:ecs:ap-northeast-1:123456789012:task/party-box/{service}-{n}"),
        group: format!("service:{service}"),
        task_definition: revision(service, 7),
        last_status: "RUNNING".into(),
        desired_status: "RUNNING".into(),
        health: "UNKNOWN".into(),
        started_by: Some(started_by.into()),
        ip: Some(format!("10.0.2.{host}")),
        zone: Some(format!("ap-northeast-1{}", if n.is_multiple_of(2) { "a" } else { "c" })),
        created_at: Some(at(-3600 + i64::from(n))),
        containers: vec![Container {
            name: "app".into(),
            image: format!("{REGISTRY}/party-box/{service}:v7"),
            digest: Some(format!("sha256:{service}7")),
            last_status: "RUNNING".into(),
            ..Container::default()
        }],
        ..Task::default()
    }
}

/// A target at the address of [`task`] `n`.
pub fn target(service: &str, n: u32, state: &str) -> TargetHealth {
    TargetHealth {
        id: task(service, n, "").ip.expect("a task has an address"),
        port: 3000,
        state: state.into(),
        ..TargetHealth::default()
    }
}

pub fn error(kind: ErrorKind) -> CallError {
    CallError {
        kind,
        action: "ecs:Something".into(),
        code: None,
        message: "it did not work; try something else".into(),
    }
}

fn service(name: &str) -> Service {
    let id = format!("ecs-svc/{name}-1");
    Service {
        name: name.into(),
        arn: format!("arn:aws:ecs:ap-northeast-1:123456789012:service/party-box/{name}"),
        status: "ACTIVE".into(),
        desired: 2,
        running: 2,
        task_definition: revision(name, 7),
        controller: "ECS".into(),
        min_healthy_percent: Some(100),
        max_percent: Some(200),
        circuit_breaker: Some(CircuitBreaker { enable: true, rollback: true }),
        deployments: vec![Deployment {
            task_definition: revision(name, 7),
            ..deployment(&id, "PRIMARY", "COMPLETED")
        }],
        events: vec![event(-600, &format!("(service {name}) has reached a steady state."))],
        subnets: vec!["subnet-a".into(), "subnet-c".into()],
        security_groups: vec!["sg-ecs".into()],
        assign_public_ip: Some(false),
        target_links: vec![TargetLink {
            target_group_arn: group_arn(name),
            container: "app".into(),
            port: 3000,
            ..TargetLink::default()
        }],
        ..Service::default()
    }
}

fn database(id: &str) -> Database {
    Database {
        id: id.into(),
        arn: format!("arn:aws:rds:ap-northeast-1:123456789012:db:{id}"),
        status: "available".into(),
        engine: "postgres".into(),
        multi_az: true,
        zone: Some("ap-northeast-1a".into()),
        secondary_zone: Some("ap-northeast-1c".into()),
        encrypted: true,
        deletion_protection: true,
        backup_days: 35,
        latest_restorable: Some(at(-120)),
        security_groups: vec!["sg-rds".into()],
        vpc: Some("vpc-1".into()),
        ..Database::default()
    }
}

/// An alarm that tells somebody, on a metric of something.
pub fn alarm(name: &str, state: &str, namespace: &str, metric: &str, dimensions: &[(&str, &str)]) -> Alarm {
    Alarm {
        name: name.into(),
        arn: format!("arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:{name}"),
        state: state.into(),
        since: Some(at(-180)),
        metrics: vec![AlarmMetric {
            namespace: namespace.into(),
            name: metric.into(),
            dimensions: dimensions.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            account: None,
        }],
        actions_enabled: Some(true),
        actions: vec!["arn:aws:sns:ap-northeast-1:123456789012:on-call".into()],
        ..Alarm::default()
    }
}

fn alarms_of(service: &str) -> Vec<Alarm> {
    let own = [("ClusterName", "party-box"), ("ServiceName", service)];
    let group = format!("targetgroup/{service}/1");
    let targets = [("TargetGroup", group.as_str()), ("LoadBalancer", "app/party-box/1")];
    vec![
        alarm(&format!("{service}-cpu"), "OK", "AWS/ECS", "CPUUtilization", &own),
        alarm(&format!("{service}-targets"), "OK", "AWS/ApplicationELB", "UnHealthyHostCount", &targets),
    ]
}

fn alarms_of_the_rest() -> Vec<Alarm> {
    let balancer = [("LoadBalancer", "app/party-box/1")];
    let database = [("DBInstanceIdentifier", DB)];
    let replica = [("DBInstanceIdentifier", "party-box-db-replica")];
    vec![
        alarm("alb-5xx", "OK", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", &balancer),
        alarm("alb-latency", "OK", "AWS/ApplicationELB", "TargetResponseTime", &balancer),
        alarm("db-connections", "OK", "AWS/RDS", "DatabaseConnections", &database),
        alarm("db-storage", "OK", "AWS/RDS", "FreeStorageSpace", &database),
        alarm("db-lag", "OK", "AWS/RDS", "ReplicaLag", &replica),
    ]
}

fn network() -> Network {
    let subnet = |id: &str, zone: &str, cidr: &str| Subnet {
        id: id.into(),
        zone: format!("ap-northeast-1{zone}"),
        cidr: cidr.into(),
        free_addresses: 200,
        ..Subnet::default()
    };
    let group = |id: &str, port: i32, source: &str| SecurityGroup {
        id: id.into(),
        name: id.into(),
        inbound: vec![InboundRule {
            protocol: "tcp".into(),
            from_port: Some(port),
            to_port: Some(port),
            source: source.into(),
        }],
        ..SecurityGroup::default()
    };
    Network {
        vpc: "vpc-1".into(),
        cidr: "10.0.0.0/16".into(),
        subnets: vec![subnet("subnet-a", "a", "10.0.2.0/24"), subnet("subnet-c", "c", "10.0.3.0/24")],
        security_groups: vec![
            group("sg-alb", 443, "0.0.0.0/0"),
            group("sg-ecs", 3000, "sg-alb"),
            group("sg-rds", 5432, "sg-ecs"),
        ],
        ..Network::default()
    }
}

impl Sample {
    /// A healthy Party Box: two services of two tasks, a database with a standby and a replica.
    #[expect(clippy::too_many_lines, reason = "one sample, in the order of the chain")]
    pub fn healthy() -> Self {
        let names = ["frontend", "backend"];
        let each = |f: &dyn Fn(&str) -> (String, Vec<Task>)| names.iter().map(|n| f(n)).collect();
        let balancer = LoadBalancer {
            arn: "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/party-box/1"
                .into(),
            name: "party-box-alb".into(),
            state: "active".into(),
            vpc: Some("vpc-1".into()),
            security_groups: vec!["sg-alb".into()],
            ..LoadBalancer::default()
        };
        let rule = |priority: Option<u32>, action: RuleAction| Rule {
            priority,
            actions: vec![action],
            ..Rule::default()
        };
        let listener = |port: u32, protocol: &str, rules: Vec<Rule>| Listener {
            port,
            protocol: protocol.into(),
            rules,
            certificates: vec!["arn:aws:acm:ap-northeast-1:123456789012:certificate/1".into()],
            ..Listener::default()
        };
        let forward = |service: &str| RuleAction::Forward(vec![(group_arn(service), 1)]);
        let mut replica = database("party-box-db-replica");
        replica.replica_of = Some(DB.into());
        replica.multi_az = false;
        replica.secondary_zone = None;
        Self {
            clusters: vec![Cluster {
                name: "party-box".into(),
                arn: "arn:aws:ecs:ap-northeast-1:123456789012:cluster/party-box".into(),
                status: "ACTIVE".into(),
                ..Cluster::default()
            }],
            services: names.iter().map(|n| service(n)).collect(),
            tasks: each(&|n| {
                (n.to_owned(), (1..=2).map(|i| task(n, i, &format!("ecs-svc/{n}-1"))).collect())
            }),
            definitions: names
                .iter()
                .map(|n| {
                    let container = ContainerDefinition {
                        name: "app".into(),
                        image: format!("{REGISTRY}/party-box/{n}:v7"),
                        secrets: vec![("DATABASE_URL".into(), SECRET.into())],
                        ..ContainerDefinition::default()
                    };
                    let arn = revision(n, 7);
                    let definition = TaskDefinition {
                        arn: arn.clone(),
                        containers: vec![container],
                        ..TaskDefinition::default()
                    };
                    (arn, definition)
                })
                .collect(),
            scaling: names
                .iter()
                .map(|n| Scaling {
                    resource_id: format!("service/party-box/{n}"),
                    min: 2,
                    max: 6,
                    ..Scaling::default()
                })
                .collect(),
            health: names
                .iter()
                .map(|n| (group_arn(n), (1..=2).map(|i| target(n, i, "healthy")).collect()))
                .collect(),
            groups: names
                .iter()
                .map(|n| TargetGroup {
                    arn: group_arn(n),
                    name: (*n).into(),
                    load_balancers: vec![balancer.arn.clone()],
                    ..TargetGroup::default()
                })
                .collect(),
            balancer,
            listeners: vec![
                listener(
                    443,
                    "HTTPS",
                    vec![rule(Some(10), forward("backend")), rule(None, forward("frontend"))],
                ),
                listener(80, "HTTP", vec![rule(None, RuleAction::Redirect("HTTPS://".into()))]),
            ],
            certificates: vec![Certificate {
                domain: "party.example".into(),
                status: "ISSUED".into(),
                not_after: Some(at(200 * 86_400)),
                ..Certificate::default()
            }],
            databases: vec![database(DB), replica],
            db_clusters: Vec::new(),
            db_events: Vec::new(),
            maintenance: BTreeMap::new(),
            image: Image {
                scan: Scan::Done {
                    status: "COMPLETE".into(),
                    at: None,
                    counts: BTreeMap::new(),
                    findings: Vec::new(),
                },
                ..Image::default()
            },
            secrets: vec![Secret { name: "party-box/db".into(), rotation: Some(true), ..Secret::default() }],
            network: network(),
            metrics: BTreeMap::new(),
            alarms: names.iter().flat_map(|n| alarms_of(n)).chain(alarms_of_the_rest()).collect(),
            records: BTreeMap::new(),
            revisions: Vec::new(),
            logs: BTreeMap::new(),
            candidates: Vec::new(),
            protection: Vec::new(),
            proxies: Vec::new(),
            prefix_lists: Vec::new(),
            endpoints: Vec::new(),
            lacking: false,
        }
    }

    /// The same with an Aurora cluster instead of the Multi-AZ instance and its replica: `party-box-db-1`
    /// writes in zone a, `party-box-db-2` reads in c.
    pub fn aurora() -> Self {
        let mut sample = Self::healthy();
        let member = |n: u32, zone: &str| Database {
            engine: "aurora-postgresql".into(),
            cluster: Some(DB.into()),
            multi_az: false,
            zone: Some(format!("ap-northeast-1{zone}")),
            secondary_zone: None,
            latest_restorable: None,
            ..database(&format!("{DB}-{n}"))
        };
        sample.databases = vec![member(1, "a"), member(2, "c")];
        sample.db_clusters = vec![DbCluster {
            id: DB.into(),
            arn: format!("arn:aws:rds:ap-northeast-1:123456789012:cluster:{DB}"),
            status: "available".into(),
            engine: "aurora-postgresql".into(),
            version: "16.4".into(),
            host: Some(format!("{DB}.cluster-c9akciq32.ap-northeast-1.rds.amazonaws.com")),
            latest_restorable: Some(at(-120)),
            ..DbCluster::default()
        }];
        sample.writes(1);
        sample
    }

    /// Which member of the cluster writes from now on.
    pub fn writes(&mut self, writer: u32) {
        self.db_clusters[0].members = (1..=2)
            .map(|n| DbMember { instance: format!("{DB}-{n}"), writer: n == writer, promotion_tier: Some(1) })
            .collect();
    }

    /// A service, to be changed.
    pub fn service(&mut self, name: &str) -> &mut Service {
        self.services.iter_mut().find(|s| s.name == name).expect("a service of the sample")
    }

    /// The writer, to be changed.
    pub fn writer(&mut self) -> &mut Database {
        &mut self.databases[0]
    }

    /// A service's tasks, to be changed.
    pub fn tasks_of(&mut self, service: &str) -> &mut Vec<Task> {
        self.tasks.entry(service.into()).or_default()
    }

    /// A service's targets, to be changed.
    pub fn targets_of(&mut self, service: &str) -> &mut Vec<TargetHealth> {
        self.health.entry(group_arn(service)).or_default()
    }

    /// What AWS answers to a question.
    pub fn answer(&self, query: &Query) -> Result<Payload, CallError> {
        let missing = || error(ErrorKind::NotFound);
        Ok(match query {
            Query::Identity => Payload::Identity(Identity {
                account: "123456789012".into(),
                arn: "arn:aws:sts::123456789012:assumed-role/on-call/me".into(),
            }),
            Query::Clusters { only } => Payload::Clusters(
                self.clusters
                    .iter()
                    .filter(|c| only.as_ref().is_none_or(|o| c.name == *o || c.arn == *o))
                    .cloned()
                    .collect(),
            ),
            Query::Services { .. } => Payload::Services(Arc::new(self.services.clone())),
            Query::Tasks { service, .. } => {
                Payload::Tasks(Arc::new(self.tasks.get(service).cloned().unwrap_or_default()))
            }
            Query::TaskDefinition { arn } => {
                Payload::TaskDefinition(self.definitions.get(arn).cloned().ok_or_else(missing)?)
            }
            Query::Scaling { .. } => Payload::Scaling(self.scaling.clone()),
            Query::TargetGroups { .. } => Payload::TargetGroups(self.groups.clone()),
            Query::TargetHealth { arn } => {
                // A group that is there and whose health is not is one that may not be read.
                let there = self.groups.iter().any(|group| group.arn == *arn);
                let kind = if there { ErrorKind::Denied } else { ErrorKind::NotFound };
                Payload::TargetHealth(self.health.get(arn).cloned().ok_or_else(|| error(kind))?)
            }
            Query::LoadBalancers { .. } => Payload::LoadBalancers(vec![self.balancer.clone()]),
            Query::Listeners { .. } => Payload::Listeners(self.listeners.clone()),
            Query::Certificates { .. } => Payload::Certificates(self.certificates.clone()),
            Query::Databases => Payload::Databases(self.databases.clone()),
            Query::DbClusters => Payload::DbClusters(self.db_clusters.clone()),
            Query::DbEvents => Payload::DbEvents(self.db_events.clone()),
            Query::Maintenance { resource } => {
                Payload::Maintenance(self.maintenance.get(resource).cloned().unwrap_or_default())
            }
            Query::Image { .. } => Payload::Image(self.image.clone()),
            Query::Repositories { .. } => Payload::Repositories(Vec::new()),
            Query::Secrets { .. } => Payload::Secrets(self.secrets.clone()),
            Query::Network { .. } => Payload::Network(self.network.clone()),
            Query::Metrics { keys } => Payload::Metrics(
                keys.iter().filter_map(|k| Some((k.clone(), self.metrics.get(k)?.clone()))).collect(),
            ),
            Query::Alarms => Payload::Alarms(self.alarms.clone()),
            Query::DbProxies { .. } => Payload::DbProxies(self.proxies.clone()),
            Query::PrefixLists { .. } => Payload::PrefixLists(self.prefix_lists.clone()),
            Query::VpcEndpoints { .. } => Payload::VpcEndpoints(self.endpoints.clone()),
            Query::ServiceDeployments { .. } | Query::Revisions { .. } if self.lacking => {
                return Err(error(ErrorKind::Unsupported));
            }
            Query::ServiceDeployments { service, .. } => {
                Payload::ServiceDeployments(self.records.get(service).cloned().unwrap_or_default())
            }
            Query::Revisions { arns } => {
                Payload::Revisions(self.revisions.iter().filter(|r| arns.contains(&r.arn)).cloned().collect())
            }
            Query::Protection { tasks, .. } => Payload::Protection(
                self.protection.iter().filter(|it| tasks.contains(&it.task)).cloned().collect(),
            ),
            Query::TaskLog { stream, .. } => {
                Payload::TaskLog(self.logs.get(stream).cloned().ok_or_else(missing)?)
            }
            Query::Candidates { .. } => Payload::Candidates(self.candidates.clone()),
        })
    }

    /// A store in which everything was read at a moment.
    pub fn store(&self, mono: Duration, server: DateTime<Utc>) -> Store {
        let mut store = Store::default();
        let cluster = "party-box".to_owned();
        let mut ask = |topic: Topic, query: Query| {
            let payload = match self.answer(&query) {
                Ok(payload) => payload,
                Err(error) if error.kind == ErrorKind::Unsupported => {
                    store.slot_mut(&topic).failure = Some(Failure { error, since: mono, count: 1 });
                    return;
                }
                Err(_) => return,
            };
            let slot = store.slot_mut(&topic);
            slot.payload = Some(payload);
            slot.taken = Some(mono);
            slot.taken_at = Some(server);
        };
        ask(Topic::Identity, Query::Identity);
        ask(Topic::Clusters, Query::Clusters { only: None });
        ask(Topic::Services, Query::Services { cluster: cluster.clone() });
        for service in &self.services {
            let name = service.name.clone();
            ask(
                Topic::ServiceDeployments(name.clone()),
                Query::ServiceDeployments { cluster: cluster.clone(), service: name.clone() },
            );
            let arns = self.revisions.iter().map(|r| r.arn.clone()).collect();
            ask(Topic::Revisions(name.clone()), Query::Revisions { arns });
            if !self.protection.is_empty() {
                let tasks = self.protection.iter().map(|it| it.task.clone()).collect();
                let cluster = cluster.clone();
                ask(Topic::Protection(name.clone()), Query::Protection { cluster, tasks });
            }
            ask(Topic::Tasks(name.clone()), Query::Tasks { cluster: cluster.clone(), service: name });
        }
        for arn in self.definitions.keys() {
            ask(Topic::TaskDefinition(arn.clone()), Query::TaskDefinition { arn: arn.clone() });
        }
        ask(Topic::Scaling, Query::Scaling { resource_ids: Vec::new() });
        ask(Topic::TargetGroups, Query::TargetGroups { arns: Vec::new() });
        for arn in self.health.keys() {
            ask(Topic::TargetHealth(arn.clone()), Query::TargetHealth { arn: arn.clone() });
        }
        ask(Topic::LoadBalancers, Query::LoadBalancers { arns: Vec::new() });
        let balancer = self.balancer.arn.clone();
        ask(Topic::Listeners(balancer.clone()), Query::Listeners { load_balancer: balancer });
        ask(Topic::Certificates, Query::Certificates { arns: Vec::new() });
        ask(Topic::Databases, Query::Databases);
        ask(Topic::DbClusters, Query::DbClusters);
        ask(Topic::DbEvents, Query::DbEvents);
        for arn in self.databases.iter().map(|d| &d.arn).chain(self.db_clusters.iter().map(|c| &c.arn)) {
            let resource = arn.clone();
            ask(Topic::Maintenance(resource.clone()), Query::Maintenance { resource });
        }
        for name in ["backend", "frontend"] {
            let id = ImageId {
                registry: "123456789012".into(),
                repository: format!("party-box/{name}"),
                digest: format!("sha256:{name}7"),
            };
            ask(Topic::Image(id.clone()), Query::Image { id, architecture: None });
        }
        ask(Topic::Secrets, Query::Secrets { arns: Vec::new() });
        ask(Topic::Network, Query::Network { vpc_or_subnet: "vpc-1".into(), named: Vec::new() });
        ask(Topic::Metrics, Query::Metrics { keys: self.metrics.keys().cloned().collect() });
        ask(Topic::Alarms, Query::Alarms);
        ask(Topic::DbProxies, Query::DbProxies { vpc: "vpc-1".into() });
        ask(Topic::PrefixLists, Query::PrefixLists { ids: Vec::new() });
        ask(Topic::VpcEndpoints, Query::VpcEndpoints { vpc: "vpc-1".into() });
        store
    }
}
