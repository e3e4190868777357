//! Elastic Load Balancing v2.
mod write;

use super::shared::{find_all, page_size};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::elb::{Action, Condition, Listener, LoadBalancer, Rule, Target, TargetGroup};
use crate::world::{Tag, World};

type Answer = Result<Node, ApiError>;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(operation: &str, world: &mut World, input: Input<'_>) -> Option<Answer> {
    write::call(operation, world, input).or_else(|| read(operation, world, input))
}

fn read(operation: &str, world: &World, input: Input<'_>) -> Option<Answer> {
    Some(match operation {
        "DescribeLoadBalancers" => describe_load_balancers(world, input),
        "DescribeLoadBalancerAttributes" => describe_load_balancer_attributes(world, input),
        "DescribeListeners" => describe_listeners(world, input),
        "DescribeListenerAttributes" => describe_listener_attributes(world, input),
        "DescribeListenerCertificates" => describe_listener_certificates(world, input),
        "DescribeRules" => describe_rules(world, input),
        "DescribeTargetGroups" => describe_target_groups(world, input),
        "DescribeTargetGroupAttributes" => describe_target_group_attributes(world, input),
        "DescribeTargetHealth" => describe_target_health(world, input),
        "DescribeTags" => describe_tags(world, input),
        _ => return None,
    })
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

fn required<'a>(input: Input<'a>, member: &str) -> Result<&'a str, ApiError> {
    input.text(member)?.ok_or_else(|| invalid(format!("A value for {member} must be specified")))
}

fn no_load_balancer(names: &[&str]) -> ApiError {
    ApiError::new("LoadBalancerNotFound", format!("Load balancers '[{}]' not found", names.join(", ")))
}

fn no_target_group() -> ApiError {
    ApiError::new("TargetGroupNotFound", "One or more target groups not found")
}

fn no_listener() -> ApiError {
    ApiError::new("ListenerNotFound", "One or more listeners not found")
}

/// One page under `member`, at most 400 things long.
fn paged<T>(
    input: Input<'_>,
    member: &'static str,
    things: Vec<&T>,
    key: impl Fn(&&T) -> String,
    render: impl Fn(&T) -> Node,
) -> Answer {
    let size = page_size(input.int("PageSize")?, 400, 1..=400)
        .map_err(|()| invalid("PageSize must be between 1 and 400"))?;
    let (things, next) = page(things, size, input.text("Marker")?, member, key)
        .map_err(|_| invalid("The specified marker is not valid"))?;
    Ok(Node::Map(vec![
        (member.into(), Node::list(things.into_iter().map(render))),
        ("NextMarker".into(), next.into()),
    ]))
}

/// The things that lists of names or ARNs choose: all of them when both lists are empty.
fn chosen<'w, T>(
    all: &'w [T],
    wanted: &[&str],
    names: impl Fn(&T, &str) -> bool,
    missing: impl Fn(&[&str]) -> ApiError,
) -> Result<Vec<&'w T>, ApiError> {
    if wanted.is_empty() {
        return Ok(all.iter().collect());
    }
    let (found, gone) = find_all(wanted, |name| all.iter().find(|each| names(each, name)));
    if gone.is_empty() { Ok(found) } else { Err(missing(&gone)) }
}

fn describe_load_balancers(world: &World, input: Input<'_>) -> Answer {
    let (arns, names) = (input.texts("LoadBalancerArns")?, input.texts("Names")?);
    let wanted = [arns, names].concat();
    let found = chosen(
        &world.elb.load_balancers,
        &wanted,
        |each, name| each.arn == name || each.name == name,
        no_load_balancer,
    )?;
    paged(input, "LoadBalancers", found, |each| each.arn.clone(), load_balancer)
}

fn load_balancer(each: &LoadBalancer) -> Node {
    let zones = each.zones.iter().map(|(zone, subnet)| {
        map! {
            "ZoneName": zone,
            "SubnetId": subnet,
            "LoadBalancerAddresses": Node::List(Vec::new()),
        }
    });
    map! {
        "LoadBalancerArn": &each.arn,
        "DNSName": &each.dns_name,
        "CanonicalHostedZoneId": &each.canonical_hosted_zone_id,
        "CreatedTime": each.created_at,
        "LoadBalancerName": &each.name,
        "Scheme": each.scheme,
        "VpcId": &each.vpc_id,
        "State": map! { "Code": "active" },
        "Type": each.kind,
        "AvailabilityZones": Node::list(zones),
        "SecurityGroups": Node::list(&each.security_groups),
        "IpAddressType": each.address_type,
    }
}

