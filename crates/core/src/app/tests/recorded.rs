//! Everything that comes in goes into a recording and comes out as it was.

use crate::app::{Answer, Key, KeyCode, Msg, RecordedMsg};
use crate::domain::samples::{Sample, at, error, event, failover_event, record, revision};
use crate::domain::{
    CallError, DbProxy, EcrImage, ErrorKind, Image, LogLine, Meter, MetricKey, MetricKind, Now, Payload,
    PrefixList, ProbeAnswer, Probed, ProxyTarget, Query, Repository, Resolved, RevisionImage, ScalingRange,
    Scan, Series, ServiceRevision, Simulated, TaskProtection, Topic, VpcEndpoint,
};
use crate::operation::drill::Mode;
use crate::operation::drill::report::DrillSummary;
use crate::operation::{Accepted, Draft};
use std::time::Duration;

/// A number of each kind of message, so that the one that is added next is not forgotten here.
fn kind(msg: &Msg) -> usize {
    match msg {
        Msg::Key(_) => 0,
        Msg::Paste(_) => 1,
        Msg::Resize(..) => 2,
        Msg::Tick => 3,
        Msg::Connected { .. } => 4,
        Msg::CannotStart(_) => 5,
        Msg::Answer(_) => 6,
        Msg::Draft(_) => 7,
        Msg::Choose(_) => 8,
        Msg::Confirm => 9,
        Msg::OperationAnswered { .. } => 10,
        Msg::Notice(_) => 11,
        Msg::Quit => 12,
        Msg::Observe(_) => 13,
        Msg::Probed(_) => 14,
        Msg::Resolved(_) => 15,
        Msg::HistoryLoaded(_) => 16,
        Msg::ReportSaved(_) => 17,
        Msg::ChooseFor { .. } => 18,
    }
}

/// A number of each kind of payload.
fn content(payload: &Payload) -> usize {
    match payload {
        Payload::Identity(_) => 0,
        Payload::Clusters(_) => 1,
        Payload::Services(_) => 2,
        Payload::Tasks(_) => 3,
        Payload::TaskDefinition(_) => 4,
        Payload::Scaling(_) => 5,
        Payload::ServiceDeployments(_) => 6,
        Payload::Revisions(_) => 7,
        Payload::TaskLog(_) => 8,
        Payload::Candidates(_) => 9,
        Payload::TargetGroups(_) => 10,
        Payload::TargetHealth(_) => 11,
        Payload::LoadBalancers(_) => 12,
        Payload::Listeners(_) => 13,
        Payload::Certificates(_) => 14,
        Payload::Databases(_) => 15,
        Payload::DbEvents(_) => 16,
        Payload::Image(_) => 17,
        Payload::Repositories(_) => 18,
        Payload::Secrets(_) => 19,
        Payload::Network(_) => 20,
        Payload::Metrics(_) => 21,
        Payload::Partly(whole, _) => content(whole),
        Payload::Alarms(_) => 22,
        Payload::DbClusters(_) => 23,
        Payload::Maintenance(_) => 24,
        Payload::Protection(_) => 25,
        Payload::DbProxies(_) => 26,
        Payload::PrefixLists(_) => 27,
        Payload::VpcEndpoints(_) => 28,
    }
}

fn meter() -> Meter {
    let simulated = Some(Simulated { speed: 0.1 + 0.2, scenario: "deploy".into() });
    let server_date = Some((Duration::new(3, 141_592_653), at(7)));
    Meter { requests: 12, throttles: 1, server_date, simulated }
}

