//! Exit codes: what a command tells a script. Scripts rely on them, so each is written down once, here, with
//! its meaning.

use crate::domain::Level;
use crate::operation::Verdict;
use crate::operation::drill::OutcomeWord;

/// How a command ended. Several may share a code, as each command has its own list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// An operation or a rollout succeeded, or what was asked for is done.
    Succeeded,
    /// Nothing was looked at, or nothing was sent.
    NotBegun,
    /// It failed.
    Failed,
    /// It was not sent, or AWS did not take it.
    Refused,
    /// ECS went back to the revision before.
    RolledBack,
    /// Another change took over.
    Superseded,
    /// Its end was not seen.
    TimedOut,
    /// It ended without success or failure.
    Stopped,
    /// The request has no answer.
    Unclear,
    /// A drill recovered in time, or there was nothing to recover from.
    WithinTarget,
    /// A drill recovered too late.
    OverTarget,
    /// A drill sent nothing.
    DrillNotBegun,
    /// A drill ended before the service was back.
    NotRecovered,
    /// A drill's failover was not sent, or AWS did not take it.
    DrillRefused,
    /// A drill that only observes saw nothing.
    NothingSeen,
    /// A drill had no effect, or its end was not waited for.
    NothingHappened,
    /// A drill whose readings prove nothing.
    DrillUnclear,
    /// `status`: all well.
    Healthy,
    /// `status`: somebody should look.
    Degraded,
    /// `status`: there is nothing to judge by.
    CouldNotLook,
    /// `status`: something is broken.
    Critical,
}

impl ExitStatus {
    /// Those of `watch`, `scale`, `redeploy`, `rollback` and `stop`, in the order of their codes.
    pub const OPERATION: [Self; 9] = [
        Self::Succeeded,
        Self::NotBegun,
        Self::Failed,
        Self::Refused,
        Self::RolledBack,
        Self::Superseded,
        Self::TimedOut,
        Self::Stopped,
        Self::Unclear,
    ];

    /// Those of `drill`, in the order of their codes.
    pub const DRILL: [Self; 8] = [
        Self::WithinTarget,
        Self::OverTarget,
        Self::DrillNotBegun,
        Self::NotRecovered,
        Self::DrillRefused,
        Self::NothingSeen,
        Self::NothingHappened,
        Self::DrillUnclear,
    ];

    /// Those of `status`, in the order of their codes.
    pub const STATUS: [Self; 4] = [Self::Healthy, Self::Degraded, Self::CouldNotLook, Self::Critical];

    /// The code itself.
    pub fn code(self) -> u8 {
        match self {
            Self::Succeeded | Self::WithinTarget | Self::Healthy => 0,
            Self::OverTarget | Self::Degraded => 1,
            Self::NotBegun | Self::DrillNotBegun | Self::CouldNotLook => 2,
            Self::Failed | Self::NotRecovered | Self::Critical => 3,
            Self::Refused | Self::DrillRefused => 4,
            Self::RolledBack => 5,
            Self::Superseded => 6,
            Self::TimedOut | Self::NothingSeen => 7,
            Self::Stopped | Self::NothingHappened => 8,
            Self::Unclear | Self::DrillUnclear => 9,
        }
    }

