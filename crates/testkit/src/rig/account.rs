//! The AWS crate joined to a simulated account without a socket, on a clock that the test turns.

use super::calls::Calls;
use super::rewrites::Rewrites;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use partybox_aws::Aws;
use partybox_sim::world::World;
use partybox_sim::{Estate, Scenario};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A simulated account, the client that asks it, and the clock that they share. Times are milliseconds since it began.
pub struct Account {
    /// The client.
    pub aws: Aws,
    world: Arc<Mutex<World>>,
    calls: Arc<Mutex<Calls>>,
    clock: Arc<AtomicU64>,
}

/// When every account begins.
pub fn began() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("a time")
}

/// The moment so many milliseconds after the account began.
pub(super) fn moment(at: u64) -> DateTime<Utc> {
    began() + TimeDelta::milliseconds(at.cast_signed())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Account {
    /// An account at its beginning.
    pub fn new(scenario: Scenario, seed: u64) -> Self {
        Self::rewritten(scenario, seed, Rewrites::default())
    }

    /// The account that an estate describes, at its beginning.
    pub fn of(estate: &Estate, scenario: Scenario, seed: u64) -> Self {
        let world = partybox_sim::build_estate(estate, scenario, seed, began());
        Self::around(world.expect("the scenario makes sense on the estate"), Rewrites::default())
    }

    /// The same whose answers are changed on their way.
    pub fn rewritten(scenario: Scenario, seed: u64, rewrites: Rewrites) -> Self {
        Self::around(partybox_sim::build_account(scenario, seed, began()), rewrites)
    }

    fn around(world: World, rewrites: Rewrites) -> Self {
        let world = Arc::new(Mutex::new(world));
        let clock = Arc::new(AtomicU64::new(0));
        let calls = Arc::new(Mutex::new(Calls::default()));
        let (served, account, counted) = (Arc::clone(&clock), Arc::clone(&world), Arc::clone(&calls));
        let handler = move |request: http::Request<Bytes>| {
            let at = served.load(Ordering::SeqCst);
            locked(&counted).count(&request, at);
            rewrites
                .serve(&request, |request| partybox_sim::handle(&mut locked(&account), request, moment(at)))
        };
        let elapsed = Arc::clone(&clock);
        let elapsed = move || Duration::from_millis(elapsed.load(Ordering::SeqCst));
        Self { aws: Aws::in_process(handler, elapsed).expect("a good endpoint"), world, calls, clock }
    }

    /// The time.
    pub fn at(&self) -> u64 {
        self.clock.load(Ordering::SeqCst)
    }

    /// Sets the clock.
    pub fn turn_to(&self, at: u64) {
        self.clock.store(at, Ordering::SeqCst);
    }

    /// The account as nobody outside of it can see it, as of the newest request.
    pub fn world(&self) -> MutexGuard<'_, World> {
        locked(&self.world)
    }

    /// The calls that were made.
    pub fn calls(&self) -> Calls {
        locked(&self.calls).clone()
    }

    /// Counts the calls by the minutes from a moment on.
    pub fn count_from(&self, at: u64) {
        locked(&self.calls).began = at;
    }
}
