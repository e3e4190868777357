//! Cases of deployments and scaling.

use crate::kit::{ACCOUNT, BACKEND_GROUP, REGION, Seen, services, tasks};
use partybox_core::operation::Draft;
use partybox_testkit::rig::Rewrites;
use serde_json::json;

#[test]
fn nothing_is_said_of_an_account_that_nothing_is_wrong_with() {
    let mut seen = Seen::of(Rewrites::default());
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "healthy"), "{}", seen.text());
    let plan = seen.plan(Draft::Scale { service: "backend".into(), to: 3 }).expect("a plan");
    assert!(!plan.blocked(), "{:?}", plan.checks);
    seen.rig.keys("\x1b");
    assert!(seen.screen("2").contains("backend"));
}

/// A service that a schedule scaled to nothing for the night is not one whose tasks are missing.
#[test]
fn scaled_to_zero_is_no_outage() {
    let gone = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task/none");
    let seen = Seen::of(
        Rewrites::default()
            .json("DescribeServices", |answer, _| {
                for service in services(answer, "backend") {
                    for name in ["desiredCount", "runningCount", "pendingCount"] {
                        service[name] = json!(0);
                        service["deployments"][0][name] = json!(0);
                    }
                }
            })
            .json("DescribeTasks", move |answer, _| {
                for task in tasks(answer, "backend") {
                    task["group"] = json!("other");
                    task["taskArn"] = json!(gone);
                }
                let tasks = answer["tasks"].as_array_mut().expect("tasks");
                tasks.retain(|task| task["group"] != "other");
            })
            .xml("DescribeTargetHealth", |xml, form| match form.get("TargetGroupArn") {
                Some(arn) if arn == BACKEND_GROUP => {
                    let (head, rest) = xml.split_once("<TargetHealthDescriptions>").expect("a list");
                    let (_, tail) = rest.split_once("</TargetHealthDescriptions>").expect("its end");
                    format!("{head}<TargetHealthDescriptions></TargetHealthDescriptions>{tail}")
                }
                _ => xml.to_owned(),
            }),
    );
    seen.does_not_say("no running task").does_not_say("no healthy target");
}
