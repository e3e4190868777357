//! The one function that changes the state.

use super::lists::Anchors;
use super::{
    Answer, Effect, Msg, Overlay, StartPhase, State, View, acts, changes, drills, events, keys, lists, rolls,
    schedule,
};
use crate::diagnosis;
use crate::domain::{ErrorKind, Failure, Meter, Now, PartyBox, Payload, Topic, short};
use std::time::Duration;

/// Takes one message in and says what is to be done. Pure: the time is a parameter, effects are data.
pub fn update(state: &mut State, msg: Msg, now: Now) -> Vec<Effect> {
    let mut anchors = lists::anchors(state);
    let mut effects = Vec::new();
    state.account.highlights.expire(now.mono);
    let topic = match &msg {
        Msg::Answer(answer) => Some(answer.topic.clone()),
        _ => None,
    };
    let examine = take_in(state, msg, now, &mut anchors, &mut effects);
    effects.extend(drills::beside_plan(state, now));
    if examine {
        effects.extend(drills::observe(state, now));
        effects.extend(rolls::observe(state, topic.as_ref(), now));
        effects.extend(acts::follow(state, now));
        acts::replan(state, now);
        let at = state.polling.clock.now(now);
        state.account.health =
            diagnosis::examine(&state.account.store, &state.account.party_box, &state.account.rollouts, at);
    }
    look_at_zones(state, now);
    lists::rebuild(state, &anchors);
    let (asks, forgot) = schedule::run(state, now);
    effects.extend(asks);
    if forgot {
        // Nothing on the screen may point at what is not there any more.
        let anchors = lists::anchors(state);
        state.account.party_box = PartyBox::join(&state.account.store);
        look_at_zones(state, now);
        lists::rebuild(state, &anchors);
    }
    if state.session.quitting {
        effects.push(Effect::Quit);
    }
    effects
}

/// Takes the message itself in. Says whether the account may be in another condition now.
fn take_in(state: &mut State, msg: Msg, now: Now, anchors: &mut Anchors, effects: &mut Vec<Effect>) -> bool {
    match msg {
        Msg::Key(key) => {
            let before = state.screen.cursors.clone();
            let view = state.screen.view;
            effects.extend(keys::press(state, key, now));
            if state.screen.view == View::Drill && view != View::Drill {
                effects.push(Effect::LoadHistory);
            }
            lists::moved(state, &before, anchors);
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
            stop(state, sentence);
            false
        }
        Msg::Answer(answer) => {
            meter(state, &answer.meter, now);
            take(state, *answer, now)
        }
        Msg::OperationAnswered { id, outcome, meter: reading } => {
            meter(state, &reading, now);
            effects.extend(acts::acted(state, id, outcome, now));
            true
        }
        Msg::Draft(draft) => {
            acts::open(state, *draft, true, now);
            false
        }
        Msg::Choose(service) => {
            state.screen.overlay = Overlay::Choose(Box::new(rolls::choice(state, &service)));
            false
        }
        Msg::Confirm => {
            effects.extend(acts::confirm(state, now));
            false
        }
        msg @ (Msg::Observe(_)
        | Msg::Probed(_)
        | Msg::Resolved(_)
        | Msg::HistoryLoaded(_)
        | Msg::ReportSaved(_)) => {
            effects.extend(drills::take(state, msg, now));
            false
        }
        Msg::Notice(sentence) => {
            keys::notice(state, &sentence, now);
            false
        }
        Msg::Quit => {
            effects.extend(drills::leave(state, now));
            state.session.quitting = true;
            false
        }
    }
}

/// The zones are made while they are looked at only: they cost a walk over all tasks.
fn look_at_zones(state: &mut State, now: Now) {
    if state.screen.view == View::Zones {
        state.account.zones = diagnosis::list_zones(
            &state.account.store,
            &state.account.party_box,
            state.polling.clock.now(now),
        );
    }
}

/// Learns from the connection: the server's clock, the number of requests.
fn meter(state: &mut State, meter: &Meter, now: Now) {
    state.polling.clock.learn(meter);
    state.polling.meter = meter.clone();
    state.polling.requests.push_back((now.mono, meter.requests));
    let minute = now.mono.saturating_sub(Duration::from_mins(1));
    while state.polling.requests.len() > 2 && state.polling.requests[0].0 < minute {
        state.polling.requests.pop_front();
    }
}

