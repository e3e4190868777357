//! Rollouts in the state: updated by each reading that concerns them, and reported when they end.

use crate::app::reducers::operations;
use crate::app::state::{Effect, Entry, EventKind, Source, State};
use crate::diagnosis::{self, Subject};
use crate::domain::{Level, Now, ServiceNode, Topic, sentences};

/// Updates the rollouts that a reading concerns; after a tick, all that have not ended. Reports new verdicts.
pub(crate) fn observe(state: &mut State, topic: Option<&Topic>, now: Now) -> Vec<Effect> {
    operations::pin(state);
    let at = state.polling.clock.now(now);
    let mut news = Vec::new();
    for service in concerned(state, topic) {
        news.extend(state.account.rollouts.observe(
            &state.account.store,
            &state.account.party_box,
            &service,
            at,
        ));
        judge_events(state, &service);
    }
    if let Some(Topic::ServiceDeployments(service)) = topic {
        cross_check(state, service);
    }
    let mut effects = Vec::new();
    for it in news {
        if it.first {
            effects.push(Effect::Notify { title: it.service.clone(), text: it.text.clone() });
        }
        let subject = Subject::Service(it.service);
        let (source, kind) = (Source::Readings, EventKind::Rollout);
        state.timeline.add([Entry { at, source, kind, subject, level: it.level, text: it.text }]);
    }
    effects
}

/// Notes that somebody has seen how rollouts ended: those of the selected service, or all where none is
/// selected. Returns of how many there was something to note.
pub(crate) fn note_ends(state: &mut State, now: Now) -> usize {
    let at = state.polling.clock.now(now);
    let selected = state.selected_service().map(str::to_owned);
    let mut noted = 0;
    for node in &state.account.party_box.services {
        let name = &node.service().name;
        let meant = selected.as_ref().is_none_or(|one| one == name);
        if meant && diagnosis::tells_end(node.service(), &state.account.rollouts, at) {
            state.account.rollouts.note(name, at);
            noted += 1;
        }
    }
    state.account.health =
        diagnosis::examine(&state.account.store, &state.account.party_box, &state.account.rollouts, at);
    noted
}

/// Gives the events of a service the severity that they have beside how its rollouts ended: ECS tells the end of
/// a way back in the words of a success.
fn judge_events(state: &mut State, name: &str) {
    let Some(node) = state.account.party_box.service(name) else { return };
    let service = node.service();
    let subject = Subject::Service(name.to_owned());
    for event in service.events.iter().filter(|event| event.level() == Level::Good) {
        let level = diagnosis::event_level(service, event, &state.account.rollouts);
        if level != Level::Good {
            let text = sentences::without_service(&event.message, name);
            state.timeline.judge(event.at, &subject, text, level);
        }
    }
}

/// Makes the readings due that a verdict is checked against, because ECS has just reported that a rollout
/// ended.
fn cross_check(state: &mut State, service: &str) {
    let Some(node) = state.account.party_box.service(service) else { return };
    if !state.account.rollouts.of(service).iter().any(|rollout| rollout.unconfirmed()) {
        return;
    }
    let groups = node.service().target_groups().map(str::to_owned);
    let mut topics: Vec<Topic> = groups.map(Topic::TargetHealth).collect();
    topics.extend([Topic::Services, Topic::Tasks(service.to_owned())]);
    for topic in topics {
        if state.account.store.slot(&topic).is_some() {
            state.account.store.expire(&topic);
        }
    }
}

/// The services whose rollouts a reading may affect.
fn concerned(state: &State, topic: Option<&Topic>) -> Vec<String> {
    let nodes = || state.account.party_box.services.iter().map(ServiceNode::service);
    match topic {
        Some(Topic::Services | Topic::TargetGroups | Topic::TaskDefinition(_)) => {
            nodes().map(|s| s.name.clone()).collect()
        }
        Some(Topic::Tasks(name) | Topic::ServiceDeployments(name) | Topic::Revisions(name)) => {
            vec![name.clone()]
        }
        Some(Topic::TargetHealth(arn)) => {
            nodes().filter(|s| s.registers_in(arn)).map(|s| s.name.clone()).collect()
        }
        None | Some(Topic::TaskLog(_)) => {
            let mut names: Vec<String> = state
                .account
                .rollouts
                .iter()
                .filter(|r| r.in_flight() || !r.failures.is_empty())
                .map(|r| r.service.clone())
                .collect();
            names.sort();
            names.dedup();
            names
        }
        _ => Vec::new(),
    }
}
