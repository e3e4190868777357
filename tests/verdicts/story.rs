//! What the operator does in a scenario, and when its story is over.

use partybox_core::operation::Action;
use partybox_sim::Scenario;
use partybox_sim::world::World;
use partybox_sim::world::rng::Rng;
use partybox_testkit::rig::Rig;

/// Every scenario in which something is deployed, by its script or by the operator.
pub(crate) const SCENARIOS: [Scenario; 12] = [
    Scenario::Steady,
    Scenario::Deploy,
    Scenario::BadDeploy,
    Scenario::BadImage,
    Scenario::CrashLoop,
    Scenario::SlowDrain,
    Scenario::BlueGreen,
    Scenario::Linear,
    Scenario::Canary,
    Scenario::Superseded,
    Scenario::Autoscale,
    Scenario::NoCapacity,
];

/// Something that the operator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Deploys once more.
    Redeploy,
    /// Deploys once more over one in flight.
    DeployAgain,
    /// Deploys once more while the one before goes back.
    DeployOver,
    /// Rolls back what is in flight, or answers its hook so.
    RollBack,
    /// Answers the hook: go on.
    Continue,
    /// Scales to zero.
    ToZero,
}

impl Deed {
    fn keys(self) -> &'static str {
        match self {
            Self::Redeploy | Self::DeployAgain | Self::DeployOver => "r\ny",
            Self::RollBack => "by",
            Self::Continue => "cy",
            Self::ToZero => "s0\nbackend\n",
        }
    }

    fn did(self, action: &Action) -> bool {
        match self {
            Self::Redeploy | Self::DeployAgain | Self::DeployOver => {
                matches!(action, Action::Redeploy { .. })
            }
            Self::RollBack => {
                matches!(action, Action::StopRollout { .. } | Action::Continue { go_on: false, .. })
            }
            Self::Continue => matches!(action, Action::Continue { go_on: true, .. }),
            Self::ToZero => matches!(action, Action::Scale { to: 0, .. }),
        }
    }
}

/// A deed that waits: until so many milliseconds after the one before was done, and the rollout is as it must be.
#[derive(Debug, Clone, Copy)]
struct Planned {
    deed: Deed,
    after: u64,
}

/// Changes the account before its story begins: in some, the circuit breaker stops a deployment without a rollback.
pub(crate) fn prepare(world: &mut World, scenario: Scenario, seed: u64) {
    let no_rollback = match scenario {
        Scenario::BadImage => seed.is_multiple_of(2),
        Scenario::BadDeploy => seed % 5 == 4,
        Scenario::CrashLoop => seed % 5 == 1,
        _ => false,
    };
    for service in world.ecs.services.iter_mut().filter(|_| no_rollback) {
        service.configuration.rollback = false;
    }
}

/// The operator of one story.
#[derive(Debug)]
pub(crate) struct Operator {
    planned: Vec<Planned>,
    /// When the condition of the next deed was met.
    since: Option<u64>,
    /// How many deployments the story has in all.
    pub(crate) deployments: usize,
    tries: u32,
}

/// What the operator cannot do yet is tried again so often, milliseconds.
const AGAIN: u64 = 3_000;

impl Operator {
    pub(crate) fn of(scenario: Scenario, seed: u64, rng: &mut Rng) -> Self {
        let mut after = |low, high| rng.between(low, high).cast_unsigned();
        let mut planned = Vec::new();
        let mut plan = |deed, after| planned.push(Planned { deed, after });
        let deployments = match scenario {
            Scenario::Steady => {
                plan(Deed::Redeploy, after(12_000, 60_000));
                match seed % 5 {
                    // A rollout takes about a minute.
                    1 => plan(Deed::RollBack, after(0, 25_000)),
                    2 => plan(Deed::Redeploy, after(5_000, 30_000)),
                    3 => plan(Deed::ToZero, after(5_000, 20_000)),
                    _ => {}
                }
                if seed % 5 == 2 { 2 } else { 1 }
            }
            Scenario::Autoscale => {
                plan(Deed::Redeploy, after(30_000, 700_000));
                1
            }
            Scenario::BlueGreen => {
                // Some leave the hook to its timeout.
                match seed % 5 {
                    0 => {}
                    1 => plan(Deed::RollBack, after(0, 60_000)),
                    2 => {
                        plan(Deed::Continue, after(0, 60_000));
                        plan(Deed::RollBack, after(0, 120_000));
                    }
                    _ => plan(Deed::Continue, after(0, 200_000)),
                }
                1
            }
            // Its sick tasks drain for a minute, so the way back takes longer than the operator's patience.
            Scenario::BadDeploy if seed % 5 == 3 => {
                plan(Deed::DeployOver, after(0, 20_000));
                2
            }
            Scenario::Linear | Scenario::Canary => match seed % 5 {
                1 => {
                    plan(Deed::RollBack, after(60_000, 300_000));
                    1
                }
                2 => {
                    plan(Deed::DeployAgain, after(60_000, 300_000));
                    2
                }
                _ => 1,
            },
            Scenario::Deploy | Scenario::Superseded => 2,
            _ => 1,
        };
        Self { planned, since: None, deployments, tries: 0 }
    }

    /// Whether everything was done that was planned.
    pub(crate) fn done(&self) -> bool {
        self.planned.is_empty()
    }

    /// Does what is due. What cannot be done any more, because the rollout has ended, is let go.
    pub(crate) fn act(&mut self, rig: &mut Rig) {
        let Some(Planned { deed, after }) = self.planned.first().copied() else { return };
        let Some(node) = rig.state.account.party_box.service("backend") else { return };
        let backend = node.service().name.clone();
        let newest = rig.state.account.rollouts.newest(&backend);
        let possible = match deed {
            Deed::Redeploy => rig.state.all_answered() || self.since.is_some(),
            Deed::RollBack | Deed::ToZero | Deed::DeployAgain => {
                newest.is_some_and(partybox_core::diagnosis::Rollout::in_flight)
            }
            Deed::DeployOver => newest.is_some_and(|it| it.in_flight() && it.rolling_back),
            Deed::Continue => newest.is_some_and(|it| it.hook.is_some()),
        };
        if !possible {
            if self.tries > 0 && self.since.is_some() && deed != Deed::Redeploy {
                self.planned.clear();
            }
            return;
        }
        let since = *self.since.get_or_insert(rig.at());
        if rig.at() < since + after + AGAIN * u64::from(self.tries) {
            return;
        }
        self.tries += 1;
        rig.select("backend");
        let before = rig.state.operations.len();
        rig.keys(deed.keys());
        let sent = rig.state.operations.len() > before;
        rig.keys("\x1b\x1b");
        if sent {
            assert!(deed.did(&rig.state.operations[0].action), "{deed:?}: {:?}", rig.state.operations[0]);
            self.planned.remove(0);
            self.since = None;
            self.tries = 0;
        } else {
            assert!(self.tries < 40, "{deed:?} cannot be done: {:?}", rig.state.screen.notice);
        }
    }
}
