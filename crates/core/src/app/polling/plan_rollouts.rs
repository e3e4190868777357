//! The polling plan for rollouts: deployment records, revisions, logs of failed tasks, and images to choose
//! from.

use crate::app::polling::{MANY_SERVICES, seconds};
use crate::app::state::{Overlay, State};
use crate::domain::{ImageId, ImageReference, Query, Service, ServiceDeployment, Topic};
use crate::operation::{Action, Draft, Plan, plan};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::time::Duration;

/// Log lines read of a failed task.
const LINES: u32 = 20;
/// The newest records whose revisions are read: enough to find what to go back to.
const RECORDS: usize = 6;

/// Adds the polls that only rollouts need.
pub(super) fn add_polls(
    state: &State,
    cluster: &str,
    all: &[Service],
    changing: &BTreeSet<String>,
    now: DateTime<Utc>,
    want: &mut impl FnMut(Topic, Query, Duration),
) {
    let focused = state.selected_service();
    let many = all.len() > MANY_SERVICES;
    for service in all {
        let name = &service.name;
        let busy = changing.contains(name);
        if many && !busy && focused != Some(name) {
            continue;
        }
        // What CodeDeploy or an external controller does is no service deployment: the service's task sets tell.
        if !service.deployed_by().is_ecs() {
            continue;
        }
        // Two requests of a bucket of 20 a second: at 2 s one rollout takes 5 % of it.
        want(
            Topic::ServiceDeployments(name.clone()),
            Query::ServiceDeployments { cluster: cluster.to_owned(), service: name.clone() },
            seconds(if busy { 2 } else { 60 }),
        );
        let arns = state.account.store.deployments(name).map(revisions).unwrap_or_default();
        if !arns.is_empty() {
            // A revision never changes once made.
            want(Topic::Revisions(name.clone()), Query::Revisions { arns }, seconds(86_400));
        }
    }
    protection(state, cluster, want);
    logs(state, focused, now, want);
    if let Some(chosen) = chosen_from(state) {
        let Chosen { registry, repository, architecture } = chosen;
        want(
            Topic::Candidates(registry.clone(), repository.clone()),
            Query::Candidates { registry, repository, architecture },
            seconds(60),
        );
    }
    for id in reverted_to(state) {
        want(Topic::Image(id.clone()), Query::Image { id, architecture: None }, seconds(600));
    }
}

/// The revisions that the newest records start and replace; at most 20, as one call takes.
fn revisions(records: &[ServiceDeployment]) -> Vec<String> {
    let mut arns = BTreeSet::new();
    for (i, record) in records.iter().enumerate().filter(|(i, r)| *i < RECORDS || !r.ended()) {
        arns.extend(record.target.iter().map(|t| t.arn.clone()));
        if i < 2 || !record.ended() {
            arns.extend(record.sources.iter().map(|s| s.arn.clone()));
        }
    }
    arns.remove("");
    arns.into_iter().take(20).collect()
}

/// Tasks that one call asks for at most.
const PROTECTED: usize = 100;

/// Whether old tasks are protected: asked for only while nothing else holds a rollout than that they run on.
fn protection(state: &State, cluster: &str, want: &mut impl FnMut(Topic, Query, Duration)) {
    for node in &state.account.party_box.services {
        let name = &node.service().name;
        let Some(rollout) = state.account.rollouts.newest(name).filter(|rollout| rollout.in_flight()) else {
            continue;
        };
        let tasks: Vec<String> = rollout.held_by(node).take(PROTECTED).collect();
        if !tasks.is_empty() {
            let query = Query::Protection { cluster: cluster.to_owned(), tasks };
            want(Topic::Protection(name.clone()), query, seconds(20));
        }
    }
}

fn logs(
    state: &State,
    focused: Option<&str>,
    now: DateTime<Utc>,
    want: &mut impl FnMut(Topic, Query, Duration),
) {
    for wanted in state.account.rollouts.log_wanted(focused, now) {
        let Some(definition) = state.account.store.task_definition(&wanted.task_definition) else { continue };
        let mut containers = definition.containers.iter().filter(|c| c.log_group.is_some());
        let container = if let Some(name) = &wanted.container {
            containers.find(|c| c.name == *name)
        } else {
            let all: Vec<_> = containers.collect();
            let serves = all.iter().find(|c| c.is_essential() && c.port.is_some());
            serves.or(all.iter().find(|c| c.is_essential())).or(all.first()).copied()
        };
        let Some((container, group, prefix)) =
            container.and_then(|c| Some((&c.name, c.log_group.clone()?, c.log_prefix.as_deref()?)))
        else {
            continue;
        };
        // <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html>
        let stream = format!("{prefix}/{container}/{}", wanted.task);
        want(
            Topic::TaskLog(wanted.task.clone()),
            Query::TaskLog { group, stream, lines: LINES },
            seconds(20),
        );
    }
}

/// The repository that images are chosen from.
struct Chosen {
    registry: String,
    repository: String,
    architecture: Option<String>,
}

/// The repository of the image that is being chosen or planned.
fn chosen_from(state: &State) -> Option<Chosen> {
    match &state.screen.overlay {
        Overlay::Choose(choice) => {
            let source = choice.source.as_ref()?;
            Some(Chosen {
                registry: source.registry.clone(),
                repository: source.repository.clone(),
                architecture: source.architecture.clone(),
            })
        }
        Overlay::Plan(panel) => match &panel.draft {
            Draft::Deploy { service, image, .. } => {
                let reference = ImageReference::parse(image);
                let node = state.account.party_box.service(service)?;
                let definition =
                    state.account.store.task_definition(&node.service().primary()?.task_definition);
                Some(Chosen {
                    registry: reference.ecr?.account,
                    repository: reference.repository,
                    architecture: definition.and_then(|d| d.architecture.clone()),
                })
            }
            _ => None,
        },
        _ => None,
    }
}

/// The images that a service would go back to by the plan that is open: an archived one cannot be pulled.
fn reverted_to(state: &State) -> Vec<ImageId> {
    let Overlay::Plan(panel) = &state.screen.overlay else { return Vec::new() };
    match &panel.plan {
        Ok(Plan { action: Action::Revert { service, to, .. }, .. }) => {
            plan::images_of_revision(&state.account.store, service, to)
        }
        _ => Vec::new(),
    }
}

/// Task definitions of both sides of rollouts that are in view or under way.
pub(super) fn definitions(state: &State, focused: Option<&str>) -> Vec<String> {
    let shown = |name: &str| focused == Some(name) || state.account.party_box.services.len() <= MANY_SERVICES;
    let mut list = Vec::new();
    for node in &state.account.party_box.services {
        let name = &node.service().name;
        let Some(rollout) = state.account.rollouts.newest(name) else { continue };
        if rollout.in_flight() || shown(name) {
            list.push(rollout.to.task_definition.clone());
            list.extend(rollout.from.iter().map(|side| side.task_definition.clone()));
        }
    }
    list
}
