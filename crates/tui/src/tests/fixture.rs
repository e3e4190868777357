//! A Party Box for the frames of tests: a rollout with a failing target, a Japanese name, a failed poll.

use super::parts::*;
use chrono::{DateTime, TimeDelta, Utc};
use partybox_core::app::{
    ChainItem, Cursor, Entry, EventKind, Overlay, Pane, PaneRows, RulePosition, Session, Source, StartPhase,
    State, View,
};
use partybox_core::diagnosis::{Finding, Health, Subject};
use partybox_core::domain::*;
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

pub(super) fn tg(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/{name}/73e2d6bc24d8a067")
}

pub(super) fn definition(family: &str, revision: u32) -> String {
    format!("arn:aws:ecs:{REGION}:123456789012:task-definition/{family}:{revision}")
}

/// Puts a payload into the store, taken three seconds ago.
pub(super) fn put(state: &mut State, topic: impl std::borrow::Borrow<Topic>, payload: Payload) {
    let slot = state.account.store.slot_mut(topic.borrow());
    slot.payload = Some(payload);
    slot.taken = Some(Duration::from_secs(597));
    slot.taken_at = Some(ago(3));
}

/// Makes the newest polls of a topic fail, for two minutes; its last reading is three minutes old.
pub(super) fn fail(state: &mut State, topic: &Topic, kind: ErrorKind, action: &str, message: &str) {
    let slot = state.account.store.slot_mut(topic);
    if slot.payload.is_some() {
        slot.taken = Some(Duration::from_mins(7));
    }
    slot.failure = Some(Failure {
        error: CallError { kind, action: action.into(), code: None, message: message.into() },
        since: Duration::from_mins(8),
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
        ..TargetHealth::default()
    }
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
                    partybox_core::domain::Vulnerability {
                        name: "CVE-2026-31337".into(),
                        severity: "CRITICAL".into(),
                        package: Some("openssl 3.0.13-1".into()),
                        uri: Some("https://security-tracker.debian.org/tracker/CVE-2026-31337".into()),
                    },
                    partybox_core::domain::Vulnerability {
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
            ..Image::default()
        };
        put(state, Topic::Image(id), Payload::Image(image));
    }
    let repository = |name: &str| Repository {
        name: format!("party-box/{name}"),
        mutability: "MUTABLE".into(),
        encryption: Some("AES256".into()),
        scan_on_push: true,
        lifecycle: vec!["untagged images expire 7 days after push".into()],
        ..Repository::default()
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
            phase: StartPhase::Watching,
            ..Session::default()
        },
        ..State::default()
    };
    state.polling.meter.simulated = Some(Simulated { speed: 20.0, scenario: "deploy".into() });
    state.polling.requests = [(Duration::from_mins(9), 100), (Duration::from_mins(10), 128)].into();
    let identity = Identity {
        account: "123456789012".into(),
        arn: "arn:aws:sts::123456789012:assumed-role/PartyBoxOnCall/yui".into(),
    };
    put(&mut state, Topic::Identity, Payload::Identity(identity));
    services_and_tasks(&mut state);
    targets_and_definitions(&mut state);
    surroundings(&mut state);
    images(&mut state);
    state.account.party_box = PartyBox::join(&state.account.store);
    state.account.health = health();
    state.timeline.add(entries());
    list(&mut state);
    state
}

/// The two services, the rolling one with tasks of both revisions.
fn services_and_tasks(state: &mut State) {
    let mut new = deployment("ecs-svc/42", "PRIMARY", "backend", 42, (2, 1, 1));
    new.failed = 2;
    let backend =
        service("backend", 2, 3, 42, vec![new, deployment("ecs-svc/41", "ACTIVE", "backend", 41, (2, 2, 0))]);
    let frontend =
        service("frontend", 2, 2, 17, vec![deployment("ecs-svc/17", "PRIMARY", "frontend", 17, (2, 2, 0))]);
    put(state, Topic::Services, Payload::Services(Arc::new(vec![backend, frontend])));
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
    put(state, Topic::Tasks("backend".into()), Payload::Tasks(Arc::new(tasks)));
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
        state,
        Topic::Tasks("frontend".into()),
        Payload::Tasks(Arc::new(vec![front('a', 11), front('c', 12)])),
    );
}

