//! `partybox-top drill DB`: a failover with a probe running beside it, measured to its end.

use super::operate::{self, LOOK, asked, open_plan};
use super::{cannot, code, headless, initial, problem, unread};
use crate::cli::{DrillArgs, Target};
use crate::runtime::{Headless, StatusLine, drill_store};
use chrono::TimeDelta;
use partybox_core::app::{self, Entry, Msg, StartPhase};
use partybox_core::domain::DrillSettings;
use partybox_core::operation::drill::report::DrillReport;
use partybox_core::operation::drill::{DrillStage, OutcomeWord};
use partybox_core::operation::{Draft, Plan};
use partybox_core::report::ExitStatus;
use partybox_core::report::drill::lines;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How often the status line is redrawn.
const REDRAW_INTERVAL: Duration = Duration::from_millis(250);
/// How long the first answer of the probe may take, beside its own timeout.
const FIRST: Duration = Duration::from_secs(20);
/// How long the record may take to be written.
const WRITE: Duration = Duration::from_secs(10);
/// How long before the drill's beginning entries of the timeline still belong to it; older ones are not
/// shown.
const BEFORE: TimeDelta = TimeDelta::seconds(1);

/// Takes a baseline, plans, asks, sends, watches, and prints the result.
pub fn run(target: Target, args: &DrillArgs, drills: DrillSettings) -> color_eyre::Result<ExitCode> {
    let mut state = initial(&target);
    state.session.read_only |= args.observe;
    state.session.drills = drills;
    let mut session = match headless(target, "drill", state)? {
        Ok(session) => session,
        Err(code) => return Ok(code),
    };
    session.until(LOOK, |s| s.session.phase == StartPhase::Choosing || s.all_answered());
    if let Some(sentence) = problem(&session.state).or_else(|| unread(&session.state)) {
        return Ok(cannot(&sentence));
    }
    let mut progress = DrillLines::new();
    let begun = if args.observe {
        observe(&mut session, &args.database)
    } else {
        trigger(&mut session, args, &mut progress.line)?
    };
    if let Some(code) = begun {
        return Ok(code);
    }
    watch(&mut session, &mut progress);
    Ok(finish(session, args.json))
}

/// Watches for a failover that somebody else triggers. Returns an exit code when it cannot begin.
fn observe(session: &mut Headless, database: &str) -> Option<ExitCode> {
    if let Err(why) =
        app::drill_spec(&session.state, database, partybox_core::operation::drill::Mode::Observed)
    {
        return Some(cannot(&why));
    }
    session.handle(Msg::Observe(database.to_owned()));
    None
}

/// Plans, takes the baseline, asks and sends. Returns an exit code when it ends there.
fn trigger(session: &mut Headless, args: &DrillArgs, line: &mut StatusLine) -> io::Result<Option<ExitCode>> {
    session.handle(Msg::Draft(Box::new(Draft::Failover { database: args.database.clone() })));
    let plan = match open_plan(&session.state) {
        Ok(plan) => plan,
        Err(sentence) => return Ok(Some(cannot(&sentence))),
    };
    // A blocked plan is not sent, so it needs no baseline.
    if plan.blocked() {
        show(&plan, args, line);
        eprintln!("partybox-top: a check forbids it; nothing was sent.");
        return Ok(Some(code(ExitStatus::DrillRefused)));
    }
    if session.state.drill.current.is_none() {
        let why =
            app::drill_spec(&session.state, &args.database, partybox_core::operation::drill::Mode::Triggered);
        return Ok(Some(cannot(&why.err().unwrap_or_else(|| "the probe did not start".to_owned()))));
    }
    line.line(&format!("probing for a baseline of {}", lines::format_time(args.baseline)));
    // The baseline counts from the first answer. Until then the probe may still be reading certificates.
    session.until(session.now().mono + FIRST, |s| {
        s.session.quitting || s.drill.current.as_ref().is_none_or(|drill| drill.measured.since.sent > 0)
    });
    let end = session.now().mono + args.baseline;
    while session.step(end) {}
    let Some(drill) = &session.state.drill.current else {
        return Ok(Some(cannot("ended before anything was sent")));
    };
    if drill.measured.since.good == 0 {
        let why = drill
            .failing()
            .map_or_else(|| "no answer yet".to_owned(), partybox_core::domain::ProbeAnswer::words);
        let url = drill.probe.shown_url();
        return Ok(Some(cannot(&format!(
            "the probe of {url} got no good answer ({why}): it would measure nothing, so nothing was sent. Name a URL that answers with --probe, or what a good answer is with --expect-status."
        ))));
    }
    let plan = match open_plan(&session.state) {
        Ok(plan) => plan,
        Err(sentence) => return Ok(Some(cannot(&sentence))),
    };
    show(&plan, args, line);
    if plan.blocked() {
        eprintln!("partybox-top: a check forbids it; nothing was sent.");
        return Ok(Some(code(ExitStatus::DrillRefused)));
    }
    if args.dry_run {
        return Ok(Some(ExitCode::SUCCESS));
    }
    if !args.yes && !asked(session, &plan)? {
        return Ok(Some(code(ExitStatus::DrillNotBegun)));
    }
    session.handle(Msg::Confirm);
    if session.state.drill.current.as_ref().is_none_or(|drill| drill.stage == DrillStage::Baseline) {
        return Ok(Some(cannot("the plan changed while it was read; nothing was sent. Try again.")));
    }
    Ok(None)
}

