//! ECR repositories: what a push to them does.

use super::ImageId;
use serde::{Deserialize, Serialize};

/// An ECR repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Name.
    pub name: String,
    /// Registry account id (12 digits); empty in recordings that are older than it.
    #[serde(default)]
    pub registry: String,
    /// `MUTABLE`, `IMMUTABLE`, `IMMUTABLE_WITH_EXCLUSION`, `MUTABLE_WITH_EXCLUSION`, as ECR says it.
    pub mutability: String,
    /// The tags that the mutability does not hold for, e.g. `dev-*`.
    #[serde(default)]
    pub exclusions: Vec<String>,
    /// `AES256`, `KMS`, ...
    pub encryption: Option<String>,
    /// Its own setting of a basic scan at each push. The registry's configuration counts before it.
    pub scan_on_push: bool,
    /// What the registry's scanning configuration says of it.
    #[serde(default)]
    pub registry_scans: RegistryScans,
    /// The lifecycle policy's rules, one sentence each; empty = no policy.
    pub lifecycle: Vec<String>,
}

/// What `GetRegistryScanningConfiguration` says of a repository.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RegistryScanningConfiguration.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegistryScans {
    /// Not read: another account's registry, or what the reading lacks.
    #[default]
    Unread,
    /// Read.
    Told {
        /// `BASIC` or `ENHANCED`, as ECR says it.
        kind: String,
        /// `SCAN_ON_PUSH`, `CONTINUOUS_SCAN` or `MANUAL`, of the rules whose filters the name passes; `None`
        /// when it passes none.
        frequency: Option<String>,
    },
}

/// When the images of a repository are scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanTrigger {
    /// Again and again, by Inspector.
    Continuous,
    /// When they are pushed.
    Push,
    /// When somebody asks for it, and never otherwise.
    Manual,
    /// Its own setting says no, and the registry's was not read.
    Unknown,
}

impl ScanTrigger {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Continuous => "scanned continuously",
            Self::Push => "scans on push",
            Self::Manual => "no scan on push",
            Self::Unknown => "scan on push unknown",
        }
    }
}

impl Repository {
    /// Whether an image is one of it.
    pub fn is_of(&self, image: &ImageId) -> bool {
        self.name == image.repository && (self.registry.is_empty() || self.registry == image.registry)
    }

    /// When its images are scanned. The registry's configuration counts before the repository's own setting,
    /// which `ENHANCED` scanning does not look at.
    /// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html>
    pub fn scan_trigger(&self) -> ScanTrigger {
        let own = if self.scan_on_push { ScanTrigger::Push } else { ScanTrigger::Manual };
        match &self.registry_scans {
            RegistryScans::Told { kind, frequency } => match frequency.as_deref() {
                Some("CONTINUOUS_SCAN") => ScanTrigger::Continuous,
                Some("SCAN_ON_PUSH") => ScanTrigger::Push,
                _ if kind == "ENHANCED" => ScanTrigger::Manual,
                _ => own,
            },
            RegistryScans::Unread if self.scan_on_push => own,
            RegistryScans::Unread => ScanTrigger::Unknown,
        }
    }

    /// Which tags may be moved to another image.
    /// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html>
    pub fn mutability_words(&self) -> String {
        let tags = if self.exclusions.is_empty() { "some".to_owned() } else { self.exclusions.join(", ") };
        match self.mutability.as_str() {
            "IMMUTABLE" => "tags immutable".to_owned(),
            "MUTABLE" => "tags mutable".to_owned(),
            "IMMUTABLE_WITH_EXCLUSION" => format!("tags immutable, but {tags} may move"),
            "MUTABLE_WITH_EXCLUSION" => format!("tags mutable, but {tags} stay"),
            "" => "tags: mutability unknown".to_owned(),
            other => format!("tags {}", other.to_lowercase().replace('_', " ")),
        }
    }

    /// Whether no tag can be moved, so that a tag always means the same image.
    pub fn is_immutable(&self) -> bool {
        self.mutability == "IMMUTABLE"
    }
}

/// Whether a repository's name passes a filter of the registry's scanning configuration: without a `*` it must
/// be contained, with one the whole name must be like it.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html>
pub fn passes_scan_filter(filter: &str, name: &str) -> bool {
    if !filter.contains('*') {
        return name.contains(filter);
    }
    let mut parts = filter.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_pass_what_they_are_like() {
        for (filter, name, passes) in [
            ("*", "party-box/backend", true),
            ("backend", "party-box/backend", true),
            ("party-box/*", "party-box/backend", true),
            ("*/backend", "party-box/backend", true),
            ("party*back*d", "party-box/backend", true),
            ("prod*", "party-box/backend", false),
            ("*frontend", "party-box/backend", false),
            ("party-box/back", "other", false),
            ("party*x", "party-box", true),
            ("*box", "party-box/backend", false),
        ] {
            assert_eq!(passes_scan_filter(filter, name), passes, "{filter} {name}");
        }
    }

    #[test]
    fn the_registry_counts_before_the_repository() {
        let of = |kind: &str, frequency: Option<&str>, own| Repository {
            scan_on_push: own,
            registry_scans: RegistryScans::Told { kind: kind.into(), frequency: frequency.map(Into::into) },
            ..Repository::default()
        };
        for (repository, meant) in [
            (of("ENHANCED", Some("CONTINUOUS_SCAN"), false), ScanTrigger::Continuous),
            (of("ENHANCED", Some("SCAN_ON_PUSH"), false), ScanTrigger::Push),
            (of("ENHANCED", None, true), ScanTrigger::Manual),
            (of("BASIC", Some("SCAN_ON_PUSH"), false), ScanTrigger::Push),
            (of("BASIC", Some("MANUAL"), false), ScanTrigger::Manual),
            (of("BASIC", None, true), ScanTrigger::Push),
            (Repository { scan_on_push: true, ..Repository::default() }, ScanTrigger::Push),
            (Repository::default(), ScanTrigger::Unknown),
        ] {
            assert_eq!(repository.scan_trigger(), meant, "{repository:?}");
        }
    }

    #[test]
    fn mutability_says_which_tags_may_move() {
        let of = |mutability: &str| Repository {
            mutability: mutability.into(),
            exclusions: vec!["latest".into(), "dev-*".into()],
            ..Repository::default()
        };
        for (mutability, words) in [
            ("IMMUTABLE_WITH_EXCLUSION", "tags immutable, but latest, dev-* may move"),
            ("MUTABLE_WITH_EXCLUSION", "tags mutable, but latest, dev-* stay"),
            ("IMMUTABLE", "tags immutable"),
            ("SOMETHING_NEW", "tags something new"),
        ] {
            assert_eq!(of(mutability).mutability_words(), words);
        }
        assert!(of("IMMUTABLE").is_immutable() && !of("IMMUTABLE_WITH_EXCLUSION").is_immutable());
    }
}
