//! A replay of a recording: its position, its speed, and the viewer's own screen.
//!
//! The model is the session's state exactly: the recorded messages, keys among them, go to the same `update`
//! with their own times, and its effects are dropped. A viewer who looks around does so on a copy.

use crate::app::input::keymap::{self, Command};
use crate::app::replay::keymap::{self as replay_keymap, Control};
use crate::app::replay::viewer::OwnScreen;
use crate::app::replay::{InitialState, Recording};
use crate::app::state::{Key, Msg, Overlay, State};
use crate::app::update::update;
use crate::domain::Now;
use crate::operation::OperationStage;
use crate::operation::drill::{Drill, DrillStage};
use chrono::{DateTime, TimeDelta, Utc};
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

/// How far a step goes.
const STEP: Duration = Duration::from_secs(10);
/// Speeds that the keys go through, times the recorded one.
const SPEEDS: [f64; 9] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
/// Messages between two kept states, at first.
const SPACING: usize = 128;
/// States that are kept at most; beyond that every other one is dropped.
const KEPT: usize = 128;
/// Messages within this time count as one moment to jump to.
const MOMENT: Duration = Duration::from_millis(250);
/// Within this time after a moment, "previous" leads to the moment before it.
const JUST: Duration = Duration::from_secs(1);
/// How long a notice to the viewer stays.
const NOTICE: Duration = Duration::from_secs(6);

/// A recording on the screen: the session at a position, and what its viewer looks at.
#[derive(Debug)]
pub struct Replay {
    recording: Recording,
    /// (messages taken in, the state then), oldest first; the first is the state before any.
    kept: Vec<(usize, State)>,
    spacing: usize,
    /// Messages whose moments have been found.
    indexed: usize,
    /// The state up to which moments have been found, until all are.
    ahead: Option<Box<State>>,
    /// Positions of the moments to jump to.
    moments: Vec<Duration>,
    /// The position, since the first message.
    position: Duration,
    /// Messages that were handled.
    taken: usize,
    model: State,
    /// What the viewer looks at on their own, and the state as they see it.
    own: Option<(OwnScreen, Box<State>)>,
    paused: bool,
    speed: f64,
    /// A notice to the viewer, and until when, the viewer's monotonic time.
    notice: Option<(&'static str, Duration)>,
    /// The viewer's terminal: columns, rows.
    size: (u16, u16),
}

impl Replay {
    /// A replay at its start, running. `None` when the recording has no message.
    pub fn new(recording: Recording, start: &InitialState) -> Option<Self> {
        if recording.is_empty() {
            return None;
        }
        let state = start.state();
        let mut replay = Self {
            recording,
            kept: vec![(0, state.clone())],
            spacing: SPACING,
            indexed: 0,
            ahead: Some(Box::new(state.clone())),
            moments: Vec::new(),
            position: Duration::ZERO,
            taken: 0,
            model: state,
            own: None,
            paused: false,
            speed: 1.0,
            notice: None,
            size: (80, 24),
        };
        replay.seek(Duration::ZERO);
        Some(replay)
    }

    /// Reads ahead at most this many messages, to find moments to jump to and to keep states to seek from.
    /// Returns whether there is more to read.
    pub fn index(&mut self, messages: usize) -> bool {
        let Some(mut state) = self.ahead.take() else { return false };
        let end = (self.indexed + messages).min(self.recording.len());
        while self.indexed < end {
            let before = Signs::of(&state);
            let Some((now, msg)) = self.recording.get(self.indexed) else { break };
            update(&mut state, msg, now);
            if before != Signs::of(&state) {
                self.moment(now.mono.saturating_sub(self.base()));
            }
            self.indexed += 1;
            if self.indexed.is_multiple_of(self.spacing) {
                self.keep(&state);
            }
        }
        if self.indexed < self.recording.len() {
            self.ahead = Some(state);
        }
        self.ahead.is_some()
    }

    fn keep(&mut self, state: &State) {
        self.kept.push((self.indexed, state.clone()));
        if self.kept.len() > KEPT {
            self.spacing *= 2;
            let spacing = self.spacing;
            self.kept.retain(|(at, _)| at.is_multiple_of(spacing));
        }
    }

    fn moment(&mut self, at: Duration) {
        match self.moments.last_mut() {
            Some(last) if at.saturating_sub(*last) < MOMENT => *last = at,
            _ => self.moments.push(at),
        }
    }

    /// Monotonic time of the first message.
    fn base(&self) -> Duration {
        self.recording.time(0).map_or(Duration::ZERO, |now| now.mono)
    }

    /// The length: the time from the first to the last message.
    pub fn length(&self) -> Duration {
        let last = self.recording.time(self.recording.len().saturating_sub(1));
        last.map_or(Duration::ZERO, |now| now.mono.saturating_sub(self.base()))
    }

    /// The position, since the first message.
    pub fn position(&self) -> Duration {
        self.position
    }

    /// The speed, as a multiple of the recorded one.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether it is paused.
    pub fn paused(&self) -> bool {
        self.paused
    }

