//! The chain in two lines of text, where there is no room for a picture.

use crate::context::{Ctx, faint};
use crate::theme::Theme;
use crate::widgets::{panel, table};
use crate::{format, levels, metric};
use partybox_core::app::{ChainItem, Pane, WatchedValue};
use partybox_core::diagnosis::{balancer_dimension, zone_letter};
use partybox_core::domain::{JudgedBy, Level, MetricKind, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the chain in two lines: who and how, then the numbers.
pub(crate) fn lines<'a>(buf: &mut Buffer, area: Rect, ctx: &Ctx<'a>) {
    let party_box = &ctx.state.account.party_box;
    let mut first = vec![faint("443▶ ")];
    let selected = if ctx.focused(Pane::Main) { Theme::selected() } else { Theme::calm() };
    let mark = |spans: Vec<Span<'a>>, thing: &ChainItem| -> Vec<Span<'a>> {
        if ctx.thing() == Some(thing) {
            spans.into_iter().map(|s| s.patch_style(selected)).collect()
        } else {
            spans
        }
    };
    match party_box.balancers.first() {
        Some(balancer) => {
            let glyph = owned(ctx, levels::balancer(balancer).0);
            first.extend(mark(
                vec![glyph, Span::raw(format!(" {}", balancer.short_kind()))],
                &ChainItem::Balancer(0),
            ));
        }
        None => first.push(faint("ALB ?")),
    }
    first.push(faint(" ─▶ "));
    let room = usize::from(area.width / 34).max(2);
    let start = match ctx.thing() {
        Some(ChainItem::Service(i)) => table::offset(*i, room, party_box.services.len()),
        _ => 0,
    };
    for (i, node) in party_box.services.iter().enumerate().skip(start).take(room) {
        let name = format::fit(&node.service().name, 12);
        let healthy = match node.judged_by() {
            JudgedBy::Targets => format!("{}/{}", node.healthy, node.registered),
            JudgedBy::Containers => format!("{}/{}", node.counts.healthy, node.service().running),
            JudgedBy::Running => format!("{} up", node.service().running),
        };
        let healthy = ctx.bright(WatchedValue::Healthy, &node.service().name, healthy);
        let glyph = owned(ctx, levels::service(node).0);
        first.extend(mark(vec![glyph, Span::raw(format!(" {name} ")), healthy], &ChainItem::Service(i)));
        first.push(Span::raw(" "));
    }
    if party_box.services.len() > room {
        first.push(faint(format!("+{} ", party_box.services.len() - room)));
    }
    first.push(faint("─▶ "));
    for (i, db) in party_box.databases.iter().enumerate() {
        let zone = |z: &Option<String>| z.as_deref().map_or("?", zone_letter).to_owned();
        let zones = match &db.secondary_zone {
            Some(_) => format!("{}+{}", zone(&db.zone), zone(&db.secondary_zone)),
            None => zone(&db.zone),
        };
        let name = if i == 0 { db.id.as_str() } else { db.role() };
        let spans = vec![owned(ctx, levels::database(db).0), Span::raw(format!(" {name} {zones}"))];
        first.extend(mark(spans, &ChainItem::Database(i)));
        first.push(Span::raw(" "));
    }
    if party_box.databases.is_empty() {
        first.push(faint("database ?"));
    }
    let rows = [Line::from(first), numbers(ctx)];
    panel::lines(buf, area, rows);
    if ctx.fresh(&[Topic::Services, Topic::Databases]).dims() {
        panel::dim(buf, area);
    }
}

fn owned(ctx: &Ctx<'_>, level: Level) -> Span<'static> {
    Span::styled(Theme::glyph(level), ctx.theme.level(level))
}

fn numbers<'a>(ctx: &Ctx<'a>) -> Line<'a> {
    let party_box = &ctx.state.account.party_box;
    let mut spans = Vec::new();
    if let Some(balancer) = party_box.balancers.first().filter(|b| b.is_application()) {
        let subject = balancer_dimension(&balancer.arn);
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
