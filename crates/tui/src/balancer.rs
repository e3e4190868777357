//! The load balancer: its panel in the traffic view, and its details.

use super::context::{Ctx, faint, strong};
use super::freshness::reason;
use super::traffic::{action, check, when};
use super::widgets::panel::{self, Panel};
use super::{levels, metric};
use partybox_core::diagnosis::{balancer_dimension, zone_letter};
use partybox_core::domain::{ErrorKind, Level, Listener, LoadBalancer, MetricKind, Rule, RuleAction, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

const METRICS: [MetricKind; 6] = [
    MetricKind::AlbRequests,
    MetricKind::AlbLatencyP50,
    MetricKind::AlbLatencyP99,
    MetricKind::AlbTarget5xx,
    MetricKind::AlbElb5xx,
    MetricKind::AlbConnections,
];

/// Draws the panels of a load balancer and of its metrics.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, balancer: Option<&LoadBalancer>) {
    let fresh = ctx.fresh(&[Topic::LoadBalancers]);
    let [left, right] = if area.width >= 100 {
        Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(area)
    } else {
        Layout::horizontal([Constraint::Percentage(50), Constraint::Percentage(50)]).areas(area)
    };
    let title = balancer.map_or("load balancer", |b| b.name.as_str());
    let kind = balancer.map_or_else(|| "alb".to_owned(), |b| b.short_kind().to_lowercase());
    let inner = Panel::new(kind).and(Span::raw(title)).fresh(&fresh).draw(buf, left, ctx);
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
    if !balancer.is_application() {
        panel::lines(buf, room, [Line::from(faint(unread_metrics(balancer)))]);
        return;
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

/// The facts of a load balancer, the most important first.
fn facts<'a>(ctx: &Ctx<'a>, balancer: &'a LoadBalancer) -> Vec<Line<'a>> {
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

/// All of a load balancer: the facts, the rules in order, the target groups, the metrics.
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
    let groups = ctx.state.account.party_box.groups.iter();
    for node in groups.filter(|node| node.group.load_balancers.contains(&balancer.arn)) {
        lines
            .push(Line::from(vec![Span::raw(node.group.name.as_str()), faint(format!("  {}", check(node)))]));
    }
    lines.extend([Line::default(), Line::from(strong("metrics"))]);
    if !balancer.is_application() {
        lines.push(Line::from(faint(unread_metrics(balancer))));
        return lines;
    }
    let subject = balancer_dimension(&balancer.arn);
    lines.extend(METRICS.map(|kind| ctx.metric(kind, subject, 60)));
    lines
}

/// That the metrics of a load balancer are none of those that are read: it knows no requests.
fn unread_metrics(balancer: &LoadBalancer) -> String {
    format!("not read for an {}: it knows no requests", balancer.short_kind())
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
                _ if c.kept_in.is_some() => String::new(),
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
    let named = |arn: &String| listeners.iter().any(|l| l.certificates.contains(arn));
    for one in ctx.state.account.store.unread(&Topic::Certificates).iter().filter(|one| named(&one.name)) {
        let (level, why) = match one.error.kind {
            ErrorKind::NotFound => (Level::Bad, "does not exist".to_owned()),
            _ => (Level::Unknown, reason(&one.error)),
        };
        let name = one.name.rsplit('/').next().unwrap_or(&one.name).to_owned();
        lines.push(Line::from(vec![
            faint("cert "),
            Span::raw(name),
            Span::raw("  "),
            ctx.badge(level, &why),
        ]));
    }
    if lines.is_empty() && listeners.iter().any(|l| matches!(l.protocol.as_str(), "HTTPS" | "TLS")) {
        let (level, text) = ctx.fresh(&[Topic::Certificates]).placeholder("none read");
        lines.push(Line::from(vec![faint("cert "), ctx.tinted(level, text)]));
    }
    lines
}

/// A strong name with its state, for lists of one line.
pub(super) fn name_line<'a>(ctx: &Ctx<'a>, balancer: &'a LoadBalancer) -> Line<'a> {
    let (level, word) = levels::balancer(balancer);
    Line::from(vec![strong(balancer.name.as_str()), Span::raw("  "), ctx.badge(level, word)])
}
