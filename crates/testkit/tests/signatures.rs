//! No signature of the workspace leaves it to the reader what the places of a tuple mean.

use partybox_testkit::signatures::anonymous_tuples;
use std::path::Path;

/// Signatures that are somebody else's: ratatui's `Backend` gives cells as tuples.
const FOREIGN: &[(&str, &str)] = &[("src", "runtime/sync_backend.rs")];

#[test]
fn no_signature_and_no_public_field_is_a_tuple_of_three() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for source in ["src", "crates/aws/src", "crates/core/src", "crates/sim/src", "crates/tui/src"] {
        let mut found = anonymous_tuples(&root.join(source));
        found.retain(|place| !FOREIGN.iter().any(|(of, file)| *of == source && place.starts_with(file)));
        assert!(found.is_empty(), "{source}: give these a struct with named fields: {found:#?}");
    }
}
