//! Cases of target groups and of the tasks in them.

use crate::kit::{ACCOUNT, BACKEND_GROUP, REGION, Seen, edit, services, tasks};
use partybox_testkit::rig::{Form, Instead, Rewrites, xml_error};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A second target group of the backend, which the simulated account does not have.
const SECOND: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/party-box-internal/1111222233334444";

const FRONTEND_GROUP: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/party-box-frontend/b7012baf73e84b95";

/// A target of an answer of `DescribeTargetHealth`.
#[derive(Clone)]
struct Target {
    id: String,
    port: String,
    zone: String,
    state: String,
    reason: &'static str,
    description: &'static str,
    /// Further elements: `AdministrativeOverride`, `AnomalyDetection`.
    more: &'static str,
}

impl Target {
    fn is(mut self, state: &str, reason: &'static str, description: &'static str) -> Self {
        state.clone_into(&mut self.state);
        (self.reason, self.description) = (reason, description);
        self
    }
}

fn between<'a>(text: &'a str, tag: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("<{tag}>")).unwrap_or_default();
    rest.split_once(&format!("</{tag}>")).unwrap_or_default().0
}

/// The answer with its targets made others.
fn with_targets(xml: &str, f: impl Fn(usize, Target) -> Option<Target>) -> String {
    let (head, rest) = xml.split_once("<TargetHealthDescriptions>").expect("a list");
    let (list, tail) = rest.split_once("</TargetHealthDescriptions>").expect("its end");
    let mut told = String::new();
    let targets = list.split("<Target>").skip(1).map(|part| Target {
        id: between(part, "Id").to_owned(),
        port: between(part, "Port").to_owned(),
        zone: between(part, "AvailabilityZone").to_owned(),
        state: between(part, "State").to_owned(),
        reason: "",
        description: "",
        more: "",
    });
    for t in targets.enumerate().filter_map(|(i, target)| f(i, target)) {
        let said = |tag: &str, text: &str| match text {
            "" => String::new(),
            text => format!("<{tag}>{text}</{tag}>"),
        };
        let Target { id, port, state, more, .. } = &t;
        write!(
            told,
            "<member><Target><Id>{id}</Id><Port>{port}</Port>{}</Target><TargetHealth><State>{state}</State>{}{}\
             </TargetHealth>{more}</member>",
            said("AvailabilityZone", &t.zone),
            said("Reason", t.reason),
            said("Description", t.description),
        )
        .expect("into memory");
    }
    format!("{head}<TargetHealthDescriptions>{told}</TargetHealthDescriptions>{tail}")
}

/// The backend's targets are made others.
fn backend_targets(
    rewrites: Rewrites,
    f: impl Fn(usize, Target) -> Option<Target> + Send + Sync + 'static,
) -> Rewrites {
    rewrites.xml("DescribeTargetHealth", move |xml, form| match group_of(form) {
        Some(BACKEND_GROUP) => with_targets(xml, &f),
        _ => xml.to_owned(),
    })
}

fn group_of(form: &Form) -> Option<&str> {
    form.get("TargetGroupArn").map(String::as_str)
}

fn sick(target: Target) -> Target {
    target.is("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]")
}

fn encoded(text: &str) -> String {
    text.replace(':', "%3A").replace('/', "%2F")
}

/// The second group exists: what is asked of it is asked of the first, and told of it.
fn second_group() -> Rewrites {
    Rewrites::default()
        .before(|operation, body| {
            let (second, first) = (encoded(SECOND), encoded(BACKEND_GROUP));
            match operation {
                "DescribeTargetHealth" if body.contains(&second) => {
                    Some(Instead::Ask(format!("{}&Second=yes", body.replace(&second, &first))))
                }
                "DescribeTargetGroupAttributes" if body.contains(&second) => {
                    Some(Instead::Ask(body.replace(&second, &first)))
                }
                "DescribeTargetGroups" if body.contains(&second) => {
                    let parts = body.split('&').filter(|part| !part.ends_with(&second));
                    Some(Instead::Ask(parts.collect::<Vec<_>>().join("&")))
                }
                _ => None,
            }
        })
        .xml("DescribeTargetGroups", |xml, _| {
            edit(xml, "member", "<TargetGroupName>party-box-backend<", |group| {
                let other =
                    group.replace(BACKEND_GROUP, SECOND).replace("party-box-backend<", "party-box-internal<");
                format!("{group}{other}")
            })
        })
}

