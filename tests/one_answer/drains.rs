//! What a load balancer does with a target: serves, drains, fails.

use crate::account::Watched;
use partybox_core::app::View;
use partybox_core::domain::Level;
use partybox_core::domain::samples::{Sample, group_arn, target};
use partybox_core::report::status::Status;

/// Every state that ELBv2 names, and one that it may name some day: (state, severity, serves, drains).
const STATES: [(&str, Level, bool, bool); 8] = [
    ("healthy", Level::Good, true, false),
    ("initial", Level::Busy, false, false),
    ("unhealthy", Level::Bad, false, false),
    ("unhealthy.draining", Level::Bad, false, true),
    ("draining", Level::Busy, false, true),
    ("unavailable", Level::Bad, false, false),
    ("unused", Level::Warn, false, false),
    ("some-new-state", Level::Warn, false, false),
];

#[test]
fn a_target_is_the_same_in_every_count_and_view() {
    for (state, level, serves, drains) in STATES {
        let one = target("backend", 1, state);
        assert_eq!((one.level(), one.serves(), one.drains()), (level, serves, drains), "{state}");
        let mut sample = Sample::healthy();
        sample.health.insert(group_arn("backend"), vec![one, target("backend", 2, "healthy")]);
        let mut watched = Watched::begin(sample);
        let counts = (1 + u32::from(serves), 2 - u32::from(drains), u32::from(drains));
        let node = watched.state.account.party_box.service("backend").expect("it is there");
        assert_eq!((node.healthy, node.registered, node.draining), counts, "the service, {state}");

        let status = Status::new(&watched.state, watched.now(), None, false);
        let json = serde_json::to_value(&status).expect("a status is data");
        let all = json["services"].as_array().expect("a list");
        let told = all.iter().find(|service| service["name"] == "backend").expect("it is there");
        let count = |name: &str| told[name].as_u64().and_then(|n| u32::try_from(n).ok());
        let told = (count("healthy_targets"), count("registered_targets"), count("draining_targets"));
        assert_eq!(told, (Some(counts.0), Some(counts.1), Some(counts.2)), "status, {state}");

        watched.state.screen.view = View::Zones;
        watched.rows(View::Zones);
        let zones = &watched.state.account.zones;
        let backend = |f: fn(&partybox_core::diagnosis::Zone) -> u32| zones.iter().map(f).sum::<u32>() - 2;
        assert_eq!(backend(|zone| zone.healthy), counts.0, "the zones, {state}");
        assert_eq!(backend(|zone| zone.registered), counts.1, "the zones, {state}");

        if state != "healthy" {
            // The column is narrower than the longest of them.
            let word = &state[..state.len().min(11)];
            assert_eq!(watched.shown(View::Traffic, word), level, "the traffic view, {state}");
        }
    }
}
