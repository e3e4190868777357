//! No false green at any moment: while the account's truth has nothing that serves, the program says so, once it could
//! have read it. Run over any account: `Truth::look` after each step of a [`Rig`], `Truth::wrong` at the end.

use partybox_core::app::Msg;
use partybox_core::operation::Draft;
use partybox_core::report::status::Status;
use partybox_sim::Scenario;
use partybox_sim::world::World;
use partybox_sim::world::elb::TargetState;
use partybox_testkit::rig::Rig;
use std::collections::{BTreeMap, BTreeSet};

/// How long the program may not know yet, milliseconds: the poll interval of the slowest reading that tells, 30 s for a
/// database that is quiet, with the way there and back.
pub(crate) const LAG: u64 = 31_000;
/// Where readings get lost or fail, the next one must do.
const FAULTY_LAG: u64 = 2 * LAG;

/// What is really wrong at a moment with the services of a cluster and their databases.
pub(crate) fn out_of_order(world: &World, cluster: &str) -> BTreeSet<String> {
    let mut wrong = BTreeSet::new();
    let up = |id: &str| {
        let writer = world.rds.cluster(id).and_then(|cluster| cluster.writer());
        world.rds.instance(writer.unwrap_or(id)).is_none_or(|instance| instance.is_up(world.now))
    };
    let own = |arn: &str| arn.rsplit('/').next() == Some(cluster);
    for service in world.ecs.services.iter().filter(|it| it.desired_count > 0 && own(&it.cluster_arn)) {
        let group = world.elb.target_group(&service.serving_group_arn);
        if group.is_some_and(|group| group.count(TargetState::Healthy) == 0) {
            wrong.insert(format!("no target of {} serves", service.name));
        }
        if service.running_count() == 0 {
            wrong.insert(format!("no task of {} runs", service.name));
        }
        if let Some(database) = service.database.as_deref().filter(|id| !up(id)) {
            wrong.insert(format!("{database} does not answer"));
        }
    }
    wrong
}

/// Holds what the program says against what is so.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// Since when each thing is wrong, milliseconds.
    since: BTreeMap<String, u64>,
    /// The longest time for which each was wrong while the program said well, milliseconds.
    longest: BTreeMap<String, u64>,
    /// When the program was started, milliseconds.
    begun: u64,
    /// How often the program was looked at while something was wrong.
    pub(crate) looks: usize,
    /// What was said that was not so.
    wrong: BTreeSet<String>,
}

impl Truth {
    /// Nothing is known yet of a program that is started at this moment, milliseconds.
    pub(crate) fn of(begun: u64) -> Self {
        Self { begun, ..Self::default() }
    }

    /// Looks at the state as it is now. What the account is like is as of its newest request, so that this is to be called
    /// when the program has just taken a message in.
    pub(crate) fn look(&mut self, rig: &Rig) {
        let at = rig.at();
        let cluster = rig.state.session.cluster.clone().unwrap_or_default();
        let really = out_of_order(&rig.world(), &cluster);
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
    pub(crate) fn longest(&self) -> u64 {
        self.longest.values().copied().max().unwrap_or(0)
    }

    /// What was said that was not so.
    pub(crate) fn wrong(&self) -> impl Iterator<Item = &String> {
        self.wrong.iter()
    }
}

/// Looks at an account, whatever it is, until a moment (milliseconds).
pub(crate) fn watch(rig: &mut Rig, end: u64) -> Truth {
    let mut truth = Truth::of(rig.at());
    while rig.at() < end {
        if rig.step(end) {
            truth.look(rig);
        }
    }
    truth
}

/// The stories in which a database or a zone is away for a while.
const STORIES: [Scenario; 6] = [
    Scenario::Failover,
    Scenario::FailoverSlow,
    Scenario::FailoverLostEvents,
    Scenario::FailoverReorderedEvents,
    Scenario::Aurora,
    Scenario::AzOutage,
];

#[test]
fn nothing_is_called_well_while_a_story_has_nothing_that_serves() {
    let mut looks = 0;
    let mut wrong = Vec::new();
    for (scenario, seed) in
        STORIES.into_iter().flat_map(|it| (1..=crate::seeds(1)).map(move |seed| (it, seed)))
    {
        let mut rig = Rig::new(scenario, seed);
        rig.faulty = crate::is_faulty(seed);
        let connected = rig.between(0, 8_000);
        rig.connect(connected);
        assert_eq!(watch(&mut rig, 40_000).wrong().next(), None, "it begins well");
        if !matches!(scenario, Scenario::Failover | Scenario::AzOutage) {
            rig.tell(Msg::Draft(Box::new(Draft::Failover { database: "party-box-db".into() })));
            rig.tell(Msg::Confirm);
        }
        let truth = watch(&mut rig, 12 * 60_000);
        looks += truth.looks;
        println!("{scenario}, seed {seed}: {} looks, silent for {} ms at most", truth.looks, truth.longest());
        wrong.extend(truth.wrong().map(|it| format!("{scenario}, seed {seed}: {it}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(looks > 0, "no story has a moment in which nothing serves");
}

/// All tasks of a service are stopped, and there is no place for others.
#[test]
fn nothing_is_called_well_while_a_service_has_no_task() {
    for seed in 1..=crate::seeds(1) {
        let mut rig = Rig::new(Scenario::Steady, seed);
        rig.connect(1_000);
        assert_eq!(watch(&mut rig, 60_000).looks, 0, "it begins well");
        let now = rig.world().now;
        rig.world().no_capacity_until = Some(now + chrono::TimeDelta::minutes(10));
        let node = rig.state.account.party_box.service("backend").expect("it is there");
        let tasks: Vec<String> = node.rows.iter().map(|row| node.task(row).id.clone()).collect();
        for task in tasks {
            rig.tell(Msg::Draft(Box::new(Draft::StopTask { service: "backend".into(), task })));
            rig.tell(Msg::Confirm);
        }
        let truth = watch(&mut rig, 10 * 60_000);
        println!("seed {seed}: {} looks, silent for {} ms at most", truth.looks, truth.longest());
        assert!(truth.looks > 10, "its tasks were not stopped");
        assert_eq!(truth.wrong().collect::<Vec<_>>(), Vec::<&String>::new(), "seed {seed}");
    }
}
