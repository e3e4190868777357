//! The newest events of all sources in one list; findings; the operator's own operations.

use super::context::{Ctx, fact, faint, strong};
use super::detail::Details;
use super::widgets::panel::{self, Panel};
use super::widgets::table::{self, Column, Mark, Table};
use super::{drill, format};
use partybox_core::app::{Entry, Pane, Source};
use partybox_core::domain::{Level, Topic};
use partybox_core::operation::{OperationStage, Tracked, Verdict};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of the timeline: when, how serious, about what, who says so, what.
fn columns(when: u16, subject: u16) -> [Column; 5] {
    [
        Column::new("", when).right(),
        Column::new("", 1),
        Column::new("", subject),
        Column::new("", 5).drop(1),
        Column::new("", 40).grow(1),
    ]
}

/// Columns that the names of the services and databases need, within reason.
fn subject_width(ctx: &Ctx<'_>) -> u16 {
    let party_box = &ctx.state.account.party_box;
    let services = party_box.services.iter().map(|n| n.service().name.as_str());
    let names = services.chain(party_box.databases.iter().map(|d| d.id.as_str()));
    names.map(format::width).max().unwrap_or(0).clamp(7, 12)
}

/// Draws the newest events.
pub(super) fn timeline(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.events;
    let entries = ctx.state.timeline.entries();
    let focused = ctx.focused(Pane::Detail);
    let inner = Panel::new("events")
        .focused(focused)
        .filtered(ctx, list.len(), entries.len())
        .fresh(&ctx.fresh(&[Topic::Services, Topic::DbEvents]))
        .draw(buf, area, ctx);
    if list.is_empty() {
        let text = if entries.is_empty() {
            "nothing happened yet: ECS and RDS events, seen changes and your actions come here"
        } else {
            "no event matches the filter: esc clears it"
        };
        panel::lines(buf, inner, [Line::from(faint(text))]);
        return;
    }
    let selected = if focused { ctx.row(Pane::Detail, list.len()) } else { None };
    let mark = ctx.mark(Pane::Detail);
    rows(buf, inner, ctx, list, (selected, mark), (4, &|e| ctx.age(Some(e.at))));
}

/// Draws what happened since shortly before the drill began, each with its offset since T0, newest first.
pub(super) fn since_drill(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.drill_events;
    let mut panel = Panel::new("timeline").and(faint(format::count(list.len() as u64)));
    if !ctx.state.screen.filter.text.is_empty() {
        panel = panel.and(strong(format!("/{}", ctx.state.screen.filter.text)));
    }
    let inner = panel.fresh(&ctx.fresh(&[Topic::Services, Topic::DbEvents])).draw(buf, area, ctx);
    if list.is_empty() {
        panel::lines(buf, inner, [Line::from(faint("nothing happened yet: every layer's events come here"))]);
        return;
    }
    // Only what has been scrolled is marked: the newest is on top by itself.
    let selected = ctx.row(Pane::Main, list.len()).filter(|row| *row > 0);
    let mark = if selected.is_some() { Mark::Strong } else { Mark::None };
    rows(buf, inner, ctx, list, (selected, mark), (8, &|e| drill::offset_of(ctx, e.at)));
}

/// Draws entries of the timeline; `when` = the columns and the words of their times.
fn rows(
    buf: &mut Buffer,
    area: Rect,
    ctx: &Ctx<'_>,
    list: &[usize],
    (selected, mark): (Option<usize>, Mark),
    (wide, when): (u16, &dyn Fn(&Entry) -> String),
) {
    let entries = ctx.state.timeline.entries();
    let columns = columns(wide, subject_width(ctx));
    let table = Table { columns: &columns, rows: list.len(), selected, mark, dim: false };
    table.draw(buf, area, |i| {
        entries.get(list[i]).map_or_else(Vec::new, |e| {
            vec![
                Line::from(faint(when(e))),
                Line::from(ctx.glyph(e.level)),
                Line::from(faint(e.subject.name())),
                Line::from(if e.source == Source::Operator {
                    Span::raw(e.source.name())
                } else {
                    faint(e.source.name())
                }),
                sentence(ctx, e, ctx.state.timeline.times(list[i])),
            ]
        })
    });
}

/// The text of an entry. How often it came in succession, when more than once, stands first, as ends are cut.
fn sentence<'a>(ctx: &Ctx<'a>, entry: &'a Entry, times: usize) -> Line<'a> {
    let text = format::brief(&entry.text);
    let text = if entry.level >= Level::Warn { ctx.tinted(entry.level, text) } else { Span::raw(text) };
    let mut spans = vec![text];
    if times > 1 {
        spans.insert(0, faint(format!("×{times} ")));
    }
    Line::from(spans)
}

