//! Verdicts from ECS's record of each rollout: `DescribeServiceDeployments`.

use super::revision_sides::{RevisionSide, count_alive};
use super::{Rollout, RolloutInput, RolloutVerdict, Side, StillOpen, fill_side};
use crate::domain::{Deployment, ServiceDeployment, sentences, short};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Two lists give the same creation time within this tolerance.
const SAME: TimeDelta = TimeDelta::seconds(10);
/// A deployment that we triggered was made within this after it was sent.
const SOON: TimeDelta = TimeDelta::seconds(20);
/// Records of a service that become rollouts. The older ones are only used for the usual duration.
const NEWEST: usize = 5;
/// Lists are eventually consistent: what took over from a stopped one is listed by then.
const SETTLING: TimeDelta = TimeDelta::seconds(15);
/// How long another reading may contradict ECS's final status, e.g. because it cannot be read; then ECS's
/// status counts.
const ENOUGH: TimeDelta = TimeDelta::minutes(5);
/// How long old tasks may drain after ECS called the rollout successful: a deregistration delay is 3600 s at
/// most.
const DRAINED: TimeDelta = TimeDelta::minutes(75);

/// The stages in their order:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>
const STAGES: [&str; 10] = [
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
];

/// A stage's place in their order, from 0; `None` for one that is not known.
pub(crate) fn position(stage: &str) -> Option<usize> {
    STAGES.iter().position(|known| *known == stage)
}

/// Takes in a service's records: the newest few, and those that are followed already.
pub(super) fn take_records(all: &mut BTreeMap<String, Rollout>, input: &RolloutInput<'_>) {
    let service = input.node.service();
    let Some(records) = input.store.deployments(&service.name) else { return };
    let pairs = pair_records(all, input, records);
    for (i, record) in records.iter().enumerate() {
        let known = all.contains_key(&record.arn);
        let deployment = pairs.get(&record.arn).cloned();
        let early = deployment.as_ref().and_then(|id| all.remove(id));
        if !known && early.is_none() && i >= NEWEST && record.ended() {
            continue;
        }
        let rollout = all.entry(record.arn.clone()).or_insert_with(|| match early {
            // Followed since before ECS listed it: it keeps what is remembered of it, and its verdict if it
            // has one.
            Some(early) => {
                Rollout { id: record.arn.clone(), weak: early.weak && !early.in_flight(), ..early }
            }
            None => Rollout {
                id: record.arn.clone(),
                service: service.name.clone(),
                first_seen: input.now,
                ..Rollout::default()
            },
        });
        if rollout.deployment.is_none() {
            rollout.deployment = deployment;
        }
        read_record(rollout, record, input);
    }
}

/// Which entry of `deployments[]` belongs to which record. Nothing in the API says so: a revision's number
/// may be that of the deployment; else they were made at the same moment.
fn pair_records(
    all: &BTreeMap<String, Rollout>,
    input: &RolloutInput<'_>,
    records: &[ServiceDeployment],
) -> BTreeMap<String, String> {
    let service = input.node.service();
    let own = || all.values().filter(|r| r.service == service.name);
    let bound = |r: &&Rollout| r.id.starts_with("arn:") && r.deployment.is_some();
    let mut taken_records: BTreeSet<&str> = own().filter(bound).map(|r| r.id.as_str()).collect();
    let mut taken_ids: BTreeSet<&str> = own().filter(bound).filter_map(|r| r.deployment.as_deref()).collect();
    // (deployment id, when it was made, how exactly that is known)
    let listed = service.deployments.iter().filter_map(|d| Some((d.id.as_str(), d.created_at?, -SAME, SAME)));
    let followed = own().filter(|r| !r.id.starts_with("arn:")).filter_map(|r| {
        let id = r.deployment.as_deref()?;
        match (r.created_at, r.memory.triggered) {
            (Some(at), _) => Some((id, at, -SAME, SAME)),
            (None, Some(at)) => Some((id, at, TimeDelta::seconds(-2), SOON)),
            (None, None) => None,
        }
    });
    let mut near = Vec::new();
    for (id, at, early, late) in listed.chain(followed) {
        for record in records {
            let by_number = record.target.as_ref().is_some_and(|t| short(&t.arn) == short(id));
            let Some(apart) = record.created_at.map(|made| made - at) else { continue };
            if by_number || (early..=late).contains(&apart) {
                let measure = if by_number { TimeDelta::zero() } else { apart.abs() };
                near.push((!by_number, measure, record.arn.as_str(), id));
            }
        }
    }
    near.sort();
    let mut pairs = BTreeMap::new();
    for (_, _, arn, id) in near {
        if !taken_records.contains(arn) && !taken_ids.contains(id) {
            taken_records.insert(arn);
            taken_ids.insert(id);
            pairs.insert(arn.to_owned(), id.to_owned());
        }
    }
    pairs
}

