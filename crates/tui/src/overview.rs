//! The overview: the chain, the services, what is wrong and what happened, on one page.
//!
//! ```text
//! from 100 columns on            narrower
//! +-------------------------+    +--------------+
//! | chain                   |    | chain        |   a picture from 104x30 on, else two lines
//! +-------------------------+    +--------------+
//! | services                |    | services     |
//! +-------------------------+    +--------------+
//! | rollout, if any         |    | rollout      |
//! +-------------+-----------+    +--------------+
//! | events 55 % | findings  |    | findings     |   narrower: from 11 rows on
//! |             | scans     |    +--------------+
//! |             | own ops   |    | events       |
//! +-------------+-----------+    +--------------+
//! with fewer than 10 rows: chain and services alone
//! ```

use super::context::{Ctx, faint};
use super::detail::Details;
use super::rollout::Amount;
use super::widgets::panel::{self, Panel};
use super::widgets::table;
use super::{balancer, chain, database, events, format, images, levels, rollout, services};
use partybox_core::app::{ChainItem, Pane};
use partybox_core::domain::{ImageNode, Level, Scan, ServiceNode, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// From this size on the chain is a picture; below, it is two lines.
const PICTURE: (u16, u16) = (104, 30);

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    if area.height < super::LIST_ONLY {
        let [top, list] =
            Layout::vertical([Constraint::Length(chain::LINES), Constraint::Fill(1)]).areas(area);
        chain::lines(buf, top, ctx);
        services_panel(buf, list, ctx);
        return;
    }
    let picture = area.width >= PICTURE.0 && area.height >= PICTURE.1;
    let chain_height = if picture { chain::height(ctx, area.height) } else { chain::LINES };
    let rows = format::cells(ctx.state.account.party_box.services.len().max(1));
    let table_height = (rows + 3).min((area.height / 4).max(5));
    let rolling = rolling(ctx);
    let left = area.height.saturating_sub(chain_height + table_height);
    let wanted = rolling.map_or(0, |node| rollout::height(ctx, node, area.width, Amount::Short));
    let roll_height = wanted.min(left.saturating_sub(4)).min(if picture { u16::MAX } else { 7 });
    let roll_height = if roll_height < 4 { 0 } else { roll_height };
    let [top, list, roll, rest] = Layout::vertical([
        Constraint::Length(chain_height),
        Constraint::Length(table_height),
        Constraint::Length(roll_height),
        Constraint::Fill(1),
    ])
    .areas(area);
    if picture {
        chain::picture(buf, top, ctx);
    } else {
        chain::lines(buf, top, ctx);
    }
    services_panel(buf, list, ctx);
    if let Some(node) = rolling.filter(|_| roll_height > 0) {
        rollout::draw(buf, roll, ctx, node, Amount::Short);
    }
    if area.width >= 100 {
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(rest);
        events::timeline(buf, left, ctx);
        column(buf, right, ctx);
    } else if rest.height >= 11 {
        let wanted = format::cells(ctx.state.account.health.findings.len()) * 2 + 2;
        let [top, bottom] =
            Layout::vertical([Constraint::Length(wanted.clamp(3, rest.height / 2)), Constraint::Fill(1)])
                .areas(rest);
        events::findings(buf, top, ctx);
        events::timeline(buf, bottom, ctx);
    } else {
        events::timeline(buf, rest, ctx);
    }
}

/// The rollout to show: the selected service's, else the first service's that rolls.
fn rolling<'a>(ctx: &Ctx<'a>) -> Option<&'a ServiceNode> {
    let selected = ctx.selected_service().filter(|n| rollout::shows(ctx, n));
    selected.or_else(|| ctx.state.account.party_box.services.iter().find(|n| rollout::shows(ctx, n)))
}

fn services_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let all = &ctx.state.account.party_box.services;
    let inner = Panel::new("services")
        .and(faint(format::count(all.len() as u64)))
        .fresh(&ctx.fresh(&[Topic::Services]))
        .draw(buf, area, ctx);
    let selected = match ctx.thing() {
        Some(ChainItem::Service(i)) => Some(*i),
        _ => None,
    };
    // The rows around the selected one; the list itself is never longer than the room.
    let room = usize::from(inner.height.saturating_sub(1));
    let first = table::offset(selected.unwrap_or(0), room, all.len());
    let list: Vec<usize> = (first..all.len()).take(room).collect();
    services::table(buf, inner, ctx, &list, selected.map(|s| s - first));
}

