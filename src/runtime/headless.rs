//! A session without a screen, for the commands of the shell. It runs the same update loop.

use super::effects::{EffectRunner, EffectSender};
use super::message_pump::MessagePump;
use super::{Endpoint, Recorder, SessionClock};
use partybox_core::app::{self, Effect, Msg, State};
use partybox_core::domain::Now;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often it is checked whether the awaited line has come.
const LINE_CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// A session without a screen. The command that drives it looks at the state after each step.
pub struct Headless {
    /// The state.
    pub state: State,
    clock: SessionClock,
    messages: Receiver<Msg>,
    effects: Option<EffectSender>,
    thread: Option<JoinHandle<()>>,
    pump: MessagePump,
}

impl Headless {
    /// Starts the session.
    pub fn start(endpoint: Endpoint, state: State) -> io::Result<Self> {
        let clock = SessionClock::start();
        let (sender, messages) = mpsc::channel();
        let (effects, thread) =
            EffectRunner::prepare(sender)?.start(endpoint, state.session.read_only, clock)?;
        Ok(Self {
            state,
            clock,
            messages,
            effects: Some(effects),
            thread: Some(thread),
            pump: MessagePump::default(),
        })
    }

    /// Records everything from here on. To be called before the first message.
    pub fn record(&mut self, recorder: Recorder) {
        self.pump.record(recorder);
    }

    /// The time now.
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// Handles a message as if it had come from outside.
    pub fn handle(&mut self, msg: Msg) {
        let now = self.clock.now();
        let step = self.pump.take(&mut self.state, msg, now);
        for sentence in step.troubles {
            // There is no screen to show it on.
            eprintln!("partybox-top: {sentence}");
        }
        for effect in step.effects {
            if let (Some(effects), false) = (&self.effects, matches!(effect, Effect::Quit)) {
                let _ = effects.send(effect);
            }
        }
    }

    /// Waits for the next message, at most until `end`, and handles it. Returns false when it is over: the
    /// time is up, a signal came, or the session cannot go on.
    pub fn step(&mut self, end: Duration) -> bool {
        let now = self.clock.now();
        if now.mono >= end || self.state.session.quitting {
            return false;
        }
        let deadline = app::next_deadline(&self.state, now).map_or(end, |at| at.min(end));
        let msg = match self.messages.recv_timeout(deadline.saturating_sub(now.mono)) {
            Ok(msg) => msg,
            Err(RecvTimeoutError::Timeout) => Msg::Tick,
            Err(RecvTimeoutError::Disconnected) => return false,
        };
        self.handle(msg);
        !self.state.session.quitting
    }

    /// Waits for a line from standard input and handles messages meanwhile: readings go on, and a signal ends
    /// it. `None` = there is no line, or the session is over.
    pub fn line(&mut self) -> io::Result<Option<String>> {
        let (sender, lines) = mpsc::channel();
        // The thread may wait without end; it ends with the process.
        thread::Builder::new().name("line".into()).spawn(move || {
            let mut line = String::new();
            let read = io::stdin().read_line(&mut line);
            // The receiver may be gone.
            let _ = sender.send(read.map(|bytes| (bytes > 0).then_some(line)));
        })?;
        loop {
            match lines.try_recv() {
                Ok(line) => return line,
                Err(TryRecvError::Disconnected) => return Ok(None),
                Err(TryRecvError::Empty) if !self.step(self.now().mono + LINE_CHECK_INTERVAL) => {
                    return Ok(None);
                }
                Err(TryRecvError::Empty) => {}
            }
        }
    }

    /// Ends the session in order: what is due in the audit log and a drill's record are written first, and
    /// the answers are handled.
    pub fn close(&mut self) {
        drop(self.effects.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has already been reported.
            let _ = thread.join();
        }
        while let Ok(msg) = self.messages.try_recv() {
            self.handle(msg);
        }
    }

    /// Steps until the state fits. Returns false when the session ended before.
    pub fn until(&mut self, end: Duration, fits: impl Fn(&State) -> bool) -> bool {
        while !fits(&self.state) {
            if !self.step(end) {
                return fits(&self.state);
            }
        }
        true
    }
}
