//! `partybox-top sim`: a simulated account on loopback, for any AWS client.

use super::cannot;
use crate::cli::SimScenarioArgs;
use partybox_sim::SimConfig;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

/// Serves until a signal ends it.
pub fn run(listen: SocketAddr, story: &SimScenarioArgs) -> color_eyre::Result<ExitCode> {
    if let Some(why) = story.scenario.refusal(&story.estate) {
        let (scenario, estate) = (story.scenario, story.estate.name());
        return Ok(cannot(&format!(
            "the scenario '{scenario}' makes no sense on the estate '{estate}': {why}."
        )));
    }
    let config = SimConfig {
        estate: story.estate.clone(),
        scenario: story.scenario,
        speed: story.speed,
        seed: story.seed,
        listen,
        ..SimConfig::default()
    };
    let running = match partybox_sim::start(config) {
        Ok(running) => running,
        Err(error) => {
            return Ok(cannot(&format!(
                "cannot serve on {listen}: {error}. Choose another with --listen 127.0.0.1:PORT."
            )));
        }
    };
    let url = running.endpoint_url();
    let names = running.dns_addr().to_string();
    let mut out = io::stdout().lock();
    let exports = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_REGION", "ap-northeast-1"),
        ("AWS_DEFAULT_REGION", "ap-northeast-1"),
        ("AWS_ACCESS_KEY_ID", "simulated"),
        ("AWS_SECRET_ACCESS_KEY", "simulated"),
        ("PARTYBOX_ALB_URL", url.as_str()),
        ("PARTYBOX_DNS", names.as_str()),
    ];
    for (name, value) in exports {
        // A closed standard output is no reason to stop serving.
        let _ = writeln!(out, "export {name}={value}").and_then(|()| out.flush());
    }
    drop(out);
    crate::runtime::wait_for_signal()?;
    drop(running);
    Ok(ExitCode::SUCCESS)
}
