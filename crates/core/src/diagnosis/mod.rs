//! Diagnosis: what is wrong or risky in a Party Box, why, and which key to press.

mod access;
mod alarms;
mod condition;
mod database;
mod database_link;
mod errors;
mod images;
mod network;
mod network_gates;
mod overload;
mod reasons;
mod revisions;
mod rollout_condition;
mod rollout_end;
mod rollout_finding;
mod rollout_progress;
mod rollout_tracker;
mod running;
mod secrets;
mod service_facts;
mod services;
mod targets;
mod task_sets;
#[cfg(test)]
mod tests;
mod traffic;
mod zones;

pub use alarms::{AlarmLink, Concern, firing_alarms, judge_alarms};
pub use condition::{Condition, service_condition};
pub use database::last_failover;
pub use database_link::find_no_database;
pub use images::scan_advice;
pub use network::{Tier, attached_groups, format_ports, judge_rule, tier_of};
pub use network_gates::{Gate, list_gates};
pub use reasons::{Reason, find_reason, keeps_from_starting};
pub use revisions::revision_changes;
pub use rollout_condition::{RolloutCondition, rollout_condition};
pub use rollout_end::{ended_level, event_level, tells_end};
pub use rollout_progress::{RolloutProgress, rollout_progress};
pub use rollout_tracker::{
    FailureGroup, LogWanted, News, Rollout, RolloutVerdict, Rollouts, Side, StillOpen, Wait, WaitKind,
};
pub use traffic::balancer_dimension;
use zones::join_zones;
pub use zones::{Loss, Part, PartKind, Zone, list_zones};

use crate::domain::{JudgedBy, Level, PartyBox, Store};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Something wrong or risky, with evidence and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its severity. `Idle` is a note: worth knowing, no reason to act tonight.
    pub level: Level,
    /// Of what.
    pub subject: Subject,
    /// One sentence with the evidence in it.
    pub text: String,
    /// What to do, if there is something: often a key.
    pub advice: Option<String>,
}

impl Finding {
    fn new(level: Level, subject: Subject, text: impl Into<String>) -> Self {
        Self { level, subject, text: text.into(), advice: None }
    }

    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// What a finding or an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subject {
    /// The whole Party Box, or our connection to it.
    Whole,
    /// A load balancer, by name.
    Balancer(String),
    /// A service, by name.
    Service(String),
    /// A database, by identifier.
    Database(String),
    /// An image, by repository.
    Image(String),
    /// The network.
    Network,
    /// A certificate, by domain.
    Certificate(String),
    /// A secret, by name.
    Secret(String),
}

impl Subject {
    /// Its name in short: without the path of a repository or an ARN; empty for the whole.
    pub fn name(&self) -> &str {
        match self {
            Self::Whole => "",
            Self::Network => "network",
            // A target group without a service, by its ARN: `arn:...:targetgroup/NAME/ID`.
            Self::Balancer(name) => {
                name.split_once('/').map_or(name, |(_, rest)| rest.split('/').next().unwrap_or(rest))
            }
            Self::Service(name) | Self::Database(name) | Self::Certificate(name) => name,
            Self::Image(name) | Self::Secret(name) => name.rsplit('/').next().unwrap_or(name),
        }
    }
}

/// The health of the Party Box: severity, headline, findings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Health {
    /// The worst level of what matters now.
    pub level: Level,
    /// One sentence: the condition and, when it is not good, the reason and what it waits for.
    pub headline: String,
    /// All findings, worst first.
    pub findings: Vec<Finding>,
    /// Which of them the headline tells, by its place.
    #[serde(default)]
    pub headline_of: Option<usize>,
}

