//! ECR.
mod lifecycle;
#[cfg(test)]
mod scan_tests;

use std::borrow::Cow;

use aws_smithy_types::base64;
use chrono::{DateTime, TimeDelta, Utc};

use super::shared::page_size;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::ecr::{Finding, Image, Repository, ScanOutcome};

type Answer = Result<Node, ApiError>;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(
    operation: &str,
    world: &mut World,
    input: Input<'_>,
    now: DateTime<Utc>,
) -> Option<Answer> {
    Some(match operation {
        "DescribeRepositories" => describe_repositories(world, input),
        "DescribeImages" => describe_images(world, input),
        "ListImages" => list_images(world, input),
        "BatchGetImage" => batch_get_image(world, input),
        "DescribeImageScanFindings" => describe_findings(world, input, now),
        "GetRegistryScanningConfiguration" => registry_scanning(world),
        "GetLifecyclePolicy" => lifecycle_policy(world, input),
        "StartImageScan" => start_scan(world, input, now),
        "StartLifecyclePolicyPreview" => lifecycle::start(world, input, now),
        "GetLifecyclePolicyPreview" => lifecycle::get(world, input, now),
        "GetAuthorizationToken" => authorization_token(world, input, now),
        _ => return None,
    })
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

fn no_repository(world: &World, name: &str) -> ApiError {
    ApiError::new(
        "RepositoryNotFoundException",
        format!(
            "The repository with name '{name}' does not exist in the registry with id '{}'",
            world.account.id
        ),
    )
}

/// Another account's registry is closed to this caller, whatever is in it: nobody there has let it in.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html>
fn own_registry(world: &World, input: Input<'_>, name: &str) -> Result<(), ApiError> {
    let Some(id) = input.text("registryId")?.filter(|id| *id != world.account.id) else { return Ok(()) };
    let (caller, region) = (&world.account.caller_arn, &world.account.region);
    let resource = format!("arn:aws:ecr:{region}:{id}:repository/{name}");
    Err(ApiError::new(
        "AccessDeniedException",
        format!(
            "User: {caller} is not authorized to perform this operation on resource: {resource} \
             because no resource-based policy allows it"
        ),
    ))
}

fn repository_index(world: &World, input: Input<'_>) -> Result<usize, ApiError> {
    let name = input
        .text("repositoryName")?
        .ok_or_else(|| invalid("Invalid parameter at 'repositoryName': must not be null"))?;
    own_registry(world, input, name)?;
    let mut all = world.ecr.repositories.iter();
    all.position(|each| each.name == name).ok_or_else(|| no_repository(world, name))
}

fn repository<'w>(world: &'w World, input: Input<'_>) -> Result<&'w Repository, ApiError> {
    Ok(&world.ecr.repositories[repository_index(world, input)?])
}

/// The image that an `imageId` names by digest, by tag, or by both when they agree.
fn image_index(repository: &Repository, id: Input<'_>) -> Result<usize, ApiError> {
    let (digest, tag) = (id.text("imageDigest")?, id.text("imageTag")?);
    if digest.is_none() && tag.is_none() {
        return Err(invalid("Invalid parameter at 'imageId': must have a digest or a tag"));
    }
    repository
        .images
        .iter()
        .position(|each| {
            digest.is_none_or(|digest| each.digest == digest)
                && tag.is_none_or(|tag| each.tags.iter().any(|own| own == tag))
        })
        .ok_or_else(|| {
            ApiError::new(
                "ImageNotFoundException",
                format!(
                    "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the \
                     repository with name '{}' in the registry with id '{}'",
                    digest.unwrap_or("null"),
                    tag.unwrap_or("null"),
                    repository.name,
                    repository.registry_id
                ),
            )
        })
}

/// The image that the member `imageId` names.
fn wanted_image(repository: &Repository, input: Input<'_>) -> Result<usize, ApiError> {
    let id =
        input.part("imageId")?.ok_or_else(|| invalid("Invalid parameter at 'imageId': must not be null"))?;
    image_index(repository, id)
}

/// One page: 100 items unless up to 1,000 are asked for.
fn paged<T>(
    input: Input<'_>,
    scope: &str,
    things: Vec<T>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let size = page_size(input.int("maxResults")?, 100, 1..=1000)
        .map_err(|()| invalid("Invalid parameter at 'maxResults': must be between 1 and 1000"))?;
    page(things, size, input.text("nextToken")?, scope, key)
        .map_err(|_| invalid("Invalid parameter at 'nextToken' failed to satisfy constraint"))
}

fn describe_repositories(world: &World, input: Input<'_>) -> Answer {
    let names = input.texts("repositoryNames")?;
    let mut found = Vec::new();
    own_registry(world, input, names.first().unwrap_or(&"*"))?;
    for name in &names {
        let own = world.ecr.repository(name);
        found.push(own.ok_or_else(|| no_repository(world, name))?);
    }
    if names.is_empty() {
        found.extend(&world.ecr.repositories);
    }
    let (found, next) = paged(input, "repositories", found, |each| each.name.clone())?;
    let repositories = found.into_iter().map(|each| {
        map! {
            "repositoryArn": &each.arn,
            "registryId": &each.registry_id,
            "repositoryName": &each.name,
            "repositoryUri": &each.uri,
            "createdAt": each.created_at,
            "imageTagMutability": each.tag_mutability,
            "imageTagMutabilityExclusionFilters": filters(&each.tag_exclusions),
            "imageScanningConfiguration": map! { "scanOnPush": each.scan_on_push },
            "encryptionConfiguration": map! { "encryptionType": each.encryption },
        }
    });
    Ok(map! { "repositories": Node::list(repositories), "nextToken": next })
}

/// Filters with wildcards, as answers have them; nothing where there are none.
fn filters(all: &[String]) -> Option<Node> {
    let one = |filter: &String| map! { "filter": filter, "filterType": "WILDCARD" };
    (!all.is_empty()).then(|| Node::list(all.iter().map(one)))
}

/// Whether an image's `imageStatus` is the one asked for: without one, only those are told that are active.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImagesFilter.html>
fn status_filter(input: Input<'_>) -> Result<impl Fn(&Image) -> bool, ApiError> {
    let asked = match input.part("filter")? {
        None => None,
        Some(filter) => filter.text("imageStatus")?,
    };
    let archived = match asked {
        None | Some("ACTIVE") => Some(false),
        Some("ARCHIVED") => Some(true),
        Some("ANY") => None,
        // None of them is on its way back.
        Some("ACTIVATING") => return Ok(Box::new(|_: &Image| false) as Box<dyn Fn(&Image) -> bool>),
        Some(_) => return Err(invalid("Invalid parameter at 'filter.imageStatus'")),
    };
    Ok(Box::new(move |image: &Image| archived.is_none_or(|archived| image.archived_at.is_some() == archived)))
}

/// Whether an image's tags are what `filter.tagStatus` asks for.
fn tag_filter(input: Input<'_>) -> Result<impl Fn(&Image) -> bool, ApiError> {
    let tagged = match input.part("filter")? {
        None => None,
        Some(filter) => match filter.text("tagStatus")? {
            None | Some("ANY") => None,
            Some("TAGGED") => Some(true),
            Some("UNTAGGED") => Some(false),
            Some(_) => return Err(invalid("Invalid parameter at 'filter.tagStatus'")),
        },
    };
    Ok(move |image: &Image| tagged.is_none_or(|tagged| image.tags.is_empty() != tagged))
}

fn describe_images(world: &World, input: Input<'_>) -> Answer {
    let repository = repository(world, input)?;
    let ids = input.list("imageIds")?;
    let (tagged, stored) = (tag_filter(input)?, status_filter(input)?);
    let fits = |image: &Image| tagged(image) && stored(image);
    let mut found = Vec::new();
    for id in &ids {
        found.push(&repository.images[image_index(repository, *id)?]);
    }
    if ids.is_empty() {
        found.extend(repository.images.iter().filter(|each| fits(each)));
    }
    let (found, next) = paged(input, "images", found, |each| each.digest.clone())?;
    let details = found.into_iter().map(|each| {
        map! {
            "registryId": &repository.registry_id,
            "repositoryName": &repository.name,
            "imageDigest": &each.digest,
            "imageTags": (!each.tags.is_empty()).then(|| Node::list(&each.tags)),
            "imageSizeInBytes": each.size_bytes,
            "imagePushedAt": each.pushed_at,
            "imageManifestMediaType": media_type(each),
            "artifactMediaType": "application/vnd.docker.container.image.v1+json",
            "lastRecordedPullTime": each.last_pulled_at,
            "imageStatus": if each.archived_at.is_some() { "ARCHIVED" } else { "ACTIVE" },
            "lastArchivedAt": each.archived_at,
        }
    });
    Ok(map! { "imageDetails": Node::list(details), "nextToken": next })
}

fn list_images(world: &World, input: Input<'_>) -> Answer {
    let repository = repository(world, input)?;
    let fits = tag_filter(input)?;
    let ids = repository
        .images
        .iter()
        .filter(|each| fits(each))
        .flat_map(|each| {
            // One entry for each tag; an untagged image has one without.
            let tags: Vec<Option<&String>> =
                if each.tags.is_empty() { vec![None] } else { each.tags.iter().map(Some).collect() };
            tags.into_iter().map(move |tag| (&each.digest, tag))
        })
        .collect();
    let key = |(digest, tag): &(&String, Option<&String>)| format!("{digest} {tag:?}");
    let (ids, next) = paged(input, "imageIds", ids, key)?;
    let ids = ids.into_iter().map(|(digest, tag)| map! { "imageDigest": digest, "imageTag": tag });
    Ok(map! { "imageIds": Node::list(ids), "nextToken": next })
}

/// The identifier of an image as answers repeat it: with the tag only if it was asked for by tag.
fn image_id(image: &Image, input: Input<'_>) -> Result<Node, ApiError> {
    let tag = match input.part("imageId")? {
        Some(id) => id.text("imageTag")?,
        None => None,
    };
    Ok(map! { "imageDigest": &image.digest, "imageTag": tag })
}

/// The media type of an image's manifest.
fn media_type(image: &Image) -> &'static str {
    if image.index.is_empty() {
        "application/vnd.docker.distribution.manifest.v2+json"
    } else {
        "application/vnd.oci.image.index.v1+json"
    }
}

