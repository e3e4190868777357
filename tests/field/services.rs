//! Cases of who runs a service's tasks, and on what.

use crate::kit::{ACCOUNT, REGION, Seen, services, tasks};
use partybox_core::domain::ScalingRange;
use partybox_core::operation::{CheckResult, Draft, Plan};
use partybox_testkit::rig::{Instead, Rewrites, began, json_error};
use serde_json::{Value, json};

/// Seconds since 1970, so many before the account began.
fn before(seconds: i64) -> i64 {
    began().timestamp() - seconds
}

/// Makes another controller's service of one that ECS deploys: its deployment becomes a task set.
fn by_task_sets(service: &mut Value, controller: &str) {
    let old = service["deployments"][0].take();
    let arn = service["serviceArn"].as_str().expect("an ARN").replace(":service/", ":task-set/");
    service["deploymentController"] = json!({ "type": controller });
    service["deployments"] = json!([]);
    service["taskSets"] = json!([{
        "id": old["id"], "taskSetArn": format!("{arn}/ecs-svc/1"), "startedBy": controller, "externalId": "d-AAAABBBBC",
        "status": "PRIMARY", "taskDefinition": service["taskDefinition"], "computedDesiredCount": service["desiredCount"],
        "pendingCount": 0, "runningCount": service["runningCount"], "createdAt": before(90_000),
        "updatedAt": before(80_000), "launchType": "FARGATE", "networkConfiguration": service["networkConfiguration"],
        "loadBalancers": service["loadBalancers"], "scale": { "value": 100.0, "unit": "PERCENT" },
        "stabilityStatus": "STEADY_STATE", "stabilityStatusAt": before(80_000), "tags": []
    }]);
}

/// Adds a newer task set of the next revision, with one of two tasks.
fn with_newer_set(service: &mut Value, change: impl Fn(&mut Value)) {
    let mut new = service["taskSets"][0].clone();
    let definition = service["taskDefinition"].as_str().expect("an ARN").replace(":23", ":24");
    let members = json!({
        "id": "ecs-svc/7777777777777777777", "status": "ACTIVE", "externalId": "d-NEWNEWNEW",
        "taskDefinition": definition, "createdAt": before(240), "runningCount": 1, "pendingCount": 1,
        "stabilityStatus": "STABILIZING",
    });
    for (name, value) in members.as_object().expect("members") {
        new[name] = value.clone();
    }
    change(&mut new);
    service["taskSets"].as_array_mut().expect("sets").insert(0, new);
    service["runningCount"] = json!(3);
    service["pendingCount"] = json!(1);
}

fn no_records(rewrites: Rewrites) -> Rewrites {
    rewrites.json("ListServiceDeployments", |answer, _| answer["serviceDeployments"] = json!([]))
}

/// Both services are another controller's; the backend as it is changed besides.
fn controlled(controller: &'static str, change: impl Fn(&mut Value) + Send + Sync + 'static) -> Rewrites {
    no_records(Rewrites::default().json("DescribeServices", move |answer, _| {
        for name in ["backend", "frontend"] {
            for service in services(answer, name) {
                by_task_sets(service, controller);
                if name == "backend" {
                    change(service);
                }
            }
        }
    }))
}

fn scale(to: u32) -> Draft {
    Draft::Scale { service: "backend".into(), to }
}

fn redeploy() -> Draft {
    Draft::Redeploy { service: "backend".into() }
}

/// The first check of a plan, which must forbid it.
#[track_caller]
fn forbidden(plan: Result<Plan, String>) -> String {
    let plan = plan.expect("a plan that says why not");
    let first = plan.checks.first().expect("a check");
    assert_eq!(first.outcome, CheckResult::Block, "{:?}", plan.checks);
    first.text.clone()
}

fn every_way_to_deploy() -> Vec<Draft> {
    let service = || "backend".to_owned();
    let image =
        format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/party-box/backend@sha256:{}", "a".repeat(64));
    vec![
        redeploy(),
        Draft::Deploy { service: service(), container: service(), image },
        Draft::RollBack { service: service() },
        Draft::Revert { service: service(), to: "party-box-backend:22".into() },
    ]
}

