//! The key bindings as one table. It resolves keys and is the source of the help and the footer.

use crate::app::state::{Key, KeyCode, View};

/// The command that a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Selection up.
    Up,
    /// Selection down.
    Down,
    /// Focus the main pane; in the overview, the part to the left.
    Left,
    /// Focus the detail pane; in the overview, the part to the right.
    Right,
    /// First row.
    First,
    /// Last row.
    Last,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Next view.
    NextView,
    /// Previous view.
    PrevView,
    /// A view by its number.
    Show(View),
    /// Type a filter.
    Filter,
    /// Open what is selected.
    Open,
    /// Close what is open, clear the filter, go back to the overview.
    Back,
    /// Show the help.
    Help,
    /// Scale the selected service.
    Scale,
    /// Choose what to deploy to the selected service.
    Redeploy,
    /// Roll the selected service back.
    RollBack,
    /// Let the selected service's rollout go on.
    Continue,
    /// Move the selected service's autoscaling range, or suspend scaling.
    Range,
    /// Stop the selected task.
    StopTask,
    /// Undo the last operation.
    Undo,
    /// Fail the selected database over.
    Failover,
    /// Write the report of the drill to the current directory.
    Report,
    /// Note that the bad ends of rollouts were seen: they leave the headline.
    Note,
    /// Poll everything now.
    Refresh,
    /// Quit.
    Quit,
}