/// Findings, scans of what runs, the operator's own actions.
fn column(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let images = format::cells(ctx.state.account.party_box.images.len().max(1)).min(4) + 2;
    let operations = match ctx.state.operations.len() {
        0 => 0,
        n => format::cells(n).min(3) + 2,
    };
    let images = if area.height >= images + operations + 5 { images } else { 0 };
    let [top, middle, bottom] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(images), Constraint::Length(operations)])
            .areas(area);
    events::findings(buf, top, ctx);
    images_panel(buf, middle, ctx);
    if operations > 0 {
        events::operations(buf, bottom, ctx);
    }
}

fn images_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    // The worst first, so that what does not fit is the least.
    let room = usize::from(area.height.saturating_sub(2));
    let mut all: Vec<&ImageNode> = ctx.state.account.party_box.images.iter().collect();
    all.sort_by_key(|i| std::cmp::Reverse(rank(levels::image(i).0)));
    all.truncate(room);
    let asked = all.iter().filter(|i| i.is_asked());
    let topics: Vec<Topic> = asked.map(|i| Topic::Image(i.id.clone())).collect();
    let fresh = ctx.fresh(&topics);
    let inner = Panel::new("scans of what runs").fresh(&fresh).draw(buf, area, ctx);
    if all.is_empty() {
        let (level, text) = ctx.fresh(&[Topic::Services]).placeholder("no running task has an image");
        panel::lines(buf, inner, [Line::from(ctx.tinted(level, text))]);
        return;
    }
    panel::lines(buf, inner, all.into_iter().map(|i| scan(ctx, i)));
}

/// What is good comes after what is noted of a scan, and what is not looked up comes last.
fn rank(level: Level) -> u8 {
    match level {
        Level::Bad => 5,
        Level::Warn => 4,
        Level::Busy => 3,
        Level::Unknown => 2,
        Level::Good => 1,
        Level::Idle => 0,
    }
}

fn scan<'a>(ctx: &Ctx<'a>, node: &'a ImageNode) -> Line<'a> {
    let (level, word) = levels::image(node);
    let name = format!(
        "{} {}",
        partybox_core::domain::short(&node.id.repository),
        node.tag.as_deref().unwrap_or("-")
    );
    let mut spans = vec![
        ctx.glyph(level),
        Span::raw(format!(" {:<18} ", format::fit(&name, 18))),
        faint(format!("{} ", if node.id.digest.is_empty() { "-" } else { format::digest(&node.id.digest) })),
    ];
    if node.pull_block.is_none() && node.scan.as_ref().is_some_and(Scan::is_complete) {
        for (span, word) in images::severities(ctx, node.scan.as_ref()).into_iter().zip(["C", "H", "M", "L"])
        {
            let pad = 3_usize.saturating_sub(span.width());
            spans.extend([Span::raw(" ".repeat(pad)), span, faint(word)]);
        }
    } else {
        spans.push(ctx.tinted(level, word));
    }
    Line::from(spans)
}

/// Details of the selected row of a pane.
pub(super) fn details<'a>(ctx: &Ctx<'a>, pane: Pane) -> Option<Details<'a>> {
    match pane {
        Pane::Main => Some(item_details(ctx)),
        Pane::Detail => events::details(ctx),
    }
}

/// All of the selected part of the chain.
fn item_details<'a>(ctx: &Ctx<'a>) -> Details<'a> {
    let party_box = &ctx.state.account.party_box;
    let found = match ctx.thing() {
        Some(ChainItem::Balancer(i)) => {
            party_box.balancers.get(*i).map(|b| (Span::raw(b.name.as_str()), balancer::everything(ctx, b)))
        }
        Some(ChainItem::Service(i)) => party_box
            .services
            .get(*i)
            .map(|n| (Span::raw(n.service().name.as_str()), services::everything(ctx, n))),
        Some(ChainItem::Database(i)) => {
            party_box.databases.get(*i).map(|d| (Span::raw(d.id.as_str()), database::everything(ctx, d)))
        }
        None => None,
    };
    found.unwrap_or_else(|| (faint("nothing"), vec![Line::from(faint("nothing is selected yet"))]))
}
