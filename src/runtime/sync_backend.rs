//! A ratatui backend that writes nothing when nothing changed.
//!
//! ratatui's own backend writes resets and a cursor hide for an unchanged frame: about 25 bytes each time,
//! which adds up over SSH. This one sends a frame in one write, between the marks of a synchronized update,
//! or not at all.

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use std::io::{self, Write};

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// A crossterm backend whose frames are synchronized updates; an unchanged frame writes nothing.
pub(super) struct SyncBackend<W: Write> {
    inner: CrosstermBackend<W>,
    /// Whether this frame has written anything yet.
    open: bool,
    cursor_shown: Option<bool>,
    cursor_at: Option<Position>,
}

impl<W: Write> SyncBackend<W> {
    /// Wraps a buffered writer.
    pub(super) fn new(writer: W) -> Self {
        Self { inner: CrosstermBackend::new(writer), open: false, cursor_shown: None, cursor_at: None }
    }

    /// The writer of the terminal, for output that is not a frame.
    pub(super) fn writer(&mut self) -> &mut impl Write {
        &mut self.inner
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.open {
            self.open = true;
            self.inner.write_all(BEGIN)?;
        }
        Ok(())
    }
}

impl<W: Write> Backend for SyncBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.begin()?;
        self.cursor_at = None;
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor_shown == Some(false) {
            return Ok(());
        }
        self.begin()?;
        self.cursor_shown = Some(false);
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.cursor_shown == Some(true) {
            return Ok(());
        }
        self.begin()?;
        self.cursor_shown = Some(true);
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // Asking the terminal would race with the keys (crossterm 672, 963), and nothing here needs the true
        // answer.
        Ok(self.cursor_at.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor_at == Some(position) {
            return Ok(());
        }
        self.begin()?;
        self.cursor_at = Some(position);
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.begin()?;
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.begin()?;
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.open {
            return Ok(());
        }
        self.open = false;
        self.inner.write_all(END)?;
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use partybox_core::app::{Answer, Effect, Key, Msg, State, update};
    use partybox_core::domain::samples::{Sample, at};
    use partybox_core::domain::{Meter, Now};
    use partybox_tui::Theme;
    use ratatui::layout::Rect;
    use ratatui::{Terminal, TerminalOptions, Viewport};
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    #[derive(Clone, Default)]
    struct Written(Rc<RefCell<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_unchanged_frame_writes_nothing() {
        let written = Written::default();
        let mut backend = SyncBackend::new(written.clone());
        let mut cell = Cell::default();
        cell.set_symbol("x");
        backend.draw([(0, 0, &cell)].into_iter()).expect("writes to memory");
        backend.hide_cursor().expect("writes to memory");
        Backend::flush(&mut backend).expect("writes to memory");
        let first = written.0.borrow().clone();
        assert!(first.starts_with(BEGIN) && first.ends_with(END), "{first:?}");

        backend.draw(std::iter::empty()).expect("writes nothing");
        backend.hide_cursor().expect("writes nothing");
        Backend::flush(&mut backend).expect("writes nothing");
        assert_eq!(*written.0.borrow(), first);
    }

    fn now() -> Now {
        Now { mono: Duration::from_mins(1), wall: at(60) }
    }

    /// Handles a message and answers every query that follows.
    fn take(state: &mut State, account: &Sample, msg: Msg) {
        let mut effects = update(state, msg, now());
        while let Some(effect) = effects.pop() {
            if let Effect::Poll { topic, run, query } = effect {
                let answer = Answer { topic, run, result: account.answer(&query), meter: Meter::default() };
                effects.extend(update(state, Msg::Answer(Box::new(answer)), now()));
            }
        }
    }

    /// What each of some keys writes at 120x40, in bytes, after the first keys.
    fn bytes_of_keys(first: &str, keys: &str) -> Vec<usize> {
        let (account, mut state) = (Sample::healthy(), State::default());
        take(&mut state, &account, Msg::Resize(120, 40));
        let connected = Msg::Connected { region: "ap-northeast-1".into(), endpoint: None, profile: None };
        take(&mut state, &account, connected);
        let written = Written::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, 120, 40));
        let mut terminal =
            Terminal::with_options(SyncBackend::new(written.clone()), TerminalOptions { viewport })
                .expect("writes to memory");
        let mut press = |key: Option<char>| {
            if let Some(key) = key {
                take(&mut state, &account, Msg::Key(Key::char(key)));
            }
            written.0.borrow_mut().clear();
            terminal
                .draw(|frame| partybox_tui::draw(frame, &state, now(), &Theme::default()))
                .expect("writes to memory");
            written.0.borrow().len()
        };
        press(None);
        for key in first.chars() {
            press(Some(key));
        }
        keys.chars().map(|key| press(Some(key))).collect()
    }

    #[test]
    fn a_move_in_a_list_writes_no_more_than_its_marks() {
        for (list, first, keys) in [
            ("the services in the overview", "1", "jk"),
            ("the targets in the traffic view", "3l", "jk"),
            ("the subnets in the network view", "6", "jk"),
            ("the rules of security groups", "6l", "jk"),
            ("the tasks in the services view", "2l", "jk"),
        ] {
            for bytes in bytes_of_keys(first, keys) {
                assert!((40..=200).contains(&bytes), "{list}: a move writes {bytes} bytes");
            }
        }
    }
}
