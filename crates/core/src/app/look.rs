//! What somebody looks at: the part of the state that is theirs and not the Party Box's.

use super::lists::{self, Anchors};
use super::{Cursor, Input, Overlay, Pane, State, View};
use std::collections::BTreeMap;

/// View, pane, selections, filter and what is open.
#[derive(Debug, Clone)]
pub(super) struct Look {
    view: View,
    pane: Pane,
    cursors: BTreeMap<(View, Pane), Cursor>,
    /// What the selections are on: they come back to it after a while without it.
    anchors: Anchors,
    filter: Input,
    filtering: bool,
    overlay: Overlay,
}

impl Look {
    /// Of a state.
    pub(super) fn of(state: &State) -> Self {
        Self {
            view: state.view,
            pane: state.pane,
            cursors: state.cursors.clone(),
            anchors: lists::anchors(state),
            filter: state.filter.clone(),
            filtering: state.filtering,
            overlay: state.overlay.clone(),
        }
    }

    /// Of a state, for somebody else who begins to look around: what is being typed or confirmed there is not theirs.
    pub(super) fn around(state: &State) -> Self {
        let overlay = match &state.overlay {
            Overlay::Plan(_) | Overlay::Choose(_) => Overlay::None,
            other => other.clone(),
        };
        Self { filtering: false, overlay, ..Self::of(state) }
    }

    /// A state seen this way, on a terminal of this size.
    pub(super) fn over(&self, state: &State, size: (u16, u16)) -> State {
        let mut seen = State {
            view: self.view,
            pane: self.pane,
            cursors: self.cursors.clone(),
            filter: self.filter.clone(),
            filtering: self.filtering,
            overlay: self.overlay.clone(),
            size,
            ..state.clone()
        };
        lists::rebuild(&mut seen, &self.anchors);
        seen
    }

    /// Whether it is where somebody begins who looks around in a state.
    pub(super) fn begins_in(&self, state: &State) -> bool {
        let start = Self::around(state);
        self.view == start.view
            && self.pane == start.pane
            && self.cursors == start.cursors
            && self.filter == start.filter
            && self.filtering == start.filtering
            && self.overlay == start.overlay
    }
}
