//! The choice of what to deploy to a service.

use serde::{Deserialize, Serialize};

/// What to deploy to a service: the same once more, or another image of its repository. The rows are "force a
/// new deployment" and then `State::choices`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageChoice {
    /// Service name.
    pub service: String,
    /// Where its images come from; `None` when its task definition names no ECR image or was not read yet.
    pub source: Option<ImageSource>,
    /// Digest of the selected image; `None` = the first row, force a new deployment of the same revision.
    pub chosen: Option<String>,
}

/// The container and the repository that another image is chosen for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSource {
    /// Container name in the task definition.
    pub container: String,
    /// Registry account, 12 digits.
    pub registry: String,
    /// Repository name.
    pub repository: String,
    /// `<host>/<repository>`: what stands before the `@sha256:...` of a pinned image.
    pub reference: String,
}
