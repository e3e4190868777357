//! Which types a crate defines.
//!
//! A name that means two things sends a reader to the wrong place, also where each is private to its file.

use crate::floors::{is_test, modules, read, tokens};
use proc_macro2::{TokenStream, TokenTree};
use std::path::Path;

/// A type as it is defined.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeName {
    /// Its name.
    pub name: String,
    /// Its file below the source folder, and the line.
    pub place: String,
}

/// Every `struct`, `enum`, `union` and `trait` below a source folder, also inside functions; tests do not count.
///
/// # Panics
/// When a file cannot be read or is not Rust.
pub fn type_names(src: &Path) -> Vec<TypeName> {
    let mut found = Vec::new();
    for (file, module) in modules(src) {
        if !is_test(&module) {
            let defined = types_of(tokens(&read(&src.join(&file))));
            found.extend(
                defined.into_iter().map(|(line, name)| TypeName { name, place: format!("{file}:{line}") }),
            );
        }
    }
    found
}

/// The types of one file: line and name.
fn types_of(stream: TokenStream) -> Vec<(usize, String)> {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match (token, tokens.get(at + 1)) {
            (TokenTree::Group(group), _) => {
                let body_of_tests =
                    at > 1 && tokens[at - 2].to_string() == "mod" && is_test(&[tokens[at - 1].to_string()]);
                if !body_of_tests {
                    found.extend(types_of(group.stream()));
                }
            }
            (TokenTree::Ident(keyword), Some(TokenTree::Ident(name)))
                if ["struct", "enum", "union", "trait"].contains(&keyword.to_string().as_str()) =>
            {
                found.push((name.span().start().line, name.to_string()));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_wherever_they_stand() {
        let text = "pub struct A; // struct B\nfn f() { enum C {} }\nmod inner { trait D {} }\nmod tests { struct E; }";
        let names: Vec<String> =
            types_of(text.parse().expect("Rust")).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["A", "C", "D"]);
    }
}
