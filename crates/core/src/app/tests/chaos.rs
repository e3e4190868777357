//! Random stories from a seed: late, lost, repeated and reordered answers, failures and keys.

use super::build::{Ask, Script};
use crate::app::{Key, KeyCode, Msg, Pane, StartPhase, View, keymap};
use crate::domain::samples::{deployment, error, event, failover_event, target, task};
use crate::domain::{ErrorKind, Meter, Topic};
use crate::operation::{Accepted, Action, OperationStage};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// splitmix64: small, and the same story for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n as u64)).expect("below a usize")
    }
}

/// The account changes by itself.
fn stir(script: &mut Script, dice: &mut Dice) {
    let n = u32::try_from(dice.below(40)).expect("small");
    let second = i64::try_from(script.mono.as_secs()).expect("small");
    let account = &mut script.account;
    let name = if n.is_multiple_of(2) { "backend" } else { "frontend" };
    match dice.below(12) {
        0 if account.services.len() > 1 => {
            account.services.remove(0);
        }
        1 => {
            let mut other = crate::domain::samples::Sample::healthy().services[1].clone();
            other.name = format!("svc{n}");
            account.services.push(other);
        }
        2 => account.tasks_of(name).push(task(name, n, "ecs-svc/backend-2")),
        3 => account.tasks_of(name).truncate(1),
        4 => account.targets_of(name).push(target(name, n, "initial")),
        5 => account.targets_of(name).clear(),
        6 => account.databases.truncate(dice.below(3)),
        7 => account.db_events.push(failover_event(second, "Multi-AZ instance failover completed.")),
        8 => account.network.subnets.truncate(1),
        9 => account.listeners.truncate(dice.below(3)),
        10 if n < 20 => account.groups.iter_mut().for_each(|g| g.load_balancers.clear()),
        _ => {
            for service in &mut account.services {
                service.desired = n;
                service.deployments.insert(0, deployment(&format!("ecs-svc/{n}"), "PRIMARY", "IN_PROGRESS"));
                service.deployments.truncate(3);
                let text = format!("(service x) rolling back to deployment ecs-svc/{n}.");
                service.events.insert(0, event(second, &text));
            }
        }
    }
}

fn a_key(dice: &mut Dice) -> Key {
    const TYPED: [KeyCode; 9] = [
        KeyCode::Char('y'),
        KeyCode::Char('4'),
        KeyCode::Char('0'),
        KeyCode::Char('é'),
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Home,
    ];
    let bindings: Vec<Key> = keymap::BINDINGS
        .iter()
        .filter(|b| b.command != keymap::Command::Quit)
        .flat_map(|b| b.keys.iter().copied())
        .collect();
    match dice.below(3) {
        0 => Key::plain(TYPED[dice.below(TYPED.len())]),
        _ => bindings[dice.below(bindings.len())],
    }
}

fn an_outcome(dice: &mut Dice, action: &Action) -> Result<Accepted, crate::domain::CallError> {
    match (dice.below(3), action) {
        (0, _) => Err(error(ErrorKind::ALL[dice.below(ErrorKind::ALL.len())])),
        (_, Action::Scale { to, .. }) => Ok(Accepted::Scaled(*to)),
        (1, Action::Redeploy { .. }) => Ok(Accepted::Redeployed(None)),
        (_, Action::Redeploy { .. }) => Ok(Accepted::Redeployed(Some("ecs-svc/7".into()))),
        (_, Action::Deploy { .. } | Action::Revert { .. }) => {
            Ok(Accepted::Deployed { deployment: Some("ecs-svc/8".into()), registered: None })
        }
        (_, Action::StopRollout { .. } | Action::Continue { .. }) => Ok(Accepted::Asked),
        (_, Action::StopTask { .. }) => Ok(Accepted::Stopping),
        (_, Action::Range { .. }) => Ok(Accepted::RangeSet),
        (_, Action::Failover { .. } | Action::FailoverCluster { .. }) => {
            Ok(Accepted::FailoverAccepted("rebooting".into()))
        }
    }
}

fn step(script: &mut Script, dice: &mut Dice, said: &mut Vec<Ask>) {
    match dice.below(12) {
        // An answer, out of turn.
        0..4 if !script.open.is_empty() => {
            let at = dice.below(script.open.len());
            let ask = script.open.remove(at).expect("in range");
            let result = match dice.below(6) {
                0 => Err(error(ErrorKind::ALL[dice.below(ErrorKind::ALL.len())])),
                _ => script.say(&ask),
            };
            script.answer(&ask, result);
            said.push(ask);
        }
        // The same answer again, long after.
        4 if !said.is_empty() => {
            let ask = said[dice.below(said.len())].clone();
            let result = script.say(&ask);
            script.answer(&ask, result);
        }
        // An answer that never comes.
        5 if !script.open.is_empty() => {
            let at = dice.below(script.open.len());
            script.open.remove(at);
        }
        6 => stir(script, dice),
        7 => {
            script.mono += Duration::from_millis(dice.next() % 40_000);
            script.send(Msg::Tick);
        }
        8 if !script.acts.is_empty() => {
            let (id, action) = script.acts[dice.below(script.acts.len())].clone();
            let requests = dice.next() % 1000;
            let outcome = an_outcome(dice, &action);
            script.send(Msg::OperationAnswered {
                id,
                outcome,
                meter: Meter { requests, ..Meter::default() },
            });
        }
        9 => script.send(Msg::Resize(u16::try_from(dice.below(200)).expect("small"), 5)),
        10 => script.send(Msg::Paste("party-box-db".into())),
        _ => script.press(a_key(dice)),
    }
}

