//! `partybox-top demo`: the simulator in this process, and the screen connected to it.

use super::{cannot, initial, screen};
use crate::cli::{Appearance, ScenarioArgs, Target};
use crate::runtime::Endpoint;
use partybox_core::domain::DrillSettings;
use partybox_sim::SimConfig;
use std::process::ExitCode;
use std::time::Duration;

/// The notice at the start, and for how long it stays.
const WELCOME: &str = "a simulation: try s, r or F";
const WELCOME_FOR: Duration = Duration::from_secs(30);

/// Starts the simulator and the screen.
pub fn run(
    story: &ScenarioArgs,
    target: &Target,
    look: Appearance,
    drills: DrillSettings,
) -> color_eyre::Result<ExitCode> {
    let config = SimConfig {
        estate: story.estate.clone(),
        scenario: story.scenario,
        speed: story.speed,
        seed: story.seed,
        ..SimConfig::default()
    };
    let running = match partybox_sim::start(config) {
        Ok(running) => running,
        Err(error) => {
            return Ok(cannot(&format!("the simulator did not start: {error}.")));
        }
    };
    let mut state = initial(target);
    state.screen.notice = Some((WELCOME.to_owned(), WELCOME_FOR));
    state.session.drills = drills;
    state.session.drills.probe.dns = Some(running.dns_addr());
    let endpoint = Endpoint::Simulator { endpoint_url: running.endpoint_url() };
    screen::open("demo", target.record.as_deref(), endpoint, state, look)
}
