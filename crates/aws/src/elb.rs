//! Elastic Load Balancing v2: load balancers, listeners with rules, target groups and target health.

use super::Aws;
use super::convert::{call_each, keep_found, sort_answers};
use super::query_protocol::{QueryModel, member_parameters, parameter};
use super::service_endpoint::ServiceNames;
use super::xml::Node;
use partybox_core::domain::{
    Anomaly, CallError, ErrorKind, Listener, LoadBalancer, Override, Rule, RuleAction, RuleCondition,
    TargetGroup, TargetHealth, Unread,
};

/// How Elastic Load Balancing is called and what it speaks.
pub(super) const MODEL: QueryModel = QueryModel {
    names: ServiceNames {
        id: "Elastic Load Balancing v2",
        signing: "elasticloadbalancing",
        host: "elasticloadbalancing",
    },
    version: "2015-12-01",
    next_marker: "NextMarker",
};
/// The describe calls take 20 ARNs.
const ARNS_A_CALL: usize = 20;
/// Calls under way at once. All `Describe*` of the account share 10 a second.
const AT_ONCE: usize = 2;

/// `DescribeLoadBalancers`.
pub(super) async fn load_balancers(
    aws: &Aws,
    arns: &[String],
) -> Result<(Vec<LoadBalancer>, Vec<Unread>), CallError> {
    let (answers, unread) =
        by_arns(aws, arns, "elasticloadbalancing:DescribeLoadBalancers", "LoadBalancerArns").await?;
    let balancers = answers.iter().flat_map(|answer| answer.list("LoadBalancers")).map(load_balancer);
    Ok((balancers.collect(), unread))
}

fn load_balancer(from: &Node) -> LoadBalancer {
    let zones = from.list("AvailabilityZones");
    LoadBalancer {
        arn: from.text_at(&["LoadBalancerArn"]),
        name: from.text_at(&["LoadBalancerName"]),
        dns_name: from.text_at(&["DNSName"]),
        scheme: from.text_at(&["Scheme"]),
        state: from.text_at(&["State", "Code"]),
        state_reason: from.at(&["State", "Reason"]).map(str::to_owned),
        vpc: from.text("VpcId"),
        zones: zones.map(|zone| (zone.text_at(&["ZoneName"]), zone.text_at(&["SubnetId"]))).collect(),
        security_groups: texts(from, "SecurityGroups"),
        kind: from.text_at(&["Type"]),
    }
}

/// The texts of a list's elements.
fn texts(from: &Node, list: &str) -> Vec<String> {
    from.list(list).map(|element| element.text.clone()).collect()
}

/// `DescribeTargetGroups` + `DescribeTargetGroupAttributes` of the groups whose turn it is. Without
/// permission for the attributes the groups come without them.
pub(super) async fn target_groups(
    aws: &Aws,
    arns: &[String],
) -> Result<(Vec<TargetGroup>, Vec<Unread>), CallError> {
    let (answers, unread) =
        by_arns(aws, arns, "elasticloadbalancing:DescribeTargetGroups", "TargetGroupArns").await?;
    let mut groups: Vec<TargetGroup> =
        answers.iter().flat_map(|answer| answer.list("TargetGroups")).map(target_group).collect();
    let known = &aws.shared.groups;
    let arns: Vec<String> = groups.iter().map(|group| group.arn.clone()).collect();
    let turn = known.turn(&arns);
    let answers = call_each(turn.clone(), AT_ONCE, |arn: String| {
        let aws = aws.clone();
        async move {
            let parameters = vec![parameter("TargetGroupArn", &arn)];
            aws.elb().read("elasticloadbalancing:DescribeTargetGroupAttributes", &parameters).await
        }
    })
    .await;
    for (arn, answer) in turn.iter().zip(answers) {
        known.keep(arn, answer.ok().as_ref());
    }
    for group in &mut groups {
        known.of(&group.arn).give(group);
    }
    Ok((groups, unread))
}

fn target_group(from: &Node) -> TargetGroup {
    let mut load_balancers = texts(from, "LoadBalancerArns");
    load_balancers.sort_unstable();
    load_balancers.dedup();
    let matcher = from.at(&["Matcher", "HttpCode"]).or_else(|| from.at(&["Matcher", "GrpcCode"]));
    let count = |name: &str| from.number(name).unwrap_or(0);
    TargetGroup {
        arn: from.text_at(&["TargetGroupArn"]),
        name: from.text_at(&["TargetGroupName"]),
        protocol: from.text_at(&["Protocol"]),
        port: count("Port"),
        target_type: from.text_at(&["TargetType"]),
        load_balancers,
        check_protocol: from.text("HealthCheckProtocol"),
        check_path: from.text("HealthCheckPath"),
        check_interval: count("HealthCheckIntervalSeconds"),
        check_timeout: count("HealthCheckTimeoutSeconds"),
        healthy_threshold: count("HealthyThresholdCount"),
        unhealthy_threshold: count("UnhealthyThresholdCount"),
        matcher: matcher.map(str::to_owned),
        ..TargetGroup::default()
    }
}

