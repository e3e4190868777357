//! A table that costs what is visible: rows are asked for by index, only those in the viewport.

use crate::context::faint;
use crate::format;
use crate::theme::{CALM, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    title: &'static str,
    width: u16,
    grow: u16,
    right: bool,
    tail: bool,
    drop: u8,
}

impl Column {
    /// A column of a fixed width.
    pub(crate) const fn new(title: &'static str, width: u16) -> Self {
        Self { title, width, grow: 0, right: false, tail: false, drop: 0 }
    }

    /// Takes this share of the room that is left.
    pub(crate) const fn grow(self, share: u16) -> Self {
        Self { grow: share, ..self }
    }

    /// Aligned to the right: numbers.
    pub(crate) const fn right(self) -> Self {
        Self { right: true, ..self }
    }

    /// Cut from the front: names whose end tells them apart.
    pub(crate) const fn tail(self) -> Self {
        Self { tail: true, ..self }
    }

    /// Not narrower than this.
    pub(crate) const fn at_least(self, width: u16) -> Self {
        if width > self.width { Self { width, ..self } } else { self }
    }

    /// May be left out where there is no room; the highest goes first.
    pub(crate) const fn drop(self, order: u8) -> Self {
        Self { drop: order, ..self }
    }
}

/// How the selected row of a table looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Its name is reversed: the keys act on it.
    Strong,
    /// A bar before it: what stands elsewhere on the screen is about this row.
    Calm,
    /// Not marked: the focus is elsewhere, and nothing on the screen is about this row.
    None,
}

/// A reversed name is at least this wide, in columns: fewer do not catch the eye.
const NAME: u16 = 8;

/// A table, as it is drawn into an area.
pub(crate) struct Table<'t> {
    /// The columns.
    pub(crate) columns: &'t [Column],
    /// How many rows exist.
    pub(crate) rows: usize,
    /// The selected one: it is kept in sight.
    pub(crate) selected: Option<usize>,
    /// How the selected one looks.
    pub(crate) mark: Mark,
    /// Whether the rows are stale.
    pub(crate) dim: bool,
}

impl Table<'_> {
    /// Draws the titles and the rows around the selected one.
    pub(crate) fn draw<'a>(&self, buf: &mut Buffer, area: Rect, mut row: impl FnMut(usize) -> Vec<Line<'a>>) {
        if area.is_empty() {
            return;
        }
        let all: u16 = self.columns.iter().map(|c| c.width).sum();
        let roomy = all + 2 * format::cells(self.columns.len().saturating_sub(1)) <= area.width;
        let gap = if roomy { 2 } else { 1 };
        let widths = widths(self.columns, area.width, gap);
        let titles = area.height > 1 && self.columns.iter().any(|c| !c.title.is_empty());
        if titles {
            let cells = self.columns.iter().map(|c| Line::from(faint(c.title))).collect::<Vec<_>>();
            self.row(buf, Rect { height: 1, ..area }, gap, &widths, cells);
        }
        let body = Rect { y: area.y + u16::from(titles), height: area.height - u16::from(titles), ..area };
        let first = offset(self.selected.unwrap_or(0), usize::from(body.height), self.rows);
        for (y, index) in (body.top()..body.bottom()).zip(first..self.rows) {
            let line = Rect { y, height: 1, ..body };
            self.row(buf, line, gap, &widths, row(index));
            if self.dim {
                buf.set_style(line, Theme::faint());
            }
            if self.selected == Some(index) {
                self.mark(buf, line, name_width(&widths, gap));
            }
        }
    }

    /// Marks the selected row. Where the keys act, only its name is reversed, as every cell that a move
    /// rewrites goes over SSH. The calm mark stands in the column before the table, which panels leave free.
    fn mark(&self, buf: &mut Buffer, line: Rect, name: u16) {
        match self.mark {
            Mark::Strong => {
                buf.set_style(Rect { width: name.min(line.width), ..line }, Theme::selected());
            }
            Mark::Calm => {
                if let Some(before) = line.x.checked_sub(1)
                    && let Some(cell) = buf.cell_mut((before, line.y))
                    && cell.symbol() == " "
                {
                    cell.set_symbol(CALM).set_style(Theme::plain());
                }
            }
            Mark::None => {}
        }
    }

    fn row(&self, buf: &mut Buffer, area: Rect, gap: u16, widths: &[Option<u16>], cells: Vec<Line<'_>>) {
        let mut x = area.x;
        for ((column, width), cell) in self.columns.iter().zip(widths).zip(cells) {
            let Some(width) = *width else { continue };
            let width = width.min(area.right().saturating_sub(x));
            let cell = if column.tail { shorten_front(cell, width) } else { shorten(cell, width) };
            let free = width.saturating_sub(format::cells(cell.width()));
            buf.set_line(x + if column.right { free } else { 0 }, area.y, &cell, width);
            x = (x + width + gap).min(area.right());
        }
    }
}

