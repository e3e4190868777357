//! Where the tasks of a deployment are registered that shifts its traffic: in the group that does not serve yet.

use crate::story::Operator;
use partybox_core::diagnosis::RolloutVerdict;
use partybox_sim::Scenario;
use partybox_testkit::rig::Rig;

/// No story is longer, milliseconds.
const LONGEST: u64 = 45 * 60_000;

/// With this seed the operator lets the deployment go on.
const GOES_ON: u64 = 3;

/// Once all new tasks are up, they are seen healthy until the verdict: in the alternate group.
fn new_tasks_stay_healthy(scenario: Scenario) {
    let mut rig = Rig::new(scenario, GOES_ON);
    let mut operator = Operator::of(scenario, GOES_ON, &mut rig.rng);
    rig.connect(1_000);
    let (mut baked, mut ended) = (0, false);
    while rig.at() < LONGEST && !ended {
        if !rig.step(LONGEST) {
            continue;
        }
        operator.act(&mut rig);
        let Some(rollout) = rig.state.account.rollouts.newest("backend") else { continue };
        // The newest one at first is from the account's past.
        ended = baked > 0 && rollout.verdict == Some(RolloutVerdict::Succeeded);
        if rollout.stage.as_deref() != Some("BAKE_TIME") {
            continue;
        }
        baked += 1;
        let node = rig.state.account.party_box.service("backend").expect("it is there");
        let own = rollout.deployment.as_deref().expect("ECS names it");
        let alternate = node.service().target_links[0].alternate.as_deref().expect("there are two groups");
        let rows: Vec<_> =
            node.rows.iter().filter(|row| node.task(row).started_by.as_deref() == Some(own)).collect();
        assert_eq!(rows.len(), node.service().desired as usize, "{scenario}: all new tasks are there");
        for row in rows {
            let state = row.target.as_ref().map(|target| target.state.as_str());
            assert_eq!(state, Some("healthy"), "{scenario}: a new task during the bake");
        }
        let group = rig.state.account.party_box.group(alternate).expect("the alternate group is known");
        assert_eq!(group.service.as_deref(), Some("backend"));
        let counts = &node.by_deployment[own];
        assert_eq!((counts.healthy, counts.running), (node.service().desired, 0), "{scenario}");
    }
    assert!(baked > 3, "{scenario}: the bake was not seen");
    assert!(ended, "{scenario}: no end was seen");
}

#[test]
fn the_new_tasks_of_a_blue_green_deployment_are_seen_healthy() {
    new_tasks_stay_healthy(Scenario::BlueGreen);
}

#[test]
fn those_of_a_canary_deployment_too() {
    new_tasks_stay_healthy(Scenario::Canary);
}
