//! The one state. Only `update` changes it; whoever draws or reports reads it.

pub mod age_label;
mod drill_defaults;
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

pub use drill_defaults::DrillDefaults;
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
use crate::domain::{Meter, Now, PartyBox, ServerClock, Store, Topic};
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
    /// The AWS account: what was read of it and what follows from that.
    pub account: Account,
    /// What the operator did, newest first.
    pub operations: Vec<Tracked>,
    /// The drill under way or the last one, and the earlier ones.
    pub drill: DrillState,
    /// What happened.
    pub timeline: Timeline,
    /// When to ask what, and what the connection tells.
    pub polling: Polling,
    /// What the operator looks at.
    pub screen: Screen,
}

/// The AWS account: what was read of it and what follows from that.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The readings.
    pub store: Store,
    /// The readings, joined; not written down, as it follows from them.
    #[serde(skip)]
    pub party_box: PartyBox,
    /// How it is.
    pub health: Health,
    /// Rollouts, followed to their verdicts.
    pub rollouts: Rollouts,
    /// The Availability Zones with what stands in them; made anew while they are looked at.
    pub zones: Vec<Zone>,
    /// The values that changed a moment ago, and are drawn bright.
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

/// When to ask what, and what the connection tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Polling {
    /// When to ask what.
    pub schedule: Schedule,
    /// What the connection told last.
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
    /// The account that the session began in, 12 digits; empty until AWS has told.
    pub account: String,
    /// How drills are done.
    pub drills: DrillDefaults,
    /// Where we are: looking for a cluster, choosing one, watching, or stopped.
    pub phase: StartPhase,
    /// Number of the newest poll or operation: both count in one sequence.
    pub last_run: u64,
    /// Set when the loop should end.
    pub quitting: bool,
}

/// Where we are.
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
    /// Whether a failover is being watched, so that leaving deserves a question.
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

    /// When the oldest of the readings that the verdict on health rests on was taken: what the header's age
    /// means.
    pub fn oldest_vital(&self) -> Option<Duration> {
        self.account
            .store
            .iter()
            .filter(|(topic, _)| matches!(topic, Topic::Services | Topic::Databases | Topic::TargetHealth(_)))
            .filter_map(|(_, slot)| slot.taken)
            .min()
    }

    /// Whether everything that is wanted now has an answer, good or bad, and nothing more is on its way.
    pub fn all_answered(&self) -> bool {
        self.session.phase == StartPhase::Watching
            && self.account.store.iter().count() > 0
            && self.account.store.iter().all(|(_, slot)| slot.in_flight.is_none())
            && self.polling.schedule.topics().all(|topic| self.account.store.answered(topic))
    }

    /// Whether pasted text goes anywhere now: what goes nowhere is not kept either.
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