/// `DescribeTargetHealth`: one group a call, no pages. Anomalies are told only when they are asked for; an
/// endpoint that does not know the question is asked without it.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html>
pub(super) async fn target_health(aws: &Aws, arn: &str) -> Result<Vec<TargetHealth>, CallError> {
    let action = "elasticloadbalancing:DescribeTargetHealth";
    let plain = vec![parameter("TargetGroupArn", arn)];
    let mut parameters = plain.clone();
    parameters.extend(member_parameters("Include", &["AnomalyDetection".to_owned()]));
    let answer = match aws.elb().read(action, &parameters).await {
        Err(error) if error.kind == ErrorKind::Service => aws.elb().read(action, &plain).await?,
        answer => answer?,
    };
    Ok(answer.list("TargetHealthDescriptions").map(health).collect())
}

fn health(from: &Node) -> TargetHealth {
    let target = from.child("Target");
    let health = from.child("TargetHealth");
    let said = |name: &str| health.and_then(|health| health.text(name));
    TargetHealth {
        id: from.text_at(&["Target", "Id"]),
        port: target.and_then(|target| target.number("Port")).unwrap_or(0),
        zone: target.and_then(|target| target.text("AvailabilityZone")),
        state: said("State").unwrap_or_default(),
        reason: said("Reason"),
        description: said("Description"),
        overridden: from.child("AdministrativeOverride").map(|it| Override {
            state: it.text_at(&["State"]),
            reason: it.text("Reason"),
            description: it.text("Description"),
        }),
        anomaly: from.child("AnomalyDetection").map(|it| Anomaly {
            result: it.text_at(&["Result"]),
            mitigated: it.text("MitigationInEffect").as_deref() == Some("yes"),
        }),
    }
}

/// `DescribeListeners`, and for each `DescribeRules` + `DescribeListenerCertificates`. Without permission for
/// the latter the default certificate remains, as `DescribeListeners` has it, and the others are told as
/// unread.
pub(super) async fn listeners(
    aws: &Aws,
    load_balancer: &str,
) -> Result<(Vec<Listener>, Vec<Unread>), CallError> {
    let parameters = vec![parameter("LoadBalancerArn", load_balancer)];
    let pages = aws.elb().read_pages("elasticloadbalancing:DescribeListeners", &parameters).await?;
    let described = pages.into_iter().flat_map(|page| page.into_list("Listeners")).collect();
    let listeners = call_each(described, AT_ONCE, |from| {
        let aws = aws.clone();
        async move { listener(&aws, &from).await }
    })
    .await;
    let (mut listeners, unread): (Vec<_>, Vec<_>) = keep_found(listeners)?.into_iter().unzip();
    listeners.sort_by_key(|listener: &Listener| listener.port);
    Ok((listeners, unread.into_iter().flatten().collect()))
}

async fn listener(aws: &Aws, from: &Node) -> Result<(Listener, Option<Unread>), CallError> {
    let arn = from.text_at(&["ListenerArn"]);
    let parameters = vec![parameter("ListenerArn", &arn)];
    let pages = aws.elb().read_pages("elasticloadbalancing:DescribeRules", &parameters).await?;
    let mut rules: Vec<Rule> = pages.iter().flat_map(|page| page.list("Rules")).map(rule).collect();
    // The default rule has no number and is evaluated last.
    rules.sort_by_key(|rule| (rule.priority.is_none(), rule.priority));
    let mut certificates = certificate_arns(from);
    let mut unread = None;
    if !certificates.is_empty() {
        let action = "elasticloadbalancing:DescribeListenerCertificates";
        let pages = match aws.elb().read_pages(action, &parameters).await {
            Err(error) if error.kind == ErrorKind::Denied => {
                unread = Some(Unread { name: arn.clone(), error });
                Vec::new()
            }
            pages => pages?,
        };
        certificates.extend(pages.iter().flat_map(certificate_arns));
        let mut seen = std::collections::HashSet::new();
        certificates.retain(|arn| seen.insert(arn.clone()));
    }
    let listener = Listener {
        arn,
        port: from.number("Port").unwrap_or(0),
        protocol: from.text_at(&["Protocol"]),
        ssl_policy: from.text("SslPolicy"),
        certificates,
        rules,
    };
    Ok((listener, unread))
}

fn certificate_arns(from: &Node) -> Vec<String> {
    from.list("Certificates").filter_map(|certificate| certificate.text("CertificateArn")).collect()
}

