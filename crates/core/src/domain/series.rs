//! A series as it stands at a moment: which minutes are known, and what the newest of them says.
//!
//! CloudWatch gets the points of a minute after its end: a load balancer sends each minute once it is over, and
//! sometimes minutes late. So the running minute is never judged, and a minute without a point is nothing counted
//! only where the source leaves zeros out and its other series show that the minute was sent.

use super::{MetricKey, MetricKind, Payload, Series, Store, Topic};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// How long after its end a minute's point may still be on its way.
pub const LATE: TimeDelta = TimeDelta::minutes(5);
/// One point.
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// A series at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Timed<'a> {
    series: Option<&'a Series>,
    sparse: bool,
    /// The beginning of the first minute that may still get a point.
    settled: DateTime<Utc>,
    now: DateTime<Utc>,
}

/// What the newest known minute of a series says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Latest<'a> {
    /// A value, and the beginning of its minute.
    Value(DateTime<Utc>, f64),
    /// Nothing was counted in the newest known minute, which begins then; and the last count before it, with the
    /// beginning of its minute.
    Zero(DateTime<Utc>, Option<(DateTime<Utc>, f64)>),
    /// CloudWatch did not answer, for this reason: no zero.
    Unknown(&'a str),
    /// No point in the hour that was asked for, or not asked for yet.
    Nothing,
}

/// Minutes in a row, up to the newest known one, whose values meet a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// The beginning of the first of them.
    pub since: DateTime<Utc>,
    /// The beginning of the newest.
    pub newest: DateTime<Utc>,
    /// How many of them have a value.
    pub minutes: u32,
    /// The newest value.
    pub value: f64,
}

impl Store {
    /// A series at a moment.
    pub fn timed(&self, kind: MetricKind, subject: &str, now: DateTime<Utc>) -> Timed<'_> {
        let all: &[(MetricKey, Series)] = match self.payload(&Topic::Metrics) {
            Some(Payload::Metrics(all)) => all,
            _ => &[],
        };
        let series = all.iter().find(|(k, _)| k.kind == kind && k.subject == subject).map(|(_, s)| s);
        // A network load balancer has none of these metrics: an empty series of it is no zero.
        let sparse = kind.is_sparse() && subject.starts_with("app/");
        let read = series.and_then(|s| s.until).or_else(|| self.slot(&Topic::Metrics)?.taken_at);
        let known = minute_of(read.unwrap_or(now).min(now));
        let mut settled = minute_of(known - LATE);
        if sparse {
            // The load balancer sends all its series of a minute together.
            let balancer = subject.split(' ').next().unwrap_or(subject);
            let siblings = all
                .iter()
                .filter(|(k, _)| k.kind.is_balancers() && k.subject.split(' ').next() == Some(balancer));
            let newest = siblings.filter_map(|(_, s)| s.points.last()).map(|(at, _)| *at + MINUTE).max();
            settled = newest.unwrap_or(settled).max(settled).min(known);
        }
        Timed { series, sparse, settled, now }
    }
}

/// The beginning of a moment's minute.
pub(crate) fn minute_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(MINUTE).unwrap_or(at)
}

impl<'a> Timed<'a> {
    /// A series on its own, at a moment. Nothing tells then that a missing minute was sent.
    pub fn alone(series: &'a Series, now: DateTime<Utc>) -> Self {
        Self { series: Some(series), sparse: false, settled: minute_of(now - LATE), now }
    }

