//! Elastic Load Balancing v2: operations that change a target group.
use std::ops::RangeInclusive;

use super::{Answer, attributes, invalid, no_target_group, required, target_group};
use crate::behaviour::elb::deregister_address;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::elb::TargetGroup;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(operation: &str, world: &mut World, input: Input<'_>) -> Option<Answer> {
    Some(match operation {
        "ModifyTargetGroup" => modify(world, input),
        "ModifyTargetGroupAttributes" => modify_attributes(world, input),
        "DeregisterTargets" => deregister(world, input),
        _ => return None,
    })
}

fn group<'w>(world: &'w mut World, input: Input<'_>) -> Result<&'w mut TargetGroup, ApiError> {
    let arn = required(input, "TargetGroupArn")?;
    world.elb.target_group_mut(arn).ok_or_else(no_target_group)
}

/// A number within bounds.
fn bounded(
    input: Input<'_>,
    member: &str,
    what: &str,
    bounds: RangeInclusive<u32>,
) -> Result<Option<u32>, ApiError> {
    let wrong = |asked: i64| {
        invalid(format!(
            "{what} '{asked}' must be between '{}' and '{}' inclusive",
            bounds.start(),
            bounds.end()
        ))
    };
    input
        .int(member)?
        .map(|asked| {
            let number = u32::try_from(asked).ok().filter(|number| bounds.contains(number));
            number.ok_or_else(|| wrong(asked))
        })
        .transpose()
}

/// `ModifyTargetGroup`: the health check alone can be changed.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html>
fn modify(world: &mut World, input: Input<'_>) -> Answer {
    let group = group(world, input)?;
    let mut check = group.health_check.clone();
    if input.flag("HealthCheckEnabled")? == Some(false) {
        return Err(invalid(format!(
            "Health checks cannot be disabled for target groups with target type '{}'",
            group.target_type
        )));
    }
    if let Some(asked) = input.text("HealthCheckProtocol")? {
        let known = ["HTTP", "HTTPS", "TCP"].into_iter().find(|known| *known == asked);
        let known = known.filter(|known| *known != "TCP" || group.protocol == "TCP");
        check.protocol = known.ok_or_else(|| {
            invalid(format!(
                "Health check protocol '{asked}' is not supported for target groups with protocol '{}'",
                group.protocol
            ))
        })?;
    }
    if let Some(port) = input.text("HealthCheckPort")? {
        if port != "traffic-port" && !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err(invalid(format!(
                "Health check port '{port}' must be 'traffic-port' or between '1' and '65535' inclusive"
            )));
        }
        port.clone_into(&mut check.port);
    }
    if let Some(path) = input.text("HealthCheckPath")? {
        if !path.starts_with('/') || path.len() > 1024 {
            return Err(invalid(format!("Health check path '{path}' must start with '/'")));
        }
        path.clone_into(&mut check.path);
    }
    let number = |member: &str, what: &str, bounds, present: u32| -> Result<u32, ApiError> {
        Ok(bounded(input, member, what, bounds)?.unwrap_or(present))
    };
    let interval = "Health check interval";
    check.interval = number("HealthCheckIntervalSeconds", interval, 5..=300, check.interval)?;
    check.timeout = number("HealthCheckTimeoutSeconds", "Health check timeout", 2..=120, check.timeout)?;
    let healthy = "Health check healthy threshold";
    check.healthy_threshold = number("HealthyThresholdCount", healthy, 2..=10, check.healthy_threshold)?;
    let unhealthy = "Health check unhealthy threshold";
    check.unhealthy_threshold =
        number("UnhealthyThresholdCount", unhealthy, 2..=10, check.unhealthy_threshold)?;
    if check.timeout >= check.interval && group.protocol != "TCP" {
        return Err(invalid(format!(
            "Health check timeout '{}' must be smaller than the interval '{}'",
            check.timeout, check.interval
        )));
    }
    if let Some(matcher) = input.part("Matcher")? {
        if matcher.has("GrpcCode") {
            return Err(invalid("GRPC codes are not supported for target groups of this protocol version"));
        }
        let codes = matcher.text("HttpCode")?.unwrap_or_default();
        let code = |text: &str| text.parse::<u16>().is_ok_and(|code| (200..=499).contains(&code));
        let fits = |part: &str| part.split_once('-').map_or_else(|| code(part), |(a, b)| code(a) && code(b));
        if !codes.split(',').all(fits) {
            return Err(invalid(format!(
                "Health check matcher HTTP code '{codes}' must be within '200-499'"
            )));
        }
        codes.clone_into(&mut check.matcher);
    }
    group.health_check = check;
    Ok(map! { "TargetGroups": Node::list([target_group(group)]) })
}

