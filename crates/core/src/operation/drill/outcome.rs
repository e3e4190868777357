//! How a drill ended.

use serde::{Deserialize, Serialize};

/// How a drill ended. Each has its own exit code; the README lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DrillOutcome {
    /// The service was away and came back.
    Recovered,
    /// The failover took place, and no request of the probe failed.
    NoOutageSeen,
    /// AWS accepted the failover and did nothing; why, as far as it told.
    NothingHappened(String),
    /// Requests failed and recovered, but nothing shows that the database failed over.
    Unconfirmed,
    /// The service was still away when the drill ended.
    NotRecovered,
    /// Nothing was seen while we watched.
    NotSeen,
    /// AWS or the program refused the failover; why.
    Refused(String),
    /// No answer to the failover's request, and nothing that shows its effect; why.
    Unclear(String),
    /// The operator ended the drill before its end.
    Left,
}

impl DrillOutcome {
    /// One word or two: stable, for machines.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::NoOutageSeen => "no-outage-seen",
            Self::NothingHappened(_) => "nothing-happened",
            Self::Unconfirmed => "unconfirmed",
            Self::NotRecovered => "not-recovered",
            Self::NotSeen => "not-seen",
            Self::Refused(_) => "refused",
            Self::Unclear(_) => "unclear",
            Self::Left => "left",
        }
    }

    /// One sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Recovered => "the service was away and came back".to_owned(),
            Self::NoOutageSeen => "the database failed over, and no request of the probe failed".to_owned(),
            Self::NothingHappened(why) => format!("AWS accepted the failover, but nothing happened: {why}"),
            Self::Unconfirmed => {
                "requests failed and recovered, but nothing shows that the database failed over".to_owned()
            }
            Self::NotRecovered => "the service was still away when the drill ended".to_owned(),
            Self::NotSeen => "no failover and no outage was seen while we watched".to_owned(),
            Self::Refused(why) => format!("the failover was refused: {why}"),
            Self::Unclear(why) => format!("unclear whether the failover was carried out: {why}"),
            Self::Left => "the drill was left before its end".to_owned(),
        }
    }
}