fn attributes(pairs: &[(String, String)]) -> Node {
    let pairs = pairs.iter().map(|(key, value)| map! { "Key": key, "Value": value });
    map! { "Attributes": Node::list(pairs) }
}

fn describe_load_balancer_attributes(world: &World, input: Input<'_>) -> Answer {
    let arn = required(input, "LoadBalancerArn")?;
    let mut all = world.elb.load_balancers.iter();
    let found = all.find(|each| each.arn == arn).ok_or_else(|| no_load_balancer(&[arn]))?;
    Ok(attributes(&found.attributes))
}

fn describe_listeners(world: &World, input: Input<'_>) -> Answer {
    let arns = input.texts("ListenerArns")?;
    let mut found = chosen(&world.elb.listeners, &arns, |each, arn| each.arn == arn, |_| no_listener())?;
    match input.text("LoadBalancerArn")? {
        Some(arn) => {
            if !world.elb.load_balancers.iter().any(|each| each.arn == arn) {
                return Err(no_load_balancer(&[arn]));
            }
            found.retain(|each| each.load_balancer_arn == arn);
        }
        None if arns.is_empty() => {
            return Err(invalid("You must specify either listener ARNs or a load balancer ARN"));
        }
        None => {}
    }
    paged(input, "Listeners", found, |each| each.arn.clone(), listener)
}

fn listener(each: &Listener) -> Node {
    let https = matches!(each.protocol, "HTTPS" | "TLS");
    let certificate = each.certificates.first();
    map! {
        "ListenerArn": &each.arn,
        "LoadBalancerArn": &each.load_balancer_arn,
        "Port": each.port,
        "Protocol": each.protocol,
        "Certificates":
            certificate.map(|arn| Node::list([map! { "CertificateArn": arn }])),
        "SslPolicy": each.ssl_policy,
        "DefaultActions": Node::list([action(&each.default_action)]),
        "MutualAuthentication": https.then(|| map! { "Mode": "off" }),
    }
}

fn action(action: &Action) -> Node {
    match action {
        Action::Forward { target_group_arn, stickiness_seconds } => map! {
            "Type": "forward",
            "TargetGroupArn": target_group_arn,
            "Order": 1,
            "ForwardConfig": map! {
                "TargetGroups":
                    Node::list([map! { "TargetGroupArn": target_group_arn, "Weight": 1 }]),
                "TargetGroupStickinessConfig": map! {
                    "Enabled": stickiness_seconds.is_some(),
                    "DurationSeconds": *stickiness_seconds,
                },
            },
        },
        Action::Split { target_groups } => map! {
            "Type": "forward",
            "Order": 1,
            "ForwardConfig": map! {
                "TargetGroups": Node::list(target_groups.iter().map(|(arn, weight)| {
                    map! { "TargetGroupArn": arn, "Weight": *weight }
                })),
                "TargetGroupStickinessConfig": map! { "Enabled": false },
            },
        },
        Action::FixedResponse { status } => map! {
            "Type": "fixed-response",
            "Order": 1,
            "FixedResponseConfig": map! { "StatusCode": status.to_string(), "ContentType": "text/plain" },
        },
        Action::RedirectToHttps => map! {
            "Type": "redirect",
            "Order": 1,
            "RedirectConfig": map! {
                "Protocol": "HTTPS",
                "Port": "443",
                "Host": "#{host}",
                "Path": "/#{path}",
                "Query": "#{query}",
                "StatusCode": "HTTP_301",
            },
        },
    }
}

/// The headers that a listener may set or rename; without a value it leaves them alone.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html>
const RESPONSE_HEADERS: [&str; 9] = [
    "access_control_allow_credentials",
    "access_control_allow_headers",
    "access_control_allow_methods",
    "access_control_allow_origin",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
    "x_content_type_options",
    "x_frame_options",
];

fn describe_listener_attributes(world: &World, input: Input<'_>) -> Answer {
    let arn = required(input, "ListenerArn")?;
    let mut all = world.elb.listeners.iter();
    let found = all.find(|each| each.arn == arn).ok_or_else(no_listener)?;
    let mut pairs: Vec<(String, String)> = Vec::new();
    if found.protocol.starts_with("HTTP") {
        pairs.push(("routing.http.response.server.enabled".to_owned(), "true".to_owned()));
        let headers = RESPONSE_HEADERS.iter();
        pairs.extend(
            headers.map(|name| (format!("routing.http.response.{name}.header_value"), String::new())),
        );
        if found.protocol == "HTTPS" {
            let name = "routing.http.response.strict_transport_security.header_value";
            pairs.push((name.to_owned(), String::new()));
        }
    } else if found.protocol == "TCP" {
        pairs.push(("tcp.idle_timeout.seconds".to_owned(), "350".to_owned()));
    }
    Ok(attributes(&pairs))
}

