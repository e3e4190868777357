//! The real binary in a real pseudo terminal, and the simulator beside it.
#![expect(clippy::disallowed_methods, reason = "a real process is waited for")]

mod api;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::num::NonZero;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Far more than anything here takes: reached only when something is broken.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Held while a process is started: a descriptor of a terminal that is just being opened must not slip into a process
/// that another test starts, as that would keep the terminal open when it is closed here.
static STARTING: Mutex<()> = Mutex::new(());

/// `partybox-top sim` as a process of its own.
pub(crate) struct Sim {
    process: std::process::Child,
    /// The environment that it printed.
    pub(crate) env: Vec<(String, String)>,
}

impl Sim {
    /// Starts one and waits for its six lines.
    pub(crate) fn start(args: &[&str]) -> Self {
        let starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut process = Command::new(env!("CARGO_BIN_EXE_partybox-top"))
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
            .take(6)
            .map(|line| {
                let line = line.expect("the simulator prints text");
                let (name, value) = line
                    .strip_prefix("export ")
                    .and_then(|rest| rest.split_once('='))
                    .unwrap_or_else(|| panic!("not an export: {line}"));
                (name.to_owned(), value.to_owned())
            })
            .collect();
        assert_eq!(env.len(), 6, "the simulator ended early");
        Self { process, env }
    }

    /// One of the printed values.
    pub(crate) fn var(&self, name: &str) -> &str {
        &self.env.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("{name} was not printed")).1
    }

    /// Sends it a signal by name, e.g. `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.process.id(), name);
    }

    /// `partybox-top` with arguments, pointed at this simulator and at nothing else.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program(args);
        command.envs(self.env.iter().map(|(n, v)| (n, v)));
        command
    }

    /// `status --json` as a value, with the exit code.
    pub(crate) fn status(&self) -> (Value, i32) {
        let mut command = self.command(&["status", "--json"]);
        json(&mut command)
    }

    /// Looks with `status --json` again and again until it fits; gives that and its exit code.
    pub(crate) fn wait(&self, what: &str, fits: impl Fn(&Value, i32) -> bool) -> (Value, i32) {
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

/// The pause of a loop that waits for a condition.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

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
/// What every test sets: no profile files, no configuration, no metadata service, a plain terminal.
const OWN: [(&str, &str); 7] = [
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("TERM", "xterm-256color"),
    ("XDG_CONFIG_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/no-configuration")),
    ("XDG_STATE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/state")),
    ("LANG", "C.UTF-8"),
];

/// `partybox-top` with arguments and with nothing of AWS in its environment.
pub(crate) fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partybox-top"));
    command.args(args).stdin(Stdio::null());
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.envs(OWN);
    command
}

