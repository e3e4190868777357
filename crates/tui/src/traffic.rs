//! Traffic: the load balancer, its rules in the order in which they are tried, the targets behind them.

use super::context::{Ctx, faint, strong};
use super::widgets::list_panel::{Empty, ListPanel};
use super::widgets::panel::{self, Panel};
use super::widgets::table::Column;
use super::{format, levels, metric};
use partybox_core::app::{Pane, RulePosition, WatchedValue};
use partybox_core::diagnosis::{balancer_dimension, zone_letter};
use partybox_core::domain::{
    GroupNode, Level, Listener, LoadBalancer, MetricKind, Rule, RuleAction, TargetHealth, Topic,
};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

const RULES: &[Column] = &[
    Column::new("listener", 10),
    Column::new("prio", 7).right(),
    Column::new("when", 20).grow(2),
    Column::new("then", 24).grow(2),
    Column::new("healthy", 10).right(),
];

const TARGETS: &[Column] = &[
    Column::new("group", 16).grow(1),
    Column::new("target", 16),
    Column::new("zone", 4),
    Column::new("state", 14),
    Column::new("reason", 29).drop(2),
    Column::new("says the load balancer", 20).grow(2).drop(1),
];

const METRICS: [MetricKind; 6] = [
    MetricKind::AlbRequests,
    MetricKind::AlbLatencyP50,
    MetricKind::AlbLatencyP99,
    MetricKind::AlbTarget5xx,
    MetricKind::AlbElb5xx,
    MetricKind::AlbConnections,
];

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    if area.height < super::LIST_ONLY {
        rules_panel(buf, area, ctx);
        return;
    }
    let rules = format::cells(ctx.state.screen.rows.rules.len().max(1)) + 3;
    let top = if area.height >= 24 { 9 } else { 5 };
    let rules = rules.min((area.height.saturating_sub(top)) / 2).max(4);
    let [head, list, targets] =
        Layout::vertical([Constraint::Length(top), Constraint::Length(rules), Constraint::Fill(1)])
            .areas(area);
    balancer_panel(buf, head, ctx);
    rules_panel(buf, list, ctx);
    targets_panel(buf, targets, ctx);
}

/// The balancer of the selected rule, else the first.
fn selected<'a>(ctx: &Ctx<'a>) -> Option<&'a LoadBalancer> {
    let list = &ctx.state.screen.rows.rules;
    let index = ctx.row(Pane::Main, list.len()).map_or(0, |row| list[row].balancer);
    ctx.state.account.party_box.balancers.get(index).or(ctx.state.account.party_box.balancers.first())
}

fn balancer_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let balancer = selected(ctx);
    let fresh = ctx.fresh(&[Topic::LoadBalancers]);
    let [left, right] = if area.width >= 100 {
        Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(area)
    } else {
        Layout::horizontal([Constraint::Percentage(50), Constraint::Percentage(50)]).areas(area)
    };
    let title = balancer.map_or("load balancer", |b| b.name.as_str());
    let inner = Panel::new("alb").and(Span::raw(title)).fresh(&fresh).draw(buf, left, ctx);
    let metrics = ctx.fresh(&[Topic::Metrics]);
    let room = Panel::new("metrics").fresh(&metrics).draw(buf, right, ctx);
    let Some(balancer) = balancer else {
        let (level, text) = fresh.placeholder("no service is registered with a load balancer");
        panel::lines(buf, inner, [Line::from(ctx.tinted(level, text))]);
        return;
    };
    panel::lines(buf, inner, facts(ctx, balancer));
    if fresh.dims() {
        panel::dim(buf, inner);
    }
    let subject = balancer_dimension(&balancer.arn);
    let kinds: &[MetricKind] = if room.height >= 6 {
        &METRICS
    } else {
        &[MetricKind::AlbRequests, MetricKind::AlbLatencyP99, MetricKind::AlbTarget5xx]
    };
    let deploys = ctx.deployments().collect::<Vec<_>>();
    let requests = ctx.series(MetricKind::AlbRequests, subject);
    let marks = metric::marks("▴ deployment", requests, room.width, deploys);
    let lines = kinds.iter().map(|kind| ctx.metric(*kind, subject, room.width));
    panel::lines(buf, room, lines.chain(marks));
    if metrics.dims() {
        panel::dim(buf, room);
    }
}

