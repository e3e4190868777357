//! The paths of the program's own files, by the XDG base directories.

use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use std::io;
use std::path::PathBuf;

/// The settings: `$XDG_CONFIG_HOME/partybox-top/config.toml`, else `~/.config/partybox-top/config.toml`.
pub fn config_file() -> io::Result<PathBuf> {
    Ok(strategy()?.in_config_dir("config.toml"))
}

/// The audit log: `$XDG_STATE_HOME/partybox-top/audit.jsonl`, else `~/.local/state/partybox-top/audit.jsonl`.
pub fn audit_log() -> io::Result<PathBuf> {
    Ok(state_dir()?.join("audit.jsonl"))
}

/// The folder of the drills' reports, beside the audit log.
pub fn drills_folder() -> io::Result<PathBuf> {
    Ok(state_dir()?.join("drills"))
}

fn state_dir() -> io::Result<PathBuf> {
    let strategy = strategy()?;
    Ok(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()))
}

fn strategy() -> io::Result<impl AppStrategy> {
    let args = AppStrategyArgs {
        top_level_domain: String::new(),
        author: String::new(),
        app_name: "partybox-top".to_owned(),
    };
    choose_app_strategy(args).map_err(|error| io::Error::new(io::ErrorKind::NotFound, error))
}
