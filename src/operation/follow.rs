//! Follows an accepted operation to its verdict, from readings alone.

use super::{Accepted, Action, Stage, Tracked, Verdict};
use crate::diagnosis::{progress, zone_letter};
use crate::domain::{Database, Deployment, FailoverStep, PartyBox, Service, ServiceEvent, Store, Topic};
use chrono::{DateTime, TimeDelta, Utc};

/// An operation that has not ended by then is told as timed out (server time).
fn patience(action: &Action) -> TimeDelta {
    match action {
        Action::Scale { .. } | Action::Failover { .. } => TimeDelta::minutes(20),
        _ => TimeDelta::minutes(60),
    }
}

/// An event's time and the answer's `Date` may differ by a little.
const SLACK: TimeDelta = TimeDelta::seconds(5);
/// ECS's reads are eventually consistent: for so long after acceptance they may still show what was before.
const SETTLING: TimeDelta = TimeDelta::seconds(60);
/// A deployment that failed is given so long to be rolled back by its circuit breaker.
const ROLLBACK: TimeDelta = TimeDelta::minutes(2);

/// Looks whether the operation has got further; returns the verdict once it has ended.
pub fn follow(
    tracked: &mut Tracked,
    store: &Store,
    party_box: &PartyBox,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    if tracked.stage != Stage::Following {
        return None;
    }
    let topic = match &tracked.action {
        Action::Failover { .. } => Topic::Databases,
        _ => Topic::Services,
    };
    // Only readings asked for after AWS accepted can tell of its effect.
    let fresh = store.slot(&topic).and_then(|s| s.taken).is_some_and(|t| t >= tracked.sent);
    let verdict = if fresh {
        match tracked.action.clone() {
            Action::Scale { service, from, to, .. } => scale(tracked, party_box, &service, (from, to), now),
            Action::Redeploy { service, primary, .. } => {
                redeploy(tracked, party_box, &service, &primary, now)
            }
            Action::Deploy { .. }
            | Action::Revert { .. }
            | Action::StopRollout { .. }
            | Action::Continue { .. }
            | Action::StopTask { .. }
            | Action::Range { .. } => None,
            Action::Failover { database, zone } => {
                failover(tracked, store, party_box, &database, zone.as_deref())
            }
        }
    } else {
        None
    };
    let verdict =
        verdict.or_else(|| (now - tracked.at > patience(&tracked.action)).then_some(Verdict::TimedOut))?;
    tracked.stage = Stage::Ended(verdict.clone());
    Some(verdict)
}

fn scale(
    tracked: &mut Tracked,
    party_box: &PartyBox,
    name: &str,
    (from, to): (u32, u32),
    now: DateTime<Utc>,
) -> Option<Verdict> {
    let Some(node) = party_box.service(name) else {
        return Some(Verdict::Failed(format!("{name} is gone")));
    };
    let service = node.service();
    tracked.progress = format!("{} of {to} running, {} healthy", service.running, node.healthy);
    if service.desired == from && now - tracked.at < SETTLING {
        "AWS still shows the old number".clone_into(&mut tracked.progress);
        return None;
    }
    if service.desired != to {
        return Some(Verdict::Superseded(format!(
            "desired is {} now: someone else or autoscaling changed it",
            service.desired
        )));
    }
    // As many registrations as tasks: neither too few healthy ones, nor old ones that have not left yet.
    let registrations = to.saturating_mul(u32::try_from(service.target_links.len()).unwrap_or(u32::MAX));
    let targets_fit = node.targets_known
        && node.healthy == registrations
        && node.registered == registrations
        && node.draining == 0;
    (service.running == to && service.pending == 0 && targets_fit).then_some(Verdict::Succeeded)
}

fn redeploy(
    tracked: &mut Tracked,
    party_box: &PartyBox,
    name: &str,
    before: &str,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    let Some(node) = party_box.service(name) else {
        return Some(Verdict::Failed(format!("{name} is gone")));
    };
    let service = node.service();
    let settling = now - tracked.at < SETTLING;
    let Some(id) = ours(tracked, service, before) else {
        "waiting for the new deployment to appear".clone_into(&mut tracked.progress);
        let unclear = "no new deployment appeared: look at the service";
        return (!settling).then(|| Verdict::Unclear(unclear.into()));
    };
    let Some(ours) = service.deployments.iter().find(|d| d.id == id) else {
        return gone(service, &id, before, tracked.at, settling);
    };
    let p = progress(node, ours);
    tracked.progress = format!("{} of {} new tasks healthy", p.counts.healthy, ours.desired);
    match (ours.status.as_str(), ours.rollout_state.as_deref()) {
        ("PRIMARY", Some("FAILED")) => {
            "failed; waiting for the circuit breaker to roll back".clone_into(&mut tracked.progress);
            let rolls_back = service.circuit_breaker == Some((true, true));
            let waited = ours.updated_at.is_none_or(|t| now - t > ROLLBACK);
            (!rolls_back || waited).then(|| Verdict::Failed(why(service, ours)))
        }
        (_, Some("FAILED")) => Some(if went_back(service, &id, tracked.at) {
            Verdict::RolledBack(why(service, ours))
        } else {
            Verdict::Failed(why(service, ours))
        }),
        ("PRIMARY", Some("COMPLETED")) => {
            (service.deployments.len() == 1 && service.running == service.desired && service.pending == 0)
                .then_some(Verdict::Succeeded)
        }
        ("PRIMARY", _) => None,
        _ => gone(service, &id, before, tracked.at, settling),
    }
}

