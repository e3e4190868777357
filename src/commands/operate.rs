//! The operations from the shell, with the same plans, checks, requests and follow-up as on the screen.

use super::{cannot, code, headless, initial, problem, unread};
use crate::cli::{How, Target};
use crate::runtime::Headless;
use partybox_core::app::{Msg, Overlay, StartPhase, State};
use partybox_core::domain::Topic;
use partybox_core::operation::{Confirm, Draft, OperationStage, Plan, Tracked};
use partybox_core::report::ExitStatus;
use partybox_core::report::operation_json::{OperationLine, PlanLine};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

/// How long the readings may take before there is a plan.
pub(super) const LOOK: Duration = Duration::from_secs(30);
/// How long AWS may take to answer the request itself.
const ANSWER: Duration = Duration::from_mins(1);
/// How long an operation is followed; each has its own, shorter patience.
const FOLLOW: Duration = Duration::from_hours(2);

/// Reads, plans, asks, sends, and follows.
pub fn run(
    target: Target,
    command: &str,
    how: How,
    choose: Option<Msg>,
    draft: impl FnOnce(&State) -> Result<Draft, String>,
) -> color_eyre::Result<ExitCode> {
    let state = initial(&target);
    let mut session = match headless(target, command, state)? {
        Ok(session) => session,
        Err(code) => return Ok(code),
    };
    session.until(LOOK, |s| s.session.phase == StartPhase::Choosing || s.all_answered());
    if let Some(sentence) = problem(&session.state).or_else(|| unread(&session.state)) {
        return Ok(cannot(&sentence));
    }
    if let Some(choose) = choose {
        session.handle(choose);
        let read = |s: &State| {
            let Overlay::Choose(choice) = &s.screen.overlay else { return true };
            // Without a source there is nothing to wait for.
            choice.source.as_ref().is_none_or(|source| {
                let topic = Topic::Candidates(source.registry.clone(), source.repository.clone());
                s.account.store.answered(&topic)
            })
        };
        session.until(session.now().mono + LOOK, read);
    }
    let plan = draft(&session.state).and_then(|draft| {
        session.handle(Msg::Draft(Box::new(draft)));
        // What the plan alone needs is read now.
        session.until(session.now().mono + LOOK, State::all_answered);
        open_plan(&session.state)
    });
    let plan = match plan {
        Ok(plan) => plan,
        Err(sentence) => return Ok(cannot(&sentence)),
    };
    print_plan(&plan, how.json);
    if plan.blocked() {
        eprintln!("partybox-top: a check forbids it; nothing was sent.");
        return Ok(code(ExitStatus::Refused));
    }
    if how.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    if !how.yes && !asked(&mut session, &plan)? {
        return Ok(code(ExitStatus::NotBegun));
    }
    session.handle(Msg::Confirm);
    let Some(id) = session.state.operations.first().map(|t| t.id) else {
        return Ok(cannot("the plan changed while it was read; nothing was sent. Try again."));
    };
    follow(&mut session, id, how)
}

/// The plan that is open, as of the newest readings.
pub(super) fn open_plan(state: &State) -> Result<Plan, String> {
    match &state.screen.overlay {
        Overlay::Plan(panel) => panel.plan.clone(),
        _ => Err("there is no plan for this".to_owned()),
    }
}

/// Asks for confirmation on the terminal. Without a terminal nothing is sent.
pub(super) fn asked(session: &mut Headless, plan: &Plan) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        eprintln!(
            "partybox-top: there is no terminal to ask on; give --yes to send it, or --dry-run to see the plan only."
        );
        return Ok(false);
    }
    let wanted = match &plan.confirm {
        Confirm::Yes => {
            eprint!("Send it once? y/n ");
            "y"
        }
        Confirm::Type(name) => {
            eprint!("To confirm, type {name}: ");
            name
        }
    };
    io::stderr().flush()?;
    let line = session.line()?;
    let yes = line.is_some_and(|line| line.trim() == wanted);
    if !yes {
        eprintln!("partybox-top: nothing was sent.");
    }
    Ok(yes)
}

/// Prints the plan and its checks.
pub(super) fn print_plan(plan: &Plan, as_json: bool) {
    if as_json {
        print_json(&PlanLine::of(plan));
        return;
    }
    for line in plan_lines(plan) {
        print_line(&line);
    }
}

