//! The outcome of a drill.

use crate::domain::Level;
use serde::{Deserialize, Serialize};
use std::fmt;

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

/// How a drill ended, without its reason: the stable word of a report, where a drill that goes on has one
/// too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeWord {
    /// [`DrillOutcome::Recovered`].
    Recovered,
    /// [`DrillOutcome::NoOutageSeen`].
    NoOutageSeen,
    /// [`DrillOutcome::NothingHappened`].
    NothingHappened,
    /// [`DrillOutcome::Unconfirmed`].
    Unconfirmed,
    /// [`DrillOutcome::NotRecovered`].
    NotRecovered,
    /// [`DrillOutcome::NotSeen`].
    NotSeen,
    /// [`DrillOutcome::Refused`].
    Refused,
    /// [`DrillOutcome::Unclear`].
    Unclear,
    /// [`DrillOutcome::Left`].
    Left,
    /// The drill has not ended.
    UnderWay,
    /// A word of another version of this program.
    #[serde(other)]
    Other,
}

impl OutcomeWord {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Recovered,
        Self::NoOutageSeen,
        Self::NothingHappened,
        Self::Unconfirmed,
        Self::NotRecovered,
        Self::NotSeen,
        Self::Refused,
        Self::Unclear,
        Self::Left,
        Self::UnderWay,
        Self::Other,
    ];

    /// One word or two: stable, for machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::NoOutageSeen => "no-outage-seen",
            Self::NothingHappened => "nothing-happened",
            Self::Unconfirmed => "unconfirmed",
            Self::NotRecovered => "not-recovered",
            Self::NotSeen => "not-seen",
            Self::Refused => "refused",
            Self::Unclear => "unclear",
            Self::Left => "left",
            Self::UnderWay => "under-way",
            Self::Other => "other",
        }
    }

    /// The word with its parts set apart, for people: `no outage seen`.
    pub fn spaced(self) -> String {
        self.word().replace('-', " ")
    }

    /// Its severity. `within`: whether the recovery time is within the target, `None` when there is none.
    ///
    /// A recovery that took longer than its target is bad, as the target is what was promised; one of unknown
    /// length is a warning, as it proves nothing. A drill that was left is a warning: the failover that it
    /// sent may go on unwatched. Where nothing was seen while somebody else's failover was awaited, nothing
    /// is wrong.
    pub fn level(self, within: Option<bool>) -> Level {
        match (self, within) {
            (Self::Recovered, Some(true)) | (Self::NoOutageSeen, _) => Level::Good,
            (Self::Recovered, Some(false)) | (Self::NotRecovered | Self::Refused, _) => Level::Bad,
            (Self::Recovered, None)
            | (Self::NothingHappened | Self::Unconfirmed | Self::Unclear | Self::Left, _) => Level::Warn,
            (Self::NotSeen, _) => Level::Idle,
            (Self::UnderWay, _) => Level::Busy,
            (Self::Other, _) => Level::Unknown,
        }
    }
}

impl fmt::Display for OutcomeWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl DrillOutcome {
    /// The outcome without its reason.
    pub fn word(&self) -> OutcomeWord {
        match self {
            Self::Recovered => OutcomeWord::Recovered,
            Self::NoOutageSeen => OutcomeWord::NoOutageSeen,
            Self::NothingHappened(_) => OutcomeWord::NothingHappened,
            Self::Unconfirmed => OutcomeWord::Unconfirmed,
            Self::NotRecovered => OutcomeWord::NotRecovered,
            Self::NotSeen => OutcomeWord::NotSeen,
            Self::Refused(_) => OutcomeWord::Refused,
            Self::Unclear(_) => OutcomeWord::Unclear,
            Self::Left => OutcomeWord::Left,
        }
    }

    /// How serious it is: [`OutcomeWord::level`].
    pub fn level(&self, within: Option<bool>) -> Level {
        self.word().level(within)
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
