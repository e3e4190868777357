//! What the load balancer and the applications behind it answer at the present moment.
use chrono::TimeDelta;

use super::elb;
use crate::sim::world::ecs::Task;
use crate::sim::world::elb::{Action, Target, TargetGroup, TargetState};
use crate::sim::world::rng::stream_of;
use crate::sim::world::{Time, World};

/// Where a request to the load balancer ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routed {
    /// The target group has no target: the load balancer itself answers 503.
    NoTarget,
    /// A task answers.
    Task {
        /// Which service.
        service: String,
        /// The task's id.
        task_id: String,
        /// Its zone.
        zone: String,
        /// Whether its own health check passes; if not, it answers 503 to everything.
        sound: bool,
        /// Whether it reaches the database.
        database: DatabaseReach,
    },
}

/// Whether a task reaches its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseReach {
    /// Queries are answered.
    Up,
    /// Connections are refused or broken: the application answers 503 at once.
    Refused,
    /// The task waits for an answer that does not come: the load balancer would answer 504 in the end.
    Hangs,
}

/// Seconds for which a lost database lets connections hang before it refuses them.
const HANGS_SECONDS: i64 = 8;

/// Chooses a target for a request to `path` on the HTTPS listener, as the rules and the targets' states say:
/// healthy targets take turns; when there is none, all of them do (fail-open). `turn` picks among them.
pub fn route(world: &World, path: &str, turn: u64) -> Routed {
    let Some(group) = group_for(world, path, turn) else { return Routed::NoTarget };
    let serving =
        |state| group.targets.iter().filter(move |each| each.state == state).collect::<Vec<&Target>>();
    let mut choice = serving(TargetState::Healthy);
    if choice.is_empty() {
        choice = group.targets.iter().filter(|each| each.state != TargetState::Draining).collect();
    }
    let count = u64::try_from(choice.len()).unwrap_or(1).max(1);
    let chosen = usize::try_from(turn % count).ok().and_then(|place| choice.get(place));
    let found = chosen.and_then(|target| {
        world.ecs.services.iter().find_map(|service| {
            let task = service.tasks.iter().find(|task| task.id == target.task_id)?;
            Some((service, task))
        })
    });
    let Some((service, task)) = found else { return Routed::NoTarget };
    Routed::Task {
        service: service.name.clone(),
        task_id: task.id.clone(),
        zone: task.zone.clone(),
        sound: elb::passes(task),
        database: database_reach(world, task, world.now),
    }
}

/// The target group that the HTTPS listener's rules choose: the lowest priority that matches, else the default.
fn group_for<'a>(world: &'a World, path: &str, turn: u64) -> Option<&'a TargetGroup> {
    let listener = world.elb.listeners.iter().find(|each| each.port == 443)?;
    let rule = world
        .elb
        .rules
        .iter()
        .filter(|rule| rule.listener_arn == listener.arn)
        .filter(|rule| {
            rule.priority.is_none() || rule.path_patterns.iter().any(|pattern| matches(pattern, path))
        })
        .min_by_key(|rule| rule.priority.unwrap_or(u32::MAX))?;
    match &rule.action {
        Action::Forward { target_group_arn, .. } => world.elb.target_group(target_group_arn),
        Action::Split { target_groups } => {
            let total: u32 = target_groups.iter().map(|(_, weight)| weight).sum();
            let mut draw = u32::try_from(turn % u64::from(total.max(1))).ok()?;
            let (arn, _) = target_groups.iter().find(|(_, weight)| {
                let chosen = draw < *weight;
                draw = draw.saturating_sub(*weight);
                chosen
            })?;
            world.elb.target_group(arn)
        }
        Action::RedirectToHttps => None,
    }
}

/// AWS's path patterns: `*` stands for any characters, `?` for one; case matters.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.chars().next() {
        None => path.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            path.char_indices().map(|(at, _)| at).chain([path.len()]).any(|at| matches(rest, &path[at..]))
        }
        Some(wanted) => path.chars().next().is_some_and(|first| {
            (wanted == '?' || wanted == first)
                && matches(&pattern[wanted.len_utf8()..], &path[first.len_utf8()..])
        }),
    }
}

/// Whether a task reaches the primary database at `at`. Connection pools come back some seconds after the
/// database does, each task's in its own time.
pub fn database_reach(world: &World, task: &Task, at: Time) -> DatabaseReach {
    let Some(primary) = world.rds.instances.iter().find(|each| each.replica_source.is_none()) else {
        return DatabaseReach::Up;
    };
    let Some(outage) = primary.last_outage else { return DatabaseReach::Up };
    let reconnects = i64::try_from(3 + stream_of(&task.id) % 8).unwrap_or(3);
    let back = outage.until.map(|until| until + TimeDelta::seconds(reconnects));
    if at < outage.from || back.is_some_and(|back| at >= back) {
        DatabaseReach::Up
    } else if (at - outage.from).num_seconds() < HANGS_SECONDS {
        DatabaseReach::Hangs
    } else {
        DatabaseReach::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn path_patterns_match_as_aws_documents_them() {
        for (pattern, path, expected) in [
            ("/api/*", "/api/rooms/7", true),
            ("/api/*", "/api/", true),
            ("/api/*", "/api", false),
            ("/api/*", "/API/rooms", false),
            ("/r?om", "/room", true),
            ("*.js", "/_next/app.js", true),
            ("/*", "/", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
