//! The timeline as an SVG picture with a lane for each layer. Its lanes stretch with the page; texts and
//! strokes keep their size, so that it can be read on a telephone (where it scrolls) and on a wide screen.

mod lanes;
mod scale;

use super::escape::Esc;
use super::text::{self, format_span, moment};
use crate::operation::drill::report::{DrillMoment, DrillReport};
use lanes::Lane;
use scale::{Scale, rows};
use std::fmt::{self, Write as _};

/// Width of the labels beside the plot, pixels.
const LABELS: u32 = 104;
/// Height of the row with the recovery time, pixels.
const BRACE: u32 = 22;
/// Height of a row with names of moments, pixels.
const NAMES: u32 = 16;
/// Space between two lanes, pixels.
const GAP: u32 = 10;
/// Height of the axis, pixels.
const AXIS: u32 = 38;

/// The picture with its labels and legend, as a `figure`.
pub(super) fn picture(story: &DrillReport) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = Picture::new(story).write(&mut out);
    out
}

struct Picture<'a> {
    story: &'a DrillReport,
    scale: Scale,
    lanes: Vec<Lane>,
    /// Each seen moment with the row of its name.
    moments: Vec<(&'a DrillMoment, i64, usize)>,
    /// Where the first lane begins.
    top: u32,
    /// Where the last lane ends.
    bottom: u32,
}

impl<'a> Picture<'a> {
    fn new(story: &'a DrillReport) -> Self {
        let scale = Scale::of(story);
        let lanes = lanes::all(story, &scale);
        let seen: Vec<(&DrillMoment, i64)> =
            story.moments.iter().filter_map(|m| Some((m, m.ms.filter(|ms| scale.shows(*ms))?))).collect();
        let places: Vec<i64> = seen.iter().map(|(_, ms)| *ms).collect();
        // A name is about 26 pixels wide.
        let (in_rows, count) = rows(&scale, &places, 26.0, 4);
        let moments = seen.into_iter().zip(in_rows).map(|((moment, ms), row)| (moment, ms, row)).collect();
        let top = BRACE + NAMES * u32::try_from(count.max(1)).unwrap_or(1) + GAP;
        let bottom = top + lanes.iter().map(|lane| lane.height + GAP).sum::<u32>() - GAP;
        Self { story, scale, lanes, moments, top, bottom }
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let height = self.bottom + AXIS;
        out.push_str(
            "<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Timeline\">\n",
        );
        writeln!(out, "<div class=\"picture\">")?;
        writeln!(out, "<svg class=\"labels\" width=\"{LABELS}\" height=\"{height}\" aria-hidden=\"true\">")?;
        let mut y = self.top;
        for lane in &self.lanes {
            let middle = y + lane.height / 2;
            let first = if lane.note.is_empty() { middle + 4 } else { middle - 2 };
            writeln!(out, "<text class=\"lane\" x=\"0\" y=\"{first}\">{}</text>", Esc(&lane.name))?;
            if !lane.note.is_empty() {
                writeln!(
                    out,
                    "<text class=\"note\" x=\"0\" y=\"{}\">{}</text>",
                    middle + 12,
                    Esc(&lane.note)
                )?;
            }
            y += lane.height + GAP;
        }
        writeln!(out, "</svg>")?;
        writeln!(
            out,
            "<svg class=\"plot\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
            Esc(&self.described())
        )?;
        self.outage(out)?;
        self.grid(out)?;
        self.lines(out)?;
        let mut y = self.top;
        for lane in &self.lanes {
            writeln!(out, "<svg class=\"lane-plot\" y=\"{y}\" width=\"100%\" height=\"{}\">", lane.height)?;
            out.push_str(&lane.body);
            writeln!(out, "</svg>")?;
            y += lane.height + GAP;
        }
        writeln!(out, "</svg>\n</div>\n</div>")?;
        self.caption(out)?;
        writeln!(out, "</figure>")
    }

    /// What it shows, for those who cannot see it; the tables tell the rest.
    fn described(&self) -> String {
        let (zero, from) = text::zero(self.story);
        let mut text = format!("Timeline in seconds since {from}.");
        for (m, ms, _) in &self.moments {
            let _ = write!(text, " {} {} at {}.", m.name, m.what, moment(ms - zero));
        }
        let probe = &self.story.probe.since;
        let _ = write!(
            text,
            " Of {} requests of the probe since the trigger {} were lost.",
            probe.sent, probe.bad
        );
        text
    }

    fn at(&self, name: &str) -> Option<i64> {
        self.story.moments.iter().find(|m| m.name == name).and_then(|m| m.ms)
    }

