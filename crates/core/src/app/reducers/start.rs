//! The start of a session: which cluster is watched, or why none is.

use crate::app::state::{StartPhase, State};
use crate::domain::{ErrorKind, Payload, Topic, short};

/// Finds the cluster to watch, asks which one, or says why the session cannot go on.
pub(crate) fn enter(state: &mut State, topic: &Topic) {
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
                state.watch_cluster(name);
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
            Some(cluster) if cluster.status != "INACTIVE" => state.watch_cluster(cluster.name.clone()),
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
        (None, [only]) => state.watch_cluster(only.name.clone()),
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

/// Stops the session with a sentence that says why.
pub(crate) fn stop(state: &mut State, sentence: String) {
    state.session.phase = StartPhase::Stopped(sentence);
    state.session.quitting = true;
}
