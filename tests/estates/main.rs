//! The program on every built-in estate: what it says of a quiet one, rollouts to their verdict and failovers to their
//! record, held against the account's own truth, which is never served.

mod drills;
mod quiet;
mod rollouts;

use partybox_sim::{Estate, Scenario};
use partybox_testkit::rig::{Account, Rig};

/// How many seeds each story is told with.
fn seeds(usual: u64) -> u64 {
    std::env::var("PARTYBOX_SEEDS").ok().and_then(|it| it.parse().ok()).unwrap_or(usual)
}

/// The built-in estates.
fn estates() -> impl Iterator<Item = Estate> {
    Estate::names().map(|name| Estate::load(name).expect("a built-in estate"))
}

/// A program before an estate, on which this happens.
fn program(estate: &Estate, scenario: Scenario, seed: u64) -> Rig {
    let mut rig = Rig::before(Account::of(estate, scenario, seed), seed);
    // Where there are several clusters, somebody chose the product's.
    rig.state.session.cluster_wanted = Some("party-box".to_owned());
    rig
}

/// Lets time pass until a moment, or until something is so.
fn until(rig: &mut Rig, end: u64, mut fits: impl FnMut(&Rig) -> bool) {
    while rig.at() < end && !fits(rig) {
        rig.step(end);
    }
}
