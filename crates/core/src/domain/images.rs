//! Container images, repositories and scan findings, in ECR's own words.

use super::Level;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which image: a repository of a registry and a digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ImageId {
    /// Registry account id (12 digits).
    pub registry: String,
    /// Repository name, e.g. `party-box/backend`.
    pub repository: String,
    /// `sha256:...`.
    pub digest: String,
}

/// What ECR knows of an image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Tags that point at this digest now.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: Option<DateTime<Utc>>,
    /// Compressed size, bytes.
    pub size_bytes: Option<u64>,
    /// What the scan found; of an index, that of the image in it that runs.
    pub scan: Scan,
    /// `ACTIVE`, `ARCHIVED` or `ACTIVATING`, as ECR says it; `None` when it says nothing.
    #[serde(default)]
    pub status: Option<String>,
    /// The images in it, when it is an index of several.
    #[serde(default)]
    pub index: Vec<IndexedImage>,
}

impl Image {
    /// Why it cannot be pulled, if that is so.
    pub fn pull_block(&self) -> Option<PullBlock> {
        PullBlock::of_status(self.status.as_deref())
    }
}

/// Why an image cannot be pulled; a task that needs it does not start.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PullBlock {
    /// `ARCHIVED`.
    Archived,
    /// `ACTIVATING`.
    Activating,
    /// Its repository does not have it any more.
    Gone,
}

impl PullBlock {
    /// The reason in an `imageStatus`.
    pub(super) fn of_status(status: Option<&str>) -> Option<Self> {
        match status? {
            "ARCHIVED" => Some(Self::Archived),
            "ACTIVATING" => Some(Self::Activating),
            _ => None,
        }
    }

    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Archived => "archived",
            Self::Activating => "activating",
            Self::Gone => "gone",
        }
    }

    /// In words that follow "is".
    pub fn words(self) -> &'static str {
        match self {
            Self::Archived => "archived: it cannot be pulled until it is restored",
            Self::Activating => "being restored from the archive: it cannot be pulled yet",
            Self::Gone => "gone from its repository: it cannot be pulled",
        }
    }
}

/// An image in an index (a manifest list): one for each platform. ECR scans these, not the index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedImage {
    /// E.g. `linux/amd64`.
    pub platform: String,
    /// `sha256:...`.
    pub digest: String,
}

/// The state of an image's vulnerability scan.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Scan {
    /// `ScanNotFoundException`: nobody has scanned it. Not the same as "no findings".
    #[default]
    Never,
    /// Could not be read: the reason (shown as it is).
    Unreadable(String),
    /// It is an index: ECR scans the images in it, not it. Why those are not known.
    Index(String),
    /// Nobody is asked for it, since it is not in this Region's ECR. Why.
    NotAsked(String),
    /// Scanned, or being scanned.
    Done {
        /// `COMPLETE`, `ACTIVE`, `IN_PROGRESS`, `FAILED`, ... as ECR says it.
        status: String,
        /// When it completed.
        at: Option<DateTime<Utc>>,
        /// Severity -> count: `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFORMATIONAL`, `UNDEFINED`.
        counts: BTreeMap<String, u32>,
        /// The worst findings, worst first, at most 50.
        findings: Vec<Vulnerability>,
    },
}

/// What a `ScanStatus` of ECR means.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanState {
    /// Whether what it counts is all that there is to know.
    pub complete: bool,
    /// In a few words; `None` for a status that we never heard of.
    pub word: Option<&'static str>,
    /// The level of an image of which nothing worse is known.
    pub level: Level,
}

impl ScanState {
    /// The meaning of a status.
    pub fn of(status: &str) -> Self {
        let open = |word| Self { complete: false, word: Some(word), level: Level::Unknown };
        match status {
            // ACTIVE: Inspector scans it continuously.
            "COMPLETE" | "ACTIVE" => Self { complete: true, word: Some("scanned"), level: Level::Good },
            "PENDING" => open("pending"),
            "IN_PROGRESS" => open("in progress"),
            "FAILED" => open("failed"),
            "UNSUPPORTED_IMAGE" => open("cannot be scanned"),
            "SCAN_ELIGIBILITY_EXPIRED" => open("no longer scanned"),
            "FINDINGS_UNAVAILABLE" => open("no findings told"),
            "LIMIT_EXCEEDED" => open("limit exceeded"),
            "IMAGE_ARCHIVED" => open("archived"),
            "" => open("not told"),
            _ => Self { complete: false, word: None, level: Level::Warn },
        }
    }
}

