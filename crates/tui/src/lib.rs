//! Drawing: a pure function of the state and the time. No clock, no I/O, nothing is sent from here.
//!
//! The cost of a frame is what is visible: lists come filtered and sorted in
//! [`partybox_core::app::PaneRows`], and only the rows in the viewport are made into text.

mod balancer;
mod chain;
mod choice;
mod context;
mod database;
mod detail;
mod drill;
mod events;
mod footer;
mod format;
mod freshness;
mod header;
mod headline;
mod help;
mod images;
mod levels;
mod metric;
mod network;
mod overview;
mod picker;
mod plan_panel;
mod replay;
mod rollout;
mod services;
mod small_screen;
mod tasks;
#[cfg(test)]
mod tests;
mod theme;
mod traffic;
mod widgets;
mod zones;

pub use theme::Theme;

use context::Ctx;
use detail::Details;
use partybox_core::app::{Overlay, Pane, Replay, StartPhase, State, View};
use partybox_core::domain::Now;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};

/// Below this size only the answer is shown, and what else fits: columns, rows.
const SMALLEST: (u16, u16) = (60, 15);
/// With fewer rows than this, a view is its main list alone.
const LIST_ONLY: u16 = 10;
/// From this width on, a plan or details stand at the right; else details at the bottom, and a plan alone.
const RIGHT_FROM: u16 = 110;
/// From this width on, a view shows details of the selection beside its lists.
const BESIDE_FROM: u16 = 160;

/// Draws one frame.
pub fn draw(frame: &mut Frame<'_>, state: &State, now: Now, theme: &Theme) {
    paint(frame, &Ctx::new(state, now, *theme));
}

/// Draws one frame of a recording.
pub fn draw_replay(frame: &mut Frame<'_>, replay: &Replay, theme: &Theme) {
    paint(frame, &Ctx { replay: Some(replay), ..Ctx::new(replay.state(), replay.now(), *theme) });
}

fn paint(frame: &mut Frame<'_>, ctx: &Ctx<'_>) {
    let area = frame.area();
    if area.is_empty() {
        return;
    }
    let caret = whole(frame.buffer_mut(), area, ctx);
    if ctx.theme.ascii {
        theme::to_ascii(frame.buffer_mut());
    }
    if let Some(caret) = caret {
        frame.set_cursor_position(caret);
    }
}

/// Draws everything; gives the place of the caret while something is typed.
fn whole(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) -> Option<Position> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        // A plan without a header would look like one that can be sent: not in a replay.
        if let (Overlay::Plan(panel), None) = (&ctx.state.screen.overlay, ctx.replay) {
            return plan_panel::draw(buf, area, ctx, panel);
        }
        if ctx.state.screen.overlay == Overlay::Leave {
            drill::leave(buf, area, ctx);
            return None;
        }
        small_screen::draw(buf, area, ctx);
        return None;
    }
    let watching = ctx.state.session.phase == StartPhase::Watching;
    // A plan that has no room beside what it is about takes what there is: it must be read as a whole.
    let alone = matches!(ctx.state.screen.overlay, Overlay::Plan(_)) && area.width < RIGHT_FROM;
    let lead = if watching && !alone { headline::height(ctx, area.width) } else { 0 };
    let follows = watching
        && !alone
        && (ctx.state.screen.view != View::Overview || area.width < 100)
        && events::active(ctx).is_some();
    let drilling = watching && drill::elsewhere(ctx);
    let [head, tabs, drilled, answer, following, body, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(u16::from(watching)),
        Constraint::Length(u16::from(drilling)),
        Constraint::Length(lead),
        Constraint::Length(u16::from(follows)),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    header::draw(buf, head, ctx);
    let mut caret = footer::draw(buf, foot, ctx);
    if !watching {
        picker::draw(buf, body, ctx);
        return caret;
    }
    header::tabs(buf, tabs, ctx);
    if drilling {
        drill::reminder(buf, drilled, ctx);
    }
    headline::draw(buf, answer, ctx);
    if follows {
        events::strip(buf, following, ctx);
    }
    match &ctx.state.screen.overlay {
        Overlay::None => view(buf, body, ctx),
        Overlay::Help(scroll) => help::draw(buf, body, ctx, *scroll),
        Overlay::Detail(scroll) => {
            let (rest, side) = split(body);
            view(buf, rest, ctx);
            detail::draw(buf, side, ctx, *scroll);
        }
        Overlay::Leave => {
            let (rest, side) = asked(body);
            view(buf, rest, ctx);
            drill::leave(buf, side, ctx);
        }
        Overlay::Choose(choice) => {
            let (rest, side) = split(body);
            view(buf, rest, ctx);
            choice::draw(buf, side, ctx, choice);
        }
        Overlay::Plan(panel) if alone => caret = plan_panel::draw(buf, body, ctx, panel).or(caret),
        Overlay::Plan(panel) => {
            let (rest, side) = split(body);
            view(buf, rest, ctx);
            caret = plan_panel::draw(buf, side, ctx, panel).or(caret);
        }
    }
    caret
}

fn view(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    // The drill has its own use for a wide terminal.
    let (area, side) = if ctx.state.screen.view == View::Drill { (area, None) } else { beside(area) };
    if let Some(side) = side {
        detail::beside(buf, side, ctx);
    }
    (view_parts(ctx.state.screen.view).draw)(buf, area, ctx);
}

/// The functions that each view's file has.
struct ViewParts {
    draw: fn(&mut Buffer, Rect, &Ctx<'_>),
    details: for<'a> fn(&Ctx<'a>, Pane) -> Option<Details<'a>>,
}

/// The functions of a view.
fn view_parts(view: View) -> ViewParts {
    match view {
        View::Overview => ViewParts { draw: overview::draw, details: overview::details },
        View::Services => ViewParts { draw: services::draw, details: services::details },
        View::Traffic => ViewParts { draw: traffic::draw, details: traffic::details },
        View::Database => ViewParts { draw: database::draw, details: database::details },
        View::Images => ViewParts { draw: images::draw, details: images::details },
        View::Network => ViewParts { draw: network::draw, details: network::details },
        View::Zones => ViewParts { draw: zones::draw, details: zones::details },
        View::Drill => ViewParts { draw: drill::draw, details: drill::details },
    }
}

/// Splits an area into the view and a side for a plan or details, which never lie over what they are about.
fn split(area: Rect) -> (Rect, Rect) {
    let [rest, side] = if area.width >= RIGHT_FROM {
        let side = (area.width * 9 / 20).min(80);
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(side)]).areas(area)
    } else {
        // What it is about stays in sight: a list's border, titles and two rows.
        let side = area.height.saturating_sub(5).min(20);
        Layout::vertical([Constraint::Fill(1), Constraint::Length(side)]).areas(area)
    };
    (rest, side)
}

/// Splits an area into the view and as many rows as a short question needs.
fn asked(area: Rect) -> (Rect, Rect) {
    if area.width >= RIGHT_FROM {
        return split(area);
    }
    let rows = drill::LEAVE_ROWS.min(area.height);
    let [rest, side] = Layout::vertical([Constraint::Fill(1), Constraint::Length(rows)]).areas(area);
    (rest, side)
}

/// Splits an area, on a wide terminal, into the lists and a side for details of the selection.
fn beside(area: Rect) -> (Rect, Option<Rect>) {
    if area.width < BESIDE_FROM {
        return (area, None);
    }
    let side = (area.width * 7 / 20).min(90);
    let [rest, side] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(side)]).areas(area);
    (rest, Some(side))
}
