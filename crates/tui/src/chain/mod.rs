//! The chain internet -> ALB -> services -> database, left to right: a picture, or two lines of text.
//!
//! ```text
//!              ╭ party-box-alb ● active ╮     ╭ frontend ● steady ── /* ╮     ╭ party-box-db ● available ╮
//! internet ─▶  │ requests per minute    │ ─┬▶ ├─────────────────────────┤  ┌▶ ├──────────────────────────┤
//!              ╰────────────────────────╯  ╰▶ │ backend                 │ ─╯  │ replica                  │
//! ```

mod boxes;
mod lines;
mod wires;

pub(super) use lines::lines;

use super::context::{Ctx, faint, strong};
use super::format;
use partybox_core::app::ChainItem;
use partybox_core::domain::{PartyBox, ServiceNode, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use wires::ServiceEnd;

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
    let party_box = &ctx.state.account.party_box;
    let boxes = party_box.services.len().max(party_box.databases.len()).clamp(2, 3);
    let most = if room >= 44 { 3 } else { 2 };
    BOX * format::cells(boxes).min(most)
}

/// Draws the picture.
pub(super) fn picture(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let party_box = &ctx.state.account.party_box;
    let free = area.width.saturating_sub(INTERNET + 2 * GAP);
    let widths = [free * 27 / 100, free * 38 / 100, free - free * 27 / 100 - free * 38 / 100];
    let alb = Rect { x: area.x + INTERNET, width: widths[0], ..area };
    let middle = Rect { x: alb.right() + GAP, width: widths[1], ..area };
    let right = Rect { x: middle.right() + GAP, width: widths[2], ..area };
    let fit = usize::from(area.height / BOX);
    boxes::balancers(buf, alb, ctx);
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
                boxes::service(buf, rect, ctx, node, ctx.thing() == Some(&ChainItem::Service(i)));
                ServiceEnd {
                    row: rect.y + BOX / 2,
                    cut_off: cut_off(node),
                    reaches_database: reaches(ctx, node),
                }
            })
            .collect()
    } else {
        boxes::many(buf, middle, ctx);
        vec![ServiceEnd { row: middle.y + middle.height / 2, cut_off: false, reaches_database: true }]
    };
    if party_box.services.is_empty() {
        let (level, text) = ctx.fresh(&[Topic::Services]).placeholder("no services in this cluster");
        boxes::hollow(buf, middle, ctx, "services", level, &text);
    }
    let shown = party_box.databases.len().min(fit);
    for (i, (rect, db)) in stack(right, shown).zip(&party_box.databases).enumerate() {
        boxes::database(buf, rect, ctx, db, ctx.thing() == Some(&ChainItem::Database(i)));
    }
    if party_box.databases.is_empty() {
        let (level, text) = ctx.fresh(&[Topic::Databases]).placeholder("no database admits the services");
        boxes::hollow(buf, right, ctx, "database", level, &text);
    }
    if !doors.is_empty() {
        wires::fan_out(buf, alb.right(), door, &doors, ctx);
    }
    if !party_box.databases.is_empty() {
        let from: Vec<u16> = doors.iter().filter(|end| end.reaches_database).map(|end| end.row).collect();
        let to = right.y + BOX / 2;
        wires::gather(buf, middle.right(), &from, to);
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

/// Whether a service uses the database: it is given secrets or variables for one. Unknown counts as yes.
fn reaches(ctx: &Ctx<'_>, node: &ServiceNode) -> bool {
    let Some(definition) = ctx.state.account.store.task_definition(&node.service().task_definition) else {
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
    node.service().desired > 0 && node.groups.iter().any(|group| group.gone || group.serves_nobody())
}
