//! The real program before a simulated account in one thread: `update` makes effects, the AWS room carries them out
//! against the account without a socket, and a virtual clock jumps from one deadline to the next.
#![expect(clippy::missing_panics_doc, reason = "whatever a test needs and does not get is a panic")]

mod account;
mod calls;
mod probe;
mod rewrites;
mod truth;

pub use account::{Account, began};
pub use calls::Calls;
pub use rewrites::{Form, Instead, Rewrites, json_error, xml_error};
pub use truth::Truth;

use account::moment;
use chrono::TimeDelta;
use partybox_core::app::{self, Answer, Effect, Key, KeyCode, Msg, State, View};
use partybox_core::domain::{CallError, ErrorKind, Now, ProbeAnswer};
use partybox_core::operation::drill::report::DrillReport;
use partybox_sim::Scenario;
use partybox_sim::world::World;
use partybox_sim::world::rng::Rng;
use probe::{LOOK_UP, Probe, Sent};
use std::collections::BTreeMap;
use std::sync::MutexGuard;
use std::time::Duration;

/// A request's way there or back takes so many milliseconds.
const LATENCY: (i64, i64) = (10, 120);

/// What is under way, by when it arrives.
enum Event {
    /// A request reaches the account.
    Arrives(Effect),
    /// An answer reaches the program.
    Returns(Msg),
    /// The probe of this run sends its next request.
    Probes(u64, u64),
    /// A request of the probe reaches the load balancer.
    Reaches(Sent),
    /// The probe of this run looks the endpoint's name up.
    LooksUp(u64),
}

/// One program and one account. Times are milliseconds since the account began.
pub struct Rig {
    /// The program's state.
    pub state: State,
    /// Draws everything that the account does not.
    pub rng: Rng,
    /// Whether some readings get lost on their way and some fail.
    pub faulty: bool,
    account: Account,
    events: BTreeMap<(u64, u64), Event>,
    sequence: u64,
    probe: Option<Probe>,
    kept: Option<DrillReport>,
    runtime: tokio::runtime::Runtime,
}

impl Rig {
    /// A program that is not started yet before a new account.
    pub fn new(scenario: Scenario, seed: u64) -> Self {
        Self::before(Account::new(scenario, seed), seed)
    }

    /// The same before this account.
    pub fn before(account: Account, seed: u64) -> Self {
        Self {
            state: {
                let mut state = State::default();
                state.screen.size = (120, 40);
                state
            },
            rng: Rng::new(seed.wrapping_mul(7919).wrapping_add(13)),
            faulty: false,
            account,
            events: BTreeMap::new(),
            sequence: 0,
            probe: None,
            kept: None,
            runtime: tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"),
        }
    }

    /// The program is started at this moment of the account.
    pub fn connect(&mut self, at: u64) {
        self.account.turn_to(at);
        self.account.count_from(at);
        self.send(Msg::Connected { region: "ap-northeast-1".into(), endpoint: None, profile: None });
    }

    /// The time.
    pub fn at(&self) -> u64 {
        self.account.at()
    }

