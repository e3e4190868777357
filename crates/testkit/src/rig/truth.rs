//! No false green at any moment: while something that a service needs is really away, the program does not call the
//! estate well for longer than its readings take. Run over any account: [`Truth::look`] after each step of a [`Rig`],
//! [`Truth::wrong`] at the end.

use super::Rig;
use partybox_core::report::status::Status;
use partybox_sim::world::elb::TargetState;
use partybox_sim::world::{TaskHealth, World};
use std::collections::{BTreeMap, BTreeSet};

/// How long the program may not know yet, milliseconds: the poll interval of the slowest reading that tells, 30 s for a
/// database that is quiet, with the way there and back.
pub(crate) const LAG: u64 = 31_000;
/// Where readings get lost or fail, the next one must do.
const FAULTY_LAG: u64 = 2 * LAG;

/// What is really away at a moment, of the services of a cluster and of their databases.
fn away(world: &World, cluster: &str) -> BTreeSet<String> {
    let mut away = BTreeSet::new();
    let is_up = |id: &str| {
        let writer = world.rds.cluster(id).and_then(|cluster| cluster.writer());
        world.rds.instance(writer.unwrap_or(id)).is_none_or(|instance| instance.is_up(world.now))
    };
    for service in world.ecs.services.iter().filter(|it| it.desired_count > 0 && it.cluster_name() == cluster)
    {
        let serving = std::iter::once(&service.serving_group_arn);
        let groups = serving.chain(service.more_load_balancers.iter().map(|each| &each.target_group_arn));
        for group in groups.filter_map(|arn| world.elb.target_group(arn)) {
            if group.count(TargetState::Healthy) == 0 {
                away.insert(format!("no target of {} serves", group.name));
            }
        }
        if service.running_count() == 0 {
            away.insert(format!("no task of {} runs", service.name));
        }
        let well = |task| world.task_health(service, task) == TaskHealth::Healthy;
        if service.load_balancers().next().is_none() && !service.tasks.iter().any(well) {
            away.insert(format!("no task of {} is well", service.name));
        }
        if let Some(database) = service.database.as_deref().filter(|id| !is_up(id)) {
            away.insert(format!("{database} does not answer"));
        }
    }
    away
}

/// Holds what the program says against what is so.
#[derive(Debug, Default)]
pub struct Truth {
    /// Since when each thing is wrong, milliseconds.
    since: BTreeMap<String, u64>,
    /// The longest time for which each was wrong while the program said well, milliseconds.
    longest: BTreeMap<String, u64>,
    /// When the program was started, milliseconds.
    begun: u64,
    /// How often the program was looked at while something was wrong.
    pub looks: usize,
    /// What was said that was not so.
    wrong: BTreeSet<String>,
}

impl Truth {
    /// Nothing is known yet of a program that is started at this moment, milliseconds.
    pub fn of(begun: u64) -> Self {
        Self { begun, ..Self::default() }
    }

    /// Looks at the state as it is now. What the account is like is as of its newest request, so that this is to be called
    /// when the program has just taken a message in.
    pub fn look(&mut self, rig: &Rig) {
        let at = rig.at();
        let cluster = rig.state.session.cluster.clone().unwrap_or_default();
        let really = away(&rig.world(), &cluster);
        self.since.retain(|what, _| really.contains(what));
        if really.is_empty() {
            return;
        }
        self.looks += 1;
        let status = Status::new(&rig.state, rig.now(), None, false);
        let headline = &rig.state.account.health.headline;
        let well = status.exit_status().code() == 0 || headline.starts_with("All well");
        let lag = if rig.faulty { FAULTY_LAG } else { LAG };
        for what in really {
            let since = *self.since.entry(what.clone()).or_insert(at);
            if !well {
                continue;
            }
            let known = self.longest.entry(what.clone()).or_default();
            *known = (*known).max(at - since);
            // Nor may it take longer than that since the program was started.
            if at - since > lag && at > self.begun + lag {
                let seconds = (at - since) / 1000;
                self.wrong.insert(format!("{what}, for {seconds} s, and the program says {headline:?}"));
            }
        }
    }

    /// The longest time for which the program did not say it, milliseconds.
    pub fn longest(&self) -> u64 {
        self.longest.values().copied().max().unwrap_or(0)
    }

    /// What was said that was not so.
    pub fn wrong(&self) -> impl Iterator<Item = &String> {
        self.wrong.iter()
    }
}
