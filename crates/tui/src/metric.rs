//! One metric in one line: label, number with its unit, sparkline. Absent is "no data", never 0.

use super::context::{Ctx, faint};
use super::format::{self, NO_DATA};
use super::widgets::sparkline::{self, Top};
use chrono::{DateTime, Utc};
use partybox_core::domain::{MetricKind, Series};
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

/// The newest value, or why there is none.
pub(super) fn newest(kind: MetricKind, series: Option<&Series>) -> String {
    series.and_then(Series::last).map_or_else(|| NO_DATA.to_owned(), |v| value(kind, v))
}

/// `label      1,240/m ▂▃▄▅`, as wide as the room.
pub(super) fn line<'a>(kind: MetricKind, series: Option<&Series>, room: u16) -> Line<'a> {
    let mut spans = vec![faint(format!("{:<12}", label(kind)))];
    match series.and_then(Series::last) {
        Some(last) => {
            spans.push(Span::raw(format!("{:>9} ", value(kind, last))));
            spans.push(faint(sparkline::text(series, room.saturating_sub(SPARK_AT), top(kind))));
        }
        None => spans.push(faint(format!("{NO_DATA:>9}"))),
    }
    Line::from(spans)
}

/// A line of marks under the sparklines of [`line()`]s as wide as the room: `label                  ▴  ▴`.
/// `None` when no mark is in sight.
pub(super) fn marks<'a>(
    label: &str,
    series: Option<&Series>,
    room: u16,
    moments: impl IntoIterator<Item = DateTime<Utc>>,
) -> Option<Line<'a>> {
    let newest = series?.points.last()?.0;
    let row = sparkline::marks(newest, room.saturating_sub(SPARK_AT), moments)?;
    let indent = usize::from(SPARK_AT);
    Some(Line::from(vec![faint(format!("{label:<indent$}")), Span::raw(row)]))
}

/// `label value ▂▃▄▅`, as short as it can be.
pub(super) fn short<'a>(
    label: &'a str,
    kind: MetricKind,
    series: Option<&Series>,
    spark: u16,
) -> Vec<Span<'a>> {
    let mut spans = vec![faint(label), Span::raw(" ")];
    match series.and_then(Series::last) {
        Some(last) => {
            spans.push(Span::raw(value(kind, last)));
            if spark > 0 {
                spans.push(faint(format!(" {}", sparkline::text(series, spark, top(kind)))));
            }
        }
        None => spans.push(faint(NO_DATA)),
    }
    spans
}

/// The number in `width` columns, right-aligned, then its sparkline.
pub(super) fn cell<'a>(kind: MetricKind, series: Option<&Series>, width: usize, spark: u16) -> Line<'a> {
    match series.and_then(Series::last) {
        Some(last) => Line::from(vec![
            Span::raw(format!("{:>width$} ", value(kind, last))),
            faint(sparkline::text(series, spark, top(kind))),
        ]),
        None => Line::from(faint(format!("{NO_DATA:>width$}"))),
    }
}

impl<'a> Ctx<'a> {
    /// A metric line of a subject.
    pub(super) fn metric(&self, kind: MetricKind, subject: &str, room: u16) -> Line<'a> {
        line(kind, self.series(kind, subject), room)
    }
}