impl Scan {
    /// Whether what it found is known.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Done { status, .. } if ScanState::of(status).complete)
    }

    /// Whether it goes on, so that it is worth looking again soon.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Done { status, .. } if matches!(status.as_str(), "IN_PROGRESS" | "PENDING"))
    }

    /// How many vulnerabilities of a severity it found; `None` when that is not known. A scan that has not
    /// ended counts what it found so far, and no count is not a count of zero.
    pub fn counted(&self, severity: &str) -> Option<u32> {
        match self {
            Self::Done { counts, .. } if self.is_complete() || !counts.is_empty() => {
                Some(counts.get(severity).copied().unwrap_or(0))
            }
            _ => None,
        }
    }

    /// The same, with zero for what is not known.
    pub fn count(&self, severity: &str) -> u32 {
        self.counted(severity).unwrap_or(0)
    }

    /// The worst severity that it found and that is told by itself: `CRITICAL` or `HIGH`.
    pub fn worst(&self) -> Option<&'static str> {
        ["CRITICAL", "HIGH"].into_iter().find(|severity| self.count(severity) > 0)
    }

    /// How serious what it found is: the worst of its vulnerabilities, counted also by a scan that has not
    /// ended. What nobody scanned, or not to the end, is not known to be good.
    pub fn level(&self) -> Level {
        let found = self.worst().map(severity_level);
        match self {
            Self::Done { status, .. } => {
                let state = ScanState::of(status);
                if state.complete {
                    found.unwrap_or(state.level)
                } else {
                    state.level.max(found.unwrap_or_default())
                }
            }
            Self::NotAsked(_) => Level::Idle,
            Self::Never | Self::Unreadable(_) | Self::Index(_) => Level::Unknown,
        }
    }

    /// What it says in a few words: how it stands where it is not complete, else the worst that it found.
    pub fn word(&self) -> String {
        match self {
            Self::Never => "never scanned".to_owned(),
            Self::Unreadable(_) => "unreadable".to_owned(),
            Self::Index(_) => "an index".to_owned(),
            Self::NotAsked(_) => "no scan here".to_owned(),
            Self::Done { status, .. } => match (ScanState::of(status), self.worst()) {
                (ScanState { complete: true, .. }, Some(severity)) => severity.to_lowercase(),
                (ScanState { word: Some(word), .. }, _) => word.to_owned(),
                _ => status.to_lowercase().replace('_', " "),
            },
        }
    }

    /// Why nothing is known of what it found, as a sentence without its subject; `None` when it is complete.
    pub fn open_sentence(&self) -> Option<String> {
        let told = match self {
            Self::Done { .. } if self.is_complete() => return None,
            Self::Done { status, .. } => match status.as_str() {
                "PENDING" | "IN_PROGRESS" => "is being scanned".to_owned(),
                "FAILED" => "runs and its scan failed".to_owned(),
                "UNSUPPORTED_IMAGE" => "cannot be scanned: ECR does not support the image".to_owned(),
                "SCAN_ELIGIBILITY_EXPIRED" => "is no longer scanned: its scan eligibility expired".to_owned(),
                "FINDINGS_UNAVAILABLE" => "has a scan whose findings ECR does not tell now".to_owned(),
                "LIMIT_EXCEEDED" => "was not scanned: a limit of scanning is exceeded".to_owned(),
                "IMAGE_ARCHIVED" => "is archived: it is not scanned".to_owned(),
                "" => "has a scan whose state ECR does not tell".to_owned(),
                other => format!("has a scan that is {other}: what it has is not known"),
            },
            Self::Never => "runs and was never scanned".to_owned(),
            Self::Unreadable(why) => format!("has a scan that could not be read: {why}"),
            Self::Index(why) => format!("is an index: its images are scanned, not it ({why})"),
            Self::NotAsked(why) => format!("is not looked up: {why}"),
        };
        Some(told)
    }
}

/// How serious a vulnerability of ECR's severity is. A critical one puts at risk what works, so it is a
/// warning; it breaks nothing tonight, and one of less weight is a note.
pub fn severity_level(severity: &str) -> Level {
    if severity == "CRITICAL" { Level::Warn } else { Level::Idle }
}

/// One vulnerability.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vulnerability {
    /// E.g. `CVE-2026-1234`.
    pub name: String,
    /// Severity as ECR says it.
    pub severity: String,
    /// Package and version, when given.
    pub package: Option<String>,
    /// Where to read on.
    pub uri: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(status: &str, counts: &[(&str, u32)]) -> Scan {
        let counts = counts.iter().map(|(severity, n)| ((*severity).to_owned(), *n)).collect();
        Scan::Done { status: status.into(), at: None, counts, findings: Vec::new() }
    }

    #[test]
    fn a_scan_that_is_not_complete_is_never_good_and_counts_nothing() {
        for (status, word, level) in [
            ("PENDING", "pending", Level::Unknown),
            ("IN_PROGRESS", "in progress", Level::Unknown),
            ("FAILED", "failed", Level::Unknown),
            ("UNSUPPORTED_IMAGE", "cannot be scanned", Level::Unknown),
            ("SCAN_ELIGIBILITY_EXPIRED", "no longer scanned", Level::Unknown),
            ("FINDINGS_UNAVAILABLE", "no findings told", Level::Unknown),
            ("LIMIT_EXCEEDED", "limit exceeded", Level::Unknown),
            ("IMAGE_ARCHIVED", "archived", Level::Unknown),
            ("QUANTUM_SCAN", "quantum scan", Level::Warn),
        ] {
            let scan = done(status, &[]);
            assert_eq!((scan.level(), scan.word().as_str()), (level, word), "{status}");
            assert_eq!(scan.counted("LOW"), None, "{status}");
            assert!(scan.open_sentence().is_some(), "{status}");
            // What it found so far counts, and its own word stands first.
            let scan = done(status, &[("HIGH", 2)]);
            assert_eq!((scan.level(), scan.word().as_str()), (level, word), "{status}");
            assert_eq!((scan.counted("HIGH"), scan.counted("LOW")), (Some(2), Some(0)), "{status}");
            assert_eq!(done(status, &[("CRITICAL", 1)]).level(), Level::Warn, "{status}");
        }
    }

    #[test]
    fn a_complete_scan_says_the_worst_that_it_found() {
        for status in ["COMPLETE", "ACTIVE"] {
            let clean = done(status, &[]);
            assert_eq!((clean.level(), clean.word().as_str()), (Level::Good, "scanned"));
            assert_eq!((clean.counted("CRITICAL"), clean.open_sentence()), (Some(0), None));
            let found = done(status, &[("CRITICAL", 1), ("HIGH", 3)]);
            assert_eq!((found.level(), found.word().as_str()), (Level::Warn, "critical"));
            assert_eq!(done(status, &[("HIGH", 3)]).level(), Level::Idle);
        }
    }
}