/// Each kind of payload, with something in it.
fn payloads() -> Vec<Payload> {
    let mut sample = Sample::healthy();
    sample.protection = vec![TaskProtection { task: "backend-1".into(), until: Some(at(9)) }];
    sample.service("backend").events.push(event(5, "(service backend) \"déjà vu\" \u{1f980}\u{7}"));
    sample.db_events.push(failover_event(9, "Multi-AZ instance failover started."));
    let name = || "backend".to_owned();
    let cluster = || "party-box".to_owned();
    let arn = crate::domain::samples::group_arn("backend");
    let counts = [("CRITICAL".to_owned(), 2)].into();
    let scan = Scan::Done { status: "COMPLETE".into(), at: Some(at(1)), counts, findings: vec![] };
    let key = MetricKey::new(MetricKind::AlbLatencyP99, "app/x/1");
    let points =
        vec![(at(0), 0.1), (at(60), 1.0 / 3.0), (at(120), 123_456_789.123_456_79), (at(180), 5e-324)];
    let mut list: Vec<Payload> = [
        Query::Identity,
        Query::Clusters { only: None },
        Query::Services { cluster: cluster() },
        Query::Tasks { cluster: cluster(), service: name() },
        Query::TaskDefinition { arn: revision("backend", 7) },
        Query::Scaling { resource_ids: vec![] },
        Query::TargetGroups { arns: vec![] },
        Query::TargetHealth { arn },
        Query::LoadBalancers { arns: vec![] },
        Query::Listeners { load_balancer: String::new() },
        Query::Certificates { arns: vec![] },
        Query::Databases,
        Query::DbEvents,
        Query::Secrets { arns: vec![] },
        Query::Network { vpc_or_subnet: String::new(), named: vec![] },
        Query::Alarms,
        Query::DbClusters,
        Query::Maintenance { resource: String::new() },
        Query::Protection { cluster: String::new(), tasks: vec!["backend-1".into()] },
    ]
    .iter()
    .map(|query| sample.answer(query).unwrap_or_else(|error| panic!("{query:?}: {error:?}")))
    .collect();
    list.extend([
        Payload::ServiceDeployments(vec![record("1", "IN_PROGRESS", 3)]),
        Payload::Revisions(vec![ServiceRevision {
            images: vec![
                RevisionImage {
                    container: "app".into(),
                    reference: "repo:v1".into(),
                    digest: Some("sha256:1".into()),
                },
                RevisionImage { container: "x".into(), reference: "y".into(), digest: None },
            ],
            ..ServiceRevision::default()
        }]),
        Payload::TaskLog(vec![LogLine { at: at(3), text: "Error: no\tway\n\u{1b}[31m".into() }]),
        Payload::Candidates(vec![EcrImage {
            scan: Scan::Unreadable("denied".into()),
            ..EcrImage::default()
        }]),
        Payload::Image(Image {
            tags: vec!["v1".into()],
            size_bytes: Some(u64::MAX),
            scan,
            ..Image::default()
        }),
        Payload::Image(Image { scan: Scan::Never, ..Image::default() }),
        Payload::Repositories(vec![Repository::default()]),
        Payload::Metrics(vec![(key, Series { points, problem: Some("PartialData".into()), until: None })]),
        Payload::DbProxies(vec![DbProxy {
            targets: Some(vec![ProxyTarget { state: "AVAILABLE".into(), ..ProxyTarget::default() }]),
            ..DbProxy::default()
        }]),
        Payload::PrefixLists(vec![PrefixList { id: "pl-1".into(), ranges: vec!["10.0.0.0/16".into()] }]),
        Payload::VpcEndpoints(vec![VpcEndpoint { failure: Some("x".into()), ..VpcEndpoint::default() }]),
    ]);
    list
}

fn drafts() -> Vec<Draft> {
    let service = || "backend".to_owned();
    vec![
        Draft::Scale { service: service(), to: 4 },
        Draft::Redeploy { service: service() },
        Draft::Deploy { service: service(), container: service(), image: "repo@sha256:1".into() },
        Draft::RollBack { service: service() },
        Draft::Revert { service: service(), to: revision("backend", 6) },
        Draft::Continue { service: service() },
        Draft::StopTask { service: service(), task: "abc".into() },
        Draft::Range { service: service(), range: ScalingRange { min: 2, max: 10, suspended: true } },
        Draft::Failover { database: "db".into() },
    ]
}

fn accepted() -> Vec<Accepted> {
    vec![
        Accepted::Scaled(4),
        Accepted::Redeployed(None),
        Accepted::Deployed { deployment: Some("ecs-svc/1".into()), registered: None },
        Accepted::Asked,
        Accepted::Stopping,
        Accepted::RangeSet,
        Accepted::FailoverAccepted("rebooting".into()),
    ]
}

