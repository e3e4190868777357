//! One metric in one line: label, number with its unit, sparkline on the axis of time. A number that is not of now
//! stands with its age; what CloudWatch did not answer is "unknown", absent is "no data", never 0.

use super::context::{Ctx, faint};
use super::format::{self, NO_DATA};
use super::widgets::sparkline::{self, Top};
use chrono::{DateTime, Utc};
use partybox_core::app::age_label;
use partybox_core::domain::{Latest, MetricKind, Timed};
use ratatui::text::{Line, Span};

/// Columns before the sparkline of [`line()`]: the label, the number and a space.
const SPARK_AT: u16 = 22;

/// A kind's label, and how its value is written.
pub(super) fn label(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::ServiceCpu | MetricKind::DbCpu => "cpu",
        MetricKind::ServiceMemory => "memory",
        MetricKind::AlbRequests | MetricKind::TargetRequests => "requests",
        MetricKind::AlbTarget5xx => "5xx app",
        MetricKind::AlbElb5xx => "5xx alb",
        MetricKind::AlbLatencyP50 => "p50",
        MetricKind::AlbLatencyP99 | MetricKind::TargetLatencyP99 => "p99",
        MetricKind::AlbConnections | MetricKind::DbConnections => "connections",
        MetricKind::DbFreeStorage => "free disk",
        MetricKind::DbFreeMemory => "free memory",
        MetricKind::DbReplicaLag => "replica lag",
        MetricKind::DbReadLatency => "read",
        MetricKind::DbWriteLatency => "write",
        MetricKind::NatPortErrors => "port errors",
    }
}

/// A value with its unit.
pub(super) fn value(kind: MetricKind, value: f64) -> String {
    match kind {
        MetricKind::ServiceCpu | MetricKind::ServiceMemory | MetricKind::DbCpu => format!("{value:.0} %"),
        MetricKind::AlbRequests
        | MetricKind::TargetRequests
        | MetricKind::AlbTarget5xx
        | MetricKind::AlbElb5xx => {
            format!("{}/m", format::whole(value))
        }
        MetricKind::AlbLatencyP50 | MetricKind::AlbLatencyP99 | MetricKind::TargetLatencyP99 => {
            format!("{} ms", format::whole(value * 1000.0))
        }
        MetricKind::DbReadLatency | MetricKind::DbWriteLatency => format!("{:.1} ms", value * 1000.0),
        MetricKind::AlbConnections | MetricKind::DbConnections | MetricKind::NatPortErrors => {
            format::whole(value)
        }
        MetricKind::DbFreeStorage | MetricKind::DbFreeMemory => format::bytes(value),
        MetricKind::DbReplicaLag => format!("{value:.1} s"),
    }
}

/// The scale of a kind's sparkline: percentages share theirs, so that rows can be compared.
pub(super) fn top(kind: MetricKind) -> Top {
    match kind {
        MetricKind::ServiceCpu | MetricKind::ServiceMemory | MetricKind::DbCpu => Top::Fixed(100.0),
        _ => Top::Round,
    }
}

/// What stands where CloudWatch did not answer.
const UNKNOWN: &str = "unknown";

/// The newest value as text, whether it is of now, and what must be said beside it: its age, the last count of what is
/// counted rarely, or why it is not known.
struct Told {
    number: String,
    fresh: bool,
    note: String,
}

impl Told {
    fn of(kind: MetricKind, series: Timed<'_>) -> Self {
        let ago = |at: DateTime<Utc>| age_label::label(series.age(at).to_std().unwrap_or_default());
        let told = |number: String, fresh, note| Self { number, fresh, note };
        match series.latest() {
            Latest::Value(at, v) if series.is_old(at) => {
                told(value(kind, v), false, format!("{} ago", ago(at)))
            }
            Latest::Value(_, v) => told(value(kind, v), true, String::new()),
            Latest::Zero(at, _) if series.is_old(at) => {
                told(value(kind, 0.0), false, format!("{} ago", ago(at)))
            }
            Latest::Zero(_, last) => {
                let last = last.map(|(at, v)| format!("last {} {} ago", format::whole(v), ago(at)));
                told(value(kind, 0.0), true, last.unwrap_or_default())
            }
            Latest::Unknown(why) => told(UNKNOWN.to_owned(), false, why.to_owned()),
            Latest::Nothing => told(NO_DATA.to_owned(), false, String::new()),
        }
    }

    fn number<'a>(&self, text: String) -> Span<'a> {
        if self.fresh { Span::raw(text) } else { faint(text) }
    }
}

