//! Keeps the floors inside this crate: what the account is, what time does to it, and who may ask.

use partybox_testkit::floors::{Floor, broken, count};
use std::path::{Path, PathBuf};

/// Each floor may import from the ones named; anything else is refused.
const FLOORS: &[Floor] = &[
    Floor { module: "clock", may: &[] },
    Floor { module: "scenario", may: &[] },
    Floor { module: "world", may: &["scenario"] },
    Floor { module: "protocol", may: &[] },
    Floor { module: "behaviour", may: &["world", "protocol", "scenario"] },
    Floor { module: "seed", may: &["world", "behaviour", "scenario"] },
    Floor { module: "api", may: &["world", "protocol", "behaviour"] },
    Floor { module: "dataplane", may: &["world", "protocol", "behaviour"] },
    Floor { module: "router", may: &["world", "protocol", "behaviour", "api", "dataplane"] },
    Floor {
        module: "server",
        may: &["clock", "world", "protocol", "behaviour", "seed", "dataplane", "router", "scenario"],
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
