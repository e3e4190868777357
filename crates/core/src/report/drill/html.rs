//! The report as one self-contained HTML page: no network, no script, no font of its own.

use super::escape::Esc;
use super::markdown::sentence;
use super::picture::picture;
use super::text::{self, format_span, moment};
use crate::domain::Level;
use crate::operation::drill::report::DrillReport;
use std::fmt::{self, Write as _};

/// The page's own style.
const STYLE: &str = include_str!("style.css");

/// The report.
pub fn html(story: &DrillReport) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = page(&mut out, story);
    out
}

fn page(out: &mut String, story: &DrillReport) -> fmt::Result {
    let head = text::head(story);
    let title = format!("Failover drill of {}: {}", story.database.id, head.big);
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"partybox-top {}\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>",
        env!("CARGO_PKG_VERSION"),
        Esc(&title)
    )?;
    if let Some(banner) = text::simulated(story) {
        writeln!(out, "<p class=\"simulated\" role=\"note\">{}</p>", Esc(&banner))?;
    }
    writeln!(out, "<header>\n<h1>Failover drill of {}</h1>", Esc(&story.database.id))?;
    let label = if story.rto_ms.is_some() { "recovery time (RTO)" } else { "outcome" };
    writeln!(
        out,
        "<div class=\"head {}\">\n<p class=\"big\"><small>{label}</small>{}</p>",
        tone(head.level),
        Esc(&head.big)
    )?;
    let mark = match head.level {
        Level::Good => "\u{2713} ",
        Level::Bad => "\u{2717} ",
        _ => "",
    };
    writeln!(
        out,
        "<p class=\"beside\"><strong>{mark}{}</strong><br>{}.</p>",
        Esc(&head.beside),
        Esc(&sentence(&story.sentence))
    )?;
    writeln!(out, "</div>")?;
    list(out, "figures", &text::figures(story))?;
    if !story.absent.is_empty() {
        writeln!(out, "<div class=\"absent\"><h2>What was not seen</h2>\n<ul>")?;
        for absent in &story.absent {
            writeln!(out, "<li>{}</li>", Esc(absent))?;
        }
        writeln!(out, "</ul></div>")?;
    }
    list(out, "where", &text::whereabouts(story))?;
    writeln!(out, "</header>\n<section>\n<h2>Timeline</h2>")?;
    out.push_str(&picture(story));
    writeln!(out, "</section>")?;
    moments(out, story)?;
    events(out, story)?;
    checks(out, story)?;
    writeln!(out, "<section>\n<h2>Probe</h2>")?;
    list(out, "settings", &text::probe(story))?;
    writeln!(out, "</section>")?;
    trend(out, story)?;
    writeln!(
        out,
        "<footer>Drill {} written by partybox-top {}. The same as data is in report.json beside this page.</footer>\n\
         </main>\n</body>\n</html>",
        Esc(&story.id),
        env!("CARGO_PKG_VERSION")
    )
}

/// The class that a level is drawn with.
fn tone(level: Level) -> &'static str {
    match level {
        Level::Good => "good",
        Level::Bad => "bad",
        Level::Warn => "warn",
        Level::Idle | Level::Unknown | Level::Busy => "plain",
    }
}

fn list(out: &mut String, class: &str, all: &[(&str, String)]) -> fmt::Result {
    writeln!(out, "<dl class=\"{class}\">")?;
    for (name, value) in all {
        writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", Esc(name), Esc(value))?;
    }
    writeln!(out, "</dl>")
}

