//! Frame time and the time to take in a reading, for the Party Box and for 100 services with 5,000 tasks.

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use partybox_core::app::{Answer, Msg, Session, StartPhase, State, View, update};
use partybox_core::domain::{
    Cluster, Container, Database, Deployment, Identity, InboundRule, Listener, LoadBalancer, Meter,
    MetricKey, MetricKind, Network, Now, Payload, Route, RouteTable, Rule, RuleAction, RuleCondition,
    Scaling, SecurityGroup, Series, Service, ServiceEvent, Subnet, TargetGroup, TargetHealth, TargetLink,
    Task, Topic,
};
use partybox_tui::Theme;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

const NOW: Now = Now { mono: Duration::from_secs(100), wall: DateTime::UNIX_EPOCH };

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn task(service: usize, number: usize) -> Task {
    Task {
        id: format!("{service:04}{number:028}"),
        arn: format!("arn:aws:ecs:ap-northeast-1:123456789012:task/party-box/{service:04}{number:028}"),
        group: format!("service:service-{service:03}"),
        task_definition: format!(
            "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/service-{service:03}:7"
        ),
        last_status: "RUNNING".into(),
        desired_status: "RUNNING".into(),
        health: "HEALTHY".into(),
        started_by: Some(format!("ecs-svc/{service}")),
        ip: Some(format!("10.{service}.{}.{}", number / 250, number % 250)),
        zone: Some(["ap-northeast-1a", "ap-northeast-1c"][number % 2].into()),
        cpu: Some(256),
        memory: Some(512),
        created_at: Some(at(-i64::try_from(number).unwrap_or(0) * 60)),
        started_at: Some(at(-i64::try_from(number).unwrap_or(0) * 60 + 30)),
        containers: vec![Container {
            name: "app".into(),
            image: format!("123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/service-{service:03}:1.2.3"),
            digest: Some(format!("sha256:{service:064}")),
            last_status: "RUNNING".into(),
            ..Container::default()
        }],
        ..Task::default()
    }
}

fn service(number: usize, tasks: u32) -> Service {
    let definition = format!("arn:aws:ecs:ap-northeast-1:123456789012:task-definition/service-{number:03}:7");
    Service {
        name: format!("service-{number:03}"),
        arn: format!("arn:aws:ecs:ap-northeast-1:123456789012:service/party-box/service-{number:03}"),
        status: "ACTIVE".into(),
        desired: tasks,
        running: tasks,
        task_definition: definition.clone(),
        controller: "ECS".into(),
        deployments: vec![Deployment {
            id: format!("ecs-svc/{number}"),
            status: "PRIMARY".into(),
            rollout_state: Some("COMPLETED".into()),
            task_definition: definition,
            desired: tasks,
            running: tasks,
            created_at: Some(at(-90_000)),
            ..Deployment::default()
        }],
        events: (0..100)
            .map(|i| ServiceEvent {
                id: format!("{number}-{i}"),
                at: at(-i * 3600),
                message: format!("(service service-{number:03}) has reached a steady state."),
            })
            .collect(),
        security_groups: vec!["sg-ecs".into()],
        subnets: vec!["subnet-a".into()],
        target_links: vec![TargetLink {
            target_group_arn: group_arn(number),
            container: "app".into(),
            port: 3000,
            ..TargetLink::default()
        }],
        ..Service::default()
    }
}

fn group_arn(number: usize) -> String {
    format!(
        "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/group-{number:03}/0123456789abcdef"
    )
}

const BALANCER: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/party-box-alb/0123456789abcdef";

/// A watched Party Box with this many services and tasks each, every topic answered.
fn party_box(services: usize, tasks_each: usize) -> State {
    let mut state = State {
        session: Session {
            cluster: Some("party-box".into()),
            region: "ap-northeast-1".into(),
            phase: StartPhase::Watching,
            ..Session::default()
        },
        ..State::default()
    };
    state.screen.size = (120, 40);
    let count = u32::try_from(tasks_each).unwrap_or(u32::MAX);
    let mut readings = vec![
        (
            Topic::Identity,
            Payload::Identity(Identity {
                account: "123456789012".into(),
                arn: "arn:aws:sts::123456789012:assumed-role/OnCall/me".into(),
            }),
        ),
        (
            Topic::Clusters,
            Payload::Clusters(vec![Cluster {
                name: "party-box".into(),
                status: "ACTIVE".into(),
                ..Cluster::default()
            }]),
        ),
        (Topic::Services, Payload::Services(Arc::new((0..services).map(|n| service(n, count)).collect()))),
        (
            Topic::Scaling,
            Payload::Scaling(
                (0..services)
                    .map(|n| Scaling {
                        resource_id: format!("service/party-box/service-{n:03}"),
                        min: 1,
                        max: 100,
                        ..Scaling::default()
                    })
                    .collect(),
            ),
        ),
        (
            Topic::TargetGroups,
            Payload::TargetGroups(
                (0..services)
                    .map(|n| TargetGroup {
                        arn: group_arn(n),
                        name: format!("group-{n:03}"),
                        load_balancers: vec![BALANCER.into()],
                        check_interval: 30,
                        healthy_threshold: 2,
                        ..TargetGroup::default()
                    })
                    .collect(),
            ),
        ),
        (
            Topic::LoadBalancers,
            Payload::LoadBalancers(vec![LoadBalancer {
                arn: BALANCER.into(),
                name: "party-box-alb".into(),
                state: "active".into(),
                security_groups: vec!["sg-alb".into()],
                vpc: Some("vpc-1".into()),
                ..LoadBalancer::default()
            }]),
        ),
        (
            Topic::Listeners(BALANCER.into()),
            Payload::Listeners(vec![Listener {
                port: 443,
                protocol: "HTTPS".into(),
                rules: (0..services)
                    .map(|n| Rule {
                        priority: u32::try_from(n + 1).ok(),
                        conditions: vec![RuleCondition {
                            field: "path-pattern".into(),
                            values: vec![format!("/{n}/*")],
                            ..RuleCondition::default()
                        }],
                        actions: vec![RuleAction::Forward(vec![(group_arn(n), 1)])],
                        ..Rule::default()
                    })
                    .collect(),
                ..Listener::default()
            }]),
        ),
        (Topic::Network, Payload::Network(network())),
        (
            Topic::Databases,
            Payload::Databases(vec![Database {
                id: "party-box-db".into(),
                status: "available".into(),
                engine: "postgres".into(),
                multi_az: true,
                zone: Some("ap-northeast-1a".into()),
                secondary_zone: Some("ap-northeast-1c".into()),
                encrypted: true,
                backup_days: 7,
                deletion_protection: true,
                security_groups: vec!["sg-rds".into()],
                ..Database::default()
            }]),
        ),
        (Topic::DbEvents, Payload::DbEvents(Vec::new())),
        (Topic::Metrics, Payload::Metrics(metrics(services))),
    ];
    for n in 0..services {
        readings.push((Topic::Tasks(format!("service-{n:03}")), tasks(n, tasks_each)));
        readings.push((Topic::TargetHealth(group_arn(n)), health(n, tasks_each)));
    }
    for (topic, payload) in readings {
        take_reading(&mut state, topic, payload);
    }
    state
}