/// The values that an attribute takes.
fn takes(key: &str, value: &str, tcp: bool) -> Option<Result<(), String>> {
    let words = |known: &[&str]| {
        if known.contains(&value) { Ok(()) } else { Err(format!("one of '{}'", known.join(", "))) }
    };
    let between = |low: u32, high: u32| match value.parse::<u32>() {
        Ok(number) if (low..=high).contains(&number) => Ok(()),
        _ => Err(format!("between '{low}' and '{high}' inclusive")),
    };
    let boolean = ["true", "false"];
    let http = !tcp;
    Some(match key {
        "deregistration_delay.timeout_seconds" => between(0, 3600),
        "stickiness.enabled" => words(&boolean),
        "stickiness.type" if tcp => words(&["source_ip"]),
        "stickiness.type" => words(&["lb_cookie", "app_cookie"]),
        "load_balancing.cross_zone.enabled" => words(&["true", "false", "use_load_balancer_configuration"]),
        "target_group_health.dns_failover.minimum_healthy_targets.count"
        | "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"
            if value != "off" =>
        {
            between(1, u32::MAX)
        }
        "target_group_health.dns_failover.minimum_healthy_targets.percentage"
        | "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"
            if value != "off" =>
        {
            between(1, 100)
        }
        _ if key.starts_with("target_group_health.") && value == "off" => Ok(()),
        "load_balancing.algorithm.type" if http => {
            words(&["round_robin", "least_outstanding_requests", "weighted_random"])
        }
        "load_balancing.algorithm.anomaly_mitigation" if http => words(&["on", "off"]),
        "slow_start.duration_seconds" if http && value == "0" => Ok(()),
        "slow_start.duration_seconds" if http => between(30, 900),
        "stickiness.lb_cookie.duration_seconds" | "stickiness.app_cookie.duration_seconds" if http => {
            between(1, 604_800)
        }
        "stickiness.app_cookie.cookie_name" if http => Ok(()),
        "preserve_client_ip.enabled"
        | "proxy_protocol_v2.enabled"
        | "deregistration_delay.connection_termination.enabled"
            if tcp =>
        {
            words(&boolean)
        }
        _ => return None,
    })
}

/// `ModifyTargetGroupAttributes`. A changed delay counts for the targets that are deregistered from then on.
fn modify_attributes(world: &mut World, input: Input<'_>) -> Answer {
    let group = group(world, input)?;
    let tcp = group.protocol == "TCP";
    let mut changed = Vec::new();
    for attribute in input.list("Attributes")? {
        let key = required(attribute, "Key")?;
        let value = attribute.text("Value")?.unwrap_or_default();
        match takes(key, value, tcp) {
            Some(Ok(())) => changed.push((key, value)),
            Some(Err(bounds)) => {
                return Err(ApiError::new(
                    "InvalidConfigurationRequest",
                    format!("'{key}' must be {bounds}, not '{value}'"),
                ));
            }
            None => {
                return Err(invalid(format!("Target group attribute key '{key}' is not recognized")));
            }
        }
    }
    if changed.is_empty() {
        return Err(invalid("At least one attribute must be specified"));
    }
    for (key, value) in changed {
        if key == "deregistration_delay.timeout_seconds" {
            group.deregistration_delay = value.parse().unwrap_or(group.deregistration_delay);
        }
        match group.attributes.iter_mut().find(|(own, _)| own == key) {
            Some((_, present)) => value.clone_into(present),
            None => group.attributes.push((key.to_owned(), value.to_owned())),
        }
    }
    Ok(attributes(&group.attributes))
}

/// `DeregisterTargets`: "If the specified target does not exist, the action returns successfully."
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html>
fn deregister(world: &mut World, input: Input<'_>) -> Answer {
    let now = world.now;
    let group = group(world, input)?;
    let targets = input.list("Targets")?;
    if targets.is_empty() {
        return Err(invalid("A value for Targets must be specified"));
    }
    let mut named = Vec::new();
    for target in targets {
        let port = target.int("Port")?.map(u16::try_from).transpose();
        let port = port.map_err(|_| invalid("Port must be between '1' and '65535' inclusive"))?;
        named.push((required(target, "Id")?, port));
    }
    for (id, port) in named {
        deregister_address(group, id, port, now);
    }
    Ok(Node::empty())
}
