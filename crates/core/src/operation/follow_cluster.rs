//! Follows the failover of a DB cluster: the writer moves to another member, or it does not.

use super::follow::FollowInput;
use super::{Tracked, Verdict};
use crate::diagnosis::zone_letter;
use crate::domain::{ClusterNode, EVENT_SLACK, FailoverStep, sentences};
use chrono::TimeDelta;

/// How long after acceptance a failover may take to show an effect; it usually takes less than a minute.
const SHOWS_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// The verdict of a cluster's failover. The move of the writer proves it: unlike a Multi-AZ instance's zone
/// it is the cluster's own field.
pub(super) fn failover(
    tracked: &mut Tracked,
    seen: FollowInput<'_>,
    id: &str,
    before: &str,
) -> Option<Verdict> {
    let Some(node) = seen.party_box.clusters.iter().find(|c| c.cluster.id == id) else {
        return Some(Verdict::Failed(format!("{id} is gone")));
    };
    let since = tracked.at - EVENT_SLACK;
    let (mut begun, mut completed) = (false, false);
    for event in seen.store.db_events().iter().filter(|e| e.source == id && e.at >= since) {
        match event.failover_step() {
            // Begun, and RDS could not end it; otherwise RDS dropped it before it began.
            Some(FailoverStep::Abandoned) if sentences::names_failed_cluster_failover(&event.message) => {
                return Some(Verdict::Failed(event.message.clone()));
            }
            Some(FailoverStep::Abandoned) => return Some(Verdict::NothingHappened(event.message.clone())),
            Some(FailoverStep::Begins) => begun = true,
            Some(FailoverStep::Ends) => completed = true,
            Some(FailoverStep::Remark) | None => {}
        }
    }
    let moved = node.writer().is_some_and(|w| w.id != before);
    let available = node.cluster.status == "available";
    tracked.progress = progress(node, before, completed).into();
    if moved && available {
        return Some(Verdict::Succeeded);
    }
    let silent = !moved && available && !begun && !completed;
    (silent && seen.now - tracked.at > SHOWS_WITHIN)
        .then(|| Verdict::NothingHappened(format!("{before} still writes, and RDS told of no failover")))
}

fn progress(node: &ClusterNode, before: &str, completed: bool) -> String {
    let status = &node.cluster.status;
    let Some(writer) = node.writer() else { return format!("{status}, no member writes") };
    let zone = writer.zone.as_deref().map(|z| format!(" in {}", zone_letter(z))).unwrap_or_default();
    let id = &writer.id;
    match (id == before, completed) {
        (false, _) => format!("{status}, {id}{zone} writes now"),
        (true, true) => format!("{status}, completed; RDS still shows {id}{zone} as the writer"),
        (true, false) => format!("{status}, {id}{zone} writes"),
    }
}