/// The backend is registered in the second group as well. Its targets there have another port, so that each group's answer can be told from the other's.
fn two_groups(sick_in_first: bool, sick_in_second: bool) -> Rewrites {
    let rewrites = second_group().json("DescribeServices", |answer, _| {
        for service in services(answer, "backend") {
            let links = service["loadBalancers"].as_array_mut().expect("links");
            links
                .push(json!({ "targetGroupArn": SECOND, "containerName": "backend", "containerPort": 9000 }));
        }
    });
    rewrites.xml("DescribeTargetHealth", move |xml, form| {
        let second = form.contains_key("Second");
        if group_of(form) != Some(BACKEND_GROUP) {
            return xml.to_owned();
        }
        with_targets(xml, |_, target| {
            let port = if second { "9000".to_owned() } else { target.port.clone() };
            let target = Target { port, ..target };
            Some(if if second { sick_in_second } else { sick_in_first } { sick(target) } else { target })
        })
    })
}

#[test]
fn each_target_group_is_judged_by_itself_in_either_order() {
    let mut seen = Seen::of(two_groups(false, false));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("2/2 targets healthy in party-box-backend, 2/2 targets healthy in party-box-internal");
    for (first, group) in [(true, "party-box-backend"), (false, "party-box-internal")] {
        seen = Seen::of(two_groups(first, !first));
        assert_eq!(seen.code(), 3, "{}", seen.text());
        seen.says(&format!("No healthy target for backend in {group} (2 registered)"));
        let backend = seen.json()["services"][0].clone();
        assert_eq!((&backend["healthy_targets"], &backend["registered_targets"]), (&json!(0), &json!(2)));
        assert_eq!(backend["target_groups"].as_array().map(Vec::len), Some(2));
        let screen = seen.screen("2");
        assert!(!screen.contains("■ 2 healthy") && screen.contains("✖ unhealthy"), "{screen}");
    }
}

/// How the targets of one group of a pair are: all of a state, or none registered.
type Pair = (Option<&'static str>, Option<&'static str>);

/// Traffic is turned between the backend's group and the second one, which the rules give these weights.
fn pair((first, second): Pair, weights: (u32, u32), rewrites: Rewrites) -> Rewrites {
    let health = move |xml: &str, form: &Form| {
        if group_of(form) != Some(BACKEND_GROUP) {
            return xml.to_owned();
        }
        let state = if form.contains_key("Second") { second } else { first };
        with_targets(xml, |_, target| match state? {
            "unhealthy" => Some(sick(target)),
            state => Some(target.is(state, "", "")),
        })
    };
    let rules = move |xml: &str, _: &Form| {
        let both = [(BACKEND_GROUP, weights.0), (SECOND, weights.1)].map(|(arn, weight)| {
            format!("<member><TargetGroupArn>{arn}</TargetGroupArn><Weight>{weight}</Weight></member>")
        });
        let forward = format!(
            "<Actions><member><Type>forward</Type><ForwardConfig><TargetGroups>{}</TargetGroups></ForwardConfig>\
             </member></Actions>",
            both.concat()
        );
        let mut told = String::new();
        let mut rest = xml;
        while let Some((before, after)) = rest.split_once("<Actions>") {
            let (own, tail) = after.split_once("</Actions>").expect("its end");
            let own = format!("<Actions>{own}</Actions>");
            told.push_str(before);
            told.push_str(if own.contains(BACKEND_GROUP) { &forward } else { &own });
            rest = tail;
        }
        told + rest
    };
    rewrites.xml("DescribeTargetHealth", health).xml("DescribeRules", rules)
}

/// A blue/green service of ECS, with its pair at `loadBalancers[]`.
fn blue_green() -> Rewrites {
    second_group().json("DescribeServices", |answer, _| {
        for service in services(answer, "backend") {
            service["loadBalancers"][0]["advancedConfiguration"] =
                json!({ "alternateTargetGroupArn": SECOND });
        }
    })
}

