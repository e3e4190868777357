//! Deployments and an operator's requests over the wire, under a virtual clock.
use bytes::Bytes;
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use crate::handle;
use crate::world::{DeploymentVerdict, Time, World};
use crate::{Scenario, build_account};

const ECS: &str = "AmazonEC2ContainerServiceV20141113";
const SCALING: &str = "AnyScaleFrontendService";

/// A world and the clock that its requests come by.
struct Account {
    world: World,
    now: Time,
}

impl Account {
    fn new(scenario: Scenario) -> Self {
        let now = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
        Self { world: build_account(scenario, 7, now), now }
    }

    fn ask(&mut self, operation: &str, body: &Value) -> Value {
        let (status, answer) = self.send(ECS, operation, body);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// The code of the error with which a call is refused.
    fn refused(&mut self, prefix: &str, operation: &str, body: &Value) -> String {
        let (status, answer) = self.send(prefix, operation, body);
        assert_eq!(status, 400, "{operation}: {answer}");
        answer["__type"].as_str().expect("a code").to_owned()
    }

    fn send(&mut self, prefix: &str, operation: &str, body: &Value) -> (u16, Value) {
        let authorization = "AWS4-HMAC-SHA256 Credential=key/20260101/ap-northeast-1/ecs/aws4_request, \
                             SignedHeaders=host, Signature=00";
        let request = http::Request::builder()
            .method("POST")
            .uri("/")
            .header("x-amz-target", format!("{prefix}.{operation}"))
            .header("authorization", authorization)
            .body(Bytes::from(body.to_string()))
            .expect("a request");
        let response = handle(&mut self.world, &request, self.now);
        (response.status().as_u16(), serde_json::from_slice(response.body()).expect("JSON"))
    }

    fn describe(&mut self, arn: &str) -> Value {
        let answer = self.ask("DescribeServiceDeployments", &json!({ "serviceDeploymentArns": [arn] }));
        answer["serviceDeployments"][0].clone()
    }

    fn redeploy(&mut self) -> String {
        let body = json!({"cluster": "party-box", "service": "backend", "forceNewDeployment": true});
        let answer = self.ask("UpdateService", &body);
        answer["service"]["currentServiceDeployment"].as_str().expect("an ARN").to_owned()
    }

    /// The statuses that a poll every second sees, in order, for `seconds`.
    fn statuses(&mut self, arn: &str, seconds: u32) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        for _ in 0..seconds {
            let status = self.describe(arn)["status"].as_str().expect("a status").to_owned();
            if seen.last() != Some(&status) {
                seen.push(status);
            }
            self.now += TimeDelta::seconds(1);
        }
        seen
    }
}

#[test]
fn a_deployment_passes_through_its_statuses() {
    let mut account = Account::new(Scenario::Steady);
    let arn = account.redeploy();
    assert_eq!(account.statuses(&arn, 300), ["PENDING", "IN_PROGRESS", "SUCCESSFUL"]);
    let truth = &account.world.deployment_truths()[0];
    assert_eq!((truth.arn.as_str(), truth.service.as_str()), (arn.as_str(), "backend"));
    assert_eq!(truth.ended.expect("over").1, DeploymentVerdict::Succeeded);
    let again = json!({ "serviceDeploymentArn": arn });
    assert_eq!(account.refused(ECS, "StopServiceDeployment", &again), "ConflictException");
}

#[test]
fn a_stopped_deployment_passes_through_its_statuses() {
    for (kind, expected) in [
        ("ROLLBACK", ["ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"].as_slice()),
        ("ABORT", ["STOP_REQUESTED", "STOPPED"].as_slice()),
    ] {
        let mut account = Account::new(Scenario::Steady);
        let arn = account.redeploy();
        account.now += TimeDelta::seconds(40);
        let stop = json!({ "serviceDeploymentArn": arn, "stopType": kind });
        assert_eq!(account.ask("StopServiceDeployment", &stop)["serviceDeploymentArn"], json!(arn));
        assert_eq!(account.refused(ECS, "StopServiceDeployment", &stop), "ConflictException");
        assert_eq!(account.statuses(&arn, 300), expected);
        let ended = account.describe(&arn);
        assert_eq!(ended["deploymentCircuitBreaker"]["status"], "MONITORING_COMPLETE");
        assert_eq!(ended["rollback"].is_object(), kind == "ROLLBACK");
        assert_eq!(ended["stoppedAt"].is_number(), kind == "ABORT");
    }
}

