//! A plausible Party Box for frames: a rollout under way with a failing target, a Japanese name, a failed poll.

use crate::app::{Entry, Lists, Phase, Session, State, Thing, View};
use crate::diagnosis::{Finding, Health, Subject};
use crate::domain::*;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub(super) const REGION: &str = "ap-northeast-1";
const HOST: &str = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com";
pub(super) const ALB: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/party-box-alb/50dc6c495c0c9188";

/// The server's time in all frames.
pub(super) fn clock() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
}

/// The program's time in all frames.
pub(super) fn now() -> Now {
    Now { mono: Duration::from_mins(10), wall: clock() }
}

pub(super) fn ago(seconds: i64) -> DateTime<Utc> {
    clock() - TimeDelta::seconds(seconds)
}

fn tg(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/{name}/73e2d6bc24d8a067")
}

pub(super) fn definition(family: &str, revision: u32) -> String {
    format!("arn:aws:ecs:{REGION}:123456789012:task-definition/{family}:{revision}")
}

/// Puts a payload into the store, taken three seconds ago.
pub(super) fn put(state: &mut State, topic: Topic, payload: Payload) {
    let slot = state.store.slot_mut(&topic);
    slot.payload = Some(payload);
    slot.taken = Some(Duration::from_secs(597));
    slot.taken_at = Some(ago(3));
}

/// Makes the newest polls of a topic fail, for two minutes; its last reading is three minutes old.
pub(super) fn fail(state: &mut State, topic: &Topic, kind: ErrorKind, action: &str, message: &str) {
    let slot = state.store.slot_mut(topic);
    if slot.payload.is_some() {
        slot.taken = Some(Duration::from_secs(420));
    }
    slot.failure = Some(Failure {
        error: CallError { kind, action: action.into(), code: None, message: message.into() },
        since: Duration::from_secs(480),
        count: 5,
    });
}

pub(super) struct Spec<'a> {
    pub(super) service: &'a str,
    pub(super) revision: u32,
    pub(super) tag: &'a str,
    pub(super) digest: char,
    pub(super) deployment: &'a str,
    pub(super) status: &'a str,
    pub(super) zone: char,
    pub(super) n: u32,
    pub(super) age: i64,
}

pub(super) fn task(spec: &Spec<'_>) -> Task {
    Task {
        id: format!("{}{:07x}{:024x}", spec.digest, spec.n * 7919, spec.n),
        arn: format!("arn:aws:ecs:{REGION}:123456789012:task/party-box/{}", spec.n),
        group: format!("service:{}", spec.service),
        task_definition: definition(spec.service, spec.revision),
        last_status: spec.status.into(),
        desired_status: if spec.status == "STOPPED" { "STOPPED" } else { "RUNNING" }.into(),
        health: "UNKNOWN".into(),
        started_by: Some(spec.deployment.into()),
        ip: Some(format!("10.0.{}.{}", if spec.zone == 'a' { 2 } else { 4 }, 10 + spec.n)),
        subnet: Some(format!("subnet-private-{}", spec.zone)),
        zone: Some(format!("{REGION}{}", spec.zone)),
        cpu: Some(256),
        memory: Some(512),
        created_at: Some(ago(spec.age + 40)),
        started_at: (spec.status != "PENDING" && spec.status != "PROVISIONING").then(|| ago(spec.age)),
        containers: vec![Container {
            name: spec.service.into(),
            image: format!("{HOST}/party-box/{}:{}", spec.service, spec.tag),
            digest: Some(format!("sha256:{}", spec.digest.to_string().repeat(64))),
            last_status: "RUNNING".into(),
            exit_code: None,
            reason: None,
        }],
        ..Task::default()
    }
}

pub(super) fn target(ip: &str, zone: char, state: &str, reason: Option<(&str, &str)>) -> TargetHealth {
    TargetHealth {
        id: ip.into(),
        port: 3000,
        zone: Some(format!("{REGION}{zone}")),
        state: state.into(),
        reason: reason.map(|r| r.0.into()),
        description: reason.map(|r| r.1.into()),
    }
}

