//! How values are written: constant units, right-aligned by the tables, cut without splitting a character.

use chrono::{DateTime, Utc};
use partybox_core::app::age_label;
use ratatui::text::Line;
use std::borrow::Cow;
use std::time::Duration;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What stands where CloudWatch gave nothing. Never 0.
pub(super) const NO_DATA: &str = "no data";

/// A length in columns or rows, as the terminal counts them.
pub(super) fn cells(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// Columns that a text takes.
pub(super) fn width(text: &str) -> u16 {
    cells(text.width())
}

/// A text cut to a number of columns; `…` says that something is missing.
pub(super) fn fit(text: &str, columns: u16) -> String {
    if text.width() <= usize::from(columns) {
        return text.to_owned();
    }
    match columns.checked_sub(1) {
        Some(room) => format!("{}…", cut(text, room)),
        None => String::new(),
    }
}

/// As much of a text as fits a number of columns, without splitting a character.
pub(super) fn cut(text: &str, columns: u16) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > usize::from(columns) {
            return &text[..at];
        }
    }
    text
}

/// A text cut from its front, for names whose end tells them apart.
pub(super) fn fit_end(text: &str, columns: u16) -> Cow<'_, str> {
    let wide = text.width();
    if wide <= usize::from(columns) {
        return text.into();
    }
    let Some(room) = columns.checked_sub(1) else { return "".into() };
    let mut skip = wide - usize::from(room);
    let mut start = text.len();
    for (at, c) in text.char_indices() {
        if skip == 0 {
            start = at;
            break;
        }
        skip = skip.saturating_sub(c.width().unwrap_or(0));
    }
    format!("…{}", &text[start..]).into()
}

/// A line that may be broken inside a long word: behind the `:` of ARNs and, where what lies between is long,
/// behind the `/` of paths.
pub(super) fn breakable(mut line: Line<'_>) -> Line<'_> {
    for span in &mut line.spans {
        let mut text = String::new();
        for part in span.content.split_inclusive(':') {
            let long = part.len() > WHOLE && !part.contains(' ');
            let pieces = if long { part.split_inclusive('/').collect() } else { vec![part] };
            for piece in pieces {
                let joint = text.ends_with(['/', ':']) && !text.ends_with("sha256:");
                if joint && piece.starts_with(char::is_alphanumeric) {
                    text.push(ZERO_WIDTH_SPACE);
                }
                text.push_str(piece);
            }
        }
        if text.len() != span.content.len() {
            span.content = text.into();
        }
    }
    line
}

/// A path up to this long stays whole: `service/party-box/backend` is read as one.
const WHOLE: usize = 40;

/// A zero-width space: the wrapping of text may break a word there.
const ZERO_WIDTH_SPACE: char = '\u{200b}';

/// An AWS sentence in short, so that its cause comes into sight in a list: of an ARN the resource's name, of
/// a task's id the start, of a failing health check the answer; no target group, as it belongs to the
/// service.
pub(super) fn brief(text: &str) -> Cow<'_, str> {
    // ECS begins with what it speaks of: `(port 3000) is unhealthy`, `(deployment ecs-svc/1) failed`.
    let mut text = text;
    while let Some((_, rest)) = text.strip_prefix('(').and_then(|t| t.split_once(") ")) {
        text = rest;
    }
    let parts = text.split_once(" in (target-group ").map(|(before, rest)| (before, rest.split_once(')')));
    let text = match parts {
        Some((before, Some((_, rest)))) => match rest.strip_prefix(" due to (reason ") {
            Some(reason) => {
                Cow::from(format!("{before}: {}", reason.trim_end_matches('.').trim_end_matches(')')))
            }
            None => format!("{before}{rest}").into(),
        },
        _ => text.into(),
    };
    let text = match text.split_once("Health checks failed with these codes: ") {
        Some((before, codes)) => format!("{before}health checks answer {codes}").into(),
        None => text,
    };
    match text {
        Cow::Borrowed(text) => without_ids(text),
        Cow::Owned(text) => without_ids(&text).into_owned().into(),
    }
}

fn without_ids(text: &str) -> Cow<'_, str> {
    if !text.contains("arn:aws") && !text.split(not_hex).any(|word| word.len() == 32) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive([' ', '(', ')', ',']) {
        let end = word.trim_end_matches([' ', '(', ')', ',', '.']);
        let tail = &word[end.len()..];
        out.push_str(match end.starts_with("arn:aws") {
            true => resource_name(end),
            false if end.len() == 32 && !end.contains(not_hex) => &end[..8],
            false => end,
        });
        out.push_str(tail);
    }
    out.into()
}

fn not_hex(c: char) -> bool {
    !c.is_ascii_hexdigit()
}

/// `arn:...:targetgroup/NAME/ID` -> `NAME`, `arn:...:service/CLUSTER/NAME` -> `NAME`.
fn resource_name(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let mut parts = resource.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("targetgroup"), Some(name), _) | (_, _, Some(name)) => name,
        _ => partybox_core::domain::short(arn),
    }
}

