//! The lanes: probe, database, DNS, targets, tasks, metrics, events.

use super::scale::{LEAST, Scale, rows};
use crate::domain::Level;
use crate::operation::drill::report::{
    Count, DrillReport, MetricReport, ProbeResultReport, ResultState, Span,
};
use crate::report::drill::escape::Esc;
use crate::report::drill::text::{self, moment};
use std::fmt::{self, Write as _};

/// Height of the probe's lane.
const PROBE: u32 = 76;
/// Height of a lane of spans.
const SPANS: u32 = 28;
/// Height of a lane of counts, and of a metric.
const COUNTS: u32 = 38;
/// Height of a row of events.
const EVENTS: u32 = 20;
/// Rows of events, at most.
const EVENT_ROWS: usize = 5;

/// A lane.
pub(super) struct Lane {
    /// Its name, beside it.
    pub(super) name: String,
    /// A remark under the name.
    pub(super) note: String,
    /// Pixels.
    pub(super) height: u32,
    /// What is in it, as SVG.
    pub(super) body: String,
}

/// All lanes, from the top.
pub(super) fn all(story: &DrillReport, scale: &Scale) -> Vec<Lane> {
    let (zero, _) = text::zero(story);
    let mut lanes = vec![
        lane("probe", "full height: lost", PROBE, probe(story, scale, zero)),
        lane("database", "status", SPANS, spans(&story.status, scale, zero)),
        lane("DNS", "endpoint", SPANS, spans(&story.names, scale, zero)),
        lane("targets", "healthy", COUNTS, counts(&story.targets, scale, zero, story.ended_ms, "healthy")),
        lane("tasks", "running", COUNTS, counts(&story.tasks, scale, zero, story.ended_ms, "running")),
    ];
    for series in &story.metrics {
        let shown: Vec<(i64, f64)> =
            series.points.iter().copied().filter(|(ms, _)| scale.shows(*ms)).collect();
        let (name, rest) = series.name.split_once(' ').map_or((series.name.as_str(), ""), |(a, b)| (a, b));
        let (name, rest) = match series.name.as_str() {
            "database connections" => ("connections", "database"),
            "target 5xx a minute" => ("5xx a minute", "targets"),
            "load balancer 5xx a minute" => ("5xx a minute", "load balancer"),
            _ => (name, rest),
        };
        lanes.push(lane(name, rest, COUNTS, metric(series, &shown, scale, zero)));
    }
    lanes.push(events(story, scale, zero));
    lanes
}

fn lane(name: &str, note: &str, height: u32, body: Result<String, fmt::Error>) -> Lane {
    // Writing to a string does not fail.
    Lane { name: name.to_owned(), note: note.to_owned(), height, body: body.unwrap_or_default() }
}

fn no_data(height: u32) -> String {
    format!("<text class=\"none\" x=\"4\" y=\"{}\">no data</text>\n", height / 2 + 4)
}

/// Opens a drawing in which x is milliseconds since the left edge.
fn stretched(out: &mut String, scale: &Scale, height: u32) -> fmt::Result {
    writeln!(
        out,
        "<svg width=\"100%\" height=\"{height}\" viewBox=\"0 0 {} {height}\" preserveAspectRatio=\"none\">",
        scale.to - scale.from
    )
}

/// Results that follow each other and went the same way.
struct Streak<'a> {
    results: &'a [ProbeResultReport],
}

impl Streak<'_> {
    fn title(&self, zero: i64) -> String {
        let (first, last) = (&self.results[0], &self.results[self.results.len() - 1]);
        let mut took: Vec<u64> = self.results.iter().map(|r| r.took_ms).collect();
        took.sort_unstable();
        let median = took[took.len() / 2];
        let what = match first.state {
            ResultState::Good => "good".to_owned(),
            ResultState::Slow => "slow".to_owned(),
            ResultState::Bad => format!("lost: {}", first.why),
        };
        let when = if self.results.len() == 1 {
            moment(first.ms - zero)
        } else {
            format!("{} to {}", moment(first.ms - zero), moment(last.ms - zero))
        };
        format!("{when}: {} {what}, half within {median} ms", self.results.len())
    }
}