fn service(name: &str, desired: u32, running: u32, revision: u32, deployments: Vec<Deployment>) -> Service {
    Service {
        name: name.into(),
        arn: format!("arn:aws:ecs:{REGION}:123456789012:service/party-box/{name}"),
        status: "ACTIVE".into(),
        desired,
        running,
        launch_type: Some("FARGATE".into()),
        task_definition: definition(name, revision),
        controller: "ECS".into(),
        strategy: Some("ROLLING".into()),
        min_healthy_percent: Some(100),
        max_percent: Some(200),
        circuit_breaker: Some((true, true)),
        grace_seconds: Some(60),
        created_at: Some(ago(9_000_000)),
        deployments,
        events: vec![ServiceEvent {
            id: "e1".into(),
            at: ago(65),
            message: format!("(service {name}) has reached a steady state."),
        }],
        subnets: vec!["subnet-private-a".into(), "subnet-private-c".into()],
        security_groups: vec!["sg-ecs".into()],
        assign_public_ip: Some(false),
        target_links: vec![TargetLink {
            target_group_arn: tg(&format!("party-box-{name}")),
            container: name.into(),
            port: 3000,
        }],
        ..Service::default()
    }
}

fn deployment(id: &str, status: &str, name: &str, revision: u32, counts: (u32, u32, u32)) -> Deployment {
    Deployment {
        id: id.into(),
        status: status.into(),
        rollout_state: Some(if counts.1 == counts.0 { "COMPLETED" } else { "IN_PROGRESS" }.into()),
        rollout_reason: Some(format!("ECS deployment {id} in progress.")),
        task_definition: definition(name, revision),
        desired: counts.0,
        running: counts.1,
        pending: counts.2,
        failed: 0,
        created_at: Some(ago(if status == "PRIMARY" { 150 } else { 180_000 })),
        updated_at: Some(ago(12)),
    }
}

fn series(values: impl IntoIterator<Item = f64>) -> Series {
    let mut points: Vec<(DateTime<Utc>, f64)> = values
        .into_iter()
        .enumerate()
        .map(|(i, v)| (ago(60 * (60 - i64::try_from(i).unwrap_or(0))), v))
        .collect();
    points.truncate(60);
    Series { points, problem: None }
}

/// A gentle wave: enough to see that sparklines follow.
fn wave(base: f64, swing: f64) -> Series {
    series((0..60).map(|i| base + swing * (f64::from(i) / 5.0).sin()))
}

fn metrics() -> Vec<(MetricKey, Series)> {
    let alb = "app/party-box-alb/50dc6c495c0c9188";
    let key = MetricKey::new;
    vec![
        (key(MetricKind::AlbRequests, alb), wave(1240.0, 400.0)),
        (key(MetricKind::AlbLatencyP50, alb), wave(0.022, 0.004)),
        (key(MetricKind::AlbLatencyP99, alb), wave(0.084, 0.03)),
        (key(MetricKind::AlbTarget5xx, alb), series((0..60).map(|i| if i > 56 { 14.0 } else { 0.0 }))),
        (key(MetricKind::AlbElb5xx, alb), series((0..60).map(|_| 0.0))),
        (key(MetricKind::AlbConnections, alb), wave(410.0, 60.0)),
        (key(MetricKind::ServiceCpu, "party-box/frontend"), wave(41.0, 18.0)),
        (key(MetricKind::ServiceMemory, "party-box/frontend"), wave(52.0, 3.0)),
        (key(MetricKind::ServiceCpu, "party-box/backend"), wave(63.0, 20.0)),
        (key(MetricKind::DbCpu, "party-box-db"), wave(22.0, 8.0)),
        (key(MetricKind::DbConnections, "party-box-db"), wave(14.0, 3.0)),
        (key(MetricKind::DbFreeStorage, "party-box-db"), wave(17_394_617_548.0, 1.0)),
        (key(MetricKind::DbFreeMemory, "party-box-db"), wave(432_013_312.0, 9_000_000.0)),
        (key(MetricKind::DbReadLatency, "party-box-db"), wave(0.0006, 0.0002)),
        (key(MetricKind::DbWriteLatency, "party-box-db"), wave(0.0014, 0.0004)),
        (key(MetricKind::DbCpu, "party-box-db-replica"), wave(9.0, 2.0)),
        (key(MetricKind::DbReplicaLag, "party-box-db-replica"), wave(0.2, 0.1)),
    ]
}

