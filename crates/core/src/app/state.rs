//! The one state. Only `update` changes it; `ui` reads it.

use super::schedule::Schedule;
use super::{ChainItem, DrillDefaults, Highlights, PaneRows, Timeline};
use crate::diagnosis::{Health, Rollouts, Zone};
use crate::domain::{Database, EcrImage, Meter, PartyBox, ServerClock, ServiceNode, Store, Topic};
use crate::operation::drill::Drill;
use crate::operation::drill::report::{DrillReport, DrillSummary};
use crate::operation::{Plan, Tracked};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

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

/// What somebody looks at: the part of the state that belongs to the viewer and not to the account. The viewer of a
/// replay has one of their own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    /// The view on the screen.
    pub view: View,
    /// The focused pane.
    pub pane: Pane,
    /// The cursor of each pane.
    #[serde(with = "crate::domain::pairs")]
    pub cursors: BTreeMap<(View, Pane), Cursor>,
    /// The filter: only rows that contain this text are shown.
    pub filter: TextInput,
    /// Whether the filter is being typed now.
    pub filtering: bool,
    /// What lies beside or over the view.
    pub overlay: Overlay,
    /// Terminal size: columns, rows.
    pub size: (u16, u16),
    /// A short notice at the bottom (e.g. why a key did nothing), and until when, monotonic.
    pub notice: Option<(String, Duration)>,
    /// The rows of each pane after the filter.
    pub rows: PaneRows,
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

/// The views, in the order of their number keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum View {
    /// 1: the whole Party Box.
    #[default]
    Overview,
    /// 2: services, deployments, tasks.
    Services,
    /// 3: load balancer, rules, targets.
    Traffic,
    /// 4: databases.
    Database,
    /// 5: images.
    Images,
    /// 6: network.
    Network,
    /// 7: what each zone carries, and what its loss takes.
    Zones,
    /// 8: the drill under way, and the earlier ones.
    Drill,
}

impl View {
    /// All, in order.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Services,
        Self::Traffic,
        Self::Database,
        Self::Images,
        Self::Network,
        Self::Zones,
        Self::Drill,
    ];

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Services => "services",
            Self::Traffic => "traffic",
            Self::Database => "database",
            Self::Images => "images",
            Self::Network => "network",
            Self::Zones => "zones",
            Self::Drill => "drill",
        }
    }
}

/// A view has a main list and one that hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Pane {
    /// The main list.
    #[default]
    Main,
    /// What hangs on its selected row.
    Detail,
}

/// A list's selected row and first visible row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// Selected row, an index into the filtered list.
    pub row: usize,
}

/// A line of text being typed: the text and the caret, in characters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TextInput {
    /// The text.
    pub text: String,
    /// Caret position, in characters.
    pub caret: usize,
}

/// What lies beside or over the view.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys; first visible line.
    Help(u16),
    /// A plan, waiting for confirmation.
    Plan(Box<PlanPanel>),
    /// A drill is under way and the program is asked to end: whether to leave it.
    Leave,
    /// What to deploy is being chosen.
    Choose(Box<ImageChoice>),
    /// Details of the selected row (Enter on a row without a further view); first visible line.
    Detail(u16),
}

/// A plan on the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanPanel {
    /// What is being drafted.
    pub draft: Draft,
    /// The plan as of the newest readings; `Err` when the draft makes none, with the reason.
    pub plan: Result<Plan, String>,
    /// Whether the confirmation is asked for. Before that, a scale plan's number is typed; and a plan that changed
    /// while it was asked waits for Enter.
    pub asking: bool,
    /// What was typed to confirm.
    pub typed: TextInput,
    /// 0: what fits, the checks that pass folded where room is short; from 1 on everything, less the rows above.
    pub scroll: u16,
}

/// What to deploy to a service: the same once more, or another image of its repository. The rows are "force a new
/// deployment" and then [`State::choices`], newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageChoice {
    /// Service name.
    pub service: String,
    /// Where its images come from; `None` when its task definition names no ECR image or was not read yet.
    pub source: Option<ImageSource>,
    /// Digest of the selected image; `None` = the first row, force a new deployment of the same revision.
    pub chosen: Option<String>,
}

/// The container and the repository that another image is chosen for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSource {
    /// Container name in the task definition.
    pub container: String,
    /// Registry account, 12 digits.
    pub registry: String,
    /// Repository name.
    pub repository: String,
    /// `<host>/<repository>`: what stands before the `@sha256:...` of a pinned image.
    pub reference: String,
}