#[test]
fn a_service_that_codedeploy_runs_is_well_and_deployed_there() {
    let mut seen = Seen::of(controlled("CODE_DEPLOY", |_| {}));
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "healthy"), "{}", seen.text());
    for draft in every_way_to_deploy() {
        let why = forbidden(seen.plan(draft));
        assert!(why.contains("deployments are controlled by CodeDeploy"), "{why}");
        seen.rig.keys("\x1b");
    }
    let plan = seen.plan(scale(3)).expect("ECS changes the number");
    assert!(!plan.blocked(), "{:?}", plan.checks);
    // Back to the number, and out of it.
    seen.rig.keys("\x1b");
    seen.rig.keys("\x1b");
    let screen = seen.screen("2");
    assert!(screen.contains("primary steady state") && screen.contains("by CodeDeploy"), "{screen}");
    assert!(!screen.contains("no deployment for this service"), "{screen}");
}

#[test]
fn codedeploy_in_the_middle_of_a_shift_is_told_and_left_alone() {
    let mut seen = Seen::of(controlled("CODE_DEPLOY", |service| with_newer_set(service, |_| {})));
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "changing"), "{}", seen.text());
    seen.says("CodeDeploy shifts to party-box-backend:24, 1 of 2 running").does_not_say("5 of 4");
    for draft in [scale(3), scale(2), redeploy()] {
        let why = forbidden(seen.plan(draft));
        assert!(why.contains("deployments are controlled by CodeDeploy"), "{why}");
        seen.rig.keys("\x1b");
    }
    let rollout = seen.rig.state.account.rollouts.in_flight("backend").expect("it is followed");
    assert_eq!(rollout.to.name(), "party-box-backend:24");
    let screen = seen.screen("2");
    assert!(screen.contains("rolling") && !screen.contains("scaling in"), "{screen}");
    assert!(screen.contains("1/2 running") && screen.contains("2/2 running"), "{screen}");
}

#[test]
fn a_shift_that_codedeploy_takes_back_is_no_progress() {
    let seen = Seen::of(controlled("CODE_DEPLOY", |service| {
        with_newer_set(service, |new| new["status"] = json!("DRAINING"));
    }));
    assert_ne!(seen.code(), 0, "{}", seen.text());
    seen.says("CodeDeploy goes back to party-box-backend:23");
}

#[test]
fn the_tasks_of_the_new_set_are_the_new_ones() {
    let rewrites = controlled("CODE_DEPLOY", |service| with_newer_set(service, |_| {}));
    let mut seen = Seen::of(rewrites.json("DescribeTasks", |answer, _| {
        for task in tasks(answer, "backend").take(1) {
            task["startedBy"] = json!("ecs-svc/7777777777777777777");
        }
    }));
    let node = seen.rig.state.account.party_box.service("backend").expect("it is there");
    assert_eq!(node.rows.iter().filter(|row| row.newest).count(), 1);
    let screen = seen.screen("2");
    assert!(screen.contains(" new ") && screen.contains(" old "), "{screen}");
}

#[test]
fn an_external_controller_has_its_network_and_groups_in_the_task_set() {
    let rewrites = controlled("EXTERNAL", |service| {
        for name in ["networkConfiguration", "loadBalancers", "taskDefinition", "launchType"] {
            service.as_object_mut().expect("a service").remove(name);
        }
    });
    let mut seen = Seen::of(rewrites);
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "healthy"), "{}", seen.text());
    seen.says("4 of 4 targets healthy").says("party-box-backend:23");
    for draft in every_way_to_deploy() {
        let why = forbidden(seen.plan(draft));
        assert!(why.contains("controlled by an external controller"), "{why}");
        seen.rig.keys("\x1b");
    }
    let range = ScalingRange { min: 2, max: 5, suspended: false };
    let why = forbidden(seen.plan(Draft::Range { service: "backend".into(), range }));
    assert!(why.contains("autoscaling does not work with it"), "{why}");
    seen.rig.keys("\x1b");
    let plan = seen.plan(scale(3)).expect("UpdateService takes the number");
    assert!(!plan.blocked(), "{:?}", plan.checks);
}

#[test]
fn an_external_controller_with_two_sets_is_changing() {
    let seen = Seen::of(controlled("EXTERNAL", |service| {
        with_newer_set(service, |new| {
            new["status"] = json!("PRIMARY");
            new["stabilityStatus"] = json!("STEADY_STATE");
            new["runningCount"] = json!(2);
        });
        service["taskSets"][1]["status"] = json!("ACTIVE");
    }));
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "changing"), "{}", seen.text());
    seen.says("an external controller shifted to party-box-backend:24, 2 of 2 running");
}

