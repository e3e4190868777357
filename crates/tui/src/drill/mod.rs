//! The drill view: the drill under way and how it ended; without one, the earlier ones.
//!
//! ```text
//! under way, from 100x28 on          ended, from 100x28 on       ended, from 170 columns on
//! +-----------------------------+    +-----------------------+   +-----------------------+
//! | head, probe chart, legend   |    | head, chart, legend   |   | head, chart, legend   |
//! +---------------+-------------+    +-----------------------+   +-----------+-----------+
//! | T0 to T6 55 % | layers      |    | result                |   | result    | T0 to T6  |
//! +---------------+-------------+    +----------+------------+   | 50 %      | layers    |
//! | timeline      | how it is   |    | T0 to T6 | timeline   |   +-----------+-----------+
//! |               | measured *  |    | 44 %     |            |   | timeline              |
//! +---------------+-------------+    +----------+------------+   +-----------------------+
//! * from 170 columns on, else the timeline alone
//!
//! smaller, under way: moments and layers without a border, one below the other, then the timeline
//! smaller, ended: the result, then the timeline where it has 4 rows
//! without a drill: the earlier ones, what they came to, and how one goes
//! ```

mod axis;
mod compare;
mod head;
mod layers;
mod past;
mod phases;
mod probe_chart;
mod result;
mod status_text;
mod time;

use super::context::{Ctx, fact, faint, strong};
use super::detail::Details;
use super::events;
use super::format;
use super::widgets::panel::{self, Panel};
use super::widgets::table;
use chrono::{DateTime, Utc};
use partybox_core::app::Pane;
use partybox_core::operation::drill::{Drill, DrillOutcome, DrillStage, When};
use probe_chart::ChartRows;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

/// From this size on the parts stand side by side: columns, rows of the view.
const ROOMY: (u16, u16) = (100, 28);
/// From this width on there is room for a third part: columns of the view.
const WIDE: u16 = 170;
/// From this many rows on the chart has more rows for the probe's results.
const TALL: u16 = 44;

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    match &ctx.state.drill.current {
        None => past::draw(buf, area, ctx),
        Some(drill) => one(buf, area, ctx, drill),
    }
}

fn one(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, drill: &Drill) {
    let roomy = area.width >= ROOMY.0 && area.height >= ROOMY.1;
    let rows = ChartRows {
        probe: match area.height {
            TALL.. => 4,
            28.. => 2,
            _ => 1,
        },
        layers: area.height >= ROOMY.1,
    };
    let legend = u16::from(roomy);
    let top = head::ROWS + rows.height() + legend + 2;
    let [top, rest] =
        Layout::vertical([Constraint::Length(top.min(area.height)), Constraint::Fill(1)]).areas(area);
    let inner = frame(ctx, drill, top.width).draw(buf, top, ctx);
    let [head, lanes, foot] =
        Layout::vertical([Constraint::Length(head::ROWS), Constraint::Fill(1), Constraint::Length(legend)])
            .areas(inner);
    head::draw(buf, head, ctx, drill);
    probe_chart::draw(buf, lanes, ctx, drill, rows);
    if probe_chart::legend_fits(ctx, drill, foot.width) {
        panel::lines(buf, foot, [probe_chart::legend(ctx, drill)]);
    }
    match drill.outcome() {
        Some(outcome) => after(buf, rest, ctx, drill, outcome, roomy),
        None => during(buf, rest, ctx, drill, roomy),
    }
}

fn frame<'a>(ctx: &Ctx<'a>, drill: &'a Drill, width: u16) -> Panel<'a> {
    let title = match drill.stage {
        DrillStage::Baseline => "baseline",
        DrillStage::Watching => "drill",
        DrillStage::Ended(_) => "drill ended",
    };
    let mut panel = Panel::new(title).and(Span::raw(drill.database.as_str()));
    if width >= ROOMY.0 && !drill.before.kind.is_empty() {
        panel = panel.and(faint(format!("{}, {}", drill.before.kind, drill.before.engine)));
    }
    let used = format::width(&drill.database) + format::width(&drill.before.kind) + 60;
    if width > used + 20 {
        panel = panel.and(faint(format!("probe {}", format::fit(&drill.probe.shown_url(), width - used))));
    }
    match drill.stage {
        DrillStage::Ended(_) => {
            panel.key("w", "write report").act(ctx, "F", "drill again").key("enter", "everything")
        }
        DrillStage::Watching => panel.key("q", "leave").key("enter", "everything"),
        DrillStage::Baseline => panel,
    }
}

