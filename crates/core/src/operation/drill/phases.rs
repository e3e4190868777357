//! The phases T0 to T6 of a failover, with the times at which they were seen.

use super::{Drill, DrillOutcome, DrillStage, Mode};
use crate::domain::ServerClock;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// When something was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Measured here, monotonic.
    Measured(Duration),
    /// Told by AWS, the server's time.
    Reported(DateTime<Utc>),
}

impl When {
    /// In the server's time; `None` when the server has not told its time.
    pub fn at(self, clock: &ServerClock) -> Option<DateTime<Utc>> {
        match self {
            Self::Measured(mono) => clock.moment(mono),
            Self::Reported(at) => Some(at),
        }
    }
}

/// One of the moments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillPhase {
    /// `T0` to `T6`.
    pub name: &'static str,
    /// What happens then.
    pub what: &'static str,
    /// Whether it was seen.
    pub state: PhaseState,
}

/// Whether a moment was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhaseState {
    /// Not yet.
    Waiting,
    /// It was, then.
    Seen(When),
    /// It was not, and will not be in this drill; why.
    Missing(&'static str),
}

impl Drill {
    /// The moments, in the order of their names. An early one may be seen late: RDS tells its events when it
    /// likes.
    pub fn phases(&self) -> Vec<DrillPhase> {
        let ended = self.ended();
        let state = |seen: Option<When>, missing: &'static str| match seen {
            Some(when) => PhaseState::Seen(when),
            None if ended => PhaseState::Missing(missing),
            None => PhaseState::Waiting,
        };
        let measured = |at: Option<Duration>| at.map(When::Measured);
        let outage = self.measured.outage.as_ref().filter(|_| self.stage != DrillStage::Baseline);
        let accepted = match self.mode {
            Mode::Observed => PhaseState::Missing("somebody else triggers it"),
            Mode::Triggered => state(measured(self.accepted), "AWS did not accept it"),
        };
        let name = self.probe.name.as_ref().map_or("the endpoint's name is not known", |_| {
            if self.names.iter().any(|n| n.answer.is_ok()) {
                "the name kept its answer"
            } else {
                "the endpoint's name does not resolve from here"
            }
        });
        let no_event = "RDS told no such event: they are best effort";
        let phase = |name, what, state| DrillPhase { name, what, state };
        vec![
            phase("T0", "failover accepted", accepted),
            phase(
                "T1",
                "first failed request",
                match outage {
                    Some(outage) if outage.began_before_probe => {
                        PhaseState::Missing("the service was away already when the probe began")
                    }
                    _ => state(measured(outage.map(|o| o.first_bad)), "no request failed"),
                },
            ),
            phase(
                "T2",
                "RDS: failover started",
                state(self.rds_events.started.map(When::Reported), no_event),
            ),
            phase("T3", "DNS answer changed", state(measured(self.name_changed()), name)),
            phase(
                "T4",
                "first good answer",
                state(
                    measured(outage.and_then(|o| o.recovered_at)),
                    if outage.is_some() { "not back when the drill ended" } else { "no request failed" },
                ),
            ),
            phase(
                "T5",
                "RDS: failover completed",
                state(self.rds_events.completed.map(When::Reported), no_event),
            ),
            phase(
                "T6",
                "writer's zone changed",
                state(measured(self.moved()), "not confirmed yet: it can lag minutes"),
            ),
        ]
    }

    /// T3: when the name's answer was first another one than before the failover.
    pub fn name_changed(&self) -> Option<Duration> {
        let from = self.sent.unwrap_or(self.began);
        let mut good = self.names.iter().filter(|n| n.answer.is_ok());
        let before = good.clone().take_while(|n| n.at <= from).last().or_else(|| good.next())?;
        self.names.iter().find(|n| n.at > from && n.answer.is_ok() && n.answer != before.answer).map(|n| n.at)
    }

    /// T6: when a reading first showed the writer in another zone, or another writer, than before.
    pub fn moved(&self) -> Option<Duration> {
        let moved = |g: &&super::LayerSnapshot| {
            (g.writer.is_some() && self.before.writer.is_some() && g.writer != self.before.writer)
                || (g.zone.is_some() && self.before.zone.is_some() && g.zone != self.before.zone)
        };
        self.snapshots.iter().find(moved).map(|g| g.at)
    }

    /// When the database's status first left what it was before, and when it came back to it.
    pub fn status_left(&self) -> Option<(Duration, Option<Duration>)> {
        let from = self.sent.unwrap_or(self.began);
        let mut since = self.snapshots.iter().filter(|g| g.at >= from);
        let left = since.find(|g| g.status != self.before.status)?.at;
        Some((left, since.find(|g| g.status == self.before.status).map(|g| g.at)))
    }

    /// What evidence is absent, in words: RDS's events are best effort, and some answers come late.
    pub fn absent(&self) -> Vec<String> {
        self.phases()
            .into_iter()
            .filter(|phase| {
                !(matches!(phase.name, "T1" | "T4") && self.outcome() == Some(&DrillOutcome::NoOutageSeen))
            })
            .filter_map(|phase| match phase.state {
                PhaseState::Missing(why) => Some(format!("{} {}: {why}", phase.name, phase.what)),
                _ => None,
            })
            .collect()
    }
}