fn databases() -> Vec<Database> {
    let writer = Database {
        id: "party-box-db".into(),
        arn: format!("arn:aws:rds:{REGION}:123456789012:db:party-box-db"),
        status: "available".into(),
        engine: "postgres".into(),
        version: "16.4".into(),
        class: "db.t4g.medium".into(),
        host: Some("party-box-db.c9akciq32.ap-northeast-1.rds.amazonaws.com".into()),
        port: Some(5432),
        multi_az: true,
        zone: Some(format!("{REGION}a")),
        secondary_zone: Some(format!("{REGION}c")),
        replicas: vec!["party-box-db-replica".into()],
        storage_gib: Some(20),
        storage_type: Some("gp3".into()),
        encrypted: true,
        deletion_protection: true,
        backup_days: 35,
        backup_window: Some("17:00-17:30".into()),
        latest_restorable: Some(ago(240)),
        security_groups: vec!["sg-rds".into()],
        subnets: vec![
            ("subnet-private-a".into(), format!("{REGION}a")),
            ("subnet-private-c".into(), format!("{REGION}c")),
        ],
        vpc: Some("vpc-0a1b2c3d".into()),
        ..Database::default()
    };
    let replica = Database {
        id: "party-box-db-replica".into(),
        multi_az: false,
        zone: Some(format!("{REGION}c")),
        secondary_zone: None,
        replica_of: Some("party-box-db".into()),
        replicas: vec![],
        backup_days: 0,
        latest_restorable: None,
        deletion_protection: false,
        ..writer.clone()
    };
    vec![writer, replica]
}

fn network() -> Network {
    let subnet = |id: &str, cidr: &str, zone: char, free| Subnet {
        id: id.into(),
        name: Some(format!("party-box-{}", id.trim_start_matches("subnet-"))),
        cidr: cidr.into(),
        zone: format!("{REGION}{zone}"),
        free_addresses: free,
    };
    let route = |target: &str| Route {
        destination: "0.0.0.0/0".into(),
        target: target.into(),
        state: "active".into(),
    };
    let rule = |port, source: &str| InboundRule {
        protocol: "tcp".into(),
        from_port: Some(port),
        to_port: Some(port),
        source: source.into(),
    };
    let group = |id: &str, name: &str, inbound| SecurityGroup {
        id: id.into(),
        name: name.into(),
        description: format!("{name} of the Party Box"),
        inbound,
    };
    Network {
        vpc: "vpc-0a1b2c3d".into(),
        name: Some("パーティーボックス本番".into()),
        cidr: "10.0.0.0/16".into(),
        subnets: vec![
            subnet("subnet-public-a", "10.0.1.0/24", 'a', 244),
            subnet("subnet-private-a", "10.0.2.0/24", 'a', 238),
            subnet("subnet-public-c", "10.0.3.0/24", 'c', 245),
            subnet("subnet-private-c", "10.0.4.0/28", 'c', 9),
        ],
        route_tables: vec![
            RouteTable {
                id: "rtb-public".into(),
                main: false,
                subnets: vec!["subnet-public-a".into(), "subnet-public-c".into()],
                routes: vec![route("igw-0f1e2d")],
            },
            RouteTable {
                id: "rtb-main".into(),
                main: true,
                subnets: vec![],
                routes: vec![route("nat-0aa11bb22")],
            },
        ],
        nat_gateways: vec![NatGateway {
            id: "nat-0aa11bb22".into(),
            state: "available".into(),
            subnet: "subnet-public-a".into(),
            public_ip: Some("203.0.113.24".into()),
            failure: None,
        }],
        internet_gateways: vec![("igw-0f1e2d".into(), "available".into())],
        security_groups: vec![
            group("sg-alb", "party-box-alb", vec![rule(443, "0.0.0.0/0"), rule(80, "0.0.0.0/0")]),
            group("sg-ecs", "party-box-ecs", vec![rule(3000, "sg-alb")]),
            group("sg-rds", "party-box-rds", vec![rule(5432, "sg-ecs"), rule(5432, "0.0.0.0/0")]),
        ],
    }
}