#[test]
fn a_controller_of_a_later_day_is_to_be_looked_at() {
    let mut seen = Seen::of(Rewrites::default().json("DescribeServices", |answer, _| {
        for service in services(answer, "backend") {
            service["deploymentController"] = json!({ "type": "LATER_KIND" });
        }
    }));
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("backend is deployed by LATER_KIND, which is not known here");
    assert!(forbidden(seen.plan(redeploy())).contains("controlled by LATER_KIND"));
}

const AGENT: &str = "node-agent";

fn agent_arn(kind: &str, rest: &str) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}/{rest}")
}

fn agent() -> Value {
    let definition = agent_arn("task-definition", "node-agent:7");
    json!({
        "serviceArn": agent_arn("service", "party-box/node-agent"), "serviceName": AGENT, "status": "ACTIVE",
        "clusterArn": agent_arn("cluster", "party-box"), "loadBalancers": [], "serviceRegistries": [],
        "desiredCount": 2, "runningCount": 2, "pendingCount": 0, "launchType": "EC2", "taskDefinition": definition,
        "deploymentConfiguration": { "maximumPercent": 100, "minimumHealthyPercent": 0 },
        "deployments": [{
            "id": "ecs-svc/5555555555555555555", "status": "PRIMARY", "taskDefinition": definition, "desiredCount": 2,
            "pendingCount": 0, "runningCount": 2, "failedTasks": 0, "createdAt": before(900_000),
            "updatedAt": before(800_000), "launchType": "EC2", "rolloutState": "COMPLETED",
            "rolloutStateReason": "ECS deployment ecs-svc/5555555555555555555 completed."
        }],
        "events": [], "createdAt": before(9_000_000), "schedulingStrategy": "DAEMON",
        "deploymentController": { "type": "ECS" }
    })
}

fn agent_task(number: u32) -> Value {
    let zone = if number == 1 { 'a' } else { 'c' };
    json!({
        "taskArn": agent_arn("task", &format!("party-box/daemon{number:026x}")),
        "clusterArn": agent_arn("cluster", "party-box"), "attachments": [], "availabilityZone": format!("{REGION}{zone}"),
        "connectivity": "CONNECTED",
        "containerInstanceArn": agent_arn("container-instance", &format!("party-box/{number:032x}")),
        "containers": [{
            "name": "agent", "image": "public.ecr.aws/datadog/agent:7", "lastStatus": "RUNNING",
            "networkBindings": [{ "bindIP": "0.0.0.0", "containerPort": 8126, "hostPort": 8126, "protocol": "udp" }],
            "networkInterfaces": [], "healthStatus": "UNKNOWN"
        }],
        "cpu": "10", "memory": "256", "createdAt": before(900_000), "startedAt": before(899_000),
        "desiredStatus": "RUNNING", "lastStatus": "RUNNING", "healthStatus": "UNKNOWN", "group": "service:node-agent",
        "launchType": "EC2", "startedBy": "ecs-svc/5555555555555555555",
        "taskDefinitionArn": agent_arn("task-definition", "node-agent:7")
    })
}

