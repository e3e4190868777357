//! The traffic view: the load balancer, its rules in the order in which they are tried, their targets.
//!
//! ```text
//! at every width
//! +-------------+-------------+
//! | alb         | metrics     |   9 rows, 5 where there are fewer than 24; alb 55 % from 100 columns on
//! +-------------+-------------+
//! | rules                     |   as many rows as rules, half of what is left at most
//! +---------------------------+
//! | targets                   |   those of the selected rule first
//! +---------------------------+
//! with fewer than 10 rows: the rules alone
//! ```

use super::context::{Ctx, fact, faint};
use super::detail::Details;
use super::widgets::list_panel::{Empty, ListPanel};
use super::widgets::panel::Panel;
use super::widgets::table::Column;
use super::{balancer, format};
use partybox_core::app::{Pane, RulePosition, WatchedValue};
use partybox_core::diagnosis::zone_letter;
use partybox_core::domain::{
    GroupNode, Level, Listener, LoadBalancer, Rule, RuleAction, RuleCondition, TargetHealth, Topic,
    target_group_name,
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
    balancer::draw(buf, head, ctx, selected(ctx));
    rules_panel(buf, list, ctx);
    targets_panel(buf, targets, ctx);
}

/// The balancer of the selected rule, else the first.
fn selected<'a>(ctx: &Ctx<'a>) -> Option<&'a LoadBalancer> {
    let list = &ctx.state.screen.rows.rules;
    let index = ctx.row(Pane::Main, list.len()).map_or(0, |row| list[row].balancer);
    ctx.state.account.party_box.balancers.get(index).or(ctx.state.account.party_box.balancers.first())
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
fn rule_at<'a>(ctx: &Ctx<'a>, at: RulePosition) -> Option<(&'a Listener, &'a Rule)> {
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
    let parts = rule.conditions.iter().map(RuleCondition::words);
    parts.collect::<Vec<_>>().join(" and ")
}

/// What a rule does, and how many of the targets behind it that do not drain are healthy. Groups of weight 0 get
/// nothing and stand apart; of the others the worst gives the level, as each gets its share of the requests.
pub(super) fn action<'a>(ctx: &Ctx<'a>, rule: &'a Rule) -> (Vec<Span<'a>>, Span<'a>) {
    let mut spans = Vec::new();
    for transform in &rule.transforms {
        spans.extend([Span::raw(transform.as_str()), faint(", ")]);
    }
    let mut health = RuleHealth::default();
    for (place, action) in rule.actions.iter().enumerate() {
        if place > 0 {
            spans.push(faint(", "));
        }
        match action {
            RuleAction::Forward(groups) => forward(ctx, groups, &mut spans, &mut health),
            RuleAction::Redirect(to) => spans.push(Span::raw(format!("redirect {}", plain_redirect(to)))),
            RuleAction::Other(kind) => spans.push(Span::raw(kind.as_str())),
        }
    }
    if let Some(seconds) = rule.sticky_seconds {
        spans.push(faint(format!(", same group for {seconds}s")));
    }
    let healthy = match health.tally {
        None => faint("-"),
        Some((good, all)) => ctx.badge(health.level, &format!("{good}/{all}")),
    };
    (spans, healthy)
}

/// The health of the target groups to which a rule sends requests.
#[derive(Default)]
struct RuleHealth {
    tally: Option<(usize, usize)>,
    level: Level,
}

fn forward<'a>(
    ctx: &Ctx<'a>,
    groups: &'a [(String, u32)],
    spans: &mut Vec<Span<'a>>,
    health: &mut RuleHealth,
) {
    for (i, (arn, weight)) in groups.iter().enumerate() {
        if i > 0 {
            spans.push(faint(" + "));
        }
        let node = ctx.state.account.party_box.group(arn);
        let name = node.map_or_else(|| target_group_name(arn), |n| n.group.name.as_str());
        let off = *weight == 0;
        let shown = format!("→ {name}");
        spans.push(if off { faint(shown) } else { Span::raw(shown) });
        if groups.len() > 1 || off {
            spans.push(faint(format!(" x{weight}")));
        }
        let Some(node) = node.filter(|n| n.known && !off) else { continue };
        let (good, all) = (node.healthy(), node.registered());
        let level = match (good, all) {
            (0, 1..) => Level::Bad,
            (good, all) if good < all => Level::Warn,
            (0, 0) => Level::Idle,
            _ => Level::Good,
        };
        let (before_good, before_all) = health.tally.unwrap_or_default();
        health.level = if health.tally.is_none() { level } else { health.level.max(level) };
        health.tally = Some((before_good + good, before_all + all));
    }
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
    // Each group has its own settings: those of the selected row's are shown, under its name.
    let row = ctx.row(Pane::Detail, list.len()).unwrap_or(0);
    if let Some(node) = list.get(row).and_then(|(g, _)| groups.get(*g)) {
        panel = panel.last(faint(format!("{}: {}", node.group.name, check(node))));
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
        "{}, {} bad out, {} good in",
        group.check_words(),
        group.unhealthy_threshold,
        group.healthy_threshold
    );
    if let Some(delay) = group.deregistration_delay {
        text = format!("{text}, drains {delay}s");
    }
    if let Some(sticky) = group.sticky {
        text.push_str(if sticky { ", sticky" } else { ", not sticky" });
    }
    if let Some(minimum) = group.routing_minimum.words() {
        text = format!("{text}, {minimum}");
    }
    text
}