fn listeners() -> Vec<Listener> {
    let forward = |name: &str| vec![RuleAction::Forward(vec![(tg(name), 1)])];
    let path = |priority, paths: &[&str], name: &str| Rule {
        arn: format!("arn:rule/{priority}"),
        priority: Some(priority),
        conditions: vec![("path-pattern".into(), paths.iter().map(|p| (*p).into()).collect())],
        actions: forward(name),
    };
    let redirect = RuleAction::Redirect("HTTPS://#{host}:443/#{path}?#{query} (HTTP_301)".into());
    vec![
        Listener {
            arn: "arn:listener/443".into(),
            port: 443,
            protocol: "HTTPS".into(),
            ssl_policy: Some("ELBSecurityPolicy-TLS13-1-2-2021-06".into()),
            certificates: vec!["arn:certificate/1".into()],
            rules: vec![
                path(10, &["/api/*"], "party-box-backend"),
                path(20, &["/socket.io/*"], "party-box-backend"),
                Rule {
                    priority: None,
                    conditions: vec![],
                    actions: forward("party-box-frontend"),
                    ..Rule::default()
                },
            ],
        },
        Listener {
            arn: "arn:listener/80".into(),
            port: 80,
            protocol: "HTTP".into(),
            rules: vec![Rule { actions: vec![redirect], ..Rule::default() }],
            ..Listener::default()
        },
    ]
}

fn groups() -> Vec<TargetGroup> {
    ["party-box-backend", "party-box-frontend"]
        .map(|name| TargetGroup {
            arn: tg(name),
            name: name.into(),
            protocol: "HTTP".into(),
            port: 3000,
            target_type: "ip".into(),
            load_balancers: vec![ALB.into()],
            check_path: Some("/health".into()),
            check_interval: 30,
            check_timeout: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
            matcher: Some("200".into()),
            deregistration_delay: Some(60),
            sticky: Some(name.ends_with("backend")),
        })
        .to_vec()
}

fn images(state: &mut State) {
    let scans = [
        (
            "backend",
            '8',
            Scan::Done {
                status: "COMPLETE".into(),
                at: Some(ago(190_000)),
                counts: BTreeMap::from([
                    ("CRITICAL".into(), 1),
                    ("HIGH".into(), 3),
                    ("MEDIUM".into(), 12),
                    ("LOW".into(), 4),
                ]),
                findings: vec![
                    crate::domain::Finding {
                        name: "CVE-2026-31337".into(),
                        severity: "CRITICAL".into(),
                        package: Some("openssl 3.0.13-1".into()),
                        uri: Some("https://security-tracker.debian.org/tracker/CVE-2026-31337".into()),
                    },
                    crate::domain::Finding {
                        name: "CVE-2026-20011".into(),
                        severity: "HIGH".into(),
                        package: Some("node 22.3.0".into()),
                        uri: None,
                    },
                ],
            },
        ),
        ("backend", '9', Scan::Never),
        (
            "frontend",
            '4',
            Scan::Done {
                status: "COMPLETE".into(),
                at: Some(ago(500_000)),
                counts: BTreeMap::from([("MEDIUM".into(), 2)]),
                findings: vec![],
            },
        ),
    ];
    for (name, digest, scan) in scans {
        let id = ImageId {
            registry: "123456789012".into(),
            repository: format!("party-box/{name}"),
            digest: format!("sha256:{}", digest.to_string().repeat(64)),
        };
        let image = Image {
            tags: vec!["v1.9.0".into()],
            pushed_at: Some(ago(200_000)),
            size_bytes: Some(187_432_960),
            scan,
        };
        put(state, Topic::Image(id), Payload::Image(image));
    }
    let repository = |name: &str| Repository {
        name: format!("party-box/{name}"),
        mutability: "MUTABLE".into(),
        encryption: Some("AES256".into()),
        scan_on_push: true,
        lifecycle: vec!["untagged images expire 7 days after push".into()],
    };
    put(
        state,
        Topic::Repositories,
        Payload::Repositories(vec![repository("backend"), repository("frontend")]),
    );
}

