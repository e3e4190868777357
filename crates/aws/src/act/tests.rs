//! Each action over a real connection: what is read before, what is sent, and what is refused.

use crate::fake_server::{Asked, FakeServer, Reply, html, json, json_error};
use partybox_core::domain::{CallError, ErrorKind, ScalingRange};
use partybox_core::operation::{Accepted, Action};
use serde_json::{Value, json as value};

const FROM: &str = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/backend:7";
const NEW: &str = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/backend:8";
const ROLLOUT: &str = "arn:aws:ecs:ap-northeast-1:123456789012:service-deployment/party-box/backend/abc";
const IMAGE: &str = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/party-box/backend@sha256:feed";

fn deploy(primary: &str) -> Action {
    Action::Deploy {
        cluster: "party-box".into(),
        service: "backend".into(),
        primary: primary.into(),
        from: FROM.into(),
        container: "backend".into(),
        image: IMAGE.into(),
    }
}

fn revert(primary: &str, to: &str) -> Action {
    Action::Revert {
        cluster: "party-box".into(),
        service: "backend".into(),
        primary: primary.into(),
        to: to.into(),
    }
}

fn stop_rollout() -> Action {
    Action::StopRollout { cluster: "party-box".into(), service: "backend".into(), deployment: ROLLOUT.into() }
}

fn go_on(hook: &str, go_on: bool) -> Action {
    Action::Continue {
        cluster: "party-box".into(),
        service: "backend".into(),
        deployment: ROLLOUT.into(),
        hook: hook.into(),
        go_on,
    }
}

fn stop_task() -> Action {
    Action::StopTask { cluster: "party-box".into(), service: "backend".into(), task: "0123abcd".into() }
}

fn range(from: (u32, u32, bool), to: (u32, u32, bool)) -> Action {
    Action::Range {
        cluster: "party-box".into(),
        service: "backend".into(),
        from: range_of(from),
        to: range_of(to),
    }
}

fn range_of((min, max, suspended): (u32, u32, bool)) -> ScalingRange {
    ScalingRange { min, max, suspended }
}

/// A task definition with every setting, some of them newer than our types.
fn definition() -> Value {
    value!({
        "taskDefinitionArn": FROM, "family": "backend", "revision": 7, "status": "ACTIVE",
        "taskRoleArn": "arn:aws:iam::123456789012:role/task", "executionRoleArn": "arn:aws:iam::123456789012:role/exec",
        "networkMode": "awsvpc", "cpu": "256", "memory": "512", "pidMode": "task", "ipcMode": "none",
        "requiresCompatibilities": ["FARGATE"], "compatibilities": ["EC2", "FARGATE"],
        "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
        "registeredAt": 1_795_000_000.123, "registeredBy": "arn:aws:iam::123456789012:user/ci",
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "ephemeralStorage": {"sizeInGiB": 30}, "enableFaultInjection": false,
        "volumes": [{"name": "rooms", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "transitEncryption": "ENABLED"}}],
        "placementConstraints": [{"type": "memberOf", "expression": "x"}],
        "proxyConfiguration": {"type": "APPMESH", "containerName": "proxy", "properties": [{"name": "a", "value": "b"}]},
        "inferenceAccelerators": [{"deviceName": "d", "deviceType": "t"}],
        "settingOfTheFuture": {"deep": [1, 2.5, null]},
        "containerDefinitions": [
            {"name": "proxy", "image": "envoy:1", "essential": false, "memory": 64},
            {"name": "backend", "image": "repo/backend:v1", "essential": true, "cpu": 0, "environment":
                [{"name": "DATABASE_URL", "value": "postgres://u:hunter2@h/db"},
                 // A revision is a copy to the letter, whatever a terminal would make of it.
                 {"name": "SIGNING_KEY", "value": format!("-----BEGIN\r\n\t\u{1b}[31m{}\u{202e}\n", "x".repeat(9000))}],
             "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:x"}],
             "portMappings": [{"containerPort": 3000, "hostPort": 3000, "protocol": "tcp", "appProtocol": "http2"}],
             "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/backend"}},
             "linuxParameters": {"initProcessEnabled": true}, "mountPoints": [], "systemControls": [],
             "restartPolicy": {"enabled": true, "restartAttemptPeriod": 60}, "knobOfTheFuture": "on"}
        ]
    })
}

