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
    /// What the scan found.
    pub scan: Scan,
}

/// The state of an image's vulnerability scan.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Scan {
    /// `ScanNotFoundException`: nobody has scanned it. Not the same as "no findings".
    #[default]
    Never,
    /// Could not be read: the reason (shown as it is).
    Unreadable(String),
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

impl Scan {
    /// Whether what it found is known.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Done { status, .. } if matches!(status.as_str(), "COMPLETE" | "ACTIVE"))
    }

    /// How many vulnerabilities of a severity it found.
    pub fn count(&self, severity: &str) -> u32 {
        match self {
            Self::Done { counts, .. } => counts.get(severity).copied().unwrap_or(0),
            Self::Never | Self::Unreadable(_) => 0,
        }
    }

    /// How serious what it found is: the worst of its vulnerabilities, counted also by a scan that has not
    /// ended. What nobody scanned is not known to be good.
    pub fn level(&self) -> Level {
        let found = |severity: &&str| self.count(severity) > 0;
        match ["CRITICAL", "HIGH"].into_iter().find(found) {
            Some(severity) => severity_level(severity),
            None if self.is_complete() => Level::Good,
            None => Level::Unknown,
        }
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

/// An ECR repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Name.
    pub name: String,
    /// `MUTABLE`, `IMMUTABLE`, ...
    pub mutability: String,
    /// `AES256`, `KMS`, ...
    pub encryption: Option<String>,
    /// Basic scanning at each push.
    pub scan_on_push: bool,
    /// The lifecycle policy's rules, one sentence each; empty = no policy.
    pub lifecycle: Vec<String>,
}

/// An image reference that leads to ECR: `123456789012.dkr.ecr.REGION.amazonaws.com/repo:tag` or
/// `...@sha256:...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrReference {
    /// Registry account id (12 digits).
    pub registry: String,
    /// Repository name, e.g. `party-box/backend`.
    pub repository: String,
    /// The tag, when it names one.
    pub tag: Option<String>,
}

impl EcrReference {
    /// Takes an image reference apart; `None` when it does not lead to ECR.
    pub fn parse(image: &str) -> Option<Self> {
        let (host, path) = image.split_once('/')?;
        let (registry, rest) = host.split_once(".dkr.ecr.")?;
        if !rest.contains("amazonaws.com") {
            return None;
        }
        let path = path.split('@').next().unwrap_or(path);
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag.to_owned())),
            None => (path, None),
        };
        Some(Self { registry: registry.to_owned(), repository: repository.to_owned(), tag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_ecr_references_apart() {
        let host = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com";
        let reference = |repository: &str, tag: Option<&str>| {
            Some(EcrReference {
                registry: "123456789012".into(),
                repository: repository.into(),
                tag: tag.map(str::to_owned),
            })
        };
        let of = EcrReference::parse;
        assert_eq!(
            of(&format!("{host}/party-box/backend:v1.2")),
            reference("party-box/backend", Some("v1.2"))
        );
        assert_eq!(of(&format!("{host}/web@sha256:abc")), reference("web", None));
        assert_eq!(of("nginx:latest"), None);
        assert_eq!(of("public.ecr.aws/nginx/nginx:1"), None);
    }
}