/// Target health, task definitions, autoscaling.
fn targets_and_definitions(state: &mut State) {
    put(state, Topic::TargetGroups, Payload::TargetGroups(groups()));
    put(
        state,
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
        state,
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
            ..TaskDefinition::default()
        };
        put(state, Topic::TaskDefinition(arn), Payload::TaskDefinition(definition));
    }
    let scaling = |name: &str, max| Scaling {
        resource_id: format!("service/party-box/{name}"),
        min: 2,
        max,
        policies: vec![ScalingPolicy::tracking("cpu70", Some("ECSServiceAverageCPUUtilization"), 70.0)],
        ..Scaling::default()
    };
    put(state, Topic::Scaling, Payload::Scaling(vec![scaling("backend", 10), scaling("frontend", 6)]));
}

/// What stands around the services: balancer, databases, network, metrics.
fn surroundings(state: &mut State) {
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
        ..LoadBalancer::default()
    };
    put(state, Topic::LoadBalancers, Payload::LoadBalancers(vec![balancer]));
    put(state, Topic::Listeners(ALB.into()), Payload::Listeners(listeners()));
    let certificate = Certificate {
        arn: "arn:certificate/1".into(),
        domain: "party-box.example.jp".into(),
        status: "ISSUED".into(),
        kind: "AMAZON_ISSUED".into(),
        not_after: Some(clock() + TimeDelta::days(61)),
        renewal: None,
        ..Certificate::default()
    };
    put(state, Topic::Certificates, Payload::Certificates(vec![certificate]));
    put(state, Topic::Databases, Payload::Databases(databases()));
    let event = |seconds, message: &str, category: &str| DbEvent {
        of: DbEventSource::Instance,
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
    put(state, Topic::DbEvents, Payload::DbEvents(events));
    put(state, Topic::Network, Payload::Network(network()));
    put(state, Topic::Metrics, Payload::Metrics(metrics()));
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
        headline_of: None,
    }
}

fn entries() -> Vec<Entry> {
    let entry = |seconds, source, subject, level, text: &str| Entry {
        at: ago(seconds),
        source,
        kind: EventKind::Change,
        subject,
        level,
        text: text.into(),
    };
    let backend = || Subject::Service("backend".into());
    let frontend = || Subject::Service("frontend".into());
    let db = || Subject::Database("party-box-db".into());
    let sick = format!(
        "(port 3000) is unhealthy in (target-group {}) due to (reason Health checks failed with these codes: [503])",
        tg("party-box-backend")
    );
    vec![
        entry(
            12,
            Source::Ecs,
            backend(),
            Level::Busy,
            "has started 1 tasks: (task 90003ddef0123456789abcdef0123456).",
        ),
        entry(45, Source::Ecs, backend(), Level::Bad, &sick),
        entry(70, Source::Readings, backend(), Level::Bad, "target 10.0.2.11 initial -> unhealthy"),
        entry(150, Source::Operator, backend(), Level::Good, "scale backend 2 -> 4: succeeded after 42s"),
        entry(9_000, Source::Ecs, frontend(), Level::Good, "has reached a steady state."),
        entry(12_000, Source::Ecs, frontend(), Level::Good, "has reached a steady state."),
        entry(15_000, Source::Ecs, frontend(), Level::Good, "has reached a steady state."),
        entry(24_000, Source::Rds, db(), Level::Idle, "パーティー用データベースのバックアップを開始しました"),
        entry(80_000, Source::Rds, db(), Level::Warn, "Multi-AZ instance failover completed"),
    ]
}

/// A large cluster: many services, each with as many tasks; the last service is selected.
pub(super) fn crowd(services: u32, tasks: u32) -> State {
    let mut state = rolling();
    let all = (0..services)
        .map(|i| {
            let name = format!("room-{i:03}");
            let id = format!("ecs-svc/{i}");
            service(&name, tasks, tasks, 3, vec![deployment(&id, "PRIMARY", &name, 3, (tasks, tasks, 0))])
        })
        .collect::<Vec<_>>();
    for one in &all {
        let of = (0..tasks).map(|n| {
            let deployment = &one.deployments[0].id;
            task(&Spec {
                service: &one.name,
                revision: 3,
                tag: "v1",
                digest: '4',
                deployment,
                status: "RUNNING",
                zone: if n % 2 == 0 { 'a' } else { 'c' },
                n,
                age: 4000,
            })
        });
        put(&mut state, Topic::Tasks(one.name.clone()), Payload::Tasks(Arc::new(of.collect())));
    }
    put(&mut state, Topic::Services, Payload::Services(Arc::new(all)));
    state.account.party_box = PartyBox::join(&state.account.store);
    list(&mut state);
    let last = state.screen.rows.services.len() - 1;
    state.screen.cursors.insert((View::Overview, Pane::Main), Cursor { row: last + 1 });
    state.screen.cursors.insert((View::Services, Pane::Main), Cursor { row: last });
    state
}

