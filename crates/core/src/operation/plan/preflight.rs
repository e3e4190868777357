//! Checks before any failover, of an instance or of a cluster, each with its evidence and the evidence's age.

use super::{PlanContext, age, block, pass, warn};
use crate::diagnosis::{firing_alarms, format_span, last_failover, plural};
use crate::domain::{ErrorKind, FailoverStep, MetricKey, MetricKind, ServiceNode, Topic};
use crate::operation::Check;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// RDS ships logs about every 5 minutes; a restorable time older than this is not fresh.
const RESTORABLE: TimeDelta = TimeDelta::minutes(15);
/// Sooner than this after a failover RDS may abandon the next one.
const APART: TimeDelta = TimeDelta::minutes(10);
/// A replica's lag on `PostgreSQL` saw-tooths up to 5 minutes while its source is idle, seconds.
const LAG: f64 = 300.0;
/// A metric older than this tells nothing of now: `CloudWatch` is about two minutes behind.
const METRIC: TimeDelta = TimeDelta::minutes(5);

/// Checks whether the outage will be measured.
pub(super) fn probed(ctx: PlanContext<'_>, database: &str) -> Check {
    let Some(drill) = ctx.drill.filter(|drill| drill.database == database) else {
        return warn("nothing is probed: the outage will not be measured");
    };
    let (url, baseline) = (drill.probe.shown_url(), &drill.measured.since);
    match (baseline.good, drill.failing()) {
        (0, Some(why)) => warn(format!("the probe of {url} gets no good answer: {}", why.words())),
        (0, None) => warn(format!("the probe of {url} has no answer yet: wait for its baseline")),
        (good, Some(why)) => {
            warn(format!("the probe of {url} fails now ({}), {good} were good", why.words()))
        }
        (good, None) if baseline.bad == 0 => pass(format!(
            "the probe of {url} is good: {good} answers, half within {} ms",
            baseline.p50.as_millis()
        )),
        (good, None) => warn(format!(
            "the probe of {url} is good, but {} of {} failed before",
            baseline.bad,
            good + baseline.bad
        )),
    }
}

/// Checks the status: RDS fails over only what is available.
pub(super) fn status(ctx: PlanContext<'_>, status: &str, topic: &Topic) -> Check {
    let age = age(ctx, topic);
    if status == "available" {
        pass(format!("status is available{age}"))
    } else {
        block(format!("status is {status}: RDS fails over only from available{age}"))
    }
}

/// Checks pending changes: a failover may apply them.
pub(super) fn pending(ctx: PlanContext<'_>, pending: &[String], topic: &Topic) -> Check {
    let age = age(ctx, topic);
    if pending.is_empty() {
        pass(format!("no modification is pending{age}"))
    } else {
        warn(format!("modifications are pending and may be applied: {}{age}", pending.join(", ")))
    }
}

/// Checks pending maintenance of these resources.
pub(super) fn maintenance(ctx: PlanContext<'_>, id: &str) -> Check {
    let (mut waiting, mut unread, mut oldest) = (Vec::new(), false, None);
    for (name, arn) in ctx.party_box.rds_resources(id) {
        let topic = Topic::Maintenance(arn.to_owned());
        if let Some(failure) = ctx.store.failure(&topic) {
            let action = &failure.error.action;
            return warn(match failure.error.kind {
                ErrorKind::Denied => {
                    format!("whether maintenance is pending is not known: no permission for {action}")
                }
                _ => format!("whether maintenance is pending is not known: {}", failure.error.message),
            });
        }
        let Some(list) = ctx.store.maintenance(arn) else {
            unread = true;
            continue;
        };
        let taken = ctx.store.slot(&topic).and_then(|s| s.taken_at);
        oldest = [oldest, taken].into_iter().flatten().min();
        waiting.extend(list.iter().map(|m| {
            let at = m.applied_at.map_or_else(
                || "no date yet".to_owned(),
                |at| format!("to be applied {}", at.format("%Y-%m-%d %H:%M UTC")),
            );
            format!("{} of {name}, {at}", m.action)
        }));
    }
    let age = read_ago(ctx, oldest);
    if !waiting.is_empty() {
        warn(format!("maintenance is pending: {}{age}", waiting.join("; ")))
    } else if unread {
        warn("whether maintenance is pending was not read yet")
    } else {
        pass(format!("no maintenance is pending{age}"))
    }
}

/// Checks how recent the newest restorable time is.
pub(super) fn restorable(ctx: PlanContext<'_>, latest: Option<DateTime<Utc>>) -> Check {
    match latest.map(|at| ctx.now - at) {
        Some(behind) if behind < RESTORABLE => pass(format!("restorable to {} ago", format_span(behind))),
        Some(behind) => {
            warn(format!("restorable only to {} ago; usually it is 5 minutes", format_span(behind)))
        }
        None => warn("RDS does not say to which time it can be restored"),
    }
}

