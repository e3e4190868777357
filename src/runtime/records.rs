//! The records of drills in the state directory: `drills/<id>/` with the report.

use super::audit;
use crate::operation::drill::story::{Past, Story};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the records are: beside the audit log.
pub fn folder() -> io::Result<PathBuf> {
    Ok(audit::path()?.with_file_name("drills"))
}

/// The drills that were recorded, newest first. One that cannot be read is left out.
pub fn past() -> Vec<Past> {
    let Ok(entries) = folder().and_then(fs::read_dir) else { return Vec::new() };
    let mut past: Vec<Past> =
        entries.flatten().filter_map(|entry| read(&entry.path()).ok()).map(|story| story.past()).collect();
    past.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.id.cmp(&a.id)));
    past
}

/// The record in a folder.
pub fn read(folder: &Path) -> io::Result<Story> {
    let text = fs::read_to_string(folder.join("report.json"))?;
    serde_json::from_str(&text).map_err(io::Error::other)
}

/// Writes a record, and a copy of the report into another folder. Gives the folder; or why it failed.
pub fn keep(story: &Story, copy: Option<&str>) -> Result<String, String> {
    let write = |folder: &Path| -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let json = serde_json::to_string_pretty(story).map_err(io::Error::other)?;
        fs::write(folder.join("report.json"), json + "\n")
    };
    let place = folder().map(|all| all.join(&story.id));
    let own = place.and_then(|place| write(&place).map(|()| place));
    if let Some(copy) = copy {
        let place = Path::new(copy);
        write(place).map_err(|error| format!("{copy}: {error}"))?;
    }
    own.map(|place| place.display().to_string()).map_err(|error| format!("the state directory: {error}"))
}
