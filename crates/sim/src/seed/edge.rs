//! The edge: load balancers with their listeners, rules, groups and certificates.
use super::{Time, days, fixed_hex, network, tags};
use crate::estate::{
    ACCOUNT, CertificatePart, Estate, LoadBalancerPart, REGION, RulePart, TargetGroupPart, To,
};
use crate::world::World;
use crate::world::certificates::Certificate;
use crate::world::elb::{Action, Condition, HealthCheck, Listener, LoadBalancer, Rule, TargetGroup};
use crate::world::network::NODE_HOST;

/// The TLS policy of every secure listener.
const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";
/// The port of the listener for test traffic.
const TEST_PORT: u16 = 8443;

fn arn(kind: &str, rest: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{kind}/{rest}")
}

/// `app/NAME/ID` or `net/NAME/ID`.
fn balancer_path(estate: &Estate, part: &LoadBalancerPart) -> String {
    let id = estate.digits("load-balancer", &part.name, 16);
    format!("{}/{}/{id}", if part.is_network() { "net" } else { "app" }, part.name)
}

/// The ARN of a load balancer.
pub(super) fn balancer_arn(estate: &Estate, part: &LoadBalancerPart) -> String {
    arn("loadbalancer", &balancer_path(estate, part))
}

/// The ARN of a target group.
pub(super) fn target_group_arn(estate: &Estate, name: &str) -> String {
    let short = name.strip_prefix(&format!("{}-", estate.project)).unwrap_or(name);
    let derived = || fixed_hex(&format!("target group {short}"), 16);
    let id = estate.given("target-group", name).map_or_else(derived, str::to_owned);
    arn("targetgroup", &format!("{name}/{id}"))
}

/// The ARN of a certificate.
fn certificate_arn(estate: &Estate, name: &str) -> String {
    format!("arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{}", estate.uuid("certificate", name))
}

/// Adds the load balancers and everything on them.
pub(super) fn fill(world: &mut World, estate: &Estate) {
    let now = world.now;
    for part in &estate.load_balancer {
        world.elb.load_balancers.push(load_balancer(estate, part, now));
        listeners(world, estate, part);
    }
    for (place, balancer) in (0..).zip(&world.elb.load_balancers) {
        let subnets = balancer.zones.iter().filter_map(|(_, subnet)| world.network.subnet(subnet));
        let nodes: Vec<_> = subnets.filter_map(|each| each.address(NODE_HOST + place)).collect();
        world.network.fixed.extend(nodes);
    }
    let main = estate.service.get(estate.main_service());
    for part in &estate.target_group {
        let mut part = part.clone();
        let of_main = main.is_some_and(|it| it.target_groups.iter().any(|name| *name.get_ref() == part.name));
        if let Some(seconds) = world.rules.drain_seconds.filter(|_| of_main) {
            part.drain = seconds;
        }
        let mut group = target_group(estate, &part);
        group.load_balancer_arns = balancers_of(world, &group.arn);
        world.elb.target_groups.push(group);
    }
    world.certificates = estate.certificate.iter().map(|part| certificate(world, estate, part)).collect();
}

