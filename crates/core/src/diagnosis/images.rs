//! Findings about running images: whether they can still be pulled, and what their scans found.

use super::{Finding, Subject};
use crate::domain::{
    EcrRegistry, ErrorKind, ImageNode, Level, PartyBox, Repository, Scan, ScanState, ScanTrigger, Store,
    Topic, severity_level,
};

pub(super) fn examine(store: &Store, party_box: &PartyBox, findings: &mut Vec<Finding>) {
    for image in &party_box.images {
        let subject = || Subject::Image(image.id.repository.clone());
        let name = image.name();
        if let Some(why) = image.pull_block {
            findings.push(
                Finding::new(Level::Bad, subject(), format!("{name} runs and is {}", why.words())).advise(
                    "the next task that needs it does not start: restore it, or deploy another image",
                ),
            );
        }
        let Some(scan) = &image.scan else { continue };
        if let Some(severity) = scan.worst() {
            let found = count_vulnerabilities(scan.count(severity), &severity.to_lowercase());
            let text = format!("{name} runs with {found}");
            findings.push(Finding::new(severity_level(severity), subject(), text).advise("5 lists them"));
        }
        if is_denied(store, image) {
            if let Some(text) = another_account(store, image) {
                findings.push(Finding::new(Level::Idle, subject(), text));
            }
        } else if let Some(finding) = examine_open_scan(store, image, scan, &name) {
            findings.push(finding);
        }
    }
    for repository in store.gone(&Topic::Repositories) {
        let told =
            |image: &ImageNode| repository.ends_with(&image.id.repository) && image.pull_block.is_some();
        if !party_box.images.iter().any(told) {
            let name = repository.split_once('/').map_or(repository, |(_, name)| name);
            let text = format!("The repository {name} that a task definition names does not exist");
            findings.push(
                Finding::new(Level::Bad, Subject::Image(name.to_owned()), text)
                    .advise("no task that needs an image of it starts"),
            );
        }
    }
}

/// The note on a scan that is not there, or not to the end.
fn examine_open_scan(store: &Store, image: &ImageNode, scan: &Scan, name: &str) -> Option<Finding> {
    let elsewhere = matches!(scan, Scan::NotAsked(_)) && (image.ecr.is_none() || image.injected);
    // Said already; and of what is in no ECR, or is AWS's own, nobody expects a scan here.
    if elsewhere || (image.pull_block.is_some() && !matches!(scan, Scan::Done { .. })) {
        return None;
    }
    let text = scan.open_sentence()?;
    let level = match scan {
        Scan::Done { status, .. } if ScanState::of(status).word.is_none() => Level::Warn,
        _ => Level::Idle,
    };
    let finding = Finding::new(level, Subject::Image(image.id.repository.clone()), format!("{name} {text}"));
    Some(match scan_advice(store, image) {
        Some(advice) if *scan == Scan::Never => finding.advise(advice),
        _ => finding,
    })
}

/// What would have the next image of its repository scanned; `None` when that is so already, or not known.
pub fn scan_advice(store: &Store, image: &ImageNode) -> Option<&'static str> {
    let own = |r: &&Repository| r.is_of(&image.id);
    match store.repositories().iter().find(own).map(Repository::scan_trigger)? {
        ScanTrigger::Manual => Some("scan on push would scan the next one"),
        ScanTrigger::Push | ScanTrigger::Continuous | ScanTrigger::Unknown => None,
    }
}

/// Whether nobody lets us look at an image.
fn is_denied(store: &Store, image: &ImageNode) -> bool {
    let failure = store.failure(&Topic::Image(image.id.clone()));
    failure.is_some_and(|failure| failure.error.kind == ErrorKind::Denied)
}

/// That an image is in a registry which lets us not look; our own permissions are told elsewhere.
fn another_account(store: &Store, image: &ImageNode) -> Option<String> {
    let EcrRegistry { account, .. } = image.ecr.as_ref()?;
    let other = store.identity().is_some_and(|identity| identity.account != *account);
    other.then(|| format!("{} is in the registry of account {account}, which lets us not look", image.name()))
}

fn count_vulnerabilities(count: u32, severity: &str) -> String {
    format!("{count} {severity} {}", if count == 1 { "vulnerability" } else { "vulnerabilities" })
}
