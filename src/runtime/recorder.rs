//! Writes a session to a file while it runs: JSON lines, one for each message.
//!
//! A thread of its own writes, so that a slow disk does not delay the screen. Each line goes to the kernel in
//! one write as soon as it is there, so that a program that is killed loses no more than what was on its way
//! to the thread.

use partybox_core::app::{Answer, Header, InitialState, Msg, RecordedMsg, State};
use partybox_core::domain::{Now, Topic};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// Messages that may wait for the disk. With more it is taken for hung: the recording ends, the session goes
/// on.
const WAITING: usize = 4096;
/// How long the end of the program waits for the last lines.
const LAST: Duration = Duration::from_secs(2);

/// Why a recording cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file exists: nothing is ever overwritten.
    #[error("{0} exists already, and a recording overwrites nothing: choose another name.")]
    Exists(PathBuf),
    /// Anything else.
    #[error("cannot record to {0}: {1}.")]
    Unwritable(PathBuf, io::Error),
}

/// A recording that is being written. Dropping it waits until the last lines are written.
#[derive(Debug)]
pub struct Recorder {
    lines: Option<SyncSender<RecordedMsg>>,
    /// Why it could not go on, once; closed when the thread has ended.
    trouble: Receiver<String>,
    path: PathBuf,
}

impl Recorder {
    /// Begins a recording in a new file that only its owner can read. `state` has handled no message yet;
    /// `command` is the command that was run, e.g. `demo`.
    pub fn create(path: &Path, command: &str, state: &State) -> Result<Self, RecordError> {
        Self::begin(path, command, InitialState::of(state), None)
    }

    /// Begins a recording in the middle of a session. It contains the session's whole state, and a tick at
    /// this moment as the first message, so that it can be replayed from the beginning. While it is written,
    /// the file is locked.
    pub fn amid(path: &Path, command: &str, state: &State, now: Now) -> Result<Self, RecordError> {
        Self::begin(path, command, InitialState::amid(state), Some(RecordedMsg::new(Msg::Tick, now)))
    }

    #[expect(clippy::disallowed_methods, reason = "the room that may look at the clock")]
    fn begin(
        path: &Path,
        command: &str,
        start: InitialState,
        first: Option<RecordedMsg>,
    ) -> Result<Self, RecordError> {
        let unwritable = |error| RecordError::Unwritable(path.to_owned(), error);
        let mut file =
            OpenOptions::new().append(true).create_new(true).mode(0o600).open(path).map_err(|error| {
                match error.kind() {
                    io::ErrorKind::AlreadyExists => RecordError::Exists(path.to_owned()),
                    _ => unwritable(error),
                }
            })?;
        let header = Header {
            format: Header::FORMAT.to_owned(),
            version: Header::VERSION,
            started: chrono::Utc::now(),
            command: command.to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            start,
        };
        // Without locks a running recording looks like one that was cut off: that is no reason not to record.
        let _ = file.try_lock();
        write_line(&mut file, &header).map_err(unwritable)?;
        if let Some(first) = first {
            write_line(&mut file, &first).map_err(unwritable)?;
        }
        let (lines, waiting) = sync_channel(WAITING);
        let (tell, trouble) = channel();
        thread::Builder::new()
            .name("recorder".into())
            .spawn(move || {
                if let Err(error) = write_all(&mut file, &waiting) {
                    // The receiver may be gone: then nobody needs the message.
                    let _ = tell.send(error.to_string());
                }
            })
            .map_err(unwritable)?;
        Ok(Self { lines: Some(lines), trouble, path: path.to_owned() })
    }

    /// Writes a message before it is handled, without waiting. Returns one sentence, once, when the recording
    /// cannot go on. What was written before stays valid.
    pub fn take(&mut self, msg: &Msg, now: Now) -> Option<String> {
        let lines = self.lines.as_ref()?;
        let why = match lines.try_send(RecordedMsg::new(msg.clone(), now)) {
            Ok(()) => return None,
            Err(TrySendError::Full(_)) => "the disk does not keep up".to_owned(),
            Err(TrySendError::Disconnected(_)) => {
                self.trouble.try_recv().unwrap_or_else(|_| "it cannot be written".to_owned())
            }
        };
        self.lines = None;
        Some(format!("the recording {} ends here: {why}", self.path.display()))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.lines.take());
        // The thread closes the channel when it is done. A disk that hangs delays the end no longer than
        // this.
        let _ = self.trouble.recv_timeout(LAST);
    }
}

fn write_all(file: &mut File, lines: &Receiver<RecordedMsg>) -> io::Result<()> {
    let mut last: BTreeMap<Topic, Answer> = BTreeMap::new();
    for line in lines {
        let answer = match &line.msg {
            Some(Msg::Answer(answer)) if answer.result.is_ok() => Some(answer.as_ref().clone()),
            _ => None,
        };
        let line = line.without(answer.as_ref().and_then(|a| last.get(&a.topic)));
        write_line(file, &line)?;
        if let (Some(answer), None) = (answer, &line.same) {
            last.insert(answer.topic.clone(), answer);
        }
    }
    Ok(())
}

/// Writes one line in one write: a program that is killed leaves whole lines and at most one cut line at the
/// end.
fn write_line(file: &mut File, line: &impl serde::Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}
