//! The services view: the list, the rollout of the selected service, its tasks joined to their targets.
//!
//! ```text
//! at every width
//! +---------------------------+
//! | services                  |   as many rows as services, a third at most
//! +---------------------------+
//! | rollout of the selected   |   half at most
//! +---------------------------+
//! | tasks of the selected     |   the rest
//! +---------------------------+
//! with fewer than 10 rows: the list alone
//! ```

use super::context::{Ctx, fact, faint, strong};
use super::detail::Details;
use super::rollout::Amount;
use super::widgets::panel::{self, Panel};
use super::widgets::table::{Column, Table};
use super::{format, levels, metric, rollout, tasks, traffic};
use partybox_core::app::{Pane, WatchedValue};
use partybox_core::diagnosis::zone_letter;
use partybox_core::domain::{
    CircuitBreaker, JudgedBy, Level, MetricKind, Service, ServiceContainer, ServiceNode, Topic,
};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// Columns of the services table, in the overview as in the services view.
const COLUMNS: &[Column] = &[
    Column::new("service", 12).grow(2),
    Column::new("state", 13),
    Column::new("run/want", 8).right(),
    Column::new("pend", 4).right().drop(3),
    Column::new("healthy", 7).right(),
    Column::new("revision", 12).grow(1).drop(2).tail(),
    Column::new("tag", 8).grow(1).drop(5),
    Column::new("digest", 8).drop(7),
    Column::new("scales", 11).drop(6),
    Column::new("cpu", 12).drop(1),
    Column::new("memory", 12).drop(8),
];

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    if area.height < super::LIST_ONLY {
        list_panel(buf, area, ctx);
        return;
    }
    let services = ctx.state.screen.rows.services.len();
    let selected = ctx.selected_service();
    let wanted = format::cells(services.max(1)) + 3;
    let top = wanted.min(area.height / 3).max(4);
    let middle =
        selected.map_or(0, |node| rollout::height(ctx, node, area.width, Amount::Full).min(area.height / 2));
    let [list, roll, rest] =
        Layout::vertical([Constraint::Length(top), Constraint::Length(middle), Constraint::Fill(1)])
            .areas(area);
    list_panel(buf, list, ctx);
    if let Some(node) = selected {
        rollout::draw(buf, roll, ctx, node, Amount::Full);
        tasks::draw(buf, rest, ctx, node);
    } else {
        let inner = Panel::new("tasks").draw(buf, rest, ctx);
        panel::lines(buf, inner, [Line::from(faint("select a service to see its tasks"))]);
    }
}

fn list_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.services;
    let focused = ctx.focused(Pane::Main);
    let fresh = ctx.fresh(&[Topic::Services]);
    let inner = Panel::new("services")
        .focused(focused)
        .filtered(ctx, list.len(), ctx.state.account.party_box.services.len())
        .fresh(&fresh)
        .act(ctx, "s", "scale")
        .act(ctx, "r", "redeploy")
        .draw(buf, area, ctx);
    table(buf, inner, ctx, list, ctx.row(Pane::Main, list.len()));
}

/// Draws rows of services, given by their indices.
pub(super) fn table(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, list: &[usize], selected: Option<usize>) {
    let fresh = ctx.fresh(&[Topic::Services]);
    if list.is_empty() {
        let empty = if ctx.state.screen.filter.text.is_empty() {
            "the cluster has no services: create one, and it appears here by itself"
        } else {
            "no service matches the filter: esc clears it"
        };
        let (level, text) = fresh.placeholder(empty);
        panel::lines(buf, area, [Line::from(ctx.tinted(level, text))]);
        return;
    }
    Table { columns: COLUMNS, rows: list.len(), selected, mark: ctx.mark(Pane::Main), dim: fresh.dims() }
        .draw(buf, area, |i| {
            ctx.state.account.party_box.services.get(list[i]).map_or_else(Vec::new, |node| row(ctx, node))
        });
}

