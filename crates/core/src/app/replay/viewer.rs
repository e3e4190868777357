//! The screen of a viewer who looks around in a replay. It is applied to each state of the session.

use crate::app::reducers::rows::{self, Anchors};
use crate::app::state::{Overlay, Screen, State};

/// A viewer's own screen.
#[derive(Debug, Clone)]
pub(super) struct OwnScreen {
    screen: Screen,
    /// The items that the cursors are on, so that they return to them when an item comes back.
    anchors: Anchors,
}

impl OwnScreen {
    /// The screen of a state.
    pub(super) fn of(state: &State) -> Self {
        Self { screen: state.screen.clone(), anchors: rows::anchors(state) }
    }

    /// The screen with which a viewer begins in a state. What the operator was typing or confirming is not
    /// taken over.
    pub(super) fn around(state: &State) -> Self {
        let mut own = Self::of(state);
        own.screen.filtering = false;
        if matches!(own.screen.overlay, Overlay::Plan(_) | Overlay::Choose(_)) {
            own.screen.overlay = Overlay::None;
        }
        own
    }

    /// A state seen on this screen, on a terminal of this size. The notice stays the session's.
    pub(super) fn over(&self, state: &State, size: (u16, u16)) -> State {
        let notice = state.screen.notice.clone();
        let screen = Screen { size, notice, ..self.screen.clone() };
        let mut seen = State { screen, ..state.clone() };
        rows::rebuild(&mut seen, &self.anchors);
        seen
    }

    /// Whether it equals the screen with which a viewer begins in a state.
    pub(super) fn begins_in(&self, state: &State) -> bool {
        let size = state.screen.size;
        self.over(state, size).screen == Self::around(state).over(state, size).screen
    }
}
