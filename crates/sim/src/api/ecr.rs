//! ECR.
mod lifecycle;

use std::borrow::Cow;

use aws_smithy_types::base64;
use chrono::{DateTime, TimeDelta, Utc};

use super::shared::page_size;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::ecr::{Finding, Image, Repository};

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
        "DescribeImageScanFindings" => describe_findings(world, input),
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

fn repository_index(world: &World, input: Input<'_>) -> Result<usize, ApiError> {
    let name = input
        .text("repositoryName")?
        .ok_or_else(|| invalid("Invalid parameter at 'repositoryName': must not be null"))?;
    let own = input.text("registryId")?.is_none_or(|id| id == world.account.id);
    let mut all = world.ecr.repositories.iter();
    all.position(|each| own && each.name == name).ok_or_else(|| no_repository(world, name))
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
            "imageScanningConfiguration": map! { "scanOnPush": each.scan_on_push },
            "encryptionConfiguration": map! { "encryptionType": each.encryption },
        }
    });
    Ok(map! { "repositories": Node::list(repositories), "nextToken": next })
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
    let fits = tag_filter(input)?;
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
            "imageManifestMediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "artifactMediaType": "application/vnd.docker.container.image.v1+json",
            "lastRecordedPullTime": each.last_pulled_at,
            "imageStatus": "ACTIVE",
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

fn describe_findings(world: &World, input: Input<'_>) -> Answer {
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

/// Starts a manual scan: once per image in 24 hours. It ends at once with the image's findings.
fn start_scan(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let index = repository_index(world, input)?;
    let repository = &mut world.ecr.repositories[index];
    let found = wanted_image(repository, input)?;
    let image = &mut repository.images[found];
    if image.scanned_at.is_some_and(|at| now - at < TimeDelta::hours(24)) {
        return Err(ApiError::new(
            "LimitExceededException",
            "The scan quota per image has been exceeded. Wait and try again.",
        ));
    }
    image.scanned_at = Some(now);
    Ok(map! {
        "registryId": &repository.registry_id,
        "repositoryName": &repository.name,
        "imageId": image_id(&repository.images[found], input)?,
        "imageScanStatus": map! { "status": "IN_PROGRESS" },
    })
}
