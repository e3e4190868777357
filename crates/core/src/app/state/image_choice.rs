//! The choice of what to deploy to a service.

use serde::{Deserialize, Serialize};

/// What to deploy to a service: the same once more, or another image of its repository. The rows are "force a
/// new deployment" and then `State::choices`, newest first; or the containers, while one has to be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageChoice {
    /// Service name.
    pub service: String,
    /// Where its images come from; `None` when that is not known, or not an ECR that is asked.
    pub source: Option<ImageSource>,
    /// Digest of the selected image, or the selected container's name; `None` = the first row, force a new
    /// deployment of the same revision.
    pub chosen: Option<String>,
    /// The containers of which one has to be chosen first; empty when it is known which.
    #[serde(default)]
    pub containers: Vec<String>,
    /// Why there is no source, when there is none and nothing to choose.
    #[serde(default)]
    pub problem: Option<String>,
}

/// The container and the repository that another image is chosen for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSource {
    /// Container name in the task definition.
    pub container: String,
    /// Registry account, 12 digits.
    pub registry: String,
    /// Repository name.
    pub repository: String,
    /// `<host>/<repository>`: what stands before the `@sha256:...` of a pinned image.
    pub reference: String,
    /// CPU architecture that the task definition asks for; `None` = not said.
    #[serde(default)]
    pub architecture: Option<String>,
}
