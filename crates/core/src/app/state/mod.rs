//! The one state of the program. Only `update` changes it; drawing and reports read it.

pub mod age_label;
mod highlights;
mod image_choice;
mod key;
mod message;
mod plan_panel;
mod schedule;
mod screen;
mod selection;
mod text_input;
mod timeline;
mod view;

pub use highlights::{Highlights, WatchedValue};
pub use image_choice::{ImageChoice, ImageSource};
pub use key::{Key, KeyCode};
pub use message::{Answer, Effect, Msg};
pub use plan_panel::{Fold, PlanPanel, Step};
pub(crate) use schedule::Bucket;
pub use schedule::Schedule;
pub use screen::{Cursor, Overlay, Screen};
pub use text_input::TextInput;
pub use timeline::{Entry, EventKind, Source, Timeline};
pub use view::{ChainItem, Pane, PaneRows, RulePosition, View};

use crate::diagnosis::{Health, Rollouts, Zone};
use crate::domain::{DatabaseChoice, DrillSettings, Meter, Now, PartyBox, ServerClock, Store, Topic};
use crate::operation::Tracked;
use crate::operation::drill::report::{DrillReport, DrillSummary};
use crate::operation::drill::{Drill, DrillStage};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(6);

/// Everything the program knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Settings and facts of this session, and how far it is.
    pub session: Session,
    /// The AWS account: its readings and what is derived from them.
    pub account: Account,
    /// What the operator did, newest first.
    pub operations: Vec<Tracked>,
    /// The drill under way or the last one, and the earlier ones.
    pub drill: DrillState,
    /// The timeline of events.
    pub timeline: Timeline,
    /// The polling schedule, and what the connection reports.
    pub polling: Polling,
    /// The operator's screen.
    pub screen: Screen,
}

/// The AWS account: its readings and what is derived from them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The readings.
    pub store: Store,
    /// The readings, joined. Not recorded, as it is derived from them.
    #[serde(skip)]
    pub party_box: PartyBox,
    /// Its health.
    pub health: Health,
    /// Rollouts, followed to their verdicts.
    pub rollouts: Rollouts,
    /// The Availability Zones with what is in them. Made only while they are on the screen.
    pub zones: Vec<Zone>,
    /// The values that have just changed, and are drawn bright.
    pub highlights: Highlights,
    /// AWS actions of operations that were denied, and when (server time).
    pub denied: BTreeMap<String, DateTime<Utc>>,
}

/// The drill under way or the last one, and the earlier ones.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DrillState {
    /// The drill under way, or the last one.
    pub current: Option<Drill>,
    /// Where its report was saved, or why it was not.
    pub saved: Option<Result<String, String>>,
    /// The report itself, once the drill ended.
    pub report: Option<Box<DrillReport>>,
    /// The folder that was asked to get a copy of the report.
    pub copy_to: Option<String>,
    /// Earlier drills of this machine, newest first.
    pub history: Vec<DrillSummary>,
}

/// The polling schedule, and what the connection reports.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Polling {
    /// When to poll each topic.
    pub schedule: Schedule,
    /// What the connection reported last.
    pub meter: Meter,
    /// (monotonic, requests so far) of the last minute, oldest first: for calls per minute.
    pub requests: VecDeque<(Duration, u64)>,
    /// The server's clock.
    pub clock: ServerClock,
}

/// Settings and facts of this session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Refuse every action.
    pub read_only: bool,
    /// The cluster asked for by flag.
    pub cluster_wanted: Option<String>,
    /// The cluster being watched.
    pub cluster: Option<String>,
    /// Region; empty until connected.
    pub region: String,
    /// Endpoint URL when it is not AWS's own.
    pub endpoint: Option<String>,
    /// Profile, when named.
    pub profile: Option<String>,
    /// The account in which the session began, 12 digits; empty until AWS has reported it.
    pub account: String,
    /// How drills are done.
    pub drills: DrillSettings,
    /// Which databases belong, as the settings say.
    #[serde(default)]
    pub databases: DatabaseChoice,
    /// The phase of the session's start.
    pub phase: StartPhase,
    /// Number of the newest poll or operation: both count in one sequence.
    pub last_run: u64,
    /// Set when the loop should end.
    pub quitting: bool,
}

/// The phase of a session's start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StartPhase {
    /// Connecting and looking for the cluster.
    #[default]
    Looking,
    /// Several clusters: choose one.
    Choosing,
    /// Watching.
    Watching,
    /// Cannot go on: one sentence and what to do. The screen ends with exit code 2.
    Stopped(String),
}

impl DrillState {
    /// Whether a failover is being watched, so that the program asks before it ends.
    pub fn is_under_way(&self) -> bool {
        self.current.as_ref().is_some_and(|drill| drill.stage == DrillStage::Watching)
    }
}

impl State {
    /// Shows a short notice at the bottom, for a few seconds.
    pub(crate) fn notify(&mut self, text: impl Into<String>, now: Now) {
        self.screen.notice = Some((text.into(), now.mono + NOTICE));
    }

    /// Begins to watch a cluster.
    pub(crate) fn watch_cluster(&mut self, cluster: String) {
        self.session.cluster = Some(cluster);
        self.session.phase = StartPhase::Watching;
    }

    /// Monotonic time of the oldest reading that the health rests on: the age in the header.
    pub fn oldest_vital(&self) -> Option<Duration> {
        self.account
            .store
            .iter()
            .filter(|(topic, _)| matches!(topic, Topic::Services | Topic::Databases | Topic::TargetHealth(_)))
            .filter_map(|(_, slot)| slot.taken)
            .min()
    }

    /// Whether each wanted topic has an answer, good or bad, and no poll is in flight.
    pub fn all_answered(&self) -> bool {
        self.session.phase == StartPhase::Watching
            && self.account.store.iter().count() > 0
            && self.account.store.iter().all(|(_, slot)| slot.in_flight.is_none())
            && self.polling.schedule.topics().all(|topic| self.account.store.answered(topic))
    }

    /// Whether text is being typed. Pasted text is otherwise dropped, and not recorded either.
    pub fn takes_text(&self) -> bool {
        self.screen.filtering
            || matches!(&self.screen.overlay, Overlay::Plan(panel) if panel.types_confirmation())
    }

    /// Requests in the last minute.
    pub fn calls_per_minute(&self) -> u64 {
        match (self.polling.requests.front(), self.polling.requests.back()) {
            (Some(first), Some(last)) => last.1.saturating_sub(first.1),
            _ => 0,
        }
    }
}
