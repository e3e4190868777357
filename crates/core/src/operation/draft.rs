//! Drafts: operations as the operator asks for them, before they are planned.

use super::plan::{self, PlanContext};
use super::{Action, OperationStage, Plan, Tracked, Verdict};
use crate::domain::ScalingRange;
use serde::{Deserialize, Serialize};

/// Default quota of tasks per ECS service.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>
pub const MAX_TASKS: u32 = 5000;

/// An operation that is asked for, by the keys, the shell or `undo`. A [`Plan`] is made from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Draft {
    /// Scale a service.
    Scale {
        /// Service name.
        service: String,
        /// Desired count wanted.
        to: u32,
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
        /// The range wanted.
        range: ScalingRange,
    },
    /// Fail a database over.
    Failover {
        /// DB instance identifier, or the cluster's.
        database: String,
    },
}

impl Draft {
    /// Makes its plan from the newest readings. The error says why there is none.
    pub fn plan(&self, ctx: PlanContext<'_>) -> Result<Plan, String> {
        match self {
            Self::Scale { to, .. } | Self::Range { range: ScalingRange { max: to, .. }, .. }
                if *to > MAX_TASKS =>
            {
                Err(format!("ECS runs at most {MAX_TASKS} tasks per service"))
            }
            Self::Scale { service, to } => plan::scale(ctx, service, *to),
            Self::Redeploy { service } => plan::redeploy(ctx, service),
            Self::Deploy { service, container, image } => plan::deploy(ctx, service, container, image),
            Self::RollBack { service } => plan::roll_back(ctx, service),
            Self::Revert { service, to } => plan::revert(ctx, service, to),
            Self::Continue { service } => plan::proceed(ctx, service),
            Self::StopTask { service, task } => plan::stop_task(ctx, service, task),
            Self::Range { service, range } => plan::range(ctx, service, *range),
            Self::Failover { database } => plan::failover(ctx, database),
        }
    }

    /// One line, e.g. `scale web`, where there is no plan with a title of its own.
    pub fn title(&self) -> String {
        match self {
            Self::Scale { service, .. } => format!("scale {service}"),
            Self::Redeploy { service } => format!("redeploy {service}"),
            Self::Deploy { service, .. } => format!("deploy to {service}"),
            Self::RollBack { service } => format!("roll {service} back"),
            Self::Revert { service, .. } => format!("go back with {service}"),
            Self::Continue { service } => format!("continue {service}"),
            Self::StopTask { service, .. } => format!("stop a task of {service}"),
            Self::Range { service, .. } => format!("autoscaling of {service}"),
            Self::Failover { database } => format!("fail over {database}"),
        }
    }

    /// The database that it would fail over, if it is one.
    pub fn database(&self) -> Option<&str> {
        match self {
            Self::Failover { database } => Some(database),
            _ => None,
        }
    }

    /// The part that is typed before it is planned, as text: the number of tasks or the range. `None` when
    /// nothing is typed.
    pub fn editable_text(&self) -> Option<String> {
        match self {
            Self::Scale { to, .. } => Some(to.to_string()),
            Self::Range { range, .. } => Some(format!("{}-{}", range.min, range.max)),
            _ => None,
        }
    }

    /// The draft with what was typed. The error says what should be typed.
    pub fn with_text(&self, text: &str) -> Result<Self, &'static str> {
        Ok(match self {
            Self::Scale { service, .. } => {
                let to = text.parse().map_err(|_| "type how many tasks are wanted")?;
                Self::Scale { service: service.clone(), to }
            }
            Self::Range { service, range } => {
                let (min, max) = bounds(text).ok_or("type the range as MIN-MAX, e.g. 2-10")?;
                Self::Range { service: service.clone(), range: ScalingRange { min, max, ..*range } }
            }
            other => other.clone(),
        })
    }
}

/// `2-10` -> (2, 10).
fn bounds(text: &str) -> Option<(u32, u32)> {
    let (min, max) = text.split_once('-')?;
    Some((min.trim().parse().ok()?, max.trim().parse().ok()?))
}

/// The operation that `undo` is about: the newest that ended and may have changed something.
pub fn last_ended(operations: &[Tracked]) -> Option<&Tracked> {
    operations.iter().find(
        |t| matches!(&t.stage, OperationStage::Ended(verdict) if !matches!(verdict, Verdict::Refused(_))),
    )
}

/// The draft that undoes an operation that has ended. The error says why there is none.
pub fn inverse(tracked: &Tracked) -> Result<Draft, &'static str> {
    if matches!(&tracked.stage, OperationStage::Ended(Verdict::RolledBack(_))) {
        return Err("ECS has rolled it back already");
    }
    match &tracked.action {
        Action::Scale { service, from, .. } => Ok(Draft::Scale { service: service.clone(), to: *from }),
        Action::Deploy { service, from, .. } => {
            Ok(Draft::Revert { service: service.clone(), to: from.clone() })
        }
        Action::Revert { service, .. } => Ok(Draft::RollBack { service: service.clone() }),
        Action::Range { service, from, .. } => Ok(Draft::Range { service: service.clone(), range: *from }),
        Action::Redeploy { .. } => {
            Err("a forced redeploy kept its task definition: r chooses an earlier image")
        }
        Action::StopRollout { .. } | Action::Continue { go_on: false, .. } => {
            Err("a rollback is not taken back: r deploys again")
        }
        Action::Continue { .. } => Err("a hook is answered once: b rolls back"),
        Action::StopTask { .. } => Err("a stopped task does not come back: ECS started another"),
        Action::Failover { .. } | Action::FailoverCluster { .. } => {
            Err("a failover is not taken back: F fails over again")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_drafted() {
        let scale = Draft::Scale { service: "web".into(), to: 2 };
        assert_eq!(scale.with_text("14"), Ok(Draft::Scale { service: "web".into(), to: 14 }));
        assert!(scale.with_text("").is_err() && scale.with_text("-1").is_err());
        let range = ScalingRange { min: 2, max: 10, suspended: true };
        let draft = Draft::Range { service: "web".into(), range };
        assert_eq!(draft.editable_text().as_deref(), Some("2-10"));
        let wider = ScalingRange { max: 12, ..range };
        assert_eq!(draft.with_text("2 - 12"), Ok(Draft::Range { service: "web".into(), range: wider }));
        assert!(draft.with_text("2").is_err() && draft.with_text("2-").is_err());
        let stop = Draft::Redeploy { service: "web".into() };
        assert_eq!(stop.editable_text(), None);
    }
}
