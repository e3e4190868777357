//! A made account that is watched, and what its screen shows.

use partybox_core::app::{Answer, Effect, Msg, State, View, update};
use partybox_core::domain::samples::{Sample, at};
use partybox_core::domain::{Level, Meter, Now};
use partybox_core::report::status::Status;
use partybox_tui::{Theme, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::VecDeque;
use std::time::Duration;

/// Every severity, with the word that `status` has for it.
const LEVELS: [(Level, &str); 6] = [
    (Level::Idle, "note"),
    (Level::Good, "healthy"),
    (Level::Unknown, "unknown"),
    (Level::Busy, "changing"),
    (Level::Warn, "degraded"),
    (Level::Bad, "critical"),
];

/// An account that is watched on a clock that stands still unless it is turned.
pub(crate) struct Watched {
    pub state: State,
    pub sample: Sample,
    pub mono: Duration,
}

impl Watched {
    /// Connected, everything read.
    pub(crate) fn begin(sample: Sample) -> Self {
        let mut state = State::default();
        state.screen.size = (200, 60);
        let mut watched = Self { state, sample, mono: Duration::from_secs(10) };
        watched.send(Msg::Connected { region: "ap-northeast-1".into(), endpoint: None, profile: None });
        watched
    }

    pub(crate) fn now(&self) -> Now {
        Now { mono: self.mono, wall: at(0) + self.mono }
    }

    /// Takes a message in, and the answers to all that is asked because of it.
    pub(crate) fn send(&mut self, msg: Msg) {
        let now = self.now();
        let mut messages = VecDeque::from([msg]);
        while let Some(msg) = messages.pop_front() {
            for effect in update(&mut self.state, msg, now) {
                if let Effect::Poll { topic, run, query } = effect {
                    let result = self.sample.answer(&query);
                    let meter = Meter { server_date: Some((now.mono, now.wall)), ..Meter::default() };
                    messages.push_back(Msg::Answer(Box::new(Answer { topic, run, result, meter })));
                }
            }
        }
    }

    /// What a view shows, row by row.
    pub(crate) fn rows(&mut self, view: View) -> Vec<String> {
        self.send_to(view);
        self.drawn_rows()
    }

    /// What the screen shows as the state stands, row by row.
    pub(crate) fn drawn_rows(&self) -> Vec<String> {
        let mut terminal = Terminal::new(TestBackend::new(200, 60)).expect("a test backend");
        let now = self.now();
        terminal.draw(|frame| draw(frame, &self.state, now, &Theme::default())).expect("into memory");
        let buffer = terminal.backend().buffer().clone();
        buffer
            .content
            .chunks(200)
            .map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect())
            .collect()
    }

    /// The severity with which a view shows something: the glyph right before its word, everywhere the same one.
    pub(crate) fn shown(&mut self, view: View, word: &str) -> Level {
        self.send_to(view);
        self.drawn(word)
    }

    fn send_to(&mut self, view: View) {
        self.state.screen.view = view;
        self.send(Msg::Tick);
    }

    /// The same on the screen as the state stands.
    pub(crate) fn drawn(&self, word: &str) -> Level {
        let rows = self.drawn_rows();
        let mut found = LEVELS.map(|(level, _)| level).into_iter().filter(|level| {
            let badge = format!("{} {word}", Theme::glyph(*level));
            rows.iter().any(|row| row.contains(&badge))
        });
        let level =
            found.next().unwrap_or_else(|| panic!("no {word:?} with a glyph in\n{}", rows.join("\n")));
        assert_eq!(found.next(), None, "{word:?} has two glyphs in\n{}", rows.join("\n"));
        level
    }

    /// The severity in the row that has a text: the last glyph before it.
    pub(crate) fn row_of(&mut self, view: View, text: &str) -> Level {
        let rows = self.rows(view);
        let before = rows.iter().find_map(|row| row.split_once(text)).map(|(before, _)| before);
        let before = before.unwrap_or_else(|| panic!("no {text:?} in\n{}", rows.join("\n")));
        let place = |level: Level| before.rfind(&format!(" {} ", Theme::glyph(level)));
        let glyphs = LEVELS.map(|(level, _)| level).into_iter().filter(|level| place(*level).is_some());
        glyphs.max_by_key(|level| place(*level)).unwrap_or_else(|| panic!("no glyph in {before:?}"))
    }

    /// The worst severity of the findings about something, and of the same findings in the JSON of `status`.
    pub(crate) fn found(&self, about: impl Fn(&partybox_core::diagnosis::Subject) -> bool) -> Option<Level> {
        let status = Status::new(&self.state, self.now(), None, false);
        let json = serde_json::to_value(&status).expect("a status is data");
        let findings = &self.state.account.health.findings;
        for (finding, told) in findings.iter().zip(json["findings"].as_array().expect("a list")) {
            let word = LEVELS.iter().find(|(level, _)| *level == finding.level).map(|(_, word)| *word);
            assert_eq!(told["level"].as_str(), word, "status says the same of {:?}", finding.text);
        }
        findings.iter().filter(|finding| about(&finding.subject)).map(|finding| finding.level).max()
    }
}