/// How many columns of a row are its name: the first, and those beside it while that is too narrow to see.
fn name_width(widths: &[Option<u16>], gap: u16) -> u16 {
    let mut name = 0;
    for width in widths.iter().flatten() {
        name += if name > 0 { gap + width } else { *width };
        if name >= NAME {
            break;
        }
    }
    name
}

/// Cuts a cell to a width; `…` says that something is missing.
pub(crate) fn shorten(mut line: Line<'_>, width: u16) -> Line<'_> {
    if line.width() <= usize::from(width) {
        return line;
    }
    let Some(mut left) = width.checked_sub(1) else { return Line::default() };
    for i in 0..line.spans.len() {
        let span = &mut line.spans[i];
        let wide = format::cells(span.width());
        if wide > left {
            span.content = format!("{}…", format::cut(&span.content, left)).into();
            line.spans.truncate(i + 1);
            break;
        }
        left -= wide;
    }
    line
}

/// Cuts a cell of one span from its front.
fn shorten_front(mut line: Line<'_>, width: u16) -> Line<'_> {
    if let [span] = line.spans.as_mut_slice() {
        span.content = format::fit_end(&span.content, width).into_owned().into();
        return line;
    }
    shorten(line, width)
}

/// The first visible row: the selected one is kept in sight, near the middle.
pub(crate) fn offset(selected: usize, visible: usize, rows: usize) -> usize {
    selected.saturating_sub(visible / 2).min(rows.saturating_sub(visible))
}

/// Widths of the columns; `None` = left out.
fn widths(columns: &[Column], room: u16, gap: u16) -> Vec<Option<u16>> {
    let mut widths: Vec<Option<u16>> = columns.iter().map(|c| Some(c.width)).collect();
    let need = |widths: &[Option<u16>]| {
        let shown = format::cells(widths.iter().flatten().count());
        widths.iter().flatten().sum::<u16>() + gap * shown.saturating_sub(1)
    };
    while need(&widths) > room {
        let next = columns
            .iter()
            .enumerate()
            .filter(|(i, c)| widths[*i].is_some() && c.drop > 0)
            .max_by_key(|(_, c)| c.drop);
        let Some((i, _)) = next else { break };
        widths[i] = None;
    }
    let free = room.saturating_sub(need(&widths));
    let shares: u16 = columns.iter().zip(&widths).filter(|(_, w)| w.is_some()).map(|(c, _)| c.grow).sum();
    if let Some(share) = free.checked_div(shares) {
        let mut rest = free % shares;
        for (column, width) in columns.iter().zip(&mut widths) {
            if let Some(width) = width
                && column.grow > 0
            {
                *width += share * column.grow + std::mem::take(&mut rest);
            }
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_always_in_sight() {
        for rows in [1_usize, 5, 40, 5000] {
            for visible in [1_usize, 3, 20] {
                for selected in [0, rows / 3, rows - 1] {
                    let first = offset(selected, visible, rows);
                    assert!(
                        first <= selected && selected < first + visible,
                        "{selected} of {rows} in {visible}"
                    );
                }
            }
        }
    }

    #[test]
    fn only_visible_rows_are_made() {
        let area = Rect::new(0, 0, 20, 10);
        let mut asked = Vec::new();
        let columns = [Column::new("n", 6)];
        let table =
            Table { columns: &columns, rows: 5000, selected: Some(2500), mark: Mark::Strong, dim: false };
        table.draw(&mut Buffer::empty(area), area, |i| {
            asked.push(i);
            vec![Line::from(i.to_string())]
        });
        assert_eq!(asked.len(), 9, "{asked:?}");
        assert!(asked.contains(&2500));
    }

    #[test]
    fn columns_leave_in_order_and_the_rest_grows() {
        let columns =
            [Column::new("a", 10).grow(1), Column::new("b", 10).drop(1), Column::new("c", 10).drop(2)];
        assert_eq!(widths(&columns, 40, 1), [Some(18), Some(10), Some(10)]);
        assert_eq!(widths(&columns, 25, 1), [Some(14), Some(10), None]);
        assert_eq!(widths(&columns, 12, 1), [Some(12), None, None]);
        assert_eq!(widths(&columns, 3, 1), [Some(10), None, None]);
    }

    #[test]
    fn a_name_is_the_first_column_or_what_can_be_seen() {
        assert_eq!(name_width(&[Some(12), Some(8)], 2), 12);
        assert_eq!(name_width(&[Some(4), Some(1), None, Some(9), Some(40)], 1), 16);
        assert_eq!(name_width(&[Some(3)], 1), 3);
    }

    #[test]
    fn a_cell_is_cut_with_a_mark() {
        let line = Line::from(vec!["ab".into(), "パーティー".into()]);
        assert_eq!(shorten(line.clone(), 20).to_string(), "abパーティー");
        assert_eq!(shorten(line.clone(), 7).to_string(), "abパー…");
        assert_eq!(shorten(line, 2).to_string(), "a…");
    }
}
