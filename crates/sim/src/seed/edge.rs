//! The edge: the load balancer with its listeners, rules, groups and certificate.
use super::{Time, days, fixed_hex, network, tags};
use crate::world::World;
use crate::world::certificates::Certificate;
use crate::world::elb::{Action, HealthCheck, Listener, LoadBalancer, Rule, TargetGroup};

const LOAD_BALANCER: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/party-box-alb/50dc6c495c0c9188";
const LISTENER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener/app/party-box-alb/50dc6c495c0c9188";
const RULE: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener-rule/app/party-box-alb/50dc6c495c0c9188";
const HTTPS: &str = "f2f7dc8efc522ab2";
const TEST: &str = "a91c3e5d7f20b486";
const HTTP: &str = "0467ef3c8400ae65";
const CERTIFICATE: &str =
    "arn:aws:acm:ap-northeast-1:123456789012:certificate/7c1f3b52-9e4d-4d0a-8a57-2b6d1f0c9e31";

/// The ARN of the target group of a service.
pub(super) fn target_group_arn(service: &str) -> String {
    let id = fixed_hex(&format!("target group {service}"), 16);
    format!("arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/party-box-{service}/{id}")
}

/// The rule that routes the production traffic of `backend`.
pub(super) fn production_rule() -> String {
    format!("{RULE}/{HTTPS}/9683b2d02a6cabee")
}

/// What ECS needs for blue/green deployments of `backend`: a second target group, a test listener, and rules
/// that weigh both groups.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-implementation.html>
/// Returns the second group's ARN and the test rule's.
pub(super) fn add_test_listener(world: &mut World) -> (String, String) {
    let (blue, green) = (target_group_arn("backend"), target_group_arn("backend-green"));
    let mut second = target_group("backend", world.rules.drain_seconds, true);
    "party-box-backend-green".clone_into(&mut second.name);
    second.arn.clone_from(&green);
    second.tags = tags(&second.name);
    world.elb.target_groups.push(second);
    let split = Action::Split { target_groups: vec![(blue, 100), (green.clone(), 0)] };
    // One rule routes one service, so both of its paths stand in it.
    world.elb.rules.retain(|rule| rule.priority != Some(20));
    let paths = vec!["/api/*".to_owned(), "/socket.io/*".to_owned()];
    if let Some(rule) = world.elb.rule_mut(&production_rule()) {
        rule.path_patterns.clone_from(&paths);
        rule.action = split.clone();
    }
    let listener_arn = format!("{LISTENER}/{TEST}");
    let rule = |id: &str| format!("{RULE}/{TEST}/{id}");
    let test_rule = rule("7b1e5c90d3a2f648");
    world.elb.listeners.push(Listener {
        arn: listener_arn.clone(),
        load_balancer_arn: LOAD_BALANCER.to_owned(),
        port: 8443,
        protocol: "HTTPS",
        certificates: vec![CERTIFICATE.to_owned()],
        ssl_policy: Some("ELBSecurityPolicy-TLS13-1-2-2021-06"),
        default_action: forward("frontend"),
    });
    world.elb.rules.extend([
        Rule {
            arn: test_rule.clone(),
            listener_arn: listener_arn.clone(),
            priority: Some(10),
            path_patterns: paths,
            action: split,
        },
        Rule {
            arn: rule("2d8f60a4c1b7e935"),
            listener_arn,
            priority: None,
            path_patterns: Vec::new(),
            action: forward("frontend"),
        },
    ]);
    (green, test_rule)
}

