//! Rollouts that `CodeDeploy` or an external controller makes: two task sets of which one takes the other's
//! place. `deployments[]` is empty and ECS records no service deployment: the task sets tell.

use super::{Rollout, RolloutInput, RolloutVerdict, Side, fill_side};
use crate::domain::{Service, TaskSet};
use std::collections::BTreeMap;

/// Begins to follow the newer of two task sets, and reads what ECS says of one that is followed.
pub(super) fn take_sets(all: &mut BTreeMap<String, Rollout>, input: &RolloutInput<'_>) {
    let service = input.node.service();
    if service.deployed_by().is_ecs() {
        return;
    }
    if let Some(shift) = service.shift()
        && !all.values().any(|r| r.service == service.name && r.is(&shift.new.id))
    {
        let mut rollout = Rollout {
            id: shift.new.id.clone(),
            deployment: Some(shift.new.id.clone()),
            service: service.name.clone(),
            created_at: shift.new.created_at,
            first_seen: input.now,
            from: Some(side(shift.old)),
            to: side(shift.new),
            ..Rollout::default()
        };
        // Two sets beside each other are news, whenever the newer was made.
        rollout.memory.live = true;
        all.insert(rollout.id.clone(), rollout);
    }
    for rollout in all.values_mut().filter(|r| r.service == service.name && r.in_flight()) {
        let Some(own) = find(service, rollout) else { continue };
        rollout.memory.listed = true;
        // A set's status tells who serves, not how far the rollout is; a word that is not known is kept.
        let known = matches!(own.status.as_str(), "PRIMARY" | "ACTIVE" | "DRAINING");
        rollout.status = if known { "IN_PROGRESS".to_owned() } else { own.status.clone() };
        rollout.reason = own.external_id.as_ref().map(|id| format!("{}: {id}", service.deployed_by().name()));
        rollout.stage = Some(own.stability.clone()).filter(|word| !word.is_empty());
        rollout.rolling_back =
            service.shift().is_some_and(|shift| shift.new.id == own.id && shift.goes_back());
        fill_side(&mut rollout.to, input, Some(&own.id));
        let old = service.shift().map(|shift| shift.old.id.clone());
        if let Some(from) = &mut rollout.from {
            fill_side(from, input, old.as_deref());
        }
    }
}

fn side(set: &TaskSet) -> Side {
    Side { task_definition: set.task_definition.clone(), ..Side::default() }
}

fn find<'a>(service: &'a Service, rollout: &Rollout) -> Option<&'a TaskSet> {
    let id = rollout.deployment.as_deref()?;
    service.task_sets.iter().find(|set| set.id == id)
}

/// How it ended: alone, serving and steady it succeeded; gone, the older one took over again, or a newer one.
pub(super) fn verdict_by_sets(rollout: &Rollout, input: &RolloutInput<'_>) -> Option<RolloutVerdict> {
    let service = input.node.service();
    match find(service, rollout) {
        Some(own) if own.is_primary() && service.shift().is_none() => {
            if service.desired == 0 {
                return Some(RolloutVerdict::ScaledToZero);
            }
            // What was not read does not speak for it.
            let serves = service.target_links.is_empty() || input.targets_fit();
            (own.is_steady() && serves).then_some(RolloutVerdict::Succeeded)
        }
        Some(_) => None,
        None => {
            let primary = service.primary_set()?;
            let before = rollout.from.as_ref().map(|side| side.task_definition.as_str());
            let newer = primary.created_at > rollout.created_at;
            if newer && before != Some(primary.task_definition.as_str()) {
                return Some(RolloutVerdict::Superseded(primary.id.clone()));
            }
            let why = format!("{} went back", service.deployed_by().name());
            Some(RolloutVerdict::RolledBack(why))
        }
    }
}
