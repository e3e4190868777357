//! A service's tasks, each joined to its target by its IP address.

use super::context::{Ctx, faint};
use super::widgets::panel::{self, Panel};
use super::widgets::table::{Column, Table};
use super::{format, levels};
use crate::app::Pane;
use crate::domain::{Level, ServiceNode, TaskRow, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

const COLUMNS: &[Column] = &[
    Column::new("task", 8),
    Column::new("", 3).drop(6),
    Column::new("status", 14),
    Column::new("target", 12),
    Column::new("zone", 4),
    Column::new("address", 12).drop(3),
    Column::new("rev", 4).right().drop(2),
    Column::new("tag", 9).drop(7),
    Column::new("digest", 8).drop(5),
    Column::new("age", 4).right(),
    Column::new("why", 20).grow(1),
];

/// Draws the panel.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, node: &ServiceNode) {
    let service = node.service();
    let list = &ctx.state.lists.tasks;
    let focused = ctx.focused(Pane::Detail);
    let mut topics = vec![Topic::Tasks(service.name.clone())];
    topics.extend(service.target_links.iter().map(|l| Topic::TargetHealth(l.target_group_arn.clone())));
    let fresh = ctx.fresh(&topics);
    let inner = Panel::new("tasks")
        .and(Span::raw(service.name.as_str()))
        .focused(focused)
        .filtered(ctx, list.len(), node.rows.len())
        .fresh(&fresh)
        .key("enter", "everything of the task")
        .draw(buf, area, ctx);
    if list.is_empty() {
        let empty = if !ctx.state.filter.text.is_empty() && !node.rows.is_empty() {
            "no task matches the filter: esc clears it"
        } else if service.desired == 0 {
            "no tasks: the service is scaled to 0; s scales it"
        } else {
            "no tasks: ECS has started none yet"
        };
        let (level, text) = fresh.placeholder(empty);
        panel::lines(buf, inner, [Line::from(ctx.tinted(level, text))]);
        return;
    }
    let selected = ctx.row(Pane::Detail, list.len());
    Table { columns: COLUMNS, rows: list.len(), selected, mark: ctx.mark(Pane::Detail), dim: fresh.dims() }.draw(
        buf,
        inner,
        |i| node.rows.get(list[i]).map_or_else(Vec::new, |task| row(ctx, node, task)),
    );
}

fn row<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode, row: &'a TaskRow) -> Vec<Line<'a>> {
    let task = node.task(row);
    let (level, word) = levels::task(task);
    let stopped = task.last_status == "STOPPED";
    let target = match levels::target_of(row) {
        Some((level, word)) => ctx.badge(level, word),
        None if task.last_status != "RUNNING" || node.service().target_links.is_empty() => faint("-"),
        None => faint("unregistered"),
    };
    let when = if stopped { task.stopped_at } else { task.started_at.or(task.created_at) };
    let style = if stopped { super::theme::Theme::faint() } else { Style::new() };
    let plain = |text: &'a str| Line::styled(text, style);
    vec![
        plain(format::short_id(&task.id)),
        Line::from(if row.newest { Span::raw("new") } else { faint("old") }),
        Line::from(ctx.badge(level, &word)),
        Line::from(target),
        plain(task.zone.as_deref().map_or("-", format::zone)),
        plain(task.ip.as_deref().unwrap_or("-")),
        plain(format::revision(&task.task_definition).rsplit(':').next().unwrap_or("-")),
        plain(row.tag.as_deref().unwrap_or("-")),
        plain(row.digest.as_deref().map_or("-", format::digest)),
        Line::styled(ctx.age(when), style),
        Line::from(why(ctx, node, row)),
    ]
}

/// Why a task is as it is: its stop reason, else its target's reason, else an exit code.
fn why<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode, row: &'a TaskRow) -> Span<'a> {
    let task = node.task(row);
    if let Some(reason) = &task.stopped_reason {
        let bad = levels::task(task).0 == Level::Bad;
        return if bad { ctx.tinted(Level::Bad, reason.as_str()) } else { faint(reason.as_str()) };
    }
    match row.target.as_ref().map(|t| (t, &t.description, &t.reason)) {
        Some((_, Some(text), _) | (_, None, Some(text))) => faint(text.as_str()),
        _ => match task.health.as_str() {
            "UNHEALTHY" => ctx.tinted(Level::Bad, "container health check fails"),
            _ => Span::raw(""),
        },
    }
}
