//! The loop of the screen: messages in, frames and effects out.

use super::intake::Intake;
use super::terminal::Guard;
use super::worker::Worker;
use super::{Door, Outbox, Recorder, Stopwatch, input};
use partybox_core::app::{self, Effect, Msg, StartPhase, State};
use partybox_core::domain::Now;
use partybox_tui::Theme;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// At most 30 frames a second, but a key is answered at once.
const FRAME: Duration = Duration::from_millis(33);
/// Messages taken in before a frame is drawn all the same.
const BATCH: usize = 256;
/// Without any deadline, look once a minute.
const IDLE: Duration = Duration::from_mins(1);

/// What a screen is started with.
pub struct Started {
    /// Where AWS is.
    pub door: Door,
    /// The initial state: session settings.
    pub state: State,
    /// How it looks.
    pub theme: Theme,
    /// Writes down everything that is taken in.
    pub recorder: Option<Recorder>,
}

/// Opens the screen and runs it until the user or a signal ends it. Gives the last phase.
pub fn run(started: Started) -> io::Result<StartPhase> {
    let Started { door, mut state, theme, recorder } = started;
    let mut intake = Intake::new(recorder);
    let watch = Stopwatch::start();
    let (sender, messages) = mpsc::channel();
    // From before the terminal is taken: a signal that came in between would leave it as it is.
    let worker = Worker::prepare(sender.clone())?;
    let mut guard = Guard::take()?;
    let size = guard.terminal.size()?;
    let size = Msg::Resize(size.width, size.height);
    take(&mut state, size, watch.now(), &mut intake);
    // First paint before anything else: the connection takes its time.
    guard.terminal.draw(|frame| partybox_tui::draw(frame, &state, watch.now(), &theme))?;
    let (outbox, thread) = worker.start(door, state.session.read_only, watch)?;
    input::start(sender)?;
    let ended = turn(&mut guard, &mut state, theme, watch, &messages, &outbox, &mut intake);
    drop(guard);
    drop(outbox);
    if !state.operations.is_empty() || intake.waits() {
        // What the audit log has yet to be told is written first, and so is a drill's report. A panic there has already
        // been reported.
        let _ = thread.join();
        while let Ok(msg) = messages.try_recv() {
            take(&mut state, msg, watch.now(), &mut intake);
        }
    }
    match ended {
        Err(error) if !terminal_gone(&error) => Err(error),
        _ => Ok(state.phase),
    }
}

/// Whether nobody can see the screen any more. Its window was closed: that is an end like any other, and there is nobody
/// left to tell of an error.
pub(super) fn terminal_gone(error: &io::Error) -> bool {
    const EIO: i32 = 5;
    const ENXIO: i32 = 6;
    error.kind() == io::ErrorKind::BrokenPipe || matches!(error.raw_os_error(), Some(EIO | ENXIO))
}

fn turn(
    guard: &mut Guard,
    state: &mut State,
    theme: Theme,
    watch: Stopwatch,
    messages: &Receiver<Msg>,
    outbox: &Outbox,
    intake: &mut Intake,
) -> io::Result<()> {
    let mut drawn = Duration::ZERO;
    let mut undrawn = false;
    loop {
        let now = watch.now();
        let frame_due = undrawn.then(|| drawn + FRAME);
        let deadline = [app::next_deadline(state, now), frame_due].into_iter().flatten().min();
        let wait = deadline.map_or(IDLE, |at| at.saturating_sub(now.mono));
        let mut next = match messages.recv_timeout(wait) {
            Ok(msg) => Some(msg),
            Err(RecvTimeoutError::Timeout) => Some(Msg::Tick),
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        let mut urgent = false;
        let mut resized = false;
        for _ in 0..BATCH {
            let Some(msg) = next else { break };
            urgent |= matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Resize(..));
            resized |= matches!(msg, Msg::Resize(..));
            for effect in take(state, msg, watch.now(), intake) {
                match effect {
                    Effect::Notify { title, text } => guard.notify(&title, &text)?,
                    // A worker that is gone has said why in a message before it went.
                    effect => drop(outbox.send(effect)),
                }
            }
            next = messages.try_recv().ok();
        }
        if state.quitting {
            return Ok(());
        }
        undrawn = true;
        let now = watch.now();
        if resized {
            // Several sizes may have come as one, the last the same as the first: ratatui then sees no change, but the
            // terminal has cut off what was there.
            guard.terminal.clear()?;
        }
        if urgent || now.mono >= drawn + FRAME {
            guard.terminal.draw(|frame| partybox_tui::draw(frame, state, now, &theme))?;
            drawn = now.mono;
            undrawn = false;
        }
    }
}

/// Takes a message in, written down before.
fn take(state: &mut State, msg: Msg, now: Now, intake: &mut Intake) -> Vec<Effect> {
    let msg = match msg {
        // A password that slipped into the wrong window must not end up in a file.
        Msg::Paste(_) if !state.takes_text() => Msg::Paste(String::new()),
        msg => msg,
    };
    let mut taken = intake.take(state, msg, now);
    while let Some(sentence) = taken.troubles.pop() {
        let more = intake.take(state, Msg::Notice(sentence), now);
        taken.effects.extend(more.effects);
        taken.troubles.extend(more.troubles);
    }
    taken.effects
}