/// Draws what is below the chart while the drill goes on: the moments, the layers, the timeline.
fn during(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, drill: &Drill, roomy: bool) {
    if roomy {
        let [middle, bottom] =
            Layout::vertical([Constraint::Length(phases::ROWS + 2), Constraint::Fill(1)]).areas(area);
        pair(buf, middle, ctx, drill);
        if area.width < WIDE {
            timeline(buf, bottom, ctx);
            return;
        }
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(bottom);
        timeline(buf, left, ctx);
        let inner = Panel::new("how it is measured").draw(buf, right, ctx);
        listed(buf, inner, measured(ctx, drill));
        return;
    }
    let [moments, now, bottom] = Layout::vertical([
        Constraint::Length(phases::height(area)),
        Constraint::Length(u16::from(area.height >= 8)),
        Constraint::Fill(1),
    ])
    .areas(area);
    phases::draw(buf, indent(moments), ctx, drill);
    panel::lines(buf, indent(now), [layers::short(ctx, drill)]);
    timeline(buf, bottom, ctx);
}

/// An area without a border, aligned with the content of panels that have one.
fn indent(area: Rect) -> Rect {
    Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area }
}

/// Draws the moments and the layers, side by side.
fn pair(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, drill: &Drill) {
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(area);
    let inner = Panel::new("T0 to T6").draw(buf, left, ctx);
    phases::draw(buf, inner, ctx, drill);
    let inner = Panel::new("layers").fresh(&layers::fresh(ctx)).draw(buf, right, ctx);
    layers::draw(buf, inner, ctx, drill);
}

/// Draws what is below the chart after the end: the figures first.
fn after(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, drill: &Drill, outcome: &DrillOutcome, roomy: bool) {
    let both = roomy && area.width >= WIDE;
    let room = if both { area.width / 2 } else { area.width };
    let lines = result::lines(ctx, drill, outcome, room.saturating_sub(4));
    let wanted = format::cells(lines.len()) + 2;
    if !roomy {
        // The timeline gets what is left, if it is worth a border.
        let rest = area.height.saturating_sub(wanted);
        let wanted = if rest >= 4 { wanted } else { area.height };
        let [top, bottom] = Layout::vertical([Constraint::Length(wanted), Constraint::Fill(1)]).areas(area);
        let inner = Panel::new("result").draw(buf, top, ctx);
        listed(buf, inner, lines);
        if bottom.height > 0 {
            timeline(buf, bottom, ctx);
        }
        return;
    }
    if both {
        let height = wanted.max(phases::ROWS + 2).min(area.height);
        let [top, bottom] = Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(50), Constraint::Percentage(50)]).areas(top);
        let inner = Panel::new("result").draw(buf, left, ctx);
        listed(buf, inner, lines);
        let [moments, now] =
            Layout::vertical([Constraint::Length(phases::ROWS + 2), Constraint::Fill(1)]).areas(right);
        let inner = Panel::new("T0 to T6").draw(buf, moments, ctx);
        phases::draw(buf, inner, ctx, drill);
        if now.height > 3 {
            let inner = Panel::new("layers").fresh(&layers::fresh(ctx)).draw(buf, now, ctx);
            layers::draw(buf, inner, ctx, drill);
        }
        timeline(buf, bottom, ctx);
        return;
    }
    let [top, bottom] =
        Layout::vertical([Constraint::Length(wanted.min(area.height)), Constraint::Fill(1)]).areas(area);
    let inner = Panel::new("result").draw(buf, top, ctx);
    listed(buf, inner, lines);
    if bottom.height < 4 {
        return;
    }
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(44), Constraint::Percentage(56)]).areas(bottom);
    let inner = Panel::new("T0 to T6").draw(buf, left, ctx);
    phases::draw(buf, inner, ctx, drill);
    timeline(buf, right, ctx);
}

/// Draws lines, and says how many there was no room for.
fn listed(buf: &mut Buffer, area: Rect, mut lines: Vec<Line<'_>>) {
    let room = usize::from(area.height);
    if lines.len() > room && room > 0 {
        let more = lines.len() - room + 1;
        lines.truncate(room - 1);
        lines.push(Line::from(vec![faint(format!("… {more} more lines: ")), strong("enter")]));
    }
    panel::lines(buf, area, lines);
}

/// When something was, as the drill's timeline writes it.
pub(super) fn offset_of(ctx: &Ctx<'_>, at: DateTime<Utc>) -> String {
    let offset = |drill: &Drill| time::offset(drill, &ctx.state.polling.clock, When::Reported(at));
    ctx.state.drill.current.as_ref().and_then(offset).map_or_else(|| ctx.age(Some(at)), time::signed)
}

fn timeline(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    events::since_drill(buf, area, ctx);
}

/// Whether a failover is being watched.
pub(super) fn under_way(ctx: &Ctx<'_>) -> bool {
    ctx.state.drill.current.as_ref().is_some_and(|drill| drill.stage == DrillStage::Watching)
}

