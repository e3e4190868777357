//! The choice of what to deploy: the same revision once more, or another image of its repository.

use super::context::{Ctx, faint};
use super::theme::Theme;
use super::widgets::panel::{self, Panel};
use super::widgets::table::{Column, Mark, Table};
use super::{format, images};
use partybox_core::app::ImageChoice;
use partybox_core::domain::{EcrImage, Scan, Topic};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

const COLUMNS: &[Column] = &[
    Column::new("tag", 8).grow(1),
    Column::new("digest", 8),
    Column::new("age", 4).right(),
    Column::new("size", 7).right().drop(1),
    Column::new("scan", 16),
];

/// Draws the choice.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, choice: &ImageChoice) {
    let title = format!("redeploy {}", choice.service);
    let topics: Vec<Topic> =
        choice.source.iter().map(|s| Topic::Candidates(s.registry.clone(), s.repository.clone())).collect();
    let fresh = ctx.fresh(&topics);
    let mut panel = Panel::new("choose").and(Span::raw(title)).focused(true);
    if choice.source.is_some() {
        panel = panel.fresh(&fresh);
    }
    let inner = panel.key("enter", "plan").key("esc", "cancel").draw(buf, area, ctx);
    let [same, from, list] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Fill(1)]).areas(inner);
    panel::lines(buf, same, [Line::from("force a new deployment of the same revision")]);
    if choice.chosen.is_none() {
        buf.set_style(same, Theme::selected());
    }
    let Some(source) = &choice.source else {
        if choice.containers.is_empty() {
            let why = choice.problem.as_deref().unwrap_or("where its images come from is not known");
            let inner = Rect { height: from.height + list.height, ..from };
            Paragraph::new(Line::from(faint(why))).wrap(Wrap { trim: true }).render(inner, buf);
            return;
        }
        panel::lines(buf, from, [Line::from(faint("or another image: of which container?"))]);
        let selected = choice.chosen.as_ref().and_then(|it| choice.containers.iter().position(|c| c == it));
        let columns = &[Column::new("container", 20).grow(1)];
        let rows = choice.containers.len();
        Table { columns, rows, selected, mark: Mark::Strong, dim: false }
            .draw(buf, list, |i| vec![Line::from(choice.containers[i].as_str())]);
        return;
    };
    panel::lines(
        buf,
        from,
        [Line::from(faint(format!("or for {} an image of {}", source.container, source.repository)))],
    );
    let all = ctx.state.choices(choice);
    if all.is_empty() {
        let (level, text) = fresh.placeholder("the repository has no image that can be deployed");
        panel::lines(buf, list, [Line::from(ctx.tinted(level, text))]);
        return;
    }
    let now = running(ctx, &choice.service);
    let selected = choice.chosen.as_ref().and_then(|d| all.iter().position(|c| c.digest == *d));
    Table { columns: COLUMNS, rows: all.len(), selected, mark: Mark::Strong, dim: fresh.dims() }.draw(
        buf,
        list,
        |i| row(ctx, all[i], now == Some(all[i].digest.as_str())),
    );
}

/// The digest that the newest deployment runs.
fn running<'a>(ctx: &Ctx<'a>, service: &str) -> Option<&'a str> {
    let node = ctx.state.account.party_box.service(service)?;
    let primary = node.service().primary()?;
    node.by_deployment.get(&primary.id)?.digest.as_deref()
}

fn row<'a>(ctx: &Ctx<'a>, image: &'a EcrImage, current: bool) -> Vec<Line<'a>> {
    let mut tag = Vec::new();
    if current {
        tag.push(faint("now "));
    }
    tag.push(if image.tags.is_empty() { faint("untagged") } else { Span::raw(image.tags.join(" ")) });
    vec![
        Line::from(tag),
        Line::from(format::digest(&image.digest)),
        Line::from(ctx.age(image.pushed_at)),
        Line::from(image.size_bytes.map_or_else(|| "-".to_owned(), |n| format::bytes(images::size_of(n)))),
        scan(ctx, &image.scan),
    ]
}

/// `C1 H3 M12 L4`, or why there are no counts.
fn scan<'a>(ctx: &Ctx<'a>, scan: &'a Scan) -> Line<'a> {
    if !scan.is_complete() {
        return Line::from(ctx.badge(scan.level(), &scan.word()));
    }
    let mut spans = Vec::new();
    for (word, count) in ["C", " H", " M", " L"].into_iter().zip(images::severities(ctx, Some(scan))) {
        spans.extend([faint(word), count]);
    }
    Line::from(spans)
}
