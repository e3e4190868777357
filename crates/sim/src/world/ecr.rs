//! ECR: repositories, images and what scanning found in them.
use std::collections::BTreeMap;

use super::Time;
use super::ecs::ImageFault;

/// Everything that the ECR API knows.
#[derive(Debug, Clone, Default)]
pub struct Ecr {
    /// The repositories.
    pub repositories: Vec<Repository>,
    /// Repositories of other registries that tasks pull from. The API knows nothing of them.
    pub elsewhere: Vec<Repository>,
    /// The last preview of a lifecycle policy for each repository, by its name.
    pub previews: BTreeMap<String, Preview>,
    /// How the registry has them scanned.
    pub scanning: RegistryScanning,
}

/// The registry's scanning configuration.
#[derive(Debug, Clone)]
pub struct RegistryScanning {
    /// `BASIC` or `ENHANCED`.
    pub scan_type: &'static str,
    /// (frequency, filters of repository names) of each rule; none in a registry that nobody configured.
    pub rules: Vec<(&'static str, Vec<String>)>,
}

impl Default for RegistryScanning {
    fn default() -> Self {
        Self { scan_type: "BASIC", rules: Vec::new() }
    }
}

/// A preview of a lifecycle policy.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The policy, as JSON text.
    pub policy: String,
    /// When it is complete.
    pub complete_at: Time,
}

impl Ecr {
    /// The repository with this name.
    pub fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories.iter().find(|each| each.name == name)
    }

    /// The image with this digest, in whichever repository.
    pub fn by_digest(&self, digest: &str) -> Option<&Image> {
        self.repositories.iter().chain(&self.elsewhere).find_map(|repository| repository.by_digest(digest))
    }

    /// The repository that an image is pulled from.
    pub fn repository_of(&mut self, image: &str) -> Option<&mut Repository> {
        let own = |each: &&mut Repository| {
            image.strip_prefix(&each.uri).is_some_and(|rest| rest.starts_with([':', '@']))
        };
        self.repositories.iter_mut().chain(&mut self.elsewhere).find(own)
    }

    /// The image that `REGISTRY/NAME:TAG` or `REGISTRY/NAME@DIGEST` names now.
    pub fn resolve(&self, image: &str) -> Option<&Image> {
        let found = self.repositories.iter().chain(&self.elsewhere).find_map(|repository| {
            let rest = image.strip_prefix(&repository.uri).or_else(|| {
                // The same registry by another of its hosts, such as the one that answers on IPv6 too.
                let (host, path) = image.split_once('/')?;
                let own = host.starts_with(&repository.registry_id) && host.contains("ecr");
                path.strip_prefix(repository.name.as_str()).filter(|_| own)
            })?;
            if let Some(digest) = rest.strip_prefix('@') {
                repository.by_digest(digest)
            } else {
                repository.by_tag(rest.strip_prefix(':')?)
            }
        });
        // An archived image cannot be pulled.
        found.filter(|image| image.archived_at.is_none())
    }
}

/// A repository.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Its name, e.g. `party-box/backend`.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The account id.
    pub registry_id: String,
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`.
    pub uri: String,
    /// When it was created.
    pub created_at: Time,
    /// `MUTABLE`, `IMMUTABLE`, or either `_WITH_EXCLUSION`.
    pub tag_mutability: &'static str,
    /// The tags that the mutability does not hold for, e.g. `dev-*`.
    pub tag_exclusions: Vec<String>,
    /// Whether images are scanned when pushed.
    pub scan_on_push: bool,
    /// `AES256`.
    pub encryption: &'static str,
    /// The lifecycle policy as JSON text.
    pub lifecycle_policy: Option<String>,
    /// When the lifecycle policy was last applied.
    pub lifecycle_evaluated_at: Option<Time>,
    /// Its images, oldest first.
    pub images: Vec<Image>,
}

impl Repository {
    /// The image with this digest.
    pub fn by_digest(&self, digest: &str) -> Option<&Image> {
        self.images.iter().find(|each| each.digest == digest)
    }

    /// The image that this tag names.
    pub fn by_tag(&self, tag: &str) -> Option<&Image> {
        self.images.iter().rev().find(|each| each.tags.iter().any(|own| own == tag))
    }
}

/// An image.
#[derive(Debug, Clone, Default)]
pub struct Image {
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Its tags; none once a newer image took them.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: Time,
    /// When it was last pulled.
    pub last_pulled_at: Option<Time>,
    /// Compressed size in bytes.
    pub size_bytes: u64,
    /// When its scan ended, or will end; `None` was never scanned.
    pub scanned_at: Option<Time>,
    /// What its scan comes to.
    pub scan_outcome: ScanOutcome,
    /// The images in it, when it is an index: (architecture, digest).
    pub index: Vec<(&'static str, String)>,
    /// When it was archived, if it is.
    pub archived_at: Option<Time>,
    /// What the scan found.
    pub findings: Vec<Finding>,
    /// What is wrong with it when it runs.
    pub fault: ImageFault,
}

/// What the scan of an image comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScanOutcome {
    /// `COMPLETE`, with its findings.
    #[default]
    Complete,
    /// `FAILED`.
    Failed,
    /// `UNSUPPORTED_IMAGE`: nothing in it that the scanner knows.
    Unsupported,
}

impl Image {
    /// How many findings there are of each severity, the worst first; severities without any are left out.
    pub fn severity_counts(&self) -> Vec<(&'static str, u32)> {
        ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"]
            .into_iter()
            .filter_map(|severity| {
                let found = self.findings.iter().filter(|each| each.severity == severity);
                let count = u32::try_from(found.count()).unwrap_or(u32::MAX);
                (count > 0).then_some((severity, count))
            })
            .collect()
    }
}

/// A vulnerability that basic scanning found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// e.g. `CVE-2024-37371`.
    pub name: String,
    /// e.g. `HIGH`.
    pub severity: &'static str,
    /// What it is.
    pub description: String,
    /// Where to read more.
    pub uri: String,
    /// The package it is in.
    pub package: String,
    /// The package's version.
    pub package_version: String,
    /// The CVSS 3 score.
    pub cvss_score: String,
}
