//! The simulator as a process.

use super::{Binary, LOOK_AGAIN, PATIENCE, STARTING, json, signal};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::PoisonError;
use std::thread;
use std::time::Instant;

/// `partybox-top sim` as a process of its own.
#[derive(Debug)]
pub struct Sim<'a> {
    binary: Binary<'a>,
    process: std::process::Child,
    /// The environment that it printed.
    pub env: Vec<(String, String)>,
}

/// Lines that `sim` prints: the variables of its environment, `PARTYBOX_DNS` the last.
const EXPORTS: usize = 7;

impl<'a> Binary<'a> {
    /// Serves a simulated account; waits for its lines.
    pub fn sim(self, args: &[&str]) -> Sim<'a> {
        let starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut process = Command::new(self.path)
            .arg("sim")
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the simulator starts");
        drop(starting);
        let out = process.stdout.take().expect("its output is piped");
        let env: Vec<(String, String)> = BufReader::new(out)
            .lines()
            .take(EXPORTS)
            .map(|line| {
                let line = line.expect("the simulator prints text");
                let (name, value) = line
                    .strip_prefix("export ")
                    .and_then(|rest| rest.split_once('='))
                    .unwrap_or_else(|| panic!("not an export: {line}"));
                (name.to_owned(), value.to_owned())
            })
            .collect();
        assert_eq!(env.len(), EXPORTS, "the simulator ended early");
        Sim { binary: self, process, env }
    }
}

impl Sim<'_> {
    /// One of the printed values.
    pub fn var(&self, name: &str) -> &str {
        &self.env.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("{name} was not printed")).1
    }

    /// Sends it a signal by name, e.g. `STOP`.
    pub fn signal(&self, name: &str) {
        signal(self.process.id(), name);
    }

    /// `partybox-top` with arguments, pointed at this simulator and at nothing else.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.binary.command(args);
        command.envs(self.env.iter().map(|(n, v)| (n, v)));
        command
    }

    /// `status --json` as a value, with the exit code.
    pub fn status(&self) -> (Value, i32) {
        let mut command = self.command(&["status", "--json"]);
        json(&mut command)
    }

    /// Looks with `status --json` again and again until it fits; gives that and its exit code.
    pub fn wait(&self, what: &str, fits: impl Fn(&Value, i32) -> bool) -> (Value, i32) {
        let end = Instant::now() + PATIENCE;
        loop {
            let (status, code) = self.status();
            if fits(&status, code) {
                return (status, code);
            }
            assert!(Instant::now() < end, "never came: {what}; status exits {code} and says:\n{status:#}");
            thread::sleep(LOOK_AGAIN);
        }
    }
}

impl Drop for Sim<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
