//! The thread that talks to AWS: it runs the effects and sends every answer back as a message.
//!
//! The screen never waits for it: a call that hangs delays only the part of the screen that shows its answer.

use super::audit::Audit;
use super::clock::session_id;
use super::prober::Prober;
use super::signals::{Signals, quit_on};
use super::{Endpoint, SessionClock, drill_store};
use crate::paths;
use partybox_core::app::{Answer, Effect, Msg};
use partybox_core::domain::{CallError, ErrorKind};
use partybox_core::operation::Action;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

/// The sender of effects.
pub(super) type EffectSender = UnboundedSender<Effect>;

/// The runner before it is started.
pub(super) struct EffectRunner {
    runtime: Runtime,
    signals: Signals,
    sender: Sender<Msg>,
}

impl EffectRunner {
    /// From here on a signal that asks the program to end becomes a [`Msg::Quit`] instead of ending the
    /// process at once.
    pub(super) fn prepare(sender: Sender<Msg>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let signals = {
            let _context = runtime.enter();
            Signals::catch()?
        };
        Ok(Self { runtime, signals, sender })
    }

    /// Starts the thread. It connects, then runs effects until the returned sender is dropped. A connection
    /// that cannot be set up (no Region, no such profile, ...) comes back as [`Msg::CannotStart`].
    pub(super) fn start(
        self,
        endpoint: Endpoint,
        read_only: bool,
        clock: SessionClock,
    ) -> std::io::Result<(EffectSender, JoinHandle<()>)> {
        let (outbox, effects) = unbounded_channel();
        let Self { runtime, signals, sender } = self;
        let thread = thread::Builder::new().name("aws".into()).spawn(move || {
            let local = LocalSet::new();
            local.spawn_local(quit_on(signals, sender.clone()));
            local.block_on(&runtime, work(endpoint, read_only, clock, sender, effects));
        })?;
        Ok((outbox, thread))
    }
}

async fn work(
    endpoint: Endpoint,
    read_only: bool,
    clock: SessionClock,
    sender: Sender<Msg>,
    mut effects: UnboundedReceiver<Effect>,
) {
    let aws = match endpoint.open(clock).await {
        // Also refused where actions are sent, so that read-only does not rest on the screen alone.
        Ok(aws) => Rc::new(if read_only { aws.read_only() } else { aws }),
        Err(error) => {
            let _ = sender.send(Msg::CannotStart(error.to_string()));
            return;
        }
    };
    let connected = Msg::Connected {
        region: aws.region().to_owned(),
        endpoint: aws.endpoint(),
        profile: aws.profile().map(str::to_owned),
    };
    if sender.send(connected).is_err() {
        return;
    }
    let mut audit = Audit::new(session_id());
    let mut prober = None;
    while let Some(effect) = effects.recv().await {
        let (aws, sender) = (Rc::clone(&aws), sender.clone());
        match effect {
            Effect::Poll { topic, run, query } => {
                tokio::task::spawn_local(async move {
                    let result = aws.ask(&query).await;
                    let answer = Answer { topic, run, result, meter: aws.meter() };
                    let _ = sender.send(Msg::Answer(Box::new(answer)));
                });
            }
            Effect::SendOperation { id, action, record } => {
                if let Err(error) = audit.write(&record) {
                    let outcome = Err(unwritten(&action, &error));
                    let _ = sender.send(Msg::OperationAnswered { id, outcome, meter: aws.meter() });
                    continue;
                }
                tokio::task::spawn_local(async move {
                    let outcome = aws.act(&action).await;
                    let _ = sender.send(Msg::OperationAnswered { id, outcome, meter: aws.meter() });
                });
            }
            Effect::Probe(settings) => {
                // The earlier one ends first: two probes at once would be twice the load.
                drop(prober.take());
                prober = Some(Prober::start(*settings, clock, sender));
            }
            Effect::ProbeStop => drop(prober.take()),
            Effect::LoadHistory => drop(sender.send(Msg::HistoryLoaded(drill_store::history()))),
            Effect::SaveReport { story, folder } => {
                let kept = drill_store::save(&story, folder.as_deref());
                let _ = sender.send(Msg::ReportSaved(kept));
            }
            // The operation goes on even if its end cannot be written.
            Effect::Record(record) => drop(audit.write(&record)),
            // Notifications are the terminal's, see `screen.rs`.
            Effect::Notify { .. } => {}
            Effect::Quit => return,
        }
    }
}

/// The answer for an operation whose audit record could not be written: it is not sent.
fn unwritten(action: &Action, error: &std::io::Error) -> CallError {
    let place =
        paths::audit_log().map_or_else(|_| "the state directory".to_owned(), |p| p.display().to_string());
    CallError {
        kind: ErrorKind::Refused,
        action: action.call().to_owned(),
        code: None,
        message: format!("nothing was sent: the audit log {place} cannot be written ({error})"),
    }
}
