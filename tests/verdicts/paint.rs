//! When a change is on the screen, and not only in the state: frames are drawn when the screen's loop would draw them,
//! and a change counts from the frame whose text shows it.

use partybox_core::app::{State, View};
use partybox_core::domain::Now;
use partybox_testkit::rig::Rig;
use partybox_tui::Theme;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::{BTreeMap, BTreeSet};

/// The screen's loop draws after messages, at most once in so many milliseconds.
const FRAME: u64 = 33;
/// Columns and rows.
const SIZE: (u16, u16) = (200, 60);

/// Something that the state shows and the screen has yet to show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// A rollout began: (service, ARN).
    Began(String, String),
    /// A task is RUNNING: (service, id).
    Runs(String, String),
    /// A rollout ended: (service, ARN, the verdict's word).
    Ended(String, String, &'static str),
}

impl Change {
    fn service(&self) -> &str {
        match self {
            Self::Began(service, _) | Self::Runs(service, _) | Self::Ended(service, ..) => service,
        }
    }
}

/// The screen of one run.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    /// When the newest frame was drawn, milliseconds.
    drawn: u64,
    /// Since when a frame is owed.
    owed: bool,
    waiting: BTreeSet<Change>,
    /// When each change was first painted, milliseconds.
    pub(crate) painted: BTreeMap<Change, u64>,
}

impl Screen {
    /// The program took a message in: a frame is due.
    pub(crate) fn message(&mut self) {
        self.owed = true;
    }

    /// When the next frame must be drawn at the latest.
    pub(crate) fn due(&self) -> Option<u64> {
        self.owed.then_some(self.drawn + FRAME)
    }

    /// The state shows this now.
    pub(crate) fn expect(&mut self, change: Change) {
        if !self.painted.contains_key(&change) {
            self.waiting.insert(change);
        }
    }

    /// What was in the state and never on the screen.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &Change> {
        self.waiting.iter()
    }

    /// Draws the frame if it is due. Frames on which nothing is waited for show nothing new, and are left out.
    pub(crate) fn frame(&mut self, rig: &mut Rig) {
        let at = rig.at();
        if self.due().is_none_or(|due| at < due) {
            return;
        }
        (self.drawn, self.owed) = (at, false);
        let Some(service) = self.waiting.first().map(|it| it.service().to_owned()) else { return };
        rig.select(&service);
        let frame = text(&rig.state, rig.now());
        let (mut shown, waiting): (BTreeSet<Change>, BTreeSet<Change>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|it| shows(&rig.state, &frame, it));
        self.waiting = waiting;
        // The panel tells of a service's newest rollout; how an earlier one ended stands among the overview's events.
        let earlier =
            |it: &&Change| matches!(it, Change::Ended(name, arn, _) if newest(&rig.state, name) != Some(arn));
        let early: Vec<Change> = self.waiting.iter().filter(earlier).cloned().collect();
        if !early.is_empty() {
            let before = std::mem::replace(&mut rig.state.screen.view, View::Overview);
            let overview = text(&rig.state, rig.now());
            rig.state.screen.view = before;
            for change in early.iter().filter(|it| told(&overview, it)) {
                self.waiting.remove(change);
                shown.insert(change.clone());
            }
        }
        self.painted.extend(shown.into_iter().map(|change| (change, at)));
    }
}

fn newest<'a>(state: &'a State, service: &str) -> Option<&'a String> {
    state.account.rollouts.newest(service).map(|it| &it.id)
}

/// A frame as text, a line for each row.
fn text(state: &State, now: Now) -> String {
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal in memory");
    terminal
        .draw(|frame| partybox_tui::draw(frame, state, now, &Theme::default()))
        .expect("drawn into memory");
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(SIZE.0));
    let rows: Vec<String> = rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect();
    rows.join("\n")
}

/// Whether the view of services, with the change's service selected, shows it.
fn shows(state: &State, frame: &str, change: &Change) -> bool {
    let service = change.service();
    // The first line of the panel is the answer.
    let answer = || {
        let titles = ["rollout", "deployment"].map(|word| format!("╭ {word}  {service} "));
        let title = |line: &&str| titles.iter().any(|title| line.starts_with(title));
        frame.lines().skip_while(|line| !title(line)).nth(1).unwrap_or_default()
    };
    match change {
        Change::Began(_, arn) => newest(state, service) == Some(arn) && answer().contains(" for "),
        Change::Runs(_, id) => frame.lines().any(|line| {
            let rest = line.split_once(&id[..8]).map(|(_, rest)| rest);
            rest.is_some_and(|rest| {
                let status = rest.split_whitespace().nth(1).unwrap_or_default();
                !["provisioning", "pending", "activating"].contains(&status)
            })
        }),
        Change::Ended(_, arn, word) => {
            newest(state, service) == Some(arn)
                && answer().split_once(word).is_some_and(|(_, rest)| !rest.starts_with(','))
        }
    }
}

/// Whether the overview's events tell how a rollout ended.
fn told(overview: &str, change: &Change) -> bool {
    let Change::Ended(service, _, word) = change else { return false };
    overview.lines().any(|line| line.contains(service) && line.contains("rollout to") && line.contains(word))
}
