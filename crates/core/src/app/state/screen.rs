//! What somebody looks at: view, pane, selections, filter, and what lies over the view.

use crate::app::state::{ImageChoice, PaneRows, PlanPanel, TextInput};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

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

/// A list's selected row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// Selected row, an index into the filtered list.
    pub row: usize,
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
