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