/// Everything worth knowing of a balancer, the most important first.
pub(super) fn facts<'a>(ctx: &Ctx<'a>, balancer: &'a LoadBalancer) -> Vec<Line<'a>> {
    let (level, word) = levels::balancer(balancer);
    let zones: Vec<&str> = balancer.zones.iter().map(|(z, _)| zone_letter(z)).collect();
    let mut first = vec![
        ctx.badge(level, word),
        Span::raw(format!("  {}", balancer.scheme)),
        faint("  zones "),
        Span::raw(zones.join(" ")),
    ];
    if let Some(reason) = &balancer.state_reason {
        first.push(ctx.tinted(level, format!("  {reason}")));
    }
    let mut lines = vec![Line::from(first)];
    lines.extend(certificates(ctx, balancer));
    for listener in ctx.state.account.store.listeners(&balancer.arn).unwrap_or_default() {
        lines.push(listener_line(listener));
    }
    lines.push(Line::from(vec![faint("dns "), Span::raw(balancer.dns_name.as_str())]));
    lines
}

/// The facts, the rules in order, the targets, the metrics: for the details.
pub(super) fn everything<'a>(ctx: &Ctx<'a>, balancer: &'a LoadBalancer) -> Vec<Line<'a>> {
    let mut lines = facts(ctx, balancer);
    lines.extend([Line::default(), Line::from(strong("rules"))]);
    for listener in ctx.state.account.store.listeners(&balancer.arn).unwrap_or_default() {
        for rule in &listener.rules {
            let (then, healthy) = action(ctx, rule);
            let mut spans =
                vec![faint(format!(":{:<5}", listener.port)), Span::raw(when(rule)), Span::raw("  ")];
            spans.extend(then);
            spans.extend([Span::raw("  "), healthy]);
            lines.push(Line::from(spans));
        }
    }
    lines.extend([Line::default(), Line::from(strong("target groups"))]);
    for node in &ctx.state.account.party_box.groups {
        lines
            .push(Line::from(vec![Span::raw(node.group.name.as_str()), faint(format!("  {}", check(node)))]));
    }
    lines.extend([Line::default(), Line::from(strong("metrics"))]);
    let subject = balancer_dimension(&balancer.arn);
    lines.extend(METRICS.map(|kind| ctx.metric(kind, subject, 60)));
    lines
}

fn listener_line(listener: &Listener) -> Line<'_> {
    let mut spans = vec![
        faint("listens "),
        Span::raw(format!(":{} {}", listener.port, listener.protocol)),
        faint(format!("  {} rule{}", listener.rules.len(), if listener.rules.len() == 1 { "" } else { "s" })),
    ];
    if let Some(policy) = &listener.ssl_policy {
        spans.push(faint(format!("  {policy}")));
    }
    if let [Rule { actions, .. }] = listener.rules.as_slice()
        && let [RuleAction::Redirect(_)] = actions.as_slice()
    {
        spans.push(faint("  redirects"));
    }
    Line::from(spans)
}

fn certificates<'a>(ctx: &Ctx<'a>, balancer: &LoadBalancer) -> Vec<Line<'a>> {
    let listeners = ctx.state.account.store.listeners(&balancer.arn).unwrap_or_default();
    let mut lines: Vec<Line<'a>> = ctx
        .state
        .account
        .store
        .certificates()
        .iter()
        .filter(|c| listeners.iter().any(|l| l.certificates.contains(&c.arn)))
        .map(|c| {
            let (level, word) = levels::certificate(c, ctx.server);
            let renews = match (c.kind.as_str(), c.renewal.as_deref()) {
                ("IMPORTED", _) => "imported: never renews by itself".to_owned(),
                (_, Some(renewal)) => format!("renewal {}", renewal.to_lowercase().replace('_', " ")),
                _ => "renews by itself".to_owned(),
            };
            Line::from(vec![
                faint("cert "),
                Span::raw(c.domain.as_str()),
                Span::raw("  "),
                ctx.badge(level, &word),
                faint(format!("  {renews}")),
            ])
        })
        .collect();
    if lines.is_empty() && listeners.iter().any(|l| l.protocol == "HTTPS") {
        let (level, text) = ctx.fresh(&[Topic::Certificates]).placeholder("none read");
        lines.push(Line::from(vec![faint("cert "), ctx.tinted(level, text)]));
    }
    lines
}

