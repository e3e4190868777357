//! Who may import whom inside one crate.
//!
//! Cargo keeps the floors between crates. Inside a crate this module does: it reads every path in the source
//! (`crate::a::b`, `super::super::b`, `self::c`, also in nested `use` lists and inside macros), resolves it to the folder
//! that it leads to, and holds that against a table.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One floor of a crate: a folder (or file) below `src/`, as a module path.
#[derive(Debug, Clone, Copy)]
pub struct Floor {
    /// Its module path, e.g. `app::polling`. The most specific floor that fits a file is the file's own.
    pub module: &'static str,
    /// The floors that it may import from, beside itself and what lies inside it.
    pub may: &'static [&'static str],
}

/// Every import that a table of floors does not allow, as `file:line: what`, sorted; empty when all is well.
///
/// `src` is the crate's source folder. Files named `tests`, `testing` or `samples` and modules below them stand above all
/// floors: a test may look at anything.
///
/// # Panics
/// When a file cannot be read or is not Rust.
pub fn broken(src: &Path, floors: &[Floor]) -> Vec<String> {
    let mut wrong = BTreeSet::new();
    for (file, module) in modules(src) {
        if is_test(&module) {
            continue;
        }
        let Some(own) = floor_of(&module, floors) else {
            if !module.is_empty() {
                wrong.insert(format!("{file}: {} stands on no floor", module.join("::")));
            }
            continue;
        };
        for import in imports(&read(&src.join(&file)), &module) {
            let target = floor_of(&import.path, floors);
            let problem = match target {
                Some(target) if target.module == own.module || own.may.contains(&target.module) => continue,
                // What lies inside a floor may be named by the floor that holds it.
                Some(target) if inside(target.module, own.module) => continue,
                Some(target) => format!("{} imports {}", own.module, target.module),
                None if import.path.is_empty() => continue,
                None => {
                    format!("{} imports {}, which stands on no floor", own.module, import.path.join("::"))
                }
            };
            wrong.insert(format!("{file}:{}: {problem}", import.line));
        }
    }
    wrong.into_iter().collect()
}

/// Every place that names one of `words` as a whole identifier, as `file:line: word`, sorted. Comments and strings do not count.
///
/// # Panics
/// When a file cannot be read or is not Rust.
pub fn naming(src: &Path, words: &[&str]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (file, module) in modules(src) {
        if is_test(&module) {
            continue;
        }
        walk(tokens(&read(&src.join(&file))), &mut |token| {
            if let TokenTree::Ident(ident) = token
                && words.contains(&ident.to_string().as_str())
            {
                found.insert(format!("{file}:{}: {ident}", ident.span().start().line));
            }
        });
    }
    found.into_iter().collect()
}

/// How many source files there are below a folder: proof that a test looked where it meant to.
///
/// # Panics
/// When a folder cannot be read.
pub fn count(src: &Path) -> usize {
    modules(src).len()
}

/// A path in the source, resolved from the crate's root.
#[derive(Debug, PartialEq, Eq)]
struct Import {
    line: usize,
    path: Vec<String>,
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(crate) fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|e| panic!("not Rust: {e}"))
}

/// Every source file (its path below `src`) with its module path.
pub(crate) fn modules(src: &Path) -> Vec<(String, Vec<String>)> {
    let mut files = Vec::new();
    collect(src, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(src).expect("below src").to_string_lossy().replace('\\', "/");
            let mut module: Vec<String> =
                name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
                module.pop();
            }
            (name, module)
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

pub(crate) fn is_test(module: &[String]) -> bool {
    module.iter().any(|part| {
        matches!(part.as_str(), "tests" | "testing" | "samples")
            || part.ends_with("_tests")
            || part.ends_with("_test")
    })
}

fn inside(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with("::"))
}

/// The most specific floor that a module path leads to.
fn floor_of<'a>(path: &[String], floors: &'a [Floor]) -> Option<&'a Floor> {
    floors
        .iter()
        .filter(|floor| {
            let parts: Vec<&str> = floor.module.split("::").collect();
            path.len() >= parts.len() && parts.iter().zip(path).all(|(a, b)| a == b)
        })
        .max_by_key(|floor| floor.module.len())
}

/// Visits every token, also those inside groups.
fn walk(tokens: TokenStream, visit: &mut impl FnMut(&TokenTree)) {
    for token in tokens {
        visit(&token);
        if let TokenTree::Group(group) = token {
            walk(group.stream(), visit);
        }
    }
}

/// The paths within the crate that a file of the module `module` names.
fn imports(text: &str, module: &[String]) -> Vec<Import> {
    let mut found = Vec::new();
    scan(&tokens(text).into_iter().collect::<Vec<_>>(), module, &mut found);
    found
}

