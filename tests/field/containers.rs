//! Cases of which container is the service's.

use crate::kit::{ACCOUNT, REGION, Seen, services, tasks};
use partybox_core::operation::{Action, Plan};
use partybox_testkit::rig::Rewrites;
use serde_json::{Value, json};

/// An account whose backend has another container, before or after its own, in its definition, its tasks and its
/// revisions.
fn beside(rewrites: Rewrites, other: Value, change_own: fn(&mut Value)) -> Rewrites {
    let (defined, run, revised) = (other.clone(), other.clone(), other);
    rewrites
        .json("DescribeTaskDefinition", move |answer, _| {
            let definition = &mut answer["taskDefinition"];
            if definition["family"] != "party-box-backend" {
                return;
            }
            let all = definition["containerDefinitions"].as_array_mut().expect("containers");
            change_own(&mut all[0]);
            let mut other = json!({ "cpu": 0, "portMappings": [], "environment": [] });
            for name in ["name", "image", "essential", "portMappings"] {
                if !defined[name].is_null() {
                    other[name] = defined[name].clone();
                }
            }
            all.insert(0, other);
        })
        .json("DescribeTasks", move |answer, _| {
            for task in tasks(answer, "backend") {
                let mut other = json!({ "lastStatus": "RUNNING", "taskArn": task["taskArn"] });
                for name in ["name", "image", "imageDigest", "lastStatus", "exitCode"] {
                    if !run[name].is_null() {
                        other[name] = run[name].clone();
                    }
                }
                task["containers"].as_array_mut().expect("containers").insert(0, other);
            }
        })
        .json("DescribeServiceRevisions", move |answer, _| {
            for revision in answer["serviceRevisions"].as_array_mut().expect("revisions") {
                if revision["serviceRevisionArn"].as_str().is_some_and(|arn| arn.contains("/backend/")) {
                    let image = json!({
                        "containerName": revised["name"],
                        "image": revised["image"],
                        "imageDigest": revised["imageDigest"],
                    });
                    revision["containerImages"].as_array_mut().expect("images").insert(0, image);
                }
            }
        })
}

fn ecr(image: &str) -> String {
    format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{image}")
}

fn digest(of: char) -> String {
    format!("sha256:{}", of.to_string().repeat(64))
}

/// The container that a plan would change, and what it says that it changes.
fn replaced(plan: &Plan) -> (String, String) {
    let Action::Deploy { container, .. } = &plan.action else { panic!("{:?}", plan.action) };
    (container.clone(), plan.changes[0].field.clone())
}

fn listed(seen: &Seen) -> Vec<String> {
    let json = seen.json();
    let images = json["images"].as_array().expect("images");
    let name = |name: &str, image: &Value| image[name].as_str().unwrap_or_default().to_owned();
    images
        .iter()
        .map(|i| format!("{}/{} {}", name("registry", i), name("repository", i), name("scan", i)))
        .collect()
}

/// A migration that ends well before the web server starts.
#[test]
fn a_container_that_ran_before_is_not_the_services() {
    let migrate = json!({
        "name": "migrate",
        "image": ecr("party-box/migrate:2024-01-31"),
        "imageDigest": digest('e'),
        "essential": false,
        "lastStatus": "STOPPED",
        "exitCode": 0,
    });
    let mut seen = Seen::of(beside(Rewrites::default(), migrate, |own| {
        own["dependsOn"] = json!([{ "containerName": "migrate", "condition": "SUCCESS" }]);
    }));
    let plan = seen.deploy("backend", None, "1.22.0").expect("a plan");
    assert!(!plan.blocked(), "{:?}", plan.checks);
    assert_eq!(replaced(&plan), ("backend".into(), "image of backend".into()));
    assert!(plan.changes[0].before.starts_with("1.23.0 "), "{:?}", plan.changes);
    assert!(
        plan.checks.iter().any(|c| c.text.contains("container backend: it gets the requests")),
        "{:?}",
        plan.checks
    );
    // What has ended does not run.
    assert!(listed(&seen).iter().all(|it| !it.contains("migrate")), "{:?}", listed(&seen));
    seen.rig.keys("\x1b");
    let screen = seen.screen("2");
    assert!(screen.contains("1.23.0") && !screen.contains("2024-01-31"), "{screen}");
    let refused = seen.deploy("backend", Some("nobody"), "1.22.0").expect_err("no such container");
    assert!(refused.contains("no container nobody") && refused.contains("migrate, backend"), "{refused}");
}

#[test]
fn a_sidecar_from_another_registry_is_listed_as_what_it_is() {
    let envoy = json!({
        "name": "envoy",
        "image": "public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29",
        "essential": true,
        "portMappings": [{ "containerPort": 9901 }],
    });
    let mut seen = Seen::of(beside(Rewrites::default(), envoy, |_| ()));
    let plan = seen.deploy("backend", None, "1.22.0").expect("a plan");
    assert_eq!(replaced(&plan).0, "backend");
    assert!(
        listed(&seen).contains(&"public.ecr.aws/appmesh/aws-appmesh-envoy not-asked".to_owned()),
        "{:?}",
        listed(&seen)
    );
    let refused = seen.deploy("backend", Some("envoy"), "v1.30").expect_err("not in ECR");
    assert!(refused.contains("not in ECR: register a revision"), "{refused}");
    seen.rig.keys("\x1b");
    let screen = seen.screen("5");
    assert!(screen.contains("public.ecr.aws/appmesh") && screen.contains("no scan here"), "{screen}");
    assert_eq!(seen.code(), 0, "{}", seen.text());
}

