//! Everything of what is selected, in full words and absolute times.

use super::context::{Ctx, fact, faint, strong};
use super::widgets::panel::Panel;
use super::{database, drill, format, images, levels, network, rollout, services, traffic, zones};
use chrono::{DateTime, Utc};
use partybox_core::app::{ChainItem, Pane, View};
use partybox_core::diagnosis::zone_letter;
use partybox_core::domain::{CircuitBreaker, Level, Scan, ServiceNode, TaskRow, severity_level};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

/// Draws the details of the selected row, from a line on.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, scroll: u16) {
    let (title, lines) = content(ctx);
    text_panel(
        buf,
        area,
        ctx,
        Panel::new("details").and(title).focused(true).key("esc", "close"),
        lines,
        scroll,
    );
}

/// Draws the details of the selected row beside the lists.
pub(super) fn beside(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let (title, lines) = content(ctx);
    text_panel(buf, area, ctx, Panel::new("selected").and(title), lines, 0);
}

fn text_panel(
    buf: &mut Buffer,
    area: Rect,
    ctx: &Ctx<'_>,
    panel: Panel<'_>,
    lines: Vec<Line<'_>>,
    scroll: u16,
) {
    let inner = panel.draw(buf, area, ctx);
    let most = format::cells(lines.len()).saturating_sub(1);
    let lines: Vec<Line<'_>> = lines.into_iter().map(format::breakable).collect();
    Paragraph::new(lines).wrap(Wrap { trim: false }).scroll((scroll.min(most), 0)).render(inner, buf);
}

fn content<'a>(ctx: &Ctx<'a>) -> (Span<'a>, Vec<Line<'a>>) {
    let state = ctx.state;
    let lists = &state.screen.rows;
    let nothing = || (faint("nothing selected"), Vec::new());
    match (state.screen.view, state.screen.pane) {
        (View::Drill, _) => drill::details(ctx).unwrap_or_else(nothing),
        (View::Zones, Pane::Main) => state
            .selected_zone()
            .map_or_else(nothing, |z| (Span::raw(zone_letter(&z.name)), zones::everything(ctx, z))),
        (View::Zones, Pane::Detail) => {
            let found = state.selected_zone().and_then(|zone| {
                let row = ctx.row(Pane::Detail, lists.parts.len())?;
                Some((zone, zone.parts.get(*lists.parts.get(row)?)?))
            });
            found.map_or_else(nothing, |(zone, part)| {
                (Span::raw(part.kind.name()), zones::part(ctx, zone, part))
            })
        }
        (View::Overview, Pane::Main) => thing(ctx),
        (View::Overview, Pane::Detail) => {
            let entry = ctx
                .row(Pane::Detail, lists.events.len())
                .and_then(|row| state.timeline.entries().get(lists.events[row]));
            entry.map_or_else(nothing, |e| {
                let lines = vec![
                    fact("when", format!("{} ({} ago)", format::moment(e.at), ctx.age(Some(e.at)))),
                    fact("from", e.source.name()),
                    fact("about", e.subject.name()),
                    Line::default(),
                    Line::from(vec![ctx.glyph(e.level), Span::raw(" "), Span::raw(e.text.as_str())]),
                ];
                (Span::raw("event"), lines)
            })
        }
        (View::Services, Pane::Main) => ctx
            .selected_service()
            .map_or_else(nothing, |n| (Span::raw(n.service().name.as_str()), service(ctx, n))),
        (View::Services, Pane::Detail) => {
            let found = ctx.selected_service().and_then(|node| {
                let row = ctx.row(Pane::Detail, lists.tasks.len())?;
                Some((node, node.rows.get(*lists.tasks.get(row)?)?))
            });
            found.map_or_else(nothing, |(node, row)| (Span::raw("task"), task(ctx, node, row)))
        }
        (View::Traffic, Pane::Main) => {
            let found = ctx
                .row(Pane::Main, lists.rules.len())
                .and_then(|row| traffic::rule_at(ctx, lists.rules[row]));
            found.map_or_else(nothing, |(listener, r)| (Span::raw("rule"), rule(ctx, listener.port, r)))
        }
        (View::Traffic, Pane::Detail) => target(ctx).unwrap_or_else(nothing),
        (View::Database, Pane::Main) => ctx
            .selected_database()
            .map_or_else(nothing, |d| (Span::raw(d.id.as_str()), database::everything(ctx, d))),
        (View::Database, Pane::Detail) => {
            let event = ctx
                .row(Pane::Detail, lists.db_events.len())
                .and_then(|row| state.account.store.db_events().get(lists.db_events[row]));
            event.map_or_else(nothing, |e| {
                let lines = vec![
                    fact("when", format!("{} ({} ago)", format::moment(e.at), ctx.age(Some(e.at)))),
                    fact("database", e.source.as_str()),
                    fact("categories", e.categories.join(", ")),
                    Line::default(),
                    Line::from(e.message.as_str()),
                ];
                (Span::raw("RDS event"), lines)
            })
        }
        (View::Images, Pane::Main) => image(ctx).unwrap_or_else(nothing),
        (View::Images, Pane::Detail) => vulnerability(ctx).unwrap_or_else(nothing),
        (View::Network, Pane::Main) => subnet(ctx).unwrap_or_else(nothing),
        (View::Network, Pane::Detail) => group(ctx).unwrap_or_else(nothing),
    }
}

