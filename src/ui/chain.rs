//! The chain as a picture, left to right: internet -> ALB -> services -> database; or in two lines of text.
//!
//! ```text
//!               ╭ party-box-alb ● active ╮     ╭ frontend ● steady ────── /* ╮     ╭ party-box-db ● available ╮
//!  internet ─▶  │ requests per minute    │ ─┬▶ ├─────────────────────────────┤  ┌▶ ├──────────────────────────┤
//!               ╰────────────────────────╯  ╰▶ │ backend                     │ ─╯  │ replica                  │
//! ```

use super::context::{Ctx, balancer_subject, faint, strong};
use super::theme::Theme;
use super::widgets::{bar, sparkline, table};
use super::{database, format, levels, metric, services, traffic};
use crate::app::Thing;
use crate::domain::{Database, Level, LoadBalancer, MetricKind, PartyBox, ServiceNode, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

/// Rows of the chain in text.
pub(super) const LINES: u16 = 2;
/// Rows of a box with its border.
const BOX: u16 = 5;
/// Columns of "internet -> ".
const INTERNET: u16 = 9;
/// Columns between two boxes.
const GAP: u16 = 5;

/// Rows that the picture wants, of those there are.
pub(super) fn height(ctx: &Ctx<'_>, room: u16) -> u16 {
    let party_box = &ctx.state.party_box;
    let boxes = party_box.services.len().max(party_box.databases.len()).clamp(2, 3);
    let most = if room >= 44 { 3 } else { 2 };
    BOX * format::cells(boxes).min(most)
}

/// Draws the picture.
pub(super) fn picture(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let party_box = &ctx.state.party_box;
    let free = area.width.saturating_sub(INTERNET + 2 * GAP);
    let widths = [free * 27 / 100, free * 38 / 100, free - free * 27 / 100 - free * 38 / 100];
    let alb = Rect { x: area.x + INTERNET, width: widths[0], ..area };
    let middle = Rect { x: alb.right() + GAP, width: widths[1], ..area };
    let right = Rect { x: middle.right() + GAP, width: widths[2], ..area };
    let fit = usize::from(area.height / BOX);
    balancers(buf, alb, ctx);
    let door = alb.y + alb.height / 2;
    if door > area.y {
        buf.set_line(area.x, door - 1, &Line::from(strong("internet")), INTERNET);
    }
    buf.set_line(area.x, door, &Line::from(faint("──443──▶")), INTERNET);
    let doors = if party_box.services.len() <= fit {
        stack(middle, party_box.services.len())
            .zip(&party_box.services)
            .enumerate()
            .map(|(i, (rect, node))| {
                service(buf, rect, ctx, node, ctx.thing() == Some(&Thing::Service(i)));
                (rect.y + BOX / 2, cut_off(node), reaches(ctx, node))
            })
            .collect()
    } else {
        many(buf, middle, ctx);
        vec![(middle.y + middle.height / 2, false, true)]
    };
    if party_box.services.is_empty() {
        let (level, text) = ctx.fresh(&[Topic::Services]).placeholder("no services in this cluster");
        hollow(buf, middle, ctx, "services", level, &text);
    }
    let shown = party_box.databases.len().min(fit);
    for (i, (rect, db)) in stack(right, shown).zip(&party_box.databases).enumerate() {
        database_box(buf, rect, ctx, db, ctx.thing() == Some(&Thing::Database(i)));
    }
    if party_box.databases.is_empty() {
        let (level, text) = ctx.fresh(&[Topic::Databases]).placeholder("no database admits the services");
        hollow(buf, right, ctx, "database", level, &text);
    }
    if !doors.is_empty() {
        wires(buf, alb.right(), door, &doors, ctx);
    }
    if !party_box.databases.is_empty() {
        let from: Vec<u16> = doors.iter().filter(|d| d.2).map(|d| d.0).collect();
        let to = right.y + BOX / 2;
        gather(buf, middle.right(), &from, to);
        buf.set_line(middle.right() + 1, to - 1, &Line::from(faint(port(party_box))), 4);
    }
}

/// The port on which the services reach the first database.
fn port(party_box: &PartyBox) -> String {
    party_box.databases.iter().find_map(|d| d.port).map_or_else(String::new, |port| port.to_string())
}

/// As many boxes as asked for, from the top.
fn stack(area: Rect, boxes: usize) -> impl Iterator<Item = Rect> {
    (0..format::cells(boxes)).map(move |i| Rect { y: area.y + i * BOX, height: BOX.min(area.height), ..area })
}

/// A box with its title and state in the border.
fn frame(buf: &mut Buffer, area: Rect, title: Line<'_>, corner: Line<'_>, selected: bool) -> Rect {
    let style = if selected { Theme::strong() } else { Theme::faint() };
    let kind = if selected { BorderType::Thick } else { BorderType::Rounded };
    let corner = table::shorten(corner, area.width.saturating_sub(2));
    let block = Block::bordered()
        .border_type(kind)
        .border_style(style)
        .title_top(table::shorten(title, area.width.saturating_sub(2)))
        .title_bottom(corner.right_aligned());
    let inner = block.inner(area);
    block.render(area, buf);
    inner
}

fn hollow(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, name: &str, level: Level, text: &str) {
    let inner = frame(buf, area, Line::from(format!(" {name} ")), Line::default(), false);
    put(buf, inner, [Line::from(ctx.tinted(level, text.to_owned()))]);
}

/// A box's title: name and state; the name is reversed when the box is selected.
fn title<'a>(ctx: &Ctx<'a>, name: &'a str, level: Level, word: &str, selected: bool) -> Line<'a> {
    let name = if selected {
        Span::styled(format!(" {name} "), Theme::selected(ctx.focused(crate::app::Pane::Main)))
    } else {
        strong(format!(" {name} "))
    };
    Line::from(vec![name, ctx.badge(level, word), Span::raw(" ")])
}

/// What stands in a box's lower border: how old its content is when it is old, else a word of its own.
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
    super::widgets::panel::lines(buf, area, lines);
}

