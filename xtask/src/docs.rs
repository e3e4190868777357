//! Documents that are made from the code: they are written, or compared with what would be written.

use crate::tables;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use partybox_top::cli::Cli;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The shells that get completions.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];
const MAN: &str = "assets/man";
const COMPLETIONS: &str = "assets/completions";

/// Writes all documents.
pub(crate) fn write(root: &Path) -> Result<(), String> {
    for (file, text) in documents(root)? {
        let path = root.join(&file);
        if fs::read_to_string(&path).is_ok_and(|known| known == text) {
            continue;
        }
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("written: {}", file.display());
    }
    for file in stray(root)? {
        fs::remove_file(root.join(&file)).map_err(|error| format!("{}: {error}", file.display()))?;
        println!("removed: {}", file.display());
    }
    Ok(())
}

/// Reports which documents differ from the code.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let mut wrong: Vec<String> = documents(root)?
        .into_iter()
        .filter(|(file, text)| !fs::read_to_string(root.join(file)).is_ok_and(|known| known == *text))
        .map(|(file, text)| format!("{}{}", file.display(), difference(root, &file, &text)))
        .collect();
    wrong.extend(stray(root)?.iter().map(|file| format!("{}: made from nothing any more", file.display())));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("These differ from the code; write them with `cargo xtask docs`:\n  {}", wrong.join("\n  ")))
}

/// The first line that differs.
fn difference(root: &Path, file: &Path, text: &str) -> String {
    let Ok(known) = fs::read_to_string(root.join(file)) else { return ": it is not there".to_owned() };
    let lines = known.lines().map(Some).chain(std::iter::repeat(None));
    let first = text.lines().zip(1..).zip(lines).find(|((made, _), known)| Some(*made) != *known);
    first.map_or_else(
        || ": it has lines too many at its end".to_owned(),
        |((made, line), known)| {
            format!(
                ", line {line}:\n    it says    {}\n    it should  {made}",
                known.unwrap_or("nothing: it ends before")
            )
        },
    )
}

/// Every document as it should be, by its path from the root.
fn documents(root: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let mut made = BTreeMap::new();
    let readme = fs::read_to_string(root.join("README.md")).map_err(|error| format!("README.md: {error}"))?;
    made.insert(PathBuf::from("README.md"), fill(&readme)?);
    let mut command = Cli::command();
    command.build();
    man_pages(&command, &mut made)?;
    for shell in SHELLS {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "partybox-top", &mut text);
        let name = match shell {
            Shell::Zsh => "_partybox-top".to_owned(),
            Shell::Fish => "partybox-top.fish".to_owned(),
            _ => format!("partybox-top.{shell}"),
        };
        made.insert(Path::new(COMPLETIONS).join(name), utf8(text)?);
    }
    Ok(made)
}

/// A page for the program and one for each subcommand.
fn man_pages(command: &Command, made: &mut BTreeMap<PathBuf, String>) -> Result<(), String> {
    let subcommands = command.get_subcommands().filter(|it| it.get_name() != "help");
    for command in std::iter::once(command).chain(subcommands) {
        let man = clap_mangen::Man::new(command.clone());
        let mut text = Vec::new();
        man.render(&mut text).map_err(|error| format!("{}: {error}", man.get_filename()))?;
        made.insert(Path::new(MAN).join(man.get_filename()), utf8(text)?);
    }
    Ok(())
}

fn utf8(text: Vec<u8>) -> Result<String, String> {
    String::from_utf8(text).map_err(|error| error.to_string())
}

/// Files that an earlier state of the code made.
fn stray(root: &Path) -> Result<Vec<PathBuf>, String> {
    let made = documents(root)?;
    let mut found = Vec::new();
    for folder in [MAN, COMPLETIONS] {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        let files = entries.flatten().map(|entry| Path::new(folder).join(entry.file_name()));
        found.extend(files.filter(|file| !made.contains_key(file)));
    }
    Ok(found)
}

/// Puts the tables between their marks: `<!-- made from the code: NAME -->` and `<!-- end: NAME -->`.
fn fill(document: &str) -> Result<String, String> {
    let mut text = document.to_owned();
    for (name, table) in tables::all() {
        let (begin, end) = (format!("<!-- made from the code: {name} -->"), format!("<!-- end: {name} -->"));
        let from = text.find(&begin).map(|at| at + begin.len());
        let to = text.find(&end);
        let (Some(from), Some(to)) = (from, to) else {
            return Err(format!("README.md lacks the marks `{begin}` and `{end}`"));
        };
        text.replace_range(from..to, &format!("\n\n{table}\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_as_the_code_makes_it() {
        if let Err(sentence) = check(&crate::root()) {
            panic!("{sentence}");
        }
    }

    #[test]
    fn a_document_without_its_marks_is_refused() {
        assert!(fill("# no marks").is_err_and(|sentence| sentence.contains("lacks the marks")));
    }

    #[test]
    fn the_first_line_that_differs_is_told() {
        let told = difference(&crate::root(), Path::new("LICENSE"), "MIT Licence\n");
        assert!(told.contains("line 1") && told.contains("MIT License"), "{told}");
    }
}
