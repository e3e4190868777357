//! ECR: the running images, their scans, and their repositories.

use super::Aws;
use super::convert::count;
use super::ecr_answers::{
    DescribeImageScanFindingsOutput, DescribeImagesOutput, EnhancedImageScanFinding, ImageDetail,
    ImageScanFinding,
};
use super::ecr_index;
use super::json_protocol::{EpochSeconds, JsonModel};
use super::service_endpoint::ServiceNames;
use partybox_core::domain::{CallError, ErrorKind, Image, ImageId, Scan, ScanState, Vulnerability};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How ECR is called and what it speaks.
pub(super) const MODEL: JsonModel = JsonModel {
    names: ServiceNames { id: "ECR", signing: "ecr", host: "api.ecr" },
    target: "AmazonEC2ContainerRegistry_V20150921",
    content_type: "application/x-amz-json-1.1",
    token: "nextToken",
};
/// Findings kept of one image: the most severe ones.
const FINDINGS_KEPT: usize = 50;
/// Pages of findings read, 1,000 each.
const FINDING_PAGES: usize = 5;

/// `DescribeImages` + `DescribeImageScanFindings` of one digest. A scan that cannot be read does not hide the
/// image.
pub(super) async fn image(aws: &Aws, id: &ImageId, architecture: Option<&str>) -> Result<Image, CallError> {
    let detail = match detail(aws, id, None).await {
        // Without a filter, images that are not active may be left out.
        // <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImagesFilter.html>
        Err(error) if error.kind == ErrorKind::NotFound => {
            let archived = detail(aws, id, Some("ARCHIVED")).await;
            archived.map_err(|_| error)?
        }
        other => other?,
    };
    let is_index = detail.is_index();
    let mut image = Image {
        tags: detail.image_tags.unwrap_or_default(),
        pushed_at: detail.image_pushed_at.and_then(EpochSeconds::to_chrono),
        size_bytes: detail.image_size_in_bytes.and_then(|bytes| u64::try_from(bytes).ok()),
        status: detail.image_status,
        ..Image::default()
    };
    if is_index {
        let contents = ecr_index::contents(aws, &id.registry, &id.repository, &[id.digest.as_str()]).await;
        let contents = contents.map(|mut all| all.remove(&id.digest).unwrap_or_default());
        let within = contents.as_ref().map(Vec::as_slice);
        image.scan = ecr_index::scan_within(aws, id, within, architecture).await;
        image.index = contents.unwrap_or_default();
    } else {
        image.scan = scan(aws, id).await;
    }
    Ok(image)
}

/// What `DescribeImages` says of one digest.
async fn detail(aws: &Aws, id: &ImageId, status: Option<&str>) -> Result<ImageDetail, CallError> {
    let mut request = repository_request(&id.registry, &id.repository);
    request["imageIds"] = json!([{ "imageDigest": id.digest }]);
    if let Some(status) = status {
        request["filter"] = json!({ "imageStatus": status });
    }
    let answer: DescribeImagesOutput = aws.ecr().read("ecr:DescribeImages", &request).await?;
    let found = answer.image_details.unwrap_or_default().into_iter().next();
    found.ok_or_else(|| CallError {
        kind: ErrorKind::NotFound,
        action: "ecr:DescribeImages".into(),
        code: None,
        message: format!("{} has no image {}.", id.repository, id.digest),
    })
}

/// What asks for something in a repository; without a registry account it is the caller's own.
pub(super) fn repository_request(account: &str, repository: &str) -> Value {
    let mut request = json!({ "repositoryName": repository });
    if !account.is_empty() {
        request["registryId"] = account.into();
    }
    request
}