    /// Whether the viewer has a screen of their own.
    pub fn looks_around(&self) -> bool {
        self.own.is_some()
    }

    /// A notice to the viewer.
    pub fn notice(&self) -> Option<&'static str> {
        self.notice.map(|(text, _)| text)
    }

    /// The recorded time of this position.
    pub fn now(&self) -> Now {
        let mono = self.base() + self.position;
        let last = self.recording.time(self.taken.saturating_sub(1));
        let Now { mono: at, wall } = last.unwrap_or(Now { mono, wall: DateTime::<Utc>::UNIX_EPOCH });
        let since = TimeDelta::from_std(mono.saturating_sub(at)).unwrap_or_default();
        Now { mono, wall: wall + since }
    }

    /// The state to draw: the recorded screen, or the viewer's own.
    pub fn state(&self) -> &State {
        self.own.as_ref().map_or(&self.model, |(_, state)| state)
    }

    /// The session's state at this position.
    pub fn model(&self) -> &State {
        &self.model
    }

    /// Sets the speed, within the bounds of the keys.
    pub fn set_speed(&mut self, speed: f64) {
        self.speed = speed.clamp(SPEEDS[0], SPEEDS[SPEEDS.len() - 1]);
    }

    /// Advances by this much of the viewer's time. It pauses at the end.
    pub fn pass(&mut self, passed: Duration) {
        if self.paused {
            return;
        }
        self.seek(self.position + passed.mul_f64(self.speed));
        if self.position == self.length() {
            self.paused = true;
        }
    }

    /// Goes to a position: forward from here, or from the last kept state before it.
    pub fn seek(&mut self, to: Duration) {
        self.position = to.min(self.length());
        let end = self.base() + self.position;
        let target = self.count(|now| now.mono <= end);
        if target != self.taken {
            self.take_until(target);
            self.refresh();
        }
    }

    /// The position of a moment of the recorded wall clock; `None` when it lies outside.
    pub fn position_of(&self, wall: DateTime<Utc>) -> Option<Duration> {
        let (first, last) = (self.recording.time(0)?, self.recording.time(self.recording.len() - 1)?);
        if wall < first.wall || wall > last.wall {
            return None;
        }
        let before = self.recording.time(self.count(|now| now.wall <= wall).checked_sub(1)?)?;
        let since = (wall - before.wall).to_std().unwrap_or_default();
        Some((before.mono.saturating_sub(first.mono) + since).min(self.length()))
    }

    /// First and last moment of the recorded wall clock.
    pub fn span(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        Some((self.recording.time(0)?.wall, self.recording.time(self.recording.len() - 1)?.wall))
    }

