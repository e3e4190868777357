//! The loop of the screen: handles messages, draws frames and sends effects.

use super::effects::{EffectRunner, EffectSender};
use super::message_pump::MessagePump;
use super::pace::{FRAME_INTERVAL, IDLE_WAIT, MESSAGES_PER_FRAME};
use super::terminal::Guard;
use super::{Endpoint, Recorder, SessionClock, input};
use partybox_core::app::{self, Effect, Msg, StartPhase, State};
use partybox_tui::Theme;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// The settings of a screen.
pub struct ScreenSetup {
    /// The AWS endpoint.
    pub endpoint: Endpoint,
    /// The initial state: session settings.
    pub state: State,
    /// How it looks.
    pub theme: Theme,
    /// Writes down everything that is taken in.
    pub recorder: Option<Recorder>,
}

/// Opens the screen and runs it until the user or a signal ends it. Returns the last phase.
pub fn run(setup: ScreenSetup) -> io::Result<StartPhase> {
    let ScreenSetup { endpoint, state, theme, recorder } = setup;
    let clock = SessionClock::start();
    let (sender, messages) = mpsc::channel();
    // Before the terminal is taken: a signal that came between would leave it in raw mode.
    let runner = EffectRunner::prepare(sender.clone())?;
    let mut guard = Guard::take()?;
    let mut session = ScreenSession { state, theme, clock, messages, pump: MessagePump::new(recorder) };
    let size = guard.terminal.size()?;
    session.take(Msg::Resize(size.width, size.height));
    // First paint before anything else: the connection takes its time.
    session.draw(&mut guard)?;
    let (effects, thread) = runner.start(endpoint, session.state.session.read_only, clock)?;
    input::start(sender)?;
    let ended = session.run(&mut guard, &effects);
    drop(guard);
    drop(effects);
    if !session.state.operations.is_empty() || session.pump.waits() {
        // What is due in the audit log and a drill's report are written first. A panic there has already been
        // reported.
        let _ = thread.join();
        while let Ok(msg) = session.messages.try_recv() {
            session.take(msg);
        }
    }
    match ended {
        Err(error) if !terminal_gone(&error) => Err(error),
        _ => Ok(session.state.session.phase),
    }
}

/// Whether an error means that the terminal is gone. Its window was closed: that is a normal end, and nobody
/// is left to read an error.
pub(super) fn terminal_gone(error: &io::Error) -> bool {
    const EIO: i32 = 5;
    const ENXIO: i32 = 6;
    error.kind() == io::ErrorKind::BrokenPipe || matches!(error.raw_os_error(), Some(EIO | ENXIO))
}

/// A session with a screen: everything but the terminal and the effects, which end before it does.
struct ScreenSession {
    state: State,
    theme: Theme,
    clock: SessionClock,
    messages: Receiver<Msg>,
    pump: MessagePump,
}

impl ScreenSession {
    /// Handles messages, sends effects and draws, until the session quits.
    fn run(&mut self, guard: &mut Guard, effects: &EffectSender) -> io::Result<()> {
        let mut drawn = Duration::ZERO;
        let mut undrawn = false;
        loop {
            let now = self.clock.now();
            let frame_due = undrawn.then(|| drawn + FRAME_INTERVAL);
            let deadline = [app::next_deadline(&self.state, now), frame_due].into_iter().flatten().min();
            let wait = deadline.map_or(IDLE_WAIT, |at| at.saturating_sub(now.mono));
            let mut next = match self.messages.recv_timeout(wait) {
                Ok(msg) => Some(msg),
                Err(RecvTimeoutError::Timeout) => Some(Msg::Tick),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let mut urgent = false;
            let mut resized = false;
            for _ in 0..MESSAGES_PER_FRAME {
                let Some(msg) = next else { break };
                urgent |= matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Resize(..));
                resized |= matches!(msg, Msg::Resize(..));
                for effect in self.take(msg) {
                    match effect {
                        Effect::Notify { title, text } => guard.notify(&title, &text)?,
                        // A runner that has ended has sent a message that says why.
                        effect => drop(effects.send(effect)),
                    }
                }
                next = self.messages.try_recv().ok();
            }
            if self.state.session.quitting {
                return Ok(());
            }
            undrawn = true;
            if resized {
                // Several sizes may have come as one, the last the same as the first: ratatui then sees no
                // change, but the terminal has cut off what was there.
                guard.terminal.clear()?;
            }
            let now = self.clock.now();
            if urgent || now.mono >= drawn + FRAME_INTERVAL {
                self.draw(guard)?;
                drawn = now.mono;
                undrawn = false;
            }
        }
    }

    fn draw(&self, guard: &mut Guard) -> io::Result<()> {
        let now = self.clock.now();
        guard.terminal.draw(|frame| partybox_tui::draw(frame, &self.state, now, &self.theme))?;
        Ok(())
    }

    /// Handles a message after it was written to the recordings.
    fn take(&mut self, msg: Msg) -> Vec<Effect> {
        let now = self.clock.now();
        let msg = match msg {
            // A password that was pasted into the wrong window must not end up in a file.
            Msg::Paste(_) if !self.state.takes_text() => Msg::Paste(String::new()),
            msg => msg,
        };
        let mut step = self.pump.take(&mut self.state, msg, now);
        while let Some(sentence) = step.troubles.pop() {
            let more = self.pump.take(&mut self.state, Msg::Notice(sentence), now);
            step.effects.extend(more.effects);
            step.troubles.extend(more.troubles);
        }
        step.effects
    }
}
