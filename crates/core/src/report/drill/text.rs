//! Texts of the report, the same in each of its formats.

use crate::domain::Level;
use crate::operation::drill::OutcomeWord;
use crate::operation::drill::report::{DrillReport, DrillSummary, EventReport, ProbeCountsReport};
use chrono::SecondsFormat;

/// The top of the report: the one number or word, and how it compares.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The recovery time, or the outcome where there is none.
    pub(super) big: String,
    /// How it compares with the target.
    pub(super) beside: String,
    /// How it is drawn.
    pub(super) level: Level,
}

/// The top of the report.
pub(super) fn head(story: &DrillReport) -> Head {
    let target = format_span(story.target_rto_ms);
    let level = story.level();
    let Some(rto) = story.rto_ms else {
        let big = match story.outcome {
            OutcomeWord::NotSeen => "nothing seen".to_owned(),
            OutcomeWord::Left => "left before its end".to_owned(),
            OutcomeWord::Recovered | OutcomeWord::Unconfirmed | OutcomeWord::Other => {
                "no recovery time".to_owned()
            }
            outcome => outcome.spaced(),
        };
        return Head { big, beside: format!("target {target}"), level };
    };
    let difference = format_span(rto.abs_diff(story.target_rto_ms));
    let beside = if rto <= story.target_rto_ms {
        format!("within the target of {target}, {difference} to spare")
    } else {
        format!("over the target of {target} by {difference}")
    };
    Head { big: format_span(rto), beside, level }
}

/// The figures under it: what, and how much.
pub(super) fn figures(story: &DrillReport) -> Vec<(&'static str, String)> {
    let some = |ms: Option<u64>| ms.map_or_else(|| "none".to_owned(), format_span);
    vec![
        ("longest gap without a good answer", some(story.longest_gap_ms)),
        ("total time without good answers", format_span(story.bad_ms)),
        ("requests of the probe lost", story.requests_lost.to_string()),
        (
            "from the trigger to the first failure",
            story.to_first_failure_ms.map_or_else(|| "not known".to_owned(), signed_span),
        ),
        ("nothing failed any more after", some(story.settled_ms)),
        ("the standby's zone took over", takeover(story)),
    ]
}

/// Whether the writer was seen to move, and where.
fn takeover(story: &DrillReport) -> String {
    let database = &story.database;
    let place = |(writer, zone): &(Option<String>, Option<String>)| {
        let zone = zone.as_deref().unwrap_or("an unknown zone");
        match writer {
            Some(writer) if *writer != database.id => format!("{zone} ({writer})"),
            _ => zone.to_owned(),
        }
    };
    let before = place(&database.before);
    if database.moved {
        return format!("confirmed: {before} -> {}", place(&database.after));
    }
    match story.outcome {
        OutcomeWord::NothingHappened | OutcomeWord::Refused | OutcomeWord::NotSeen => {
            format!("no: the writer is in {before}")
        }
        _ => format!("not confirmed yet: RDS names {before}, which can lag by minutes"),
    }
}

/// Where and who, for the line under the title.
pub(super) fn whereabouts(story: &DrillReport) -> Vec<(&'static str, String)> {
    let place = &story.place;
    let known = |text: &str| if text.is_empty() { "not known".to_owned() } else { text.to_owned() };
    let how = match story.mode {
        crate::operation::drill::Mode::Triggered => "triggered by the drill",
        crate::operation::drill::Mode::Observed => "observed: somebody else triggered it",
    };
    let mut all = vec![
        ("began", format!("{} UTC", story.began_at.format("%Y-%m-%d %H:%M:%S"))),
        ("failover", how.to_owned()),
        ("account", known(&place.account)),
        ("Region", known(&place.region)),
        ("cluster", known(&place.cluster)),
        ("by", known(&place.caller)),
        ("database", format!("{}, {}", known(&story.database.kind), known(&story.database.engine))),
    ];
    if let Some(file) = &story.recording {
        all.push(("recording", format!("beside this report; replay it: partybox-top replay {file}")));
    }
    all
}

/// The banner of a drill on a simulated account.
pub(super) fn simulated(story: &DrillReport) -> Option<String> {
    let how = story.place.simulated.as_ref()?;
    Some(format!(
        "SIMULATED: scenario {how}. No real database was touched; times are the simulated account's."
    ))
}