fn network() -> Network {
    let group = |id: &str, port, source: &str| SecurityGroup {
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
        subnets: vec![Subnet { id: "subnet-a".into(), zone: "ap-northeast-1a".into(), ..Subnet::default() }],
        route_tables: vec![RouteTable {
            id: "rtb-1".into(),
            main: true,
            routes: vec![Route {
                destination: "0.0.0.0/0".into(),
                target: "nat-1".into(),
                state: "active".into(),
            }],
            ..RouteTable::default()
        }],
        security_groups: vec![
            group("sg-alb", 443, "0.0.0.0/0"),
            group("sg-ecs", 3000, "sg-alb"),
            group("sg-rds", 5432, "sg-ecs"),
        ],
        ..Network::default()
    }
}

fn metrics(services: usize) -> Vec<(MetricKey, Series)> {
    let series = || Series {
        points: (0..60).map(|m| (at(m * 60), f64::from(u8::try_from(m).unwrap_or(0)))).collect(),
        ..Series::default()
    };
    (0..services)
        .flat_map(|n| {
            [MetricKind::ServiceCpu, MetricKind::ServiceMemory]
                .map(|kind| (MetricKey::new(kind, format!("party-box/service-{n:03}")), series()))
        })
        .collect()
}

fn tasks(service: usize, count: usize) -> Payload {
    Payload::Tasks(Arc::new((0..count).map(|n| task(service, n)).collect()))
}

fn health(service: usize, count: usize) -> Payload {
    Payload::TargetHealth(
        (0..count)
            .map(|n| TargetHealth {
                id: format!("10.{service}.{}.{}", n / 250, n % 250),
                port: 3000,
                state: "healthy".into(),
                ..TargetHealth::default()
            })
            .collect(),
    )
}

/// Takes a reading in as the answer to a poll that was just sent.
fn take_reading(state: &mut State, topic: Topic, payload: Payload) {
    state.session.last_run += 1;
    let run = state.session.last_run;
    state.account.store.slot_mut(&topic).in_flight = Some((run, NOW.mono));
    let answer = Answer { topic, run, result: Ok(payload), meter: Meter::default() };
    black_box(update(state, Msg::Answer(Box::new(answer)), NOW));
}

fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame");
    for (name, state) in [("party-box", party_box(2, 2)), ("100x50", party_box(100, 50))] {
        for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
            let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a test terminal");
            let mut state = state.clone();
            state.screen.size = (columns, rows);
            for view in [View::Overview, View::Services] {
                state.screen.view = view;
                let id = BenchmarkId::new(format!("{name}/{}", view.name()), format!("{columns}x{rows}"));
                group.bench_with_input(id, &state, |b, state| {
                    b.iter(|| {
                        terminal
                            .draw(|frame| partybox_tui::draw(frame, state, NOW, &Theme::default()))
                            .expect("a frame");
                    });
                });
            }
        }
    }
    group.finish();
}

fn readings(c: &mut Criterion) {
    let mut group = c.benchmark_group("reading");
    for (name, services, each) in [("party-box", 2, 2), ("100x50", 100, 50)] {
        let mut state = party_box(services, each);
        group.bench_function(BenchmarkId::new("tasks", name), |b| {
            b.iter_batched(
                || tasks(1, each),
                |payload| take_reading(&mut state, Topic::Tasks("service-001".into()), payload),
                criterion::BatchSize::SmallInput,
            );
        });
        group.bench_function(BenchmarkId::new("services", name), |b| {
            let all: Vec<Service> =
                (0..services).map(|n| service(n, u32::try_from(each).unwrap_or(0))).collect();
            b.iter_batched(
                || Payload::Services(Arc::new(all.clone())),
                |payload| take_reading(&mut state, Topic::Services, payload),
                criterion::BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(50).measurement_time(Duration::from_secs(3));
    targets = frames, readings
}
criterion_main!(benches);
