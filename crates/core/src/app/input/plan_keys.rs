//! Handles keys while a plan is open or is being drafted.

use crate::app::input::keymap::{self, Command};
use crate::app::reducers::{image_picker, operations};
use crate::app::state::{Effect, Key, KeyCode, Overlay, PlanPanel, State, Step, TextInput};
use crate::domain::{Now, Scaling, ScalingRange};
use crate::operation::{Confirm, Draft, MAX_TASKS};

/// The notice when the plan no longer says what the operator confirms.
const CHANGED: &str = "the plan changed while it was open: read it again, then enter";

/// Handles a key while a plan is open. Only this function can send an operation.
pub(crate) fn press(state: &mut State, key: Key, now: Now) -> Vec<Effect> {
    let Overlay::Plan(panel) = &mut state.screen.overlay else { return Vec::new() };
    if key.code == KeyCode::Esc {
        match Step::editing(&panel.draft) {
            Some(editing) if matches!(panel.step, Step::Confirming { .. }) => panel.step = editing,
            _ => state.screen.overlay = Overlay::None,
        }
        return Vec::new();
    }
    if scroll(panel, key) {
        return Vec::new();
    }
    match panel.step {
        Step::Editing { .. } => edit_draft(state, key, now),
        Step::Changed => look_again(state, key, now),
        Step::Confirming { .. } => return confirm(state, key, now),
    }
    Vec::new()
}

/// Handles a key while the confirmation is asked for. Sends the plan when the key completes the confirmation.
fn confirm(state: &mut State, key: Key, now: Now) -> Vec<Effect> {
    // What is too old by now must not be sent, though no answer has come to say so.
    operations::replan(state, now);
    let Overlay::Plan(panel) = &mut state.screen.overlay else { return Vec::new() };
    let closes = matches!(key.code, KeyCode::Char('n' | 'N' | 'q')) && !key.ctrl;
    let plan = match &panel.plan {
        Ok(plan) if !plan.blocked() => plan,
        _ => {
            if closes {
                state.screen.overlay = Overlay::None;
            }
            return Vec::new();
        }
    };
    let Step::Confirming { typed } = &mut panel.step else {
        state.notify(CHANGED, now);
        return Vec::new();
    };
    let confirmed = match (&plan.confirm, key.code) {
        (Confirm::Yes, KeyCode::Char('y' | 'Y')) if !key.ctrl => true,
        (Confirm::Yes, _) => {
            if closes {
                state.screen.overlay = Overlay::None;
            }
            return Vec::new();
        }
        (Confirm::Type(name), KeyCode::Enter) => typed.text == *name,
        (Confirm::Type(_), _) => {
            typed.edit(key);
            return Vec::new();
        }
    };
    if !confirmed {
        state.notify("what was typed is not the name; nothing was sent", now);
        return Vec::new();
    }
    let plan = plan.clone();
    state.screen.overlay = Overlay::None;
    operations::send(state, &plan, now)
}

/// Scrolls the plan: with the page keys always, line by line where nothing is typed. Returns whether the key
/// was one of these.
fn scroll(panel: &mut PlanPanel, key: Key) -> bool {
    let blocked = matches!(&panel.plan, Ok(plan) if plan.blocked());
    let types = matches!(panel.step, Step::Editing { .. }) || (panel.types_confirmation() && !blocked);
    let page = matches!(key.code, KeyCode::PageUp | KeyCode::PageDown);
    if types && !page {
        return false;
    }
    panel.fold = match keymap::resolve(key) {
        Some(Command::PageDown) => panel.fold.down(10),
        Some(Command::Down) => panel.fold.down(1),
        Some(Command::PageUp) => panel.fold.up(10),
        Some(Command::Up) => panel.fold.up(1),
        _ => return false,
    };
    true
}

/// Handles a key after the plan changed: the operator must acknowledge the change first.
fn look_again(state: &mut State, key: Key, now: Now) {
    let Overlay::Plan(panel) = &mut state.screen.overlay else { return };
    match key.code {
        KeyCode::Enter if panel.plan.is_ok() => panel.step = Step::confirming(),
        KeyCode::Enter => {}
        KeyCode::Char('n' | 'N' | 'q') => state.screen.overlay = Overlay::None,
        _ => state.notify(CHANGED, now),
    }
}

