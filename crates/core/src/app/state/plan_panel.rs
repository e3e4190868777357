//! A plan on the screen, and what it is drafted from.

use crate::app::state::TextInput;
use crate::operation::{Confirm, Plan};
use serde::{Deserialize, Serialize};

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

impl PlanPanel {
    /// Whether a name is typed to confirm.
    pub(crate) fn types_confirmation(&self) -> bool {
        self.asking && matches!(&self.plan, Ok(plan) if plan.confirm != Confirm::Yes)
    }

    /// Whether what was typed confirms the plan.
    pub(crate) fn is_confirmed(&self) -> bool {
        match &self.plan {
            Ok(plan) => match &plan.confirm {
                Confirm::Yes => self.typed.text.eq_ignore_ascii_case("y"),
                Confirm::Type(name) => self.typed.text == *name,
            },
            Err(_) => false,
        }
    }
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
