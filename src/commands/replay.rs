//! `partybox-top replay FILE`: a recorded session on the same screen.

use super::cannot;
use super::screen::{terminal, theme};
use crate::cli::{Appearance, ReplayPosition};
use crate::runtime::{self, RecordingFile};
use chrono::{DateTime, Days, SecondsFormat, Utc};
use partybox_core::app::Replay;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Opens the file and shows it.
pub fn run(
    file: &Path,
    speed: f64,
    at: Option<ReplayPosition>,
    look: Appearance,
) -> color_eyre::Result<ExitCode> {
    if !terminal() {
        return Ok(cannot("a replay needs a terminal."));
    }
    let recording = match RecordingFile::load(file) {
        Ok(recording) => recording,
        Err(error) => return Ok(cannot(&error.to_string())),
    };
    let Some(mut replay) = Replay::new(recording.messages, &recording.header.start) else {
        return Ok(cannot("it holds nothing yet."));
    };
    replay.set_speed(speed);
    if let Some(at) = at {
        match position(&replay, at) {
            Ok(position) => replay.seek(position),
            Err(sentence) => return Ok(cannot(&sentence)),
        }
    }
    runtime::replay(replay, theme(look))?;
    Ok(ExitCode::SUCCESS)
}

/// The position of a moment in the recording, or a sentence when it lies outside.
fn position(replay: &Replay, at: ReplayPosition) -> Result<Duration, String> {
    let Some((first, last)) = replay.span() else { return Err("it holds nothing yet.".to_owned()) };
    let found = match at {
        ReplayPosition::Since(position) => Some(position).filter(|p| *p <= replay.length()),
        ReplayPosition::Date(date) => replay.position_of(date),
        ReplayPosition::Clock(time) => {
            let today = first.date_naive().and_time(time).and_utc();
            // The screen shows whole seconds, so the second in which the recording began counts.
            let passed = today.timestamp() < first.timestamp();
            let date = if passed { today.checked_add_days(Days::new(1)).unwrap_or(today) } else { today };
            replay.position_of(date.max(first))
        }
    };
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    found.ok_or_else(|| {
        format!(
            "--at lies outside: the recording goes from {} to {}, {} s.",
            text(first),
            text(last),
            replay.length().as_secs()
        )
    })
}
