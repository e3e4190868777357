//! A recording on the screen: where it stands, how fast it runs, and what its viewer looks at.
//!
//! The model is what the session was, to the bit: the recorded messages, the recorded keys among them, go to
//! the same
//! `update` with their own times, and what it wants done is dropped. A viewer who looks elsewhere does so on
//! a copy.

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
/// Messages between two states that are kept, at first.
const SPACING: usize = 128;
/// States that are kept at most: with more, every other one is forgotten.
const KEPT: usize = 128;
/// What is taken in within this time is one moment to jump to.
const MOMENT: Duration = Duration::from_millis(250);
/// Played on for less than this after a moment, the way back leads to the one before it.
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
    /// Messages of which the moments are known.
    indexed: usize,
    /// The state up to which the moments are known, until all are.
    ahead: Option<Box<State>>,
    /// Positions at which something happened.
    moments: Vec<Duration>,
    /// Since the first message.
    position: Duration,
    /// Messages taken in.
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
    /// At its start, running. `None` when there is no message.
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

    /// Reads on, at most so many messages, for the moments to jump to and for states to seek from. Says
    /// whether there is more to read.
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

    /// The time of the last message since the first.
    pub fn length(&self) -> Duration {
        let last = self.recording.time(self.recording.len().saturating_sub(1));
        last.map_or(Duration::ZERO, |now| now.mono.saturating_sub(self.base()))
    }

    /// Where it stands, since the first message.
    pub fn position(&self) -> Duration {
        self.position
    }

    /// Times the recorded speed.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether it stands still.
    pub fn paused(&self) -> bool {
        self.paused
    }

    /// Whether the viewer looks around on their own.
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

    /// The state to draw: what was on the recorded screen, or what the viewer looks at.
    pub fn state(&self) -> &State {
        self.own.as_ref().map_or(&self.model, |(_, state)| state)
    }

    /// What the session was at this position.
    pub fn model(&self) -> &State {
        &self.model
    }

    /// Sets the speed, within what the keys reach.
    pub fn set_speed(&mut self, speed: f64) {
        self.speed = speed.clamp(SPEEDS[0], SPEEDS[SPEEDS.len() - 1]);
    }

    /// Lets the viewer's time pass. At the end it pauses by itself.
    pub fn pass(&mut self, passed: Duration) {
        if self.paused {
            return;
        }
        self.seek(self.position + passed.mul_f64(self.speed));
        if self.position == self.length() {
            self.paused = true;
        }
    }

    /// Goes to a position: on from here, or from the last kept state before it.
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

    /// How many messages from the first on fit; times only grow.
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
            // Far ahead: read on the way that keeps states and finds moments, so that it is done once.
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
            // What it wants done was done then; nothing is ever done again.
            drop(update(&mut self.model, msg, now));
            self.taken += 1;
        }
    }

    /// The viewer's terminal has another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.size = (columns, rows);
        self.refresh();
    }

    /// Lays what the viewer looks at over the model.
    fn refresh(&mut self) {
        if let Some((look, shown)) = &mut self.own {
            **shown = look.over(&self.model, self.size);
        }
    }

    /// A key of the viewer; `real` is their monotonic time. False = they leave.
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
                // Help that is closed again leaves the viewer where they were.
                if matches!(command, Command::Back | Command::Quit | Command::Help)
                    && self.own.as_ref().is_some_and(|(look, _)| look.begins_in(&self.model))
                {
                    self.own = None;
                }
                stays
            }
        }
    }

    /// Text that the viewer pasted.
    pub fn paste(&mut self, text: String) {
        if self.own.as_ref().is_some_and(|(_, state)| state.screen.filtering) {
            self.look(Msg::Paste(text));
        }
    }

    /// Does something on a copy of the state, and keeps of it what the viewer looks at. False = they leave.
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

    /// Does what a key of the replay asks for.
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
                // Only as far as it takes: a long recording is not read to its end for the next event.
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

    /// Drops a notice whose time is over.
    pub fn expire(&mut self, real: Duration) {
        self.notice = self.notice.filter(|(_, until)| *until > real);
    }

    /// How long, in the viewer's time, nothing changes by itself; `None` = for ever.
    pub fn wait(&self, real: Duration) -> Option<Duration> {
        let notice = self.notice.map(|(_, until)| until.saturating_sub(real));
        if self.paused {
            return notice;
        }
        let now = self.now();
        let message = self.recording.time(self.taken).map(|next| next.mono);
        // The position in the header counts seconds.
        let second = self.base() + Duration::from_secs(self.position.as_secs() + 1);
        // What else is drawn with time, ages and countdowns, has its recorded ticks.
        let recorded = [message, Some(second)].into_iter().flatten().min();
        let recorded = recorded.map(|at| at.saturating_sub(now.mono).div_f64(self.speed));
        [notice, recorded].into_iter().flatten().min()
    }
}

/// What tells that something happened: the newest entries of the timeline, and where operations and a drill
/// stand.
#[derive(PartialEq)]
struct Signs {
    entries: usize,
    newest: Option<(DateTime<Utc>, String)>,
    operations: Vec<(u64, Discriminant<OperationStage>)>,
    drill: Option<DrillSigns>,
}

/// Of a drill: what changes as it goes on.
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
