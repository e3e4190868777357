//! `partybox-top log`: the audit log.

use super::cannot;
use crate::paths;
use crate::runtime::audit::{self, Line};
use partybox_core::domain::FieldChange;
use partybox_core::operation::CheckResult;
use partybox_core::operation::audit::AuditEvent;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

/// Prints the log.
pub fn run(json: bool) -> color_eyre::Result<ExitCode> {
    let path = paths::audit_log()?;
    let lines = match audit::read(&path) {
        Ok(lines) => lines,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            eprintln!(
                "partybox-top: no operation was ever sent from here ({} does not exist).",
                path.display()
            );
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => {
            return Ok(cannot(&format!("the audit log {} cannot be read: {error}.", path.display())));
        }
    };
    let mut text = String::new();
    for line in &lines {
        if json {
            let raw = match line {
                Ok(line) => serde_json::to_string(line)?,
                Err(raw) => raw.clone(),
            };
            let _ = writeln!(text, "{raw}");
        } else {
            describe(&mut text, line);
        }
    }
    // Standard output may be closed by its reader: that is no error.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(ExitCode::SUCCESS)
}

fn describe(text: &mut String, line: &Result<Line, String>) {
    let Line { session, record } = match line {
        Ok(line) => line,
        Err(raw) => {
            let _ = writeln!(text, "(not readable) {raw}");
            return;
        }
    };
    let at = record.at.get(..19).unwrap_or(&record.at);
    let operation = record.operation;
    let _ = match &record.event {
        AuditEvent::Sending {
            caller,
            account,
            region,
            simulated,
            resource,
            title,
            request,
            changes,
            checks,
        } => {
            let place = if *simulated { "simulated " } else { "" };
            let mut written = writeln!(text, "{at} {session} #{operation} {title}")
                .and_then(|()| writeln!(text, "    by {caller} in {place}{account} {region}: {resource}"))
                .and_then(|()| writeln!(text, "    sends {request}"));
            for FieldChange { field, before, after } in changes {
                written = written.and_then(|()| writeln!(text, "    {field}: {before} -> {after}"));
            }
            for (outcome, seen) in checks.iter().filter(|c| c.0 != CheckResult::Pass.word()) {
                written = written.and_then(|()| writeln!(text, "    {outcome}: {seen}"));
            }
            written
        }
        AuditEvent::Accepted { answer } => writeln!(text, "{at} {session} #{operation} accepted: {answer}"),
        AuditEvent::Ended { verdict, reason } => {
            let reason = reason.as_deref().map(|r| format!(": {r}")).unwrap_or_default();
            writeln!(text, "{at} {session} #{operation} {verdict}{reason}")
        }
    };
}
