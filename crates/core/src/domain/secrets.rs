//! Secrets Manager metadata. Values are never read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What `DescribeSecret` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Full ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// `None` = rotation was never configured.
    pub rotation: Option<bool>,
    /// When it was last rotated.
    pub last_rotated: Option<DateTime<Utc>>,
    /// When it is due; in the past = rotation is failing.
    pub next_rotation: Option<DateTime<Utc>>,
    /// A version still carries AWSPENDING: a rotation is under way or stuck.
    pub pending_version: bool,
    /// Scheduled for deletion.
    pub deleted_at: Option<DateTime<Utc>>,
    /// ARN of the DB instance or cluster for which RDS made it: the tag `aws:rds:primaryDBInstanceArn` or
    /// `aws:rds:primaryDBClusterArn`. Other tags are not kept.
    #[serde(default)]
    pub owner: Option<String>,
}

/// The secret's ARN in a `valueFrom`, which may continue with `:json-key:version-stage:version-id`; `None` for what is
/// no secret of Secrets Manager.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html>
pub fn secret_arn(value_from: &str) -> Option<String> {
    let parts: Vec<&str> = value_from.splitn(8, ':').collect();
    let is_secret =
        parts.len() >= 7 && parts[0] == "arn" && parts[2] == "secretsmanager" && parts[5] == "secret";
    is_secret.then(|| parts[..7].join(":"))
}