/// Thousands apart: `12,400`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A measured value without decimals, thousands apart.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
pub(super) fn whole(value: f64) -> String {
    if (0.0..1e15).contains(&value) { count(value.round() as u64) } else { format!("{value:.0}") }
}

/// Bytes in the unit that keeps three digits: `412 MB`, `16.2 GB`.
pub(super) fn bytes(value: f64) -> String {
    let mut value = value;
    let mut unit = "B";
    for next in ["KB", "MB", "GB", "TB"] {
        if value < 1000.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if value >= 99.95 || unit == "B" { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

/// A digest in short: `sha256:0123456789ab...` -> `01234567`.
pub(super) fn digest(full: &str) -> &str {
    let hex = full.strip_prefix("sha256:").unwrap_or(full);
    hex.get(..8).unwrap_or(hex)
}

/// An id in short: the first 8 characters.
pub(super) fn short_id(id: &str) -> &str {
    id.char_indices().nth(8).map_or(id, |(i, _)| &id[..i])
}

/// A task definition in short: `arn:...:task-definition/backend:41` -> `backend:41`.
pub(super) fn revision(arn: &str) -> &str {
    partybox_core::domain::short(arn)
}

/// How long ago a moment was.
pub(super) fn ago(now: DateTime<Utc>, at: DateTime<Utc>) -> Duration {
    (now - at).to_std().unwrap_or_default()
}

/// The label of how long ago a moment was; `-` when not known.
pub(super) fn age(now: DateTime<Utc>, at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| age_label::label(ago(now, at)))
}

/// A moment in full, for details: `2027-01-15 08:00:05 UTC`.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_wide_text_without_splitting() {
        assert_eq!(fit("パーティー", 10), "パーティー");
        assert_eq!(fit("パーティー", 6), "パー…");
        assert_eq!(fit("パーティー", 5), "パー…");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("abc", 0), "");
        assert!(width(&fit("ゲームa", 4)) <= 4);
    }

    #[test]
    fn the_end_of_a_name_is_kept() {
        assert_eq!(fit_end("party-box-backend:24", 11), "…backend:24");
        assert_eq!(fit_end("backend:24", 11), "backend:24");
        assert_eq!(fit_end("backend:24", 4), "…:24");
        assert_eq!(fit_end("backend:24", 0), "");
        assert!(width(&fit_end("ゲーム:24", 6)) <= 6);
    }

    #[test]
    fn arns_break_at_their_joints_only() {
        let parts = |text: &str| {
            let line = breakable(Line::from(text.to_owned())).to_string();
            line.split(ZERO_WIDTH_SPACE).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            parts("arn:aws:ecs:r:1:service/party-box/backend")[3..],
            ["r:", "1:", "service/party-box/backend"]
        );
        assert_eq!(
            parts("123456789012.dkr.ecr.r.amazonaws.com/party-box/backend:v1"),
            ["123456789012.dkr.ecr.r.amazonaws.com/", "party-box/", "backend:", "v1"]
        );
        assert_eq!(parts("sha256:abc at https://x, plain words"), ["sha256:abc at https://x, plain words"]);
    }

    #[test]
    fn an_event_is_told_without_arns_and_long_ids() {
        assert_eq!(
            brief(
                "(port 3000) is unhealthy in (target-group arn:aws:elasticloadbalancing:r:1:targetgroup/tg-back/73e2) due to (reason Health checks failed)"
            ),
            "is unhealthy: Health checks failed"
        );
        assert_eq!(brief("Health checks failed with these codes: [503]"), "health checks answer [503]");
        assert_eq!(
            brief("(deployment ecs-svc/7) deployment failed: tasks failed to start."),
            "deployment failed: tasks failed to start."
        );
        assert_eq!(
            brief(
                "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:r:1:targetgroup/t/7)"
            ),
            "Task failed ELB health checks"
        );
        assert_eq!(brief("see arn:aws:ecs:r:1:service/party-box/backend."), "see backend.");
        assert_eq!(
            brief(
                "has started 2 tasks: (task 0123456789abcdef0123456789abcdef) (task fedcba9876543210fedcba9876543210)."
            ),
            "has started 2 tasks: (task 01234567) (task fedcba98)."
        );
        assert_eq!(brief("has reached a steady state."), "has reached a steady state.");
    }

    #[test]
    fn numbers_and_units() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(whole(1239.6), "1,240");
        assert_eq!(bytes(512.0), "512 B");
        assert_eq!(bytes(432_013_312.0), "412 MB");
        assert_eq!(bytes(17_394_617_548.0), "16.2 GB");
        assert_eq!(digest("sha256:0123456789abcdef"), "01234567");
        assert_eq!(digest("sha256:0123"), "0123");
        assert_eq!(revision("arn:aws:ecs:r:1:task-definition/backend:41"), "backend:41");
    }
}