/// Every result as a thin mark: the longer it took the higher, a lost one as high as the lane.
fn probe(story: &DrillReport, scale: &Scale, zero: i64) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let results: Vec<ProbeResultReport> =
        story.probe.results.iter().filter(|r| scale.shows(r.ms)).cloned().collect();
    if results.is_empty() {
        return Ok(no_data(PROBE));
    }
    stretched(&mut out, scale, PROBE)?;
    let runs =
        results.chunk_by(|a, b| a.state == b.state && a.why == b.why).map(|results| Streak { results });
    for run in runs {
        let class = match run.results[0].state {
            ResultState::Good => "good",
            ResultState::Slow => "slow",
            ResultState::Bad => "bad",
        };
        let (first, last) = (run.results[0].ms, run.results[run.results.len() - 1].ms);
        write!(
            out,
            "<g class=\"{class}\"><title>{}</title><rect class=\"touch\" x=\"{}\" y=\"0\" width=\"{}\" \
             height=\"{PROBE}\"/><path d=\"",
            Esc(&run.title(zero)),
            first - scale.from,
            (last - first).max((scale.to - scale.from) / 400)
        )?;
        for result in run.results {
            let x = result.ms - scale.from;
            let height = match result.state {
                ResultState::Bad => PROBE,
                _ => height(result.took_ms, story.probe.timeout_ms),
            };
            write!(out, "M{x} {PROBE}v-{height}")?;
        }
        writeln!(out, "\"/></g>")?;
    }
    writeln!(out, "</svg>")?;
    Ok(out)
}

/// How high a good answer is drawn: by the order of magnitude of its time, 1 ms to the timeout.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the lane's height, in pixels"
)]
fn height(took_ms: u64, timeout_ms: u64) -> u32 {
    let share = (took_ms.max(1) as f64).ln() / (timeout_ms.max(2) as f64).ln();
    let least = 6.0;
    (least + share.clamp(0.0, 1.0) * (f64::from(PROBE) * 0.85 - least)) as u32
}

fn class(level: Level) -> &'static str {
    match level {
        Level::Good => "good",
        Level::Warn => "slow",
        Level::Bad => "bad",
        Level::Busy => "busy",
        Level::Unknown | Level::Idle => "idle",
    }
}

/// Values over spans of time, each with its text where there is room.
fn spans(all: &[Span], scale: &Scale, zero: i64) -> Result<String, fmt::Error> {
    let mut out = String::new();
    for span in all.iter().filter(|s| s.to_ms >= scale.from && s.from_ms <= scale.to) {
        let (x, width) = scale.span(span.from_ms, span.to_ms);
        writeln!(
            out,
            "<g class=\"span {}\"><title>{}</title><rect x=\"{x}\" y=\"0\" width=\"{width}\" height=\"{SPANS}\"/></g>",
            class(span.level),
            Esc(&format!("{}: {}", moment(span.from_ms.max(scale.from) - zero), span.text)),
        )?;
        // A character is about 6.5 pixels wide.
        let room = (scale.share(span.to_ms) - scale.share(span.from_ms)) * LEAST;
        let text = shortened(&span.text, room / 6.5 - 1.5);
        if !text.is_empty() {
            writeln!(
                out,
                "<text class=\"in\" x=\"{x}\" dx=\"5\" y=\"{}\">{}</text>",
                SPANS / 2 + 4,
                Esc(&text)
            )?;
        }
    }
    Ok(if out.is_empty() { no_data(SPANS) } else { out })
}

/// A text cut to so many characters; nothing when too little would be left.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of characters")]
fn shortened(text: &str, room: f64) -> String {
    let (room, length) = (room.max(0.0) as usize, text.chars().count());
    if length <= room {
        text.to_owned()
    } else if room < 4 {
        String::new()
    } else {
        text.chars().take(room - 1).chain(['…']).collect()
    }
}