/// The manifests of images. That of an index tells the images in it; of another image, that it has layers.
fn batch_get_image(world: &World, input: Input<'_>) -> Answer {
    let repository = repository(world, input)?;
    let ids = input.list("imageIds")?;
    if ids.is_empty() || ids.len() > 100 {
        return Err(invalid("Invalid parameter at 'imageIds': must have between 1 and 100 members"));
    }
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in ids {
        match image_index(repository, id) {
            Ok(index) if repository.images[index].archived_at.is_none() => {
                let image = &repository.images[index];
                images.push(map! {
                    "registryId": &repository.registry_id,
                    "repositoryName": &repository.name,
                    "imageId": map! { "imageDigest": &image.digest, "imageTag": id.text("imageTag")? },
                    "imageManifest": manifest(image),
                    "imageManifestMediaType": media_type(image),
                });
            }
            _ => failures.push(map! {
                "imageId": map! { "imageDigest": id.text("imageDigest")?, "imageTag": id.text("imageTag")? },
                "failureCode": "ImageNotFound",
                "failureReason": "Requested image not found",
            }),
        }
    }
    Ok(map! { "images": Node::list(images), "failures": Node::list(failures) })
}

fn manifest(image: &Image) -> String {
    let kind = media_type(image);
    if image.index.is_empty() {
        return format!(
            r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{{"size":7023}},"layers":[{{"size":{}}}]}}"#,
            image.size_bytes
        );
    }
    let entry = |(architecture, digest): &(&str, String)| {
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":1609,"platform":{{"architecture":"{architecture}","os":"linux"}}}}"#
        )
    };
    let entries: Vec<String> = image.index.iter().map(entry).collect();
    format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","manifests":[{}]}}"#, entries.join(","))
}

