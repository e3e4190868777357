//! The report of made drills.

use super::samples::{moment, span, story};
use super::{html, markdown};
use crate::domain::Level;
use crate::operation::drill::OutcomeWord;
use crate::operation::drill::report::{DrillReport, ResultState};
use std::collections::BTreeSet;

/// Whether the page's elements are closed in the order in which they were opened, and what its texts say.
fn texts(page: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut texts = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        if !rest[..at].trim().is_empty() {
            texts.push(rest[..at].trim().to_owned());
        }
        let end = at + rest[at..].find('>').expect("a tag ends");
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().expect("a name").to_owned();
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_ref(), Some(&name), "closed out of order: <{tag}>");
        } else if !tag.ends_with('/') && !matches!(name.as_str(), "!doctype" | "meta" | "br") {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    texts
}

#[test]
fn the_head_says_the_recovery_time_and_how_it_compares() {
    let page = html(&story());
    let texts = texts(&page);
    for wanted in [
        "63.2 s",
        "\u{2713} within the target of 120 s, 56.8 s to spare",
        "The service was away and came back.",
        "confirmed: ap-northeast-1a -&gt; ap-northeast-1c",
        "316",
        "T3 DNS answer changed: the endpoint&#39;s name does not resolve from here",
        "RTO 63.2 s",
        "131 s",
    ] {
        assert!(texts.iter().any(|t| t == wanted), "no {wanted} in {texts:#?}");
    }
    assert!(!page.contains("SIMULATED"));
    let over = DrillReport { target_rto_ms: 60_000, within_target: Some(false), ..story() };
    assert!(html(&over).contains("\u{2717} over the target of 60 s by 3.2 s"));
    let text = markdown(&over);
    assert!(text.contains("**Recovery time (RTO): 63.2 s** (over the target of 60 s by 3.2 s)"), "{text}");
}

#[test]
fn lines_marks_and_spans_are_where_their_times_are() {
    let page = html(&story());
    // From -1.2 s to 121.2 s: 122.4 s wide.
    let percent = |ms: f64| format!("{:.3}%", (ms + 1_200.0) / 1_224.0);
    for (name, ms) in [("T0", 10_000.0), ("T4", 83_200.0), ("T6", 110_000.0)] {
        let at = page.find(&format!("<title>{name} ")).unwrap_or_else(|| panic!("no {name}"));
        let line = &page[at..at + page[at..].find("</g>").expect("a group ends")];
        assert!(line.contains(&format!("<line x1=\"{}\"", percent(ms))), "{name}: {line}");
    }
    assert!(!page.contains("<title>T3 "), "what was not seen has no line");
    let outage = format!("class=\"outage\" x=\"{}\"", percent(20_000.0));
    assert!(page.contains(&outage), "no {outage}");
    // 316 lost in one run, each as high as the lane, in milliseconds since the left edge.
    let at = page.find("316 lost: timed out, half within 2000 ms").expect("the run's title");
    let run = &page[at..at + page[at..].find("</g>").expect("a group ends")];
    assert_eq!(run.matches("v-76").count(), 316);
    assert!(run.contains("M21200 76v-76"), "the first at 20 s");
    let at = page.find("+11.0 s: rebooting").expect("the status");
    assert!(page[at..at + 60].contains(&percent(21_000.0)), "{}", &page[at..at + 60]);
    assert!(page.contains("+40.0 s: 2 of 4 healthy"));
}

#[test]
fn repeated_events_are_folded_and_numbered_alike_in_picture_and_list() {
    let page = html(&story());
    assert_eq!(page.matches("href=\"#e2\"").count(), 1);
    assert!(page.contains("id=\"e2\"") && !page.contains("id=\"e3\""));
    assert!(page.contains("\u{d7}2"));
}

#[test]
fn nothing_that_comes_from_outside_is_more_than_text() {
    let evil = "<script>alert('\"x\"')</script>&\u{7}|`*";
    let mut story = story();
    story.database.id = evil.to_owned();
    story.database.kind = evil.to_owned();
    story.sentence = evil.to_owned();
    story.place.caller = evil.to_owned();
    story.place.simulated = Some(evil.to_owned());
    story.probe.url = evil.to_owned();
    story.id = evil.to_owned();
    story.events[0].text = evil.to_owned();
    story.events[0].from = evil.to_owned();
    story.events[0].subject = evil.to_owned();
    story.checks[0].text = evil.to_owned();
    story.checks[0].outcome = evil.to_owned();
    story.moments[0].what = evil.to_owned();
    story.moments[3].missing = Some(evil.to_owned());
    story.absent[0] = evil.to_owned();
    story.status[1].text = evil.to_owned();
    story.names = vec![span(0, 120_000, evil, Level::Good)];
    story.metrics[0].name = evil.to_owned();
    story.earlier[0].database = evil.to_owned();
    for result in &mut story.probe.results {
        if result.state == ResultState::Bad {
            result.why = evil.to_owned();
        }
    }
    let page = html(&story);
    texts(&page);
    assert!(page.contains("&lt;script&gt;alert(&#39;&quot;x&quot;&#39;)&lt;/script&gt;&amp; |`*"));
    for bad in ["<script", "('\"x", "\u{7}"] {
        assert!(!page.contains(bad), "{bad}");
    }
    let text = markdown(&story);
    for line in text.lines().filter(|line| line.contains("script")) {
        assert!(!line.contains("<script") || line.contains("\\<script"), "{line}");
        assert!(!line.contains("&|"), "{line}");
    }
}

