//! Follows an accepted operation to its verdict, by the readings alone.

use super::{Accepted, Action, OperationStage, Progress, Tracked, Verdict, follow_cluster};
use crate::diagnosis::{RolloutVerdict, Rollouts, rollout_progress, zone_letter};
use crate::domain::{Database, EVENT_SLACK, FailoverStep, GroupHealth, PartyBox, ScalingRange, Store, Topic};
use chrono::{DateTime, TimeDelta, Utc};

/// How long an operation may take (server time); then it is reported as timed out.
fn patience(action: &Action) -> TimeDelta {
    match action {
        Action::Scale { .. }
        | Action::Failover { .. }
        | Action::FailoverCluster { .. }
        | Action::StopTask { .. } => TimeDelta::minutes(20),
        Action::Range { .. } => TimeDelta::minutes(5),
        // A PAUSE hook or a bake time may hold a rollout for long.
        _ => TimeDelta::hours(26),
    }
}

/// How long after acceptance readings may still show the state before: ECS's reads are eventually consistent.
const SETTLING: TimeDelta = TimeDelta::seconds(60);

/// The data that an operation is followed with.
#[derive(Debug, Clone, Copy)]
pub(super) struct FollowInput<'a> {
    pub(super) store: &'a Store,
    pub(super) party_box: &'a PartyBox,
    rollouts: &'a Rollouts,
    pub(super) now: DateTime<Utc>,
}

/// Makes sure that the rollout which an accepted operation triggered is followed, from the moment it was sent
/// on. When the answer did not name it, it is the first PRIMARY seen that was made since.
pub fn pin(tracked: &mut Tracked, party_box: &PartyBox, rollouts: &mut Rollouts) {
    let (Action::Redeploy { service, primary: before, .. }
    | Action::Deploy { service, primary: before, .. }
    | Action::Revert { service, primary: before, .. }) = &tracked.action
    else {
        return;
    };
    if tracked.stage != OperationStage::Following {
        return;
    }
    if let Some(Accepted::Redeployed(known) | Accepted::Deployed { deployment: known, .. }) =
        &mut tracked.accepted
    {
        if known.is_none() {
            let primary = party_box.service(service).and_then(|n| n.service().primary());
            let new = primary.filter(|p| {
                p.id != *before && p.created_at.is_some_and(|made| made >= tracked.at - EVENT_SLACK)
            });
            *known = new.map(|p| p.id.clone());
        }
        if let Some(id) = known {
            rollouts.pin(id, service, before, tracked.at, tracked.sent);
        }
    }
}

/// Updates the progress of an operation. Returns the verdict once it has ended.
pub fn follow(
    tracked: &mut Tracked,
    store: &Store,
    party_box: &PartyBox,
    rollouts: &Rollouts,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    if tracked.stage != OperationStage::Following {
        return None;
    }
    // Only readings asked for after AWS accepted can tell of its effect.
    let read_since =
        |topic: Topic| store.slot(&topic).and_then(|s| s.taken).is_some_and(|t| t >= tracked.sent);
    let fresh = match &tracked.action {
        Action::Failover { .. } => read_since(Topic::Databases),
        Action::FailoverCluster { .. } => read_since(Topic::DbClusters),
        Action::StopTask { service, .. } => {
            read_since(Topic::Services) && read_since(Topic::Tasks(service.clone()))
        }
        Action::StopRollout { service, .. } | Action::Continue { service, .. } => {
            read_since(Topic::ServiceDeployments(service.clone()))
        }
        Action::Range { .. } => read_since(Topic::Scaling),
        _ => read_since(Topic::Services),
    };
    let seen = FollowInput { store, party_box, rollouts, now };
    let verdict = if fresh { find_verdict(tracked, seen) } else { None };
    let verdict =
        verdict.or_else(|| (now - tracked.at > patience(&tracked.action)).then_some(Verdict::TimedOut))?;
    tracked.stage = OperationStage::Ended(verdict.clone());
    Some(verdict)
}

