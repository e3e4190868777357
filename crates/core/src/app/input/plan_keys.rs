//! What keys do while a plan is open or made.

use crate::app::input::keymap::{self, Command};
use crate::app::reducers::{image_picker, operations};
use crate::app::state::{Draft, Effect, Key, KeyCode, Overlay, PlanPanel, State, TextInput};
use crate::domain::Now;
use crate::operation::Confirm;

/// What the plan now says was never confirmed.
const CHANGED: &str = "the plan changed while it was open: read it again, then enter";

/// Keys while a plan is open. Only these can send anything.
pub(crate) fn press(state: &mut State, key: Key, now: Now) -> Vec<Effect> {
    let Overlay::Plan(panel) = &mut state.screen.overlay else { return Vec::new() };
    if key.code == KeyCode::Esc {
        if panel.asking && panel.draft.is_typed() {
            panel.asking = false;
            panel.typed = TextInput::default();
        } else {
            state.screen.overlay = Overlay::None;
        }
        return Vec::new();
    }
    if scroll(panel, key) {
        return Vec::new();
    }
    if !panel.asking {
        number_key(state, key, now);
        return Vec::new();
    }
    // What is too old by now must not be sent, though no answer has come to say so.
    operations::replan(state, now);
    let Overlay::Plan(panel) = &mut state.screen.overlay else { return Vec::new() };
    let plan = match &panel.plan {
        Ok(plan) if !plan.blocked() => plan,
        _ => {
            if matches!(key.code, KeyCode::Char('n' | 'N' | 'q')) && !key.ctrl {
                state.screen.overlay = Overlay::None;
            }
            return Vec::new();
        }
    };
    if !panel.asking {
        state.notify(CHANGED, now);
        return Vec::new();
    }
    match (&plan.confirm, key.code) {
        (Confirm::Yes, KeyCode::Char('y' | 'Y')) if !key.ctrl => panel.typed = TextInput::new("y"),
        (Confirm::Yes, KeyCode::Char('n' | 'N' | 'q')) if !key.ctrl => {
            state.screen.overlay = Overlay::None;
            return Vec::new();
        }
        (Confirm::Yes, _) => return Vec::new(),
        (Confirm::Type(_), KeyCode::Enter) => {}
        (Confirm::Type(_), _) => {
            panel.typed.edit(key);
            return Vec::new();
        }
    }
    if !panel.is_confirmed() {
        state.notify("what was typed is not the name; nothing was sent", now);
        return Vec::new();
    }
    let plan = plan.clone();
    state.screen.overlay = Overlay::None;
    operations::send(state, &plan, now)
}

/// No plan has more rows.
const MOST_ROWS: u16 = 200;

/// Scrolls the plan: with the page keys always, line by line where nothing is typed. Says whether the key was one of these.
fn scroll(panel: &mut PlanPanel, key: Key) -> bool {
    let types = match &panel.plan {
        Ok(plan) if panel.asking && !plan.blocked() => plan.confirm != Confirm::Yes,
        _ => !panel.asking && panel.draft.is_typed(),
    };
    let page = matches!(key.code, KeyCode::PageUp | KeyCode::PageDown);
    if types && !page {
        return false;
    }
    panel.scroll = match keymap::resolve(key) {
        // The first step leads from what fits to the top of everything.
        Some(Command::PageDown) if panel.scroll == 0 => 1,
        Some(Command::PageDown) => panel.scroll.saturating_add(10).min(MOST_ROWS),
        Some(Command::Down) => panel.scroll.saturating_add(1).min(MOST_ROWS),
        Some(Command::PageUp) => panel.scroll.saturating_sub(10),
        Some(Command::Up) => panel.scroll.saturating_sub(1),
        _ => return false,
    };
    true
}