/// The same Party Box when nothing happens.
pub(super) fn steady() -> State {
    let mut state = rolling();
    let one = |name: &str, revision| {
        let id = format!("ecs-svc/{}", revision - u32::from(name == "backend"));
        let now = deployment(&id, "PRIMARY", name, revision - u32::from(name == "backend"), (2, 2, 0));
        service(name, 2, 2, revision - u32::from(name == "backend"), vec![now])
    };
    put(
        &mut state,
        Topic::Services,
        Payload::Services(Arc::new(vec![one("backend", 42), one("frontend", 17)])),
    );
    let mut tasks = state.account.store.tasks("backend").map(|t| t.to_vec()).unwrap_or_default();
    tasks.retain(|t| t.started_by.as_deref() == Some("ecs-svc/41"));
    put(&mut state, Topic::Tasks("backend".into()), Payload::Tasks(Arc::new(tasks)));
    put(
        &mut state,
        Topic::TargetHealth(tg("party-box-backend")),
        Payload::TargetHealth(vec![
            target("10.0.2.13", 'a', "healthy", None),
            target("10.0.4.14", 'c', "healthy", None),
        ]),
    );
    state.account.party_box = PartyBox::join(&state.account.store);
    state.account.health = Health {
        level: Level::Good,
        headline: "all 4 tasks are healthy behind party-box-alb; party-box-db is available in 1a with a standby in 1c"
            .into(),
        findings: vec![],
        headline_of: None,
    };
    list(&mut state);
    state.screen.cursors.insert((View::Overview, Pane::Main), Cursor { row: 1 });
    state
}

/// The lists as they are without a filter.
pub(super) fn list(state: &mut State) {
    let party_box = &state.account.party_box;
    let mut chain: Vec<ChainItem> = (0..party_box.balancers.len()).map(ChainItem::Balancer).collect();
    chain.extend((0..party_box.services.len()).map(ChainItem::Service));
    chain.extend((0..party_box.databases.len()).map(ChainItem::Database));
    let mut lists = PaneRows {
        chain,
        services: (0..party_box.services.len()).collect(),
        tasks: (0..party_box.services.first().map_or(0, |n| n.rows.len())).collect(),
        databases: (0..party_box.databases.len()).collect(),
        db_events: (0..state.account.store.db_events().len()).rev().collect(),
        images: (0..party_box.images.len()).collect(),
        events: (0..state.timeline.entries().len()).filter(|i| !state.timeline.is_repeat(*i)).collect(),
        ..PaneRows::default()
    };
    for (b, balancer) in party_box.balancers.iter().enumerate() {
        for (l, listener) in
            state.account.store.listeners(&balancer.arn).unwrap_or_default().iter().enumerate()
        {
            lists.rules.extend((0..listener.rules.len()).map(|rule| RulePosition {
                balancer: b,
                listener: l,
                rule,
            }));
        }
    }
    for (g, group) in party_box.groups.iter().enumerate() {
        lists.targets.extend((0..group.targets.len()).map(|t| (g, t)));
    }
    if let Some(Scan::Done { findings, .. }) = party_box.images.first().and_then(|i| i.scan.as_ref()) {
        lists.vulnerabilities = (0..findings.len()).collect();
    }
    if let Some(network) = state.account.store.network() {
        lists.subnets = (0..network.subnets.len()).collect();
        for (g, group) in network.security_groups.iter().enumerate() {
            lists.group_rules.extend((0..group.inbound.len()).map(|r| (g, Some(r))));
        }
    }
    state.screen.rows = lists;
}

/// The same, with a view chosen.
pub(super) fn viewing(view: View) -> State {
    let mut state = with_view(rolling(), view);
    if view == View::Zones {
        state.account.zones =
            partybox_core::diagnosis::list_zones(&state.account.store, &state.account.party_box, clock());
        state.screen.rows.zones = (0..state.account.zones.len()).collect();
        state.screen.rows.parts = (0..state.account.zones.first().map_or(0, |z| z.parts.len())).collect();
    }
    state
}

/// A state with this view on its screen.
pub(super) fn with_view(mut state: State, view: View) -> State {
    state.screen.view = view;
    state
}

/// A state with this pane focused.
pub(super) fn with_pane(mut state: State, pane: Pane) -> State {
    state.screen.pane = pane;
    state
}

/// A state with this beside or over its view.
pub(super) fn with_overlay(mut state: State, overlay: Overlay) -> State {
    state.screen.overlay = overlay;
    state
}

/// A state in this phase of its session.
pub(super) fn in_phase(mut state: State, phase: StartPhase) -> State {
    state.session.phase = phase;
    state
}