/// The newest value with its age, when it is not of now, or why there is none.
pub(super) fn newest(kind: MetricKind, series: Timed<'_>) -> String {
    let told = Told::of(kind, series);
    if told.fresh || told.note.is_empty() { told.number } else { format!("{}, {}", told.number, told.note) }
}

/// The newest value alone, faint when it is not of now.
pub(super) fn number<'a>(kind: MetricKind, series: Timed<'_>, width: usize) -> Span<'a> {
    let told = Told::of(kind, series);
    told.number(format!("{:>width$}", told.number))
}

/// `3m old`: how long ago the newest known minute ended; empty when none is known.
pub(super) fn age(series: Timed<'_>) -> String {
    match series.latest() {
        Latest::Value(at, _) | Latest::Zero(at, _) => {
            format!("{} old", age_label::label(series.age(at).to_std().unwrap_or_default()))
        }
        Latest::Unknown(why) => why.to_owned(),
        Latest::Nothing => String::new(),
    }
}

/// What stands beside a number in so many columns: its sparkline, or the age of one that is not of now.
pub(super) fn beside(kind: MetricKind, series: Timed<'_>, room: u16) -> String {
    let told = Told::of(kind, series);
    if told.fresh { sparkline::text(series, room, top(kind)) } else { format::fit(&told.note, room) }
}

/// The sparkline and, at its end, the note, in as many columns as there are; the note first.
fn tail(series: Timed<'_>, note: &str, room: u16, top: Top) -> String {
    if note.is_empty() {
        return sparkline::text(series, room, top);
    }
    let taken = format::width(note) + 1;
    match room.checked_sub(taken) {
        Some(spark) if spark >= 4 => format!("{} {note}", sparkline::text(series, spark, top)),
        _ => format::fit(note, room),
    }
}

/// `label      1,240/m ▂▃▄▅`, as wide as the room; `5xx app        0/m ▁█▁▁▁ last 247 24m ago`.
pub(super) fn line<'a>(kind: MetricKind, series: Timed<'_>, room: u16) -> Line<'a> {
    let told = Told::of(kind, series);
    Line::from(vec![
        faint(format!("{:<12}", label(kind))),
        told.number(format!("{:>9} ", told.number)),
        faint(tail(series, &told.note, room.saturating_sub(SPARK_AT), top(kind))),
    ])
}

/// A line of marks under the sparklines of [`line()`]s as wide as the room: `label                  ▴  ▴`.
/// `None` when no mark is in sight.
pub(super) fn marks<'a>(
    label: &str,
    series: Timed<'_>,
    room: u16,
    moments: impl IntoIterator<Item = DateTime<Utc>>,
) -> Option<Line<'a>> {
    if series.points().is_empty() {
        return None;
    }
    let row = sparkline::marks(series.newest_minute(), room.saturating_sub(SPARK_AT), moments)?;
    let indent = usize::from(SPARK_AT);
    Some(Line::from(vec![faint(format!("{label:<indent$}")), Span::raw(row)]))
}

/// `label value ▂▃▄▅`, as short as it can be.
pub(super) fn short<'a>(label: &'a str, kind: MetricKind, series: Timed<'_>, spark: u16) -> Vec<Span<'a>> {
    let told = Told::of(kind, series);
    let mut spans = vec![faint(label), Span::raw(" "), told.number(told.number.clone())];
    if !told.fresh && !told.note.is_empty() {
        spans.push(faint(format!(" {}", told.note)));
    } else if spark > 0 && told.fresh {
        spans.push(faint(format!(" {}", sparkline::text(series, spark, top(kind)))));
    }
    spans
}

/// The number in `width` columns, right-aligned, then its sparkline, or its age when it is not of now.
pub(super) fn cell<'a>(kind: MetricKind, series: Timed<'_>, width: usize, spark: u16) -> Line<'a> {
    let told = Told::of(kind, series);
    if told.fresh {
        return Line::from(vec![
            told.number(format!("{:>width$} ", told.number)),
            faint(sparkline::text(series, spark, top(kind))),
        ]);
    }
    let room = format::cells(width) + 1 + spark;
    let text = match told.note.as_str() {
        "" => format!("{:>width$}", told.number),
        note => {
            let long = format!("{} {note}", told.number);
            if format::width(&long) <= room { long } else { long.trim_end_matches(" ago").to_owned() }
        }
    };
    Line::from(faint(text))
}

impl<'a> Ctx<'a> {
    /// A metric line of a subject.
    pub(super) fn metric(&self, kind: MetricKind, subject: &str, room: u16) -> Line<'a> {
        line(kind, self.series(kind, subject), room)
    }
}
