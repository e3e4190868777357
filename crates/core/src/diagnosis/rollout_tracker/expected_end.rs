//! Within what time a rollout will end: by what the service's earlier ones took, and by its settings.

use super::{Rollout, RolloutInput};
use chrono::{DateTime, TimeDelta, Utc};

/// What a task takes from its request to RUNNING on Fargate, seconds: with a small image in one zone, and with a
/// large one that is pulled anew.
const START: (i64, i64) = (10, 150);
/// A task that has to be started once more makes a rollout longer by about so much.
const SLACK: TimeDelta = TimeDelta::seconds(150);
/// ECS's scheduler looks at a service again within so many seconds, at each step.
const LOOK: i64 = 60;

/// When it will probably end: (earliest, latest). `None` while it goes back or waits for somebody's answer.
pub(super) fn expected_end(
    rollout: &Rollout,
    input: &RolloutInput<'_>,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if rollout.rolling_back || rollout.verdict.is_some() || rollout.hook.is_some() {
        return None;
    }
    let since = rollout.since();
    let (low, high) = by_history(rollout, input).or_else(|| by_settings(rollout, input))?;
    // What it waits for now is over first.
    let waits = rollout.waits.iter().filter_map(|wait| wait.until).max();
    let high = since + high;
    Some((since + low, waits.map_or(high, |until| high.max(until))))
}

/// By this service's earlier successful rollouts of the same strategy: between half of the quickest and half more
/// than the slowest, at least [`SLACK`] more, as a few of them do not show the extremes.
fn by_history(rollout: &Rollout, input: &RolloutInput<'_>) -> Option<(TimeDelta, TimeDelta)> {
    let records = input.store.deployments(&input.node.service().name)?;
    let mut took: Vec<TimeDelta> = records
        .iter()
        .filter(|r| r.status == "SUCCESSFUL" && r.arn != rollout.id)
        .filter(|r| r.strategy.as_deref().unwrap_or("") == rollout.strategy)
        .filter_map(|r| Some(r.finished_at? - r.started_at.or(r.created_at)?))
        .filter(|took| *took > TimeDelta::zero())
        .collect();
    took.sort();
    let (first, last) = (*took.first()?, *took.last()?);
    // With enough of them, the one that once got stuck does not count.
    let most = if took.len() >= 5 { took[took.len() - 2] } else { last };
    Some((first / 2, most + (most / 2).max(SLACK)))
}

/// By the settings alone: the rounds in which its bounds let tasks be replaced, the health checks, the drain, and
/// the times that it bakes.
fn by_settings(rollout: &Rollout, input: &RolloutInput<'_>) -> Option<(TimeDelta, TimeDelta)> {
    let service = input.node.service();
    if service.desired == 0 {
        return None;
    }
    let record = input.store.deployments(&service.name)?.iter().find(|r| r.arn == rollout.id)?;
    let percent = |percent: u32| i64::from(service.desired) * i64::from(percent);
    let least = percent(record.min_healthy_percent.or(service.min_healthy_percent)?).div_euclid(100);
    let most = percent(record.max_percent.or(service.max_percent)?).div_euclid(100);
    let room = (most - least).max(1);
    let rounds = (i64::from(service.desired) + room - 1) / room;
    let groups = || input.store.target_groups().iter().filter(|group| service.registers_in(&group.arn));
    let check = groups().map(|group| i64::from(group.check_interval)).max().unwrap_or(0);
    // AWS's default is 300 s.
    let drain = groups().map(|group| i64::from(group.deregistration_delay.unwrap_or(300))).max().unwrap_or(0);
    let shifts = match (rollout.strategy.as_str(), rollout.steps) {
        ("LINEAR", Some(steps)) => {
            i64::from(1000_u32.div_ceil(steps.permille.max(1))) * i64::from(steps.minutes) * 60
        }
        ("CANARY", Some(steps)) => i64::from(steps.minutes) * 60,
        _ => 0,
    };
    let pauses = shifts + i64::from(rollout.bake_minutes) * 60;
    let low = START.0 + pauses * 9 / 10;
    let high = rounds * (START.1 + check + LOOK) + drain + pauses + pauses / 5 + LOOK;
    Some((TimeDelta::seconds(low), TimeDelta::seconds(high)))
}