fn row<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode) -> Vec<Line<'a>> {
    let service = node.service();
    let (level, word) = levels::service(node);
    let newest = service.primary().and_then(|d| node.by_deployment.get(&d.id)).unwrap_or(&node.counts);
    let digest = newest.digest.as_deref().map_or("-", format::digest);
    vec![
        Line::from(service.name.as_str()),
        Line::from(ctx.bright(WatchedValue::Rollout, &service.name, ctx.badge(level, word))),
        Line::from(running(ctx, node)),
        Line::from(if service.pending > 0 {
            ctx.bright(WatchedValue::Pending, &service.name, service.pending.to_string())
        } else {
            faint("-")
        }),
        Line::from(healthy(ctx, node)),
        Line::from(format::revision(&service.task_definition)),
        Line::from(newest.tag.as_deref().unwrap_or("-")),
        Line::from(digest),
        Line::from(scaling(node)),
        metric::cell(MetricKind::ServiceCpu, ctx.service_series(MetricKind::ServiceCpu, &service.name), 5, 6),
        metric::cell(
            MetricKind::ServiceMemory,
            ctx.service_series(MetricKind::ServiceMemory, &service.name),
            5,
            6,
        ),
    ]
}

/// Running tasks of those wanted: `2/2`.
pub(super) fn running<'a>(ctx: &Ctx<'a>, node: &ServiceNode) -> Vec<Span<'a>> {
    let service = node.service();
    vec![
        ctx.bright(WatchedValue::Running, &service.name, service.running.to_string()),
        Span::raw("/"),
        if service.is_daemon() {
            // It has no count: there are as many as instances that fit.
            faint("daemon")
        } else {
            ctx.bright(WatchedValue::Desired, &service.name, service.desired.to_string())
        },
    ]
}

/// Healthy targets of those registered: `2/2`.
pub(super) fn healthy<'a>(ctx: &Ctx<'a>, node: &ServiceNode) -> Span<'a> {
    match node.judged_by() {
        JudgedBy::Running => return faint("no check"),
        JudgedBy::Containers if !node.tasks_known => return faint("?"),
        JudgedBy::Containers => {
            let (healthy, running) = (node.counts.healthy, node.service().running);
            let level = match (node.counts.unhealthy, healthy) {
                (0, _) => Level::Idle,
                (_, 0) => Level::Bad,
                _ => Level::Warn,
            };
            let text = format!("{healthy}/{running}");
            return if level == Level::Idle { Span::raw(text) } else { ctx.tinted(level, text) };
        }
        JudgedBy::Targets => {}
    }
    match node.worst_group() {
        Some(group) if group.gone => return ctx.tinted(Level::Warn, "gone"),
        Some(group) if !node.targets_known && !group.serves_nobody() => return faint("?"),
        None => return faint("?"),
        Some(_) => {}
    }
    let text = format!("{}/{}", node.healthy, node.registered);
    let span = if node.healthy == 0 && node.service().desired > 0 {
        ctx.tinted(Level::Bad, text)
    } else if node.healthy < node.registered {
        ctx.tinted(Level::Warn, text)
    } else {
        Span::raw(text)
    };
    ctx.bright(WatchedValue::Healthy, &node.service().name, span)
}

/// The autoscaling range: `2-6 cpu 70%`.
pub(super) fn scaling<'a>(node: &ServiceNode) -> Span<'a> {
    let Some(scaling) = &node.scaling else { return faint("fixed") };
    let target = scaling.first_target();
    let mut text = format!("{}-{}", scaling.min, scaling.max);
    if let Some(target) = target {
        text = format!("{text} at {target:.0}%");
    }
    if scaling.suspended {
        let parts = scaling.parts;
        text.push_str(match (parts.scale_out, parts.scale_in) {
            (true, false) => " out paused",
            (false, true) => " in paused",
            _ => " paused",
        });
    }
    Span::raw(text)
}

/// Details of the selected row of a pane.
pub(super) fn details<'a>(ctx: &Ctx<'a>, pane: Pane) -> Option<Details<'a>> {
    let node = ctx.selected_service()?;
    match pane {
        Pane::Main => Some((Span::raw(node.service().name.as_str()), everything(ctx, node))),
        Pane::Detail => tasks::details(ctx, node),
    }
}