/// `label   1,240/m ▂▃▄▅` for the narrow room of a box.
fn gauge<'a>(ctx: &Ctx<'a>, label: &str, kind: MetricKind, subject: &str, room: u16) -> Line<'a> {
    let series = ctx.series(kind, subject);
    let value = metric::newest(kind, series);
    let spark = sparkline::text(series, room.saturating_sub(17), metric::top(kind));
    let old = series.is_none() || ctx.fresh(&[Topic::Metrics]).dims();
    let value = format!("{value:>8}");
    let value = if old { faint(value) } else { Span::raw(value) };
    Line::from(vec![faint(format!("{label:<7} ")), value, faint(format!(" {spark}"))])
}

fn balancers(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let all = &ctx.state.party_box.balancers;
    let index = match ctx.thing() {
        Some(Thing::Balancer(i)) => *i,
        _ => 0,
    };
    let selected = matches!(ctx.thing(), Some(Thing::Balancer(_)));
    let Some(balancer) = all.get(index) else {
        let (level, text) = ctx.fresh(&[Topic::LoadBalancers]).placeholder("no load balancer leads here");
        hollow(buf, area, ctx, "ALB", level, &text);
        return;
    };
    let (level, word) = levels::balancer(balancer);
    let own = if all.len() > 1 { format!(" {} of {} ", index + 1, all.len()) } else { String::new() };
    let (corner, stale) = corner(ctx, &[Topic::LoadBalancers], own);
    let name = title(ctx, &balancer.name, level, word, selected);
    let inner = frame(buf, area, name, corner, selected);
    let room = inner.width.saturating_sub(2);
    let subject = balancer_subject(&balancer.arn);
    let mut lines = vec![listens(ctx, balancer), certificate(ctx, balancer)];
    for (label, kind) in [
        ("req", MetricKind::AlbRequests),
        ("p50", MetricKind::AlbLatencyP50),
        ("p99", MetricKind::AlbLatencyP99),
        ("5xx app", MetricKind::AlbTarget5xx),
        ("5xx alb", MetricKind::AlbElb5xx),
        ("conn", MetricKind::AlbConnections),
    ] {
        lines.push(gauge(ctx, label, kind, subject, room));
    }
    put(buf, inner, lines);
    if stale {
        super::widgets::panel::dim(buf, inner);
    }
}

