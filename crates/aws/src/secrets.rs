//! Secrets Manager: metadata of the secrets that task definitions name. `GetSecretValue` is never called.

use super::Aws;
use super::convert::{call_each, sort_answers};
use super::json_protocol::{EpochSeconds, JsonModel};
use super::service_endpoint::ServiceNames;
use partybox_core::domain::{CallError, Secret, Unread, secret_arn};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// How Secrets Manager is called and what it speaks.
pub(super) const MODEL: JsonModel = JsonModel {
    names: ServiceNames { id: "Secrets Manager", signing: "secretsmanager", host: "secretsmanager" },
    target: "secretsmanager",
    content_type: "application/x-amz-json-1.1",
    token: "NextToken",
};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeSecretOutput {
    #[serde(rename = "ARN")]
    arn: Option<String>,
    name: Option<String>,
    rotation_enabled: Option<bool>,
    last_rotated_date: Option<EpochSeconds>,
    next_rotation_date: Option<EpochSeconds>,
    deleted_date: Option<EpochSeconds>,
    version_ids_to_stages: Option<BTreeMap<String, Vec<String>>>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: Option<String>,
    value: Option<String>,
}

/// Tags of a secret that RDS manages: what it made it for.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html>
const OWNERS: [&str; 2] = ["aws:rds:primaryDBInstanceArn", "aws:rds:primaryDBClusterArn"];

/// `DescribeSecret` for each secret in the `valueFrom`s, and those that could not be read. Parameters of SSM
/// are left out.
pub(super) async fn secrets(
    aws: &Aws,
    value_froms: &[String],
) -> Result<(Vec<Secret>, Vec<Unread>), CallError> {
    let mut arns: Vec<String> = value_froms.iter().filter_map(|from| secret_arn(from)).collect();
    arns.sort_unstable();
    arns.dedup();
    let answers = call_each(arns.clone(), 3, |arn| {
        let aws = aws.clone();
        async move { aws.secrets().read("secretsmanager:DescribeSecret", &json!({ "SecretId": arn })).await }
    })
    .await;
    let (found, unread) = sort_answers(&arns, answers)?;
    Ok((found.into_iter().map(secret).collect(), unread))
}

fn secret(from: DescribeSecretOutput) -> Secret {
    let pending = from.version_ids_to_stages.as_ref().is_some_and(|versions| {
        // A version that carries both labels is the current one: the rotation is over.
        versions.values().any(|stages| {
            stages.iter().any(|s| s == "AWSPENDING") && !stages.iter().any(|s| s == "AWSCURRENT")
        })
    });
    Secret {
        arn: from.arn.unwrap_or_default(),
        name: from.name.unwrap_or_default(),
        rotation: from.rotation_enabled,
        last_rotated: from.last_rotated_date.and_then(EpochSeconds::to_chrono),
        next_rotation: from.next_rotation_date.and_then(EpochSeconds::to_chrono),
        pending_version: pending,
        deleted_at: from.deleted_date.and_then(EpochSeconds::to_chrono),
        owner: from
            .tags
            .unwrap_or_default()
            .into_iter()
            .find_map(|tag| OWNERS.contains(&tag.key.as_deref()?).then_some(tag.value)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_from_leads_to_its_secret() {
        let arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:party-box/db-AbCdEf";
        assert_eq!(secret_arn(arn).as_deref(), Some(arn));
        assert_eq!(secret_arn(&format!("{arn}:password::")).as_deref(), Some(arn));
        assert_eq!(secret_arn(&format!("{arn}:password:AWSCURRENT:1-2-3")).as_deref(), Some(arn));
        assert_eq!(secret_arn("arn:aws:ssm:ap-northeast-1:123456789012:parameter/db"), None);
        assert_eq!(secret_arn("db-url"), None);
    }

    #[test]
    fn a_pending_version_is_one_that_is_not_yet_current() {
        let described = |stages: &[&str]| {
            let answer = json!({ "VersionIdsToStages": { "v2": stages } });
            secret(serde_json::from_value(answer).expect("an answer")).pending_version
        };
        assert!(described(&["AWSPENDING"]));
        assert!(!described(&["AWSCURRENT", "AWSPENDING"]));
        assert!(!described(&["AWSCURRENT"]));
    }
}
