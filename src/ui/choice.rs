//! What to deploy: the same revision once more, or another image of its repository.

use super::context::{Ctx, faint, strong};
use super::format;
use super::widgets::panel::{self, Panel};
use crate::app::ImageChoice;
use crate::domain::{Candidate, Scan};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the choice.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, choice: &ImageChoice) {
    let title = format!("redeploy {}", choice.service);
    let inner =
        Panel::new("choose").and(Span::raw(title)).focused(true).key("esc", "cancel").draw(buf, area, ctx);
    let images = ctx.state.choices(choice);
    let mark = |chosen: bool| if chosen { strong("> ") } else { Span::raw("  ") };
    let mut lines = vec![Line::from(vec![
        mark(choice.chosen.is_none()),
        Span::raw("force a new deployment of the same revision"),
    ])];
    match (&choice.source, images.is_empty()) {
        (None, _) => lines.push(Line::from(faint("  its task definition names no image in ECR"))),
        (Some(source), true) => {
            lines.push(Line::from(faint(format!("  {}: reading its images", source.repository))));
        }
        _ => {}
    }
    for image in images {
        let chosen = choice.chosen.as_ref() == Some(&image.digest);
        lines.push(Line::from(vec![
            mark(chosen),
            Span::raw(image.tags.join(", ")),
            faint(format!("  {}  pushed {} ago  ", format::digest(&image.digest), ctx.age(image.pushed_at))),
            Span::raw(scan(image)),
        ]));
    }
    let at = choice.chosen.as_ref().and_then(|d| images.iter().position(|c| c.digest == *d));
    let skip = at.map_or(0, |at| (at + 2).saturating_sub(usize::from(inner.height)));
    panel::lines(buf, inner, lines.into_iter().skip(skip));
}

/// A scan in a few words.
fn scan(image: &Candidate) -> String {
    match &image.scan {
        Scan::Never => "never scanned".to_owned(),
        Scan::Unreadable(why) => format!("scan not readable: {why}"),
        Scan::Done { status, counts, .. } => {
            let count = |severity: &str| counts.get(severity).copied().unwrap_or(0);
            match (status.as_str(), count("CRITICAL"), count("HIGH")) {
                ("COMPLETE" | "ACTIVE", 0, 0) => "nothing critical or high".to_owned(),
                ("COMPLETE" | "ACTIVE", critical, high) => format!("{critical} critical, {high} high"),
                (status, ..) => format!("scan {status}"),
            }
        }
    }
}
