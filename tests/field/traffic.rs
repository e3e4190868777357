//! Cases of load balancers, their listeners and rules.

use crate::kit::{ACCOUNT, BACKEND_GROUP, REGION, Seen};
use partybox_testkit::rig::{Instead, Rewrites, xml_error};
use std::fmt::Write as _;

const FRONTEND_GROUP: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/party-box-frontend/b7012baf73e84b95";

/// The XML without the elements of this name.
fn without(xml: &str, tag: &str) -> String {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let mut parts = xml.split(&open);
    let head = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once(&close).expect("a closed element").1.to_owned());
    std::iter::once(head).chain(rest).collect()
}

/// A Network Load Balancer in the place of the other: TCP and TLS listeners, checks without a path, and no
/// security group, so that the tasks must admit addresses.
fn nlb() -> Rewrites {
    let names = [
        ("loadbalancer/app/party-box-alb", "loadbalancer/net/party-box-nlb"),
        ("listener/app/party-box-alb", "listener/net/party-box-nlb"),
        ("listener-rule/app/party-box-alb", "listener-rule/net/party-box-nlb"),
    ];
    let encoded = |text: &str| text.replace('/', "%2F");
    Rewrites::default()
        .before(move |_, body| {
            let asked = names.iter().fold(body.to_owned(), |body, (old, new)| {
                body.replace(&encoded(new), &encoded(old)).replace(new, old)
            });
            (asked != body).then_some(Instead::Ask(asked))
        })
        .xml("DescribeLoadBalancers", |xml, _| {
            let xml = xml.replace("<Type>application<", "<Type>network<");
            without(&xml, "SecurityGroups").replace(">party-box-alb<", ">party-box-nlb<")
        })
        .xml("DescribeListeners", |xml, _| {
            xml.replace("<Protocol>HTTPS<", "<Protocol>TLS<").replace("<Protocol>HTTP<", "<Protocol>TCP<")
        })
        .xml("DescribeRules", |xml, _| {
            let (head, rest) = xml.split_once("<Rules>").expect("a list");
            let (_, tail) = rest.split_once("</Rules>").expect("its end");
            let rule = rule(9, "default", "", &forward(&[(BACKEND_GROUP, 1)]));
            format!("{head}<Rules>{rule}</Rules>{tail}")
        })
        .xml("DescribeTargetGroups", |xml, _| {
            let xml = xml.replace("Protocol>HTTP</", "Protocol>TCP</");
            without(&without(&xml, "HealthCheckPath"), "Matcher")
        })
        .xml("DescribeSecurityGroups", |xml, _| {
            xml.replace(
                &format!(
                    "<groups><item><description>from the ALB</description><userId>{ACCOUNT}</userId>\
                     <groupId>sg-0a1b000000000a1b0</groupId></item></groups><ipRanges></ipRanges>"
                ),
                "<groups></groups><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>",
            )
        })
        .any(move |_, text| names.iter().fold(text, |text, (old, new)| text.replace(old, new)))
}

#[test]
fn a_network_load_balancer_is_no_application_load_balancer() {
    let mut seen = Seen::of(nlb());
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.does_not_say("Security group party-box-ecs admits");
    let traffic = seen.screen("3");
    assert!(traffic.contains("nlb  party-box-nlb"), "{traffic}");
    assert!(traffic.contains("not read for an NLB") && !traffic.contains("no data"), "{traffic}");
    assert!(traffic.contains("TCP check every"), "{traffic}");
    let overview = seen.screen("1");
    assert!(overview.contains("NLB: metrics not read"), "{overview}");
}

fn rule(number: u32, priority: &str, conditions: &str, actions: &str) -> String {
    let arn = format!(
        "arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener-rule/app/party-box-alb/1/2/{number}"
    );
    let default = priority == "default";
    format!(
        "<member><RuleArn>{arn}</RuleArn><Priority>{priority}</Priority><Conditions>{conditions}</Conditions>\
         <Actions>{actions}</Actions><IsDefault>{default}</IsDefault></member>"
    )
}

fn condition(field: &str, config: &str, list: &str, value: &str) -> String {
    format!(
        "<member><Field>{field}</Field><{config}><{list}><member>{value}</member></{list}></{config}></member>"
    )
}

fn forward(groups: &[(&str, u32)]) -> String {
    let mut told = String::new();
    for (arn, weight) in groups {
        let member = format!("<TargetGroupArn>{arn}</TargetGroupArn><Weight>{weight}</Weight>");
        write!(told, "<member>{member}</member>").expect("into memory");
    }
    format!(
        "<member><Type>forward</Type><ForwardConfig><TargetGroups>{told}</TargetGroups>\
         <TargetGroupStickinessConfig><Enabled>true</Enabled><DurationSeconds>3600</DurationSeconds>\
         </TargetGroupStickinessConfig></ForwardConfig></member>"
    )
}