fn read_record(rollout: &mut Rollout, record: &ServiceDeployment, input: &RolloutInput<'_>) {
    let memory = &mut rollout.memory;
    memory.live |= !record.ended() || record.created_at.is_some_and(|at| at > input.begun);
    if record.ended()
        && memory.word.is_none()
        && let Some(read) = input.records_read()
    {
        memory.word = Some(read);
    }
    rollout.created_at = record.created_at.or(rollout.created_at);
    rollout.started_at = record.started_at.or(rollout.started_at);
    rollout.finished_at = record.finished_at.or(record.stopped_at).or(rollout.finished_at);
    if let Some(target) = &record.target {
        rollout.to.revision = Some(target.arn.clone());
    }
    if rollout.from.is_none()
        && let Some(source) = record.sources.iter().max_by_key(|s| s.running)
    {
        rollout.from = Some(Side { revision: Some(source.arn.clone()), ..Side::default() });
    }
    fill_side(&mut rollout.to, input, rollout.deployment.as_deref());
    if let Some(from) = &mut rollout.from {
        fill_side(from, input, None);
    }
    if !rollout.in_flight() {
        return;
    }
    rollout.weak = false;
    rollout.status.clone_from(&record.status);
    let rollback = record.rollback.as_ref();
    rollout.rolling_back |= rollback.is_some() || record.status.starts_with("ROLLBACK");
    rollout.reason = rollback.and_then(|r| r.reason.clone()).or_else(|| record.status_reason.clone());
    if let Some(strategy) = &record.strategy {
        rollout.strategy.clone_from(strategy);
    }
    take_stage(rollout, record, input);
    rollout.breaker.clone_from(&record.breaker);
    rollout.alarms.clone_from(&record.alarms);
    take_traffic(rollout, record, input);
    rollout.bake_minutes = record.bake_minutes.unwrap_or(0);
    let awaits = |h: &&crate::domain::Hook| h.status.as_deref() == Some("AWAITING_ACTION") && h.id.is_some();
    rollout.hook = record.hooks.iter().find(awaits).cloned();
    rollout.hooks.clone_from(&record.hooks);
    rollout.early.clone_from(&record.early);
}

/// A reading that comes late does not set the stage back, except on the way back.
fn take_stage(rollout: &mut Rollout, record: &ServiceDeployment, input: &RolloutInput<'_>) {
    let Some(new) = &record.stage else { return };
    let old = rollout.stage.as_deref();
    if old == Some(new.as_str()) {
        return;
    }
    let back = match (old.and_then(position), position(new)) {
        (Some(old), Some(new)) => new < old,
        _ => false,
    };
    if back && !rollout.rolling_back {
        return;
    }
    let seen = input.records_read().map_or(input.now, |(_, at)| at);
    // It last changed when it entered the stage, or later, but not later than it was read.
    rollout.stage_since = Some(record.updated_at.map_or(seen, |at| at.min(seen)));
    rollout.stage = Some(new.clone());
}

/// A step to more traffic changes the record, so it was made when that last changed.
fn take_traffic(rollout: &mut Rollout, record: &ServiceDeployment, input: &RolloutInput<'_>) {
    rollout.steps = record.steps;
    let now = record.target.as_ref().and_then(|target| target.traffic);
    if now != rollout.traffic {
        let seen = input.records_read().map_or(input.now, |(_, at)| at);
        rollout.traffic = now;
        rollout.traffic_since = Some(record.updated_at.map_or(seen, |at| at.min(seen)));
    }
}

/// The verdict, if ECS's record and what else was read give one.
pub(super) fn verdict_by_record(
    rollout: &Rollout,
    input: &RolloutInput<'_>,
    peers: &[(String, DateTime<Utc>)],
) -> Option<RolloutVerdict> {
    let why = || rollout.reason.clone().unwrap_or_default();
    match rollout.status.as_str() {
        "SUCCESSFUL" => success_verdict(rollout, input),
        "ROLLBACK_SUCCESSFUL" => Some(RolloutVerdict::RolledBack(why())),
        "ROLLBACK_FAILED" => Some(RolloutVerdict::Failed(why())),
        // Without the rollback option a deployment that failed is stopped:
        // <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>
        "STOPPED" if gave_up(rollout) && !rollout.rolling_back => Some(RolloutVerdict::Failed(why())),
        "STOPPED" => stopped_verdict(rollout, input, peers),
        _ => None,
    }
}