fn describe_listener_certificates(world: &World, input: Input<'_>) -> Answer {
    let arn = required(input, "ListenerArn")?;
    let mut all = world.elb.listeners.iter();
    let found = all.find(|each| each.arn == arn).ok_or_else(no_listener)?;
    let certificates: Vec<(usize, &String)> = found.certificates.iter().enumerate().collect();
    paged(
        input,
        "Certificates",
        certificates.iter().collect(),
        |(_, arn)| (*arn).clone(),
        |(index, arn)| map! { "CertificateArn": *arn, "IsDefault": *index == 0 },
    )
}

fn describe_rules(world: &World, input: Input<'_>) -> Answer {
    let arns = input.texts("RuleArns")?;
    let missing = |_: &[&str]| ApiError::new("RuleNotFound", "One or more rules not found");
    let mut found = chosen(&world.elb.rules, &arns, |each, arn| each.arn == arn, missing)?;
    match input.text("ListenerArn")? {
        Some(arn) => {
            if !world.elb.listeners.iter().any(|each| each.arn == arn) {
                return Err(no_listener());
            }
            found.retain(|each| each.listener_arn == arn);
        }
        None if arns.is_empty() => {
            return Err(invalid("You must specify either listener rule ARNs or a listener ARN"));
        }
        None => {}
    }
    found.sort_by_key(|each| each.priority.unwrap_or(u32::MAX));
    paged(input, "Rules", found, |each| each.arn.clone(), rule)
}

fn rule(each: &Rule) -> Node {
    let patterns = || Node::list(&each.path_patterns);
    let conditions = (!each.path_patterns.is_empty()).then(|| {
        map! {
            "Field": "path-pattern",
            "Values": patterns(),
            "PathPatternConfig": map! { "Values": patterns() },
        }
    });
    let conditions = conditions.into_iter().chain(each.conditions.iter().map(condition));
    map! {
        "RuleArn": &each.arn,
        "Priority": each.priority_text(),
        "Conditions": Node::list(conditions),
        "Actions": Node::list([action(&each.action)]),
        "IsDefault": each.priority.is_none(),
    }
}

/// A condition on something else than the path. `Values` repeats those of the fields that the API had first.
fn condition(each: &Condition) -> Node {
    let values = || Node::list(&each.values);
    let plain = || map! { "Values": values() };
    let of = |field: &str| (each.field == field).then(plain);
    map! {
        "Field": each.field,
        "Values": (each.field == "host-header").then(values),
        "HostHeaderConfig": of("host-header"),
        "HttpRequestMethodConfig": of("http-request-method"),
        "SourceIpConfig": of("source-ip"),
        "HttpHeaderConfig": (each.field == "http-header").then(|| {
            map! { "HttpHeaderName": each.key.as_ref(), "Values": values() }
        }),
        "QueryStringConfig": (each.field == "query-string").then(|| {
            map! { "Values": Node::list(each.values.iter().map(|value| {
                map! { "Key": each.key.as_ref(), "Value": value }
            })) }
        }),
    }
}

fn describe_target_groups(world: &World, input: Input<'_>) -> Answer {
    let (arns, names) = (input.texts("TargetGroupArns")?, input.texts("Names")?);
    let wanted = [arns, names].concat();
    let mut found = chosen(
        &world.elb.target_groups,
        &wanted,
        |each, name| each.arn == name || each.name == name,
        |_| no_target_group(),
    )?;
    if let Some(arn) = input.text("LoadBalancerArn")? {
        if !world.elb.load_balancers.iter().any(|each| each.arn == arn) {
            return Err(no_load_balancer(&[arn]));
        }
        found.retain(|each| each.load_balancer_arns.iter().any(|own| own == arn));
    }
    paged(input, "TargetGroups", found, |each| each.arn.clone(), target_group)
}

