//! The loop of a replay: handles the viewer's keys and the time, and draws frames. It has no connection and
//! sends nothing.

use super::pace::{FRAME_INTERVAL, IDLE_WAIT, MESSAGES_PER_FRAME};
use super::signals::quit_on_signals;
use super::terminal::Guard;
use super::{SessionClock, input};
use partybox_core::app::{Msg, Replay};
use partybox_tui::Theme;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// Messages that are indexed between two checks for keys: a few milliseconds of work.
const AHEAD: usize = 32;

/// Shows a recording until the viewer or a signal ends it.
pub fn replay(mut replay: Replay, theme: Theme) -> io::Result<()> {
    let clock = SessionClock::start();
    let (sender, messages) = mpsc::channel();
    // Before the terminal is taken: a signal that came between would leave it in raw mode.
    quit_on_signals(sender.clone())?;
    let mut guard = Guard::take()?;
    let size = guard.terminal.size()?;
    replay.resize(size.width, size.height);
    guard.terminal.draw(|frame| partybox_tui::draw_replay(frame, &replay, &theme))?;
    input::start(sender)?;
    match turn(&mut guard, &mut replay, theme, clock, &messages) {
        Err(error) if !super::screen::terminal_gone(&error) => Err(error),
        _ => Ok(()),
    }
}

fn turn(
    guard: &mut Guard,
    replay: &mut Replay,
    theme: Theme,
    clock: SessionClock,
    messages: &Receiver<Msg>,
) -> io::Result<()> {
    let mut seen = clock.now().mono;
    loop {
        let more = replay.index(AHEAD);
        // What changes by itself is drawn at the frame interval; a key is answered at once.
        let wait = if more {
            Duration::ZERO
        } else {
            replay.wait(seen).map_or(IDLE_WAIT, |wait| wait.max(FRAME_INTERVAL))
        };
        let passed = clock.now().mono.saturating_sub(seen);
        let mut next = match messages.recv_timeout(wait.saturating_sub(passed)) {
            Ok(msg) => Some(msg),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        let now = clock.now().mono;
        if more && next.is_none() && now < seen + FRAME_INTERVAL {
            continue;
        }
        // Until now it ran at the speed from before the keys.
        replay.pass(now.saturating_sub(seen));
        replay.expire(now);
        seen = now;
        let mut resized = false;
        for _ in 0..MESSAGES_PER_FRAME {
            let Some(msg) = next else { break };
            match msg {
                Msg::Key(key) if !replay.press(key, now) => return Ok(()),
                Msg::Quit => return Ok(()),
                Msg::Paste(text) => replay.paste(text),
                Msg::Resize(columns, rows) => {
                    replay.resize(columns, rows);
                    resized = true;
                }
                _ => {}
            }
            next = messages.try_recv().ok();
        }
        if resized {
            // As on the live screen: the terminal may have cut off what ratatui believes to be there.
            guard.terminal.clear()?;
        }
        guard.terminal.draw(|frame| partybox_tui::draw_replay(frame, replay, &theme))?;
    }
}
