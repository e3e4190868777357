//! What a drill waits for now: decided here for its end, for the screen and for the shell.

use super::{Drill, DrillStage, Mode};
use crate::domain::Level;
use crate::operation::{OperationStage, Tracked, Verdict};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// The time without failures after which the service counts as recovered.
const SETTLED: Duration = Duration::from_secs(20);
/// How long after the recovery RDS's events are awaited.
const EVENTS_WITHIN: Duration = Duration::from_mins(3);
/// How long after the end of the failover the change of the zone is awaited; it may come minutes later.
const MOVED_WITHIN: Duration = Duration::from_mins(1);
/// How long after acceptance a failover may take to show an effect.
const SHOWS_WITHIN: Duration = Duration::from_mins(5);
/// How long after RDS reported an abandoned or completed failover an outage may still begin.
const AFTERMATH: Duration = Duration::from_secs(45);

/// What a drill that has not ended waits for. Spans are the server's; `left` is how long it waits at most, as
/// it ends then without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrillWait {
    /// The probe's first answer.
    FirstProbe,
    /// A good answer of the probe, which fails before anything was sent.
    GoodProbe,
    /// The confirmation of its plan: the probe has answers, nothing was sent.
    Confirmation,
    /// AWS's answer to the request.
    Answer,
    /// A first effect of the failover that AWS accepted.
    FirstEffect,
    /// An effect of a request that AWS never answered.
    UnclearEffect,
    /// A failover or an outage that somebody else triggers.
    Observed,
    /// An outage, although RDS gave the failover up.
    OutageAfterAbandoning {
        /// At most.
        left: Duration,
    },
    /// The end of the failover; no request has failed.
    FailoverEnd,
    /// An outage that shows late: the failover has ended and no request has failed.
    LateOutage {
        /// At most.
        left: Duration,
    },
    /// A good answer of the service.
    Return,
    /// An end of the failures that came again after a good answer.
    LastFailure,
    /// Enough good answers in a row.
    Settling {
        /// Since the last failure.
        since: Duration,
        /// Until the service counts as back.
        of: Duration,
    },
    /// RDS's event that the failover has completed.
    Completion {
        /// At most.
        left: Duration,
    },
    /// The change of the writer's zone.
    Move {
        /// At most.
        left: Duration,
    },
    /// The database's status to be available again.
    Available {
        /// At most.
        left: Duration,
    },
}

impl DrillWait {
    /// One of each, with spans that show.
    pub const SAMPLES: [Self; 16] = [
        Self::FirstProbe,
        Self::GoodProbe,
        Self::Confirmation,
        Self::Answer,
        Self::FirstEffect,
        Self::UnclearEffect,
        Self::Observed,
        Self::OutageAfterAbandoning { left: AFTERMATH },
        Self::FailoverEnd,
        Self::LateOutage { left: AFTERMATH },
        Self::Return,
        Self::LastFailure,
        Self::Settling { since: Duration::ZERO, of: SETTLED },
        Self::Completion { left: EVENTS_WITHIN },
        Self::Move { left: MOVED_WITHIN },
        Self::Available { left: EVENTS_WITHIN },
    ];

    /// How serious it is that this is still waited for.
    pub fn level(self) -> Level {
        match self {
            Self::GoodProbe | Self::Return => Level::Bad,
            Self::LastFailure | Self::OutageAfterAbandoning { .. } | Self::UnclearEffect => Level::Warn,
            Self::FirstProbe
            | Self::Answer
            | Self::FirstEffect
            | Self::Observed
            | Self::FailoverEnd
            | Self::LateOutage { .. } => Level::Busy,
            Self::Confirmation
            | Self::Settling { .. }
            | Self::Completion { .. }
            | Self::Move { .. }
            | Self::Available { .. } => Level::Good,
        }
    }

    /// What is waited for, in words, with how long at most.
    pub fn words(self) -> String {
        let most = |what: &str, left: Duration| format!("{what}, {} s more at most", left.as_secs());
        match self {
            Self::FirstProbe => "waiting for the probe's first answer".to_owned(),
            Self::GoodProbe => "waiting for a good answer of the probe".to_owned(),
            Self::Confirmation => "waiting for its confirmation".to_owned(),
            Self::Answer => "waiting for AWS's answer".to_owned(),
            Self::FirstEffect => {
                format!("waiting for its first effect ({} s at most)", SHOWS_WITHIN.as_secs())
            }
            Self::UnclearEffect => "no answer from AWS: watching for an effect".to_owned(),
            Self::Observed => "waiting for somebody's failover".to_owned(),
            Self::OutageAfterAbandoning { left } => {
                most("RDS gave it up: still watching for an outage", left)
            }
            Self::FailoverEnd => "waiting for the failover's end".to_owned(),
            Self::LateOutage { left } => most("still watching for an outage", left),
            Self::Return => "waiting for a good answer".to_owned(),
            Self::LastFailure => "failing again".to_owned(),
            Self::Settling { since, of } => format!("settling: {} of {} s", since.as_secs(), of.as_secs()),
            Self::Completion { left } => most("RDS has not said yet that it completed, waiting", left),
            Self::Move { left } => most("waiting for the writer's zone to change", left),
            Self::Available { left } => most("waiting for the status to be available", left),
        }
    }
}

