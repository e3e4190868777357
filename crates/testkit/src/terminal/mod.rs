//! The real binary as a process: on a pseudo terminal, as the served simulator, or with its output taken.
#![expect(clippy::disallowed_methods, reason = "a real process is waited for")]
#![expect(clippy::missing_panics_doc, reason = "whatever a test waits for and does not get is a panic")]

mod account;
mod screen;
mod sim;

pub use account::ScalingRange;
pub use screen::{Running, Screen};
pub use sim::Sim;

use serde_json::Value;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// Far more than anything here takes: reached only when something is broken.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The pause of a loop that waits for a condition.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Held while a process is started: a descriptor of a terminal that is just being opened must not slip into a process
/// that another test starts, as that would keep the terminal open when it is closed here.
static STARTING: Mutex<()> = Mutex::new(());

/// What would reach an account, a Region or a look that a test did not ask for.
const FOREIGN: [&str; 14] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "NO_COLOR",
    "LC_ALL",
    "LC_CTYPE",
    "http_proxy",
];
/// What every test sets: no profile files, no metadata service, a plain terminal.
const OWN: [(&str, &str); 5] = [
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("TERM", "xterm-256color"),
    ("LANG", "C.UTF-8"),
];

/// The built program.
///
/// Cargo tells its path only to the tests and benchmarks of the package that builds it: they get this by
/// [`binary!`](crate::binary).
#[derive(Debug, Clone, Copy)]
pub struct Binary<'a> {
    /// Path of the executable.
    pub path: &'a str,
    /// A folder for what it writes when a test names no other.
    pub scratch: &'a str,
}

/// The program of the package whose test or benchmark says this, as a [`Binary`](crate::terminal::Binary).
#[macro_export]
macro_rules! binary {
    () => {
        $crate::terminal::Binary {
            path: env!("CARGO_BIN_EXE_partybox-top"),
            scratch: env!("CARGO_TARGET_TMPDIR"),
        }
    };
}

impl Binary<'_> {
    /// It with arguments and with nothing of AWS in its environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.path);
        command.args(args).stdin(Stdio::null());
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.envs(self.environment());
        command
    }

    /// What every test sets: also folders of its own for the configuration, which is not there, and for state.
    fn environment(&self) -> Vec<(String, String)> {
        let folder = |name: &str, folder: &str| (name.to_owned(), format!("{}/{folder}", self.scratch));
        OWN.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .chain([folder("XDG_CONFIG_HOME", "no-configuration"), folder("XDG_STATE_HOME", "state")])
            .collect()
    }
}

/// Runs a command that prints JSON; gives it and the exit code.
pub fn json(command: &mut Command) -> (Value, i32) {
    let output = command.output().expect("the program starts");
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{error}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    });
    (json, output.status.code().expect("the program exits by itself"))
}

/// The environment of an account at an endpoint.
pub fn account_at(endpoint_url: &str) -> Vec<(String, String)> {
    [
        ("AWS_ENDPOINT_URL", endpoint_url),
        ("AWS_REGION", "ap-northeast-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// A port on loopback where nobody listens. It lies below the range from which the system takes ports by itself, so
/// that no test that runs beside takes it.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 10_000).expect("below 10,000");
    (0..1000)
        .map(|_| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("one port in a thousand is free")
}

/// Sends a signal by name to a process.
pub fn signal(pid: u32, name: &str) {
    let done = Command::new("kill").args(["-s", name, &pid.to_string()]).status().expect("kill runs");
    assert!(done.success(), "kill -s {name} {pid}");
}