/// A Party Box whose backend rolls from revision 41 to 42, and whose new tasks do not become healthy.
pub(super) fn rolling() -> State {
    let mut state = State {
        session: Session {
            cluster: Some("party-box".into()),
            region: REGION.into(),
            endpoint: Some("http://127.0.0.1:41234".into()),
            ..Session::default()
        },
        phase: Phase::Watching,
        ..State::default()
    };
    state.meter.simulated = Some(Simulated { speed: 20.0, scenario: "deploy".into() });
    state.requests = [(Duration::from_secs(540), 100), (Duration::from_secs(600), 128)].into();
    let identity = Identity {
        account: "123456789012".into(),
        arn: "arn:aws:sts::123456789012:assumed-role/PartyBoxOnCall/yui".into(),
    };
    put(&mut state, Topic::Identity, Payload::Identity(identity));
    let mut new = deployment("ecs-svc/42", "PRIMARY", "backend", 42, (2, 1, 1));
    new.failed = 2;
    let backend =
        service("backend", 2, 3, 42, vec![new, deployment("ecs-svc/41", "ACTIVE", "backend", 41, (2, 2, 0))]);
    let frontend =
        service("frontend", 2, 2, 17, vec![deployment("ecs-svc/17", "PRIMARY", "frontend", 17, (2, 2, 0))]);
    put(&mut state, Topic::Services, Payload::Services(Arc::new(vec![backend, frontend])));
    let spec = |revision, tag, digest, deployment, status, zone, n, age| Spec {
        service: "backend",
        revision,
        tag,
        digest,
        deployment,
        status,
        zone,
        n,
        age,
    };
    let mut stopped = task(&spec(42, "v1.9.0", '9', "ecs-svc/42", "STOPPED", 'a', 5, 130));
    stopped.stopped_at = Some(ago(45));
    stopped.stop_code = Some("EssentialContainerExited".into());
    stopped.stopped_reason = Some("Task failed ELB health checks in (target-group party-box-backend)".into());
    let tasks = vec![
        task(&spec(42, "v1.9.0", '9', "ecs-svc/42", "RUNNING", 'a', 1, 70)),
        task(&spec(42, "v1.9.0", '9', "ecs-svc/42", "PENDING", 'c', 2, 8)),
        task(&spec(41, "v1.8.3", '8', "ecs-svc/41", "RUNNING", 'a', 3, 180_000)),
        task(&spec(41, "v1.8.3", '8', "ecs-svc/41", "RUNNING", 'c', 4, 180_000)),
        stopped,
    ];
    put(&mut state, Topic::Tasks("backend".into()), Payload::Tasks(Arc::new(tasks)));
    let front = |zone, n| {
        task(&Spec {
            service: "frontend",
            revision: 17,
            tag: "v3.2.1",
            digest: '4',
            deployment: "ecs-svc/17",
            status: "RUNNING",
            zone,
            n,
            age: 400_000,
        })
    };
    put(
        &mut state,
        Topic::Tasks("frontend".into()),
        Payload::Tasks(Arc::new(vec![front('a', 11), front('c', 12)])),
    );
    put(&mut state, Topic::TargetGroups, Payload::TargetGroups(groups()));
    put(
        &mut state,
        Topic::TargetHealth(tg("party-box-backend")),
        Payload::TargetHealth(vec![
            target(
                "10.0.2.11",
                'a',
                "unhealthy",
                Some(("Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]")),
            ),
            target("10.0.2.13", 'a', "healthy", None),
            target("10.0.4.14", 'c', "healthy", None),
        ]),
    );
    put(
        &mut state,
        Topic::TargetHealth(tg("party-box-frontend")),
        Payload::TargetHealth(vec![
            target("10.0.2.21", 'a', "healthy", None),
            target("10.0.4.22", 'c', "healthy", None),
        ]),
    );
    for (name, revision) in [("backend", 42), ("backend", 41), ("frontend", 17)] {
        let arn = definition(name, revision);
        let definition = TaskDefinition {
            arn: arn.clone(),
            family: name.into(),
            revision,
            cpu: Some(256),
            memory: Some(512),
            containers: vec![ContainerDefinition {
                name: name.into(),
                image: format!("{HOST}/party-box/{name}:v1"),
                environment_names: vec!["NODE_ENV".into()],
                secrets: if name == "backend" {
                    vec![(
                        "DATABASE_URL".into(),
                        format!("arn:aws:secretsmanager:{REGION}:123456789012:secret:party-box/db-AbCdEf"),
                    )]
                } else {
                    vec![]
                },
                port: Some(3000),
                ..ContainerDefinition::default()
            }],
        };
        put(&mut state, Topic::TaskDefinition(arn), Payload::TaskDefinition(definition));
    }
    let scaling = |name: &str, max| Scaling {
        resource_id: format!("service/party-box/{name}"),
        min: 2,
        max,
        suspended: false,
        policies: vec![("cpu70".into(), Some(70.0))],
    };
    put(&mut state, Topic::Scaling, Payload::Scaling(vec![scaling("backend", 10), scaling("frontend", 6)]));
    let balancer = LoadBalancer {
        arn: ALB.into(),
        name: "party-box-alb".into(),
        dns_name: "party-box-alb-1234567890.ap-northeast-1.elb.amazonaws.com".into(),
        scheme: "internet-facing".into(),
        state: "active".into(),
        state_reason: None,
        vpc: Some("vpc-0a1b2c3d".into()),
        zones: vec![
            (format!("{REGION}a"), "subnet-public-a".into()),
            (format!("{REGION}c"), "subnet-public-c".into()),
        ],
        security_groups: vec!["sg-alb".into()],
    };
    put(&mut state, Topic::LoadBalancers, Payload::LoadBalancers(vec![balancer]));
    put(&mut state, Topic::Listeners(ALB.into()), Payload::Listeners(listeners()));
    let certificate = Certificate {
        arn: "arn:certificate/1".into(),
        domain: "party-box.example.jp".into(),
        status: "ISSUED".into(),
        kind: "AMAZON_ISSUED".into(),
        not_after: Some(clock() + TimeDelta::days(61)),
        renewal: None,
    };
    put(&mut state, Topic::Certificates, Payload::Certificates(vec![certificate]));
    put(&mut state, Topic::Databases, Payload::Databases(databases()));
    let event = |seconds, message: &str, category: &str| DbEvent {
        source: "party-box-db".into(),
        at: ago(seconds),
        message: message.into(),
        categories: vec![category.into()],
    };
    let events = vec![
        event(80_000, "Multi-AZ instance failover completed", "failover"),
        event(24_000, "Backing up DB instance", "backup"),
        event(23_800, "Finished DB Instance backup", "backup"),
    ];
    put(&mut state, Topic::DbEvents, Payload::DbEvents(events));
    put(&mut state, Topic::Network, Payload::Network(network()));
    put(&mut state, Topic::Metrics, Payload::Metrics(metrics()));
    images(&mut state);
    state.party_box = PartyBox::join(&state.store);
    state.health = health();
    state.timeline.add(entries());
    list(&mut state);
    state
}

