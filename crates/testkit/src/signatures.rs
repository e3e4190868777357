//! What a function's signature and a type's public fields may not look like.
//!
//! A tuple of three or more leaves it to the reader to know which place means what; a struct with named fields says it.

use crate::floors::{is_test, modules, read, tokens};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::Path;

/// A tuple with so many places needs names.
const MANY: usize = 3;

/// Every tuple type of three or more in a function's signature, a `pub` field, a variant or a type alias, as
/// `file:line: where`, sorted by file; empty when all is well. Tests and the bodies of functions do not count.
///
/// # Panics
/// When a file cannot be read or is not Rust.
pub fn anonymous_tuples(src: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for (file, module) in modules(src) {
        if !is_test(&module) {
            let text = read(&src.join(&file));
            found.extend(tuples_of(&text).into_iter().map(|(line, place)| format!("{file}:{line}: {place}")));
        }
    }
    found
}

/// The tuples of one file: line, and what they stand in.
fn tuples_of(text: &str) -> BTreeSet<(usize, String)> {
    let mut found = BTreeSet::new();
    items(&list(tokens(text)), &mut found);
    found
}

/// Looks through a sequence of items, and into the blocks of the modules, traits and `impl`s among them.
fn items(tokens: &[TokenTree], found: &mut BTreeSet<(usize, String)>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let name = || tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
        let kind = token.to_string();
        let mut tuples = |tokens: &[TokenTree], is_list: &dyn Fn(usize) -> bool| {
            let lines = tuple_types(tokens, is_list);
            found.extend(lines.into_iter().map(|line| (line, format!("{kind} {}", name()))));
        };
        let end = match kind.as_str() {
            "mod" if is_test(&[name()]) => end_of(tokens, at, true),
            // What a function does inside is its own business.
            "fn" if matches!(tokens.get(at + 1), Some(TokenTree::Ident(_))) => {
                let end = end_of(tokens, at, true);
                let signature = &tokens[at..end];
                let parameters = signature.iter().position(|t| is_group(t, Delimiter::Parenthesis));
                tuples(signature, &|at| Some(at) == parameters);
                end
            }
            "type" => {
                let end = end_of(tokens, at, false);
                tuples(&tokens[at..end], &|_| false);
                end
            }
            "struct" | "enum" => {
                let end = end_of(tokens, at, true);
                let inside = tokens[at..tokens.len().min(end + 1)].iter().filter_map(|token| match token {
                    TokenTree::Group(group) if group.delimiter() != Delimiter::Bracket => Some(group),
                    _ => None,
                });
                for part in inside.flat_map(split) {
                    if kind == "enum" {
                        tuples(&part, &|_| true);
                    } else if part.iter().any(|token| token.to_string() == "pub") {
                        tuples(&part, &|_| false);
                    }
                }
                end
            }
            _ => {
                if let TokenTree::Group(block) = token
                    && block.delimiter() == Delimiter::Brace
                {
                    items(&list(block.stream()), found);
                }
                at
            }
        };
        at = end + 1;
    }
}

/// Where an item ends: at its `;`, or at its block.
fn end_of(tokens: &[TokenTree], from: usize, block: bool) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        token => block && is_group(token, Delimiter::Brace),
    };
    tokens[from..].iter().position(ends).map_or(tokens.len(), |length| from + length)
}

/// The lines of the tuple types in a sequence of tokens. `is_list` names the groups that look like a tuple and are a list of
/// parameters or fields.
fn tuple_types(tokens: &[TokenTree], is_list: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let mut lines = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let before = at.checked_sub(1).map(|before| tokens[before].to_string()).unwrap_or_default();
        // `#[...]`, and the parameters of a closure.
        if before == "#" {
            continue;
        }
        let called = matches!(before.as_str(), "Fn" | "FnMut" | "FnOnce" | "fn");
        let parts = split(group);
        if group.delimiter() == Delimiter::Parenthesis && !called && !is_list(at) && parts.len() >= MANY {
            lines.push(group.span_open().start().line);
        }
        lines.extend(parts.iter().flat_map(|part| tuple_types(part, &|_| false)));
    }
    lines
}

/// What stands between the commas of a group; those within `<...>` part nothing.
fn split(group: &Group) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    let mut depth = 0_usize;
    let mut arrow = false;
    for token in group.stream() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' && depth == 0 => {
                parts.push(Vec::new());
                continue;
            }
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' && !arrow => depth = depth.saturating_sub(1),
            _ => {}
        }
        arrow = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '-');
        if let Some(part) = parts.last_mut() {
            part.push(token);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn list(tokens: TokenStream) -> Vec<TokenTree> {
    tokens.into_iter().collect()
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<String> {
        tuples_of(text).into_iter().map(|(line, place)| format!("{line}: {place}")).collect()
    }

    #[test]
    fn tuples_of_three_are_found_wherever_a_reader_meets_them() {
        let text = "
            pub fn a(x: (u8, u8, u8)) {}
            fn b(y: u8) -> Option<(u8, BTreeMap<u8, u8>, u8)> { c() }
            pub struct C { pub d: Vec<(u8, u8, u8)> }
            pub struct D(pub (u8, u8, u8));
            enum E { F { g: (u8, u8, u8) }, H((u8, u8, u8)) }
            type I = (u8, u8, u8);
            impl J { fn k(l: impl Fn(u8, (u8, u8, u8))) {} }";
        assert_eq!(
            places(text),
            ["2: fn a", "3: fn b", "4: struct C", "5: struct D", "6: enum E", "7: type I", "8: fn k"]
        );
    }

    #[test]
    fn lists_pairs_bodies_and_tests_are_no_such_tuples() {
        let text = "
            fn a(x: u8, y: u8, z: (u8, HashMap<u8, u8>)) -> u8 { let (a, b, c) = f((1, 2, 3)); a }
            fn b(f: impl Fn(u8, u8, u8) -> u8, g: fn(u8, u8, u8)) where F: FnMut(u8, u8, u8) {}
            #[derive(A, B, C)] pub struct D { #[e(a, b, c)] pub f: u8, private: (u8, u8, u8) }
            enum G { H(u8, u8, u8), I { a: u8, b: u8, c: u8 } }
            mod tests { fn t(x: (u8, u8, u8)) {} }";
        assert_eq!(places(text), Vec::<String>::new());
    }
}
