//! The boxes of the picture.

use crate::context::{Ctx, faint, strong};
use crate::theme::{CALM, Theme};
use crate::widgets::{bar, panel, table};
use crate::{database, format, levels, metric, services, traffic};
use partybox_core::app::{ChainItem, Pane, WatchedValue};
use partybox_core::diagnosis::{balancer_dimension, zone_letter};
use partybox_core::domain::{Database, Level, LoadBalancer, MetricKind, ServiceNode, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

/// A box with its title and state in the border.
fn frame(buf: &mut Buffer, area: Rect, title: Line<'_>, corner: Line<'_>) -> Rect {
    let corner = table::shorten(corner, area.width.saturating_sub(2));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(Theme::faint())
        .title_style(Theme::plain())
        .title_top(table::shorten(title, area.width.saturating_sub(2)))
        .title_bottom(corner.right_aligned());
    let inner = block.inner(area);
    block.render(area, buf);
    inner
}

pub(super) fn hollow(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, name: &str, level: Level, text: &str) {
    let inner = frame(buf, area, Line::from(format!(" {name} ")), Line::default());
    put(buf, inner, [Line::from(ctx.tinted(level, text.to_owned()))]);
}

/// A box's title: name and state. The name alone marks the selected box, reversed where the keys act, else
/// with a bar before it, as a move of the selection rewrites every cell of a mark.
fn title<'a>(ctx: &Ctx<'a>, name: &'a str, state: Span<'a>, selected: bool) -> Line<'a> {
    let name = match selected {
        true if ctx.focused(Pane::Main) => Span::styled(format!(" {name} "), Theme::selected()),
        true => strong(format!("{CALM}{name} ")),
        false => strong(format!(" {name} ")),
    };
    Line::from(vec![name, state, Span::raw(" ")])
}

/// The text in a box's lower border: the age of its content when that is stale, else the word given.
fn corner<'a>(ctx: &Ctx<'a>, topics: &[Topic], own: String) -> (Line<'a>, bool) {
    let fresh = ctx.fresh(topics);
    match fresh.border().filter(|_| fresh.dims()) {
        Some((level, text)) => {
            (Line::from(ctx.tinted(level, format!(" {} {text} ", Theme::glyph(level)))), true)
        }
        None => (Line::from(faint(own)), false),
    }
}

fn put<'a>(buf: &mut Buffer, area: Rect, lines: impl IntoIterator<Item = Line<'a>>) {
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    panel::lines(buf, area, lines);
}

/// `label   1,240/m ▂▃▄▅` for the narrow room of a box; an old number has its age in the sparkline's place.
fn gauge<'a>(ctx: &Ctx<'a>, label: &str, kind: MetricKind, subject: &str, room: u16) -> Line<'a> {
    let series = ctx.series(kind, subject);
    let mut value = metric::number(kind, series, 8);
    if ctx.fresh(&[Topic::Metrics]).dims() {
        value = faint(value.content);
    }
    let tail = metric::beside(kind, series, room.saturating_sub(17));
    Line::from(vec![faint(format!("{label:<7} ")), value, faint(format!(" {tail}"))])
}

pub(super) fn balancers(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let all = &ctx.state.account.party_box.balancers;
    let index = match ctx.thing() {
        Some(ChainItem::Balancer(i)) => *i,
        _ => 0,
    };
    let selected = matches!(ctx.thing(), Some(ChainItem::Balancer(_)));
    let Some(balancer) = all.get(index) else {
        let (level, text) = ctx.fresh(&[Topic::LoadBalancers]).placeholder("no load balancer leads here");
        hollow(buf, area, ctx, "ALB", level, &text);
        return;
    };
    let (level, word) = levels::balancer(balancer);
    let own = if all.len() > 1 { format!(" {} of {} ", index + 1, all.len()) } else { String::new() };
    let (corner, stale) = corner(ctx, &[Topic::LoadBalancers], own);
    let name = title(ctx, &balancer.name, ctx.badge(level, word), selected);
    let inner = frame(buf, area, name, corner);
    let room = inner.width.saturating_sub(2);
    let subject = balancer_dimension(&balancer.arn);
    let mut lines = vec![listens(ctx, balancer), certificate(ctx, balancer)];
    if balancer.is_application() {
        let gauges = [
            ("req", MetricKind::AlbRequests),
            ("p50", MetricKind::AlbLatencyP50),
            ("p99", MetricKind::AlbLatencyP99),
            ("5xx app", MetricKind::AlbTarget5xx),
            ("5xx alb", MetricKind::AlbElb5xx),
            ("conn", MetricKind::AlbConnections),
        ];
        lines.extend(gauges.map(|(label, kind)| gauge(ctx, label, kind, subject, room)));
    } else {
        lines.push(Line::from(faint(format!("{}: metrics not read", balancer.short_kind()))));
    }
    put(buf, inner, lines);
    if stale {
        panel::dim(buf, inner);
    }
}

fn listens<'a>(ctx: &Ctx<'a>, balancer: &'a LoadBalancer) -> Line<'a> {
    let listeners = ctx.state.account.store.listeners(&balancer.arn).unwrap_or_default();
    let ports = listeners.iter().map(|l| format!(":{}", l.port)).collect::<Vec<_>>().join(" ");
    let zones = balancer.zones.iter().map(|(z, _)| zone_letter(z)).collect::<Vec<_>>().join(" ");
    Line::from(vec![Span::raw(ports), faint("  zones "), Span::raw(zones)])
}

