//! Cases of rollouts: how they succeed, fail, wait and go back, in ECS's words of today.

use crate::kit::{Seen, services, tasks};
use partybox_core::app::Key;
use partybox_core::domain::Level;
use partybox_sim::Scenario;
use partybox_testkit::rig::{Instead, Rewrites, began, json_error};
use serde_json::{Value, json};

/// No story here is longer, milliseconds.
const LONGEST: u64 = 20 * 60_000;
/// A rollback of the first minutes is about this old then, milliseconds.
const LATER: u64 = 90 * 60_000;

/// The service deployments of an answer that belong to a service and have this status; any with an empty one.
fn records<'a>(answer: &'a mut Value, name: &'a str, status: &'a str) -> impl Iterator<Item = &'a mut Value> {
    let all = answer["serviceDeployments"].as_array_mut().expect("service deployments");
    let own = move |it: &&mut Value| {
        let service = it["serviceArn"].as_str().is_some_and(|arn| arn.ends_with(&format!("/{name}")));
        service && (status.is_empty() || it["status"] == status)
    };
    all.iter_mut().filter(own)
}

/// Changes the backend's records that are in progress.
fn under_way(f: impl Fn(&mut Value) + Send + Sync + 'static) -> Rewrites {
    Rewrites::default().json("DescribeServiceDeployments", move |answer, _| {
        records(answer, "backend", "IN_PROGRESS").for_each(&f);
    })
}

/// Puts an event before the others of the backend, so many seconds after the account began.
fn with_events(list: &'static [(i64, &'static str)]) -> Rewrites {
    Rewrites::default().json("DescribeServices", move |answer, _| {
        for service in services(answer, "backend") {
            let events = service["events"].as_array_mut().expect("events");
            for (second, message) in list {
                let at = began().timestamp() + second;
                events
                    .insert(0, json!({"id": format!("made-{second}"), "createdAt": at, "message": message}));
            }
        }
    })
}

/// Looks until `status` says this.
#[track_caller]
fn until_said(scenario: Scenario, rewrites: Rewrites, what: &str) -> Seen {
    let mut seen = Seen::at(scenario, rewrites, 0);
    while !seen.text().contains(what) {
        assert!(seen.rig.at() < LONGEST, "never said {what:?}: {}", seen.text());
        seen.wait(1_000);
    }
    seen
}

#[test]
fn an_early_success_says_what_is_still_open() {
    let seen = until_said(
        Scenario::Deploy,
        under_way(|record| {
            record["status"] = json!("SUCCESSFUL");
            record["finishedAt"] = record["startedAt"].clone();
            record["deploymentConfiguration"]["earlySuccessCriteria"] = json!({
                "enable": true, "healthyPercent": 50, "sourceServiceRevisionCleanup": "DEFERRED"
            });
        }),
        "succeeded early: ",
    );
    seen.says("new tasks healthy, ").says("old still running");
    assert_ne!(seen.headline().0, "healthy", "{}", seen.text());
}

/// The same status without the criteria, while old tasks are there still: they drain.
#[test]
fn a_success_that_is_not_early_is_not_called_so() {
    let rewrites = under_way(|record| {
        record["deploymentConfiguration"]["earlySuccessCriteria"] = json!({"enable": false});
    });
    let mut seen = Seen::at(Scenario::Deploy, rewrites, 0);
    while seen.rig.at() < 8 * 60_000 {
        seen.wait(5_000);
        seen.does_not_say("succeeded early");
    }
}

#[test]
fn a_breaker_that_a_healthy_task_resets_says_so() {
    for (resets, words) in
        [(true, "a healthy task sets it to 0"), (false, "a healthy task does not set it back")]
    {
        let rewrites = under_way(move |record| {
            let settings = &mut record["deploymentConfiguration"]["deploymentCircuitBreaker"];
            settings["resetOnHealthyTask"] = json!(resets);
            settings["thresholdConfiguration"] = json!({"type": "COUNT", "value": 3});
        });
        until_said(Scenario::BadDeploy, rewrites, words);
    }
}

#[test]
fn a_rollback_is_not_green_in_hindsight() {
    let mut seen = Seen::at(Scenario::BadDeploy, Rewrites::default(), LATER);
    assert_eq!(seen.code(), 1, "{}", seen.text());
    let (health, headline) = seen.headline();
    assert_eq!(health, "degraded");
    assert!(headline.starts_with("backend was rolled back ") && headline.contains("m ago; "), "{headline}");
    assert!(headline.contains(" does not run: "), "{headline}");
    let events = seen.rig.state.timeline.entries();
    let done: Vec<_> = events.iter().filter(|e| e.text.contains("deployment completed")).collect();
    assert_eq!(done.first().map(|e| e.level), Some(Level::Warn), "the way back's own end: {done:?}");
    assert!(!seen.screen("1").contains("All well"));
    // Somebody has seen it.
    seen.rig.tell(partybox_core::app::Msg::Key(Key::char('n')));
    seen.wait(2_000);
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "healthy"), "{}", seen.text());
    seen.says("(noted)");
}

