//! Reads the terminal in a thread of its own and turns its events into messages.

use crossterm::event::{self, Event, KeyEventKind, KeyModifiers};
use partybox_core::app::{Key, KeyCode, Msg};
use std::sync::mpsc::Sender;
use std::thread;

/// Starts the thread. It ends when the terminal or the receiver has gone.
pub(super) fn start(sender: Sender<Msg>) -> std::io::Result<()> {
    thread::Builder::new().name("input".into()).spawn(move || {
        loop {
            let msg = match event::read() {
                Ok(event) => match convert(event) {
                    Some(msg) => msg,
                    None => continue,
                },
                // The terminal is gone: reading again would only spin.
                Err(_) => Msg::Quit,
            };
            let last = msg == Msg::Quit;
            if sender.send(msg).is_err() || last {
                return;
            }
        }
    })?;
    Ok(())
}

fn convert(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            let code = match key.code {
                event::KeyCode::Char(c) => KeyCode::Char(c),
                event::KeyCode::Enter => KeyCode::Enter,
                event::KeyCode::Esc => KeyCode::Esc,
                event::KeyCode::Tab => KeyCode::Tab,
                event::KeyCode::BackTab => KeyCode::BackTab,
                event::KeyCode::Backspace => KeyCode::Backspace,
                event::KeyCode::Delete => KeyCode::Delete,
                event::KeyCode::Up => KeyCode::Up,
                event::KeyCode::Down => KeyCode::Down,
                event::KeyCode::Left => KeyCode::Left,
                event::KeyCode::Right => KeyCode::Right,
                event::KeyCode::Home => KeyCode::Home,
                event::KeyCode::End => KeyCode::End,
                event::KeyCode::PageUp => KeyCode::PageUp,
                event::KeyCode::PageDown => KeyCode::PageDown,
                _ => return None,
            };
            Some(Msg::Key(Key { code, ctrl: key.modifiers.contains(KeyModifiers::CONTROL) }))
        }
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        _ => None,
    }
}
