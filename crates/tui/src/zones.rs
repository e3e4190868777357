//! The zones view: what of the Party Box stands in each zone, what its loss would take, and what a loss took.
//!
//! ```text
//! at every width
//! +---------------------------+
//! | zones                     |   as many rows as zones, a third at most
//! +---------------------------+
//! | the loss of the selected  |   as many rows as its sentences need
//! +---------------------------+
//! | what is in it             |   the rest
//! +---------------------------+
//! with fewer than 10 rows: the list alone
//! ```

use super::context::{Ctx, fact, faint, strong};
use super::detail::Details;
use super::widgets::list_panel::{Empty, ListPanel};
use super::widgets::panel::{self, Panel};
use super::widgets::table::Column;
use super::{Theme, format};
use partybox_core::app::Pane;
use partybox_core::diagnosis::{Loss, Part, PartKind, Zone, zone_letter};
use partybox_core::domain::{Level, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

const ZONES: &[Column] = &[
    Column::new("zone", 4),
    Column::new("now", 10),
    Column::new("healthy", 7).right(),
    Column::new("tasks", 5).right(),
    Column::new("ALB", 4),
    Column::new("NAT", 4),
    Column::new("database", 17),
    Column::new("its loss takes", 18).grow(1),
];

const PARTS: &[Column] =
    &[Column::new("part", 8), Column::new("name", 22).grow(1), Column::new("here", 30).grow(3)];

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    if area.height < super::LIST_ONLY {
        list_panel(buf, area, ctx);
        return;
    }
    let rows = format::cells(ctx.state.screen.rows.zones.len().max(1)) + 3;
    let list = rows.min(area.height / 3).max(4);
    let zone = ctx.state.selected_zone();
    // Its sentences come first: what stands in the zone is also told by the row, and scrolls.
    let room = usize::from(area.width.saturating_sub(4)).max(1);
    let losses: usize = zone.map_or(1, |z| losses(ctx, z).iter().map(|l| l.width().div_ceil(room)).sum());
    let most = area.height.saturating_sub(list + 5);
    let middle = (format::cells(losses) + 2).min(most).max(3);
    let [list, middle, parts] =
        Layout::vertical([Constraint::Length(list), Constraint::Length(middle), Constraint::Fill(1)])
            .areas(area);
    list_panel(buf, list, ctx);
    loss_panel(buf, middle, ctx, zone);
    parts_panel(buf, parts, ctx, zone);
}

/// The topics that the view is made from.
fn topics(ctx: &Ctx<'_>) -> Vec<Topic> {
    let groups = ctx.state.account.party_box.groups.iter().map(|g| Topic::TargetHealth(g.group.arn.clone()));
    [Topic::Network, Topic::Services, Topic::Databases, Topic::LoadBalancers]
        .into_iter()
        .chain(groups)
        .collect()
}

fn list_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.zones;
    let all = &ctx.state.account.zones;
    ListPanel {
        panel: Panel::new("zones").key("enter", "details"),
        columns: ZONES,
        pane: Pane::Main,
        topics: &topics(ctx),
        rows: list.len(),
        total: all.len(),
        empty: Empty::Nothing("nothing is known yet that stands in a zone"),
        no_match: "nothing in any zone matches: esc clears the filter",
    }
    .draw(buf, area, ctx, |i| all.get(list[i]).map_or_else(Vec::new, |zone| row(ctx, zone)));
}

fn row<'a>(ctx: &Ctx<'a>, zone: &'a Zone) -> Vec<Line<'a>> {
    let count = |kinds: &[PartKind]| match zone.parts.iter().filter(|part| kinds.contains(&part.kind)).count()
    {
        0 => faint("-"),
        1 => Span::raw("yes"),
        n => Span::raw(n.to_string()),
    };
    let healthy = format!("{}/{}", zone.healthy, zone.registered);
    let (level, word) = now(zone);
    vec![
        Line::from(zone_letter(&zone.name)),
        Line::from(ctx.badge(level, word)),
        Line::from(if zone.registered == 0 { faint("-") } else { Span::raw(healthy) }),
        Line::from(if zone.running == 0 { faint("-") } else { Span::raw(zone.running.to_string()) }),
        Line::from(count(&[PartKind::Balancer, PartKind::NetworkBalancer])),
        Line::from(count(&[PartKind::Gateway])),
        Line::from(databases(zone)),
        Line::from(takes(ctx, zone)),
    ]
}

/// How a zone is now, in a word.
fn now(zone: &Zone) -> (Level, &'static str) {
    let level = zone.level();
    let word = match level {
        Level::Good => "well",
        Level::Idle => "unused",
        Level::Unknown => "unknown",
        Level::Busy => "changing",
        Level::Warn => "degraded",
        Level::Bad => "failing",
    };
    (level, word)
}

/// The roles of the databases that are here: `writer, replica`.
fn databases(zone: &Zone) -> Span<'_> {
    let roles: Vec<&str> = zone.of(PartKind::Database).filter_map(|p| p.role.as_deref()).collect();
    if roles.is_empty() { faint("-") } else { Span::raw(roles.join(", ")) }
}

/// The losses in one line, the worst first.
fn takes<'a>(ctx: &Ctx<'a>, zone: &Zone) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    for loss in zone.losses() {
        if !spans.is_empty() {
            spans.push(faint(", "));
        }
        // In full below.
        spans.push(match loss.level {
            Level::Bad => ctx.badge(Level::Bad, &loss.short),
            _ => Span::raw(loss.short.clone()),
        });
    }
    if spans.is_empty() {
        spans.push(faint("nothing"));
    }
    spans
}

