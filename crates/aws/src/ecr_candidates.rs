//! ECR: the newest images of a repository, from which one is chosen for a deployment.

use super::Aws;
use super::convert::call_each;
use super::ecr::{repository_request, scan};
use super::ecr_answers::{DescribeImagesOutput, ImageDetail};
use super::ecr_index;
use super::json_protocol::EpochSeconds;
use partybox_core::domain::{CallError, EcrImage, ImageId, Scan};
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Candidates offered, the newest.
const OFFERED: usize = 20;
/// Images read at most: the answer comes in no particular order.
const MOST_IMAGES: usize = 1000;
/// Scans read at once.
const AT_ONCE: usize = 4;

/// `DescribeImages` (tagged) + `DescribeImageScanFindings` of the newest 20, newest first, and of the newest
/// 20 that cannot be pulled. What is in those that are indexes is asked for in one call.
pub(super) async fn candidates(
    aws: &Aws,
    account: &str,
    repository: &str,
    architecture: Option<&str>,
) -> Result<Vec<EcrImage>, CallError> {
    let mut request = repository_request(account, repository);
    // Without a status, only those are told that can be pulled: why another is not offered would not be known.
    request["filter"] = json!({ "tagStatus": "TAGGED", "imageStatus": "ANY" });
    request["maxResults"] = MOST_IMAGES.into();
    let mut images: Vec<(EcrImage, bool)> = Vec::new();
    loop {
        let (page, token): (DescribeImagesOutput, _) =
            aws.ecr().read_page("ecr:DescribeImages", &request).await?;
        images.extend(page.image_details.unwrap_or_default().into_iter().filter_map(candidate));
        let Some(token) = token.filter(|_| images.len() < MOST_IMAGES) else { break };
        request["nextToken"] = token.into();
    }
    images.truncate(MOST_IMAGES);
    images.sort_by_key(|(image, _)| Reverse(image.pushed_at));
    let (blocked, mut active): (Vec<_>, Vec<_>) =
        images.into_iter().partition(|(image, _)| image.pull_block().is_some());
    active.truncate(OFFERED);
    let indexes: Vec<&str> =
        active.iter().filter(|it| it.1).map(|(image, _)| image.digest.as_str()).collect();
    let contents = match indexes.as_slice() {
        [] => Ok(BTreeMap::new()),
        digests => ecr_index::contents(aws, account, repository, digests).await,
    };
    let mut found = call_each(active, AT_ONCE, |(image, is_index)| {
        let (aws, architecture) = (aws.clone(), architecture.map(str::to_owned));
        let id = ImageId {
            registry: account.to_owned(),
            repository: repository.to_owned(),
            digest: image.digest.clone(),
        };
        let within = contents.clone().map(|mut all| all.remove(&id.digest).unwrap_or_default());
        async move {
            let scan = if is_index {
                let within = within.as_ref().map(Vec::as_slice);
                ecr_index::scan_within(&aws, &id, within, architecture.as_deref()).await
            } else {
                scan(&aws, &id).await
            };
            EcrImage { scan, ..image }
        }
    })
    .await;
    found.extend(blocked.into_iter().take(OFFERED).map(|(image, _)| image));
    Ok(found)
}

/// An image that can be chosen, and whether it is an index. One without a digest cannot be pinned, and one
/// without a tag was not meant to be deployed.
fn candidate(from: ImageDetail) -> Option<(EcrImage, bool)> {
    let is_index = from.is_index();
    let tags = from.image_tags.unwrap_or_default();
    if tags.is_empty() {
        return None;
    }
    let image = EcrImage {
        digest: from.image_digest?,
        tags,
        pushed_at: from.image_pushed_at.and_then(EpochSeconds::to_chrono),
        size_bytes: from.image_size_in_bytes.and_then(|bytes| u64::try_from(bytes).ok()),
        scan: Scan::Never,
        status: from.image_status,
    };
    Some((image, is_index))
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
        let query = Query::Candidates {
            registry: "123456789012".into(),
            repository: "party-box/backend".into(),
            architecture: None,
        };
        let Ok(Payload::Candidates(found)) = server.aws().ask(&query).await else { panic!("no candidates") };
        let digests: Vec<_> = found.iter().map(|c| c.digest.as_str()).collect();
        let expected: Vec<_> = (10..30).rev().map(|n| format!("sha256:{n}")).collect();
        assert_eq!(digests, expected);
        assert_eq!((found[0].tags.as_slice(), found[0].size_bytes), (["v29".to_owned()].as_slice(), Some(5)));
        assert!(matches!(&found[0].scan, Scan::Done { counts, .. } if counts["CRITICAL"] == 2));
        assert!(matches!(&found[1].scan, Scan::Unreadable(why) if why.contains("DescribeImageScanFindings")));
        assert_eq!(found[2].scan, Scan::Never);
        let asked: serde_json::Value = serde_json::from_str(&server.asked()[0].body).expect("JSON");
        assert_eq!(asked["filter"], value!({"tagStatus": "TAGGED", "imageStatus": "ANY"}));
        assert_eq!(server.operations().iter().filter(|o| *o == "DescribeImageScanFindings").count(), 20);
    }
}
