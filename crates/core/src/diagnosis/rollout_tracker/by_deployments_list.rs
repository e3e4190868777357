//! Verdicts from `deployments[]` and the events. Used until ECS lists a service deployment, and on endpoints
//! that have none.

use super::{Rollout, RolloutInput, RolloutVerdict, Side, fill_side};
use crate::domain::{CircuitBreaker, Deployment, EVENT_SLACK, Service, sentences};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// ECS's reads are eventually consistent: for so long after the beginning they may still show what was
/// before, or not yet show the service deployment.
const SETTLING: TimeDelta = TimeDelta::seconds(60);
/// How long a failed deployment may take to be rolled back by its circuit breaker.
const ROLLBACK: TimeDelta = TimeDelta::minutes(2);
/// How long a failed deployment that is still listed is reported.
const RECENT: TimeDelta = TimeDelta::hours(1);

/// Takes in `deployments[]`: begins to follow what is not followed yet, and reads what ECS has no record of.
pub(super) fn take_deployments(all: &mut BTreeMap<String, Rollout>, input: &RolloutInput<'_>) {
    let service = input.node.service();
    for deployment in &service.deployments {
        let key = all.values().find(|r| r.service == service.name && r.is(&deployment.id));
        let key = key.map(|r| r.id.clone());
        if key.is_none() && !is_new(service, deployment, input) {
            continue;
        }
        let key = key.unwrap_or_else(|| deployment.id.clone());
        let rollout = all.entry(key).or_insert_with(|| Rollout {
            id: deployment.id.clone(),
            deployment: Some(deployment.id.clone()),
            service: service.name.clone(),
            first_seen: input.now,
            ..Rollout::default()
        });
        rollout.memory.listed = true;
        read_deployment(rollout, deployment, input);
    }
    if !service.deployed_by().is_ecs() {
        return; // its task sets tell
    }
    for rollout in all.values_mut().filter(|r| r.service == service.name && !r.id.starts_with("arn:")) {
        rollout.weak = rollout.weak || input.lacking || unrecorded(rollout, input);
    }
}

/// Whether an entry that nobody follows is a rollout: not the way back of another one, nor one that ended
/// long ago.
fn is_new(service: &Service, deployment: &Deployment, input: &RolloutInput<'_>) -> bool {
    let begun_since = deployment.created_at.is_some_and(|at| at > input.begun);
    let matters = match deployment.rollout_state.as_deref() {
        Some("IN_PROGRESS") => deployment.status == "PRIMARY",
        Some("FAILED") => deployment.updated_at.is_none_or(|at| input.now - at < RECENT),
        _ => begun_since && deployment.status == "PRIMARY",
    };
    // Where ECS has records, one that ended before is found there.
    let settled = !input.lacking && deployment.rollout_state.as_deref() == Some("FAILED") && !begun_since;
    matters && !settled && !is_return(service, deployment)
}

/// Whether ECS went back to it: then it is no rollout of its own, whatever its state says.
fn is_return(service: &Service, deployment: &Deployment) -> bool {
    deployment.rollout_reason.as_deref().is_some_and(sentences::names_rollback)
        || service.events.iter().any(|e| sentences::names_rollback(&e.message) && e.names(&deployment.id))
}

/// Whether the records were read long after this rollout began and do not contain it.
fn unrecorded(rollout: &Rollout, input: &RolloutInput<'_>) -> bool {
    let begun = rollout.created_at.or(rollout.memory.triggered).unwrap_or(rollout.first_seen);
    input.records_read().is_some_and(|(_, at)| at - begun > SETTLING)
}

fn read_deployment(rollout: &mut Rollout, deployment: &Deployment, input: &RolloutInput<'_>) {
    if rollout.to.task_definition.is_empty() {
        rollout.to.task_definition.clone_from(&deployment.task_definition);
    }
    fill_side(&mut rollout.to, input, Some(&deployment.id));
    if let Some(from) = &mut rollout.from {
        fill_side(from, input, None);
    }
    if rollout.id.starts_with("arn:") || !rollout.in_flight() {
        return;
    }
    let service = input.node.service();
    rollout.memory.live |= deployment.rollout_state.as_deref() != Some("COMPLETED")
        || deployment.created_at.is_some_and(|at| at > input.begun);
    rollout.created_at = deployment.created_at;
    rollout.strategy = service.strategy.clone().unwrap_or_default();
    rollout.status = deployment.rollout_state.clone().unwrap_or_default();
    rollout.reason.clone_from(&deployment.rollout_reason);
    rollout.rolling_back |= deployment.rollout_state.as_deref() == Some("FAILED")
        && went_back(service, &deployment.id, rollout.since());
    if rollout.from.is_none() && deployment.status == "PRIMARY" {
        let old = service.deployments.iter().filter(|d| d.id != deployment.id).max_by_key(|d| d.running);
        rollout.from = old.map(|d| {
            let mut side = Side { task_definition: d.task_definition.clone(), ..Side::default() };
            fill_side(&mut side, input, Some(&d.id));
            side
        });
    }
}