fn target_group(each: &TargetGroup) -> Node {
    let check = &each.health_check;
    map! {
        "TargetGroupArn": &each.arn,
        "TargetGroupName": &each.name,
        "Protocol": each.protocol,
        "Port": each.port,
        "VpcId": &each.vpc_id,
        "HealthCheckProtocol": check.protocol,
        "HealthCheckPort": &check.port,
        "HealthCheckEnabled": true,
        "HealthCheckIntervalSeconds": check.interval,
        "HealthCheckTimeoutSeconds": check.timeout,
        "HealthyThresholdCount": check.healthy_threshold,
        "UnhealthyThresholdCount": check.unhealthy_threshold,
        "HealthCheckPath": Some(&check.path).filter(|path| !path.is_empty()),
        "Matcher": (!check.matcher.is_empty()).then(|| map! { "HttpCode": &check.matcher }),
        "LoadBalancerArns": Node::list(&each.load_balancer_arns),
        "TargetType": each.target_type,
        "ProtocolVersion": Some(each.protocol_version).filter(|version| !version.is_empty()),
        "IpAddressType": each.address_type,
    }
}

fn group<'w>(world: &'w World, input: Input<'_>) -> Result<&'w TargetGroup, ApiError> {
    let arn = required(input, "TargetGroupArn")?;
    world.elb.target_group(arn).ok_or_else(no_target_group)
}

fn describe_target_group_attributes(world: &World, input: Input<'_>) -> Answer {
    Ok(attributes(&group(world, input)?.attributes))
}

fn describe_target_health(world: &World, input: Input<'_>) -> Answer {
    let group = group(world, input)?;
    let asked = input.list("Targets")?;
    let descriptions = if asked.is_empty() {
        group.targets.iter().map(|each| target(group, each)).collect()
    } else {
        let mut descriptions = Vec::new();
        for wanted in asked {
            let id = required(wanted, "Id")?;
            let port = wanted.int("Port")?.unwrap_or(group.port.into());
            let own = |each: &&Target| each.ip == id && i64::from(each.port) == port;
            descriptions.push(
                group
                    .targets
                    .iter()
                    .find(own)
                    .map_or_else(|| not_registered(id, port), |each| target(group, each)),
            );
        }
        descriptions
    };
    Ok(map! { "TargetHealthDescriptions": descriptions })
}

fn target(group: &TargetGroup, target: &Target) -> Node {
    // An instance's zone is the instance's own matter.
    let zone = (group.target_type == "ip").then_some(&target.zone);
    map! {
        "Target": map! {
            "Id": &target.ip,
            "Port": target.port,
            "AvailabilityZone": zone,
        },
        "HealthCheckPort": match group.health_check.port.as_str() {
            "traffic-port" => target.port.to_string(),
            port => port.to_owned(),
        },
        "TargetHealth": map! {
            "State": target.state.as_str(),
            "Reason": target.reason,
            "Description": target.description.as_ref(),
        },
        "AdministrativeOverride": map! {
            "State": "no_override",
            "Reason": "AdministrativeOverride.NoOverride",
            "Description": "No override is currently active on target",
        },
    }
}

fn not_registered(id: &str, port: i64) -> Node {
    map! {
        "Target": map! { "Id": id, "Port": port },
        "HealthCheckPort": port.to_string(),
        "TargetHealth": map! {
            "State": "unused",
            "Reason": "Target.NotRegistered",
            "Description": "Target is not registered to the target group",
        },
    }
}

fn describe_tags(world: &World, input: Input<'_>) -> Answer {
    let arns = input.texts("ResourceArns")?;
    if arns.is_empty() || arns.len() > 20 {
        return Err(invalid("Between 1 and 20 resource ARNs must be specified"));
    }
    let mut descriptions = Vec::new();
    for arn in arns {
        let tags = tags_of(world, arn)?.iter().map(|tag| map! { "Key": &tag.key, "Value": &tag.value });
        descriptions.push(map! { "ResourceArn": arn, "Tags": Node::list(tags) });
    }
    Ok(map! { "TagDescriptions": descriptions })
}

fn tags_of<'w>(world: &'w World, arn: &str) -> Result<&'w [Tag], ApiError> {
    let elb = &world.elb;
    if let Some(found) = elb.load_balancers.iter().find(|each| each.arn == arn) {
        return Ok(&found.tags);
    }
    if let Some(found) = elb.target_group(arn) {
        return Ok(&found.tags);
    }
    let plain =
        elb.listeners.iter().any(|each| each.arn == arn) || elb.rules.iter().any(|each| each.arn == arn);
    match (plain, arn) {
        (true, _) => Ok(&[]),
        (false, arn) if arn.contains(":targetgroup/") => Err(no_target_group()),
        (false, arn) if arn.contains(":loadbalancer/") => Err(no_load_balancer(&[arn])),
        (false, arn) if arn.contains(":listener/") => Err(no_listener()),
        (false, arn) => Err(invalid(format!("'{arn}' is not a valid load balancer ARN"))),
    }
}