fn rule(from: &Node) -> Rule {
    let actions = || from.list("Actions");
    let mut stickiness =
        actions().filter_map(|it| it.child("ForwardConfig")?.child("TargetGroupStickinessConfig"));
    Rule {
        sticky_seconds: stickiness.find(|it| it.flag("Enabled")).and_then(|it| it.number("DurationSeconds")),
        transforms: from.list("Transforms").map(transform).collect(),
        arn: from.text_at(&["RuleArn"]),
        priority: from.number("Priority"),
        conditions: from.list("Conditions").map(condition).collect(),
        actions: from.list("Actions").map(action).collect(),
    }
}

/// What a rule makes of the request: `url-rewrite ^/api/(.*)$ to /$1`.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleTransform.html>
fn transform(from: &Node) -> String {
    let kind = from.text_at(&["Type"]);
    let configs = ["HostHeaderRewriteConfig", "UrlRewriteConfig"];
    let rewrites = configs.into_iter().filter_map(|name| from.child(name)).flat_map(|it| it.list("Rewrites"));
    let each = rewrites.map(|it| format!("{} to {}", it.text_at(&["Regex"]), it.text_at(&["Replace"])));
    let parts: Vec<String> = std::iter::once(kind).chain(each).collect();
    parts.join(" ")
}

/// Old rules have `Values`, newer ones a configuration by kind; the answer often has both. Regular expressions
/// stand beside either.
fn condition(from: &Node) -> RuleCondition {
    let mut condition = RuleCondition { field: from.text_at(&["Field"]), ..RuleCondition::default() };
    let configs = [
        "PathPatternConfig",
        "HostHeaderConfig",
        "HttpHeaderConfig",
        "HttpRequestMethodConfig",
        "QueryStringConfig",
        "SourceIpConfig",
    ];
    let places = || std::iter::once(from).chain(configs.into_iter().filter_map(|config| from.child(config)));
    condition.name = places().find_map(|place| place.text("HttpHeaderName"));
    let first = |list: &str, read: fn(&Node) -> String| {
        let mut found = places().map(|place| place.list(list).map(read).collect::<Vec<String>>());
        found.find(|values| !values.is_empty()).unwrap_or_default()
    };
    condition.values = first("Values", |value| match value.child("Value") {
        // A pair of a query; the key may be absent.
        Some(text) => {
            value.text("Key").map_or_else(|| text.text.clone(), |key| format!("{key}={}", text.text))
        }
        None => value.text.clone(),
    });
    condition.regexes = first("RegexValues", |value| value.text.clone());
    condition
}

fn action(from: &Node) -> RuleAction {
    let kind = from.text_at(&["Type"]);
    match kind.as_str() {
        "forward" => {
            let groups =
                from.child("ForwardConfig").into_iter().flat_map(|config| config.list("TargetGroups"));
            let mut groups: Vec<(String, u32)> = groups
                .filter_map(|group| {
                    Some((group.text("TargetGroupArn")?, group.number("Weight").unwrap_or(1)))
                })
                .collect();
            if groups.is_empty() {
                groups.extend(from.text("TargetGroupArn").map(|arn| (arn, 1)));
            }
            RuleAction::Forward(groups)
        }
        "redirect" => from
            .child("RedirectConfig")
            .map_or(RuleAction::Other(kind), |to| RuleAction::Redirect(redirect(to))),
        "fixed-response" => {
            let status = from.at(&["FixedResponseConfig", "StatusCode"]);
            RuleAction::Other(status.map_or(kind.clone(), |status| format!("{kind} ({status})")))
        }
        _ => {
            // Who is asked: an identity provider of OpenID Connect, or the issuer of a token.
            let configs = ["AuthenticateOidcConfig", "JwtValidationConfig"];
            let issuer = configs.into_iter().find_map(|config| from.at(&[config, "Issuer"]));
            RuleAction::Other(issuer.map_or(kind.clone(), |issuer| format!("{kind} ({issuer})")))
        }
    }
}

fn redirect(to: &Node) -> String {
    // An empty query is not an absent one: it drops the request's.
    let query = to.child("Query").map_or("#{query}", |query| query.text.as_str());
    let part = |name: &str, kept: &str| to.text(name).unwrap_or_else(|| kept.to_owned());
    format!(
        "{}://{}:{}{}{}{} ({})",
        part("Protocol", "#{protocol}"),
        part("Host", "#{host}"),
        part("Port", "#{port}"),
        part("Path", "/#{path}"),
        if query.is_empty() { "" } else { "?" },
        query,
        to.text_at(&["StatusCode"])
    )
}