/// What the scan of an image found.
pub(super) async fn scan(aws: &Aws, id: &ImageId) -> Scan {
    let mut request = repository_request(&id.registry, &id.repository);
    request["imageId"] = json!({ "imageDigest": id.digest });
    request["maxResults"] = 1000.into();
    let mut status = String::new();
    let mut at = None;
    let mut counts = BTreeMap::new();
    let mut all = Vec::new();
    let mut told = false;
    for _ in 0..FINDING_PAGES {
        let page = aws.ecr().read_page("ecr:DescribeImageScanFindings", &request).await;
        let (page, token): (DescribeImageScanFindingsOutput, _) = match page {
            Ok(page) => page,
            Err(error) if error.code.as_deref() == Some("ScanNotFoundException") => return Scan::Never,
            Err(error) => return Scan::Unreadable(aws.name_endpoint(error).message),
        };
        if let Some(now) = page.image_scan_status.and_then(|s| s.status) {
            status = now;
        }
        if let Some(found) = page.image_scan_findings {
            told = true;
            at = found.image_scan_completed_at.and_then(EpochSeconds::to_chrono).or(at);
            for (severity, n) in found.finding_severity_counts.unwrap_or_default() {
                counts.insert(severity, count(n));
            }
            all.extend(found.findings.unwrap_or_default().into_iter().map(basic));
            all.extend(found.enhanced_findings.unwrap_or_default().into_iter().map(enhanced));
        }
        let Some(token) = token else { break };
        request["nextToken"] = token.into();
    }
    if counts.is_empty() {
        for finding in &all {
            *counts.entry(finding.severity.clone()).or_insert(0) += 1;
        }
    }
    if ScanState::of(&status).complete && !told {
        // No counts are not counts of zero.
        return Scan::Unreadable(format!("ECR says {status} and gives no findings"));
    }
    Scan::Done { status, at, counts, findings: worst(all) }
}

fn basic(from: ImageScanFinding) -> Vulnerability {
    let mut name = None;
    let mut version = None;
    for attribute in from.attributes.unwrap_or_default() {
        match attribute.key.as_str() {
            "package_name" => name = attribute.value,
            "package_version" => version = attribute.value,
            _ => {}
        }
    }
    Vulnerability {
        name: from.name.unwrap_or_default(),
        severity: from.severity.unwrap_or_else(|| "UNDEFINED".into()),
        package: package(name, version),
        uri: from.uri,
    }
}

fn enhanced(from: EnhancedImageScanFinding) -> Vulnerability {
    let details = from.package_vulnerability_details;
    let (id, uri, packages) =
        details.map(|d| (d.vulnerability_id, d.source_url, d.vulnerable_packages)).unwrap_or_default();
    let first = packages.unwrap_or_default().into_iter().next();
    Vulnerability {
        name: id.or(from.title).unwrap_or_default(),
        severity: from.severity.unwrap_or_else(|| "UNDEFINED".into()),
        package: first.and_then(|p| package(p.name, p.version)),
        uri,
    }
}

fn package(name: Option<String>, version: Option<String>) -> Option<String> {
    let name = name?;
    Some(match version {
        Some(version) => format!("{name} {version}"),
        None => name,
    })
}

/// Sorts findings by severity, then by name, and keeps at most [`FINDINGS_KEPT`].
fn worst(mut findings: Vec<Vulnerability>) -> Vec<Vulnerability> {
    findings.sort_by(|a, b| {
        let order = |f: &Vulnerability| Reverse(rank(&f.severity));
        order(a).cmp(&order(b)).then_with(|| a.name.cmp(&b.name))
    });
    findings.truncate(FINDINGS_KEPT);
    findings
}

fn rank(severity: &str) -> u8 {
    match severity {
        "CRITICAL" => 5,
        "HIGH" => 4,
        "MEDIUM" => 3,
        "LOW" => 2,
        "INFORMATIONAL" => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_findings_come_first_and_fifty_stay() {
        let of = |severity: &str, name: String| Vulnerability {
            name,
            severity: severity.into(),
            ..Vulnerability::default()
        };
        let mut all: Vec<Vulnerability> = (0..60).map(|n| of("LOW", format!("CVE-{n:02}"))).collect();
        all.push(of("CRITICAL", "CVE-99".into()));
        all.push(of("HIGH", "CVE-98".into()));
        let kept = worst(all);
        assert_eq!(kept.len(), 50);
        assert_eq!(kept[0].name, "CVE-99");
        assert_eq!(kept[1].name, "CVE-98");
        assert_eq!(kept[2].name, "CVE-00");
    }

    #[test]
    fn basic_and_enhanced_findings_look_alike() {
        let from = json!({
            "name": "CVE-2026-1", "severity": "HIGH", "uri": "https://x",
            "attributes": [{"key": "package_name", "value": "openssl"}, {"key": "package_version", "value": "3.0"}]
        });
        let other = json!({
            "severity": "HIGH",
            "packageVulnerabilityDetails": {
                "vulnerabilityId": "CVE-2026-1", "sourceUrl": "https://x",
                "vulnerablePackages": [{"name": "openssl", "version": "3.0"}]
            }
        });
        let from = serde_json::from_value(from).expect("a finding");
        let other = serde_json::from_value(other).expect("a finding");
        assert_eq!(basic(from), enhanced(other));
    }
}
