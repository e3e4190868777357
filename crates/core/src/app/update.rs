//! The one function that changes the state.

use crate::app::input::keys;
use crate::app::polling;
use crate::app::reducers::rows::{self, Anchors};
use crate::app::reducers::{drill, image_picker, operations, readings, rollouts, start};
use crate::app::state::{Effect, Msg, Overlay, State, View};
use crate::diagnosis;
use crate::domain::{Now, PartyBox};

/// Handles one message and returns the effects. It is pure: the time is a parameter, effects are data.
///
/// ```
/// use partybox_core::app::{Effect, Msg, State, update};
/// use partybox_core::domain::Now;
/// use std::time::Duration;
///
/// let now = Now { mono: Duration::ZERO, wall: chrono::DateTime::UNIX_EPOCH };
/// let mut state = State::default();
/// let connected = Msg::Connected { region: "ap-northeast-1".into(), endpoint: None, profile: None };
/// let effects = update(&mut state, connected, now);
/// assert!(effects.iter().any(|effect| matches!(effect, Effect::Poll { .. })), "it asks AWS now");
/// assert_eq!(state.session.region, "ap-northeast-1");
/// ```
pub fn update(state: &mut State, msg: Msg, now: Now) -> Vec<Effect> {
    let mut anchors = rows::anchors(state);
    let mut effects = Vec::new();
    state.account.highlights.expire(now.mono);
    let topic = match &msg {
        Msg::Answer(answer) => Some(answer.topic.clone()),
        _ => None,
    };
    let examine = take_in(state, msg, now, &mut anchors, &mut effects);
    let probing = drill::probe_beside_plan(state, now);
    if !probing.is_empty() {
        // The plan shows whether a probe runs.
        operations::replan(state, now);
    }
    effects.extend(probing);
    if examine {
        effects.extend(drill::observe(state, now));
        effects.extend(rollouts::observe(state, topic.as_ref(), now));
        effects.extend(operations::follow(state, now));
        operations::replan(state, now);
        let at = state.polling.clock.now(now);
        state.account.health =
            diagnosis::examine(&state.account.store, &state.account.party_box, &state.account.rollouts, at);
    }
    look_at_zones(state, now);
    rows::rebuild(state, &anchors);
    let (asks, forgot) = polling::run(state, now);
    effects.extend(asks);
    if forgot {
        // Rows must not point at items that are gone.
        let anchors = rows::anchors(state);
        state.account.party_box = PartyBox::join_with(&state.account.store, &state.session.databases);
        look_at_zones(state, now);
        rows::rebuild(state, &anchors);
    }
    if state.session.quitting {
        effects.push(Effect::Quit);
    }
    effects
}

/// Handles the message itself. Returns whether the account's health may have changed.
fn take_in(state: &mut State, msg: Msg, now: Now, anchors: &mut Anchors, effects: &mut Vec<Effect>) -> bool {
    match msg {
        Msg::Key(key) => {
            let before = state.screen.cursors.clone();
            let view = state.screen.view;
            effects.extend(keys::press(state, key, now));
            if state.screen.view == View::Drill && view != View::Drill {
                effects.push(Effect::LoadHistory);
            }
            rows::moved(state, &before, anchors);
            false
        }
        Msg::Paste(text) => {
            keys::paste(state, &text);
            false
        }
        Msg::Resize(columns, rows) => {
            state.screen.size = (columns, rows);
            false
        }
        Msg::Tick => {
            if state.screen.notice.as_ref().is_some_and(|(_, until)| *until <= now.mono) {
                state.screen.notice = None;
            }
            true
        }
        Msg::Connected { region, endpoint, profile } => {
            state.session.region = region;
            state.session.endpoint = endpoint;
            state.session.profile = profile;
            false
        }
        Msg::CannotStart(sentence) => {
            start::stop(state, sentence);
            false
        }
        Msg::Answer(answer) => {
            readings::learn(state, &answer.meter, now);
            readings::take_answer(state, *answer, now)
        }
        Msg::OperationAnswered { id, outcome, meter: reading } => {
            readings::learn(state, &reading, now);
            effects.extend(operations::take_answer(state, id, outcome, now));
            true
        }
        Msg::Draft(draft) => {
            operations::open_plan(state, *draft, now);
            false
        }
        Msg::Choose(service) => {
            let choice = image_picker::image_choice(state, &service, None);
            state.screen.overlay = Overlay::Choose(Box::new(choice));
            false
        }
        Msg::ChooseFor { service, container } => {
            let choice = image_picker::image_choice(state, &service, Some(&container));
            state.screen.overlay = Overlay::Choose(Box::new(choice));
            false
        }
        Msg::Confirm => {
            effects.extend(operations::confirm(state, now));
            false
        }
        Msg::Observe(database) => {
            effects.extend(drill::watch(state, &database, now));
            false
        }
        Msg::Probed(result) => {
            if drill::take_probe(state, *result, now) {
                operations::replan(state, now);
            }
            effects.extend(drill::observe(state, now));
            false
        }
        Msg::Resolved(answer) => {
            drill::take_name(state, *answer, now);
            false
        }
        Msg::HistoryLoaded(history) => {
            state.drill.history = history;
            false
        }
        Msg::ReportSaved(outcome) => {
            effects.extend(drill::take_saved(state, outcome, now));
            false
        }
        Msg::Notice(sentence) => {
            state.notify(sentence, now);
            false
        }
        Msg::Quit => {
            effects.extend(drill::leave(state, now));
            state.session.quitting = true;
            false
        }
    }
}

/// Makes the zones, but only while they are on the screen: they cost a walk over all tasks.
fn look_at_zones(state: &mut State, now: Now) {
    if state.screen.view == View::Zones {
        state.account.zones = diagnosis::list_zones(
            &state.account.store,
            &state.account.party_box,
            state.polling.clock.now(now),
        );
    }
}
