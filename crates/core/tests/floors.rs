//! Keeps the floors inside this crate, and the outside out of it.

use partybox_testkit::floors::{Floor, broken, count, naming};
use std::path::{Path, PathBuf};

/// Each floor may import from the ones named; anything else is refused.
const FLOORS: &[Floor] = &[
    Floor { module: "domain", may: &[] },
    Floor { module: "diagnosis", may: &["domain"] },
    Floor { module: "operation", may: &["domain", "diagnosis"] },
    Floor { module: "app::state", may: &["domain", "diagnosis", "operation"] },
    Floor { module: "app::polling", may: &["domain", "diagnosis", "operation", "app::state"] },
    Floor {
        module: "app::reducers",
        may: &["domain", "diagnosis", "operation", "app::state", "app::polling"],
    },
    Floor {
        module: "app::input",
        may: &["domain", "diagnosis", "operation", "app::state", "app::polling", "app::reducers"],
    },
    Floor {
        module: "app::update",
        may: &[
            "domain",
            "diagnosis",
            "operation",
            "app::state",
            "app::polling",
            "app::reducers",
            "app::input",
        ],
    },
    Floor {
        module: "app::replay",
        may: &[
            "domain",
            "diagnosis",
            "operation",
            "app::state",
            "app::reducers",
            "app::input",
            "app::update",
        ],
    },
    Floor { module: "app", may: &["domain", "diagnosis", "operation"] },
    Floor { module: "report", may: &["domain", "diagnosis", "operation", "app"] },
];

/// What a pure room must not name: whatever waits, reads or writes, and every clock. (SDK, tokio and ratatui
/// are not in
/// `Cargo.toml`, so the compiler refuses them.)
const OUTSIDE: &[&str] = &[
    "fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "thread",
    "env",
    "process",
    "Instant",
    "SystemTime",
    "Local",
];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn each_floor_imports_only_from_floors_below() {
    let wrong = broken(&src(), FLOORS);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count(&src()) > 100, "the files are where they are looked for");
}

#[test]
fn nothing_of_the_outside_is_named() {
    let wrong: Vec<String> = naming(&src(), OUTSIDE)
        .into_iter()
        .filter(|place| !place.starts_with("report/drill/html.rs"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
