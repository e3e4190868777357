//! A name of a type means one thing outside the simulator, whose types are its own on purpose.

use partybox_testkit::type_names::type_names;
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn no_two_types_have_one_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in ["src", "crates/aws/src", "crates/core/src", "crates/tui/src"] {
        for found in type_names(&root.join(source)) {
            places.entry(found.name).or_default().push(format!("{source}/{}", found.place));
        }
    }
    assert!(places.len() > 200, "they are where they are looked for: {}", places.len());
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "each of these names means two things: {places:#?}");
}
