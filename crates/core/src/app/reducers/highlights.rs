//! Highlights values that have just changed. They are drawn bright, so that a change is noticed.

use crate::app::state::{State, WatchedValue};
use crate::domain::{Database, Now, Payload, Service, TargetHealth, Topic};
use std::time::Duration;

/// How long a changed value stays bright: long enough to be seen, short enough to mean "just now".
const BRIGHT: Duration = Duration::from_secs(3);

/// Notes what a new reading of a topic changed against the one before it. A first reading changes nothing.
pub(crate) fn add_highlights(state: &mut State, topic: &Topic, old: Option<&Payload>, now: Now) {
    let mut found: Vec<(WatchedValue, String)> = Vec::new();
    match (topic, state.account.store.payload(topic), old) {
        (_, Some(Payload::Services(new)), Some(Payload::Services(old))) => {
            for (new, old) in pairs(new, old, |a: &Service, b| a.name == b.name) {
                found.extend(service(new, old).map(|value| (value, new.name.clone())));
            }
        }
        (Topic::TargetHealth(arn), Some(Payload::TargetHealth(new)), Some(Payload::TargetHealth(old))) => {
            for (new, old) in pairs(new, old, |a: &TargetHealth, b| a.id == b.id && a.port == b.port) {
                if new.state != old.state {
                    found.push((WatchedValue::Target, new.id.clone()));
                }
            }
            let service = state.account.party_box.group(arn).and_then(|g| g.service.clone());
            found.extend(
                service.filter(|_| tally(new) != tally(old)).map(|name| (WatchedValue::Healthy, name)),
            );
        }
        (_, Some(Payload::Databases(new)), Some(Payload::Databases(old))) => {
            for (new, old) in pairs(new, old, |a: &Database, b| a.id == b.id) {
                if new.status != old.status {
                    found.push((WatchedValue::DbStatus, new.id.clone()));
                }
                let zones = |db: &Database| (db.zone.clone(), db.secondary_zone.clone(), db.multi_az);
                if zones(new) != zones(old) {
                    found.push((WatchedValue::DbZones, new.id.clone()));
                }
            }
        }
        _ => {}
    }
    for (value, of) in found {
        state.account.highlights.mark(value, &of, now.mono + BRIGHT);
    }
}

/// Pairs the items that are in both readings. AWS mostly keeps its order, so the same index is tried first.
fn pairs<'a, T>(
    new: &'a [T],
    old: &'a [T],
    same: impl Fn(&T, &T) -> bool + 'a,
) -> impl Iterator<Item = (&'a T, &'a T)> {
    new.iter().enumerate().filter_map(move |(i, one)| {
        let before = old.get(i).filter(|o| same(one, o)).or_else(|| old.iter().find(|o| same(one, o)))?;
        Some((one, before))
    })
}

fn service<'a>(new: &'a Service, old: &'a Service) -> impl Iterator<Item = WatchedValue> + 'a {
    let rollout = |s: &'a Service| s.primary().map(|d| (d.id.as_str(), d.rollout_state.as_deref()));
    [
        (WatchedValue::Running, new.running != old.running),
        (WatchedValue::Desired, new.desired != old.desired),
        (WatchedValue::Pending, new.pending != old.pending),
        (WatchedValue::Rollout, rollout(new) != rollout(old)),
    ]
    .into_iter()
    .filter_map(|(value, changed)| changed.then_some(value))
}

/// Healthy targets, and all that do not drain.
fn tally(targets: &[TargetHealth]) -> (usize, usize) {
    let healthy = targets.iter().filter(|t| t.serves()).count();
    let draining = targets.iter().filter(|t| t.drains()).count();
    (healthy, targets.len() - draining)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::Highlights;
    use crate::domain::{GroupNode, TargetGroup};
    use chrono::DateTime;
    use std::sync::Arc;

    const ARN: &str = "arn:targetgroup/back/1";

    fn at(seconds: u64) -> Now {
        Now {
            mono: Duration::from_secs(seconds),
            wall: DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time"),
        }
    }

    /// Takes a reading in the way `update` does: the new one is in the store, the old one at hand.
    fn read(state: &mut State, topic: &Topic, payload: Payload, now: Now) {
        let old = state.account.store.slot_mut(topic).payload.replace(payload);
        add_highlights(state, topic, old.as_ref(), now);
    }

    fn services(running: [u32; 2]) -> Payload {
        let one = |name: &str, running| Service { name: name.into(), running, ..Service::default() };
        Payload::Services(Arc::new(vec![one("back", running[0]), one("front", running[1])]))
    }

    #[test]
    fn a_changed_count_is_bright_for_three_seconds() {
        let mut state = State::default();
        let recent = |state: &State, of: &str, now: Now| {
            state.account.highlights.is_recent(WatchedValue::Running, of, now.mono)
        };
        read(&mut state, &Topic::Services, services([1, 2]), at(10));
        assert_eq!(state.account.highlights, Highlights::default(), "a first reading changes nothing");
        read(&mut state, &Topic::Services, services([2, 2]), at(20));
        assert!(recent(&state, "back", at(20)) && recent(&state, "back", at(22)));
        assert!(!recent(&state, "back", at(23)) && !recent(&state, "front", at(20)));
        assert!(!state.account.highlights.is_recent(WatchedValue::Desired, "back", at(20).mono));
        assert_eq!(state.account.highlights.next_end(), Some(Duration::from_secs(23)));
        state.account.highlights.expire(Duration::from_secs(23));
        assert_eq!(state.account.highlights, Highlights::default());
    }

    #[test]
    fn a_target_and_its_services_count_change_together() {
        let mut state = State::default();
        state.account.party_box.groups = vec![GroupNode {
            group: TargetGroup { arn: ARN.into(), ..TargetGroup::default() },
            service: Some("back".into()),
            ..GroupNode::default()
        }];
        let targets = |first: &str| {
            let one = |id: &str, state: &str| TargetHealth {
                id: id.into(),
                state: state.into(),
                ..TargetHealth::default()
            };
            Payload::TargetHealth(vec![one("10.0.0.1", first), one("10.0.0.2", "healthy")])
        };
        let topic = Topic::TargetHealth(ARN.into());
        read(&mut state, &topic, targets("initial"), at(1));
        read(&mut state, &topic, targets("healthy"), at(2));
        let recent = |value, of| state.account.highlights.is_recent(value, of, at(2).mono);
        assert!(recent(WatchedValue::Target, "10.0.0.1") && recent(WatchedValue::Healthy, "back"));
        assert!(!recent(WatchedValue::Target, "10.0.0.2"));
    }

    #[test]
    fn a_failover_shows_in_status_and_zones() {
        let mut state = State::default();
        let db = |status: &str, zone: &str| {
            Payload::Databases(vec![Database {
                id: "db".into(),
                status: status.into(),
                zone: Some(zone.into()),
                ..Database::default()
            }])
        };
        read(&mut state, &Topic::Databases, db("available", "a"), at(1));
        read(&mut state, &Topic::Databases, db("rebooting", "a"), at(2));
        assert!(state.account.highlights.is_recent(WatchedValue::DbStatus, "db", at(2).mono));
        assert!(!state.account.highlights.is_recent(WatchedValue::DbZones, "db", at(2).mono));
        read(&mut state, &Topic::Databases, db("rebooting", "c"), at(9));
        assert!(state.account.highlights.is_recent(WatchedValue::DbZones, "db", at(9).mono));
        assert!(!state.account.highlights.is_recent(WatchedValue::DbStatus, "db", at(9).mono));
    }
}
