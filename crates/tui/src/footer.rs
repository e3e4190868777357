//! The last line: the keys that act on what is selected, a notice, or the filter being typed.

use super::context::{Ctx, faint, strong};
use super::theme::Theme;
use super::{drill, format, replay};
use partybox_core::app::keymap::{BINDINGS, Command};
use partybox_core::app::{ChainItem, Overlay, Pane, Replay, StartPhase, Step, TextInput, View};
use partybox_core::operation::{Confirm, Draft};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

/// A key and what it does.
type Hint<'a> = [Span<'a>; 2];

/// From this width on there is room to tell what the actions need.
const HINT_FROM: u16 = 114;

/// The hints that are left out first where there is little room: tabs, borders or the help have them too.
const SPARE: [&str; 5] = ["view", "undo", "autoscale", "open", "filter"];

/// Draws the line; gives the place of the caret while something is typed here.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) -> Option<Position> {
    let state = ctx.state;
    if state.screen.filtering {
        let spans = vec![
            strong("/"),
            Span::raw(state.screen.filter.text.as_str()),
            Span::raw("   "),
            strong("enter"),
            faint(" keep  "),
            strong("esc"),
            faint(" clear"),
        ];
        buf.set_line(area.x, area.y, &Line::from(spans), area.width);
        return Some(caret(area.x + 1, area, &state.screen.filter));
    }
    let mut hints = keys(ctx, area.width);
    let mut room = area.width;
    let recorded = state
        .screen
        .notice
        .as_ref()
        .filter(|(_, until)| *until > ctx.now.mono)
        .map(|(text, _)| text.as_str());
    if let Some(text) = ctx.replay.and_then(Replay::notice).or(recorded) {
        let text = format::fit(text, area.width);
        room = area.width.saturating_sub(format::width(&text));
        buf.set_line(area.x + room, area.y, &Line::from(Span::styled(text, Theme::notice())), area.width);
    }
    // Whole hints only; what is found elsewhere leaves first, then the last ones.
    let length = |hints: &[Hint<'_>]| hints.iter().flatten().map(|s| format::cells(s.width())).sum::<u16>();
    let mut spare = SPARE.iter();
    while length(&hints) > room {
        match spare.next() {
            Some(word) => hints.retain(|[_, does]| does.content.trim() != *word),
            None => drop(hints.pop()),
        }
    }
    let line: Line<'_> = hints.into_iter().flatten().collect();
    buf.set_line(area.x, area.y, &line, room);
    None
}

/// The place of the caret of an input that starts at a column.
pub(super) fn caret(start: u16, area: Rect, input: &TextInput) -> Position {
    let before: String = input.text.chars().take(input.caret).collect();
    let x = (start + format::width(&before)).min(area.right().saturating_sub(1));
    Position::new(x, area.y)
}

fn keys<'a>(ctx: &Ctx<'a>, width: u16) -> Vec<Hint<'a>> {
    let told = matches!(ctx.state.screen.overlay, Overlay::Help(_) | Overlay::Detail(_));
    if let Some(replay) = ctx.replay.filter(|_| !told) {
        return replay::hints(replay).into_iter().map(|(key, does)| hint(key, does)).collect();
    }
    let fixed: &[(&str, &str)] = match (&ctx.state.screen.overlay, &ctx.state.session.phase) {
        (Overlay::Help(_) | Overlay::Detail(_), _) => &[("j/k", "scroll"), ("esc", "close"), ("q", "quit")],
        (Overlay::Plan(panel), _) => match (&panel.plan, &panel.draft, &panel.step) {
            (Ok(plan), ..) if plan.blocked() => &[("esc", "close: a check forbids it")],
            (Ok(_), Draft::Scale { .. }, Step::Editing { .. }) => {
                &[("0-9 + -", "tasks"), ("enter", "go on"), ("esc", "cancel")]
            }
            (Err(_), Draft::Scale { .. }, _) => &[("0-9 + -", "tasks"), ("esc", "cancel")],
            (_, Draft::Range { .. }, Step::Editing { .. }) => {
                &[("0-9 -", "range"), ("p", "suspend"), ("enter", "go on"), ("esc", "cancel")]
            }
            (Err(_), ..) => &[("esc", "close")],
            (Ok(_), _, Step::Editing { .. } | Step::Changed) => &[("enter", "go on"), ("esc", "cancel")],
            (Ok(plan), ..) if matches!(plan.confirm, Confirm::Type(_)) => {
                &[("enter", "send once the name is typed"), ("esc", "cancel")]
            }
            (Ok(_), ..) => &[("y", "send"), ("esc", "cancel")],
        },
        (Overlay::Leave, _) => &[("y", "leave"), ("esc", "stay")],
        (Overlay::Choose(_), _) => &[("j/k", "image"), ("enter", "plan"), ("esc", "cancel")],
        (_, StartPhase::Choosing) => &[("j/k", "move"), ("enter", "watch"), ("q", "quit")],
        (_, StartPhase::Looking | StartPhase::Stopped(_)) => &[("q", "quit")],
        (Overlay::None, StartPhase::Watching) => &[],
    };
    let mut hints: Vec<Hint<'_>> = fixed.iter().map(|(key, does)| hint(key, does)).collect();
    if fixed.is_empty() {
        for binding in BINDINGS.iter().filter(|b| !b.short.is_empty() && applies(ctx, b.command)) {
            hints.push(hint(binding.label, binding.short));
        }
        if width >= HINT_FROM && nothing_to_act_on(ctx) {
            hints.push([
                faint("s scale, r redeploy: select a service   F fail over: a database"),
                Span::raw(""),
            ]);
        }
    }
    hints
}

fn hint<'a>(key: &'a str, does: &str) -> Hint<'a> {
    [strong(key), faint(format!(" {does}   "))]
}

/// Whether the selected part of the overview has no action. The keys of the actions are shown all the same
/// then, so that they are found.
fn nothing_to_act_on(ctx: &Ctx<'_>) -> bool {
    ctx.state.screen.view == View::Overview
        && !ctx.state.session.read_only
        && matches!(ctx.thing(), Some(ChainItem::Balancer(_)))
}

/// Whether a key would act on what is selected.
fn applies(ctx: &Ctx<'_>, command: Command) -> bool {
    let acts = !ctx.state.session.read_only;
    match command {
        Command::Scale | Command::Redeploy => acts && ctx.selected_service().is_some(),
        // Afterwards too it goes back, but in flight one must see the key.
        Command::RollBack => {
            let open = |name: &str| ctx.state.account.rollouts.in_flight(name).is_some();
            acts && ctx.state.selected_service().is_some_and(open)
        }
        Command::Continue => {
            let held =
                |name: &str| ctx.state.account.rollouts.in_flight(name).is_some_and(|r| r.hook.is_some());
            acts && ctx.state.selected_service().is_some_and(held)
        }
        Command::Range => acts && ctx.selected_service().is_some_and(|n| n.scaling.is_some()),
        Command::Undo => acts && !ctx.state.operations.is_empty(),
        Command::StopTask => {
            acts && (ctx.state.screen.view, ctx.state.screen.pane) == (View::Services, Pane::Detail)
        }
        // In the drill view it drills again, or begins.
        Command::Failover if ctx.state.screen.view == View::Drill => acts && !drill::under_way(ctx),
        Command::Report => ctx.state.screen.view == View::Drill && ctx.state.drill.report.is_some(),
        Command::Failover => acts && ctx.selected_database().is_some_and(|d| d.replica_of.is_none()),
        _ => true,
    }
}