/// Without a load balancer, each of two essential containers with a port may be meant.
#[test]
fn where_two_containers_could_be_meant_somebody_chooses() {
    let proxy = json!({
        "name": "proxy",
        "image": ecr("party-box/frontend:1.14.0"),
        "essential": true,
        "portMappings": [{ "containerPort": 8080 }],
    });
    let rewrites = beside(Rewrites::default(), proxy, |_| ()).json("DescribeServices", |answer, _| {
        for service in services(answer, "backend") {
            service["loadBalancers"] = json!([]);
        }
    });
    let mut seen = Seen::of(rewrites);
    let refused = seen.deploy("backend", None, "1.22.0").expect_err("not clear");
    assert!(refused.contains("--container (proxy, backend)"), "{refused}");
    let plan = seen.deploy("backend", Some("backend"), "1.22.0").expect("a plan");
    assert_eq!(replaced(&plan).0, "backend");
    assert!(
        plan.checks.iter().any(|c| c.text.contains("container backend: chosen of proxy, backend")),
        "{:?}",
        plan.checks
    );
    // On the screen it is chosen from a list.
    seen.rig.keys("\x1b");
    seen.rig.keys("2");
    seen.wait(3000);
    while seen.rig.state.selected_service() != Some("backend") {
        seen.rig.keys("j");
    }
    let screen = seen.screen("r");
    assert!(screen.contains("of which container?") && screen.contains("proxy"), "{screen}");
    seen.rig.keys("jj\n");
    seen.wait(10_000);
    seen.rig.keys("jj\n");
    let partybox_core::app::Overlay::Plan(panel) = &seen.rig.state.screen.overlay else {
        panic!("{:?}", seen.rig.state.screen.overlay)
    };
    assert_eq!(replaced(panel.plan.as_ref().expect("a plan")).0, "backend");
}

/// `GuardDuty` puts a container into each task that no definition has, from a registry of AWS's own.
#[test]
fn what_aws_puts_into_the_tasks_is_nobodys_container() {
    let image = format!("323658145986.dkr.ecr.{REGION}.amazonaws.com/aws-guardduty-agent-fargate:v1.5.0");
    let rewrites = Rewrites::default().json("DescribeTasks", move |answer, _| {
        for service in ["backend", "frontend"] {
            for task in tasks(answer, service) {
                let agent = json!({
                    "name": "aws-guardduty-agent-mfjGLB",
                    "image": image,
                    "imageDigest": digest('a'),
                    "lastStatus": "STOPPED",
                    "reason": "CannotPullContainerError: no basic auth credentials",
                });
                let mut other = agent.clone();
                other["name"] = json!("ecs-service-connect-Xy12");
                other["lastStatus"] = json!("RUNNING");
                let all = task["containers"].as_array_mut().expect("containers");
                all.insert(0, agent);
                all.insert(1, other);
            }
        }
    });
    let mut seen = Seen::of(rewrites);
    assert_eq!((seen.code(), seen.headline().0.as_str()), (0, "healthy"), "{}", seen.text());
    seen.does_not_say("guardduty").does_not_say("permission").does_not_say("could not be read");
    assert!(seen.screen("2").contains("1.23.0"));
    assert_eq!(replaced(&seen.deploy("backend", None, "1.22.0").expect("a plan")).0, "backend");
}

/// A service that runs a public image is not deployed by a repository of ECR.
#[test]
fn a_service_whose_image_is_not_in_ecr_says_what_to_do() {
    let hub = |answer: &mut Value| {
        let definition = &mut answer["taskDefinition"];
        if definition["family"] == "party-box-backend" {
            definition["containerDefinitions"][0]["image"] = json!("nginx:1.27");
        }
    };
    let mut seen =
        Seen::of(Rewrites::default().json("DescribeTaskDefinition", move |answer, _| hub(answer)).json(
            "DescribeTasks",
            |answer, _| {
                for task in tasks(answer, "backend") {
                    task["containers"][0]["image"] = json!("nginx:1.27");
                    task["containers"][0].as_object_mut().expect("a container").remove("imageDigest");
                }
            },
        ));
    assert!(listed(&seen).contains(&"docker.io/library/nginx not-asked".to_owned()), "{:?}", listed(&seen));
    let refused = seen.deploy("backend", None, "1.28").expect_err("not in ECR");
    assert_eq!(
        refused,
        "backend runs nginx:1.27, which is not in ECR: register a revision with the image that is wanted, and deploy that"
    );
    assert!(seen.screen("2").contains("1.27"));
}
