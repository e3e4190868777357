//! Checks the imports between the folders of this crate.

use partybox_testkit::floors::{Floor, broken, count, naming};
use std::path::{Path, PathBuf};

/// Each floor may import from the ones named; anything else is refused.
const FLOORS: &[Floor] = &[
    Floor { module: "clock", may: &[] },
    Floor { module: "world", may: &[] },
    Floor { module: "protocol", may: &[] },
    Floor { module: "behaviour", may: &["world", "protocol"] },
    // The service scheduler of ECS, each file upon the ones before it.
    Floor { module: "behaviour::ecs", may: &["world"] },
    Floor { module: "behaviour::ecs::traffic", may: &["world"] },
    Floor {
        module: "behaviour::ecs::rollback",
        may: &["world", "behaviour::ecs", "behaviour::ecs::traffic"],
    },
    Floor {
        module: "behaviour::ecs::blue_green",
        may: &["world", "behaviour::ecs", "behaviour::ecs::traffic", "behaviour::ecs::rollback"],
    },
    Floor {
        module: "behaviour::ecs::deployments",
        may: &["world", "behaviour::ecs", "behaviour::ecs::traffic", "behaviour::ecs::rollback"],
    },
    Floor { module: "behaviour::ecs::placement", may: &["world"] },
    Floor { module: "behaviour::ecs::task_life", may: &["world", "behaviour", "behaviour::ecs::placement"] },
    Floor {
        module: "behaviour::ecs::tasks",
        may: &[
            "world",
            "behaviour::ecs",
            "behaviour::ecs::traffic",
            "behaviour::ecs::deployments",
            "behaviour::ecs::task_life",
        ],
    },
    Floor {
        module: "behaviour::ecs::replacement",
        may: &[
            "world",
            "behaviour::ecs",
            "behaviour::ecs::deployments",
            "behaviour::ecs::task_life",
            "behaviour::ecs::tasks",
        ],
    },
    Floor {
        module: "behaviour::ecs::scheduler",
        may: &[
            "world",
            "behaviour::ecs",
            "behaviour::ecs::traffic",
            "behaviour::ecs::blue_green",
            "behaviour::ecs::deployments",
            "behaviour::ecs::task_life",
            "behaviour::ecs::tasks",
            "behaviour::ecs::replacement",
        ],
    },
    Floor {
        module: "behaviour::ecs::stop",
        may: &["world", "protocol", "behaviour::ecs::rollback", "behaviour::ecs::task_life"],
    },
    Floor {
        module: "behaviour::ecs::update_service",
        may: &["world", "protocol", "behaviour::ecs::deployments"],
    },
    Floor {
        module: "behaviour::ecs::run_task",
        may: &["world", "behaviour::ecs::placement", "behaviour::ecs::task_life"],
    },
    Floor { module: "estate", may: &["world"] },
    Floor { module: "seed::scenarios", may: &["world", "estate"] },
    Floor {
        module: "seed",
        may: &["world", "behaviour", "behaviour::ecs::task_life", "estate", "seed::scenarios"],
    },
    Floor {
        module: "api",
        may: &[
            "world",
            "protocol",
            "behaviour",
            "behaviour::ecs::run_task",
            "behaviour::ecs::stop",
            "behaviour::ecs::update_service",
        ],
    },
    Floor { module: "dataplane", may: &["world", "protocol", "behaviour"] },
    Floor { module: "router", may: &["world", "protocol", "behaviour", "api", "dataplane"] },
    Floor {
        module: "server",
        may: &["clock", "world", "protocol", "behaviour", "estate", "seed", "dataplane", "router"],
    },
];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn each_floor_imports_only_from_floors_below() {
    let wrong = broken(&src(), FLOORS);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count(&src()) > 60, "the files are where they are looked for");
}

/// The folders that may refer to a scenario: the one that defines them, the one that builds an account, and
/// the crate's root.
const NAME_SCENARIOS: &[&str] = &["seed/scenarios/", "seed/mod.rs:", "server.rs:", "lib.rs:"];

#[test]
fn mechanics_read_rules_and_name_no_scenario() {
    let named = naming(&src(), &["Scenario", "scenario", "scenarios"]);
    let (allowed, wrong): (Vec<String>, Vec<String>) =
        named.into_iter().partition(|place| NAME_SCENARIOS.iter().any(|each| place.starts_with(each)));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(!allowed.is_empty(), "the word is found where it is allowed");
}
