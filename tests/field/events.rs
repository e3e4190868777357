//! Cases in which only ECS's own words say why nothing starts.

use crate::kit::{ACCOUNT, BACKEND_GROUP, Seen, services, tasks};
use partybox_testkit::rig::{Rewrites, began};
use serde_json::{Value, json};

/// Adds an event to a service, so many seconds before the account began.
fn event(service: &mut Value, seconds: i64, message: &str) {
    let at = began().timestamp() - seconds;
    let event = json!({ "id": format!("00000000-0000-4000-8000-{seconds:012}"), "createdAt": at, "message": message });
    service["events"].as_array_mut().expect("events").insert(0, event);
}

/// The backend with so many running tasks of two, and this event as its newest.
fn lacking(running: u32, message: &'static str) -> Rewrites {
    Rewrites::default().json("DescribeServices", move |answer, _| {
        for service in services(answer, "backend") {
            service["runningCount"] = json!(running);
            service["pendingCount"] = json!(0);
            service["deployments"][0]["runningCount"] = json!(running);
            event(service, 25, message);
        }
    })
}

/// The same where no task of the backend is left at all, running or stopped.
fn without_tasks(rewrites: Rewrites) -> Rewrites {
    rewrites
        .json("DescribeTasks", |answer, _| {
            let tasks = answer["tasks"].as_array_mut().expect("tasks");
            tasks.retain(|task| task["group"] != "service:backend");
        })
        .xml("DescribeTargetHealth", |xml, form| match form.get("TargetGroupArn") {
            Some(arn) if arn == BACKEND_GROUP => {
                let (head, rest) = xml.split_once("<TargetHealthDescriptions>").expect("a list");
                let (_, tail) = rest.split_once("</TargetHealthDescriptions>").expect("its end");
                format!("{head}<TargetHealthDescriptions></TargetHealthDescriptions>{tail}")
            }
            _ => xml.to_owned(),
        })
}

const ROLE: &str = "(service backend) failed to launch a task with (error ECS was unable to assume the role \
    'arn:aws:iam::123456789012:role/party-box-task-execution' that was provided for this task. Please verify that the role \
    being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.).";

#[test]
fn a_role_that_cannot_be_assumed_explains_why_nothing_runs() {
    let mut seen = Seen::of(without_tasks(lacking(0, ROLE)));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    let role =
        format!("ECS was unable to assume the role 'arn:aws:iam::{ACCOUNT}:role/party-box-task-execution'");
    let (_, headline) = seen.headline();
    assert!(headline.contains("backend has no running task") && headline.contains(&role), "{headline}");
    let screen = seen.screen("2");
    assert!(screen.contains("unable to assume the role"), "{screen}");
    assert!(!screen.contains("ECS has started none yet") && !screen.contains("● succeeded"), "{screen}");
}

#[test]
fn no_instance_that_fits_explains_what_does_not_start() {
    let full = "(service backend) was unable to place a task because no container instance met all of its requirements. The \
                closest matching (container-instance 0123456789abcdef0123456789abcdef) has insufficient memory available. \
                For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
    let mut seen = Seen::of(lacking(1, full));
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("backend runs 1 of 2 tasks; the others do not start").says("has insufficient memory available");
    seen.does_not_say("Developer Guide");
    assert!(seen.screen("2").contains("stalled"));
}

#[test]
fn spot_capacity_that_is_away_explains_what_does_not_start() {
    let away = "(service backend) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again \
                later or in a different availability zone.";
    let seen = Seen::of(lacking(1, away).json("DescribeServices", |answer, _| {
        for service in services(answer, "backend") {
            service.as_object_mut().expect("a service").remove("launchType");
            service["capacityProviderStrategy"] =
                json!([{ "capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0 }]);
        }
    }));
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("the others do not start").says("Capacity is unavailable at this time").says("on FARGATE_SPOT");
}

/// The first task of the backend stopped, for this reason.
fn stopped(code: &'static str, reason: &'static str, container: &'static str) -> Rewrites {
    let impaired = "(service backend) is unable to consistently start tasks successfully. For more information, see the \
                    Troubleshooting section of the Amazon ECS Developer Guide.";
    lacking(0, impaired).json("DescribeTasks", move |answer, _| {
        for task in tasks(answer, "backend") {
            task["lastStatus"] = json!("STOPPED");
            task["desiredStatus"] = json!("STOPPED");
            task["stopCode"] = json!(code);
            task["stoppedReason"] = json!(reason);
            task["stoppedAt"] = json!(began().timestamp() - 20);
            task["containers"][0]["lastStatus"] = json!("STOPPED");
            if !container.is_empty() {
                task["containers"][0]["reason"] = json!(container);
            }
        }
    })
}

#[test]
fn a_secret_that_cannot_be_read_explains_why_nothing_runs() {
    let reason = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
                  unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets \
                  Manager did not contain json key DB_PASSWORD";
    let seen = Seen::of(stopped("TaskFailedToStart", reason, ""));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    let (_, headline) = seen.headline();
    assert!(
        headline.contains("no running task") && headline.contains("unable to pull secrets"),
        "{headline}"
    );
}

#[test]
fn an_image_that_is_gone_is_told_from_its_container() {
    let pull = "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref \
                party-box/backend:9.9: not found";
    let seen = Seen::of(stopped("TaskFailedToStart", "Task failed to start", pull));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    assert!(seen.headline().1.contains("CannotPullContainerError"), "{}", seen.text());
}

#[test]
fn a_stop_code_of_a_later_day_is_judged_by_its_sentence() {
    let seen = Seen::of(stopped("LATER_CODE", "OutOfMemoryError: Container killed due to memory usage", ""));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    assert!(seen.headline().1.contains("OutOfMemoryError"), "{}", seen.text());
}

#[test]
fn a_log_group_that_is_gone_explains_why_nothing_runs() {
    let reason = "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed \
                  to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.";
    let seen = Seen::of(stopped("TaskFailedToStart", reason, ""));
    assert!(seen.headline().1.contains("The specified log group does not exist"), "{}", seen.text());
}

/// What was wrong once, before the service became steady, explains nothing now.
#[test]
fn trouble_that_is_over_is_not_told() {
    let seen = Seen::of(Rewrites::default().json("DescribeServices", |answer, _| {
        for service in services(answer, "backend") {
            event(service, 900, ROLE);
            event(service, 600, "(service backend) has reached a steady state.");
        }
    }));
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "healthy"), "{}", seen.text());
    seen.does_not_say("assume the role");
}

#[test]
fn targets_that_cannot_be_registered_are_told_of_a_service_that_runs() {
    let refused = "(service backend) failed to register targets in (target-group \
                   arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/gone/0123456789abcdef) with (error \
                   TargetGroupNotFoundException: One or more target groups not found)";
    let seen = Seen::of(lacking(2, refused));
    seen.says(
        "failed to register targets: TargetGroupNotFoundException: One or more target groups not found",
    );
}

#[test]
fn a_task_set_before_the_sentence_is_no_part_of_it() {
    let drains =
        "(service backend, taskSet ecs-svc/7777777777777777777) has begun draining connections on 1 tasks.";
    let mut seen = Seen::of(lacking(2, drains));
    let screen = seen.screen("1");
    assert!(screen.contains("has begun draining connections on 1 tasks"), "{screen}");
    assert!(!screen.contains("taskSet"), "{screen}");
}
