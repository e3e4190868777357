//! Follows an accepted operation to its verdict, from readings alone.

use super::{Accepted, Action, Stage, Tracked, Verdict};
use crate::diagnosis::{is_abandoned, progress, zone_letter};
use crate::domain::{Database, PartyBox, Service, Store, Topic};
use chrono::{DateTime, TimeDelta, Utc};

/// An operation that has not ended by then is told as timed out (server time).
fn patience(action: &Action) -> TimeDelta {
    match action {
        Action::Scale { .. } => TimeDelta::minutes(20),
        Action::Redeploy { .. } => TimeDelta::minutes(60),
        Action::Failover { .. } => TimeDelta::minutes(20),
    }
}

/// RDS's clock and the answer's `Date` may differ by a little.
const SLACK: TimeDelta = TimeDelta::seconds(5);

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
    let fresh = store.slot(&topic).and_then(|s| s.taken).is_some_and(|t| t > tracked.sent);
    let verdict = if fresh {
        match tracked.action.clone() {
            Action::Scale { service, to, .. } => scale(tracked, party_box, &service, to),
            Action::Redeploy { service, .. } => redeploy(tracked, party_box, &service),
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

fn scale(tracked: &mut Tracked, party_box: &PartyBox, name: &str, to: u32) -> Option<Verdict> {
    let Some(node) = party_box.service(name) else {
        return Some(Verdict::Failed(format!("{name} is gone")));
    };
    let service = node.service();
    tracked.progress = format!("{} of {to} running, {} healthy", service.running, node.healthy);
    if service.desired != to {
        return Some(Verdict::Superseded(format!(
            "desired is {} now: someone else or autoscaling changed it",
            service.desired
        )));
    }
    let targets_fit =
        service.target_links.is_empty() || (node.targets_known && node.healthy >= to && node.draining == 0);
    (service.running == to && service.pending == 0 && targets_fit).then_some(Verdict::Succeeded)
}

fn redeploy(tracked: &mut Tracked, party_box: &PartyBox, name: &str) -> Option<Verdict> {
    let Some(node) = party_box.service(name) else {
        return Some(Verdict::Failed(format!("{name} is gone")));
    };
    let Some(Accepted::Redeployed(Some(id))) = &tracked.accepted else {
        return Some(Verdict::Unclear("the answer named no new deployment: look at the service".into()));
    };
    let service = node.service();
    let Some(ours) = service.deployments.iter().find(|d| d.id == *id) else {
        return Some(replaced_by(service));
    };
    let p = progress(node, ours);
    tracked.progress = format!("{} of {} new tasks healthy", p.healthy, ours.desired);
    let reason = ours.rollout_reason.clone().unwrap_or_default();
    match (ours.status.as_str(), ours.rollout_state.as_deref()) {
        (_, Some("FAILED")) => Some(match service.primary() {
            Some(primary) if primary.id != ours.id => Verdict::RolledBack(reason),
            _ if reason.contains("rolling back") => Verdict::RolledBack(reason),
            _ => Verdict::Failed(reason),
        }),
        ("PRIMARY", Some("COMPLETED")) => {
            (service.deployments.len() == 1 && service.running == service.desired && service.pending == 0)
                .then_some(Verdict::Succeeded)
        }
        ("PRIMARY", _) => None,
        _ => Some(replaced_by(service)),
    }
}

/// Our deployment is no longer the one: rolled back by the breaker, or another took over.
fn replaced_by(service: &Service) -> Verdict {
    match service.primary() {
        Some(primary) if primary.rollout_reason.as_deref().is_some_and(|r| r.contains("rolling back")) => {
            Verdict::RolledBack(primary.rollout_reason.clone().unwrap_or_default())
        }
        Some(primary) => Verdict::Superseded(format!("{} took over", primary.id)),
        None => Verdict::Unclear("the service shows no PRIMARY deployment".into()),
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
        if is_abandoned(event) {
            return Some(Verdict::NothingHappened(event.message.clone()));
        }
        completed |= event.categories.iter().any(|c| c == "failover") && event.message.contains("completed");
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
