//! The answers of the load balancer and of the applications behind it at the present moment.
use super::elb;
use crate::world::ecs::{Task, Workload};
use crate::world::elb::{Action, Rule, TargetGroup};
use crate::world::{Time, World};

/// Where a request to the load balancer is routed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routed {
    /// The target group has no target: the load balancer itself answers 503.
    NoTarget,
    /// The rule has an answer of its own, with this status.
    Fixed(u16),
    /// A task answers.
    Task {
        /// Which service.
        service: String,
        /// Whether it serves pages, not an API.
        pages: bool,
        /// The task's id.
        task_id: String,
        /// Its zone.
        zone: String,
        /// Whether the load balancer reaches it at all.
        reachable: bool,
        /// Whether its application still accepts connections; if not, the load balancer answers 502.
        listening: bool,
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

/// Chooses a target for a request to `path` on the HTTPS listener at `at`, as the rules and the targets'
/// states say: the targets that serve take turns. `turn` picks among them; `writes` tells whether the request
/// changes something in the database.
pub fn route(world: &World, path: &str, turn: u64, at: Time, writes: bool) -> Routed {
    let Some(rule) = rule_for(world, path) else { return Routed::NoTarget };
    if let Action::FixedResponse { status } = rule.action {
        return Routed::Fixed(status);
    }
    let Some(group) = group_for(world, path, turn) else { return Routed::NoTarget };
    let choice = group.serving();
    let count = u64::try_from(choice.len()).unwrap_or(1).max(1);
    let chosen = usize::try_from(turn % count).ok().and_then(|place| choice.get(place));
    chosen.and_then(|target| meet(world, &target.task_id, at, writes)).unwrap_or(Routed::NoTarget)
}

/// The task with this id as a request at `at` reaches it, one that writes if `writes`.
pub(crate) fn meet(world: &World, task_id: &str, at: Time, writes: bool) -> Option<Routed> {
    let (service, task) = world.ecs.services.iter().find_map(|service| {
        let task = service.tasks.iter().find(|task| task.id == task_id)?;
        Some((service, task))
    })?;
    Some(Routed::Task {
        service: service.name.clone(),
        pages: service.workload == Workload::Web,
        task_id: task.id.clone(),
        zone: task.zone.clone(),
        reachable: !world.is_lost(&task.zone, at),
        listening: task.is_listening(),
        sound: elb::passes_health_check(task),
        database: reach(world, task, at, writes),
    })
}

/// The next turn among the targets for `path`. Each target group has its own, so that they are met in strict
/// rotation however often somebody asks.
pub(crate) fn take_turn(world: &mut World, path: &str) -> u64 {
    world.elb.requests = world.elb.requests.wrapping_add(1);
    let Some(group) = group_for(world, path, world.elb.requests) else { return 0 };
    let arn = group.arn.clone();
    let turn = world.elb.turns.entry(arn).or_default();
    *turn = turn.wrapping_add(1);
    *turn
}

/// Whether a new connection reaches a load balancer node that does not answer. The nodes take turns, and DNS
/// still lists a node in a lost zone for a while.
pub(crate) fn meets_dead_node(world: &World, at: Time) -> bool {
    let Some(loss) = world.zone_loss.as_ref().filter(|loss| loss.lasts(at) && at < loss.node_out_at) else {
        return false;
    };
    let Some(balancer) = world.elb.load_balancers.first() else { return false };
    let count = u64::try_from(balancer.zones.len()).unwrap_or(1).max(1);
    // The nodes rotate half as fast as the targets, so that every pair of node and target occurs.
    let place = usize::try_from(world.elb.requests / 2 % count).ok();
    place.and_then(|place| balancer.zones.get(place)).is_some_and(|(zone, _)| *zone == loss.zone)
}

/// The rule that the public listener's rules choose: the lowest priority that matches, else the default. The
/// public listener is the first on port 443, else the first.
fn rule_for<'a>(world: &'a World, path: &str) -> Option<&'a Rule> {
    let listeners = &world.elb.listeners;
    let listener = listeners.iter().find(|each| each.port == 443).or(listeners.first())?;
    let own = world.elb.rules.iter().filter(|rule| rule.listener_arn == listener.arn);
    own.filter(|rule| rule.priority.is_none() || applies(world, rule, path))
        .min_by_key(|rule| rule.priority.unwrap_or(u32::MAX))
}

/// Whether a rule applies to a plain request to the site's own name.
fn applies(world: &World, rule: &Rule, path: &str) -> bool {
    let site = world.certificates.first().map(|each| each.domain_name.as_str());
    let named = |host: &String| Some(host.as_str()) == site;
    (rule.path_patterns.is_empty() || rule.path_patterns.iter().any(|pattern| matches(pattern, path)))
        && rule.conditions.iter().all(|each| each.field == "host-header" && each.values.iter().any(named))
}

/// The target group of that rule.
fn group_for<'a>(world: &'a World, path: &str, turn: u64) -> Option<&'a TargetGroup> {
    let rule = rule_for(world, path)?;
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
        Action::RedirectToHttps | Action::FixedResponse { .. } => None,
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

/// Whether a task reaches its database at `at`.
pub fn database_reach(world: &World, task: &Task, at: Time) -> DatabaseReach {
    reach(world, task, at, false)
}

/// The same, for what writes if `writes`.
fn reach(world: &World, task: &Task, at: Time, writes: bool) -> DatabaseReach {
    let Some(database) = task.database.as_deref() else { return DatabaseReach::Up };
    for outage in world.rds.client_outages.iter().filter(|outage| outage.database == database) {
        let own = outage.straggler.as_ref().filter(|(id, _)| *id == task.id).map(|(_, back)| *back);
        let down_at = if writes { outage.writes_down_at } else { outage.down_at };
        if (down_at..own.unwrap_or(outage.back_at)).contains(&at) {
            return if at < outage.refused_at { DatabaseReach::Hangs } else { DatabaseReach::Refused };
        }
    }
    DatabaseReach::Up
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
