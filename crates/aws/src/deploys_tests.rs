use super::*;
use crate::fake_server::{FakeServer, Reply, html, json, json_error};
use partybox_core::domain::{ErrorKind, Payload, Query};
use serde_json::{Value, json as value};

const ARN: &str = "arn:aws:ecs:ap-northeast-1:123456789012:service-deployment/party-box/backend/";

fn query() -> Query {
    Query::ServiceDeployments { cluster: "party-box".into(), service: "backend".into() }
}

async fn ask(server: &FakeServer) -> Vec<ServiceDeployment> {
    match server.aws().ask(&query()).await {
        Ok(Payload::ServiceDeployments(found)) => found,
        other => panic!("{other:?}"),
    }
}

/// A server that lists and describes one deployment.
fn one(mut described: Value) -> FakeServer {
    described["serviceDeploymentArn"] = value!(format!("{ARN}one"));
    let answer = value!({ "serviceDeployments": [described], "failures": [] }).to_string();
    FakeServer::start("", move |_| json(&answer))
}

#[tokio::test]
async fn the_newest_twenty_are_described_newest_first() {
    let server = FakeServer::start("", |asked| {
        let of =
            |n: &i64| value!({"serviceDeploymentArn": format!("{ARN}{n}"), "createdAt": 1_795_000_000 + n});
        // In an order that is neither ascending nor descending.
        let all: Vec<i64> = (0..30).map(|n| n * 7 % 30).collect();
        let body: Value = serde_json::from_str(&asked.body).expect("JSON");
        let chosen: Vec<Value> = match body["serviceDeploymentArns"].as_array() {
            None => all.iter().map(of).collect(),
            Some(arns) => {
                all.iter().filter(|n| arns.contains(&value!(format!("{ARN}{n}")))).map(of).collect()
            }
        };
        json(&value!({ "serviceDeployments": chosen, "nextToken": "more" }).to_string())
    });
    let ids: Vec<String> = ask(&server).await.iter().map(|d| d.id().to_owned()).collect();
    assert_eq!(ids, (10..30).rev().map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(server.operations(), ["ListServiceDeployments", "DescribeServiceDeployments"]);
    let listed: Value = serde_json::from_str(&server.asked()[0].body).expect("JSON");
    assert_eq!(listed, value!({"cluster": "party-box", "service": "backend", "maxResults": 100}));
}

#[tokio::test]
async fn a_service_that_was_never_deployed_has_none() {
    let server = FakeServer::start("", |_| json(r#"{"serviceDeployments":[]}"#));
    assert!(ask(&server).await.is_empty());
    assert_eq!(server.operations(), ["ListServiceDeployments"]);
}

#[tokio::test]
async fn every_field_is_read() {
    let revision = "arn:aws:ecs:ap-northeast-1:123456789012:service-revision/party-box/backend/";
    let server = one(value!({
        "serviceArn": "arn:aws:ecs:ap-northeast-1:123456789012:service/party-box/backend",
        "clusterArn": "arn:aws:ecs:ap-northeast-1:123456789012:cluster/party-box",
        "createdAt": 1_795_000_000.5, "startedAt": 1_795_000_001, "finishedAt": 1_795_000_002,
        "stoppedAt": 1_795_000_003, "updatedAt": 1_795_000_004,
        "status": "ROLLBACK_IN_PROGRESS", "statusReason": "tasks failed to start", "lifecycleStage": "SCALE_UP",
        "targetServiceRevision": {"arn": format!("{revision}2"), "requestedTaskCount": 4, "runningTaskCount": 1, "pendingTaskCount": 3,
            "requestedProductionTrafficWeight": 12.5},
        "sourceServiceRevisions": [{"arn": format!("{revision}1"), "requestedTaskCount": 2, "runningTaskCount": 2, "pendingTaskCount": 0}],
        "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5, "minimumHealthyPercent": 100, "maximumPercent": 200,
            "deploymentCircuitBreaker": {"enable": true, "rollback": true, "resetOnHealthyTask": true},
            "earlySuccessCriteria": {"enable": true, "healthyPercent": 50, "sourceServiceRevisionCleanup": "DEFERRED"}},
        "rollback": {"reason": "the circuit breaker", "startedAt": 1_795_000_005, "serviceRevisionArn": format!("{revision}1")},
        "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3},
        "alarms": {"status": "MONITORING", "alarmNames": ["5xx", "latency"], "triggeredAlarmNames": ["5xx"]}
    }));
    let at = |second: i64| chrono::DateTime::from_timestamp(1_795_000_000 + second, 0);
    let tasks = |n: u32, requested, running, pending| RevisionTasks {
        arn: format!("{revision}{n}"),
        requested,
        running,
        pending,
        traffic: None,
    };
    let expected = ServiceDeployment {
        arn: format!("{ARN}one"),
        service: "backend".into(),
        status: "ROLLBACK_IN_PROGRESS".into(),
        status_reason: Some("tasks failed to start".into()),
        stage: Some("SCALE_UP".into()),
        strategy: Some("BLUE_GREEN".into()),
        created_at: chrono::DateTime::from_timestamp(1_795_000_000, 500_000_000),
        started_at: at(1),
        finished_at: at(2),
        stopped_at: at(3),
        updated_at: at(4),
        target: Some(RevisionTasks { traffic: Some(125), ..tasks(2, 4, 1, 3) }),
        sources: vec![tasks(1, 2, 2, 0)],
        breaker: Some(Breaker { status: "TRIGGERED".into(), failures: 3, threshold: 3, resets: Some(true) }),
        early: Some(EarlySuccess { healthy_percent: Some(50), cleanup: Some("DEFERRED".into()) }),
        alarms: Some(DeployAlarms {
            status: "MONITORING".into(),
            names: vec!["5xx".into(), "latency".into()],
            triggered: vec!["5xx".into()],
        }),
        rollback: Some(Rollback {
            reason: Some("the circuit breaker".into()),
            started_at: at(5),
            revision: Some(format!("{revision}1")),
        }),
        min_healthy_percent: Some(100),
        max_percent: Some(200),
        bake_minutes: Some(5),
        steps: None,
        hooks: Vec::new(),
    };
    assert_eq!(ask(&server).await, [expected]);
}

#[tokio::test]
async fn linear_and_canary_steps_are_read_with_the_defaults_for_what_is_not_told() {
    let linear = value!({"stepPercent": 33.3, "stepBakeTimeInMinutes": 0});
    let canary = value!({"canaryPercent": 0.1, "canaryBakeTimeInMinutes": 1440});
    for (configuration, permille, minutes) in [
        (value!({"strategy": "LINEAR", "linearConfiguration": linear}), 333, 0),
        (value!({"strategy": "LINEAR"}), 100, 6),
        (value!({"strategy": "CANARY", "canaryConfiguration": canary}), 1, 1440),
        (value!({"strategy": "CANARY", "linearConfiguration": linear}), 50, 10),
    ] {
        let server = one(value!({"status": "IN_PROGRESS", "deploymentConfiguration": configuration}));
        assert_eq!(ask(&server).await[0].steps, Some(TrafficSteps { permille, minutes }), "{configuration}");
    }
}

#[tokio::test]
async fn words_that_are_new_to_us_are_shown_as_they_are() {
    let server = one(value!({
        "status": "HELD_BY_MOON", "lifecycleStage": "MOON_PHASE",
        "deploymentConfiguration": {"strategy": "TIDAL"},
        "deploymentCircuitBreaker": {"status": "PUZZLED"},
        "lifecycleHookDetails": [{"hookId": "h", "targetType": "ORACLE", "status": "DREAMING"}]
    }));
    let found = ask(&server).await.remove(0);
    assert_eq!((found.status.as_str(), found.stage.as_deref()), ("HELD_BY_MOON", Some("MOON_PHASE")));
    assert_eq!(found.strategy.as_deref(), Some("TIDAL"));
    assert_eq!(
        found.breaker,
        Some(Breaker { status: "PUZZLED".into(), failures: 0, threshold: 0, resets: None })
    );
    assert_eq!(
        (found.hooks[0].kind.as_str(), found.hooks[0].status.as_deref()),
        ("ORACLE", Some("DREAMING"))
    );
    assert!(!found.ended());
}

#[tokio::test]
async fn a_pause_hook_has_its_id_its_stages_and_its_end() {
    let lambda = "arn:aws:lambda:ap-northeast-1:123456789012:function:smoke";
    let server = one(value!({
        "status": "IN_PROGRESS", "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
        "deploymentConfiguration": {"strategy": "BLUE_GREEN", "lifecycleHooks": [
            {"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]},
            {"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"], "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "ROLLBACK"}},
            {"targetType": "AWS_LAMBDA", "hookTargetArn": lambda, "lifecycleStages": ["TEST_TRAFFIC_SHIFT"]},
            {"targetType": "AWS_LAMBDA", "hookTargetArn": "other", "lifecycleStages": ["POST_PRODUCTION_TRAFFIC_SHIFT"]}
        ]},
        "lifecycleHookDetails": [
            {"hookId": "waits", "targetType": "PAUSE", "status": "AWAITING_ACTION", "expiresAt": 1_795_003_600, "timeoutAction": "ROLLBACK"},
            {"hookId": "went", "targetType": "PAUSE", "status": "SUCCEEDED"},
            {"hookId": "smoke", "targetType": "AWS_LAMBDA", "targetArn": lambda, "status": "SUCCEEDED"}
        ]
    }));
    let hook = |id: Option<&str>, kind: &str, stage: &str, status: Option<&str>, ends: Option<i64>| Hook {
        id: id.map(str::to_owned),
        kind: kind.into(),
        stages: vec![stage.into()],
        status: status.map(str::to_owned),
        expires_at: ends.and_then(|at| chrono::DateTime::from_timestamp(at, 0)),
        function: match (kind, stage) {
            ("AWS_LAMBDA", "TEST_TRAFFIC_SHIFT") => Some("smoke".into()),
            ("AWS_LAMBDA", _) => Some("other".into()),
            _ => None,
        },
        timeout_action: (id == Some("waits")).then(|| "ROLLBACK".into()),
    };
    assert_eq!(
        ask(&server).await[0].hooks,
        [
            hook(
                Some("waits"),
                "PAUSE",
                "POST_TEST_TRAFFIC_SHIFT",
                Some("AWAITING_ACTION"),
                Some(1_795_003_600)
            ),
            hook(Some("went"), "PAUSE", "PRE_SCALE_UP", Some("SUCCEEDED"), None),
            hook(Some("smoke"), "AWS_LAMBDA", "TEST_TRAFFIC_SHIFT", Some("SUCCEEDED"), None),
            hook(None, "AWS_LAMBDA", "POST_PRODUCTION_TRAFFIC_SHIFT", None, None),
        ]
    );
}

#[tokio::test]
async fn an_endpoint_without_these_calls_is_told_from_one_that_fails() {
    let coded = |status, code: &str| {
        let body = format!(r#"{{"__type":"{code}","message":"not yet implemented"}}"#);
        Reply::With(status, "application/x-amz-json-1.1", body.into_bytes())
    };
    let cases = [
        (html(500), ErrorKind::Unsupported),
        (html(404), ErrorKind::Unsupported),
        (Reply::With(400, "text/plain", Vec::new()), ErrorKind::Unsupported),
        (json_error("UnknownOperationException"), ErrorKind::Unsupported),
        (coded(501, "InternalFailure"), ErrorKind::Unsupported),
        (coded(500, "ServerException"), ErrorKind::Service),
        (json_error("AccessDeniedException"), ErrorKind::Denied),
        (json_error("ServiceNotFoundException"), ErrorKind::NotFound),
    ];
    for (reply, kind) in cases {
        let shown = format!("{reply:?}");
        let server = FakeServer::start("", move |_| reply.clone());
        let error = server.aws().ask(&query()).await.expect_err("it failed");
        assert_eq!((error.kind, error.action.as_str()), (kind, "ecs:ListServiceDeployments"), "{shown}");
    }
}

#[tokio::test]
async fn revisions_are_asked_for_in_twenties_and_name_their_digests() {
    let server = FakeServer::start("", |asked| {
        let body: Value = serde_json::from_str(&asked.body).expect("JSON");
        let arns = body["serviceRevisionArns"].as_array().cloned().unwrap_or_default();
        let found: Vec<Value> = arns
            .iter()
            .filter(|arn| *arn != "r7")
            .map(|arn| {
                value!({"serviceRevisionArn": arn, "taskDefinition": "td:1", "createdAt": 1_795_000_000, "containerImages": [
                    {"containerName": "backend", "image": "repo/backend:v1", "imageDigest": "sha256:1"},
                    {"containerName": "proxy", "image": "envoy:1"}]})
            })
            .collect();
        json(
            &value!({"serviceRevisions": found, "failures": [{"arn": "r7", "reason": "MISSING"}]})
                .to_string(),
        )
    });
    let arns: Vec<String> = (0..45).map(|n| format!("r{n}")).collect();
    let Ok(Payload::Revisions(found)) = server.aws().ask(&Query::Revisions { arns: arns.clone() }).await
    else {
        panic!("no revisions")
    };
    assert_eq!(server.operations(), ["DescribeServiceRevisions"; 3]);
    assert_eq!(found.len(), 44);
    assert_eq!((found[0].arn.as_str(), found[43].arn.as_str()), ("r0", "r44"));
    let image = |container: &str, reference: &str, digest: Option<&str>| RevisionImage {
        container: container.into(),
        reference: reference.into(),
        digest: digest.map(str::to_owned),
    };
    assert_eq!(
        found[0].images,
        [image("backend", "repo/backend:v1", Some("sha256:1")), image("proxy", "envoy:1", None)]
    );
    assert_eq!(found[0].task_definition, "td:1");
}
