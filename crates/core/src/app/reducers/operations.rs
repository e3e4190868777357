//! Operations in the state: drafted, planned, confirmed, sent, followed.

use crate::app::reducers::drill;
use crate::app::state::{Effect, Entry, EventKind, Fold, Overlay, PlanPanel, Source, State, Step};
use crate::diagnosis::{Subject, format_span};
use crate::domain::{CallError, ErrorKind, Level, Now};
use crate::operation::audit::Record;
use crate::operation::{
    self, Accepted, Action, Draft, OperationStage, Plan, Tracked, Verdict, plan::PlanContext,
};
use chrono::{DateTime, Utc};

/// Opens the plan of a complete draft. If it cannot be planned, its number or range is edited, if it has one.
pub(crate) fn open_plan(state: &mut State, draft: Draft, now: Now) {
    show_plan(state, draft, false, now);
}

/// Opens a plan whose number of tasks or range is typed first, if it has one.
pub(crate) fn edit_plan(state: &mut State, draft: Draft, now: Now) {
    show_plan(state, draft, true, now);
}

fn show_plan(state: &mut State, draft: Draft, edits: bool, now: Now) {
    let draft = as_a_whole(state, draft);
    let plan = draft.plan(plan_context(state, now));
    let editing = Step::editing(&draft).filter(|_| edits || plan.is_err());
    let step = editing.unwrap_or_else(Step::confirming);
    state.screen.overlay = Overlay::Plan(Box::new(PlanPanel { draft, plan, step, fold: Fold::Brief }));
}

/// Makes the open plan again from the newest readings. When it changes while its confirmation is asked for,
/// the operator must acknowledge it first, so that nobody confirms what they have not seen.
pub(crate) fn replan(state: &mut State, now: Now) {
    let Overlay::Plan(panel) = &state.screen.overlay else { return };
    let draft = match &panel.step {
        Step::Editing { input, .. } => panel.draft.with_text(&input.text),
        Step::Changed | Step::Confirming { .. } => Ok(as_a_whole(state, panel.draft.clone())),
    };
    let fresh = match &draft {
        Ok(draft) => draft.plan(plan_context(state, now)),
        Err(why) => Err((*why).to_owned()),
    };
    if let Overlay::Plan(panel) = &mut state.screen.overlay {
        if let Ok(draft) = draft {
            panel.draft = draft;
        }
        // A plan that could not be sent a moment ago was not yet asked about either.
        let changed = match (&panel.plan, &fresh) {
            (Ok(old), Ok(new)) => old.action != new.action || (old.blocked() && !new.blocked()),
            (old, new) => old.is_ok() != new.is_ok(),
        };
        panel.plan = fresh;
        if changed {
            panel.fold = Fold::Brief;
        }
        if changed && matches!(panel.step, Step::Confirming { .. }) {
            panel.step = Step::editing(&panel.draft).unwrap_or(Step::Changed);
        }
    }
}

/// Changes the draft of a failover of a DB cluster's member to one of the cluster, as soon as the cluster is
/// known: it fails over as a whole.
fn as_a_whole(state: &State, draft: Draft) -> Draft {
    match draft {
        Draft::Failover { database } => {
            Draft::Failover { database: state.account.party_box.failover_subject(&database).to_owned() }
        }
        other => other,
    }
}

/// What plans are made from.
fn plan_context(state: &State, now: Now) -> PlanContext<'_> {
    let session = &state.session;
    PlanContext {
        store: &state.account.store,
        party_box: &state.account.party_box,
        rollouts: &state.account.rollouts,
        cluster: session.cluster.as_deref().unwrap_or(""),
        region: &session.region,
        account: Some(session.account.as_str()).filter(|a| !a.is_empty()),
        past: &state.drill.history,
        simulated: state.polling.meter.simulated.is_some(),
        drill: state.drill.current.as_ref(),
        denied: &state.account.denied,
        read_only: session.read_only,
        now: state.polling.clock.now(now),
    }
}

/// Sends a confirmed plan, once.
pub(crate) fn send(state: &mut State, plan: &Plan, now: Now) -> Vec<Effect> {
    state.session.last_run += 1;
    let id = state.session.last_run;
    let title = plan.action.title();
    let at = state.polling.clock.now(now);
    state.operations.insert(
        0,
        Tracked {
            id,
            action: plan.action.clone(),
            title: title.clone(),
            at,
            sent: now.mono,
            stage: OperationStage::Sending,
            accepted: None,
            progress: "sending".into(),
        },
    );
    log_event(state, &plan.action, at, Level::Busy, format!("{title}: sent"));
    if plan.action.database().is_some() {
        drill::triggered(state, id, &plan.checks, now);
    }
    let caller = state.account.store.identity().map_or("unknown", |i| i.arn.as_str());
    let record = Record::sending(id, at, plan, caller, state.polling.meter.simulated.is_some());
    vec![Effect::SendOperation { id, action: plan.action.clone(), record: Box::new(record) }]
}

