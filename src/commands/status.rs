//! `partybox-top status`: reads everything once and prints its health.

use super::{code, headless, initial, problem};
use crate::cli::Target;
use partybox_core::app::StartPhase;
use partybox_core::report::status::{self, Status};
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

/// Reads once and prints.
pub fn run(json: bool, timeout: u64, target: Target) -> color_eyre::Result<ExitCode> {
    let mut state = initial(&target);
    state.session.read_only = true;
    let mut session = match headless(target, "status", state)? {
        Ok(session) => session,
        Err(code) => return Ok(code),
    };
    let complete = session
        .until(Duration::from_secs(timeout), |s| s.session.phase == StartPhase::Choosing || s.all_answered());
    let (now, state) = (session.now(), session.state);
    let problem = problem(&state);
    let incomplete = !complete && problem.is_none();
    let status = Status::new(&state, now, problem, incomplete);
    let text = if json { status::json(&status)? } else { status::text(&status) };
    let mut out = io::stdout().lock();
    // Standard output may be closed by its reader: that is no error.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(code(status.exit_status()))
}
