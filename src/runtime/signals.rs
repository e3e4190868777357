//! The signals that ask the program to end: SIGTERM, SIGHUP and SIGINT.

use partybox_core::app::Msg;
use std::sync::mpsc::Sender;
use std::thread;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// From here on a signal that asks the program to end becomes a [`Msg::Quit`]. For a screen without an effect
/// runner.
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

/// Sends [`Msg::Quit`] at SIGTERM, SIGHUP or SIGINT, so that the program ends in order.
pub(super) async fn quit_on(mut signals: Signals, sender: Sender<Msg>) {
    signals.any().await;
    let _ = sender.send(Msg::Quit);
}

/// The signals that ask a program to end.
pub(super) struct Signals {
    term: Signal,
    hup: Signal,
    int: Signal,
}

impl Signals {
    /// Catches them from now on; needs a runtime's context.
    pub(super) fn catch() -> std::io::Result<Self> {
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
