//! The AWS endpoint of a session, and how the connection to it is made.

use super::SessionClock;
use partybox_aws::{Aws, Connect, ConnectError};

/// The AWS endpoint of a session.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// The one that the AWS environment, the profile files and the flags name.
    Environment {
        /// `--profile`.
        profile: Option<String>,
        /// `--region`.
        region: Option<String>,
        /// `--endpoint-url`.
        endpoint_url: Option<String>,
    },
    /// The simulator of this process. The environment is not read, so that a demo never reaches a real
    /// account.
    Simulator {
        /// Its URL.
        endpoint_url: String,
    },
}

impl Endpoint {
    pub(super) async fn open(self, clock: SessionClock) -> Result<Aws, ConnectError> {
        match self {
            Self::Environment { profile, region, endpoint_url } => {
                Aws::connect(Connect { profile, region, endpoint_url, epoch: clock.epoch() }).await
            }
            Self::Simulator { endpoint_url } => Aws::local(&endpoint_url, "ap-northeast-1", clock.epoch()),
        }
    }
}
