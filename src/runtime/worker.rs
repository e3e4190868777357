//! The thread that talks to AWS: it runs the effects, and every answer comes back as a message.
//!
//! Nothing here is ever waited for by the screen: a call that hangs costs its own pane and nothing else.

use super::audit::{self, Audit};
use super::prober::Prober;
use super::records;
use chrono::SubsecRound;
use partybox_aws::{Aws, Connect, ConnectError};
use partybox_core::app::{Answer, Effect, Msg};
use partybox_core::domain::{CallError, ErrorKind, Now};
use partybox_core::operation::Action;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

/// The program's clocks, read only in this room.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "this is the program's clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time of a message, in whole microseconds: a recording keeps no more, and its replay must be told the very same.
    #[expect(clippy::disallowed_methods, reason = "this is the program's clock")]
    pub fn now(self) -> Now {
        let mono = Duration::from_micros(u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX));
        Now { mono, wall: chrono::Utc::now().trunc_subsecs(6) }
    }
}

/// Where effects are sent to.
pub(super) type Outbox = UnboundedSender<Effect>;

/// Where AWS is.
#[derive(Debug, Clone)]
pub enum Door {
    /// What the AWS environment, the profile files and the flags say.
    Environment {
        /// `--profile`.
        profile: Option<String>,
        /// `--region`.
        region: Option<String>,
        /// `--endpoint-url`.
        endpoint_url: Option<String>,
    },
    /// The simulator of this process: the environment is not looked at, so that a demo never reaches a real account.
    Simulator {
        /// Its URL.
        endpoint_url: String,
    },
}

impl Door {
    async fn open(self, watch: Stopwatch) -> Result<Aws, ConnectError> {
        match self {
            Self::Environment { profile, region, endpoint_url } => {
                Aws::connect(Connect { profile, region, endpoint_url, epoch: watch.0 }).await
            }
            Self::Simulator { endpoint_url } => Aws::local(&endpoint_url, "ap-northeast-1", watch.0),
        }
    }
}

/// What the thread needs, made before it runs.
pub(super) struct Worker {
    runtime: Runtime,
    signals: Signals,
    sender: Sender<Msg>,
}

impl Worker {
    /// From here on a signal that asks the program to end becomes a [`Msg::Quit`] instead of ending it on the spot.
    pub(super) fn prepare(sender: Sender<Msg>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let signals = {
            let _context = runtime.enter();
            Signals::catch()?
        };
        Ok(Self { runtime, signals, sender })
    }

    /// Starts the thread: connects, then runs effects until the outbox is dropped. A connection that cannot be set up
    /// (no Region, no such profile, ...) comes back as [`Msg::CannotStart`].
    pub(super) fn start(
        self,
        door: Door,
        read_only: bool,
        watch: Stopwatch,
    ) -> std::io::Result<(Outbox, JoinHandle<()>)> {
        let (outbox, effects) = unbounded_channel();
        let Self { runtime, signals, sender } = self;
        let thread = thread::Builder::new().name("aws".into()).spawn(move || {
            let local = LocalSet::new();
            local.spawn_local(quit_on(signals, sender.clone()));
            local.block_on(&runtime, work(door, read_only, watch, sender, effects));
        })?;
        Ok((outbox, thread))
    }
}

async fn work(
    door: Door,
    read_only: bool,
    watch: Stopwatch,
    sender: Sender<Msg>,
    mut effects: UnboundedReceiver<Effect>,
) {
    let profile = match &door {
        Door::Environment { profile, .. } => profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok()),
        Door::Simulator { .. } => None,
    };
    let aws = match door.open(watch).await {
        // Refused where actions are executed, whatever the screen thinks.
        Ok(aws) => Rc::new(if read_only { aws.read_only() } else { aws }),
        Err(error) => {
            let _ = sender.send(Msg::CannotStart(error.to_string()));
            return;
        }
    };
    let connected = Msg::Connected { region: aws.region().to_owned(), endpoint: aws.endpoint(), profile };
    if sender.send(connected).is_err() {
        return;
    }
    let mut audit = Audit::new(session());
    let mut prober = None;
    while let Some(effect) = effects.recv().await {
        let (aws, sender) = (Rc::clone(&aws), sender.clone());
        match effect {
            Effect::Ask { topic, run, query } => {
                tokio::task::spawn_local(async move {
                    let result = aws.ask(&query).await;
                    let answer = Answer { topic, run, result, meter: aws.meter() };
                    let _ = sender.send(Msg::Answer(Box::new(answer)));
                });
            }
            Effect::Act { id, action, record } => {
                if let Err(error) = audit.write(&record) {
                    let outcome = Err(unwritten(&action, &error));
                    let _ = sender.send(Msg::Acted { id, outcome, meter: aws.meter() });
                    continue;
                }
                tokio::task::spawn_local(async move {
                    let outcome = aws.act(&action).await;
                    let _ = sender.send(Msg::Acted { id, outcome, meter: aws.meter() });
                });
            }
            Effect::Probe(settings) => {
                // The one before ends first: two at once would be twice the load.
                drop(prober.take());
                prober = Some(Prober::start(*settings, watch, sender));
            }
            Effect::ProbeStop => drop(prober.take()),
            Effect::Recall => drop(sender.send(Msg::Recalled(records::past()))),
            Effect::Keep { story, folder } => {
                let kept = records::keep(&story, folder.as_deref());
                let _ = sender.send(Msg::Kept(kept));
            }
            // The operation goes on whether or not its end can be written down.
            Effect::Record(record) => drop(audit.write(&record)),
            // The terminal's business, not AWS's.
            Effect::Notify { .. } => {}
            Effect::Quit => return,
        }
    }
}

/// An operation that leaves no trace is not sent.
fn unwritten(action: &Action, error: &std::io::Error) -> CallError {
    let place = audit::path().map_or_else(|_| "the state directory".to_owned(), |p| p.display().to_string());
    CallError {
        kind: ErrorKind::Refused,
        action: action.call().to_owned(),
        code: None,
        message: format!("nothing was sent: the audit log {place} cannot be written ({error})"),
    }
}

/// Tells this run from others in the audit log.
#[expect(clippy::disallowed_methods, reason = "this is the program's clock")]
fn session() -> String {
    format!("{}-{}", chrono::Utc::now().timestamp(), std::process::id())
}

/// From here on a signal that asks the program to end becomes a [`Msg::Quit`]: for a screen without a worker.
pub(super) fn quit_on_signals(sender: Sender<Msg>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signals = {
        let _context = runtime.enter();
        Signals::catch()?
    };
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || runtime.block_on(quit_on(signals, sender)))?;
    Ok(())
}

/// SIGTERM, SIGHUP and SIGINT end the program in order.
async fn quit_on(mut signals: Signals, sender: Sender<Msg>) {
    signals.any().await;
    let _ = sender.send(Msg::Quit);
}

/// The signals that ask a program to end.
struct Signals {
    term: Signal,
    hup: Signal,
    int: Signal,
}

impl Signals {
    /// Catches them from now on; needs a runtime's context.
    fn catch() -> std::io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
            int: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them.
    async fn any(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.hup.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

/// Waits until SIGTERM, SIGHUP or SIGINT.
pub fn wait_for_signal() -> std::io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        Signals::catch()?.any().await;
        Ok(())
    })
}