fn rules_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.rules;
    let balancers = &ctx.state.account.party_box.balancers;
    let mut topics = vec![Topic::LoadBalancers];
    topics.extend(balancers.iter().map(|b| Topic::Listeners(b.arn.clone())));
    let listeners = balancers.iter().filter_map(|b| ctx.state.account.store.listeners(&b.arn)).flatten();
    ListPanel {
        panel: Panel::new("rules").and(faint("as they are tried")).key("enter", "details"),
        columns: RULES,
        pane: Pane::Main,
        topics: &topics,
        rows: list.len(),
        total: listeners.map(|l| l.rules.len()).sum(),
        empty: Empty::Nothing("the load balancer has no listeners"),
        no_match: "no rule matches: esc clears the filter",
    }
    .draw(buf, area, ctx, |i| rule_at(ctx, list[i]).map_or_else(Vec::new, |(l, r)| rule_row(ctx, l, r)));
}

/// The listener and rule of a row of the rules list.
pub(super) fn rule_at<'a>(ctx: &Ctx<'a>, at: RulePosition) -> Option<(&'a Listener, &'a Rule)> {
    let balancer = ctx.state.account.party_box.balancers.get(at.balancer)?;
    let listener = ctx.state.account.store.listeners(&balancer.arn)?.get(at.listener)?;
    Some((listener, listener.rules.get(at.rule)?))
}

fn rule_row<'a>(ctx: &Ctx<'a>, listener: &'a Listener, rule: &'a Rule) -> Vec<Line<'a>> {
    let (then, healthy) = action(ctx, rule);
    vec![
        Line::from(format!(":{} {}", listener.port, listener.protocol)),
        Line::from(rule.priority.map_or_else(|| "default".to_owned(), |p| p.to_string())),
        Line::from(when(rule)),
        Line::from(then),
        Line::from(healthy),
    ]
}

/// The conditions of a rule in words: `path /api/*`.
pub(super) fn when(rule: &Rule) -> String {
    if rule.conditions.is_empty() {
        return "everything else".into();
    }
    let parts = rule.conditions.iter().map(|(field, values)| {
        let field = field.strip_suffix("-pattern").unwrap_or(field);
        let field = field.strip_suffix("-header").unwrap_or(field);
        format!("{field} {}", values.join(" "))
    });
    parts.collect::<Vec<_>>().join(" and ")
}

/// What a rule does, and how many of the targets behind it that do not drain are healthy.
pub(super) fn action<'a>(ctx: &Ctx<'a>, rule: &'a Rule) -> (Vec<Span<'a>>, Span<'a>) {
    let mut spans = Vec::new();
    let mut targets: Option<(usize, usize)> = None;
    for action in &rule.actions {
        if !spans.is_empty() {
            spans.push(faint(", "));
        }
        match action {
            RuleAction::Forward(groups) => {
                for (i, (arn, weight)) in groups.iter().enumerate() {
                    if i > 0 {
                        spans.push(faint(" + "));
                    }
                    let node = ctx.state.account.party_box.group(arn);
                    let name =
                        node.map_or_else(|| partybox_core::domain::short(arn), |n| n.group.name.as_str());
                    spans.push(Span::raw(format!("→ {name}")));
                    if groups.len() > 1 {
                        spans.push(faint(format!(" x{weight}")));
                    }
                    if let Some(node) = node.filter(|n| n.known) {
                        let (good, all) = targets.unwrap_or_default();
                        targets = Some((good + node.healthy(), all + node.registered()));
                    }
                }
            }
            RuleAction::Redirect(to) => spans.push(Span::raw(format!("redirect {}", plain_redirect(to)))),
            RuleAction::Other(kind) => spans.push(Span::raw(kind.as_str())),
        }
    }
    let healthy = match targets {
        None => faint("-"),
        Some((good, all)) => {
            let level = match (good, all) {
                (0, 1..) => Level::Bad,
                (good, all) if good < all => Level::Warn,
                (0, 0) => Level::Idle,
                _ => Level::Good,
            };
            ctx.badge(level, &format!("{good}/{all}"))
        }
    };
    (spans, healthy)
}