impl Command {
    /// Whether it asks AWS for something, plans a change or writes a file. The other commands only look
    /// around.
    pub fn asks_aws(self) -> bool {
        match self {
            Self::Scale
            | Self::Redeploy
            | Self::RollBack
            | Self::Continue
            | Self::Range
            | Self::StopTask
            | Self::Undo
            | Self::Failover
            | Self::Report
            | Self::Refresh => true,
            Self::Up
            | Self::Down
            | Self::Left
            | Self::Right
            | Self::First
            | Self::Last
            | Self::PageUp
            | Self::PageDown
            | Self::NextView
            | Self::PrevView
            | Self::Show(_)
            | Self::Filter
            | Self::Note
            | Self::Open
            | Self::Back
            | Self::Help
            | Self::Quit => false,
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The keys, the first is the one shown in the footer.
    pub keys: &'static [Key],
    /// How the keys are shown, e.g. `j / down`.
    pub label: &'static str,
    /// The command that they stand for.
    pub command: Command,
    /// What it does, for the help.
    pub help: &'static str,
    /// A short word for the footer; empty = not there.
    pub short: &'static str,
    /// The group under which the help lists it.
    pub group: &'static str,
}

const fn row(
    group: &'static str,
    keys: &'static [Key],
    label: &'static str,
    command: Command,
    short: &'static str,
    help: &'static str,
) -> Binding {
    Binding { keys, label, command, help, short, group }
}

/// The table: what is done, moves, a row for each view, looking.
pub const BINDINGS: &[Binding] = &ROWS;

const ROWS_LEN: usize = BEFORE_VIEWS.len() + View::ALL.len() + AFTER_VIEWS.len();

const ROWS: [Binding; ROWS_LEN] = table();

/// Puts the table together. A view has its number by its place in [`View::ALL`], so that a new one needs no
/// row here.
const fn table() -> [Binding; ROWS_LEN] {
    let mut rows = [BEFORE_VIEWS[0]; ROWS_LEN];
    let mut i = 0;
    while i < rows.len() {
        rows[i] = if i < BEFORE_VIEWS.len() {
            BEFORE_VIEWS[i]
        } else if i < BEFORE_VIEWS.len() + View::ALL.len() {
            view_row(i - BEFORE_VIEWS.len())
        } else {
            AFTER_VIEWS[i - BEFORE_VIEWS.len() - View::ALL.len()]
        };
        i += 1;
    }
    rows
}

const fn view_row(at: usize) -> Binding {
    let (label, keys) = NUMBERS[at];
    row("views", keys, label, Command::Show(View::ALL[at]), "", View::ALL[at].summary())
}

/// The rows before the number keys.
const BEFORE_VIEWS: &[Binding] = &[
    row(
        "act",
        &[Key::char('s')],
        "s",
        Command::Scale,
        "scale",
        "scale the selected service: plan, then confirm",
    ),
    row(
        "act",
        &[Key::char('r')],
        "r",
        Command::Redeploy,
        "redeploy",
        "deploy: the same once more, or another image",
    ),
    row(
        "act",
        &[Key::char('b')],
        "b",
        Command::RollBack,
        "roll back",
        "roll back: its rollout, or to the revision before",
    ),
    row(
        "act",
        &[Key::char('c')],
        "c",
        Command::Continue,
        "continue",
        "continue a rollout that its PAUSE hook holds",
    ),
    row(
        "act",
        &[Key::char('a')],
        "a",
        Command::Range,
        "autoscale",
        "autoscaling: move its range, suspend or resume",
    ),
    row("act", &[Key::char('x')], "x", Command::StopTask, "stop task", "stop the selected task"),
    row("act", &[Key::char('u')], "u", Command::Undo, "undo", "undo: the inverse of the last operation"),
    row(
        "act",
        &[Key::char('F')],
        "F",
        Command::Failover,
        "fail over",
        "fail the database over: type its name to confirm",
    ),
    row(
        "act",
        &[Key::char('w')],
        "w",
        Command::Report,
        "write report",
        "drill view: write its report to ./drill-...",
    ),
    row("move", &[Key::plain(KeyCode::Up), Key::char('k')], "k / up", Command::Up, "", "previous row"),
    row("move", &[Key::plain(KeyCode::Down), Key::char('j')], "j / down", Command::Down, "", "next row"),
    row(
        "move",
        &[Key::plain(KeyCode::Left), Key::char('h')],
        "h / left",
        Command::Left,
        "",
        "the list on the left, or above",
    ),
    row(
        "move",
        &[Key::plain(KeyCode::Right), Key::char('l')],
        "l / right",
        Command::Right,
        "",
        "the list on the right, or below",
    ),
    row("move", &[Key::plain(KeyCode::Home), Key::char('g')], "g / home", Command::First, "", "first row"),
    row("move", &[Key::plain(KeyCode::End), Key::char('G')], "G / end", Command::Last, "", "last row"),
    row("move", &[Key::plain(KeyCode::PageUp), Key::ctrl('u')], "pgup", Command::PageUp, "", "a page up"),
    row(
        "move",
        &[Key::plain(KeyCode::PageDown), Key::ctrl('d')],
        "pgdn",
        Command::PageDown,
        "",
        "a page down",
    ),
    row(
        "move",
        &[Key::plain(KeyCode::Enter), Key::char('o')],
        "enter",
        Command::Open,
        "open",
        "open what is selected",
    ),
    row(
        "move",
        &[Key::plain(KeyCode::Esc)],
        "esc",
        Command::Back,
        "",
        "close, clear the filter, back to the overview",
    ),
    row("views", &[Key::plain(KeyCode::Tab)], "tab", Command::NextView, "view", "next view"),
    row("views", &[Key::plain(KeyCode::BackTab)], "shift-tab", Command::PrevView, "", "previous view"),
];

/// The number keys, in the order of [`View::ALL`], as they are written and pressed.
const NUMBERS: [(&str, &[Key]); 9] = [
    ("1", &[Key::char('1')]),
    ("2", &[Key::char('2')]),
    ("3", &[Key::char('3')]),
    ("4", &[Key::char('4')]),
    ("5", &[Key::char('5')]),
    ("6", &[Key::char('6')]),
    ("7", &[Key::char('7')]),
    ("8", &[Key::char('8')]),
    ("9", &[Key::char('9')]),
];

/// The rows after the number keys.
const AFTER_VIEWS: &[Binding] = &[
    row("look", &[Key::char('/')], "/", Command::Filter, "filter", "show only rows that contain a text"),
    row("look", &[Key::char('n')], "n", Command::Note, "", "noted: a bad end leaves the headline"),
    row("look", &[Key::ctrl('r')], "ctrl-r", Command::Refresh, "", "ask AWS for everything now"),
    row("look", &[Key::char('?')], "?", Command::Help, "help", "these keys"),
    row("look", &[Key::char('q'), Key::ctrl('c')], "q", Command::Quit, "quit", "quit"),
];

/// The command of a key.
pub fn resolve(key: Key) -> Option<Command> {
    BINDINGS.iter().find(|b| b.keys.contains(&key)).map(|b| b.command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things() {
        let mut seen = HashSet::new();
        for key in BINDINGS.iter().flat_map(|b| b.keys) {
            assert!(seen.insert(*key), "{key:?} is bound twice");
        }
    }

    #[test]
    fn every_view_has_its_number() {
        for (i, view) in View::ALL.into_iter().enumerate() {
            let digit = char::from_digit(u32::try_from(i + 1).expect("few views"), 10).expect("a digit");
            assert_eq!(resolve(Key::char(digit)), Some(Command::Show(view)));
        }
    }
}
