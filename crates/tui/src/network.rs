//! The network view: subnets by zone and tier, the ways out, the security groups with a verdict on each rule.
//!
//! ```text
//! at every width
//! +---------------------------+
//! | vpc                       |   with a row for each kind of gate, 6 rows at most
//! +---------------------------+
//! | subnets                   |   as many rows as subnets, half of what is left at most
//! +---------------------------+
//! | security groups           |   the rest
//! +---------------------------+
//! with fewer than 10 rows: the subnets alone
//! ```

use super::context::{Ctx, fact, faint};
use super::detail::Details;
use super::format;
use super::widgets::list_panel::{Empty, ListPanel};
use super::widgets::panel::{self, Panel};
use super::widgets::table::Column;
use partybox_core::app::Pane;
use partybox_core::diagnosis::{self, Tier, zone_letter};
use partybox_core::domain::{
    InboundRule, Level, LoadBalancer, Network, SecurityGroup, Subnet, Topic, WayOut,
};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// Free addresses of a subnet below which a rollout may not find room for its new tasks.
const FEW_ADDRESSES: u32 = 16;

const SUBNETS: &[Column] = &[
    Column::new("zone", 4),
    Column::new("tier", 9),
    Column::new("subnet", 18).grow(2),
    Column::new("cidr", 18),
    Column::new("free", 6).right(),
    Column::new("way out", 24).grow(1),
    Column::new("holds", 16).grow(1).drop(1),
];

const GROUPS: &[Column] = &[
    Column::new("protects", 9),
    Column::new("group", 14).grow(1),
    Column::new("inbound", 10),
    Column::new("from", 16).grow(1),
    Column::new("verdict", 24).grow(3),
];

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    if area.height < super::LIST_ONLY {
        subnets_panel(buf, area, ctx);
        return;
    }
    let subnets = format::cells(ctx.state.screen.rows.subnets.len().max(1)) + 3;
    let store = &ctx.state.account.store;
    let gates = store.network().map_or(2, |network| diagnosis::list_gates(store, network).len());
    let top = (format::cells(gates) + 2).min(6);
    let list = subnets.min(area.height.saturating_sub(top) / 2).max(4);
    let [vpc, list, groups] =
        Layout::vertical([Constraint::Length(top), Constraint::Length(list), Constraint::Fill(1)])
            .areas(area);
    vpc_panel(buf, vpc, ctx);
    subnets_panel(buf, list, ctx);
    groups_panel(buf, groups, ctx);
}

fn vpc_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let fresh = ctx.fresh(&[Topic::Network]);
    let network = ctx.state.account.store.network();
    let title = network.map_or("-", |n| n.name.as_deref().unwrap_or(&n.vpc));
    let inner = Panel::new("vpc").and(Span::raw(title)).fresh(&fresh).draw(buf, area, ctx);
    let Some(network) = network else {
        let (level, text) = fresh.placeholder("the VPC is not known yet");
        panel::lines(buf, inner, [Line::from(ctx.tinted(level, text))]);
        return;
    };
    panel::lines(buf, inner, gates(ctx, network));
    if fresh.dims() {
        panel::dim(buf, inner);
    }
}

fn gates<'a>(ctx: &Ctx<'a>, network: &'a Network) -> Vec<Line<'a>> {
    let mut gates = diagnosis::list_gates(&ctx.state.account.store, network).into_iter().map(|gate| {
        let mut spans = vec![faint(format!("{} ", gate.kind)), ctx.badge(gate.level, &gate.text)];
        if !gate.detail.is_empty() {
            spans.push(faint(format!("  {}", gate.detail)));
        }
        spans
    });
    let mut first = vec![Span::raw(network.cidr.as_str()), faint(format!("  {}   ", network.vpc))];
    first.extend(gates.next().unwrap_or_default());
    std::iter::once(first).chain(gates).map(Line::from).collect()
}

fn subnets_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.subnets;
    let network = ctx.state.account.store.network();
    ListPanel {
        panel: Panel::new("subnets"),
        columns: SUBNETS,
        pane: Pane::Main,
        topics: &[Topic::Network],
        rows: list.len(),
        total: network.map_or(0, |n| n.subnets.len()),
        empty: Empty::Nothing("the VPC has no subnets"),
        no_match: "no subnet matches: esc clears the filter",
    }
    .draw(buf, area, ctx, |i| {
        network
            .and_then(|network| Some((network, network.subnets.get(list[i])?)))
            .map_or_else(Vec::new, |(network, subnet)| subnet_row(ctx, network, subnet))
    });
}

fn subnet_row<'a>(ctx: &Ctx<'a>, network: &'a Network, subnet: &'a Subnet) -> Vec<Line<'a>> {
    let free = subnet.free_addresses;
    let free = if free < FEW_ADDRESSES {
        ctx.tinted(Level::Warn, format!("▲ {free}"))
    } else {
        Span::raw(format::count(u64::from(free)))
    };
    vec![
        Line::from(zone_letter(&subnet.zone)),
        Line::from(if network.is_public(&subnet.id) { "public" } else { "private" }),
        Line::from(subnet.name.as_deref().unwrap_or(&subnet.id)),
        Line::from(subnet.cidr.as_str()),
        Line::from(free),
        Line::from(way_out(ctx, network, &subnet.id)),
        Line::from(holds(ctx, network, &subnet.id)),
    ]
}