fn health() -> Health {
    let finding = |level, subject, text: &str, advice: Option<&str>| Finding {
        level,
        subject,
        text: text.into(),
        advice: advice.map(Into::into),
    };
    let backend = || Subject::Service("backend".into());
    Health {
        level: Level::Bad,
        headline: "backend rollout is failing: 1 of 1 new task answers /health with 503; 2 failures in a row before the breaker rolls back".into(),
        findings: vec![
            finding(Level::Bad, backend(), "1 target of backend is unhealthy: Target.ResponseCodeMismatch [503]", Some("2: look at its tasks; the breaker rolls back by itself")),
            finding(Level::Bad, Subject::Image("party-box/backend".into()), "backend v1.8.3 runs with 1 critical vulnerability", Some("rebuild the image: openssl 3.0.13-1")),
            finding(Level::Bad, Subject::Network, "party-box-rds admits 5432 from the world", Some("6: remove the rule 0.0.0.0/0")),
            finding(Level::Warn, Subject::Network, "party-box-private-c has 9 free addresses", None),
        ],
    }
}

fn entries() -> Vec<Entry> {
    let entry = |seconds, from, level, text: &str| Entry {
        at: ago(seconds),
        from,
        subject: Subject::Service("backend".into()),
        level,
        text: text.into(),
    };
    vec![
        entry(12, "ecs", Level::Idle, "backend has started 1 tasks: task 92a0."),
        entry(45, "ecs", Level::Warn, "backend task 9009a6b stopped: failed ELB health checks"),
        entry(70, "seen", Level::Bad, "backend target 10.0.2.11 initial → unhealthy"),
        entry(150, "you", Level::Good, "scale backend 2 → 4: succeeded after 42s"),
        entry(150, "ecs", Level::Idle, "backend began deployment ecs-svc/42"),
        entry(24_000, "rds", Level::Idle, "パーティー用データベースのバックアップを開始しました"),
        entry(80_000, "rds", Level::Warn, "Multi-AZ instance failover completed"),
    ]
}