/// What is being drafted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Draft {
    /// Scale a service to the number being typed.
    Scale {
        /// Service name.
        service: String,
        /// The number being typed.
        to: TextInput,
    },
    /// Force a new deployment.
    Redeploy {
        /// Service name.
        service: String,
    },
    /// Deploy another image.
    Deploy {
        /// Service name.
        service: String,
        /// Container name.
        container: String,
        /// The image, pinned by digest.
        image: String,
    },
    /// Roll back: stop the rollout in flight, answer its hook, or go to the revision before.
    RollBack {
        /// Service name.
        service: String,
    },
    /// Go back to a task definition.
    Revert {
        /// Service name.
        service: String,
        /// Task definition ARN.
        to: String,
    },
    /// Let a rollout go on that its PAUSE hook holds.
    Continue {
        /// Service name.
        service: String,
    },
    /// Stop a task.
    StopTask {
        /// Service name.
        service: String,
        /// Task id.
        task: String,
    },
    /// Move the autoscaling range, or suspend or resume scaling.
    Range {
        /// Service name.
        service: String,
        /// The range being typed, `MIN-MAX`, e.g. `2-10`.
        range: TextInput,
        /// Whether scaling is to be suspended.
        suspended: bool,
    },
    /// Fail a database over.
    Failover {
        /// DB instance identifier, or the cluster's.
        database: String,
    },
}

impl Draft {
    /// Whether something is typed before the confirmation is asked for.
    pub fn is_typed(&self) -> bool {
        matches!(self, Self::Scale { .. } | Self::Range { .. })
    }

    /// The database that it would fail over, if it is one.
    pub fn database(&self) -> Option<&str> {
        match self {
            Self::Failover { database } => Some(database),
            _ => None,
        }
    }
}

impl State {
    /// The cursor of a pane. The overview starts on the first service: the part that is acted on most.
    pub fn cursor(&self, view: View, pane: Pane) -> usize {
        match self.screen.cursors.get(&(view, pane)) {
            Some(cursor) => cursor.row,
            None if (view, pane) == (View::Overview, Pane::Main)
                && self.session.phase == StartPhase::Watching =>
            {
                self.screen.rows.chain.iter().position(|t| matches!(t, ChainItem::Service(_))).unwrap_or(0)
            }
            None => 0,
        }
    }

    /// How many rows can be selected in a pane. While a cluster is being chosen, the overview lists the clusters.
    pub fn rows(&self, view: View, pane: Pane) -> usize {
        match (view, pane) {
            (View::Overview, Pane::Main) if self.session.phase == StartPhase::Choosing => {
                self.account.store.clusters().len()
            }
            _ => self.screen.rows.len(view, pane),
        }
    }

    /// The part of the chain selected in the overview.
    pub fn selected_item(&self) -> Option<&ChainItem> {
        self.screen.rows.chain.get(self.cursor(View::Overview, Pane::Main))
    }

    /// The images to choose from, newest first; empty while they are being read.
    pub fn choices(&self, choice: &ImageChoice) -> &[EcrImage] {
        let source = choice.source.as_ref();
        source.and_then(|s| self.account.store.candidates(&s.registry, &s.repository)).unwrap_or_default()
    }

    /// The service that is selected in the view on the screen.
    pub fn selected_node(&self) -> Option<&ServiceNode> {
        let index = match self.screen.view {
            View::Overview => match self.selected_item()? {
                ChainItem::Service(index) => *index,
                _ => return None,
            },
            View::Services => *self.screen.rows.services.get(self.cursor(View::Services, Pane::Main))?,
            _ => return None,
        };
        self.account.party_box.services.get(index)
    }

    /// The service selected in the services view, whichever view is on the screen.
    pub fn services_view_node(&self) -> Option<&ServiceNode> {
        let index = *self.screen.rows.services.get(self.cursor(View::Services, Pane::Main))?;
        self.account.party_box.services.get(index)
    }

    /// The name of [`State::selected_node`].
    pub fn selected_service(&self) -> Option<&str> {
        self.selected_node().map(|n| n.service().name.as_str())
    }

    /// The database that is selected in the view on the screen.
    pub fn selected_database(&self) -> Option<&Database> {
        let index = match self.screen.view {
            View::Overview => match self.selected_item()? {
                ChainItem::Database(index) => *index,
                _ => return None,
            },
            View::Database => *self.screen.rows.databases.get(self.cursor(View::Database, Pane::Main))?,
            View::Drill => return self.account.party_box.database(self.drilled()?),
            _ => return None,
        };
        self.account.party_box.databases.get(index)
    }

    /// The zone selected in the zones view.
    pub fn selected_zone(&self) -> Option<&Zone> {
        self.account.zones.get(*self.screen.rows.zones.get(self.cursor(View::Zones, Pane::Main))?)
    }

    /// The database that the drill view is about: the one of the drill, or of the selected earlier one.
    pub fn drilled(&self) -> Option<&str> {
        match &self.drill.current {
            Some(drill) => Some(drill.database.as_str()),
            None => self.drill.history.get(self.cursor(View::Drill, Pane::Main)).map(|p| p.database.as_str()),
        }
    }

    /// When the oldest of the readings that the verdict on health rests on was taken: what the header's age means.
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
        super::keys::takes_text(self)
    }

    /// Requests in the last minute.
    pub fn calls_per_minute(&self) -> u64 {
        match (self.polling.requests.front(), self.polling.requests.back()) {
            (Some(first), Some(last)) => last.1.saturating_sub(first.1),
            _ => 0,
        }
    }
}

impl TextInput {
    /// A text with the caret behind it.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { caret: text.chars().count(), text }
    }
}