fn thing<'a>(ctx: &Ctx<'a>) -> (Span<'a>, Vec<Line<'a>>) {
    let party_box = &ctx.state.account.party_box;
    let found = match ctx.thing() {
        Some(ChainItem::Balancer(i)) => {
            party_box.balancers.get(*i).map(|b| (Span::raw(b.name.as_str()), traffic::everything(ctx, b)))
        }
        Some(ChainItem::Service(i)) => {
            party_box.services.get(*i).map(|n| (Span::raw(n.service().name.as_str()), service(ctx, n)))
        }
        Some(ChainItem::Database(i)) => {
            party_box.databases.get(*i).map(|d| (Span::raw(d.id.as_str()), database::everything(ctx, d)))
        }
        None => None,
    };
    found.unwrap_or_else(|| (faint("nothing"), vec![Line::from(faint("nothing is selected yet"))]))
}

/// Facts of a service: what it may do, where it runs, what it is given.
fn service<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode) -> Vec<Line<'a>> {
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
        fact("scaling", services::scaling(node)),
        fact("paths", traffic::paths(ctx, &service.name)),
        fact("controller", format!("{} {}", service.controller, service.strategy.as_deref().unwrap_or(""))),
        fact(
            "bounds",
            format!(
                "{} healthy at least, {} at most",
                percent(service.min_healthy_percent),
                percent(service.max_percent)
            ),
        ),
        match service.circuit_breaker {
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
            lines.push(Line::from(vec![faint("container "), strong(container.name.as_str())]));
            lines.push(Line::from(vec![Span::raw("  "), Span::raw(container.image.as_str())]));
            for (name, from) in &container.secrets {
                lines.push(Line::from(vec![
                    faint("  secret "),
                    Span::raw(format!("{name} from {}", last(from))),
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
    lines.push(fact("subnets", service.subnets.join(" ")));
    lines.push(fact("groups", service.security_groups.join(" ")));
    if let Some(created) = service.created_at {
        lines.push(fact("created", moment(ctx, created)));
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

/// The name in a secret's ARN: `arn:...:secret:NAME-suffix:key::` -> `NAME-suffix`.
fn last(arn: &str) -> &str {
    match arn.split_once(":secret:") {
        Some((_, rest)) => rest.split(':').next().unwrap_or(rest),
        None => partybox_core::domain::short(arn),
    }
}

fn moment(ctx: &Ctx<'_>, at: DateTime<Utc>) -> String {
    format!("{} ({} ago)", format::moment(at), ctx.age(Some(at)))
}

fn task<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode, row: &'a TaskRow) -> Vec<Line<'a>> {
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
    match &row.target {
        Some(target) => {
            let level = target.level();
            lines.push(fact("target", ctx.badge(level, &target.state)));
            if let Some(reason) = &target.reason {
                lines.push(fact("", reason.as_str()));
            }
            if let Some(text) = &target.description {
                lines.push(fact("", text.as_str()));
            }
        }
        None => lines.push(fact("target", faint("not registered"))),
    }
    lines.push(fact("health", format!("{} (container check)", task.health.to_lowercase())));
    lines.push(fact(
        "address",
        format!("{} in {}", task.ip.as_deref().unwrap_or("-"), task.zone.as_deref().unwrap_or("-")),
    ));
    lines.push(fact("subnet", task.subnet.as_deref().unwrap_or("-")));
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
            lines.push(fact(label, moment(ctx, at)));
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

fn rule<'a>(ctx: &Ctx<'a>, port: u32, rule: &'a partybox_core::domain::Rule) -> Vec<Line<'a>> {
    let (then, healthy) = traffic::action(ctx, rule);
    let mut spans = vec![faint(format!("{:<12} ", "then"))];
    spans.extend(then);
    vec![
        fact("listener", format!(":{port}")),
        fact("priority", rule.priority.map_or_else(|| "default".to_owned(), |p| p.to_string())),
        fact("when", traffic::when(rule)),
        Line::from(spans),
        fact("healthy", healthy),
        fact("arn", rule.arn.as_str()),
    ]
}

type Content<'a> = (Span<'a>, Vec<Line<'a>>);

fn target<'a>(ctx: &Ctx<'a>) -> Option<Content<'a>> {
    let list = &ctx.state.screen.rows.targets;
    let (group, target) = *list.get(ctx.row(Pane::Detail, list.len())?)?;
    let node = ctx.state.account.party_box.groups.get(group)?;
    let target = node.targets.get(target)?;
    let level = target.level();
    let lines = vec![
        Line::from(ctx.badge(level, &target.state)),
        fact("target", format!("{}:{}", target.id, target.port)),
        fact("zone", target.zone.as_deref().unwrap_or("-")),
        fact("reason", target.reason.as_deref().unwrap_or("-")),
        fact("description", target.description.as_deref().unwrap_or("-")),
        Line::default(),
        fact("group", node.group.name.as_str()),
        fact("service", node.service.as_deref().unwrap_or("-")),
        fact("check", traffic::check(node)),
        fact("good codes", node.group.matcher.as_deref().unwrap_or("-")),
        fact("arn", node.group.arn.as_str()),
    ];
    Some((Span::raw("target"), lines))
}

fn image<'a>(ctx: &Ctx<'a>) -> Option<Content<'a>> {
    let node = images::selected(ctx)?;
    let (level, word) = levels::scan(node.scan.as_ref());
    let mut lines = vec![
        fact("scan", ctx.badge(level, &word)),
        fact("digest", node.id.digest.as_str()),
        fact("registry", node.id.registry.as_str()),
        fact("runs in", images::used_by(node)),
    ];
    if let Some(Scan::Done { counts, at, status, .. }) = &node.scan {
        let text = counts.iter().map(|(k, n)| format!("{n} {}", k.to_lowercase())).collect::<Vec<_>>();
        lines.push(fact("found", if text.is_empty() { "nothing".to_owned() } else { text.join(", ") }));
        lines.push(fact("status", status.as_str()));
        if let Some(at) = at {
            lines.push(fact("scanned", moment(ctx, *at)));
        }
    }
    if let Some(repository) =
        ctx.state.account.store.repositories().iter().find(|r| r.name == node.id.repository)
    {
        lines.push(Line::default());
        lines.extend(images::facts(ctx, repository, ctx.state.account.store.image(&node.id)));
    }
    Some((Span::raw(node.id.repository.as_str()), lines))
}

fn vulnerability<'a>(ctx: &Ctx<'a>) -> Option<Content<'a>> {
    let list = &ctx.state.screen.rows.vulnerabilities;
    let node = images::selected(ctx)?;
    let Some(Scan::Done { findings, .. }) = &node.scan else { return None };
    let finding = findings.get(*list.get(ctx.row(Pane::Detail, list.len())?)?)?;
    let level = severity_level(&finding.severity);
    let lines = vec![
        Line::from(ctx.badge(level, &finding.severity.to_lowercase())),
        fact("name", finding.name.as_str()),
        fact("package", finding.package.as_deref().unwrap_or("-")),
        fact("in image", format!("{} {}", node.id.repository, node.tag.as_deref().unwrap_or("-"))),
        fact("runs in", images::used_by(node)),
        fact("read on", finding.uri.as_deref().unwrap_or("-")),
    ];
    Some((Span::raw(finding.name.as_str()), lines))
}

fn subnet<'a>(ctx: &Ctx<'a>) -> Option<Content<'a>> {
    let list = &ctx.state.screen.rows.subnets;
    let network = ctx.state.account.store.network()?;
    let subnet = network.subnets.get(*list.get(ctx.row(Pane::Main, list.len())?)?)?;
    let mut lines = vec![
        fact("id", subnet.id.as_str()),
        fact("name", subnet.name.as_deref().unwrap_or("-")),
        fact("zone", subnet.zone.as_str()),
        fact("cidr", subnet.cidr.as_str()),
        fact("free", format!("{} addresses", subnet.free_addresses)),
    ];
    if let Some(table) = network.route_table(&subnet.id) {
        let main = if table.main { " (the VPC's main one)" } else { "" };
        lines.push(fact("route table", format!("{}{main}", table.id)));
        for route in &table.routes {
            let level = route.level();
            lines.push(Line::from(vec![
                Span::raw(format!("  {:<18} → {}  ", route.destination, route.target)),
                ctx.badge(level, &route.state),
            ]));
        }
    }
    Some((Span::raw("subnet"), lines))
}

fn group<'a>(ctx: &Ctx<'a>) -> Option<Content<'a>> {
    let list = &ctx.state.screen.rows.group_rules;
    let vpc = ctx.state.account.store.network()?;
    let (index, _) = *list.get(ctx.row(Pane::Detail, list.len())?)?;
    let group = vpc.security_groups.get(index)?;
    let tier = network::tier(ctx, group);
    let mut lines = vec![
        fact("id", group.id.as_str()),
        fact("name", group.name.as_str()),
        fact("protects", network::protects(tier)),
        fact("says", group.description.as_str()),
        Line::default(),
    ];
    for rule in &group.inbound {
        let (level, text) = network::verdict(ctx, tier, rule);
        let source = network::source(&vpc.security_groups, &rule.source);
        lines.push(Line::from(format!("{} from {source}", partybox_core::diagnosis::format_ports(rule))));
        lines.push(Line::from(vec![Span::raw("  "), ctx.badge(level, &text)]));
    }
    Some((Span::raw("security group"), lines))
}