/// The lists as they are without a filter.
pub(super) fn list(state: &mut State) {
    let party_box = &state.party_box;
    let mut things: Vec<Thing> = (0..party_box.balancers.len()).map(Thing::Balancer).collect();
    things.extend((0..party_box.services.len()).map(Thing::Service));
    things.extend((0..party_box.databases.len()).map(Thing::Database));
    let mut lists = Lists {
        things,
        services: (0..party_box.services.len()).collect(),
        tasks: (0..party_box.services.first().map_or(0, |n| n.rows.len())).collect(),
        databases: (0..party_box.databases.len()).collect(),
        db_events: (0..state.store.db_events().len()).rev().collect(),
        images: (0..party_box.images.len()).collect(),
        events: (0..state.timeline.entries().len()).collect(),
        ..Lists::default()
    };
    for (b, balancer) in party_box.balancers.iter().enumerate() {
        for (l, listener) in state.store.listeners(&balancer.arn).unwrap_or_default().iter().enumerate() {
            lists.rules.extend((0..listener.rules.len()).map(|r| (b, l, r)));
        }
    }
    for (g, group) in party_box.groups.iter().enumerate() {
        lists.targets.extend((0..group.targets.len()).map(|t| (g, t)));
    }
    if let Some(Scan::Done { findings, .. }) = party_box.images.first().and_then(|i| i.scan.as_ref()) {
        lists.vulnerabilities = (0..findings.len()).collect();
    }
    if let Some(network) = state.store.network() {
        lists.subnets = (0..network.subnets.len()).collect();
        for (g, group) in network.security_groups.iter().enumerate() {
            lists.group_rules.extend((0..group.inbound.len()).map(|r| (g, Some(r))));
        }
    }
    state.lists = lists;
}

/// The same, with a view chosen.
pub(super) fn viewing(view: View) -> State {
    State { view, ..rolling() }
}
