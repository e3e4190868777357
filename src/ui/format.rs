//! How values are written: constant units, right-aligned by the tables, cut without splitting a character.

use crate::app::age;
use chrono::{DateTime, Utc};
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

/// A zone in short: `ap-northeast-1a` -> `1a`.
pub(super) fn zone(full: &str) -> &str {
    full.rsplit('-').next().unwrap_or(full)
}

/// A task definition in short: `arn:...:task-definition/backend:41` -> `backend:41`.
pub(super) fn revision(arn: &str) -> &str {
    crate::domain::short(arn)
}

/// How long ago a moment was.
pub(super) fn ago(now: DateTime<Utc>, at: DateTime<Utc>) -> Duration {
    (now - at).to_std().unwrap_or_default()
}

/// The label of how long ago a moment was; `-` when not known.
pub(super) fn age(now: DateTime<Utc>, at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| age::label(ago(now, at)))
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
        assert_eq!(zone("ap-northeast-1a"), "1a");
        assert_eq!(revision("arn:aws:ecs:r:1:task-definition/backend:41"), "backend:41");
    }
}