    /// How many messages, from the first on, satisfy a condition on their time. Times only grow.
    fn count(&self, fits: impl Fn(Now) -> bool) -> usize {
        let (mut low, mut high) = (0, self.recording.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.recording.time(middle).is_some_and(&fits) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn take_until(&mut self, target: usize) {
        if target > self.taken + SPACING {
            // Far ahead: use the index, which keeps states and finds moments on the way.
            self.index(target.saturating_sub(self.indexed));
        }
        let kept = self.kept.partition_point(|(at, _)| *at <= target);
        if let Some((at, state)) = kept.checked_sub(1).and_then(|i| self.kept.get(i))
            && (target < self.taken || *at > self.taken)
        {
            self.model = state.clone();
            self.taken = *at;
        }
        while self.taken < target {
            let Some((now, msg)) = self.recording.get(self.taken) else { break };
            // The effects were carried out in the session, and are dropped.
            drop(update(&mut self.model, msg, now));
            self.taken += 1;
        }
    }

    /// Sets the size of the viewer's terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.size = (columns, rows);
        self.refresh();
    }

    /// Applies the viewer's own screen to the model.
    fn refresh(&mut self) {
        if let Some((look, shown)) = &mut self.own {
            **shown = look.over(&self.model, self.size);
        }
    }

    /// Handles a key of the viewer; `real` is their monotonic time. Returns false when they leave.
    pub fn press(&mut self, key: Key, real: Duration) -> bool {
        if key == Key::ctrl('c') {
            return false;
        }
        let typing = self.own.as_ref().is_some_and(|(_, state)| state.screen.filtering);
        if typing {
            return self.look(Msg::Key(key));
        }
        if let Some(control) = replay_keymap::resolve(key) {
            self.control(control);
            return true;
        }
        let open = self.own.as_ref().is_some_and(|(_, state)| state.screen.overlay != Overlay::None);
        match keymap::resolve(key) {
            None => true,
            Some(command) if command.asks_aws() => {
                self.notice = Some(("a replay sends nothing", real + NOTICE));
                true
            }
            Some(Command::Quit) if !open => false,
            Some(Command::Back) if !open => {
                self.own = None;
                true
            }
            Some(command) => {
                let stays = self.look(Msg::Key(key));
                // Closing the help leaves the viewer on the recorded screen.
                if matches!(command, Command::Back | Command::Quit | Command::Help)
                    && self.own.as_ref().is_some_and(|(look, _)| look.begins_in(&self.model))
                {
                    self.own = None;
                }
                stays
            }
        }
    }

    /// Handles text that the viewer pasted.
    pub fn paste(&mut self, text: String) {
        if self.own.as_ref().is_some_and(|(_, state)| state.screen.filtering) {
            self.look(Msg::Paste(text));
        }
    }

    /// Applies a message to a copy of the state, and keeps the resulting screen. Returns false when the
    /// viewer leaves.
    fn look(&mut self, msg: Msg) -> bool {
        let mut state = match self.own.take() {
            Some((_, state)) => state,
            None => Box::new(OwnScreen::around(&self.model).over(&self.model, self.size)),
        };
        state.session.quitting = false;
        drop(update(&mut state, msg, self.now()));
        let stays = !state.session.quitting;
        self.own = Some((OwnScreen::of(&state), state));
        self.refresh();
        stays
    }

    /// Carries out a command to the replay.
    pub fn control(&mut self, control: Control) {
        match control {
            Control::Pause => {
                if self.paused && self.position == self.length() {
                    self.seek(Duration::ZERO);
                }
                self.paused = !self.paused;
            }
            Control::Back => self.seek(self.position.saturating_sub(STEP)),
            Control::Forward => self.seek(self.position + STEP),
            Control::Previous => {
                self.index(self.taken.saturating_sub(self.indexed));
                let before = if self.paused {
                    self.position
                } else {
                    self.position.saturating_sub(JUST.mul_f64(self.speed))
                };
                let at = self.moments.partition_point(|m| *m < before);
                self.seek(at.checked_sub(1).map_or(Duration::ZERO, |i| self.moments[i]));
            }
            Control::Next => {
                // Reads only as far as needed: a long recording is not read to its end for the next event.
                let mut more = true;
                while more && self.moments.last().is_none_or(|m| *m <= self.position + MOMENT) {
                    more = self.index(SPACING);
                }
                let at = self.moments.partition_point(|m| *m <= self.position);
                self.seek(self.moments.get(at).copied().unwrap_or(self.length()));
            }
            Control::Slower => {
                self.set_speed(SPEEDS.into_iter().rev().find(|s| *s < self.speed).unwrap_or(0.0));
            }
            Control::Faster => {
                self.set_speed(SPEEDS.into_iter().find(|s| *s > self.speed).unwrap_or(f64::MAX));
            }
            Control::Start => self.seek(Duration::ZERO),
            Control::End => {
                self.seek(self.length());
                self.paused = true;
            }
        }
    }

    /// Drops a notice whose time has passed.
    pub fn expire(&mut self, real: Duration) {
        self.notice = self.notice.filter(|(_, until)| *until > real);
    }

    /// How long nothing changes by itself, in the viewer's time; `None` = for ever.
    pub fn wait(&self, real: Duration) -> Option<Duration> {
        let notice = self.notice.map(|(_, until)| until.saturating_sub(real));
        if self.paused {
            return notice;
        }
        let now = self.now();
        let message = self.recording.time(self.taken).map(|next| next.mono);
        // The position in the header counts seconds.
        let second = self.base() + Duration::from_secs(self.position.as_secs() + 1);
        // Everything else that is drawn with time, such as ages and countdowns, has recorded ticks.
        let recorded = [message, Some(second)].into_iter().flatten().min();
        let recorded = recorded.map(|at| at.saturating_sub(now.mono).div_f64(self.speed));
        [notice, recorded].into_iter().flatten().min()
    }
}

/// The parts of a state whose change is a moment: the newest entries of the timeline, the stages of
/// operations and of a drill.
#[derive(PartialEq)]
struct Signs {
    entries: usize,
    newest: Option<(DateTime<Utc>, String)>,
    operations: Vec<(u64, Discriminant<OperationStage>)>,
    drill: Option<DrillSigns>,
}

/// The parts of a drill that change as it goes on.
#[derive(PartialEq)]
struct DrillSigns {
    id: String,
    sent: bool,
    accepted: bool,
    /// Changes that the readings showed.
    snapshots: usize,
    /// Changes that the look-up of the endpoint's name showed.
    names: usize,
    /// Whether the outage is over, once one was seen.
    recovered: Option<bool>,
    stage: Discriminant<DrillStage>,
}

impl DrillSigns {
    fn of(drill: &Drill) -> Self {
        Self {
            id: drill.id.clone(),
            sent: drill.sent.is_some(),
            accepted: drill.accepted.is_some(),
            snapshots: drill.snapshots.len(),
            names: drill.names.len(),
            recovered: drill.measured.outage.as_ref().map(|outage| outage.recovered_at.is_some()),
            stage: discriminant(&drill.stage),
        }
    }
}

impl Signs {
    fn of(state: &State) -> Self {
        let entries = state.timeline.entries();
        Self {
            entries: entries.len(),
            newest: entries.first().map(|e| (e.at, e.text.clone())),
            operations: state.operations.iter().map(|o| (o.id, discriminant(&o.stage))).collect(),
            drill: state.drill.current.as_ref().map(DrillSigns::of),
        }
    }
}
