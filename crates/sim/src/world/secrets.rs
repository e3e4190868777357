//! Secrets Manager: the metadata that `DescribeSecret` gives. There are no values.
use super::{Tag, Time};

/// A secret's metadata.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// Its ARN, with the six random characters.
    pub arn: String,
    /// What it is for.
    pub description: String,
    /// Whether it rotates.
    pub rotation_enabled: bool,
    /// The function that rotates it.
    pub rotation_lambda_arn: String,
    /// Days between rotations.
    pub rotation_days: u32,
    /// When it was created.
    pub created_at: Time,
    /// When it last rotated.
    pub last_rotated: Time,
    /// When it last changed.
    pub last_changed: Time,
    /// When it was last read (a day, without a time).
    pub last_accessed: Time,
    /// When it rotates next.
    pub next_rotation: Time,
    /// Version id and its stages.
    pub versions: Vec<(String, Vec<&'static str>)>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// When the rotation under way is over.
    pub rotates_at: Option<Time>,
}
