//! One file for each subcommand. They connect the other modules and hold no logic of their own.

pub mod demo;
pub mod drill;
pub mod drill_history;
pub mod log;
pub mod operate;
pub mod replay;
pub mod screen;
mod settings;
pub mod sim;
pub mod status;
pub mod watch;

use crate::cli::{Cli, CliCommand, Target};
use crate::config;
use crate::runtime::{Endpoint, Headless, Recorder};
use partybox_core::app::{Session, StartPhase, State};
use partybox_core::report::ExitStatus;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// Runs what the command line asks for.
pub fn run(cli: Cli) -> color_eyre::Result<ExitCode> {
    let sessionless = matches!(
        cli.command,
        Some(
            CliCommand::Sim { .. }
                | CliCommand::Log { .. }
                | CliCommand::Replay { .. }
                | CliCommand::Drills { .. }
        )
    );
    if sessionless && cli.target.record.is_some() {
        return Ok(cannot("there is no session here that could be recorded: leave --record away."));
    }
    let config = match config::load(cli.config.as_deref()) {
        Ok(config) => config,
        Err(problem) => return Ok(cannot(&problem.to_string())),
    };
    let config = match &cli.command {
        Some(CliCommand::Demo(_)) => settings::simulated(&config),
        _ => config,
    };
    let drills = settings::drills(cli.drill_options(), &config);
    let look = settings::appearance(cli.look, &config);
    let cli = Cli { target: settings::target(cli.target, &config), ..cli };
    match cli.command {
        None => screen::run(cli.target, look, drills),
        Some(CliCommand::Demo(story)) => demo::run(&story, &cli.target, look, drills),
        Some(CliCommand::Drill(args)) => drill::run(cli.target, &args, drills),
        Some(CliCommand::Drills { json }) => drill_history::run(json),
        Some(CliCommand::Sim { listen, story }) => sim::run(listen, &story),
        Some(CliCommand::Replay { file, speed, at }) => replay::run(&file, speed, at, look),
        Some(CliCommand::Log { json }) => log::run(json),
        Some(CliCommand::Watch { service, timeout, json }) => watch::run(cli.target, &service, timeout, json),
        Some(CliCommand::Scale { service, tasks, how }) => {
            operate::run(cli.target, "scale", how, None, move |_| Ok(operate::scale(&service, tasks)))
        }
        Some(CliCommand::Redeploy { service, image, container, how }) => {
            let choose = image.as_ref().map(|_| operate::choice(&service, container));
            operate::run(cli.target, "redeploy", how, choose, move |state| {
                operate::redeploy(state, &service, image.as_deref())
            })
        }
        Some(CliCommand::Rollback { service, how }) => {
            operate::run(cli.target, "rollback", how, None, move |_| Ok(operate::rollback(&service)))
        }
        Some(CliCommand::Stop { task, how }) => {
            operate::run(cli.target, "stop", how, None, move |state| operate::stop(state, &task))
        }
        Some(CliCommand::Status { json, timeout }) => status::run(json, timeout, cli.target),
    }
}

/// The state of a session before its first reading.
fn initial(target: &Target) -> State {
    State {
        session: Session {
            read_only: target.read_only,
            cluster_wanted: target.cluster.clone(),
            databases: target.database.clone().unwrap_or_default(),
            ..Session::default()
        },
        ..State::default()
    }
}

/// Starts a session without a screen, recorded if that is asked for. Otherwise prints why not and returns the
/// exit code.
fn headless(target: Target, command: &str, state: State) -> color_eyre::Result<Result<Headless, ExitCode>> {
    let Target { profile, region, endpoint_url, record, .. } = target;
    let recorder = match recorder(record.as_deref(), command, &state) {
        Ok(recorder) => recorder,
        Err(code) => return Ok(Err(code)),
    };
    let mut session = Headless::start(Endpoint::Environment { profile, region, endpoint_url }, state)?;
    if let Some(recorder) = recorder {
        session.record(recorder);
    }
    Ok(Ok(session))
}

/// Begins the recording that `--record` asks for. Otherwise prints why not and returns the exit code.
fn recorder(file: Option<&Path>, command: &str, state: &State) -> Result<Option<Recorder>, ExitCode> {
    let Some(file) = file else { return Ok(None) };
    match Recorder::create(file, command, state) {
        Ok(recorder) => Ok(Some(recorder)),
        Err(error) => Err(cannot(&error.to_string())),
    }
}

/// The exit code of a screen: 2, after a sentence, when it could not go on.
fn exit(phase: &StartPhase) -> ExitCode {
    match phase {
        StartPhase::Stopped(sentence) => cannot(sentence),
        _ => ExitCode::SUCCESS,
    }
}

/// Why a command cannot go on, if it cannot.
fn problem(state: &State) -> Option<String> {
    match &state.session.phase {
        StartPhase::Stopped(sentence) => Some(sentence.clone()),
        StartPhase::Choosing => {
            let names: Vec<&str> = state.account.store.clusters().iter().map(|c| c.name.as_str()).collect();
            Some(format!("There are several clusters ({}): name one with --cluster.", names.join(", ")))
        }
        _ => None,
    }
}

/// Why nothing can be planned or watched: the services were never read.
fn unread(state: &State) -> Option<String> {
    state.account.store.services().is_none().then(|| state.account.health.headline.clone())
}

/// The process exit code of an exit status.
fn code(status: ExitStatus) -> ExitCode {
    ExitCode::from(status.code())
}

/// Prints on standard error why a command cannot go on, and returns its exit code.
fn cannot(sentence: &str) -> ExitCode {
    // Standard error may be closed.
    let _ = writeln!(io::stderr(), "partybox-top: {sentence}");
    code(ExitStatus::NotBegun)
}
