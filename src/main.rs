//! The program's entry point: arguments, panic hooks, exit code.

use clap::Parser;
use partybox_top::cli::Cli;
use std::process::ExitCode;

fn main() -> color_eyre::Result<ExitCode> {
    color_eyre::config::HookBuilder::default().display_env_section(false).install()?;
    partybox_top::commands::run(Cli::parse())
}