/// Puts an answer into the store and joins what it concerns. Says whether it was taken.
fn take(state: &mut State, answer: Answer, now: Now) -> bool {
    let Answer { topic, run, result, .. } = answer;
    let every = state.polling.schedule.every(&topic).unwrap_or(Duration::from_secs(30));
    let Some((known, asked)) = state.account.store.slot(&topic).and_then(|s| s.in_flight) else {
        return false;
    };
    if known != run {
        return false;
    }
    let wall = now.wall - now.mono.saturating_sub(asked);
    let asked_at = state.polling.clock.now(Now { mono: asked, wall });
    let slot = state.account.store.slot_mut(&topic);
    slot.in_flight = None;
    match result {
        Ok(payload) => {
            slot.failure = None;
            slot.taken = Some(asked);
            slot.taken_at = Some(asked_at);
            // Marked as due while it was under way: what it brings may be older than the mark.
            slot.due = if slot.due < asked { Duration::ZERO } else { asked + every };
            let old = slot.payload.replace(payload);
            if state.session.account.is_empty()
                && let Some(identity) = state.account.store.identity()
            {
                state.session.account.clone_from(&identity.account);
            }
            events::note(state, &topic, old.as_ref(), now);
            changes::note(state, &topic, old.as_ref(), now);
            join(state, &topic);
        }
        Err(error) => {
            let (since, count) = match &slot.failure {
                Some(failure) => (failure.since, failure.count + 1),
                None => (asked, 1),
            };
            slot.due = now.mono + schedule::backoff(&error, count, every);
            if error.kind == ErrorKind::Throttled {
                state.polling.schedule.throttled(&topic, now.mono);
            }
            state.account.store.slot_mut(&topic).failure = Some(Failure { error, since, count });
        }
    }
    enter(state, &topic);
    true
}

/// Joins what a reading of this topic concerns.
fn join(state: &mut State, topic: &Topic) {
    match topic {
        Topic::Tasks(name) => state.account.party_box.rejoin_service(&state.account.store, name),
        Topic::TargetHealth(arn) => state.account.party_box.rejoin_group(&state.account.store, arn),
        Topic::Services
        | Topic::Scaling
        | Topic::TargetGroups
        | Topic::LoadBalancers
        | Topic::Databases
        | Topic::DbClusters
        | Topic::Image(_)
        | Topic::Network => state.account.party_box = PartyBox::join(&state.account.store),
        _ => {}
    }
}

/// At the door: finds the cluster, asks which, or says why it cannot go on.
fn enter(state: &mut State, topic: &Topic) {
    if !matches!(state.session.phase, StartPhase::Looking | StartPhase::Choosing) {
        return;
    }
    if let Some(failure) = state.account.store.failure(topic) {
        let error = &failure.error;
        let clusters = matches!(topic, Topic::Clusters);
        let stop = match error.kind {
            ErrorKind::Credentials => Some(error.message.clone()),
            ErrorKind::NotFound if clusters => Some(no_such_cluster(state)),
            ErrorKind::Denied if clusters && state.session.cluster_wanted.is_some() => {
                // The cluster is named: go on without its counts.
                let name = state.session.cluster_wanted.as_deref().map(short).unwrap_or_default().to_owned();
                watch(state, name);
                None
            }
            ErrorKind::Denied if clusters => Some(format!(
                "No permission for {}: name the cluster with --cluster, or allow the policy in the README.",
                error.action
            )),
            _ => None,
        };
        if let Some(sentence) = stop {
            state.session.phase = StartPhase::Stopped(sentence);
            state.session.quitting = true;
        }
        return;
    }
    let Some(Payload::Clusters(clusters)) = state.account.store.payload(&Topic::Clusters) else { return };
    match (&state.session.cluster_wanted, clusters.as_slice()) {
        (Some(wanted), all) => match all.iter().find(|c| c.name == *wanted || c.arn == *wanted) {
            Some(cluster) if cluster.status != "INACTIVE" => watch(state, cluster.name.clone()),
            _ => stop(state, no_such_cluster(state)),
        },
        (None, []) => {
            let region = state.session.region.clone();
            stop(
                state,
                format!(
                    "There is no ECS cluster in {region}. Choose another Region with --region, or another account with --profile."
                ),
            );
        }
        (None, [only]) => watch(state, only.name.clone()),
        (None, _) => state.session.phase = StartPhase::Choosing,
    }
}

fn no_such_cluster(state: &State) -> String {
    format!(
        "There is no cluster \"{}\" in {}. Leave --cluster away to choose from those that exist, or try another --region or --profile.",
        state.session.cluster_wanted.as_deref().unwrap_or(""),
        state.session.region
    )
}

fn stop(state: &mut State, sentence: String) {
    state.session.phase = StartPhase::Stopped(sentence);
    state.session.quitting = true;
}

/// Begins to watch a cluster.
pub(super) fn watch(state: &mut State, cluster: String) {
    state.session.cluster = Some(cluster);
    state.session.phase = StartPhase::Watching;
}
