//! Secrets Manager: metadata of the secrets that task definitions name. `GetSecretValue` is never called.

use super::Aws;
use super::convert::{call_each, keep_found, to_chrono};
use super::error::IntoCallError;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use partybox_core::domain::{CallError, Secret};

/// `DescribeSecret` for each secret behind the `valueFrom`s; parameters of SSM are left out.
pub(super) async fn secrets(aws: &Aws, value_froms: &[String]) -> Result<Vec<Secret>, CallError> {
    let mut arns: Vec<String> = value_froms.iter().filter_map(|from| secret_arn(from)).collect();
    arns.sort_unstable();
    arns.dedup();
    let client = aws.secrets().clone();
    let answers = call_each(arns, 3, |arn| {
        let call = client.describe_secret().secret_id(arn);
        async move { call.send().await.for_action("secretsmanager:DescribeSecret") }
    })
    .await;
    keep_found(answers).map(|found| found.into_iter().map(secret).collect())
}

/// The secret's ARN in a `valueFrom`, which may go on with `:json-key:version-stage:version-id`.
fn secret_arn(value_from: &str) -> Option<String> {
    let parts: Vec<&str> = value_from.splitn(8, ':').collect();
    let is_secret =
        parts.len() >= 7 && parts[0] == "arn" && parts[2] == "secretsmanager" && parts[5] == "secret";
    is_secret.then(|| parts[..7].join(":"))
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
        last_rotated: from.last_rotated_date.and_then(to_chrono),
        next_rotation: from.next_rotation_date.and_then(to_chrono),
        pending_version: pending,
        deleted_at: from.deleted_date.and_then(to_chrono),
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
            let stages = stages.iter().map(|s| (*s).to_owned()).collect();
            secret(DescribeSecretOutput::builder().version_ids_to_stages("v2", stages).build())
                .pending_version
        };
        assert!(described(&["AWSPENDING"]));
        assert!(!described(&["AWSCURRENT", "AWSPENDING"]));
        assert!(!described(&["AWSCURRENT"]));
    }
}