/// Asks for many ARNs in twenties; gives the answers, and the ARNs without one. One ARN that is gone fails the
/// whole call: then one at a time.
async fn by_arns(
    aws: &Aws,
    arns: &[String],
    action: &'static str,
    list: &'static str,
) -> Result<(Vec<Node>, Vec<Unread>), CallError> {
    let (mut all, mut lacking) = (Vec::new(), Vec::new());
    for arns in arns.chunks(ARNS_A_CALL) {
        match aws.elb().read(action, &member_parameters(list, arns)).await {
            Err(error) if error.kind == ErrorKind::NotFound => {
                let answers = call_each(arns.to_vec(), AT_ONCE, |arn| {
                    let aws = aws.clone();
                    async move { aws.elb().read(action, &member_parameters(list, &[arn])).await }
                })
                .await;
                let (found, unread) = sort_answers(arns, answers)?;
                all.extend(found);
                lacking.extend(unread);
            }
            answer => all.push(answer?),
        }
    }
    Ok((all, lacking))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(xml: &str) -> Node {
        Node::parse(xml).expect("well-formed")
    }

    #[test]
    fn a_redirect_is_written_as_elb_does() {
        let from = node(
            "<member><Type>redirect</Type><RedirectConfig><Protocol>HTTPS</Protocol><Port>443</Port><StatusCode>HTTP_301</StatusCode></RedirectConfig></member>",
        );
        assert_eq!(
            action(&from),
            RuleAction::Redirect("HTTPS://#{host}:443/#{path}?#{query} (HTTP_301)".into())
        );
        let dropped = node("<RedirectConfig><Query/><StatusCode>HTTP_302</StatusCode></RedirectConfig>");
        assert_eq!(redirect(&dropped), "#{protocol}://#{host}:#{port}/#{path} (HTTP_302)");
    }

    #[test]
    fn an_action_with_one_group_may_have_no_weights() {
        let from = node("<member><Type>forward</Type><TargetGroupArn>tg-1</TargetGroupArn></member>");
        assert_eq!(action(&from), RuleAction::Forward(vec![("tg-1".into(), 1)]));
        let unknown = node("<member><Type>jwt-validation-2</Type></member>");
        assert_eq!(action(&unknown), RuleAction::Other("jwt-validation-2".into()));
    }

    #[test]
    fn a_condition_may_be_old_or_new() {
        let values = "<Values><member>/api/*</member></Values>";
        let old = node(&format!("<member><Field>path-pattern</Field>{values}</member>"));
        let new = node(&format!(
            "<member><Field>path-pattern</Field><PathPatternConfig>{values}</PathPatternConfig></member>"
        ));
        assert_eq!(condition(&old), condition(&new));
        assert_eq!(condition(&new).words(), "path /api/*");
    }

    #[test]
    fn every_kind_of_condition_is_read() {
        let of = |xml: &str| condition(&node(&format!("<member>{xml}</member>"))).words();
        let values = |config: &str, value: &str| {
            format!("<{config}><Values><member>{value}</member></Values></{config}>")
        };
        let regex = "<Field>path-pattern</Field><PathPatternConfig><RegexValues><member>^/v[0-9]+/</member></RegexValues></PathPatternConfig>";
        assert_eq!(of(regex), "path ~ ^/v[0-9]+/");
        let outside = "<Field>host-header</Field><RegexValues><member>^www</member></RegexValues>";
        assert_eq!(of(outside), "host ~ ^www");
        let header = "<Field>http-header</Field><HttpHeaderConfig><HttpHeaderName>User-Agent</HttpHeaderName><Values><member>*bot*</member></Values></HttpHeaderConfig>";
        assert_eq!(of(header), "header User-Agent *bot*");
        let method = values("HttpRequestMethodConfig", "HEAD");
        assert_eq!(of(&format!("<Field>http-request-method</Field>{method}")), "method HEAD");
        let query = "<Field>query-string</Field><QueryStringConfig><Values><member><Key>v</Key><Value>2</Value></member><member><Value>*x*</Value></member></Values></QueryStringConfig>";
        assert_eq!(of(query), "query v=2 *x*");
        let source = values("SourceIpConfig", "203.0.113.0/24");
        assert_eq!(of(&format!("<Field>source-ip</Field>{source}")), "source 203.0.113.0/24");
        assert_eq!(of("<Field>some-new-one</Field>"), "some-new-one");
    }

    #[test]
    fn a_transform_is_told_with_what_it_replaces() {
        let from = node(
            "<member><Type>url-rewrite</Type><UrlRewriteConfig><Rewrites><member><Regex>^/api/(.*)$</Regex><Replace>/$1</Replace></member></Rewrites></UrlRewriteConfig></member>",
        );
        assert_eq!(transform(&from), "url-rewrite ^/api/(.*)$ to /$1");
    }
}
