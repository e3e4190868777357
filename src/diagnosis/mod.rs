//! Diagnosis: what is wrong or risky in a Party Box, why, and which key to press.

use crate::domain::Level;

/// Something wrong or risky, with evidence and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub level: Level,
    /// Of what.
    pub subject: Subject,
    /// One sentence with the evidence in it.
    pub text: String,
    /// What to do, if there is something: often a key.
    pub advice: Option<String>,
}

/// What a finding or an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

/// How the Party Box is: the answer first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    /// The worst level of what matters now.
    pub level: Level,
    /// One sentence: how it is and, when not well, why and what it waits for.
    pub headline: String,
    /// All findings, worst first.
    pub findings: Vec<Finding>,
}
