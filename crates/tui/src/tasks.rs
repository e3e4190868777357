//! A service's tasks, each joined to its target by its IP address.

use super::context::{Ctx, fact, faint, strong};
use super::detail::Details;
use super::theme::Theme;
use super::widgets::list_panel::{Empty, ListPanel};
use super::widgets::panel::Panel;
use super::widgets::table::{self, Column};
use super::{format, levels};
use partybox_core::app::{Pane, WatchedValue};
use partybox_core::diagnosis::{find_reason, zone_letter};
use partybox_core::domain::{JudgedBy, Late, Level, ServiceNode, Task, TaskRow, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Most columns that the reasons make theirs, at the cost of columns that may be left out.
const WHY: u16 = 46;

/// The columns; the last is as wide as the reasons need.
fn columns(why: u16) -> [Column; 11] {
    [
        Column::new("task", 8),
        Column::new("", 3).drop(6),
        Column::new("status", 14),
        Column::new("target", 12),
        Column::new("zone", 4).drop(1),
        Column::new("address", 12).drop(4),
        Column::new("rev", 4).right().drop(3),
        Column::new("tag", 9).drop(7),
        Column::new("digest", 8).drop(5),
        Column::new("age", 4).right(),
        Column::new("why", 8).grow(1).at_least(why.min(WHY)),
    ]
}

/// Draws the panel.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, node: &ServiceNode) {
    let service = node.service();
    let list = &ctx.state.screen.rows.tasks;
    let mut topics = vec![Topic::Tasks(service.name.clone())];
    topics.extend(service.target_groups().map(|arn| Topic::TargetHealth(arn.to_owned())));
    // The reasons of the rows in sight say how wide their column is.
    let visible = usize::from(area.height.saturating_sub(2));
    let first = table::offset(ctx.row(Pane::Detail, list.len()).unwrap_or(0), visible, list.len());
    let shown = list.iter().skip(first).take(visible).filter_map(|i| node.rows.get(*i));
    let why = shown.map(|task| why(ctx, node, task).width()).max().unwrap_or(0);
    ListPanel {
        panel: Panel::new("tasks")
            .and(Span::raw(service.name.as_str()))
            .key("enter", "everything of the task"),
        columns: &columns(format::cells(why)),
        pane: Pane::Detail,
        topics: &topics,
        rows: list.len(),
        total: node.rows.len(),
        empty: Empty::Nothing(&why_none(node)),
        no_match: "no task matches the filter: esc clears it",
    }
    .draw(buf, area, ctx, |i| node.rows.get(list[i]).map_or_else(Vec::new, |task| row(ctx, node, task)));
}

/// Why a service has no task, in ECS's words where it has some.
fn why_none(node: &ServiceNode) -> String {
    let service = node.service();
    match find_reason(node) {
        _ if service.is_daemon() && service.desired == 0 => {
            "no tasks: no instance fits this daemon".to_owned()
        }
        _ if service.desired == 0 => "no tasks: the service is scaled to 0; s scales it".to_owned(),
        Some(reason) => format!("no tasks: {}", reason.cause),
        None => "no tasks: ECS has started none yet".to_owned(),
    }
}

fn row<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode, row: &'a TaskRow) -> Vec<Line<'a>> {
    let task = node.task(row);
    let (level, word) = levels::task(task);
    let stopped = task.is_over();
    let target = match levels::target_of(row) {
        Some((level, word)) => ctx.bright(WatchedValue::Target, target_id(row), ctx.badge(level, &word)),
        None => match node.judged_by() {
            JudgedBy::Containers if task.last_status == "RUNNING" => container_health(ctx, task),
            _ => faint("-"),
        },
    };
    let when = if stopped { task.stopped_at } else { task.started_at.or(task.created_at) };
    let mut cells = vec![
        Line::from(format::short_id(&task.id)),
        Line::from(if is_new(ctx, node, row) { Span::raw("new") } else { faint("old") }),
        Line::from(ctx.badge(level, &word)),
        Line::from(target),
        Line::from(task.zone.as_deref().map_or("-", zone_letter)),
        Line::from(task.address().unwrap_or_else(|| "-".to_owned())),
        Line::from(format::revision(&task.task_definition).rsplit(':').next().unwrap_or("-")),
        Line::from(row.tag.as_deref().unwrap_or("-")),
        Line::from(row.digest.as_deref().map_or("-", format::digest)),
        Line::from(ctx.age(when)),
    ];
    if stopped {
        // What is over steps back; why it failed does not.
        for span in cells.iter_mut().flat_map(|cell| &mut cell.spans) {
            span.style = span.style.patch(Theme::faint());
        }
    }
    cells.push(Line::from(why(ctx, node, row)));
    cells
}

/// By what a change of a task's target is noticed.
fn target_id(row: &TaskRow) -> &str {
    row.target.as_ref().map_or("", |target| target.id.as_str())
}

/// What the containers' own check says of a task.
fn container_health<'a>(ctx: &Ctx<'a>, task: &Task) -> Span<'a> {
    match task.health.as_str() {
        "HEALTHY" => ctx.badge(Level::Good, "healthy"),
        "UNHEALTHY" => ctx.badge(Level::Bad, "unhealthy"),
        _ => ctx.badge(Level::Busy, "first check"),
    }
}