/// A service of `CodeDeploy`: the task set that serves is in the second group.
fn task_sets() -> Rewrites {
    second_group().json("DescribeServices", |answer, _| {
        for service in services(answer, "backend") {
            let set = |id: &str, status: &str, group: &str, at: u32| {
                let link =
                    json!({ "targetGroupArn": group, "containerName": "backend", "containerPort": 3000 });
                json!({
                    "id": id, "status": status, "taskDefinition": service["taskDefinition"],
                    "computedDesiredCount": 2, "runningCount": 2, "pendingCount": 0, "createdAt": at,
                    "stabilityStatus": "STEADY_STATE", "loadBalancers": [link],
                    "scale": { "value": 100.0, "unit": "PERCENT" },
                })
            };
            let sets = [
                set("ecs-svc/1", "PRIMARY", SECOND, 1_700_000_000),
                set("ecs-svc/2", "ACTIVE", BACKEND_GROUP, 1_700_000_100),
            ];
            service["taskSets"] = json!(sets);
            service["deployments"] = json!([]);
            service["deploymentController"] = json!({ "type": "CODE_DEPLOY" });
        }
    })
}

fn without_listeners(rewrites: Rewrites) -> Rewrites {
    rewrites.before(|operation, _| {
        (operation == "DescribeListeners").then(|| xml_error("AccessDenied", "not authorized"))
    })
}

const WELL: Option<&str> = Some("healthy");
const SICK: Option<&str> = Some("unhealthy");

#[test]
fn of_two_groups_that_take_turns_the_one_with_the_traffic_is_judged() {
    let none_in = |group: &str| format!("No healthy target for backend in {group}");
    let (first, second) = (none_in("party-box-backend"), none_in("party-box-internal"));
    for (states, weights, fault) in [
        ((SICK, WELL), (100, 0), Some(&first)),
        ((WELL, None), (100, 0), None),
        ((WELL, SICK), (100, 0), None),
        ((None, WELL), (0, 100), None),
        ((WELL, SICK), (0, 100), Some(&second)),
        ((WELL, None), (0, 100), Some(&second)),
        // A share of the requests finds nobody.
        ((WELL, SICK), (90, 10), Some(&second)),
    ] {
        let seen = Seen::of(pair(states, weights, blue_green()));
        let text = seen.text();
        match fault {
            Some(told) => {
                assert!(text.contains(told.as_str()) && seen.code() == 3, "{states:?} {weights:?}\n{text}");
            }
            None => assert_eq!(seen.code(), 0, "{states:?} {weights:?}\n{text}"),
        }
    }
}

#[test]
fn where_the_listeners_may_not_be_read_any_group_in_use_may_have_the_traffic() {
    let seen = |states: Pair, of: fn() -> Rewrites| {
        let seen = Seen::of(pair(states, (100, 0), without_listeners(of())));
        seen.says("No permission for elasticloadbalancing:DescribeListeners");
        seen
    };
    seen((SICK, WELL), blue_green).says("No healthy target for backend in party-box-backend");
    seen((WELL, SICK), blue_green).says("No healthy target for backend in party-box-internal");
    seen((WELL, None), blue_green).does_not_say("No healthy target");
    seen((None, WELL), blue_green).does_not_say("No healthy target");
    // By definition the PRIMARY task set serves production traffic.
    seen((WELL, SICK), task_sets).says("No healthy target for backend in party-box-internal");
    seen((SICK, WELL), task_sets).does_not_say("No healthy target");
}

#[test]
fn of_several_task_sets_the_one_with_the_traffic_is_judged() {
    let seen = Seen::of(pair((WELL, SICK), (0, 100), task_sets()));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("No healthy target for backend in party-box-internal");
    let seen = Seen::of(pair((SICK, WELL), (0, 100), task_sets()));
    seen.does_not_say("No healthy target");
}

/// Three groups, of which one may not be read: nothing is well, and what is known of the others is told.
#[test]
fn a_group_that_may_not_be_read_is_not_counted_as_healthy() {
    let denied = |operation: &str, body: &str| {
        let asked = operation == "DescribeTargetHealth" && body.contains("Second=yes");
        asked.then(|| xml_error("AccessDenied", "not authorized"))
    };
    let third =
        json!({ "targetGroupArn": FRONTEND_GROUP, "containerName": "backend", "containerPort": 9001 });
    let rewrites = two_groups(false, false).before(denied).json("DescribeServices", move |answer, _| {
        for service in services(answer, "backend") {
            service["loadBalancers"].as_array_mut().expect("links").push(third.clone());
        }
    });
    let seen = Seen::of(rewrites);
    assert_ne!(seen.code(), 0, "{}", seen.text());
    seen.says("targets unknown in party-box-internal").says("DescribeTargetHealth").does_not_say("All well");
}

