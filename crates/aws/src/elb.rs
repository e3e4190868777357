//! Elastic Load Balancing v2: load balancers, listeners with rules, target groups and target health.

use super::Aws;
use super::convert::{call_each, count, count_or_zero, keep_found};
use super::error::IntoCallError;
use aws_sdk_elasticloadbalancingv2::types;
use partybox_core::domain::{
    CallError, ErrorKind, Listener, LoadBalancer, Rule, RuleAction, TargetGroup, TargetHealth,
};

/// The describe calls take 20 ARNs.
const ARNS_A_CALL: usize = 20;
/// Calls under way at once. All `Describe*` of the account share 10 a second.
const AT_ONCE: usize = 2;

/// `DescribeLoadBalancers`.
pub(super) async fn load_balancers(aws: &Aws, arns: &[String]) -> Result<Vec<LoadBalancer>, CallError> {
    let answers = by_arns(arns, |arns| {
        let call = aws.elb().describe_load_balancers().set_load_balancer_arns(Some(arns));
        async move {
            let answer = call.send().await.for_action("elasticloadbalancing:DescribeLoadBalancers")?;
            Ok(answer.load_balancers.unwrap_or_default())
        }
    })
    .await?;
    Ok(answers.into_iter().map(load_balancer).collect())
}

fn load_balancer(from: types::LoadBalancer) -> LoadBalancer {
    let (state, state_reason) = from.state.map_or((None, None), |s| (s.code, s.reason));
    let zones = from.availability_zones.unwrap_or_default().into_iter();
    LoadBalancer {
        arn: from.load_balancer_arn.unwrap_or_default(),
        name: from.load_balancer_name.unwrap_or_default(),
        dns_name: from.dns_name.unwrap_or_default(),
        scheme: from.scheme.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        state: state.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        state_reason,
        vpc: from.vpc_id,
        zones: zones.map(|z| (z.zone_name.unwrap_or_default(), z.subnet_id.unwrap_or_default())).collect(),
        security_groups: from.security_groups.unwrap_or_default(),
    }
}

/// `DescribeTargetGroups` + `DescribeTargetGroupAttributes` of those whose turn it is; without permission for the
/// attributes, without them.
pub(super) async fn target_groups(aws: &Aws, arns: &[String]) -> Result<Vec<TargetGroup>, CallError> {
    let answers = by_arns(arns, |arns| {
        let call = aws.elb().describe_target_groups().set_target_group_arns(Some(arns));
        async move {
            let answer = call.send().await.for_action("elasticloadbalancing:DescribeTargetGroups")?;
            Ok(answer.target_groups.unwrap_or_default())
        }
    })
    .await?;
    let mut groups: Vec<TargetGroup> = answers.into_iter().map(target_group).collect();
    let known = &aws.shared.groups;
    let arns: Vec<String> = groups.iter().map(|group| group.arn.clone()).collect();
    let turn = known.turn(&arns);
    let answers = call_each(turn.clone(), AT_ONCE, |arn: String| {
        let call = aws.elb().describe_target_group_attributes().target_group_arn(arn);
        async move { call.send().await.for_action("elasticloadbalancing:DescribeTargetGroupAttributes") }
    })
    .await;
    for (arn, answer) in turn.iter().zip(answers) {
        known.keep(arn, answer.ok().map(|answer| answer.attributes.unwrap_or_default()));
    }
    for group in &mut groups {
        let attributes = known.of(&group.arn);
        (group.deregistration_delay, group.sticky) = (attributes.delay, attributes.sticky);
    }
    Ok(groups)
}

fn target_group(from: types::TargetGroup) -> TargetGroup {
    let mut load_balancers = from.load_balancer_arns.unwrap_or_default();
    load_balancers.sort_unstable();
    load_balancers.dedup();
    TargetGroup {
        arn: from.target_group_arn.unwrap_or_default(),
        name: from.target_group_name.unwrap_or_default(),
        protocol: from.protocol.map(|p| p.as_str().to_owned()).unwrap_or_default(),
        port: count_or_zero(from.port),
        target_type: from.target_type.map(|t| t.as_str().to_owned()).unwrap_or_default(),
        load_balancers,
        check_path: from.health_check_path,
        check_interval: count_or_zero(from.health_check_interval_seconds),
        check_timeout: count_or_zero(from.health_check_timeout_seconds),
        healthy_threshold: count_or_zero(from.healthy_threshold_count),
        unhealthy_threshold: count_or_zero(from.unhealthy_threshold_count),
        matcher: from.matcher.and_then(|m| m.http_code.or(m.grpc_code)),
        deregistration_delay: None,
        sticky: None,
    }
}

