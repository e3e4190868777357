//! The screen before there is a Party Box to show: looking for it, choosing one, or unable to go on.

use super::context::{Ctx, faint, strong};
use super::widgets::panel::{self, Panel};
use super::widgets::table::{Column, Mark, Table};
use partybox_core::app::{Pane, StartPhase};
use partybox_core::domain::{Level, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

const COLUMNS: &[Column] = &[
    Column::new("cluster", 20).grow(1),
    Column::new("state", 14),
    Column::new("services", 8).right(),
    Column::new("running", 7).right(),
    Column::new("pending", 7).right(),
];

/// Draws the phase that comes before watching.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    match &ctx.state.session.phase {
        StartPhase::Choosing => choose(buf, area, ctx),
        StartPhase::Stopped(sentence) => stopped(buf, area, ctx, sentence),
        StartPhase::Looking | StartPhase::Watching => looking(buf, area, ctx),
    }
}

fn choose(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let clusters = ctx.state.account.store.clusters();
    let fresh = ctx.fresh(&[Topic::Clusters]);
    let inner = Panel::new("which cluster?")
        .and(faint(clusters.len().to_string()))
        .focused(true)
        .fresh(&fresh)
        .key("enter", "watch")
        .draw(buf, area, ctx);
    if clusters.is_empty() {
        let (level, text) = fresh.placeholder("this account has no ECS cluster in this Region");
        panel::lines(buf, inner, [Line::from(ctx.tinted(level, text))]);
        return;
    }
    let selected = ctx.state.cursor(partybox_core::app::View::Overview, Pane::Main).min(clusters.len() - 1);
    let table = Table {
        columns: COLUMNS,
        rows: clusters.len(),
        selected: Some(selected),
        mark: Mark::Strong,
        dim: fresh.dims(),
    };
    table.draw(buf, inner, |i| {
        let cluster = &clusters[i];
        let level = if cluster.status == "ACTIVE" { Level::Good } else { Level::Warn };
        vec![
            Line::from(cluster.name.as_str()),
            Line::from(ctx.badge(level, &cluster.status.to_lowercase())),
            Line::from(cluster.active_services.to_string()),
            Line::from(cluster.running_tasks.to_string()),
            Line::from(cluster.pending_tasks.to_string()),
        ]
    });
}

fn stopped(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, sentence: &str) {
    let inner = Panel::new("cannot go on").key("q", "quit").draw(buf, area, ctx);
    let line = Line::from(vec![ctx.glyph(Level::Bad), Span::raw(" "), strong(sentence)]);
    Paragraph::new(line).wrap(Wrap { trim: true }).render(inner, buf);
}

/// The requests of the start, step by step.
fn looking(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let inner = Panel::new("looking for the Party Box").draw(buf, area, ctx);
    let session = &ctx.state.session;
    let place = if session.region.is_empty() {
        "connecting: credentials, Region, endpoint".to_owned()
    } else {
        format!("in {}", session.region)
    };
    let mut lines = vec![Line::from(place), Line::default()];
    let steps = [
        (Topic::Identity, "who am I", "sts:GetCallerIdentity"),
        (Topic::Clusters, "which clusters are there", "ecs:ListClusters"),
        (Topic::Services, "which services run in it", "ecs:ListServices"),
    ];
    for (topic, question, call) in steps {
        let slot = ctx.state.account.store.slot(&topic);
        let fresh = ctx.fresh(std::slice::from_ref(&topic));
        let (level, word) = match slot {
            None => (Level::Idle, "later".to_owned()),
            Some(slot) if slot.payload.is_some() && slot.failure.is_none() => {
                (Level::Good, "answered".into())
            }
            Some(_) => match fresh.border() {
                Some((Level::Idle, _)) | None => (Level::Busy, "asking".into()),
                Some((level, text)) => (level, text),
            },
        };
        lines.push(Line::from(vec![
            Span::raw(format!("{question:<26}")),
            faint(format!("{call:<24}")),
            ctx.badge(level, &word),
        ]));
    }
    panel::lines(buf, inner, lines);
}
