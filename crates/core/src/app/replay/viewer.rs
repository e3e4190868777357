//! The screen of somebody who looks around in a replay: over each state of the session that is shown.

use crate::app::reducers::rows::{self, Anchors};
use crate::app::state::{Overlay, Screen, State};

/// A viewer's own screen.
#[derive(Debug, Clone)]
pub(super) struct OwnScreen {
    screen: Screen,
    /// What the selections are on: they come back to it after a while without it.
    anchors: Anchors,
}

impl OwnScreen {
    /// The screen of a state.
    pub(super) fn of(state: &State) -> Self {
        Self { screen: state.screen.clone(), anchors: rows::anchors(state) }
    }

    /// Where somebody begins who looks around in a state: what is being typed or confirmed there is not
    /// theirs.
    pub(super) fn around(state: &State) -> Self {
        let mut own = Self::of(state);
        own.screen.filtering = false;
        if matches!(own.screen.overlay, Overlay::Plan(_) | Overlay::Choose(_)) {
            own.screen.overlay = Overlay::None;
        }
        own
    }

    /// A state seen on this screen, on a terminal of this size. The notice is the session's.
    pub(super) fn over(&self, state: &State, size: (u16, u16)) -> State {
        let notice = state.screen.notice.clone();
        let screen = Screen { size, notice, ..self.screen.clone() };
        let mut seen = State { screen, ..state.clone() };
        rows::rebuild(&mut seen, &self.anchors);
        seen
    }

    /// Whether it is where somebody begins who looks around in a state.
    pub(super) fn begins_in(&self, state: &State) -> bool {
        let size = state.screen.size;
        self.over(state, size).screen == Self::around(state).over(state, size).screen
    }
}
