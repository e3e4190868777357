//! Secrets Manager: metadata. Values are refused to everyone.
use std::borrow::Cow;

use super::shared::page_size;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::secrets::Secret;

type Answer = Result<Node, ApiError>;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(operation: &str, world: &World, input: Input<'_>) -> Option<Answer> {
    Some(match operation {
        "DescribeSecret" => describe(world, input),
        "ListSecrets" => list(world, input),
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

fn describe(world: &World, input: Input<'_>) -> Answer {
    let id = input.text("SecretId")?.ok_or_else(|| {
        ApiError::new("InvalidParameterException", "You must provide a value for the SecretId parameter.")
    })?;
    let secret = world
        .secrets
        .iter()
        // A secret is named by its name, its ARN, or its ARN without the random part.
        .find(|each| {
            each.name == id || each.arn == id || each.arn.rsplit_once('-').is_some_and(|(head, _)| head == id)
        })
        .ok_or_else(|| {
            ApiError::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        })?;
    Ok(render(secret, "VersionIdsToStages"))
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
