//! Settings: the file, then the environment, then the flags; each later one wins. A file is validated whole
//! before anything starts. An unknown key is refused, with a suggestion.

mod file;
#[cfg(test)]
mod tests;
mod value;

pub use value::{pace, parse_duration, probe_url, statuses, target};

use crate::paths;
use partybox_core::domain::{DatabaseChoice, DrillOptions};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What the file and the environment set. `None` = not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Profile of the AWS configuration. `AWS_PROFILE` stands above it, and is read by the AWS SDK itself.
    pub profile: Option<String>,
    /// Region. `AWS_REGION` and `AWS_DEFAULT_REGION` stand above it.
    pub region: Option<String>,
    /// ECS cluster.
    pub cluster: Option<String>,
    /// The databases that belong, where they are not to be found.
    pub database: Option<DatabaseChoice>,
    /// Refuse every action.
    pub read_only: bool,
    /// Draw with ASCII characters only.
    pub ascii: bool,
    /// No colours.
    pub no_color: bool,
    /// `[probe]` and `[drill]`.
    pub drills: DrillOptions,
}

/// Why a file cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// Line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, in one sentence.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.text)
    }
}

impl std::error::Error for Problem {}

/// Reads the named file, which must exist, or the usual one, which need not; then looks at the environment.
pub fn load(named: Option<&Path>) -> Result<Config, Problem> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let Some(path) = named.map(Path::to_path_buf).or_else(|| paths::config_file().ok()) else {
        return Ok(Config::default());
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => file::read(&text)
            .map(|config| under_environment(config, set))
            .map_err(|(line, text)| Problem { path, line, text }),
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(Config::default()),
        Err(error) => Err(Problem { path, line: None, text: format!("cannot be read: {error}") }),
    }
}

/// The settings of drills that the environment sets.
pub fn drill_environment() -> DrillOptions {
    let dns = std::env::var("PARTYBOX_DNS").ok().and_then(|text| text.parse().ok());
    DrillOptions { dns, ..DrillOptions::default() }
}

/// Removes the settings that the environment overrides: those are read where they are used.
fn under_environment(mut config: Config, set: impl Fn(&str) -> bool) -> Config {
    if set("AWS_PROFILE") {
        config.profile = None;
    }
    if set("AWS_REGION") || set("AWS_DEFAULT_REGION") {
        config.region = None;
    }
    config
}
