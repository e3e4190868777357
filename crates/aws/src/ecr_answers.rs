//! The parts of ECR's answers that are read.

use super::json_protocol::EpochSeconds;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeImagesOutput {
    pub(super) image_details: Option<Vec<ImageDetail>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "ECR's own names")]
pub(super) struct ImageDetail {
    pub(super) image_digest: Option<String>,
    pub(super) image_tags: Option<Vec<String>>,
    pub(super) image_pushed_at: Option<EpochSeconds>,
    pub(super) image_size_in_bytes: Option<i64>,
    pub(super) image_manifest_media_type: Option<String>,
    pub(super) image_status: Option<String>,
}

impl ImageDetail {
    /// Whether it is a list of images, one for each platform: an OCI index, or Docker's manifest list.
    pub(super) fn is_index(&self) -> bool {
        self.image_manifest_media_type.as_deref().is_some_and(|kind| INDEXES.contains(&kind))
    }
}

/// The media types of an index. <https://github.com/opencontainers/image-spec/blob/main/image-index.md>
pub(super) const INDEXES: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];

#[derive(Debug, Deserialize)]
pub(super) struct BatchGetImageOutput {
    pub(super) images: Option<Vec<ManifestOfImage>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ManifestOfImage {
    pub(super) image_id: Option<ImageIdentifier>,
    pub(super) image_manifest: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageIdentifier {
    pub(super) image_digest: Option<String>,
}

/// The JSON text of an index.
#[derive(Debug, Default, Deserialize)]
pub(super) struct IndexManifest {
    #[serde(default)]
    pub(super) manifests: Vec<IndexEntry>,
}

#[derive(Debug, Deserialize)]
pub(super) struct IndexEntry {
    pub(super) digest: String,
    pub(super) platform: Option<IndexPlatform>,
}

#[derive(Debug, Deserialize)]
pub(super) struct IndexPlatform {
    #[serde(default)]
    pub(super) architecture: String,
    #[serde(default)]
    pub(super) os: String,
    pub(super) variant: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetRegistryScanningConfigurationOutput {
    pub(super) registry_id: Option<String>,
    pub(super) scanning_configuration: Option<RegistryScanningConfiguration>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegistryScanningConfiguration {
    pub(super) scan_type: Option<String>,
    #[serde(default)]
    pub(super) rules: Vec<RegistryScanningRule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegistryScanningRule {
    #[serde(default)]
    pub(super) scan_frequency: String,
    #[serde(default)]
    pub(super) repository_filters: Vec<NameFilter>,
}

/// A filter of names or tags with `*`.
#[derive(Debug, Deserialize)]
pub(super) struct NameFilter {
    #[serde(default)]
    pub(super) filter: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeImageScanFindingsOutput {
    pub(super) image_scan_status: Option<ImageScanStatus>,
    pub(super) image_scan_findings: Option<ImageScanFindings>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ImageScanStatus {
    pub(super) status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageScanFindings {
    pub(super) image_scan_completed_at: Option<EpochSeconds>,
    pub(super) finding_severity_counts: Option<BTreeMap<String, i32>>,
    pub(super) findings: Option<Vec<ImageScanFinding>>,
    pub(super) enhanced_findings: Option<Vec<EnhancedImageScanFinding>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ImageScanFinding {
    pub(super) name: Option<String>,
    pub(super) severity: Option<String>,
    pub(super) uri: Option<String>,
    pub(super) attributes: Option<Vec<Attribute>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Attribute {
    #[serde(default)]
    pub(super) key: String,
    pub(super) value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnhancedImageScanFinding {
    pub(super) severity: Option<String>,
    pub(super) title: Option<String>,
    pub(super) package_vulnerability_details: Option<PackageVulnerabilityDetails>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PackageVulnerabilityDetails {
    pub(super) vulnerability_id: Option<String>,
    pub(super) source_url: Option<String>,
    pub(super) vulnerable_packages: Option<Vec<VulnerablePackage>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct VulnerablePackage {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DescribeRepositoriesOutput {
    pub(super) repositories: Option<Vec<RepositoryDetail>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepositoryDetail {
    pub(super) repository_name: Option<String>,
    pub(super) image_tag_mutability: Option<String>,
    pub(super) image_tag_mutability_exclusion_filters: Option<Vec<NameFilter>>,
    pub(super) encryption_configuration: Option<EncryptionConfiguration>,
    pub(super) image_scanning_configuration: Option<ImageScanningConfiguration>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EncryptionConfiguration {
    #[serde(default)]
    pub(super) encryption_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageScanningConfiguration {
    #[serde(default)]
    pub(super) scan_on_push: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetLifecyclePolicyOutput {
    pub(super) lifecycle_policy_text: Option<String>,
}