/// What is typed in a plan is being typed, or a plan that changed is being looked at again.
fn number_key(state: &mut State, key: Key, now: Now) {
    let Overlay::Plan(panel) = &mut state.screen.overlay else { return };
    match (&mut panel.draft, key.code) {
        (draft, KeyCode::Enter) => {
            if panel.plan.is_ok() {
                panel.asking = true;
                // What was typed before belongs to the number, not to the confirmation.
                if draft.is_typed() {
                    panel.typed = TextInput::default();
                }
            }
            return;
        }
        (Draft::Scale { .. } | Draft::Range { .. }, KeyCode::Char('q')) => {
            state.screen.overlay = Overlay::None;
            return;
        }
        (Draft::Scale { service, to }, KeyCode::Char('m' | 'p')) => {
            let (service, to) = (service.clone(), to.text.parse().unwrap_or(0));
            range_for(state, &service, to, key.code == KeyCode::Char('p'), now);
            return;
        }
        (Draft::Scale { to, .. }, code) => {
            if !scale_key(to, &mut panel.typed, code, key) {
                return;
            }
        }
        (Draft::Range { suspended, .. }, KeyCode::Char('p')) => *suspended = !*suspended,
        (Draft::Range { range, .. }, KeyCode::Char(c)) => {
            if !(c.is_ascii_digit() || c == '-') || range.text.len() >= 9 {
                return;
            }
            // The first character replaces the range that was there.
            if panel.typed.text.is_empty() {
                *range = TextInput::default();
                panel.typed = TextInput::new("typing");
            }
            range.insert(&c.to_string());
        }
        (Draft::Range { range, .. }, _) => {
            panel.typed = TextInput::new("typing");
            range.edit(key);
        }
        (_, KeyCode::Char('n' | 'N' | 'q')) => {
            state.screen.overlay = Overlay::None;
            return;
        }
        _ => {
            state.notify(CHANGED, now);
            return;
        }
    }
    operations::replan(state, now);
}

/// A key on the number of tasks; says whether it meant something.
fn scale_key(to: &mut TextInput, typed: &mut TextInput, code: KeyCode, key: Key) -> bool {
    let step = |to: &mut TextInput, by: i64| {
        let n = to.text.parse::<i64>().unwrap_or(0);
        *to = TextInput::new((n + by).clamp(0, 5000).to_string());
    };
    match code {
        KeyCode::Up | KeyCode::Char('+' | 'k' | '=') => step(to, 1),
        KeyCode::Down | KeyCode::Char('-' | 'j') => step(to, -1),
        KeyCode::Char(c) if c.is_ascii_digit() && to.text.len() < 4 => {
            // The first digit replaces the number that was there.
            if typed.text.is_empty() {
                *to = TextInput::default();
                *typed = TextInput::new("typing");
            }
            to.insert(&c.to_string());
        }
        KeyCode::Char(_) => return false,
        _ => {
            *typed = TextInput::new("typing");
            to.edit(key);
        }
    }
    true
}

/// From the number of tasks to the range that would hold it, or to scaling suspended.
fn range_for(state: &mut State, service: &str, to: u32, suspend: bool, now: Now) {
    let scaling = state.account.party_box.service(service).and_then(|node| node.scaling.clone());
    let Some(scaling) = scaling else {
        state.notify("it is not registered for autoscaling", now);
        return;
    };
    let (min, max) =
        if suspend { (scaling.min, scaling.max) } else { (scaling.min.min(to), scaling.max.max(to)) };
    let draft = Draft::Range {
        service: service.to_owned(),
        range: TextInput::new(format!("{min}-{max}")),
        suspended: suspend || scaling.suspended,
    };
    operations::open_plan(state, draft, false, now);
}

/// Keys while what to deploy is being chosen: nothing is sent from here, Enter opens the plan.
pub(crate) fn choose(state: &mut State, key: Key, now: Now) {
    let Overlay::Choose(choice) = &state.screen.overlay else { return };
    let choice = choice.as_ref().clone();
    let by = match (keymap::resolve(key), key.code) {
        (_, KeyCode::Esc | KeyCode::Char('q')) => {
            state.screen.overlay = Overlay::None;
            return;
        }
        (_, KeyCode::Enter) => {
            let service = choice.service.clone();
            let draft = match (choice.chosen, choice.source) {
                (Some(digest), Some(source)) => Draft::Deploy {
                    service,
                    container: source.container,
                    image: format!("{}@{digest}", source.reference),
                },
                _ => Draft::Redeploy { service },
            };
            operations::open_plan(state, draft, false, now);
            return;
        }
        (Some(Command::Up), _) => -1,
        (Some(Command::Down), _) => 1,
        (Some(Command::PageUp), _) => -10,
        (Some(Command::PageDown), _) => 10,
        (Some(Command::First), _) => isize::MIN / 2,
        (Some(Command::Last), _) => isize::MAX / 2,
        _ => return,
    };
    let chosen = image_picker::moved(state, &choice, by);
    if let Overlay::Choose(choice) = &mut state.screen.overlay {
        choice.chosen = chosen;
    }
}
