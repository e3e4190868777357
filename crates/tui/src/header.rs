//! The first two lines: the account and cluster with the age of the data; then the views.

use super::context::{Ctx, faint, strong};
use super::freshness::reason;
use super::{format, replay};
use partybox_core::app::View;
use partybox_core::app::age_label;
use partybox_core::domain::{ErrorKind, Level, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use std::time::Duration;

/// The vital topics are polled every few seconds: when they are older than this, something is slow.
const OLD: Duration = Duration::from_secs(30);

/// A piece of the header; the one with the highest order is left out first when there is no room.
pub(super) struct Piece<'a> {
    pub(super) order: u8,
    pub(super) span: Span<'a>,
}

/// Draws the first line: the cluster, its account and region, and how old the data is.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let mut right = right(ctx);
    let mut left = left(ctx);
    loop {
        let taken = length(&left) + length(&right);
        if taken <= area.width {
            break;
        }
        let most = left.iter().chain(&right).map(|p| p.order).max().unwrap_or(0);
        if most == 0 {
            break;
        }
        left.retain(|p| p.order < most);
        right.retain(|p| p.order < most);
    }
    let start = area.right().saturating_sub(length(&right)).max(area.x);
    buf.set_line(area.x, area.y, &joined(left), start.saturating_sub(area.x));
    buf.set_line(start, area.y, &joined(right), area.right().saturating_sub(start));
}

fn joined(pieces: Vec<Piece<'_>>) -> Line<'_> {
    let mut spans = Vec::with_capacity(pieces.len() * 2);
    for piece in pieces {
        spans.push(piece.span);
        spans.push(Span::raw("  "));
    }
    Line::from(spans)
}

fn length(pieces: &[Piece<'_>]) -> u16 {
    pieces.iter().map(|p| format::cells(p.span.width()) + 2).sum()
}

fn left<'a>(ctx: &Ctx<'a>) -> Vec<Piece<'a>> {
    let state = ctx.state;
    let session = &state.session;
    let mut pieces = vec![Piece { order: 9, span: strong("partybox-top") }];
    pieces.extend(ctx.replay.into_iter().flat_map(|replay| replay::pieces(ctx, replay)));
    if let Some(simulated) = &state.polling.meter.simulated {
        let text = format!(" SIMULATED x{} {} ", simulated.speed, simulated.scenario);
        // Where nothing is sent anyway, it must not push the position out.
        let (order, text) = if ctx.replay.is_some() { (1, " SIMULATED ".to_owned()) } else { (0, text) };
        let span = ctx.tinted(Level::Busy, text).style_reversed();
        pieces.push(Piece { order, span });
    } else if let Some(endpoint) = &session.endpoint {
        let host = endpoint.split_once("://").map_or(endpoint.as_str(), |(_, rest)| rest);
        let host = host.trim_end_matches('/');
        pieces.push(Piece { order: 2, span: ctx.tinted(Level::Warn, format!("endpoint {host}")) });
    }
    if session.read_only {
        pieces.push(Piece { order: 0, span: ctx.tinted(Level::Warn, " READ-ONLY ").style_reversed() });
    }
    if let Some(cluster) = session.cluster.as_deref().or(session.cluster_wanted.as_deref()) {
        pieces.push(Piece { order: 3, span: strong(cluster) });
    }
    match state.account.store.identity() {
        Some(identity) => {
            pieces.push(Piece { order: 4, span: Span::raw(identity.account.as_str()) });
            pieces.push(Piece { order: 6, span: Span::raw(identity.role()) });
        }
        None => pieces.push(Piece { order: 6, span: faint("account ?") }),
    }
    if !session.region.is_empty() {
        pieces.push(Piece { order: 5, span: Span::raw(session.region.as_str()) });
    }
    if let Some(profile) = &session.profile {
        pieces.push(Piece { order: 8, span: faint(format!("profile {profile}")) });
    }
    pieces
}

fn right<'a>(ctx: &Ctx<'a>) -> Vec<Piece<'a>> {
    let mut pieces = vec![Piece { order: 0, span: data_age(ctx) }];
    pieces.push(Piece { order: 7, span: faint(format!("{} calls/min", ctx.state.calls_per_minute())) });
    if ctx.state.polling.meter.throttles > 0 {
        let text = format!("throttled {}", ctx.state.polling.meter.throttles);
        pieces.push(Piece { order: 4, span: ctx.tinted(Level::Warn, text) });
    }
    pieces
}

/// Age of the oldest vital reading, and what is wrong with it.
fn data_age<'a>(ctx: &Ctx<'a>) -> Span<'a> {
    let vital = |topic: &Topic| matches!(topic, Topic::Services | Topic::TargetHealth(_) | Topic::Databases);
    let mut oldest: Option<Duration> = None;
    let mut failing: Option<(Duration, &partybox_core::domain::Failure)> = None;
    for (_, slot) in ctx.state.account.store.iter().filter(|(topic, _)| vital(topic)) {
        if let Some(taken) = slot.taken {
            let age = ctx.now.mono.saturating_sub(taken);
            oldest = Some(oldest.map_or(age, |o| o.max(age)));
        }
        if let Some(failure) = &slot.failure {
            let since = ctx.now.mono.saturating_sub(failure.since);
            if failing.is_none_or(|(longest, _)| since > longest) {
                failing = Some((since, failure));
            }
        }
    }
    match (failing, oldest) {
        (Some((since, failure)), _) => {
            let since = age_label::label(since);
            let why = format::fit(&reason(&failure.error), 40);
            let text = match failure.error.kind {
                ErrorKind::Unreachable => format!("no answer {since}: {why}"),
                _ => format!("failing {since}: {why}"),
            };
            ctx.badge(Level::Bad, &text)
        }
        (None, Some(oldest)) if oldest >= OLD => {
            ctx.badge(Level::Warn, &format!("stale {}", age_label::label(oldest)))
        }
        (None, Some(oldest)) => Span::raw(format!("data {}", age_label::label(oldest))),
        (None, None) => faint("no data yet"),
    }
}

pub(super) trait Reversed {
    fn style_reversed(self) -> Self;
}

impl Reversed for Span<'_> {
    fn style_reversed(mut self) -> Self {
        self.style = self.style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
        self
    }
}

/// Draws the views and their number keys; the current one is marked.
pub(super) fn tabs(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let mut spans = Vec::new();
    let room = View::ALL.iter().map(|view| view.name().len() + 4).sum::<usize>() <= usize::from(area.width);
    for (number, view) in (1..).zip(View::ALL) {
        let name = if view == View::Database && !room { "db" } else { view.name() };
        if view == ctx.state.screen.view {
            let text = format!(" {number} {name} ");
            spans.push(Span::styled(
                text,
                super::theme::Theme::selected().patch(super::theme::Theme::strong()),
            ));
        } else {
            spans.push(strong(format!(" {number}")));
            spans.push(faint(format!(" {name} ")));
        }
    }
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
}
