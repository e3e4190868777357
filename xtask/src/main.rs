//! The repository's own tasks: `cargo xtask docs`, `cargo xtask pictures`, `cargo xtask ci`.

mod docs;
mod pictures;
mod svg;
mod tables;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
cargo xtask docs           write what is made from the code: tables of README.md, man pages, shell completions
cargo xtask docs --check   fail where they differ from the code
cargo xtask pictures       draw the pictures of the README anew, from the program in a pseudo terminal
cargo xtask ci             run .ci/run";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["docs"] => docs::write(&root()),
        ["docs", "--check"] => docs::check(&root()),
        ["pictures"] => pictures::draw(&root()),
        ["ci"] => run(Command::new(root().join(".ci/run"))),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs a program to its end.
fn run(mut command: Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("{name} does not start: {error}")),
    }
}