    /// The points.
    pub fn points(&self) -> &'a [(DateTime<Utc>, f64)] {
        self.series.map_or(&[], |s| &s.points)
    }

    /// The moment at which it is looked at.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The beginning of the newest minute that is over.
    pub fn newest_minute(&self) -> DateTime<Utc> {
        minute_of(self.now) - MINUTE
    }

    /// The beginning of the first minute that may still get a point.
    pub fn settled(&self) -> DateTime<Utc> {
        self.settled
    }

    /// Why CloudWatch's answer is not what there was.
    pub fn unknown(&self) -> Option<&'a str> {
        self.series.and_then(Series::unknown)
    }

    /// Whether it was asked for.
    pub fn is_asked(&self) -> bool {
        self.series.is_some()
    }

    /// The value of a minute, by its beginning: 0 where nothing was counted, `None` where nothing is known.
    pub fn value(&self, minute: DateTime<Utc>) -> Option<f64> {
        let points = self.points();
        let place = points.partition_point(|(at, _)| *at < minute);
        match points.get(place).filter(|(at, _)| *at < minute + MINUTE) {
            Some((_, value)) => Some(*value),
            None if self.counts_as_zero(minute) => Some(0.0),
            None => None,
        }
    }

    fn counts_as_zero(&self, minute: DateTime<Utc>) -> bool {
        self.sparse && self.series.is_some_and(|s| s.problem.is_none()) && minute < self.settled
    }

    /// What the newest known minute says.
    pub fn latest(&self) -> Latest<'a> {
        let Some(series) = self.series else { return Latest::Nothing };
        if let Some(why) = series.unknown() {
            return Latest::Unknown(why);
        }
        let last = series.points.last().copied();
        match last {
            Some((at, value)) if !self.counts_as_zero(at + MINUTE) => Latest::Value(at, value),
            None if !self.counts_as_zero(self.settled - MINUTE) => Latest::Nothing,
            last => Latest::Zero(self.settled - MINUTE, last.filter(|(_, value)| *value > 0.0)),
        }
    }

    /// The newest value that is no older than a late point may be.
    pub fn fresh(&self) -> Option<(DateTime<Utc>, f64)> {
        match self.latest() {
            Latest::Value(at, value) if !self.is_old(at) => Some((at, value)),
            Latest::Zero(at, _) if !self.is_old(at) => Some((at, 0.0)),
            _ => None,
        }
    }

    /// Whether the minute that begins then ended longer ago than its point may be late.
    pub fn is_old(&self, minute: DateTime<Utc>) -> bool {
        self.age(minute) > LATE
    }

    /// How long ago the minute that begins then ended.
    pub fn age(&self, minute: DateTime<Utc>) -> TimeDelta {
        self.now - (minute + MINUTE)
    }

    /// The minutes in a row, up to the newest known one, whose values meet a condition. A single minute without
    /// a point does not end it. `None` when the newest known value does not meet it, or is too old to tell.
    pub fn run(&self, meets: impl Fn(f64) -> bool) -> Option<Run> {
        let (newest, value) = self.fresh().filter(|(_, value)| meets(*value))?;
        let mut run = Run { since: newest, newest, minutes: 1, value };
        let mut gap = false;
        loop {
            let at = run.since - if gap { MINUTE * 2 } else { MINUTE };
            match self.value(at) {
                Some(value) if meets(value) => {
                    run.since = at;
                    run.minutes += 1;
                    gap = false;
                }
                None if !gap => gap = true,
                _ => return Some(run),
            }
        }
    }

    /// The median of the values of the minutes that begin before a moment; `None` of fewer than 20.
    pub fn median_before(&self, end: DateTime<Utc>) -> Option<f64> {
        let first = self.points().first()?.0.min(end);
        let minutes = (end - first).num_minutes();
        let mut values: Vec<f64> =
            (1..=minutes).filter_map(|ago| self.value(end - TimeDelta::minutes(ago))).collect();
        values.sort_by(f64::total_cmp);
        (values.len() >= 20).then(|| values[values.len() / 2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALB: &str = "app/party-box/1";

    /// Minutes and their values.
    type Points<'a> = &'a [(i64, f64)];

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).expect("a time")
    }

    fn store(series: &[(MetricKind, Points<'_>, Option<&str>)], until: i64) -> Store {
        let mut store = Store::default();
        let all = series.iter().map(|(kind, points, problem)| {
            let points = points.iter().map(|(minute, value)| (at(*minute), *value)).collect();
            let until = Some(at(until));
            (MetricKey::new(*kind, ALB), Series { points, problem: problem.map(str::to_owned), until })
        });
        let payload = Payload::Metrics(all.collect());
        let slot = store.slot_mut(&Topic::Metrics);
        (slot.payload, slot.taken_at) = (Some(payload), Some(at(until)));
        store
    }

    #[test]
    fn a_missing_minute_of_a_count_is_zero_once_its_load_balancer_has_sent_it() {
        use MetricKind::{AlbRequests, AlbTarget5xx};
        let now = at(100) + TimeDelta::seconds(20);
        // (newest minute of the requests, points of the errors, the word)
        let table: [(i64, Points<'_>, Latest<'_>); 4] = [
            (99, &[(76, 247.0)], Latest::Zero(at(99), Some((at(76), 247.0)))),
            (97, &[(97, 247.0)], Latest::Value(at(97), 247.0)),
            (98, &[(97, 247.0)], Latest::Zero(at(98), Some((at(97), 247.0)))),
            (99, &[], Latest::Zero(at(99), None)),
        ];
        for (sent, errors, meant) in table {
            let requests: Vec<(i64, f64)> = (41..=sent).map(|minute| (minute, 900.0)).collect();
            let store = store(&[(AlbRequests, &requests, None), (AlbTarget5xx, errors, None)], 100);
            assert_eq!(store.timed(AlbTarget5xx, ALB, now).latest(), meant, "sent up to {sent}");
        }
        // Nothing was sent at all, or lately: only what cannot be late any more is zero.
        let store = store(&[(AlbRequests, &[(90, 1.0)], None), (AlbTarget5xx, &[], None)], 100);
        assert_eq!(store.timed(AlbTarget5xx, ALB, now).latest(), Latest::Zero(at(94), None));
        assert_eq!(store.timed(AlbRequests, ALB, now).latest(), Latest::Zero(at(94), Some((at(90), 1.0))));
    }

    #[test]
    fn what_was_not_answered_is_not_zero() {
        for problem in ["Forbidden", "InternalError", super::super::metrics::NOT_ANSWERED] {
            let store = store(&[(MetricKind::AlbTarget5xx, &[], Some(problem))], 100);
            assert_eq!(
                store.timed(MetricKind::AlbTarget5xx, ALB, at(100)).latest(),
                Latest::Unknown(problem)
            );
        }
        let partial = store(&[(MetricKind::AlbTarget5xx, &[(90, 2.0)], Some("PartialData"))], 100);
        let timed = partial.timed(MetricKind::AlbTarget5xx, ALB, at(100));
        assert_eq!((timed.latest(), timed.value(at(91))), (Latest::Value(at(90), 2.0), None));
        assert_eq!(Store::default().timed(MetricKind::AlbTarget5xx, ALB, at(0)).latest(), Latest::Nothing);
    }

    #[test]
    fn a_reading_that_grew_old_settles_nothing_more() {
        let requests: Vec<(i64, f64)> = (41..=99).map(|minute| (minute, 900.0)).collect();
        let store = store(
            &[(MetricKind::AlbRequests, &requests, None), (MetricKind::AlbTarget5xx, &[(98, 3.0)], None)],
            100,
        );
        let later = store.timed(MetricKind::AlbTarget5xx, ALB, at(124));
        assert_eq!(later.latest(), Latest::Zero(at(99), Some((at(98), 3.0))));
        assert_eq!((later.value(at(110)), later.fresh()), (None, None));
    }

    #[test]
    fn a_run_bears_one_missing_minute_and_ends_with_the_first_that_does_not_meet_it() {
        let points = [(90, 50.0), (91, 95.0), (92, 96.0), (94, 97.0), (95, 98.0)];
        let store = store(&[(MetricKind::ServiceCpu, &points, None)], 97);
        let timed = store.timed(MetricKind::ServiceCpu, ALB, at(97));
        let run = timed.run(|v| v >= 90.0).expect("a run");
        assert_eq!((run.since, run.newest, run.minutes), (at(91), at(95), 4));
        assert_eq!(timed.run(|v| v >= 98.5), None);
        let old = store.timed(MetricKind::ServiceCpu, ALB, at(102));
        assert_eq!(old.run(|v| v >= 90.0), None, "it ended too long ago to tell");
    }
}