/// Checks for a recent failover: RDS may accept another soon after it and then abandon it.
pub(super) fn recent(ctx: PlanContext<'_>, id: &str) -> Check {
    if ctx.store.payload(&Topic::DbEvents).is_none() {
        return warn("RDS's events were not read: whether it failed over a moment ago is not known");
    }
    let age = age(ctx, &Topic::DbEvents);
    let last = last_failover(ctx.store.db_events(), id).filter(|(_, step)| *step != FailoverStep::Abandoned);
    match last.map(|(event, _)| ctx.now - event.at) {
        Some(ago) if ago < APART => warn(format!(
            "a failover {} ago: RDS may accept this one and then abandon it{age}",
            format_span(ago)
        )),
        Some(ago) => pass(format!("the last failover was {} ago{age}", format_span(ago))),
        None => pass(format!("no failover in the last 24 hours{age}")),
    }
}

/// Checks the lag of the instance's read replicas: none of them takes over, but their readers see old data.
pub(super) fn lags(ctx: PlanContext<'_>, id: &str) -> Vec<Check> {
    let replicas = ctx
        .party_box
        .databases
        .iter()
        .filter(|db| db.replica_of.as_deref().is_some_and(|of| of.rsplit(':').next() == Some(id)));
    let one = |name: &str| {
        let series = ctx.store.series(&MetricKey::new(MetricKind::DbReplicaLag, name));
        let Some((at, lag)) = series.and_then(|s| s.points.last()).copied() else {
            return warn(format!("the lag of replica {name} is not known: CloudWatch shows none"));
        };
        let told = format!("replica {name} lags {lag:.0}s, as of {} ago", format_span(ctx.now - at));
        if lag > LAG {
            warn(format!("{told}: it will serve old data for longer"))
        } else if ctx.now - at > METRIC {
            warn(format!("{told}: too long ago to tell"))
        } else {
            pass(told)
        }
    };
    replicas.map(|db| one(&db.id)).collect()
}

/// Checks what else goes on: rollouts, alarms, and whether the services would survive the loss of a zone.
pub(super) fn surroundings(ctx: PlanContext<'_>) -> Vec<Check> {
    let age = age(ctx, &Topic::Services);
    let rolling: Vec<&ServiceNode> =
        ctx.party_box.services.iter().filter(|n| n.service().is_rolling()).collect();
    let mut checks: Vec<Check> = rolling
        .iter()
        .map(|node| {
            let name = &node.service().name;
            warn(format!("{name} is being deployed: two changes at once are hard to tell apart{age}"))
        })
        .collect();
    if rolling.is_empty() {
        checks.push(pass(format!("no rollout is in flight{age}")));
    }
    checks.push(alarms(ctx));
    checks.extend(ctx.party_box.services.iter().map(|node| targets(ctx, node)));
    checks
}

fn alarms(ctx: PlanContext<'_>) -> Check {
    let age = age(ctx, &Topic::Alarms);
    if ctx.store.payload(&Topic::Alarms).is_none() {
        let why = ctx.store.failure(&Topic::Alarms).map(|f| f.error.message.as_str());
        return warn(format!("which alarms fire is not known: {}", why.unwrap_or("not read yet")));
    }
    // Alarms of other teams say nothing about this Party Box, and autoscaling's own are no trouble.
    let (firing, others) = firing_alarms(ctx.store, ctx.party_box);
    if firing.is_empty() {
        let beside = match others {
            0 => String::new(),
            1 => " about this box; 1 other of this Region does".to_owned(),
            others => format!(" about this box; {others} others of this Region do"),
        };
        return pass(format!("no alarm fires{beside}{age}"));
    }
    let names: Vec<&str> = firing.iter().map(|a| a.name.as_str()).collect();
    warn(format!("firing already: {}{age}", names.join(", ")))
}

/// Checks for two healthy targets in two zones, so that the outage seen by the drill is the database's.
fn targets(ctx: PlanContext<'_>, node: &ServiceNode) -> Check {
    let name = &node.service().name;
    if node.service().target_links.is_empty() {
        return pass(format!("{name} has no target group"));
    }
    if !node.targets_known {
        return warn(format!("the health of the targets of {name} is not known"));
    }
    let zones: BTreeSet<&str> = node
        .rows
        .iter()
        .filter_map(|r| r.target.as_ref().filter(|t| t.serves()).and(node.task(r).zone.as_deref()))
        .collect();
    let topics = node.service().target_groups().map(|arn| Topic::TargetHealth(arn.to_owned()));
    let age = read_ago(ctx, topics.filter_map(|t| ctx.store.slot(&t).and_then(|s| s.taken_at)).min());
    let text = format!(
        "{name} has {} in {}{age}",
        plural(node.healthy as usize, "healthy target"),
        plural(zones.len(), "zone")
    );
    if node.healthy >= 2 && zones.len() >= 2 { pass(text) } else { warn(text) }
}

/// ` (read 12s ago)`.
fn read_ago(ctx: PlanContext<'_>, taken: Option<DateTime<Utc>>) -> String {
    taken.map_or_else(String::new, |at| format!(" (read {} ago)", format_span(ctx.now - at)))
}