/// Where ECS lists no service deployments, the event tells of it.
#[test]
fn nor_is_one_that_only_an_event_tells_of() {
    let rewrites = Rewrites::default().before(|operation, _| {
        let lacking = matches!(operation, "ListServiceDeployments" | "DescribeServiceDeployments");
        lacking.then(|| json_error("UnknownOperationException", "there is no such operation here"))
    });
    let seen = Seen::at(Scenario::BadDeploy, rewrites, LATER);
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("backend was rolled back to ");
}

#[test]
fn an_alarm_that_ended_a_rollout_is_named() {
    let rewrites = Rewrites::default().json("DescribeServiceDeployments", |answer, _| {
        for record in records(answer, "backend", "ROLLBACK_SUCCESSFUL") {
            let why = "Service deployment rolled back because of a deployment alarm.";
            record["statusReason"] = json!(why);
            record["rollback"]["reason"] = json!(why);
            record["alarms"] =
                json!({"status": "TRIGGERED", "alarmNames": ["box-5xx"], "triggeredAlarmNames": ["box-5xx"]});
        }
    });
    Seen::at(Scenario::BadDeploy, rewrites, LATER).says("(alarm box-5xx)");
}

#[test]
fn no_capacity_is_the_first_that_is_said() {
    let what = "is failing: no new task starts: capacity is unavailable";
    let seen = until_said(Scenario::NoCapacity, Rewrites::default(), what);
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.does_not_say("do not stay up");
}

/// On container instances the words are others.
#[test]
fn so_is_that_no_instance_has_room() {
    let rewrites = Rewrites::default().json("DescribeServices", |answer, _| {
        for service in services(answer, "backend") {
            for event in service["events"].as_array_mut().expect("events") {
                let text = event["message"].as_str().unwrap_or_default();
                if text.contains("unable to place") {
                    event["message"] = json!(
                        "(service backend) was unable to place a task because no container instance met all of its \
                         requirements. The closest matching container-instance 0123 has insufficient memory available."
                    );
                }
            }
        }
    });
    let what = "no new task starts: no container instance met all of its requirements";
    until_said(Scenario::NoCapacity, rewrites, what);
}

#[test]
fn a_status_that_is_not_known_is_shown_and_is_no_success() {
    let rewrites = under_way(|record| record["status"] = json!("HELD_BY_POLICY"));
    let seen = until_said(Scenario::Deploy, rewrites, "HELD_BY_POLICY, which is not known here");
    assert_ne!(seen.code(), 0, "{}", seen.text());
}

#[test]
fn nor_is_a_rollout_state_that_is_not_known() {
    let seen = Seen::of(Rewrites::default().json("DescribeServices", |answer, _| {
        for service in services(answer, "backend") {
            service["deployments"][0]["rolloutState"] = json!("PONDERING");
        }
    }));
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("PONDERING, which is not known here");
}

#[test]
fn a_hook_that_goes_on_by_itself_is_not_said_to_roll_back() {
    let rewrites = under_way(|record| {
        for hook in record["lifecycleHookDetails"].as_array_mut().into_iter().flatten() {
            hook["timeoutAction"] = json!("CONTINUE");
        }
    });
    until_said(Scenario::BlueGreen, rewrites, "until it goes on by itself").says("c continues, b rolls back");
    until_said(Scenario::BlueGreen, Rewrites::default(), "until it rolls back by itself");
}

#[test]
fn a_function_that_a_stage_waits_for_is_named() {
    let rewrites = under_way(|record| {
        record["lifecycleHookDetails"] = json!([{
            "hookId": "made", "targetType": "AWS_LAMBDA", "status": "IN_PROGRESS",
            "targetArn": "arn:aws:lambda:ap-northeast-1:123456789012:function:check-schema:live"
        }]);
    });
    until_said(Scenario::BlueGreen, rewrites, "hook check-schema in progress");
}

const UNBALANCED: &str = "(service backend) is not AZ balanced with 2 tasks in ap-northeast-1a, 0 tasks in \
                          ap-northeast-1c. AZ Rebalancing in progress.";