fn scan(tokens: &[TokenTree], module: &[String], found: &mut Vec<Import>) {
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                match module_before(tokens, at) {
                    Some(name) if group.delimiter() == Delimiter::Brace => {
                        let mut path = module.to_vec();
                        path.push(name);
                        if !is_test(&path) {
                            scan(&inner, &path, found);
                        }
                    }
                    _ => scan(&inner, module, found),
                }
                at += 1;
            }
            TokenTree::Ident(ident) => {
                let base = match ident.to_string().as_str() {
                    "crate" => Some(Vec::new()),
                    "self" => Some(module.to_vec()),
                    "super" => Some(module[..module.len().saturating_sub(1)].to_vec()),
                    _ => None,
                };
                match base {
                    Some(base)
                        if is_separator(tokens, at + 1) && !(at > 1 && is_separator(tokens, at - 2)) =>
                    {
                        at = follow(tokens, at + 3, base, ident.span().start().line, found);
                    }
                    _ => at += 1,
                }
            }
            _ => at += 1,
        }
    }
}

/// Follows a path from the token after a `::`; gives where reading goes on.
fn follow(
    tokens: &[TokenTree],
    mut at: usize,
    mut path: Vec<String>,
    line: usize,
    found: &mut Vec<Import>,
) -> usize {
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(ident)) => {
                match ident.to_string().as_str() {
                    "super" => drop(path.pop()),
                    "self" => {}
                    name => path.push(name.to_owned()),
                }
                if is_separator(tokens, at + 1) {
                    at += 3;
                    continue;
                }
                found.push(Import { line, path });
                return at + 1;
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for part in inner.split(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == ',')) {
                    let line = part.first().map_or(line, |t| t.span().start().line);
                    if !part.is_empty() {
                        follow(part, 0, path.clone(), line, found);
                    }
                }
                return at + 1;
            }
            // A glob, or generic arguments: the path ends here.
            _ => {
                found.push(Import { line, path });
                return at;
            }
        }
    }
}

/// The name of the inline module whose body stands at `at`.
fn module_before(tokens: &[TokenTree], at: usize) -> Option<String> {
    let (TokenTree::Ident(keyword), TokenTree::Ident(name)) =
        (tokens.get(at.checked_sub(2)?)?, tokens.get(at - 1)?)
    else {
        return None;
    };
    (keyword == "mod").then(|| name.to_string())
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == ':');
    colon(at) && colon(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str, module: &str) -> Vec<String> {
        let module: Vec<String> = module.split("::").map(str::to_owned).collect();
        imports(text, &module).into_iter().map(|i| i.path.join("::")).collect()
    }

    #[test]
    fn imports_are_read_in_every_form() {
        let text = "use crate::app::State;\nuse crate::{ui, aws::{Aws, self}, sim::*};\nfn f() { crate::runtime::run::<u8>(); my_crate::x() }";
        assert_eq!(paths(text, "here"), ["app::State", "ui", "aws::Aws", "aws", "sim", "runtime::run"]);
    }

    #[test]
    fn relative_paths_are_resolved() {
        assert_eq!(paths("use super::super::b::C;", "app::input::keys"), ["app::b::C"]);
        assert_eq!(paths("use self::d;", "app::input"), ["app::input::d"]);
        assert_eq!(paths("mod inner { use super::x; }", "app"), ["app::x"]);
        assert_eq!(paths("format!(\"{}\", super::y());", "app::z"), ["app::y"]);
    }

    #[test]
    fn comments_strings_and_tests_do_not_count() {
        let text = "// use crate::a;\nconst U: &str = \"https://crate::b\";\nmod tests { use crate::c; }";
        assert_eq!(paths(text, "here"), Vec::<String>::new());
    }

    #[test]
    fn a_table_tells_what_it_does_not_allow() {
        let src = std::env::temp_dir().join(format!("floors-{}", std::process::id()));
        fs::create_dir_all(src.join("app/state")).expect("a folder");
        fs::write(src.join("low.rs"), "use crate::app::state::S;").expect("a file");
        fs::write(src.join("app/mod.rs"), "pub use state::S; use self::state::S as T;").expect("a file");
        fs::write(src.join("app/state/mod.rs"), "use crate::low::L;\nuse crate::app::T;").expect("a file");
        let floors = [
            Floor { module: "low", may: &[] },
            Floor { module: "app::state", may: &["low"] },
            Floor { module: "app", may: &["app::state"] },
        ];
        let found = broken(&src, &floors);
        fs::remove_dir_all(&src).expect("it is removed");
        assert_eq!(found, ["app/state/mod.rs:2: app::state imports app", "low.rs:1: low imports app::state"]);
    }
}