/// Draws what is wrong or risky, worst first, each with what to do.
pub(super) fn findings(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let findings = &ctx.state.account.health.findings;
    let panel = Panel::new("findings").and(faint(format::count(findings.len() as u64)));
    let inner = panel.draw(buf, area, ctx);
    if findings.is_empty() {
        let text = if ctx.state.account.store.services().is_some() {
            ctx.badge(Level::Good, "nothing wrong or risky was found")
        } else {
            faint("reading…")
        };
        panel::lines(buf, inner, [Line::from(text)]);
        return;
    }
    let room = usize::from(inner.height);
    let wanted: usize = findings.iter().map(|f| 1 + usize::from(f.advice.is_some())).sum();
    let advice = wanted <= room;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (i, finding) in findings.iter().enumerate() {
        if lines.len() + 1 >= room && findings.len() - i > 1 {
            lines.push(Line::from(faint(format!("  and {} more", findings.len() - i))));
            break;
        }
        lines.push(Line::from(vec![
            ctx.glyph(finding.level),
            Span::raw(" "),
            Span::raw(format::brief(&finding.text)),
        ]));
        if let Some(text) = &finding.advice
            && (advice || lines.len() + findings.len() - i < room)
        {
            lines.push(Line::from(faint(format!("  → {text}"))));
        }
    }
    panel::lines(buf, inner, lines);
}

/// Draws the operator's own actions, newest first.
pub(super) fn operations(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let inner = Panel::new("your actions").draw(buf, area, ctx);
    let lines = ctx.state.operations.iter().map(|o| operation(ctx, o));
    panel::lines(buf, inner, lines.take(usize::from(inner.height)));
}

/// The operator's newest action that has not ended.
pub(super) fn active<'a>(ctx: &Ctx<'a>) -> Option<&'a Tracked> {
    // The drill tells of its failover itself.
    let drill = ctx.state.drill.current.as_ref().and_then(|drill| drill.operation);
    ctx.state.operations.iter().find(|o| !matches!(o.stage, OperationStage::Ended(_)) && Some(o.id) != drill)
}

/// Draws how far the operator's newest action is, in one line.
pub(super) fn strip(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    if let Some(newest) = active(ctx) {
        let line = table::shorten(operation(ctx, newest), area.width);
        buf.set_line(area.x, area.y, &line, area.width);
    }
}

fn operation<'a>(ctx: &Ctx<'a>, operation: &'a Tracked) -> Line<'a> {
    let ((level, word), why) = match &operation.stage {
        OperationStage::Sending => ((Level::Busy, "sending"), None),
        OperationStage::Following => ((Level::Busy, "following"), Some(operation.progress.words(ctx.server))),
        OperationStage::Ended(verdict) => {
            ((verdict.level(), verdict_words(verdict)), verdict.reason().map(str::to_owned))
        }
    };
    let mut spans = vec![
        faint(format!("{:>4} ", ctx.age(Some(operation.at)))),
        ctx.badge(level, word),
        Span::raw(format!("  {}", operation.title)),
    ];
    if let Some(why) = why.filter(|w| !w.is_empty()) {
        spans.push(faint(format!("  {why}")));
    }
    Line::from(spans)
}

fn verdict_words(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Succeeded => "succeeded",
        Verdict::RolledBack(_) => "rolled back",
        Verdict::Failed(_) => "failed",
        Verdict::Superseded(_) => "superseded",
        Verdict::TimedOut => "not seen to end",
        Verdict::Stopped(_) => "stopped",
        Verdict::ScaledToZero => "scaled to zero",
        Verdict::NothingHappened(_) => "nothing happened",
        Verdict::Refused(_) => "refused",
        Verdict::Unclear(_) => "unclear",
    }
}

/// Details of the selected event.
pub(super) fn details<'a>(ctx: &Ctx<'a>) -> Option<Details<'a>> {
    let list = &ctx.state.screen.rows.events;
    let entry = ctx.state.timeline.entries().get(*list.get(ctx.row(Pane::Detail, list.len())?)?)?;
    let lines = vec![
        fact("when", ctx.moment(entry.at)),
        fact("from", entry.source.name()),
        fact("about", entry.subject.name()),
        Line::default(),
        Line::from(vec![ctx.glyph(entry.level), Span::raw(" "), Span::raw(entry.text.as_str())]),
    ];
    Some((Span::raw("event"), lines))
}
