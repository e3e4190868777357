//! A rollout in one line: how many of its tasks are healthy, what it waits for, how long it has run.

use crate::diagnosis::Rollout;
use crate::domain::ServiceNode;
use chrono::{DateTime, TimeDelta, Utc};

/// Columns between the brackets.
const COLUMNS: u32 = 20;

/// `1:12 [##########..........] 2/4 new healthy, 2 starting, about 40s`. ASCII, for any terminal.
pub fn progress(rollout: &Rollout, node: Option<&ServiceNode>, now: DateTime<Utc>) -> String {
    let mut text = elapsed(now - rollout.since());
    if let Some(node) = node {
        let wanted = node.service().desired;
        let own = rollout.deployment.as_ref().and_then(|id| node.by_deployment.get(id));
        let healthy = own.map_or(0, |counts| counts.healthy);
        let filled = (healthy.min(wanted) * COLUMNS).checked_div(wanted).unwrap_or(0);
        let bar: String = (0..COLUMNS).map(|column| if column < filled { '#' } else { '.' }).collect();
        text = format!("{text} [{bar}] {healthy}/{wanted} new healthy");
    }
    let going_back = || rollout.rolling_back.then(|| "rolling back".to_owned());
    let state = rollout.verdict_words().or_else(going_back);
    let waits = rollout.waits.iter().map(|wait| wait.words(now));
    let eta = rollout.eta_words(now).filter(|_| rollout.verdict.is_none() && !rollout.rolling_back);
    for part in state.into_iter().chain(waits).chain(eta) {
        text = format!("{text}, {part}");
    }
    text
}

/// Minutes and seconds.
fn elapsed(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{RolloutVerdict, Wait, WaitKind};
    use crate::domain::PartyBox;
    use crate::domain::samples::{Sample, at};
    use std::time::Duration;

    fn rollout() -> Rollout {
        let wait = |kind, count, until| Wait { kind, count, since: None, until, note: None };
        let mut rollout = Rollout::default();
        rollout.started_at = Some(at(0));
        rollout.waits =
            vec![wait(WaitKind::HealthChecks, 1, Some(at(102))), wait(WaitKind::Drain, 2, Some(at(372)))];
        rollout
    }

    #[test]
    fn the_bar_counts_the_healthy_and_the_waits_count_down() {
        let it = PartyBox::join(&Sample::healthy().store(Duration::ZERO, at(0)));
        let mut node = it.service("backend").expect("backend").clone();
        let mut rollout = rollout();
        let id = node.service().primary().expect("a deployment").id.clone();
        rollout.deployment = Some(id.clone());
        let wanted = node.service().desired;
        assert_eq!(wanted, 2);
        node.by_deployment.entry(id.clone()).or_default().healthy = 1;
        assert_eq!(
            progress(&rollout, Some(&node), at(72)),
            "1:12 [##########..........] 1/2 new healthy, waiting for health checks of 1, about 30s, \
             2 old targets draining, up to 5m"
        );
        node.by_deployment.entry(id).or_default().healthy = 9;
        assert!(progress(&rollout, Some(&node), at(72)).contains("[####################] 9/2"));
        rollout.deployment = None;
        assert!(progress(&rollout, Some(&node), at(72)).contains("[....................] 0/2"));
    }

    #[test]
    fn a_way_back_and_a_success_that_drains_are_said() {
        let mut rollout = rollout();
        rollout.waits.clear();
        rollout.rolling_back = true;
        rollout.eta = Some((at(10), at(1000)));
        assert_eq!(progress(&rollout, None, at(3725)), "62:05, rolling back");
        rollout.verdict = Some(RolloutVerdict::Draining);
        assert_eq!(progress(&rollout, None, at(5)), "0:05, succeeded; old tasks still drain");
    }
}
