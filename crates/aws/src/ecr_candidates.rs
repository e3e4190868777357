//! ECR: the newest images of a repository, from which one is chosen for a deployment.

use super::Aws;
use super::convert::call_each;
use super::ecr::{repository_request, scan};
use super::ecr_answers::{DescribeImagesOutput, ImageDetail};
use super::json_protocol::EpochSeconds;
use partybox_core::domain::{CallError, EcrImage, ImageId};
use serde_json::json;
use std::cmp::Reverse;

/// Candidates offered, the newest.
const OFFERED: usize = 20;
/// Images read at most: the answer comes in no particular order.
const MOST_IMAGES: usize = 1000;
/// Scans read at once.
const AT_ONCE: usize = 4;

/// `DescribeImages` (tagged) + `DescribeImageScanFindings` of the newest 20, newest first.
pub(super) async fn candidates(
    aws: &Aws,
    account: &str,
    repository: &str,
) -> Result<Vec<EcrImage>, CallError> {
    let mut request = repository_request(account, repository);
    request["filter"] = json!({ "tagStatus": "TAGGED" });
    request["maxResults"] = MOST_IMAGES.into();
    let mut images: Vec<EcrImage> = Vec::new();
    loop {
        let (page, token): (DescribeImagesOutput, _) =
            aws.ecr().read_page("ecr:DescribeImages", &request).await?;
        images.extend(page.image_details.unwrap_or_default().into_iter().filter_map(candidate));
        let Some(token) = token.filter(|_| images.len() < MOST_IMAGES) else { break };
        request["nextToken"] = token.into();
    }
    images.truncate(MOST_IMAGES);
    images.sort_by_key(|image| Reverse(image.pushed_at));
    images.truncate(OFFERED);
    Ok(call_each(images, AT_ONCE, |image| {
        let aws = aws.clone();
        let id = ImageId {
            registry: account.to_owned(),
            repository: repository.to_owned(),
            digest: image.digest.clone(),
        };
        async move { EcrImage { scan: scan(&aws, &id).await, ..image } }
    })
    .await)
}

/// An image that can be chosen. One without a digest cannot be pinned, and one without a tag was not meant to
/// be deployed.
fn candidate(from: ImageDetail) -> Option<EcrImage> {
    let tags = from.image_tags.unwrap_or_default();
    if tags.is_empty() {
        return None;
    }
    Some(EcrImage {
        digest: from.image_digest?,
        tags,
        pushed_at: from.image_pushed_at.and_then(EpochSeconds::to_chrono),
        size_bytes: from.image_size_in_bytes.and_then(|bytes| u64::try_from(bytes).ok()),
        scan: partybox_core::domain::Scan::Never,
    })
}

#[cfg(test)]
mod tests {
    use crate::fake_server::{FakeServer, json, json_error};
    use partybox_core::domain::{Payload, Query, Scan};
    use serde_json::json as value;

    #[tokio::test]
    async fn the_newest_twenty_tagged_images_come_with_their_scans() {
        let server = FakeServer::start("", |asked| {
            let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap_or_default();
            if asked.operation == "DescribeImages" {
                let second = body["nextToken"] == "more";
                let images: Vec<_> = (0..15)
                    .map(|n| n * 2 + i32::from(second))
                    .map(|n| value!({"imageDigest": format!("sha256:{n}"), "imageTags": [format!("v{n}")], "imagePushedAt": 1_795_000_000 + n, "imageSizeInBytes": 5}))
                    .chain([value!({"imageDigest": "sha256:untagged", "imagePushedAt": 1_799_000_000})])
                    .collect();
                let token = if second { serde_json::Value::Null } else { value!("more") };
                return json(&value!({"imageDetails": images, "nextToken": token}).to_string());
            }
            match body["imageId"]["imageDigest"].as_str() {
                Some("sha256:29") => json(
                    r#"{"imageScanStatus":{"status":"COMPLETE"},"imageScanFindings":{"findingSeverityCounts":{"CRITICAL":2}}}"#,
                ),
                Some("sha256:28") => json_error("AccessDeniedException"),
                _ => json_error("ScanNotFoundException"),
            }
        });
        let query =
            Query::Candidates { registry: "123456789012".into(), repository: "party-box/backend".into() };
        let Ok(Payload::Candidates(found)) = server.aws().ask(&query).await else { panic!("no candidates") };
        let digests: Vec<_> = found.iter().map(|c| c.digest.as_str()).collect();
        let expected: Vec<_> = (10..30).rev().map(|n| format!("sha256:{n}")).collect();
        assert_eq!(digests, expected);
        assert_eq!((found[0].tags.as_slice(), found[0].size_bytes), (["v29".to_owned()].as_slice(), Some(5)));
        assert!(matches!(&found[0].scan, Scan::Done { counts, .. } if counts["CRITICAL"] == 2));
        assert!(matches!(&found[1].scan, Scan::Unreadable(why) if why.contains("DescribeImageScanFindings")));
        assert_eq!(found[2].scan, Scan::Never);
        let asked: serde_json::Value = serde_json::from_str(&server.asked()[0].body).expect("JSON");
        assert_eq!(asked["filter"], value!({"tagStatus": "TAGGED"}));
        assert_eq!(server.operations().iter().filter(|o| *o == "DescribeImageScanFindings").count(), 20);
    }
}
