//! The screen: view, pane, selections, filter, and what lies over the view.

use crate::app::state::{ImageChoice, Pane, PaneRows, PlanPanel, TextInput, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The screen: the part of the state that belongs to the viewer and not to the account. The viewer of a
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

/// A list's selected row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// Selected row, an index into the filtered list.
    pub row: usize,
}

/// What is shown beside or over the view.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys; first visible line.
    Help(u16),
    /// A plan, waiting for confirmation.
    Plan(Box<PlanPanel>),
    /// The question whether to leave a drill that is running.
    Leave,
    /// What to deploy is being chosen.
    Choose(Box<ImageChoice>),
    /// Details of the selected row (Enter on a row without a further view); first visible line.
    Detail(u16),
}
