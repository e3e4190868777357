//! ECR: what is in an image index. ECR scans the images in it, one for each platform, and not the index.

use super::Aws;
use super::ecr::{repository_request, scan};
use super::ecr_answers::{BatchGetImageOutput, INDEXES, IndexEntry, IndexManifest};
use partybox_core::domain::{CallError, ErrorKind, ImageId, IndexedImage, Scan};
use serde_json::json;
use std::collections::BTreeMap;

/// Images of one index whose scans are read, where it is not known which of them runs.
const MOST_SCANS: usize = 4;

/// `BatchGetImage`: what is in each of these indexes of a repository, by their digests.
pub(super) async fn contents(
    aws: &Aws,
    account: &str,
    repository: &str,
    digests: &[&str],
) -> Result<BTreeMap<String, Vec<IndexedImage>>, CallError> {
    let mut request = repository_request(account, repository);
    request["imageIds"] = digests.iter().map(|digest| json!({ "imageDigest": digest })).collect();
    request["acceptedMediaTypes"] = json!(INDEXES);
    let answer: BatchGetImageOutput = aws.ecr().read("ecr:BatchGetImage", &request).await?;
    let mut found = BTreeMap::new();
    for image in answer.images.unwrap_or_default() {
        let Some(digest) = image.image_id.and_then(|id| id.image_digest) else { continue };
        let manifest = image.image_manifest.unwrap_or_default();
        let index: IndexManifest = serde_json::from_str(&manifest).unwrap_or_default();
        found.insert(digest, index.manifests.into_iter().filter_map(indexed).collect());
    }
    Ok(found)
}

/// An image of an index. An attestation beside an image, which `docker buildx` writes with the platform
/// `unknown/unknown`, is none. <https://docs.docker.com/build/metadata/attestations/attestation-storage/>
fn indexed(from: IndexEntry) -> Option<IndexedImage> {
    let platform = from.platform?;
    if platform.architecture == "unknown" {
        return None;
    }
    let mut name = format!("{}/{}", platform.os, platform.architecture);
    if let Some(variant) = platform.variant {
        name = format!("{name}/{variant}");
    }
    Some(IndexedImage { platform: name, digest: from.digest })
}

/// The images of an index that tasks of this architecture may run: those for it, else all.
fn for_architecture<'a>(all: &'a [IndexedImage], architecture: Option<&str>) -> Vec<&'a IndexedImage> {
    // ECS has other names for them than images have.
    let wanted = architecture.map(|it| match it.to_ascii_lowercase().as_str() {
        "x86_64" => "amd64".to_owned(),
        other => other.to_owned(),
    });
    let fits = |image: &&IndexedImage| image.platform.split('/').nth(1) == wanted.as_deref();
    let own: Vec<&IndexedImage> = all.iter().filter(fits).collect();
    if own.is_empty() { all.iter().take(MOST_SCANS).collect() } else { own.into_iter().take(1).collect() }
}

/// What the scan of the image in an index found that tasks of this architecture run. Where it is not known
/// which that is, the worst of them.
pub(super) async fn scan_within(
    aws: &Aws,
    index: &ImageId,
    contents: Result<&[IndexedImage], &CallError>,
    architecture: Option<&str>,
) -> Scan {
    let all = match contents {
        Ok(all) => all,
        Err(error) if error.kind == ErrorKind::Denied => {
            return Scan::Index(format!("no permission for {} to see them", error.action));
        }
        Err(error) => return Scan::Index(error.message.clone()),
    };
    let mut worst: Option<Scan> = None;
    for image in for_architecture(all, architecture) {
        let found = scan(aws, &ImageId { digest: image.digest.clone(), ..index.clone() }).await;
        if worst.as_ref().is_none_or(|known| known.level() < found.level()) {
            worst = Some(found);
        }
    }
    worst.unwrap_or_else(|| Scan::Index("what is in it is not told".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_of_the_tasks_platform_is_chosen() {
        let image = |platform: &str| IndexedImage { platform: platform.into(), digest: String::new() };
        let all = [image("linux/amd64"), image("linux/arm64/v8")];
        let chosen = |architecture| {
            for_architecture(&all, architecture).iter().map(|i| i.platform.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(chosen(Some("x86_64")), ["linux/amd64"]);
        assert_eq!(chosen(Some("ARM64")), ["linux/arm64/v8"]);
        assert_eq!(chosen(None), ["linux/amd64", "linux/arm64/v8"]);
    }

    #[test]
    fn attestations_are_no_images() {
        let index: IndexManifest = serde_json::from_str(
            r#"{"manifests":[{"digest":"sha256:a","platform":{"architecture":"arm64","os":"linux","variant":"v8"}},
                {"digest":"sha256:b","platform":{"architecture":"unknown","os":"unknown"}},{"digest":"sha256:c"}]}"#,
        )
        .expect("an index");
        let found: Vec<_> = index.manifests.into_iter().filter_map(indexed).collect();
        assert_eq!(found, [IndexedImage { platform: "linux/arm64/v8".into(), digest: "sha256:a".into() }]);
    }
}