/// Whether a drill goes on that the view on the screen does not show.
pub(super) fn elsewhere(ctx: &Ctx<'_>) -> bool {
    under_way(ctx) && ctx.state.screen.view != partybox_core::app::View::Drill
}

/// Where the drill stands, in one line, for the other views.
pub(super) fn line<'a>(ctx: &Ctx<'a>) -> Line<'a> {
    let Some(drill) = &ctx.state.drill.current else { return Line::default() };
    let (level, words) = status_text::sentence(ctx, drill);
    let badge = ctx.badge(level, "drill: ");
    Line::from(vec![badge, Span::raw(words), Span::raw("  "), strong("8"), faint(" shows it")])
}

/// Draws [`line()`].
pub(super) fn reminder(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    buf.set_line(area.x, area.y, &table::shorten(line(ctx), area.width), area.width);
}

/// Details of the drill, or of the selected earlier one: the view has one list.
pub(super) fn details<'a>(ctx: &Ctx<'a>, _pane: Pane) -> Option<Details<'a>> {
    let Some(drill) = &ctx.state.drill.current else { return past::details(ctx) };
    let (level, words) = status_text::sentence(ctx, drill);
    let mut lines = vec![Line::from(vec![ctx.badge(level, ""), strong(words)]), Line::default()];
    if let Some(outcome) = drill.outcome() {
        lines.extend(result::lines(ctx, drill, outcome, u16::MAX));
        lines.push(Line::default());
    }
    lines.push(Line::from(strong("T0 to T6")));
    lines.extend(phases::all(ctx, drill));
    lines.push(Line::default());
    lines.extend(measured(ctx, drill));
    Some((Span::raw(drill.database.as_str()), lines))
}

/// How it is probed, what was checked before, what earlier drills came to.
fn measured<'a>(ctx: &Ctx<'a>, drill: &'a Drill) -> Vec<Line<'a>> {
    let probe = &drill.probe;
    let mut lines = vec![Line::from(strong("probe")), fact("URL", probe.shown_url())];
    if let Some(via) = &probe.via {
        lines.push(fact("sent to", via.as_str()));
    }
    lines.push(fact("good is", probe.settings.expect.words()));
    let pace = format!(
        "every {}, each up to {}",
        time::millis(probe.settings.interval),
        time::millis(probe.settings.timeout)
    );
    lines.push(fact("pace", pace));
    lines.push(fact(
        "ends",
        format!("by itself after {} minutes", probe.settings.max_duration.as_secs() / 60),
    ));
    if let Some(name) = &probe.name {
        lines.push(fact("name", name.as_str()));
    }
    if !drill.checks.is_empty() {
        lines.extend([Line::default(), Line::from(strong("checked before"))]);
        let check = |c: &'a partybox_core::operation::Check| {
            Line::from(vec![ctx.glyph(c.outcome.level()), Span::raw(" "), Span::raw(c.text.as_str())])
        };
        lines.extend(drill.checks.iter().map(check));
    }
    if let Some(earlier) = compare::Earlier::of(compare::alike(ctx, &drill.database, &drill.id)) {
        lines.extend([Line::default(), Line::from(strong("earlier drills"))]);
        let mut spans = earlier.trend(ctx, None).spans;
        spans.push(Span::raw(format!("  {}", earlier.words())));
        lines.push(Line::from(spans));
    }
    lines
}

/// Rows that the question whether to leave needs, with its border.
pub(super) const LEAVE_ROWS: u16 = 10;

/// Asks whether to leave a drill that is under way.
pub(super) fn leave(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let inner = Panel::new("leave the drill?")
        .focused(true)
        .key("y", "leave")
        .key("esc", "stay")
        .draw(buf, area, ctx);
    let mut lines = Vec::new();
    if let Some(drill) = &ctx.state.drill.current {
        let (level, words) = status_text::sentence(ctx, drill);
        lines.push(Line::from(vec![ctx.badge(level, ""), strong(words)]));
        lines.push(Line::default());
    }
    let point = |text: &'static str| Line::from(vec![faint("→ "), Span::raw(text)]);
    lines.push(point("the failover itself cannot be called back: RDS goes on with it"));
    lines.push(point("the probe stops: what comes after is not measured"));
    lines.push(point("the record is kept up to now, with the outcome \"left\""));
    lines.push(Line::default());
    lines.push(Line::from(vec![
        strong("y"),
        faint(" leaves the program   "),
        strong("esc"),
        faint(" stays: other views need no leaving"),
    ]));
    if lines.len() > usize::from(inner.height) {
        lines.retain(|line| line.width() > 0);
    }
    Paragraph::new(lines).wrap(Wrap { trim: false }).render(inner, buf);
}
