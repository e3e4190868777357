//! The chart of a drill, in columns of equal time: T0 to T6, the probe's results, how long they took, and the
//! layers behind.

use super::axis::Axis;
use super::time::{between, offset, zero};
use crate::context::{Ctx, faint, strong};
use crate::format;
use crate::widgets::sparkline;
use partybox_core::domain::{Level, ProbeAnswer, database_level};
use partybox_core::operation::drill::{Drill, LayerSnapshot, PhaseState};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::time::Duration;

/// Columns of the names of the rows.
const NAMES: u16 = 8;

/// Which rows are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChartRows {
    /// Rows of the probe's results.
    pub(super) probe: u16,
    /// Whether the database and the targets have their rows.
    pub(super) layers: bool,
}

impl ChartRows {
    /// All rows: the marks, the probe, its latency, the layers, the scale.
    pub(super) fn height(self) -> u16 {
        3 + self.probe + if self.layers { 2 } else { 0 }
    }
}

/// A column of the probe: the worst of the results that were sent in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ChartColumn {
    state: ColumnState,
    took: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ColumnState {
    Good,
    Slow,
    Bad,
}

impl ColumnState {
    /// Its glyph in a row counted from the bottom. A bad result fills all rows: an outage is seen at once.
    fn glyph(self, row: u16) -> &'static str {
        match (self, row) {
            (Self::Good, 0) => "▁",
            (Self::Slow, 0) => "▄",
            (Self::Bad, _) => "█",
            _ => " ",
        }
    }

    fn level(self) -> Level {
        match self {
            Self::Good => Level::Good,
            Self::Slow => Level::Warn,
            Self::Bad => Level::Bad,
        }
    }
}

/// Draws the rows.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, drill: &Drill, rows: ChartRows) {
    let columns = area.width.saturating_sub(NAMES);
    if columns < 10 || area.height == 0 {
        return;
    }
    let axis = Axis::of(drill, ctx.now.mono, columns);
    let results = results(drill, axis);
    let mut y = area.y;
    let mut put = |name: &str, line: Line<'_>| {
        if y < area.bottom() {
            buf.set_line(area.x, y, &Line::from(faint(name.to_owned())), NAMES);
            buf.set_line(area.x + NAMES, y, &line, columns);
            y += 1;
        }
    };
    put("T", Line::from(strong(marks(ctx, drill, axis))));
    let middle = rows.probe / 2;
    for row in (0..rows.probe).rev() {
        let name = if row == middle { "probe" } else { "" };
        put(name, probe(ctx, drill, axis, &results, row));
    }
    put("ms", Line::from(faint(latency(drill, &results))));
    if rows.layers {
        put("db", status(ctx, drill, axis));
        put("targets", targets(ctx, drill, axis));
    }
    let unit = if axis.step == 1 { "s".to_owned() } else { format!("{} s", axis.step) };
    put(&unit, Line::from(faint(axis.labels(ends(drill, axis)))));
}

/// Columns up to the end of the drill; all while it goes on.
fn ends(drill: &Drill, axis: Axis) -> usize {
    let end = drill.ended().then(|| axis.column(between(drill, zero(drill), drill.measured.newest)));
    end.flatten().map_or(usize::from(axis.columns), |last| last + 1)
}

/// The results in each column. One in which none was sent shows what the one before showed, between results.
fn results(drill: &Drill, axis: Axis) -> Vec<Option<ChartColumn>> {
    let mut columns: Vec<Option<ChartColumn>> = vec![None; usize::from(axis.columns)];
    let zero = zero(drill);
    let from = axis.begins(0);
    let start = drill.probes.partition_point(|r| between(drill, zero, r.sent) < from);
    let mut last = None;
    for result in drill.probes[start..].iter().filter(|r| r.answer != ProbeAnswer::NotSent) {
        let Some(at) = axis.column(between(drill, zero, result.sent)) else { continue };
        let state = match result.good() {
            true if result.took > drill.measured.slow_from => ColumnState::Slow,
            true => ColumnState::Good,
            false => ColumnState::Bad,
        };
        let took = result.good().then_some(result.took);
        let known = columns[at].get_or_insert(ChartColumn { state, took });
        known.state = known.state.max(state);
        known.took = known.took.max(took);
        last = Some(at);
    }
    let mut held = None;
    for column in columns.iter_mut().take(last.unwrap_or(0)) {
        match column {
            Some(_) => held = *column,
            None => *column = held,
        }
    }
    columns
}

/// `0` to `6` in the column of each moment; beside it when two share one.
fn marks(ctx: &Ctx<'_>, drill: &Drill, axis: Axis) -> String {
    let mut row = vec![' '; usize::from(axis.columns)];
    for phase in drill.phases() {
        let PhaseState::Seen(when) = phase.state else { continue };
        let at = offset(drill, &ctx.state.polling.clock, when).and_then(|seconds| axis.column(seconds));
        let Some(at) = at else { continue };
        let free = (at..row.len()).take(7).chain((0..at).rev()).find(|i| row[*i] == ' ');
        if let (Some(free), Some(digit)) = (free, phase.name.chars().last()) {
            row[free] = digit;
        }
    }
    row.into_iter().collect()
}