/// How many of all, over time.
fn counts(all: &[Count], scale: &Scale, zero: i64, end: i64, what: &str) -> Result<String, fmt::Error> {
    let most = all.iter().map(|c| c.have.max(c.of)).max().unwrap_or(0);
    if most == 0 {
        return Ok(no_data(COUNTS));
    }
    let mut out = String::new();
    let pixels = |n: u64| u32::try_from(n * u64::from(COUNTS) / most).unwrap_or(COUNTS);
    for (i, count) in all.iter().enumerate() {
        let to = all.get(i + 1).map_or(end, |next| next.ms);
        if to < scale.from || count.ms > scale.to {
            continue;
        }
        let (x, width) = scale.span(count.ms, to);
        let (have, of) = (pixels(count.have), pixels(count.of));
        let class = if count.have >= count.of { "good" } else { "slow" };
        writeln!(
            out,
            "<g class=\"count {class}\"><title>{}</title>\
             <rect class=\"of\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{of}\"/>\
             <rect class=\"have\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{have}\"/></g>",
            Esc(&format!(
                "{}: {} of {} {what}",
                moment(count.ms.max(scale.from) - zero),
                count.have,
                count.of
            )),
            COUNTS - of,
            COUNTS - have,
        )?;
        let room = (scale.share(to) - scale.share(count.ms)) * LEAST;
        if room > 50.0 {
            writeln!(
                out,
                "<text class=\"in\" x=\"{x}\" dx=\"5\" y=\"{}\">{} of {}</text>",
                COUNTS - 6,
                count.have,
                count.of
            )?;
        }
    }
    Ok(out)
}

/// A metric as a line through its points.
fn metric(
    series: &MetricReport,
    shown: &[(i64, f64)],
    scale: &Scale,
    zero: i64,
) -> Result<String, fmt::Error> {
    let most = shown.iter().map(|(_, value)| *value).fold(0.0_f64, f64::max);
    if shown.is_empty() {
        return Ok(no_data(COUNTS));
    }
    let mut out = String::new();
    let room = f64::from(COUNTS - 6);
    let y = |value: f64| if most > 0.0 { 3.0 + room * (1.0 - value / most) } else { 3.0 + room };
    stretched(&mut out, scale, COUNTS)?;
    write!(out, "<path class=\"line\" d=\"")?;
    for (i, (ms, value)) in shown.iter().enumerate() {
        write!(out, "{}{} {:.1}", if i == 0 { 'M' } else { 'L' }, ms - scale.from, y(*value))?;
    }
    writeln!(out, "\"/>")?;
    for (ms, value) in shown {
        writeln!(
            out,
            "<path class=\"dot\" d=\"M{} {:.1}h0\"><title>{}</title></path>",
            ms - scale.from,
            y(*value),
            Esc(&format!("{}: {} {}", moment(ms - zero), number(*value), series.name)),
        )?;
    }
    writeln!(out, "</svg>")?;
    writeln!(
        out,
        "<text class=\"none\" x=\"100%\" dx=\"-2\" y=\"10\" text-anchor=\"end\">max {}</text>",
        number(most)
    )?;
    Ok(out)
}

fn number(value: f64) -> String {
    if value.fract().abs() < f64::EPSILON { format!("{value:.0}") } else { format!("{value:.1}") }
}

/// The events as numbered marks; the numbers are those of the list.
fn events(story: &DrillReport, scale: &Scale, zero: i64) -> Lane {
    let folded = text::folded(story);
    let shown: Vec<_> = (1..).zip(folded).filter(|(_, (event, _))| scale.shows(event.ms)).collect();
    let places: Vec<i64> = shown.iter().map(|(_, (event, _))| event.ms).collect();
    let (in_rows, count) = rows(scale, &places, 19.0, EVENT_ROWS);
    let draw = || -> Result<String, fmt::Error> {
        let mut out = String::new();
        for ((number, (event, _)), row) in shown.iter().zip(&in_rows) {
            let number: &usize = number;
            let x = scale.percent(event.ms);
            let y = u32::try_from(*row).unwrap_or(0) * EVENTS + EVENTS / 2;
            writeln!(
                out,
                "<a href=\"#e{number}\" class=\"event {}\"><title>{}</title><circle cx=\"{x}\" cy=\"{y}\" r=\"8.5\"/>\
                 <text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{number}</text></a>",
                class(event.level),
                Esc(&format!("{} {}: {}", moment(event.ms - zero), event.from, event.text)),
                y + 3,
            )?;
        }
        Ok(if out.is_empty() { no_data(EVENTS) } else { out })
    };
    lane("events", "numbers: below", EVENTS * u32::try_from(count.max(1)).unwrap_or(1), draw())
}
