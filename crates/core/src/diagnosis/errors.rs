//! Answers with 5xx at the load balancers: bursts on the axis of time, by their complete minutes.

use super::{Finding, Subject, balancer_dimension, format_span};
use crate::domain::{Level, LoadBalancer, MetricKind, PartyBox, Store, Timed};
use chrono::{DateTime, TimeDelta, Utc};

const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// Over how many minutes of a burst the share is taken, at most.
const WINDOW: TimeDelta = TimeDelta::minutes(5);
/// A share of failed requests that is an outage to those who meet it, percent.
const OUTAGE_PERCENT: f64 = 5.0;
/// A share that is more than an error now and then, percent.
const NOTABLE_PERCENT: f64 = 1.0;
/// Fewer errors are no outage, whatever their share: at night one of ten requests is one bot's.
const OUTAGE_ERRORS: f64 = 5.0;
/// As many errors in a minute are worth a look even where they are a small share, if they are a jump.
const JUMP_ERRORS: f64 = 10.0;
/// How many times the median of the hour before makes a jump.
const JUMP_FACTOR: f64 = 3.0;
/// How long the end of a burst is told.
const TOLD: TimeDelta = TimeDelta::minutes(30);
/// Clean minutes after which a burst is over for good.
const CLEAN: i64 = 2;

/// The newest burst of errors. Minutes are those that are settled, so that none is judged while it runs or is late.
struct Burst {
    /// The beginning of its first minute.
    since: DateTime<Utc>,
    /// The end of its last minute.
    until: DateTime<Utc>,
    /// Clean minutes after it.
    clean: i64,
    target: f64,
    elb: f64,
    /// In the last minutes of it: the share of failed requests in percent, and the errors.
    percent: f64,
    errors: f64,
    /// Errors in its worst minute.
    worst: f64,
}

struct Counts<'a> {
    target: Timed<'a>,
    elb: Timed<'a>,
    requests: Timed<'a>,
}

impl Counts<'_> {
    fn errors(&self, minute: DateTime<Utc>) -> f64 {
        self.target.value(minute).unwrap_or(0.0) + self.elb.value(minute).unwrap_or(0.0)
    }

    /// The newest burst of the hour. A single clean minute within does not end it.
    fn burst(&self) -> Option<Burst> {
        let settled = self.target.settled().max(self.elb.settled());
        let last_point = |t: &Timed<'_>| t.points().iter().rev().find(|p| p.1 > 0.0).map(|p| p.0);
        let last = last_point(&self.target).max(last_point(&self.elb))?;
        let mut since = last;
        loop {
            let before = [since - MINUTE, since - MINUTE * 2].into_iter().find(|m| self.errors(*m) > 0.0);
            match before {
                Some(minute) => since = minute,
                None => break,
            }
        }
        let sum = |from: DateTime<Utc>, of: &dyn Fn(DateTime<Utc>) -> f64| {
            let mut total = 0.0;
            let mut minute = from;
            while minute <= last {
                total += of(minute);
                minute += MINUTE;
            }
            total
        };
        let recent = since.max(last + MINUTE - WINDOW);
        let errors = sum(recent, &|m| self.errors(m));
        let requests = sum(recent, &|m| self.requests.value(m).unwrap_or(0.0));
        let elb = |m: DateTime<Utc>| self.elb.value(m).unwrap_or(0.0);
        let mut worst: f64 = 0.0;
        let mut minute = since;
        while minute <= last {
            worst = worst.max(self.errors(minute));
            minute += MINUTE;
        }
        Some(Burst {
            since,
            until: last + MINUTE,
            clean: (settled - (last + MINUTE)).num_minutes().max(0),
            target: sum(since, &|m| self.target.value(m).unwrap_or(0.0)),
            elb: sum(since, &elb),
            percent: if requests > 0.0 { errors / requests.max(errors) * 100.0 } else { 100.0 },
            errors,
            worst,
        })
    }
}

pub(super) fn examine(store: &Store, party_box: &PartyBox, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    for balancer in &party_box.balancers {
        let of = |kind| store.timed(kind, balancer_dimension(&balancer.arn), now);
        let counts = Counts {
            target: of(MetricKind::AlbTarget5xx),
            elb: of(MetricKind::AlbElb5xx),
            requests: of(MetricKind::AlbRequests),
        };
        findings.extend(describe_unknown(balancer, &counts));
        findings.extend(counts.burst().and_then(|burst| describe(balancer, &counts, &burst, now)));
    }
}

/// What CloudWatch did not answer is not zero.
fn describe_unknown(balancer: &LoadBalancer, counts: &Counts<'_>) -> Option<Finding> {
    let why = counts.target.unknown().or_else(|| counts.elb.unknown())?;
    let name = &balancer.name;
    let text =
        format!("How many requests of {name} fail is not known: CloudWatch's answer for its 5xx is {why}");
    Some(Finding::new(Level::Warn, Subject::Balancer(name.clone()), text))
}

