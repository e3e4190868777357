//! The freshness of what a panel shows: stale, denied, empty and loading are states of their own, each with
//! its reason.

use super::context::Ctx;
use partybox_core::app::age_label;
use partybox_core::domain::{CallError, ErrorKind, Level, Topic};
use std::time::Duration;

/// A call without an answer for this long is mentioned in the border.
const SLOW: Duration = Duration::from_secs(5);

/// The freshness of the readings of some topics; ordered from best to worst.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Freshness {
    /// As fresh as the newest polls.
    Fresh,
    /// No reading has come yet.
    Reading(Option<Duration>),
    /// The newest polls failed, so rows are the last good ones; how old they are and why.
    Stale { age: Duration, why: String },
    /// No reading can come, as a permission is missing.
    Denied { action: String },
    /// No reading came, and why.
    Failed { why: String },
}

impl Freshness {
    /// The worst of some topics. Topics that were never asked for count as being read.
    pub(super) fn of(ctx: &Ctx<'_>, topics: &[Topic]) -> Self {
        let mut worst = Self::Fresh;
        for topic in topics {
            let one = Self::of_one(ctx, topic);
            if one.rank() > worst.rank() {
                worst = one;
            }
        }
        worst
    }

    fn of_one(ctx: &Ctx<'_>, topic: &Topic) -> Self {
        let Some(slot) = ctx.state.account.store.slot(topic) else { return Self::Reading(None) };
        let waiting =
            slot.in_flight.map(|(_, sent)| ctx.now.mono.saturating_sub(sent)).filter(|w| *w >= SLOW);
        match (&slot.taken, &slot.failure) {
            (Some(taken), Some(failure)) => {
                Self::Stale { age: ctx.now.mono.saturating_sub(*taken), why: reason(&failure.error) }
            }
            (None, Some(failure)) if failure.error.kind == ErrorKind::Denied => {
                Self::Denied { action: failure.error.action.clone() }
            }
            (None, Some(failure)) => Self::Failed { why: reason(&failure.error) },
            (Some(taken), None) => match waiting {
                Some(waiting) => Self::Stale {
                    age: ctx.now.mono.saturating_sub(*taken),
                    why: format!("no answer for {}", age_label::label(waiting)),
                },
                None => Self::Fresh,
            },
            (None, None) => Self::Reading(waiting),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Fresh => 0,
            Self::Reading(_) => 1,
            Self::Stale { .. } => 2,
            Self::Failed { .. } => 3,
            Self::Denied { .. } => 4,
        }
    }

    /// Whether rows that are shown are to be dimmed.
    pub(super) fn dims(&self) -> bool {
        !matches!(self, Self::Fresh | Self::Reading(_))
    }

    /// What the panel's border says; nothing when all is well.
    pub(super) fn border(&self) -> Option<(Level, String)> {
        match self {
            Self::Fresh => None,
            Self::Reading(None) => Some((Level::Idle, "reading…".into())),
            Self::Reading(Some(waiting)) => {
                Some((Level::Warn, format!("no answer for {}", age_label::label(*waiting))))
            }
            Self::Stale { age, why } => Some((Level::Warn, format!("{} old: {why}", age_label::label(*age)))),
            Self::Denied { action } => Some((Level::Bad, format!("denied: {action}"))),
            Self::Failed { why } => Some((Level::Bad, why.clone())),
        }
    }

    /// The sentence in place of rows when there are none; `empty` is said when AWS answered with none.
    pub(super) fn placeholder(&self, empty: &str) -> (Level, String) {
        match self {
            Self::Fresh | Self::Stale { .. } => (Level::Idle, empty.to_owned()),
            Self::Reading(None) => (Level::Idle, "reading…".into()),
            Self::Reading(Some(waiting)) => {
                (Level::Warn, format!("reading… no answer for {}", age_label::label(*waiting)))
            }
            Self::Denied { action } => {
                (Level::Bad, format!("not allowed: this role needs the permission {action}"))
            }
            Self::Failed { why } => (Level::Bad, format!("cannot be read: {why}")),
        }
    }
}

/// Why a call failed, in few words that fit a border.
pub(super) fn reason(error: &CallError) -> String {
    match error.kind {
        ErrorKind::Denied => format!("denied: {}", error.action),
        ErrorKind::Credentials => "credentials expired or missing".into(),
        ErrorKind::Throttled => format!("throttled: {}", error.action),
        _ if error.message.is_empty() => error.code.clone().unwrap_or_else(|| error.action.clone()),
        _ => error.message.clone(),
    }
}
