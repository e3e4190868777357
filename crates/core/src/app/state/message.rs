//! What comes in and what goes out: messages and effects, both plain data.

use crate::app::state::Key;
use crate::domain::{CallError, Meter, Payload, ProbeSettings, Probed, Query, Resolved, Topic};
use crate::operation::audit::Record;
use crate::operation::drill::report::{DrillReport, DrillSummary};
use crate::operation::{Accepted, Action, Draft};
use serde::{Deserialize, Serialize};

/// Everything that can happen to the application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size now: columns, rows.
    Resize(u16, u16),
    /// A deadline passed.
    Tick,
    /// The connection to AWS is set up: Region and endpoint are known.
    Connected {
        /// Region.
        region: String,
        /// Endpoint URL when it is not AWS's own.
        endpoint: Option<String>,
        /// Profile, when named.
        profile: Option<String>,
    },
    /// The connection cannot be set up: one sentence and what to do.
    CannotStart(String),
    /// An answer to a poll.
    Answer(Box<Answer>),
    /// Plan this, as the keys would: for commands of the shell.
    Draft(Box<Draft>),
    /// Read the images that could be deployed to a service: for commands of the shell.
    Choose(String),
    /// Send the plan that is open: its confirmation was asked for elsewhere.
    Confirm,
    /// An answer to an action.
    OperationAnswered {
        /// The operation's number.
        id: u64,
        /// What AWS said.
        outcome: Result<Accepted, CallError>,
        /// The connection's meter at that moment.
        meter: Meter,
    },
    /// Watch a database for a failover that somebody else triggers: for commands of the shell. Its
    /// identifier.
    Observe(String),
    /// A result of the probe.
    Probed(Box<Probed>),
    /// An answer to the look-up of the database endpoint's name.
    Resolved(Box<Resolved>),
    /// Earlier drills of this machine, newest first.
    HistoryLoaded(Vec<DrillSummary>),
    /// The record of a drill was written, to this folder; or why not, in one sentence.
    ReportSaved(Result<String, String>),
    /// Something to tell in the footer that is nobody's answer, e.g. that the recording could not go on.
    Notice(String),
    /// The process is asked to end (a signal, or the terminal went away).
    Quit,
}

/// An answer to a poll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// About what.
    pub topic: Topic,
    /// The run that asked; an answer of another run is dropped.
    pub run: u64,
    /// What came.
    pub result: Result<Payload, CallError>,
    /// The connection's meter at that moment.
    pub meter: Meter,
}

/// Something for the runtime to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask AWS; the answer comes back as [`Msg::Answer`].
    Poll {
        /// About what.
        topic: Topic,
        /// The run's number.
        run: u64,
        /// The question.
        query: Query,
    },
    /// Change something, once; the answer comes back as [`Msg::OperationAnswered`].
    SendOperation {
        /// The operation's number.
        id: u64,
        /// The action.
        action: Action,
        /// What the audit log keeps of it: on disk before it is sent, else it is not sent.
        record: Box<Record>,
    },
    /// What became of an operation, for the audit log.
    Record(Box<Record>),
    /// Probe from now on, instead of what was probed before; each result comes back as [`Msg::Probed`].
    Probe(Box<ProbeSettings>),
    /// Stop the probe.
    ProbeStop,
    /// Read the earlier drills; they come back as [`Msg::HistoryLoaded`].
    LoadHistory,
    /// Write the record of a drill; the answer comes back as [`Msg::ReportSaved`].
    SaveReport {
        /// The record.
        story: Box<DrillReport>,
        /// A folder that gets a copy of the report.
        folder: Option<String>,
    },
    /// Tell a person who looks elsewhere: the terminal's bell and an OSC 9 notification.
    Notify {
        /// What it is about, e.g. `backend`.
        title: String,
        /// One sentence.
        text: String,
    },
    /// End the screen.
    Quit,
}
