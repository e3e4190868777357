//! The records of drills in the state directory: a folder `drills/<id>/` with the report.

use crate::paths::drills_folder;
use partybox_core::operation::drill::report::{DrillReport, DrillSummary, RECORDING};
use partybox_core::report::drill;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The files of a report.
const FILES: [&str; 3] = ["report.md", "report.html", "report.json"];
/// The suffix of a recording that is not beside a report yet.
const CUT: &str = ".recording";
/// How many folders the drills of one database that began in the same second may have.
const NAMESAKES: usize = 99;

/// The summaries of all recorded drills, newest first. One that cannot be read is left out.
pub fn history() -> Vec<DrillSummary> {
    let Ok(entries) = drills_folder().and_then(fs::read_dir) else { return Vec::new() };
    let mut past: Vec<DrillSummary> =
        entries.flatten().filter_map(|entry| read(&entry.path()).ok()).map(|story| story.past()).collect();
    past.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.id.cmp(&a.id)));
    past
}

/// Reads the record in a folder.
pub fn read(folder: &Path) -> io::Result<DrillReport> {
    serde_json::from_str(&json(folder)?).map_err(io::Error::other)
}

/// The record's JSON as it was written.
pub fn json(folder: &Path) -> io::Result<String> {
    fs::read_to_string(folder.join("report.json"))
}

/// Writes a record, and a copy in a folder of its own within `copy`. Returns the copy's folder if one was
/// asked for, else the record's, or why one of them could not be written.
pub fn save(story: &DrillReport, copy: Option<&str>) -> Result<String, String> {
    let own = drills_folder()
        .and_then(|all| write(&all, story))
        .map_err(|error| format!("the drill's record in the state directory cannot be written: {error}"));
    let place = match copy {
        // The copy is tried also where the record itself failed: what was measured cannot be measured again.
        Some(copy) => {
            let copied = write(Path::new(copy), story)
                .map_err(|error| format!("the drill's report cannot be written into {copy}: {error}"))?;
            own?;
            copied
        }
        None => own?,
    };
    Ok(place.display().to_string())
}

/// The file for the recording of a drill that begins: a new name in the folder of the records.
pub(super) fn new_recording(id: &str) -> io::Result<PathBuf> {
    let all = drills_folder()?;
    DirBuilder::new().recursive(true).mode(0o700).create(&all)?;
    let numbered = |number| if number == 1 { format!(".{id}{CUT}") } else { format!(".{id}-{number}{CUT}") };
    (1..=NAMESAKES)
        .map(|number| all.join(numbered(number)))
        .find(|path| !path.exists())
        .ok_or_else(|| io::Error::new(io::ErrorKind::AlreadyExists, format!("there are {NAMESAKES} of {id}")))
}

/// Moves a drill's recording beside its report, and copies it beside the report's copy. Returns its new path.
pub(super) fn file_recording(
    story: &DrillReport,
    copy: Option<&str>,
    recording: &Path,
) -> io::Result<PathBuf> {
    let own = drills_folder().ok().and_then(|all| find(&all, story));
    let copy = copy.and_then(|all| find(Path::new(all), story));
    if let Some(copy) = &copy {
        let half = copy.join(format!("{RECORDING}.part"));
        fs::copy(recording, &half)?;
        fs::rename(half, copy.join(RECORDING))?;
    }
    match own {
        Some(own) => {
            let place = own.join(RECORDING);
            fs::rename(recording, &place)?;
            Ok(place)
        }
        // The copy is the only report.
        None => match copy {
            Some(copy) => {
                // It lies beside another copy already, and stays there.
                if recording.file_name().is_some_and(|name| name != RECORDING) {
                    fs::remove_file(recording)?;
                }
                Ok(copy.join(RECORDING))
            }
            None => Err(io::Error::new(io::ErrorKind::NotFound, "there is no report")),
        },
    }
}

/// Recordings of drills whose program was killed, or that could not be put beside a report; oldest first.
pub fn unfinished() -> Vec<PathBuf> {
    let Ok(entries) = drills_folder().and_then(fs::read_dir) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let cut = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // A drill that is still running holds a lock.
        name.starts_with('.')
            && name.ends_with(CUT)
            && File::open(path)
                .is_ok_and(|file| !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    };
    paths.retain(cut);
    paths.sort();
    paths
}