fn certificate<'a>(ctx: &Ctx<'a>, balancer: &LoadBalancer) -> Line<'a> {
    let listeners = ctx.state.account.store.listeners(&balancer.arn).unwrap_or_default();
    let worst = ctx
        .state
        .account
        .store
        .certificates()
        .iter()
        .filter(|c| listeners.iter().any(|l| l.certificates.contains(&c.arn)))
        .map(|c| levels::certificate(c, ctx.server))
        .max();
    match worst {
        Some((level, word)) => Line::from(vec![faint("cert  "), ctx.badge(level, &word)]),
        None => Line::from(vec![faint("cert  "), faint(format::NO_DATA)]),
    }
}

pub(super) fn service<'a>(
    buf: &mut Buffer,
    area: Rect,
    ctx: &Ctx<'a>,
    node: &'a ServiceNode,
    selected: bool,
) {
    let service = node.service();
    let (level, word) = levels::service(node);
    let badge = ctx.bright(WatchedValue::Rollout, &service.name, ctx.badge(level, word));
    let name = title(ctx, &service.name, badge, selected);
    let mut paths = traffic::paths(ctx, &service.name);
    if !paths.is_empty() {
        paths = format!(" {paths} ");
    }
    let mut topics = vec![Topic::Services];
    topics.extend(service.target_groups().map(|arn| Topic::TargetHealth(arn.to_owned())));
    let (corner, stale) = corner(ctx, &topics, paths);
    let inner = frame(buf, area, name, corner);
    let room = inner.width.saturating_sub(2);
    let mut tasks = bar::tasks(ctx, &node.counts, service.desired, room.saturating_sub(24));
    let used: u16 = tasks.iter().map(|s| format::cells(s.width())).sum();
    let mut counts = services::running(ctx, node);
    counts.extend([Span::raw(" run  "), services::healthy(ctx, node), faint(" healthy")]);
    let taken = used + counts.iter().map(|s| format::cells(s.width())).sum::<u16>();
    tasks.push(Span::raw(" ".repeat(usize::from(room.saturating_sub(taken)))));
    tasks.extend(counts);
    let spark = room.saturating_sub(26) / 2;
    let cpu = ctx.service_series(MetricKind::ServiceCpu, &service.name);
    let memory = ctx.service_series(MetricKind::ServiceMemory, &service.name);
    let mut load = metric::short("cpu", MetricKind::ServiceCpu, cpu, spark);
    load.push(Span::raw("  "));
    load.extend(metric::short("mem", MetricKind::ServiceMemory, memory, spark));
    put(buf, inner, [Line::from(tasks), Line::from(load), placement(node, room)]);
    if stale {
        panel::dim(buf, inner);
    }
}

/// Where the tasks run and what: `1a 1 · 1c 1   backend:41 v1.4.2`.
fn placement(node: &ServiceNode, room: u16) -> Line<'_> {
    let service = node.service();
    let mut spans = Vec::new();
    for (zone, n) in &node.zones {
        spans.push(faint(format!("{} ", zone_letter(zone))));
        spans.push(Span::raw(format!("{n}  ")));
    }
    if node.zones.is_empty() {
        spans.push(faint("no zones yet  "));
    }
    let newest = service.primary().and_then(|d| node.by_deployment.get(&d.id)).unwrap_or(&node.counts);
    let tag = newest.tag.as_ref().map_or_else(String::new, |tag| format!(" {tag}"));
    let taken = spans.iter().map(|s| format::cells(s.width())).sum::<u16>() + format::width(&tag);
    let revision = format::revision(&service.task_definition);
    spans.push(faint(format::fit_end(revision, room.saturating_sub(taken).max(4))));
    spans.push(Span::raw(tag));
    Line::from(spans)
}

/// Services in one line each, around the selected one, where boxes would not fit.
pub(super) fn many(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let all = &ctx.state.account.party_box.services;
    let selected = match ctx.thing() {
        Some(ChainItem::Service(i)) => Some(*i),
        _ => None,
    };
    let heading = Line::from(strong(format!(" {} services ", all.len())));
    let inner = frame(buf, area, heading, Line::default());
    let room = usize::from(inner.height);
    let first = table::offset(selected.unwrap_or(0), room, all.len());
    let lines = all.iter().enumerate().skip(first).take(room).map(|(i, node)| {
        let mut line = brief(ctx, node);
        if selected == Some(i) {
            let focused = ctx.focused(Pane::Main);
            line = line.patch_style(if focused { Theme::selected() } else { Theme::calm() });
        }
        line
    });
    put(buf, inner, lines);
}

/// `● frontend   2/2 run  2/2 ok`.
fn brief<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode) -> Line<'a> {
    let service = node.service();
    let name = format::fit(&service.name, 12);
    let pad = " ".repeat(usize::from(13_u16.saturating_sub(format::width(&name))));
    Line::from(vec![
        ctx.glyph(levels::service(node).0),
        Span::raw(format!(" {name}{pad}{}/{} run  ", service.running, service.desired)),
        services::healthy(ctx, node),
        faint(" ok"),
    ])
}

/// Draws a database.
pub(super) fn database(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, db: &Database, selected: bool) {
    let (level, word) = levels::database(db);
    let badge = ctx.bright(WatchedValue::DbStatus, &db.id, ctx.badge(level, word));
    let name = title(ctx, &db.id, badge, selected);
    let (corner, stale) = corner(ctx, &[Topic::Databases], format!(" {} ", db.role()));
    let inner = frame(buf, area, name, corner);
    let room = inner.width.saturating_sub(2);
    let last = if db.replica_of.is_some() {
        gauge(ctx, "lag", MetricKind::DbReplicaLag, &db.id, room)
    } else {
        gauge(ctx, "conn", MetricKind::DbConnections, &db.id, room)
    };
    let lines =
        [Line::from(database::zones(ctx, db)), gauge(ctx, "cpu", MetricKind::DbCpu, &db.id, room), last];
    put(buf, inner, lines);
    if stale {
        panel::dim(buf, inner);
    }
}
