//! The credentials of one connection, shared by every signed client.
#![expect(clippy::disallowed_methods, reason = "credentials expire by the wall clock")]

use super::error::root_cause;
use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use partybox_core::domain::{CallError, ErrorKind};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

/// Credentials are asked for again after this, and a minute before they expire.
const KEPT: Duration = Duration::from_mins(10);

/// Asks the credential provider once for all signed clients, and again when the answer is old or was refused.
#[derive(Debug)]
pub(super) struct CredentialCache {
    provider: Option<SharedCredentialsProvider>,
    kept: Mutex<Option<(Credentials, Instant)>>,
}

impl CredentialCache {
    /// An empty cache over the configuration's provider.
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self { provider: config.credentials_provider(), kept: Mutex::default() }
    }

    /// Forgets what is kept: after a new login the next call must not use the old ones.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    /// Credentials to sign `action` with.
    pub(super) async fn credentials(&self, action: &str) -> Result<Credentials, CallError> {
        let mut kept = self.kept.lock().await;
        if let Some((credentials, since)) = kept.as_ref() {
            let soon = SystemTime::now() + Duration::from_mins(1);
            if since.elapsed() < KEPT && credentials.expiry().is_none_or(|at| at > soon) {
                return Ok(credentials.clone());
            }
        }
        let missing = |reason: String| CallError {
            kind: ErrorKind::Credentials,
            action: action.to_owned(),
            code: None,
            message: format!("No credentials: {reason}. Log in again, e.g. `aws sso login`."),
        };
        let provider = self.provider.as_ref().ok_or_else(|| missing("none are configured".into()))?;
        let credentials = match provider.provide_credentials().await {
            Ok(credentials) => credentials,
            // The login service may be away for a while; what it gave is good until it expires.
            Err(error) => {
                let still_good = kept
                    .as_ref()
                    .map(|(credentials, _)| credentials)
                    .filter(|credentials| credentials.expiry().is_some_and(|at| at > SystemTime::now()));
                return still_good.cloned().ok_or_else(|| missing(root_cause(&error)));
            }
        };
        *kept = Some((credentials.clone(), Instant::now()));
        Ok(credentials)
    }
}