/// Handles a key while the number of tasks or the range is being typed.
fn edit_draft(state: &mut State, key: Key, now: Now) {
    let Overlay::Plan(panel) = &mut state.screen.overlay else { return };
    let PlanPanel { draft, plan, step, .. } = panel.as_mut();
    let Step::Editing { input, touched } = step else { return };
    match (&mut *draft, key.code) {
        (_, KeyCode::Enter) => {
            if plan.is_ok() {
                *step = Step::confirming();
            }
            return;
        }
        (_, KeyCode::Char('q')) => {
            state.screen.overlay = Overlay::None;
            return;
        }
        (Draft::Scale { service, .. }, KeyCode::Char('m' | 'p')) => {
            let (service, to) = (service.clone(), input.text.parse().unwrap_or(0));
            draft_range(state, &service, to, key.code == KeyCode::Char('p'), now);
            return;
        }
        (Draft::Scale { .. }, _) => {
            if !edit_tasks(input, touched, key) {
                return;
            }
        }
        (Draft::Range { range, .. }, KeyCode::Char('p')) => range.suspended = !range.suspended,
        _ => {
            if !edit_range(input, touched, key) {
                return;
            }
        }
    }
    operations::replan(state, now);
}

/// Edits the number of tasks. Returns whether the key had a meaning.
fn edit_tasks(input: &mut TextInput, touched: &mut bool, key: Key) -> bool {
    let step = |input: &mut TextInput, by: i64| {
        let n = input.text.parse::<i64>().unwrap_or(0);
        *input = TextInput::new((n + by).clamp(0, i64::from(MAX_TASKS)).to_string());
    };
    match key.code {
        KeyCode::Up | KeyCode::Char('+' | 'k' | '=') => step(input, 1),
        KeyCode::Down | KeyCode::Char('-' | 'j') => step(input, -1),
        KeyCode::Char(c) if c.is_ascii_digit() && input.text.len() < 4 => {
            replace_or_insert(input, touched, c);
        }
        KeyCode::Char(_) => return false,
        _ => {
            *touched = true;
            input.edit(key);
        }
    }
    true
}

/// Edits the range. Returns whether the key had a meaning.
fn edit_range(input: &mut TextInput, touched: &mut bool, key: Key) -> bool {
    match key.code {
        KeyCode::Char(c) if (c.is_ascii_digit() || c == '-') && input.text.len() < 9 => {
            replace_or_insert(input, touched, c);
        }
        KeyCode::Char(_) => return false,
        _ => {
            *touched = true;
            input.edit(key);
        }
    }
    true
}

/// The first character replaces what was there.
fn replace_or_insert(input: &mut TextInput, touched: &mut bool, c: char) {
    if !*touched {
        *input = TextInput::default();
        *touched = true;
    }
    input.edit(Key::char(c));
}

/// Goes from the number of tasks to the scaling range that would hold it, or to suspended scaling.
fn draft_range(state: &mut State, service: &str, to: u32, suspend: bool, now: Now) {
    let scaling = state.account.party_box.service(service).and_then(|node| node.scaling.as_ref());
    let Some(range) = scaling.map(Scaling::range) else {
        state.notify("it is not registered for autoscaling", now);
        return;
    };
    let range = if suspend {
        ScalingRange { suspended: true, ..range }
    } else {
        ScalingRange { min: range.min.min(to), max: range.max.max(to), ..range }
    };
    operations::edit_plan(state, Draft::Range { service: service.to_owned(), range }, now);
}

/// Handles a key while what to deploy is being chosen. Nothing is sent from here: Enter opens the plan.
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
            let draft = match (&choice.chosen, &choice.source) {
                (Some(digest), Some(source)) => image_picker::deploy(&service, source, digest),
                (Some(container), None) => {
                    let next = image_picker::image_choice(state, &service, Some(container));
                    state.screen.overlay = Overlay::Choose(Box::new(next));
                    return;
                }
                (None, _) => Draft::Redeploy { service },
            };
            operations::edit_plan(state, draft, now);
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