/// Where a subnet's default route leads.
fn way_out<'a>(ctx: &Ctx<'a>, network: &'a Network, subnet: &str) -> Span<'a> {
    let Some(route) = network.way_out(subnet) else { return faint(WayOut::None.name()) };
    if route.leads_nowhere() {
        return ctx.badge(route.level(), &format!("{} leads nowhere", route.target));
    }
    match network.leads_out(subnet) {
        way @ WayOut::Internet => Span::raw(way.name()),
        way @ WayOut::Nat => {
            let gateway = network.nat_gateways.iter().find(|n| n.id == route.target);
            let home = gateway.and_then(|n| network.subnets.iter().find(|s| s.id == n.subnet));
            match home {
                Some(home) => Span::raw(format!("{} in {}", way.name(), zone_letter(&home.zone))),
                None => Span::raw(format!("{} {}", way.name(), route.target)),
            }
        }
        way => Span::raw(format!("{} {}", way.name(), route.target)),
    }
}

/// What of the Party Box stands in a subnet.
fn holds(ctx: &Ctx<'_>, network: &Network, subnet: &str) -> String {
    let party_box = &ctx.state.account.party_box;
    let mut parts = Vec::new();
    let in_it = |b: &&LoadBalancer| b.zones.iter().any(|(_, s)| s == subnet);
    for balancer in party_box.balancers.iter().filter(in_it) {
        if !parts.contains(&balancer.short_kind()) {
            parts.push(balancer.short_kind());
        }
    }
    if network.nat_gateways.iter().any(|n| n.subnet == subnet) {
        parts.push("NAT");
    }
    if party_box.services.iter().any(|n| n.service().subnets.iter().any(|s| s == subnet)) {
        parts.push("tasks");
    }
    if party_box.databases.iter().any(|d| d.subnets.iter().any(|(s, _)| s == subnet)) {
        parts.push("database");
    }
    parts.join(", ")
}

fn groups_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.group_rules;
    let all = ctx.state.account.store.network().map_or(&[][..], |network| &network.security_groups);
    ListPanel {
        panel: Panel::new("security groups").and(faint("443 world → ALB → services → 5432 database")),
        columns: GROUPS,
        pane: Pane::Detail,
        topics: &[Topic::Network],
        rows: list.len(),
        total: list.len(),
        empty: Empty::Nothing("no security group of the chain to show"),
        no_match: "no security group of the chain to show",
    }
    .draw(buf, area, ctx, |i| {
        let (index, rule) = list[i];
        let Some(group) = all.get(index) else { return Vec::new() };
        let tier = tier(ctx, group);
        let mut cells = vec![Line::from(protects(tier)), Line::from(group.name.as_str())];
        match rule.and_then(|r| group.inbound.get(r)) {
            Some(rule) => {
                let (level, text) = verdict(ctx, tier, rule);
                cells.push(Line::from(diagnosis::format_ports(rule)));
                cells.push(Line::from(source(all, &rule.source)));
                cells.push(Line::from(ctx.badge(level, &text)));
            }
            None => cells.extend([
                Line::from(faint("nothing")),
                Line::from(faint("-")),
                Line::from(ctx.badge(Level::Idle, "admits nobody")),
            ]),
        }
        cells
    });
}

/// The tier that a security group belongs to.
fn tier(ctx: &Ctx<'_>, group: &SecurityGroup) -> Option<Tier> {
    diagnosis::tier_of(&ctx.state.account.store, &ctx.state.account.party_box, &group.id)
}

/// The name of a tier; `other` for a group that is not part of the chain.
fn protects(tier: Option<Tier>) -> &'static str {
    tier.map_or("other", Tier::name)
}

/// The verdict on an inbound rule: as meant, or what is wrong with it.
fn verdict(ctx: &Ctx<'_>, tier: Option<Tier>, rule: &InboundRule) -> (Level, String) {
    let Some(tier) = tier else { return (Level::Idle, "not part of the chain".into()) };
    match diagnosis::judge_rule(rule, tier, &ctx.state.account.store, &ctx.state.account.party_box) {
        Ok(meant) => (Level::Good, meant.into()),
        Err(problem) => (Level::Warn, problem),
    }
}

/// A rule's source in words: `the world`, or a group's name.
fn source(groups: &[SecurityGroup], source: &str) -> String {
    match source {
        "0.0.0.0/0" => "the world (IPv4)".into(),
        "::/0" => "the world (IPv6)".into(),
        id => groups.iter().find(|g| g.id == id).map_or_else(
            || id.to_owned(),
            |g| if g.name.is_empty() { id.to_owned() } else { g.name.clone() },
        ),
    }
}

/// Details of the selected row of a pane.
pub(super) fn details<'a>(ctx: &Ctx<'a>, pane: Pane) -> Option<Details<'a>> {
    match pane {
        Pane::Main => subnet_details(ctx),
        Pane::Detail => group_details(ctx),
    }
}

fn subnet_details<'a>(ctx: &Ctx<'a>) -> Option<Details<'a>> {
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

fn group_details<'a>(ctx: &Ctx<'a>) -> Option<Details<'a>> {
    let list = &ctx.state.screen.rows.group_rules;
    let vpc = ctx.state.account.store.network()?;
    let (index, _) = *list.get(ctx.row(Pane::Detail, list.len())?)?;
    let group = vpc.security_groups.get(index)?;
    let tier = tier(ctx, group);
    let mut lines = vec![
        fact("id", group.id.as_str()),
        fact("name", group.name.as_str()),
        fact("protects", protects(tier)),
        fact("says", group.description.as_str()),
        Line::default(),
    ];
    for rule in &group.inbound {
        let (level, text) = verdict(ctx, tier, rule);
        let source = source(&vpc.security_groups, &rule.source);
        lines.push(Line::from(format!("{} from {source}", diagnosis::format_ports(rule))));
        lines.push(Line::from(vec![Span::raw("  "), ctx.badge(level, &text)]));
    }
    Some((Span::raw("security group"), lines))
}