#[test]
fn a_target_in_a_zone_that_is_not_enabled_gets_nothing() {
    let why = "Target is in an Availability Zone that is not enabled for the load balancer";
    let rewrites = backend_targets(Rewrites::default(), move |_, target| {
        Some(if target.zone.ends_with('c') { target.is("unused", "Target.NotInUse", why) } else { target })
    });
    let seen = Seen::of(rewrites.xml("DescribeLoadBalancers", |xml, _| {
        edit(xml, "member", "<ZoneName>ap-northeast-1c<", |_| String::new())
    }));
    assert_eq!(seen.headline().0, "degraded", "{}", seen.text());
    seen.says("1 of 2 targets of backend gets no requests: zone 1c is not enabled for the load balancer");
    seen.does_not_say("warming up");
}

#[test]
fn unused_targets_get_nothing_even_when_all_are() {
    let why = "Target group is not configured to receive traffic from the load balancer";
    let seen = Seen::of(backend_targets(Rewrites::default(), move |_, target| {
        Some(target.is("unused", "Target.NotInUse", why))
    }));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says(
        "No healthy target for backend: none of its 2 targets gets requests: Target group is not configured",
    );
    seen.does_not_say("sends requests to all of them");
}

const SHIFTED: &str = "<AdministrativeOverride><State>zonal_shift_active</State>\
     <Reason>AdministrativeOverride.ZonalShiftActive</Reason><Description>A zonal shift is active</Description>\
     </AdministrativeOverride>";

#[test]
fn a_zonal_shift_keeps_requests_from_healthy_targets() {
    let mut seen = Seen::of(backend_targets(Rewrites::default(), |_, target| {
        Some(if target.zone.ends_with('c') { Target { more: SHIFTED, ..target } } else { target })
    }));
    assert_eq!(seen.headline().0, "degraded", "{}", seen.text());
    seen.says("1 of 2 targets of backend gets no requests: a zonal shift is active");
    seen.says("1/2 targets healthy");
    let zones = seen.screen("7");
    assert!(zones.contains("backend its only target"), "{zones}");
}

#[test]
fn an_anomalous_target_is_told_and_still_serves() {
    let more = "<AnomalyDetection><Result>anomalous</Result><MitigationInEffect>yes</MitigationInEffect></AnomalyDetection>";
    let seen = Seen::of(backend_targets(Rewrites::default(), move |i, target| {
        Some(if i == 0 { Target { more, ..target } } else { target })
    }));
    assert_eq!(seen.headline().0, "degraded", "{}", seen.text());
    seen.says("1 of 2 targets of backend answers worse than the others: the load balancer sends fewer requests there");
    seen.says("2/2 targets healthy");
}

#[test]
fn targets_without_health_checks_get_requests() {
    let seen = Seen::of(backend_targets(Rewrites::default(), |_, target| {
        Some(target.is(
            "unavailable",
            "Target.HealthCheckDisabled",
            "Health checks are disabled for this target group",
        ))
    }));
    assert_eq!(seen.code(), 0, "{}", seen.text());
}

#[test]
fn a_state_whose_word_is_new_is_shown_as_it_is() {
    let seen = Seen::of(backend_targets(Rewrites::default(), |i, target| {
        Some(if i == 0 { target.is("quarantined", "", "") } else { target })
    }));
    assert_eq!(seen.headline().0, "degraded", "{}", seen.text());
    seen.says("1 of 2 targets of backend is quarantined");
}

#[test]
fn first_checks_that_do_not_end_are_told() {
    let why = "Initial health checks in progress";
    let seen = Seen::of(backend_targets(Rewrites::default(), move |i, target| {
        Some(if i == 0 { target.is("initial", "Elb.InitialHealthChecking", why) } else { target })
    }));
    assert_eq!(seen.headline().0, "degraded", "{}", seen.text());
    seen.says("1 target of backend still in its first health checks");
}

/// The group asks for more healthy targets than there are: the load balancer sends requests to all.
#[test]
fn the_groups_own_minimum_says_when_requests_go_to_all() {
    let key = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage";
    let minimum = move |xml: &str, form: &Form| {
        if group_of(form) != Some(BACKEND_GROUP) {
            return xml.to_owned();
        }
        let (head, tail) = xml.split_once("</Attributes>").expect("a list");
        // The last of two that are the same counts: the account may tell its own.
        let member = format!("<member><Key>{key}</Key><Value>60</Value></member>");
        format!("{head}{member}</Attributes>{tail}")
    };
    let rewrites =
        backend_targets(Rewrites::default(), |i, target| Some(if i == 0 { sick(target) } else { target }));
    let seen = Seen::of(rewrites.xml("DescribeTargetGroupAttributes", minimum));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("Only 1 of 2 targets of backend healthy; at least 60 % must be healthy");
}

