//! The audit log: JSON lines in the state directory, on disk before an operation is sent.

use crate::paths;
use partybox_core::operation::audit::Record;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A record with its session: operations are numbered within a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Start of the session and its process: `<unix seconds>-<pid>`.
    pub session: String,
    /// What happened.
    #[serde(flatten)]
    pub record: Record,
}

/// An audit log to write to. Opened at the first operation: a session that only looks leaves no file.
#[derive(Debug)]
pub(super) struct Audit {
    path: io::Result<PathBuf>,
    session: String,
    file: Option<File>,
}

impl Audit {
    /// The log of this user. `session` tells this run from others.
    pub(super) fn new(session: String) -> Self {
        Self { path: paths::audit_log(), session, file: None }
    }

    /// Appends a record and waits until it is on disk.
    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        let line = Line { session: self.session.clone(), record: record.clone() };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        let file = self.open()?;
        // One write, so that two sessions cannot mix their lines.
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }

    fn open(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            let path = match &self.path {
                Ok(path) => path,
                Err(error) => return Err(io::Error::new(error.kind(), error.to_string())),
            };
            if let Some(folder) = path.parent() {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            self.file = Some(OpenOptions::new().create(true).append(true).mode(0o600).open(path)?);
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("the audit log is not open"))
    }
}

/// All lines of a log, oldest first. A line that is cut or of a newer version is given as its text.
pub fn read(path: &Path) -> io::Result<Vec<Result<Line, String>>> {
    let mut lines = Vec::new();
    for line in BufReader::new(File::open(path)?).split(b'\n') {
        let text = String::from_utf8_lossy(&line?).into_owned();
        if !text.trim().is_empty() {
            lines.push(serde_json::from_str(&text).map_err(|_| text));
        }
    }
    Ok(lines)
}