/// Whether the circuit breaker or an alarm ended it.
fn gave_up(rollout: &Rollout) -> bool {
    rollout.breaker.as_ref().is_some_and(|breaker| breaker.status == "TRIGGERED")
        || rollout.alarms.as_ref().is_some_and(|alarms| alarms.status == "TRIGGERED")
}

/// Successful, in ECS's words: whether the readings asked for since then agree.
fn success_verdict(rollout: &Rollout, input: &RolloutInput<'_>) -> Option<RolloutVerdict> {
    let (read, seen) = rollout.memory.word?;
    if !rollout.memory.live {
        return Some(RolloutVerdict::Succeeded);
    }
    let service = input.node.service();
    let enough = input.now - seen > ENOUGH;
    if !input.all_read_since(read) && !enough {
        return None;
    }
    let primary = service.primary();
    let own = rollout.deployment.as_deref();
    let later = |d: &Deployment| d.created_at.zip(rollout.created_at).is_some_and(|(d, r)| d > r + SAME);
    if primary.is_some_and(|p| own != Some(p.id.as_str()) && later(p)) {
        // The next one has begun: of this one nothing more will be seen.
        return Some(RolloutVerdict::Succeeded);
    }
    if service.desired == 0 {
        return Some(RolloutVerdict::ScaledToZero);
    }
    let others =
        || service.deployments.iter().filter(|d| own != Some(d.id.as_str()) && d.status != "PRIMARY");
    let old_tasks = count_alive(rollout, input.node, RevisionSide::Old) > 0;
    let old = others().any(|d| d.running + d.pending > 0) || old_tasks;
    // Successful early: new tasks may still come up, or never do.
    let short = rollout.early.is_some() && {
        let open = count_open(rollout, input);
        open.healthy < open.wanted
    };
    if (old || short || input.node.draining > 0) && input.now - seen < DRAINED {
        return Some(RolloutVerdict::Draining);
    }
    let completed = primary.is_some_and(|p| {
        own.is_none_or(|own| own == p.id) && p.rollout_state.as_deref().is_none_or(|s| s == "COMPLETED")
    });
    let counts = service.running == service.desired && service.pending == 0;
    let elsewhere = service.registers_elsewhere(&rollout.strategy);
    let fits = completed && counts && others().count() == 0 && (elsewhere || input.targets_fit());
    (fits || enough || rollout.verdict.is_some()).then_some(RolloutVerdict::Succeeded)
}

/// Stopped before its end, or before the end of its way back: superseded when another was asked for just
/// then, else stopped by somebody.
fn stopped_verdict(
    rollout: &Rollout,
    input: &RolloutInput<'_>,
    peers: &[(String, DateTime<Utc>)],
) -> Option<RolloutVerdict> {
    let (read, seen) = rollout.memory.word?;
    let made = rollout.created_at?;
    let end = rollout.finished_at.unwrap_or(seen) + SAME;
    let next = peers.iter().filter(|(id, at)| !rollout.is(id) && *at > made && *at <= end);
    if let Some((id, _)) = next.min_by_key(|(_, at)| *at) {
        return Some(RolloutVerdict::Superseded(id.clone()));
    }
    let settled = !rollout.memory.live
        || (input.now - seen > SETTLING && input.records_read().is_some_and(|(at, _)| at > read));
    let reason = rollout.reason.clone().unwrap_or_default();
    settled.then(|| {
        if sentences::names_newer_deployment(&reason) {
            RolloutVerdict::Superseded("a newer deployment".to_owned())
        } else if rollout.rolling_back {
            // Nothing took over, so what it went back to is what stands.
            RolloutVerdict::RolledBack(reason)
        } else {
            RolloutVerdict::Stopped(reason)
        }
    })
}

/// What is not done yet of a rollout that ECS calls successful before all is done.
pub(super) fn still_open(rollout: &Rollout, input: &RolloutInput<'_>) -> Option<StillOpen> {
    if rollout.early.is_none() || rollout.verdict != Some(RolloutVerdict::Draining) {
        return None;
    }
    Some(count_open(rollout, input))
}

fn count_open(rollout: &Rollout, input: &RolloutInput<'_>) -> StillOpen {
    let counts = rollout.deployment.as_ref().and_then(|id| input.node.by_deployment.get(id));
    let old = count_alive(rollout, input.node, RevisionSide::Old);
    StillOpen {
        healthy: counts.map_or(0, |counts| counts.healthy),
        wanted: input.node.service().desired,
        old: u32::try_from(old).unwrap_or(u32::MAX),
    }
}