/// The plan and its checks as lines of text.
pub fn plan_lines(plan: &Plan) -> Vec<String> {
    let mut lines =
        vec![format!("{} in account {} {}: {}", plan.title, plan.account, plan.region, plan.resource)];
    lines.extend(plan.changes.iter().map(|c| format!("  {}: {} -> {}", c.field, c.before, c.after)));
    lines.extend(plan.checks.iter().map(|check| format!("  {:<5} {}", check.outcome.word(), check.text)));
    lines.push(format!("  sends {}", plan.request));
    lines.extend(plan.consequences.iter().map(|consequence| format!("  {consequence}")));
    lines
}

/// Prints an object as a line of JSON.
fn print_json(line: &impl Serialize) {
    // It is plain data: nothing in it can fail to be written.
    if let Ok(text) = serde_json::to_string(line) {
        print_line(&text);
    }
}

/// Prints a line. Standard output may be closed by its reader: that is no error.
fn print_line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Follows an operation: to AWS's answer, and with `--wait` to its verdict.
fn follow(session: &mut Headless, id: u64, how: How) -> color_eyre::Result<ExitCode> {
    let of = |state: &State| state.operations.iter().find(|t| t.id == id).cloned();
    let started = session.now().mono;
    let end = started + if how.wait { FOLLOW } else { ANSWER };
    let mut told = String::new();
    loop {
        let Some(tracked) = of(&session.state) else {
            return Ok(cannot("the operation is not known any more"));
        };
        let line = describe_stage(&tracked);
        if line != told {
            report(&tracked, &line, how.json);
            told = line;
        }
        match &tracked.stage {
            OperationStage::Ended(verdict) => {
                session.close();
                return Ok(code(verdict.into()));
            }
            OperationStage::Following if !how.wait => {
                session.close();
                return Ok(ExitCode::SUCCESS);
            }
            _ if !session.step(end) => {
                eprintln!("partybox-top: not seen to end; partybox-top status shows how it is now.");
                return Ok(code(ExitStatus::TimedOut));
            }
            _ => {}
        }
    }
}

/// The stage of an operation in words.
fn describe_stage(tracked: &Tracked) -> String {
    match &tracked.stage {
        OperationStage::Sending => "sending".to_owned(),
        // A line is printed when something changes, and a countdown always does.
        OperationStage::Following => tracked.progress.steady_words(),
        OperationStage::Ended(verdict) => match verdict.reason() {
            Some(reason) if !reason.is_empty() => format!("{}: {reason}", verdict.word()),
            _ => verdict.word().to_owned(),
        },
    }
}

fn report(tracked: &Tracked, line: &str, as_json: bool) {
    if !as_json {
        print_line(&format!("{}: {line}", tracked.title));
        return;
    }
    print_json(&OperationLine::of(tracked, line));
}

/// A draft to scale.
pub fn scale(service: &str, tasks: u32) -> Draft {
    Draft::Scale { service: service.to_owned(), to: tasks }
}

/// A draft to roll back.
pub fn rollback(service: &str) -> Draft {
    Draft::RollBack { service: service.to_owned() }
}

/// The question which images a service, or one of its containers, could get.
pub fn choice(service: &str, container: Option<String>) -> Msg {
    let service = service.to_owned();
    match container {
        Some(container) => Msg::ChooseFor { service, container },
        None => Msg::Choose(service),
    }
}

/// A draft to redeploy, with another image when one is named.
pub fn redeploy(state: &State, service: &str, image: Option<&str>) -> Result<Draft, String> {
    let Some(image) = image else { return Ok(Draft::Redeploy { service: service.to_owned() }) };
    // Its plan says why; which image it would be does not matter.
    let node = state.account.party_box.service(service);
    if node.is_some_and(|node| node.service().deployed_elsewhere().is_some()) {
        return Ok(Draft::Redeploy { service: service.to_owned() });
    }
    state.draft_of_image(image)
}

/// A draft to stop the task whose id begins so.
pub fn stop(state: &State, beginning: &str) -> Result<Draft, String> {
    let mut found = state.account.party_box.services.iter().flat_map(|node| {
        node.rows
            .iter()
            .map(|row| node.task(row))
            .filter(|task| task.id.starts_with(beginning) && !task.is_over())
            .map(|task| (node.service().name.clone(), task.id.clone()))
    });
    match (found.next(), found.next()) {
        (Some((service, task)), None) => Ok(Draft::StopTask { service, task }),
        (None, _) => Err(format!("no running task's id begins with {beginning}")),
        _ => Err(format!("several running tasks' ids begin with {beginning}: give more of it")),
    }
}
