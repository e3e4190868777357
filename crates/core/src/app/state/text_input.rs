//! A line of text being typed.

use crate::app::state::{Key, KeyCode};
use serde::{Deserialize, Serialize};
use tui_input::InputRequest;

/// A line of text being typed: the text and the caret, in characters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TextInput {
    /// The text.
    pub text: String,
    /// Caret position, in characters.
    pub caret: usize,
}

impl TextInput {
    /// A text with the caret behind it.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { caret: text.chars().count(), text }
    }

    /// Takes a key in that edits the text or moves the caret; another one changes nothing.
    pub(crate) fn edit(&mut self, key: Key) {
        let request = match key.code {
            KeyCode::Char('u') if key.ctrl => InputRequest::DeleteFromStart,
            KeyCode::Char('w') if key.ctrl => InputRequest::DeletePrevWord,
            KeyCode::Char(c) if !key.ctrl => InputRequest::InsertChar(c),
            KeyCode::Backspace => InputRequest::DeletePrevChar,
            KeyCode::Delete => InputRequest::DeleteNextChar,
            KeyCode::Left => InputRequest::GoToPrevChar,
            KeyCode::Right => InputRequest::GoToNextChar,
            KeyCode::Home => InputRequest::GoToStart,
            KeyCode::End => InputRequest::GoToEnd,
            _ => return,
        };
        let mut line = tui_input::Input::new(std::mem::take(&mut self.text)).with_cursor(self.caret);
        line.handle(request);
        line.value().clone_into(&mut self.text);
        self.caret = line.cursor();
    }

    /// Inserts a text at the caret.
    pub(crate) fn insert(&mut self, text: &str) {
        for c in text.chars() {
            self.edit(Key::char(c));
        }
    }
}
