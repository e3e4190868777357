//! A panel around a filtered list: most of what a view shows.

use crate::context::Ctx;
use crate::widgets::panel::{self, Panel};
use crate::widgets::table::{Column, Table};
use partybox_core::app::Pane;
use partybox_core::domain::{Level, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// A list of a view, in its panel: with its focus, its filter, its age, and a sentence where it is empty.
pub(crate) struct ListPanel<'p, 'a> {
    /// The border: the title and the keys that act on a row.
    pub(crate) panel: Panel<'a>,
    /// The columns.
    pub(crate) columns: &'p [Column],
    /// The pane whose cursor selects a row.
    pub(crate) pane: Pane,
    /// The topics that the rows are made from: the panel is as old as the oldest of them.
    pub(crate) topics: &'p [Topic],
    /// How many rows the filter left.
    pub(crate) rows: usize,
    /// How many there are without it.
    pub(crate) total: usize,
    /// The sentence when there are no rows, with its level.
    pub(crate) empty: Empty<'p>,
    /// The sentence when the filter left none.
    pub(crate) no_match: &'p str,
}

/// Why a list is empty.
pub(crate) enum Empty<'p> {
    /// Because AWS answered so: said once it has answered.
    Nothing(&'p str),
    /// Because of something that is known without an answer.
    Known(Level, String),
}

impl ListPanel<'_, '_> {
    /// Draws the border and the rows around the selected one; `row` makes the cells of a row from its index.
    pub(crate) fn draw<'r>(
        self,
        buf: &mut Buffer,
        area: Rect,
        ctx: &Ctx<'_>,
        row: impl FnMut(usize) -> Vec<Line<'r>>,
    ) {
        let fresh = ctx.fresh(self.topics);
        let panel = self.panel.focused(ctx.focused(self.pane)).filtered(ctx, self.rows, self.total);
        let inner = panel.fresh(&fresh).draw(buf, area, ctx);
        if self.rows == 0 {
            let (level, text) = match self.empty {
                _ if self.total > 0 => fresh.placeholder(self.no_match),
                Empty::Nothing(text) => fresh.placeholder(text),
                Empty::Known(level, text) => (level, text),
            };
            panel::lines(buf, inner, [Line::from(ctx.tinted(level, text))]);
            return;
        }
        let table = Table {
            columns: self.columns,
            rows: self.rows,
            selected: ctx.row(self.pane, self.rows),
            mark: ctx.mark(self.pane),
            dim: fresh.dims(),
        };
        table.draw(buf, inner, row);
    }
}
