//! Findings about load balancers and certificates.

use super::{Finding, Subject};
use crate::domain::{Certificate, CertificateConcern, Level, PartyBox, Store};
use chrono::{DateTime, Utc};

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
