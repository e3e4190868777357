//! No text for people is read again by the program.
//!
//! A sentence is reworded by whoever reads it badly; a feature that takes it apart breaks then, and nothing says so. What a
//! part of the program needs to know stands in a field of its own. This module finds the places that look into such a text:
//! `entry.text.starts_with(..)`, `wait.words(now).find(..)`, `advice.as_deref().is_some_and(|a| a.contains(..))`.

use crate::floors::{is_test, modules, read, tokens};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::Path;

/// Fields and methods whose value is a text for people.
const TEXTS: [&str; 16] = [
    "text",
    "advice",
    "headline",
    "detail",
    "short",
    "here",
    "sentence",
    "title",
    "progress",
    "words",
    "steady_words",
    "words_of",
    "label",
    "consequences",
    "notice",
    "missing",
];

/// Methods that look into a text.
const LOOKS: [&str; 17] = [
    "starts_with",
    "ends_with",
    "contains",
    "find",
    "rfind",
    "matches",
    "match_indices",
    "split",
    "splitn",
    "rsplit",
    "split_once",
    "rsplit_once",
    "split_whitespace",
    "strip_prefix",
    "strip_suffix",
    "trim_start_matches",
    "trim_end_matches",
];

/// Methods after which it is still the same text.
const SAME: [&str; 12] = [
    "as_str",
    "as_deref",
    "as_ref",
    "clone",
    "cloned",
    "to_owned",
    "to_string",
    "trim",
    "to_lowercase",
    "to_ascii_lowercase",
    "unwrap_or_default",
    "chars",
];

/// Methods that hand the text to a closure.
const HANDS: [&str; 6] = ["is_some_and", "is_none_or", "map", "filter", "and_then", "map_or"];

/// Every place that looks into a text for people, as `file:line: text.method`, sorted; empty when all is well.
///
/// `may` names the files that have a reason to, each with the reason. One that has nothing to excuse is told too.
///
/// # Panics
/// When a file cannot be read or is not Rust.
pub fn read_again(src: &Path, may: &[(&str, &str)]) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut excused = BTreeSet::new();
    for (file, module) in modules(src) {
        if is_test(&module) {
            continue;
        }
        for hit in scan(tokens(&read(&src.join(&file)))) {
            if may.iter().any(|(name, _)| *name == file) {
                excused.insert(file.clone());
            } else {
                found.insert(format!("{file}:{hit}"));
            }
        }
    }
    let idle = may.iter().filter(|(name, _)| !excused.contains(*name));
    found.extend(idle.map(|(name, _)| format!("{name}: nothing to excuse")));
    found.into_iter().collect()
}

fn scan(stream: TokenStream) -> Vec<String> {
    let all: Vec<TokenTree> = stream.into_iter().collect();
    let mut found = Vec::new();
    for at in 0..all.len() {
        if let TokenTree::Group(group) = &all[at]
            && !names_test(&all[..at])
        {
            found.extend(scan(group.stream()));
        }
        if let Some(name) = word(&all, at)
            && TEXTS.contains(&name.as_str())
            && at > 0
            && is_dot(&all, at - 1)
            && let Some(method) = look_after(&all, at + 1)
        {
            found.push(format!("{}: {name}.{method}", all[at].span().start().line));
        }
    }
    found
}

/// Which method of those that look into a text follows in the chain of calls.
fn look_after(all: &[TokenTree], mut at: usize) -> Option<String> {
    loop {
        // The arguments of the call before.
        if matches!(all.get(at), Some(TokenTree::Group(_))) {
            at += 1;
        }
        if !is_dot(all, at) {
            return None;
        }
        let method = word(all, at + 1)?;
        let arguments = match all.get(at + 2) {
            Some(TokenTree::Group(group)) => group.stream(),
            _ => TokenStream::new(),
        };
        if LOOKS.contains(&method.as_str()) {
            return Some(method);
        }
        if HANDS.contains(&method.as_str()) {
            let inner: Vec<TokenTree> = arguments.into_iter().collect();
            let looks = |i: usize| {
                word(&inner, i).filter(|w| is_dot(&inner, i.wrapping_sub(1)) && LOOKS.contains(&w.as_str()))
            };
            return (1..inner.len()).find_map(looks);
        }
        if !SAME.contains(&method.as_str()) {
            return None;
        }
        at += 2;
    }
}

fn word(all: &[TokenTree], at: usize) -> Option<String> {
    match all.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_dot(all: &[TokenTree], at: usize) -> bool {
    matches!(all.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == '.')
}

/// Whether `mod tests` stands just before.
fn names_test(before: &[TokenTree]) -> bool {
    let [.., TokenTree::Ident(keyword), TokenTree::Ident(name)] = before else { return false };
    keyword == "mod" && name == "tests"
}

#[cfg(test)]
mod tests {
    use super::scan;

    fn hits(code: &str) -> Vec<String> {
        scan(code.parse().expect("Rust"))
    }

    #[test]
    fn a_text_that_is_looked_into_is_found() {
        for (code, hit) in [
            ("fn f() { if entry.text.starts_with(\"first\") {} }", "1: text.starts_with"),
            ("let a = wait.words(now).find(\", about\");", "1: words.find"),
            ("finding.advice.as_deref().is_some_and(|a| a.contains(\"esc\"))", "1: advice.contains"),
            ("loss.sentence().to_lowercase().split(':')", "1: sentence.split"),
            ("health.headline.as_str().strip_prefix(x)", "1: headline.strip_prefix"),
        ] {
            assert_eq!(hits(code), [hit], "{code}");
        }
    }

    #[test]
    fn other_uses_and_tests_are_not() {
        for code in [
            "let text = entry.text.clone(); write(text);",
            "name.starts_with(\"arn:\")",
            "mod tests { fn f() { a.text.contains(b); } }",
            "entry.text.is_empty() || names.contains(&entry)",
        ] {
            assert!(hits(code).is_empty(), "{code}: {:?}", hits(code));
        }
    }
}
