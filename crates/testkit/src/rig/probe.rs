//! A probe on the rig's clock: as the program's own, but each request goes to the account without a socket, and takes as
//! long on its way as the rig says.

use bytes::Bytes;
use partybox_core::domain::{ProbeAnswer, ProbeSpec, Probed, Resolved};
use std::time::Duration;

/// The endpoint's name is looked up so often, milliseconds.
pub(super) const LOOK_UP: u64 = 1000;

/// A probe under way.
pub(super) struct Probe {
    pub(super) spec: ProbeSpec,
    /// Tells it from the one before.
    pub(super) run: u64,
    /// The newest answer to the look-up.
    pub(super) name: Option<Result<Vec<std::net::IpAddr>, String>>,
}

/// One request under way. Times are milliseconds since the account began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) run: u64,
    pub(super) number: u64,
    pub(super) at: u64,
    /// Milliseconds to the account, and back.
    pub(super) way: (u64, u64),
}

impl Probe {
    pub(super) fn interval(&self) -> u64 {
        millis(self.spec.settings.interval)
    }

    /// When a request's own time is up.
    pub(super) fn deadline(&self, sent: Sent) -> u64 {
        sent.at + millis(self.spec.settings.timeout)
    }

    pub(super) fn request(&self) -> http::Request<Bytes> {
        http::Request::get(&self.spec.url).body(Bytes::new()).expect("a good URL")
    }

    /// The result of a request that is over at `end`.
    pub(super) fn result(sent: Sent, end: u64, answer: ProbeAnswer) -> Probed {
        let (sent_at, took) = (Duration::from_millis(sent.at), Duration::from_millis(end - sent.at));
        Probed { number: sent.number, sent: sent_at, took, answer }
    }

    /// What an answer of the load balancer is worth.
    pub(super) fn judge(&self, response: &http::Response<Bytes>) -> ProbeAnswer {
        self.spec.settings.expect.judge(response.status().as_u16(), &String::from_utf8_lossy(response.body()))
    }

    /// An answer to the look-up, when it is another one than before.
    pub(super) fn resolved(
        &mut self,
        answer: Result<Vec<std::net::IpAddr>, String>,
        at: u64,
    ) -> Option<Resolved> {
        let changed = self.name.as_ref() != Some(&answer);
        self.name = Some(answer.clone());
        changed.then(|| Resolved { at: Duration::from_millis(at), answer })
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).expect("a short span")
}