/// The settings and counts of the probe.
pub(super) fn probe(story: &DrillReport) -> Vec<(&'static str, String)> {
    let probe = &story.probe;
    let tally = |t: &ProbeCountsReport| {
        format!(
            "{} sent: {} good ({} of them slow), {} lost; good answers: half within {}, 95 of 100 within {}",
            t.sent,
            t.good,
            t.slow,
            t.bad,
            millis(t.p50_ms),
            millis(t.p95_ms)
        )
    };
    let mut all = vec![
        ("URL", probe.url.clone()),
        ("interval", ours(probe.interval_ms)),
        ("timeout of each request", ours(probe.timeout_ms)),
        ("a good answer", probe.expect.clone()),
        ("before the trigger", tally(&probe.baseline)),
        ("since", tally(&probe.since)),
    ];
    if (probe.rate - 1.0).abs() > f64::EPSILON {
        all.push((
            "accuracy",
            format!(
                "one interval here is {} of the simulated account's time",
                format_span(scaled(probe.interval_ms, probe.rate))
            ),
        ));
    }
    all
}

/// A setting in this machine's time.
fn ours(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format_span(ms) }
}

fn millis(ms: f64) -> String {
    if ms < 10.0 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds of a drill fit by far, and are not negative"
)]
fn scaled(ms: u64, rate: f64) -> u64 {
    (ms as f64 * rate) as u64
}

/// Formats a span: `63.2 s`; from ten minutes on `12 min 3 s`.
pub(super) fn format_span(ms: u64) -> String {
    if ms >= 600_000 {
        format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000)
    } else if ms.is_multiple_of(1000) && ms >= 1000 {
        format!("{} s", ms / 1000)
    } else {
        tenths(ms)
    }
}

fn tenths(ms: u64) -> String {
    let tenths = (ms + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

fn signed_span(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    format!("{sign}{}", tenths(ms.unsigned_abs()))
}

/// A moment against zero, e.g. `+63.2 s`.
pub(super) fn moment(ms: i64) -> String {
    // Less than half a tenth is shown as nothing, and nothing has no sign of its own.
    if ms <= -50 { signed_span(ms) } else { format!("+{}", tenths(u64::try_from(ms).unwrap_or(0))) }
}

/// What all moments are counted from: (its offset, its name).
pub(super) fn zero(story: &DrillReport) -> (i64, &'static str) {
    let at = |name: &str| story.moments.iter().find(|m| m.name == name).and_then(|m| m.ms);
    match (at("T0"), at("T1")) {
        (Some(ms), _) => (ms, "T0, when AWS accepted the failover"),
        (None, Some(ms)) => (ms, "T1, the first failed request"),
        (None, None) => (0, "the beginning of the probe"),
    }
}

/// A time of the server's, e.g. `03:04:05.678`.
pub(super) fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%H:%M:%S%.3f").to_string()
}

/// The drills of this database with this one, oldest first: a trend.
pub(super) fn trend(story: &DrillReport) -> Vec<DrillSummary> {
    let mut all: Vec<DrillSummary> = story.earlier.iter().rev().cloned().collect();
    all.push(story.past());
    all
}

/// A date and time, e.g. `2026-11-22 03:04`.
pub(super) fn date(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true).replace('T', " ")[..16].to_owned()
}

/// A past drill's result in a few words.
pub(super) fn result(past: &DrillSummary) -> String {
    past.rto_ms.map_or_else(|| past.outcome.spaced(), format_span)
}

/// A level in a word, so that nothing rests on colour alone.
pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Idle => "note",
        Level::Good => "good",
        Level::Unknown => "unknown",
        Level::Busy => "changing",
        Level::Warn => "warning",
        Level::Bad => "bad",
    }
}

/// What an event is about, before its text: unless it is the database of the drill, or the text names it.
pub(super) fn about(event: &EventReport, story: &DrillReport) -> String {
    let subject = &event.subject;
    if subject.is_empty() || *subject == story.database.id || event.text.contains(subject) {
        String::new()
    } else {
        format!("{subject}: ")
    }
}

/// Events of the timeline, the same one again and again folded: (the event, how often in direct succession).
pub(super) fn folded(story: &DrillReport) -> Vec<(&EventReport, usize)> {
    let mut all: Vec<(&EventReport, usize)> = Vec::new();
    for event in &story.events {
        match all.last_mut() {
            Some((last, count))
                if (&last.from, &last.subject, &last.text) == (&event.from, &event.subject, &event.text) =>
            {
                *count += 1;
            }
            _ => all.push((event, 1)),
        }
    }
    all
}
