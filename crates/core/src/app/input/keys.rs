//! Handles key presses and pasted text.

use crate::app::input::keymap::{self, Command};
use crate::app::input::plan_keys;
use crate::app::polling;
use crate::app::reducers::{drill, image_picker, operations, rollouts};
use crate::app::state::{
    ChainItem, Cursor, Effect, Key, KeyCode, Overlay, Pane, StartPhase, State, Step, TextInput, View,
};
use crate::diagnosis::plural;
use crate::domain::{Database, Now};
use crate::operation::Draft;

/// Handles a key press.
pub(crate) fn press(state: &mut State, key: Key, now: Now) -> Vec<Effect> {
    if key == Key::ctrl('c') {
        quit(state);
        return Vec::new();
    }
    if state.screen.filtering {
        filter_key(state, key);
        return Vec::new();
    }
    match state.screen.overlay {
        Overlay::Plan(_) => return plan_keys::press(state, key, now),
        Overlay::Choose(_) => {
            plan_keys::choose(state, key, now);
            return Vec::new();
        }
        Overlay::Help(_) | Overlay::Detail(_) => {
            if scroll_key(state, key) {
                return Vec::new();
            }
        }
        Overlay::Leave => return leave_key(state, key, now),
        Overlay::None => {}
    }
    match keymap::resolve(key) {
        Some(Command::Report) => report(state, now),
        Some(command) => {
            run(state, command, now);
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Writes the report of the drill on the screen.
fn report(state: &mut State, now: Now) -> Vec<Effect> {
    if state.screen.view != View::Drill {
        return Vec::new();
    }
    match drill::copy(state) {
        Ok(effect) => vec![effect],
        Err(why) => {
            state.notify(why, now);
            Vec::new()
        }
    }
}

/// Handles pasted text. It is dropped unless something is being typed.
pub(crate) fn paste(state: &mut State, text: &str) {
    let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    if state.screen.filtering {
        state.screen.filter.insert(&text);
    } else if let Overlay::Plan(panel) = &mut state.screen.overlay
        && panel.types_confirmation()
        && let Step::Confirming { typed } = &mut panel.step
    {
        typed.insert(&text);
    }
}

fn run(state: &mut State, command: Command, now: Now) {
    let page = usize::from(state.screen.size.1).saturating_sub(8).max(1);
    match command {
        Command::Up => step(state, -1),
        Command::Down => step(state, 1),
        Command::PageUp => step(state, -(page.cast_signed())),
        Command::PageDown => step(state, page.cast_signed()),
        Command::First => step(state, isize::MIN / 2),
        Command::Last => step(state, isize::MAX / 2),
        Command::Left if state.screen.view == View::Overview => step(state, -1),
        Command::Right if state.screen.view == View::Overview => step(state, 1),
        Command::Left => state.screen.pane = Pane::Main,
        Command::Right => state.screen.pane = Pane::Detail,
        Command::NextView => turn(state, 1),
        Command::PrevView => turn(state, View::ALL.len() - 1),
        Command::Show(view) => show(state, view),
        Command::Filter => {
            state.screen.overlay = Overlay::None;
            state.screen.filtering = true;
            state.screen.filter.caret = state.screen.filter.text.chars().count();
        }
        Command::Open => open(state),
        Command::Back => back(state),
        Command::Help => {
            state.screen.overlay = match state.screen.overlay {
                Overlay::Help(_) => Overlay::None,
                _ => Overlay::Help(0),
            }
        }
        Command::Scale
        | Command::Redeploy
        | Command::RollBack
        | Command::Continue
        | Command::Range
        | Command::StopTask
        | Command::Failover
        | Command::Undo => {
            if let Err(why) = act(state, command, now) {
                state.notify(why, now);
            }
        }
        Command::Note => {
            let text = match rollouts::note_ends(state, now) {
                0 => "no rollout has ended badly of late".to_owned(),
                noted => format!("noted: the end of {}", plural(noted, "rollout")),
            };
            state.notify(text, now);
        }
        Command::Refresh => {
            polling::refresh(state);
            state.notify("asking AWS for everything", now);
        }
        Command::Quit => quit(state),
        // It has an effect, so it is not run here.
        Command::Report => {}
    }
}

/// Ends the program; while a drill is under way it asks first.
fn quit(state: &mut State) {
    if state.drill.is_under_way() && state.screen.overlay != Overlay::Leave {
        state.screen.overlay = Overlay::Leave;
    } else {
        state.session.quitting = true;
    }
}

/// Handles a key while the program asks whether to leave a drill.
fn leave_key(state: &mut State, key: Key, now: Now) -> Vec<Effect> {
    match key.code {
        KeyCode::Char('y' | 'Y') if !key.ctrl => {
            state.session.quitting = true;
            drill::leave(state, now)
        }
        KeyCode::Esc | KeyCode::Char('n' | 'N' | 'q') if !key.ctrl => {
            state.screen.overlay = Overlay::None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The notice when no service is selected.
const SELECT: &str = "select a service first: 2, or the arrows in the overview";

/// Opens the plan or the choice for an action. The error says why it cannot be opened.
fn act(state: &mut State, command: Command, now: Now) -> Result<(), &'static str> {
    let service = |state: &State| state.selected_service().map(str::to_owned).ok_or(SELECT);
    let draft = match command {
        Command::Undo => return operations::undo(state, now),
        Command::Failover => Draft::Failover { database: failover_choice(state)? },
        Command::Redeploy => {
            let choice = image_picker::image_choice(state, &service(state)?, None);
            state.screen.overlay = Overlay::Choose(Box::new(choice));
            return Ok(());
        }
        Command::Scale => {
            let node = state.selected_node().ok_or(SELECT)?.service();
            Draft::Scale { service: node.name.clone(), to: node.desired }
        }
        Command::RollBack => Draft::RollBack { service: service(state)? },
        Command::Continue => Draft::Continue { service: service(state)? },
        Command::Range => {
            let node = state.selected_node().ok_or(SELECT)?;
            let scaling = node.scaling.as_ref().ok_or("it is not registered for autoscaling")?;
            Draft::Range { service: node.service().name.clone(), range: scaling.range() }
        }
        _ => stop_task(state).ok_or("select a task first: 2, then l and the arrows")?,
    };
    operations::edit_plan(state, draft, now);
    Ok(())
}

/// A draft to stop the selected task of the services view. Its pane must have the focus, so that no task is
/// stopped unseen.
fn stop_task(state: &State) -> Option<Draft> {
    if (state.screen.view, state.screen.pane) != (View::Services, Pane::Detail) {
        return None;
    }
    let node = state.services_view_node()?;
    let row = *state.screen.rows.tasks.get(state.cursor(View::Services, Pane::Detail))?;
    let task = node.task(node.rows.get(row)?);
    Some(Draft::StopTask { service: node.service().name.clone(), task: task.id.clone() })
}

/// The database to fail over: the selected one, else the only one that can fail over.
fn failover_choice(state: &State) -> Result<String, &'static str> {
    if let Some(db) = state.selected_database() {
        return Ok(db.id.clone());
    }
    let whole = state.account.party_box.databases.iter().filter(|d| d.replica_of.is_none());
    let mut names: Vec<&str> = whole.map(Database::fails_over_as).collect();
    names.dedup();
    match (names.first(), names.get(1)) {
        (Some(only), None) => Ok((*only).to_owned()),
        (None, _) => Err("no database is known yet"),
        _ => Err("select a database first: 4"),
    }
}

fn step(state: &mut State, by: isize) {
    let (view, pane) = match state.screen.view {
        _ if state.session.phase == StartPhase::Choosing => (View::Overview, Pane::Main),
        View::Overview => (View::Overview, Pane::Main),
        view => (view, state.screen.pane),
    };
    let row = moved(state.cursor(view, pane), by, state.rows(view, pane));
    put(state, view, pane, row);
}

/// Puts a cursor on a row. The list that belongs to a main row then starts at its top.
fn put(state: &mut State, view: View, pane: Pane, row: usize) {
    if pane == Pane::Main && state.cursor(view, pane) != row {
        state.screen.cursors.remove(&(view, Pane::Detail));
    }
    state.screen.cursors.insert((view, pane), Cursor { row });
}

fn moved(row: usize, by: isize, len: usize) -> usize {
    row.saturating_add_signed(by).min(len.saturating_sub(1))
}

fn turn(state: &mut State, by: usize) {
    let at = View::ALL.iter().position(|v| *v == state.screen.view).unwrap_or(0);
    show(state, View::ALL[(at + by) % View::ALL.len()]);
}

fn show(state: &mut State, view: View) {
    // What was selected in the overview stays selected in the view that shows it.
    if state.screen.view == View::Overview
        && let Some(thing) = state.selected_item().cloned()
    {
        select(state, &thing);
    }
    state.screen.view = view;
    state.screen.pane = Pane::Main;
    state.screen.overlay = Overlay::None;
}

fn select(state: &mut State, thing: &ChainItem) {
    let found = match thing {
        ChainItem::Service(i) => (View::Services, state.screen.rows.services.iter().position(|s| s == i)),
        ChainItem::Database(i) => (View::Database, state.screen.rows.databases.iter().position(|d| d == i)),
        ChainItem::Balancer(_) => return,
    };
    if let (view, Some(row)) = found {
        put(state, view, Pane::Main, row);
    }
}

fn open(state: &mut State) {
    if state.session.phase == StartPhase::Choosing {
        let row = state.cursor(View::Overview, Pane::Main);
        if let Some(cluster) = state.account.store.clusters().get(row) {
            let name = cluster.name.clone();
            state.screen.cursors.clear();
            state.watch_cluster(name);
        }
        return;
    }
    match (state.screen.view, state.selected_item()) {
        (View::Overview, Some(ChainItem::Balancer(_))) => show(state, View::Traffic),
        (View::Overview, Some(ChainItem::Service(_))) => show(state, View::Services),
        (View::Overview, Some(ChainItem::Database(_))) => show(state, View::Database),
        (View::Overview, None) => {}
        _ if state.screen.rows.len(state.screen.view, state.screen.pane) > 0
            || (state.screen.view == View::Drill && state.drill.current.is_some()) =>
        {
            state.screen.overlay = match state.screen.overlay {
                Overlay::Detail(_) => Overlay::None,
                _ => Overlay::Detail(0),
            }
        }
        _ => {}
    }
}

fn back(state: &mut State) {
    if state.screen.overlay != Overlay::None {
        state.screen.overlay = Overlay::None;
    } else if !state.screen.filter.text.is_empty() {
        state.screen.filter = TextInput::default();
    } else if state.screen.pane == Pane::Detail {
        state.screen.pane = Pane::Main;
    } else {
        state.screen.view = View::Overview;
    }
}

/// Handles a key while help or detail is open. Returns false when it is not one of its keys.
fn scroll_key(state: &mut State, key: Key) -> bool {
    let (Overlay::Help(top) | Overlay::Detail(top)) = &mut state.screen.overlay else { return false };
    let most = if matches!(keymap::resolve(key), Some(Command::First | Command::Last)) { 500 } else { 10 };
    match keymap::resolve(key) {
        Some(Command::Down) => *top = top.saturating_add(1).min(500),
        Some(Command::Up) => *top = top.saturating_sub(1),
        Some(Command::PageDown | Command::Last) => *top = top.saturating_add(most).min(500),
        Some(Command::PageUp | Command::First) => *top = top.saturating_sub(most),
        Some(Command::Quit) => state.screen.overlay = Overlay::None,
        _ => return false,
    }
    true
}

fn filter_key(state: &mut State, key: Key) {
    match key.code {
        KeyCode::Enter => state.screen.filtering = false,
        KeyCode::Esc => {
            state.screen.filtering = false;
            state.screen.filter = TextInput::default();
        }
        _ => state.screen.filter.edit(key),
    }
}
