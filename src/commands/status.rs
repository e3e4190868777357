//! `partybox-top status`: the same model, once.

use super::initial;
use crate::app::Phase;
use crate::cli::Target;
use crate::report::status::{self, Status};
use crate::runtime::{self, Door, Looked};
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

/// Looks once and prints.
pub fn run(json: bool, timeout: u64, target: Target) -> color_eyre::Result<ExitCode> {
    let state = initial(&target);
    let Target { profile, region, endpoint_url, .. } = target;
    let door = Door::Environment { profile, region, endpoint_url };
    let Looked { state, now, incomplete } = runtime::look_once(door, state, Duration::from_secs(timeout))?;
    let problem = match &state.phase {
        Phase::Stopped(sentence) => Some(sentence.clone()),
        Phase::Choosing => {
            let names: Vec<&str> = state.store.clusters().iter().map(|c| c.name.as_str()).collect();
            Some(format!("There are several clusters ({}): name one with --cluster.", names.join(", ")))
        }
        _ => None,
    };
    let status = Status::new(&state, now, problem, incomplete);
    let text = if json { status::json(&status)? } else { status::text(&status) };
    let mut out = io::stdout().lock();
    // A reader that went away has what it wanted.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(ExitCode::from(status.exit_code()))
}
