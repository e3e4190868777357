//! Messages and effects, the input and output of `update`. Both are plain data.

use crate::app::state::Key;
use crate::domain::{CallError, Meter, Payload, ProbeSpec, Probed, Query, Resolved, Topic};
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
    /// Opens the plan of this draft, as the keys would. For commands of the shell.
    Draft(Box<Draft>),
    /// Reads the images that could be deployed to a service. For commands of the shell.
    Choose(String),
    /// The same for one of its containers, by name.
    ChooseFor {
        /// Service name.
        service: String,
        /// Container name.
        container: String,
    },
    /// Sends the open plan. The confirmation was asked for elsewhere.
    Confirm,
    /// An answer to an action.
    OperationAnswered {
        /// The operation's number.
        id: u64,
        /// AWS's answer.
        outcome: Result<Accepted, CallError>,
        /// The connection's meter at that moment.
        meter: Meter,
    },
    /// Watches a database, given by its identifier, for a failover that somebody else triggers. For commands
    /// of the shell.
    Observe(String),
    /// A result of the probe.
    Probed(Box<Probed>),
    /// An answer to the look-up of the database endpoint's name.
    Resolved(Box<Resolved>),
    /// Earlier drills of this machine, newest first.
    HistoryLoaded(Vec<DrillSummary>),
    /// The record of a drill was written to this folder, or why it was not, in one sentence.
    ReportSaved(Result<String, String>),
    /// A notice for the footer that is not an answer, e.g. that the recording could not go on.
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
    /// The payload, or the error.
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
        /// The record for the audit log. It is written to disk before the action is sent; if that fails,
        /// nothing is sent.
        record: Box<Record>,
    },
    /// Write the outcome of an operation to the audit log.
    Record(Box<Record>),
    /// Start this probe in place of an earlier one. Each result comes back as [`Msg::Probed`].
    Probe(Box<ProbeSpec>),
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
    /// Notify a person who looks elsewhere, by the terminal's bell and an OSC 9 notification.
    Notify {
        /// What it is about, e.g. `backend`.
        title: String,
        /// One sentence.
        text: String,
    },
    /// End the screen.
    Quit,
}