fn service(answering: &str) -> Reply {
    let deployments = match answering {
        "UpdateService" => {
            value!([{"id": "ecs-svc/1", "status": "ACTIVE"}, {"id": "ecs-svc/2", "status": "PRIMARY"}])
        }
        _ => value!([{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": FROM}]),
    };
    let service = value!({"serviceName": "backend", "status": "ACTIVE", "deployments": deployments});
    match answering {
        "UpdateService" => json(&value!({ "service": service }).to_string()),
        _ => json(&value!({ "services": [service] }).to_string()),
    }
}

/// The account as the plans expect it.
fn account(asked: &Asked) -> Reply {
    match asked.operation.as_str() {
        "DescribeTaskDefinition" => json(
            &value!({"taskDefinition": definition(), "tags": [
                {"key": "team", "value": "game"}, {"key": "aws:cloudformation:stack-id", "value": "s"}]})
            .to_string(),
        ),
        "RegisterTaskDefinition" => json(&value!({"taskDefinition": {"taskDefinitionArn": NEW}}).to_string()),
        "DescribeServiceDeployments" => rollout("IN_PROGRESS", "AWAITING_ACTION"),
        "DescribeTasks" => task("RUNNING", "RUNNING", "service:backend"),
        "DescribeScalableTargets" => target(2, 10, false),
        "DescribeServices" | "UpdateService" => service(&asked.operation),
        _ => json("{}"),
    }
}

fn rollout(status: &str, hook: &str) -> Reply {
    let hooks = value!([{"hookId": "hook-1", "targetType": "PAUSE", "status": hook}]);
    let found = value!({"serviceDeploymentArn": ROLLOUT, "status": status, "lifecycleHookDetails": hooks});
    json(&value!({ "serviceDeployments": [found] }).to_string())
}

fn task(last: &str, desired: &str, group: &str) -> Reply {
    let arn = "arn:aws:ecs:ap-northeast-1:123456789012:task/party-box/0123abcd";
    let found = value!({"taskArn": arn, "lastStatus": last, "desiredStatus": desired, "group": group});
    json(&value!({ "tasks": [found] }).to_string())
}

fn target(min: u32, max: u32, suspended: bool) -> Reply {
    let state = value!({"DynamicScalingInSuspended": suspended, "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false});
    let found = value!({"ServiceNamespace": "ecs", "ResourceId": "service/party-box/backend",
        "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": min, "MaxCapacity": max,
        "RoleARN": "r", "CreationTime": 1, "SuspendedState": state});
    json(&value!({ "ScalableTargets": [found] }).to_string())
}

/// The account, except that one operation has another answer.
fn but(operation: &'static str, reply: Reply) -> FakeServer {
    FakeServer::start(
        "",
        move |asked| if asked.operation == operation { reply.clone() } else { account(asked) },
    )
}

/// The bodies that were sent to an operation.
fn bodies(server: &FakeServer, operation: &str) -> Vec<Value> {
    let asked = server.asked().into_iter().filter(|asked| asked.operation == operation);
    asked.map(|asked| serde_json::from_str(&asked.body).expect("JSON")).collect()
}

fn changes(server: &FakeServer) -> Vec<String> {
    let mut operations = server.operations();
    operations.retain(|operation| !operation.starts_with("Describe"));
    operations
}

async fn refusal(server: &FakeServer, action: &Action) -> CallError {
    let error = server.aws().act(action).await.expect_err("it is refused");
    assert_eq!(error.kind, ErrorKind::Refused, "{}", error.message);
    assert_eq!(changes(server), [""; 0], "{}", error.message);
    error
}

#[tokio::test]
async fn a_deploy_registers_a_copy_that_differs_in_one_image_and_updates_to_it() {
    let server = FakeServer::start("", account);
    let done = server.aws().act(&deploy("ecs-svc/1")).await;
    let expected = Accepted::Deployed { deployment: Some("ecs-svc/2".into()), registered: Some(NEW.into()) };
    assert_eq!(done, Ok(expected));
    assert_eq!(
        server.operations(),
        ["DescribeServices", "DescribeTaskDefinition", "RegisterTaskDefinition", "UpdateService"]
    );
    let mut copy = definition();
    copy["containerDefinitions"][1]["image"] = value!(IMAGE);
    copy["tags"] = value!([{"key": "team", "value": "game"}]);
    for name in [
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
    ] {
        copy.as_object_mut().and_then(|copy| copy.remove(name)).expect("it was there");
    }
    assert_eq!(bodies(&server, "RegisterTaskDefinition"), [copy]);
    assert_eq!(
        bodies(&server, "DescribeTaskDefinition"),
        [value!({"taskDefinition": FROM, "include": ["TAGS"]})]
    );
    assert_eq!(
        bodies(&server, "UpdateService"),
        [value!({"cluster": "party-box", "service": "backend", "taskDefinition": NEW})]
    );
}

#[tokio::test]
async fn a_deploy_is_refused_over_another_deployment_or_without_its_container() {
    let server = FakeServer::start("", account);
    let error = refusal(&server, &deploy("ecs-svc/0")).await;
    assert!(error.message.contains("ecs-svc/1 instead of ecs-svc/0"), "{}", error.message);
    let answer = value!({"taskDefinition": {"family": "backend", "containerDefinitions": [{"name": "web"}]}});
    let server = but("DescribeTaskDefinition", json(&answer.to_string()));
    let error = refusal(&server, &deploy("ecs-svc/1")).await;
    assert_eq!(error.message, "Not sent: backend:7 has no container backend.");
}

#[tokio::test]
async fn a_deploy_stops_at_the_first_failure_and_says_what_exists_by_then() {
    let server = but("DescribeTaskDefinition", json_error("AccessDeniedException"));
    let error = server.aws().act(&deploy("ecs-svc/1")).await.expect_err("denied");
    assert!(error.message.ends_with("nothing was sent"), "{}", error.message);
    assert!(changes(&server).is_empty());

    for failure in
        [json_error("ClientException"), json_error("ThrottlingException"), Reply::HangUp, html(500)]
    {
        let server = but("RegisterTaskDefinition", failure);
        let error = server.aws().act(&deploy("ecs-svc/1")).await.expect_err("it failed");
        assert_eq!(changes(&server), ["RegisterTaskDefinition"], "once");
        assert!(error.message.contains("the service was not changed"), "{}", error.message);
        assert!(!error.message.contains("hunter2"), "{}", error.message);
    }
    let server = but("RegisterTaskDefinition", json("{}"));
    let error = server.aws().act(&deploy("ecs-svc/1")).await.expect_err("no ARN");
    assert_eq!((error.kind, changes(&server).len()), (ErrorKind::Unclear, 1), "{}", error.message);

    let server = but("UpdateService", json_error("ServerException"));
    let error = server.aws().act(&deploy("ecs-svc/1")).await.expect_err("it failed");
    assert_eq!(changes(&server), ["RegisterTaskDefinition", "UpdateService"]);
    assert!(error.message.contains("may or may not"), "{}", error.message);
    assert!(error.message.ends_with("(backend:8 was registered)"), "{}", error.message);
}

#[tokio::test]
async fn a_revert_changes_the_task_definition_alone() {
    let server = FakeServer::start("", account);
    let to = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/backend:6";
    let done = server.aws().act(&revert("ecs-svc/1", to)).await;
    assert_eq!(done, Ok(Accepted::Deployed { deployment: Some("ecs-svc/2".into()), registered: None }));
    assert_eq!(
        bodies(&server, "UpdateService"),
        [value!({"cluster": "party-box", "service": "backend", "taskDefinition": to})]
    );
    assert_eq!(server.operations(), ["DescribeServices", "UpdateService"]);
    let server = FakeServer::start("", account);
    refusal(&server, &revert("ecs-svc/0", to)).await;
    let error = refusal(&server, &revert("ecs-svc/1", FROM)).await;
    assert!(error.message.contains("backend:7 is what backend deploys already"), "{}", error.message);
}

#[tokio::test]
async fn deployments_of_other_controllers_are_left_to_them() {
    let other = value!({"services": [{"serviceName": "backend", "deploymentController": {"type": "CODE_DEPLOY"},
        "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY"}]}]});
    let server = but("DescribeServices", json(&other.to_string()));
    for action in [deploy("ecs-svc/1"), revert("ecs-svc/1", "backend:6")] {
        let error = refusal(&server, &action).await;
        assert!(error.message.contains("controlled by CodeDeploy"), "{}", error.message);
    }
}

#[tokio::test]
async fn a_rollout_is_stopped_towards_its_rollback_only_in_flight() {
    for status in ["PENDING", "IN_PROGRESS"] {
        let server = but("DescribeServiceDeployments", rollout(status, "SUCCEEDED"));
        assert_eq!(server.aws().act(&stop_rollout()).await, Ok(Accepted::Asked), "{status}");
        assert_eq!(
            bodies(&server, "StopServiceDeployment"),
            [value!({"serviceDeploymentArn": ROLLOUT, "stopType": "ROLLBACK"})]
        );
    }
    for status in ["SUCCESSFUL", "STOP_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED", "HELD_BY_MOON"]
    {
        let server = but("DescribeServiceDeployments", rollout(status, "SUCCEEDED"));
        let error = refusal(&server, &stop_rollout()).await;
        assert!(error.message.contains(&format!("abc is {status} now")), "{}", error.message);
    }
    let missing = r#"{"serviceDeployments":[],"failures":[{"reason":"MISSING"}]}"#;
    refusal(&but("DescribeServiceDeployments", json(missing)), &stop_rollout()).await;
}

#[tokio::test]
async fn a_hook_is_continued_or_rolled_back_only_while_it_waits() {
    for (on, action) in [(true, "CONTINUE"), (false, "ROLLBACK")] {
        let server = FakeServer::start("", account);
        assert_eq!(server.aws().act(&go_on("hook-1", on)).await, Ok(Accepted::Asked));
        assert_eq!(
            bodies(&server, "ContinueServiceDeployment"),
            [value!({"serviceDeploymentArn": ROLLOUT, "hookId": "hook-1", "action": action})]
        );
    }
    refusal(&FakeServer::start("", account), &go_on("hook-2", true)).await;
    for status in ["SUCCEEDED", "TIMED_OUT", "IN_PROGRESS", "HELD_BY_MOON"] {
        let server = but("DescribeServiceDeployments", rollout("IN_PROGRESS", status));
        let error = refusal(&server, &go_on("hook-1", true)).await;
        assert!(error.message.contains(status), "{}", error.message);
    }
}

#[tokio::test]
async fn a_task_is_stopped_once_and_only_while_it_runs_for_its_service() {
    let server = FakeServer::start("", account);
    assert_eq!(server.aws().act(&stop_task()).await, Ok(Accepted::Stopping));
    assert_eq!(
        bodies(&server, "StopTask"),
        [value!({"cluster": "party-box", "task": "0123abcd", "reason": "stopped by partybox-top"})]
    );
    let starting = but("DescribeTasks", task("PENDING", "RUNNING", ""));
    assert_eq!(starting.aws().act(&stop_task()).await, Ok(Accepted::Stopping));
    for reply in [
        task("DEACTIVATING", "STOPPED", "service:backend"),
        task("STOPPED", "STOPPED", "service:backend"),
        task("RUNNING", "RUNNING", "service:frontend"),
        json(r#"{"tasks":[],"failures":[{"reason":"MISSING"}]}"#),
    ] {
        refusal(&but("DescribeTasks", reply), &stop_task()).await;
    }
}

#[tokio::test]
async fn of_a_range_only_what_changes_is_sent() {
    let base = value!({"ServiceNamespace": "ecs", "ResourceId": "service/party-box/backend", "ScalableDimension": "ecs:service:DesiredCount"});
    let all = |on: bool| value!({"DynamicScalingInSuspended": on, "DynamicScalingOutSuspended": on, "ScheduledScalingSuspended": on});
    let cases = [
        ((2, 10, false), (4, 10, false), value!({"MinCapacity": 4})),
        ((2, 10, false), (2, 20, false), value!({"MaxCapacity": 20})),
        ((2, 10, false), (0, 12, false), value!({"MinCapacity": 0, "MaxCapacity": 12})),
        ((2, 10, false), (2, 10, true), value!({"SuspendedState": all(true)})),
        ((2, 10, true), (2, 10, false), value!({"SuspendedState": all(false)})),
        ((2, 10, true), (3, 10, true), value!({"MinCapacity": 3})),
    ];
    for (from, to, changed) in cases {
        let server = but("DescribeScalableTargets", target(from.0, from.1, from.2));
        assert_eq!(server.aws().act(&range(from, to)).await, Ok(Accepted::RangeSet));
        let mut expected = base.clone();
        for (name, value) in changed.as_object().expect("an object") {
            expected[name] = value.clone();
        }
        assert_eq!(bodies(&server, "RegisterScalableTarget"), [expected]);
        assert_eq!(server.operations(), ["DescribeScalableTargets", "RegisterScalableTarget"]);
    }
}

#[tokio::test]
async fn a_range_is_refused_when_it_changed_or_cannot_be() {
    let server = FakeServer::start("", account);
    for (from, to) in [
        ((2, 9, false), (2, 12, false)),
        ((2, 10, true), (2, 12, true)),
        ((2, 10, false), (11, 10, false)),
        ((2, 10, false), (2, 10, false)),
        ((2, 10, false), (2, u32::MAX, false)),
    ] {
        refusal(&server, &range(from, to)).await;
    }
    let nothing = but("DescribeScalableTargets", json(r#"{"ScalableTargets":[]}"#));
    let error = refusal(&nothing, &range((2, 10, false), (2, 12, false))).await;
    assert!(error.message.contains("not registered"), "{}", error.message);
}

#[tokio::test]
async fn none_of_them_is_sent_twice_or_blind_or_read_only() {
    let all = [
        (deploy("ecs-svc/1"), "RegisterTaskDefinition"),
        (revert("ecs-svc/1", "backend:6"), "UpdateService"),
        (stop_rollout(), "StopServiceDeployment"),
        (go_on("hook-1", true), "ContinueServiceDeployment"),
        (stop_task(), "StopTask"),
        (range((2, 10, false), (2, 12, false)), "RegisterScalableTarget"),
    ];
    for (action, operation) in all {
        let server = but(operation, Reply::HangUp);
        let error = server.aws().act(&action).await.expect_err("it hung up");
        assert_eq!(error.kind, ErrorKind::Unclear, "{}", error.message);
        assert_eq!(changes(&server), [operation]);
        let server = but(operation, html(502));
        assert_eq!(server.aws().act(&action).await.map_err(|error| error.kind), Err(ErrorKind::Unclear));

        // The read before the change is denied.
        let server = FakeServer::start("", |_| json_error("AccessDeniedException"));
        let error = server.aws().act(&action).await.expect_err("denied");
        assert_eq!(error.kind, ErrorKind::Denied);
        assert!(error.message.ends_with("nothing was sent"), "{}", error.message);
        assert_eq!(server.operations().len(), 1, "{operation}");

        let server = FakeServer::start("", account);
        let error = server.aws().read_only().act(&action).await.expect_err("read-only");
        assert_eq!((error.kind, server.operations().len()), (ErrorKind::Refused, 0));
        assert_eq!(error.action, action.call());
    }
}
