//! Availability Zones: what is in each, what its loss would cost, and the impact of an outage.

use serde::{Deserialize, Serialize};

mod databases;
mod impact;
mod parts;
#[cfg(test)]
mod tests;

use crate::domain::{Level, PartyBox, Store};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// An Availability Zone with its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Full name, e.g. `ap-northeast-1a`.
    pub name: String,
    /// What stands in it: services, databases, load balancers, gateways, subnets.
    pub parts: Vec<Part>,
    /// Its healthy targets.
    pub healthy: u32,
    /// Its targets that do not drain.
    pub registered: u32,
    /// Its running tasks.
    pub running: u32,
    /// What is lost in it now, or was a short while ago: that is [`Level::Idle`] once the zone shows life again,
    /// and [`Level::Unknown`] when nothing in it could.
    #[serde(rename = "took")]
    pub impact: Vec<(Level, String)>,
}

/// A part of the Party Box that is in a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What kind of thing it is.
    pub kind: PartKind,
    /// Its name.
    pub name: String,
    /// Its severity in this zone now.
    pub level: Level,
    /// The role of what is here, of a database: `writer`, `standby`, `reader`, ...
    pub role: Option<String>,
    /// What of it is here, in words.
    pub here: String,
    /// The loss if the zone is lost; `None`: nothing that matters.
    pub loss: Option<Loss>,
}

/// What a zone's loss would take of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// `Bad`: the thing is gone. `Warn`: it goes on, weaker or after a pause. `Idle`: its redundancy does its
    /// work.
    pub level: Level,
    /// What is lost, in a few words: for a list of all.
    pub short: String,
    /// What follows them where there is room: what is left, or what happens then. With its punctuation; may
    /// be empty.
    pub detail: String,
}

impl Loss {
    fn new(level: Level, short: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { level, short: short.into(), detail: detail.into() }
    }

    /// In words, with what is left.
    pub fn sentence(&self) -> String {
        format!("{}{}", self.short, self.detail)
    }
}

/// What kind of thing stands in a zone, in the order of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PartKind {
    /// A service's tasks and targets.
    Service,
    /// A writer, standby, reader or replica.
    Database,
    /// A load balancer's node.
    Balancer,
    /// A node of a network or gateway load balancer.
    NetworkBalancer,
    /// A NAT gateway.
    Gateway,
    /// A subnet.
    Subnet,
}

impl PartKind {
    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Database => "database",
            Self::Balancer => "ALB",
            Self::NetworkBalancer => "NLB",
            Self::Gateway => "NAT",
            Self::Subnet => "subnet",
        }
    }
}

impl Zone {
    /// Its severity now: the worst of its parts and of its impact. A zone that holds only subnets is idle.
    pub fn level(&self) -> Level {
        let used = self.parts.iter().filter(|p| p.kind != PartKind::Subnet);
        let worst = used.map(|p| p.level).chain(self.impact.iter().map(|t| t.0)).max();
        worst.unwrap_or(Level::Idle)
    }

    /// Whether something in it is lost now, as far as is known.
    pub fn is_lost(&self) -> bool {
        self.impact.iter().any(|(level, _)| *level > Level::Unknown)
    }

    /// The severity of its loss: the worst of its losses.
    pub fn loss(&self) -> Level {
        self.losses().map(|l| l.level).max().unwrap_or(Level::Idle)
    }

    /// What its loss would take, the worst first.
    pub fn losses(&self) -> impl Iterator<Item = &Loss> {
        let mut all: Vec<&Loss> = self.parts.iter().filter_map(|p| p.loss.as_ref()).collect();
        all.sort_by_key(|loss| std::cmp::Reverse(loss.level));
        all.into_iter()
    }

    /// The names of its parts of a kind.
    pub fn of(&self, kind: PartKind) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |p| p.kind == kind)
    }
}

/// All zones of the Party Box, by name. `now` is the server's time.
pub fn list_zones(store: &Store, party_box: &PartyBox, now: DateTime<Utc>) -> Vec<Zone> {
    let mut zones: Vec<Zone> = zone_names(store, party_box)
        .into_iter()
        .map(|name| Zone { name: name.to_owned(), ..Zone::default() })
        .collect();
    parts::add_services(party_box, &mut zones);
    databases::add_databases(party_box, &mut zones);
    parts::add_balancers(party_box, &mut zones);
    if let Some(network) = store.network() {
        parts::add_gateways(store, network, &mut zones, now);
        parts::add_subnets(network, &mut zones);
    }
    for zone in &mut zones {
        zone.impact = impact::find_impact(store, party_box, zone, now);
    }
    zones
}

fn zone_names<'a>(store: &'a Store, party_box: &'a PartyBox) -> BTreeSet<&'a str> {
    let subnets = store.network().into_iter().flat_map(|n| n.subnets.iter()).map(|s| s.zone.as_str());
    let tasks = party_box.services.iter().flat_map(|n| n.zones.keys()).map(String::as_str);
    let databases = party_box.databases.iter().flat_map(|d| d.zone.iter().chain(&d.secondary_zone));
    let balancers = party_box.balancers.iter().flat_map(|b| b.zones.iter()).map(|(zone, _)| zone.as_str());
    let all = subnets.chain(tasks).chain(databases.map(String::as_str)).chain(balancers);
    all.filter(|zone| !zone.is_empty() && *zone != "?").collect()
}

/// `1a`, `1a and 1c`, `1a, 1c and 1d`.
pub(crate) fn join_zones(zones: &BTreeSet<&str>) -> String {
    let mut names: Vec<&str> = zones.iter().map(|z| super::zone_letter(z)).collect();
    match names.pop() {
        Some(last) if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        Some(only) => only.to_owned(),
        None => "no zone".to_owned(),
    }
}