/// Whether a task belongs to the new side of the newest rollout, as the panel of the rollout calls it: after
/// a rollback the PRIMARY deployment is the old one again, and what failed is still the new.
fn is_new(ctx: &Ctx<'_>, node: &ServiceNode, row: &TaskRow) -> bool {
    let Some(rollout) = ctx.state.account.rollouts.newest(&node.service().name) else { return row.newest };
    let task = node.task(row);
    if let Some(own) = &rollout.deployment {
        return task.started_by.as_ref() == Some(own);
    }
    // ECS lists it no more: known by its task definition, where that is another one.
    match &rollout.from {
        Some(from)
            if !from.task_definition.is_empty() && from.task_definition != rollout.to.task_definition =>
        {
            task.task_definition == rollout.to.task_definition
        }
        _ => row.newest,
    }
}

/// Why a task is as it is: its stop reason, else its target's reason, else its container's.
fn why<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode, row: &'a TaskRow) -> Span<'a> {
    let task = node.task(row);
    if let Some(reason) = &task.stopped_reason {
        let exit = task.containers.iter().find_map(|c| c.exit_code.filter(|code| *code != 0));
        let text = match exit {
            Some(code) => format!("exit {code}: {}", format::brief(reason)).into(),
            None => format::brief(reason),
        };
        return if task.failed() { ctx.tinted(Level::Bad, text) } else { faint(text) };
    }
    let target = row.target.as_ref();
    match target.and_then(|t| Some((t.level(), t.why()?))) {
        Some((Level::Bad, text)) => ctx.tinted(Level::Bad, format::brief(text)),
        Some((Level::Warn, text)) => ctx.tinted(Level::Warn, format::brief(text)),
        Some((_, text)) => faint(format::brief(text)),
        None if row.late == Some(Late::Unregistered) => {
            ctx.tinted(Level::Warn, "no target group knows it, long after its start")
        }
        None if task.health == "UNHEALTHY" => ctx.tinted(Level::Bad, "container health check fails"),
        None => Span::raw(""),
    }
}

/// Details of the selected task.
pub(super) fn details<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode) -> Option<Details<'a>> {
    let list = &ctx.state.screen.rows.tasks;
    let row = node.rows.get(*list.get(ctx.row(Pane::Detail, list.len())?)?)?;
    Some((Span::raw("task"), everything(ctx, node, row)))
}

fn everything<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode, row: &'a TaskRow) -> Vec<Line<'a>> {
    let task = node.task(row);
    let (level, word) = levels::task(task);
    let mut lines = vec![
        Line::from(vec![
            ctx.badge(level, &word),
            faint("  wanted "),
            Span::raw(task.desired_status.to_lowercase()),
        ]),
        fact("id", task.id.as_str()),
    ];
    if let Some(reason) = &task.stopped_reason {
        lines.push(fact("stopped", ctx.tinted(level, reason.as_str())));
    }
    if let Some(code) = &task.stop_code {
        lines.push(fact("stop code", code.as_str()));
    }
    for it in &row.targets {
        let group = node.groups.get(it.group).map_or("", |group| group.name.as_str());
        let Some(target) = &it.target else {
            lines.push(fact("target", faint(format!("not registered in {group}"))));
            continue;
        };
        let state = ctx.badge(target.level(), &target.word());
        lines.push(fact("target", vec![state, faint(format!("  in {group}"))]));
        if let Some(reason) = &target.reason {
            lines.push(fact("", reason.as_str()));
        }
        if let Some(text) = target.why().filter(|why| target.reason.as_deref() != Some(why)) {
            lines.push(fact("", text));
        }
    }
    if row.targets.is_empty() {
        lines.push(fact("target", faint("not registered")));
    }
    lines.push(fact("health", format!("{} (container check)", task.health.to_lowercase())));
    lines.push(fact(
        "address",
        format!(
            "{} in {}",
            task.address().unwrap_or_else(|| "-".to_owned()),
            task.zone.as_deref().unwrap_or("-")
        ),
    ));
    lines.push(fact("subnet", task.subnet.as_deref().unwrap_or("-")));
    if let Some(on) = task.runs_on() {
        let spot = if task.on_spot() { " (Spot)" } else { "" };
        let platform = task.platform.as_deref().map(|it| format!(", platform {it}")).unwrap_or_default();
        lines.push(fact("runs on", format!("{on}{spot}{platform}")));
    }
    if let Some(instance) = &task.instance {
        lines.push(fact("instance", instance.as_str()));
    }
    if task.is_out_of_touch() {
        lines.push(fact("agent", ctx.tinted(Level::Warn, "disconnected: this state is the last one known")));
    }
    lines.push(fact("revision", format::revision(&task.task_definition)));
    lines.push(fact("deployment", task.started_by.as_deref().unwrap_or("-")));
    if let (Some(cpu), Some(memory)) = (task.cpu, task.memory) {
        lines.push(fact("size", format!("cpu {cpu}, memory {memory} MiB")));
    }
    let times = [
        ("created", task.created_at),
        ("started", task.started_at),
        ("stopping", task.stopping_at),
        ("stopped", task.stopped_at),
    ];
    for (label, at) in times {
        if let Some(at) = at {
            lines.push(fact(label, ctx.moment(at)));
        }
    }
    for container in &task.containers {
        lines.push(Line::default());
        lines.push(Line::from(vec![
            faint("container "),
            strong(container.name.as_str()),
            Span::raw(format!("  {}", container.last_status.to_lowercase())),
        ]));
        lines.push(fact("  image", container.image.as_str()));
        lines.push(fact("  digest", container.digest.as_deref().unwrap_or("not resolved yet")));
        if let Some(code) = container.exit_code {
            let level = if code == 0 { Level::Idle } else { Level::Bad };
            lines.push(fact("  exit code", ctx.tinted(level, code.to_string())));
        }
        if let Some(reason) = &container.reason {
            lines.push(fact("  reason", reason.as_str()));
        }
    }
    lines
}