/// `DescribeTargetHealth`: one group a call, no pages.
pub(super) async fn target_health(aws: &Aws, arn: &str) -> Result<Vec<TargetHealth>, CallError> {
    let call = aws.elb().describe_target_health().target_group_arn(arn);
    let answer = call.send().await.for_action("elasticloadbalancing:DescribeTargetHealth")?;
    Ok(answer.target_health_descriptions.unwrap_or_default().into_iter().map(health).collect())
}

fn health(from: types::TargetHealthDescription) -> TargetHealth {
    let (id, port, zone) = from.target.map(|t| (t.id, t.port, t.availability_zone)).unwrap_or_default();
    let (state, reason, description) =
        from.target_health.map(|h| (h.state, h.reason, h.description)).unwrap_or_default();
    TargetHealth {
        id: id.unwrap_or_default(),
        port: count_or_zero(port),
        zone,
        state: state.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        reason: reason.map(|r| r.as_str().to_owned()),
        description,
    }
}

/// `DescribeListeners`, and for each `DescribeRules` + `DescribeListenerCertificates`. Without permission for the
/// latter the default certificate remains, as `DescribeListeners` has it.
pub(super) async fn listeners(aws: &Aws, load_balancer: &str) -> Result<Vec<Listener>, CallError> {
    let mut described = Vec::new();
    let call = aws.elb().describe_listeners().load_balancer_arn(load_balancer);
    let mut pages = call.into_paginator().items().send();
    while let Some(listener) = pages.next().await {
        described.push(listener.for_action("elasticloadbalancing:DescribeListeners")?);
    }
    let listeners = call_each(described, AT_ONCE, |from| {
        let aws = aws.clone();
        async move { listener(&aws, from).await }
    })
    .await;
    let mut listeners = keep_found(listeners)?;
    listeners.sort_by_key(|listener| listener.port);
    Ok(listeners)
}

async fn listener(aws: &Aws, from: types::Listener) -> Result<Listener, CallError> {
    let arn = from.listener_arn.unwrap_or_default();
    let mut rules = Vec::new();
    let mut pages = aws.elb().describe_rules().listener_arn(&arn).into_paginator().items().send();
    while let Some(found) = pages.next().await {
        rules.push(rule(found.for_action("elasticloadbalancing:DescribeRules")?));
    }
    // The default rule has no number and is tried last.
    rules.sort_by_key(|rule| (rule.priority.is_none(), rule.priority));
    let mut certificates: Vec<String> =
        from.certificates.unwrap_or_default().into_iter().filter_map(|c| c.certificate_arn).collect();
    if !certificates.is_empty() {
        let mut pages =
            aws.elb().describe_listener_certificates().listener_arn(&arn).into_paginator().items().send();
        while let Some(Ok(certificate)) = pages.next().await {
            certificates.extend(certificate.certificate_arn);
        }
        let mut seen = std::collections::HashSet::new();
        certificates.retain(|arn| seen.insert(arn.clone()));
    }
    Ok(Listener {
        arn,
        port: count_or_zero(from.port),
        protocol: from.protocol.map(|p| p.as_str().to_owned()).unwrap_or_default(),
        ssl_policy: from.ssl_policy,
        certificates,
        rules,
    })
}

fn rule(from: types::Rule) -> Rule {
    Rule {
        arn: from.rule_arn.unwrap_or_default(),
        priority: from.priority.and_then(|p| p.parse().ok()),
        conditions: from.conditions.unwrap_or_default().into_iter().map(condition).collect(),
        actions: from.actions.unwrap_or_default().into_iter().map(action).collect(),
    }
}

/// Old rules have `values`, newer ones a configuration by kind; the answer often has both.
fn condition(from: types::RuleCondition) -> (String, Vec<String>) {
    let field = from.field.unwrap_or_default();
    if let Some(header) = from.http_header_config {
        let name = header.http_header_name.unwrap_or_default();
        return (format!("{field} {name}"), header.values.unwrap_or_default());
    }
    if let Some(query) = from.query_string_config {
        let pairs = query.values.unwrap_or_default().into_iter();
        let pair = |p: types::QueryStringKeyValuePair| match (p.key, p.value) {
            (Some(key), value) => format!("{key}={}", value.unwrap_or_default()),
            (None, value) => value.unwrap_or_default(),
        };
        return (field, pairs.map(pair).collect());
    }
    let values = from
        .values
        .filter(|values| !values.is_empty())
        .or_else(|| from.path_pattern_config.and_then(|c| c.values))
        .or_else(|| from.host_header_config.and_then(|c| c.values))
        .or_else(|| from.http_request_method_config.and_then(|c| c.values))
        .or_else(|| from.source_ip_config.and_then(|c| c.values))
        .or(from.regex_values);
    (field, values.unwrap_or_default())
}