/// `HTTPS://#{host}:443/#{path}?#{query} (HTTP_301)` -> `to HTTPS :443 (301)`, when nothing else changes.
fn plain_redirect(to: &str) -> String {
    match to.strip_prefix("HTTPS://#{host}:443/#{path}?#{query}") {
        Some(code) => format!("to HTTPS :443{}", code.replace("HTTP_", "")),
        None => to.to_owned(),
    }
}

fn targets_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.targets;
    let groups = &ctx.state.account.party_box.groups;
    let mut topics = vec![Topic::TargetGroups];
    topics.extend(groups.iter().map(|g| Topic::TargetHealth(g.group.arn.clone())));
    let mut panel = Panel::new("targets");
    if let Some(node) = list.first().and_then(|(g, _)| groups.get(*g)) {
        panel = panel.last(faint(check(node)));
    }
    ListPanel {
        panel,
        columns: TARGETS,
        pane: Pane::Detail,
        topics: &topics,
        rows: list.len(),
        total: groups.iter().map(|g| g.targets.len()).sum(),
        empty: Empty::Nothing("no targets are registered: tasks register by themselves when they run"),
        no_match: "no target matches: esc clears the filter",
    }
    .draw(buf, area, ctx, |i| {
        let (group, target) = list[i];
        let node = groups.get(group);
        let target = node.and_then(|n| n.targets.get(target));
        node.zip(target).map_or_else(Vec::new, |(node, target)| target_row(ctx, node, target))
    });
}

/// A group's health check in words: `GET /health every 30s, 2 bad = out, 5 good = in, drains 60s`.
pub(super) fn check(node: &GroupNode) -> String {
    let group = &node.group;
    let mut text = format!(
        "{} every {}s, {} bad out, {} good in",
        group.check_path.as_deref().unwrap_or("tcp check"),
        group.check_interval,
        group.unhealthy_threshold,
        group.healthy_threshold
    );
    if let Some(delay) = group.deregistration_delay {
        text = format!("{text}, drains {delay}s");
    }
    if let Some(sticky) = group.sticky {
        text.push_str(if sticky { ", sticky" } else { ", not sticky" });
    }
    text
}

fn target_row<'a>(ctx: &Ctx<'a>, node: &'a GroupNode, target: &'a TargetHealth) -> Vec<Line<'a>> {
    let level = target.level();
    vec![
        Line::from(node.group.name.as_str()),
        Line::from(format!("{}:{}", target.id, target.port)),
        Line::from(target.zone.as_deref().map_or("-", zone_letter)),
        Line::from(ctx.bright(WatchedValue::Target, &target.id, ctx.badge(level, &target.state))),
        Line::from(target.reason.as_deref().unwrap_or("")),
        Line::from(faint(target.description.as_deref().unwrap_or(""))),
    ]
}

/// The paths that lead to a service: `/api/* /socket.io/*`; the default rule is `/*`.
pub(super) fn paths(ctx: &Ctx<'_>, service: &str) -> String {
    let mut paths: Vec<&str> = Vec::new();
    let listeners = ctx
        .state
        .account
        .party_box
        .balancers
        .iter()
        .filter_map(|b| ctx.state.account.store.listeners(&b.arn))
        .flatten();
    for rule in listeners.flat_map(|l| &l.rules) {
        let leads = rule.actions.iter().any(|a| match a {
            RuleAction::Forward(groups) => groups.iter().any(|(arn, _)| {
                ctx.state.account.party_box.group(arn).is_some_and(|g| g.service.as_deref() == Some(service))
            }),
            _ => false,
        });
        if !leads {
            continue;
        }
        let values = rule.conditions.iter().filter(|(f, _)| f == "path-pattern").flat_map(|(_, v)| v);
        let before = paths.len();
        paths.extend(values.map(String::as_str));
        if paths.len() == before && rule.conditions.is_empty() {
            paths.push("/*");
        }
    }
    paths.dedup();
    paths.join(" ")
}

/// A strong name with its state, for lists of one line.
pub(super) fn name_line<'a>(ctx: &Ctx<'a>, balancer: &'a LoadBalancer) -> Line<'a> {
    let (level, word) = levels::balancer(balancer);
    Line::from(vec![strong(balancer.name.as_str()), Span::raw("  "), ctx.badge(level, word)])
}
