//! Running images: what their scans found.

use super::{Finding, Subject};
use crate::domain::{Level, PartyBox, Scan};

pub(super) fn examine(party_box: &PartyBox, findings: &mut Vec<Finding>) {
    for image in &party_box.images {
        let subject = || Subject::Image(image.id.repository.clone());
        let name = match &image.tag {
            Some(tag) => format!("{}:{tag}", image.id.repository),
            None => image.id.repository.clone(),
        };
        match &image.scan {
            Some(Scan::Never) => {
                findings.push(Finding::new(
                    Level::Idle,
                    subject(),
                    format!("{name} runs and was never scanned"),
                ));
            }
            Some(Scan::Done { counts, status, .. }) => {
                let of = |severity: &str| counts.get(severity).copied().unwrap_or(0);
                if status == "FAILED" {
                    findings.push(Finding::new(Level::Idle, subject(), format!("The scan of {name} failed")));
                }
                if of("CRITICAL") > 0 {
                    findings.push(
                        Finding::new(
                            Level::Warn,
                            subject(),
                            format!("{name} runs with {}", vulnerabilities(of("CRITICAL"), "critical")),
                        )
                        .advise("5 lists them"),
                    );
                } else if of("HIGH") > 0 {
                    findings.push(
                        Finding::new(
                            Level::Idle,
                            subject(),
                            format!("{name} runs with {}", vulnerabilities(of("HIGH"), "high")),
                        )
                        .advise("5 lists them"),
                    );
                }
            }
            Some(Scan::Unreadable(_)) | None => {}
        }
    }
}

fn vulnerabilities(count: u32, severity: &str) -> String {
    format!("{count} {severity} {}", if count == 1 { "vulnerability" } else { "vulnerabilities" })
}
