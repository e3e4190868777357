//! Reads a recording: whole, or as far as it was written when the program was killed.

use partybox_core::app::{Header, RecordedMsg, Recording};
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A recording, read from its file.
#[derive(Debug, Clone)]
pub struct RecordingFile {
    /// What it begins with.
    pub header: Header,
    /// Its messages, at least one.
    pub messages: Recording,
}

/// A file that cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be opened or read.
    #[error("cannot read {0}: {1}.")]
    Unreadable(PathBuf, io::Error),
    /// Its first line is not the header of a recording.
    #[error("{0} is no recording of partybox-top.")]
    Foreign(PathBuf),
    /// It ends before the first message.
    #[error("{0} holds nothing yet: the recording ended before anything was taken in.")]
    Empty(PathBuf),
    /// Its version is another one.
    #[error(
        "{path} is a recording of version {version}, written by partybox-top {program}; this program reads version {}.",
        Header::VERSION
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
        /// The version of the program that wrote it, or `?`.
        program: String,
    },
    /// A line before the last is damaged.
    #[error("{path} is damaged in line {line}: {why}.")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
}

/// The fields that every version of the header has.
#[derive(Deserialize)]
struct Any {
    format: String,
    version: u64,
    program: Option<String>,
}

impl RecordingFile {
    /// Reads a file. A last line that is cut is left out; damage before it is an error.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let unreadable = |error| LoadError::Unreadable(path.to_owned(), error);
        let mut file = BufReader::with_capacity(1 << 20, File::open(path).map_err(unreadable)?);
        let mut bytes = Vec::new();
        let mut next = |bytes: &mut Vec<u8>| -> Result<(), LoadError> {
            bytes.clear();
            file.read_until(b'\n', bytes).map_err(unreadable)?;
            Ok(())
        };
        next(&mut bytes)?;
        let header = header(path, &bytes)?;
        let mut messages = Recording::default();
        for line in 2.. {
            next(&mut bytes)?;
            if bytes.is_empty() {
                break;
            }
            let damaged = |why| LoadError::Damaged { path: path.to_owned(), line, why };
            match serde_json::from_slice::<RecordedMsg>(&bytes) {
                Ok(taken) => messages.push(taken).map_err(damaged)?,
                // Cut in the middle of a write, with nothing after it.
                Err(_) if bytes.last() != Some(&b'\n') => break,
                Err(error) => return Err(damaged(error.to_string())),
            }
        }
        if messages.is_empty() {
            return Err(LoadError::Empty(path.to_owned()));
        }
        Ok(Self { header, messages })
    }
}

fn header(path: &Path, bytes: &[u8]) -> Result<Header, LoadError> {
    let whole = bytes.last() == Some(&b'\n');
    let any: Any = match serde_json::from_slice(bytes) {
        Ok(any) => any,
        // Only the beginning of a header: a recording that was cut in its first write.
        Err(_) if !whole && begins(bytes) => return Err(LoadError::Empty(path.to_owned())),
        Err(_) => return Err(LoadError::Foreign(path.to_owned())),
    };
    if any.format != Header::FORMAT {
        return Err(LoadError::Foreign(path.to_owned()));
    }
    if any.version != u64::from(Header::VERSION) {
        let program = any.program.unwrap_or_else(|| "?".to_owned());
        return Err(LoadError::Version { path: path.to_owned(), version: any.version, program });
    }
    serde_json::from_slice(bytes).map_err(|error| LoadError::Damaged {
        path: path.to_owned(),
        line: 1,
        why: error.to_string(),
    })
}

/// Whether these bytes and a header begin the same, as far as both go.
fn begins(bytes: &[u8]) -> bool {
    let start = format!("{{\"format\":\"{}\"", Header::FORMAT);
    bytes.iter().zip(start.as_bytes()).all(|(a, b)| a == b)
}