/// Every index in every list leads to something, and no selection is beyond its list.
fn in_range(script: &Script) {
    assert!(script.state.calls_per_minute() <= 1000, "the meter never said more");
    let (state, it) = (&script.state, &script.state.account.party_box);
    let lists = &state.screen.rows;
    assert!(lists.services.iter().all(|i| *i < it.services.len()));
    assert!(lists.databases.iter().all(|i| *i < it.databases.len()));
    assert!(lists.images.iter().all(|i| *i < it.images.len()));
    assert!(lists.events.iter().all(|i| *i < state.timeline.entries().len()));
    assert!(lists.db_events.iter().all(|i| *i < state.account.store.db_events().len()));
    let node = state.services_view_node();
    assert!(lists.tasks.iter().all(|i| node.is_some_and(|n| *i < n.rows.len())));
    assert!(lists.targets.iter().all(|(g, t)| *t < it.groups[*g].targets.len()));
    for at in &lists.rules {
        let listeners = state.account.store.listeners(&it.balancers[at.balancer].arn).expect("read");
        assert!(at.rule < listeners[at.listener].rules.len());
    }
    if !lists.subnets.is_empty() || !lists.group_rules.is_empty() {
        let network = state.account.store.network().expect("read");
        assert!(lists.subnets.iter().all(|i| *i < network.subnets.len()));
        let rule = |(g, r): &(usize, Option<usize>)| {
            let group = &network.security_groups[*g];
            r.is_none_or(|r| r < group.inbound.len())
        };
        assert!(lists.group_rules.iter().all(rule));
    }
    for view in View::ALL {
        for pane in [Pane::Main, Pane::Detail] {
            let (row, rows) = (state.cursor(view, pane), state.rows(view, pane));
            assert!(row == 0 || row < rows, "{view:?} {pane:?}: {row} of {rows}");
        }
    }
}

fn story(seed: u64) {
    let mut dice = Dice(seed);
    let mut script = Script::watching();
    script.hang = true;
    let mut said = Vec::new();
    let mut ended: BTreeMap<u64, OperationStage> = BTreeMap::new();
    for _ in 0..150 {
        let asked = script.asked.len();
        step(&mut script, &mut dice, &mut said);
        in_range(&script);
        for operation in &script.state.operations {
            if let Some(verdict) = ended.get(&operation.id) {
                assert_eq!(&operation.stage, verdict, "a verdict is never taken back");
            } else if matches!(operation.stage, OperationStage::Ended(_)) {
                ended.insert(operation.id, operation.stage.clone());
            }
        }
        // What was asked in this one step, about each topic at most once.
        let mut topics: HashMap<&Topic, usize> = HashMap::new();
        for (_, topic) in &script.asked[asked..] {
            *topics.entry(topic).or_default() += 1;
        }
        assert!(topics.values().all(|n| *n == 1), "{topics:?}");
        // Of the questions still open, those that count are younger than a minute and one a topic.
        for (topic, slot) in script.state.account.store.iter() {
            let Some((run, since)) = slot.in_flight else { continue };
            assert!(
                script.mono < since + Duration::from_secs(61)
                    || script.state.polling.schedule.every(topic).is_none()
            );
            assert!(run <= script.state.session.last_run);
        }
    }
    let ids: Vec<u64> = script.acts.iter().map(|(id, _)| *id).collect();
    let mut unique = ids.clone();
    unique.dedup();
    assert_eq!(ids, unique, "each operation is sent once");
    assert_eq!(ids.len(), script.state.operations.len());
    assert_eq!(script.state.session.phase, StartPhase::Watching);
    // However it went: once AWS answers again, all is read again.
    script.open.clear();
    script.hang = false;
    script.keys("\x1b\x1b\x1b\x1b\x1b");
    script.press(Key::ctrl('r'));
    script.run(70);
    let failing: Vec<_> =
        script.state.account.store.iter().filter(|(_, s)| s.failure.is_some()).map(|(t, _)| t).collect();
    assert!(
        failing
            .iter()
            .all(|t| matches!(t, Topic::TargetHealth(_) | Topic::TaskDefinition(_) | Topic::TaskLog(_))),
        "{failing:?}"
    );
}

#[test]
fn no_story_breaks_it() {
    for seed in 0..200 {
        let told = std::panic::catch_unwind(|| story(seed));
        assert!(told.is_ok(), "seed {seed}");
    }
}
