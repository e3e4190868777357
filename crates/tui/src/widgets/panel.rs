//! A panel: its title, its keys and the age of what it shows sit in its border.

use crate::context::{Ctx, faint, strong};
use crate::format;
use crate::freshness::Freshness;
use crate::theme::Theme;
use crate::widgets::table;
use partybox_core::domain::Level;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

/// A bordered part of the screen.
pub(crate) struct Panel<'a> {
    title: Vec<Span<'a>>,
    last: Option<Span<'a>>,
    note: Option<(Level, String)>,
    keys: Vec<(&'a str, &'a str)>,
    focused: bool,
}

impl<'a> Panel<'a> {
    pub(crate) fn new(title: impl Into<Span<'a>>) -> Self {
        Self { title: vec![title.into()], last: None, note: None, keys: Vec::new(), focused: false }
    }

    /// Adds to the title, after two spaces.
    pub(crate) fn and(mut self, more: impl Into<Span<'a>>) -> Self {
        self.title.push(Span::raw("  "));
        self.title.push(more.into());
        self
    }

    /// Ends the title, behind what a filter adds to it.
    pub(crate) fn last(mut self, more: impl Into<Span<'a>>) -> Self {
        self.last = Some(more.into());
        self
    }

    /// Says in the border how fresh the content is, when it is not.
    pub(crate) fn fresh(mut self, freshness: &Freshness) -> Self {
        self.note = freshness.border();
        self
    }

    /// A key and what it does here, in the lower border.
    pub(crate) fn key(mut self, key: &'a str, does: &'a str) -> Self {
        self.keys.push((key, does));
        self
    }

    /// A key that changes something: not shown where nothing may be changed.
    pub(crate) fn act(self, ctx: &Ctx<'_>, key: &'a str, does: &'a str) -> Self {
        if ctx.state.session.read_only { self } else { self.key(key, does) }
    }

    /// Whether the keys act in this panel.
    pub(crate) fn focused(mut self, focused: bool) -> Self {
        self.focused = focused;
        self
    }

    /// Says how many rows the filter left, when there is one.
    pub(crate) fn filtered(self, ctx: &Ctx<'_>, left: usize, of: usize) -> Self {
        let text = &ctx.state.screen.filter.text;
        if text.is_empty() || (!self.focused && left == of) {
            let more = format::count(of as u64);
            return self.and(faint(more));
        }
        let more = format!("/{text}  {left} of {of}");
        self.and(strong(more))
    }

    /// Draws the border and gives the room inside.
    pub(crate) fn draw(mut self, buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) -> Rect {
        if area.width < 2 || area.height < 2 {
            return Rect { width: 0, height: 0, ..area };
        }
        if let Some(last) = self.last.take() {
            self = self.and(last);
        }
        let style = if self.focused { Theme::strong() } else { Theme::faint() };
        let mut title = vec![Span::raw(" ")];
        title.extend(self.title);
        title.push(Span::raw(" "));
        let title = Line::from(title);
        let room = area.width.saturating_sub(format::cells(title.width()) + 6);
        let mut block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(style)
            .title_style(Theme::strong())
            .title_top(title);
        if let Some((level, text)) = self.note
            && room > 8
        {
            let text = format!(" {} {} ", Theme::glyph(level), format::fit(&text, room - 4));
            block = block.title_top(Line::from(ctx.tinted(level, text)).right_aligned());
        }
        if !self.keys.is_empty() && area.height > 3 {
            let mut line = vec![Span::raw(" ")];
            for (i, (key, does)) in self.keys.into_iter().enumerate() {
                let gap = if i > 0 { "  " } else { "" };
                line.push(strong(format!("{gap}{key}")));
                line.push(faint(format!(" {does}")));
            }
            line.push(Span::raw(" "));
            block = block.title_bottom(Line::from(line).right_aligned());
        }
        let inner = block.inner(area);
        block.render(area, buf);
        // Content starts where the title does.
        let pad = u16::from(inner.width >= 20);
        Rect { x: inner.x + pad, width: inner.width - 2 * pad, ..inner }
    }
}

/// Draws lines from the top of an area; those that are too long are cut with a mark.
pub(crate) fn lines<'a>(buf: &mut Buffer, area: Rect, lines: impl IntoIterator<Item = Line<'a>>) {
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        buf.set_line(area.x, y, &table::shorten(line, area.width), area.width);
    }
}

/// Dims everything in an area: it is stale.
pub(crate) fn dim(buf: &mut Buffer, area: Rect) {
    buf.set_style(area, Theme::faint());
}