fn listens<'a>(ctx: &Ctx<'a>, balancer: &'a LoadBalancer) -> Line<'a> {
    let listeners = ctx.state.store.listeners(&balancer.arn).unwrap_or_default();
    let ports = listeners.iter().map(|l| format!(":{}", l.port)).collect::<Vec<_>>().join(" ");
    let zones = balancer.zones.iter().map(|(z, _)| format::zone(z)).collect::<Vec<_>>().join(" ");
    Line::from(vec![Span::raw(ports), faint("  zones "), Span::raw(zones)])
}

fn certificate<'a>(ctx: &Ctx<'a>, balancer: &LoadBalancer) -> Line<'a> {
    let listeners = ctx.state.store.listeners(&balancer.arn).unwrap_or_default();
    let worst = ctx
        .state
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

fn service<'a>(buf: &mut Buffer, area: Rect, ctx: &Ctx<'a>, node: &'a ServiceNode, selected: bool) {
    let service = node.service();
    let (level, word) = levels::service(node);
    let name = title(ctx, &service.name, level, word, selected);
    let mut paths = traffic::paths(ctx, &service.name);
    if !paths.is_empty() {
        paths = format!(" {paths} ");
    }
    let mut topics = vec![Topic::Services];
    topics.extend(service.target_links.iter().map(|l| Topic::TargetHealth(l.target_group_arn.clone())));
    let (corner, stale) = corner(ctx, &topics, paths);
    let inner = frame(buf, area, name, corner, selected);
    let room = inner.width.saturating_sub(2);
    let mut tasks = bar::tasks(ctx, &node.counts, service.desired, room.saturating_sub(24));
    let used: u16 = tasks.iter().map(|s| format::cells(s.width())).sum();
    let counts = format!("{}/{} run  ", service.running, service.desired);
    let healthy = services::healthy(ctx, node);
    let taken = used + format::width(&counts) + format::cells(healthy.width()) + 8;
    tasks.push(Span::raw(" ".repeat(usize::from(room.saturating_sub(taken)))));
    tasks.extend([Span::raw(counts), healthy, faint(" healthy")]);
    let spark = room.saturating_sub(26) / 2;
    let cpu = ctx.service_series(MetricKind::ServiceCpu, &service.name);
    let memory = ctx.service_series(MetricKind::ServiceMemory, &service.name);
    let mut load = metric::short("cpu", MetricKind::ServiceCpu, cpu, spark);
    load.push(Span::raw("  "));
    load.extend(metric::short("mem", MetricKind::ServiceMemory, memory, spark));
    put(buf, inner, [Line::from(tasks), Line::from(load), placement(node)]);
    if stale {
        super::widgets::panel::dim(buf, inner);
    }
}

/// Where the tasks run and what: `1a 1 · 1c 1   backend:41 v1.4.2`.
fn placement(node: &ServiceNode) -> Line<'_> {
    let service = node.service();
    let mut spans = Vec::new();
    for (zone, n) in &node.zones {
        spans.push(faint(format!("{} ", format::zone(zone))));
        spans.push(Span::raw(format!("{n}  ")));
    }
    if node.zones.is_empty() {
        spans.push(faint("no zones yet  "));
    }
    let newest = service.primary().and_then(|d| node.by_deployment.get(&d.id)).unwrap_or(&node.counts);
    spans.push(faint(format::revision(&service.task_definition)));
    if let Some(tag) = &newest.tag {
        spans.push(Span::raw(format!(" {tag}")));
    }
    Line::from(spans)
}

