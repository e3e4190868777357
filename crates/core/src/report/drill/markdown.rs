//! The report as Markdown: for a wiki, a ticket, a pull request.

use super::text::{self, format_span, moment};
use crate::operation::drill::report::{DrillReport, ResultState};
use std::fmt::Write as _;

/// The largest width of the strip of results, in characters.
const STRIP: usize = 100;

/// The report.
pub fn markdown(story: &DrillReport) -> String {
    let mut out = String::new();
    let _ = write(&mut out, story);
    out
}

fn write(out: &mut String, story: &DrillReport) -> std::fmt::Result {
    let head = text::head(story);
    let (zero, from) = text::zero(story);
    writeln!(out, "# Failover drill of {}\n", escape(&story.database.id))?;
    if let Some(banner) = text::simulated(story) {
        writeln!(out, "> **{}**\n", escape(&banner))?;
    }
    let label = if story.rto_ms.is_some() { "Recovery time (RTO): " } else { "" };
    writeln!(out, "**{label}{}** ({})\n", head.big, head.beside)?;
    writeln!(out, "{}.\n", escape(&sentence(&story.sentence)))?;
    table(out, ["figure", "value"], text::figures(story).iter().map(|(a, b)| [a.to_owned(), b.as_str()]))?;
    if !story.absent.is_empty() {
        writeln!(out, "What was not seen:\n")?;
        for absent in &story.absent {
            writeln!(out, "- {}", escape(absent))?;
        }
        writeln!(out)?;
    }
    table(out, ["where", ""], text::whereabouts(story).iter().map(|(a, b)| [a.to_owned(), b.as_str()]))?;

    writeln!(out, "## Moments\n\nSeconds since {from}; times are the server's, in UTC.\n")?;
    let rows: Vec<[String; 4]> = story
        .moments
        .iter()
        .map(|m| {
            let seen = match (m.ms, &m.missing) {
                (Some(ms), _) => moment(ms - zero),
                (None, why) => format!("not seen: {}", why.as_deref().unwrap_or("not known why")),
            };
            let source = m.source.as_deref().unwrap_or_default();
            [
                format!("{} {}", m.name, m.what),
                seen,
                m.at.map_or_else(String::new, text::time),
                source.to_owned(),
            ]
        })
        .collect();
    table(out, ["moment", "seen", "time", "source"], rows.iter().map(|r| r.each_ref().map(String::as_str)))?;

    strip(out, story)?;

    writeln!(out, "## Events\n")?;
    let rows: Vec<[String; 4]> = (1..)
        .zip(text::folded(story))
        .map(|(number, (event, times)): (usize, _)| {
            let count = if times > 1 { format!(" (x{times})") } else { String::new() };
            [
                number.to_string(),
                moment(event.ms - zero),
                event.from.clone(),
                format!("{}{}{count}", text::about(event, story), event.text),
            ]
        })
        .collect();
    if rows.is_empty() {
        writeln!(out, "None.\n")?;
    } else {
        table(out, ["", "when", "from", "what"], rows.iter().map(|r| r.each_ref().map(String::as_str)))?;
    }

    writeln!(out, "## Checks before\n")?;
    if story.checks.is_empty() {
        writeln!(out, "None: nothing was sent.\n")?;
    } else {
        let rows = story.checks.iter().map(|c| [c.outcome.as_str(), c.text.as_str()]);
        table(out, ["check", "evidence"], rows)?;
    }

    writeln!(out, "## Probe\n")?;
    table(out, ["setting", "value"], text::probe(story).iter().map(|(a, b)| [a.to_owned(), b.as_str()]))?;

    writeln!(out, "## Drills of this database\n")?;
    let rows: Vec<[String; 4]> = text::trend(story)
        .iter()
        .map(|past| {
            let simulated = if past.simulated { " (simulated)" } else { "" };
            let this = if past.id == story.id { ", this one" } else { "" };
            [
                format!("{}{this}", text::date(past.at)),
                format!("{}{simulated}", past.outcome),
                text::result(past),
                format_span(past.target_rto_ms),
            ]
        })
        .collect();
    table(out, ["when", "outcome", "RTO", "target"], rows.iter().map(|r| r.each_ref().map(String::as_str)))
}

/// The probe's results as a strip of characters: in each span of time the worst one.
fn strip(out: &mut String, story: &DrillReport) -> std::fmt::Result {
    let results = &story.probe.results;
    let (Some(first), Some(last)) = (results.first(), results.last()) else { return Ok(()) };
    let length = (last.ms - first.ms).max(1);
    // With fewer results than characters there would be holes.
    let width = results.len().min(STRIP);
    let mut cells = vec![' '; width];
    let last_cell = i64::try_from(width).unwrap_or(1) - 1;
    for result in results {
        let at = usize::try_from((result.ms - first.ms) * last_cell / length).unwrap_or(0);
        let (mark, rank) = match result.state {
            ResultState::Good => ('.', 1),
            ResultState::Slow => ('s', 2),
            ResultState::Bad => ('x', 3),
        };
        let known = match cells[at] {
            ' ' => 0,
            '.' => 1,
            's' => 2,
            _ => 3,
        };
        if rank > known {
            cells[at] = mark;
        }
    }
    let (zero, _) = text::zero(story);
    let each = format_span(u64::try_from(length).unwrap_or_default() / width as u64);
    writeln!(out, "## Probe, result by result\n\n```text")?;
    writeln!(out, "{}", cells.into_iter().collect::<String>().trim_end())?;
    let (from, to) = (moment(first.ms - zero), moment(last.ms - zero));
    writeln!(out, "{from}{to:>rest$}", rest = width.saturating_sub(from.len()))?;
    writeln!(out, "```\n\n`.` good, `s` slow, `x` lost; a character is {each}, and shows the worst in it.\n")
}

/// A table; every cell is escaped.
fn table<'a, const N: usize>(
    out: &mut String,
    head: [&str; N],
    rows: impl IntoIterator<Item = [&'a str; N]>,
) -> std::fmt::Result {
    writeln!(out, "| {} |", head.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(N))?;
    for row in rows {
        writeln!(out, "| {} |", row.map(escape).join(" | "))?;
    }
    writeln!(out)
}

/// A sentence that begins with a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Escapes text for Markdown, also within a cell of a table.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