/// A task that runs and that the target group does not know.
#[test]
fn a_running_task_that_no_target_group_knows_is_told() {
    let seen = Seen::of(backend_targets(Rewrites::default(), |i, target| (i > 0).then_some(target)));
    assert_eq!(seen.headline().0, "degraded", "{}", seen.text());
    seen.says("1 running task of backend has no target in party-box-backend, after the grace period");
}

/// Two groups on the same address, each with a port of its own.
#[test]
fn targets_of_one_address_are_told_apart_by_their_port() {
    let mut seen = Seen::of(two_groups(false, true));
    let screen = seen.screen("2");
    assert!(!screen.contains("no target"), "{screen}");
    // With the same port as the first group's, the targets of the second are none of the tasks'.
    let other_port = |xml: &str, form: &Form| {
        if !form.contains_key("Second") {
            return xml.to_owned();
        }
        with_targets(xml, |_, target| Some(Target { port: "9001".into(), ..target }))
    };
    let seen = Seen::of(two_groups(false, false).xml("DescribeTargetHealth", other_port));
    seen.says("2 running tasks of backend have no target in party-box-internal");
}

fn six(ip: &str) -> String {
    let parts = ip.split('.').map(|part| format!("{:x}", part.parse::<u8>().expect("a byte")));
    format!("2406:da14:abc:{}:1", parts.collect::<Vec<_>>().join(":"))
}

/// The same address, written in full.
fn six_in_full(ip: &str) -> String {
    let parts = ip.split('.').map(|part| format!("{:04X}", part.parse::<u8>().expect("a byte")));
    let head = parts.collect::<Vec<_>>().join(":");
    // Eight groups: three, four, and the last.
    format!("2406:DA14:0ABC:{head}:0001")
}

fn ipv6(spelled: fn(&str) -> String) -> Rewrites {
    Rewrites::default()
        .json("DescribeTasks", move |answer, _| {
            let all = answer["tasks"].as_array_mut().expect("tasks");
            for detail in all
                .iter_mut()
                .flat_map(|task| task["attachments"].as_array_mut().into_iter().flatten())
                .flat_map(|attachment| attachment["details"].as_array_mut().into_iter().flatten())
            {
                if detail["name"] == "privateIPv4Address" {
                    let ip = spelled(detail["value"].as_str().expect("an address"));
                    *detail = json!({ "name": "ipv6Address", "value": ip });
                }
            }
            for task in answer["tasks"].as_array_mut().expect("tasks") {
                for container in task["containers"].as_array_mut().into_iter().flatten() {
                    container["networkInterfaces"] = json!([]);
                }
            }
        })
        .xml("DescribeTargetHealth", |xml, _| {
            with_targets(xml, |_, target| Some(Target { id: six(&target.id), ..target }))
        })
}

#[test]
fn tasks_with_an_ipv6_address_alone_find_their_targets() {
    for spelled in [six as fn(&str) -> String, six_in_full] {
        let mut seen = Seen::of(ipv6(spelled));
        assert_eq!(seen.code(), 0, "{}", seen.text());
        let screen = seen.screen("2");
        assert!(screen.contains("2406:") && screen.contains("● healthy"), "{screen}");
        assert!(!screen.contains("no target"), "{screen}");
    }
}