/// Writes the report into a folder named after the drill. Another drill's report is never touched.
fn write(all: &Path, story: &DrillReport) -> io::Result<PathBuf> {
    let folder = place(all, story)?;
    let data = serde_json::to_string_pretty(story).map_err(io::Error::other)? + "\n";
    // The JSON comes last: a folder that has it is complete.
    let texts = [drill::markdown(story), drill::html(story), data];
    for (name, text) in FILES.iter().zip(texts) {
        file(&folder, name, &text)?;
    }
    Ok(folder)
}

/// The folders in which a drill's report may be, the likeliest first.
fn places<'a>(all: &'a Path, story: &'a DrillReport) -> impl Iterator<Item = PathBuf> + 'a {
    (1..=NAMESAKES).map(move |number| {
        all.join(if number == 1 { story.id.clone() } else { format!("{}-{number}", story.id) })
    })
}

/// The folder in which a drill's report is.
fn find(all: &Path, story: &DrillReport) -> Option<PathBuf> {
    places(all, story).find(|folder| read(folder).is_ok_and(|known| same(&known, story)))
}

/// The folder for a drill: a new one, or the one that has its record already.
fn place(all: &Path, story: &DrillReport) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(all)?;
    for folder in places(all, story) {
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let free = FILES.iter().all(|name| !folder.join(name).exists());
                if free || read(&folder).is_ok_and(|known| same(&known, story)) {
                    return Ok(folder);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("there are {NAMESAKES} drills {}", story.id)))
}

/// Whether two records are of the same drill: same beginning, account and probe.
fn same(a: &DrillReport, b: &DrillReport) -> bool {
    // Times are not compared as a whole: the server's clock is estimated, and may have been corrected since.
    let first = |story: &DrillReport| story.probe.results.first().map(|r| (r.ms, r.took_ms));
    a.id == b.id && a.database.arn == b.database.arn && a.probe.url == b.probe.url && first(a) == first(b)
}

/// Writes a file that only this user can read, whole or not at all.
fn file(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let half = folder.join(format!("{name}.part"));
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&half)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    fs::rename(half, folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn story(url: &str) -> DrillReport {
        let mut story = partybox_core::report::drill::samples::story();
        url.clone_into(&mut story.probe.url);
        story
    }

    #[test]
    fn another_drills_report_is_never_overwritten() {
        let all = std::env::temp_dir().join(format!("partybox-top-records-{}", std::process::id()));
        let _ = fs::remove_dir_all(&all);
        let (one, other) = (story("http://one/"), story("http://other/"));
        let first = write(&all, &one).expect("written");
        let second = write(&all, &other).expect("written");
        assert_eq!(second, all.join(format!("{}-2", one.id)));
        // The same drill once more goes to the same folder.
        let longer = DrillReport { ended_ms: one.ended_ms + 1, ..one.clone() };
        assert_eq!(write(&all, &longer).expect("written"), first);
        assert_eq!(read(&first).expect("a record"), longer);
        assert_eq!(read(&second).expect("a record"), other);
        for name in FILES {
            let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
            assert_eq!((mode(&first), mode(&first.join(name))), (0o700, 0o600), "{name}");
        }
        assert_eq!(fs::read_dir(&first).expect("a folder").count(), 3, "nothing half written is left");
        // A file that somebody else put there stays; a folder without a report is free.
        let third = all.join(format!("{}-3", one.id));
        fs::create_dir(&third).expect("a folder");
        fs::write(third.join("report.md"), "mine").expect("a file");
        let fourth = all.join(format!("{}-4", one.id));
        fs::create_dir(&fourth).expect("a folder");
        assert_eq!(write(&all, &story("http://third/")).expect("written"), fourth);
        assert_eq!(fs::read_to_string(third.join("report.md")).expect("it is there"), "mine");
        fs::remove_dir_all(&all).expect("removed");
    }
}