fn errors() -> Vec<CallError> {
    ErrorKind::ALL.into_iter().map(error).collect()
}

fn answer(topic: Topic, result: Result<Payload, CallError>) -> Msg {
    Msg::Answer(Box::new(Answer { topic, run: 7, result, meter: meter() }))
}

fn messages() -> Vec<Msg> {
    let codes = [
        KeyCode::Char('ü'),
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
    ];
    let mut list: Vec<Msg> = codes.into_iter().map(|code| Msg::Key(Key::plain(code))).collect();
    list.extend(payloads().into_iter().map(|payload| answer(Topic::Services, Ok(payload))));
    list.extend(Topic::one_of_each().into_iter().map(|topic| answer(topic, Err(error(ErrorKind::Denied)))));
    list.extend(errors().into_iter().map(|error| answer(Topic::Alarms, Err(error))));
    list.extend(drafts().into_iter().map(|draft| Msg::Draft(Box::new(draft))));
    let outcomes = accepted().into_iter().map(Ok).chain(errors().into_iter().map(Err));
    list.extend(outcomes.map(|outcome| Msg::OperationAnswered { id: 3, outcome, meter: Meter::default() }));
    list.extend([
        Msg::Key(Key::ctrl('c')),
        Msg::Paste("one\ntwo\"".into()),
        Msg::Resize(80, 24),
        Msg::Tick,
        Msg::Connected { region: "ap-northeast-1".into(), endpoint: None, profile: Some("prod".into()) },
        Msg::CannotStart("No Region.".into()),
        Msg::Choose("backend".into()),
        Msg::ChooseFor { service: "backend".into(), container: "app".into() },
        Msg::Confirm,
        Msg::Notice("the disk is full".into()),
        Msg::Quit,
        Msg::Observe("db".into()),
        Msg::Resolved(Box::new(Resolved {
            at: Duration::from_millis(1),
            answer: Ok(vec![[10, 0, 2, 7].into()]),
        })),
        Msg::Resolved(Box::new(Resolved { at: Duration::ZERO, answer: Err("no answer from DNS".into()) })),
        Msg::HistoryLoaded(vec![DrillSummary {
            id: "20270115-080000-db".into(),
            database: "db".into(),
            at: at(3),
            outcome: crate::operation::drill::OutcomeWord::Recovered,
            rto_ms: Some(73_812),
            target_rto_ms: 120_000,
            simulated: true,
            mode: Mode::Triggered,
        }]),
        Msg::ReportSaved(Ok("drills/1".into())),
        Msg::ReportSaved(Err("the disk is full".into())),
    ]);
    let answers = [
        ProbeAnswer::Good(200),
        ProbeAnswer::WrongStatus(503),
        ProbeAnswer::WrongBody(200),
        ProbeAnswer::TimedOut,
        ProbeAnswer::Failed("connection refused".into()),
        ProbeAnswer::NotSent,
    ];
    list.extend((0..).zip(answers).map(|(number, answer)| {
        let (sent, took) = (Duration::from_micros(number * 200_001), Duration::from_nanos(1_234_567));
        Msg::Probed(Box::new(Probed { number, sent, took, answer }))
    }));
    list
}

#[test]
fn every_message_is_read_as_it_was_written() {
    let now = Now { mono: Duration::from_micros(1_234_567), wall: at(3) };
    let mut kinds = [0; 19];
    for msg in messages() {
        kinds[kind(&msg)] += 1;
        let taken = RecordedMsg::new(msg, now);
        let line = serde_json::to_string(&taken).expect("it is written");
        assert!(!line.contains('\n'), "one line: {line}");
        assert_eq!(serde_json::from_str::<RecordedMsg>(&line).expect("it is read"), taken, "{line}");
        assert_eq!(taken.now(), now);
    }
    assert!(kinds.iter().all(|n| *n > 0), "each kind of message is among them: {kinds:?}");
    let mut contents = [0; 29];
    for payload in payloads() {
        contents[content(&payload)] += 1;
    }
    assert!(contents.iter().all(|n| *n > 0), "each kind of payload is among them: {contents:?}");
}
