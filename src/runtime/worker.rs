//! The thread that talks to AWS: it runs the effects, and every answer comes back as a message.
//!
//! Nothing here is ever waited for by the screen: a call that hangs costs its own pane and nothing else.

use crate::app::{Answer, Effect, Msg};
use crate::aws::{Aws, Connect, ConnectError};
use crate::domain::Now;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;
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

    /// The time of a message.
    #[expect(clippy::disallowed_methods, reason = "this is the program's clock")]
    pub fn now(self) -> Now {
        Now { mono: self.0.elapsed(), wall: chrono::Utc::now() }
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

/// Starts the thread: connects, then runs effects until the outbox is dropped. A connection that cannot be set up
/// (no Region, no such profile, ...) comes back as [`Msg::CannotStart`].
pub(super) fn start(
    door: Door,
    read_only: bool,
    watch: Stopwatch,
    sender: Sender<Msg>,
) -> std::io::Result<Outbox> {
    let (outbox, effects) = unbounded_channel();
    thread::Builder::new().name("aws".into()).spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = sender.send(Msg::CannotStart(format!("the AWS thread did not start: {error}")));
                return;
            }
        };
        LocalSet::new().block_on(&runtime, work(door, read_only, watch, sender, effects));
    })?;
    Ok(outbox)
}

async fn work(
    door: Door,
    read_only: bool,
    watch: Stopwatch,
    sender: Sender<Msg>,
    mut effects: UnboundedReceiver<Effect>,
) {
    tokio::task::spawn_local(signals(sender.clone()));
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
            Effect::Act { id, action } => {
                tokio::task::spawn_local(async move {
                    let outcome = aws.act(&action).await;
                    let _ = sender.send(Msg::Acted { id, outcome, meter: aws.meter() });
                });
            }
            // The terminal's business, not AWS's.
            Effect::Notify { .. } => {}
            Effect::Quit => return,
        }
    }
}

/// SIGTERM, SIGHUP and SIGINT end the program in order.
async fn signals(sender: Sender<Msg>) {
    if any_signal().await.is_ok() {
        let _ = sender.send(Msg::Quit);
    }
}

async fn any_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut hup, mut int) =
        (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = term.recv() => {}
        _ = hup.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}

/// Waits until SIGTERM, SIGHUP or SIGINT.
pub fn wait_for_signal() -> std::io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(any_signal())
}
