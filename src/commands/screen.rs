//! `partybox-top`: the screen on the account that the AWS environment names.

use super::{cannot, exit, initial, recorder};
use crate::cli::{Appearance, Target};
use crate::runtime::{self, Endpoint, ScreenSetup};
use partybox_core::app::State;
use partybox_core::domain::DrillSettings;
use partybox_tui::Theme;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

/// Opens the screen.
pub fn run(target: Target, look: Appearance, drills: DrillSettings) -> color_eyre::Result<ExitCode> {
    let mut state = initial(&target);
    state.session.drills = drills;
    let Target { profile, region, endpoint_url, record, .. } = target;
    open("screen", record.as_deref(), Endpoint::Environment { profile, region, endpoint_url }, state, look)
}

/// Opens a screen; needs a terminal.
pub(super) fn open(
    command: &str,
    record: Option<&Path>,
    endpoint: Endpoint,
    state: State,
    look: Appearance,
) -> color_eyre::Result<ExitCode> {
    if !terminal() {
        return Ok(cannot(
            "the screen needs a terminal. To look once without one: partybox-top status (or status --json).",
        ));
    }
    let recorder = match recorder(record, command, &state) {
        Ok(recorder) => recorder,
        Err(code) => return Ok(code),
    };
    Ok(exit(&runtime::run(ScreenSetup { endpoint, state, theme: theme(look), recorder })?))
}

/// Whether both standard input and output are a terminal.
pub(super) fn terminal() -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal()
}

/// The theme that flags and environment ask for (<https://no-color.org>, and a locale without UTF-8).
pub(super) fn theme(look: Appearance) -> Theme {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let plain = locale.is_some_and(|l| {
        let l = l.to_ascii_lowercase();
        (l == "c" || l == "posix" || l.contains('.')) && !l.contains("utf")
    });
    let dumb = std::env::var("TERM").is_ok_and(|t| t == "dumb");
    Theme { ascii: look.ascii || plain, colour: !(look.no_color || set("NO_COLOR") || dumb) }
}