fn probe<'a>(
    ctx: &Ctx<'a>,
    drill: &Drill,
    axis: Axis,
    results: &[Option<ChartColumn>],
    row: u16,
) -> Line<'a> {
    let newest = results.iter().rposition(Option::is_some);
    let zero = zero(drill);
    let began = between(drill, zero, drill.began);
    let now = between(drill, zero, ctx.now.mono);
    let mut runs = Runs::default();
    for (i, result) in results.iter().enumerate() {
        match result {
            Some(column) => runs.push(column.state.glyph(row), column.state.level()),
            // Sent, and not answered yet.
            None if row == 0
                && !drill.ended()
                && newest.is_none_or(|newest| i > newest)
                && axis.begins(i) >= began.floor()
                && axis.begins(i) <= now =>
            {
                runs.push("◌", Level::Idle);
            }
            None => runs.push(" ", Level::Idle),
        }
    }
    runs.line(ctx)
}

/// How long good answers took, on a scale up to the slowest of them; a usual one is the lowest step.
fn latency(drill: &Drill, results: &[Option<ChartColumn>]) -> String {
    let most = results.iter().flatten().filter_map(|c| c.took).max().unwrap_or_default();
    let top = most.max(drill.measured.slow_from).as_secs_f64();
    let steps = results.iter().map(|column| match column.and_then(|c| c.took) {
        Some(took) => sparkline::step(took.as_secs_f64(), top),
        None => ' ',
    });
    steps.collect()
}

/// The last sample of the layers at the end of each column; none before the first and after the newest.
fn looks<'d>(ctx: &Ctx<'_>, drill: &'d Drill, axis: Axis) -> Vec<Option<&'d LayerSnapshot>> {
    let zero = zero(drill);
    let end = if drill.ended() { drill.measured.newest } else { ctx.now.mono };
    let end = between(drill, zero, end);
    let step = axis.begins(1) - axis.begins(0);
    let at = |i: usize| {
        let begins = axis.begins(i);
        let seen = drill.snapshots.partition_point(|g| between(drill, zero, g.at) < begins + step);
        (begins <= end).then(|| seen.checked_sub(1).map(|last| &drill.snapshots[last])).flatten()
    };
    (0..usize::from(axis.columns)).map(at).collect()
}

/// A thin line while the database's status is as it should be, else a thick one.
fn status<'a>(ctx: &Ctx<'a>, drill: &Drill, axis: Axis) -> Line<'a> {
    let mut runs = Runs::default();
    for look in looks(ctx, drill, axis) {
        match look.map(|l| database_level(&l.status)) {
            Some(Level::Good) => runs.push("▁", Level::Good),
            Some(level) => runs.push("▅", level),
            None => runs.push(" ", Level::Idle),
        }
    }
    runs.line(ctx)
}

/// A thin line while all targets are healthy, else how many are: `0` to `9`.
fn targets<'a>(ctx: &Ctx<'a>, drill: &Drill, axis: Axis) -> Line<'a> {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let mut runs = Runs::default();
    for look in looks(ctx, drill, axis) {
        match look.map(|l| l.targets) {
            None | Some((_, 0)) => runs.push(" ", Level::Idle),
            Some((have, of)) if have == of => runs.push("▁", Level::Good),
            Some((have, _)) => {
                let level = if have == 0 { Level::Bad } else { Level::Warn };
                runs.push(DIGITS[have.min(9)], level);
            }
        }
    }
    runs.line(ctx)
}

/// Glyphs of the same level in succession are one span.
#[derive(Default)]
struct Runs {
    spans: Vec<(String, Level)>,
}

impl Runs {
    fn push(&mut self, glyph: &str, level: Level) {
        match self.spans.last_mut() {
            Some((text, known)) if *known == level => text.push_str(glyph),
            _ => self.spans.push((glyph.to_owned(), level)),
        }
    }

    fn line<'a>(self, ctx: &Ctx<'a>) -> Line<'a> {
        let spans: Vec<Span<'a>> =
            self.spans.into_iter().map(|(text, level)| ctx.tinted(level, text)).collect();
        Line::from(spans)
    }
}

/// What the glyphs mean, in one line.
pub(super) fn legend<'a>(ctx: &Ctx<'a>, drill: &Drill) -> Line<'a> {
    let slow = format!(" slow, over {}   ", super::time::millis(drill.measured.slow_from));
    Line::from(vec![
        ctx.tinted(Level::Good, "▁"),
        faint(" good   "),
        ctx.tinted(Level::Warn, "▄"),
        faint(slow),
        ctx.tinted(Level::Bad, "█"),
        faint(" failed   "),
        faint("◌ no answer yet"),
    ])
}

/// Whether the legend fits a width.
pub(super) fn legend_fits(ctx: &Ctx<'_>, drill: &Drill, width: u16) -> bool {
    format::cells(legend(ctx, drill).width()) <= width
}