/// The id of our deployment. When the answer did not name it yet, it is the first PRIMARY seen that was made since.
fn ours(tracked: &mut Tracked, service: &Service, before: &str) -> Option<String> {
    if let Some(Accepted::Redeployed(Some(id))) = &tracked.accepted {
        return Some(id.clone());
    }
    let primary = service.primary()?;
    let new = primary.id != before && primary.created_at.is_some_and(|t| t >= tracked.at - SLACK);
    let id = new.then(|| primary.id.clone())?;
    tracked.accepted = Some(Accepted::Redeployed(Some(id.clone())));
    Some(id)
}

/// Why a deployment failed, in ECS's words: its event tells more than its rollout state, when it is there.
fn why(service: &Service, deployment: &Deployment) -> String {
    let event = failure(service, &deployment.id).map(reason);
    event.or_else(|| deployment.rollout_reason.clone()).unwrap_or_else(|| "ECS gave no reason".to_owned())
}

fn failure<'a>(service: &'a Service, id: &str) -> Option<&'a ServiceEvent> {
    service.events.iter().find(|e| e.message.contains("deployment failed") && e.names(id))
}

/// `(service web) (deployment ecs-svc/1) deployment failed: tasks failed to start.` -> `tasks failed to start`.
fn reason(event: &ServiceEvent) -> String {
    let text = event.message.split_once("deployment failed:").map_or(event.message.as_str(), |(_, why)| why);
    text.trim().trim_end_matches('.').to_owned()
}

/// Whether ECS went back from this deployment to an earlier revision: the PRIMARY's own sentence says so, or an event.
/// The deployment it went back to may carry the earlier one's id or a new one.
fn went_back(service: &Service, id: &str, since: DateTime<Utc>) -> bool {
    let by_reason = service
        .primary()
        .filter(|p| p.id != id)
        .and_then(|p| p.rollout_reason.as_deref())
        .is_some_and(|r| r.contains("rolling back"));
    let by_event =
        || service.events.iter().any(|e| e.message.contains("rolling back") && e.at >= since - SLACK);
    by_reason || by_event()
}

/// Our deployment is no longer the one, or not listed any more: what became of it.
fn gone(service: &Service, id: &str, before: &str, since: DateTime<Utc>, settling: bool) -> Option<Verdict> {
    let failed = failure(service, id);
    if service.events.iter().any(|e| e.message.contains("deployment completed") && e.names(id)) {
        return Some(Verdict::Succeeded);
    }
    if let Some(event) = failed {
        let why = reason(event);
        let back = went_back(service, id, since);
        return Some(if back { Verdict::RolledBack(why) } else { Verdict::Failed(why) });
    }
    // A rollback that followed another deployment's failure is not ours.
    let failed_since =
        service.events.iter().any(|e| e.message.contains("deployment failed") && e.at >= since - SLACK);
    if !failed_since && went_back(service, id, since) {
        let primary = service.primary().and_then(|p| p.rollout_reason.clone());
        return Some(Verdict::RolledBack(primary.unwrap_or_default()));
    }
    match service.primary() {
        // Not a word of it yet: the reading is older than its time.
        Some(primary) if primary.id == before && settling => None,
        Some(primary) => Some(Verdict::Superseded(format!("{} took over", primary.id))),
        None if settling => None,
        None => Some(Verdict::Unclear("the service shows no PRIMARY deployment".into())),
    }
}

fn failover(
    tracked: &mut Tracked,
    store: &Store,
    party_box: &PartyBox,
    id: &str,
    zone_before: Option<&str>,
) -> Option<Verdict> {
    let Some(db) = party_box.database(id) else {
        return Some(Verdict::Failed(format!("{id} is gone")));
    };
    let since = tracked.at - SLACK;
    let mut completed = false;
    for event in store.db_events().iter().filter(|e| e.source == id && e.at >= since) {
        match event.failover_step() {
            Some(FailoverStep::Abandoned) => return Some(Verdict::NothingHappened(event.message.clone())),
            Some(FailoverStep::Ends) => completed = true,
            _ => {}
        }
    }
    let flipped = zone_before.is_some() && db.zone.is_some() && db.zone.as_deref() != zone_before;
    tracked.progress = state(db, completed, flipped);
    // The zone alone is no proof of completion, and `available` alone none that anything happened.
    ((completed || flipped) && db.status == "available").then_some(Verdict::Succeeded)
}

fn state(db: &Database, completed: bool, flipped: bool) -> String {
    let zone = db.zone.as_deref().map_or("?", zone_letter);
    match (completed, flipped) {
        (_, true) => format!("{}, writer now in {zone}", db.status),
        (true, false) => format!("{}, completed; RDS still shows the writer in {zone}", db.status),
        (false, false) => format!("{}, writer in {zone}", db.status),
    }
}
