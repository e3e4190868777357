//! The timeline: AWS's events, what readings, the probe and name look-ups showed, and what the operator did.

use crate::diagnosis::Subject;
use crate::domain::Level;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The source of a timeline entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// ECS, in a service's events.
    Ecs,
    /// RDS, in its events.
    Rds,
    /// The program: a change between two readings, or the end of a rollout.
    Readings,
    /// The operator's actions.
    Operator,
    /// A drill's probe.
    Probe,
    /// The look-up of the database endpoint's name.
    Dns,
}

impl Source {
    /// All.
    pub const ALL: [Self; 6] = [Self::Ecs, Self::Rds, Self::Readings, Self::Operator, Self::Probe, Self::Dns];

    /// Its name on the screen and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ecs => "ecs",
            Self::Rds => "rds",
            Self::Readings => "seen",
            Self::Operator => "you",
            Self::Probe => "probe",
            Self::Dns => "dns",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The kind of a timeline entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// An event that AWS lists.
    AwsEvent,
    /// A change between two readings.
    Change,
    /// The verdict on a rollout.
    Rollout,
    /// A step of an operation.
    Operation,
    /// The beginning or the end of a drill.
    Drill,
    /// The first failed request of an outage that a drill measures. Its time is corrected when an earlier
    /// request times out.
    FirstFailure,
    /// The first good answer after an outage that a drill measures.
    FirstAnswer,
    /// Another address of the database endpoint's name.
    NameChange,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in server time.
    pub at: DateTime<Utc>,
    /// Its source.
    pub source: Source,
    /// What kind of event it is.
    pub kind: EventKind,
    /// About what.
    pub subject: Subject,
    /// Its severity.
    pub level: Level,
    /// The sentence.
    pub text: String,
}

/// The newest entries, newest first, without repeats.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    entries: Vec<Entry>,
}

/// Entries that are kept: more than a screen shows or a night needs.
const KEEP: usize = 1000;

impl Timeline {
    /// All entries, newest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether an entry says the same as the one after it in time: it is shown once, with a count.
    pub fn is_repeat(&self, index: usize) -> bool {
        index > 0
            && matches!((self.entries.get(index - 1), self.entries.get(index)), (Some(later), Some(this))
                if later.source == this.source
                    && later.level == this.level
                    && later.subject == this.subject
                    && later.text == this.text)
    }

    /// How often the same was said in direct succession, from this entry back in time.
    pub fn times(&self, index: usize) -> usize {
        1 + (index + 1..self.entries.len()).take_while(|i| self.is_repeat(*i)).count()
    }

    /// Moves the newest matching entry to another time, because its time is now known better.
    pub fn redate(&mut self, at: DateTime<Utc>, meant: impl Fn(&Entry) -> bool) {
        if let Some(index) = self.entries.iter().position(meant) {
            let entry = Entry { at, ..self.entries.remove(index) };
            self.add([entry]);
        }
    }

    /// Gives an event that AWS lists another severity: how serious it is can be known later than it is read.
    pub fn judge(&mut self, at: DateTime<Utc>, subject: &Subject, text: &str, level: Level) {
        let start = self.entries.partition_point(|e| e.at > at);
        let same = self.entries[start..].iter_mut().take_while(|e| e.at == at);
        for entry in same.filter(|e| e.kind == EventKind::AwsEvent && e.subject == *subject && e.text == text)
        {
            entry.level = level;
        }
    }

    /// Adds entries, in any order. An entry that is already there changes nothing. Returns whether anything
    /// was new.
    pub fn add(&mut self, new: impl IntoIterator<Item = Entry>) -> bool {
        let mut changed = false;
        for entry in new {
            let start = self.entries.partition_point(|e| e.at > entry.at);
            let end = self.entries.partition_point(|e| e.at >= entry.at);
            // The level is left out: it may have been judged since.
            let known = |e: &Entry| Entry { level: entry.level, ..e.clone() } == entry;
            if self.entries[start..end].iter().any(known) || (self.entries.len() >= KEEP && start >= KEEP) {
                continue;
            }
            self.entries.insert(start, entry);
            self.entries.truncate(KEEP);
            changed = true;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(second: i64, text: &str) -> Entry {
        Entry {
            at: DateTime::from_timestamp(second, 0).expect("a valid time"),
            source: Source::Ecs,
            kind: EventKind::AwsEvent,
            subject: Subject::Whole,
            level: Level::Good,
            text: text.into(),
        }
    }

    #[test]
    fn keeps_order_and_drops_repeats() {
        let mut timeline = Timeline::default();
        assert!(timeline.add([entry(5, "b"), entry(9, "c"), entry(1, "a")]));
        assert!(!timeline.add([entry(9, "c"), entry(5, "b")]));
        assert!(timeline.add([entry(5, "b2")]));
        let texts: Vec<_> = timeline.entries().iter().map(|e| e.text.as_str()).collect();
        assert_eq!(texts, ["c", "b2", "b", "a"]);
    }

    #[test]
    fn the_same_in_succession_is_a_repeat() {
        let mut timeline = Timeline::default();
        timeline.add([
            entry(1, "a"),
            entry(2, "a"),
            entry(3, "b"),
            entry(4, "a"),
            entry(5, "a"),
            entry(6, "a"),
        ]);
        timeline.add([Entry { subject: Subject::Network, ..entry(7, "a") }]);
        let first: Vec<usize> = (0..7).filter(|i| !timeline.is_repeat(*i)).collect();
        assert_eq!(first, [0, 1, 4, 5]);
        assert_eq!(first.iter().map(|i| timeline.times(*i)).collect::<Vec<_>>(), [1, 3, 1, 2]);
    }

    #[test]
    fn an_entry_finds_its_place_when_its_time_is_known_better() {
        let mut timeline = Timeline::default();
        timeline.add([entry(1, "a"), entry(5, "b"), entry(9, "a")]);
        timeline.redate(entry(3, "").at, |e| e.text == "a");
        let told: Vec<_> = timeline.entries().iter().map(|e| (e.at.timestamp(), e.text.as_str())).collect();
        assert_eq!(told, [(5, "b"), (3, "a"), (1, "a")]);
        timeline.redate(entry(3, "").at, |e| e.text == "c");
        assert_eq!(timeline.entries().len(), 3);
    }

    #[test]
    fn forgets_the_oldest() {
        let mut timeline = Timeline::default();
        timeline.add((0..1500).map(|i| entry(i, "x")));
        assert_eq!(timeline.entries().len(), KEEP);
        assert_eq!(timeline.entries()[KEEP - 1].at.timestamp(), 500);
        assert!(!timeline.add([entry(3, "old")]));
    }
}
