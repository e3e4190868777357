//! Takes the terminal and gives it back, whatever happens in between.

use super::sync_backend::SyncBackend;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::Backend as _;
use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;

/// Buffer size: a frame at 200x60 fits, so that it leaves in one write.
const FRAME_BYTES: usize = 64 * 1024;

/// The terminal while the screen is open; restored when dropped.
pub(super) struct Guard {
    /// Where frames are drawn.
    pub(super) terminal: Terminal<SyncBackend<BufWriter<Stdout>>>,
}

impl Guard {
    /// Raw mode, alternate screen, no cursor; a panic restores the terminal before it is reported.
    pub(super) fn take() -> io::Result<Self> {
        restore_on_panic();
        enable_raw_mode()?;
        let mut out = io::stdout();
        if let Err(error) = execute!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide) {
            restore();
            return Err(error);
        }
        let writer = BufWriter::with_capacity(FRAME_BYTES, io::stdout());
        match Terminal::new(SyncBackend::new(writer)) {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }
}

impl Guard {
    /// Rings the bell and sends an OSC 9 notification, so that somebody in another window notices. tmux shows
    /// the bell in its status line, and passes the notification on where `allow-passthrough` is set.
    pub(super) fn notify(&mut self, title: &str, text: &str) -> io::Result<()> {
        let plain: String = format!("{title}: {text}").chars().filter(|c| !c.is_control()).collect();
        let notification = if std::env::var_os("TMUX").is_some() {
            format!("\x1bPtmux;\x1b\x1b]9;{plain}\x07\x1b\\")
        } else {
            format!("\x1b]9;{plain}\x07")
        };
        let writer = self.terminal.backend_mut().writer();
        write!(writer, "{notification}\x07")?;
        writer.flush()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // ratatui shows the cursor when it is dropped. It is done here, so that nothing is written after the
        // last frame.
        let _ = self.terminal.show_cursor();
        let _ = self.terminal.backend_mut().flush();
        restore();
    }
}

/// Restores the terminal. Errors are ignored: the terminal may be gone.
fn restore() {
    let mut out = io::stdout();
    let _ = execute!(out, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            restore();
            report(info);
        }));
    });
}
