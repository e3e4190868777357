//! Parsers of values as they are written in the file and in flags.

use http::Uri;
use std::time::Duration;

/// Parses a time: `200ms`, `90s`, `15m`, `1h`, or plain seconds.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: u64 =
        digits.parse().map_err(|_| format!("`{text}` is no time: it looks like 200ms, 90s, 15m or 1h"))?;
    let seconds = |unit: u64| Duration::from_secs(count.saturating_mul(unit));
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(count)),
        "" | "s" => Ok(seconds(1)),
        "m" => Ok(seconds(60)),
        "h" => Ok(seconds(3600)),
        other => Err(format!("unknown unit `{other}`: use ms, s, m or h, e.g. 15m")),
    }
}

/// Parses an interval or timeout of the probe: from 10 ms, below which it would be a load test, to a minute.
pub fn pace(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    let fits = (Duration::from_millis(10)..=Duration::from_mins(1)).contains(&time);
    if fits { Ok(time) } else { Err(format!("`{text}` is out of range: from 10ms to 1m")) }
}

/// Parses a target recovery time: above zero.
pub fn target(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    if time.is_zero() { Err("a target is above zero, e.g. 120s".to_owned()) } else { Ok(time) }
}

/// Parses one HTTP status code or a range of them: `200` or `200-299`.
pub fn statuses(text: &str) -> Result<(u16, u16), String> {
    let code = |text: &str| text.trim().parse::<u16>().ok().filter(|code| (100..=599).contains(code));
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (code(from), code(to)) {
        (Some(from), Some(to)) if from <= to => Ok((from, to)),
        _ => Err(format!("`{text}` is no HTTP status: it looks like 200 or 200-299")),
    }
}

/// Parses an `http://` or `https://` URL. The error does not repeat it, since it may hold a token.
pub fn probe_url(text: &str) -> Result<String, String> {
    let wanted = "a URL to probe looks like https://play.example.com/api/health";
    let uri: Uri = text.parse().map_err(|error| format!("{wanted} ({error})"))?;
    let scheme = uri.scheme_str().unwrap_or_default();
    if !matches!(scheme, "http" | "https") || uri.host().is_none_or(str::is_empty) {
        return Err(wanted.to_owned());
    }
    // A user name in the URL would not be sent, and the answer would be 401.
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(
            "a user and password before the host are not sent; probe a URL that needs none".to_owned()
        );
    }
    Ok(text.to_owned())
}
