//! No false green: while something that a service needs is really away, the program does not call the estate well for
//! longer than its readings take.

use partybox_core::report::status::Status;
use partybox_sim::world::elb::TargetState;
use partybox_sim::world::{TaskHealth, World};
use partybox_testkit::rig::Rig;
use std::collections::{BTreeMap, BTreeSet};

/// How long the program may not know yet, milliseconds: the pace of the slowest reading that tells, with the way there
/// and back.
const LAG: u64 = 31_000;

/// What is really away at a moment, of the services of a cluster.
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

/// Holds what the program says against what is so, after each of its messages.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    since: BTreeMap<String, u64>,
    /// How often something was away when the program was looked at.
    pub(crate) looks: usize,
    /// What was said that was not so.
    pub(crate) wrong: BTreeSet<String>,
}

impl Truth {
    /// Looks at the state as it is now. The account is as of its newest request.
    pub(crate) fn look(&mut self, rig: &Rig) {
        let at = rig.at();
        let cluster = rig.state.session.cluster.clone().unwrap_or_default();
        let away = away(&rig.world(), &cluster);
        self.since.retain(|what, _| away.contains(what));
        if away.is_empty() {
            return;
        }
        self.looks += 1;
        let well = Status::new(&rig.state, rig.now(), None, false).exit_status().code() == 0;
        for what in away {
            let since = *self.since.entry(what.clone()).or_insert(at);
            if well && at - since > LAG {
                let headline = &rig.state.account.health.headline;
                self.wrong.insert(format!("{what} since {since} ms, and at {at} ms it says {headline:?}"));
            }
        }
    }
}