    /// What it means, for the documentation.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded (without `--wait`: accepted; with `--dry-run`: it could be sent)",
            Self::NotBegun => "could not look, no such thing, or not confirmed",
            Self::Failed => "failed",
            Self::Refused => "a check forbids it, or it was refused",
            Self::RolledBack => "rolled back",
            Self::Superseded => "superseded by another change",
            Self::TimedOut => "not seen to end in time",
            Self::Stopped => "stopped, scaled to zero, or accepted and then nothing happened",
            Self::Unclear => "no answer: it may or may not have been carried out",
            Self::WithinTarget => {
                "recovered within the target, or no outage seen (with `--dry-run`: it could be sent)"
            }
            Self::OverTarget => "recovered, but over the target (`--target-rto`, 120 s unless set)",
            Self::DrillNotBegun => "could not begin: nothing was sent",
            Self::NotRecovered => {
                "not recovered when the drill ended (after 30 minutes, or what `--for` says)"
            }
            Self::DrillRefused => "a check forbids it, or AWS refused it",
            Self::NothingSeen => "`--observe`: nothing was seen",
            Self::NothingHappened => "accepted and then nothing happened; or left before its end",
            Self::DrillUnclear => {
                "unclear: no answer to the request, an outage without any sign of a failover, or one that had begun before the probe"
            }
            Self::Healthy => "healthy (also: changing as it should)",
            Self::Degraded => "degraded",
            Self::CouldNotLook => "could not look",
            Self::Critical => "critical",
        }
    }

    /// Of a drill; `within`: whether its recovery time is within the target, `None` when there is none.
    pub fn of_drill(outcome: OutcomeWord, within: Option<bool>) -> Self {
        match (outcome, within) {
            (OutcomeWord::Recovered, Some(true)) | (OutcomeWord::NoOutageSeen, _) => Self::WithinTarget,
            (OutcomeWord::Recovered, Some(false)) => Self::OverTarget,
            (OutcomeWord::NotRecovered, _) => Self::NotRecovered,
            (OutcomeWord::Refused, _) => Self::DrillRefused,
            (OutcomeWord::NotSeen, _) => Self::NothingSeen,
            (OutcomeWord::NothingHappened | OutcomeWord::Left, _) => Self::NothingHappened,
            (OutcomeWord::Recovered, None)
            | (
                OutcomeWord::Unconfirmed | OutcomeWord::Unclear | OutcomeWord::UnderWay | OutcomeWord::Other,
                _,
            ) => Self::DrillUnclear,
        }
    }

    /// Of `status`: how serious the worst finding is.
    pub fn of_status(worst: Level) -> Self {
        match worst {
            Level::Idle | Level::Good | Level::Busy => Self::Healthy,
            Level::Warn => Self::Degraded,
            Level::Unknown => Self::CouldNotLook,
            Level::Bad => Self::Critical,
        }
    }
}

impl From<&Verdict> for ExitStatus {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Succeeded => Self::Succeeded,
            Verdict::Failed(_) => Self::Failed,
            Verdict::Refused(_) => Self::Refused,
            Verdict::RolledBack(_) => Self::RolledBack,
            Verdict::Superseded(_) => Self::Superseded,
            Verdict::TimedOut => Self::TimedOut,
            Verdict::Stopped(_) | Verdict::ScaledToZero | Verdict::NothingHappened(_) => Self::Stopped,
            Verdict::Unclear(_) => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds a list of exit codes against the tables of a document.
    fn documented(document: &str, all: &[ExitStatus]) {
        for status in all {
            let row = format!("| {} | {} |", status.code(), status.meaning());
            assert!(document.lines().any(|line| line == row), "missing: {row}");
        }
        assert!(all.is_sorted_by_key(|status| status.code()));
    }

    #[test]
    fn the_readme_lists_them() {
        let readme = include_str!("../../../../README.md");
        documented(readme, &ExitStatus::OPERATION);
        documented(readme, &ExitStatus::DRILL);
    }

    #[test]
    fn the_format_of_a_drill_lists_the_code_of_each_outcome() {
        let document = include_str!("../../../../docs/drill-json.md");
        for outcome in OutcomeWord::ALL {
            if matches!(outcome, OutcomeWord::UnderWay | OutcomeWord::Other) {
                continue;
            }
            let code = |within| ExitStatus::of_drill(outcome, within).code();
            let codes = match (code(Some(true)), code(Some(false))) {
                (one, other) if one == other => one.to_string(),
                (one, other) => format!("{one} or {other}"),
            };
            let row = format!("| `{outcome}` | {codes} |");
            assert!(document.lines().any(|line| line.starts_with(&row)), "missing: {row}");
        }
    }
}