fn moments(out: &mut String, story: &DrillReport) -> fmt::Result {
    let (zero, from) = text::zero(story);
    writeln!(
        out,
        "<section>\n<h2>Moments</h2>\n<p class=\"hint\">Seconds since {}; times are the server's, in UTC.</p>\n\
         <div class=\"scroll\"><table>\n<thead><tr><th>moment</th><th></th><th class=\"number\">seen</th>\
         <th class=\"number\">time</th><th class=\"source\">source</th></tr></thead>\n<tbody>",
        Esc(from)
    )?;
    for m in &story.moments {
        write!(out, "<tr><th>{}</th><td>{}</td>", Esc(&m.name), Esc(&m.what))?;
        match m.ms {
            Some(ms) => write!(
                out,
                "<td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"source\">{}</td>",
                moment(ms - zero),
                m.at.map_or_else(String::new, text::time),
                Esc(m.source.as_deref().unwrap_or_default())
            )?,
            None => write!(
                out,
                "<td colspan=\"3\" class=\"missing\">not seen: {}</td>",
                Esc(m.missing.as_deref().unwrap_or("not known why"))
            )?,
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody>\n</table></div>\n</section>")
}

fn events(out: &mut String, story: &DrillReport) -> fmt::Result {
    let (zero, _) = text::zero(story);
    writeln!(out, "<section>\n<h2>Events</h2>")?;
    let folded = text::folded(story);
    if folded.is_empty() {
        return writeln!(out, "<p class=\"hint\">None.</p>\n</section>");
    }
    writeln!(
        out,
        "<div class=\"scroll\"><table>\n<thead><tr><th class=\"number\"></th><th class=\"number\">when</th>\
         <th>from</th><th>what</th></tr></thead>\n<tbody>"
    )?;
    for (number, (event, times)) in (1..).zip(folded) {
        let number: usize = number;
        let count =
            if times > 1 { format!(" <span class=\"times\">\u{d7}{times}</span>") } else { String::new() };
        writeln!(
            out,
            "<tr id=\"e{number}\" class=\"{}\"><td class=\"number\">{number}</td><td class=\"number\">{}</td>\
             <td>{}</td><td class=\"text\"><span class=\"level\">{}</span>{}{}{count}</td></tr>",
            tone(event.level),
            moment(event.ms - zero),
            Esc(&event.from),
            text::level(event.level),
            Esc(&text::about(event, story)),
            Esc(&event.text)
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>\n</section>")
}

fn checks(out: &mut String, story: &DrillReport) -> fmt::Result {
    writeln!(out, "<section>\n<h2>Checks before</h2>")?;
    if story.checks.is_empty() {
        return writeln!(out, "<p class=\"hint\">None: nothing was sent.</p>\n</section>");
    }
    writeln!(out, "<ul class=\"checks\">")?;
    for check in &story.checks {
        let class = match check.outcome.as_str() {
            "pass" => "good",
            "warn" => "warn",
            _ => "bad",
        };
        writeln!(
            out,
            "<li class=\"{class}\"><span class=\"level\">{}</span>{}</li>",
            Esc(&check.outcome),
            Esc(&check.text)
        )?;
    }
    writeln!(out, "</ul>\n</section>")
}

/// This database's drills, each as a bar beside its target.
fn trend(out: &mut String, story: &DrillReport) -> fmt::Result {
    let all = text::trend(story);
    let most = all.iter().map(|p| p.rto_ms.unwrap_or(0).max(p.target_rto_ms)).max().unwrap_or(1).max(1);
    writeln!(
        out,
        "<section>\n<h2>Drills of this database</h2>\n<div class=\"scroll\"><table class=\"trend\">\n\
         <thead><tr><th>when</th><th>outcome</th><th class=\"number\">RTO</th><th class=\"wide\">against its target</th>\
         </tr></thead>\n<tbody>"
    )?;
    for past in &all {
        let this = if past.id == story.id { " class=\"this\"" } else { "" };
        let simulated = if past.simulated { " <span class=\"times\">simulated</span>" } else { "" };
        writeln!(
            out,
            "<tr{this}><td>{}</td><td>{}{simulated}</td><td class=\"number\">{}</td><td class=\"wide\">{}</td></tr>",
            text::date(past.at),
            Esc(&past.outcome.spaced()),
            past.rto_ms.map_or_else(|| "none".to_owned(), format_span),
            bar(past.rto_ms, past.target_rto_ms, most)
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>\n</section>")
}

#[expect(clippy::cast_precision_loss, reason = "a share of a bar's width")]
fn bar(rto: Option<u64>, target: u64, most: u64) -> String {
    let share = |ms: u64| 98.0 * ms as f64 / most as f64;
    let class = if rto.is_some_and(|rto| rto <= target) { "good" } else { "bad" };
    let length = rto.map_or(0.0, share);
    let label = match rto {
        Some(rto) => format!("{} of {}", format_span(rto), format_span(target)),
        None => format!("no recovery time; target {}", format_span(target)),
    };
    format!(
        "<svg class=\"bar {class}\" width=\"100%\" height=\"18\" role=\"img\" aria-label=\"{label}\">\
         <title>{label}</title><rect class=\"of\" x=\"0\" y=\"4\" width=\"{:.2}%\" height=\"10\"/>\
         <rect class=\"have\" x=\"0\" y=\"4\" width=\"{length:.2}%\" height=\"10\"/>\
         <line x1=\"{:.2}%\" x2=\"{:.2}%\" y1=\"0\" y2=\"18\"/></svg>",
        share(target),
        share(target),
        share(target)
    )
}
