//! Findings about the secrets that task definitions name.

use super::{Finding, Subject, format_span, plural};
use crate::domain::{ErrorKind, Level, Secret, Store, TaskDefinition, Topic, Unread, secret_arn};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

pub(super) fn examine(store: &Store, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    for secret in store.secrets() {
        examine_one(secret, now, findings);
    }
    for one in store.unread(&Topic::Secrets) {
        findings.extend(describe_unread(store, one));
    }
    examine_others(store, findings);
}

/// A secret of which only the name is known.
fn describe_unread(store: &Store, one: &Unread) -> Option<Finding> {
    let arn = one.name.as_str();
    let name = arn.splitn(7, ':').nth(6).unwrap_or(arn);
    let subject = Subject::Secret(name.to_owned());
    match one.error.kind {
        ErrorKind::NotFound => {
            let whose = match services_that_name(store, arn) {
                names if names.is_empty() => "new tasks".to_owned(),
                names => format!("new tasks of {}", names.join(" and ")),
            };
            let text = format!("Secret {name} does not exist: {whose} will not start");
            Some(
                Finding::new(Level::Bad, subject, text)
                    .advise("create it, or take it out of the task definition"),
            )
        }
        ErrorKind::Denied => {
            let account = arn.split(':').nth(4).unwrap_or_default();
            let own = store.identity().is_none_or(|identity| identity.account == account);
            let whose = if own { String::new() } else { format!(" of account {account}") };
            let action = &one.error.action;
            let text = format!("Secret {name}{whose} is not looked at: no permission for {action}");
            Some(Finding::new(Level::Idle, subject, text))
        }
        // Told with the others that fail so.
        _ => None,
    }
}

fn examine_one(secret: &Secret, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let subject = || Subject::Secret(secret.name.clone());
    let name = &secret.name;
    if secret.deleted_at.is_some() {
        findings.push(
            Finding::new(
                Level::Bad,
                subject(),
                format!("Secret {name} is scheduled for deletion and in use"),
            )
            .advise("new tasks will not start without it: restore it"),
        );
    }
    match secret.rotation {
        Some(true) => {
            if let Some(due) = secret.next_rotation.filter(|t| *t < now) {
                findings.push(Finding::new(
                    Level::Warn,
                    subject(),
                    format!("Rotation of {name} is {} overdue: it is failing", format_span(now - due)),
                ));
            }
        }
        Some(false) | None => {
            findings.push(Finding::new(Level::Idle, subject(), format!("Secret {name} is not rotated")));
        }
    }
}

/// The task definitions of the services, each with its service.
fn definitions(store: &Store) -> impl Iterator<Item = (&str, &TaskDefinition)> {
    let services = store.services().into_iter().flat_map(|all| all.iter());
    services.filter_map(|s| Some((s.name.as_str(), store.task_definition(&s.task_definition)?)))
}

/// The services whose task definition names a secret.
fn services_that_name<'a>(store: &'a Store, arn: &str) -> Vec<&'a str> {
    let names =
        |d: &TaskDefinition| d.secret_references().any(|from| secret_arn(from).as_deref() == Some(arn));
    definitions(store).filter(|(_, definition)| names(definition)).map(|(service, _)| service).collect()
}

/// What tasks need before they start and what is not looked at: parameters of SSM, files in S3.
fn examine_others(store: &Store, findings: &mut Vec<Finding>) {
    let (mut parameters, mut files) = (BTreeSet::new(), BTreeSet::new());
    for (_, definition) in definitions(store) {
        parameters.extend(definition.secret_references().filter(|from| secret_arn(from).is_none()));
        files.extend(definition.containers.iter().flat_map(|c| &c.environment_files));
    }
    let mut tell = |count: usize, word: &str, place: &str| {
        if count > 0 {
            let text = format!(
                "{} of the tasks in {place} not looked at: whether they exist is not known",
                plural(count, word)
            );
            findings.push(Finding::new(Level::Idle, Subject::Whole, text));
        }
    };
    tell(parameters.len(), "parameter", "SSM");
    tell(files.len(), "environment file", "S3");
}
