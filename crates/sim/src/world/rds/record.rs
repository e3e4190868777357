//! The DNS records of database endpoints.
use std::net::Ipv4Addr;

use crate::world::Time;

/// What an endpoint's name resolves to. RDS keeps these records for 5 seconds only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// The name, without a dot at its end.
    pub name: String,
    /// The address before the last change, if that is still to come.
    pub address: Ipv4Addr,
    /// The last change: when, and the address since then.
    pub change: Option<(Time, Ipv4Addr)>,
}

impl DnsRecord {
    /// The answer at `at`.
    pub fn address_at(&self, at: Time) -> Ipv4Addr {
        self.change.filter(|(from, _)| *from <= at).map_or(self.address, |(_, address)| address)
    }

    /// Changes the answer, from `at` on.
    pub(crate) fn change(&mut self, now: Time, at: Time, address: Ipv4Addr) {
        self.address = self.address_at(now);
        self.change = Some((at, address));
    }
}