/// The verdict from the list and the events.
pub(super) fn verdict_by_list(rollout: &Rollout, input: &RolloutInput<'_>) -> Option<RolloutVerdict> {
    // Only readings asked for after it was triggered can tell of it.
    if rollout.memory.pinned.is_some_and(|since| input.services_read().is_none_or(|at| at < since)) {
        return None;
    }
    let service = input.node.service();
    let id = rollout.deployment.as_deref()?;
    let since = rollout.memory.triggered.unwrap_or(rollout.since());
    let settling = input.now - since < SETTLING;
    let Some(own) = service.deployments.iter().find(|d| d.id == id) else {
        return verdict_when_gone(service, rollout, id, since, settling);
    };
    match (own.status.as_str(), own.rollout_state.as_deref()) {
        ("PRIMARY", Some("FAILED")) => {
            let rolls_back = service.circuit_breaker.is_some_and(CircuitBreaker::rolls_back);
            let waited = own.updated_at.is_none_or(|t| input.now - t > ROLLBACK);
            (!rolls_back || waited).then(|| RolloutVerdict::Failed(failure_reason(service, own)))
        }
        (_, Some("FAILED")) => Some(if went_back(service, id, since) {
            RolloutVerdict::RolledBack(failure_reason(service, own))
        } else {
            RolloutVerdict::Failed(failure_reason(service, own))
        }),
        ("PRIMARY", Some("COMPLETED")) if is_return(service, own) => None,
        ("PRIMARY", Some("COMPLETED")) => completed_verdict(input),
        ("PRIMARY", _) => None,
        _ => verdict_when_gone(service, rollout, id, since, settling),
    }
}

/// The verdict when ECS calls our PRIMARY completed. It is cross-checked, since ECS says so also of a service
/// without tasks.
fn completed_verdict(input: &RolloutInput<'_>) -> Option<RolloutVerdict> {
    let service = input.node.service();
    let alone = service.deployments.len() == 1;
    if service.desired == 0 {
        return (alone && service.running == 0).then_some(RolloutVerdict::ScaledToZero);
    }
    let fits = service.running == service.desired && service.pending == 0 && input.targets_fit();
    if fits && (!alone || input.node.draining > 0) {
        return Some(RolloutVerdict::Draining);
    }
    (fits && alone).then_some(RolloutVerdict::Succeeded)
}

/// Why a deployment failed, in ECS's words: its event tells more than its rollout state, when it is there.
fn failure_reason(service: &Service, deployment: &Deployment) -> String {
    let event = find_failure(service, &deployment.id).map(str::to_owned);
    event.or_else(|| deployment.rollout_reason.clone()).unwrap_or_else(|| "ECS gave no reason".to_owned())
}

/// Why a deployment failed, in the words of the event that says so.
fn find_failure<'a>(service: &'a Service, id: &str) -> Option<&'a str> {
    service.events.iter().filter(|e| e.names(id)).find_map(|e| sentences::failed_deployment(&e.message))
}

/// Whether ECS went back from this deployment to an earlier revision: the PRIMARY's own sentence says so, or
/// an event. The deployment it went back to may carry the earlier one's id or a new one.
fn went_back(service: &Service, id: &str, since: DateTime<Utc>) -> bool {
    let by_reason = service
        .primary()
        .filter(|p| p.id != id)
        .and_then(|p| p.rollout_reason.as_deref())
        .is_some_and(sentences::names_rollback);
    by_reason
        || service.events.iter().any(|e| sentences::names_rollback(&e.message) && e.at >= since - EVENT_SLACK)
}

/// The verdict when our deployment is no longer PRIMARY, or not listed any more.
fn verdict_when_gone(
    service: &Service,
    rollout: &Rollout,
    id: &str,
    since: DateTime<Utc>,
    settling: bool,
) -> Option<RolloutVerdict> {
    if service.events.iter().any(|e| sentences::names_completed_deployment(&e.message) && e.names(id)) {
        return Some(RolloutVerdict::Succeeded);
    }
    if let Some(why) = find_failure(service, id) {
        let why = why.to_owned();
        let back = went_back(service, id, since);
        return Some(if back { RolloutVerdict::RolledBack(why) } else { RolloutVerdict::Failed(why) });
    }
    // A rollback that followed another deployment's failure is not ours.
    let failed_since = service
        .events
        .iter()
        .any(|e| sentences::failed_deployment(&e.message).is_some() && e.at >= since - EVENT_SLACK);
    if !failed_since && went_back(service, id, since) {
        let primary = service.primary().and_then(|p| p.rollout_reason.clone());
        return Some(RolloutVerdict::RolledBack(primary.unwrap_or_default()));
    }
    let before = rollout.memory.before.as_deref();
    match service.primary() {
        // A reading that is older than the last one: it cannot have taken over by itself.
        Some(primary) if rollout.memory.listed && older(primary, rollout) => None,
        // The reading is not newer than the trigger's effect: ECS does not list the deployment yet.
        Some(primary) if settling && before == Some(primary.id.as_str()) => None,
        Some(primary) => Some(RolloutVerdict::Superseded(primary.id.clone())),
        None => None,
    }
}

/// Whether a deployment was made before the rollout: it cannot have taken over from it by itself.
fn older(primary: &Deployment, rollout: &Rollout) -> bool {
    primary.created_at.zip(rollout.created_at).is_some_and(|(primary, ours)| primary < ours)
}
