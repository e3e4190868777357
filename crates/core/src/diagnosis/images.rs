//! Findings about running images: what their scans found.

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
            Some(scan @ Scan::Done { status, .. }) => {
                if status == "FAILED" {
                    findings.push(Finding::new(Level::Idle, subject(), format!("The scan of {name} failed")));
                }
                let worst = ["CRITICAL", "HIGH"].into_iter().find(|severity| scan.count(severity) > 0);
                if let Some(severity) = worst {
                    let found = count_vulnerabilities(scan.count(severity), &severity.to_lowercase());
                    let text = format!("{name} runs with {found}");
                    findings.push(Finding::new(scan.level(), subject(), text).advise("5 lists them"));
                }
            }
            Some(Scan::Unreadable(_)) | None => {}
        }
    }
}

fn count_vulnerabilities(count: u32, severity: &str) -> String {
    format!("{count} {severity} {}", if count == 1 { "vulnerability" } else { "vulnerabilities" })
}