fn target_row<'a>(ctx: &Ctx<'a>, node: &'a GroupNode, target: &'a TargetHealth) -> Vec<Line<'a>> {
    let level = target.level();
    vec![
        Line::from(node.group.name.as_str()),
        Line::from(place(node, target)),
        Line::from(target.zone.as_deref().map_or("-", zone_letter)),
        Line::from(ctx.bright(WatchedValue::Target, &target.id, ctx.badge(level, &target.word()))),
        Line::from(target.reason.as_deref().unwrap_or("")),
        Line::from(faint(target.why().filter(|why| target.reason.as_deref() != Some(why)).unwrap_or(""))),
    ]
}

/// Where a target is: an address with its port, or what stands in the place of one.
fn place(node: &GroupNode, target: &TargetHealth) -> String {
    match node.group.target_type.as_str() {
        "lambda" => format!("Lambda {}", target.id.rsplit(':').next().unwrap_or(&target.id)),
        "alb" => format!("ALB {}", target_group_name(&target.id)),
        _ if target.id.contains(':') => format!("[{}]:{}", target.id, target.port),
        _ => format!("{}:{}", target.id, target.port),
    }
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
        let paths_of = rule.conditions.iter().filter(|condition| condition.is_path());
        let values = paths_of.flat_map(|condition| condition.values.iter().chain(&condition.regexes));
        let before = paths.len();
        paths.extend(values.map(String::as_str));
        if paths.len() == before && rule.conditions.is_empty() {
            paths.push("/*");
        }
    }
    paths.dedup();
    paths.join(" ")
}

/// Details of the selected row of a pane.
pub(super) fn details<'a>(ctx: &Ctx<'a>, pane: Pane) -> Option<Details<'a>> {
    match pane {
        Pane::Main => {
            let list = &ctx.state.screen.rows.rules;
            let (listener, rule) = rule_at(ctx, list[ctx.row(Pane::Main, list.len())?])?;
            Some((Span::raw("rule"), rule_details(ctx, listener.port, rule)))
        }
        Pane::Detail => target_details(ctx),
    }
}

fn rule_details<'a>(ctx: &Ctx<'a>, port: u32, rule: &'a Rule) -> Vec<Line<'a>> {
    let (then, healthy) = action(ctx, rule);
    vec![
        fact("listener", format!(":{port}")),
        fact("priority", rule.priority.map_or_else(|| "default".to_owned(), |p| p.to_string())),
        fact("when", when(rule)),
        fact("then", then),
        fact("healthy", healthy),
        fact("arn", rule.arn.as_str()),
    ]
}

fn target_details<'a>(ctx: &Ctx<'a>) -> Option<Details<'a>> {
    let list = &ctx.state.screen.rows.targets;
    let (group, target) = *list.get(ctx.row(Pane::Detail, list.len())?)?;
    let node = ctx.state.account.party_box.groups.get(group)?;
    let target = node.targets.get(target)?;
    let level = target.level();
    let lines = vec![
        Line::from(ctx.badge(level, &target.word())),
        fact("target", place(node, target)),
        fact("zone", target.zone.as_deref().unwrap_or("-")),
        fact("reason", target.reason.as_deref().unwrap_or("-")),
        fact("description", target.why().unwrap_or("-")),
        Line::default(),
        fact("group", node.group.name.as_str()),
        fact("service", node.service.as_deref().unwrap_or("-")),
        fact("check", check(node)),
        fact("good codes", node.group.matcher.as_deref().unwrap_or("-")),
        fact("arn", node.group.arn.as_str()),
    ];
    Some((Span::raw("target"), lines))
}