/// Prints the plan: on standard output with `--dry-run`, else above the status line.
fn show(plan: &Plan, args: &DrillArgs, line: &mut StatusLine) {
    if args.dry_run {
        operate::print_plan(plan, args.json);
    } else {
        for text in operate::plan_lines(plan) {
            line.line(&text);
        }
    }
}

/// Watches until the drill has ended, or a signal ends it.
fn watch(session: &mut Headless, progress: &mut DrillLines) {
    while session.state.drill.current.as_ref().is_some_and(|drill| !drill.ended()) {
        progress.update(session);
        if !session.step(session.now().mono + REDRAW_INTERVAL) {
            break;
        }
    }
    if session.state.drill.current.as_ref().is_some_and(|drill| !drill.ended()) {
        // The thread that runs the effects is gone: the drill ends with what is known.
        session.handle(Msg::Quit);
    }
    progress.update(session);
    progress.line.clear();
}

/// Waits for the record, prints the result, and returns the exit code.
fn finish(mut session: Headless, as_json: bool) -> ExitCode {
    let end = session.now().mono + WRITE;
    session.until(end, |s| {
        s.drill.saved.is_some()
            && s.operations
                .iter()
                .all(|o| matches!(o.stage, partybox_core::operation::OperationStage::Ended(_)))
    });
    session.close();
    let now = session.now();
    let state = &session.state;
    let kept =
        state.drill.saved.clone().unwrap_or_else(|| Err("the drill's record was not written".to_owned()));
    // Printed from the file, so that output and file are equal to the last digit.
    let written = kept.as_ref().ok().and_then(|folder| drill_store::json(Path::new(folder)).ok());
    let told = written.and_then(|text| Some((serde_json::from_str::<DrillReport>(&text).ok()?, text)));
    let told = told.or_else(|| {
        let story = app::drill_report(state, now)?;
        let text = serde_json::to_string_pretty(&story).ok()? + "\n";
        Some((story, text))
    });
    let Some((story, json)) = told else { return cannot("nothing is known of the drill") };
    if story.outcome == OutcomeWord::Left {
        let sent = state.drill.current.as_ref().is_some_and(|drill| drill.sent.is_some());
        eprintln!(
            "partybox-top: left before its end{}; the record is kept.",
            if sent { ". The failover itself goes on: it cannot be called back" } else { "" }
        );
    }
    match &kept {
        Ok(folder) => {
            let folder = Path::new(folder);
            eprintln!("report: {}", folder.join("report.html").display());
            if let Some(recording) =
                story.recording.as_ref().map(|name| folder.join(name)).filter(|r| r.exists())
            {
                eprintln!(
                    "replay it: partybox-top replay {}",
                    super::drill_history::quoted(&recording.display().to_string())
                );
            }
        }
        Err(why) => eprintln!("partybox-top: {why}"),
    }
    let text = if as_json { json } else { lines::result_lines(&story).join("\n") + "\n" };
    // Standard output may be closed by its reader: that is no error.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    code(ExitStatus::of_drill(story.outcome, story.within_target))
}

/// Reports progress on standard error: a line for each change, and on a terminal a status line below.
struct DrillLines {
    line: StatusLine,
    said: Vec<Entry>,
}

impl DrillLines {
    fn new() -> Self {
        Self { line: StatusLine::stderr(), said: Vec::new() }
    }

    /// Prints what is new in the timeline, and the state of the drill.
    fn update(&mut self, session: &Headless) {
        let state = &session.state;
        let clock = &state.polling.clock;
        let Some(drill) = &state.drill.current else { return };
        let Some(began) = clock.moment(drill.began) else { return };
        let new = |entry: &&Entry| !self.said.contains(entry);
        let recent = state.timeline.entries().iter().take_while(|entry| entry.at >= began - BEFORE);
        let mut fresh: Vec<Entry> = recent.filter(new).cloned().collect();
        fresh.reverse();
        let zero = drill.accepted.or(drill.sent).and_then(|at| clock.moment(at)).unwrap_or(began);
        for entry in fresh {
            self.line.line(&lines::event_line(&entry, zero));
            self.said.push(entry);
        }
        let now = session.now();
        let operation = drill.operation.and_then(|id| state.operations.iter().find(|o| o.id == id));
        let wait = drill.waiting_for(operation, now.mono, clock.now(now));
        self.line.show(&lines::status_line(drill, wait, now.mono));
    }
}