/// Examines all readings. `now` is the server's time.
pub fn examine(store: &Store, party_box: &PartyBox, rollouts: &Rollouts, now: DateTime<Utc>) -> Health {
    let mut findings = Vec::new();
    access::examine(store, &mut findings);
    services::examine(store, party_box, rollouts, now, &mut findings);
    database_link::examine(store, party_box, &mut findings);
    database::examine(store, party_box, now, &mut findings);
    errors::examine(store, party_box, now, &mut findings);
    overload::examine(store, party_box, now, &mut findings);
    traffic::examine(store, party_box, now, &mut findings);
    alarms::examine(store, party_box, now, &mut findings);
    images::examine(store, party_box, &mut findings);
    network::examine(store, party_box, &mut findings);
    secrets::examine(store, now, &mut findings);
    findings.sort_by_key(|f| std::cmp::Reverse(f.level));

    let worst = findings.first().map_or(Level::Good, |f| f.level).max(Level::Good);
    let missing = access::find_missing(store, party_box).filter(|_| worst == Level::Good);
    let level = if missing.is_some() { Level::Unknown } else { worst };
    let headline = match (missing, level) {
        (Some(missing), _) => missing,
        (None, Level::Good) => describe_good_health(store, party_box),
        _ => {
            let others = findings.iter().filter(|f| f.level >= Level::Busy).count().saturating_sub(1);
            let first = findings.first().map_or("", |f| f.text.as_str());
            if others == 0 { first.to_owned() } else { format!("{first} (+{others} more)") }
        }
    };
    let Some((level, silence)) = access::find_silence(store, now) else {
        let headline_of = (level > Level::Good && level == worst).then_some(0);
        return Health { level, headline, findings, headline_of };
    };
    // Without fresh answers the earlier findings may be out of date, so the headline says that first.
    let is_silence = |f: &Finding| f.subject == Subject::Whole && f.level >= Level::Unknown;
    let last = match findings.iter().find(|f| f.level >= Level::Busy && !is_silence(f)) {
        Some(worst) => worst.text.clone(),
        None => "all was well".to_owned(),
    };
    // That nobody is let in is told in full by the headline; of an endpoint that does not answer the finding
    // tells more.
    let headline_of = findings.iter().position(|f| is_silence(f) && f.level == Level::Bad);
    Health { level, headline: format!("{silence} Last known: {last}"), findings, headline_of }
}

fn describe_good_health(store: &Store, party_box: &PartyBox) -> String {
    let (mut running, mut desired, mut healthy, mut registered) = (0, 0, 0, 0);
    let mut unchecked = Vec::new();
    for node in &party_box.services {
        running += node.service().running;
        desired += node.service().desired;
        healthy += node.healthy;
        registered += node.registered;
        if node.judged_by() == JudgedBy::Running {
            unchecked.push(node.service().name.as_str());
        }
    }
    let services = plural(party_box.services.len(), "service");
    let well = match access::not_looked_at(store).as_slice() {
        [] => "All well".to_owned(),
        unread => format!("All well as far as it could be read (not: {})", unread.join(", ")),
    };
    let mut text = format!("{well}: {services} running {running} of {desired} tasks");
    if party_box.services.iter().any(|node| node.judged_by() == JudgedBy::Targets) {
        text = format!("{text}, {healthy} of {registered} targets healthy");
    }
    if let [first, rest @ ..] = unchecked.as_slice() {
        let others = if rest.is_empty() { String::new() } else { format!(" (+{} more)", rest.len()) };
        text = format!("{text}, no health check of {first}{others}: running counts as up");
    }
    let Some(db) = party_box.databases.iter().find(|d| d.role() != "replica") else { return text };
    let zone = |words: &str, zone: &Option<String>| {
        zone.as_deref().map(|z| format!("{words} {}", zone_letter(z))).unwrap_or_default()
    };
    if let Some(node) = party_box.cluster(&db.id) {
        let writer = node.writer().map(|m| m.zone.clone()).unwrap_or_default();
        let reader = node.candidate().map(|m| m.zone.clone()).unwrap_or_default();
        let (writer, reader) = (zone(", writer in", &writer), zone(", reader in", &reader));
        return format!("{text}; {} {}{writer}{reader}", node.cluster.id, node.cluster.status);
    }
    let (writer, standby) = (zone(" in", &db.zone), zone(", standby in", &db.secondary_zone));
    format!("{text}; {} {}{writer}{standby}", db.id, db.status)
}

/// `1 service`, `2 services`.
pub fn plural(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

/// The short form of a zone: `ap-northeast-1a` -> `1a`.
pub fn zone_letter(zone: &str) -> &str {
    zone.rsplit('-').next().unwrap_or(zone)
}

/// A span in one short unit: `42s`, `3m`, `5h`, `12d`.
pub fn format_span(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
