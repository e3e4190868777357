//! `partybox-top drills`: the drills of the past, with their recovery times as a trend.

use crate::runtime::drill_store;
use partybox_core::operation::drill::Mode;
use partybox_core::operation::drill::report::DrillSummary;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

/// Characters of the longest bar.
const BAR: u64 = 24;

/// Prints the list.
pub fn run(as_json: bool) -> color_eyre::Result<ExitCode> {
    let past = drill_store::history();
    let cut: Vec<String> = drill_store::unfinished().iter().map(|path| path.display().to_string()).collect();
    let text = if as_json {
        serde_json::to_string_pretty(&data(&past, &cut))? + "\n"
    } else {
        text(&past) + &cut_off(&cut)
    };
    // Standard output may be closed by its reader: that is no error.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(ExitCode::SUCCESS)
}

/// First, best, median and last recovery time of a database.
#[derive(Debug, PartialEq, Eq)]
struct Trend {
    drills: usize,
    first: u64,
    best: u64,
    median: u64,
    last: u64,
}

/// The trend of each database; simulated drills have one of their own. `past` is newest first.
fn trends(past: &[DrillSummary]) -> BTreeMap<(&str, bool), Trend> {
    let mut times: BTreeMap<(&str, bool), Vec<u64>> = BTreeMap::new();
    for (past, rto) in past.iter().rev().filter_map(|p| Some((p, p.rto_ms?))) {
        times.entry((&past.database, past.simulated)).or_default().push(rto);
    }
    let trend = |times: Vec<u64>| {
        let mut sorted = times.clone();
        sorted.sort_unstable();
        Trend {
            drills: times.len(),
            first: times[0],
            best: sorted[0],
            median: sorted[(sorted.len() - 1) / 2],
            last: times[times.len() - 1],
        }
    };
    times.into_iter().map(|(key, times)| (key, trend(times))).collect()
}

fn data(past: &[DrillSummary], cut: &[String]) -> serde_json::Value {
    let trends: Vec<_> = trends(past)
        .into_iter()
        .map(|((database, simulated), t)| {
            json!({"database": database, "simulated": simulated, "drills": t.drills, "first_rto_ms": t.first,
                "best_rto_ms": t.best, "median_rto_ms": t.median, "last_rto_ms": t.last})
        })
        .collect();
    json!({"version": 1, "drills": past, "trends": trends, "cut_off": cut})
}

/// The sentence that names recordings of drills without a report.
fn cut_off(cut: &[String]) -> String {
    let mut out = String::new();
    for path in cut {
        let _ = writeln!(out, "\ncut off: replay it with: partybox-top replay {}", quoted(path));
    }
    out
}

/// A path, quoted for a shell.
pub(super) fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn text(past: &[DrillSummary]) -> String {
    if past.is_empty() {
        return "No drill was recorded on this machine yet: partybox-top drill DATABASE\n".to_owned();
    }
    let longest = past.iter().filter_map(|p| p.rto_ms).max().unwrap_or(1).max(1);
    let names = past.iter().map(|p| p.database.chars().count()).max().unwrap_or(0).max(8);
    let mut out = format!(
        "{:<16}  {:<names$}  {:<16}  {:>8}  {:>7}\n",
        "when (UTC)", "database", "outcome", "RTO", "target"
    );
    for p in past {
        let rto = p.rto_ms.map_or_else(|| "-".to_owned(), seconds);
        let bar = p.rto_ms.map_or_else(String::new, |rto| {
            let length = (rto * BAR).div_ceil(longest).max(1);
            format!("  {}", "#".repeat(usize::try_from(length).unwrap_or(0)))
        });
        let over = if p.rto_ms.is_some_and(|rto| rto > p.target_rto_ms) { " over" } else { "" };
        let marks = match (p.simulated, p.mode) {
            (true, Mode::Observed) => " (simulated, observed)",
            (true, Mode::Triggered) => " (simulated)",
            (false, Mode::Observed) => " (observed)",
            (false, Mode::Triggered) => "",
        };
        let _ = writeln!(
            out,
            "{:<16}  {:<names$}  {:<16}  {rto:>8}  {:>7}{bar}{over}{marks}",
            p.at.format("%Y-%m-%d %H:%M"),
            p.database,
            p.outcome,
            seconds(p.target_rto_ms),
        );
    }
    for ((database, simulated), t) in trends(past) {
        let simulated = if simulated { " (simulated)" } else { "" };
        let _ = writeln!(
            out,
            "\n{database}{simulated}, {} with a recovery time: first {}, best {}, median {}, last {}",
            partybox_core::diagnosis::plural(t.drills, "drill"),
            seconds(t.first),
            seconds(t.best),
            seconds(t.median),
            seconds(t.last)
        );
    }
    out
}

fn seconds(ms: u64) -> String {
    if ms.is_multiple_of(1000) {
        format!("{}s", ms / 1000)
    } else {
        format!("{}.{}s", ms / 1000, ms % 1000 / 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use partybox_core::operation::drill::OutcomeWord;

    fn past(day: i64, rto_ms: Option<u64>, simulated: bool) -> DrillSummary {
        DrillSummary {
            id: day.to_string(),
            database: "party-box-db".into(),
            at: DateTime::from_timestamp(1_800_000_000 + day * 86_400, 0).expect("a time"),
            outcome: if rto_ms.is_some() { OutcomeWord::Recovered } else { OutcomeWord::NothingHappened },
            rto_ms,
            target_rto_ms: 120_000,
            simulated,
            mode: Mode::Triggered,
        }
    }

    #[test]
    fn a_trend_is_of_the_drills_with_a_time_and_simulated_ones_are_told_apart() {
        let all = [
            past(4, Some(70_000), false),
            past(3, None, false),
            past(2, Some(130_000), false),
            past(1, Some(90_000), false),
            past(0, Some(1_000), true),
        ];
        let trends = trends(&all);
        let wanted = Trend { drills: 3, first: 90_000, best: 70_000, median: 90_000, last: 70_000 };
        assert_eq!(trends[&("party-box-db", false)], wanted);
        assert_eq!(trends[&("party-box-db", true)].drills, 1);
        let text = text(&all);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].ends_with(&format!("70s     120s  {}", "#".repeat(13))), "{text}");
        assert!(lines[3].ends_with(&format!("  {} over", "#".repeat(24))), "{text}");
        assert!(lines[5].ends_with("# (simulated)"), "{text}");
        assert!(
            text.contains("3 drills with a recovery time: first 90s, best 70s, median 90s, last 70s"),
            "{text}"
        );
        assert_eq!(data(&all, &[])["trends"][0]["median_rto_ms"], 90_000);
    }
}
