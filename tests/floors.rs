//! Keeps the floors: each room imports only from the floors below it, and the pure rooms name nothing of the outside.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each room may import of the others.
const MAY: &[(&str, &[&str])] = &[
    ("sim", &[]),
    ("domain", &[]),
    ("config", &["domain"]),
    ("diagnosis", &["domain"]),
    ("operation", &["domain", "diagnosis"]),
    ("app", &["domain", "diagnosis", "operation"]),
    ("aws", &["domain", "operation"]),
    ("report", &["domain", "diagnosis", "operation", "app"]),
    ("ui", &["domain", "diagnosis", "operation", "app"]),
    ("runtime", &["domain", "diagnosis", "operation", "app", "aws", "report", "ui"]),
    (
        "commands",
        &[
            "domain",
            "config",
            "diagnosis",
            "operation",
            "app",
            "aws",
            "report",
            "ui",
            "runtime",
            "sim",
            "cli",
        ],
    ),
    (
        "cli",
        &[
            "domain",
            "config",
            "diagnosis",
            "operation",
            "app",
            "aws",
            "report",
            "ui",
            "runtime",
            "sim",
            "commands",
        ],
    ),
];

/// What the pure rooms must not name: the outside, and every clock.
const OUTSIDE: &[&str] = &[
    "tokio",
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "Instant",
    "SystemTime",
    "Utc::now",
    "Local::now",
    "aws_sdk",
    "ratatui",
    "crossterm",
];

const PURE: &[&str] = &["domain", "diagnosis", "operation", "app"];

/// The Rust files of a folder and below, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every source file: (path under `src/`, its room, its text without comments).
fn sources() -> Vec<(String, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    files(&src)
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a readable file");
            let name = path.strip_prefix(&src).expect("below src").to_string_lossy().replace('\\', "/");
            let room = name.split('/').next().unwrap_or(&name).trim_end_matches(".rs").to_owned();
            (name, room, code(&text))
        })
        .collect()
}

/// The text without line comments, as they may name anything.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The rooms that a text names after `crate::`, also in `use crate::{a, b::c}`.
fn imports(text: &str) -> Vec<String> {
    let word = |s: &str| s.trim_start().chars().take_while(|c| is_word(*c)).collect::<String>();
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with(is_word) {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.push(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut begins = true;
        for (i, c) in list.char_indices() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && is_word(c) => {
                    found.push(word(&list[i..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// Whether a text names something as a whole word (or as the beginning of a crate's name, for `aws_sdk`).
fn names(text: &str, what: &str) -> bool {
    text.match_indices(what).any(|(at, _)| {
        let after = text[at + what.len()..].chars().next();
        !text[..at].ends_with(is_word) && (what == "aws_sdk" || !after.is_some_and(is_word))
    })
}

/// Tests may stand on any floor below the one they test, and start the simulator.
fn is_test(name: &str) -> bool {
    name.split('/').any(|part| matches!(part.trim_end_matches(".rs"), "tests" | "testing" | "samples"))
}

#[test]
fn each_room_imports_only_from_floors_below() {
    let may: BTreeMap<&str, &[&str]> = MAY.iter().copied().collect();
    let mut wrong = Vec::new();
    for (name, room, text) in sources() {
        if matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let Some(allowed) = may.get(room.as_str()) else {
            wrong.push(format!("{name}: the room {room} has no floor"));
            continue;
        };
        for import in imports(&text) {
            // Only rooms count: `crate::some_macro!` names none.
            let is_room = may.contains_key(import.as_str());
            let simulator_for_a_test = import == "sim" && is_test(&name);
            if is_room && import != room && !allowed.contains(&import.as_str()) && !simulator_for_a_test {
                wrong.push(format!("{name} imports {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_pure_rooms_name_nothing_of_the_outside() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, room, text) in sources() {
        if !PURE.contains(&room.as_str()) {
            continue;
        }
        seen += 1;
        wrong.extend(
            OUTSIDE.iter().filter(|what| names(&text, what)).map(|what| format!("{name} names {what}")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 30, "the rooms are where they are looked for: {seen} files");
}

#[test]
fn only_the_aws_room_names_an_sdk_crate() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|(_, room, text)| room != "aws" && names(text, "aws_sdk"))
        .map(|(name, ..)| name)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn imports_are_read_in_every_form() {
    let text =
        "use crate::app::State;\nuse crate::{ui, aws::{Aws, Door}, sim};\ncrate::runtime::run(); my_crate::x";
    assert_eq!(imports(text), ["app", "ui", "aws", "sim", "runtime"]);
    assert!(names("let x = Instant::now();", "Instant"));
    assert!(!names("an Instantaneous thing", "Instant"));
    assert!(names("use aws_sdk_ecs::Client;", "aws_sdk"));
    assert_eq!(code("a // tokio\n/// Instant\nb"), "a \n\nb");
}