/// A service on EC2 in the network mode bridge: its targets are instances with ports that were chosen there.
#[test]
fn tasks_on_instances_find_their_targets_by_the_hosts_port() {
    let instance = |n: usize| format!("i-0a1b2c3d4e5f6000{n}");
    let container =
        |n: usize| format!("arn:aws:ecs:{REGION}:{ACCOUNT}:container-instance/party-box/{n:032x}");
    let rewrites = Rewrites::default()
        .json("DescribeTasks", move |answer, _| {
            for (n, task) in tasks(answer, "backend").enumerate() {
                task["attachments"] = json!([]);
                task["launchType"] = json!("EC2");
                task["containerInstanceArn"] = json!(container(n));
                for part in task["containers"].as_array_mut().expect("containers") {
                    part["networkInterfaces"] = json!([]);
                    // The same port on each instance, as Docker hands them out.
                    part["networkBindings"] =
                        json!([{ "bindIP": "0.0.0.0", "containerPort": 3000, "hostPort": 32768, "protocol": "tcp" }]);
                }
            }
        })
        .before(move |operation, body| {
            let asked = operation == "DescribeContainerInstances";
            asked.then(|| {
                let asked: Value = serde_json::from_str(body).expect("a request");
                let all = asked["containerInstances"].as_array().expect("a list").iter();
                let told = all.map(|name| {
                    let name = name.as_str().expect("a name").rsplit('/').next().expect("its end").to_owned();
                    let n = usize::from_str_radix(&name, 16).expect("a number");
                    json!({ "containerInstanceArn": container(n), "ec2InstanceId": instance(n) })
                });
                let told: Vec<Value> = told.collect();
                Instead::Answer(200, json!({ "containerInstances": told, "failures": [] }).to_string())
            })
        })
        .xml("DescribeTargetGroups", |xml, _| {
            edit(xml, "member", "<TargetGroupName>party-box-backend<", |group| {
                group.replace("<TargetType>ip<", "<TargetType>instance<")
            })
        });
    let mut seen = Seen::of(backend_targets(rewrites, move |i, target| {
        let target = Target { id: instance(i), port: "32768".into(), ..target };
        Some(if i == 0 { sick(target) } else { target })
    }));
    seen.says("1 of 2 targets of backend unhealthy");
    let screen = seen.screen("2");
    assert!(screen.contains("● healthy") && screen.contains("✖ unhealthy"), "{screen}");
    assert!(!screen.contains("no target"), "{screen}");
}

/// The target group that a service names was deleted.
#[test]
fn a_target_group_that_is_gone_is_told_as_such() {
    let gone = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/party-box-deleted/9999888877776666";
    let rewrites = Rewrites::default()
        .json("DescribeServices", move |answer, _| {
            for service in services(answer, "backend") {
                for link in service["loadBalancers"].as_array_mut().expect("links") {
                    link["targetGroupArn"] = json!(gone);
                }
                service["deployments"][0]["rolloutState"] = json!("IN_PROGRESS");
            }
        })
        .json("ListServiceDeployments", |answer, request| {
            if request["service"].as_str().is_some_and(|name| name.contains("backend")) {
                answer["serviceDeployments"] = json!([]);
            }
        })
        .before(move |_, body| {
            body.contains(&encoded(gone))
                .then(|| xml_error("TargetGroupNotFound", "One or more target groups not found"))
        });
    let mut seen = Seen::of(rewrites);
    assert_eq!(seen.headline().0, "degraded", "{}", seen.text());
    seen.says("backend names a target group that is gone (party-box-deleted): its tasks cannot be registered, the rollout will not end");
    seen.says("target group gone").does_not_say("DescribeTargetHealth failed");
    // One that is gone takes no other along.
    let frontend = seen.json()["services"][1].clone();
    assert_eq!((&frontend["name"], &frontend["healthy_targets"]), (&json!("frontend"), &json!(2)));
    assert_eq!(seen.json()["unreadable"], json!([]));
    let screen = seen.screen("2");
    assert!(screen.contains("group gone"), "{screen}");
}

fn without_groups(health: &'static str) -> Rewrites {
    Rewrites::default()
        .json("DescribeServices", |answer, _| {
            for service in services(answer, "backend") {
                service["loadBalancers"] = json!([]);
            }
        })
        .json("DescribeTasks", move |answer, _| {
            for (n, task) in tasks(answer, "backend").enumerate() {
                task["healthStatus"] = json!(if health == "FIRST" && n > 0 { "HEALTHY" } else { health });
                if health == "FIRST" && n == 0 {
                    task["healthStatus"] = json!("UNHEALTHY");
                }
            }
        })
}

#[test]
fn a_service_without_a_load_balancer_is_judged_by_its_containers() {
    let mut seen = Seen::of(without_groups("UNHEALTHY"));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("No healthy task of backend: the container health check of 2 of 2 fails");
    seen.says("0/2 tasks healthy").does_not_say("All well");
    let screen = seen.screen("2");
    assert!(!screen.contains("■ 2 healthy"), "{screen}");

    let seen = Seen::of(without_groups("FIRST"));
    assert_eq!(seen.headline().0, "degraded", "{}", seen.text());
    seen.says("1 of 2 tasks of backend unhealthy: their container health check fails");

    let seen = Seen::of(without_groups("HEALTHY"));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("2/2 tasks healthy");

    let seen = Seen::of(without_groups("UNKNOWN"));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("no health check: running counts as up").does_not_say("targets unknown");
}
