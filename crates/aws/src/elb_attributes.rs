//! The attributes of target groups, a few groups a poll. They take a call for each group, from a bucket that
//! every `Describe*` of the account shares (burst 40, 10 a second). The other groups keep what was last read.

use super::xml::Node;
use partybox_core::domain::{HealthMinimum, TargetGroup};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Groups whose attributes one poll reads: a fifth of the bucket's burst.
const A_POLL: usize = partybox_core::domain::ATTRIBUTES_A_POLL;

/// The attributes that are read of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    /// `deregistration_delay.timeout_seconds`.
    pub(super) delay: Option<u32>,
    /// `stickiness.enabled`.
    pub(super) sticky: Option<bool>,
    /// `target_group_health.unhealthy_state_routing.minimum_healthy_targets.*`.
    routing: HealthMinimum,
    /// `target_group_health.dns_failover.minimum_healthy_targets.*`.
    dns: HealthMinimum,
    /// `preserve_client_ip.enabled`.
    client_ip: Option<bool>,
}

impl Attributes {
    fn of(answer: &Node) -> Self {
        let mut read = Self::default();
        for attribute in answer.list("Attributes") {
            let Some(key) = attribute.at(&["Key"]) else { continue };
            // A minimum that is switched off is `off`, which is no number.
            match key {
                "deregistration_delay.timeout_seconds" => read.delay = attribute.number("Value"),
                "stickiness.enabled" => read.sticky = attribute.number("Value"),
                "preserve_client_ip.enabled" => read.client_ip = attribute.number("Value"),
                _ => {
                    let Some(rest) = key.strip_prefix("target_group_health.") else { continue };
                    let (minimum, part) = match rest.split_once(".minimum_healthy_targets.") {
                        Some(("unhealthy_state_routing", part)) => (&mut read.routing, part),
                        Some(("dns_failover", part)) => (&mut read.dns, part),
                        _ => continue,
                    };
                    match part {
                        "count" => minimum.count = attribute.number("Value"),
                        "percentage" => minimum.percent = attribute.number("Value"),
                        _ => {}
                    }
                }
            }
        }
        read
    }

    /// Gives a group its attributes.
    pub(super) fn give(self, group: &mut TargetGroup) {
        (group.deregistration_delay, group.sticky) = (self.delay, self.sticky);
        (group.routing_minimum, group.dns_minimum) = (self.routing, self.dns);
        group.preserves_client_ip = self.client_ip;
    }
}

/// The attributes of each group by its ARN, and in which turn it was last asked for.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<BTreeMap<String, (u64, Attributes)>>);

impl Known {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (u64, Attributes)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The groups whose turn it is: those never asked for, then those asked for longest ago. Groups that are
    /// not in the list are forgotten.
    pub(super) fn turn(&self, groups: &[String]) -> Vec<String> {
        let mut known = self.lock();
        known.retain(|arn, _| groups.contains(arn));
        let last = known.values().map(|(turn, _)| *turn).max().unwrap_or(0);
        let mut waiting: Vec<&String> = groups.iter().collect();
        waiting.sort_by_key(|arn| known.get(*arn).map_or(0, |(turn, _)| *turn));
        let chosen: Vec<String> = waiting.into_iter().take(A_POLL).cloned().collect();
        for arn in &chosen {
            known.entry(arn.clone()).or_default().0 = last + 1;
        }
        chosen
    }

    /// Keeps the answer for a group. Without an answer the earlier one stays.
    pub(super) fn keep(&self, arn: &str, answer: Option<&Node>) {
        if let (Some(answer), Some((_, known))) = (answer, self.lock().get_mut(arn)) {
            *known = Attributes::of(answer);
        }
    }

    /// The known attributes of a group.
    pub(super) fn of(&self, arn: &str) -> Attributes {
        self.lock().get(arn).map(|(_, known)| *known).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(n: usize) -> Vec<String> {
        (0..n).map(|n| format!("group-{n:03}")).collect()
    }

    #[test]
    fn every_group_has_its_turn_and_no_poll_asks_for_many() {
        let (known, groups) = (Known::default(), groups(20));
        let mut asked = Vec::new();
        for _ in 0..3 {
            let turn = known.turn(&groups);
            assert!(turn.len() <= A_POLL, "{turn:?}");
            asked.extend(turn);
        }
        asked.truncate(20);
        asked.sort_unstable();
        assert_eq!(asked, groups);
    }

    #[test]
    fn a_failed_answer_leaves_what_was_known_and_few_groups_are_read_each_time() {
        let (known, groups) = (Known::default(), groups(3));
        let answer = Node::parse(
            "<R><Attributes><member><Key>deregistration_delay.timeout_seconds</Key><Value>300</Value></member></Attributes></R>",
        );
        assert_eq!(known.turn(&groups), groups);
        known.keep(&groups[0], answer.as_ref());
        let read = Attributes { delay: Some(300), ..Attributes::default() };
        assert_eq!(known.of(&groups[0]), read);
        assert_eq!(known.turn(&groups), groups);
        known.keep(&groups[0], None);
        assert_eq!((known.of(&groups[0]), known.of(&groups[1])), (read, Attributes::default()));
        known.turn(&groups[1..]);
        assert_eq!(known.of(&groups[0]), Attributes::default(), "it is gone");
    }
}
