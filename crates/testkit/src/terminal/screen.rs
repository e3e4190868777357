//! The program on a pseudo terminal, and what it shows there.

use super::{Binary, FOREIGN, LOOK_AGAIN, PATIENCE, STARTING};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

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
pub struct Running(Box<dyn Child + Send + Sync>);

impl Running {
    /// Waits for it to end by itself; gives its exit code.
    pub fn end(&mut self) -> u32 {
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

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program on a pseudo terminal.
pub struct Screen {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Running,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    /// Takes in what the program writes.
    reader: JoinHandle<()>,
    /// Set when nobody is to read any more.
    closing: Arc<AtomicBool>,
    /// How the terminal was set before the program started.
    fresh: String,
    /// When the program was started.
    pub started: Instant,
}

impl Binary<'_> {
    /// Starts it with arguments and environment on a terminal of a size.
    pub fn screen(&self, args: &[&str], env: &[(String, String)], columns: u16, rows: u16) -> Screen {
        self.screen_of(self.path, args, env, columns, rows)
    }

    /// Starts any program in its place, e.g. a shell that sets limits first.
    pub fn screen_of(
        &self,
        program: &str,
        args: &[&str],
        env: &[(String, String)],
        columns: u16,
        rows: u16,
    ) -> Screen {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = native_pty_system().openpty(size).expect("a pseudo terminal");
        let fresh = settings(pair.master.as_ref());
        let mut command = CommandBuilder::new(program);
        command.args(args);
        for name in FOREIGN {
            command.env_remove(name);
        }
        for (name, value) in self.environment() {
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
        let (master, child) = (pair.master, Running(child));
        Screen { master, writer, child, shown, reader, closing, fresh, started }
    }
}

impl Screen {
    /// Types bytes.
    pub fn send(&mut self, bytes: &str) {
        self.writer.write_all(bytes.as_bytes()).expect("the terminal takes keys");
        self.writer.flush().expect("the terminal takes keys");
    }

    /// The text on the screen, one line for each row.
    pub fn text(&self) -> String {
        self.shown.0.lock().expect("the reader is whole").text.clone()
    }

    /// The screen with its colours, for a picture.
    pub fn screen(&self) -> vt100::Screen {
        self.shown.0.lock().expect("the reader is whole").parser.screen().clone()
    }

    /// How many bytes came so far.
    pub fn bytes(&self) -> usize {
        self.shown.0.lock().expect("the reader is whole").raw.len()
    }

    /// The bytes from a position on.
    pub fn raw(&self, from: usize) -> Vec<u8> {
        self.shown.0.lock().expect("the reader is whole").raw[from..].to_vec()
    }

    /// Waits until the text on the screen fits; gives it.
    pub fn wait(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        self.wait_at_most(PATIENCE, fits)
            .unwrap_or_else(|text| panic!("never saw {what}; the screen shows:\n{text}"))
    }

    /// Waits until the text on the screen contains this.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |shown| shown.contains(text))
    }

    /// Waits until the text fits, for at most a while; `Err` with what is shown after that.
    pub fn wait_at_most(&self, patience: Duration, fits: impl Fn(&str) -> bool) -> Result<String, String> {
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
    pub fn wait_for_bytes(&self, bytes: usize, patience: Duration) -> Option<Instant> {
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
    pub fn resize(&mut self, columns: u16, rows: u16) {
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
    pub fn size(&self) -> (u16, u16) {
        let size = self.master.get_size().expect("the terminal has a size");
        (size.cols, size.rows)
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.0.process_id().expect("the program runs")
    }

    /// Waits for the program to end; gives its exit code.
    pub fn end(&mut self) -> u32 {
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
    pub fn restored(&self) -> bool {
        let shown = self.shown.0.lock().expect("the reader is whole");
        let screen = shown.parser.screen();
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    }

    /// Whether lines, echo and signals of the terminal are set as before the program started.
    pub fn cooked(&self) -> bool {
        settings(self.master.as_ref()) == self.fresh
    }

    /// Closes the terminal, as when its window is closed. Gives the program that was on it.
    pub fn close(mut self) -> Running {
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
