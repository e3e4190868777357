//! Follows a drill: takes in the readings, and decides when it ended and how.

use super::snapshot::snapshot;
use super::{Drill, DrillOutcome, DrillStage, Mode};
use crate::domain::{EVENT_SLACK, FailoverStep, PartyBox, ServerClock, Store, Topic};
use crate::operation::{Tracked, Verdict, tracked};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// The data that a drill is followed with.
#[derive(Debug, Clone, Copy)]
pub struct DrillInput<'a> {
    /// The readings.
    pub store: &'a Store,
    /// The readings, joined.
    pub party_box: &'a PartyBox,
    /// The server's clock.
    pub clock: &'a ServerClock,
    /// The operation, once it was sent.
    pub operation: Option<&'a Tracked>,
    /// Monotonic.
    pub mono: Duration,
    /// The server's time.
    pub now: DateTime<Utc>,
}

impl Drill {
    /// Updates the drill from the readings. Returns the outcome when it has just ended.
    pub fn observe(&mut self, seen: DrillInput<'_>) -> Option<DrillOutcome> {
        if self.ended() {
            return None;
        }
        self.rate = seen.clock.rate();
        if self.sent.is_some()
            && self.accepted.is_none()
            && let Some(operation) = seen.operation
            && operation.accepted.is_some()
        {
            self.accepted = Some(operation.sent);
        }
        self.look(seen);
        self.listen(seen);
        if self.stage == DrillStage::Baseline {
            return None;
        }
        let outcome = self.judge(seen)?;
        self.stage = DrillStage::Ended(outcome.clone());
        Some(outcome)
    }

    /// Ends the drill now: its time is up, or the operator leaves. Returns the outcome unless it had ended
    /// before.
    pub fn end(&mut self, left: bool) -> Option<DrillOutcome> {
        if self.ended() {
            return None;
        }
        let outage = self.measured.outage.as_ref().filter(|_| self.stage != DrillStage::Baseline);
        let outcome = match outage {
            _ if self.stage == DrillStage::Baseline => DrillOutcome::Left,
            Some(outage) if outage.settled.is_none() && !left => DrillOutcome::NotRecovered,
            Some(outage) if outage.settled.is_some() => self.recovered(),
            _ if left => DrillOutcome::Left,
            _ if self.confirmed() => DrillOutcome::NoOutageSeen,
            _ if self.mode == Mode::Observed => DrillOutcome::NotSeen,
            _ => DrillOutcome::NothingHappened("nothing that RDS shows has changed".to_owned()),
        };
        self.stage = DrillStage::Ended(outcome.clone());
        Some(outcome)
    }

    /// Whether anything but the probe shows that the database failed over. The zone's fields can lag minutes
    /// behind: what moves while we only observe may tell of an earlier failover.
    pub fn confirmed(&self) -> bool {
        self.rds_events.started.is_some()
            || self.rds_events.completed.is_some()
            || self.status_left().is_some()
            || (self.mode == Mode::Triggered && self.moved().is_some())
    }

    /// Records what the readings show, when it differs from the last snapshot.
    fn look(&mut self, seen: DrillInput<'_>) {
        let taken = |topic: &Topic| seen.store.slot(topic).and_then(|s| s.taken);
        let at = taken(&Topic::Databases).max(taken(&Topic::DbClusters)).unwrap_or(seen.mono);
        let Some(snapshot) = snapshot(seen.party_box, &self.database, at) else { return };
        if self.snapshots.last().is_none_or(|last| !last.same(&snapshot)) {
            // Other layers' readings are newer than the database's: the change was seen now.
            let at = if self.snapshots.last().is_some_and(|last| last.at >= at) { seen.mono } else { at };
            self.snapshots.push(super::LayerSnapshot { at, ..snapshot });
        }
    }

    /// Takes in RDS's events about this failover: those since it was sent, or since the observation began.
    fn listen(&mut self, seen: DrillInput<'_>) {
        let Some(from) = seen.clock.moment(self.sent.unwrap_or(self.began)) else { return };
        let place = super::place(seen.party_box, &self.database);
        let mine = |source: &str| {
            source == self.database || place.as_ref().is_some_and(|p| p.writer.as_deref() == Some(source))
        };
        let news = seen.store.db_events().iter().filter(|e| mine(&e.source) && e.at >= from - EVENT_SLACK);
        for event in news {
            match event.failover_step() {
                Some(FailoverStep::Begins) => {
                    self.rds_events.started =
                        Some(self.rds_events.started.map_or(event.at, |at| at.min(event.at)));
                }
                Some(FailoverStep::Ends) => {
                    self.rds_events.completed =
                        Some(self.rds_events.completed.map_or(event.at, |at| at.min(event.at)));
                }
                Some(FailoverStep::Abandoned) => {
                    self.rds_events.abandoned = Some((event.at, event.message.clone()));
                }
                Some(FailoverStep::Remark) | None => {}
            }
        }
    }

    fn recovered(&self) -> DrillOutcome {
        if self.confirmed() { DrillOutcome::Recovered } else { DrillOutcome::Unconfirmed }
    }

    fn judge(&self, seen: DrillInput<'_>) -> Option<DrillOutcome> {
        let since = |at: Duration| self.scaled(seen.mono.saturating_sub(at));
        let refused = seen.operation.and_then(|operation| match &operation.stage {
            tracked::OperationStage::Ended(Verdict::Refused(why)) => Some(DrillOutcome::Refused(why.clone())),
            _ => None,
        });
        if refused.is_some() {
            return refused;
        }
        if since(self.began) >= self.scaled(self.probe.settings.max_duration) {
            return self.overdue(seen);
        }
        if self.waiting_for(seen.operation, seen.mono, seen.now).is_some() {
            return None;
        }
        if self.measured.outage.is_some() {
            return Some(self.recovered());
        }
        if self.confirmed() {
            return Some(DrillOutcome::NoOutageSeen);
        }
        Some(match (&self.rds_events.abandoned, seen.operation.map(|operation| &operation.stage)) {
            (Some((_, words)), _) => DrillOutcome::NothingHappened(words.clone()),
            (None, Some(tracked::OperationStage::Ended(Verdict::Unclear(why)))) => {
                DrillOutcome::Unclear(why.clone())
            }
            (None, _) => DrillOutcome::NothingHappened("nothing that RDS shows has changed".to_owned()),
        })
    }

    /// The probe's time is up.
    fn overdue(&self, seen: DrillInput<'_>) -> Option<DrillOutcome> {
        let mut copy = self.clone();
        let outcome = copy.end(false)?;
        Some(match (outcome, seen.operation.map(|operation| &operation.stage)) {
            (
                DrillOutcome::NothingHappened(_),
                Some(tracked::OperationStage::Ended(Verdict::Unclear(why))),
            ) => DrillOutcome::Unclear(why.clone()),
            (outcome, _) => outcome,
        })
    }
}