fn action(from: types::Action) -> RuleAction {
    let kind = from.r#type.map(|t| t.as_str().to_owned()).unwrap_or_default();
    match kind.as_str() {
        "forward" => {
            let groups = from.forward_config.and_then(|c| c.target_groups).unwrap_or_default();
            let mut groups: Vec<(String, u32)> = groups
                .into_iter()
                .filter_map(|group| Some((group.target_group_arn?, group.weight.map_or(1, count))))
                .collect();
            if groups.is_empty() {
                groups.extend(from.target_group_arn.map(|arn| (arn, 1)));
            }
            RuleAction::Forward(groups)
        }
        "redirect" => {
            from.redirect_config.map_or(RuleAction::Other(kind), |to| RuleAction::Redirect(redirect(to)))
        }
        "fixed-response" => {
            let status = from.fixed_response_config.and_then(|c| c.status_code);
            RuleAction::Other(status.map_or(kind.clone(), |status| format!("{kind} ({status})")))
        }
        _ => RuleAction::Other(kind),
    }
}

fn redirect(to: types::RedirectActionConfig) -> String {
    let or = |part: Option<String>, kept: &str| part.unwrap_or_else(|| kept.to_owned());
    let query = or(to.query, "#{query}");
    format!(
        "{}://{}:{}{}{}{} ({})",
        or(to.protocol, "#{protocol}"),
        or(to.host, "#{host}"),
        or(to.port, "#{port}"),
        or(to.path, "/#{path}"),
        if query.is_empty() { "" } else { "?" },
        query,
        to.status_code.as_ref().map_or("", types::RedirectActionStatusCodeEnum::as_str)
    )
}

/// Asks for many ARNs in twenties. One ARN that is gone fails the whole call: then one at a time, without it.
async fn by_arns<T, F, C>(arns: &[String], call: C) -> Result<Vec<T>, CallError>
where
    C: Fn(Vec<String>) -> F,
    F: Future<Output = Result<Vec<T>, CallError>> + Send + 'static,
    T: Send + 'static,
{
    let mut all = Vec::new();
    for arns in arns.chunks(ARNS_A_CALL) {
        match call(arns.to_vec()).await {
            Err(error) if error.kind == ErrorKind::NotFound && arns.len() > 1 => {
                let answers = call_each(arns.to_vec(), AT_ONCE, |arn| call(vec![arn])).await;
                all.extend(keep_found(answers)?.into_iter().flatten());
            }
            answer => all.extend(answer?),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{Action, ActionTypeEnum, PathPatternConditionConfig, RedirectActionConfig, RuleCondition};

    #[test]
    fn a_redirect_is_written_as_elb_does() {
        let https = RedirectActionConfig::builder()
            .protocol("HTTPS")
            .port("443")
            .status_code(types::RedirectActionStatusCodeEnum::Http301)
            .build();
        let from = Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(https);
        assert_eq!(
            action(from.build()),
            RuleAction::Redirect("HTTPS://#{host}:443/#{path}?#{query} (HTTP_301)".into())
        );
    }

    #[test]
    fn an_action_with_one_group_may_have_no_weights() {
        let from = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn("tg-1").build();
        assert_eq!(action(from), RuleAction::Forward(vec![("tg-1".into(), 1)]));
        let unknown = Action::builder().r#type(ActionTypeEnum::from("jwt-validation-2")).build();
        assert_eq!(action(unknown), RuleAction::Other("jwt-validation-2".into()));
    }

    #[test]
    fn a_condition_may_be_old_or_new() {
        let old = RuleCondition::builder().field("path-pattern").values("/api/*").build();
        let new = RuleCondition::builder()
            .field("path-pattern")
            .path_pattern_config(PathPatternConditionConfig::builder().values("/api/*").build())
            .build();
        assert_eq!(condition(old), condition(new));
    }
}