/// The account with a daemon on instances of its own beside the web services.
fn with_daemon() -> Rewrites {
    let answer = |body: Value| Some(Instead::Answer(200, body.to_string()));
    Rewrites::default()
        .before(move |operation, body| {
            let asked: Value = serde_json::from_str(body).unwrap_or_default();
            let named = |member: &str| asked[member].as_str().is_some_and(|text| text.contains(AGENT));
            match operation {
                "ListTasks" if named("serviceName") => {
                    let stopped = asked["desiredStatus"] == "STOPPED";
                    let arns = [1, 2].map(|n| agent_task(n)["taskArn"].clone());
                    answer(json!({ "taskArns": if stopped { json!([]) } else { json!(arns) } }))
                }
                "DescribeTasks" if body.contains("daemon0") => {
                    answer(json!({ "tasks": [agent_task(1), agent_task(2)], "failures": [] }))
                }
                "DescribeTaskDefinition" if named("taskDefinition") => answer(json!({ "taskDefinition": {
                    "taskDefinitionArn": agent_arn("task-definition", "node-agent:7"), "family": AGENT, "revision": 7,
                    "networkMode": "bridge", "status": "ACTIVE", "compatibilities": ["EC2"],
                    "containerDefinitions": [{
                        "name": "agent", "image": "public.ecr.aws/datadog/agent:7", "cpu": 10, "memory": 256,
                        "essential": true, "environment": [], "portMappings": []
                    }]
                } })),
                "ListServiceDeployments" if named("service") => answer(json!({ "serviceDeployments": [] })),
                _ => None,
            }
        })
        .json("ListServices", |answer, _| {
            let arn = json!(agent_arn("service", "party-box/node-agent"));
            answer["serviceArns"].as_array_mut().expect("ARNs").push(arn);
        })
        .json("DescribeServices", |answer, asked| {
            if asked["services"].to_string().contains(AGENT) {
                answer["services"].as_array_mut().expect("services").push(agent());
                answer["failures"] = json!([]);
            }
        })
}

#[test]
fn a_daemon_has_no_count_and_no_addresses() {
    let mut seen = Seen::of(with_daemon());
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("2/daemon running").says("on EC2");
    for to in [2, 3] {
        let why = forbidden(seen.plan(Draft::Scale { service: AGENT.into(), to }));
        assert!(why.contains("a daemon service has no count"), "{why}");
        seen.rig.keys("\x1b");
    }
    let range = ScalingRange { min: 1, max: 4, suspended: false };
    forbidden(seen.plan(Draft::Range { service: AGENT.into(), range }));
    seen.rig.keys("\x1b");
    let plan = seen.plan(Draft::Redeploy { service: AGENT.into() }).expect("a daemon is deployed");
    let texts: Vec<&str> = plan.checks.iter().map(|check| check.text.as_str()).collect();
    assert!(!plan.blocked() && !texts.iter().any(|text| text.contains("addresses")), "{texts:?}");
    seen.rig.keys("\x1b");
    assert!(seen.screen("2").contains("2/daemon"));
}

#[test]
fn instances_of_the_accounts_own_have_no_addresses_to_count() {
    let mut seen = Seen::of(
        Rewrites::default()
            .json("DescribeServices", |answer, _| {
                for service in services(answer, "backend") {
                    service.as_object_mut().expect("a service").remove("networkConfiguration");
                    service["launchType"] = json!("EC2");
                }
            })
            .json("DescribeTaskDefinition", |answer, _| {
                answer["taskDefinition"]["networkMode"] = json!("bridge");
            }),
    );
    let plan = seen.plan(scale(3)).expect("a plan");
    let texts: Vec<&str> = plan.checks.iter().map(|check| check.text.as_str()).collect();
    assert!(
        texts.iter().any(|text| text.contains("room for 1 more task") && text.contains("not read")),
        "{texts:?}"
    );
    assert!(!texts.iter().any(|text| text.contains("free addresses")), "{texts:?}");
    let definition =
        seen.rig.state.account.party_box.service("backend").map(|n| n.service().task_definition.clone());
    let definition = seen.rig.state.account.store.task_definition(&definition.expect("it is there"));
    assert_eq!(definition.and_then(|it| it.network_mode.as_deref()), Some("bridge"));
}