#[test]
fn the_list_filters_pages_and_refuses_unknown_statuses() {
    let mut account = Account::new(Scenario::Steady);
    let ask = |more: Value| {
        let mut body = json!({"cluster": "party-box", "service": "backend"});
        body.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
        body
    };
    let mut body = ask(json!({ "maxResults": 4 }));
    let mut sizes = Vec::new();
    loop {
        let page = account.ask("ListServiceDeployments", &body);
        sizes.push(page["serviceDeployments"].as_array().expect("a list").len());
        match page.get("nextToken") {
            Some(token) => body["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(sizes, [4, 4, 2]);
    let back = account.ask("ListServiceDeployments", &ask(json!({ "status": ["ROLLBACK_SUCCESSFUL"] })));
    assert_eq!(back["serviceDeployments"].as_array().expect("a list").len(), 1);
    let week = account.now.timestamp() - 7 * 86_400;
    let newer = account.ask("ListServiceDeployments", &ask(json!({ "createdAt": { "after": week } })));
    assert_eq!(newer["serviceDeployments"].as_array().expect("a list").len(), 2);
    let unknown = ask(json!({ "status": ["DONE"] }));
    assert_eq!(account.refused(ECS, "ListServiceDeployments", &unknown), "InvalidParameterException");
}

#[test]
fn a_paused_deployment_shows_its_hook_and_goes_on() {
    let mut account = Account::new(Scenario::BlueGreen);
    account.now += TimeDelta::seconds(200);
    let body = json!({"cluster": "party-box", "services": ["backend"]});
    let service = account.ask("DescribeServices", &body)["services"][0].clone();
    let arn = service["currentServiceDeployment"].as_str().expect("an ARN").to_owned();
    let hooks = json!([{
        "targetType": "PAUSE",
        "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
        "timeoutConfiguration": {"timeoutInMinutes": 15, "action": "ROLLBACK"},
    }]);
    assert_eq!(service["deploymentConfiguration"]["lifecycleHooks"], hooks);
    let paused = account.describe(&arn)["lifecycleHookDetails"][0].clone();
    assert_eq!(paused["status"], "AWAITING_ACTION");
    let answer = json!({"serviceDeploymentArn": arn, "hookId": paused["hookId"]});
    account.ask("ContinueServiceDeployment", &answer);
    assert_eq!(account.describe(&arn)["lifecycleHookDetails"][0]["status"], "SUCCEEDED");
    assert_eq!(account.refused(ECS, "ContinueServiceDeployment", &answer), "ClientException");
    assert_eq!(account.statuses(&arn, 500), ["IN_PROGRESS", "SUCCESSFUL"]);
}

#[test]
fn a_registered_revision_comes_back_as_it_was_sent() {
    let mut account = Account::new(Scenario::Steady);
    let asked = json!({ "taskDefinition": "party-box-backend" });
    let last = account.ask("DescribeTaskDefinition", &asked)["taskDefinition"].clone();
    let mut containers = last["containerDefinitions"].clone();
    let image = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/party-box/backend:1.22.0";
    containers[0]["image"] = json!(image);
    containers.as_array_mut().expect("a list").push(json!({
        "name": "metrics", "image": "collector:v1", "essential": false, "dockerLabels": {"a": "b"},
    }));
    let mut request = json!({
        "family": "party-box-backend", "cpu": "512", "memory": "1024", "containerDefinitions": containers,
    });
    let new = account.ask("RegisterTaskDefinition", &request)["taskDefinition"].clone();
    assert_eq!(new["revision"], json!(last["revision"].as_i64().expect("a number") + 1));
    assert_eq!(new["containerDefinitions"][0], containers[0], "nothing but what was sent");
    assert_eq!(new["containerDefinitions"][0]["secrets"], last["containerDefinitions"][0]["secrets"]);
    assert_eq!(new["containerDefinitions"][1]["dockerLabels"], json!({"a": "b"}));
    assert_eq!(account.ask("DescribeTaskDefinition", &asked)["taskDefinition"], new);
    for (member, wrong) in [("cpu", "300"), ("memory", "9999"), ("family", "not a family"), ("family", "")] {
        let mut bad = request.clone();
        bad[member] = json!(wrong);
        assert_eq!(account.refused(ECS, "RegisterTaskDefinition", &bad), "ClientException", "{member}");
    }
    // It runs, both of its containers.
    let update = json!({
        "cluster": "party-box", "service": "backend", "taskDefinition": new["taskDefinitionArn"],
    });
    let answer = account.ask("UpdateService", &update);
    let arn = answer["service"]["currentServiceDeployment"].as_str().expect("an ARN").to_owned();
    assert_eq!(account.statuses(&arn, 300).last().map(String::as_str), Some("SUCCESSFUL"));
    let listed = account.ask("ListTasks", &json!({"cluster": "party-box", "serviceName": "backend"}));
    let tasks = account.ask("DescribeTasks", &json!({"cluster": "party-box", "tasks": listed["taskArns"]}));
    let names: Vec<_> = tasks["tasks"][0]["containers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|container| (container["name"].clone(), container["lastStatus"].clone()))
        .collect();
    assert_eq!(names, [(json!("backend"), json!("RUNNING")), (json!("metrics"), json!("RUNNING"))]);
    // Without the container behind the load balancer, the service refuses it.
    request["family"] = json!("other");
    request["containerDefinitions"] = json!([{"name": "alone", "image": "alone:1"}]);
    let other = account.ask("RegisterTaskDefinition", &request)["taskDefinition"].clone();
    assert_eq!(other["revision"], 1);
    let update = json!({
        "cluster": "party-box", "service": "backend", "taskDefinition": other["taskDefinitionArn"],
    });
    assert_eq!(account.refused(ECS, "UpdateService", &update), "InvalidParameterException");
}

#[test]
fn a_scalable_target_changes_only_what_was_sent() {
    let mut account = Account::new(Scenario::Steady);
    let target = |more: Value| {
        let mut body = json!({
            "ServiceNamespace": "ecs",
            "ResourceId": "service/party-box/backend",
            "ScalableDimension": "ecs:service:DesiredCount",
        });
        body.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
        body
    };
    let suspend = target(json!({"SuspendedState": {"DynamicScalingOutSuspended": true}}));
    assert_eq!(account.send(SCALING, "RegisterScalableTarget", &suspend).0, 200);
    assert_eq!(account.send(SCALING, "RegisterScalableTarget", &target(json!({"MinCapacity": 3}))).0, 200);
    let asked = json!({"ServiceNamespace": "ecs", "ResourceIds": ["service/party-box/backend"]});
    let (_, answer) = account.send(SCALING, "DescribeScalableTargets", &asked);
    let now = &answer["ScalableTargets"][0];
    assert_eq!((&now["MinCapacity"], &now["MaxCapacity"]), (&json!(3), &json!(10)));
    assert_eq!(now["SuspendedState"]["DynamicScalingOutSuspended"], true);
    assert_eq!(now["SuspendedState"]["DynamicScalingInSuspended"], false);
    for wrong in [
        json!({"MinCapacity": 11}),
        json!({"MaxCapacity": -1}),
        json!({"ResourceId": "service/party-box/nobody", "MinCapacity": 1, "MaxCapacity": 2}),
        json!({ "ScalableDimension": null }),
    ] {
        let refused = account.refused(SCALING, "RegisterScalableTarget", &target(wrong));
        assert_eq!(refused, "ValidationException");
    }
}

#[test]
fn who_deploys_a_service_shows_in_what_is_told_and_what_is_refused() {
    let mut account = Account::new(Scenario::Steady);
    account.redeploy();
    account.now += TimeDelta::seconds(5);
    for service in &mut account.world.ecs.services {
        service.runs.controller = "CODE_DEPLOY";
    }
    let asked = json!({"cluster": "party-box", "services": ["backend"]});
    let told = account.ask("DescribeServices", &asked)["services"][0].clone();
    assert_eq!(told["deployments"], json!([]));
    assert_eq!(told["deploymentController"]["type"], "CODE_DEPLOY");
    let sets = told["taskSets"].as_array().expect("task sets");
    let statuses: Vec<&str> = sets.iter().filter_map(|set| set["status"].as_str()).collect();
    assert_eq!(statuses, ["ACTIVE", "PRIMARY"]);
    assert_eq!(sets[1]["runningCount"], 2);
    let with = |member: &str, value: Value| {
        let mut body = json!({"cluster": "party-box", "service": "backend"});
        body[member] = value;
        body
    };
    let (force, count) = (with("forceNewDeployment", json!(true)), with("desiredCount", json!(3)));
    assert_eq!(account.refused(ECS, "UpdateService", &force), "InvalidParameterException");
    assert_eq!(account.ask("UpdateService", &count)["service"]["desiredCount"], 3);
    for service in &mut account.world.ecs.services {
        service.runs.controller = "ECS";
        service.runs.scheduling = "DAEMON";
    }
    let less = with("desiredCount", json!(1));
    assert_eq!(account.refused(ECS, "UpdateService", &less), "InvalidParameterException");
    account.ask("UpdateService", &force);
}