fn loss_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, zone: Option<&Zone>) {
    let name = zone.map_or("-", |z| zone_letter(&z.name));
    let title = format!("the loss of {name}");
    let mut panel = Panel::new(title).and(faint("takes"));
    match zone {
        Some(zone) if zone.is_lost() => panel = panel.and(strong("lost already")),
        Some(zone) if !zone.impact.is_empty() => panel = panel.and(faint("after a loss")),
        _ => {}
    }
    let inner = panel.draw(buf, area, ctx);
    let Some(zone) = zone else { return };
    let lines: Vec<Line<'_>> = losses(ctx, zone).into_iter().map(format::breakable).collect();
    Paragraph::new(lines).wrap(Wrap { trim: false }).render(inner, buf);
    if ctx.fresh(&topics(ctx)).dims() {
        panel::dim(buf, inner);
    }
}

/// What was lost, then what would be, the worst first.
fn losses<'a>(ctx: &Ctx<'a>, zone: &Zone) -> Vec<Line<'a>> {
    let impact = zone.impact.iter().map(|(level, text)| {
        let word = if *level > Level::Unknown { "lost " } else { "was " };
        Line::from(vec![ctx.badge(*level, word), Span::raw(text.clone())])
    });
    let would = zone.losses().map(|loss| line(ctx, loss));
    let mut lines: Vec<Line<'_>> = impact.chain(would).collect();
    if lines.is_empty() {
        lines.push(Line::from(faint("nothing of the Party Box")));
    }
    lines
}

fn line<'a>(ctx: &Ctx<'a>, loss: &Loss) -> Line<'a> {
    Line::from(vec![
        Span::styled(Theme::glyph(loss.level), ctx.theme.level(loss.level)),
        Span::raw(format!(" {}", loss.sentence())),
    ])
}

fn parts_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, zone: Option<&Zone>) {
    let list = &ctx.state.screen.rows.parts;
    let parts = zone.map_or(&[][..], |zone| &zone.parts);
    ListPanel {
        panel: Panel::new("what is in it").and(Span::raw(zone.map_or("-", |z| zone_letter(&z.name)))),
        columns: PARTS,
        pane: Pane::Detail,
        topics: &topics(ctx),
        rows: list.len(),
        total: parts.len(),
        empty: Empty::Nothing("nothing of the Party Box"),
        no_match: "nothing of the Party Box",
    }
    .draw(buf, area, ctx, |i| {
        parts.get(list[i]).map_or_else(Vec::new, |part| {
            vec![
                Line::from(faint(part.kind.name())),
                Line::from(part.name.as_str()),
                Line::from(vec![ctx.glyph(part.level), Span::raw(format!(" {}", part.here))]),
            ]
        })
    });
}

/// Details of the selected row of a pane.
pub(super) fn details<'a>(ctx: &Ctx<'a>, pane: Pane) -> Option<Details<'a>> {
    let zone = ctx.state.selected_zone()?;
    match pane {
        Pane::Main => Some((Span::raw(zone_letter(&zone.name)), everything(ctx, zone))),
        Pane::Detail => {
            let list = &ctx.state.screen.rows.parts;
            let part = zone.parts.get(*list.get(ctx.row(Pane::Detail, list.len())?)?)?;
            Some((Span::raw(part.kind.name()), part_details(ctx, zone, part)))
        }
    }
}

/// All of a zone: how it is, what its loss takes, what is in it.
fn everything<'a>(ctx: &Ctx<'a>, zone: &'a Zone) -> Vec<Line<'a>> {
    let (level, word) = now(zone);
    let mut lines = vec![
        Line::from(ctx.badge(level, word)),
        fact("zone", zone.name.as_str()),
        fact("tasks", format!("{} running", zone.running)),
        fact("targets", format!("{} of {} healthy", zone.healthy, zone.registered)),
    ];
    if !zone.impact.is_empty() {
        lines.extend([Line::default(), Line::from(strong("what was lost in it"))]);
        lines.extend(zone.impact.iter().map(|(level, text)| Line::from(ctx.badge(*level, text))));
    }
    lines.extend([Line::default(), Line::from(strong("what its loss takes"))]);
    lines.extend(zone.losses().map(|loss| line(ctx, loss)));
    if zone.losses().next().is_none() {
        lines.push(Line::from(faint("nothing of the Party Box")));
    }
    lines.extend([Line::default(), Line::from(strong("what is in it"))]);
    for part in &zone.parts {
        lines.push(Line::from(vec![
            ctx.glyph(part.level),
            faint(format!(" {:<9}", part.kind.name())),
            Span::raw(format!("{}: {}", part.name, part.here)),
        ]));
    }
    lines
}

/// One thing in a zone.
fn part_details<'a>(ctx: &Ctx<'a>, zone: &'a Zone, part: &'a Part) -> Vec<Line<'a>> {
    let mut lines = vec![
        fact("name", part.name.as_str()),
        fact("zone", zone.name.as_str()),
        fact("here", ctx.badge(part.level, &part.here)),
        Line::default(),
        Line::from(strong("with the zone goes")),
    ];
    lines
        .push(part.loss.as_ref().map_or_else(|| Line::from(faint("nothing that matters")), |l| line(ctx, l)));
    lines
}
