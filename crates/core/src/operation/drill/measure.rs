//! Measures the probe's results: gaps, the outage, the recovery time. It is computed from all results each
//! time, so that a late one counts (a timeout comes seconds after its successors' answers).

use crate::domain::{ProbeAnswer, Probed};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Good answers for this long (server time) separate one outage from the next.
pub(super) const APART: Duration = Duration::from_secs(30);

/// The measurements of a drill. Times are monotonic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Before the trigger.
    pub baseline: ProbeCounts,
    /// Since the trigger; in a drill that only observes, everything.
    pub since: ProbeCounts,
    /// A good answer that took longer than this is slow.
    pub slow_from: Duration,
    /// The outage with the longest gap.
    pub outage: Option<OutageSeen>,
    /// All time within gaps since the trigger; an open gap counts up to the newest result.
    pub bad_time: Duration,
    /// When the newest result was received.
    pub newest: Duration,
}

/// Requests, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeCounts {
    /// Requests that were sent.
    pub sent: u64,
    /// Good answers, the slow ones among them.
    pub good: u64,
    /// Good answers that were slow.
    pub slow: u64,
    /// Bad answers and those that never came: requests lost.
    pub bad: u64,
    /// Half of the good answers took at most so long.
    pub p50: Duration,
    /// 95 of 100 good answers took at most so long.
    pub p95: Duration,
}

/// An outage: gaps with less than `APART` of good answers between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutageSeen {
    /// When its first failed request was sent.
    pub first_bad: Duration,
    /// No request was answered well before it, so its beginning was not seen.
    #[serde(rename = "amid")]
    pub began_before_probe: bool,
    /// When the first good answer after its longest gap was received: the service is back.
    #[serde(rename = "back")]
    pub recovered_at: Option<Duration>,
    /// Its longest gap.
    pub longest: Gap,
    /// When the first good answer after its last gap was received: nothing failed since.
    pub settled: Option<Duration>,
    /// Its gaps.
    pub gaps: usize,
    /// Its requests lost.
    pub lost: u64,
}

/// Failed requests in direct succession.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// When the first of them was sent.
    pub from: Duration,
    /// When the first good answer after them was received; `None` while there is none.
    pub to: Option<Duration>,
    /// How many.
    pub lost: u64,
}

impl Gap {
    /// Its length; that of an open gap is up to `end`.
    pub fn span(&self, end: Duration) -> Duration {
        self.to.unwrap_or(end).saturating_sub(self.from)
    }
}

/// Measures results, which are in the order of sending. `trigger` = when the failover was sent, `None` when
/// everything counts; `rate` = the server's seconds per second of ours.
pub fn measure(results: &[Probed], trigger: Option<Duration>, rate: f64) -> Measured {
    let cut = trigger.map_or(0, |at| results.partition_point(|r| r.sent < at));
    let (before, since) = results.split_at(cut);
    let usual = percentile(if before.is_empty() { since } else { before }, 50);
    let slow_from = (usual * 5).max(Duration::from_millis(500));
    let gaps = gaps(since);
    let newest = results.iter().map(Probed::received).max().unwrap_or_default();
    Measured {
        baseline: tally(before, slow_from),
        since: tally(since, slow_from),
        slow_from,
        outage: outage(&gaps, newest, rate, results),
        bad_time: gaps.iter().map(|gap| gap.span(newest)).sum(),
        newest,
    }
}

/// The failed requests in direct succession, in the order of sending.
pub(super) fn gaps(results: &[Probed]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut open = false;
    for result in results.iter().filter(|r| r.answer != ProbeAnswer::NotSent) {
        match (result.good(), open) {
            (true, true) => {
                if let Some(gap) = gaps.last_mut() {
                    gap.to = Some(result.received());
                }
                open = false;
            }
            (true, false) => {}
            (false, false) => {
                gaps.push(Gap { from: result.sent, to: None, lost: 1 });
                open = true;
            }
            (false, true) => {
                if let Some(gap) = gaps.last_mut() {
                    gap.lost += 1;
                }
            }
        }
    }
    // A later request may have been answered before an earlier one.
    for gap in &mut gaps {
        let later = results.iter().filter(|r| r.good() && r.sent > gap.from).map(Probed::received).min();
        gap.to = gap.to.and(later);
    }
    gaps
}

fn outage(gaps: &[Gap], newest: Duration, rate: f64, all: &[Probed]) -> Option<OutageSeen> {
    let apart = APART.div_f64(rate.max(0.001));
    let longest = gaps.iter().enumerate().max_by_key(|(i, gap)| (gap.span(newest), std::cmp::Reverse(*i)))?.0;
    let near = |a: &Gap, b: &Gap| a.to.is_some_and(|to| b.from.saturating_sub(to) < apart);
    let first =
        (1..=longest).rev().take_while(|i| near(&gaps[i - 1], &gaps[*i])).last().map_or(longest, |i| i - 1);
    let last =
        (longest + 1..gaps.len()).take_while(|i| near(&gaps[i - 1], &gaps[*i])).last().unwrap_or(longest);
    Some(OutageSeen {
        first_bad: gaps[first].from,
        began_before_probe: !all.iter().take_while(|r| r.sent < gaps[first].from).any(Probed::good),
        recovered_at: gaps[longest].to,
        longest: gaps[longest],
        settled: gaps[last].to,
        gaps: last - first + 1,
        lost: gaps[first..=last].iter().map(|gap| gap.lost).sum(),
    })
}

