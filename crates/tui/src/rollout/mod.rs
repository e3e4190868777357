//! A rollout: how it goes or ended, what it waits for and why it fails; then old and new, side by side.

mod diff;
mod sides;
mod status;
mod why;

use super::context::{Ctx, faint};
use super::widgets::panel::{self, Panel};
use chrono::TimeDelta;
use partybox_core::diagnosis::{Rollout, RolloutVerdict};
use partybox_core::domain::{CircuitBreaker, Level, ServiceNode};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// Width from which old and new stand side by side, in columns.
const SIDE_BY_SIDE: u16 = 76;
/// Width from which there is room for what differs between the task definitions.
const WIDE: u16 = 100;
/// A rollout that ended badly stays in the overview for so long.
const RECENT: TimeDelta = TimeDelta::minutes(10);

/// The panel's lines: the answer first, so that little room cuts what explains it and not the answer itself.
struct Content<'a> {
    top: Vec<Line<'a>>,
    sides: Vec<Vec<Line<'a>>>,
    rest: Vec<Line<'a>>,
}

/// What the service's newest rollout changes in the task definition, for its details.
pub(super) fn changes<'a>(ctx: &Ctx<'a>, node: &ServiceNode) -> Vec<Line<'a>> {
    newest(ctx, node).map_or_else(Vec::new, |rollout| diff::of(ctx, rollout))
}

/// How much of a rollout is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// Everything.
    Full,
    /// Beside other things: without log lines, events and what differs.
    Short,
}

/// The service's newest rollout.
fn newest<'a>(ctx: &Ctx<'a>, node: &ServiceNode) -> Option<&'a Rollout> {
    ctx.state.account.rollouts.newest(&node.service().name)
}

/// Whether a service has a rollout for the overview: one under way, or one that ended badly a moment ago.
pub(super) fn shows(ctx: &Ctx<'_>, node: &ServiceNode) -> bool {
    node.service().is_rolling()
        || newest(ctx, node).is_some_and(|r| match &r.verdict {
            None | Some(RolloutVerdict::Draining) => true,
            Some(RolloutVerdict::Succeeded) => false,
            Some(_) => r.finished_at.is_some_and(|at| ctx.server - at < RECENT),
        })
}

fn content<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode, width: u16, amount: Amount) -> Content<'a> {
    let inner = width.saturating_sub(4);
    let half = if width >= SIDE_BY_SIDE { inner.saturating_sub(5) / 2 } else { inner };
    let rollout = newest(ctx, node);
    let mut top = status::lines(ctx, node, rollout, inner);
    let sides = sides::all(ctx, node, rollout);
    let mut rest = Vec::new();
    if sides.len() > 1 {
        rest.extend(sides::bounds(ctx, node, rollout, inner));
    }
    if let Some(rollout) = rollout {
        top.extend(why::reason(ctx, rollout));
        rest.extend(status::facts(ctx, node, rollout));
        if amount == Amount::Full {
            rest.extend(why::more(ctx, rollout));
            if width >= WIDE {
                rest.extend(diff::of(ctx, rollout));
            }
        }
    }
    let sides = sides.iter().map(|side| sides::lines(ctx, node, side, half)).collect();
    Content { top, sides, rest }
}

/// Rows that the panel wants.
pub(super) fn height(ctx: &Ctx<'_>, node: &ServiceNode, width: u16, amount: Amount) -> u16 {
    let content = content(ctx, node, width, amount);
    let rows = content.top.len() + side_rows(&content.sides, width) + content.rest.len();
    super::format::cells(rows) + 2
}

fn side_rows(sides: &[Vec<Line<'_>>], width: u16) -> usize {
    let rows = sides.iter().map(Vec::len);
    if width >= SIDE_BY_SIDE { rows.max().unwrap_or(0) } else { rows.sum() }
}

/// Draws the panel.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, node: &ServiceNode, amount: Amount) {
    let rollout = newest(ctx, node);
    let inner = frame(ctx, node, rollout).draw(buf, area, ctx);
    let Content { top, sides, rest } = content(ctx, node, area.width, amount);
    if sides.is_empty() && top.is_empty() {
        panel::lines(buf, inner, [Line::from(faint("ECS reports no deployment for this service"))]);
        return;
    }
    let rows = |n: usize| Constraint::Length(super::format::cells(n));
    let [answer, middle, below] = Layout::vertical([
        rows(top.len().min(usize::from(inner.height))),
        rows(side_rows(&sides, area.width)),
        Constraint::Fill(1),
    ])
    .areas(inner);
    panel::lines(buf, answer, top);
    if area.width >= SIDE_BY_SIDE && sides.len() == 2 {
        let [left, arrow, right] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(5), Constraint::Fill(1)])
                .areas(middle);
        for y in arrow.top()..arrow.bottom() {
            let text = if y == arrow.top() { "──▶" } else { " │ " };
            buf.set_line(arrow.x + 1, y, &Line::from(faint(text)), 3);
        }
        for (side, place) in sides.into_iter().zip([left, right]) {
            panel::lines(buf, place, side);
        }
    } else {
        panel::lines(buf, middle, sides.into_iter().flatten());
    }
    panel::lines(buf, below, rest);
}

/// The border: what is deployed how, and the keys that act on a rollout.
fn frame<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode, rollout: Option<&'a Rollout>) -> Panel<'a> {
    let service = node.service();
    let going = service.is_rolling() || rollout.is_some_and(Rollout::in_flight);
    let mut panel =
        Panel::new(if going { "rollout" } else { "deployment" }).and(Span::raw(service.name.as_str()));
    let strategy = rollout.map(|r| r.strategy.as_str()).filter(|s| !s.is_empty());
    if let Some(strategy) = strategy.or(service.strategy.as_deref()) {
        panel = panel.and(faint(strategy.to_lowercase().replace('_', "/")));
    }
    if !service.deployed_by().is_ecs() {
        panel = panel.and(faint(format!("by {}", service.deployed_by().name())));
    } else if going {
        panel = panel.and(faint(match service.circuit_breaker {
            Some(CircuitBreaker { enable: true, rollback: true }) => "breaker rolls back",
            Some(CircuitBreaker { enable: true, rollback: false }) => "breaker stops",
            _ => "no breaker",
        }));
    }
    let more = service.deployments.len().saturating_sub(2);
    if more > 0 {
        panel = panel.and(ctx.tinted(Level::Warn, format!("and {more} older")));
    }
    match rollout {
        Some(r) if r.hook.is_some() => panel.act(ctx, "c", "continue").act(ctx, "b", "roll back"),
        Some(r) if r.can_stop() => panel.act(ctx, "b", "stop and roll back"),
        _ => panel,
    }
}
