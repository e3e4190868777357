//! Random interleavings of late, lost, repeated and reordered readings: no verdict flips after it was final,
//! and none is a success that is not.

use super::*;
use crate::domain::CircuitBreaker;
use RolloutVerdict as V;

/// splitmix64: small, and the same story for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (n as u64)).expect("below a usize")
    }
}

/// What truly happened: from which second on the account was how.
type Truth = Vec<(i64, Sample)>;

fn failed_for_good() -> Sample {
    let mut sample = rolling();
    record_of(&mut sample).status = "ROLLBACK_FAILED".into();
    let service = sample.service("backend");
    service.circuit_breaker = Some(CircuitBreaker { enable: true, rollback: false });
    service.deployments[0].rollout_state = Some("FAILED".into());
    sample
}

/// Its name, what happened, and which verdict is right.
type Story = (&'static str, Truth, fn(&V) -> bool);

fn stories() -> Vec<Story> {
    vec![
        ("success", vec![(-60, before()), (0, rolling()), (120, out()), (400, done())], |v| {
            *v == V::Succeeded
        }),
        ("rollback", vec![(-60, before()), (0, rolling()), (60, going_back()), (150, back())], |v| {
            matches!(v, V::RolledBack(_))
        }),
        ("failure", vec![(-60, before()), (0, rolling()), (90, failed_for_good())], |v| {
            matches!(v, V::Failed(_))
        }),
        ("superseded", vec![(-60, before()), (0, rolling()), (40, taken_over())], |v| {
            matches!(v, V::Superseded(_))
        }),
    ]
}

/// Everything as it was read at each step of the truth; only the moments of reading are set later.
struct Shelf<'a> {
    truth: &'a Truth,
    stores: Vec<Store>,
}

impl<'a> Shelf<'a> {
    fn new(truth: &'a Truth) -> Self {
        Self { truth, stores: truth.iter().map(|(_, s)| s.store(Duration::ZERO, at(0))).collect() }
    }

    /// How the account truly was at a second.
    fn at(&self, second: i64) -> &Store {
        &self.stores[self.truth.iter().rposition(|(from, _)| *from <= second).unwrap_or(0)]
    }
}

/// A store in which each topic was read at its own, random moment: up to 15 s before `second`, or not at all.
/// The answer itself may come from a replica that is up to 10 s behind.
fn mixed(shelf: &Shelf<'_>, second: i64, dice: &mut Dice) -> Store {
    let mut store = Store::default();
    for (topic, _) in shelf.at(second).iter().filter(|(topic, _)| matters(topic)) {
        if dice.below(10) == 0 {
            continue;
        }
        let read = second - i64::try_from(dice.below(15)).expect("small");
        let behind = if dice.below(3) == 0 { i64::try_from(dice.below(10)).expect("small") } else { 0 };
        if let Some(was) = shelf.at(read - behind).slot(topic) {
            let slot = store.slot_mut(topic);
            *slot = was.clone();
            slot.taken = Some(Duration::from_secs(u64::try_from(1000 + read).expect("a time of the test")));
            slot.taken_at = Some(at(read));
        }
    }
    store
}

/// What rollouts are judged by.
fn matters(topic: &Topic) -> bool {
    match topic {
        Topic::Services | Topic::TargetGroups | Topic::TargetHealth(_) | Topic::TaskDefinition(_) => true,
        Topic::Tasks(name) | Topic::ServiceDeployments(name) | Topic::Revisions(name) => name == "backend",
        _ => false,
    }
}

fn tell(name: &str, shelf: &Shelf<'_>, meant: fn(&V) -> bool, seed: u64) {
    let (mut dice, truth) = (Dice(seed), shelf.truth);
    let mut watch = Watch::new(&truth[0].1);
    if dice.below(2) == 0 {
        watch.rollouts.pin(NEW, "backend", OLD, at(0), Duration::from_secs(1000));
    }
    let mut last: Option<V> = None;
    let mut news = 0;
    let mut second = -20;
    while second < 600 {
        second += 1 + i64::try_from(dice.below(8)).expect("small");
        let told = watch.take(&mixed(shelf, second, &mut dice), second);
        news +=
            told.iter().filter(|n| n.first && watch.rollouts.find(NEW).is_some_and(|r| r.id == n.id)).count();
        let verdict = watch.verdict();
        if let Some(known) = last.as_ref().filter(|v| v.is_final()) {
            assert_eq!(verdict.as_ref(), Some(known), "{name}, seed {seed}, second {second}: flipped");
        }
        if let Some(verdict) = &verdict {
            let green = matches!(verdict, V::Succeeded | V::Draining);
            assert!(!green || meant(&V::Succeeded), "{name}, seed {seed}, second {second}: false success");
            assert!(!verdict.is_final() || meant(verdict), "{name}, seed {seed}, {second}: {verdict:?}");
        }
        last = verdict;
    }
    // Once the readings are right again, the verdict is there.
    for second in [700, 720, 740, 760] {
        watch.look(&truth[truth.len() - 1].1, second);
    }
    let verdict = watch.verdict();
    assert!(verdict.as_ref().is_some_and(meant), "{name}, seed {seed}: {verdict:?}");
    assert!(news <= 1, "{name}, seed {seed}: told {news} times");
}

#[test]
fn no_verdict_flips_and_none_is_a_false_success() {
    for (name, truth, meant) in stories() {
        let shelf = Shelf::new(&truth);
        for seed in 0..80 {
            tell(name, &shelf, meant, seed);
        }
    }
}

#[test]
fn nor_where_the_endpoint_has_no_service_deployments() {
    for (name, truth, meant) in stories() {
        let truth: Truth =
            truth.into_iter().map(|(from, sample)| (from, Sample { lacking: true, ..sample })).collect();
        let shelf = Shelf::new(&truth);
        for seed in 0..80 {
            tell(name, &shelf, meant, seed);
        }
    }
}