/// Services in one line each, around the selected one, where boxes would not fit.
fn many(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let all = &ctx.state.party_box.services;
    let selected = match ctx.thing() {
        Some(Thing::Service(i)) => Some(*i),
        _ => None,
    };
    let heading = Line::from(strong(format!(" {} services ", all.len())));
    let inner = frame(buf, area, heading, Line::default(), selected.is_some());
    let room = usize::from(inner.height);
    let first = table::offset(selected.unwrap_or(0), room, all.len());
    let lines = all.iter().enumerate().skip(first).take(room).map(|(i, node)| {
        let mut line = brief(ctx, node);
        if selected == Some(i) {
            line = line.patch_style(Theme::selected(ctx.focused(crate::app::Pane::Main)));
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

fn database_box(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, db: &Database, selected: bool) {
    let (level, word) = levels::database(db);
    let name = title(ctx, &db.id, level, word, selected);
    let (corner, stale) = corner(ctx, &[Topic::Databases], format!(" {} ", db.role()));
    let inner = frame(buf, area, name, corner, selected);
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
        super::widgets::panel::dim(buf, inner);
    }
}

/// Whether a service uses the database: it is given secrets or variables for one. Unknown counts as yes.
fn reaches(ctx: &Ctx<'_>, node: &ServiceNode) -> bool {
    let Some(definition) = ctx.state.store.task_definition(&node.service().task_definition) else {
        return true;
    };
    let about = |name: &str| {
        let name = name.to_ascii_uppercase();
        name.contains("DATABASE")
            || name.starts_with("DB_")
            || name.starts_with("PG")
            || name.contains("POSTGRES")
    };
    definition
        .containers
        .iter()
        .any(|c| c.environment_names.iter().any(|n| about(n)) || c.secrets.iter().any(|(n, _)| about(n)))
}

/// Whether the load balancer has no healthy target of a service that should have some.
fn cut_off(node: &ServiceNode) -> bool {
    node.targets_known
        && !node.service().target_links.is_empty()
        && node.service().desired > 0
        && node.healthy == 0
}

/// One line in from the ALB, one out to each service; red where nothing healthy stands at the end.
fn wires(buf: &mut Buffer, x: u16, door: u16, to: &[(u16, bool, bool)], ctx: &Ctx<'_>) {
    let ends: Vec<u16> = to.iter().map(|t| t.0).collect();
    buf.set_line(x, door, &Line::from(faint("─")), 1);
    trunk(buf, x + 1, &[door], &ends);
    for (y, cut_off, _) in to {
        let arrow = if *cut_off { ctx.tinted(Level::Bad, "─✖▶") } else { faint("──▶") };
        buf.set_line(x + 2, *y, &Line::from(arrow), 3);
    }
}

/// The other way round: from several services to one database.
fn gather(buf: &mut Buffer, x: u16, from: &[u16], to: u16) {
    for y in from {
        buf.set_line(x, *y, &Line::from(faint("─")), 1);
    }
    if !from.is_empty() {
        trunk(buf, x + 1, from, &[to]);
        buf.set_line(x + 2, to, &Line::from(faint("──▶")), 3);
    }
}

/// The vertical part with its joints, in one column.
fn trunk(buf: &mut Buffer, x: u16, inlets: &[u16], outlets: &[u16]) {
    let all = || inlets.iter().chain(outlets);
    let (Some(top), Some(bottom)) = (all().min(), all().max()) else { return };
    for y in *top..=*bottom {
        joint(buf, x, y, inlets, outlets);
    }
}

/// One cell of a trunk: which of its four sides are connected.
fn joint(buf: &mut Buffer, x: u16, y: u16, inlets: &[u16], outlets: &[u16]) {
    let all = || inlets.iter().chain(outlets);
    let up = all().any(|other| *other < y);
    let down = all().any(|other| *other > y);
    let glyph = match (inlets.contains(&y), outlets.contains(&y), up, down) {
        (true, true, true, true) => "┼",
        (true, true, true, false) => "┴",
        (true, true, false, true) => "┬",
        (true, true, false, false) => "─",
        (true, false, true, true) => "┤",
        (true, false, true, false) => "╯",
        (true, false, false, _) => "╮",
        (false, true, true, true) => "├",
        (false, true, true, false) => "╰",
        (false, true, false, _) => "╭",
        (false, false, _, _) => "│",
    };
    buf.set_line(x, y, &Line::from(faint(glyph)), 1);
}

/// Draws the chain in two lines: who and how, then the numbers.
pub(super) fn lines(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let party_box = &ctx.state.party_box;
    let mut first = vec![faint("443▶ ")];
    let focused = ctx.focused(crate::app::Pane::Main);
    let mark = |spans: Vec<Span<'static>>, thing: &Thing| -> Vec<Span<'static>> {
        if ctx.thing() == Some(thing) {
            let selected = Theme::selected(focused);
            spans.into_iter().map(|s| s.patch_style(selected)).collect()
        } else {
            spans
        }
    };
    match party_box.balancers.first() {
        Some(balancer) => {
            let glyph = owned(ctx, levels::balancer(balancer).0);
            first.extend(mark(vec![glyph, Span::raw(" ALB")], &Thing::Balancer(0)));
        }
        None => first.push(faint("ALB ?")),
    }
    first.push(faint(" ─▶ "));
    let room = usize::from(area.width / 34).max(2);
    let start = match ctx.thing() {
        Some(Thing::Service(i)) => table::offset(*i, room, party_box.services.len()),
        _ => 0,
    };
    for (i, node) in party_box.services.iter().enumerate().skip(start).take(room) {
        let name = format::fit(&node.service().name, 12);
        let text = format!(" {name} {}/{}", node.healthy, node.registered);
        first.extend(mark(vec![owned(ctx, levels::service(node).0), Span::raw(text)], &Thing::Service(i)));
        first.push(Span::raw(" "));
    }
    if party_box.services.len() > room {
        first.push(faint(format!("+{} ", party_box.services.len() - room)));
    }
    first.push(faint("─▶ "));
    for (i, db) in party_box.databases.iter().enumerate() {
        let zone = |z: &Option<String>| z.as_deref().map_or("?", format::zone).to_owned();
        let zones = match &db.secondary_zone {
            Some(_) => format!("{}+{}", zone(&db.zone), zone(&db.secondary_zone)),
            None => zone(&db.zone),
        };
        let name = if i == 0 { db.id.as_str() } else { db.role() };
        let spans = vec![owned(ctx, levels::database(db).0), Span::raw(format!(" {name} {zones}"))];
        first.extend(mark(spans, &Thing::Database(i)));
        first.push(Span::raw(" "));
    }
    if party_box.databases.is_empty() {
        first.push(faint("database ?"));
    }
    let rows = [Line::from(first), numbers(ctx)];
    super::widgets::panel::lines(buf, area, rows);
    if ctx.fresh(&[Topic::Services, Topic::Databases]).dims() {
        super::widgets::panel::dim(buf, area);
    }
}

fn owned(ctx: &Ctx<'_>, level: Level) -> Span<'static> {
    Span::styled(Theme::glyph(level), ctx.theme.level(level))
}

fn numbers<'a>(ctx: &Ctx<'a>) -> Line<'a> {
    let party_box = &ctx.state.party_box;
    let mut spans = Vec::new();
    if let Some(balancer) = party_box.balancers.first() {
        let subject = balancer_subject(&balancer.arn);
        for (label, kind, spark) in [
            ("req", MetricKind::AlbRequests, 8),
            ("p99", MetricKind::AlbLatencyP99, 6),
            ("5xx", MetricKind::AlbTarget5xx, 4),
        ] {
            spans.extend(metric::short(label, kind, ctx.series(kind, subject), spark));
            spans.push(Span::raw("  "));
        }
    }
    if let Some(db) = party_box.databases.first() {
        let cpu = ctx.series(MetricKind::DbCpu, db.id.as_str());
        spans.extend(metric::short("db cpu", MetricKind::DbCpu, cpu, 4));
        spans.push(Span::raw("  "));
        let connections = ctx.series(MetricKind::DbConnections, db.id.as_str());
        spans.extend(metric::short("conn", MetricKind::DbConnections, connections, 0));
    }
    Line::from(spans)
}