    /// The account as nobody outside of it can see it, as of the newest request.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.account.world()
    }

    /// The calls that were made.
    pub fn calls(&self) -> Calls {
        self.account.calls()
    }

    /// A number between two, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        self.rng.between(low.cast_signed(), high.cast_signed()).cast_unsigned()
    }

    /// Presses keys; `\n` is Enter, `\x1b` Esc.
    pub fn keys(&mut self, text: &str) {
        for c in text.chars() {
            let key = match c {
                '\n' => Key::plain(KeyCode::Enter),
                '\x1b' => Key::plain(KeyCode::Esc),
                c => Key::char(c),
            };
            self.send(Msg::Key(key));
        }
    }

    /// Takes a message in that comes from a command.
    pub fn tell(&mut self, msg: Msg) {
        self.send(msg);
    }

    /// The record of a drill, once it was to be written.
    pub fn kept(&self) -> Option<DrillReport> {
        self.kept.clone()
    }

    /// Selects a service in the view of services.
    pub fn select(&mut self, service: &str) {
        if self.state.screen.view != View::Services {
            self.keys("2");
        }
        for key in ["g", "j", "j", "j"] {
            if self.state.selected_service() != Some(service) {
                self.keys(key);
            }
        }
    }

    /// Goes to the next thing that happens, at most to `end`. True when the program took a message in.
    pub fn step(&mut self, end: u64) -> bool {
        let due = app::next_deadline(&self.state, self.now());
        let due = due.map_or(end, |at| u64::try_from(at.as_micros().div_ceil(1000)).expect("a short run"));
        let next = self.events.first_key_value().map(|((at, _), _)| *at);
        let Some(at) = next.filter(|at| *at <= due && *at <= end) else {
            // Never twice within a millisecond, whatever the rounding.
            let at = due.max(self.at() + 1).min(end);
            self.account.turn_to(at);
            if at >= due {
                self.send(Msg::Tick);
            }
            return at >= due;
        };
        self.account.turn_to(at.max(self.at()));
        match self.events.pop_first() {
            Some((_, Event::Arrives(effect))) => {
                self.serve(effect);
                false
            }
            Some((_, Event::Probes(run, number))) => {
                self.probes(run, number);
                false
            }
            Some((_, Event::Reaches(sent))) => {
                self.reaches(sent);
                false
            }
            Some((_, Event::LooksUp(run))) => {
                self.looks_up(run);
                false
            }
            Some((_, Event::Returns(msg))) => {
                self.send(msg);
                true
            }
            None => false,
        }
    }

    /// The time as the program sees it.
    pub fn now(&self) -> Now {
        let at = self.at();
        // The machine's own clock is wrong by some minutes; the server's is the one to go by.
        Now { mono: Duration::from_millis(at), wall: moment(at) - TimeDelta::minutes(7) }
    }

    fn send(&mut self, msg: Msg) {
        let now = self.now();
        for effect in app::update(&mut self.state, msg, now) {
            match effect {
                Effect::Poll { .. } | Effect::SendOperation { .. } => self.later(Event::Arrives(effect)),
                Effect::Probe(spec) => {
                    self.sequence += 1;
                    let run = self.sequence;
                    self.probe = Some(Probe { spec: *spec, run, name: None });
                    self.put(self.at(), Event::Probes(run, 0));
                    self.put(self.at(), Event::LooksUp(run));
                }
                Effect::ProbeStop => self.probe = None,
                Effect::SaveReport { story, .. } => self.kept = Some(*story),
                _ => {}
            }
        }
    }

    fn put(&mut self, at: u64, event: Event) {
        self.sequence += 1;
        self.events.insert((at, self.sequence), event);
    }

    fn probes(&mut self, run: u64, number: u64) {
        let at = self.at();
        let Some(interval) = self.probe.as_ref().filter(|it| it.run == run).map(Probe::interval) else {
            return;
        };
        let way = (self.between(2, 25), self.between(2, 25));
        self.put(at + way.0, Event::Reaches(Sent { run, number, at, way }));
        self.put(at + interval, Event::Probes(run, number + 1));
    }

    fn reaches(&mut self, sent: Sent) {
        let at = self.at();
        let Some(probe) = self.probe.as_ref().filter(|it| it.run == sent.run) else { return };
        let (deadline, request) = (probe.deadline(sent), probe.request());
        let served = partybox_sim::serve(&mut self.account.world(), &request, moment(at));
        let (end, answer) = match served {
            partybox_sim::Served::Answer(response) if at + sent.way.1 < deadline => {
                (at + sent.way.1, probe.judge(&response))
            }
            // What hangs on a database that is gone is not answered by the next one.
            _ => (deadline, ProbeAnswer::TimedOut),
        };
        self.put(end, Event::Returns(Msg::Probed(Box::new(Probe::result(sent, end, answer)))));
    }

    fn looks_up(&mut self, run: u64) {
        let at = self.at();
        let Some(probe) = self.probe.as_mut().filter(|it| it.run == run) else { return };
        let Some(name) = probe.spec.name.clone() else { return };
        let address = partybox_sim::resolve(&mut self.account.world(), &name, moment(at));
        let answer = address.map(|it| vec![it.into()]).ok_or_else(|| "does not resolve".to_owned());
        if let Some(resolved) = probe.resolved(answer, at) {
            self.put(at, Event::Returns(Msg::Resolved(Box::new(resolved))));
        }
        self.put(at + LOOK_UP, Event::LooksUp(run));
    }

    fn later(&mut self, event: Event) {
        let wait = self.rng.between(LATENCY.0, LATENCY.1).cast_unsigned();
        self.sequence += 1;
        self.events.insert((self.at() + wait, self.sequence), event);
    }

    fn serve(&mut self, effect: Effect) {
        let msg = match effect {
            Effect::Poll { topic, run, query } => {
                let mut result = self.runtime.block_on(self.account.aws.ask(&query));
                match self.rng.between(0, 99) {
                    0..2 if self.faulty => return,
                    2..5 if self.faulty => result = Err(throttled()),
                    _ => {}
                }
                Msg::Answer(Box::new(Answer { topic, run, result, meter: self.account.aws.meter() }))
            }
            Effect::SendOperation { id, action, .. } => {
                let outcome = self.runtime.block_on(self.account.aws.act(&action));
                Msg::OperationAnswered { id, outcome, meter: self.account.aws.meter() }
            }
            _ => return,
        };
        self.later(Event::Returns(msg));
    }
}

fn throttled() -> CallError {
    CallError {
        kind: ErrorKind::Throttled,
        action: "any".into(),
        code: Some("ThrottlingException".into()),
        message: "Rate exceeded".into(),
    }
}