/// All of a service: what it may do, where it runs, what it is given, its newest rollout and events.
pub(super) fn everything<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode) -> Vec<Line<'a>> {
    let service = node.service();
    let (level, word) = levels::service(node);
    let percent = |p: Option<u32>| p.map_or_else(|| "?".to_owned(), |p| format!("{p} %"));
    let zones = node.zones.iter().map(|(zone, n)| format!("{} {n}", zone_letter(zone)));
    let mut lines = vec![
        Line::from(ctx.badge(level, word)),
        fact(
            "tasks",
            format!("{} running, {} pending, {} wanted", service.running, service.pending, service.desired),
        ),
        fact("zones", zones.collect::<Vec<_>>().join(" · ")),
        fact("scaling", scaling(node)),
        fact("paths", traffic::paths(ctx, &service.name)),
        fact("controller", controller(service)),
        fact("runs on", runs_on(service)),
        fact(
            "bounds",
            format!(
                "{} healthy at least, {} at most",
                percent(service.min_healthy_percent),
                percent(service.max_percent)
            ),
        ),
        match service.circuit_breaker {
            _ if !service.deployed_by().is_ecs() => fact("breaker", faint("none: ECS deploys nothing here")),
            Some(CircuitBreaker { enable: true, rollback: true }) => {
                fact("breaker", ctx.badge(Level::Good, "on, rolls back"))
            }
            Some(CircuitBreaker { enable: true, rollback: false }) => {
                fact("breaker", ctx.badge(Level::Warn, "on, does not roll back"))
            }
            _ => fact("breaker", ctx.badge(Level::Warn, "off")),
        },
    ];
    if let Some(grace) = service.grace_seconds {
        lines.push(fact("grace", format!("{grace} s of failed health checks after a start")));
    }
    for node in service.target_groups().filter_map(|arn| ctx.state.account.party_box.group(arn)) {
        lines.push(fact("targets", format!("{}  {}", node.group.name, traffic::check(node))));
    }
    if let Some(definition) = ctx.state.account.store.task_definition(&service.task_definition) {
        lines.push(fact("task", format!("{}:{}", definition.family, definition.revision)));
        if let (Some(cpu), Some(memory)) = (definition.cpu, definition.memory) {
            lines.push(fact(
                "size",
                format!("cpu {cpu} ({:.2} vCPU), memory {memory} MiB", f64::from(cpu) / 1024.0),
            ));
        }
        for container in &definition.containers {
            let mut title = vec![faint("container "), strong(container.name.as_str())];
            if let ServiceContainer::Known { name, why } = &node.container
                && *name == container.name
                && definition.containers.len() > 1
            {
                title.push(faint(format!("  the service's: {}", why.words())));
            }
            if !container.is_essential() {
                title.push(faint("  not essential"));
            }
            lines.push(Line::from(title));
            for (on, condition) in &container.depends_on {
                lines.push(Line::from(faint(format!("  waits for {on}: {condition}"))));
            }
            lines.push(Line::from(vec![Span::raw("  "), Span::raw(container.image.as_str())]));
            for (name, from) in &container.secrets {
                lines.push(Line::from(vec![
                    faint("  secret "),
                    Span::raw(format!("{name} from {}", secret_name(from))),
                ]));
            }
            if !container.environment_names.is_empty() {
                let names = container.environment_names.join(" ");
                lines.push(Line::from(vec![faint("  plain environment "), Span::raw(names)]));
            }
        }
    }
    let changes = rollout::changes(ctx, node);
    if !changes.is_empty() {
        lines.push(Line::from(strong("its newest rollout")));
        lines.extend(changes);
    }
    if service.has_own_addresses() {
        lines.push(fact("subnets", service.subnets.join(" ")));
        lines.push(fact("groups", service.security_groups.join(" ")));
    } else {
        lines.push(fact("network", faint("its instances': tasks have no address of their own")));
    }
    if let Some(created) = service.created_at {
        lines.push(fact("created", ctx.moment(created)));
    }
    lines.push(fact("arn", service.arn.as_str()));
    lines.push(Line::default());
    lines.push(Line::from(strong("its newest events")));
    for event in service.events.iter().take(12) {
        lines.push(Line::from(vec![
            faint(format!("{:>4} ", ctx.age(Some(event.at)))),
            Span::raw(event.message.as_str()),
        ]));
    }
    lines
}

/// Who deploys it, and how.
fn controller(service: &Service) -> String {
    let strategy = service.strategy.as_deref().unwrap_or("");
    let mut text = format!("{} {strategy}", service.deployed_by().name());
    if service.is_daemon() {
        text.push_str(" as a daemon: one task on each instance");
    }
    text
}

/// On what its tasks run.
fn runs_on(service: &Service) -> String {
    let mut text = service.runs_on();
    if service.uses_spot() {
        text.push_str(" (Spot: stopped at two minutes' notice)");
    } else if !service.is_fargate() {
        text.push_str(" (room on the instances: not read)");
    }
    text
}

/// The name in a secret's ARN: `arn:...:secret:NAME-suffix:key::` -> `NAME-suffix`.
fn secret_name(arn: &str) -> &str {
    match arn.split_once(":secret:") {
        Some((_, rest)) => rest.split(':').next().unwrap_or(rest),
        None => partybox_core::domain::short(arn),
    }
}