/// Adds the load balancer and everything on it.
pub(super) fn fill(world: &mut World) {
    let now = world.now;
    world.elb.load_balancers = vec![load_balancer(now)];
    world.elb.listeners = listeners();
    world.elb.rules = rules();
    world.elb.target_groups =
        vec![target_group("frontend", 30, false), target_group("backend", world.rules.drain_seconds, true)];
    world.certificates = vec![certificate(now)];
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn load_balancer(now: Time) -> LoadBalancer {
    LoadBalancer {
        name: "party-box-alb".to_owned(),
        arn: LOAD_BALANCER.to_owned(),
        dns_name: "party-box-alb-1420365872.ap-northeast-1.elb.amazonaws.com".to_owned(),
        canonical_hosted_zone_id: "Z14GRHDCWA56QT".to_owned(),
        scheme: "internet-facing",
        vpc_id: network::VPC.to_owned(),
        zones: pairs(&[("ap-northeast-1a", network::PUBLIC[0]), ("ap-northeast-1c", network::PUBLIC[1])]),
        security_groups: vec![network::SG_ALB.to_owned()],
        created_at: now - days(211),
        attributes: pairs(&[
            ("idle_timeout.timeout_seconds", "60"),
            ("deletion_protection.enabled", "true"),
            ("access_logs.s3.enabled", "false"),
            ("routing.http2.enabled", "true"),
            ("routing.http.drop_invalid_header_fields.enabled", "true"),
            ("load_balancing.cross_zone.enabled", "true"),
        ]),
        tags: tags("party-box-alb"),
    }
}

fn forward(service: &str) -> Action {
    Action::Forward { target_group_arn: target_group_arn(service), stickiness_seconds: None }
}

fn listeners() -> Vec<Listener> {
    vec![
        Listener {
            arn: format!("{LISTENER}/{HTTPS}"),
            load_balancer_arn: LOAD_BALANCER.to_owned(),
            port: 443,
            protocol: "HTTPS",
            certificates: vec![CERTIFICATE.to_owned()],
            ssl_policy: Some("ELBSecurityPolicy-TLS13-1-2-2021-06"),
            default_action: forward("frontend"),
        },
        Listener {
            arn: format!("{LISTENER}/{HTTP}"),
            load_balancer_arn: LOAD_BALANCER.to_owned(),
            port: 80,
            protocol: "HTTP",
            certificates: Vec::new(),
            ssl_policy: None,
            default_action: Action::RedirectToHttps,
        },
    ]
}

fn rules() -> Vec<Rule> {
    let rule = |listener: &str, id: &str, priority, paths: &[&str], action| Rule {
        arn: format!("{RULE}/{listener}/{id}"),
        listener_arn: format!("{LISTENER}/{listener}"),
        priority,
        path_patterns: paths.iter().map(|path| (*path).to_owned()).collect(),
        action,
    };
    vec![
        rule(HTTPS, "9683b2d02a6cabee", Some(10), &["/api/*"], forward("backend")),
        rule(HTTPS, "1291d13826f405c3", Some(20), &["/socket.io/*"], forward("backend")),
        rule(HTTPS, "4e9d1b7a63c2f058", None, &[], forward("frontend")),
        rule(HTTP, "c8a05fd71e3b9264", None, &[], Action::RedirectToHttps),
    ]
}

fn target_group(service: &str, deregistration_delay: u32, sticky: bool) -> TargetGroup {
    TargetGroup {
        name: format!("party-box-{service}"),
        arn: target_group_arn(service),
        protocol: "HTTP",
        protocol_version: "HTTP1",
        port: 3000,
        vpc_id: network::VPC.to_owned(),
        target_type: "ip",
        health_check: HealthCheck {
            path: "/health".to_owned(),
            protocol: "HTTP",
            port: "traffic-port",
            interval: 30,
            timeout: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
            matcher: "200".to_owned(),
        },
        load_balancer_arns: vec![LOAD_BALANCER.to_owned()],
        deregistration_delay,
        attributes: pairs(&[
            ("deregistration_delay.timeout_seconds", &deregistration_delay.to_string()),
            ("stickiness.enabled", if sticky { "true" } else { "false" }),
            ("stickiness.type", "lb_cookie"),
            ("stickiness.lb_cookie.duration_seconds", "86400"),
            ("load_balancing.algorithm.type", "round_robin"),
            ("slow_start.duration_seconds", "0"),
            ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
        ]),
        tags: tags(&format!("party-box-{service}")),
        targets: Vec::new(),
    }
}

fn certificate(now: Time) -> Certificate {
    let issued = now - days(195);
    Certificate {
        arn: CERTIFICATE.to_owned(),
        domain_name: "partybox.example.com".to_owned(),
        alternative_names: vec!["partybox.example.com".to_owned(), "www.partybox.example.com".to_owned()],
        kind: "AMAZON_ISSUED",
        status: "ISSUED",
        renewal_eligibility: "ELIGIBLE",
        serial: "0b:5c:1e:77:a2:4f:90:3d:6e:81:c2:55:f0:19:ab:34".to_owned(),
        key_algorithm: "RSA-2048",
        signature_algorithm: "SHA256WITHRSA",
        issuer: "Amazon",
        in_use_by: vec![LOAD_BALANCER.to_owned()],
        created_at: issued - chrono::TimeDelta::minutes(4),
        issued_at: issued,
        not_before: issued - chrono::TimeDelta::hours(5),
        not_after: now + days(200),
        renewal: None,
        validation_record: (
            "_3f1c0a9b7d5e.partybox.example.com.".to_owned(),
            "_9e8d7c6b5a40.acm-validations.aws.".to_owned(),
        ),
    }
}