fn describe(
    balancer: &LoadBalancer,
    counts: &Counts<'_>,
    burst: &Burst,
    now: DateTime<Utc>,
) -> Option<Finding> {
    let Burst { target, elb, percent, .. } = burst;
    let name = &balancer.name;
    let all = target + elb;
    let before = |t: &Timed<'_>| t.median_before(burst.since).unwrap_or(0.0);
    let usual = before(&counts.target) + before(&counts.elb);
    let jump = burst.worst >= JUMP_ERRORS && burst.worst >= usual * JUMP_FACTOR;
    let level = if *percent >= OUTAGE_PERCENT && burst.errors >= OUTAGE_ERRORS {
        Level::Bad
    } else if *percent >= NOTABLE_PERCENT || jump {
        Level::Warn
    } else {
        Level::Idle
    };
    let ago = now - burst.until;
    let parts = format!("{target:.0} from targets, {elb:.0} from the load balancer");
    let clock = burst.until.format("%H:%M UTC");
    if burst.clean == 0 && ago <= TimeDelta::minutes(10) {
        let span = format_span((burst.until - burst.since).min(WINDOW));
        let text = format!(
            "{name}: {percent:.1}% of requests failed in {span} up to {} ago ({parts} since {})",
            format_span(ago),
            burst.since.format("%H:%M UTC")
        );
        return Some(
            Finding::new(level, Subject::Balancer(name.clone()), text).advise("3 shows the targets"),
        );
    }
    if level == Level::Idle || ago > TOLD {
        return None;
    }
    if burst.clean >= CLEAN && all < OUTAGE_ERRORS {
        return None;
    }
    // Too few clean minutes yet: it may go on. A burst whose minutes are not followed by any is not over either.
    let level = if burst.clean < CLEAN { Level::Warn } else { Level::Idle };
    let end = match burst.clean {
        0 => format!("last seen {} ago ({clock}), nothing newer is known", format_span(ago)),
        clean => format!("ended {} ago ({clock}), {clean} clean minutes since", format_span(ago)),
    };
    let text = format!("{name}: a burst of {all:.0} 5xx {end}; {percent:.1}% of requests failed ({parts})");
    Some(Finding::new(level, Subject::Balancer(name.clone()), text).advise("3 shows the targets"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::tests::{examined, level_of};
    use crate::domain::samples::{Sample, at};
    use crate::domain::{MetricKey, Series};

    /// Ages of minutes and their errors.
    type Errors<'a> = &'a [(i64, f64)];

    /// An hour of requests up to `sent` seconds before now, and errors in some of its minutes, by their ends in
    /// seconds before now.
    fn hour(requests: f64, sent: i64, errors: &[(i64, f64)]) -> Sample {
        let mut sample = Sample::healthy();
        let mut put = |kind, points: Vec<(DateTime<Utc>, f64)>| {
            let series = Series { points, until: Some(at(0)), ..Series::default() };
            sample.metrics.insert(MetricKey::new(kind, "app/party-box/1"), series);
        };
        let minutes = (1..=60).rev().map(|ago| ago * 60).filter(|ago| *ago > sent);
        put(MetricKind::AlbRequests, minutes.map(|ago| (at(-ago), requests)).collect());
        put(MetricKind::AlbTarget5xx, errors.iter().map(|(ago, count)| (at(-ago - 60), *count)).collect());
        put(MetricKind::AlbElb5xx, Vec::new());
        sample
    }

    #[test]
    fn a_burst_is_told_while_it_lasts_and_with_its_end_when_it_ended() {
        let burst = [(240, 100.0), (180, 147.0)];
        // (errors, ages, requests a minute, the newest minute that was sent, level, text)
        let table: [(Errors<'_>, f64, i64, Option<Level>, &str); 10] = [
            (
                &[(60, 100.0), (0, 147.0)],
                900.0,
                0,
                Some(Level::Bad),
                "13.7% of requests failed in 2m up to 0s ago",
            ),
            (&burst, 900.0, 180, Some(Level::Bad), "of requests failed in 2m up to 3m ago (247 from targets"),
            (&burst, 900.0, 120, Some(Level::Warn), "a burst of 247 5xx ended 3m ago"),
            (
                &burst,
                900.0,
                0,
                Some(Level::Idle),
                "a burst of 247 5xx ended 3m ago (11:57 UTC), 3 clean minutes since",
            ),
            (&[(1440, 247.0)], 900.0, 0, Some(Level::Idle), "a burst of 247 5xx ended 24m ago"),
            (&[(2400, 247.0)], 900.0, 0, None, "5xx"),
            (&[(0, 1.0)], 900.0, 0, Some(Level::Idle), "0.1% of requests failed"),
            (&[(0, 20.0)], 9000.0, 0, Some(Level::Warn), "0.2% of requests failed"),
            (&[(0, 1.0)], 3.0, 0, Some(Level::Warn), "33.3% of requests failed"),
            (&[(300, 1.0)], 3.0, 0, None, "5xx"),
        ];
        for (errors, requests, sent, level, text) in table {
            let sample = hour(requests, sent, errors);
            let health = examined(&sample, 0);
            let text = text.replace("11:57", &at(-180).format("%H:%M").to_string());
            assert_eq!(level_of(&health, &text), level, "{text}: {:#?}", health.findings);
            assert_eq!(health.level, level.map_or(Level::Good, |l| l.max(Level::Good)), "{text}");
        }
    }

    #[test]
    fn errors_through_the_whole_hour_are_worth_a_look() {
        let always: Vec<(i64, f64)> = (0..60).rev().map(|ago| (ago * 60, 12.0)).collect();
        let health = examined(&hour(9000.0, 0, &always), 0);
        assert_eq!(level_of(&health, "0.1% of requests failed"), Some(Level::Warn), "no hour before it");
        assert_eq!(health.level, Level::Warn);
    }
}
