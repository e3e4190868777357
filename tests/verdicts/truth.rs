//! No false green at any moment, in the stories in which something is away for a while.

use partybox_core::app::Msg;
use partybox_core::operation::Draft;
use partybox_sim::Scenario;
use partybox_testkit::rig::{Rig, Truth};

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
