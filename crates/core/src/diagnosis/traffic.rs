//! Load balancers, errors that users see, certificates and alarms.

use super::{Finding, Subject, format_span};
use crate::domain::{Level, LoadBalancer, MetricKey, MetricKind, PartyBox, Store};
use chrono::{DateTime, TimeDelta, Utc};

pub(super) fn examine(store: &Store, party_box: &PartyBox, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    for balancer in &party_box.balancers {
        if balancer.state != "active" {
            let reason = balancer.state_reason.as_deref().unwrap_or("no reason given");
            let level = if balancer.state == "provisioning" { Level::Busy } else { Level::Bad };
            findings.push(Finding::new(
                level,
                Subject::Balancer(balancer.name.clone()),
                format!("{} is {}: {reason}", balancer.name, balancer.state),
            ));
        }
        examine_errors(store, balancer, now, findings);
    }
    examine_certificates(store, now, findings);
    for alarm in store.alarms().iter().filter(|a| a.state == "ALARM") {
        let since = alarm.since.map(|t| format!(" for {}", format_span(now - t))).unwrap_or_default();
        findings.push(Finding::new(
            Level::Warn,
            Subject::Whole,
            format!("Alarm {} is firing{since}", alarm.name),
        ));
    }
}

/// The part after `loadbalancer/` of an ARN: CloudWatch's dimension value.
pub fn balancer_dimension(arn: &str) -> &str {
    arn.split_once("loadbalancer/").map_or(arn, |(_, rest)| rest)
}

/// 5xx answers in the newest minutes, against the requests of the same minutes.
fn examine_errors(store: &Store, balancer: &LoadBalancer, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let since = now - TimeDelta::minutes(5);
    let dimension = balancer_dimension(&balancer.arn);
    let sum = |kind| {
        store
            .series(&MetricKey::new(kind, dimension))
            // From a plain zero: the sum of nothing is -0.0, and is written so.
            .map_or(0.0, |series| series.points.iter().filter(|p| p.0 >= since).fold(0.0, |sum, p| sum + p.1))
    };
    let (target, elb, requests) =
        (sum(MetricKind::AlbTarget5xx), sum(MetricKind::AlbElb5xx), sum(MetricKind::AlbRequests));
    let bad = target + elb;
    if bad < 1.0 {
        return;
    }
    let percent = if requests > 0.0 { bad / requests.max(bad) * 100.0 } else { 100.0 };
    let level = if percent >= 5.0 { Level::Bad } else { Level::Warn };
    findings.push(
        Finding::new(
            level,
            Subject::Balancer(balancer.name.clone()),
            format!(
                "{percent:.1}% of requests failed in the last 5 minutes ({target:.0} from targets, {elb:.0} from the load balancer)"
            ),
        )
        .advise("3 shows the targets"),
    );
}

fn examine_certificates(store: &Store, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    for certificate in store.certificates() {
        let subject = || Subject::Certificate(certificate.domain.clone());
        let name = &certificate.domain;
        if certificate.status != "ISSUED" {
            findings.push(Finding::new(
                Level::Bad,
                subject(),
                format!("The certificate of {name} is {}", certificate.status),
            ));
            continue;
        }
        if let Some(end) = certificate.not_after {
            let days = (end - now).num_days();
            let level = if days < 7 { Level::Bad } else { Level::Warn };
            if days < 30 {
                let renews = if certificate.kind == "IMPORTED" {
                    "; imported ones never renew by themselves"
                } else {
                    ""
                };
                findings.push(Finding::new(
                    level,
                    subject(),
                    format!("The certificate of {name} ends in {days} days{renews}"),
                ));
            }
        }
        if let Some(renewal @ ("PENDING_VALIDATION" | "FAILED")) = certificate.renewal.as_deref() {
            findings.push(
                Finding::new(
                    Level::Warn,
                    subject(),
                    format!("Renewal of the certificate of {name} is {renewal}"),
                )
                .advise("check the validation record in DNS"),
            );
        }
    }
}
