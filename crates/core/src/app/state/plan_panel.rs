//! The panel of a plan: its draft, the plan, and the state of its confirmation.

use crate::app::state::TextInput;
use crate::operation::{Confirm, Draft, Plan};
use serde::{Deserialize, Serialize};

/// A plan on the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanPanel {
    /// The draft. While a number is typed that is not valid yet, the one before.
    pub draft: Draft,
    /// The plan from the newest readings; `Err` = why the draft makes none.
    pub plan: Result<Plan, String>,
    /// The state of its confirmation.
    pub step: Step,
    /// How much of it is shown.
    pub fold: Fold,
}

/// The state of a plan's confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// The number of tasks or the range is being typed.
    Editing {
        /// What is typed.
        input: TextInput,
        /// Whether a key has changed it: the first digit replaces what was there.
        touched: bool,
    },
    /// The plan changed while its confirmation was asked for: it waits for Enter.
    Changed,
    /// Its confirmation is asked for.
    Confirming {
        /// The name that is typed to confirm, as far as it is.
        typed: TextInput,
    },
}

/// How much of a plan is shown where it has more rows than there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fold {
    /// What fits, with the checks that pass in one line.
    Brief,
    /// Everything, from this row on.
    From(u16),
}

/// More rows than any plan has.
const LAST_ROW: u16 = 199;

impl Fold {
    /// This many rows further down. The first step leads from the brief form to the top of the whole plan.
    pub(crate) fn down(self, rows: u16) -> Self {
        match self {
            Self::Brief => Self::From(0),
            Self::From(row) => Self::From(row.saturating_add(rows).min(LAST_ROW)),
        }
    }

    /// This many rows further up. Above the first row it is brief again.
    pub(crate) fn up(self, rows: u16) -> Self {
        match self {
            Self::Brief => Self::Brief,
            Self::From(row) => row.checked_sub(rows).map_or(Self::Brief, Self::From),
        }
    }
}

impl Step {
    /// Where the confirmation of a plan is asked for, with nothing typed yet.
    pub(crate) fn confirming() -> Self {
        Self::Confirming { typed: TextInput::default() }
    }

    /// Where a draft is edited, with its number or range as it is; `None` when nothing is typed in it.
    pub(crate) fn editing(draft: &Draft) -> Option<Self> {
        let input = TextInput::new(draft.editable_text()?);
        Some(Self::Editing { input, touched: false })
    }
}

impl PlanPanel {
    /// Whether a name is typed to confirm.
    pub(crate) fn types_confirmation(&self) -> bool {
        matches!((&self.step, &self.plan), (Step::Confirming { .. }, Ok(plan)) if plan.confirm != Confirm::Yes)
    }
}
