//! What a file may say, and what people are told when it says something wrong.
use super::Estate;

fn refused(text: &str) -> String {
    Estate::parse("mine.toml", text).expect_err("it says something wrong").to_string()
}

/// The smallest estate, with more lines behind.
fn small(more: &str) -> String {
    format!("[[cluster]]\nname = \"one\"\n\n[[service]]\nname = \"api\"\n{more}")
}

#[test]
fn every_built_in_estate_is_read() {
    for name in Estate::names() {
        let estate = Estate::load(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(estate.name(), name);
        assert!(!estate.summary().is_empty(), "{name} says nothing of itself");
    }
}

#[test]
fn a_file_may_be_short() {
    let estate = Estate::parse("folder/mine.toml", &small("")).expect("an estate");
    assert_eq!(estate.name(), "mine");
}

#[test]
fn errors_name_the_line_and_what_was_meant() {
    for (text, told) in [
        (small("taks = 3"), "mine.toml:6: unknown key `taks`: did you mean `tasks`?"),
        (small("tasks = \"three\""), "mine.toml:6:"),
        (
            small("groups = [\"tasks\"]\n[[group]]\nname = \"task\""),
            "mine.toml:6: no [[group]] is called `tasks`: did you mean `task`?",
        ),
        (small("[[cluster]]\nname = \"one\""), "mine.toml: two clusters are called `one`"),
        (
            small("daemon = true"),
            "mine.toml: service `api`: DAEMON and the modes bridge and host need launch = \"ec2\"",
        ),
        ("zones = [\"b\"]".to_owned(), "`zones` are a, c and d here, not `b`"),
        (String::new(), "at least one zone"),
        ("[[cluster]\n".to_owned(), "mine.toml:1:"),
    ] {
        let error = refused(&text);
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn a_misspelt_name_of_an_estate_is_corrected() {
    let error = Estate::load("shared_vpc").expect_err("no such estate").to_string();
    assert_eq!(error, "shared_vpc: no such estate: did you mean `shared-vpc`?");
    let error = Estate::load("missing/estate.toml").expect_err("no such file").to_string();
    assert!(error.starts_with("missing/estate.toml: cannot be read"), "{error}");
}

/// The page that describes the files.
const PAGE: &str = include_str!("../../../../docs/estates.md");

#[test]
fn the_page_lists_every_built_in_estate() {
    for name in Estate::names() {
        let estate = Estate::load(name).expect("a built-in estate");
        let row = format!("| `{name}` | {} |", estate.summary());
        assert!(PAGE.contains(&row), "no row {row}");
    }
}

#[test]
fn the_example_of_the_page_is_an_estate() {
    let example = PAGE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let estate = Estate::parse("shop.toml", example.expect("an example")).expect("an estate");
    assert_eq!(estate.summary(), "our shop");
}