/// How the registry has its repositories scanned.
#[expect(clippy::unnecessary_wraps, reason = "an operation's answer")]
fn registry_scanning(world: &World) -> Answer {
    let scanning = &world.ecr.scanning;
    let rules = scanning.rules.iter().map(|(frequency, names)| {
        map! { "scanFrequency": *frequency, "repositoryFilters": filters(names) }
    });
    Ok(map! {
        "registryId": &world.account.id,
        "scanningConfiguration": map! { "scanType": scanning.scan_type, "rules": Node::list(rules) },
    })
}

fn describe_findings(world: &World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let repository = repository(world, input)?;
    let image = &repository.images[wanted_image(repository, input)?];
    let Some(scanned_at) = image.scanned_at else {
        return Err(ApiError::new(
            "ScanNotFoundException",
            format!(
                "Image scan does not exist for the image with '{{imageDigest:'{}'}}' in the repository with \
                 name '{}' in the registry with id '{}'",
                image.digest, repository.name, repository.registry_id
            ),
        ));
    };
    let open = match image.scan_outcome {
        _ if now < scanned_at => Some(("IN_PROGRESS", "The scan is in progress.")),
        ScanOutcome::Complete => None,
        ScanOutcome::Failed => Some(("FAILED", "The scan failed.")),
        ScanOutcome::Unsupported => Some((
            "UNSUPPORTED_IMAGE",
            "UnsupportedImageError: The operating system of this image is not supported.",
        )),
    };
    if let Some((status, description)) = open {
        return Ok(map! {
            "registryId": &repository.registry_id,
            "repositoryName": &repository.name,
            "imageId": image_id(image, input)?,
            "imageScanStatus": map! { "status": status, "description": description },
        });
    }
    let counts = image
        .severity_counts()
        .into_iter()
        .map(|(severity, count)| (Cow::Borrowed(severity), Node::from(count)))
        .collect();
    let scope = format!("findings {}", image.digest);
    let all = image.findings.iter().enumerate().collect();
    let (findings, next) = paged(input, &scope, all, |(index, _)| index.to_string())?;
    Ok(map! {
        "registryId": &repository.registry_id,
        "repositoryName": &repository.name,
        "imageId": image_id(image, input)?,
        "imageScanStatus": map! {
            "status": "COMPLETE",
            "description": "The scan was completed successfully.",
        },
        "imageScanFindings": map! {
            "findings": Node::list(findings.into_iter().map(|(_, each)| finding(each))),
            "imageScanCompletedAt": scanned_at,
            "vulnerabilitySourceUpdatedAt": scanned_at - TimeDelta::hours(5),
            "findingSeverityCounts": Node::Map(counts),
        },
        "nextToken": next,
    })
}