    /// From the first failed request to the first good answer, through all lanes.
    fn outage(&self, out: &mut String) -> fmt::Result {
        let Some(from) = self.at("T1") else { return Ok(()) };
        let back = self.at("T4");
        let to = back.unwrap_or(self.story.ended_ms);
        let (x, width) = self.scale.span(from, to);
        let text = match (back, self.story.rto_ms) {
            (Some(_), Some(rto)) => format!("RTO {}", format_span(rto)),
            _ => "away, and not back at the end".to_owned(),
        };
        writeln!(
            out,
            "<g><title>{}</title><rect class=\"outage\" x=\"{x}\" y=\"{BRACE}\" width=\"{width}\" height=\"{}\"/>\
             <rect class=\"brace\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"3\"/></g>",
            Esc(&format!("outage: {text}")),
            self.bottom - BRACE,
            BRACE - 3,
        )?;
        // Near an edge the text grows away from it.
        let (anchor, x) = match self.scale.share(i64::midpoint(from, to)) {
            share if share < 0.12 => ("start", self.scale.percent(from)),
            share if share > 0.88 => ("end", self.scale.percent(to)),
            _ => ("middle", self.scale.percent(i64::midpoint(from, to))),
        };
        writeln!(
            out,
            "<text class=\"rto\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>",
            BRACE - 8
        )
    }

    fn grid(&self, out: &mut String) -> fmt::Result {
        let (zero, _) = text::zero(self.story);
        let (top, bottom) = (self.top, self.bottom);
        writeln!(out, "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{bottom}\" y2=\"{bottom}\"/>")?;
        for at in self.scale.ticks(zero) {
            let x = self.scale.percent(at);
            writeln!(out, "<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"{top}\" y2=\"{}\"/>", bottom + 4)?;
            let anchor = match self.scale.share(at) {
                share if share < 0.02 => "start",
                share if share > 0.98 => "end",
                _ => "middle",
            };
            let label = (at - zero) / 1000;
            writeln!(
                out,
                "<text class=\"tick\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{label}</text>",
                bottom + 17
            )?;
        }
        let (_, from) = text::zero(self.story);
        writeln!(
            out,
            "<text class=\"tick\" x=\"50%\" y=\"{}\" text-anchor=\"middle\">seconds since {}</text>",
            bottom + 33,
            Esc(from)
        )
    }

    /// The moments, as lines behind all lanes: what is written there stays readable.
    fn lines(&self, out: &mut String) -> fmt::Result {
        let (zero, _) = text::zero(self.story);
        // The events' numbers stay readable.
        let bottom = self.bottom - self.lanes.last().map_or(0, |lane| lane.height + GAP / 2);
        for (m, ms, row) in &self.moments {
            let x = self.scale.percent(*ms);
            let y = BRACE + NAMES * u32::try_from(*row).unwrap_or(0) + 12;
            let told = if m.source.as_deref() == Some("told") { " told" } else { "" };
            writeln!(
                out,
                "<g class=\"moment{told}\"><title>{}</title>\
                 <line x1=\"{x}\" x2=\"{x}\" y1=\"{}\" y2=\"{bottom}\"/>\
                 <rect x=\"{x}\" y=\"{}\" width=\"20\" height=\"14\" rx=\"2\" transform=\"translate(-10 0)\"/>\
                 <text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text></g>",
                Esc(&format!("{} {}: {}", m.name, m.what, moment(ms - zero))),
                y + 3,
                y - 11,
                Esc(&m.name),
            )?;
        }
        Ok(())
    }

    fn caption(&self, out: &mut String) -> fmt::Result {
        out.push_str("<figcaption>\n");
        for (class, text) in [
            ("good", "good answer (height: how long it took)"),
            ("slow", "slow answer"),
            ("bad", "lost request (full height)"),
            ("shade", "outage, T1 to T4"),
        ] {
            writeln!(out, "<span class=\"key\"><i class=\"{class}\"></i>{text}</span>")?;
        }
        for (m, ms, _) in &self.moments {
            let (zero, _) = text::zero(self.story);
            writeln!(
                out,
                "<span class=\"key\"><b>{}</b> {} {}</span>",
                Esc(&m.name),
                Esc(&m.what),
                moment(ms - zero)
            )?;
        }
        if self.scale.from > 0 {
            let cut = u64::try_from(self.scale.from).unwrap_or_default();
            writeln!(
                out,
                "<span class=\"key\">The probe ran for {} before what is drawn here.</span>",
                format_span(cut)
            )?;
        }
        writeln!(out, "</figcaption>")
    }
}
