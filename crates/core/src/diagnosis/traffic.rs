//! Findings about load balancers and certificates.

use super::{Finding, Subject, format_span, plural};
use crate::domain::{Certificate, CertificateConcern, ErrorKind, Level, PartyBox, Store, Topic};
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
    }
    examine_certificates(store, now, findings);
}

/// The part after `loadbalancer/` of an ARN: CloudWatch's dimension value.
pub fn balancer_dimension(arn: &str) -> &str {
    arn.split_once("loadbalancer/").map_or(arn, |(_, rest)| rest)
}

fn examine_certificates(store: &Store, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    for certificate in store.certificates() {
        for concern in certificate.concerns(now) {
            findings.push(describe_concern(certificate, concern));
        }
    }
    for one in store.unread(&Topic::Certificates) {
        let name = one.name.rsplit('/').next().unwrap_or(&one.name).to_owned();
        let finding = |level, text| Finding::new(level, Subject::Certificate(name.clone()), text);
        match one.error.kind {
            ErrorKind::NotFound => findings.push(
                finding(
                    Level::Bad,
                    format!("The certificate {name} that a listener names does not exist in ACM"),
                )
                .advise("give the listener another one"),
            ),
            ErrorKind::Denied => {
                let action = &one.error.action;
                let text = format!("The certificate {name} is not looked at: no permission for {action}");
                findings.push(finding(Level::Idle, text));
            }
            _ => {}
        }
    }
}

/// The time that is left, in days while there are some.
fn format_left(left: TimeDelta) -> String {
    match left.num_days() {
        0 => format_span(left),
        days => plural(usize::try_from(days).unwrap_or_default(), "day"),
    }
}

fn describe_concern(certificate: &Certificate, concern: CertificateConcern) -> Finding {
    let name = &certificate.domain;
    let level = concern.level();
    let finding = |text: String| Finding::new(level, Subject::Certificate(name.clone()), text);
    match concern {
        CertificateConcern::Elsewhere(place) => finding(format!(
            "The certificate {name} is kept in {place}: it is not read, its end is not known"
        )),
        CertificateConcern::NotIssued => {
            finding(format!("The certificate of {name} is {}", certificate.status))
        }
        CertificateConcern::Expired(ago) => {
            finding(format!("The certificate of {name} has expired: it ended {} ago", format_span(ago)))
        }
        CertificateConcern::Ends(left) => {
            let imported = certificate.kind == "IMPORTED";
            let renews = if imported { "; imported ones never renew by themselves" } else { "" };
            finding(format!("The certificate of {name} ends in {}{renews}", format_left(left)))
        }
        CertificateConcern::Renewal => {
            let renewal = certificate.renewal.as_deref().unwrap_or_default();
            finding(format!("Renewal of the certificate of {name} is {renewal}"))
                .advise("check the validation record in DNS")
        }
    }
}