fn tally(results: &[Probed], slow_from: Duration) -> ProbeCounts {
    let sent = results.iter().filter(|r| r.answer != ProbeAnswer::NotSent);
    let mut tally =
        ProbeCounts { p50: percentile(results, 50), p95: percentile(results, 95), ..ProbeCounts::default() };
    for result in sent {
        tally.sent += 1;
        if result.good() {
            tally.good += 1;
            tally.slow += u64::from(result.took > slow_from);
        } else {
            tally.bad += 1;
        }
    }
    tally
}

fn percentile(results: &[Probed], percent: usize) -> Duration {
    let mut took: Vec<Duration> = results.iter().filter(|r| r.good()).map(|r| r.took).collect();
    if took.is_empty() {
        return Duration::ZERO;
    }
    let at = (took.len() * percent).div_ceil(100).max(1) - 1;
    *took.select_nth_unstable(at).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// One result each 200 ms: `.` good, `x` refused at once, `h` hangs into a timeout of 2 s, `s` slow.
    fn results(text: &str) -> Vec<Probed> {
        (0..)
            .zip(text.chars())
            .map(|(number, c)| Probed {
                number,
                sent: ms(number * 200),
                took: ms(match c {
                    'h' => 2000,
                    's' => 900,
                    _ => 10,
                }),
                answer: match c {
                    '.' | 's' => ProbeAnswer::Good(200),
                    'h' => ProbeAnswer::TimedOut,
                    _ => ProbeAnswer::WrongStatus(503),
                },
            })
            .collect()
    }

    #[test]
    fn from_the_first_failed_request_to_the_first_good_answer() {
        let measured = measure(&results("....hhxx..s."), Some(ms(500)), 1.0);
        let outage = measured.outage.expect("an outage");
        assert_eq!((outage.first_bad, outage.recovered_at), (ms(800), Some(ms(1610))));
        assert_eq!((outage.lost, outage.gaps), (4, 1));
        assert_eq!(
            measured.baseline,
            ProbeCounts { sent: 3, good: 3, p50: ms(10), p95: ms(10), ..ProbeCounts::default() }
        );
        assert_eq!((measured.since.good, measured.since.slow, measured.since.bad), (5, 1, 4));
        assert_eq!(measured.bad_time, ms(810));
    }

    #[test]
    fn a_blip_before_does_not_shorten_the_outage() {
        let outage = measure(&results("..x...xxxxxxxx.x.."), Some(ms(0)), 1.0).outage.expect("an outage");
        assert_eq!(
            (outage.first_bad, outage.recovered_at, outage.settled),
            (ms(400), Some(ms(2810)), Some(ms(3210)))
        );
        assert_eq!((outage.gaps, outage.lost), (3, 10));
        assert_eq!(outage.longest.span(ms(9_999)), ms(1610));
    }

    #[test]
    fn an_outage_that_was_there_before_has_no_beginning() {
        let begun = |text, trigger| {
            measure(&results(text), trigger, 1.0).outage.expect("an outage").began_before_probe
        };
        assert!(begun("xxx..", None));
        assert!(begun("xxxx..", Some(ms(300))));
        assert!(!begun(".xxx..", Some(ms(100))), "the baseline was good");
    }

    #[test]
    fn far_apart_is_another_outage() {
        let text = format!("x{}xxx.", ".".repeat(200));
        let outage = measure(&results(&text), None, 1.0).outage.expect("an outage");
        assert_eq!((outage.gaps, outage.lost), (1, 3));
        // The same at ten times the speed: 30 s of the server's are 3 s of ours, so they are still apart.
        assert_eq!(measure(&results(&text), None, 10.0).outage, Some(outage));
        let outage = measure(&results(&text), None, 0.1).outage.expect("an outage");
        assert_eq!((outage.gaps, outage.lost), (2, 4));
    }

    #[test]
    fn an_open_gap_has_no_end() {
        let measured = measure(&results("..xxx"), None, 1.0);
        let outage = measured.outage.expect("an outage");
        assert_eq!((outage.recovered_at, outage.settled), (None, None));
        assert_eq!(measured.bad_time, ms(410));
    }

    #[test]
    fn what_was_not_sent_is_neither_good_nor_lost() {
        let mut all = results("..xx..");
        all[3].answer = ProbeAnswer::NotSent;
        let measured = measure(&all, None, 1.0);
        assert_eq!((measured.since.sent, measured.since.bad), (5, 1));
    }

    #[test]
    fn the_earliest_good_answer_ends_a_gap() {
        let mut all = results(".xs.");
        all[2].took = ms(5_000);
        let outage = measure(&all, None, 1.0).outage.expect("an outage");
        assert_eq!(outage.recovered_at, Some(ms(610)));
    }
}