#[test]
fn rebalancing_over_zones_explains_starts_and_stops_and_is_no_failure() {
    let seen = Seen::of(with_events(&[(5, UNBALANCED)]));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("evens out the tasks of backend over its zones");
    let balanced =
        "(service backend) is AZ balanced with 1 tasks in ap-northeast-1a, 1 tasks in ap-northeast-1c.";
    let events: &'static [_] = Box::leak(Box::new([(5, UNBALANCED), (9, balanced)]));
    Seen::of(with_events(events)).does_not_say("evens out");
}

/// Changes the first container of every task definition.
fn defined(name: &'static str, value: &Value) -> Rewrites {
    let value = value.clone();
    Rewrites::default().json("DescribeTaskDefinition", move |answer, _| {
        answer["taskDefinition"]["containerDefinitions"][0][name] = value.clone();
    })
}

#[test]
fn what_a_restart_policy_hides_is_said() {
    let policy = json!({"enabled": true, "restartAttemptPeriod": 60});
    let seen = Seen::of(defined("restartPolicy", &policy));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("restarted inside its task");
    let down = defined("restartPolicy", &policy).json("DescribeTasks", |answer, _| {
        for task in tasks(answer, "backend").filter(|task| task["lastStatus"] == "RUNNING") {
            task["containers"][0]["lastStatus"] = json!("STOPPED");
        }
    });
    let seen = Seen::of(down);
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("its restart policy starts it again");
    Seen::of(defined("restartPolicy", &json!({"enabled": false}))).does_not_say("restarted inside");
}

#[test]
fn tags_that_each_task_resolves_for_itself_are_told() {
    Seen::of(defined("versionConsistency", &json!("disabled"))).says("version consistency is off");
    Seen::of(defined("versionConsistency", &json!("enabled"))).does_not_say("version consistency");
}

/// What a rollout does until its old tasks may go: it waits, and says until when.
fn protected(answer: Option<bool>) -> Rewrites {
    Rewrites::default().before(move |operation, body| {
        let asked: Value = serde_json::from_str(body).unwrap_or_default();
        if operation != "GetTaskProtection" {
            return None;
        }
        let Some(enabled) = answer else {
            return Some(json_error(
                "AccessDeniedException",
                "not authorized to perform: ecs:GetTaskProtection",
            ));
        };
        let listed = asked["tasks"].as_array().cloned().unwrap_or_default();
        let one = |task: Value| {
            let end = began().timestamp() + 3600;
            json!({"taskArn": task, "protectionEnabled": enabled, "expirationDate": end})
        };
        let list: Vec<Value> = listed.into_iter().map(one).collect();
        Some(Instead::Answer(200, json!({"protectedTasks": list, "failures": []}).to_string()))
    })
}

/// The backend is out: its new tasks are healthy, and two old ones run on.
fn held(rewrites: Rewrites) -> Rewrites {
    let moment = began().timestamp();
    rewrites
        .json("DescribeServices", move |answer, _| {
            for service in services(answer, "backend") {
                let mut old = service["deployments"][0].clone();
                old["id"] = json!("ecs-svc/0000000000000000001");
                old["status"] = json!("ACTIVE");
                let new = &mut service["deployments"][0];
                new["rolloutState"] = json!("IN_PROGRESS");
                new["createdAt"] = json!(moment);
                service["deployments"].as_array_mut().expect("a list").push(old);
            }
        })
        .json("DescribeTasks", |answer, _| {
            let all: Vec<Value> = tasks(answer, "backend").map(|task| task.clone()).collect();
            for (n, mut task) in all.into_iter().filter(|task| task["lastStatus"] == "RUNNING").enumerate() {
                task["startedBy"] = json!("ecs-svc/0000000000000000001");
                let arn = task["taskArn"].as_str().unwrap_or_default();
                let (head, id) = arn.rsplit_once('/').expect("an ARN");
                task["taskArn"] = json!(format!("{head}/{n:04}{}", &id[4..]));
                answer["tasks"].as_array_mut().expect("tasks").push(task);
            }
        })
}

#[test]
fn a_rollout_that_waits_for_protected_tasks_says_until_when() {
    let mut seen = Seen::of(held(protected(Some(true))));
    seen.wait(30_000);
    seen.says("old tasks protected until").says("UTC: the rollout waits");
    let mut seen = Seen::of(held(protected(Some(false))));
    seen.wait(30_000);
    seen.does_not_say("protected").says("old running or stopping");
    // Denied: said once.
    let mut seen = Seen::of(held(protected(None)));
    seen.wait(30_000);
    seen.says("No permission for ecs:GetTaskProtection").says("old running or stopping");
}