#[test]
fn the_page_needs_nothing_beside_itself() {
    let page = html(&story());
    for outside in ["http://", "src=", "<link", "<script", "@import", "url(", "@font-face", "<iframe"] {
        assert!(!page.contains(outside), "{outside}");
    }
    // The only address in it is the probe's, as text.
    assert_eq!(page.matches("https://").count(), 1);
}

#[test]
fn every_outcome_is_told() {
    for (outcome, rto, big) in [
        (OutcomeWord::Recovered, Some(63_200), "63.2 s"),
        (OutcomeWord::Unconfirmed, Some(63_200), "63.2 s"),
        (OutcomeWord::NoOutageSeen, None, "no outage seen"),
        (OutcomeWord::NothingHappened, None, "nothing happened"),
        (OutcomeWord::NotRecovered, None, "not recovered"),
        (OutcomeWord::NotSeen, None, "nothing seen"),
        (OutcomeWord::Refused, None, "refused"),
        (OutcomeWord::Unclear, None, "unclear"),
        (OutcomeWord::Left, None, "left before its end"),
        (OutcomeWord::UnderWay, None, "under way"),
    ] {
        let mut story = DrillReport { outcome, rto_ms: rto, within_target: rto.map(|_| true), ..story() };
        if rto.is_none() {
            // As little as there can be.
            story.moments = vec![moment("T0", "failover accepted", None)];
            story.events.clear();
            story.checks.clear();
            story.status.clear();
            story.targets.clear();
            story.tasks.clear();
            story.metrics.clear();
            story.earlier.clear();
            story.probe.results.clear();
            story.ended_ms = 0;
            story.database.moved = false;
        }
        let page = html(&story);
        assert!(texts(&page).iter().any(|t| t == big), "{outcome}: no {big}");
        assert!(markdown(&story).contains(&format!("{big}**")), "{outcome}:\n{}", markdown(&story));
    }
    // It is the time that counts, and yet no proof.
    let page = html(&DrillReport { outcome: OutcomeWord::Unconfirmed, ..story() });
    assert!(page.contains("class=\"head warn\""));
}

#[test]
fn a_simulated_drill_says_so() {
    let mut story = story();
    story.place.simulated = Some("failover at speed 10".to_owned());
    assert!(html(&story).contains("SIMULATED: scenario failover at speed 10"));
    assert!(markdown(&story).contains("> **SIMULATED: scenario failover at speed 10"));
}

#[test]
fn the_strip_shows_the_worst_of_each_span() {
    let text = markdown(&story());
    let strip = text.lines().skip_while(|l| *l != "```text").nth(1).expect("a strip");
    assert_eq!(strip.len(), 100);
    // 20 s to 83.2 s of 119.8 s.
    assert_eq!((strip.find('x'), strip.rfind('x')), (Some(16), Some(68)), "{strip}");
}

/// The last parts of the names of all fields, e.g. `rto_ms`.
fn field_names(value: &serde_json::Value, names: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                names.insert(name.clone());
                field_names(value, names);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| field_names(item, names)),
        _ => {}
    }
}

#[test]
fn every_field_of_the_json_is_documented_and_every_documented_field_exists() {
    let document = include_str!("../../../../../docs/drill-json.md");
    let mut real = BTreeSet::new();
    field_names(&serde_json::to_value(story()).expect("it is plain data"), &mut real);
    // `moments[].ms` names two fields.
    let parts = |name: &str| -> Vec<String> {
        name.split('.')
            .map(|part| part.trim_end_matches("[]").to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    };
    // What stands between backticks: fields, and with them the words of outcomes.
    let quoted: BTreeSet<String> = document.split('`').skip(1).step_by(2).flat_map(parts).collect();
    let undocumented: Vec<_> = real.difference(&quoted).collect();
    assert!(undocumented.is_empty(), "not in docs/drill-json.md: {undocumented:?}");
    let tables = document.lines().skip_while(|line| *line != "| field | type | meaning |");
    let fields = tables.filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let documented: BTreeSet<String> =
        fields.flat_map(|cell| cell.split('`').skip(1).step_by(2).flat_map(parts)).collect();
    let outcomes: BTreeSet<String> = OutcomeWord::ALL.iter().map(|word| word.word().to_owned()).collect();
    let gone: Vec<_> = documented.difference(&real).filter(|name| !outcomes.contains(*name)).collect();
    assert!(gone.is_empty(), "documented, but not in the JSON: {gone:?}");
}