impl Drill {
    /// What it waits for (`mono`: now, monotonic; `now`: the server's time; `operation`: the one that it
    /// sent); `None` once it has ended, and when nothing is left to wait for, which is when
    /// [`Drill::observe`] ends it.
    pub fn waiting_for(
        &self,
        operation: Option<&Tracked>,
        mono: Duration,
        now: DateTime<Utc>,
    ) -> Option<DrillWait> {
        match self.stage {
            DrillStage::Baseline if self.failing().is_some() => return Some(DrillWait::GoodProbe),
            DrillStage::Baseline if self.measured.since.good == 0 => return Some(DrillWait::FirstProbe),
            DrillStage::Baseline => return Some(DrillWait::Confirmation),
            DrillStage::Ended(_) => return None,
            DrillStage::Watching => {}
        }
        if self.measured.outage.is_some() {
            return self.wait_after_failure(mono, now);
        }
        if let Some((at, _)) = self.rds_events.abandoned.as_ref().filter(|_| !self.confirmed()) {
            let left = AFTERMATH.saturating_sub((now - *at).to_std().unwrap_or_default());
            return (!left.is_zero()).then_some(DrillWait::OutageAfterAbandoning { left });
        }
        if self.confirmed() {
            return match self.failover_over_for(mono, now) {
                None => Some(DrillWait::FailoverEnd),
                Some(over) if over < AFTERMATH => {
                    Some(DrillWait::LateOutage { left: AFTERMATH.saturating_sub(over) })
                }
                Some(_) => None,
            };
        }
        self.wait_for_effect(operation, mono)
    }

    /// Requests have failed since it was sent.
    fn wait_after_failure(&self, mono: Duration, now: DateTime<Utc>) -> Option<DrillWait> {
        let outage = self.measured.outage.as_ref()?;
        let Some(settled) = outage.settled else {
            return Some(if outage.recovered_at.is_some() {
                DrillWait::LastFailure
            } else {
                DrillWait::Return
            });
        };
        let since = self.scaled(mono.saturating_sub(settled));
        if since < SETTLED {
            return Some(DrillWait::Settling { since, of: SETTLED });
        }
        let left = EVENTS_WITHIN.saturating_sub(since);
        let completed = self.rds_events.completed.map(|at| (now - at).to_std().unwrap_or_default());
        match completed {
            Some(over) if over < MOVED_WITHIN && self.moved().is_none() => {
                return Some(DrillWait::Move { left: MOVED_WITHIN.saturating_sub(over) });
            }
            None if !left.is_zero() => return Some(DrillWait::Completion { left }),
            _ => {}
        }
        let away = self.status_left().is_some_and(|(_, back)| back.is_none());
        (away && !left.is_zero()).then_some(DrillWait::Available { left })
    }

    /// How long ago the failover ended, by RDS's event, or by the status and the zone where that is missing.
    fn failover_over_for(&self, mono: Duration, now: DateTime<Utc>) -> Option<Duration> {
        let since = |at: Duration| self.scaled(mono.saturating_sub(at));
        let told = self.rds_events.completed.map(|at| (now - at).to_std().unwrap_or_default());
        let status = self.status_left();
        let back = status.and_then(|(_, back)| back).map(since);
        match (told, back, status, self.moved()) {
            (Some(told), Some(back), ..) => Some(told.min(back)),
            (Some(told), None, None, _) => Some(told),
            (None, Some(back), ..) => back.checked_sub(MOVED_WITHIN),
            (None, None, None, Some(moved)) => Some(since(moved)),
            _ => None,
        }
    }

    /// Nothing has shown yet, neither a failure nor a sign of the failover.
    fn wait_for_effect(&self, operation: Option<&Tracked>, mono: Duration) -> Option<DrillWait> {
        if self.mode == Mode::Observed {
            return Some(DrillWait::Observed);
        }
        let Some(asked) = self.accepted.or(self.sent) else { return Some(DrillWait::Answer) };
        if self.scaled(mono.saturating_sub(asked)) >= SHOWS_WITHIN {
            return None;
        }
        Some(match operation.map(|operation| &operation.stage) {
            Some(OperationStage::Ended(Verdict::Unclear(_))) => DrillWait::UnclearEffect,
            _ if self.accepted.is_some() => DrillWait::FirstEffect,
            _ => DrillWait::Answer,
        })
    }
}
