//! The list of permissions contains exactly the calls in the source.

use partybox_aws::permissions::{ACTS_ON_ANY, ACTS_ON_RESOURCES, read_actions};
use partybox_testkit::calls::{method_calls, strings};
use std::collections::BTreeSet;
use std::path::Path;

/// What the SDK's methods for calls begin with, changes included.
const VERBS: [&str; 14] = [
    "describe_",
    "list_",
    "get_",
    "batch_",
    "update_",
    "create_",
    "delete_",
    "register_",
    "deregister_",
    "stop_",
    "run_",
    "put_",
    "continue_",
    "execute_",
];

/// A permission for calls that do not name it.
const IMPLIED: &str = "ecs:TagResource";

fn source() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn listed() -> BTreeSet<String> {
    [&read_actions(), ACTS_ON_RESOURCES, ACTS_ON_ANY].concat().into_iter().map(str::to_owned).collect()
}

/// A permission as the SDK's methods are written: `ecs:DescribeServices` becomes `describeservices`.
fn squeezed(action: &str) -> String {
    action.rsplit(':').next().unwrap_or_default().to_lowercase()
}

/// Whether a text has the form of a permission.
fn is_permission(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, action)| {
        !service.is_empty()
            && service.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && action.starts_with(|c: char| c.is_ascii_uppercase())
            && action.chars().all(char::is_alphanumeric)
    })
}

#[test]
fn every_permission_that_the_source_names_is_listed() {
    let named: BTreeSet<String> = strings(&source()).into_iter().filter(|it| is_permission(it)).collect();
    assert!(named.len() > 30, "only {named:?}");
    let listed = listed();
    let missing: Vec<_> = named.difference(&listed).collect();
    assert!(missing.is_empty(), "not in permissions.rs: {missing:?}");
}

#[test]
fn every_call_of_an_sdk_is_listed() {
    let known: BTreeSet<String> = listed().iter().map(|it| squeezed(it)).collect();
    let called: BTreeSet<String> = method_calls(&source())
        .into_iter()
        .filter(|name| VERBS.iter().any(|verb| name.starts_with(verb)))
        .map(|name| name.replace('_', ""))
        .collect();
    assert!(called.contains("describeservices"), "{called:?}");
    let missing: Vec<_> = called.difference(&known).collect();
    assert!(missing.is_empty(), "called and not in permissions.rs: {missing:?}");
}

#[test]
fn nothing_is_listed_that_the_source_does_not_use() {
    let called: BTreeSet<String> =
        method_calls(&source()).into_iter().map(|name| name.replace('_', "")).collect();
    let named: BTreeSet<String> = strings(&source()).into_iter().map(|it| squeezed(&it)).collect();
    let idle: Vec<_> = listed()
        .into_iter()
        .filter(|it| it != IMPLIED && !called.contains(&squeezed(it)) && !named.contains(&squeezed(it)))
        .collect();
    assert!(idle.is_empty(), "listed and not used: {idle:?}");
}

#[test]
fn no_secret_value_is_within_reach() {
    assert!(!listed().contains("secretsmanager:GetSecretValue"));
    assert!(!method_calls(&source()).contains("get_secret_value"));
    // Nor by a call that is made by hand: "GetSecretValue", "BatchGetSecretValue". Comments may speak of it.
    let is_name = |it: &String| it.contains("SecretValue") && !it.contains(' ');
    let named: Vec<_> = strings(&source()).into_iter().filter(is_name).collect();
    assert!(named.is_empty(), "{named:?}");
}
