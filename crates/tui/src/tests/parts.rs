//! The parts of the fixture's Party Box, as AWS would describe them.

use super::fixture::{ALB, REGION, ago, definition, tg};
use chrono::{DateTime, Utc};
use partybox_core::domain::*;

fn series(values: impl IntoIterator<Item = f64>) -> Series {
    let mut points: Vec<(DateTime<Utc>, f64)> = values
        .into_iter()
        .enumerate()
        .map(|(i, v)| (ago(60 * (60 - i64::try_from(i).unwrap_or(0))), v))
        .collect();
    points.truncate(60);
    Series { points, ..Series::default() }
}

/// A gentle wave: enough to see that sparklines follow.
fn wave(base: f64, swing: f64) -> Series {
    series((0..60).map(|i| base + swing * (f64::from(i) / 5.0).sin()))
}

pub(super) fn metrics() -> Vec<(MetricKey, Series)> {
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

pub(super) fn databases() -> Vec<Database> {
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

pub(super) fn network() -> Network {
    let subnet = |id: &str, cidr: &str, zone: char, free| Subnet {
        id: id.into(),
        name: Some(format!("party-box-{}", id.trim_start_matches("subnet-"))),
        cidr: cidr.into(),
        zone: format!("{REGION}{zone}"),
        free_addresses: free,
        ..Subnet::default()
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
        ..Network::default()
    }
}

pub(super) fn listeners() -> Vec<Listener> {
    let forward = |name: &str| vec![RuleAction::Forward(vec![(tg(name), 1)])];
    let path = |priority, paths: &[&str], name: &str| Rule {
        arn: format!("arn:rule/{priority}"),
        priority: Some(priority),
        conditions: vec![RuleCondition {
            field: "path-pattern".into(),
            values: paths.iter().map(|p| (*p).into()).collect(),
            ..RuleCondition::default()
        }],
        actions: forward(name),
        ..Rule::default()
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

pub(super) fn groups() -> Vec<TargetGroup> {
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
            ..TargetGroup::default()
        })
        .to_vec()
}

pub(super) fn service(
    name: &str,
    desired: u32,
    running: u32,
    revision: u32,
    deployments: Vec<Deployment>,
) -> Service {
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
        circuit_breaker: Some(CircuitBreaker { enable: true, rollback: true }),
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
            ..TargetLink::default()
        }],
        ..Service::default()
    }
}

pub(super) fn deployment(
    id: &str,
    status: &str,
    name: &str,
    revision: u32,
    counts: (u32, u32, u32),
) -> Deployment {
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