fn find_verdict(tracked: &mut Tracked, seen: FollowInput<'_>) -> Option<Verdict> {
    match tracked.action.clone() {
        Action::Scale { service, from, to, .. } => {
            scale(tracked, seen.party_box, &service, (from, to), seen.now)
        }
        Action::Redeploy { service, .. }
        | Action::Deploy { service, .. }
        | Action::Revert { service, .. } => deployed(tracked, seen, &service),
        Action::StopRollout { deployment, .. } | Action::Continue { deployment, go_on: false, .. } => {
            went_back(tracked, seen, &deployment)
        }
        Action::Continue { deployment, hook, .. } => went_on(tracked, seen, &deployment, &hook),
        Action::StopTask { service, task, .. } => stopped(tracked, seen, &service, &task),
        Action::Range { service, from, to, .. } => range(tracked, seen, &service, from, to),
        Action::Failover { database, zone } => {
            failover(tracked, seen.store, seen.party_box, &database, zone.as_deref())
        }
        Action::FailoverCluster { cluster, writer, .. } => {
            follow_cluster::failover(tracked, seen, &cluster, &writer)
        }
    }
}

/// The verdict of the rollout that was triggered.
fn deployed(tracked: &mut Tracked, seen: FollowInput<'_>, name: &str) -> Option<Verdict> {
    let Some(node) = seen.party_box.service(name) else {
        return Some(Verdict::Failed(format!("{name} is gone")));
    };
    let id = match &tracked.accepted {
        Some(Accepted::Redeployed(id) | Accepted::Deployed { deployment: id, .. }) => id.clone(),
        _ => None,
    };
    let Some(rollout) = id.as_deref().and_then(|id| seen.rollouts.find(id)) else {
        tracked.progress = "waiting for the new deployment to appear".into();
        let unclear = "no new deployment appeared: look at the service";
        return (seen.now - tracked.at >= SETTLING).then(|| Verdict::Unclear(unclear.into()));
    };
    let own = node.service().deployments.iter().find(|d| rollout.is(&d.id));
    let mut words = own.map_or_else(String::new, |own| {
        format!("{} of {} new tasks healthy", rollout_progress(node, own).counts.healthy, own.desired)
    });
    if rollout.rolling_back {
        "rolling back".clone_into(&mut words);
    }
    let wait = rollout.waits.first().cloned();
    if words.is_empty() && wait.is_none() {
        "waiting for the new deployment to appear".clone_into(&mut words);
    }
    tracked.progress = Progress { text: words, wait };
    let verdict = Verdict::of_rollout(rollout.verdict.as_ref()?);
    if verdict.is_none() {
        let wait = rollout.waits.first().cloned();
        let text = if wait.is_some() { "succeeded" } else { "succeeded; old tasks drain" };
        tracked.progress = Progress { text: text.to_owned(), wait };
    }
    verdict
}

/// The verdict of a requested rollback: done once ECS says so of the rollout.
fn went_back(tracked: &mut Tracked, seen: FollowInput<'_>, deployment: &str) -> Option<Verdict> {
    let rollout = seen.rollouts.find(deployment)?;
    tracked.progress = if rollout.rolling_back {
        Progress { text: "rolling back".to_owned(), wait: rollout.waits.first().cloned() }
    } else {
        format!("ECS says {}", rollout.status).into()
    };
    // What was asked for was to go back: that is the success.
    Some(match Verdict::of_rollout(rollout.verdict.as_ref()?)? {
        Verdict::RolledBack(_) => Verdict::Succeeded,
        Verdict::Succeeded => {
            Verdict::NothingHappened("the rollout succeeded before it was stopped".to_owned())
        }
        other => other,
    })
}

