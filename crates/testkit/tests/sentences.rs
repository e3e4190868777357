//! No text for people is read again by the program.

use partybox_testkit::sentences::read_again;
use std::path::Path;

/// Files that look into a text, each with its reason.
const MAY: &[(&str, &[(&str, &str)])] = &[
    (
        "crates/core/src",
        &[
            ("report/drill/lines.rs", "a name is left out before a text that has it in it"),
            ("report/drill/text.rs", "a name is left out before a text that has it in it"),
        ],
    ),
    ("crates/tui/src", &[]),
    ("src", &[]),
];

#[test]
fn no_text_for_people_is_read_again() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (source, may) in MAY {
        let found = read_again(&root.join(source), may);
        assert!(found.is_empty(), "{source}: give what is needed a field of its own: {found:#?}");
    }
}
