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

/// Whether a variable of this name is likely to hold a credential, so that it should not be in plain text. The
/// first three are those of AWS's own rule ECS.8.
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-8>
pub fn names_credential(name: &str) -> bool {
    const EXACT: [&str; 4] =
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA", "AWS_SESSION_TOKEN"];
    /// What follows a word of a credential where only something about it is told, or where it is kept.
    const ABOUT: [&str; 36] = [
        "FILE",
        "PATH",
        "DIR",
        "ARN",
        "URL",
        "URI",
        "ENDPOINT",
        "HOST",
        "NAME",
        "ID",
        "TTL",
        "EXPIRY",
        "EXPIRES",
        "EXPIRATION",
        "LENGTH",
        "POLICY",
        "VERSION",
        "ALGORITHM",
        "HEADER",
        "ISSUER",
        "AUDIENCE",
        "TYPE",
        "ENABLED",
        "SECONDS",
        "MINUTES",
        "HOURS",
        "DAYS",
        "COUNT",
        "LIMIT",
        "ROUNDS",
        "REGION",
        "PREFIX",
        "PROVIDER",
        "FIELD",
        "TIMEOUT",
        "ROTATION",
    ];
    const ENDS: [&str; 17] = [
        "TOKEN",
        "SECRET",
        "PRIVATE_KEY",
        "SECRET_KEY",
        "ACCESS_KEY",
        "API_KEY",
        "APIKEY",
        "AUTH_KEY",
        "ENCRYPTION_KEY",
        "SIGNING_KEY",
        "DSN",
        "CREDENTIALS",
        "CREDENTIAL",
        "CONNECTION_STRING",
        "_PASS",
        "_PWD",
        "AUTH_DATA",
    ];
    const ANYWHERE: [&str; 7] =
        ["PASSWORD", "PASSWD", "PASSPHRASE", "PRIVATE_KEY", "SECRET_KEY", "API_KEY", "SECRET_ACCESS_KEY"];
    let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
    // PASSWORD_2 is one like PASSWORD.
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    if EXACT.contains(&name) || name.ends_with("DATABASE_URL") || name.ends_with("DATABASE_URI") {
        return true;
    }
    // A public key or one that a browser gets is none, and Google's variable names a file.
    if name.contains("PUBLIC") || name == "GOOGLE_APPLICATION_CREDENTIALS" {
        return false;
    }
    let last = name.rsplit('_').next().unwrap_or(name);
    !ABOUT.contains(&last)
        && (ENDS.iter().any(|end| name.ends_with(end)) || ANYWHERE.iter().any(|word| name.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::names_credential;

    #[test]
    fn names_of_credentials_are_told_from_names_about_them() {
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "ECS_ENGINE_AUTH_DATA",
            "GITHUB_TOKEN",
            "token",
            "DB_PASSWD",
            "DB_PASSWORD",
            "dbPassword",
            "SMTP_PASSWORD_2",
            "MYSQL_PWD",
            "DB_PASS",
            "CLIENT_SECRET",
            "JWT_SECRET_KEY",
            "TLS_PRIVATE_KEY",
            "SENTRY_DSN",
            "SERVICE_CREDENTIALS",
            "DATABASE_URL",
            "READ_DATABASE_URL",
            "STRIPE_API_KEY",
            "stripe.api-key",
            "STRIPE_API_KEY_LIVE",
        ] {
            assert!(names_credential(name), "{name}");
        }
        for name in [
            "OAUTH_TOKEN_URL",
            "PASSWORD_FILE",
            "POSTGRES_PASSWORD_FILE",
            "DB_SECRET_ARN",
            "SECRET_NAME",
            "JWT_PUBLIC_KEY",
            "NEXT_PUBLIC_API_KEY",
            "TOKEN_TTL",
            "TOKEN_EXPIRY_SECONDS",
            "PASSWORD_MIN_LENGTH",
            "MAX_TOKENS",
            "PWD",
            "BYPASS",
            "TRESPASS",
            "MONKEY",
            "NODE_ENV",
            "BASE_URL",
            "CACHE_KEY_PREFIX",
            "PASSWORD_RESET_URL",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "TOKENIZER",
            "SECRETARY",
        ] {
            assert!(!names_credential(name), "{name}");
        }
    }
}