/// Runs a command that prints JSON; gives it and the exit code.
pub(crate) fn json(command: &mut Command) -> (Value, i32) {
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
pub(crate) fn account_at(endpoint_url: &str) -> Vec<(String, String)> {
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
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 10_000).expect("below 10,000");
    (0..1000)
        .map(|_| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("one port in a thousand is free")
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a signal by name to a process.
pub(crate) fn signal(pid: u32, name: &str) {
    let done = Command::new("kill").args(["-s", name, &pid.to_string()]).status().expect("kill runs");
    assert!(done.success(), "kill -s {name} {pid}");
}

fn nonzero(n: u16) -> NonZero<u16> {
    NonZero::new(n).expect("a size above 0")
}

struct Shown {
    parser: vt100::Parser,
    /// All bytes so far.
    raw: Vec<u8>,
    /// The text of the newest whole frame, one line for each row.
    text: String,
    ended: bool,
}

impl Shown {
    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.raw.extend_from_slice(bytes);
        if !self.amid_a_frame() {
            let screen = self.parser.screen();
            let rows: Vec<String> = screen.rows(0, screen.size().1.get()).collect();
            self.text = rows.join("\n");
        }
    }

    /// Whether a frame has begun that has not ended: what is between the marks of a synchronized update belongs together.
    fn amid_a_frame(&self) -> bool {
        const MARK: &[u8] = b"\x1b[?2026";
        let last = self.raw.windows(MARK.len() + 1).rev().find(|bytes| bytes.starts_with(MARK));
        last.is_some_and(|bytes| bytes.ends_with(b"h"))
    }
}

/// The program itself; killed when its test is over.
pub(crate) struct Program(Box<dyn Child + Send + Sync>);

impl Program {
    /// Waits for it to end by itself; gives its exit code.
    pub(crate) fn end(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.0.try_wait().expect("the program can be waited for") {
                assert!(status.signal().is_none(), "the program was ended by {:?}", status.signal());
                return status.exit_code();
            }
            assert!(Instant::now() < end, "the program did not end");
            thread::sleep(LOOK_AGAIN);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program on a pseudo terminal.
pub(crate) struct Screen {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Program,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    /// Takes in what the program writes.
    reader: JoinHandle<()>,
    /// Set when nobody is to read any more.
    closing: Arc<AtomicBool>,
    /// How the terminal was set before the program started.
    fresh: String,
    /// When the program was started.
    pub(crate) started: Instant,
}

impl Screen {
    /// Starts `partybox-top` with arguments and environment at a size.
    pub(crate) fn open(args: &[&str], env: &[(String, String)], columns: u16, rows: u16) -> Self {
        Self::run(env!("CARGO_BIN_EXE_partybox-top"), args, env, columns, rows)
    }

    /// Starts any program, e.g. a shell that sets limits first.
    pub(crate) fn run(
        program: &str,
        args: &[&str],
        env: &[(String, String)],
        columns: u16,
        rows: u16,
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = native_pty_system().openpty(size).expect("a pseudo terminal");
        let fresh = settings(pair.master.as_ref());
        let mut command = CommandBuilder::new(program);
        command.args(args);
        for name in FOREIGN {
            command.env_remove(name);
        }
        for (name, value) in OWN {
            command.env(name, value);
        }
        for (name, value) in env {
            command.env(name, value);
        }
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        drop(starting);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let shown = Shown {
            parser: vt100::Parser::new(nonzero(rows), nonzero(columns), 0),
            raw: Vec::new(),
            text: String::new(),
            ended: false,
        };
        let shown = Arc::new((Mutex::new(shown), Condvar::new()));
        let feed = Arc::clone(&shown);
        let closing = Arc::new(AtomicBool::new(false));
        let closed = Arc::clone(&closing);
        let reader = thread::spawn(move || {
            let mut bytes = vec![0; 64 * 1024];
            loop {
                let n = reader.read(&mut bytes).unwrap_or(0);
                let (lock, changed) = &*feed;
                let mut shown = lock.lock().expect("the reader is whole");
                if n == 0 {
                    shown.ended = true;
                } else {
                    shown.take(&bytes[..n]);
                }
                changed.notify_all();
                if n == 0 || closed.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        Self { master: pair.master, writer, child: Program(child), shown, reader, closing, fresh, started }
    }

    /// Types bytes.
    pub(crate) fn send(&mut self, bytes: &str) {
        self.writer.write_all(bytes.as_bytes()).expect("the terminal takes keys");
        self.writer.flush().expect("the terminal takes keys");
    }

    /// The text on the screen, one line for each row.
    pub(crate) fn text(&self) -> String {
        self.shown.0.lock().expect("the reader is whole").text.clone()
    }

    /// The screen with its colours, for a picture.
    pub(crate) fn screen(&self) -> vt100::Screen {
        self.shown.0.lock().expect("the reader is whole").parser.screen().clone()
    }

    /// How many bytes came so far.
    pub(crate) fn bytes(&self) -> usize {
        self.shown.0.lock().expect("the reader is whole").raw.len()
    }

    /// The bytes from a position on.
    pub(crate) fn raw(&self, from: usize) -> Vec<u8> {
        self.shown.0.lock().expect("the reader is whole").raw[from..].to_vec()
    }

    /// Waits until the text on the screen fits; gives it.
    pub(crate) fn wait(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        self.wait_at_most(PATIENCE, fits)
            .unwrap_or_else(|text| panic!("never saw {what}; the screen shows:\n{text}"))
    }

    /// Waits until the text on the screen contains this.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(text, |shown| shown.contains(text))
    }

    /// Waits until the text fits, for at most a while; `Err` with what is shown after that.
    pub(crate) fn wait_at_most(
        &self,
        patience: Duration,
        fits: impl Fn(&str) -> bool,
    ) -> Result<String, String> {
        let end = Instant::now() + patience;
        let (lock, changed) = &*self.shown;
        let mut shown = lock.lock().expect("the reader is whole");
        loop {
            if fits(&shown.text) {
                return Ok(shown.text.clone());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || shown.ended {
                return Err(shown.text.clone());
            }
            shown = changed.wait_timeout(shown, left).expect("the reader is whole").0;
        }
    }

    /// Waits until more than `bytes` bytes have come; gives the moment, or `None` after a while.
    pub(crate) fn wait_for_bytes(&self, bytes: usize, patience: Duration) -> Option<Instant> {
        let end = Instant::now() + patience;
        let (lock, changed) = &*self.shown;
        let mut shown = lock.lock().expect("the reader is whole");
        while shown.raw.len() <= bytes {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || shown.ended {
                return None;
            }
            shown = changed.wait_timeout(shown, left).expect("the reader is whole").0;
        }
        Some(Instant::now())
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.shown
            .0
            .lock()
            .expect("the reader is whole")
            .parser
            .screen_mut()
            .set_size(nonzero(rows), nonzero(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("the terminal takes a size");
    }

    /// How many columns and rows it has.
    pub(crate) fn size(&self) -> (u16, u16) {
        let size = self.master.get_size().expect("the terminal has a size");
        (size.cols, size.rows)
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.0.process_id().expect("the program runs")
    }

    /// Waits for the program to end; gives its exit code.
    pub(crate) fn end(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        {
            let (lock, changed) = &*self.shown;
            let mut shown = lock.lock().expect("the reader is whole");
            while !shown.ended {
                let left = end.saturating_duration_since(Instant::now());
                assert!(!left.is_zero(), "the program did not end; the screen shows:\n{}", shown.text);
                shown = changed.wait_timeout(shown, left).expect("the reader is whole").0;
            }
        }
        self.child.end()
    }

    /// Whether the alternate screen was left, the cursor shown and pasting set back.
    pub(crate) fn restored(&self) -> bool {
        let shown = self.shown.0.lock().expect("the reader is whole");
        let screen = shown.parser.screen();
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    }

    /// Whether lines, echo and signals of the terminal are set as before the program started.
    pub(crate) fn cooked(&self) -> bool {
        settings(self.master.as_ref()) == self.fresh
    }

    /// Closes the terminal, as when its window is closed. Gives the program that was on it.
    pub(crate) fn close(mut self) -> Program {
        self.closing.store(true, Ordering::SeqCst);
        // Whatever comes next wakes the reader: a new size is always answered by a frame.
        let (columns, rows) = self.size();
        self.resize(columns - 1, rows);
        let Self { master, writer, child, reader, .. } = self;
        reader.join().expect("the reader is whole");
        drop(writer);
        drop(master);
        child
    }
}

/// How a terminal is set: line editing, echo, signals, translation of line ends.
fn settings(terminal: &dyn MasterPty) -> String {
    format!("{:?}", terminal.get_termios().expect("a terminal has settings"))
}