#[test]
fn every_kind_of_rule_is_drawn() {
    let oidc = "<member><Type>authenticate-oidc</Type><AuthenticateOidcConfig><Issuer>https://login.example.com\
                </Issuer></AuthenticateOidcConfig></member>";
    let fixed = "<member><Type>fixed-response</Type><FixedResponseConfig><StatusCode>503</StatusCode>\
                 </FixedResponseConfig></member>";
    let jwt = "<member><Type>jwt-validation</Type></member>";
    let next = "<member><Type>some-new-action</Type></member>";
    let both = [(BACKEND_GROUP, 0), (FRONTEND_GROUP, 100)];
    let one = forward(&[(BACKEND_GROUP, 1)]);
    let rewrite = "<Transforms><member><Type>url-rewrite</Type><UrlRewriteConfig><Rewrites><member>\
                   <Regex>^/v1/(.*)$</Regex><Replace>/$1</Replace></member></Rewrites></UrlRewriteConfig></member>\
                   </Transforms></member>";
    let header = "<member><Field>http-header</Field><HttpHeaderConfig><HttpHeaderName>User-Agent</HttpHeaderName>\
                  <Values><member>*bot*</member></Values></HttpHeaderConfig></member>";
    let query = "<member><Field>query-string</Field><QueryStringConfig><Values><member><Key>version</Key>\
                 <Value>v2</Value></member></Values></QueryStringConfig></member>";
    let of = condition;
    let rewritten =
        rule(6, "6", &of("host-header", "HostHeaderConfig", "RegexValues", "^(www|play)\\."), &one);
    let rules = [
        rule(1, "1", &of("source-ip", "SourceIpConfig", "Values", "203.0.113.0/24"), fixed),
        rule(
            2,
            "2",
            &of("http-request-method", "HttpRequestMethodConfig", "Values", "HEAD"),
            &format!("{oidc}{one}"),
        ),
        rule(3, "3", query, &forward(&both)),
        rule(4, "4", header, &format!("{jwt}{one}")),
        rule(5, "5", &of("path-pattern", "PathPatternConfig", "RegexValues", "^/v[0-9]+/"), next),
        rewritten.strip_suffix("</member>").expect("its end").to_owned() + rewrite,
    ]
    .concat();
    let mut seen =
        Seen::of(Rewrites::default().xml("DescribeRules", move |xml, form| match form.get("ListenerArn") {
            Some(arn) if arn.contains("f2f7dc8efc522ab2") => {
                xml.replace("<Rules>", &format!("<Rules>{rules}"))
            }
            _ => xml.to_owned(),
        }));
    seen.rig.state.screen.size = (200, 60);
    let traffic = seen.screen("3");
    for text in [
        "source 203.0.113.0/24",
        "fixed-response (503)",
        "method HEAD",
        "authenticate-oidc (https://login.example.com)",
        "query version=v2",
        "→ party-box-backend x0 + → party-box-frontend",
        "header User-Agent *bot*",
        "jwt-validation",
        "path ~ ^/v[0-9]+/",
        "some-new-action",
        "host ~ ^(www|play)\\.",
        "url-rewrite ^/v1/(.*)$ to /$1",
    ] {
        assert!(traffic.contains(text), "no {text:?} in\n{traffic}");
    }
    // Only the group that gets requests counts.
    let row = traffic.lines().find(|line| line.contains("x0")).expect("its row");
    assert!(row.contains("2/2") && !row.contains("4/4"), "{row}");
}

#[test]
fn a_state_of_a_load_balancer_that_is_new_is_to_be_looked_at() {
    let seen = Seen::of(Rewrites::default().xml("DescribeLoadBalancers", |xml, _| {
        xml.replace("<Code>active</Code>", "<Code>quarantined</Code>")
    }));
    assert_eq!(seen.headline().0, "degraded", "{}", seen.text());
    seen.says("party-box-alb is quarantined");
}

#[test]
fn certificates_that_may_not_be_listed_are_said_once() {
    let denied = |operation: &str, _: &str| {
        (operation == "DescribeListenerCertificates").then(|| xml_error("AccessDenied", "not authorized"))
    };
    let seen = Seen::of(Rewrites::default().before(denied));
    seen.says("No permission for elasticloadbalancing:DescribeListenerCertificates")
        .says("could not be read");
}
