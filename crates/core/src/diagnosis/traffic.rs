//! Findings about load balancers, 5xx errors, certificates and alarms.

use super::{Finding, Subject, format_span};
use crate::domain::{
    Certificate, CertificateConcern, Level, LoadBalancer, MetricKey, MetricKind, PartyBox, Store,
};
use chrono::{DateTime, TimeDelta, Utc};

pub(super) fn examine(store: &Store, party_box: &PartyBox, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    for balancer in &party_box.balancers {
        if balancer.level() != Level::Good {
            let reason = balancer.state_reason.as_deref().unwrap_or("no reason given");
            findings.push(Finding::new(
                balancer.level(),
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
        for concern in certificate.concerns(now) {
            findings.push(describe_concern(certificate, concern));
        }
    }
}

fn describe_concern(certificate: &Certificate, concern: CertificateConcern) -> Finding {
    let name = &certificate.domain;
    let finding = |text: String| Finding::new(concern.level(), Subject::Certificate(name.clone()), text);
    match concern {
        CertificateConcern::NotIssued => {
            finding(format!("The certificate of {name} is {}", certificate.status))
        }
        CertificateConcern::Expired => finding(format!("The certificate of {name} has expired")),
        CertificateConcern::Ends(days) => {
            let imported = certificate.kind == "IMPORTED";
            let renews = if imported { "; imported ones never renew by themselves" } else { "" };
            finding(format!("The certificate of {name} ends in {days} days{renews}"))
        }
        CertificateConcern::Renewal => {
            let renewal = certificate.renewal.as_deref().unwrap_or_default();
            finding(format!("Renewal of the certificate of {name} is {renewal}"))
                .advise("check the validation record in DNS")
        }
    }
}
