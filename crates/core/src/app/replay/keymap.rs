//! The keys of a replay, beside those that move the selection and change the view. One table resolves them
//! and is the source of the help and the footer.

use crate::app::state::Key;

/// A command to the replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Stop, or go on; at the end, begin anew.
    Pause,
    /// Ten seconds back.
    Back,
    /// Ten seconds forward.
    Forward,
    /// To the event before.
    Previous,
    /// To the next event.
    Next,
    /// Half the speed.
    Slower,
    /// Twice the speed.
    Faster,
    /// To the start.
    Start,
    /// To the end.
    End,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct ReplayKey {
    /// The keys.
    pub keys: &'static [Key],
    /// How they are written.
    pub label: &'static str,
    /// What they ask for.
    pub control: Control,
    /// What it does, for the help.
    pub help: &'static str,
}

/// The table. The arrows, Home and End go on moving the selection.
pub const REPLAY_KEYS: &[ReplayKey] = &[
    row(&[Key::char(' ')], "space", Control::Pause, "pause, or go on; at the end, begin anew"),
    row(&[Key::char(',')], ",", Control::Back, "10 seconds back"),
    row(&[Key::char('.')], ".", Control::Forward, "10 seconds forward"),
    row(&[Key::char('[')], "[", Control::Previous, "to the event before"),
    row(&[Key::char(']')], "]", Control::Next, "to the next event"),
    row(&[Key::char('-')], "-", Control::Slower, "half the speed, down to 0.25"),
    row(&[Key::char('+'), Key::char('=')], "+", Control::Faster, "twice the speed, up to 64"),
    row(&[Key::char('<')], "<", Control::Start, "to the start"),
    row(&[Key::char('>')], ">", Control::End, "to the end"),
];

const fn row(keys: &'static [Key], label: &'static str, control: Control, help: &'static str) -> ReplayKey {
    ReplayKey { keys, label, control, help }
}

/// What a key asks of a replay.
pub(super) fn resolve(key: Key) -> Option<Control> {
    REPLAY_KEYS.iter().find(|row| row.keys.contains(&key)).map(|row| row.control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::KeyCode;
    use crate::app::keymap::{self, Command};
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things() {
        let mut seen: HashSet<Key> = HashSet::new();
        for key in REPLAY_KEYS.iter().flat_map(|row| row.keys) {
            assert!(seen.insert(*key), "{key:?} is bound twice");
            assert_eq!(keymap::resolve(*key), None, "{key:?} moves or shows something");
        }
        assert_eq!(keymap::resolve(Key::plain(KeyCode::Home)), Some(Command::First));
    }
}
