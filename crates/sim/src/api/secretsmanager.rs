//! Secrets Manager: metadata. Values are refused to everyone.
use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};

use super::shared::page_size;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::secrets::Secret;

type Answer = Result<Node, ApiError>;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(
    operation: &str,
    world: &mut World,
    input: Input<'_>,
    now: DateTime<Utc>,
) -> Option<Answer> {
    Some(match operation {
        "DescribeSecret" => describe(world, input),
        "ListSecrets" => list(world, input),
        "RotateSecret" => rotate(world, input, now),
        "GetSecretValue" | "BatchGetSecretValue" => denied(world, operation, input),
        _ => return None,
    })
}

fn denied(world: &World, operation: &str, input: Input<'_>) -> Answer {
    let resource = input.text("SecretId")?.unwrap_or("*");
    Err(ApiError::new(
        "AccessDeniedException",
        format!(
            "User: {} is not authorized to perform: secretsmanager:{operation} on resource: {resource} \
             with an explicit deny in an identity-based policy",
            world.account.caller_arn
        ),
    ))
}

/// The place of the secret that `SecretId` names: by its name, its ARN, or its ARN without the random part.
fn named(world: &World, input: Input<'_>) -> Result<usize, ApiError> {
    let id = input.text("SecretId")?.ok_or_else(|| {
        ApiError::new("InvalidParameterException", "You must provide a value for the SecretId parameter.")
    })?;
    let is = |each: &Secret| {
        each.name == id || each.arn == id || each.arn.rsplit_once('-').is_some_and(|(head, _)| head == id)
    };
    world.secrets.iter().position(is).ok_or_else(|| {
        ApiError::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    })
}

fn describe(world: &World, input: Input<'_>) -> Answer {
    Ok(render(&world.secrets[named(world, input)?], "VersionIdsToStages"))
}

/// Seconds that the function takes to rotate a secret.
const ROTATES_IN: i64 = 9;

/// `RotateSecret`: answered at once, while the function goes through its four steps; the new version is then the
/// current one.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html>
fn rotate(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let place = named(world, input)?;
    for member in ["RotationLambdaARN", "RotationRules"] {
        if input.has(member) {
            return Err(ApiError::new(
                "InvalidRequestException",
                format!("The simulated account cannot change {member}."),
            ));
        }
    }
    let later = input.flag("RotateImmediately")? == Some(false);
    let version = input.text("ClientRequestToken")?.map_or_else(|| world.rng.uuid(), str::to_owned);
    let secret = &mut world.secrets[place];
    if !secret.rotation_enabled {
        return Err(ApiError::new(
            "InvalidRequestException",
            "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN \
             configured and you didn't include such an ARN as a parameter in this call.",
        ));
    }
    if secret.rotates_at.is_some() {
        return Err(ApiError::new(
            "InvalidRequestException",
            "A previous rotation isn't complete. That rotation will be reattempted.",
        ));
    }
    if !later && !secret.versions.iter().any(|(id, _)| *id == version) {
        secret.versions.push((version.clone(), vec!["AWSPENDING"]));
        secret.rotates_at = Some(now + TimeDelta::seconds(ROTATES_IN));
    }
    Ok(map! { "ARN": &secret.arn, "Name": &secret.name, "VersionId": version })
}

fn list(world: &World, input: Input<'_>) -> Answer {
    let mut secrets: Vec<&Secret> = world.secrets.iter().collect();
    for filter in input.list("Filters")? {
        let values = filter.texts("Values")?;
        let key = filter.text("Key")?.unwrap_or("all");
        secrets.retain(|each| {
            values.iter().any(|value| match key {
                "name" => each.name.starts_with(value),
                "description" => each.description.contains(value),
                "all" => each.name.contains(value) || each.description.contains(value),
                "tag-key" => each.tags.iter().any(|tag| tag.key.starts_with(value)),
                "tag-value" => each.tags.iter().any(|tag| tag.value.starts_with(value)),
                _ => false,
            })
        });
    }
    let size = page_size(input.int("MaxResults")?, 100, 1..=100)
        .map_err(|()| ApiError::new("InvalidParameterException", "MaxResults must be between 1 and 100."))?;
    let key = |each: &&Secret| each.arn.clone();
    let (secrets, next) = page(secrets, size, input.text("NextToken")?, "ListSecrets", key)
        .map_err(|_| ApiError::new("InvalidNextTokenException", "The NextToken value is invalid."))?;
    Ok(map! {
        "SecretList":
            Node::list(secrets.into_iter().map(|each| render(each, "SecretVersionsToStages"))),
        "NextToken": next,
    })
}

fn render(secret: &Secret, versions_member: &'static str) -> Node {
    let rotates = secret.rotation_enabled;
    let versions = secret
        .versions
        .iter()
        .map(|(id, stages)| (Cow::Owned(id.clone()), Node::list(stages.iter().copied())))
        .collect();
    let tags = secret.tags.iter().map(|tag| map! { "Key": &tag.key, "Value": &tag.value });
    let versions = Node::Map(versions);
    let own = |member: &str| (versions_member == member).then(|| versions.clone());
    map! {
        "ARN": &secret.arn,
        "Name": &secret.name,
        "Description": &secret.description,
        // Absent, not false, when rotation was never configured.
        "RotationEnabled": rotates.then_some(true),
        "RotationLambdaARN": rotates.then_some(&secret.rotation_lambda_arn),
        "RotationRules":
            rotates.then(|| map! { "AutomaticallyAfterDays": secret.rotation_days }),
        "LastRotatedDate": rotates.then_some(secret.last_rotated),
        "LastChangedDate": secret.last_changed,
        "LastAccessedDate": secret.last_accessed,
        "NextRotationDate": rotates.then_some(secret.next_rotation),
        "Tags": Node::list(tags),
        "CreatedDate": secret.created_at,
        "VersionIdsToStages": own("VersionIdsToStages"),
        "SecretVersionsToStages": own("SecretVersionsToStages"),
    }
}