fn finding(each: &Finding) -> Node {
    let attribute = |key: &str, value: &str| map! { "key": key, "value": value };
    map! {
        "name": &each.name,
        "description": &each.description,
        "uri": &each.uri,
        "severity": each.severity,
        "attributes": Node::list([
            attribute("package_version", &each.package_version),
            attribute("package_name", &each.package),
            attribute("CVSS3_SCORE", &each.cvss_score),
        ]),
    }
}

fn no_policy(repository: &Repository) -> ApiError {
    ApiError::new(
        "LifecyclePolicyNotFoundException",
        format!(
            "Lifecycle policy does not exist for the repository with name '{}' in the registry with id '{}'",
            repository.name, repository.registry_id
        ),
    )
}

/// `GetAuthorizationToken`: what `docker login` takes. The registry itself is not simulated, so the password opens
/// nothing.
fn authorization_token(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let registries = input.texts("registryIds")?;
    if let Some(other) = registries.iter().find(|id| **id != world.account.id) {
        return Err(invalid(format!("The registry with id '{other}' is not one of the simulated account")));
    }
    let password = format!("simulated-{}", world.rng.hex(64));
    Ok(map! {
        "authorizationData": Node::list([map! {
            "authorizationToken": base64::encode(format!("AWS:{password}")),
            "expiresAt": now + TimeDelta::hours(12),
            "proxyEndpoint":
                format!("https://{}.dkr.ecr.{}.amazonaws.com", world.account.id, world.account.region),
        }]),
    })
}

fn lifecycle_policy(world: &World, input: Input<'_>) -> Answer {
    let repository = repository(world, input)?;
    let policy = repository.lifecycle_policy.as_ref().ok_or_else(|| no_policy(repository))?;
    Ok(map! {
        "registryId": &repository.registry_id,
        "repositoryName": &repository.name,
        "lifecyclePolicyText": policy,
        "lastEvaluatedAt": repository.lifecycle_evaluated_at,
    })
}

/// How long a scan takes.
const SCAN: TimeDelta = TimeDelta::seconds(38);

/// Starts a manual scan: once per image in 24 hours.
fn start_scan(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let index = repository_index(world, input)?;
    let enhanced = world.ecr.scanning.scan_type == "ENHANCED";
    let repository = &mut world.ecr.repositories[index];
    let found = wanted_image(repository, input)?;
    let image = &mut repository.images[found];
    if enhanced {
        return Err(ApiError::new(
            "ValidationException",
            "This feature is disabled. Manual scans are not supported with enhanced scanning.",
        ));
    }
    if image.archived_at.is_some() {
        return Err(ApiError::new(
            "ImageArchivedException",
            "The specified image is archived and cannot be scanned.",
        ));
    }
    if !image.index.is_empty() {
        // <https://github.com/aws/containers-roadmap/issues/1683>
        return Err(ApiError::new(
            "UnsupportedImageTypeException",
            "The image is of a type that cannot be scanned.",
        ));
    }
    if image.scanned_at.is_some_and(|at| now - at < TimeDelta::hours(24)) {
        return Err(ApiError::new(
            "LimitExceededException",
            "The scan quota per image has been exceeded. Wait and try again.",
        ));
    }
    image.scanned_at = Some(now + SCAN);
    Ok(map! {
        "registryId": &repository.registry_id,
        "repositoryName": &repository.name,
        "imageId": image_id(&repository.images[found], input)?,
        "imageScanStatus": map! { "status": "IN_PROGRESS" },
    })
}
