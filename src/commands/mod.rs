//! One file per subcommand. They wire rooms together and decide nothing.

pub mod demo;
pub mod screen;
pub mod sim;
pub mod status;

use crate::app::{Phase, Session, State};
use crate::cli::{Cli, Command, Target};
use std::io::{self, Write};
use std::process::ExitCode;

/// Runs what the command line asks for.
pub fn run(cli: Cli) -> color_eyre::Result<ExitCode> {
    match cli.command {
        None => screen::run(cli.target, cli.look),
        Some(Command::Demo(story)) => demo::run(&story, &cli.target, cli.look),
        Some(Command::Sim { listen, story }) => sim::run(listen, &story),
        Some(Command::Status { json, timeout }) => status::run(json, timeout, cli.target),
    }
}

/// The state before anything was read.
fn initial(target: &Target) -> State {
    State {
        session: Session {
            read_only: target.read_only,
            cluster_wanted: target.cluster.clone(),
            ..Session::default()
        },
        ..State::default()
    }
}

/// The exit code of a screen: 2 with a sentence when it could not go on.
fn exit(phase: &Phase) -> ExitCode {
    match phase {
        Phase::Stopped(sentence) => {
            // The terminal may be gone.
            let _ = writeln!(io::stderr(), "partybox-top: {sentence}");
            ExitCode::from(2)
        }
        _ => ExitCode::SUCCESS,
    }
}
