//! The scenarios: how each differs from the ordinary account, and its timeline.
//!
//! A scenario is one file here: its name, its summary, its [`Rules`] and its [`Timeline`]. The macro below
//! makes [`Scenario`] from them. Nothing outside this folder refers to a single scenario.
use std::fmt;
use std::str::FromStr;

use crate::estate::Estate;
use crate::world::rules::Rules;
use crate::world::script::Timeline;

mod aurora;
mod autoscale;
mod az_outage;
mod bad_deploy;
mod bad_image;
mod blue_green;
mod canary;
mod crash_loop;
mod deploy;
mod failover;
mod failover_lost_events;
mod failover_refused;
mod failover_reordered_events;
mod failover_slow;
mod linear;
mod no_capacity;
mod refusal;
mod slow_drain;
mod steady;
mod superseded;

/// The definition of a scenario.
#[derive(Debug)]
struct Definition {
    /// The name used on the command line.
    name: &'static str,
    /// One line that says what a watcher will see.
    summary: &'static str,
    /// What differs from the ordinary account.
    rules: Rules,
    /// What happens by itself.
    timeline: Timeline,
}

/// Makes [`Scenario`] from the files of this folder.
macro_rules! scenarios {
    ($first:ident = $first_file:ident, $($scenario:ident = $file:ident),* $(,)?) => {
        /// What happens by itself in the simulated account, and what differs from an ordinary one. The
        /// operator's own actions work in every one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum Scenario {
            #[doc = concat!("Defined in `", stringify!($first_file), ".rs`; what is used when none is named.")]
            #[default]
            $first,
            $(#[doc = concat!("Defined in `", stringify!($file), ".rs`.")] $scenario,)*
        }

        impl Scenario {
            /// Every scenario, in the order in which help texts list them.
            pub const fn all() -> &'static [Self] {
                &[Self::$first, $(Self::$scenario),*]
            }

            const fn definition(self) -> &'static Definition {
                match self {
                    Self::$first => &$first_file::SCENARIO,
                    $(Self::$scenario => &$file::SCENARIO,)*
                }
            }
        }
    };
}

scenarios! {
    Steady = steady,
    Deploy = deploy,
    BadDeploy = bad_deploy,
    BadImage = bad_image,
    CrashLoop = crash_loop,
    SlowDrain = slow_drain,
    BlueGreen = blue_green,
    Linear = linear,
    Canary = canary,
    Superseded = superseded,
    Autoscale = autoscale,
    NoCapacity = no_capacity,
    Failover = failover,
    FailoverSlow = failover_slow,
    FailoverRefused = failover_refused,
    FailoverLostEvents = failover_lost_events,
    FailoverReorderedEvents = failover_reordered_events,
    Aurora = aurora,
    AzOutage = az_outage,
}

impl Scenario {
    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        self.definition().name
    }

    /// One line that says what a watcher will see.
    pub const fn description(self) -> &'static str {
        self.definition().summary
    }

    /// What differs from the ordinary account.
    pub const fn rules(self) -> Rules {
        self.definition().rules
    }

    /// Why it makes no sense on an estate, in a sentence; `None` when it does.
    pub fn refusal(self, estate: &Estate) -> Option<&'static str> {
        refusal::refusal(&self.rules(), self.timeline().steps, estate)
    }

    /// What happens by itself.
    pub const fn timeline(self) -> Timeline {
        self.definition().timeline
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A scenario name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scenario '{0}' (there are: {names})", names = names())]
pub struct UnknownScenario(String);

fn names() -> String {
    let names: Vec<&str> = Scenario::all().iter().map(|each| each.name()).collect();
    names.join(", ")
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::all()
            .iter()
            .copied()
            .find(|each| each.name() == name)
            .ok_or_else(|| UnknownScenario(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::script::Step;

    #[test]
    fn every_name_parses_back() {
        for each in Scenario::all() {
            assert_eq!(each.to_string().parse(), Ok(*each));
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = "chaos".parse::<Scenario>().expect_err("no such scenario");
        assert!(error.to_string().contains("bad-deploy"), "{error}");
    }

    #[test]
    fn every_file_is_in_the_table() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/seed/scenarios");
        let files = std::fs::read_dir(folder).expect("the folder of this file").count();
        // Beside the scenarios there are this file and the one about estates.
        assert_eq!(files - 2, Scenario::all().len());
    }

    #[test]
    fn a_timeline_that_repeats_waits() {
        let waits = |step: &Step| matches!(step, Step::Wait(1..) | Step::WaitBetween(1.., _));
        for each in Scenario::all() {
            let timeline = each.timeline();
            assert!(!timeline.repeats || timeline.steps.iter().any(waits), "{each}");
        }
    }
}
