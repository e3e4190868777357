//! Holds what a drill reports against what happened.

use chrono::{DateTime, Utc};
use partybox_core::operation::drill::report::{DrillMoment, DrillReport};
use partybox_core::operation::drill::{Drill, DrillOutcome, Mode};
use partybox_sim::world::rds::{DrillKind, DrillTruth};

/// Beside one interval of the probe, milliseconds: the ways there and back.
const MORE: i64 = 100;
/// The server's clock is known to a second at worst: `Date` is cut to whole seconds.
const CLOCK: i64 = 1_000;
/// A reading shows a change this late at most, milliseconds.
const READING: i64 = 15_000;
/// Where readings get lost: the program waits a minute for one before it asks again.
const LOST: i64 = 65_000;

struct Judge<'a> {
    story: &'a DrillReport,
    interval: i64,
    reading: i64,
    wrong: Vec<String>,
}

/// Gives the RTO less the true one, milliseconds, and everything that the truth contradicts.
pub(crate) fn judge(
    drill: &Drill,
    story: &DrillReport,
    truth: Option<&DrillTruth>,
    began: DateTime<Utc>,
    faulty: bool,
) -> (Option<i64>, Vec<String>) {
    let interval = i64::try_from(story.probe.interval_ms).expect("short");
    let mut judge =
        Judge { story, interval, reading: if faulty { LOST } else { READING }, wrong: Vec::new() };
    let Some(truth) = truth else {
        judge.wrong.push("there was no failover, and the drill ended".into());
        return (None, judge.wrong);
    };
    judge.outcome(drill, truth);
    let off = judge.rto(drill, truth, began);
    judge.moments(truth);
    judge.zone(truth);
    (off, judge.wrong)
}

impl Judge<'_> {
    fn says(&mut self, what: String) {
        self.wrong.push(what);
    }

    fn outcome(&mut self, drill: &Drill, truth: &DrillTruth) {
        let named = match truth.kind {
            DrillKind::Failover => drill.outcome() == Some(&DrillOutcome::Recovered),
            DrillKind::Abandoned => matches!(drill.outcome(), Some(DrillOutcome::NothingHappened(_))),
        };
        if !named {
            self.says(format!("{:?}, but it was {:?}", drill.outcome(), truth.kind));
        }
        if story_mode(self.story) != truth.accepted_at.is_some() {
            self.says("who triggered it is told wrong".into());
        }
    }

    /// The RTO is measured on the rig's own clock, which is the account's.
    fn rto(&mut self, drill: &Drill, truth: &DrillTruth, began: DateTime<Utc>) -> Option<i64> {
        let at = |time: DateTime<Utc>| (time - began).num_milliseconds();
        let millis = |span: std::time::Duration| i64::try_from(span.as_millis()).expect("short");
        if truth.api_down_at.is_some_and(|down| at(down) < millis(drill.began)) {
            if self.story.rto_ms.is_some() || !self.story.absent.iter().any(|it| it.starts_with("T1")) {
                self.says("an outage that had begun before the probe has an RTO".into());
            }
            return None;
        }
        if let (Some(down), Some(up)) = (truth.api_down_at, truth.api_first_up_at) {
            let Some(rto) = self.story.rto_ms.map(u64::cast_signed) else {
                self.says("no RTO is told of an outage".into());
                return None;
            };
            let off = rto - (up - down).num_milliseconds();
            // While one task after another comes back, the first good answer may be any of them.
            let spread = truth.api_all_up_at.map_or(0, |all| (all - up).num_milliseconds());
            if off < -(self.interval + MORE) || off > self.interval + MORE + spread {
                self.says(format!("RTO {rto} ms is off by {off} ms (interval {} ms)", self.interval));
            }
            let outage = drill.measured.outage.as_ref().expect("an outage");
            let first = millis(outage.first_bad) - at(down);
            if first < -MORE || first > self.interval + MORE {
                self.says(format!("the first failure is off by {first} ms"));
            }
            if self.story.requests_lost == 0
                || self.story.longest_gap_ms.is_none_or(|gap| gap.cast_signed() > rto)
            {
                self.says("an outage without lost requests, or a gap longer than it".into());
            }
            return Some(off);
        }
        if self.story.rto_ms.is_some() || self.story.requests_lost > 0 || self.story.bad_ms > 0 {
            self.says(format!("RTO {:?} ms of no outage", self.story.rto_ms));
        }
        None
    }

    fn moments(&mut self, truth: &DrillTruth) {
        let moved = truth.zones_swapped_at.or(truth.writer_moved_at);
        // (name, the truth, how early and how late it may be told)
        let table = [
            ("T0", truth.accepted_at, CLOCK, CLOCK + MORE),
            ("T1", truth.api_down_at, CLOCK + MORE, CLOCK + self.interval + MORE),
            ("T2", truth.started_event_at, 1_000, 1_000),
            ("T3", truth.dns_changed_at, CLOCK, CLOCK + 1_100),
            ("T5", truth.completed_event_at, 1_000, 1_000),
            ("T6", moved, CLOCK, CLOCK + self.reading),
        ];
        for (name, truth, early, late) in table {
            let told = self.moment(name).at;
            match (told, truth) {
                (Some(told), Some(truth)) => {
                    let off = (told - truth).num_milliseconds();
                    if off < -early || off > late {
                        self.says(format!("{name} is off by {off} ms"));
                    }
                }
                (Some(told), None) => self.says(format!("{name} is told ({told}), but it was not")),
                (None, _) => {
                    let absent = self.story.absent.iter().any(|it| it.starts_with(name));
                    if !absent {
                        self.says(format!("{name} is neither told nor said to be absent"));
                    }
                }
            }
        }
    }

    fn moment(&self, name: &str) -> DrillMoment {
        self.story.moments.iter().find(|it| it.name == name).expect("each is told").clone()
    }

    fn zone(&mut self, truth: &DrillTruth) {
        let moved = truth.zones_swapped_at.or(truth.writer_moved_at).is_some();
        let database = &self.story.database;
        if database.moved && (!moved || database.before == database.after) {
            self.says(format!(
                "the writer moved {:?} -> {:?}, but it did not",
                database.before, database.after
            ));
        }
    }
}

fn story_mode(story: &DrillReport) -> bool {
    story.mode == Mode::Triggered
}
