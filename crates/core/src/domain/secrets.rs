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
}
