//! Why a rollout fails: repeated reasons folded, with the last words of a task and ECS's events of that time.

use crate::context::{Ctx, faint};
use crate::format;
use partybox_core::diagnosis::{FailureGroup, Rollout, RolloutVerdict};
use partybox_core::domain::Level;
use ratatui::text::{Line, Span};

/// Reasons that are told.
const REASONS: usize = 3;
/// Log lines of the first reason, and of each other one.
const LINES: (usize, usize) = (6, 2);
/// ECS events of a reason.
const EVENTS: usize = 2;

/// The reason line: the most frequent failure, and why ECS ended it.
pub(super) fn reason<'a>(ctx: &Ctx<'a>, rollout: &'a Rollout) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> =
        rollout.failures.first().map(|group| head(ctx, group)).into_iter().collect();
    let told = match &rollout.verdict {
        Some(
            RolloutVerdict::RolledBack(why) | RolloutVerdict::Failed(why) | RolloutVerdict::Stopped(why),
        ) => Some(why.clone()).filter(|why| !why.is_empty()),
        Some(RolloutVerdict::Succeeded) => None,
        Some(verdict) => Some(verdict.words()),
        // While all is well, ECS says no more than the badge does.
        None if lines.is_empty() && !rollout.rolling_back => None,
        None => rollout.reason.clone().filter(|_| rollout.rolling_back),
    };
    lines.extend(
        told.map(|text| Line::from(vec![faint("ECS: "), Span::raw(format::brief(&text).into_owned())])),
    );
    lines
}

/// The other reasons; each one's log lines and events.
pub(super) fn more<'a>(ctx: &Ctx<'a>, rollout: &'a Rollout) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (i, group) in rollout.failures.iter().take(REASONS).enumerate() {
        if i > 0 {
            lines.push(head(ctx, group));
        } else {
            lines.push(Line::from(faint(tasks(group))));
        }
        let most = if i == 0 { LINES.0 } else { LINES.1 };
        let skip = group.log.len().saturating_sub(most);
        for line in &group.log[skip..] {
            lines.push(Line::from(faint(format!("  │ {}", plain(&line.text)))));
        }
        for event in group.events.iter().take(EVENTS) {
            let age = ctx.age(Some(event.at));
            lines.push(Line::from(faint(format!("  ECS {age:>4} ago  {}", format::brief(&event.message)))));
        }
    }
    let hidden = rollout.failures.len().saturating_sub(REASONS);
    if hidden > 0 {
        lines.push(Line::from(faint(format!("and {hidden} more reasons"))));
    }
    lines
}

/// A log line without colours and other terminal sequences; other controls become spaces.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' && rest.next_if_eq(&'[').is_some() {
            // A sequence ends with its first letter or sign after the parameters.
            for c in rest.by_ref() {
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        } else {
            out.push(if c.is_control() { ' ' } else { c });
        }
    }
    out
}

/// `✖ 3 tasks  Essential container in task exited (exit code 1)  EssentialContainerExited  12s ago`.
fn head<'a>(ctx: &Ctx<'a>, group: &'a FailureGroup) -> Line<'a> {
    let many = if group.count == 1 { "1 task".to_owned() } else { format!("{} tasks", group.count) };
    let words = group.words();
    let mut spans =
        vec![ctx.badge(Level::Bad, &many), Span::raw("  "), Span::raw(format::brief(&words).into_owned())];
    if let Some(code) = group.stop_code.as_deref().filter(|code| !words.contains(code)) {
        spans.push(faint(format!("  {code}")));
    }
    match group.last {
        Some(last) => spans.push(faint(format!("  {} ago", ctx.age(Some(last))))),
        None => spans.push(faint("  still running")),
    }
    Line::from(spans)
}

/// `task 90009aab and 2 more say last:`, or without the colon when nothing was read of them.
fn tasks(group: &FailureGroup) -> String {
    let id = group.tasks.first().map_or("-", |id| format::short_id(id));
    let more = match group.count {
        0 | 1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    if group.log.is_empty() {
        format!("task {id}{more}: no log lines read")
    } else {
        format!("task {id}{more}; its last log lines:")
    }
}