/// Sends the open plan if it can be sent. The caller has asked for the confirmation.
pub(crate) fn confirm(state: &mut State, now: Now) -> Vec<Effect> {
    replan(state, now);
    let Overlay::Plan(panel) = &state.screen.overlay else { return Vec::new() };
    let Ok(plan) = &panel.plan else { return Vec::new() };
    if plan.blocked() {
        return Vec::new();
    }
    let plan = plan.clone();
    state.screen.overlay = Overlay::None;
    send(state, &plan, now)
}

fn record(record: Record) -> Effect {
    Effect::Record(Box::new(record))
}

fn subject(action: &Action) -> Subject {
    match (action.service(), action.database()) {
        (Some(service), _) => Subject::Service(service.to_owned()),
        (None, Some(database)) => Subject::Database(database.to_owned()),
        (None, None) => Subject::Whole,
    }
}

fn log_event(state: &mut State, action: &Action, at: DateTime<Utc>, level: Level, text: String) {
    let (source, kind) = (Source::Operator, EventKind::Operation);
    state.timeline.add([Entry { at, source, kind, subject: subject(action), level, text }]);
}

/// Takes in AWS's answer to an action.
pub(crate) fn take_answer(
    state: &mut State,
    id: u64,
    outcome: Result<Accepted, CallError>,
    now: Now,
) -> Vec<Effect> {
    let at = state.polling.clock.now(now);
    // An operation is answered once; a verdict is never taken back.
    let sending = |t: &&mut Tracked| t.id == id && t.stage == OperationStage::Sending;
    let Some(tracked) = state.operations.iter_mut().find(sending) else { return Vec::new() };
    let (action, title) = (tracked.action.clone(), tracked.title.clone());
    match outcome {
        Ok(accepted) => {
            tracked.stage = OperationStage::Following;
            tracked.sent = now.mono;
            tracked.progress = "accepted".into();
            let note = record(Record::accepted(id, at, accepted.words()));
            tracked.accepted = Some(accepted);
            log_event(state, &action, at, Level::Busy, format!("{title}: accepted by AWS, following it"));
            for topic in action.shown_by() {
                if state.account.store.slot(&topic).is_some() {
                    state.account.store.expire(&topic);
                }
            }
            pin(state);
            vec![note]
        }
        Err(error) => {
            // What was denied may also be the look before it, or a call that it needs besides.
            if error.kind == ErrorKind::Denied && error.action == action.call() {
                state.account.denied.insert(action.call().to_owned(), at);
            }
            let verdict = match error.kind {
                ErrorKind::Unclear => Verdict::Unclear(format!(
                    "{}; it is not sent again: watch the readings",
                    error.message.trim_end_matches('.')
                )),
                _ => Verdict::Refused(error.message),
            };
            tracked.stage = OperationStage::Ended(verdict.clone());
            let (level, text) = (verdict.level(), describe_verdict(&verdict));
            log_event(state, &action, at, level, format!("{title}: {text}"));
            vec![record(Record::ended(id, at, &verdict))]
        }
    }
}

/// Rollouts that the operator triggered are followed from the moment they were sent on.
pub(crate) fn pin(state: &mut State) {
    for tracked in &mut state.operations {
        operation::pin(tracked, &state.account.party_box, &mut state.account.rollouts);
    }
}

/// Opens the inverse of the last operation that ended. The error says why there is none.
pub(crate) fn undo(state: &mut State, now: Now) -> Result<(), &'static str> {
    let last = operation::last_ended(&state.operations).ok_or("nothing was done yet that could be undone")?;
    let draft = operation::inverse(last)?;
    open_plan(state, draft, now);
    Ok(())
}

/// Checks whether operations have ended, and reports their verdicts.
pub(crate) fn follow(state: &mut State, now: Now) -> Vec<Effect> {
    let at = state.polling.clock.now(now);
    let mut ended = Vec::new();
    for tracked in &mut state.operations {
        if let Some(verdict) = operation::follow(
            tracked,
            &state.account.store,
            &state.account.party_box,
            &state.account.rollouts,
            at,
        ) {
            ended.push((tracked.id, tracked.action.clone(), tracked.title.clone(), verdict, at - tracked.at));
        }
    }
    let mut effects = Vec::new();
    for (id, action, title, verdict, took) in ended {
        let (level, text) = (verdict.level(), describe_verdict(&verdict));
        log_event(state, &action, at, level, format!("{title}: {text} after {}", format_span(took)));
        effects.push(record(Record::ended(id, at, &verdict)));
    }
    effects
}

/// A verdict in words.
fn describe_verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Succeeded => "succeeded".to_owned(),
        Verdict::RolledBack(why) => format!("rolled back ({why})"),
        Verdict::Failed(why) => format!("failed ({why})"),
        Verdict::Superseded(by) => format!("superseded ({by})"),
        Verdict::TimedOut => "not seen to end".to_owned(),
        Verdict::Stopped(why) => format!("stopped ({why})"),
        Verdict::ScaledToZero => "scaled to zero: no task shows that it works".to_owned(),
        Verdict::NothingHappened(why) => format!("accepted, but nothing happened ({why})"),
        Verdict::Refused(why) => format!("refused: {why}"),
        Verdict::Unclear(why) => format!("unclear: {why}"),
    }
}