/// The backend on Spot, with one share on demand.
fn on_spot(service: &mut Value) {
    service.as_object_mut().expect("a service").remove("launchType");
    service["capacityProviderStrategy"] = json!([
        { "capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0 },
        { "capacityProvider": "FARGATE", "weight": 1, "base": 1 },
    ]);
}

#[test]
fn spot_is_named_with_its_notice() {
    let seen = Seen::of(Rewrites::default().json("DescribeServices", |answer, _| {
        services(answer, "backend").for_each(on_spot);
    }));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("on FARGATE_SPOT weight 3, FARGATE base 1 weight 1").says("two minutes' notice");
}

#[test]
fn states_of_tasks_are_what_they_are() {
    let mut seen = Seen::of(Rewrites::default().json("DescribeTasks", |answer, _| {
        let Some(first) = tasks(answer, "backend").next().map(|task| task.clone()) else { return };
        let copy = |end: &str| {
            let mut task = first.clone();
            let arn = task["taskArn"].as_str().expect("an ARN");
            task["taskArn"] = json!(format!("{}{end}", &arn[..arn.len() - 4]));
            task
        };
        let mut coming = copy("0001");
        coming["lastStatus"] = json!("PROVISIONING");
        coming["attachments"] = json!([
            { "id": "sc", "type": "ServiceConnect", "status": "ATTACHED", "details": [] },
            { "id": "x", "type": "ElasticNetworkInterface", "status": "PRECREATED", "details": [] },
        ]);
        coming.as_object_mut().expect("a task").remove("availabilityZone");
        let mut gone = copy("0002");
        gone["lastStatus"] = json!("DELETED");
        gone["desiredStatus"] = json!("STOPPED");
        let mut later = copy("0003");
        later["lastStatus"] = json!("LATER_STATE");
        answer["tasks"].as_array_mut().expect("tasks").extend([coming, gone, later]);
    }));
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("1 task of backend in the state LATER_STATE, which is not known here")
        .does_not_say("DELETED, which");
    let counts = &seen.rig.state.account.party_box.service("backend").expect("it is there").counts;
    assert_eq!((counts.healthy, counts.pending, counts.stopped), (2, 2, 1), "{counts:?}");
    assert!(seen.screen("2").contains("later_state"));
}

#[test]
fn a_task_whose_agent_is_not_heard_is_not_sure_to_run() {
    let seen = Seen::of(Rewrites::default().json("DescribeTasks", |answer, _| {
        for task in tasks(answer, "backend").take(1) {
            task["connectivity"] = json!("DISCONNECTED");
        }
    }));
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("1 task of backend on instances whose agent ECS does not hear");
}

#[test]
fn names_from_before_the_long_form_are_read() {
    let dashed = |id: &str| [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-");
    let plain = |text: &str| {
        // `:task/aaaaaaaa-bbbb-...` as the account knows it.
        let mut parts = text.split(":task/");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let long = part.get(..36).filter(|id| id.matches('-').count() == 4 && !id.contains('/'));
            whole.push_str(":task/");
            match long {
                Some(id) => {
                    whole.push_str("party-box/");
                    whole.push_str(&id.replace('-', ""));
                    whole.push_str(&part[36..]);
                }
                None => whole.push_str(part),
            }
        }
        whole.replace(":service/party-box/", ":service/").replace(":service/", ":service/party-box/")
    };
    let rewrites = Rewrites::default()
        .before(move |operation, body| {
            let about =
                ["DescribeTasks", "StopTask", "DescribeServices", "UpdateService", "ListServiceDeployments"];
            about.contains(&operation).then(|| Instead::Ask(plain(body)))
        })
        .any(move |operation, text| {
            if !["ListServices", "DescribeServices", "ListTasks", "DescribeTasks"].contains(&operation) {
                return text;
            }
            let mut parts = text.split(":task/party-box/");
            let mut whole = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                whole.push_str(":task/");
                whole.push_str(&dashed(&part[..32]));
                whole.push_str(&part[32..]);
            }
            whole.replace(":service/party-box/", ":service/")
        });
    let seen = Seen::of(rewrites);
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "healthy"), "{}", seen.text());
    seen.says("4 of 4 targets healthy");
    let node = seen.rig.state.account.party_box.service("backend").expect("it is there");
    assert!(node.rows.iter().all(|row| node.task(row).id.len() == 36 && row.target.is_some()));
}

#[test]
fn a_task_definition_that_is_withdrawn_or_gone_is_told() {
    let withdrawn = |status: &'static str| {
        Seen::of(Rewrites::default().json("DescribeTaskDefinition", move |answer, _| {
            answer["taskDefinition"]["status"] = json!(status);
        }))
    };
    let seen = withdrawn("INACTIVE");
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("party-box-backend:23 of backend is INACTIVE");
    let seen = withdrawn("DELETE_IN_PROGRESS");
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("is DELETE_IN_PROGRESS");
    let gone = Rewrites::default().before(|operation, body| {
        let about = operation == "DescribeTaskDefinition" && body.contains("backend:23");
        about.then(|| json_error("ClientException", "Unable to describe task definition."))
    });
    let seen = Seen::of(gone);
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("party-box-backend:23 of backend does not exist");
}
