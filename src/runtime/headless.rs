//! The same update loop without a screen: for commands that look once.

use super::worker::Worker;
use super::{Door, Stopwatch};
use crate::app::{self, Msg, Phase, State};
use crate::domain::Now;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// The state after everything that is wanted has an answer, good or bad.
pub struct Looked {
    /// The state.
    pub state: State,
    /// When.
    pub now: Now,
    /// Whether the time ran out before everything had an answer.
    pub incomplete: bool,
}

/// Looks once, for at most `patience`.
pub fn look_once(door: Door, mut state: State, patience: Duration) -> io::Result<Looked> {
    let watch = Stopwatch::start();
    let (sender, messages) = mpsc::channel();
    let outbox = Worker::prepare(sender)?.start(door, true, watch)?;
    loop {
        let now = watch.now();
        if now.mono >= patience {
            return Ok(Looked { state, now, incomplete: true });
        }
        let deadline = app::next_deadline(&state, now).map_or(patience, |at| at.min(patience));
        let msg = match messages.recv_timeout(deadline.saturating_sub(now.mono)) {
            Ok(msg) => msg,
            Err(RecvTimeoutError::Timeout) => Msg::Tick,
            Err(RecvTimeoutError::Disconnected) => return Ok(Looked { state, now, incomplete: true }),
        };
        for effect in app::update(&mut state, msg, watch.now()) {
            let _ = outbox.send(effect);
        }
        let now = watch.now();
        if state.quitting || state.phase == Phase::Choosing || state.all_answered() {
            return Ok(Looked { state, now, incomplete: false });
        }
    }
}
