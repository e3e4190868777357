//! The screen of a terminal too small for the views: the headline, then one line for each part, as far as
//! they fit.

use super::context::{Ctx, faint, strong};
use super::theme::Theme;
use super::{balancer, drill, format, header, levels, services};
use partybox_core::app::StartPhase;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

/// From this height on there is room for the header.
const HEADER_FROM: u16 = 4;

/// Draws what fits.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let health = &ctx.state.account.health;
    let lead = match &ctx.state.session.phase {
        StartPhase::Stopped(sentence) => Line::from(strong(sentence.as_str())),
        StartPhase::Looking => Line::from(faint("looking…")),
        StartPhase::Choosing => Line::from(strong("choose a cluster: enlarge the terminal")),
        StartPhase::Watching => Line::from(vec![
            ctx.badge(health.level, Theme::word(health.level)),
            Span::raw(" "),
            Span::raw(format::brief(&health.headline)),
        ]),
    };
    let lead = match ctx.replay {
        Some(_) if area.height < HEADER_FROM => {
            let mut lead = lead;
            lead.spans.insert(0, strong("REPLAY "));
            lead
        }
        _ => lead,
    };
    let mut top = area;
    if area.height >= HEADER_FROM {
        header::draw(buf, Rect { height: 1, ..area }, ctx);
        top = Rect { y: area.y + 1, height: area.height - 1, ..area };
    }
    let mut parts = parts(ctx, usize::from(area.height));
    if drill::under_way(ctx) {
        parts.insert(0, drill::line(ctx));
    }
    let wanted = u16::try_from(lead.width().div_ceil(usize::from(top.width.max(1)))).unwrap_or(u16::MAX);
    let lead_height = (wanted + 1).min(top.height).max(1);
    let lead_area = Rect { height: lead_height, ..top };
    Paragraph::new(lead).wrap(Wrap { trim: true }).render(lead_area, buf);
    let rest = Rect { y: top.y + lead_height, height: top.height - lead_height, ..top };
    super::widgets::panel::lines(buf, rest, parts);
}

fn parts<'a>(ctx: &Ctx<'a>, most: usize) -> Vec<Line<'a>> {
    let party_box = &ctx.state.account.party_box;
    let mut lines: Vec<Line<'a>> = Vec::new();
    lines.extend(party_box.balancers.iter().take(most).map(|b| balancer::name_line(ctx, b)));
    lines.extend(party_box.services.iter().take(most).map(|node| {
        let (level, word) = levels::service(node);
        Line::from(vec![
            strong(node.service().name.as_str()),
            Span::raw("  "),
            ctx.badge(level, word),
            Span::raw("  "),
            services::healthy(ctx, node),
        ])
    }));
    lines.extend(party_box.databases.iter().take(most).map(|db| {
        let (level, word) = levels::database(db);
        Line::from(vec![strong(db.id.as_str()), Span::raw("  "), ctx.badge(level, word)])
    }));
    lines
}
