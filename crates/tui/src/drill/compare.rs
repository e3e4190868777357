//! A recovery time among those of earlier drills.

use super::time::span;
use crate::context::{Ctx, faint};
use crate::widgets::sparkline;
use partybox_core::domain::Level;
use partybox_core::operation::drill::report::DrillSummary;
use ratatui::text::{Line, Span};
use std::time::Duration;

/// Drills that a trend shows.
const TREND: usize = 24;

/// The recovery times of earlier drills of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Earlier {
    /// How many have a recovery time.
    pub(super) count: usize,
    /// The shortest.
    pub(super) best: Duration,
    /// The median: half of them are at most this.
    pub(super) median: Duration,
    /// The newest.
    pub(super) last: Duration,
    /// All, oldest first.
    pub(super) all: Vec<Duration>,
}

impl Earlier {
    /// Of some drills, newest first; `None` when no one of them has a recovery time.
    pub(super) fn of<'p>(past: impl Iterator<Item = &'p DrillSummary>) -> Option<Self> {
        let mut all: Vec<Duration> = past.filter_map(|p| p.rto_ms).map(Duration::from_millis).collect();
        let last = *all.first()?;
        all.reverse();
        let mut sorted = all.clone();
        sorted.sort_unstable();
        Some(Self { count: all.len(), best: sorted[0], median: sorted[(sorted.len() - 1) / 2], last, all })
    }

    /// `best 61.2 s · median 70.4 s · last 73.8 s`.
    pub(super) fn words(&self) -> String {
        format!("best {} · median {} · last {}", span(self.best), span(self.median), span(self.last))
    }

    /// A step for each, oldest first, then one for the drill that they are compared with.
    pub(super) fn trend<'a>(&self, ctx: &Ctx<'a>, now: Option<(Duration, Level)>) -> Line<'a> {
        let seconds = |d: &Duration| d.as_secs_f64();
        let all = &self.all[self.all.len().saturating_sub(TREND)..];
        let top = all.iter().map(seconds).chain(now.map(|n| n.0.as_secs_f64())).fold(0.0, f64::max);
        let text: String = all.iter().map(|d| sparkline::step(seconds(d), top)).collect();
        let mut spans: Vec<Span<'a>> = vec![faint(text)];
        if let Some((now, level)) = now {
            spans.push(ctx.tinted(level, sparkline::step(now.as_secs_f64(), top).to_string()));
        }
        Line::from(spans)
    }
}

/// The earlier drills that a new one is compared with: of the same database, and simulated or not as it is.
pub(super) fn alike<'a>(
    ctx: &Ctx<'a>,
    database: &'a str,
    id: &'a str,
) -> impl Iterator<Item = &'a DrillSummary> {
    let simulated = ctx.state.polling.meter.simulated.is_some();
    let all = ctx.state.drill.history.iter();
    all.filter(move |p| p.database == database && p.id != id && p.simulated == simulated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use partybox_core::operation::drill::Mode;

    #[test]
    fn best_median_and_last() {
        let past = |rto_ms| DrillSummary {
            id: String::new(),
            database: "db".into(),
            at: chrono::DateTime::UNIX_EPOCH,
            outcome: partybox_core::operation::drill::OutcomeWord::Recovered,
            rto_ms,
            target_rto_ms: 120_000,
            simulated: false,
            mode: Mode::Triggered,
        };
        let all =
            [past(Some(73_800)), past(None), past(Some(61_200)), past(Some(70_400)), past(Some(99_000))];
        let earlier = Earlier::of(all.iter()).expect("some");
        assert_eq!(earlier.words(), "best 61.2 s · median 70.4 s · last 73.8 s");
        assert_eq!((earlier.count, earlier.all[0]), (4, Duration::from_secs(99)));
        assert_eq!(Earlier::of([past(None)].iter()), None);
    }
}
