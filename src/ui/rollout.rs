//! A rollout: the new deployment and what it replaces, side by side.

use super::context::{Ctx, faint, strong};
use super::widgets::bar;
use super::widgets::panel::{self, Panel};
use super::{format, levels};
use crate::app::Value;
use crate::domain::{Deployment, Level, ServiceNode, TaskCounts, parse_ecr};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use std::borrow::Cow;

/// Width from which old and new stand side by side, in columns.
const SIDE_BY_SIDE: u16 = 76;

/// Rows of one deployment; the last has ECS's own sentence, and may be missing where there is little room.
const ROWS: u16 = 5;

/// Width from which one deployment has room for the whole name of its revision.
const ROOMY: u16 = 48;

/// Rows that the panel wants.
pub(super) fn height(node: &ServiceNode, width: u16) -> u16 {
    let shown = shown(node);
    let rows = if width >= 100 { ROWS } else { ROWS - 1 };
    match shown.len() {
        0 => 0,
        2 if width < SIDE_BY_SIDE => 2 * rows + 2,
        _ => rows + 2,
    }
}

/// Old first, new last: as the eye reads a change. At most two: the PRIMARY and the newest that it replaces.
fn shown(node: &ServiceNode) -> Vec<&Deployment> {
    let service = node.service();
    let primary = service.primary();
    let old =
        service.deployments.iter().filter(|d| d.status != "PRIMARY").max_by_key(|d| d.running + d.pending);
    old.into_iter().chain(primary).collect()
}

/// Draws the panel.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, node: &ServiceNode) {
    let service = node.service();
    let rolling = service.is_rolling();
    let title = if rolling { "rollout" } else { "deployment" };
    let mut panel = Panel::new(title).and(Span::raw(service.name.as_str()));
    if rolling {
        panel = panel.and(faint(bounds(node)));
    }
    let more = service.deployments.len().saturating_sub(2);
    if more > 0 {
        panel = panel.and(ctx.tinted(Level::Warn, format!("and {more} older")));
    }
    let inner = panel.draw(buf, area, ctx);
    let shown = shown(node);
    if shown.is_empty() {
        panel::lines(buf, inner, [Line::from(faint("ECS reports no deployment for this service"))]);
    } else if shown.len() == 1 {
        one(buf, inner, ctx, node, shown[0]);
    } else if inner.width + 4 >= SIDE_BY_SIDE {
        let [left, arrow, right] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(5), Constraint::Fill(1)])
                .areas(inner);
        one(buf, left, ctx, node, shown[0]);
        for y in arrow.top()..arrow.bottom() {
            let text = if y == arrow.top() { "──▶" } else { " │ " };
            buf.set_line(arrow.x + 1, y, &Line::from(faint(text)), 3);
        }
        one(buf, right, ctx, node, shown[1]);
    } else {
        let [top, bottom] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(inner);
        one(buf, top, ctx, node, shown[0]);
        one(buf, bottom, ctx, node, shown[1]);
    }
}

/// Bounds within which a rolling deployment moves, and the circuit breaker.
fn bounds(node: &ServiceNode) -> String {
    let service = node.service();
    let mut parts = Vec::new();
    if let (Some(min), Some(max)) = (service.min_healthy_percent, service.max_percent) {
        // ECS rounds the lower bound up and the upper bound down.
        let least = (service.desired * min).div_ceil(100);
        let most = service.desired * max / 100;
        parts.push(format!("keeps {least}-{most} tasks"));
    }
    match service.circuit_breaker {
        Some((true, true)) => parts.push("breaker rolls back".into()),
        Some((true, false)) => parts.push("breaker stops".into()),
        _ => parts.push("no breaker".into()),
    }
    parts.join(" · ")
}

/// The tag that a deployment's task definition names, as far as it was read.
fn tag<'a>(ctx: &Ctx<'a>, deployment: &Deployment, counts: &'a TaskCounts) -> Cow<'a, str> {
    if let Some(tag) = &counts.tag {
        return tag.as_str().into();
    }
    ctx.state
        .store
        .task_definition(&deployment.task_definition)
        .and_then(|d| d.containers.iter().find_map(|c| parse_ecr(&c.image)?.2))
        .map_or("-".into(), Cow::Owned)
}

fn one(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, node: &ServiceNode, deployment: &Deployment) {
    let empty = TaskCounts::default();
    let counts = node.by_deployment.get(&deployment.id).unwrap_or(&empty);
    let (level, word) = levels::deployment(deployment);
    let role = match (deployment.status.as_str(), node.service().deployments.len()) {
        ("PRIMARY", 1) => "now",
        ("PRIMARY", _) => "new",
        _ => "old",
    };
    let digest = counts.digest.as_deref().map_or("no digest yet", format::digest);
    let revision = format::revision(&deployment.task_definition);
    // The panel names the service: in little room the number tells old and new apart.
    let revision = if area.width < ROOMY {
        revision.rfind(':').map_or(revision, |at| &revision[at..])
    } else {
        revision
    };
    let title = Line::from(vec![
        strong(format!("{role:<4}")),
        Span::raw(revision),
        faint("  tag "),
        Span::raw(tag(ctx, deployment, counts)),
        faint(format!("  {digest}")),
    ]);
    let age = ctx.age(deployment.created_at);
    let state = if deployment.status == "PRIMARY" {
        let failed = deployment.failed;
        let word = if failed > 0 { format!("failing, {failed} in a row") } else { word.to_owned() };
        let badge = ctx.badge(level, &word);
        vec![ctx.bright(Value::Rollout, &node.service().name, badge), faint(format!("  for {age}"))]
    } else if level == Level::Bad {
        vec![ctx.badge(level, word), faint(format!("  made {age} ago"))]
    } else {
        vec![ctx.badge(Level::Busy, "being replaced"), faint(format!("  made {age} ago"))]
    };
    let mut tasks = bar::tasks(ctx, counts, deployment.desired, area.width.saturating_sub(32).min(40));
    tasks.push(Span::raw(format!("  {}/{} running", deployment.running, deployment.desired)));
    if deployment.pending > 0 {
        tasks.push(faint(format!("  {} pending", deployment.pending)));
    }
    let mut lines = vec![title, Line::from(state)];
    let reason = deployment.rollout_reason.as_deref().map(|r| Line::from(faint(r)));
    let failed = deployment.rollout_state.as_deref() == Some("FAILED");
    lines.extend(reason.clone().filter(|_| failed));
    lines.push(Line::from(tasks));
    lines.push(if node.tasks_known {
        Line::from(bar::words(ctx, counts))
    } else {
        Line::from(faint("tasks: reading…"))
    });
    lines.extend(reason.filter(|_| !failed));
    panel::lines(buf, area, lines);
}
