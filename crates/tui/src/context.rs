//! What every part of the screen is given: the state, the time, the theme; and small ways to write spans.

use super::theme::Theme;
use super::widgets::table::Mark;
use super::{format, freshness::Freshness};
use chrono::{DateTime, Utc};
use partybox_core::app::{ChainItem, Overlay, Pane, Replay, State, View, WatchedValue};
use partybox_core::domain::{Level, MetricKind, Now, ServiceNode, Timed, Topic};
use ratatui::text::{Line, Span};

/// The drawing context: read only.
pub(super) struct Ctx<'a> {
    pub(super) state: &'a State,
    pub(super) now: Now,
    /// The server's time: all ages of AWS's things are taken against it.
    pub(super) server: DateTime<Utc>,
    pub(super) theme: Theme,
    /// Set when it is a recording that is shown.
    pub(super) replay: Option<&'a Replay>,
}

impl<'a> Ctx<'a> {
    pub(super) fn new(state: &'a State, now: Now, theme: Theme) -> Self {
        Self { state, now, server: state.polling.clock.now(now), theme, replay: None }
    }

    /// Text in the colour of a level.
    pub(super) fn tinted(&self, level: Level, text: impl Into<std::borrow::Cow<'a, str>>) -> Span<'a> {
        Span::styled(text, self.theme.level(level))
    }

    /// Glyph and word of a state.
    pub(super) fn badge(&self, level: Level, word: &str) -> Span<'a> {
        self.tinted(level, format!("{} {word}", Theme::glyph(level)))
    }

    /// Glyph alone, where the word stands nearby.
    pub(super) fn glyph(&self, level: Level) -> Span<'a> {
        Span::styled(Theme::glyph(level), self.theme.level(level))
    }

    /// A value, bright for a moment after it changed.
    pub(super) fn bright(&self, value: WatchedValue, of: &str, span: impl Into<Span<'a>>) -> Span<'a> {
        let span = span.into();
        if self.state.account.highlights.is_recent(value, of, self.now.mono) {
            span.patch_style(Theme::strong())
        } else {
            span
        }
    }

    /// The age of a moment, in server time.
    pub(super) fn age(&self, at: Option<DateTime<Utc>>) -> String {
        format::age(self.server, at)
    }

    /// A moment in full, with its age: `2026-05-01 12:00:00 UTC (3m ago)`.
    pub(super) fn moment(&self, at: DateTime<Utc>) -> String {
        format!("{} ({} ago)", format::moment(at), self.age(Some(at)))
    }

    /// Whether a pane of the view has the focus.
    pub(super) fn focused(&self, pane: Pane) -> bool {
        self.state.screen.pane == pane && self.state.screen.overlay == Overlay::None
    }

    /// How the selected row of a pane looks. The main list's is always marked: the view is about it.
    pub(super) fn mark(&self, pane: Pane) -> Mark {
        if self.focused(pane) {
            Mark::Strong
        } else if pane == Pane::Main || self.state.screen.pane == pane {
            Mark::Calm
        } else {
            Mark::None
        }
    }

    /// The selected row of a pane of the view, within its list.
    pub(super) fn row(&self, pane: Pane, rows: usize) -> Option<usize> {
        (rows > 0).then(|| self.state.cursor(self.state.screen.view, pane).min(rows - 1))
    }

    /// How fresh some topics are: the worst of them.
    pub(super) fn fresh(&self, topics: &[Topic]) -> Freshness {
        Freshness::of(self, topics)
    }

    /// What is selected in the chain.
    pub(super) fn thing(&self) -> Option<&'a ChainItem> {
        let things = &self.state.screen.rows.chain;
        let last = things.len().checked_sub(1)?;
        things.get(self.state.cursor(View::Overview, Pane::Main).min(last))
    }

    /// The service that keys would act on.
    pub(super) fn selected_service(&self) -> Option<&'a ServiceNode> {
        let services = &self.state.account.party_box.services;
        match self.state.screen.view {
            View::Overview => match self.thing()? {
                ChainItem::Service(i) => services.get(*i),
                _ => None,
            },
            View::Services => {
                let list = &self.state.screen.rows.services;
                services.get(*list.get(self.row(Pane::Main, list.len())?)?)
            }
            _ => None,
        }
    }

    /// The database that keys would act on.
    pub(super) fn selected_database(&self) -> Option<&'a partybox_core::domain::Database> {
        let databases = &self.state.account.party_box.databases;
        match self.state.screen.view {
            View::Overview => match self.thing()? {
                ChainItem::Database(i) => databases.get(*i),
                _ => None,
            },
            View::Database => {
                let list = &self.state.screen.rows.databases;
                databases.get(*list.get(self.row(Pane::Main, list.len())?)?)
            }
            View::Drill => self.state.account.party_box.database(self.state.drilled()?),
            _ => None,
        }
    }

    /// A series, as it stands now.
    pub(super) fn series(&self, kind: MetricKind, subject: &str) -> Timed<'a> {
        self.state.account.store.timed(kind, subject, self.server)
    }

    /// When the deployments that ECS still tells of began.
    pub(super) fn deployments(&self) -> impl Iterator<Item = DateTime<Utc>> + 'a {
        let services = self.state.account.store.services().into_iter().flat_map(|all| all.iter());
        services.flat_map(|s| &s.deployments).filter_map(|d| d.created_at)
    }

    /// A service's series.
    pub(super) fn service_series(&self, kind: MetricKind, service: &str) -> Timed<'a> {
        let cluster = self.state.session.cluster.as_deref().unwrap_or_default();
        self.series(kind, &format!("{cluster}/{service}"))
    }
}

/// Faint text: labels.
pub(super) fn faint<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> Span<'a> {
    Span::styled(text, Theme::faint())
}

/// Strong text: titles and keys.
pub(super) fn strong<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> Span<'a> {
    Span::styled(text, Theme::strong())
}

/// Cells of the labels of [`fact`]s.
pub(super) const LABELS: usize = 12;

/// A line of `label value`.
pub(super) fn fact<'a>(label: &str, value: impl Into<Line<'a>>) -> Line<'a> {
    wide_fact(LABELS, label, value)
}

/// A line of `label value`, the label in a column of so many cells.
pub(super) fn wide_fact<'a>(column: usize, label: &str, value: impl Into<Line<'a>>) -> Line<'a> {
    let mut line = value.into();
    line.spans.insert(0, faint(format!("{label:<column$} ")));
    line
}
