//! What the source of a crate says and calls, read from its tokens.

use crate::floors::{is_test, modules, read, tokens};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::Path;

/// Every string that stands in the source of a crate, without its tests and without the file `permissions.rs`, which
/// lists and does not call. Comments do not count.
///
/// # Panics
/// When a file cannot be read or is not Rust.
pub fn strings(src: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for_each_file(src, |tokens| {
        walk_code(tokens, &mut |sequence, at| {
            if let TokenTree::Literal(literal) = &sequence[at] {
                let text = literal.to_string();
                if let Some(inner) = text.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
                    found.insert(inner.to_owned());
                }
            }
        });
    });
    found
}

/// The name of every method that is called without arguments, e.g. `describe_services` of `ecs.describe_services()`.
///
/// # Panics
/// When a file cannot be read or is not Rust.
pub fn method_calls(src: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for_each_file(src, |tokens| {
        walk_code(tokens, &mut |sequence, at| {
            let dot = |at: usize| matches!(&sequence[at], TokenTree::Punct(p) if p.as_char() == '.');
            if let (TokenTree::Ident(name), Some(TokenTree::Group(group))) =
                (&sequence[at], sequence.get(at + 1))
                && at > 0
                && dot(at - 1)
                && group.delimiter() == Delimiter::Parenthesis
                && group.stream().is_empty()
            {
                found.insert(name.to_string());
            }
        });
    });
    found
}

fn for_each_file(src: &Path, mut visit: impl FnMut(TokenStream)) {
    for (file, module) in modules(src) {
        if !is_test(&module) && file != "permissions.rs" {
            visit(tokens(&read(&src.join(&file))));
        }
    }
}

/// Visits every token with its neighbours, but not those of a `mod tests`.
fn walk_code(tokens: TokenStream, visit: &mut impl FnMut(&[TokenTree], usize)) {
    let sequence: Vec<TokenTree> = tokens.into_iter().collect();
    for at in 0..sequence.len() {
        visit(&sequence, at);
        if let TokenTree::Group(group) = &sequence[at] {
            let module = at >= 2 && matches!(&sequence[at - 2], TokenTree::Ident(it) if it == "mod");
            if !(module && is_test(&[sequence[at - 1].to_string()])) {
                walk_code(group.stream(), visit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_calls_are_found_where_code_is() {
        let text = "// a.commented()\nfn f() { a.called().then(x.inner()).told(\"ecs:ListTasks\") }\n\
                    mod tests { fn t() { a.tested(); \"no\" } }";
        let (mut strings, mut calls) = (Vec::new(), Vec::new());
        walk_code(tokens(text), &mut |sequence, at| match &sequence[at] {
            TokenTree::Literal(it) => strings.push(it.to_string()),
            TokenTree::Ident(it) => calls.push(it.to_string()),
            _ => {}
        });
        assert_eq!(strings, ["\"ecs:ListTasks\""]);
        assert!(calls.contains(&"inner".to_owned()) && !calls.contains(&"tested".to_owned()), "{calls:?}");
    }
}
