//! How a rollout ended, told until somebody has seen it: a rollback is not good in hindsight because what ECS
//! went back to calls itself completed.

use super::{Finding, Rollout, RolloutVerdict, Rollouts, Subject, format_span};
use crate::domain::{Level, Service, ServiceEvent, sentences, short};
use chrono::{DateTime, TimeDelta, Utc};

/// How long the bad end of a rollout is told, unless the next one succeeds or somebody notes it before.
pub(crate) const RECENT: TimeDelta = TimeDelta::hours(24);
/// ECS writes the event of a deployment's end within this time of the end itself.
const NEAR: TimeDelta = TimeDelta::seconds(90);

/// How serious it is, by the service alone, how its last rollout ended: `None` when nothing is to be told. Of
/// a rollout that is followed its verdict says it.
pub fn ended_level(service: &Service, now: DateTime<Utc>) -> Option<Level> {
    if service.primary().is_some_and(|p| p.rollout_state.as_deref() == Some("FAILED")) {
        return Some(Level::Bad);
    }
    rolled_back_at(service).is_some_and(|at| now - at <= RECENT).then_some(Level::Warn)
}

/// When ECS went back to the deployment that is PRIMARY now. The deployment may be weeks old: the event's time
/// counts, not its own.
fn rolled_back_at(service: &Service) -> Option<DateTime<Utc>> {
    let primary = service.primary()?;
    let by_reason = primary.rollout_reason.as_deref().is_some_and(sentences::names_rollback);
    match service.rollback() {
        Some(event) => Some(event.at),
        None if by_reason => primary.updated_at.or(primary.created_at),
        None => None,
    }
}

/// The finding for a rollout that ended lately and badly. ECS's state is COMPLETED again, so its verdict is
/// used; of one that was not followed, the event.
pub(super) fn describe_end(service: &Service, rollouts: &Rollouts, now: DateTime<Utc>) -> Option<Finding> {
    match rollouts.last_end(&service.name) {
        Some(rollout) => describe_verdict(service, rollouts, rollout, now),
        None => describe_rollback(service, rollouts, now),
    }
}

/// Whether a rollout of a service ended badly lately and nobody has noted it.
pub fn tells_end(service: &Service, rollouts: &Rollouts, now: DateTime<Utc>) -> bool {
    describe_end(service, rollouts, now).is_some_and(|finding| finding.level >= Level::Warn)
}

fn describe_verdict(
    service: &Service,
    rollouts: &Rollouts,
    rollout: &Rollout,
    now: DateTime<Utc>,
) -> Option<Finding> {
    let verdict = rollout.verdict.as_ref()?;
    let since = rollout.ended_at();
    if verdict.level() < Level::Warn || now - since > RECENT {
        return None;
    }
    let name = &service.name;
    let ago = format_span(now - since);
    let (text, advice) = match verdict {
        RolloutVerdict::RolledBack(why) => {
            let what = rollout.lost_words().map(|lost| format!("; {lost} does not run")).unwrap_or_default();
            let why = if why.is_empty() { "the newer revision did not come up" } else { why };
            let alarms = rollout.alarm_words().filter(|words| !why.contains(words.as_str()));
            let alarms = alarms.map(|words| format!(" ({words})")).unwrap_or_default();
            let why = why.trim_end_matches('.');
            (
                format!("{name} was rolled back {ago} ago{what}: {why}{alarms}"),
                "2 shows why its tasks stopped",
            )
        }
        RolloutVerdict::ScaledToZero if service.desired > 0 => return None,
        _ => {
            let text = format!("{name}: the {} {ago} ago", rollout.sentence());
            (text, "2 shows its tasks; r deploys again, b goes back")
        }
    };
    Some(told(service, rollouts, since, verdict.level(), text, advice))
}

/// The finding for a rollback that nobody followed.
fn describe_rollback(service: &Service, rollouts: &Rollouts, now: DateTime<Utc>) -> Option<Finding> {
    let primary = service.primary()?;
    let since = rolled_back_at(service)?;
    if now - since > RECENT {
        return None;
    }
    let text = format!(
        "{} was rolled back to {} {} ago: the newer revision did not come up",
        service.name,
        short(&primary.task_definition),
        format_span(now - since)
    );
    let level = ended_level(service, now).unwrap_or(Level::Warn);
    Some(told(service, rollouts, since, level, text, "2 shows why its tasks stopped"))
}

/// The finding; a note once somebody has seen it.
fn told(
    service: &Service,
    rollouts: &Rollouts,
    since: DateTime<Utc>,
    level: Level,
    text: String,
    advice: &str,
) -> Finding {
    let subject = Subject::Service(service.name.clone());
    if rollouts.is_noted(&service.name, since) {
        return Finding::new(Level::Idle, subject, format!("{text} (noted)")).advise(advice);
    }
    Finding::new(level, subject, text).advise(format!("{advice}; n notes it"))
}

/// How serious a service's event is, seen with how its rollouts ended: that what ECS went back to is completed
/// is no success, and a steady state after it only says that nothing moves.
pub fn event_level(service: &Service, event: &ServiceEvent, rollouts: &Rollouts) -> Level {
    let level = event.level();
    if level != Level::Good || !is_of_way_back(service, event, rollouts) {
        return level;
    }
    if sentences::names_completed_deployment(&event.message) { Level::Warn } else { Level::Idle }
}

/// Whether a good event belongs to a way back: it came after a rollback began and not long after it ended.
fn is_of_way_back(service: &Service, event: &ServiceEvent, rollouts: &Rollouts) -> bool {
    let by_verdict = rollouts.of(&service.name).into_iter().any(|rollout| {
        let back = matches!(rollout.verdict, Some(RolloutVerdict::RolledBack(_)))
            || (rollout.verdict.is_none() && rollout.rolling_back);
        let over = rollout.verdict.is_some() && event.at > rollout.ended_at() + NEAR;
        back && event.at >= rollout.since() && !over
    });
    // The newest first: the rollback before this event, with no other completion in between.
    let earlier = service.events.iter().skip_while(|e| e.at > event.at || e.id == event.id);
    let by_events = earlier
        .take_while(|e| !sentences::names_completed_deployment(&e.message))
        .any(|e| sentences::names_rollback(&e.message) && event.at - e.at <= RECENT);
    by_verdict || by_events
}