/// The load balancers whose rules lead to a target group.
fn balancers_of(world: &World, group: &str) -> Vec<String> {
    let leads = |action: &Action| match action {
        Action::Forward { target_group_arn, .. } => target_group_arn == group,
        Action::Split { target_groups } => target_groups.iter().any(|(arn, _)| arn == group),
        Action::RedirectToHttps | Action::FixedResponse { .. } => false,
    };
    let listeners = world.elb.listeners.iter().filter(|listener| {
        let own = |rule: &&Rule| rule.listener_arn == listener.arn && leads(&rule.action);
        leads(&listener.default_action) || world.elb.rules.iter().any(|rule| own(&rule))
    });
    let mut arns: Vec<String> = listeners.map(|each| each.load_balancer_arn.clone()).collect();
    arns.dedup();
    arns
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn load_balancer(estate: &Estate, part: &LoadBalancerPart, now: Time) -> LoadBalancer {
    let network = part.is_network();
    let id = estate.digits("load-balancer", &part.name, 16);
    let number = || estate.digits("load-balancer-dns", &part.name, 10);
    let head = if part.internal { format!("internal-{}", part.name) } else { part.name.clone() };
    let attributes: &[(&str, &str)] = if network {
        &[
            ("deletion_protection.enabled", "true"),
            ("load_balancing.cross_zone.enabled", "false"),
            ("access_logs.s3.enabled", "false"),
        ]
    } else {
        &[
            ("idle_timeout.timeout_seconds", "60"),
            ("deletion_protection.enabled", "true"),
            ("access_logs.s3.enabled", "false"),
            ("routing.http2.enabled", "true"),
            ("routing.http.drop_invalid_header_fields.enabled", "true"),
            ("load_balancing.cross_zone.enabled", "true"),
        ]
    };
    LoadBalancer {
        arn: balancer_arn(estate, part),
        dns_name: if network {
            format!("{head}-{id}.elb.{REGION}.amazonaws.com")
        } else {
            format!("{head}-{}.{REGION}.elb.amazonaws.com", number())
        },
        canonical_hosted_zone_id: if network { "Z31USIVHYNEOWT" } else { "Z14GRHDCWA56QT" }.to_owned(),
        scheme: if part.internal { "internal" } else { "internet-facing" },
        vpc_id: network::vpc(estate),
        zones: network::subnet_ids(estate, !part.internal, &part.zones),
        security_groups: part.groups.iter().map(|name| estate.group_id(name.get_ref())).collect(),
        created_at: now - days(211),
        attributes: pairs(attributes),
        tags: tags(estate, &part.name),
        kind: if network { "network" } else { "application" },
        address_type: if estate.has_ipv6() { "dualstack" } else { "ipv4" },
        name: part.name.clone(),
    }
}

fn action(estate: &Estate, to: &To) -> Action {
    match to {
        To::One(name) if name == "redirect-https" => Action::RedirectToHttps,
        To::One(name) => {
            Action::Forward { target_group_arn: target_group_arn(estate, name), stickiness_seconds: None }
        }
        To::Status(status) => Action::FixedResponse { status: *status },
        To::Split(shares) => Action::Split {
            target_groups: shares
                .iter()
                .map(|(name, weight)| (target_group_arn(estate, name), *weight))
                .collect(),
        },
    }
}

fn listeners(world: &mut World, estate: &Estate, part: &LoadBalancerPart) {
    let path = balancer_path(estate, part);
    for listener in &part.listener {
        let place = format!("{}:{}", part.name, listener.port);
        let id = estate.digits("listener", &place, 16);
        let listener_arn = arn("listener", &format!("{path}/{id}"));
        let secure = matches!(listener.protocol.as_str(), "HTTPS" | "TLS");
        let named = listener.certificate.as_ref().map(|name| name.get_ref().clone());
        let first = || estate.certificate.first().map(|each| each.name.clone());
        let certificate = if secure { named.or_else(first) } else { None };
        let default_action = action(estate, listener.to.get_ref());
        world.elb.listeners.push(Listener {
            arn: listener_arn.clone(),
            load_balancer_arn: balancer_arn(estate, part),
            port: listener.port,
            protocol: listener.protocol.as_str(),
            certificates: certificate.iter().map(|name| certificate_arn(estate, name)).collect(),
            ssl_policy: secure.then_some(TLS_POLICY),
            default_action: default_action.clone(),
        });
        let rule_arn = |which: &str| {
            let id = estate.digits("rule", &format!("{place}:{which}"), 16);
            arn(
                "listener-rule",
                &format!("{path}/{}/{id}", listener_arn.rsplit('/').next().unwrap_or_default()),
            )
        };
        world.elb.rules.extend(listener.rule.iter().map(|rule| Rule {
            arn: rule_arn(&rule.priority.to_string()),
            listener_arn: listener_arn.clone(),
            priority: Some(rule.priority),
            path_patterns: rule.path.clone(),
            action: action(estate, rule.to.get_ref()),
            conditions: conditions(rule),
        }));
        world.elb.rules.push(Rule {
            arn: rule_arn("default"),
            listener_arn: listener_arn.clone(),
            priority: None,
            path_patterns: Vec::new(),
            action: default_action,
            conditions: Vec::new(),
        });
    }
}

fn conditions(rule: &RulePart) -> Vec<Condition> {
    let plain =
        [("host-header", &rule.host), ("http-request-method", &rule.method), ("source-ip", &rule.source_ip)];
    let plain = plain.into_iter().filter(|(_, values)| !values.is_empty());
    let mut found: Vec<Condition> =
        plain.map(|(field, values)| Condition { field, key: None, values: values.clone() }).collect();
    found.extend(rule.header.iter().map(|(name, values)| Condition {
        field: "http-header",
        key: Some(name.clone()),
        values: values.clone(),
    }));
    found
}

fn target_group(estate: &Estate, part: &TargetGroupPart) -> TargetGroup {
    let tcp = part.is_tcp();
    let by_connecting = part.check.path.is_empty();
    let delay = part.drain.to_string();
    let sticky = if part.sticky { "true" } else { "false" };
    let attributes: &[(&str, &str)] = if tcp {
        &[
            ("deregistration_delay.timeout_seconds", &delay),
            ("stickiness.enabled", sticky),
            ("stickiness.type", "source_ip"),
            ("preserve_client_ip.enabled", "false"),
            ("proxy_protocol_v2.enabled", "false"),
            ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
        ]
    } else {
        &[
            ("deregistration_delay.timeout_seconds", &delay),
            ("stickiness.enabled", sticky),
            ("stickiness.type", "lb_cookie"),
            ("stickiness.lb_cookie.duration_seconds", "86400"),
            ("load_balancing.algorithm.type", "round_robin"),
            ("slow_start.duration_seconds", "0"),
            ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
        ]
    };
    TargetGroup {
        name: part.name.clone(),
        arn: target_group_arn(estate, &part.name),
        protocol: if tcp { "TCP" } else { "HTTP" },
        protocol_version: if tcp { "" } else { "HTTP1" },
        port: part.port,
        vpc_id: network::vpc(estate),
        target_type: if part.instances { "instance" } else { "ip" },
        health_check: HealthCheck {
            path: part.check.path.clone(),
            protocol: if by_connecting { "TCP" } else { "HTTP" },
            port: "traffic-port".to_owned(),
            interval: part.check.interval,
            timeout: part.check.timeout,
            healthy_threshold: part.check.healthy,
            unhealthy_threshold: part.check.unhealthy,
            matcher: if by_connecting { String::new() } else { "200".to_owned() },
        },
        load_balancer_arns: Vec::new(),
        deregistration_delay: part.drain,
        attributes: pairs(attributes),
        tags: tags(estate, &part.name),
        targets: Vec::new(),
        address_type: if estate.is_ipv6_only() && !part.instances { "ipv6" } else { "ipv4" },
    }
}

/// What a deployment that shifts traffic needs: a second target group, a test listener, and rules that weigh both
/// groups.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-implementation.html>
pub(super) struct TestListener {
    /// The ARN of the second target group.
    pub(super) second_group: String,
    /// The rule that routes production traffic.
    pub(super) production_rule: String,
    /// The rule that routes test traffic.
    pub(super) test_rule: String,
}

/// Adds them beside a target group; `None` when no listener leads to it. One rule routes one service, so all of its
/// paths stand in it.
pub(super) fn add_test_listener(world: &mut World, estate: &Estate, group: &str) -> Option<TestListener> {
    let blue = target_group_arn(estate, group);
    let to_blue = |rule: &Rule| matches!(&rule.action, Action::Forward { target_group_arn, .. } if *target_group_arn == blue);
    let production = world.elb.rules.iter().find(|rule| to_blue(rule))?.clone();
    let listener = world.elb.listeners.iter().find(|each| each.arn == production.listener_arn)?.clone();
    let mut second = world.elb.target_group(&blue)?.clone();
    second.name = format!("{group}-green");
    second.arn = target_group_arn(estate, &second.name);
    second.tags = tags(estate, &second.name);
    let green = second.arn.clone();
    world.elb.target_groups.push(second);
    let split = Action::Split { target_groups: vec![(blue.clone(), 100), (green.clone(), 0)] };
    let paths: Vec<String> = world
        .elb
        .rules
        .iter()
        .filter(|rule| rule.listener_arn == listener.arn && to_blue(rule))
        .flat_map(|rule| rule.path_patterns.clone())
        .collect();
    world
        .elb
        .rules
        .retain(|rule| rule.arn == production.arn || rule.listener_arn != listener.arn || !to_blue(rule));
    if let Some(rule) = world.elb.rule_mut(&production.arn) {
        rule.path_patterns.clone_from(&paths);
        rule.action = split.clone();
    }
    let balancer = listener.load_balancer_arn.split("loadbalancer/").nth(1)?.to_owned();
    let name = balancer.split('/').nth(1).unwrap_or_default();
    let place = format!("{name}:{TEST_PORT}");
    let id = estate.digits("listener", &place, 16);
    let listener_arn = arn("listener", &format!("{balancer}/{id}"));
    let rule_arn = |which: &str| {
        let own = estate.digits("rule", &format!("{place}:{which}"), 16);
        arn("listener-rule", &format!("{balancer}/{id}/{own}"))
    };
    // A service that a default rule leads to is tested by the test listener's default rule.
    let by_default = production.priority.is_none();
    let default_action = if by_default { split.clone() } else { listener.default_action.clone() };
    if by_default && let Some(own) = world.elb.listeners.iter_mut().find(|each| each.arn == listener.arn) {
        own.default_action = split.clone();
    }
    world.elb.listeners.push(Listener {
        arn: listener_arn.clone(),
        port: TEST_PORT,
        default_action: default_action.clone(),
        ..listener
    });
    if !by_default {
        world.elb.rules.push(Rule {
            arn: rule_arn("10"),
            listener_arn: listener_arn.clone(),
            priority: Some(10),
            path_patterns: paths,
            action: split,
            conditions: Vec::new(),
        });
    }
    world.elb.rules.push(Rule {
        arn: rule_arn("default"),
        listener_arn,
        priority: None,
        path_patterns: Vec::new(),
        action: default_action,
        conditions: Vec::new(),
    });
    let test_rule = rule_arn(if by_default { "default" } else { "10" });
    Some(TestListener { second_group: green, production_rule: production.arn, test_rule })
}

fn certificate(world: &World, estate: &Estate, part: &CertificatePart) -> Certificate {
    let now = world.now;
    let issued = now - days(195);
    let arn = certificate_arn(estate, &part.name);
    let users = world.elb.listeners.iter().filter(|each| each.certificates.contains(&arn));
    let mut in_use_by: Vec<String> = users.map(|each| each.load_balancer_arn.clone()).collect();
    in_use_by.dedup();
    Certificate {
        arn,
        domain_name: part.name.clone(),
        alternative_names: std::iter::once(part.name.clone()).chain(part.also.clone()).collect(),
        kind: "AMAZON_ISSUED",
        status: "ISSUED",
        renewal_eligibility: "ELIGIBLE",
        serial: "0b:5c:1e:77:a2:4f:90:3d:6e:81:c2:55:f0:19:ab:34".to_owned(),
        key_algorithm: "RSA-2048",
        signature_algorithm: "SHA256WITHRSA",
        issuer: "Amazon",
        in_use_by,
        created_at: issued - chrono::TimeDelta::minutes(4),
        issued_at: issued,
        not_before: issued - chrono::TimeDelta::hours(5),
        not_after: now + days(part.days_left),
        renewal: None,
        validation_record: (
            format!("_3f1c0a9b7d5e.{}.", part.name),
            "_9e8d7c6b5a40.acm-validations.aws.".to_owned(),
        ),
    }
}