/// The verdict of an answered hook: done once it awaits nothing any more.
fn went_on(tracked: &mut Tracked, seen: FollowInput<'_>, deployment: &str, hook: &str) -> Option<Verdict> {
    let rollout = seen.rollouts.find(deployment)?;
    let stage = rollout.stage.as_deref().unwrap_or("unknown").to_owned();
    tracked.progress = format!("the rollout is at {stage}").into();
    if rollout.hook.as_ref().is_some_and(|h| h.id.as_deref() == Some(hook)) && rollout.verdict.is_none() {
        return None;
    }
    // The rollout has gone on: only how it went against what was answered counts.
    match rollout.verdict.as_ref() {
        Some(RolloutVerdict::Succeeded | RolloutVerdict::Draining) => Some(Verdict::Succeeded),
        Some(
            verdict @ (RolloutVerdict::RolledBack(_)
            | RolloutVerdict::Failed(_)
            | RolloutVerdict::Superseded(_)
            | RolloutVerdict::TimedOut
            | RolloutVerdict::Stopped(_)
            | RolloutVerdict::ScaledToZero),
        ) => Verdict::of_rollout(verdict),
        None if rollout.rolling_back => Some(Verdict::RolledBack(rollout.reason.clone().unwrap_or_default())),
        None if rollout.has_known_status() => Some(Verdict::Succeeded),
        // A status that nobody knows proves nothing.
        None => {
            tracked.progress = format!("ECS calls the rollout {}, at {stage}", rollout.status).into();
            None
        }
    }
}

/// The verdict of a stopped task: it has stopped, and another has taken its place.
fn stopped(tracked: &mut Tracked, seen: FollowInput<'_>, name: &str, task: &str) -> Option<Verdict> {
    let Some(node) = seen.party_box.service(name) else {
        return Some(Verdict::Failed(format!("{name} is gone")));
    };
    let service = node.service();
    let status = node.rows.iter().map(|row| node.task(row)).find(|t| t.id == task);
    let status = status.map_or("STOPPED", |t| t.last_status.as_str());
    let (running, desired) = (service.running, service.desired);
    tracked.progress = format!("{status}; {running} of {desired} running").into();
    let replaced = running >= desired && service.pending == 0;
    (status == "STOPPED" && replaced).then_some(Verdict::Succeeded)
}

/// The verdict of a changed range: the registration shows what was sent.
fn range(
    tracked: &mut Tracked,
    seen: FollowInput<'_>,
    name: &str,
    from: ScalingRange,
    to: ScalingRange,
) -> Option<Verdict> {
    let scaling = seen.party_box.service(name).and_then(|n| n.scaling.as_ref());
    let Some(scaling) = scaling else {
        return Some(Verdict::Failed(format!("{name} is not registered for autoscaling any more")));
    };
    let now = scaling.range();
    tracked.progress = format!("{}-{}", scaling.min, scaling.max).into();
    if now == to {
        return Some(Verdict::Succeeded);
    }
    (now != from).then(|| {
        let (min, max) = (scaling.min, scaling.max);
        Verdict::Superseded(format!("the range is {min}-{max} now: someone else changed it"))
    })
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
    tracked.progress = format!("{} of {to} running, {} healthy", service.running, node.healthy).into();
    if service.desired == from && now - tracked.at < SETTLING {
        tracked.progress = "AWS still shows the old number".into();
        return None;
    }
    if service.desired != to {
        return Some(Verdict::Superseded(format!(
            "desired is {} now: someone else or autoscaling changed it",
            service.desired
        )));
    }
    // As many registrations as tasks: neither too few healthy ones, nor old ones that have not left yet.
    let fits = |group: &GroupHealth| {
        !group.gone && group.healthy == to && group.registered == to && group.draining == 0
    };
    let targets_fit = node.targets_known && node.groups.iter().all(fits);
    (service.running == to && service.pending == 0 && targets_fit).then_some(Verdict::Succeeded)
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
    let since = tracked.at - EVENT_SLACK;
    let mut completed = false;
    for event in store.db_events().iter().filter(|e| e.source == id && e.at >= since) {
        match event.failover_step() {
            Some(FailoverStep::Abandoned) => return Some(Verdict::NothingHappened(event.message.clone())),
            Some(FailoverStep::Ends) => completed = true,
            _ => {}
        }
    }
    let flipped = zone_before.is_some() && db.zone.is_some() && db.zone.as_deref() != zone_before;
    tracked.progress = state(db, completed, flipped).into();
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
